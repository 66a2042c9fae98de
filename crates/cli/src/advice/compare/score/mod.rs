//! Predictions judged by a metric, on the rows of one test part.
//!
//! Every metric gives one loss for each row, the less the better, whose weighted mean is what losses are compared by. For a
//! metric that is no mean of rows (AUC, F1, kappa, …) the row's loss is the metric with the row's influence on it: the mean
//! is the metric itself, and the spread over rows gives its standard error to first order (DeLong 1988 for the AUC).
//! Root mean squared errors and R² are compared by their squared errors.

mod decisions;
mod laws;
mod lists;
mod numbers;
mod order;
mod probabilities;

#[cfg(test)]
mod tests;

pub use numbers::Floor;

use crate::{
    advice::{metric::Metric, problem::Target},
    model::Law,
};

/// What a loss says of some rows, after its repair.
#[derive(Debug, Clone, PartialEq)]
pub enum Forecast {
    /// One number for each row, in the unit of the target.
    Number(Vec<f64>),
    /// Two classes.
    Binary {
        /// Grows with the chance of the positive class; the probability itself where `probability` says so.
        score: Vec<f64>,
        /// Whether the score is a probability.
        probability: bool,
        /// Whether each row is acted on.
        acted: Vec<bool>,
    },
    /// Several classes.
    Classes {
        /// Row after row, one for each class.
        probabilities: Vec<f64>,
        /// How many classes.
        classes: usize,
        /// The class that each row is taken for; for ordered classes it may lie between two.
        decided: Vec<f64>,
    },
    /// Two ends for each row.
    Interval {
        /// The lower ends.
        lower: Vec<f64>,
        /// The upper ends.
        upper: Vec<f64>,
    },
    /// A law for each row.
    Laws(Vec<Law>),
    /// One score for each item of the lists.
    Scores(Vec<f64>),
}

/// The truth of some rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth<'a> {
    /// The target, or the number of the class.
    pub target: &'a [f64],
    /// The weights of the rows; all alike without.
    pub weight: Option<&'a [f64]>,
    /// The list of each row.
    pub lists: Option<&'a [u32]>,
}

/// What one part of the rows comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct FoldScore {
    /// The metric, as people read it.
    pub value: f64,
    /// One for each row, the less the better: their mean, weighted by [`Truth::weight`], is compared.
    pub losses: Vec<f64>,
}

impl FoldScore {
    /// The weighted mean of the losses.
    pub fn loss(&self, weight: Option<&[f64]>) -> f64 {
        mean(&self.losses, weight)
    }
}

/// A metric on a target, with the constants that are the same for all rows and losses.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Judge {
    /// The metric.
    pub metric: Metric,
    /// Below it a prediction is read as it, where the metric takes a logarithm.
    pub floor: Floor,
    /// Number of classes; 0 for numbers.
    pub classes: usize,
}

impl Judge {
    /// The judge of such a target, whose values fix the floor.
    pub fn new(metric: Metric, target: &Target) -> Self {
        Self { metric, floor: Floor::of(&target.values), classes: target.levels.len() }
    }

    /// The judge of decided classes.
    pub(super) fn of_classes(metric: Metric, classes: usize) -> Self {
        Self { metric, floor: Floor(0.0), classes }
    }

