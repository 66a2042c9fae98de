//! Depth that is smooth where the picture is.

use minimand_tensor::Tensor;

use super::filter::{check_picture, differences, mean_or_zero};

/// Mean absolute differences of neighbouring inverse depths, forgiven where the picture has an edge.
///
/// ```text
/// ℓ = mean(|∂ₓ inverse_depth| wₓ) + mean(|∂ᵧ inverse_depth| wᵧ)
/// wₓ = exp(−mean over channels of |∂ₓ image|)
/// wᵧ = exp(−mean over channels of |∂ᵧ image|)
/// ```
///
/// # Shapes
/// `inverse_depth` is `[batch, maps, height, width]`, usually of one map, and `image` `[batch, channels, height, width]`; the loss is
/// `[batch]`. Anything else panics.
///
/// # Gradient
/// By the inverse depth the weighted signs of its differences, 0 where neighbours are equal; by the picture towards stronger edges where the
/// depth has one (detach it where it is computed).
///
/// # Estimates
/// A **constant** depth, the only one of loss 0: a penalty, beside a loss of the data. From 0 on.
///
/// # Stability
/// The weights are exponentials of what is not positive. A single row or column has no differences and adds 0.
///
/// # Example
/// ```
/// use minimand_loss::inverse_depth_smoothness;
/// use minimand_tensor::Tensor;
///
/// let depth = Tensor::from([1.0, 1.0, 3.0]).reshape([1, 1, 1, 3]);
/// let edge = Tensor::from([0.0, 0.0, 1.0]).reshape([1, 1, 1, 3]);
/// let loss = inverse_depth_smoothness(&depth, &edge);
/// assert_eq!(format!("{loss:.4}"), "[0.3679]"); // the step costs 2/e, over two places
/// assert_eq!(format!("{:.4}", loss.sum().grad(&depth).flatten()), "[0.0000, -0.1839, 0.1839]");
/// ```
///
/// # When to use
/// For depth or disparity learned from stereo or video, where plain surfaces give no other signal. It misleads on the scale: halving all
/// inverse depths halves it, so divide by their mean first; and textured flat surfaces look like edges. The weight knows the range of the
/// picture: 0 to 1 forgives less than 0 to 255.
///
/// # Reference
/// Godard, Mac Aodha, Brostow, *Unsupervised Monocular Depth Estimation with Left-Right Consistency*, CVPR 2017, equation 3. As Kornia's
/// `inverse_depth_smoothness_loss`, one for each picture.
///
/// # See also
/// [`total_variation`](crate::total_variation) without a picture.
#[doc(alias = "inverse_depth_smoothness_loss")]
#[doc(alias = "InverseDepthSmoothnessLoss")]
#[track_caller]
pub fn inverse_depth_smoothness(inverse_depth: &Tensor, image: &Tensor) -> Tensor {
    const NAME: &str = "inverse_depth_smoothness";
    check_picture(NAME, ("inverse_depth", inverse_depth));
    check_picture(NAME, ("image", image));
    let (d, i) = (inverse_depth.shape(), image.shape());
    assert!(
        d[0] == i[0] && d[2..] == i[2..],
        "{NAME}: inverse_depth {d} and image {i} must agree in batch, height and width"
    );
    let along = |axis: isize| {
        let weight = (-differences(image, axis).abs().mean_keepdim(1)).exp();
        mean_or_zero(&(differences(inverse_depth, axis).abs() * weight), &[1, 2, 3].map(|axis: isize| axis - 4))
    };
    along(-1) + along(-2)
}
