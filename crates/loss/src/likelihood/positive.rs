//! Negative log-likelihoods of positive amounts: log-normal, gamma and inverse Gaussian distributions.

use minimand_tensor::{DType, Tensor};

use super::scale::{HALF_LN_2PI, exp_bounded};
use crate::shape::{repeats_to, same_shapes};

/// Negative log-likelihood of a log-normal distribution: a normal one of the target's logarithm.
///
/// ```text
/// ℓ = ½ (s + (m − ln target)² exp(−s)) + ln target + ½ ln(2 π)
/// m = log_median
/// s = log_variance
/// ```
///
/// # Shapes
/// `log_median` and `target` have the same shape, and so has the loss; `log_variance`, that of the logarithm, has it too or
/// repeats to it. `target > 0`. Other shapes panic; a target of 0 costs ∞ or, as the limit of a density that falls to 0, is no
/// amount of this distribution.
///
/// # Gradient
/// `∂ℓ/∂log_median = (m − ln target) e^(−s)`, `∂ℓ/∂log_variance = ½ (1 − (m − ln target)² e^(−s))`. No kinks.
///
/// # Estimates
/// **Geometric mean**, which is the median if the target is log-normal: `e^m`. The mean is `e^(m + ½ e^s)`, so it depends
/// on the spread being right.
///
/// # Stability
/// As [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance) with the logarithm of the target.
///
/// # Example
/// ```
/// use minimand_loss::log_normal_nll;
/// use minimand_tensor::Tensor;
///
/// let log_median = Tensor::from([0.0, 0.0]);
/// let target = Tensor::from([1.0, 1f64.exp()]);
/// let loss = log_normal_nll(&log_median, &target, &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[0.9189, 2.4189]");
/// assert_eq!(loss.sum().grad(&log_median).to_string(), "[0, -1]");
/// ```
///
/// # When to use
/// For amounts that are products of many influences, when a typical one is asked for and not the total. It misleads on
/// totals: back-transformed means are too low by `e^(½ variance)` without the correction, and wrong with it when the
/// tails are not log-normal; zeros have no place. For a mean of any positive amounts take [`gamma_nll`](crate::gamma_nll).
///
/// # Reference
/// Galton and McAlister, *The Law of the Geometric Mean*, Proceedings of the Royal Society 29, 1879; retransformation: Duan,
/// *Smearing Estimate*, Journal of the American Statistical Association 78, 1983.
///
/// # See also
/// [`gamma_nll`](crate::gamma_nll), whose minimiser is the mean; [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance).
#[doc(alias = "LogNormal")]
#[track_caller]
pub fn log_normal_nll(log_median: &Tensor, target: &Tensor, log_variance: &Tensor) -> Tensor {
    same_shapes("log_normal_nll", ("log_median", log_median), ("target", target));
    repeats_to("log_normal_nll", ("log_variance", log_variance), ("log_median", log_median));
    let log_target = target.ln();
    let z = (log_median - &log_target) * exp_bounded(&(-0.5 * log_variance));
    0.5 * log_variance + 0.5 * &z * &z + log_target + HALF_LN_2PI
}

