//! Negative log-likelihood of a Poisson distribution: counts.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Negative log-likelihood of a count under a Poisson distribution given by its rate.
///
/// ```text
/// ℓ = λ − y ln λ + c
/// λ = rate
/// y = target
/// c = Σ{k : 1 ≤ k and k ≤ y} ln k if full = 1 else 0
/// ```
///
/// The constant c is `ln y!`; for a target that is not whole it is `ln Γ(y + 1)`.
///
/// # Shapes
/// `rate` and `target` have the same shape, and so has the loss; other shapes panic. The rate is at least 0 (below it is
/// NaN). `target` is at least 0: counts, as integers or floats, or means of counts. That it is, is not checked. `full`
/// adds c, on which no gradient of the rate depends, and which makes the loss the negative logarithm of a probability.
///
/// # Gradient
/// `∂ℓ/∂rate = 1 − y/λ`, which is 1 at λ = y = 0 and −∞ at λ = 0 < y. No kinks. By the target `−ln λ` (`full` adds
/// `ψ(y + 1)`), and without the first part where the target is 0.
///
/// # Estimates
/// The **mean**: of all constants the mean of the targets is the best rate, whatever their distribution. The least
/// value, at λ = y, is `y − y ln y` (0 for y = 0), to which `full` adds c; there is no greatest.
///
/// # Stability
/// `0 · ln 0 = 0`: a rate of 0 explains a count of 0 with loss 0, and makes any other count cost ∞. PyTorch adds 10⁻⁸
/// to the rate in the logarithm instead, Keras 10⁻⁷; PyTorch's `full` is Stirling's approximation, 0.6518 at y = 2,
/// where `ln 2!` is 0.6931; here it is `lgamma`. An infinite rate costs ∞, not NaN.
///
/// # Example
/// ```
/// use minimand_loss::poisson_nll;
/// use minimand_tensor::Tensor;
///
/// let rate = Tensor::from([0.0, 1.0, 2.0]);
/// let target = Tensor::from([0i64, 3, 2]);
/// let loss = poisson_nll(&rate, &target, true);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 2.7918, 1.3069]"); // -ln of 1, of e⁻¹/6, of 2 e⁻²
/// assert_eq!(loss.sum().grad(&rate).to_string(), "[1, -2, 0]");
/// ```
///
/// # When to use
/// For a rate that is known to be positive, and for likelihoods to be reported. For what a network says, which is any
/// number, take [`poisson_nll_log_rate`]: near a rate of 0 this loss is steep beyond measure, and below it is none. It
/// misleads as that one does.
///
/// # Reference
/// Nelder and Wedderburn, *Generalized Linear Models*, Journal of the Royal Statistical Society A 135, 1972. Usual: not
/// full.
///
/// # See also
/// [`poisson_nll_log_rate`]; [`gaussian_nll`](crate::gaussian_nll) for amounts with a spread of their own.
#[doc(alias = "Poisson")]
#[track_caller]
pub fn poisson_nll(rate: &Tensor, target: &Tensor, full: bool) -> Tensor {
    same_shapes("poisson_nll", ("rate", rate), ("target", target));
    let y = target.cast(rate.dtype());
    // 0 · ∞ = 0; and where the rate is infinite it rules, for ∞ - ∞ would be NaN.
    let void = (y.eq(0) & rate.ge(0)) | rate.eq(f64::INFINITY);
    let loss = rate - &y * void.select(1, rate).ln();
    if full { loss + (y + 1.0).lgamma() } else { loss }
}

/// Negative log-likelihood of a count under a Poisson distribution given by the logarithm of its rate.
///
/// ```text
/// ℓ = exp s − y s + c
/// s = log_rate
/// y = target
/// c = Σ{k : 1 ≤ k and k ≤ y} ln k if full = 1 else 0
/// ```
///
/// The constant c is `ln y!`; for a target that is not whole it is `ln Γ(y + 1)`.
///
/// # Shapes
/// `log_rate` and `target` have the same shape, and so has the loss; other shapes panic. `log_rate` is any number, or
/// −∞ for a rate of 0. `target` is at least 0: counts, as integers or floats, or means of counts. That it is, is not
/// checked. `full` adds c, on which no gradient of the rate depends, and which makes the loss the negative logarithm of
/// a probability.
///
/// # Gradient
/// `∂ℓ/∂log_rate = exp s − y`, the plain residual. No kinks. By the target `−s` (`full` adds `ψ(y + 1)`), and without
/// the first part where the target is 0.
///
/// # Estimates
/// The **logarithm of the mean**: of all constants that of the targets' mean is the best, whatever their distribution.
/// The least value, at `s = ln y`, is `y − y ln y` (0 for y = 0), to which `full` adds c; there is no greatest.
///
/// # Stability
/// The logarithm of the rate is never taken. Beyond s = 88 in f32 the rate is too large for a number: value and
/// gradient are ∞, not NaN. `0 · ∞ = 0`: a rate of 0 explains a count of 0 with loss 0, and makes any other count cost
/// ∞. PyTorch's `full` is Stirling's approximation, 0.6518 at y = 2, where `ln 2!` is 0.6931; here it is `lgamma`.
///
/// # Example
/// ```
/// use minimand_loss::poisson_nll_log_rate;
/// use minimand_tensor::Tensor;
///
/// let log_rate = Tensor::from([0.0, 0.0, 2f64.ln()]);
/// let target = Tensor::from([0i64, 3, 2]);
/// let loss = poisson_nll_log_rate(&log_rate, &target, false);
/// assert_eq!(format!("{loss:.4}"), "[1.0000, 1.0000, 0.6137]");
/// assert_eq!(format!("{:.1}", loss.sum().grad(&log_rate)), "[1.0, -2.0, 0.0]"); // rate - count
/// ```
///
/// # When to use
/// For counts and other amounts that cannot be negative and whose spread grows with their mean: visits, claims,
/// photons. Exposure (days observed, area) enters as `log_rate + ln exposure`. The mean is right also when the noise is
/// not Poisson's, the likelihood is not: counts that spread wider than their mean (most do), or have too many zeros,
/// make intervals from it too narrow. It misleads when losses of different targets are compared without `full`: it may
/// be below 0, and large counts weigh most.
///
/// # Reference
/// Nelder and Wedderburn, *Generalized Linear Models*, Journal of the Royal Statistical Society A 135, 1972; the mean
/// is right for any noise: Gourieroux, Monfort, Trognon, *Pseudo Maximum Likelihood Methods: Applications to Poisson
/// Models*, Econometrica 52, 1984. Usual: not full.
///
/// # See also
/// [`poisson_nll`] takes the rate itself; [`gaussian_nll`](crate::gaussian_nll) for amounts with a spread of their own;
/// [`squared_error`](crate::squared_error), whose minimiser is the mean too, for a spread that is everywhere the same.
#[doc(alias = "PoissonNLLLoss")]
#[doc(alias = "poisson_nll_loss")]
#[doc(alias = "log_input")]
#[track_caller]
pub fn poisson_nll_log_rate(log_rate: &Tensor, target: &Tensor, full: bool) -> Tensor {
    same_shapes("poisson_nll_log_rate", ("log_rate", log_rate), ("target", target));
    let y = target.cast(log_rate.dtype());
    let rate = log_rate.exp();
    // 0 · ∞ = 0; and where the rate is too large for a number it rules, for ∞ - ∞ would be NaN.
    let bounded = rate.eq(f64::INFINITY).select(0, log_rate);
    let loss = rate - &y * y.eq(0).select(0, bounded);
    if full { loss + (y + 1.0).lgamma() } else { loss }
}
