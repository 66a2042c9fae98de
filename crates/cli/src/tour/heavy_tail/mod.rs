//! Chapter 1, "Squared error and the heavy tail": which statistic of a skewed cost does a loss estimate?

mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use train::DeltaError;
pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Epoch, Parts, Setting,
    chapter::{self, Begin, Conditions, Findings},
};
use crate::{
    metrics::{Decile, Spread},
    page::Page,
    run::Failure,
};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "heavy-tail"
    }

    fn title(&self) -> &'static str {
        "1. Squared error and the heavy tail"
    }

    fn seconds(&self) -> [u32; 2] {
        [30, 6]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        let setting = conditions.choose(Setting::full(conditions.seed), Setting::quick(conditions.seed));
        Ok(Box::new(HeavyTail::measure(setting, conditions, begin)?))
    }
}

impl Findings for HeavyTail {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

/// The losses of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountLoss {
    /// (prediction − truth)²: minimised by the mean.
    SquaredError,
    /// |prediction − truth|: minimised by the median.
    AbsoluteError,
    /// Squared near zero, absolute beyond δ: minimised by a value between the two.
    Huber,
    /// Too low costs nine times as much as too high: minimised by the 0.9 quantile.
    Quantile,
    /// Deviance of a gamma distribution, of the logarithm of the mean: what is too low by half costs the same for all sums.
    Gamma,
    /// Deviance of a Tweedie distribution of power 1.5, of the logarithm of the mean.
    Tweedie,
}

impl AmountLoss {
    /// All of them, in the order of the report.
    pub const ALL: [Self; 6] =
        [Self::SquaredError, Self::AbsoluteError, Self::Huber, Self::Quantile, Self::Gamma, Self::Tweedie];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SquaredError => "squared error",
            Self::AbsoluteError => "absolute error",
            Self::Huber => "Huber loss",
            Self::Quantile => "quantile loss",
            Self::Gamma => "gamma deviance",
            Self::Tweedie => "Tweedie deviance",
        }
    }

    /// Whether the network predicts the logarithm of the cost: no prediction is below 0, and features multiply.
    pub fn is_of_logarithm(self) -> bool {
        matches!(self, Self::Gamma | Self::Tweedie)
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct HeavyTail {
    /// The data.
    pub data: CostData,
    /// How all were trained.
    pub setting: Setting,
    /// Huber's δ in dollars: 1.35 times the median absolute deviation of the training costs from their median, that is of the
    /// residuals of the best constant.
    pub huber_delta: Spread,
    /// One entry for each loss.
    pub losses: Vec<LossFindings>,
}

/// The cost of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CostData {
    /// Rows: person-years.
    pub rows: usize,
    /// Different people.
    pub people: usize,
    /// Columns a model sees.
    pub features: usize,
    /// Rows of each part, for the first seed.
    pub parts: Parts,
    /// Mean cost, dollars.
    pub mean: f64,
    /// Median cost, dollars.
    pub median: f64,
    /// Skewness of the cost.
    pub skewness: f64,
    /// Share of all dollars in the costliest 1 % of the rows.
    pub dollars_in_top_percent: f64,
    /// Share of all squared deviations from the mean in the costliest 1 % of the rows.
    pub squares_in_top_percent: f64,
}

/// What came of training with one loss: on the test rows where nothing else is said, in dollars.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LossFindings {
    /// The loss.
    pub loss: AmountLoss,
    /// Mean absolute error of the rows up to the 90th percentile of the cost.
    pub mae_bottom_90: Spread,
    /// Mean absolute error of all rows.
    pub mae: Spread,
    /// Root mean squared error of the training rows.
    pub rmse_train: Spread,
    /// Root mean squared error of the test rows.
    pub rmse_test: Spread,
    /// Predicted total over true total.
    pub totals_ratio: Spread,
    /// Share of the rows whose prediction is above the truth: a half for a median.
    pub share_above_truth: Spread,
    /// Share of the gradient that the costliest 1 % of the training rows held after the first epoch.
    pub top_percent_gradient_first: Spread,
    /// The same after the last epoch.
    pub top_percent_gradient_last: Spread,
    /// The epoch whose weights were kept.
    pub kept_epoch: Spread,
    /// Residuals of the first seed.
    pub deciles: Vec<Decile>,
    /// The training of the first seed; the share is that of the costliest 1 %.
    pub epochs: Vec<Epoch>,
}

impl HeavyTail {
    /// What came of a loss, if it was run.
    fn of(&self, loss: AmountLoss) -> Option<&LossFindings> {
        self.losses.iter().find(|findings| findings.loss == loss)
    }
}
