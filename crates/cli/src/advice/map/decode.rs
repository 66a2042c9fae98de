//! How an answer is read off a prediction, and where to act on a probability.

use crate::advice::{metric::Metric, problem::TargetKind, written::figure};

/// How the answer is read off a prediction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Decode {
    /// The prediction is the answer.
    AsItIs,
    /// Act above this probability: alarm / (alarm + miss) (Elkan 2001, eq. 2); one half for accuracy.
    Above(f64),
    /// Act above half of the best F1 that these probabilities allow (Lipton, Elkan & Naryanaswamy 2014, Thm 1).
    AboveHalfBestF1,
    /// Act above the share of positives: the best threshold for balanced accuracy (Koyejo et al. 2014).
    AbovePrevalence,
    /// Act on this share of the cases, those with the highest scores.
    Highest(f64),
    /// The most probable class.
    MostProbable,
    /// The class whose probability over its frequency is highest: for metrics that count all classes alike.
    MostProbableForFrequency,
    /// The median class: half of the probability below it.
    MedianClass,
    /// The mean of the classes' numbers, cut into classes where the metric is best.
    MeanWithCuts,
    /// The mean of the classes' numbers.
    MeanOfClasses,
}

impl Decode {
    /// What a metric asks for of predictions of such targets.
    pub(super) fn of(metric: Metric, kind: TargetKind) -> Self {
        match (metric, kind) {
            (Metric::Cost(costs), _) => Self::Above(costs.threshold()),
            (Metric::F1, _) => Self::AboveHalfBestF1,
            (Metric::BalancedAccuracy, TargetKind::Binary) => Self::AbovePrevalence,
            (Metric::BalancedAccuracy, _) => Self::MostProbableForFrequency,
            (Metric::Accuracy, TargetKind::Binary) => Self::Above(0.5),
            (Metric::Accuracy, _) => Self::MostProbable,
            (Metric::RecallAt(share), _) => Self::Highest(share),
            (Metric::QuadraticKappa, _) => Self::MeanWithCuts,
            (Metric::Mae | Metric::Wape, TargetKind::Ordered) => Self::MedianClass,
            (Metric::Rmse | Metric::R2, TargetKind::Ordered) => Self::MeanOfClasses,
            _ => Self::AsItIs,
        }
    }

    /// The probability above which to act, from probabilities that mean what they say: their mean stands for the share of
    /// positives. Nothing where the answer is no decision between two classes.
    pub fn threshold(self, probabilities: &[f64]) -> Option<f64> {
        self.weighted_threshold(probabilities, None)
    }

    /// The same where cases have weights: one of weight 3 is three cases.
    ///
    /// # Panics
    /// If probabilities and weights differ in number.
    #[track_caller]
    pub fn weighted_threshold(self, probabilities: &[f64], weight: Option<&[f64]>) -> Option<f64> {
        if let Some(weight) = weight {
            assert_eq!(probabilities.len(), weight.len(), "threshold: probabilities and weights differ in number");
        }
        match self {
            Self::Above(threshold) => Some(threshold),
            Self::AboveHalfBestF1 => best_f1(&falling(probabilities, weight)).map(|best| best / 2.0),
            Self::AbovePrevalence if probabilities.is_empty() => None,
            Self::AbovePrevalence => {
                let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
                let sum: f64 = probabilities.iter().enumerate().map(|(row, probability)| own(row) * probability).sum();
                Some(sum / (0..probabilities.len()).map(own).sum::<f64>())
            }
            Self::Highest(share) => place_from_top(&falling(probabilities, weight), share),
            Self::AsItIs
            | Self::MostProbable
            | Self::MostProbableForFrequency
            | Self::MedianClass
            | Self::MeanWithCuts
            | Self::MeanOfClasses => None,
        }
    }

    /// In words, for a sentence that begins so.
    pub fn describe(self) -> String {
        match self {
            Self::AsItIs => "Take the prediction as it is".to_owned(),
            Self::Above(threshold) => format!("Act above a probability of {}", figure(threshold)),
            Self::AboveHalfBestF1 => "Act above half of the best F1 that the probabilities allow".to_owned(),
            Self::AbovePrevalence => "Act above the share of positives among all cases".to_owned(),
            Self::Highest(share) => {
                format!("Act on the {} % of the cases with the highest scores", figure(share * 100.0))
            }
            Self::MostProbable => "Take the most probable class".to_owned(),
            Self::MostProbableForFrequency => {
                "Take the class whose probability is highest for its frequency".to_owned()
            }
            Self::MedianClass => "Take the median class, with half of the probability below it".to_owned(),
            Self::MeanWithCuts => {
                "Take the mean of the classes' numbers, cut into classes where kappa is best".to_owned()
            }
            Self::MeanOfClasses => "Take the mean of the classes' numbers".to_owned(),
        }
    }
}

/// The best expected F1 of acting on the cases with the highest probabilities: 2 Σ p over those acted on, over all Σ p plus
/// their number. Nothing where no case can be positive.
fn best_f1(cases: &[(f64, f64)]) -> Option<f64> {
    let total: f64 = cases.iter().map(|(probability, weight)| weight * probability).sum();
    let (mut caught, mut acted) = (0.0, 0.0);
    let scores = cases.iter().map(|(probability, weight)| {
        caught += weight * probability;
        acted += weight;
        2.0 * caught / (total + acted)
    });
    scores.reduce(f64::max).filter(|best| *best > 0.0)
}

/// The score below which all but this share of the cases lie; the case at the border is acted on.
fn place_from_top(cases: &[(f64, f64)], share: f64) -> Option<f64> {
    let wanted = share * cases.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut above = 0.0;
    let acted = cases.iter().take_while(|(_, weight)| {
        let middle = above + weight / 2.0;
        above += weight;
        middle <= wanted
    });
    let acted = acted.count().max(1);
    cases.get(acted - 1).map(|(least, _)| least.next_down())
}

/// Cases with their weights, the highest first.
fn falling(scores: &[f64], weight: Option<&[f64]>) -> Vec<(f64, f64)> {
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let mut cases: Vec<(f64, f64)> = scores.iter().enumerate().map(|(row, &score)| (score, own(row))).collect();
    cases.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.total_cmp(&b.1)));
    cases
}
