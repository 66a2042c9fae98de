//! Structural similarity at several scales.

use minimand_tensor::Tensor;

use super::filter::{blurred, check_picture, gaussian};
use super::ssim::Moments;
use crate::numbers::check_divisor;
use crate::shape::same_shape;

/// The weights of the scales, and the window and range of [`ms_ssim`].
#[derive(Clone, Debug, PartialEq)]
pub struct MsSsimOptions {
    /// The exponent of each scale, from fine to coarse; 0.0448, 0.2856, 0.3001, 0.2363, 0.1333 unless said otherwise.
    pub weights: Vec<f64>,
    /// Pixels across the Gaussian window, an odd number; 11 unless said otherwise.
    pub window_size: usize,
    /// Standard deviation of the window in pixels; 1.5 unless said otherwise.
    pub sigma: f64,
    /// The difference of the greatest and the least value that a pixel can have; 1 unless said otherwise.
    pub max_value: f64,
    /// The constant of luminance, in parts of the range; 0.01 unless said otherwise.
    pub k1: f64,
    /// The constant of contrast, in parts of the range; 0.03 unless said otherwise.
    pub k2: f64,
}

impl Default for MsSsimOptions {
    fn default() -> MsSsimOptions {
        let weights = vec![0.0448, 0.2856, 0.3001, 0.2363, 0.1333];
        MsSsimOptions { weights, window_size: 11, sigma: 1.5, max_value: 1.0, k1: 0.01, k2: 0.03 }
    }
}

/// The windows, range and mixture of [`ms_ssim_l1`].
#[derive(Clone, Debug, PartialEq)]
pub struct MsSsimL1Options {
    /// Standard deviations of the windows in pixels; 0.5, 1, 2, 4, 8 unless said otherwise.
    pub sigmas: Vec<f64>,
    /// The difference of the greatest and the least value that a pixel can have; 1 unless said otherwise.
    pub max_value: f64,
    /// The constant of luminance, in parts of the range; 0.01 unless said otherwise.
    pub k1: f64,
    /// The constant of contrast, in parts of the range; 0.03 unless said otherwise.
    pub k2: f64,
    /// The share of the structural similarity; 0.025 unless said otherwise.
    pub alpha: f64,
    /// What the whole is multiplied by; 200 unless said otherwise.
    pub compensation: f64,
}

impl Default for MsSsimL1Options {
    fn default() -> MsSsimL1Options {
        let sigmas = vec![0.5, 1.0, 2.0, 4.0, 8.0];
        MsSsimL1Options { sigmas, max_value: 1.0, k1: 0.01, k2: 0.03, alpha: 0.025, compensation: 200.0 }
    }
}

