//! Dice loss over all classes at once, rare ones weighing more.

use minimand_tensor::Tensor;

use crate::segmentation::region::{Overlap, check_regions, distance, over_pixels};

/// Dice loss over all classes of an image together, each weighted by the inverse square of its size.
///
/// ```text
/// ℓᵢ = 1 − (2 Σⱼ wᵢⱼ Iᵢⱼ + s) / (Σⱼ wᵢⱼ (Pᵢⱼ + Tᵢⱼ) + s)
/// wᵢⱼ = 1 / uᵢⱼ²
/// uᵢⱼ = Tᵢⱼ if Tᵢⱼ > 0 else mᵢ if mᵢ < ∞ else 1
/// mᵢ = minₗ (Tᵢₗ if maxₖ targetᵢₖₗ > 0 else ∞)
/// Iᵢⱼ = Σₖ predictionᵢₖⱼ targetᵢₖⱼ
/// Pᵢⱼ = Σₖ predictionᵢₖⱼ
/// Tᵢⱼ = Σₖ targetᵢₖⱼ
/// s = smooth
/// ```
///
/// # Shapes
/// `prediction` (probabilities) and `target` (0 and 1) of the same shape `[batch, pixels…, classes]`; one loss per image,
/// shape `[batch]`. A class that the image lacks has the weight of the smallest class that it has (1 if it has none),
/// not an infinite one. Panics when the shapes differ or `smooth` is below 0.
///
/// # Gradient
/// As [`dice`](crate::dice) with weighted sums; none by the target, from which the weights come. No kinks.
///
/// # Estimates
/// No statistic of the pixels; small classes count as much as large ones. From 0 to 1.
///
/// # Stability
/// Computed from what the regions have apart, as [`dice`](crate::dice); 0/0 is 0.
///
/// # Example
/// ```
/// use minimand_loss::generalised_dice;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5, 0.5], [1.0, 0.0], [1.0, 0.0]]]);
/// let target = Tensor::from([[[0.0, 1.0], [1.0, 0.0], [1.0, 0.0]]]);
/// let loss = generalised_dice(&prediction, &target, 0.0);
/// assert_eq!(format!("{loss:.4}"), "[0.2381]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).at(1, 0)), "[[0.0726, -0.4717]]");
/// ```
///
/// # When to use
/// For several classes of very different sizes. It misleads when a class is present by a few pixels only: they get nearly
/// all the weight, and wrong masks of them too.
///
/// # Reference
/// Sudre et al. 2017, "Generalised Dice overlap as a deep learning loss function for highly unbalanced segmentations",
/// section 2. Usual: s = 1e-5. Optax averages the losses of the single classes with weights from the whole batch, and an
/// absent class, weighing 1e7, takes nearly all of it.
///
/// # See also
/// [`dice`](crate::dice), [`tversky`](crate::tversky).
#[doc(alias = "multiclass_generalized_dice_loss")]
#[doc(alias = "GeneralizedDiceLoss")]
#[track_caller]
pub fn generalised_dice(prediction: &Tensor, target: &Tensor, smooth: f64) -> Tensor {
    check_regions("generalised_dice", ("prediction", prediction), target);
    assert!(smooth >= 0.0, "generalised_dice: smooth is {smooth} and must not be below 0");
    let size = over_pixels(target).detach();
    let absent = size.eq(0);
    let least = absent.select(f64::INFINITY, &size).min_keepdim(-1);
    let least = least.is_finite().select(&least, 1);
    let weights = (1.0 / absent.select(&least, &size)).square();
    let Overlap { common, excess, missed } = Overlap::by_product(prediction, target);
    let common = 2.0 * (&weights * common).sum_axis(-1) + smooth;
    distance(&common, &(weights * (excess + missed)).sum_axis(-1))
}
