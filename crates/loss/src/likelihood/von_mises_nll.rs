//! Negative log-likelihood of angles.

use std::f64::consts::PI;

use minimand_tensor::Tensor;

use super::scale::{exp_bounded, log_scaled_bessel};
use crate::shape::{repeats_to, same_shapes};

/// Negative log-likelihood of a von Mises distribution: the normal distribution's kin on the circle.
///
/// ```text
/// ℓ = ln(2 π) + lnI₀(κ) − κ cos(target − direction)
/// κ = exp log_concentration
/// ```
///
/// # Shapes
/// `direction` and `target`, angles in radians, have the same shape, and so has the loss; `log_concentration` has it too or
/// repeats to it. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂direction = −κ sin(target − direction)`: 0 also at the opposite direction, which is no minimum.
/// `∂ℓ/∂log_concentration = κ (I₁(κ)/I₀(κ) − cos(target − direction))`. No kinks; full turns do not matter.
///
/// # Estimates
/// **Circular mean**: the direction of the mean of the unit vectors, for any concentration; and the concentration.
///
/// # Stability
/// As `2 κ sin²(½ (target − direction))` and `ln I₀(κ) − κ`, neither of which overflows or cancels at large concentrations; the
/// Bessel function by its power series below 16 and its asymptotic series above.
///
/// # Example
/// ```
/// use minimand_loss::von_mises_nll;
/// use minimand_tensor::Tensor;
///
/// let direction = Tensor::from([0.0, 0.0]);
/// let target = 0.5 * std::f64::consts::PI * Tensor::from([-1.0, 1.0]);
/// let loss = von_mises_nll(&direction, &target, &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[2.0738, 2.0738]");
/// assert_eq!(loss.sum().grad(&direction).to_string(), "[1, -1]");
/// ```
///
/// # When to use
/// For angles, times of day, seasons: 359° and 1° are near each other, which squared error does not know. It misleads when the
/// directions have two opposite bulks: their circular mean lies between, or nowhere.
///
/// # Reference
/// von Mises, *Über die „Ganzzahligkeit“ der Atomgewichte*, Physikalische Zeitschrift 19, 1918; Mardia and Jupp, *Directional
/// Statistics*, 2000, equation 3.5.17. PyTorch's `VonMises` takes ln I₀ from polynomials that are right to about 10⁻⁸.
///
/// # See also
/// [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance), its limit for narrow distributions.
#[doc(alias = "VonMises")]
#[track_caller]
pub fn von_mises_nll(direction: &Tensor, target: &Tensor, log_concentration: &Tensor) -> Tensor {
    same_shapes("von_mises_nll", ("direction", direction), ("target", target));
    repeats_to("von_mises_nll", ("log_concentration", log_concentration), ("direction", direction));
    let kappa = exp_bounded(log_concentration);
    let half = (0.5 * (target - direction)).sin();
    (2.0 * PI).ln() + log_scaled_bessel(&kappa) + 2.0 * kappa * half.square()
}
