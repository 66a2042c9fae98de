//! Peak signal-to-noise ratio.

use std::f64::consts::LN_10;

use minimand_tensor::Tensor;

use super::filter::check_picture;
use crate::numbers::{check_divisor, check_finite};
use crate::shape::same_shape;

/// The range of the pictures, and the ratio beyond which they count as equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PsnrOptions {
    /// The difference of the greatest and the least value that a pixel can have; 1 unless said otherwise.
    pub max_value: f64,
    /// The greatest ratio in decibels; 200 unless said otherwise.
    pub ceiling: f64,
}

impl Default for PsnrOptions {
    fn default() -> PsnrOptions {
        PsnrOptions { max_value: 1.0, ceiling: 200.0 }
    }
}

/// Negative peak signal-to-noise ratio in decibels: the logarithm of the mean squared error of a picture.
///
/// ```text
/// ℓᵢ = max(10 ln(eᵢ / max_value²) / ln 10, −ceiling)
/// eᵢ = Σⱼ Σₖ Σₗ (predictionᵢⱼₖₗ − targetᵢⱼₖₗ)² / (Σⱼ Σₖ Σₗ 1)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, height, width]` of one shape, or it panics; the loss is `[batch]`.
///
/// # Gradient
/// `(10 / ln 10) ∇e / e`: that of the squared error, divided by it. 0 at and beyond the ceiling.
///
/// # Estimates
/// The **mean** of the target for a given input, as the squared error, each picture by itself. From `−ceiling` to ∞.
///
/// # Stability
/// Equal pictures have loss `−ceiling` and gradient 0, where Kornia has -∞ and NaN.
///
/// # Example
/// ```
/// use minimand_loss::{PsnrOptions, psnr};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[0.5, 0.5], [0.5, 0.5]]).reshape([1, 1, 2, 2]);
/// let prediction = &target + 0.1;
/// let loss = psnr(&prediction, &target, PsnrOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[-20.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[21.7147, 21.7147, 21.7147, 21.7147]");
/// ```
///
/// # When to use
/// Where the score is the PSNR, as in super-resolution: every picture then counts by its relative error. It misleads near perfection, where
/// the gradient grows without bound, and as a measure of what is seen: blur costs little. PSNRs of different `max_value` do not compare.
///
/// # Reference
/// Huynh-Thu, Ghanbari, *Scope of Validity of PSNR in Image/Video Quality Assessment*, 2008. Usual: `max_value` 1 or 255; 8-bit rounding
/// alone gives 59 dB. Kornia's `psnr_loss` takes the error over the whole batch.
///
/// # See also
/// [`squared_error`](crate::squared_error); [`ssim`](crate::ssim), which minds structure.
#[doc(alias = "psnr_loss")]
#[doc(alias = "PSNRLoss")]
#[doc(alias = "peak_signal_noise_ratio")]
#[track_caller]
pub fn psnr(prediction: &Tensor, target: &Tensor, options: PsnrOptions) -> Tensor {
    same_shape("psnr", prediction, target);
    check_picture("psnr", ("prediction", prediction));
    let PsnrOptions { max_value, ceiling } = options;
    check_divisor("psnr", ("max_value", max_value), prediction.dtype());
    check_finite("psnr", ("ceiling", ceiling), prediction.dtype());
    let error = ((prediction - target) / max_value).square().mean_axis([1, 2, 3]);
    let equal = error.eq(0);
    let decibels = (10.0 / LN_10) * equal.select(1, error).ln();
    (equal | decibels.le(-ceiling)).select(-ceiling, decibels)
}
