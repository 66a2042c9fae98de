//! Generalised cross-entropy that gives up on labels that the model finds too unlikely.

use minimand_tensor::Tensor;

use crate::labels::Labels;

/// Options of [`truncated_generalised_cross_entropy`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TruncationOptions {
    /// The exponent q, in (0, 1]: near 0 as cross-entropy, at 1 as the absolute error of the probability.
    pub power: f64,
    /// The probability k, in [0, 1), below which a label is given up.
    pub threshold: f64,
}

impl Default for TruncationOptions {
    /// q = 0.7, k = 0.5.
    fn default() -> TruncationOptions {
        TruncationOptions { power: 0.7, threshold: 0.5 }
    }
}

/// Generalised cross-entropy of labels that the model finds likely enough; a constant, without gradient, for the others.
///
/// ```text
/// ℓ = (1 − max(p_y, k)^q) / q
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// k = threshold
/// q = power
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` y of shape `[…]` with C classes, one loss per label.
/// `0 < power ≤ 1`, `0 ≤ threshold < 1`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the
/// shapes or options do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = p_y^q (pⱼ − [j = y])` where `p_y > k`; 0 where `p_y ≤ k`, and where the label is ignored. A kink at `p_y = k`.
///
/// # Estimates
/// The likeliest class among the labels that are kept. From 0 to `(1 − k^q)/q`.
///
/// # Stability
/// `(1 − p^q)/q = −(exp(q ln p) − 1)/q` with `ln p_y` from the log-odds: exact for confident right answers and for small q.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, truncated_generalised_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = truncated_generalised_cross_entropy(&logits, &Labels::new([0, 2], 3)?, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.3546, 0.5492]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.2517, 0.0677, 0.1840],\n [-0.0000, -0.0000, 0.0000]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With wrong labels, after some epochs without truncation, when what is right is likely already. It misleads from the start of training:
/// with C classes `p_y ≈ 1/C < k`, nothing has a gradient, and nothing is learnt.
///
/// # Reference
/// Zhang & Sabuncu 2018, "Generalized cross entropy loss for training deep neural networks with noisy labels", equation 9. Usual: q = 0.7,
/// k = 0.5, from the fortieth epoch of 120.
///
/// # See also
/// [`symmetric_cross_entropy`](crate::symmetric_cross_entropy), [`active_passive`](crate::active_passive).
#[doc(alias = "truncated_gce")]
#[doc(alias = "TruncatedLoss")]
#[track_caller]
pub fn truncated_generalised_cross_entropy(logits: &Tensor, labels: &Labels, options: TruncationOptions) -> Tensor {
    let TruncationOptions { power, threshold } = options;
    labels.check_scores("truncated_generalised_cross_entropy", "logits", logits);
    assert!(
        power > 0.0 && power <= 1.0,
        "truncated_generalised_cross_entropy: power is {power} and must be greater than 0 and at most 1"
    );
    assert!(
        (0.0..1.0).contains(&threshold),
        "truncated_generalised_cross_entropy: threshold is {threshold} and must be at least 0 and less than 1"
    );
    let log_p = -labels.surprisal(&labels.without_ignored(logits));
    let given_up = log_p.le(threshold.ln());
    let log_p = given_up.select(threshold.ln(), log_p);
    labels.zero_if_ignored((power * log_p).exp_m1() / -power)
}
