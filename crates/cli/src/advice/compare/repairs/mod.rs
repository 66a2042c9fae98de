//! From a model's predictions to what the metric judges, with the cheapest thing that can be done after training.
//!
//! Whatever is fitted here is one number (or one for each class), on validation rows of the training part, never on the rows that
//! are judged.

mod cheapest;
mod conformal;
mod constants;
mod fit;
mod ordered;
mod probabilities;
mod read;
mod readable;
mod thresholds;

use serde::Serialize;

pub use cheapest::{changes_nothing, cheapest};
pub use constants::ConstantScale;
pub(super) use ordered::mode as most_probable;
pub use readable::can_read;

use crate::{
    advice::{map::Decode, metric::Metric, problem::TargetKind, purpose::Functional},
    model::{Law, Prediction},
};

/// What a model says of some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its predictions.
    pub prediction: Prediction,
    /// The laws behind them, where the loss is a likelihood of some.
    pub laws: Option<Vec<Law>>,
}

/// How predictions are read for a question, with what was fitted after training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// What is done to numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Constant>,
    /// What is done to probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Scores from here on are acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How the class is read off, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassOf>,
    /// What is added to both sides of the intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widening: Option<f64>,
    #[serde(skip)]
    aim: ReadingAim,
}

/// One constant on predicted numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Constant {
    /// Plus or times.
    pub scale: ConstantScale,
    /// The constant.
    pub value: f64,
}

/// What is undone of probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// A weight on positives.
    Weight(f64),
    /// The focal loss.
    Focus {
        /// Its exponent.
        gamma: f64,
        /// The weight of positives.
        alpha: f64,
    },
    /// A temperature: the power that probabilities are raised to is 1 over it.
    Temperature(f64),
    /// A factor for each class.
    Factors(Vec<f64>),
}

/// How a class is read off its probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassOf {
    /// The most probable one.
    Mode,
    /// The one that half of the probability reaches.
    Median,
    /// The mean number.
    Mean,
    /// The mean number, cut at these places.
    Cuts(Vec<f64>),
}

/// What of the question the reading needs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ReadingAim {
    functional: Functional,
    metric: Metric,
    kind: TargetKind,
    decode: Decode,
}

#[cfg(test)]
impl Reading {
    /// That acts from a score on, whatever the question.
    pub(super) fn of_threshold(threshold: f64) -> Self {
        let aim = ReadingAim {
            functional: Functional::Order,
            metric: Metric::F1,
            kind: TargetKind::Binary,
            decode: Decode::AsItIs,
        };
        Self { constant: None, undo: None, threshold: Some(threshold), class: None, widening: None, aim }
    }
}
