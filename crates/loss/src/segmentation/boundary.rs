//! Losses of outlines.

use minimand_tensor::Tensor;

use crate::shape::{same_shape, same_shapes};

/// Foreground probability times the signed distance of its pixel from the true outline.
///
/// ```text
/// ℓ = prediction · distance
/// ```
///
/// # Shapes
/// `prediction` (probabilities) and `distance` of the same shape, and so has the loss: one per pixel. The distance is above 0
/// outside of the true region and below inside: [`DistanceMap::signed`](crate::DistanceMap::signed). Panics when the shapes
/// differ.
///
/// # Gradient
/// The distance, constant. No kinks.
///
/// # Estimates
/// The region itself: the mean is least where the probability is 1 inside and 0 outside. Without lower bound but that of the
/// distances; it may be below 0.
///
/// # Stability
/// A product. Infinite distances, of masks without foreground, must have been replaced, as `signed` does.
///
/// # Example
/// ```
/// use minimand_loss::{DistanceMap, boundary};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[[0.0], [1.0], [1.0], [1.0], [0.0]]]);
/// let prediction = target.full_like(0.5);
/// let loss = boundary(&prediction, &DistanceMap::new(&target).signed());
/// assert_eq!(loss.flatten().to_string(), "[0.5, 0, -0.5, 0, 0.5]");
/// assert_eq!(loss.sum().grad(&prediction).flatten().to_string(), "[1, 0, -1, 0, 1]");
/// ```
///
/// # When to use
/// Beside [`dice`](crate::dice) for very unbalanced regions: it sees how far off a pixel is. It misleads alone: empty predictions are
/// nearly stationary, and images without foreground say nothing.
///
/// # Reference
/// Kervadec et al. 2019, "Boundary loss for highly unbalanced segmentation", equation 5. Usual: a weight that grows
/// from 0.01 by 0.01 each epoch while that of the region loss shrinks.
///
/// # See also
/// [`hausdorff_distance_transform`](crate::hausdorff_distance_transform), [`DistanceMap`](crate::DistanceMap).
#[doc(alias = "BoundaryLoss")]
#[doc(alias = "SurfaceLoss")]
#[track_caller]
pub fn boundary(prediction: &Tensor, distance: &Tensor) -> Tensor {
    same_shapes("boundary", ("prediction", prediction), ("distance", distance));
    prediction * distance
}

/// Length of a predicted outline and the errors inside and outside of it (Chan and Vese), per image.
///
/// ```text
/// ℓᵢ = Σ{j, k, l, m : l = j + 1 and m = k + 1}
///   √((prediction[i, l, k] − predictionᵢⱼₖ)² + (prediction[i, j, m] − predictionᵢⱼₖ)²)
///   + λ Σⱼₖ (predictionᵢⱼₖ (1 − targetᵢⱼₖ)² + (1 − predictionᵢⱼₖ) targetᵢⱼₖ²)
/// λ = region_weight
/// ```
///
/// # Shapes
/// `prediction` (probabilities) and `target` (0 to 1) of the same shape `[…, rows, columns]`; one loss per image, shape `[…]`.
/// Panics when the shapes differ, there are fewer than two axes, or `region_weight < 0`.
///
/// # Gradient
/// That of the formula; 0 for the length where the prediction is level, a kink.
///
/// # Estimates
/// A smooth region: the mask of least error whose outline is short. From 0 to ∞; of the order of the number of pixels.
///
/// # Stability
/// The root of 0 has gradient 0, without a constant under it.
///
/// # Example
/// ```
/// use minimand_loss::active_contour;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[0.0, 0.4], [0.3, 0.0]]);
/// let target = Tensor::from([[0.0, 1.0], [0.0, 0.0]]);
/// let loss = active_contour(&prediction, &target, 1.0);
/// assert_eq!(format!("{loss:.4}"), "1.4000");
/// assert_eq!(format!("{:.4}", loss.grad(&prediction)), "[[-0.4000, -0.2000],\n [1.6000, 1.0000]]");
/// ```
///
/// # When to use
/// When outlines should be smooth and training masks are ragged. It misleads on thin structures, which a short outline loses.
///
/// # Reference
/// Chen et al. 2019, "Learning active contour models for medical image segmentation", equations 4 to 6, with the means 1
/// and 0 inside and outside. Usual: λ = 1. Their code adds 1e-8 under the root and takes the differences of a pixel
/// and its diagonal neighbour.
///
/// # See also
/// [`boundary`], [`dice`](crate::dice).
#[doc(alias = "ActiveContourLoss")]
#[doc(alias = "chan_vese")]
#[track_caller]
pub fn active_contour(prediction: &Tensor, target: &Tensor, region_weight: f64) -> Tensor {
    same_shape("active_contour", prediction, target);
    let shape = prediction.shape();
    assert!(shape.rank() >= 2, "active_contour: prediction {shape} must have the axes [images…, rows, columns]");
    assert!(region_weight >= 0.0, "active_contour: region_weight is {region_weight} and must not be below 0");
    let (rows, columns) = (shape[shape.rank() - 2], shape[shape.rank() - 1]);
    let part = |row: usize, column: usize| {
        let (end, edge) = ((rows + row).max(1) - 1, (columns + column).max(1) - 1);
        prediction.slice(-2, row..end.max(row)).slice(-1, column..edge.max(column))
    };
    let here = part(0, 0);
    let slopes = (part(1, 0) - &here).square() + (part(0, 1) - here).square();
    let region = prediction * (1.0 - target).square() + (1.0 - prediction) * target.square();
    slopes.safe_sqrt().sum_axis([-2, -1]) + region_weight * region.sum_axis([-2, -1])
}
