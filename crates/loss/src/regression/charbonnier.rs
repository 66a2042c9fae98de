//! A hyperbola: the absolute error with a rounded tip.

use minimand_tensor::Tensor;

use crate::numbers::check_divisor;
use crate::shape::same_shape;

/// Absolute residual with its kink rounded to a hyperbola: half the square over `epsilon` when small, linear when
/// large.
///
/// ```text
/// ℓ = √(r² + ε²) − ε
/// r = prediction − target
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `epsilon > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = r/√(r² + ε²)`, between −1 and 1; the second derivative is `ε²/(r² + ε²)^(3/2)`, 1/ε at 0. No
/// kinks, no seams.
///
/// # Estimates
/// A **robust location**: the median as ε → 0, towards the mean as ε grows. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// As [`pseudo_huber`]: the difference of root and ε, which cancels, is never formed.
///
/// # Example
/// ```
/// use minimand_loss::charbonnier;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 4.0, -4.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = charbonnier(&prediction, &target, 3.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 2.0000, 2.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.8000, -0.8000]");
/// ```
///
/// # When to use
/// For images, optical flow and depth, in place of the absolute error: sharper than squared error, and at rest where
/// the fit is good. It misleads as the absolute error does, not a mean; and a tiny ε is a curvature of 1/ε at 0, too
/// much for Newton steps and large learning rates.
///
/// # Reference
/// Charbonnier et al., *Two Deterministic Half-Quadratic Regularization Algorithms for Computed Imaging*, ICIP 1994.
/// Usual: ε = 1e-3. Lai et al. (LapSRN, 2017) leave out the constant −ε; Kornia's has ε = 1.
///
/// # See also
/// [`pseudo_huber`] is `δ · charbonnier(δ)`; [`smooth_l1`](crate::smooth_l1) with a parabola as its tip.
#[doc(alias = "charbonnier_loss")]
#[track_caller]
pub fn charbonnier(prediction: &Tensor, target: &Tensor, epsilon: f64) -> Tensor {
    same_shape("charbonnier", prediction, target);
    let r = prediction - target;
    check_divisor("charbonnier", ("epsilon", epsilon), r.dtype());
    epsilon * hyperbola(&(r / epsilon))
}

/// Half the square of small residuals, joined to a line of slope `delta` by a hyperbola: Huber's loss without seams.
///
/// ```text
/// ℓ = δ² (√(1 + (r / δ)²) − 1)
/// r = prediction − target
/// δ = delta
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `delta > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = r/√(1 + (r/δ)²)`, between −δ and δ; the second derivative is `(1 + (r/δ)²)^(−3/2)`, 1 at 0. No
/// kinks, no seams.
///
/// # Estimates
/// A **robust location** as [`huber`](crate::huber): the mean as δ → ∞, the median as δ → 0 (of `ℓ/δ`). From 0, at
/// `prediction = target`, to ∞.
///
/// # Stability
/// Computed as `2 δ² sinh²(½ asinh(r/δ))`, which is the same: nothing cancels for small residuals, where `√(1 + x) − 1`
/// is 0, and no square overflows for large ones.
///
/// # Example
/// ```
/// use minimand_loss::pseudo_huber;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1e-9, 4.0, -4.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = pseudo_huber(&prediction, &target, 3.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 6.0000, 6.0000]");
/// assert_eq!(format!("{:.4e}", loss.to_vec::<f64>()[0]), "5.0000e-19");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 2.4000, -2.4000]");
/// ```
///
/// # When to use
/// Where Huber's loss fits and second derivatives are used: boosting, Newton steps. It misleads as
/// [`huber`](crate::huber) does, not a mean; and between its ends it is milder than Huber's with the same δ, so a δ
/// tuned for one does not suit the other.
///
/// # Reference
/// Hartley and Zisserman, *Multiple View Geometry in Computer Vision*, second edition, 2003, appendix 6.8. Usual: 1.
///
/// # See also
/// [`charbonnier`] in the scale of the absolute error; [`huber`](crate::huber); [`log_cosh`](crate::log_cosh).
#[doc(alias = "pseudohubererror")]
#[doc(alias = "PseudoHuberLoss")]
#[track_caller]
pub fn pseudo_huber(prediction: &Tensor, target: &Tensor, delta: f64) -> Tensor {
    same_shape("pseudo_huber", prediction, target);
    let r = prediction - target;
    check_divisor("pseudo_huber", ("delta", delta), r.dtype());
    // Twice, so that δ² does not vanish before it meets what is great.
    delta * (delta * hyperbola(&(r / delta)))
}

/// `√(1 + u²) − 1`.
#[track_caller]
fn hyperbola(u: &Tensor) -> Tensor {
    2.0 * (0.5 * u.asinh()).sinh().square()
}
