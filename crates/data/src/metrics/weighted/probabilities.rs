//! Scores and calibration of probabilities, rows counting by their weights.

use super::Weights;
use crate::metrics::{Bins, MetricError, ReliabilityBin, check};

fn checked(metric: &'static str, probabilities: &[f64], labels: &[bool], weights: Weights) -> Result<(), MetricError> {
    check::rows(metric, ["probabilities", "labels"], probabilities, labels)?;
    check::probabilities(metric, probabilities)?;
    weights.check(metric, labels.len())
}

/// How far a row's probabilities may be from summing to 1: softmax of thousands of classes in f32 is within it.
const SUM_TOLERANCE: f64 = 1e-3;

fn checked_classes(
    metric: &'static str,
    probabilities: &[f64],
    truth: &[usize],
    classes: usize,
    weights: Weights,
) -> Result<(), MetricError> {
    check::table(metric, "probabilities", probabilities, truth.len(), classes)?;
    check::probabilities(metric, probabilities)?;
    check::classes(metric, "truth", truth, classes)?;
    let sums: Vec<f64> = probabilities.chunks_exact(classes).map(|row| row.iter().sum()).collect();
    let near_one = |sum: f64| (sum - 1.0).abs() <= SUM_TOLERANCE;
    check::values(metric, "the sum of the probabilities of row", &sums, "1", near_one)?;
    weights.check(metric, truth.len())
}

/// As [`brier`](crate::metrics::brier), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn brier(probabilities: &[f64], labels: &[bool], weights: Weights) -> Result<f64, MetricError> {
    checked("brier", probabilities, labels, weights)?;
    Ok(weights.mean(probabilities.iter().zip(labels).map(|(p, &label)| (p - f64::from(u8::from(label))).powi(2))))
}

/// As [`brier_of_classes`](crate::metrics::brier_of_classes), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn brier_of_classes(
    probabilities: &[f64],
    truth: &[usize],
    classes: usize,
    weights: Weights,
) -> Result<f64, MetricError> {
    checked_classes("brier_of_classes", probabilities, truth, classes, weights)?;
    let of_row = |(row, &truth): (&[f64], &usize)| {
        let square = |(class, p): (usize, &f64)| (p - f64::from(u8::from(class == truth))).powi(2);
        row.iter().enumerate().map(square).sum()
    };
    Ok(weights.mean(probabilities.chunks_exact(classes).zip(truth).map(of_row)))
}

/// As [`log_loss`](crate::metrics::log_loss), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn log_loss(probabilities: &[f64], labels: &[bool], weights: Weights) -> Result<f64, MetricError> {
    checked("log_loss", probabilities, labels, weights)?;
    let of_row = |row: usize| if labels[row] { -probabilities[row].ln() } else { -(-probabilities[row]).ln_1p() };
    Ok(mean_of_surprise(weights, labels.len(), of_row))
}

/// As [`log_loss_of_classes`](crate::metrics::log_loss_of_classes), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn log_loss_of_classes(
    probabilities: &[f64],
    truth: &[usize],
    classes: usize,
    weights: Weights,
) -> Result<f64, MetricError> {
    checked_classes("log_loss_of_classes", probabilities, truth, classes, weights)?;
    Ok(mean_of_surprise(weights, truth.len(), |row| -probabilities[row * classes + truth[row]].ln()))
}

/// The mean of what may be infinite: a row without weight does not count, whatever it is.
fn mean_of_surprise(weights: Weights, rows: usize, of_row: impl Fn(usize) -> f64) -> f64 {
    weights.mean((0..rows).map(|row| if weights.of(row) == 0.0 { 0.0 } else { of_row(row) }))
}

/// As [`reliability`](crate::metrics::reliability), weighted; bins of equal mass hold about the same weight.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn reliability(
    probabilities: &[f64],
    labels: &[bool],
    bins: Bins,
    weights: Weights,
) -> Result<Vec<ReliabilityBin>, MetricError> {
    in_bins("reliability", probabilities, labels, bins, weights)
}

/// As [`expected_calibration_error`](crate::metrics::expected_calibration_error), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn expected_calibration_error(
    probabilities: &[f64],
    labels: &[bool],
    bins: Bins,
    weights: Weights,
) -> Result<f64, MetricError> {
    let bins = in_bins("expected_calibration_error", probabilities, labels, bins, weights)?;
    let total: f64 = bins.iter().map(|bin| bin.weight).sum();
    Ok(bins.iter().map(|bin| bin.weight * (bin.mean_probability - bin.share).abs()).sum::<f64>() / total)
}

fn in_bins(
    metric: &'static str,
    probabilities: &[f64],
    labels: &[bool],
    bins: Bins,
    weights: Weights,
) -> Result<Vec<ReliabilityBin>, MetricError> {
    checked(metric, probabilities, labels, weights)?;
    let count = match bins {
        Bins::EqualWidth(count) | Bins::EqualMass(count) => count,
    };
    check::parameter(metric, "number of bins", count as f64, "1 or more", count >= 1)?;
    let mut order: Vec<usize> = (0..labels.len()).filter(|&row| weights.of(row) > 0.0).collect();
    order.sort_by(|&a, &b| probabilities[a].total_cmp(&probabilities[b]));
    let total: f64 = order.iter().map(|&row| weights.of(row)).sum();
    let mut found: Vec<ReliabilityBin> = Vec::new();
    let (mut before, mut last) = (0.0, None);
    for tie in order.chunk_by(|&a, &b| probabilities[a] == probabilities[b]) {
        let probability = probabilities[tie[0]];
        let of_tie: f64 = tie.iter().map(|&row| weights.of(row)).sum();
        let bin = match bins {
            Bins::EqualWidth(_) => by_width(probability, count),
            // By its middle: a tie goes where most of it would be.
            Bins::EqualMass(_) => (((before + of_tie / 2.0) / total * count as f64) as usize).min(count - 1),
        };
        before += of_tie;
        if last != Some(bin) {
            found.push(ReliabilityBin { weight: 0.0, mean_probability: 0.0, share: 0.0 });
            last = Some(bin);
        }
        let positive: f64 = tie.iter().filter(|&&row| labels[row]).map(|&row| weights.of(row)).sum();
        let current = found.last_mut().expect("a bin was pushed before");
        current.weight += of_tie;
        current.mean_probability += of_tie * probability;
        current.share += positive;
    }
    for bin in &mut found {
        bin.mean_probability /= bin.weight;
        bin.share /= bin.weight;
    }
    Ok(found)
}

/// k where the probability is in (k/count, (k+1)/count], as the edges are rounded.
fn by_width(probability: f64, count: usize) -> usize {
    let upper = |bin: usize| (bin + 1) as f64 / count as f64;
    let mut bin = ((probability * count as f64) as usize).min(count - 1);
    while bin > 0 && probability <= upper(bin - 1) {
        bin -= 1;
    }
    while bin + 1 < count && probability > upper(bin) {
        bin += 1;
    }
    bin
}