/// What structural similarity over a pyramid of scales lacks to 1.
///
/// ```text
/// ℓ = 1 − mean over channels of similarity^w_S Π{s < S} structure_s^w_s
/// structure_s = max(mean of structure at scale s, 0)
/// similarity = max(mean of luminance × structure at the coarsest scale S, 0)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, height, width]` of one shape, or it panics; the loss is `[batch]`. From scale to scale
/// height and width are halved by the mean of 2 × 2 pixels, an odd last row or column left out; the coarsest must still hold a window, 176
/// pixels with five scales and a window of 11.
///
/// # Gradient
/// Smooth where every structure is positive, 0 at the target; 0 for a channel one of whose scales is not positive.
///
/// # Estimates
/// The **target**, by contrast at every scale and luminance at the coarsest. From 0 to 1.
///
/// # Stability
/// Structure can be negative, and a fractional power of that is NaN: it counts as 0, with gradient 0. Variances as in
/// [`ssim`](crate::ssim), never below 0.
///
/// # Example
/// ```
/// use minimand_loss::{MsSsimOptions, ms_ssim};
/// use minimand_tensor::{Rng, Tensor};
///
/// let target = Tensor::uniform([1, 1, 8, 8], 0.0, 1.0, &mut Rng::seed(1));
/// let options = MsSsimOptions { weights: vec![0.4, 0.6], window_size: 3, ..Default::default() };
/// let prediction = 0.9 * &target;
/// let loss = ms_ssim(&prediction, &target, &options);
/// assert!(loss.sum().item() > 0.0 && loss.sum().item() < 0.02);
/// assert_eq!(ms_ssim(&target, &target, &options).to_string(), "[0]");
/// assert_eq!(loss.sum().grad(&prediction).shape().to_string(), "[1, 1, 8, 8]");
/// ```
///
/// # When to use
/// To restore pictures that are seen from various distances. It misleads where [`ssim`](crate::ssim) does, and at the start of training: a
/// prediction whose structure opposes the target's at one scale has no gradient at all, so add an absolute error.
///
/// # Reference
/// Wang, Simoncelli, Bovik, *Multi-Scale Structural Similarity for Image Quality Assessment*, 2003, equation 7. Usual: as the default. All
/// windows lie inside the picture, as in the paper's code; torchmetrics' coarsest scale has mirrored borders.
///
/// # See also
/// [`ms_ssim_l1`], Kornia's `MS_SSIMLoss`; [`ssim`](crate::ssim).
#[doc(alias = "multiscale_structural_similarity_index_measure")]
#[doc(alias = "MS-SSIM")]
#[track_caller]
pub fn ms_ssim(prediction: &Tensor, target: &Tensor, options: &MsSsimOptions) -> Tensor {
    const NAME: &str = "ms_ssim";
    same_shape(NAME, prediction, target);
    check_picture(NAME, ("prediction", prediction));
    let &MsSsimOptions { ref weights, window_size, sigma, max_value, k1, k2 } = options;
    assert!(window_size % 2 == 1, "{NAME}: window_size is {window_size} and must be odd");
    assert!(!weights.is_empty(), "{NAME}: there is no scale");
    check_divisor(NAME, ("sigma", sigma), prediction.dtype());
    check_divisor(NAME, ("max_value", max_value), prediction.dtype());
    let (height, width) = (prediction.shape()[2], prediction.shape()[3]);
    let coarsest = height.min(width) >> (weights.len() - 1);
    assert!(
        coarsest >= window_size,
        "{NAME}: prediction {} is too small for {} scales with a window of {window_size}",
        prediction.shape(),
        weights.len()
    );
    let window = gaussian(window_size, sigma);
    let (mut prediction, mut target) = (prediction.clone(), target.clone());
    let mut similarity: Option<Tensor> = None;
    for (scale, &weight) in weights.iter().enumerate() {
        let (darkness, lack) = Moments::of(&prediction, &target, &[-2, -1], &window)
            .lacks((k1 * max_value).powi(2), (k2 * max_value).powi(2));
        let structure = if scale + 1 < weights.len() { 1.0 - lack } else { (1.0 - darkness) * (1.0 - lack) };
        let power = power(&structure.mean_axis([-2, -1]), weight);
        similarity = Some(similarity.map_or_else(|| power.clone(), |similarity| similarity * &power));
        (prediction, target) = (halved(&prediction), halved(&target));
    }
    1.0 - similarity.expect("there is a scale").mean_axis(-1)
}

