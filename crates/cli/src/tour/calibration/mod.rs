//! Chapter 8, "Calibration": which loss gives probabilities that mean what they say, and what a single number repairs.

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
use crate::{metrics::Spread, page::Page, run::Failure};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "calibration"
    }

    fn title(&self) -> &'static str {
        "8. Probabilities that mean what they say"
    }

    fn seconds(&self) -> [u32; 2] {
        [30, 6]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Reliability::measure(conditions, begin)?))
    }
}

/// The losses of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ProbabilityLoss {
    /// −ln of the probability of what came.
    CrossEntropy,
    /// Cross-entropy that fades for rows that are right already, γ = 2.
    Focal,
    /// Cross-entropy with labels of 0.05 and 0.95.
    LabelSmoothing,
    /// Squared error of the probability.
    Brier,
}

impl ProbabilityLoss {
    /// All of them, in the order of the report; the first is what the others are compared with.
    pub const ALL: [Self; 4] = [Self::CrossEntropy, Self::Focal, Self::LabelSmoothing, Self::Brier];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::CrossEntropy => "cross-entropy",
            Self::Focal => "focal loss",
            Self::LabelSmoothing => "label smoothing",
            Self::Brier => "Brier score",
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reliability {
    /// The data.
    pub data: MailData,
    /// Passes over the training rows.
    pub epochs: usize,
    /// One for each repetition: it decides the split, the initial weights and the order of the rows.
    pub seeds: Vec<u64>,
    /// One entry for each loss.
    pub losses: Vec<LossReliability>,
}

/// Mails, by how often words occur in them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MailData {
    /// Rows: mails.
    pub rows: usize,
    /// Different mails.
    pub different: usize,
    /// Columns a model sees.
    pub features: usize,
    /// Share of spam.
    pub base_rate: f64,
    /// Rows of each part, for the first seed.
    pub parts: Parts,
}

/// What came of one loss: on the test rows where nothing else is said.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LossReliability {
    /// The loss.
    pub loss: ProbabilityLoss,
    /// Mean log loss of the training rows.
    pub log_loss_train: Spread,
    /// Share of the rows on the right side of one half; no temperature changes it.
    pub accuracy: Spread,
    /// By what the logits are divided to suit the validation rows: above 1 where the model was too sure of itself.
    pub temperature: Spread,
    /// Probabilities as they came out of the training.
    pub trained: ProbabilityFigures,
    /// Probabilities of the logits divided by the temperature.
    pub scaled: ProbabilityFigures,
    /// The frequency of spam by the probability, by isotonic regression: as trained, first seed.
    pub trained_curve: Vec<(f64, f64)>,
    /// The same with the temperature.
    pub scaled_curve: Vec<(f64, f64)>,
}

/// What probabilities are worth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProbabilityFigures {
    /// Mean −ln of the probability of what came.
    pub log_loss: Spread,
    /// What of the log loss a recalibration would take away (CORP).
    pub miscalibration: Spread,
    /// Expected calibration error, 15 bins.
    pub calibration_error: Spread,
    /// What 1,000 mails cost where those are thrown away whose probability reaches the threshold by the costs.
    pub cost: Spread,
}

impl Findings for Reliability {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

impl Reliability {
    /// Test rows over training rows.
    fn ratio(&self) -> f64 {
        self.data.parts.ratio()
    }
}
