//! The continuous ranked probability score.

use std::f64::consts::{FRAC_1_SQRT_2, PI};

use minimand_tensor::Tensor;

use super::scale::exp_bounded;
use crate::shape::{repeats_to, same_shapes};

/// Continuous ranked probability score of a normal distribution: the squared distance of its distribution function from the
/// target's step, in the target's unit.
///
/// ```text
/// ℓ = s (w (2 Φ(w) − 1) + 2 φ(w) − 1 / √π)
/// w = (target − mean) / s
/// s = exp log_scale
/// ```
///
/// # Shapes
/// `mean` and `target` have the same shape, and so has the loss; `log_scale`, the logarithm of the standard deviation, has it too
/// or repeats to it. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂mean = 1 − 2 Φ(w)`, never beyond ±1: a far value pulls no harder than under absolute error. `∂ℓ/∂log_scale =
/// s (2 φ(w) − 1/√π)`. No kinks.
///
/// # Estimates
/// **Mean and standard deviation** of normal targets; a proper score: no other distribution scores better than the true one.
/// In general the normal distribution nearest in the squared distance of distribution functions. As s → 0 it is the
/// absolute error.
///
/// # Stability
/// `2 Φ(w) − 1` as `erf(w/√2)`. Everything is a sum of terms of one sign but for the constant, which is at most 0.57 s. A scale
/// of 0 in the type leaves the absolute error.
///
/// # Example
/// ```
/// use minimand_loss::gaussian_crps;
/// use minimand_tensor::Tensor;
///
/// let mean = Tensor::from([0.0, 0.0]);
/// let loss = gaussian_crps(&mean, &Tensor::from([1.0, 2.0]), &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[0.6024, 1.4528]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&mean)), "[-0.6827, -0.9545]");
/// ```
///
/// # When to use
/// For forecasts with an uncertainty, where outliers should not rule as they do in
/// [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance), and the score should be in the unit of the target. It misleads about
/// rare extremes: the score hardly looks at the tails.
///
/// # Reference
/// Gneiting, Raftery, Westveld, Goldman, *Calibrated Probabilistic Forecasting Using Ensemble Model Output Statistics and Minimum
/// CRPS Estimation*, Monthly Weather Review 133, 2005, equation 5.
///
/// # See also
/// [`ensemble_crps`] for samples; [`absolute_error`](crate::absolute_error), its limit for a single number.
#[doc(alias = "crps_gaussian")]
#[track_caller]
pub fn gaussian_crps(mean: &Tensor, target: &Tensor, log_scale: &Tensor) -> Tensor {
    same_shapes("gaussian_crps", ("mean", mean), ("target", target));
    repeats_to("gaussian_crps", ("log_scale", log_scale), ("mean", mean));
    let (r, s) = (target - mean, exp_bounded(log_scale));
    let w = &r * exp_bounded(&-log_scale);
    // Beyond, e^(−w²/2) is 0; the square would be infinite.
    let density = (-0.5 * w.clamp(-100, 100).square()).exp() / (2.0 * PI).sqrt();
    r * (&w * FRAC_1_SQRT_2).erf() + s * (2.0 * density - 1.0 / PI.sqrt())
}

/// Continuous ranked probability score of an ensemble: how far its members are from the target, less half of how far they are from
/// each other.
///
/// ```text
/// ℓ = Σⱼ |ensembleⱼ − target| / n − ½ Σⱼₖ |ensembleⱼ − ensembleₖ| / (n (n − fair))
/// n = Σⱼ 1
/// ```
///
/// # Shapes
/// `ensemble` is `[…, members]`, `target` and the loss `[…]`. At least one member; a `fair` score of one member has no second term.
/// Other shapes panic.
///
/// # Gradient
/// By a member: `sign(xⱼ − target)/n − Σₖ sign(xⱼ − xₖ)/(n (n − fair))`: towards the target and away from the others. Members
/// that are equal are ordered by their position.
///
/// # Estimates
/// The **distribution** of the target: with `fair` in expectation for members drawn independently, whatever their number;
/// without, members that are spread too little score best, as for quantiles of the distribution at `(j − ½)/n`.
///
/// # Stability
/// By sorting, `Σⱼ (2 j − n − 1) x₍ⱼ₎` for the sum over pairs: n log n steps and no matrix of pairs.
///
/// # Example
/// ```
/// use minimand_loss::ensemble_crps;
/// use minimand_tensor::Tensor;
///
/// let ensemble = Tensor::from([[0.0, 1.0, 3.0]]);
/// let loss = ensemble_crps(&ensemble, &Tensor::from([2.0]), false);
/// assert_eq!(format!("{loss:.4}"), "[0.6667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&ensemble)), "[[-0.1111, -0.3333, 0.1111]]");
/// ```
///
/// # When to use
/// For generators of several forecasts (weather, dropout at prediction time, sampled noise) that are to be spread as reality
/// is. It misleads without `fair` for ensembles of few members, and it cares little for extremes.
///
/// # Reference
/// Gneiting and Raftery, *Strictly Proper Scoring Rules, Prediction, and Estimation*, Journal of the American Statistical
/// Association 102, 2007, equation 21; fair: Ferro, *Fair Scores for Ensemble Forecasts*, Quarterly Journal of the Royal Meteorological
/// Society 140, 2014.
///
/// # See also
/// [`gaussian_crps`]; [`quantiles`](crate::quantiles), whose mean over all levels is half of it.
#[doc(alias = "crps_ensemble")]
#[track_caller]
pub fn ensemble_crps(ensemble: &Tensor, target: &Tensor, fair: bool) -> Tensor {
    let fits = ensemble.shape().split_last().is_some_and(|(&members, rest)| members > 0 && *rest == **target.shape());
    assert!(
        fits,
        "ensemble_crps: ensemble {} must have the shape of target {} and the members as last axis",
        ensemble.shape(),
        target.shape()
    );
    let members = ensemble.shape()[ensemble.rank() - 1];
    let n = members as f64;
    let pairs = n * if fair { (n - 1.0).max(1.0) } else { n };
    let (sorted, _) = ensemble.sort(-1);
    let places = 2.0 * Tensor::iota(members).cast(ensemble.dtype()) - (n - 1.0);
    (ensemble - target.unsqueeze(-1)).abs().mean_axis(-1) - (places * sorted).sum_axis(-1) / pairs
}