/// Structural similarity under windows of several sizes, mixed with a blurred absolute error.
///
/// ```text
/// ℓ = compensation (α (1 − mean over channels of luminance_S Π structure_s) + (1 − α) blur_S(|r|) / max_value)
/// r = prediction − target
/// s: windows of the standard deviations σ_s, the widest S
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, height, width]` of one shape, or it panics; the loss is `[batch, height, width]`. All
/// windows are `2 ⌊2 σ_S⌋ + 1` pixels across; beyond the border are zeros.
///
/// # Gradient
/// Smooth but for the kink of the absolute error, where it is that of the other part. 0 at the target.
///
/// # Estimates
/// The **target**, by structure and by level: the absolute error holds the colours. From 0 on.
///
/// # Stability
/// Exponents are 1, so negative structure is no harm; variances as in [`ssim`](crate::ssim), never below 0.
///
/// # Example
/// ```
/// use minimand_loss::{MsSsimL1Options, ms_ssim_l1};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::zeros([1, 1, 1, 1]);
/// let prediction = &target + 0.5;
/// let options = MsSsimL1Options { sigmas: vec![0.25], alpha: 0.5, compensation: 1.0, ..Default::default() };
/// let loss = ms_ssim_l1(&prediction, &target, &options);
/// assert_eq!(format!("{loss:.4}"), "[[[0.7498]]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[[[0.5008]]]]");
/// ```
///
/// # When to use
/// To restore pictures, for denoising and demosaicing, where the paper compared it with its parts. It misleads at the border, where zeros
/// count as picture; and the compensation makes losses of a few hundred, so other terms need weights to match.
///
/// # Reference
/// Zhao et al., *Loss Functions for Image Restoration with Neural Networks*, 2017, equation 14; it has α = 0.84 and blurs the error with the
/// widest window. The default is Kornia's `MS_SSIMLoss`, unreduced: α = 0.025, compensation 200.
///
/// # See also
/// [`ms_ssim`] over a pyramid; [`ssim`](crate::ssim).
#[doc(alias = "MS_SSIMLoss")]
#[track_caller]
pub fn ms_ssim_l1(prediction: &Tensor, target: &Tensor, options: &MsSsimL1Options) -> Tensor {
    const NAME: &str = "ms_ssim_l1";
    same_shape(NAME, prediction, target);
    check_picture(NAME, ("prediction", prediction));
    let &MsSsimL1Options { ref sigmas, max_value, k1, k2, alpha, compensation } = options;
    check_divisor(NAME, ("max_value", max_value), prediction.dtype());
    let &widest = sigmas.last().unwrap_or_else(|| panic!("{NAME}: there is no window"));
    let half = (2.0 * widest) as usize;
    let (c1, c2) = ((k1 * max_value).powi(2), (k2 * max_value).powi(2));
    let padded = |x: &Tensor| x.pad(-2, half, half).pad(-1, half, half);
    let (x, y) = (padded(prediction), padded(target));
    let mut similarity: Option<Tensor> = None;
    for (scale, &sigma) in sigmas.iter().enumerate() {
        check_divisor(NAME, ("sigma", sigma), prediction.dtype());
        let (darkness, lack) = Moments::of(&x, &y, &[-2, -1], &gaussian(2 * half + 1, sigma)).lacks(c1, c2);
        let structure = if scale + 1 < sigmas.len() { 1.0 - lack } else { (1.0 - darkness) * (1.0 - lack) };
        similarity = Some(similarity.map_or_else(|| structure.clone(), |similarity| similarity * &structure));
    }
    let error = blurred(&(x - y).abs(), &[-2, -1], &gaussian(2 * half + 1, widest)).mean_axis(1);
    let lack = 1.0 - similarity.expect("there is a window").mean_axis(1);
    compensation * (alpha * lack + (1.0 - alpha) * error / max_value)
}

/// A power of what is positive; 0, with gradient 0, of anything else.
fn power(base: &Tensor, exponent: f64) -> Tensor {
    let absent = base.le(0);
    absent.select(0, absent.select(1, base).pow(exponent))
}

/// Means of 2 × 2 pixels.
fn halved(picture: &Tensor) -> Tensor {
    let &[batch, channels, height, width] = picture.shape().sizes() else { unreachable!("it is a picture") };
    let (height, width) = (height / 2, width / 2);
    let even = picture.slice(2, ..2 * height).slice(3, ..2 * width);
    even.reshape([batch, channels, height, 2, width, 2]).mean_axis([3, 5])
}
