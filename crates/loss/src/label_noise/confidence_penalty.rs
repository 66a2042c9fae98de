//! A penalty for being sure.

use minimand_tensor::Tensor;

use super::bootstrapped::entropy;
use crate::numbers::check_finite;

/// The entropy of the predicted probabilities, negated: what is added to a loss to keep a model from being too sure.
///
/// ```text
/// ℓ = β Σⱼ pⱼ ln pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// β = beta
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes; one penalty per row, shape `[…]`. x is any finite number, or -∞ for a
/// class that is excluded. `beta` is finite; a negative one rewards being sure. Panics when the logits have no axis.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = β pⱼ (ln pⱼ + H)` with the entropy `H = −Σₖ pₖ ln pₖ`. No kinks.
///
/// # Estimates
/// Alone, the uniform distribution. Beside cross-entropy, probabilities flatter than the true ones. From `−β ln C` to 0.
///
/// # Stability
/// By log-softmax, in which `p ln p` is 0 at p = 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::confidence_penalty;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let penalty = confidence_penalty(&logits, 1.0);
/// assert_eq!(format!("{penalty:.4}"), "[-0.8324, -1.0986]");
/// assert_eq!(
///     format!("{:.4}", penalty.sum().grad(&logits)),
///     "[[0.2826, -0.1418, -0.1408],\n [0.0000, 0.0000, 0.0000]]"
/// );
/// ```
///
/// # When to use
/// Added to cross-entropy, `cross_entropy(x, y) + confidence_penalty(x, 0.1)`, against overconfidence and wrong labels, and to a policy's
/// loss to keep it exploring. It misleads where probabilities are meant to be near 0 or 1: they are flattened, sure or not; fitting a
/// temperature afterwards costs nothing.
///
/// # Reference
/// Pereyra et al. 2017, "Regularizing neural networks by penalizing confident output distributions", equation 2. Usual: β = 0.1, up to 2.
///
/// # See also
/// [`cross_entropy_with`](crate::cross_entropy_with) for label smoothing, which pulls on every class evenly,
/// [`bootstrapped_cross_entropy`](crate::bootstrapped_cross_entropy), which does the opposite.
#[doc(alias = "entropy_regularization")]
#[doc(alias = "entropy_bonus")]
#[track_caller]
pub fn confidence_penalty(logits: &Tensor, beta: f64) -> Tensor {
    assert!(logits.rank() > 0, "confidence_penalty: logits [] have no axis of classes");
    check_finite("confidence_penalty", ("beta", beta), logits.dtype());
    -beta * entropy(logits)
}
