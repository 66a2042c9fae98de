//! Loss of key points.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// One minus object keypoint similarity: how far key points are off, relative to the object and to how sharply they are defined.
///
/// ```text
/// ℓ = Σₖ visibleₖ (1 − exp(−dₖ / (2 area falloffₖ²))) / max(1, Σₖ visibleₖ)
/// dₖ = (prediction[k, 0] − target[k, 0])² + (prediction[k, 1] − target[k, 1])²
/// ```
///
/// # Shapes
/// `prediction` and `target` of shape `[…, keypoints, 2]`, `visible` of shape `[…, keypoints]` (true where the point is
/// labelled), `area > 0` of the object (its scale squared) of shape `[…]`, `falloff > 0` of shape `[keypoints]`; one loss per
/// object, shape `[…]`. An object without visible points has loss 0. Panics when the shapes do not fit.
///
/// # Gradient
/// `exp(−e) (prediction − target)/(area falloff²)` over the number of visible points; 0 for the others, whatever they hold.
/// It fades for points far off. No kinks.
///
/// # Estimates
/// The mode of the position on the scale of `falloff`. From 0, where all visible points are right, to 1.
///
/// # Stability
/// By `1 − exp(−e)` exact near 0; invisible points are replaced before the exponential.
///
/// # Example
/// ```
/// use minimand_loss::oks_keypoint;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[1.0, 0.0], [5.0, 5.0]]]);
/// let target = Tensor::from([[[0.0, 0.0], [f64::NAN, 0.0]]]);
/// let visible = Tensor::from([[true, false]]);
/// let (area, falloff) = (Tensor::from([2.0]), Tensor::from([0.5, 0.5]));
/// let loss = oks_keypoint(&prediction, &target, &visible, &area, &falloff);
/// assert_eq!(format!("{loss:.4}"), "[0.6321]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[0.7358, 0.0000, 0.0000, 0.0000]");
/// ```
///
/// # When to use
/// For poses judged by object keypoint similarity. It misleads early in training, when points are so far off that nothing
/// draws them: begin with [`smooth_l1`](crate::smooth_l1).
///
/// # Reference
/// Maji et al. 2022, "YOLO-Pose", equation 4; the similarity of COCO, whose falloff is twice its published "sigmas":
/// 0.052 for the nose, 0.214 for hips.
///
/// # See also
/// [`smooth_l1`](crate::smooth_l1), [`heatmap_focal`](crate::heatmap_focal).
#[doc(alias = "OKSLoss")]
#[doc(alias = "object_keypoint_similarity")]
#[track_caller]
pub fn oks_keypoint(prediction: &Tensor, target: &Tensor, visible: &Tensor, area: &Tensor, falloff: &Tensor) -> Tensor {
    same_shape("oks_keypoint", prediction, target);
    let shape = prediction.shape();
    let fits = shape.rank() >= 2 && shape[shape.rank() - 1] == 2;
    assert!(fits, "oks_keypoint: prediction {shape} must have the axes [objects…, keypoints, 2]");
    let (points, objects) = (&shape[..shape.rank() - 1], &shape[..shape.rank() - 2]);
    assert!(
        **visible.shape() == *points,
        "oks_keypoint: visible {} and prediction {shape} do not fit",
        visible.shape()
    );
    assert!(**area.shape() == *objects, "oks_keypoint: area {} and prediction {shape} do not fit", area.shape());
    let falloff_fits = *falloff.shape() == [points[points.len() - 1]];
    assert!(falloff_fits, "oks_keypoint: falloff {} and prediction {shape} do not fit", falloff.shape());
    let off = visible.unsqueeze(-1).select(prediction - target, 0).square().sum_axis(-1);
    let costs = -(-(off / (2.0 * area.unsqueeze(-1) * falloff.square()))).exp_m1();
    let count = visible.cast(prediction.dtype()).sum_axis(-1).clamp_min(1);
    costs.sum_axis(-1) / count
}
