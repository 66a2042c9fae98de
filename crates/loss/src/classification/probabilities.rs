//! Cross-entropy of logits with class probabilities.

use minimand_tensor::Tensor;

use crate::classification::CrossEntropyOptions;
use crate::shape::same_shapes;

/// Cross-entropy of the probabilities of logits relative to target probabilities ("soft labels").
///
/// ```text
/// ℓ = −Σⱼ wⱼ qⱼ ln pⱼ
/// qⱼ = (1 − ε) tⱼ + ε / C
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// tⱼ = probabilitiesⱼ
/// wⱼ = class_weightsⱼ
/// ε = label_smoothing
/// ```
///
/// # Shapes
/// `logits` x and `probabilities` t of the same shape `[…, C]`, the last axis over the classes; one loss per row,
/// shape `[…]`. t is at least 0 and its rows sum to 1; this is not checked (rows of zeros give loss 0 without
/// smoothing). x is any finite number, or -∞ for a class that is excluded: where t is 0 that class then counts as if
/// it did not exist, and where t is not 0 the loss is ∞. w are the class weights and ε the label smoothing of the
/// options. Panics when the shapes differ, there is not one weight per class, or the label smoothing is outside of [0,
/// 1].
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ Σₖ wₖ qₖ - wⱼ qⱼ`, `∂ℓ/∂tⱼ = -(1 - ε) wⱼ ln pⱼ` (0 for an excluded class with t = 0). No
/// kinks.
///
/// # Estimates
/// The mean of the target probabilities given the input, by softmax(x); with weights and smoothing as
/// [`cross_entropy_with`](crate::cross_entropy_with). The values are in [0, ∞); the least for a row is the entropy of
/// t, not 0. Subtract it to get the Kullback–Leibler divergence, which has the same gradient.
///
/// # Stability
/// By [`Tensor::log_softmax`]; `0 · ln 0` counts as 0 in value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::cross_entropy_with_probabilities;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, f64::NEG_INFINITY]]);
/// let probabilities = Tensor::from([[0.5, 0.25, 0.25], [0.9, 0.1, 0.0]]);
/// let loss = cross_entropy_with_probabilities(&logits, &probabilities, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[1.1576, 0.6931]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[0.1652, -0.1600, -0.0053],\n [-0.4000, 0.4000, 0.0000]]"
/// );
/// ```
///
/// # When to use
/// When several annotators disagree, for mixed-up examples (mixup, CutMix) and for distillation from a teacher's
/// probabilities. For labels use [`cross_entropy`](crate::cross_entropy), which gives the same as their one-hot form.
/// The mean that agrees with [`Labels::mean`](crate::Labels::mean) divides by `Σ wⱼ tⱼ`: write `loss.sum() /
/// (&weights * &probabilities).sum()`. PyTorch divides by the number of rows here, but by the weights for labels, so
/// there the same data have two means. It misleads with targets that are no probabilities: rows of another sum than 1
/// count in proportion to it, unnoticed.
///
/// # Reference
/// Hinton et al. 2015, "Distilling the knowledge in a neural network" (soft targets); Szegedy et al. 2016, "Rethinking
/// the Inception architecture for computer vision", section 7 (label smoothing). Usual: ε = 0 or 0.1.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`cross_entropy_with`](crate::cross_entropy_with).
#[doc(alias = "CategoricalCrossentropy")]
#[doc(alias = "softmax_cross_entropy")]
#[doc(alias = "safe_softmax_cross_entropy")]
#[doc(alias = "SoftTargetCrossEntropy")]
#[track_caller]
pub fn cross_entropy_with_probabilities(
    logits: &Tensor,
    probabilities: &Tensor,
    options: CrossEntropyOptions,
) -> Tensor {
    same_shapes("cross_entropy_with_probabilities", ("logits", logits), ("probabilities", probabilities));
    options.check("cross_entropy_with_probabilities", logits);
    options.expected_surprisal(probabilities, &-logits.log_softmax(-1))
}
