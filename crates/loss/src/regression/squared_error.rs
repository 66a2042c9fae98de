//! Squared error: the mean.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// Squared residual: the loss of the mean.
///
/// ```text
/// ℓ = r²
/// r = prediction − target
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any finite numbers. Other shapes panic: `[n, 1]`
/// against `[n]` would silently be n² losses.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 r`, the opposite for the target. No kinks. (Optax's `l2_loss` is half of this loss.)
///
/// # Estimates
/// The **mean**: of all constants the mean of the targets has the least total loss, and a model estimates the
/// conditional mean. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// `r²` overflows in f32 beyond `|r| ≈ 1.8e19`; the loss is then ∞ and its gradient still `2 r`.
///
/// # Example
/// ```
/// use minimand_loss::squared_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = squared_error(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.25, 4, 9]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[1, 4, -6]");
/// ```
///
/// # When to use
/// When the mean is wanted: totals, budgets, expected values; when the noise is about normal. It misleads where a few
/// targets are huge: an example weighs as much as its residual, so the tail owns the gradient. On the medical costs of
/// the RAND experiment (costliest 1 % of rows: 86 % of the squared deviations) a linear model has an absolute error of
/// 157 dollars on the cheaper 90 % of rows, against 57 with Huber's loss; but it predicts 1.08 of the true total, and
/// Huber's only 0.38. For images, where several answers are right, their mean is a blur.
///
/// # Reference
/// Legendre, *Nouvelles méthodes pour la détermination des orbites des comètes*, 1805. Which loss asks for which
/// statistic: Gneiting, *Making and Evaluating Point Forecasts*, JASA 106, 2011. No parameters.
///
/// # See also
/// [`absolute_error`](crate::absolute_error) for the median, [`huber`](crate::huber) in between,
/// [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance) when the noise differs from example to example.
#[doc(alias = "mse_loss")]
#[doc(alias = "MSELoss")]
#[doc(alias = "MeanSquaredError")]
#[doc(alias = "mean_squared_error")]
#[doc(alias = "l2_loss")]
#[track_caller]
pub fn squared_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("squared_error", prediction, target);
    let r = prediction - target;
    r.square()
}
