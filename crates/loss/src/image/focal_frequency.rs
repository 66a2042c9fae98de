//! Spectra of pictures.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use super::filter::check_picture;
use crate::numbers::numbers;
use crate::shape::same_shape;

/// Squared distance of the spectra of two pictures, with more weight on frequencies that are farther off.
///
/// ```text
/// ℓ = w |F|²
/// F = DFT(prediction − target) / √(height × width)
/// w = (|F| / max over the channel's frequencies of |F|)^α, held fixed
/// α = alpha
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, channels, height, width]` of one shape, or it panics; the loss is of that shape, one per frequency.
/// `alpha` is not negative.
///
/// # Gradient
/// That of `|F|²` with the weights held fixed, per frequency.
///
/// # Estimates
/// With α = 0 the **mean** of the target, as the squared error, whose sum it is then (Parseval); with larger α something nearer to the middle
/// of the range of each frequency. From 0 on.
///
/// # Stability
/// Equal spectra have weight 0 and loss 0, without 0/0.
///
/// # Example
/// ```
/// use minimand_loss::focal_frequency;
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::zeros([1, 1, 1, 2]);
/// let prediction = Tensor::from([1.0, 0.0]).reshape([1, 1, 1, 2]);
/// let loss = focal_frequency(&prediction, &target, 1.0);
/// assert_eq!(format!("{:.2}", loss.flatten()), "[0.50, 0.50]");
/// assert_eq!(format!("{:.2}", loss.sum().grad(&prediction).at(3, 0).flatten()), "[2.00]");
/// ```
///
/// # When to use
/// For generators that leave out fine detail, beside a loss of pixels. It misleads when one frequency dominates: relative weights then
/// silence the others. The transform is a product of matrices, dear for pictures of more than about 1,000 pixels across.
///
/// # Reference
/// Jiang et al., *Focal Frequency Loss for Image Reconstruction and Synthesis*, ICCV 2021, equations 6 to 8. Usual: α = 1. The published code
/// is the mean of this.
///
/// # See also
/// [`squared_error`](crate::squared_error); [`multi_resolution_stft`](crate::multi_resolution_stft) for sound.
#[doc(alias = "FocalFrequencyLoss")]
#[track_caller]
pub fn focal_frequency(prediction: &Tensor, target: &Tensor, alpha: f64) -> Tensor {
    same_shape("focal_frequency", prediction, target);
    check_picture("focal_frequency", ("prediction", prediction));
    assert!(alpha >= 0.0, "focal_frequency: alpha is {alpha} and must not be below 0");
    let power = power(&(prediction - target));
    let fixed = power.detach();
    let greatest = fixed.max_keepdim([-2, -1]);
    let none = greatest.eq(0);
    let weight = (fixed / none.select(1, greatest)).safe_sqrt().pow(alpha);
    weight * power
}

/// Squared magnitudes of the orthonormal discrete Fourier transform of the last two axes.
fn power(picture: &Tensor) -> Tensor {
    let &[.., height, width] = picture.shape().sizes() else { unreachable!("it is a picture") };
    let wave = |size: usize, wave: fn(f64) -> f64| {
        let entry = |n: usize| wave(2.0 * PI * ((n / size) * (n % size) % size) as f64 / size as f64);
        let entries: Vec<f64> = (0..size * size).map(|n| entry(n) / (size as f64).sqrt()).collect();
        numbers(entries.into_iter(), picture.dtype()).reshape([size, size])
    };
    let (cosines, sines) = (picture.matmul(&wave(width, f64::cos)), picture.matmul(&wave(width, f64::sin)));
    let (cosine, sine) = (wave(height, f64::cos), wave(height, f64::sin));
    let real = cosine.matmul(&cosines) - sine.matmul(&sines);
    let imaginary = cosine.matmul(&sines) + sine.matmul(&cosines);
    real.square() + imaginary.square()
}
