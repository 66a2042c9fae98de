//! Binary cross-entropy of probabilities.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Negative log-likelihood of yes-or-no outcomes under given probabilities.
///
/// ```text
/// ℓ = −y ln p − (1 − y) ln(1 − p)
/// p = probabilities
/// y = target
/// ```
///
/// # Shapes
/// `probabilities` p and `target` y of the same shape, one loss per element; both lie in [0, 1], which is not checked. Panics
/// when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂p = (1 − y)/(1 − p) − y/p`, `∂ℓ/∂y = ln(1 − p) − ln p`. A term that the target weighs with 0 has value and gradient 0,
/// `0 ln 0` included: at p = y = 0 the gradient is 1, at p = y = 1 it is −1.
///
/// # Estimates
/// The probability: the **mean** of y. From 0 to ∞; the least possible mean is the entropy of y.
///
/// # Stability
/// `ln(1 − p)` by [`Tensor::ln_1p`], exact for small p. What is impossible and happens has loss ∞ and gradient ∓∞, its limits.
/// Elsewhere logarithms are held above −100 (PyTorch: gradient −10¹² at p = 0, y = 1; written with derived gradients NaN) or p
/// above 10⁻⁷ (Keras: gradient 0, so that the worst error teaches nothing).
///
/// # Example
/// ```
/// use minimand_loss::binary_cross_entropy;
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([0.5, 0.9, 0.0]);
/// let target = Tensor::from([1.0, 1.0, 0.0]);
/// let loss = binary_cross_entropy(&probabilities, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.1054, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&probabilities)), "[-2.0000, -1.1111, 1.0000]");
/// ```
///
/// # When to use
/// For probabilities that no logit stands behind: averages of several models, forecasts of others. It misleads after a
/// sigmoid, which rounds to 0 and 1: take
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits) there.
///
/// # Reference
/// Good 1952, "Rational decisions" (the logarithmic score). No parameters.
///
/// # See also
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits),
/// [`negative_log_likelihood`](crate::negative_log_likelihood) for several classes.
#[doc(alias = "BCELoss")]
#[track_caller]
pub fn binary_cross_entropy(probabilities: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("binary_cross_entropy", ("probabilities", probabilities), ("target", target));
    let (p, y, not_y) = (probabilities, target, 1.0 - target);
    let settled = not_y.eq(0) & p.ge(1); // 0 · ln 0 = 0
    0.0 - y.xlogy(p) - not_y * (-settled.select(0, p)).ln_1p()
}
