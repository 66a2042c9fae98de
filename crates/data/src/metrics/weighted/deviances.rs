//! Means of deviances, rows counting by their weights.

use super::Weights;
use crate::metrics::{MetricError, check, pinball, tweedie_deviance};

fn mean(
    metric: &'static str,
    power: f64,
    prediction: &[f64],
    truth: &[f64],
    weights: Weights,
) -> Result<f64, MetricError> {
    check::amounts(metric, prediction, truth)?;
    weights.check(metric, truth.len())?;
    if power >= 1.0 {
        check::values(metric, "prediction", prediction, "above 0", |value| value > 0.0)?;
    }
    if power >= 2.0 {
        check::values(metric, "truth", truth, "above 0", |value| value > 0.0)?;
    } else if power >= 1.0 {
        check::values(metric, "truth", truth, "0 or more", |value| value >= 0.0)?;
    }
    Ok(weights.mean(prediction.iter().zip(truth).map(|(&p, &t)| tweedie_deviance(power, p, t))))
}

/// As [`mean_poisson_deviance`](crate::metrics::mean_poisson_deviance), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_poisson_deviance(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    mean("mean_poisson_deviance", 1.0, prediction, truth, weights)
}

/// As [`mean_gamma_deviance`](crate::metrics::mean_gamma_deviance), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_gamma_deviance(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    mean("mean_gamma_deviance", 2.0, prediction, truth, weights)
}

fn check_power(metric: &'static str, power: f64) -> Result<(), MetricError> {
    check::parameter(metric, "power", power, "0 or from 1", power == 0.0 || power >= 1.0 && power.is_finite())
}

/// As [`mean_tweedie_deviance`](crate::metrics::mean_tweedie_deviance), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_tweedie_deviance(
    power: f64,
    prediction: &[f64],
    truth: &[f64],
    weights: Weights,
) -> Result<f64, MetricError> {
    check_power("mean_tweedie_deviance", power)?;
    mean("mean_tweedie_deviance", power, prediction, truth, weights)
}

/// As [`d2_tweedie`](crate::metrics::d2_tweedie), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn d2_tweedie(power: f64, prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    let metric = "d2_tweedie";
    check_power(metric, power)?;
    let left = mean(metric, power, prediction, truth, weights)?;
    let constant = weights.mean(truth.iter().copied());
    check::defined(metric, power == 0.0 || constant > 0.0, "the mean of the truth is not above 0")?;
    let of_constant = mean(metric, power, &vec![constant; truth.len()], truth, weights)?;
    check::defined(metric, truth.iter().any(|t| *t != truth[0]) && of_constant > 0.0, "the truth is constant")?;
    Ok(1.0 - left / of_constant)
}

/// As [`mean_pinball`](crate::metrics::mean_pinball), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_pinball(level: f64, prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    let metric = "mean_pinball";
    check::parameter(metric, "level", level, "between 0 and 1", (0.0..=1.0).contains(&level))?;
    check::amounts(metric, prediction, truth)?;
    weights.check(metric, truth.len())?;
    Ok(weights.mean(prediction.iter().zip(truth).map(|(&p, &t)| pinball(level, p, t))))
}

/// As [`d2_pinball`](crate::metrics::d2_pinball), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn d2_pinball(level: f64, prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    let left = mean_pinball(level, prediction, truth, weights)?;
    let constant = weights.quantile(truth, level);
    let of_constant = mean_pinball(level, &vec![constant; truth.len()], truth, weights)?;
    check::defined("d2_pinball", of_constant > 0.0, "the truth is constant")?;
    Ok(1.0 - left / of_constant)
}
