//! Chapter 9, "Noisy labels": which losses still learn the classes where many labels are wrong?

mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Parts,
    chapter::{self, Begin, Conditions, Findings},
};
use crate::{metrics::Spread, page::Page, run::Failure, terminal::number::percent};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "noisy-labels"
    }

    fn title(&self) -> &'static str {
        "9. Labels of which many are wrong"
    }

    fn seconds(&self) -> [u32; 2] {
        [75, 9]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(NoisyLabels::measure(conditions, begin)?))
    }
}

/// The losses of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelLoss {
    /// −ln of the probability of the label.
    CrossEntropy,
    /// Between cross-entropy and absolute error, q = 0.7.
    Generalised,
    /// Cross-entropy, and the same with label and model in each other's place.
    Symmetric,
    /// Cross-entropy of the labels as they come out of the true transition matrix.
    ForwardTrue,
    /// The same with a matrix estimated from the noisy labels.
    ForwardEstimated,
}

impl LabelLoss {
    /// All of them, in the order of the report; the first is what the others are compared with.
    pub const ALL: [Self; 5] =
        [Self::CrossEntropy, Self::Generalised, Self::Symmetric, Self::ForwardTrue, Self::ForwardEstimated];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy",
            Self::Generalised => "generalised CE",
            Self::Symmetric => "symmetric CE",
            Self::ForwardTrue => "forward, true",
            Self::ForwardEstimated => "forward, est.",
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy",
            Self::Generalised => "generalised cross-entropy",
            Self::Symmetric => "symmetric cross-entropy",
            Self::ForwardTrue => "forward correction with the true matrix",
            Self::ForwardEstimated => "forward correction with an estimated matrix",
        }
    }
}

/// How labels of the training and the validation rows were made wrong.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", content = "share", rename_all = "snake_case")]
pub enum LabelFlips {
    /// This share became any other class, all alike.
    Even(f64),
    /// This share became the next class: 0 became 1, …, 9 became 0.
    Next(f64),
}

impl LabelFlips {
    /// The share of the labels that are wrong.
    pub fn share(self) -> f64 {
        match self {
            Self::Even(share) | Self::Next(share) => share,
        }
    }

    /// What the tables call it.
    pub fn name(self) -> String {
        match self {
            Self::Even(share) => format!("{} wrong", percent(share)),
            Self::Next(share) => format!("{} next", percent(share)),
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> String {
        match self {
            Self::Even(share) => percent(share),
            Self::Next(share) => format!("{} moved to the next class", percent(share)),
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoisyLabels {
    /// Rows: pictures of digits.
    pub rows: usize,
    /// Rows of each part, for the first seed.
    pub parts: Parts,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Learning rates, of which the noisy validation rows choose one for each training.
    pub learning_rates: Vec<f64>,
    /// One for each repetition: it decides the split, the flips, the initial weights and the order of the rows.
    pub seeds: Vec<u64>,
    /// Some training pictures of the first seed whose label is wrong.
    pub examples: Vec<MislabelledDigit>,
    /// One entry for each kind of noise.
    pub levels: Vec<NoiseLevel>,
}

/// A picture and what the training is told of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MislabelledDigit {
    /// Ink of 8 rows of 8 pixels, from 0 to 1.
    pub pixels: Vec<f64>,
    /// What it shows.
    pub digit: usize,
    /// What it is said to show.
    pub label: usize,
}

/// What came of one kind of noise.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoiseLevel {
    /// The noise.
    pub flips: LabelFlips,
    /// Mean distance of an entry of the estimated matrix from the true one.
    pub matrix_error: Spread,
    /// One entry for each loss.
    pub losses: Vec<NoisyLoss>,
}

/// What came of one loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NoisyLoss {
    /// The loss.
    pub loss: LabelLoss,
    /// Share of the test rows, whose labels are right, that are told right.
    pub accuracy: Spread,
    /// Share of the validation rows whose noisy label is told: what epoch and learning rate are chosen by.
    pub noisy_accuracy: Spread,
    /// Share of the training rows with a wrong label of which the model says that label; nothing without such rows.
    pub learnt_wrong: Option<Spread>,
    /// The learning rate that was chosen.
    pub learning_rate: Spread,
    /// The epoch whose weights were kept.
    pub kept_epoch: Spread,
}

impl NoiseLevel {
    /// What came of a loss.
    pub fn of(&self, loss: LabelLoss) -> Option<&NoisyLoss> {
        self.losses.iter().find(|losses| losses.loss == loss)
    }
}

impl Findings for NoisyLabels {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

impl NoisyLabels {
    /// Test rows over training rows.
    fn ratio(&self) -> f64 {
        self.parts.ratio()
    }
}
