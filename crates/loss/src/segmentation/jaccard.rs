//! Jaccard losses: intersection over union of two regions.

use minimand_tensor::Tensor;

use crate::segmentation::region::{Overlap, check_regions, distance, log_distance};

/// What counts as common, `I + s`, and as apart, the union less the intersection.
#[track_caller]
fn parts(loss: &str, prediction: &Tensor, target: &Tensor, smooth: f64) -> (Tensor, Tensor) {
    check_regions(loss, ("prediction", prediction), target);
    assert!(smooth >= 0.0, "{loss}: smooth is {smooth} and must not be below 0");
    let Overlap { common, excess, missed } = Overlap::by_minimum(prediction, target);
    (common + smooth, excess + missed)
}

/// One minus intersection over union of two regions, per image and class (soft IoU).
///
/// ```text
/// ℓᵢⱼ = 1 − (Iᵢⱼ + s) / (Pᵢⱼ + Tᵢⱼ − Iᵢⱼ + s)
/// Iᵢⱼ = Σₖ min(predictionᵢₖⱼ, targetᵢₖⱼ)
/// Pᵢⱼ = Σₖ predictionᵢₖⱼ
/// Tᵢⱼ = Σₖ targetᵢₖⱼ
/// s = smooth
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[batch, pixels…, classes]`; one loss per image and class, shape
/// `[batch, classes]`. Probabilities, 0 to 1; the layout is that of [`dice`](crate::dice). Panics when the shapes differ or
/// `smooth` is below 0.
///
/// # Gradient
/// With `U = P + T − I + s`: `−U⁻¹` at pixels below their target, `(I + s)/U²` above; half of each where they are equal.
///
/// # Estimates
/// No statistic of the pixels: the region of greatest expected overlap. From 0 to 1; 0 only where prediction and target
/// are equal, for targets between 0 and 1 too, where a product of the two would not be least.
///
/// # Stability
/// Computed from what the regions have apart, `Σ |p − t|`, so that agreement loses no digits. **Empty regions** as
/// [`dice`](crate::dice): both empty give 0, an empty target costs `P/(P + s)`.
///
/// # Example
/// ```
/// use minimand_loss::jaccard;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [0.25]]]);
/// let target = Tensor::from([[[1.0], [0.0]]]);
/// let loss = jaccard(&prediction, &target, 0.0);
/// assert_eq!(format!("{loss:.4}"), "[[0.6000]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-0.8000, 0.3200]");
/// ```
///
/// # When to use
/// When intersection over union is what is reported. It misleads as [`dice`](crate::dice) does, of which it is a
/// monotone function, `2 d/(1 + d)`: it punishes one bad region more.
///
/// # Reference
/// Rahman & Wang 2016, "Optimizing intersection-over-union in deep neural networks for image segmentation"; the
/// intersection of soft targets after Wang et al. 2023, "Jaccard metric losses", equation 7. Usual: s = 1, or 0. For
/// empty targets segmentation_models_pytorch gives 0 whatever is predicted.
///
/// # See also
/// [`log_jaccard`], [`dice`](crate::dice), [`lovasz_softmax`](crate::lovasz_softmax).
#[doc(alias = "JaccardLoss")]
#[doc(alias = "soft_iou")]
#[track_caller]
pub fn jaccard(prediction: &Tensor, target: &Tensor, smooth: f64) -> Tensor {
    let (common, apart) = parts("jaccard", prediction, target, smooth);
    distance(&common, &apart)
}

/// Negative logarithm of intersection over union of two regions, per image and class.
///
/// ```text
/// ℓᵢⱼ = −ln((Iᵢⱼ + s) / (Pᵢⱼ + Tᵢⱼ − Iᵢⱼ + s))
/// Iᵢⱼ = Σₖ min(predictionᵢₖⱼ, targetᵢₖⱼ)
/// Pᵢⱼ = Σₖ predictionᵢₖⱼ
/// Tᵢⱼ = Σₖ targetᵢₖⱼ
/// s = smooth
/// ```
///
/// # Shapes
/// As [`jaccard`].
///
/// # Gradient
/// That of [`jaccard`] over the intersection over union: a small overlap pulls hard.
///
/// # Estimates
/// As [`jaccard`], with more weight on images of little overlap. From 0 to ∞.
///
/// # Stability
/// Computed as `ln(1 + A/(I + s))` with `A = Σ |p − t|`: exact near agreement and without a bound. With s = 0: both
/// regions empty give 0; without overlap it is ∞, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::log_jaccard;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [0.25]]]);
/// let target = Tensor::from([[[1.0], [0.0]]]);
/// let loss = log_jaccard(&prediction, &target, 0.0);
/// assert_eq!(format!("{loss:.4}"), "[[0.9163]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-2.0000, 0.8000]");
/// ```
///
/// # When to use
/// When some images have almost no overlap yet. It misleads with small s and wrong masks: an image that cannot overlap
/// dominates the batch.
///
/// # Reference
/// Yu et al. 2016, "UnitBox", equation 1, for boxes. segmentation_models_pytorch (`log_loss=True`) clamps at 1e-7.
///
/// # See also
/// [`jaccard`], [`log_dice`](crate::log_dice).
#[doc(alias = "JaccardLoss(log_loss=True)")]
#[track_caller]
pub fn log_jaccard(prediction: &Tensor, target: &Tensor, smooth: f64) -> Tensor {
    let (common, apart) = parts("log_jaccard", prediction, target, smooth);
    log_distance(&common, &apart)
}
