//! What validation rows say of a repair: its one number.

use super::{
    ClassOf, Constant, ConstantScale, Reading, ReadingAim, Said, Undo, conformal, constants, ordered, probabilities,
    thresholds,
};
use crate::{
    advice::{
        compare::score::{Forecast, Truth, mean},
        document::Repair,
        map::{Aim, Decode},
        metric::Metric,
        problem::TargetKind,
        purpose::Functional,
    },
    model::{Link, Objective, Prediction},
};

impl Reading {
    /// Reads predictions as the question asks for, repaired by what these validation rows say.
    ///
    /// A repair that these rows do not allow (a ratio to a total of 0) is left out.
    pub fn fit(
        repair: Option<Repair>,
        objective: Objective,
        aim: &Aim,
        kind: TargetKind,
        said: &Said,
        truth: Truth<'_>,
    ) -> Self {
        let aim = ReadingAim { functional: aim.functional, metric: aim.metric, kind, decode: aim.decode };
        let mut reading = Self { constant: None, undo: None, threshold: None, class: None, widening: None, aim };
        reading.fit_numbers(repair, objective, said, truth);
        reading.fit_probabilities(repair, objective, said, truth);
        reading.fit_decisions(repair, objective, said, truth);
        if let (Some(Repair::Conformal), Forecast::Interval { lower, upper }) = (repair, reading.read(said)) {
            let Functional::Interval(share) = aim.functional else { return reading };
            let widening = conformal::widening(share, &lower, &upper, truth.target);
            reading.widening = widening.is_finite().then_some(widening);
        }
        reading
    }

    fn fit_numbers(&mut self, repair: Option<Repair>, objective: Objective, said: &Said, truth: Truth<'_>) {
        let Some(numbers) = self.numbers(said) else { return };
        let by_factor = objective.link() == Link::Log && numbers.iter().all(|&number| number > 0.0);
        let (scale, functional) = match repair {
            Some(Repair::Ratio) => (ConstantScale::Times, Functional::Mean),
            Some(Repair::Shift) if by_factor => (ConstantScale::Times, self.aim.functional),
            Some(Repair::Shift) => (ConstantScale::Plus, self.aim.functional),
            _ => return,
        };
        let found = if functional == Functional::Mean && scale == ConstantScale::Times {
            constants::ratio(&numbers, truth.target, truth.weight)
        } else {
            constants::constant(functional, scale, &numbers, truth.target, truth.weight)
        };
        self.constant = found.map(|value| Constant { scale, value });
    }

    fn fit_probabilities(&mut self, repair: Option<Repair>, objective: Objective, said: &Said, truth: Truth<'_>) {
        let Truth { target, weight, .. } = truth;
        match (&said.prediction, repair) {
            (Prediction::Probability(p), Some(Repair::Temperature)) => {
                self.undo = Some(Undo::Temperature(1.0 / probabilities::temperature(p, target, weight)));
            }
            (Prediction::Probability(_), Some(Repair::PriorShift)) => {
                let share = mean(target, weight).clamp(1e-9, 1.0 - 1e-9);
                self.undo = match objective {
                    Objective::WeightedCrossEntropy { weight } => Some(Undo::Weight(weight)),
                    // The prior's odds, to the power τ, were taken off in training.
                    Objective::LogitAdjusted { tau } => Some(Undo::Weight(((1.0 - share) / share).powf(tau))),
                    _ => None,
                };
            }
            (Prediction::Probability(_), Some(Repair::InverseFocal)) => {
                if let Objective::Focal { gamma, alpha } = objective {
                    self.undo = Some(Undo::Focus { gamma, alpha });
                }
            }
            (Prediction::Classes { probabilities, classes }, Some(Repair::Temperature)) => {
                let power = probabilities::temperature_of_classes(probabilities, *classes, target, weight);
                self.undo = Some(Undo::Temperature(1.0 / power));
            }
            (Prediction::Classes { classes, .. }, Some(Repair::PriorShift)) => {
                self.undo = Some(Undo::Factors(self.factors(objective, *classes, truth)));
            }
            _ => {}
        }
    }

    /// The factor of each class: back to the frequencies for probabilities, away from them for metrics that count all classes
    /// alike.
    fn factors(&self, objective: Objective, classes: usize, truth: Truth<'_>) -> Vec<f64> {
        let mut rows = vec![0.5; classes];
        for (row, &class) in truth.target.iter().enumerate() {
            rows[class as usize] += truth.weight.map_or(1.0, |weight| weight[row]);
        }
        let power = match objective {
            Objective::MulticlassLogitAdjusted { tau } => tau,
            // A class of n rows counts (1 − β) / (1 − βⁿ): its weight comes off again.
            Objective::ClassBalanced { beta } => {
                return rows.iter().map(|rows| (1.0 - beta.powf(*rows)) / (1.0 - beta)).collect();
            }
            _ => 0.0,
        };
        let wanted = if self.aim.metric == Metric::BalancedAccuracy { power - 1.0 } else { power };
        rows.iter().map(|rows| rows.powf(wanted)).collect()
    }

    fn fit_decisions(&mut self, repair: Option<Repair>, objective: Objective, said: &Said, truth: Truth<'_>) {
        let decides = matches!(
            self.aim.metric,
            Metric::Accuracy | Metric::BalancedAccuracy | Metric::F1 | Metric::Cost(_) | Metric::RecallAt(_)
        );
        if let Prediction::Classes { classes, .. } = said.prediction {
            let probabilities = self.probabilities_of_classes(said);
            let own = if matches!(objective, Objective::Corn | Objective::CumulativeLink) {
                ClassOf::Median
            } else {
                ClassOf::Mode
            };
            self.class = Some(match (repair, self.aim.decode) {
                (Some(Repair::Decode), Decode::MedianClass) => ClassOf::Median,
                (Some(Repair::Decode), Decode::MeanOfClasses) => ClassOf::Mean,
                (Some(Repair::Decode), Decode::MeanWithCuts) => {
                    let means = ordered::mean(&probabilities, classes);
                    ClassOf::Cuts(ordered::best_cuts(&means, classes, truth.target, truth.weight))
                }
                (Some(Repair::Decode), _) => ClassOf::Mode,
                _ => own,
            });
            return;
        }
        let (Some((score, is_probability)), true) = (self.scores(said), decides) else { return };
        let chosen = || thresholds::best(self.aim.metric, &score, truth.target, truth.weight);
        self.threshold = Some(match (repair, is_probability) {
            (Some(Repair::Threshold), _) => chosen(),
            (_, true) => self.aim.decode.threshold(&score).unwrap_or(0.5),
            (_, false) => 0.0,
        });
    }
}
