//! Negative log-likelihood of a Laplace distribution.

use minimand_tensor::Tensor;

use super::scale::exp_bounded;
use crate::shape::{repeats_to, same_shapes};

/// Absolute error weighed by a predicted scale, and a price for claiming much of it: the negative log-likelihood of a
/// Laplace distribution.
///
/// ```text
/// ℓ = |r| exp(−s) + s + ln 2
/// s = log_scale
/// r = target − location
/// ```
///
/// # Shapes
/// `location` and `target` have the same shape, and so has the loss; `log_scale` has it too or repeats to it. Any finite
/// numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂location = −sign(r) e^(−s)`, 0 at `r = 0`; `∂ℓ/∂log_scale = 1 − |r| e^(−s)`: at rest where the scale is the
/// absolute residual.
///
/// # Estimates
/// **Median and mean absolute deviation** from it. Not bounded below: at a residual of 0 a scale of 0 takes it to −∞.
///
/// # Stability
/// By the logarithm of the scale nothing needs to be kept positive. `e^(−s)` is bounded by the greatest number's, so a
/// residual of 0 costs `s + ln 2` for every s.
///
/// # Example
/// ```
/// use minimand_loss::laplace_nll;
/// use minimand_tensor::Tensor;
///
/// let location = Tensor::from([1.0, 1.0]);
/// let log_scale = Tensor::from([0.0, 0.0]);
/// let loss = laplace_nll(&location, &Tensor::from([3.0, 1.0]), &log_scale);
/// assert_eq!(format!("{loss:.4}"), "[2.6931, 0.6931]");
/// assert_eq!(loss.sum().grad(&log_scale).to_string(), "[-1, 1]");
/// ```
///
/// # When to use
/// When residuals have heavier tails than a normal distribution and the model should say how sure it is of its median. It
/// misleads as [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance) does. It misleads also where the mean is
/// wanted: of skewed targets the median is another number.
///
/// # Reference
/// Laplace's first law of error, 1774; as a heteroscedastic loss: Kendall and Gal, *What Uncertainties Do We Need in Bayesian
/// Deep Learning for Computer Vision?*, NeurIPS 2017, section 3.2.
///
/// # See also
/// [`absolute_error`](crate::absolute_error), to which it reduces when the scale is fixed; [`student_t_nll`](crate::student_t_nll).
#[doc(alias = "Laplace")]
#[track_caller]
pub fn laplace_nll(location: &Tensor, target: &Tensor, log_scale: &Tensor) -> Tensor {
    same_shapes("laplace_nll", ("location", location), ("target", target));
    repeats_to("laplace_nll", ("log_scale", log_scale), ("location", location));
    let r = target - location;
    r.abs() * exp_bounded(&-log_scale) + log_scale + 2f64.ln()
}
