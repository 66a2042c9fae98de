//! Total variation.

use minimand_tensor::Tensor;

use super::filter::differences;

/// Sum of the absolute differences of neighbouring pixels.
///
/// ```text
/// ℓ = Σᵢ Σⱼ (aᵢⱼ + bᵢⱼ)
/// aᵢⱼ = |imageᵢⱼ − image[i − 1, j]| if i > 0 else 0
/// bᵢⱼ = |imageᵢⱼ − image[i, j − 1]| if j > 0 else 0
/// ```
///
/// # Shapes
/// `image` is `[…, height, width]`, or it panics; the loss is `[…]`: for `[batch, channels, height, width]` one per channel.
///
/// # Gradient
/// Per pixel the signs of its differences from its four neighbours, summed; 0 for neighbours that are equal.
///
/// # Estimates
/// A **constant** picture, the only one of loss 0: a penalty, to be added to a loss of the data. Up to ∞.
///
/// # Stability
/// Only differences; a single row, column or pixel is legal.
///
/// # Example
/// ```
/// use minimand_loss::total_variation;
/// use minimand_tensor::Tensor;
///
/// let image = Tensor::from([[0.0, 1.0], [0.0, 3.0]]);
/// let loss = total_variation(&image);
/// assert_eq!(loss.to_string(), "6");
/// assert_eq!(loss.grad(&image).to_string(), "[[-1, 0],\n [-1, 2]]");
/// ```
///
/// # When to use
/// Beside a loss of the data, to remove noise and keep edges: a step costs as much as a ramp of the same height. It misleads into staircases
/// and plain patches, and prefers edges along the axes; the sum grows with the picture, so its weight depends on the size (Kornia's "mean"
/// divides by the number of differences).
///
/// # Reference
/// Rudin, Osher, Fatemi, *Nonlinear Total Variation Based Noise Removal Algorithms*, 1992, in the anisotropic form. As Kornia's
/// `total_variation`, "sum".
///
/// # See also
/// [`total_variation_isotropic`]; [`inverse_depth_smoothness`](crate::inverse_depth_smoothness), which spares edges of a picture.
#[doc(alias = "TotalVariation")]
#[track_caller]
pub fn total_variation(image: &Tensor) -> Tensor {
    check("total_variation", image);
    differences(image, -2).abs().sum_axis([-2, -1]) + differences(image, -1).abs().sum_axis([-2, -1])
}

/// Sum of the lengths of the gradients of a picture.
///
/// ```text
/// ℓ = Σᵢ Σⱼ √(aᵢⱼ² + bᵢⱼ²)
/// aᵢⱼ = image[i + 1, j] − imageᵢⱼ if i < h else 0
/// bᵢⱼ = image[i, j + 1] − imageᵢⱼ if j < w else 0
/// h = Σᵢ 1 − 1
/// w = Σⱼ 1 − 1
/// ```
///
/// # Shapes
/// `image` is `[…, height, width]`, or it panics; the loss is `[…]`. Beyond the border the picture goes on as it ends.
///
/// # Gradient
/// `−div(∇u/‖∇u‖)`, discretely: each difference divided by the length of its gradient; 0 where that is 0.
///
/// # Estimates
/// A **constant** picture, the only one of loss 0: a penalty. Up to ∞.
///
/// # Stability
/// The length of a gradient is a norm with gradient 0 at 0, and no ε rounds off the edges.
///
/// # Example
/// ```
/// use minimand_loss::total_variation_isotropic;
/// use minimand_tensor::Tensor;
///
/// let image = Tensor::from([[0.0, 3.0], [4.0, 0.0]]);
/// let loss = total_variation_isotropic(&image);
/// assert_eq!(loss.to_string(), "12"); // 5 + 3 + 4
/// assert_eq!(format!("{:.1}", loss.grad(&image)), "[[-1.4, 1.6],\n [1.8, -2.0]]");
/// ```
///
/// # When to use
/// As [`total_variation`], where edges of all directions should cost the same. It misleads as that does; and as only two of the four
/// neighbours are looked at from each pixel, it is not quite the same in all directions either.
///
/// # Reference
/// Rudin, Osher, Fatemi, *Nonlinear Total Variation Based Noise Removal Algorithms*, 1992, equation 2.3; forward differences as in
/// Chambolle 2004 and TensorFlow's and MONAI's relatives.
///
/// # See also
/// [`total_variation`].
#[doc(alias = "isotropic TV")]
#[track_caller]
pub fn total_variation_isotropic(image: &Tensor) -> Tensor {
    check("total_variation_isotropic", image);
    let to_end = |axis: isize| {
        let used = image.shape()[(image.rank() as isize + axis) as usize].min(1);
        differences(image, axis).pad(axis, 0, used)
    };
    Tensor::stack([&to_end(-2), &to_end(-1)], -1).norm_axis(-1).sum_axis([-2, -1])
}

#[track_caller]
fn check(loss: &str, image: &Tensor) {
    assert!(image.rank() >= 2, "{loss}: image {} must have at least two axes, […, height, width]", image.shape());
}
