//! From a model's predictions to what the metric judges, with the cheapest thing that can be done after training.
//!
//! Whatever is fitted here is one number (or one for each class), on validation rows of the training part, never on the rows that
//! are judged.

mod conformal;
mod constants;
mod ordered;
mod probabilities;
mod thresholds;

use serde::Serialize;

pub use constants::ConstantScale;
pub(super) use ordered::mode as most_probable;

use super::score::{Forecast, Truth};
use crate::{
    advice::{
        document::Repair,
        map::{Aim, Decode},
        metric::Metric,
        problem::{Target, TargetKind},
        purpose::Functional,
    },
    model::{Law, Link, Objective, Prediction},
};

/// What a model says of some rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Said {
    /// Its predictions.
    pub prediction: Prediction,
    /// The laws behind them, where the loss is a likelihood of some.
    pub laws: Option<Vec<Law>>,
}

/// How predictions are read for a question, with what was fitted after training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reading {
    /// What is done to numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub constant: Option<Constant>,
    /// What is done to probabilities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Undo>,
    /// Scores from here on are acted on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// How the class is read off, where there are several.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class: Option<ClassOf>,
    /// What is added to both sides of the intervals.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub widening: Option<f64>,
    #[serde(skip)]
    aim: ReadingAim,
}

/// One constant on predicted numbers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Constant {
    /// Plus or times.
    pub scale: ConstantScale,
    /// The constant.
    pub value: f64,
}

/// What is undone of probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Undo {
    /// A weight on positives.
    Weight(f64),
    /// The focal loss.
    Focus {
        /// Its exponent.
        gamma: f64,
        /// The weight of positives.
        alpha: f64,
    },
    /// A temperature: the power that probabilities are raised to is 1 over it.
    Temperature(f64),
    /// A factor for each class.
    Factors(Vec<f64>),
}

/// How a class is read off its probabilities.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassOf {
    /// The most probable one.
    Mode,
    /// The one that half of the probability reaches.
    Median,
    /// The mean number.
    Mean,
    /// The mean number, cut at these places.
    Cuts(Vec<f64>),
}

/// What of the question the reading needs.
#[derive(Debug, Clone, Copy, PartialEq)]
struct ReadingAim {
    functional: Functional,
    metric: Metric,
    kind: TargetKind,
    decode: Decode,
}

/// The repair that suits a loss for a question where there is a cheap one: what is to be tried before another loss.
pub fn cheapest(objective: Objective, aim: &Aim, kind: TargetKind) -> Option<Repair> {
    if let Some(&(_, repair)) = aim.repaired.iter().find(|(one, _)| one.name() == objective.name()) {
        let distorted = undoing(objective).is_some();
        // A formula that undoes the distortion comes before a threshold for distorted probabilities.
        if !(distorted && repair == Repair::Threshold && matches!(aim.metric, Metric::Cost(_))) {
            return Some(repair);
        }
    }
    let numbers = matches!(kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share);
    match aim.functional {
        Functional::Mean if kind == TargetKind::Ordered => Some(Repair::Decode),
        Functional::Mean => {
            if objective.estimates() == Some(Functional::Mean) || !numbers {
                None
            } else if kind == TargetKind::Real {
                Some(Repair::Shift)
            } else {
                Some(Repair::Ratio)
            }
        }
        Functional::Median if kind == TargetKind::Ordered => Some(Repair::Decode),
        Functional::Median
        | Functional::Quantile(_)
        | Functional::Expectile(_)
        | Functional::MedianByInverse
        | Functional::LogMean => {
            let own = objective.estimates();
            let gives_a_law = own == Some(Functional::Law);
            (numbers && own != Some(aim.functional) && !gives_a_law).then_some(Repair::Shift)
        }
        Functional::Probability => match undoing(objective) {
            Some(repair) => Some(repair),
            None => matches!(objective.link(), Link::Logit | Link::Softmax).then_some(Repair::Temperature),
        },
        Functional::Mode => match (aim.metric, kind) {
            (_, TargetKind::Binary) => Some(Repair::Threshold),
            (Metric::BalancedAccuracy, TargetKind::Classes | TargetKind::Ordered) => Some(Repair::PriorShift),
            _ => None,
        },
        Functional::Order => match aim.metric {
            Metric::Cost(_) => undoing(objective).or(Some(Repair::Threshold)),
            Metric::F1 | Metric::BalancedAccuracy => Some(Repair::Threshold),
            _ => None,
        },
        Functional::Interval(_) => Some(Repair::Conformal),
        Functional::Law => None,
    }
}

