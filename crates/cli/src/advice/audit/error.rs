//! What keeps a file of predictions from being audited, in one line each.

use crate::{
    advice::{map::QuestionError, problem::ProblemError, purpose::Functional, written::counted},
    report::ReportError,
    table::TableError,
};

/// Why predictions cannot be audited. `file` is the path, or `-`.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// A column that the table does not have, or another fault of the table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// A fault of the target or of a role.
    #[error(transparent)]
    Problem(#[from] ProblemError),
    /// A question that makes no sense for such a target.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The directory cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// Predictions that are no numbers.
    #[error("{file}: the prediction {column:?} holds {what}, not numbers")]
    NotNumbers {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// What it holds.
        what: &'static str,
    },
    /// No row with a prediction.
    #[error("{file}: the prediction {column:?} is missing in every row")]
    NoPrediction {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// Too few rows with both.
    #[error(
        "{file}: {} with both a target and a prediction {} too few to audit; at least {least} are needed",
        counted(*rows, "row", "rows"),
        if *rows == 1 { "is" } else { "are" }
    )]
    TooFewRows {
        /// The file.
        file: String,
        /// How many.
        rows: usize,
        /// How many there should be.
        least: usize,
    },
    /// The target itself as prediction.
    #[error("{file}: the prediction {prediction:?} is the target {target:?} in every row: a leak, or the wrong column")]
    Copy {
        /// The file.
        file: String,
        /// The column of predictions.
        prediction: String,
        /// The target.
        target: String,
    },
    /// No probabilities, though they were asked for.
    #[error(
        "{file}: the prediction {column:?} goes from {low} to {high}: no probabilities; leave --{flag} away to audit it as a \
         score"
    )]
    NoProbabilities {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// `purpose` or `metric`.
        flag: &'static str,
    },
    /// More than two classes.
    #[error(
        "{file}: the target {column:?} has {classes} classes: audit takes one at a time; give a 0/1 column of one class as \
         --target and the column of its probability as --prediction"
    )]
    Classes {
        /// The file.
        file: String,
        /// The target.
        column: String,
        /// How many.
        classes: usize,
    },
    /// A question that one number a row cannot answer.
    #[error("one number a row is no {functional}: {}", instead(*functional))]
    NoSingleNumber {
        /// What was asked for.
        functional: Functional,
    },
    /// Numbers outside of what the metric takes.
    #[error("{file}: --metric {metric} takes predictions {wanted}, but {column:?} holds {value}")]
    OutsideMetric {
        /// The file.
        file: String,
        /// The metric.
        metric: String,
        /// The column.
        column: String,
        /// What it takes: "above 0".
        wanted: &'static str,
        /// The first that it does not take.
        value: f64,
    },
}

/// What to ask instead.
fn instead(functional: Functional) -> &'static str {
    match functional {
        Functional::Interval(_) | Functional::Law => {
            "audit its parts, such as a lower end with --purpose quantile:0.05"
        }
        Functional::Mode => "no score of single numbers finds the most frequent value; say --purpose typical",
        Functional::Mean
        | Functional::Median
        | Functional::Quantile(_)
        | Functional::Expectile(_)
        | Functional::MedianByInverse
        | Functional::LogMean
        | Functional::Probability
        | Functional::Order => "say --purpose total, typical or quantile:0.9",
    }
}
