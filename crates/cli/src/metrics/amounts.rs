//! How far predicted amounts are from true ones.

use minimand::data::metrics::{mean, quantile};
use serde::Serialize;

use super::check_pair;

/// MAE of the rows whose truth is at most the given quantile of the truth: 0.9 leaves out the costliest tenth.
///
/// # Panics
/// If there are no rows, the slices differ in length, or `level` is outside 0..=1.
#[track_caller]
pub fn mean_absolute_error_up_to(level: f64, prediction: &[f64], truth: &[f64]) -> f64 {
    check_pair("mean_absolute_error_up_to", prediction, truth);
    let bound = quantile(truth, level);
    let errors: Vec<f64> = pairs(prediction, truth).filter(|&(_, t)| t <= bound).map(|(p, t)| (p - t).abs()).collect();
    mean(&errors)
}

/// A tenth of the rows, by their true value.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Decile {
    /// 1 for the smallest true values, 10 for the largest.
    pub number: usize,
    /// How many rows it holds.
    pub rows: usize,
    /// The smallest true value in it.
    pub lowest: f64,
    /// The largest true value in it.
    pub highest: f64,
    /// Mean of the true values.
    pub mean_truth: f64,
    /// Mean of the predictions.
    pub mean_prediction: f64,
    /// Mean of prediction − truth: above 0 where the model says too much.
    pub mean_residual: f64,
}

/// Mean residual in each tenth of the rows, ordered by true value (equal ones in the order given).
///
/// The tenths differ by at most one row; fewer than ten rows leave some out.
///
/// # Panics
/// If there are no rows, or the slices differ in length.
#[track_caller]
pub fn residuals_by_decile(prediction: &[f64], truth: &[f64]) -> Vec<Decile> {
    check_pair("residuals_by_decile", prediction, truth);
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| truth[a].total_cmp(&truth[b]));
    let decile = |number: usize| {
        let rows = &order[(number - 1) * order.len() / 10..number * order.len() / 10];
        let (&first, &last) = (rows.first()?, rows.last()?);
        let mean_of = |values: &[f64]| rows.iter().map(|&row| values[row]).sum::<f64>() / rows.len() as f64;
        let (mean_truth, mean_prediction) = (mean_of(truth), mean_of(prediction));
        Some(Decile {
            number,
            rows: rows.len(),
            lowest: truth[first],
            highest: truth[last],
            mean_truth,
            mean_prediction,
            mean_residual: mean_prediction - mean_truth,
        })
    };
    (1..=10).filter_map(decile).collect()
}

/// Share of Σ|magnitude| that the rows hold for which `holds` says so, given the row's number from 0.
///
/// 0 where every magnitude is 0. With a gradient per row as the magnitude, it says who steers the training.
pub fn share_held_by(magnitude: &[f64], holds: impl Fn(usize) -> bool) -> f64 {
    let total: f64 = magnitude.iter().map(|m| m.abs()).sum();
    let held: f64 = magnitude.iter().enumerate().filter(|&(row, _)| holds(row)).map(|(_, m)| m.abs()).sum();
    if total == 0.0 { 0.0 } else { held / total }
}

/// Third central moment over the cube of the standard deviation: 0 for symmetric values, large for a long upper tail.
///
/// 0 for constant values.
///
/// # Panics
/// If there are no values.
#[track_caller]
pub fn skewness(values: &[f64]) -> f64 {
    let centre = mean(values);
    let moment = |power| values.iter().map(|v| (v - centre).powi(power)).sum::<f64>() / values.len() as f64;
    let variance = moment(2);
    if variance == 0.0 { 0.0 } else { moment(3) / variance.powf(1.5) }
}

fn pairs<'a>(one: &'a [f64], other: &'a [f64]) -> impl Iterator<Item = (f64, f64)> + 'a {
    one.iter().copied().zip(other.iter().copied())
}
