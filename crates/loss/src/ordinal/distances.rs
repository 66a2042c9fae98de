//! Losses that know how far a wrong class is from the right one.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::{check_finite, numbers};

/// Options of [`soft_ordinal`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftOrdinalOptions {
    /// How fast the target fades with the distance, at least 0.
    pub scale: f64,
    /// The power of the distance, above 0: 1 is absolute, 2 is squared.
    pub power: f64,
}

impl Default for SoftOrdinalOptions {
    /// Scale 1, power 1: the absolute distance.
    fn default() -> SoftOrdinalOptions {
        SoftOrdinalOptions { scale: 1.0, power: 1.0 }
    }
}

/// Cross-entropy with a target that is spread over the classes, the nearer to the label the more.
///
/// ```text
/// ℓ = −Σⱼ qⱼ ln pⱼ
/// qⱼ = exp(−s |j − y|^r) / Σₖ exp(−s |k − y|^r)
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// s = scale
/// r = power
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes in their order, and `labels` y of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. `scale ≥ 0` and `power > 0`, finite.
/// Panics when the shapes or options do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − qⱼ`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// The frequencies of the classes, smeared by q: the mean target, not the frequencies. From the entropy of q to ∞.
///
/// # Stability
/// By log-softmax. q is a constant of the label; distant classes may underflow to 0 and then count 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, soft_ordinal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = soft_ordinal(&logits, &Labels::new([0, 2], 3)?, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.9871, 1.0986]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[0.0000, -0.1547, 0.1547],\n [0.2433, 0.0886, -0.3319]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// In place of cross-entropy, with nothing else changed, where near misses are better than far ones: ages, depths, horizons. It
/// misleads when probabilities are read off: they are smeared even for a perfect model; and with many classes the scale decides
/// everything.
///
/// # Reference
/// Díaz & Marathe 2019, "Soft labels for ordinal regression" (SORD), equation 3. Usual: power 1 or 2, scale 1.
///
/// # See also
/// [`ordinal_emd`], [`cross_entropy_with`](crate::cross_entropy_with) for label smoothing, which ignores the order,
/// [`coral`](crate::coral).
#[doc(alias = "SORD")]
#[track_caller]
pub fn soft_ordinal(logits: &Tensor, labels: &Labels, options: SoftOrdinalOptions) -> Tensor {
    let SoftOrdinalOptions { scale, power } = options;
    labels.check_scores("soft_ordinal", "logits", logits);
    assert!(scale >= 0.0, "soft_ordinal: scale is {scale} and must not be below 0");
    assert!(power > 0.0, "soft_ordinal: power is {power} and must be greater than 0");
    check_finite("soft_ordinal", ("scale", scale), logits.dtype());
    check_finite("soft_ordinal", ("power", power), logits.dtype());
    let log_p = labels.without_ignored(logits).log_softmax(-1);
    let classes = numbers((0..labels.classes()).map(|class| class as f64), log_p.dtype());
    let distance = (labels.index().cast(log_p.dtype()).unsqueeze(-1) - classes).abs();
    let q = (-scale * distance.pow(power)).softmax(-1);
    let void = q.eq(0) | log_p.eq(f64::NEG_INFINITY);
    let excluded = q.gt(0) & log_p.eq(f64::NEG_INFINITY);
    let terms = excluded.select(f64::NEG_INFINITY, &q * void.select(0, &log_p));
    labels.zero_if_ignored(0.0 - terms.sum_axis(-1))
}

/// Squared distance between the cumulative probabilities of the classes and those of the label.
///
/// ```text
/// ℓ = Σⱼ (Pⱼ − [y ≤ j])²
/// Pⱼ = Σ{k : k ≤ j} pₖ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes in their order, and `labels` y of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// With `dⱼ = Pⱼ − [y ≤ j]`: `∂ℓ/∂xⱼ = 2 pⱼ (Σ{k ≥ j} dₖ − Σₖ dₖ Pₖ)`; 0 where the label is ignored. It vanishes for confident errors.
///
/// # Estimates
/// The distribution of the classes: it is the ranked probability score, which is strictly proper. From 0 to `C − 1`.
///
/// # Stability
/// At and above the label the difference is the sum of the probabilities beyond, not 1 less those before: exact for confident right
/// answers.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, ordinal_emd};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = ordinal_emd(&logits, &Labels::new([0, 2], 3)?);
/// assert_eq!(format!("{loss:.4}"), "[0.1720, 0.5556]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.2288, 0.0293, 0.1995],\n [0.2963, 0.0741, -0.3704]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For classes in an order with equal steps, where far errors shall cost more; probabilities stay honest. It misleads from a bad start:
/// sure and wrong has no gradient, so begin with cross-entropy or add it.
///
/// # Reference
/// Hou, Yu, Samaras 2016, "Squared earth mover's distance-based loss for training deep neural networks", equation 8 with unit distances,
/// as a sum over the classes; Epstein 1969 (ranked probability score).
///
/// # See also
/// [`soft_ordinal`], [`brier_score`](crate::brier_score), which ignores the order, [`corn`](crate::corn).
#[doc(alias = "squared_emd")]
#[doc(alias = "ranked_probability_score")]
#[doc(alias = "rps")]
#[track_caller]
pub fn ordinal_emd(logits: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("ordinal_emd", "logits", logits);
    let p = labels.without_ignored(logits).softmax(-1);
    let reached = labels.index().unsqueeze(-1).le(Tensor::iota(labels.classes()));
    let up_to = p.cumulative_sum(-1);
    let beyond = p.slice(-1, 1..).pad(-1, 0, 1).cumulative_sum_reverse(-1);
    labels.zero_if_ignored(reached.select(beyond, up_to).square().sum_axis(-1))
}
