//! The checks that all metrics share.

use super::MetricError;

/// As many entries in both, and at least one.
pub(super) fn rows<A, B>(
    metric: &'static str,
    names: [&'static str; 2],
    one: &[A],
    other: &[B],
) -> Result<(), MetricError> {
    let lengths = [one.len(), other.len()];
    if lengths[0] != lengths[1] {
        return Err(MetricError::Lengths { metric, names, lengths });
    }
    if one.is_empty() { Err(MetricError::Empty { metric }) } else { Ok(()) }
}

/// Every number is as the domain says.
pub(super) fn values(
    metric: &'static str,
    input: &'static str,
    values: &[f64],
    domain: &'static str,
    holds: impl Fn(f64) -> bool,
) -> Result<(), MetricError> {
    match values.iter().position(|&value| !holds(value)) {
        Some(index) => Err(MetricError::Value { metric, input, index, value: values[index], domain }),
        None => Ok(()),
    }
}

pub(super) fn finite(metric: &'static str, input: &'static str, numbers: &[f64]) -> Result<(), MetricError> {
    values(metric, input, numbers, "a finite number", f64::is_finite)
}

pub(super) fn not_nan(metric: &'static str, input: &'static str, numbers: &[f64]) -> Result<(), MetricError> {
    values(metric, input, numbers, "a number", |value| !value.is_nan())
}

pub(super) fn probabilities(metric: &'static str, numbers: &[f64]) -> Result<(), MetricError> {
    values(metric, "probability", numbers, "a probability (0 to 1)", |value| (0.0..=1.0).contains(&value))
}

/// Predicted and true amounts: as many of both, finite.
pub(super) fn amounts(metric: &'static str, prediction: &[f64], truth: &[f64]) -> Result<(), MetricError> {
    rows(metric, ["predictions", "truths"], prediction, truth)?;
    finite(metric, "prediction", prediction)?;
    finite(metric, "truth", truth)
}

pub(super) fn classes(
    metric: &'static str,
    input: &'static str,
    of_rows: &[usize],
    classes: usize,
) -> Result<(), MetricError> {
    match of_rows.iter().position(|&class| class >= classes) {
        Some(index) => Err(MetricError::Class { metric, input, index, class: of_rows[index], classes }),
        None => Ok(()),
    }
}

pub(super) fn parameter(
    metric: &'static str,
    parameter: &'static str,
    value: f64,
    domain: &'static str,
    holds: bool,
) -> Result<(), MetricError> {
    if holds { Ok(()) } else { Err(MetricError::Parameter { metric, parameter, value, domain }) }
}

/// The number, where it is one; else the metric is not defined for these rows.
pub(super) fn defined(metric: &'static str, holds: bool, reason: &'static str) -> Result<(), MetricError> {
    if holds { Ok(()) } else { Err(MetricError::Undefined { metric, reason }) }
}

/// A number for each row and class, row after row.
pub(super) fn table(
    metric: &'static str,
    name: &'static str,
    numbers: &[f64],
    rows: usize,
    classes: usize,
) -> Result<(), MetricError> {
    parameter(metric, "classes", classes as f64, "2 or more", classes >= 2)?;
    if numbers.len() != rows * classes {
        let lengths = [rows * classes, numbers.len()];
        return Err(MetricError::Lengths { metric, names: ["rows times classes", name], lengths });
    }
    if rows == 0 { Err(MetricError::Empty { metric }) } else { Ok(()) }
}
