//! Negative log-likelihood of a normal distribution whose spread is predicted too.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use super::scale::exp_bounded;
use crate::numbers::{check_finite, check_positive};
use crate::shape::{repeats_to, same_shapes};

/// Squared error weighed by a predicted variance, and a price for claiming much of it: the negative log-likelihood of a
/// normal distribution given by its mean and the logarithm of its variance.
///
/// ```text
/// ℓ = ½ (s + r² exp(−s))
/// s = log_variance
/// r = target − mean
/// ```
///
/// # Shapes
/// `mean` and `target` have the same shape, and so has the loss; `log_variance` has it too, or repeats to it (`[n, 1]`,
/// `[]`: one spread for all). Any finite numbers. Other shapes panic. The constant `½ ln 2π` is left out: add 0.9189 for the
/// likelihood itself.
///
/// # Gradient
/// `∂ℓ/∂mean = −r e^(−s)`, `∂ℓ/∂log_variance = ½ (1 − r² e^(−s))`: at rest where the predicted variance is the squared
/// residual. No kinks.
///
/// # Estimates
/// **Mean and variance**: of all constants the mean of the targets and their variance (divisor n) are the best. Not
/// bounded below: a variance that goes to 0 at a residual of 0 takes the loss to -∞.
///
/// # Stability
/// No variance to be kept positive, no division. Computed as `½ (s + z²)` with `z = r e^(−s/2)`, so that neither `r²`
/// nor `e^(−s)` makes the value overflow before it has to. In the weight `e^(−s/2)` no s counts as less than −176 in f32
/// and −1418 in f64, so that it is a number: a residual of 0 gives `z = 0` for every s. Beyond, the gradient by s is
/// `½ (1 − z²)` for the z at that bound, so that a variance that fell too low can rise again.
///
/// # Example
/// ```
/// use minimand_loss::gaussian_nll_log_variance;
/// use minimand_tensor::Tensor;
///
/// let mean = Tensor::from([1.0, 1.0, 1.0]);
/// let target = Tensor::from([3.0, 3.0, 1.0]);
/// let log_variance = Tensor::from([0.0, 4f64.ln(), 0.0]);
/// let loss = gaussian_nll_log_variance(&mean, &target, &log_variance);
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 1.1931, 0.0000]"); // owning up to the error is cheaper
/// assert_eq!(loss.sum().grad(&log_variance).to_string(), "[-1.5, 0, 0.5]");
/// ```
///
/// # When to use
/// When the noise differs from example to example, and the model should say how sure it is. It misleads because it
/// forgives: an example called noisy hardly pulls on the mean (`e^(−s)` is its weight), so a model may learn the spread
/// of what it never tried to fit; train the mean by [`squared_error`](crate::squared_error) first, or watch it. With
/// heavy tails the variance chases outliers.
///
/// # Reference
/// Nix and Weigend, *Estimating the Mean and Variance of the Target Probability Distribution*, ICNN 1994; with the
/// log-variance: Kendall and Gal, *What Uncertainties Do We Need in Bayesian Deep Learning for Computer Vision?*,
/// NeurIPS 2017, equation 8. Forgiveness: Seitzer and others, *On the Pitfalls of Heteroscedastic Uncertainty
/// Estimation with Probabilistic Neural Networks*, ICLR 2022.
///
/// # See also
/// [`gaussian_nll`] for a variance; [`squared_error`](crate::squared_error), to which it reduces when the variance is
/// fixed.
#[doc(alias = "GaussianNLLLoss")]
#[doc(alias = "heteroscedastic")]
#[track_caller]
pub fn gaussian_nll_log_variance(mean: &Tensor, target: &Tensor, log_variance: &Tensor) -> Tensor {
    same_shapes("gaussian_nll_log_variance", ("mean", mean), ("target", target));
    repeats_to("gaussian_nll_log_variance", ("log_variance", log_variance), ("mean", mean));
    let (s, r) = (log_variance, target - mean);
    let z = r * exp_bounded(&(-0.5 * s));
    0.5 * s + 0.5 * &z * &z
}

