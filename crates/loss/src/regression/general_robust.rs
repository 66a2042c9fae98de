//! Barron's family of losses.

use minimand_tensor::{DType, Tensor};

use super::redescending::{bell, log_one_and_square, standardised};

/// Shape and scale of [`general_robust`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GeneralRobustOptions {
    /// Shape α: 2 squared error, 1 pseudo-Huber, 0 Cauchy, −2 Geman-McClure, −∞ Welsch.
    pub alpha: f64,
    /// Scale c, in the unit of the target.
    pub scale: f64,
}

impl Default for GeneralRobustOptions {
    /// α = 1, c = 1.
    fn default() -> GeneralRobustOptions {
        GeneralRobustOptions { alpha: 1.0, scale: 1.0 }
    }
}

/// Half the squared residual when small, and a power of it, a logarithm or a constant when large, as the shape `alpha`
/// says.
///
/// ```text
/// ℓ = ½ u² if α = 2 else ½ b ln(1 + u² / b) if α = 0 else 1 − exp(−½ u²) if α = −∞
///   else b / α ((1 + u² / b)^(α / 2) − 1)
/// b = |α − 2|
/// u = (prediction − target) / c
/// α = alpha
/// c = scale
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `alpha` any number or −∞, `scale >
/// 0`, in the unit of the target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = u (1 + u²/b)^(α/2 − 1)/c`, and its limits `u/c`, `2 u/(c (u² + 2))` and `u exp(−½ u²)/c` for α =
/// 2, 0 and −∞. The second derivative is 1/c² at 0. Convex for α ≥ 1.
///
/// # Estimates
/// The **mean** for α = 2, a robust location for α = 1, towards the mode for α below 0. From 0, at `prediction =
/// target`; to ∞ for α ≥ 0, to `b/|α|` below.
///
/// # Stability
/// `b/α (exp(½ α ln(1 + u²/b)) − 1)` by `ln_1p` and `exp_m1`, which holds its digits as near to 2, 0 and −∞ as numbers
/// go, and by the limits there. For α > 2 it overflows early.
///
/// # Example
/// ```
/// use minimand_loss::{GeneralRobustOptions, general_robust};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 1.0, -4.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let options = |alpha| GeneralRobustOptions { alpha, ..Default::default() };
/// let loss = general_robust(&prediction, &target, options(1.0));
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.4142, 3.1231]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.7071, -0.9701]");
/// let loss = general_robust(&prediction, &target, options(0.0));
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.4055, 2.1972]");
/// ```
///
/// # When to use
/// To choose, or anneal, the robustness by one number: from α = 1 down to −2 as the fit improves. It misleads when α is
/// tuned on the loss itself: lower α is a lower loss whatever the fit; compare on held-out errors of another measure.
///
/// # Reference
/// Barron, *A General and Adaptive Robust Loss Function*, CVPR 2019, equation 9. Usual: α = 1, c = 1. His code bounds
/// `|α|` and `b` by ε near the limits; here the formula holds throughout. Learning α needs the partition function of
/// the distribution as well, which is not part of this loss.
///
/// # See also
/// [`pseudo_huber`](crate::pseudo_huber) (α = 1), [`cauchy`](crate::cauchy) (0),
/// [`geman_mcclure`](crate::geman_mcclure) (−2) and [`welsch`](crate::welsch) (−∞).
#[doc(alias = "lossfun")]
#[doc(alias = "AdaptiveLossFunction")]
#[track_caller]
pub fn general_robust(prediction: &Tensor, target: &Tensor, options: GeneralRobustOptions) -> Tensor {
    let GeneralRobustOptions { alpha, scale } = options;
    let u = standardised("general_robust", prediction, target, scale);
    assert!(alpha < f64::INFINITY, "general_robust: alpha is {alpha} and must be a number below infinity");
    let b = (alpha - 2.0).abs();
    if alpha == 2.0 {
        return 0.5 * u.square();
    }
    if b > if u.dtype() == DType::F64 { 1e18 } else { 1e10 } {
        return bell(&u); // Rounds to the limit.
    }
    let log = log_one_and_square(&(u * (1.0 / b.sqrt())));
    // Nearer to 0 it rounds to the limit.
    if alpha.abs() < 1e-20 { 0.5 * b * log } else { b / alpha * (0.5 * alpha * log).exp_m1() }
}
