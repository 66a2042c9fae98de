//! Gaussian likelihood that does not let noisy examples go.

use minimand_tensor::Tensor;

use super::gaussian_nll_log_variance;
use super::scale::exp_bounded;

/// Gaussian negative log-likelihood weighed by a power of the predicted variance, so that an example called noisy still pulls on
/// the mean.
///
/// ```text
/// ℓ = exp(beta s) ½ (s + r² exp(−s))
/// s = log_variance
/// r = target − mean
/// ```
///
/// # Shapes
/// As [`gaussian_nll_log_variance`]; `beta` from 0 to 1, or it panics.
///
/// # Gradient
/// The weight `e^(β s)` is held fixed: `∂ℓ/∂mean = −r e^((β − 1) s)`, `∂ℓ/∂log_variance = ½ e^(β s) (1 − r² e^(−s))`. With β = 1 the
/// mean learns as under squared error.
///
/// # Estimates
/// **Mean and variance**, as [`gaussian_nll_log_variance`] does where both can be fitted: the weight changes how fast, not where to.
/// Its value is no likelihood and need not fall while training goes well.
///
/// # Stability
/// As [`gaussian_nll_log_variance`]; the weight is bounded by the greatest number.
///
/// # Example
/// ```
/// use minimand_loss::beta_nll;
/// use minimand_tensor::Tensor;
///
/// let mean = Tensor::from([1.0, 1.0]);
/// let log_variance = Tensor::from([0.0, 4f64.ln()]);
/// let loss = beta_nll(&mean, &Tensor::from([3.0, 3.0]), &log_variance, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 2.3863]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&mean)), "[-2.0000, -1.0000]"); // without the weight -2 and -0.5
/// ```
///
/// # When to use
/// When a network that predicts mean and variance gives up on hard regions. It misleads as a measure: compare models by
/// [`gaussian_nll_log_variance`].
///
/// # Reference
/// Seitzer, Tavakoli, Antic, Martius, *On the Pitfalls of Heteroscedastic Uncertainty Estimation with Probabilistic Neural
/// Networks*, ICLR 2022, equation 5. Usual: β = 0.5.
///
/// # See also
/// [`gaussian_nll_log_variance`] (β = 0), [`squared_error`](crate::squared_error).
#[doc(alias = "beta-NLL")]
#[track_caller]
pub fn beta_nll(mean: &Tensor, target: &Tensor, log_variance: &Tensor, beta: f64) -> Tensor {
    assert!((0.0..=1.0).contains(&beta), "beta_nll: beta is {beta} and must be from 0 to 1");
    let weight = exp_bounded(&(beta * log_variance)).detach();
    weight * gaussian_nll_log_variance(mean, target, log_variance)
}
