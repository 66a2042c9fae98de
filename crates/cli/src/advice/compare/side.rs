//! The number beside the score: whether predictions mean what the question asks for, whatever the metric says.

use serde::Serialize;

use super::score::{Forecast, Truth, mean};
use crate::advice::{map::Aim, problem::TargetKind, purpose::Functional};

/// What stands beside the score.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Predicted over true total.
    RatioOfTotals,
    /// Share of the rows at or below the prediction.
    ShareBelow,
    /// Mean predicted probability over the share of positives.
    ProbabilityRatio,
    /// Share of the rows inside their interval.
    Coverage,
}

impl Side {
    /// What matters for a question.
    pub fn of_question(aim: &Aim, kind: TargetKind) -> Option<Self> {
        match (aim.functional, kind) {
            (Functional::Interval(_), _) => Some(Self::Coverage),
            (Functional::Mean, TargetKind::Amount | TargetKind::Count | TargetKind::Share) => Some(Self::RatioOfTotals),
            (
                Functional::Median | Functional::Quantile(_),
                TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share,
            ) => Some(Self::ShareBelow),
            (Functional::Probability | Functional::Order | Functional::Mode, TargetKind::Binary) => {
                Some(Self::ProbabilityRatio)
            }
            _ => None,
        }
    }

    /// Its name at the head of a column.
    pub fn title(self) -> &'static str {
        match self {
            Self::RatioOfTotals => "sum/true",
            Self::ShareBelow => "share below",
            Self::ProbabilityRatio => "mean p/true",
            Self::Coverage => "coverage",
        }
    }

    /// What it is at best.
    pub fn ideal(self, aim: &Aim) -> f64 {
        match (self, aim.functional) {
            (Self::ShareBelow, Functional::Quantile(level)) => level,
            (Self::ShareBelow, _) => 0.5,
            (Self::Coverage, Functional::Interval(share)) => share,
            (Self::RatioOfTotals | Self::ProbabilityRatio | Self::Coverage, _) => 1.0,
        }
    }

    /// Of some rows; NaN where there is nothing to compare with, or no probability.
    pub fn of(self, forecast: &Forecast, truth: Truth<'_>) -> f64 {
        let Truth { target, weight, .. } = truth;
        let share = |hold: Vec<bool>| {
            let hold: Vec<f64> = hold.into_iter().map(|hold| f64::from(u8::from(hold))).collect();
            mean(&hold, weight)
        };
        match (self, forecast) {
            (Self::RatioOfTotals, Forecast::Number(numbers)) => mean(numbers, weight) / mean(target, weight),
            (Self::ShareBelow, Forecast::Number(numbers)) => {
                share(numbers.iter().zip(target).map(|(number, y)| y <= number).collect())
            }
            (Self::ProbabilityRatio, Forecast::Binary { score, probability: true, .. }) => {
                mean(score, weight) / mean(target, weight)
            }
            (Self::Coverage, Forecast::Interval { lower, upper }) => {
                let inside = target.iter().zip(lower.iter().zip(upper)).map(|(y, (low, high))| low <= y && y <= high);
                share(inside.collect())
            }
            _ => f64::NAN,
        }
    }
}
