//! Cross-entropy with another first coefficient.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::check_finite;

/// Cross-entropy and, `epsilon` times, the probability of the other classes: the first term of its series in `1 − p_y`
/// reweighted.
///
/// ```text
/// ℓ = −ln p_y + ε (1 − p_y)
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ε = epsilon
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. ε is any finite number, at least −1 for a loss that falls as p_y grows. Panics when the shapes do not fit
/// or ε is not finite.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = (1 + ε p_y) (pⱼ − [y = j])`. No kinks.
///
/// # Estimates
/// No probability unless ε = 0: for ε > 0 the minimiser is drawn towards the likelier classes, for ε < 0 away from them; the
/// likeliest class stays so. From 0 (for ε ≥ −1) to ∞.
///
/// # Stability
/// With the log-odds Δ of the other classes against the right one, `softplus(Δ) + ε σ(Δ)`: nothing is subtracted from 1.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, poly1_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = poly1_cross_entropy(&logits, &labels, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.7424, 1.7653]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.5575, 0.1499, 0.4075],\n [0.4444, 0.4444, -0.8889]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As a one-parameter variation of cross-entropy to search over. It misleads when its probabilities are read as such, and
/// below ε = −1, where errors are rewarded near p_y = 1.
///
/// # Reference
/// Leng et al. 2022, "PolyLoss: a polynomial expansion perspective of classification loss functions", equation 6. Usual: ε =
/// 2 for images, −1 for detection, 1 in Rax.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`categorical_focal`](crate::categorical_focal).
#[doc(alias = "poly_loss_cross_entropy")]
#[track_caller]
pub fn poly1_cross_entropy(logits: &Tensor, labels: &Labels, epsilon: f64) -> Tensor {
    labels.check_scores("poly1_cross_entropy", "logits", logits);
    check_finite("poly1_cross_entropy", ("epsilon", epsilon), logits.dtype());
    let against = labels.log_odds_against(&labels.without_ignored(logits));
    labels.zero_if_ignored(against.softplus() + epsilon * against.sigmoid())
}
