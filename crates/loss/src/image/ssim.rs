//! Structural similarity.

use minimand_tensor::Tensor;

use super::filter::{blurred, check_picture, gaussian, reflected};
use crate::numbers::check_divisor;
use crate::shape::same_shape;

/// The window of structural similarity, and the range of the pictures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SsimOptions {
    /// Pixels across the Gaussian window, an odd number; 11 unless said otherwise.
    pub window_size: usize,
    /// Standard deviation of the window in pixels; 1.5 unless said otherwise.
    pub sigma: f64,
    /// The difference of the greatest and the least value that a pixel can have; 1 unless said otherwise.
    pub max_value: f64,
    /// What happens at the border; `Same` unless said otherwise.
    pub padding: SsimPadding,
    /// The constant of luminance, in parts of the range; 0.01 unless said otherwise.
    pub k1: f64,
    /// The constant of contrast, in parts of the range; 0.03 unless said otherwise.
    pub k2: f64,
}

/// What happens where the window reaches beyond the border.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SsimPadding {
    /// The picture is mirrored: one loss per pixel.
    Same,
    /// Only windows inside count.
    Valid,
}

impl Default for SsimOptions {
    fn default() -> SsimOptions {
        let padding = SsimPadding::Same;
        SsimOptions { window_size: 11, sigma: 1.5, max_value: 1.0, padding, k1: 0.01, k2: 0.03 }
    }
}

/// Half of what structural similarity lacks to 1, around every pixel.
///
/// ```text
/// ℓ = ½ (1 − luminance × structure)
/// luminance = (2 μₓ μᵧ + C₁) / (μₓ² + μᵧ² + C₁)
/// structure = (2 σₓᵧ + C₂) / (σₓ² + σᵧ² + C₂)
/// μ, σ², σₓᵧ: Gaussian means, variances, covariance around a pixel; C₁ = (k1 max_value)², C₂ = (k2 max_value)²
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, height, width]` of one shape, or it panics; the loss is of that shape, or, with
/// `SsimPadding::Valid`, a window less one smaller in height and width. A picture is larger than half a window, or with `Valid` not smaller
/// than one. Channels are compared each by itself.
///
/// # Gradient
/// Smooth; 0 at the target. A pixel receives something from every window that it lies in.
///
/// # Estimates
/// The **target**, by local mean and contrast. From 0, only for equal windows, to 1.
///
/// # Stability
/// Variances are those of sum and difference of the pictures, taken about the mean of the picture, and not below 0: structure is `1 −
/// 2 Var(x − y)/(…)`, so nothing leaves its range, however bright the picture, and near equality no digits are lost.
///
/// # Example
/// ```
/// use minimand_loss::{SsimOptions, ssim};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[0.0, 1.0, 0.0], [1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]).reshape([1, 1, 3, 3]);
/// let grey = 0.5 + 0.0 * &target;
/// let loss = ssim(&grey, &target, SsimOptions { window_size: 3, ..Default::default() });
/// assert_eq!(format!("{:.4}", loss.mean()), "0.4982"); // all structure is lost
/// let towards = loss.mean().grad(&grey) * (&target - 0.5); // downhill is towards the target
/// assert!(towards.sum().item() < 0.0);
/// ```
///
/// # When to use
/// To restore or compress pictures, where blur is worse than a shade too bright; usually with an absolute error, which holds the colours. It
/// misleads in dark and flat regions, where C₁ and C₂ decide, and so when `max_value` is not the range of the pixels; and it hardly sees
/// shifts of colour.
///
/// # Reference
/// Wang et al., *Image Quality Assessment: From Error Visibility to Structural Similarity*, 2004, equation 13; its windows are `Valid`. Usual:
/// as the default. Kornia's `ssim_loss` adds 10⁻¹² to the denominator; torchmetrics averages the similarity over a picture.
///
/// # See also
/// [`ms_ssim`](crate::ms_ssim) for several scales; [`ssim_3d`] for volumes; [`psnr`](crate::psnr).
#[doc(alias = "ssim_loss")]
#[doc(alias = "SSIMLoss")]
#[doc(alias = "structural_similarity_index_measure")]
#[track_caller]
pub fn ssim(prediction: &Tensor, target: &Tensor, options: SsimOptions) -> Tensor {
    same_shape("ssim", prediction, target);
    check_picture("ssim", ("prediction", prediction));
    dissimilarity("ssim", prediction, target, &[-2, -1], options)
}

