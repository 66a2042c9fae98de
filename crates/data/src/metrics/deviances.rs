//! Deviances and the pinball loss, each 0 at best: of one row, as means, and as shares of what a constant leaves.

use super::MetricError;
use super::weighted::{self, Weights};

/// Poisson deviance of one row, 2 (y ln(y / μ) − (y − μ)), of a mean above 0; 2 μ for y = 0.
pub fn poisson_deviance(mean: f64, y: f64) -> f64 {
    let logarithm = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
    2.0 * (mean - y + logarithm)
}

/// Gamma deviance of one row, 2 (y / μ − 1 − ln(y / μ)), of a mean and a truth above 0.
pub fn gamma_deviance(mean: f64, y: f64) -> f64 {
    2.0 * (y / mean - 1.0 - (y / mean).ln())
}

/// Tweedie deviance of one row (Jørgensen 1987): the squared error for power 0, Poisson's for 1, Gamma's for 2, between them for amounts with
/// zeros; of a mean above 0 and a truth from 0, from power 2 on above 0.
pub fn tweedie_deviance(power: f64, mean: f64, y: f64) -> f64 {
    if power == 0.0 {
        return (y - mean).powi(2);
    } else if power == 1.0 {
        return poisson_deviance(mean, y);
    } else if power == 2.0 {
        return gamma_deviance(mean, y);
    }
    let (one, two) = (1.0 - power, 2.0 - power);
    // A mean of 0 for a truth of 0 is exact: 0 to a negative power would be infinite.
    let of_truth = if y == 0.0 { 0.0 } else { y.powf(two) / (one * two) - y * mean.powf(one) / one };
    2.0 * (of_truth + mean.powf(two) / two)
}

/// Pinball loss of one row and a level: `(y − q)(τ − 1[y < q])`.
pub fn pinball(level: f64, prediction: f64, y: f64) -> f64 {
    (y - prediction) * (level - f64::from(u8::from(y < prediction)))
}

/// Mean of [`poisson_deviance`].
///
/// ```
/// use minimand_data::metrics::mean_poisson_deviance;
/// assert_eq!(mean_poisson_deviance(&[1.5, 2.0], &[0.0, 2.0])?, 1.5);
/// let error = mean_poisson_deviance(&[1.5, 0.0], &[0.0, 2.0]).unwrap_err();
/// assert_eq!(error.to_string(), "mean_poisson_deviance: prediction 1 is 0, not above 0");
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, a prediction is not above 0, or a truth is below 0; when one is not finite.
pub fn mean_poisson_deviance(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_poisson_deviance(prediction, truth, Weights::EQUAL)
}

/// Mean of [`gamma_deviance`].
///
/// ```
/// use minimand_data::metrics::mean_gamma_deviance;
/// assert_eq!(mean_gamma_deviance(&[2.0, 3.0], &[2.0, 3.0])?, 0.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many predictions as truths, or one is not above 0 or not finite.
pub fn mean_gamma_deviance(prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_gamma_deviance(prediction, truth, Weights::EQUAL)
}

/// Mean of [`tweedie_deviance`].
///
/// ```
/// use minimand_data::metrics::{mean_poisson_deviance, mean_tweedie_deviance};
/// let (prediction, truth) = ([1.5, 2.5], [0.0, 4.0]);
/// assert_eq!(mean_tweedie_deviance(1.0, &prediction, &truth)?, mean_poisson_deviance(&prediction, &truth)?);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When the power is neither 0 nor from 1, there are no rows, not as many predictions as truths, or one is not finite; for a power from 1 when
/// a prediction is not above 0 or a truth below 0, from 2 also when a truth is 0.
pub fn mean_tweedie_deviance(power: f64, prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_tweedie_deviance(power, prediction, truth, Weights::EQUAL)
}

/// D² = 1 − deviance / deviance of the best constant, which is the mean of the truth: R² for power 0.
///
/// ```
/// use minimand_data::metrics::d2_tweedie;
/// assert_eq!(d2_tweedie(1.0, &[1.0, 3.0], &[1.0, 3.0])?, 1.0);
/// assert_eq!(d2_tweedie(1.0, &[2.0, 2.0], &[1.0, 3.0])?, 0.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// As [`mean_tweedie_deviance`], and when the truth is constant.
#[doc(alias = "d2_tweedie_score")]
pub fn d2_tweedie(power: f64, prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::d2_tweedie(power, prediction, truth, Weights::EQUAL)
}

/// Mean of [`pinball`]: smallest where the share `level` of the truths lies below the prediction.
///
/// ```
/// use minimand_data::metrics::mean_pinball;
/// assert_eq!(mean_pinball(0.75, &[2.0, 2.0], &[6.0, 0.0])?, 1.75);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When the level is not between 0 and 1, there are no rows, not as many predictions as truths, or one is not finite.
#[doc(alias = "mean_pinball_loss")]
#[doc(alias = "quantile_loss")]
pub fn mean_pinball(level: f64, prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::mean_pinball(level, prediction, truth, Weights::EQUAL)
}

/// D² = 1 − pinball loss / pinball loss of the best constant, the quantile of the truth (Koenker & Machado 1999).
///
/// ```
/// use minimand_data::metrics::d2_pinball;
/// assert_eq!(d2_pinball(0.5, &[1.0, 2.0, 6.0], &[1.0, 3.0, 5.0])?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// As [`mean_pinball`], and when the truth is constant.
#[doc(alias = "d2_pinball_score")]
#[doc(alias = "d2_absolute_error_score")]
pub fn d2_pinball(level: f64, prediction: &[f64], truth: &[f64]) -> Result<f64, MetricError> {
    weighted::d2_pinball(level, prediction, truth, Weights::EQUAL)
}
