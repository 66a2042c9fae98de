//! What a metric cannot be computed from.

/// Why a metric has no value. Rows and entries are counted from 0.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum MetricError {
    /// Nothing to judge.
    #[error("{metric}: no rows")]
    Empty {
        /// The metric.
        metric: &'static str,
    },
    /// Inputs of different numbers of rows.
    #[error("{metric}: {} and {} differ in number: {} and {}", .names[0], .names[1], .lengths[0], .lengths[1])]
    Lengths {
        /// The metric.
        metric: &'static str,
        /// The two inputs.
        names: [&'static str; 2],
        /// How many entries each has.
        lengths: [usize; 2],
    },
    /// A number outside the metric's domain, such as NaN.
    #[error("{metric}: {input} {index} is {value}, not {domain}")]
    Value {
        /// The metric.
        metric: &'static str,
        /// The input.
        input: &'static str,
        /// The entry at fault.
        index: usize,
        /// What it is.
        value: f64,
        /// What it should be.
        domain: &'static str,
    },
    /// A class that there is not.
    #[error("{metric}: {input} {index} is class {class}, but the {classes} classes begin at 0")]
    Class {
        /// The metric.
        metric: &'static str,
        /// The input.
        input: &'static str,
        /// The entry at fault.
        index: usize,
        /// What it is.
        class: usize,
        /// How many classes there are.
        classes: usize,
    },
    /// A parameter outside its domain.
    #[error("{metric}: {parameter} is {value}, not {domain}")]
    Parameter {
        /// The metric.
        metric: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What it is.
        value: f64,
        /// What it should be.
        domain: &'static str,
    },
    /// Valid rows for which the metric is not defined, such as a recall without positive rows.
    #[error("{metric}: {reason}")]
    Undefined {
        /// The metric.
        metric: &'static str,
        /// What is missing.
        reason: &'static str,
    },
}