/// [`ssim`] of volumes: windows are cubes.
///
/// ```text
/// ℓ = ½ (1 − luminance × structure)
/// luminance = (2 μₓ μᵧ + C₁) / (μₓ² + μᵧ² + C₁)
/// structure = (2 σₓᵧ + C₂) / (σₓ² + σᵧ² + C₂)
/// μ, σ², σₓᵧ: Gaussian means, variances, covariance around a voxel; C₁ = (k1 max_value)², C₂ = (k2 max_value)²
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, depth, height, width]` of one shape, or it panics; the loss is of that shape, or, with
/// `SsimPadding::Valid`, a window less one smaller along the last three.
///
/// # Gradient
/// As [`ssim`]: smooth, 0 at the target.
///
/// # Estimates
/// The **target**, by local mean and contrast. From 0 to 1.
///
/// # Stability
/// As [`ssim`]: no variance below 0, no digits lost near equality.
///
/// # Example
/// ```
/// use minimand_loss::{SsimOptions, ssim_3d};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::zeros([1, 1, 2, 2, 2]);
/// let brighter = &target + 0.1;
/// let loss = ssim_3d(&brighter, &target, SsimOptions { window_size: 3, ..Default::default() });
/// assert_eq!(format!("{:.4}", loss.mean()), "0.4950");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&brighter).sum()), "0.0980");
/// ```
///
/// # When to use
/// For scans of bodies and of materials. It misleads as [`ssim`] does, and where voxels are not cubes: the window is as many voxels deep as it
/// is wide.
///
/// # Reference
/// Wang et al., *Image Quality Assessment*, 2004, equation 13, over volumes. As Kornia's `ssim3d_loss`, which adds 10⁻¹² to the denominator.
///
/// # See also
/// [`ssim`].
#[doc(alias = "ssim3d_loss")]
#[doc(alias = "SSIM3DLoss")]
#[track_caller]
pub fn ssim_3d(prediction: &Tensor, target: &Tensor, options: SsimOptions) -> Tensor {
    same_shape("ssim_3d", prediction, target);
    let shape = prediction.shape();
    assert!(
        prediction.rank() == 5,
        "ssim_3d: prediction {shape} must have five axes, [batch, channels, depth, height, width]"
    );
    dissimilarity("ssim_3d", prediction, target, &[-3, -2, -1], options)
}

#[track_caller]
fn dissimilarity(loss: &str, prediction: &Tensor, target: &Tensor, axes: &[isize], options: SsimOptions) -> Tensor {
    let SsimOptions { window_size, sigma, max_value, padding, k1, k2 } = options;
    assert!(window_size % 2 == 1, "{loss}: window_size is {window_size} and must be odd");
    check_divisor(loss, ("sigma", sigma), prediction.dtype());
    check_divisor(loss, ("max_value", max_value), prediction.dtype());
    let least = if padding == SsimPadding::Same { window_size / 2 + 1 } else { window_size };
    for &axis in axes {
        let size = prediction.shape()[(prediction.rank() as isize + axis) as usize];
        let shape = prediction.shape();
        assert!(size >= least, "{loss}: axis {axis} of prediction {shape} is too short for a window of {window_size}");
    }
    let mirrored = |x: &Tensor| match padding {
        SsimPadding::Same => axes.iter().fold(x.clone(), |x, &axis| reflected(&x, axis, window_size / 2)),
        SsimPadding::Valid => x.clone(),
    };
    let window = gaussian(window_size, sigma);
    let (darkness, lack) = Moments::of(&mirrored(prediction), &mirrored(target), axes, &window)
        .lacks((k1 * max_value).powi(2), (k2 * max_value).powi(2));
    0.5 * (&darkness + (1.0 - &darkness) * lack)
}

/// Local means and variances of the sum and of the difference of two pictures.
pub(super) struct Moments {
    mean_of_sum: Tensor,
    mean_of_difference: Tensor,
    variance_of_sum: Tensor,
    variance_of_difference: Tensor,
}

impl Moments {
    #[track_caller]
    pub(super) fn of(prediction: &Tensor, target: &Tensor, axes: &[isize], window: &[f64]) -> Moments {
        let moments = |x: Tensor| {
            // A variance does not depend on where it is taken about; near the mean its terms are small.
            let centre = x.mean_keepdim(axes).detach();
            let centred = x - &centre;
            let mean = blurred(&centred, axes, window);
            let variance = blurred(&centred.square(), axes, window) - mean.square();
            (mean + centre, variance.clamp_min(0))
        };
        let (mean_of_sum, variance_of_sum) = moments(prediction + target);
        let (mean_of_difference, variance_of_difference) = moments(prediction - target);
        Moments { mean_of_sum, mean_of_difference, variance_of_sum, variance_of_difference }
    }

    /// What luminance and structure lack to 1.
    #[track_caller]
    pub(super) fn lacks(&self, c1: f64, c2: f64) -> (Tensor, Tensor) {
        // μₓ² + μᵧ² is half the sum of the squares of the means of sum and difference, and so are the variances.
        let (sum, difference) = (self.mean_of_sum.square(), self.mean_of_difference.square());
        let darkness = 2.0 * &difference / (sum + &difference + 2.0 * c1);
        let lack =
            2.0 * &self.variance_of_difference / (&self.variance_of_sum + &self.variance_of_difference + 2.0 * c2);
        (darkness, lack)
    }
}