/// Whether a loss is read in the same way with the repair as without.
pub fn changes_nothing(objective: Objective, repair: Repair, aim: &Aim) -> bool {
    if repair != Repair::Decode {
        return false;
    }
    let by_median = matches!(objective, Objective::Corn | Objective::CumulativeLink);
    match aim.decode {
        Decode::MedianClass => by_median,
        Decode::MeanWithCuts | Decode::MeanOfClasses => false,
        // The most probable class, which those two are not read by.
        Decode::AsItIs
        | Decode::Above(_)
        | Decode::AboveHalfBestF1
        | Decode::AbovePrevalence
        | Decode::Highest(_)
        | Decode::MostProbable
        | Decode::MostProbableForFrequency => !by_median,
    }
}

/// The formula that undoes what a loss did to its probabilities.
fn undoing(objective: Objective) -> Option<Repair> {
    match objective {
        Objective::WeightedCrossEntropy { .. }
        | Objective::LogitAdjusted { .. }
        | Objective::MulticlassLogitAdjusted { .. }
        | Objective::ClassBalanced { .. } => Some(Repair::PriorShift),
        Objective::Focal { .. } => Some(Repair::InverseFocal),
        _ => None,
    }
}

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
                let share = super::score::mean(target, weight).clamp(1e-9, 1.0 - 1e-9);
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

    /// The forecast that the metric judges.
    ///
    /// # Panics
    /// If predictions are of a kind that the question cannot be read off; [`can_read`] says so before.
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
    fn numbers(&self, said: &Said) -> Option<Vec<f64>> {
        match &said.prediction {
            Prediction::Number(numbers) => Some(numbers.clone()),
            Prediction::Laws(laws) => Some(laws.iter().map(|law| functional_of(law, self.aim.functional)).collect()),
            Prediction::Interval { .. } => Some(said.prediction.numbers()),
            Prediction::Probability(p) if self.aim.kind != TargetKind::Binary => Some(p.clone()),
            Prediction::Probability(_) | Prediction::Classes { .. } | Prediction::Score(_) => None,
        }
    }

    /// The scores of two classes, put right, and whether they are probabilities.
    fn scores(&self, said: &Said) -> Option<(Vec<f64>, bool)> {
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

    fn probabilities_of_classes(&self, said: &Said) -> Vec<f64> {
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

/// Whether what a loss predicts can be judged by the metric at all.
pub fn can_read(objective: Objective, aim: &Aim, target: &Target) -> bool {
    let of_lists = matches!(
        objective,
        Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg
            | Objective::Pointwise
    );
    let of_intervals = matches!(objective, Objective::TwoQuantiles { .. });
    let link = objective.link();
    match target.kind {
        TargetKind::Relevance => of_lists,
        TargetKind::Binary => match aim.metric {
            Metric::LogLoss | Metric::Brier | Metric::LogScore => link == Link::Logit,
            _ => link == Link::Logit || link == Link::Score && !of_lists,
        },
        TargetKind::Classes => link == Link::Softmax,
        TargetKind::Ordered => match aim.metric {
            Metric::Mae | Metric::Rmse | Metric::R2 => {
                matches!(link, Link::Softmax | Link::Ordinal) || objective == Objective::SquaredError
            }
            _ => matches!(link, Link::Softmax | Link::Ordinal),
        },
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
            let of_numbers = matches!(link, Link::Identity | Link::Log);
            match aim.functional {
                Functional::Law => gives_laws(objective) && comparable(objective, aim, target),
                Functional::Interval(_) => of_intervals || gives_laws(objective),
                _ if of_intervals => false,
                _ if link == Link::Logit => target.kind == TargetKind::Share,
                _ => of_numbers,
            }
        }
    }
}

/// Densities cannot be compared with probabilities: by the log score counts need laws of counts, and numbers with exact zeros laws
/// without a mass there.
fn comparable(objective: Objective, aim: &Aim, target: &Target) -> bool {
    let of_counts = super::laws::is_of_counts(objective);
    match (aim.metric, target.kind) {
        (Metric::LogScore, TargetKind::Count) => of_counts,
        (Metric::LogScore, _) => !of_counts && objective != Objective::TwoPart,
        (_, TargetKind::Count) => true,
        _ => !of_counts,
    }
}

/// Whether a law stands behind the loss's predictions.
fn gives_laws(objective: Objective) -> bool {
    matches!(
        objective,
        Objective::SquaredError
            | Objective::Gaussian
            | Objective::BetaGaussian { .. }
            | Objective::StudentT { .. }
            | Objective::LogSquaredError
            | Objective::LogNormal
            | Objective::Gamma
            | Objective::GammaLikelihood
            | Objective::Poisson
            | Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial
            | Objective::TwoPart
    )
}
