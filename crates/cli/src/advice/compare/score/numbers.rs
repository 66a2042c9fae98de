//! Losses of predicted numbers.

use minimand::data::metrics::{gamma_deviance, pinball, poisson_deviance, tweedie_deviance};

use crate::advice::metric::Metric;

/// The least prediction that a deviance or a logarithm takes as it is.
///
/// A share of the mean target: the same whatever the target's unit. A prediction below it, such as a negative cost, is read as
/// the floor; without one a single row would decide every comparison.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
#[serde(transparent)]
pub struct Floor(pub f64);

/// Of the mean target.
const FLOOR_SHARE: f64 = 0.005;

impl Floor {
    /// 0.5 % of the mean target; 0.005 where that is not positive.
    pub fn of(target: &[f64]) -> Self {
        let mean = super::mean(target, None);
        Self(FLOOR_SHARE * if mean > 0.0 { mean } else { 1.0 })
    }

    /// The prediction, or the floor.
    pub fn apply(self, prediction: f64) -> f64 {
        // Also for NaN.
        if prediction > self.0 { prediction } else { self.0 }
    }
}

/// The loss of each row by a metric of numbers; the squared error for the roots.
///
/// # Panics
/// If the metric is none of numbers, or the slices differ in length.
#[track_caller]
pub(super) fn losses(metric: Metric, prediction: &[f64], target: &[f64], floor: Floor) -> Vec<f64> {
    assert_eq!(prediction.len(), target.len(), "score: predictions and targets");
    let of = |loss: &dyn Fn(f64, f64) -> f64| {
        prediction.iter().zip(target).map(|(&prediction, &y)| loss(prediction, y)).collect::<Vec<f64>>()
    };
    match metric {
        Metric::Rmse | Metric::R2 => of(&|prediction, y| (prediction - y).powi(2)),
        Metric::Mae | Metric::Wape => of(&|prediction, y| (prediction - y).abs()),
        Metric::Mape => of(&|prediction, y| ((prediction - y) / y).abs()),
        // A prediction of −1 or less has no logarithm: read as one just above, by the floor.
        Metric::Rmsle => of(&|prediction, y| (floor.apply(1.0 + prediction).ln() - (1.0 + y).ln()).powi(2)),
        Metric::PoissonDeviance => of(&|prediction, y| poisson_deviance(floor.apply(prediction), y)),
        Metric::GammaDeviance => of(&|prediction, y| gamma_deviance(floor.apply(prediction), y)),
        Metric::TweedieDeviance(power) => of(&|prediction, y| tweedie_deviance(power, floor.apply(prediction), y)),
        Metric::Pinball(level) => of(&|prediction, y| pinball(level, prediction, y)),
        Metric::Expectile(level) => of(&|prediction, y| {
            let side = if y >= prediction { level } else { 1.0 - level };
            side * (prediction - y).powi(2)
        }),
        Metric::Within(share) => of(&|prediction, y| if (prediction - y).abs() <= share * y.abs() { 0.0 } else { 1.0 }),
        Metric::LogLoss
        | Metric::Brier
        | Metric::Accuracy
        | Metric::BalancedAccuracy
        | Metric::F1
        | Metric::Auc
        | Metric::AveragePrecision
        | Metric::RecallAt(_)
        | Metric::Cost(_)
        | Metric::QuadraticKappa
        | Metric::Ndcg(_)
        | Metric::Mrr
        | Metric::LogScore
        | Metric::Crps
        | Metric::IntervalScore(_) => panic!("score: {metric} does not judge numbers"),
    }
}

/// Width, and 2/α times what the truth lies outside (Winkler 1972).
pub(super) fn interval_score(share: f64, lower: &[f64], upper: &[f64], target: &[f64]) -> Vec<f64> {
    assert!(lower.len() == target.len() && upper.len() == target.len(), "score: intervals and targets");
    let factor = 2.0 / (1.0 - share);
    (target.iter().zip(lower.iter().zip(upper)))
        .map(|(&y, (&lower, &upper))| upper - lower + factor * (lower - y).max(0.0) + factor * (y - upper).max(0.0))
        .collect()
}
