//! Chapter 7, "Ranking": does a loss of the order put lists into a better order than a loss of each item?

mod lists;
mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::chapter::{self, Begin, Conditions, Findings};
use crate::{metrics::Spread, page::Page, run::Failure};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "ranking"
    }

    fn title(&self) -> &'static str {
        "7. The order of a list"
    }

    fn seconds(&self) -> [u32; 2] {
        [65, 7]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Orders::measure(conditions, begin)?))
    }
}

/// The losses of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderLoss {
    /// Squared error of each item's score from its relevance.
    Pointwise,
    /// Logistic loss of the score differences of pairs.
    Pairwise,
    /// Pairs weighted by what swapping them does to NDCG: LambdaLoss's NDCG-Loss2++.
    Lambda,
    /// Cross-entropy of the softmax of the scores from that of the relevances.
    ListNet,
    /// Softmax cross-entropy with the relevances for weights.
    Softmax,
    /// NDCG itself with smoothed places.
    ApproxNdcg,
}

impl OrderLoss {
    /// All of them, in the order of the report; the first is what the others are compared with.
    pub const ALL: [Self; 6] =
        [Self::Pointwise, Self::Pairwise, Self::Lambda, Self::ListNet, Self::Softmax, Self::ApproxNdcg];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pointwise => "squared error",
            Self::Pairwise => "pairwise logistic",
            Self::Lambda => "LambdaLoss",
            Self::ListNet => "ListNet",
            Self::Softmax => "softmax",
            Self::ApproxNdcg => "ApproxNDCG",
        }
    }
}

/// The lists of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// Four ways to travel, of which a person chose one.
    Travel,
    /// Ten items with grades from 0 to 4, made by a formula and noise.
    Made,
}

impl ListKind {
    /// What a sentence calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Travel => "the choices of travel",
            Self::Made => "the made lists",
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Orders {
    /// The seed of folds, made lists and trainings.
    pub seed: u64,
    /// Folds of the cross-validation.
    pub folds: usize,
    /// How often it was repeated with other folds.
    pub repeats: u64,
    /// Most passes over the training lists.
    pub epochs: usize,
    /// Learning rates, of which lists of the training part choose one for each training.
    pub learning_rates: Vec<f64>,
    /// One entry for each kind of list.
    pub sets: Vec<RankedSet>,
}

/// What came of one kind of list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedSet {
    /// The kind.
    pub kind: ListKind,
    /// How many lists.
    pub lists: usize,
    /// Items of each.
    pub items: usize,
    /// Columns a model sees.
    pub features: usize,
    /// NDCG of a random order.
    pub by_chance: f64,
    /// One entry for each loss.
    pub losses: Vec<RankedLoss>,
}

/// What came of one loss: on lists that were not trained on.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RankedLoss {
    /// The loss.
    pub loss: OrderLoss,
    /// Mean NDCG of each fold.
    pub ndcg: Spread,
    /// Share of each fold's lists whose best item comes first.
    pub best_first: Spread,
    /// The chance of a difference from the pointwise loss at least as large if the two were alike: a randomisation test over
    /// the lists. Nothing for the pointwise loss itself.
    pub p: Option<f64>,
    /// The learning rate that was chosen.
    pub learning_rate: Spread,
    /// The epoch whose weights were kept.
    pub kept_epoch: Spread,
}

impl Findings for Orders {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

impl Orders {
    /// Test lists over training lists.
    fn ratio(&self) -> f64 {
        1.0 / (self.folds.max(2) - 1) as f64
    }
}
