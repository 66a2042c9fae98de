//! Cross-entropy with targets that the model has a say in.

use minimand_tensor::Tensor;

use crate::labels::Labels;

/// Cross-entropy with a target that is partly the label and partly what the model believes itself.
///
/// ```text
/// ℓ = −β ln p_y − (1 − β) Σⱼ pⱼ ln pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// β = beta
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` of shape `[…]` with C classes, one loss per label.
/// `0 ≤ beta ≤ 1`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit or
/// beta is outside of its range.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = β (pⱼ − [j = y]) − (1 − β) pⱼ (ln pⱼ + H)` with the entropy `H = −Σₖ pₖ ln pₖ`: it goes through both places of p. 0 where the
/// label is ignored. No kinks.
///
/// # Estimates
/// Something surer than the probabilities: β times cross-entropy and `1 − β` times the model's own entropy, which is made small.
/// From 0 to ∞.
///
/// # Stability
/// By log-softmax, in which `p ln p` is 0 at p = 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, bootstrapped_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = bootstrapped_cross_entropy(&logits, &Labels::new([0, 2], 3)?, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.6200, 1.0986]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.3087, 0.1159, 0.1927],\n [0.1667, 0.1667, -0.3333]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With some wrong labels and a model that has seen enough to object, after a few epochs of cross-entropy. It misleads from the
/// start of training: entropy is also made small by believing anything firmly, errors included.
///
/// # Reference
/// Reed et al. 2015, "Training deep neural networks on noisy labels with bootstrapping", equation 6 (soft). Usual: β = 0.95.
///
/// # See also
/// [`hard_bootstrapped_cross_entropy`], [`confidence_penalty`](crate::confidence_penalty), which does the opposite,
/// [`symmetric_cross_entropy`](crate::symmetric_cross_entropy).
#[doc(alias = "soft_bootstrap")]
#[track_caller]
pub fn bootstrapped_cross_entropy(logits: &Tensor, labels: &Labels, beta: f64) -> Tensor {
    labels.check_scores("bootstrapped_cross_entropy", "logits", logits);
    check_beta("bootstrapped_cross_entropy", beta);
    let x = labels.without_ignored(logits);
    labels.zero_if_ignored(beta * labels.surprisal(&x) + (1.0 - beta) * entropy(&x))
}

/// Cross-entropy with a target that is partly the label and partly the class that the model finds likeliest.
///
/// ```text
/// ℓ = −β ln p_y − (1 − β) ln maxⱼ pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// β = beta
/// ```
///
/// # Shapes
/// As [`bootstrapped_cross_entropy`]: `logits` x of shape `[…, C]`, `labels` of shape `[…]` with C classes, one loss per label.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − β [j = y] − (1 − β) [j = m]` for the likeliest class m; several share the last part evenly, a kink. 0 where the label is
/// ignored.
///
/// # Estimates
/// Something surer than the probabilities: a label that the model contradicts counts β, what it says instead `1 − β`. From 0 to ∞.
///
/// # Stability
/// `−ln maxⱼ pⱼ = ln Σⱼ exp(xⱼ − maxₖ xₖ)`, in which the greatest is 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, hard_bootstrapped_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [2.0, 0.0, 1.0]]);
/// let loss = hard_bootstrapped_cross_entropy(&logits, &Labels::new([0, 2], 3)?, 0.8);
/// assert_eq!(format!("{loss:.4}"), "[0.4076, 1.2076]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.3348, 0.0900, 0.2447],\n [0.4652, 0.0900, -0.5553]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As [`bootstrapped_cross_entropy`]; it objects more firmly. It misleads from the start of training, when the likeliest class is chance.
///
/// # Reference
/// Reed et al. 2015, "Training deep neural networks on noisy labels with bootstrapping", equation 7 (hard). Usual: β = 0.8.
///
/// # See also
/// [`bootstrapped_cross_entropy`], [`symmetric_cross_entropy`](crate::symmetric_cross_entropy).
#[doc(alias = "hard_bootstrap")]
#[track_caller]
pub fn hard_bootstrapped_cross_entropy(logits: &Tensor, labels: &Labels, beta: f64) -> Tensor {
    labels.check_scores("hard_bootstrapped_cross_entropy", "logits", logits);
    check_beta("hard_bootstrapped_cross_entropy", beta);
    let x = labels.without_ignored(logits);
    let surprise = 0.0 - x.log_softmax(-1).max_axis(-1);
    labels.zero_if_ignored(beta * labels.surprisal(&x) + (1.0 - beta) * surprise)
}

#[track_caller]
fn check_beta(loss: &str, beta: f64) {
    assert!((0.0..=1.0).contains(&beta), "{loss}: beta is {beta} and must be in [0, 1]");
}

/// `−Σⱼ pⱼ ln pⱼ` of softmax(x), in which excluded classes take no part.
pub(super) fn entropy(x: &Tensor) -> Tensor {
    let log_p = x.log_softmax(-1);
    let log_p = log_p.eq(f64::NEG_INFINITY).select(0, log_p);
    0.0 - (x.softmax(-1) * log_p).sum_axis(-1)
}
