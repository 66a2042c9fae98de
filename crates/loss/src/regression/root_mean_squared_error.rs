//! The root of a mean square.

use minimand_tensor::Tensor;

use super::cosine_distance::has_axis;
use crate::shape::same_shape;

/// Root of the mean squared residual along the last axis: the error of a row, in the unit of the target.
///
/// ```text
/// ℓ = √(Σⱼ (predictionⱼ − targetⱼ)² / n)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, n]`, of the same shape, and the loss is `[…]`; flatten first for one root of all.
/// Any numbers. Other shapes panic. Of an empty row it is 0.
///
/// # Gradient
/// `∂ℓ/∂predictionⱼ = rⱼ/(n ℓ)`, the opposite for the target, and 0 at the perfect fit, where the root has no slope.
///
/// # Estimates
/// Each entry the **mean**, when the row is the whole data; a mean over many rows instead estimates something like a
/// spatial median: far rows weigh by their distance, not its square. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// A length, scaled by its greatest entry: no square overflows or vanishes. `√(mean r²)` by itself has the gradient
/// `0/0` at the perfect fit (NaN in dfdx and PyTorch); no ε is added, which would change the loss near it.
///
/// # Example
/// ```
/// use minimand_loss::root_mean_squared_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 7.0], [2.0, 2.0]]);
/// let target = Tensor::from([[0.0, 0.0], [2.0, 2.0]]);
/// let loss = root_mean_squared_error(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[5.0000, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[0.1000, 0.7000],\n [0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// When the error is to be read in the unit of the target, and when each series, image or molecule of a batch is to
/// count by its distance. It misleads as a training loss of single numbers: a row of one is the absolute error, whose
/// answer is the median; and a mean of roots is no root of a mean, so figures of different batch sizes do not compare.
///
/// # Reference
/// The standard deviation of Pearson, 1894, about a prediction instead of the mean. No parameters.
///
/// # See also
/// [`squared_error`](crate::squared_error) without the root;
/// [`root_mean_squared_logarithmic_error`](crate::root_mean_squared_logarithmic_error) of relative errors.
#[doc(alias = "rmse_loss")]
#[doc(alias = "RMSE")]
#[doc(alias = "RootMeanSquaredError")]
#[track_caller]
pub fn root_mean_squared_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("root_mean_squared_error", prediction, target);
    has_axis("root_mean_squared_error", prediction);
    root_mean_square(&(prediction - target))
}

/// `√(mean x²)` along the last axis, with gradient 0 at 0.
#[track_caller]
pub(super) fn root_mean_square(x: &Tensor) -> Tensor {
    let count = x.shape()[x.rank() - 1].max(1) as f64;
    x.norm_axis(-1) * (1.0 / count.sqrt())
}
