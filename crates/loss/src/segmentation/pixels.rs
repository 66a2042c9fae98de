//! Cross-entropy of pixels, with overlap or of the hardest.

use minimand_tensor::Tensor;

use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::segmentation::region::{Overlap, distance, quotient, rows};

/// The loss of each pixel as a row per image, and how many pixels of each image count.
#[track_caller]
fn surprisals(loss: &str, logits: &Tensor, labels: &Labels) -> (Tensor, Tensor) {
    labels.check_scores(loss, "logits", logits);
    assert!(logits.rank() >= 2, "{loss}: logits {} must have the axes [batch, pixels…, classes]", logits.shape());
    let each = rows(&cross_entropy(logits, labels));
    let count = match labels.kept() {
        Some(kept) => rows(&kept.cast(each.dtype())).sum_axis(-1),
        None => each.ones_like().sum_axis(-1),
    };
    (each, count)
}

/// Options of [`dice_cross_entropy`].
#[derive(Clone, Copy, Debug)]
pub struct DiceCrossEntropyOptions {
    /// The weight of the cross-entropy, 0 to 1; the rest is that of Dice.
    pub alpha: f64,
    /// What is added to numerator and denominator of Dice, at least 0.
    pub smooth: f64,
}

impl Default for DiceCrossEntropyOptions {
    fn default() -> DiceCrossEntropyOptions {
        DiceCrossEntropyOptions { alpha: 0.5, smooth: 1.0 }
    }
}

/// Mean cross-entropy of the pixels and mean Dice loss of the classes, weighted, per image.
///
/// ```text
/// ℓᵢ = α Hᵢ + (1 − α) Dᵢ
/// Hᵢ = −Σₖ Σⱼ tᵢₖⱼ ln pᵢₖⱼ / Σₖ Σⱼ tᵢₖⱼ
/// Dᵢ = Σⱼ (1 − (2 Σₖ pᵢₖⱼ tᵢₖⱼ + s) / (Σₖ pᵢₖⱼ + Σₖ tᵢₖⱼ + s)) / C
/// C = Σⱼ 1
/// pᵢₖⱼ = exp logitsᵢₖⱼ / Σₘ exp logitsᵢₖₘ
/// tᵢₖⱼ = [labelsᵢₖ = j]
/// α = alpha
/// s = smooth
/// ```
///
/// # Shapes
/// `logits` of shape `[batch, pixels…, classes]`, any numbers, and `labels` of shape `[batch, pixels…]`; one loss per image,
/// shape `[batch]`. Ignored labels count nowhere. Panics when the shapes do not fit or an option is out of range.
///
/// # Gradient
/// `α (p − t)/pixels` and that of [`dice_with_logits`](crate::dice_with_logits) over the classes. No kinks.
///
/// # Estimates
/// Between the probability of each class and the region of greatest overlap. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy) and [`dice`](crate::dice). An image all of whose labels are ignored has loss 0.
///
/// # Example
/// ```
/// use minimand_loss::{DiceCrossEntropyOptions, LabelError, Labels, dice_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[[0.0, 0.0], [0.0, 0.0]]]);
/// let labels = Labels::new([0, 1], 2)?.reshape([1, 2]);
/// let loss = dice_cross_entropy(&logits, &labels, DiceCrossEntropyOptions { alpha: 0.5, smooth: 0.0 });
/// assert_eq!(format!("{loss:.4}"), "[0.5966]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits).at(1, 0)), "[[-0.1875, 0.1875]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// The usual loss of medical segmentation: cross-entropy gives every pixel a gradient, Dice balances the classes. It
/// misleads when its two parts are read as one number: they have different scales.
///
/// # Reference
/// Taghanaki et al. 2019, "Combo loss"; Isensee et al. 2021, "nnU-Net". Usual: half each; nnU-Net has smooth 1e-5.
///
/// # See also
/// [`dice_with_logits`](crate::dice_with_logits), [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "DiceCELoss")]
#[doc(alias = "combo_loss")]
#[track_caller]
pub fn dice_cross_entropy(logits: &Tensor, labels: &Labels, options: DiceCrossEntropyOptions) -> Tensor {
    let DiceCrossEntropyOptions { alpha, smooth } = options;
    assert!((0.0..=1.0).contains(&alpha), "dice_cross_entropy: alpha is {alpha} and must be in [0, 1]");
    assert!(smooth >= 0.0, "dice_cross_entropy: smooth is {smooth} and must not be below 0");
    let (each, count) = surprisals("dice_cross_entropy", logits, labels);
    let p = labels.without_ignored(logits).softmax(-1);
    let p = match labels.kept() {
        Some(kept) => kept.unsqueeze(-1).select(p, 0),
        None => p,
    };
    let Overlap { common, excess, missed } = Overlap::by_product(&p, &labels.truth().cast(p.dtype()));
    let dice = distance(&(2.0 * common + smooth), &(excess + missed)).mean_axis(-1);
    alpha * quotient(&each.sum_axis(-1), &count) + (1.0 - alpha) * dice
}

