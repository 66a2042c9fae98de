//! Signal-to-distortion ratios, in decibels.

use std::f64::consts::LN_10;

use minimand_tensor::{DType, Tensor};

use crate::shape::same_shapes;

/// Negative scale-invariant signal-to-distortion ratio in decibels: what of the estimate is not a multiple of the target.
///
/// ```text
/// ℓ = 10 ln((Σⱼ (eⱼ − α sⱼ)² + ε) / (Σⱼ α² sⱼ² + ε)) / ln 10
/// α = (Σⱼ eⱼ sⱼ + ε) / (Σⱼ sⱼ² + ε)
/// eⱼ = estimateⱼ − zero_mean Σₖ estimateₖ / (Σₖ 1)
/// sⱼ = targetⱼ − zero_mean Σₖ targetₖ / (Σₖ 1)
/// ε = 0.0000000000000002220446049250313
/// ```
///
/// # Shapes
/// `estimate` and `target` are `[…, time]` of one shape, or it panics; the loss is `[…]`. With `zero_mean` (1 in the formula, or 0) both lose
/// their mean first. ε is the machine epsilon of the type, here of f64.
///
/// # Gradient
/// By the estimate: `(20 / ln 10) (e/‖e‖² − αs/‖αs‖²)` with the target s and the rest `e = estimate − αs`; at right angles to the estimate,
/// so its scale is not learned. It grows without bound near a perfect estimate, and is 0 at one.
///
/// # Estimates
/// The target up to a **factor**. From `10 lg ε` decibels at a perfect estimate of energy 1 to ∞.
///
/// # Stability
/// ε in numerator and denominator: silence has a finite value, and gradient 0 with a silent target.
///
/// # Example
/// ```
/// use minimand_loss::si_sdr;
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([1.0, -1.0, 1.0, -1.0]);
/// let estimate = Tensor::from([2.0, -2.0, 2.0, 0.0]);
/// let loss = si_sdr(&estimate, &target, false);
/// assert_eq!(format!("{loss:.4}"), "-4.7712"); // twice as loud does not matter, the missing beat does
/// assert_eq!(format!("{:.3}", loss.grad(&estimate).at(0, 3)), "5.791");
/// ```
///
/// # When to use
/// To separate or denoise recordings whose loudness does not matter. It misleads when scale does matter, and where the target is silent: every
/// estimate is then as bad as its energy. Decibels reward the last errors of signals that are nearly perfect already as much as the first of
/// bad ones.
///
/// # Reference
/// Le Roux et al., *SDR: Half-baked or Well Done?*, ICASSP 2019, equation 3. As torchmetrics'
/// `scale_invariant_signal_distortion_ratio`, negated; usual: `zero_mean` on.
///
/// # See also
/// [`sdr`], which minds the scale; [`permutation_invariant`](crate::permutation_invariant) for several sources.
#[doc(alias = "scale_invariant_signal_distortion_ratio")]
#[doc(alias = "SI-SDR")]
#[track_caller]
pub fn si_sdr(estimate: &Tensor, target: &Tensor, zero_mean: bool) -> Tensor {
    let (estimate, target) = signals("si_sdr", estimate, target, zero_mean);
    let epsilon = epsilon(&estimate);
    let scale = ((&estimate * &target).sum_keepdim(-1) + epsilon) / (target.square().sum_keepdim(-1) + epsilon);
    let scaled = scale * target;
    decibels((estimate - &scaled).square().sum_axis(-1) + epsilon, scaled.square().sum_axis(-1) + epsilon)
}

/// Negative signal-to-distortion ratio in decibels: the energy of the error beside that of the target.
///
/// ```text
/// ℓ = 10 ln((Σⱼ (eⱼ − sⱼ)² + ε) / (Σⱼ sⱼ² + ε)) / ln 10
/// eⱼ = estimateⱼ − zero_mean Σₖ estimateₖ / (Σₖ 1)
/// sⱼ = targetⱼ − zero_mean Σₖ targetₖ / (Σₖ 1)
/// ε = 0.0000000000000002220446049250313
/// ```
///
/// # Shapes
/// `estimate` and `target` are `[…, time]` of one shape, or it panics; the loss is `[…]`. With `zero_mean` (1 in the formula, or 0) both lose
/// their mean first. ε is the machine epsilon of the type, here of f64.
///
/// # Gradient
/// `(20 / ln 10) e / (‖e‖² + ε)` by the estimate, with the error e: that of the squared error, divided by it. 0 at a perfect estimate.
///
/// # Estimates
/// The **target**. From `10 lg ε` decibels at a perfect estimate of energy 1 to ∞; 0 for silence.
///
/// # Stability
/// ε in numerator and denominator: a silent target and a perfect estimate have finite values and gradients.
///
/// # Example
/// ```
/// use minimand_loss::sdr;
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([3.0, 4.0]);
/// let estimate = Tensor::from([3.0, 3.5]);
/// let loss = sdr(&estimate, &target, false);
/// assert_eq!(format!("{loss:.4}"), "-20.0000");
/// assert_eq!(format!("{:.4}", loss.grad(&estimate)), "[0.0000, -17.3718]");
/// ```
///
/// # When to use
/// Where the estimate must have the right level, as in music. It misleads as a score: the classical SDR of BSS Eval first allows the target a
/// filter of 512 taps, this one allows nothing, so numbers do not compare. Loud and soft examples count the same.
///
/// # Reference
/// Le Roux et al., *SDR: Half-baked or Well Done?*, ICASSP 2019, equation 1 (SNR). As torchmetrics' `signal_noise_ratio`, negated.
///
/// # See also
/// [`si_sdr`], which does not mind the scale; [`squared_error`](crate::squared_error).
#[doc(alias = "signal_noise_ratio")]
#[doc(alias = "SNR")]
#[track_caller]
pub fn sdr(estimate: &Tensor, target: &Tensor, zero_mean: bool) -> Tensor {
    let (estimate, target) = signals("sdr", estimate, target, zero_mean);
    let epsilon = epsilon(&estimate);
    decibels((estimate - &target).square().sum_axis(-1) + epsilon, target.square().sum_axis(-1) + epsilon)
}

fn decibels(noise: Tensor, signal: Tensor) -> Tensor {
    (10.0 / LN_10) * (noise.ln() - signal.ln())
}

fn epsilon(signal: &Tensor) -> f64 {
    if signal.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) }
}

#[track_caller]
fn signals(loss: &str, estimate: &Tensor, target: &Tensor, zero_mean: bool) -> (Tensor, Tensor) {
    same_shapes(loss, ("estimate", estimate), ("target", target));
    assert!(estimate.rank() > 0, "{loss}: estimate {} must have a time axis", estimate.shape());
    let centred = |x: &Tensor| if zero_mean { x - x.mean_keepdim(-1) } else { x.clone() };
    (centred(estimate), centred(target))
}
