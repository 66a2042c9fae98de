//! How far predicted amounts are from true ones.

use super::weighted::{self, Weights};
use super::{MetricError, check};

/// MAE = mean |prediction − truth|, in the unit of the truth.
///
/// ```
/// use minimand_data::metrics::mean_absolute_error;
/// assert_eq!(mean_absolute_error(&[1.0, 2.0, 6.0], &[1.0, 3.0, 4.0])?, 1.0);
/// let error = mean_absolute_error(&[1.0, f64::NAN], &[1.0, 3.0]).unwrap_err();
/// assert_eq!(error.to_string(), "mean_absolute_error: prediction 1 is NaN, not a finite number");
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn mean_absolute_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_absolute_error(prediction, truth, Weights::EQUAL)
}

/// MSE = mean (prediction − truth)².
///
/// ```
/// use minimand_data::metrics::mean_squared_error;
/// assert_eq!(mean_squared_error(&[1.0, 2.0], &[1.0, 4.0])?, 2.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn mean_squared_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_squared_error(prediction, truth, Weights::EQUAL)
}

/// RMSE = √ mean (prediction − truth)², in the unit of the truth; large errors count more than in the mean absolute one.
///
/// ```
/// use minimand_data::metrics::root_mean_squared_error;
/// assert_eq!(root_mean_squared_error(&[1.0, 2.0], &[4.0, 5.0])?, 3.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn root_mean_squared_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::root_mean_squared_error(prediction, truth, Weights::EQUAL)
}

/// The median of |prediction − truth|: half of the rows are that near. The mean of the two middle ones of an even number.
///
/// ```
/// use minimand_data::metrics::median_absolute_error;
/// assert_eq!(median_absolute_error(&[1.0, 2.0, 90.0], &[1.0, 3.0, 4.0])?, 1.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn median_absolute_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::median_absolute_error(prediction, truth, Weights::EQUAL)
}

/// MAPE = mean |(prediction − truth) / truth|, as a share, not in percent. Its best constant lies below the median: it favours too little.
///
/// ```
/// use minimand_data::metrics::mean_absolute_percentage_error;
/// assert_eq!(mean_absolute_percentage_error(&[1.0, 3.0], &[2.0, 4.0])?, 0.375);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, one is not finite, or a truth is 0 (scikit-learn divides by 2⁻⁵² there).
pub fn mean_absolute_percentage_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_absolute_percentage_error(prediction, truth, Weights::EQUAL)
}

/// R² = 1 − Σ (prediction − truth)² / Σ (truth − mean of the truth)²: 1 at best, 0 for the mean, below 0 for worse.
///
/// ```
/// use minimand_data::metrics::r_squared;
/// assert_eq!(r_squared(&[1.0, 2.0, 4.0], &[1.0, 2.0, 3.0])?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, one is not finite, or the truth is constant.
#[doc(alias = "r2_score")]
#[doc(alias = "coefficient_of_determination")]
pub fn r_squared(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::r_squared(prediction, truth, Weights::EQUAL)
}

/// 1 − variance of the errors / variance of the truth: R² of predictions whose common bias is taken off.
///
/// ```
/// use minimand_data::metrics::explained_variance;
/// assert_eq!(explained_variance(&[11.0, 12.0, 13.0], &[1.0, 2.0, 3.0])?, 1.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, one is not finite, or the truth is constant.
pub fn explained_variance(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::explained_variance(prediction, truth, Weights::EQUAL)
}

/// The largest |prediction − truth|.
///
/// ```
/// use minimand_data::metrics::max_error;
/// assert_eq!(max_error(&[1.0, 2.0, 6.0], &[1.0, 3.0, 4.0])?, 2.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn max_error(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    check::amounts("max_error", prediction, truth)?;
    Ok(prediction.iter().zip(truth).map(|(p, t)| (p - t).abs()).fold(0.0, f64::max))
}

/// Predicted total over true total: 1 where the budget adds up, 0.4 where 60 % of it is missing.
///
/// Two totals of 0 agree and have ratio 1; a true total of 0 alone has an infinite one.
///
/// ```
/// use minimand_data::metrics::totals_ratio;
/// assert_eq!(totals_ratio(&[1.0, 1.0], &[1.0, 4.0])?, 0.4);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not finite.
pub fn totals_ratio(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    check::amounts("totals_ratio", prediction, truth)?;
    let (predicted, actual) = (prediction.iter().sum::<f64>(), truth.iter().sum::<f64>());
    Ok(if predicted == 0.0 && actual == 0.0 { 1.0 } else { predicted / actual })
}
