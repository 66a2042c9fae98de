//! Errors of amounts, rows counting by their weights.

use super::Weights;
use crate::metrics::{MetricError, check};

fn checked(metric: &'static str, prediction: &[f64], truth: &[f64], weights: Weights) -> Result<(), MetricError> {
    check::amounts(metric, prediction, truth)?;
    weights.check(metric, truth.len())
}

fn pairs<'a>(one: &'a [f64], other: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    one.iter().copied().zip(other.iter().copied())
}

/// As [`mean_absolute_error`](crate::metrics::mean_absolute_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_absolute_error(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("mean_absolute_error", prediction, truth, weights)?;
    Ok(weights.mean(pairs(prediction, truth).map(|(p, t)| (p - t).abs())))
}

/// As [`mean_squared_error`](crate::metrics::mean_squared_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_squared_error(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("mean_squared_error", prediction, truth, weights)?;
    Ok(weights.mean(pairs(prediction, truth).map(|(p, t)| (p - t).powi(2))))
}

/// As [`root_mean_squared_error`](crate::metrics::root_mean_squared_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn root_mean_squared_error(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("root_mean_squared_error", prediction, truth, weights)?;
    Ok(mean_squared_error(prediction, truth, weights)?.sqrt())
}

/// As [`median_absolute_error`](crate::metrics::median_absolute_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn median_absolute_error(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("median_absolute_error", prediction, truth, weights)?;
    let errors: Vec<f64> = pairs(prediction, truth).map(|(p, t)| (p - t).abs()).collect();
    Ok(weights.quantile(&errors, 0.5))
}

/// As [`mean_absolute_percentage_error`](crate::metrics::mean_absolute_percentage_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn mean_absolute_percentage_error(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    let metric = "mean_absolute_percentage_error";
    checked(metric, prediction, truth, weights)?;
    check::values(metric, "truth", truth, "a number other than 0", |truth| truth != 0.0)?;
    Ok(weights.mean(pairs(prediction, truth).map(|(p, t)| ((p - t) / t).abs())))
}

/// As [`r_squared`](crate::metrics::r_squared), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn r_squared(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("r_squared", prediction, truth, weights)?;
    let centre = weights.mean(truth.iter().copied());
    let variance = weights.mean(truth.iter().map(|t| (t - centre).powi(2)));
    check::defined("r_squared", variance > 0.0, "the truth is constant")?;
    Ok(1.0 - mean_squared_error(prediction, truth, weights)? / variance)
}

/// As [`explained_variance`](crate::metrics::explained_variance), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn explained_variance(prediction: &[f64], truth: &[f64], weights: Weights) -> Result<f64, MetricError> {
    checked("explained_variance", prediction, truth, weights)?;
    let bias = weights.mean(pairs(prediction, truth).map(|(p, t)| t - p));
    let centre = weights.mean(truth.iter().copied());
    let variance = weights.mean(truth.iter().map(|t| (t - centre).powi(2)));
    check::defined("explained_variance", variance > 0.0, "the truth is constant")?;
    Ok(1.0 - weights.mean(pairs(prediction, truth).map(|(p, t)| (t - p - bias).powi(2))) / variance)
}
