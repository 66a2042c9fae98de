//! Negative log-likelihood of Student's t distribution.

use std::f64::consts::PI;

use minimand_tensor::{DType, Tensor};

use super::scale::exp_bounded;
use crate::shape::{repeats_to, same_shapes};

/// Negative log-likelihood of Student's t distribution, whose tails are as heavy as its degrees of freedom are few.
///
/// ```text
/// ℓ = lnΓ(½ ν) − lnΓ(½ (ν + 1)) + ½ ln(ν π) + s + ½ (ν + 1) ln(1 + z² / ν)
/// z = (target − location) exp(−s)
/// s = log_scale
/// ν = degrees_of_freedom
/// ```
///
/// # Shapes
/// `location` and `target` have the same shape, and so has the loss; `log_scale` and `degrees_of_freedom` have it too or
/// repeat to it. `degrees_of_freedom > 0` (not checked; it may be learned, as `exp` of a parameter). Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂location = −(ν + 1) z e^(−s) / (ν + z²)`: it grows, is greatest at `|z| = √ν`, and falls again, so that a far value
/// is let go of. `∂ℓ/∂log_scale = 1 − (ν + 1) z² / (ν + z²)`. No kinks.
///
/// # Estimates
/// **Location and scale of the bulk**: between the mean (ν → ∞, the normal distribution) and a mode (small ν). Not convex
/// in the location: with few degrees of freedom and two bulks there are two minima.
///
/// # Stability
/// `ln(1 + z²/ν)` by `ln_1p`; beyond `|z| = 10¹⁵` as `2 ln |z| − ln ν`, so that the square is never formed there. The
/// constants of ν are computed in f64, because their difference cancels for large ν.
///
/// # Example
/// ```
/// use minimand_loss::student_t_nll;
/// use minimand_tensor::Tensor;
///
/// let location = Tensor::from([0.0, 0.0]);
/// let scale = Tensor::from([0.0, 0.0]);
/// let loss = student_t_nll(&location, &Tensor::from([1.0, 10.0]), &scale, &Tensor::from([3.0, 3.0]));
/// assert_eq!(format!("{loss:.4}"), "[1.5763, 8.0731]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&location)), "[-1.0000, -0.3883]"); // the far one pulls less
/// ```
///
/// # When to use
/// For residuals with outliers that should not be chased, when a likelihood is wanted: returns, sensor errors. It misleads
/// where the far values are what is asked for (costs, claims): it estimates the bulk and calls the rest noise; learned
/// degrees of freedom below 2 say that no variance exists.
///
/// # Reference
/// Lange, Little, Taylor, *Robust Statistical Modeling Using the t Distribution*, Journal of the American Statistical
/// Association 84, 1989. Usual: ν = 4, or learned.
///
/// # See also
/// [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance), its limit; [`laplace_nll`](crate::laplace_nll).
#[doc(alias = "StudentT")]
#[track_caller]
pub fn student_t_nll(location: &Tensor, target: &Tensor, log_scale: &Tensor, degrees_of_freedom: &Tensor) -> Tensor {
    same_shapes("student_t_nll", ("location", location), ("target", target));
    repeats_to("student_t_nll", ("log_scale", log_scale), ("location", location));
    repeats_to("student_t_nll", ("degrees_of_freedom", degrees_of_freedom), ("location", location));
    let (s, nu) = (log_scale, degrees_of_freedom);
    let z = (target - location) * exp_bounded(&-s);
    let wide = nu.cast(DType::F64);
    let constant = (0.5 * &wide).lgamma() - (0.5 * (&wide + 1.0)).lgamma() + 0.5 * (&wide * PI).ln();
    let far = z.abs().gt(1e15);
    let near = (far.select(0, &z).square() / nu).ln_1p();
    let beyond = 2.0 * far.select(z.abs(), 1).ln() - nu.ln();
    constant.cast(z.dtype()) + s + 0.5 * (nu + 1.0) * far.select(beyond, near)
}
