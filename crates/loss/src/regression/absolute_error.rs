//! Absolute error: the median.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// Absolute residual: the loss of the median.
///
/// ```text
/// ℓ = |r|
/// r = prediction − target
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = sign r`, the opposite for the target. At the kink `r = 0` it is 0. The second derivative is 0
/// throughout.
///
/// # Estimates
/// The **median**: of all constants the median of the targets has the least total loss (any number between the two
/// middle ones when their count is even), and a model estimates the conditional median. From 0, at `prediction =
/// target`, to ∞.
///
/// # Stability
/// Nothing can overflow but the residual itself.
///
/// # Example
/// ```
/// use minimand_loss::absolute_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 0.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = absolute_error(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.5, 0, 3]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[1, 0, -1]");
/// ```
///
/// # When to use
/// When the typical case counts, when some targets are plainly wrong, when the error is reported as it is paid: in
/// dollars, minutes, degrees. It misleads when a total is wanted: where targets are skewed the median lies far below
/// the mean, and so does the sum of all predictions (see the figures at [`squared_error`](crate::squared_error)). Its
/// gradient does not shrink near the optimum, so the learning rate has to.
///
/// # Reference
/// Boscovich, 1757, before least squares. Which loss asks for which statistic: Gneiting, *Making and Evaluating Point
/// Forecasts*, JASA 106, 2011. No parameters.
///
/// # See also
/// [`quantile`](crate::quantile) for other quantiles than the median; [`huber`](crate::huber),
/// [`smooth_l1`](crate::smooth_l1) and [`log_cosh`](crate::log_cosh), which are smooth at 0.
#[doc(alias = "l1_loss")]
#[doc(alias = "L1Loss")]
#[doc(alias = "MeanAbsoluteError")]
#[doc(alias = "mean_absolute_error")]
#[track_caller]
pub fn absolute_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("absolute_error", prediction, target);
    let r = prediction - target;
    r.abs()
}
