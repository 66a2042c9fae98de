//! Normalised and reverse cross-entropy, and their sums: losses that bound what a wrong label can do.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::check_finite;

/// Cross-entropy with the label and the model in each other's place: the probability that is not the label's, times a constant.
///
/// ```text
/// ℓ = −A Σ{j ≠ y} pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// A = log_zero
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one loss per label, shape
/// `[…]`. x is any finite number, or -∞ for a class that is excluded. `log_zero` A is negative and finite. Where a label is ignored the
/// loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit or A is not negative.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = −A p_y (pⱼ − [j = y])`; 0 where the label is ignored. It vanishes for confident errors: that is what makes it robust, and
/// slow to learn from.
///
/// # Estimates
/// The likeliest class: with expected labels the minimiser puts all probability there. From 0 to -A.
///
/// # Stability
/// `1 − p_y = σ(ln Σ{j ≠ y} exp xⱼ − x_y)`: nothing is subtracted from 1.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, reverse_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = reverse_cross_entropy(&logits, &Labels::new([0, 2], 3)?, -4.0);
/// assert_eq!(format!("{loss:.4}"), "[1.3390, 2.6667]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.8908, 0.2396, 0.6512],\n [0.4444, 0.4444, -0.8889]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As a part of [`symmetric_cross_entropy`] or [`active_passive`]. It misleads alone: it hardly learns with many classes, since the
/// gradient begins with the factor `p_y ≈ 1/C`, and its minimiser is no probability.
///
/// # Reference
/// Wang et al. 2019, "Symmetric cross entropy for robust learning with noisy labels", equation 5, with `ln 0 := A`. Usual: A = -4. It is
/// `−A/2` times the absolute error of the probabilities.
///
/// # See also
/// [`symmetric_cross_entropy`], [`normalised_cross_entropy`], [`active_passive`].
#[doc(alias = "RCE")]
#[track_caller]
pub fn reverse_cross_entropy(logits: &Tensor, labels: &Labels, log_zero: f64) -> Tensor {
    labels.check_scores("reverse_cross_entropy", "logits", logits);
    check_log_zero("reverse_cross_entropy", log_zero, logits);
    let x = labels.without_ignored(logits);
    labels.zero_if_ignored(-log_zero * labels.log_odds_against(&x).sigmoid())
}

#[track_caller]
fn check_log_zero(loss: &str, log_zero: f64, logits: &Tensor) {
    assert!(log_zero < 0.0, "{loss}: log_zero is {log_zero} and must be less than 0");
    check_finite(loss, ("log_zero", log_zero), logits.dtype());
}

/// Options of [`symmetric_cross_entropy`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SymmetricCrossEntropyOptions {
    /// Weight α of cross-entropy.
    pub alpha: f64,
    /// Weight β of reverse cross-entropy.
    pub beta: f64,
    /// What `ln 0` is taken for, less than 0.
    pub log_zero: f64,
}

impl Default for SymmetricCrossEntropyOptions {
    /// α = 0.1, β = 1, `ln 0 := -4`.
    fn default() -> SymmetricCrossEntropyOptions {
        SymmetricCrossEntropyOptions { alpha: 0.1, beta: 1.0, log_zero: -4.0 }
    }
}

/// Cross-entropy, and cross-entropy with label and model in each other's place.
///
/// ```text
/// ℓ = −α ln p_y − β A Σ{j ≠ y} pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// α = alpha
/// β = beta
/// A = log_zero
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` of shape `[…]` with C classes, one loss per label.
/// `log_zero` A is negative and finite, α and β are finite. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = (α − β A p_y) (pⱼ − [j = y])`; 0 where the label is ignored.
///
/// # Estimates
/// Between the probabilities (β = 0) and the likeliest class alone (α = 0); for positive weights more extreme than the
/// probabilities. From 0 to ∞.
///
/// # Stability
/// Both parts from the log-odds `Δ = ln Σ{j ≠ y} exp xⱼ − x_y`: `softplus(Δ)` and `σ(Δ)`, exact however near to 0 or 1 p_y is.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, symmetric_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = symmetric_cross_entropy(&logits, &Labels::new([0, 2], 3)?, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[1.3798, 2.7765]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.9243, 0.2486, 0.6757],\n [0.4778, 0.4778, -0.9556]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With a share of wrong labels, say a tenth to a half: cross-entropy makes it learn, the reverse keeps it from learning the errors
/// by heart. It misleads about confidence: probabilities are pushed to the corners, so calibrate them afterwards; and clean data
/// only lose by it.
///
/// # Reference
/// Wang et al. 2019, "Symmetric cross entropy for robust learning with noisy labels", equation 7. Usual: α = 0.1, β = 1 for ten classes,
/// α = 6, β = 0.1 for a hundred; A = -4. Their code clips p at 1e-7.
///
/// # See also
/// [`active_passive`], [`reverse_cross_entropy`], [`bootstrapped_cross_entropy`](crate::bootstrapped_cross_entropy).
#[doc(alias = "SCE")]
#[doc(alias = "SCELoss")]
#[track_caller]
pub fn symmetric_cross_entropy(logits: &Tensor, labels: &Labels, options: SymmetricCrossEntropyOptions) -> Tensor {
    let SymmetricCrossEntropyOptions { alpha, beta, log_zero } = options;
    labels.check_scores("symmetric_cross_entropy", "logits", logits);
    check_log_zero("symmetric_cross_entropy", log_zero, logits);
    let against = labels.log_odds_against(&labels.without_ignored(logits));
    labels.zero_if_ignored(alpha * against.softplus() - (beta * log_zero) * against.sigmoid())
}

