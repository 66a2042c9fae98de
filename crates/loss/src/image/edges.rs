//! Pictures compared by their edges, and scale by scale.

use minimand_tensor::Tensor;

use super::filter::{blurred, differences, reflected};
use crate::shape::same_shape;

/// Sum of the differences in steepness of two pictures between neighbouring pixels.
///
/// ```text
/// ℓ = Σᵢ Σⱼ (aᵢⱼ^α + bᵢⱼ^α)
/// aᵢⱼ = ||prediction[i, j] − prediction[i − 1, j]| − |target[i, j] − target[i − 1, j]|| if i > 0 else 0
/// bᵢⱼ = ||prediction[i, j] − prediction[i, j − 1]| − |target[i, j] − target[i, j − 1]|| if j > 0 else 0
/// α = alpha
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, height, width]` of one shape, or it panics; the loss is `[…]`. `alpha` is at least 1.
///
/// # Gradient
/// `α |·|^(α−1)` with the signs of both absolute values; 0 at their kinks: where neighbours of the prediction are equal, and, for α = 1, where
/// both pictures are as steep.
///
/// # Estimates
/// The **steepness** of the target at every place, not its direction: up and down are alike. From 0 on; a penalty beside a loss of pixels.
///
/// # Stability
/// Only differences; a single row or column adds 0.
///
/// # Example
/// ```
/// use minimand_loss::gradient_difference;
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[0.0, 0.0, 1.0]]);
/// let blurred = Tensor::from([[0.0, 0.5, 1.0]]);
/// let loss = gradient_difference(&blurred, &target, 1.0);
/// assert_eq!(loss.to_string(), "1");
/// assert_eq!(loss.grad(&blurred).to_string(), "[[-1, 2, -1]]");
/// ```
///
/// # When to use
/// To predict frames of a video, or to restore, beside an absolute or squared error, against blur. It misleads alone: pictures of opposite
/// edges are as good; and a prediction that is flat has no gradient, at the kink.
///
/// # Reference
/// Mathieu, Couprie, LeCun, *Deep Multi-Scale Video Prediction Beyond Mean Square Error*, ICLR 2016, equation 6. Usual: α = 1 or 2.
///
/// # See also
/// [`laplacian_pyramid`]; [`total_variation`](crate::total_variation).
#[doc(alias = "GDL")]
#[track_caller]
pub fn gradient_difference(prediction: &Tensor, target: &Tensor, alpha: f64) -> Tensor {
    same_shape("gradient_difference", prediction, target);
    let shape = prediction.shape();
    assert!(prediction.rank() >= 2, "gradient_difference: prediction {shape} must have at least two axes");
    assert!(alpha >= 1.0, "gradient_difference: alpha is {alpha} and must be at least 1");
    let along = |axis: isize| {
        let steepness = differences(prediction, axis).abs() - differences(target, axis).abs();
        steepness.abs().pow(alpha).sum_axis([-2, -1])
    };
    along(-2) + along(-1)
}

/// Absolute differences of the Laplacian pyramids of two pictures, coarse levels counting more.
///
/// ```text
/// ℓ = Σ{s < S} 4ˢ ‖Lₛ(prediction) − Lₛ(target)‖₁ + 4ˢ ‖G_S(prediction) − G_S(target)‖₁
/// Lₛ = Gₛ − blur(Gₛ)
/// Gₛ₊₁ = every second pixel of blur(Gₛ)
/// S = levels
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, height, width]` of one shape, or it panics; the loss is `[…]`. The blur has the weights 1, 4, 6, 4, 1 in
/// sixteenths along both axes, on a mirrored picture; before each level both axes have at least 3 pixels.
///
/// # Gradient
/// The signs of all bands, through the transposed blurs, weighted by `4ˢ`; 0 for bands that are equal.
///
/// # Estimates
/// The **target**, by bands of frequencies; each is compared as its median. From 0 on.
///
/// # Stability
/// The pyramid is linear: it is built once, of the difference.
///
/// # Example
/// ```
/// use minimand_loss::laplacian_pyramid;
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::zeros([4, 4]);
/// let brighter = &target + 1.0;
/// let loss = laplacian_pyramid(&brighter, &target, 1);
/// assert_eq!(format!("{loss:.4}"), "16.0000"); // all in the coarse rest of 2 × 2 pixels, each counting 4
/// assert_eq!(format!("{:.4}", loss.grad(&brighter).sum()), "16.0000");
/// ```
///
/// # When to use
/// For autoencoders, mattes and frames: unlike the absolute error, shifts of coarse structure cost as what they are. It misleads at fine
/// detail, which counts least; the sum grows with the picture.
///
/// # Reference
/// Bojanowski et al., *Optimizing the Latent Space of Generative Networks*, ICML 2018, section 3 (`Σ 2^(2j) |L_j|`); Burt, Adelson, 1983. Bands
/// are the blurred away part at full size, as in common code, not the difference to the enlarged next level.
///
/// # See also
/// [`gradient_difference`]; [`absolute_error`](crate::absolute_error), which is level 0 alone.
#[doc(alias = "LapLoss")]
#[track_caller]
pub fn laplacian_pyramid(prediction: &Tensor, target: &Tensor, levels: usize) -> Tensor {
    same_shape("laplacian_pyramid", prediction, target);
    let shape = prediction.shape();
    assert!(prediction.rank() >= 2, "laplacian_pyramid: prediction {shape} must have at least two axes");
    let window = [1.0, 4.0, 6.0, 4.0, 1.0].map(|weight| weight / 16.0);
    let mut rest = prediction - target;
    let mut sum: Option<Tensor> = None;
    for level in 0..=levels {
        let weight = 4f64.powi(level as i32);
        let band = if level == levels {
            rest.clone()
        } else {
            let sizes = &rest.shape()[rest.rank() - 2..];
            let large = sizes.iter().all(|&size| size >= 3);
            assert!(large, "laplacian_pyramid: prediction {shape} is too small for {levels} levels");
            let mirrored = reflected(&reflected(&rest, -2, 2), -1, 2);
            let smooth = blurred(&mirrored, &[-2, -1], &window);
            let band = rest - &smooth;
            rest = smooth.slice_step(-2, .., 2).slice_step(-1, .., 2);
            band
        };
        let distance = weight * band.abs().sum_axis([-2, -1]);
        sum = Some(sum.map_or_else(|| distance.clone(), |sum| sum + &distance));
    }
    sum.expect("there is a rest")
}
