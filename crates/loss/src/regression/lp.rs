//! Powers of the absolute error.

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive};
use crate::shape::same_shape;

/// Power of the absolute residual.
///
/// ```text
/// ℓ = |r|^p
/// r = prediction − target
/// p = exponent
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `exponent > 0` and finite. Anything
/// else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = p |r|^(p − 1) sign r`, the opposite for the target. At `r = 0` it is 0 for every p, also for p ≤
/// 1, where there is a kink or a cusp; for even p all derivatives are those of the polynomial, for others they are 0
/// there.
///
/// # Estimates
/// The median for p = 1, the mean for p = 2, towards the middle of the range as p grows, and for p < 1 one of the data
/// points, towards the mode. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// Where r = 0 the power is taken of 1 and not used: its slope would be `∞ · 0`. `|r|^p` overflows where it is too
/// great for the type.
///
/// # Example
/// ```
/// use minimand_loss::lp;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 4.0, -1.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = lp(&prediction, &target, 1.5);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 8.0000, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 3.0000, -1.5000]");
/// ```
///
/// # When to use
/// For p between 1 and 2, as a compromise without a seam; for p < 1, when most residuals should be exactly 0; for p = 4
/// or 8, when the worst one counts. It misleads in its unit: the sum is not a length until the p-th root is taken; for
/// p < 1 it has many local minima and pulls infinitely hard near 0, and for great p one outlier is the loss.
///
/// # Reference
/// Rice and White, *Norms for Smoothing and Estimation*, SIAM Review 6, 1964. Usual: 1, 2, 1.5.
///
/// # See also
/// [`absolute_error`](crate::absolute_error), p = 1; [`squared_error`](crate::squared_error), p = 2;
/// [`general_robust`](crate::general_robust), which is such a power far out and smooth at 0.
#[doc(alias = "LpLoss")]
#[track_caller]
pub fn lp(prediction: &Tensor, target: &Tensor, exponent: f64) -> Tensor {
    same_shape("lp", prediction, target);
    let r = prediction - target;
    check_positive("lp", ("exponent", exponent), r.dtype());
    check_finite("lp", ("exponent", exponent), r.dtype());
    if exponent % 2.0 == 0.0 {
        return r.pow(exponent);
    }
    let zero = r.eq(0);
    zero.select(0, zero.select(1, r.abs()).pow(exponent))
}
