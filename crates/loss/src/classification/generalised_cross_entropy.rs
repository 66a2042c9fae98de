//! Between cross-entropy and absolute error.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::in_type;

/// A Box–Cox transform of the probability of the right class: cross-entropy for `q → 0`, the absolute error of the
/// probabilities (halved) for `q = 1`.
///
/// ```text
/// ℓ = (1 − p_y^q) / q
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. q lies in [0, 1], 0 being cross-entropy. Panics when the shapes do not fit or q is outside.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = p_y^q (pⱼ − [y = j])`: that of cross-entropy, weighted by how far the model agrees with the label already. No
/// kinks.
///
/// # Estimates
/// Probabilities `pⱼ ∝ Pⱼ^(1/(1 − q))` for the frequencies P of the classes: sharper than the truth, and for q = 1 the
/// **likeliest class** alone. From 0 to 1/q.
///
/// # Stability
/// `−(exp(q ln p_y) − 1)/q` by [`Tensor::exp_m1`] of the log-probability: exact for small q and for p_y near 1, and no
/// power of 0, whose slope in p_y would be infinite.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, generalised_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = generalised_cross_entropy(&logits, &labels, 0.7);
/// assert_eq!(format!("{loss:.4}"), "[0.3546, 0.7665]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.2517, 0.0677, 0.1840],\n [0.1545, 0.1545, -0.3090]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where a known share of the labels is wrong: what the model finds incredible hardly pulls. It misleads at the start of
/// training with many classes: p_y is then small everywhere, and with q = 0.7 nothing is learnt for long.
///
/// # Reference
/// Zhang and Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks with noisy labels", equation 6.
/// Usual: q = 0.7; Keras takes 0.5, and probabilities.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`poly1_cross_entropy`](crate::poly1_cross_entropy).
#[doc(alias = "CategoricalGeneralizedCrossEntropy")]
#[doc(alias = "GCE")]
#[track_caller]
pub fn generalised_cross_entropy(logits: &Tensor, labels: &Labels, q: f64) -> Tensor {
    labels.check_scores("generalised_cross_entropy", "logits", logits);
    assert!((0.0..=1.0).contains(&q), "generalised_cross_entropy: q must be in [0, 1], not {q}");
    let surprisal = labels.surprisal(&labels.without_ignored(logits));
    if in_type(q, logits.dtype()) == 0.0 {
        return surprisal;
    }
    (0.0 - (-q * surprisal).exp_m1()) / q
}
