//! Losses of the distance between two outlines.

use minimand_tensor::Tensor;

use crate::segmentation::neighbours::shifted;
use crate::segmentation::region::{check_has_pixel_axes, check_regions};
use crate::shape::same_shapes;

/// Options of [`hausdorff_erosion`].
#[derive(Clone, Copy, Debug)]
pub struct HausdorffErosionOptions {
    /// The exponent by which errors that survive longer weigh more.
    pub alpha: f64,
    /// How often errors are eroded, at least 1.
    pub erosions: usize,
}

impl Default for HausdorffErosionOptions {
    fn default() -> HausdorffErosionOptions {
        HausdorffErosionOptions { alpha: 2.0, erosions: 10 }
    }
}

/// Squared errors that survive erosion: wide false regions cost more than thin ones, as their outlines are farther off.
///
/// ```text
/// ℓ = Σₖ k^α Eₖ,  k = 1 … erosions
/// E₀ = (prediction − target)²
/// Eₖ = (Dₖ − min Dₖ) / (max Dₖ − min Dₖ) if max Dₖ > min Dₖ else Dₖ
/// Dₖ = max(0, mean of Eₖ₋₁ over a pixel and its neighbours − ½)
/// ```
///
/// # Shapes
/// `prediction` (probabilities) and `target` (0 and 1) of the same shape `[batch, pixels…, classes]` with at least one pixel
/// axis: rows and columns, or depth too; the loss has their shape, one per pixel. A pixel of n axes has 2 n neighbours;
/// outside of the image is 0. Minimum and maximum are those of one image and class. Panics when the shapes do not fit or
/// there is no erosion.
///
/// # Gradient
/// That of the formula; 0 for errors that no erosion leaves, and where a mean is ½ exactly. Equal extremes share theirs.
///
/// # Estimates
/// No statistic of the pixels; a surrogate of Hausdorff's distance without a unit. From 0, where no error is wider than the
/// neighbourhood, to `Σ k^α`.
///
/// # Stability
/// Where all of an image is alike it is not divided by its range of 0.
///
/// # Example
/// ```
/// use minimand_loss::{HausdorffErosionOptions, hausdorff_erosion};
/// use minimand_tensor::Tensor;
///
/// // One image of one axis: a false region of three pixels.
/// let prediction = Tensor::from([[[1.0], [0.9], [1.0], [0.0]]]);
/// let loss = hausdorff_erosion(&prediction, &prediction.zeros_like(), HausdorffErosionOptions { alpha: 2.0, erosions: 1 });
/// assert_eq!(format!("{:.4}", loss.flatten()), "[0.2366, 1.0000, 0.2366, 0.0000]");
/// assert_eq!(format!("{:.2}", loss.sum().grad(&prediction).flatten()), "[0.80, 2.10, 0.80, 0.00]");
/// ```
///
/// # When to use
/// Beside [`dice`](crate::dice), when the farthest error matters more than the number of wrong pixels. It misleads alone: thin
/// errors cost nothing and give no gradient.
///
/// # Reference
/// Karimi & Salcudean 2020, "Reducing the Hausdorff distance in medical image segmentation with convolutional neural
/// networks", equation 10. Usual: α 2, 10 erosions. The division by the range is kornia's, not the paper's.
///
/// # See also
/// [`hausdorff_distance_transform`], [`boundary`](crate::boundary).
#[doc(alias = "HausdorffERLoss")]
#[doc(alias = "HausdorffERLoss3D")]
#[track_caller]
pub fn hausdorff_erosion(prediction: &Tensor, target: &Tensor, options: HausdorffErosionOptions) -> Tensor {
    check_regions("hausdorff_erosion", ("prediction", prediction), target);
    check_has_pixel_axes("hausdorff_erosion", prediction);
    let HausdorffErosionOptions { alpha, erosions } = options;
    assert!(erosions >= 1, "hausdorff_erosion: erosions is 0 and must be at least 1");
    let pixels: Vec<isize> = (1..prediction.rank() as isize - 1).collect();
    let share = 1.0 / (2 * pixels.len() + 1) as f64;
    let mut errors = (prediction - target).square();
    let mut loss = errors.zeros_like();
    for erosion in 1..=erosions {
        let around = pixels.iter().flat_map(|&axis| [shifted(&errors, axis, 1), shifted(&errors, axis, -1)]);
        let sum = around.fold(errors.clone(), |sum, neighbour| sum + neighbour);
        let eroded = (share * sum - 0.5).relu();
        let least = eroded.min_keepdim(pixels.as_slice());
        let range = eroded.max_keepdim(pixels.as_slice()) - &least;
        let varies = range.gt(0);
        errors = varies.select((&eroded - least) / varies.select(range, 1), &eroded);
        loss += (erosion as f64).powf(alpha) * &errors;
    }
    loss
}

/// Squared errors weighted by the distance of their pixel from the true and from the predicted outline.
///
/// ```text
/// ℓ = (prediction − target)² (prediction_distance^α + target_distance^α)
/// α = alpha
/// ```
///
/// # Shapes
/// All of the same shape, and so is the loss: one per pixel. The distances, at least 0, are those of each pixel from the
/// outlines of the prediction (taken at ½) and of the target: [`DistanceMap::field`](crate::DistanceMap::field). Panics
/// when the shapes differ or `alpha ≤ 0`.
///
/// # Gradient
/// `2 (prediction − target) (…)`: the distances are constants. No kinks.
///
/// # Estimates
/// The mean of the target at each pixel, whatever the weights; they decide which pixels come first. From 0 to ∞.
///
/// # Stability
/// Products of what is given: nothing that could be 0/0.
///
/// # Example
/// ```
/// use minimand_loss::hausdorff_distance_transform;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 0.5]);
/// let target = Tensor::from([1.0, 0.0]);
/// let (of_prediction, of_target) = (Tensor::from([1.0, 0.0]), Tensor::from([1.0, 3.0]));
/// let loss = hausdorff_distance_transform(&prediction, &target, &of_prediction, &of_target, 2.0);
/// assert_eq!(loss.to_string(), "[0.5, 2.25]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[-2, 9]");
/// ```
///
/// # When to use
/// Beside [`dice`](crate::dice), when far-off errors matter most. It misleads in the first epochs, when predicted outlines
/// are noise: the paper adds it with a growing weight. The distance of the prediction must be taken anew in each step.
///
/// # Reference
/// Karimi & Salcudean 2020, equation 8; α = 2.
///
/// # See also
/// [`hausdorff_erosion`], [`boundary`](crate::boundary), [`DistanceMap`](crate::DistanceMap).
#[doc(alias = "HausdorffDTLoss")]
#[track_caller]
pub fn hausdorff_distance_transform(
    prediction: &Tensor,
    target: &Tensor,
    prediction_distance: &Tensor,
    target_distance: &Tensor,
    alpha: f64,
) -> Tensor {
    let name = "hausdorff_distance_transform";
    same_shapes(name, ("prediction", prediction), ("target", target));
    same_shapes(name, ("prediction", prediction), ("prediction_distance", prediction_distance));
    same_shapes(name, ("prediction", prediction), ("target_distance", target_distance));
    assert!(alpha > 0.0, "{name}: alpha is {alpha} and must be greater than 0");
    let weight = prediction_distance.detach().pow(alpha) + target_distance.detach().pow(alpha);
    (prediction - target).square() * weight
}
