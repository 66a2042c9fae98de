//! The logarithm of the hyperbolic cosine.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// Logarithm of the hyperbolic cosine of the residual: half its square when small, its absolute value less `ln 2` when
/// large.
///
/// ```text
/// ℓ = ln cosh r
/// r = prediction − target
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = tanh r`, the opposite for the target; the second derivative is `1 − tanh² r`, 1 at 0. No kinks, no
/// seams: all derivatives are continuous.
///
/// # Estimates
/// A **robust location** between mean and median: the maximum-likelihood one for the hyperbolic secant distribution,
/// whose density is `1/(π cosh r)`. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// `cosh` overflows, and `|r| − ln(1 + tanh |r|)` cancels to 0 for small residuals. So: `−½ ln(1 − tanh² r)` for
/// `|r| ≤ 0.65`, exact down to the smallest, and the other form beyond. Both are the same function: there is no seam
/// to see. Both take the logarithm of `1 +` a multiple of the same `tanh`, which is the gradient as well.
///
/// # Example
/// ```
/// use minimand_loss::log_cosh;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1e-9, 1.0, -100.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = log_cosh(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.4338, 99.3069]");
/// assert_eq!(loss.to_vec::<f64>()[0], 5e-19);
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.7616, -1.0000]");
/// ```
///
/// # When to use
/// Where Huber's loss fits and second derivatives are used as well: Newton steps, boosting, curvature. Its width is
/// fixed at about 1: scale the target (`log_cosh(a/s, b/s)` with residuals of a typical size `s`), or it is plain
/// absolute error for dollars and plain squared error for millionths. It misleads as [`huber`](crate::huber) does: not
/// a mean.
///
/// # Reference
/// Green, *Bayesian Reconstructions from Emission Tomography Data Using a Modified EM Algorithm*, IEEE Transactions on
/// Medical Imaging 9, 1990. Properties: Saleh and Saleh, *Statistical Properties of the log-cosh Loss Function Used in
/// Machine Learning*, 2022. No parameters.
///
/// # See also
/// [`huber`](crate::huber) for a chosen width; [`squared_error`](crate::squared_error) and
/// [`absolute_error`](crate::absolute_error), the two ends.
#[doc(alias = "LogCosh")]
#[doc(alias = "log_cosh_loss")]
#[track_caller]
pub fn log_cosh(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("log_cosh", prediction, target);
    let r = prediction - target;
    let t = r.tanh();
    let small = r.abs().le(0.65);
    let log = (&t * small.select(-&t, r.sign())).ln_1p();
    small.select(0.0, r.abs()) - small.select(0.5, 1.0) * log
}
