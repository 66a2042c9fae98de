//! Angles between colours.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// Angle between two vectors of three numbers, in radians.
///
/// ```text
/// ℓ = atan2(√((a₂ b₃ − a₃ b₂)² + (a₃ b₁ − a₁ b₃)² + (a₁ b₂ − a₂ b₁)²), a₁ b₁ + a₂ b₂ + a₃ b₃)
/// a₁ = prediction[0]
/// a₂ = prediction[1]
/// a₃ = prediction[2]
/// b₁ = target[0]
/// b₂ = target[1]
/// b₃ = target[2]
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, 3]` of one shape, or it panics; the loss is `[…]`.
///
/// # Gradient
/// A unit vector over the length of the prediction, at right angles to it, away from the target; 0 where both are parallel or opposite, and
/// where one is zero.
///
/// # Estimates
/// The **median direction** of the target (the spherical median); lengths do not count. From 0 to π.
///
/// # Stability
/// By `atan2` of the lengths of cross and dot product, of unit vectors: exact for angles near 0 and π, where `acos` loses half the digits and
/// has an infinite slope. A zero vector has angle 0.
///
/// # Example
/// ```
/// use minimand_loss::angular_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[2.0, 0.0, 0.0], [1.0, 1.0, 1.0]]);
/// let target = Tensor::from([[0.0, 3.0, 0.0], [2.0, 2.0, 2.0]]);
/// let loss = angular_error(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.5708, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[0.0000, -0.5000, 0.0000],\n [0.0000, 0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// To estimate the colour of light, or normals of surfaces, where length means nothing. It misleads for dark pixels, whose direction is noise
/// but counts as much; and its slope is the same at every angle, so a cosine converges more calmly.
///
/// # Reference
/// Barnard, Cardei, Funt, *A Comparison of Computational Color Constancy Algorithms*, 2002; usual in degrees, here in radians.
///
/// # See also
/// [`squared_error`](crate::squared_error), where lengths count.
#[doc(alias = "recovery angular error")]
#[track_caller]
pub fn angular_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("angular_error", prediction, target);
    let shape = prediction.shape();
    assert!(shape.last() == Some(&3), "angular_error: prediction {shape} must have 3 entries along the last axis");
    let (a, b) = (prediction.normalize(-1), target.normalize(-1));
    let turned = |x: &Tensor, by: usize| x.index_select(-1, [by % 3, (by + 1) % 3, (by + 2) % 3]);
    let cross = turned(&a, 1) * turned(&b, 2) - turned(&a, 2) * turned(&b, 1);
    cross.norm_axis(-1).atan2((a * b).sum_axis(-1))
}