/// Cross-entropy of the label as a share of the cross-entropies of all classes.
///
/// ```text
/// ℓ = ln p_y / Σₖ ln pₖ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` of shape `[…]` with C classes, one loss per label. A
/// class excluded by -∞ takes no part; where it is the label the loss is 1, the limit. Where a label is ignored the loss is 0; take
/// the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// With `S = −Σₖ ln pₖ` over the C classes: `∂ℓ/∂xⱼ = (pⱼ − [j = y] − ℓ (C pⱼ − 1))/S`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// No probability: drawn to the likeliest class. The losses of all possible labels sum to 1, whatever the logits, which is what makes it
/// robust to labels that are wrong evenly. From 0 to 1.
///
/// # Stability
/// `−ln p_y = softplus(Δ)` from the log-odds; the sum below is at least `C ln C`. A single class has loss 0, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, normalised_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = normalised_cross_entropy(&logits, &Labels::new([0, 2], 3)?);
/// assert_eq!(format!("{loss:.4}"), "[0.0965, 0.3333]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.1020, 0.0380, 0.0640],\n [0.1011, 0.1011, -0.2023]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As the active part of [`active_passive`]. It misleads alone: the loss can fall because other classes' cross-entropies grow while
/// p_y stays, so it underfits.
///
/// # Reference
/// Ma et al. 2020, "Normalized loss functions for deep learning with noisy labels", equation 8. No parameters.
///
/// # See also
/// [`active_passive`], [`reverse_cross_entropy`], [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "NCE")]
#[doc(alias = "normalized_cross_entropy")]
#[track_caller]
pub fn normalised_cross_entropy(logits: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("normalised_cross_entropy", "logits", logits);
    normalised(labels, &labels.without_ignored(logits))
}

fn normalised(labels: &Labels, x: &Tensor) -> Tensor {
    let own = labels.log_odds_against(x).softplus();
    let log_p = x.log_softmax(-1);
    let others = log_p.eq(f64::NEG_INFINITY) | labels.truth();
    let all = &own - others.select(0, log_p).sum_axis(-1);
    let (impossible, nothing) = (own.eq(f64::INFINITY), all.eq(0));
    let share = (&impossible | &nothing).select(0, own) / (&impossible | &nothing).select(1, all);
    labels.zero_if_ignored(impossible.select(1, share))
}

/// Options of [`active_passive`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ActivePassiveOptions {
    /// Weight α of normalised cross-entropy, the active part.
    pub alpha: f64,
    /// Weight β of reverse cross-entropy, the passive part.
    pub beta: f64,
    /// What `ln 0` is taken for, less than 0.
    pub log_zero: f64,
}

impl Default for ActivePassiveOptions {
    /// α = 1, β = 1, `ln 0 := -4`.
    fn default() -> ActivePassiveOptions {
        ActivePassiveOptions { alpha: 1.0, beta: 1.0, log_zero: -4.0 }
    }
}

/// Normalised cross-entropy, which raises the label's probability, and reverse cross-entropy, which lowers the others'.
///
/// ```text
/// ℓ = α ln p_y / Σₖ ln pₖ − β A Σ{j ≠ y} pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// α = alpha
/// β = beta
/// A = log_zero
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` of shape `[…]` with C classes, one loss per label.
/// `log_zero` A is negative and finite, α and β are finite. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// α times that of [`normalised_cross_entropy`] and β times that of [`reverse_cross_entropy`]. No kinks.
///
/// # Estimates
/// The likeliest class, not its probability. Summed over all possible labels it is constant, so labels that are wrong evenly do not move
/// its minimiser. From 0 to `α − β A`.
///
/// # Stability
/// As its parts: by log-odds, nothing subtracted from 1.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, active_passive};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = active_passive(&logits, &Labels::new([0, 2], 3)?, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[1.4356, 3.0000]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.9928, 0.2776, 0.7152],\n [0.5456, 0.5456, -1.0912]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With many wrong labels, a half even: each part is robust by itself, and each mends the other's slow learning. It misleads about
/// confidence, and with hundreds of classes it needs weights of its own: α = 10, β = 0.1 there.
///
/// # Reference
/// Ma et al. 2020, "Normalized loss functions for deep learning with noisy labels", equation 12 and table 2. Usual: α = 1, β = 1 for ten
/// classes, A = -4.
///
/// # See also
/// [`symmetric_cross_entropy`], [`normalised_cross_entropy`], [`reverse_cross_entropy`].
#[doc(alias = "NCEandRCE")]
#[doc(alias = "APL")]
#[track_caller]
pub fn active_passive(logits: &Tensor, labels: &Labels, options: ActivePassiveOptions) -> Tensor {
    let ActivePassiveOptions { alpha, beta, log_zero } = options;
    labels.check_scores("active_passive", "logits", logits);
    check_log_zero("active_passive", log_zero, logits);
    let x = labels.without_ignored(logits);
    let passive = labels.zero_if_ignored(-log_zero * labels.log_odds_against(&x).sigmoid());
    alpha * normalised(labels, &x) + beta * passive
}