/// Mean cross-entropy of the hardest pixels of each image.
///
/// ```text
/// ℓᵢ = Σₖ [Rᵢₖ < Kᵢ] Hᵢₖ / Kᵢ
/// Hᵢₖ = −Σⱼ [labelsᵢₖ = j] ln pᵢₖⱼ
/// Rᵢₖ = Σₗ [Hᵢₗ > Hᵢₖ]
/// Kᵢ = max(1, floor(fraction Σₗ [labelsᵢₗ ≥ 0]))
/// pᵢₖⱼ = exp logitsᵢₖⱼ / Σₘ exp logitsᵢₖₘ
/// ```
///
/// # Shapes
/// `logits` of shape `[batch, pixels…, classes]`, any numbers, and `labels` of shape `[batch, pixels…]`; one loss per image,
/// shape `[batch]`. `fraction` of the pixels that are not ignored count, rounded down, at least one. Panics when the
/// shapes do not fit or the fraction is not in (0, 1].
///
/// # Gradient
/// `(p − t)/K` for the chosen pixels, 0 for the others. Which are chosen is held fixed; among equals the first.
///
/// # Estimates
/// Probabilities that are least wrong where they are most wrong; not calibrated. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy). An image all of whose labels are ignored has loss 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, top_k_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[[0.0, 0.0], [9.0, 0.0], [0.0, 1.0]]]);
/// let labels = Labels::new([0, 0, 0], 2)?.reshape([1, 3]);
/// let loss = top_k_cross_entropy(&logits, &labels, 0.4);
/// assert_eq!(format!("{loss:.4}"), "[1.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits).at(1, 2)), "[[-0.7311, 0.7311]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// When most pixels are easy and drown the rest. It misleads with wrong labels: those are the hardest pixels.
///
/// # Reference
/// Wu et al. 2016, "Bridging category-level and instance-level semantic image segmentation", section 3.2; Shrivastava et al.
/// 2016, "OHEM". Usual: 0.7 here; nnU-Net has 0.1.
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`categorical_focal`](crate::categorical_focal).
#[doc(alias = "OhemCrossEntropy")]
#[doc(alias = "TopKLoss")]
#[track_caller]
pub fn top_k_cross_entropy(logits: &Tensor, labels: &Labels, fraction: f64) -> Tensor {
    let valid = fraction > 0.0 && fraction <= 1.0;
    assert!(valid, "top_k_cross_entropy: fraction is {fraction} and must be in (0, 1]");
    let (each, count) = surprisals("top_k_cross_entropy", logits, labels);
    let (hardest, _) = each.sort_descending(-1);
    let kept = (fraction * count.cast(minimand_tensor::DType::F64)).floor().clamp_min(1).cast(each.dtype());
    let position = Tensor::iota(each.shape()[1]).cast(each.dtype());
    let chosen = position.lt(kept.unsqueeze(-1));
    chosen.select(hardest, 0).sum_axis(-1) / kept
}