    /// The score of a forecast; none where the rows do not tell (an AUC without a positive row).
    ///
    /// # Panics
    /// If the forecast is not of the kind that the metric judges, or has other rows than the truth.
    #[track_caller]
    pub fn score(&self, forecast: &Forecast, truth: Truth<'_>) -> Option<FoldScore> {
        let Truth { target, weight, lists } = truth;
        let (losses, value) = match (self.metric, forecast) {
            (Metric::Ndcg(cut), Forecast::Scores(scores)) => return lists::ndcg(cut, scores, target, lists),
            (Metric::Mrr, Forecast::Scores(scores)) => return lists::mrr(scores, target, lists),
            (Metric::Auc, Forecast::Binary { score, .. }) => return order::auc(score, target, weight),
            (Metric::AveragePrecision, Forecast::Binary { score, .. }) => {
                return order::average_precision(score, target, weight);
            }
            (Metric::RecallAt(share), Forecast::Binary { score, .. }) => {
                return order::recall_at(share, score, target, weight);
            }
            (Metric::F1, Forecast::Binary { acted, .. }) => return decisions::f1(acted, target, weight),
            (Metric::BalancedAccuracy, Forecast::Binary { acted, .. }) => {
                let decided: Vec<f64> = acted.iter().map(|&acted| f64::from(u8::from(acted))).collect();
                return decisions::balanced_accuracy(&decided, target, weight);
            }
            (Metric::BalancedAccuracy, Forecast::Classes { decided, .. }) => {
                return decisions::balanced_accuracy(decided, target, weight);
            }
            (Metric::QuadraticKappa, Forecast::Classes { decided, classes, .. }) => {
                return decisions::quadratic_kappa(decided, target, *classes, weight);
            }
            (Metric::R2, Forecast::Number(prediction) | Forecast::Classes { decided: prediction, .. }) => {
                let losses = numbers::losses(Metric::Rmse, prediction, target, self.floor);
                let centre = mean(target, weight);
                let spread: Vec<f64> = target.iter().map(|y| (y - centre).powi(2)).collect();
                let spread = mean(&spread, weight);
                if spread == 0.0 {
                    return None;
                }
                let value = 1.0 - mean(&losses, weight) / spread;
                return Some(FoldScore { value, losses });
            }
            (Metric::Wape, Forecast::Number(prediction)) => {
                let size: Vec<f64> = target.iter().map(|y| y.abs()).collect();
                let size = mean(&size, weight);
                if size == 0.0 {
                    return None;
                }
                let losses = numbers::losses(Metric::Mae, prediction, target, self.floor);
                let losses: Vec<f64> = losses.iter().map(|loss| loss / size).collect();
                let value = mean(&losses, weight);
                return Some(FoldScore { value, losses });
            }
            (metric, Forecast::Number(prediction)) => {
                let losses = numbers::losses(metric, prediction, target, self.floor);
                let mean = mean(&losses, weight);
                let value = if matches!(metric, Metric::Rmse | Metric::Rmsle) { mean.sqrt() } else { mean };
                (losses, value)
            }
            (Metric::LogLoss | Metric::LogScore, Forecast::Binary { score, .. }) => {
                plain(probabilities::log_loss(score, target), weight)
            }
            (Metric::Brier, Forecast::Binary { score, .. }) => plain(probabilities::brier(score, target), weight),
            (Metric::Cost(costs), Forecast::Binary { acted, .. }) => {
                plain(decisions::costs(costs, acted, target), weight)
            }
            (Metric::Accuracy, Forecast::Binary { acted, .. }) => {
                let decided: Vec<f64> = acted.iter().map(|&acted| f64::from(u8::from(acted))).collect();
                plain(decisions::misses(&decided, target), weight)
            }
            (Metric::LogLoss | Metric::LogScore, Forecast::Classes { probabilities, classes, .. }) => {
                plain(probabilities::log_loss_of_classes(probabilities, *classes, target), weight)
            }
            (Metric::Brier, Forecast::Classes { probabilities, classes, .. }) => {
                plain(probabilities::brier_of_classes(probabilities, *classes, target), weight)
            }
            (Metric::Crps, Forecast::Classes { probabilities, classes, .. }) => {
                plain(probabilities::ranked_probability_score(probabilities, *classes, target), weight)
            }
            (Metric::Accuracy, Forecast::Classes { decided, .. }) => plain(decisions::misses(decided, target), weight),
            (Metric::Mae | Metric::Rmse, Forecast::Classes { decided, .. }) => {
                let losses = numbers::losses(self.metric, decided, target, self.floor);
                let mean = mean(&losses, weight);
                let value = if matches!(self.metric, Metric::Rmse) { mean.sqrt() } else { mean };
                (losses, value)
            }
            (Metric::IntervalScore(share), Forecast::Interval { lower, upper }) => {
                plain(numbers::interval_score(share, lower, upper, target), weight)
            }
            (Metric::LogScore, Forecast::Laws(laws)) => {
                plain(laws.iter().zip(target).map(|(law, &y)| laws::surprise(law, y)).collect(), weight)
            }
            (Metric::Crps, Forecast::Laws(laws)) => {
                plain(laws.iter().zip(target).map(|(law, &y)| laws::crps(law, y)).collect(), weight)
            }
            (metric, _) => panic!("score: {metric} does not judge such a forecast"),
        };
        // Shares of right answers are shown as such; what is compared is the share of wrong ones.
        let value = if matches!(self.metric, Metric::Accuracy | Metric::Within(_)) { 1.0 - value } else { value };
        Some(FoldScore { value, losses })
    }

    /// What a difference of compared losses is in the unit of the metric, given the metric's values of both.
    ///
    /// √a − √b = (a − b) / (√a + √b) for the roots; R² falls by the difference over the target's variance.
    pub fn in_unit(&self, difference: f64, one: f64, other: f64, variance: f64) -> f64 {
        match self.metric {
            Metric::Rmse | Metric::Rmsle => {
                if one + other > 0.0 {
                    difference / (one + other)
                } else {
                    0.0
                }
            }
            Metric::R2 => -difference / variance,
            metric if metric.higher_is_better() => -difference,
            _ => difference,
        }
    }
}

/// A metric that is a mean of its losses.
fn plain(losses: Vec<f64>, weight: Option<&[f64]>) -> (Vec<f64>, f64) {
    let value = mean(&losses, weight);
    (losses, value)
}

/// The weighted mean.
///
/// # Panics
/// If there are no values, or another number of weights.
#[track_caller]
pub fn mean(values: &[f64], weight: Option<&[f64]>) -> f64 {
    assert!(!values.is_empty(), "mean: no values");
    match weight {
        None => values.iter().sum::<f64>() / values.len() as f64,
        Some(weight) => {
            assert_eq!(values.len(), weight.len(), "mean: values and weights");
            values.iter().zip(weight).map(|(value, weight)| value * weight).sum::<f64>() / weight.iter().sum::<f64>()
        }
    }
}

/// The weight of a row: 1 without weights.
fn weight_of(weight: Option<&[f64]>, row: usize) -> f64 {
    weight.map_or(1.0, |weight| weight[row])
}

/// A metric that is better the higher it is, as it is and with the losses: its value less each row's influence, so that
/// their weighted mean is the metric with its sign turned.
fn by_influence(value: f64, influence: impl Iterator<Item = f64>) -> Option<FoldScore> {
    Some(FoldScore { value, losses: influence.map(|influence| -(value + influence)).collect() })
}
