//! Means and shares.

/// Arithmetic mean.
///
/// # Panics
/// If there are no values.
#[track_caller]
pub fn mean(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "mean: no values");
    values.iter().sum::<f64>() / values.len() as f64
}

/// Share of positive labels: what the mean of calibrated probabilities is.
///
/// # Panics
/// If there are no labels.
#[track_caller]
pub fn base_rate(labels: &[bool]) -> f64 {
    assert!(!labels.is_empty(), "base_rate: no labels");
    labels.iter().filter(|&&label| label).count() as f64 / labels.len() as f64
}