/// Options of [`gaussian_nll`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianNllOptions {
    /// Whether to add the constant `½ ln 2π`, which makes the loss the negative logarithm of a density. Default: no.
    pub full: bool,
    /// The least variance that is divided by; a smaller one counts as this. Default: 1e-6.
    pub epsilon: f64,
}

impl Default for GaussianNllOptions {
    fn default() -> GaussianNllOptions {
        GaussianNllOptions { full: false, epsilon: 1e-6 }
    }
}

/// Negative log-likelihood of a normal distribution given by its mean and variance.
///
/// ```text
/// ℓ = ½ (ln v + r²/v) + c
/// v = max(variance, ε)
/// r = target − mean
/// c = ½ ln(2 π) if full = 1 else 0
/// ε = epsilon
/// ```
///
/// # Shapes
/// `mean` and `target` have the same shape, and so has the loss; `variance` has it too, or repeats to it (`[n, 1]`,
/// `[]`: one spread for all). `variance ≥ 0`; `epsilon > 0` and finite, in the type of the variance too. Other shapes,
/// and another `epsilon`, panic.
///
/// # Gradient
/// `∂ℓ/∂mean = −r/v`, `∂ℓ/∂variance = ½ (1/v − r²/v²)`: at rest where the variance is the squared residual. Below ε the
/// gradient is the one at ε (as in PyTorch) and not 0, so that a variance that fell too low can rise again.
///
/// # Estimates
/// **Mean and variance**, as [`gaussian_nll_log_variance`]. From `½ ln ε` (plus the constant), at a residual of 0 and a
/// variance of ε, to ∞.
///
/// # Stability
/// A variance of 0 counts as ε. Even so gradients near it are as large as `1/(2 ε)`: predict the logarithm and use
/// [`gaussian_nll_log_variance`]. `r²/v` is computed as `r · (r/v)`, so that `r²` does not overflow first.
///
/// # Example
/// ```
/// use minimand_loss::{GaussianNllOptions, gaussian_nll};
/// use minimand_tensor::Tensor;
///
/// let mean = Tensor::from([1.0, 1.0, 1.0]);
/// let target = Tensor::from([3.0, 3.0, 1.0]);
/// let variance = Tensor::from([1.0, 4.0, 1.0]);
/// let loss = gaussian_nll(&mean, &target, &variance, GaussianNllOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 1.1931, 0.0000]");
/// assert_eq!(loss.sum().grad(&variance).to_string(), "[-1.5, 0, 0.5]");
///
/// let density = GaussianNllOptions { full: true, ..Default::default() };
/// assert_eq!(format!("{:.4}", gaussian_nll(&mean, &target, &variance, density)), "[2.9189, 2.1121, 0.9189]");
/// ```
///
/// # When to use
/// When variances are given, by a measuring device say, or come out of a model that makes them positive. When a network
/// predicts them, [`gaussian_nll_log_variance`] is the safer loss. It misleads as that one does: noisy examples are let go of.
///
/// # Reference
/// Nix and Weigend, *Estimating the Mean and Variance of the Target Probability Distribution*, ICNN 1994. Usual: ε =
/// 1e-6, with the target scaled to unit variance.
///
/// # See also
/// [`gaussian_nll_log_variance`]; [`squared_error`](crate::squared_error), to which it reduces when the variance is
/// fixed.
#[doc(alias = "gaussian_nll_loss")]
#[doc(alias = "GaussianNLLLoss")]
#[track_caller]
pub fn gaussian_nll(mean: &Tensor, target: &Tensor, variance: &Tensor, options: GaussianNllOptions) -> Tensor {
    same_shapes("gaussian_nll", ("mean", mean), ("target", target));
    repeats_to("gaussian_nll", ("variance", variance), ("mean", mean));
    let GaussianNllOptions { full, epsilon } = options;
    check_positive("gaussian_nll", ("epsilon", epsilon), variance.dtype());
    check_finite("gaussian_nll", ("epsilon", epsilon), variance.dtype());
    let missing = variance.lt(epsilon).select(epsilon - variance, 0).detach();
    let v = variance + missing; // cut off from the graph, so that the gradient passes below ε
    let r = target - mean;
    let constant = if full { 0.5 * (2.0 * PI).ln() } else { 0.0 };
    0.5 * v.ln() + (0.5 * (&r / &v)) * &r + constant
}