/// Negative log-likelihood of a gamma distribution by the logarithms of its mean and its shape.
///
/// ```text
/// ℓ = lnΓ(k) − k ln k + k (m + target exp(−m)) − (k − 1) ln target
/// k = exp log_shape
/// m = log_mean
/// ```
///
/// # Shapes
/// `log_mean` and `target` have the same shape, and so has the loss; `log_shape` has it too or repeats to it. `target > 0`.
/// Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_mean = k (1 − target e^(−m))`: the relative error, weighed by the shape. No kinks.
///
/// # Estimates
/// **Mean**: `e^m`, whatever the distribution of the target and whatever the shape; and the shape `k = 1/(relative
/// variance)` for gamma targets. With a shape of 1 the exponential distribution.
///
/// # Stability
/// By logarithms: nothing to be kept positive, nothing divided. `e^(−m)` is bounded by the greatest number's. The terms of k
/// alone are computed in f64, because they cancel for a large shape.
///
/// # Example
/// ```
/// use minimand_loss::gamma_nll;
/// use minimand_tensor::Tensor;
///
/// let log_mean = Tensor::from([0.0, 0.0]);
/// let loss = gamma_nll(&log_mean, &Tensor::from([2.0, 3.0]), &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 3.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_mean)), "[-1.0000, -2.0000]");
/// ```
///
/// # When to use
/// For positive amounts whose spread grows in proportion to their mean (costs of a claim, durations, rain) when totals must
/// be right: a mean, and large amounts do not rule as under squared error. It misleads where zeros occur (their logarithm is
/// −∞ here: take a Tweedie deviance or model them apart), and small amounts weigh as much as large ones.
///
/// # Reference
/// McCullagh and Nelder, *Generalized Linear Models*, second edition, 1989, chapter 8. Usual: log link, one shape for all.
///
/// # See also
/// [`poisson_nll_log_rate`](crate::poisson_nll_log_rate) and [`inverse_gaussian_nll`], means too, with other weights;
/// [`log_normal_nll`].
#[doc(alias = "Gamma")]
#[track_caller]
pub fn gamma_nll(log_mean: &Tensor, target: &Tensor, log_shape: &Tensor) -> Tensor {
    same_shapes("gamma_nll", ("log_mean", log_mean), ("target", target));
    repeats_to("gamma_nll", ("log_shape", log_shape), ("log_mean", log_mean));
    let wide = log_shape.cast(DType::F64);
    let k = exp_bounded(&wide);
    let constant = (k.lgamma() - &k * &wide + &k).cast(log_mean.dtype());
    let k = exp_bounded(log_shape);
    let log_ratio = target.ln() - log_mean; // k (ratio − 1 − ln ratio) is 0 at the mean
    let excess = crate::excess::exp_excess(&log_ratio.clamp_max(if k.dtype() == DType::F32 { 88.0 } else { 709.0 }));
    constant + k * excess + target.ln()
}

/// Negative log-likelihood of an inverse Gaussian distribution by the logarithms of its mean and its shape.
///
/// ```text
/// ℓ = ½ (ln(2 π) + 3 ln target − s) + ½ exp(s) (target exp(−m) − 1)² / target
/// m = log_mean
/// s = log_shape
/// ```
///
/// # Shapes
/// `log_mean` and `target` have the same shape, and so has the loss; `log_shape` has it too or repeats to it. `target > 0`.
/// Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_mean = −e^s e^(−m) (target e^(−m) − 1)`; `∂ℓ/∂log_shape = ½ (e^s (target e^(−m) − 1)²/target − 1)`. No kinks.
///
/// # Estimates
/// **Mean**: `e^m`, whatever the distribution of the target; and the shape of inverse Gaussian targets, `λ = mean³/variance`.
///
/// # Stability
/// By logarithms: nothing to be kept positive. `e^(−m)` is bounded by the greatest number's.
///
/// # Example
/// ```
/// use minimand_loss::inverse_gaussian_nll;
/// use minimand_tensor::Tensor;
///
/// let log_mean = Tensor::from([0.0, 0.0]);
/// let loss = inverse_gaussian_nll(&log_mean, &Tensor::from([2.0, 3.0]), &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[2.2087, 3.2335]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_mean)), "[-1.0000, -2.0000]");
/// ```
///
/// # When to use
/// For positive amounts with tails heavier than a gamma distribution's (variance grows as the cube of the mean): times until
/// a threshold is reached, severe claims. It misleads more than [`gamma_nll`](crate::gamma_nll) on small amounts: their
/// relative errors weigh by 1/target.
///
/// # Reference
/// Tweedie, *Statistical Properties of Inverse Gaussian Distributions*, Annals of Mathematical Statistics 28, 1957, equation 1;
/// as a generalised linear model: Jørgensen, *The Theory of Dispersion Models*, 1997.
///
/// # See also
/// [`gamma_nll`](crate::gamma_nll), [`poisson_nll_log_rate`](crate::poisson_nll_log_rate): means with other weights.
#[doc(alias = "InverseGaussian")]
#[track_caller]
pub fn inverse_gaussian_nll(log_mean: &Tensor, target: &Tensor, log_shape: &Tensor) -> Tensor {
    same_shapes("inverse_gaussian_nll", ("log_mean", log_mean), ("target", target));
    repeats_to("inverse_gaussian_nll", ("log_shape", log_shape), ("log_mean", log_mean));
    let relative = target * exp_bounded(&-log_mean) - 1.0;
    let z = relative * exp_bounded(&(0.5 * log_shape)) / target.sqrt();
    HALF_LN_2PI + 1.5 * target.ln() - 0.5 * log_shape + 0.5 * z.square()
}
