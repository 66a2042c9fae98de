//! Predictions read with what was fitted.

use super::{ClassOf, Constant, Reading, Said, Undo, ordered, probabilities};
use crate::{
    advice::{compare::score::Forecast, problem::TargetKind, purpose::Functional},
    model::{Law, Prediction},
};

impl Reading {
    /// The forecast that the metric judges.
    ///
    /// # Panics
    /// If predictions are of a kind that the question cannot be read off; [`can_read`](super::can_read) says so before.
    pub fn read(&self, said: &Said) -> Forecast {
        match self.aim.functional {
            Functional::Interval(share) => self.interval(said, share),
            Functional::Law if !matches!(said.prediction, Prediction::Probability(_) | Prediction::Classes { .. }) => {
                Forecast::Laws(said.laws.clone().expect("reading: the loss gives a law"))
            }
            _ => match &said.prediction {
                Prediction::Score(scores) if self.aim.kind == TargetKind::Relevance => Forecast::Scores(scores.clone()),
                Prediction::Classes { classes, .. } => {
                    let probabilities = self.probabilities_of_classes(said);
                    let decided = match self.class.as_ref().unwrap_or(&ClassOf::Mode) {
                        ClassOf::Mode => ordered::mode(&probabilities, *classes),
                        ClassOf::Median => ordered::median(&probabilities, *classes),
                        ClassOf::Mean => ordered::mean(&probabilities, *classes),
                        ClassOf::Cuts(cuts) => {
                            let means = ordered::mean(&probabilities, *classes);
                            means.iter().map(|&mean| ordered::cut(mean, cuts)).collect()
                        }
                    };
                    Forecast::Classes { probabilities, classes: *classes, decided }
                }
                Prediction::Probability(_) | Prediction::Score(_) if self.aim.kind == TargetKind::Binary => {
                    let (score, probability) = self.scores(said).expect("reading: probabilities or scores");
                    let threshold = self.threshold.unwrap_or(if probability { 0.5 } else { 0.0 });
                    let acted = score.iter().map(|&score| score >= threshold).collect();
                    Forecast::Binary { score, probability, acted }
                }
                Prediction::Number(_)
                | Prediction::Probability(_)
                | Prediction::Score(_)
                | Prediction::Interval { .. }
                | Prediction::Laws(_) => {
                    let mut numbers = self.numbers(said).unwrap_or_else(|| said.prediction.numbers());
                    if let Some(Constant { scale, value }) = self.constant {
                        numbers.iter_mut().for_each(|number| *number = scale.apply(*number, value));
                    }
                    Forecast::Number(numbers)
                }
            },
        }
    }

    fn interval(&self, said: &Said, share: f64) -> Forecast {
        let (lower, upper): (Vec<f64>, Vec<f64>) = match (&said.prediction, &said.laws) {
            (Prediction::Interval { low, high }, _) => (low.clone(), high.clone()),
            (_, Some(laws)) => {
                let ends = |law: &Law| (law.quantile(0.5 * (1.0 - share)), law.quantile(0.5 * (1.0 + share)));
                laws.iter().map(ends).unzip()
            }
            (prediction, None) => (prediction.numbers(), prediction.numbers()),
        };
        let widening = self.widening.unwrap_or(0.0);
        // A narrowing may not turn an interval over.
        let ends = lower.iter().zip(&upper).map(|(&lower, &upper)| {
            let by = widening.max(-0.5 * (upper - lower));
            (lower - by, upper + by)
        });
        let (lower, upper) = ends.unzip();
        Forecast::Interval { lower, upper }
    }

    /// The number that the functional asks for; of a law where there is one.
    pub(super) fn numbers(&self, said: &Said) -> Option<Vec<f64>> {
        match &said.prediction {
            Prediction::Number(numbers) => Some(numbers.clone()),
            Prediction::Laws(laws) => Some(laws.iter().map(|law| functional_of(law, self.aim.functional)).collect()),
            Prediction::Interval { .. } => Some(said.prediction.numbers()),
            Prediction::Probability(p) if self.aim.kind != TargetKind::Binary => Some(p.clone()),
            Prediction::Probability(_) | Prediction::Classes { .. } | Prediction::Score(_) => None,
        }
    }

    /// The scores of two classes, put right, and whether they are probabilities.
    pub(super) fn scores(&self, said: &Said) -> Option<(Vec<f64>, bool)> {
        match &said.prediction {
            Prediction::Probability(p) if self.aim.kind == TargetKind::Binary => {
                let undo = |p: f64| match self.undo {
                    None | Some(Undo::Factors(_)) => p,
                    Some(Undo::Weight(weight)) => probabilities::without_weight(p, weight),
                    Some(Undo::Focus { gamma, alpha }) => probabilities::without_focus(p, gamma, alpha),
                    Some(Undo::Temperature(temperature)) => {
                        probabilities::logistic(probabilities::logit(p) / temperature)
                    }
                };
                Some((p.iter().map(|&p| undo(p)).collect(), true))
            }
            Prediction::Score(scores) if self.aim.kind == TargetKind::Binary => Some((scores.clone(), false)),
            Prediction::Probability(_)
            | Prediction::Score(_)
            | Prediction::Number(_)
            | Prediction::Interval { .. }
            | Prediction::Classes { .. }
            | Prediction::Laws(_) => None,
        }
    }

    pub(super) fn probabilities_of_classes(&self, said: &Said) -> Vec<f64> {
        let Prediction::Classes { probabilities, classes } = &said.prediction else { return Vec::new() };
        match &self.undo {
            None | Some(Undo::Weight(_) | Undo::Focus { .. }) => probabilities.clone(),
            Some(Undo::Temperature(temperature)) => probabilities::cooled(probabilities, *classes, 1.0 / temperature),
            Some(Undo::Factors(factors)) => probabilities::reweighted(probabilities, factors),
        }
    }

    /// The one number, where the repair has one.
    pub fn number(&self) -> Option<f64> {
        let undone = match self.undo {
            Some(Undo::Weight(weight)) => Some(weight),
            Some(Undo::Temperature(temperature)) => Some(temperature),
            Some(Undo::Focus { .. } | Undo::Factors(_)) | None => None,
        };
        self.constant.map(|constant| constant.value).or(undone).or(self.widening).or(self.threshold)
    }
}

/// What a functional is of a law.
fn functional_of(law: &Law, functional: Functional) -> f64 {
    match functional {
        Functional::Median => law.quantile(0.5),
        Functional::Quantile(level) => law.quantile(level),
        Functional::Mean
        | Functional::Expectile(_)
        | Functional::MedianByInverse
        | Functional::LogMean
        | Functional::Probability
        | Functional::Mode
        | Functional::Order
        | Functional::Interval(_)
        | Functional::Law => law.mean(),
    }
}
