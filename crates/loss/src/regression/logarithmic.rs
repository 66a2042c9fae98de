//! Errors of logarithms: by which factor is a number off?

use minimand_tensor::Tensor;

use super::cosine_distance::has_axis;
use super::root_mean_squared_error::root_mean_square;
use crate::shape::same_shape;

/// Squared residual of the logarithms of one more: relative errors of large numbers, absolute ones of small.
///
/// ```text
/// ℓ = (ln(1 + prediction) − ln(1 + target))²
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss; other shapes panic. Numbers greater than −1; at
/// −1 the loss is ∞, below it is NaN.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 d/(1 + prediction)` with the residual d of the logarithms, `−2 d/(1 + target)` for the target.
///
/// # Estimates
/// The **shifted geometric mean** `exp(E ln(1 + y)) − 1`, which lies below the mean. From 0, at `prediction = target`,
/// to ∞.
///
/// # Stability
/// Where the two are near each other the difference of their logarithms is `ln(1 + r/(1 + target))`, with all its
/// digits. Keras clamps both at 1e-7 first: there a prediction below 0 has no gradient and never comes back.
///
/// # Example
/// ```
/// use minimand_loss::squared_logarithmic_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 1.0, 99.0]);
/// let target = Tensor::from([0.0, 0.0, 9.0]);
/// let loss = squared_logarithmic_error(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.4805, 5.3019]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.6931, 0.0461]");
/// ```
///
/// # When to use
/// For counts and amounts over several orders of magnitude, where off by a factor of two is as bad for ten as for a
/// thousand. It misleads when totals are wanted, because the geometric mean underestimates them, and about the 1:
/// whether sales are in pieces or in thousands changes what it means.
///
/// # Reference
/// Törnqvist, Vartia and Vartia, *How Should Relative Changes Be Measured?*, The American Statistician 39, 1985, for
/// logarithms as relative errors. No parameters.
///
/// # See also
/// [`root_mean_squared_logarithmic_error`] for its root over a row; [`squared_error`](crate::squared_error) of
/// logarithms that the model predicts itself.
#[doc(alias = "MeanSquaredLogarithmicError")]
#[doc(alias = "mean_squared_log_error")]
#[doc(alias = "MSLE")]
#[track_caller]
pub fn squared_logarithmic_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("squared_logarithmic_error", prediction, target);
    let d = log_ratio(&(1.0 + prediction), &(1.0 + target), &(prediction - target));
    d.square()
}

/// Root of the mean squared residual of the logarithms of one more, along the last axis.
///
/// ```text
/// ℓ = √(Σⱼ (ln(1 + predictionⱼ) − ln(1 + targetⱼ))² / n)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, n]`, of the same shape, and the loss is `[…]`; other shapes panic. Numbers
/// greater than −1. Of an empty row it is 0.
///
/// # Gradient
/// `∂ℓ/∂predictionⱼ = dⱼ/(n ℓ (1 + predictionⱼ))` with the residuals d of the logarithms, and 0 at the perfect fit.
///
/// # Estimates
/// Each entry the **shifted geometric mean**, when the row is the whole data. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// As [`squared_logarithmic_error`]; the root has the gradient 0 at 0, instead of NaN.
///
/// # Example
/// ```
/// use minimand_loss::root_mean_squared_logarithmic_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 0.0], [5.0, 7.0]]);
/// let target = Tensor::from([[0.0, 0.0], [5.0, 7.0]]);
/// let loss = root_mean_squared_logarithmic_error(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.4901, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[0.3536, 0.0000],\n [0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// To report [`squared_logarithmic_error`] as about a relative error, 0.1 being about 10 %, as in contests on sales and
/// house prices. It misleads as that loss does, and a mean of roots is no root of a mean.
///
/// # Reference
/// As [`squared_logarithmic_error`]; the name is from Kaggle's contests. No parameters.
///
/// # See also
/// [`squared_logarithmic_error`]; [`root_mean_squared_error`](crate::root_mean_squared_error);
/// [`scale_invariant_log_error`](crate::scale_invariant_log_error) when a common factor is free.
#[doc(alias = "RMSLE")]
#[doc(alias = "root_mean_squared_log_error")]
#[track_caller]
pub fn root_mean_squared_logarithmic_error(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("root_mean_squared_logarithmic_error", prediction, target);
    has_axis("root_mean_squared_logarithmic_error", prediction);
    root_mean_square(&log_ratio(&(1.0 + prediction), &(1.0 + target), &(prediction - target)))
}

/// `ln(a/b)` of positive numbers, given their difference `a − b`, by which it is exact where they are near each other.
#[track_caller]
pub(crate) fn log_ratio(a: &Tensor, b: &Tensor, difference: &Tensor) -> Tensor {
    let near = difference.abs().lt(0.5 * b);
    let relative = near.select(difference / near.select(b, 1), 0);
    relative.ln_1p() + (near.select(1, a).ln() - near.select(1, b).ln())
}
