//! Spectrograms at several resolutions.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use crate::numbers::{check_positive, numbers};
use crate::shape::same_shape;

/// A short-time Fourier transform: the length of its frames, how far they are apart, and how much of each its window covers, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolution {
    /// Samples in a frame.
    pub size: usize,
    /// Samples from one frame to the next.
    pub hop: usize,
    /// Samples under the Hann window, in the middle of the frame.
    pub window: usize,
}

/// Which spectrograms are compared, and the least power in them.
#[derive(Clone, Debug, PartialEq)]
pub struct StftOptions {
    /// The transforms; 1024, 2048 and 512 samples, a hop of 120, 240 and 50, windows of 600, 1200 and 240, unless said otherwise.
    pub resolutions: Vec<Resolution>,
    /// What a power below it counts as; 10⁻⁷ unless said otherwise.
    pub floor: f64,
}

impl Default for StftOptions {
    fn default() -> StftOptions {
        let resolutions = [(1024, 120, 600), (2048, 240, 1200), (512, 50, 240)];
        let resolutions = resolutions.map(|(size, hop, window)| Resolution { size, hop, window });
        StftOptions { resolutions: resolutions.into(), floor: 1e-7 }
    }
}

/// Spectral convergence and mean distance of log-magnitudes, averaged over spectrograms of several resolutions.
///
/// ```text
/// ℓ = mean over resolutions of ‖T − P‖ / ‖T‖ + Σ |ln T − ln P| / N
/// P = √(max(|STFT(prediction)|², floor))
/// T = √(max(|STFT(target)|², floor))
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[batch, samples]` of one shape, or it panics; the loss is `[batch]`. Frames are centred, the signal is
/// reflected at its ends, as in PyTorch's `stft`; more samples than half a frame are needed. A resolution has `1 ≤ window ≤ size`, `hop ≥ 1`.
///
/// # Gradient
/// Through the magnitudes, by both; 0 where a power is at or below the floor, where the log-magnitudes are equal, and, of the convergence,
/// where all are.
///
/// # Estimates
/// The **magnitudes** of the target's spectrum; phases are not compared, except as overlapping frames fix them. From 0 to ∞.
///
/// # Stability
/// The floor keeps logarithms finite, and the norm of the target from 0: silence has a finite loss and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{Resolution, StftOptions, multi_resolution_stft};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[1.0, 0.0, -1.0, 0.0, 1.0, 0.0, -1.0, 0.0]]);
/// let louder = 2.0 * &target;
/// let options = StftOptions { resolutions: vec![Resolution { size: 4, hop: 2, window: 4 }], ..Default::default() };
/// let loss = multi_resolution_stft(&louder, &target, &options);
/// assert_eq!(format!("{loss:.3}"), "[1.693]"); // twice as loud: 1 + ln 2
/// assert_eq!(format!("{:.3}", (loss.sum().grad(&louder) * &louder).sum()), "3.000");
/// ```
///
/// # When to use
/// For vocoders and other networks that make sound, beside an adversarial loss: what is heard is nearer to magnitudes than to samples. It
/// misleads about phase, and about single clicks; and the log-magnitudes make the quietest bins count as much as the loudest, down to the
/// floor, which depends on the scale of the signal.
///
/// # Reference
/// Yamamoto, Song, Kim, *Parallel WaveGAN*, ICASSP 2020, equations 3 to 6. Usual: the three resolutions of the default, floor 10⁻⁷ (there and
/// in auraloss 10⁻⁸). The reference implementation takes the norm of the whole batch, here each example has its own.
///
/// # See also
/// [`si_sdr`](crate::si_sdr), which compares samples.
#[doc(alias = "MultiResolutionSTFTLoss")]
#[track_caller]
pub fn multi_resolution_stft(prediction: &Tensor, target: &Tensor, options: &StftOptions) -> Tensor {
    const NAME: &str = "multi_resolution_stft";
    same_shape(NAME, prediction, target);
    let &[_, samples] = prediction.shape().sizes() else {
        panic!("{NAME}: prediction {} must have two axes, [batch, samples]", prediction.shape());
    };
    check_positive(NAME, ("floor", options.floor), prediction.dtype());
    assert!(!options.resolutions.is_empty(), "{NAME}: there is no resolution");
    let distances = options.resolutions.iter().map(|resolution| {
        let Resolution { size, hop, window } = *resolution;
        assert!(
            1 <= window && window <= size && hop > 0,
            "{NAME}: size {size}, hop {hop}, window {window}: the window must be 1 to the size, the hop at least 1"
        );
        assert!(samples > size / 2, "{NAME}: prediction {} is too short for frames of {size}", prediction.shape());
        let powers = [prediction, target].map(|signal| powers(signal, *resolution).clamp_min(options.floor));
        let [p, t] = &powers;
        let convergence = (t.sqrt() - p.sqrt()).norm_axis([1, 2]) / t.sum_axis([1, 2]).sqrt();
        convergence + 0.5 * (t.ln() - p.ln()).abs().mean_axis([1, 2])
    });
    let count = options.resolutions.len() as f64;
    distances.reduce(|sum, distance| sum + distance).expect("there is a resolution") / count
}

/// Squared magnitudes of the spectrum, `[batch, frames, frequencies]`, by a matrix product with the windowed sines and cosines.
#[track_caller]
fn powers(signal: &Tensor, Resolution { size, hop, window }: Resolution) -> Tensor {
    let half = size / 2;
    let samples = signal.shape()[1];
    let before = signal.slice(1, 1..half + 1).flip(1);
    let after = signal.slice(1, samples - half - 1..samples - 1).flip(1);
    let frames = Tensor::concatenate([&before, signal, &after], 1).windows(1, size, hop, 1);
    let start = (size - window) / 2;
    let weight = |n: usize| {
        let inside = n >= start && n < start + window;
        if inside { 0.5 - 0.5 * (2.0 * PI * (n - start) as f64 / window as f64).cos() } else { 0.0 }
    };
    let basis = |wave: fn(f64) -> f64| {
        let entry = |n: usize, k: usize| weight(n) * wave(2.0 * PI * ((n * k) % size) as f64 / size as f64);
        let entries: Vec<f64> =
            (0..size).flat_map(|n| (0..=half).map(move |k| (n, k))).map(|(n, k)| entry(n, k)).collect();
        numbers(entries.into_iter(), signal.dtype()).reshape([size, half + 1])
    };
    frames.matmul(&basis(f64::cos)).square() + frames.matmul(&basis(f64::sin)).square()
}
