//! The rules that the advice competes with, as code: each takes the training rows and the question and names a loss.
//!
//! Each is as favourable to the rival as can be: its loss is tuned and read for the question as every other (thresholds by the
//! costs, quantiles off its law), so that what is compared is the loss alone.

use minimand_cli::{
    advice::{
        command::TableCommand,
        compare::{
            Company, Effort, Options,
            candidates::usual,
            compare,
            repairs::{can_read, changes_nothing, cheapest},
            verdict::choose,
        },
        document::{Candidate, Repair},
        map::Aim,
        metric::Metric,
        problem::{Problem, TargetKind},
        recommend::{Asked, Run, candidates, recommend},
        shortlist::default_loss,
    },
    model::{ModelKind, Objective},
};
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};

use crate::marginal::by_marginal_likelihood;

/// A way to come to a loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rule {
    /// `minimand recommend`.
    Recommend,
    /// `minimand compare` on the training rows.
    Compare,
    /// Squared error or cross-entropy, always.
    Default,
    /// H2O's `distribution = AUTO`: numbers are Gaussian, two levels Bernoulli, more multinomial. Whole numbers are numbers.
    ColumnType,
    /// AutoGluon: the loss is the metric where there is one of that name, or else its default.
    Metric,
    /// XGBoostLSS's `dist_select`: the law with the smallest marginal negative log-likelihood.
    MarginalLikelihood,
    /// evalml: the logarithm if the target looks log-normal, weights if classes are imbalanced.
    LogOrWeights,
    /// The textbook: absolute error if skewed, focal loss if rare.
    Textbook,
    /// Any loss that can be trained and read.
    Random,
}

impl Rule {
    /// Those that the advice has to beat.
    pub(crate) const RIVALS: [Rule; 7] = [
        Rule::Default,
        Rule::ColumnType,
        Rule::Metric,
        Rule::MarginalLikelihood,
        Rule::LogOrWeights,
        Rule::Textbook,
        Rule::Random,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Rule::Recommend => "recommend",
            Rule::Compare => "compare",
            Rule::Default => "squared error / cross-entropy",
            Rule::ColumnType => "by column type (H2O AUTO)",
            Rule::Metric => "by metric (AutoGluon)",
            Rule::MarginalLikelihood => "smallest marginal likelihood (dist_select)",
            Rule::LogOrWeights => "log or weights (evalml)",
            Rule::Textbook => "absolute if skewed, focal if rare",
            Rule::Random => "random",
        }
    }

    /// The loss for these training rows, and what is done after training.
    pub(crate) fn pick(self, problem: &Problem, aim: &Aim, model: ModelKind, seed: u64) -> Candidate {
        let target = &problem.target;
        let kind = target.kind;
        let usable = |objective: Objective| {
            objective.accepts(&target.values, target.levels.len()) && can_read(objective, aim, target)
        };
        let fallback = default_loss(kind);
        let (loss, repair) = match self {
            Rule::Recommend => return advice(problem, aim, seed),
            Rule::Compare => return proven(problem, aim, model, seed),
            Rule::Default => (fallback, None),
            Rule::ColumnType => (by_column_type(kind), None),
            Rule::Metric => by_metric(aim, kind),
            Rule::MarginalLikelihood => {
                let numbers =
                    matches!(kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share);
                let laws = if numbers { by_marginal_likelihood(&target.values) } else { Vec::new() };
                (laws.into_iter().map(|(law, _)| law).find(|&law| usable(law)).unwrap_or(fallback), None)
            }
            Rule::LogOrWeights => (log_or_weights(problem), None),
            Rule::Textbook => (textbook(problem), None),
            Rule::Random => {
                let mut rng = ChaCha8Rng::seed_from_u64(seed);
                let all: Vec<Objective> = usual(aim, target).into_iter().filter(|&loss| usable(loss)).collect();
                (all[rng.random_range(0..all.len())], None)
            }
        };
        // Where the question cannot be read off its loss, a user is left with the default.
        candidate(if usable(loss) { loss } else { fallback }, repair, aim)
    }
}

/// A candidate as the comparison takes it.
pub(crate) fn candidate(loss: Objective, repair: Option<Repair>, aim: &Aim) -> Candidate {
    let repair = repair.filter(|&repair| !changes_nothing(loss, repair, aim));
    Candidate { admissible: aim.admits(loss, repair), ..Candidate::new(loss, repair) }
}

/// Every loss that can be trained and read, plain and with its cheapest repair: what the oracle chooses from.
pub(crate) fn all_candidates(problem: &Problem, aim: &Aim) -> Vec<Candidate> {
    let of_loss = |loss: Objective| {
        let repair = cheapest(loss, aim, problem.target.kind).filter(|&repair| !changes_nothing(loss, repair, aim));
        [Some(candidate(loss, None, aim)), repair.map(|repair| candidate(loss, Some(repair), aim))]
    };
    usual(aim, &problem.target).into_iter().flat_map(of_loss).flatten().collect()
}

fn by_column_type(kind: TargetKind) -> Objective {
    match kind {
        // A whole number is a number, whatever it counts; only the metrics that need classes make a user declare them.
        TargetKind::Ordered => Objective::SquaredError,
        other => default_loss(other),
    }
}

fn by_metric(aim: &Aim, kind: TargetKind) -> (Objective, Option<Repair>) {
    match kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
            let loss = match aim.metric {
                Metric::Mae | Metric::Wape => Objective::AbsoluteError,
                Metric::Mape => Objective::AbsolutePercentageError,
                Metric::Pinball(level) => Objective::Quantile { level },
                _ => Objective::SquaredError,
            };
            (loss, None)
        }
        TargetKind::Binary => {
            // `calibrate_decision_threshold = "auto"`, and a temperature where the metric is the log loss.
            let repair = match aim.metric {
                Metric::F1 | Metric::BalancedAccuracy | Metric::Accuracy => Some(Repair::Threshold),
                Metric::LogLoss => Some(Repair::Temperature),
                _ => None,
            };
            (Objective::CrossEntropy, repair)
        }
        TargetKind::Ordered | TargetKind::Classes => {
            (Objective::MulticlassCrossEntropy, (aim.metric == Metric::LogLoss).then_some(Repair::Temperature))
        }
        TargetKind::Relevance => (Objective::Pointwise, None),
    }
}

fn log_or_weights(problem: &Problem) -> Objective {
    let y = &problem.target.values;
    match problem.target.kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
            if !looks_log_normal(y) {
                Objective::SquaredError
            } else if y.iter().all(|&y| y > 0.0) {
                Objective::LogSquaredError
            } else {
                // The transformation that subtracts the smallest value and adds 1.
                Objective::SquaredLogarithmicError
            }
        }
        TargetKind::Binary => {
            let positives = y.iter().sum::<f64>();
            let negatives = y.len() as f64 - positives;
            // Balanced below a ratio of one to four.
            if positives < 0.25 * negatives {
                Objective::WeightedCrossEntropy { weight: negatives / positives }
            } else {
                Objective::CrossEntropy
            }
        }
        TargetKind::Classes => {
            let counts = class_counts(y, problem.target.levels.len());
            let (few, many) = (counts.iter().min().copied(), counts.iter().max().copied());
            if few.zip(many).is_some_and(|(few, many)| 4 * few < many) {
                Objective::ClassBalanced { beta: 0.999 }
            } else {
                Objective::MulticlassCrossEntropy
            }
        }
        kind @ (TargetKind::Ordered | TargetKind::Relevance) => default_loss(kind),
    }
}

fn class_counts(y: &[f64], classes: usize) -> Vec<usize> {
    let mut counts = vec![0; classes];
    y.iter().for_each(|&class| counts[class as usize] += 1);
    counts
}

/// The target is not normal, and without values beyond three standard deviations its logarithm is nearer to normal than it is. The
/// test is Jarque and Bera's at any number of rows (the tool takes Shapiro and Wilk's below 5,000).
fn looks_log_normal(y: &[f64]) -> bool {
    if jarque_bera_p(y) >= 0.05 {
        return false;
    }
    let smallest = y.iter().copied().fold(f64::INFINITY, f64::min);
    let shift = if smallest <= 0.0 { smallest.abs() + 1.0 } else { 0.0 };
    let shifted: Vec<f64> = y.iter().map(|y| y + shift).collect();
    let (centre, deviation, ..) = moments(&shifted);
    let kept: Vec<f64> = shifted.into_iter().filter(|&y| y < centre + 3.0 * deviation).collect();
    let logarithms: Vec<f64> = kept.iter().map(|y| y.ln()).collect();
    jarque_bera_p(&logarithms) >= jarque_bera_p(&kept)
}

fn jarque_bera_p(y: &[f64]) -> f64 {
    let (.., skewness, kurtosis) = moments(y);
    // χ² with two degrees of freedom.
    (-0.5 * y.len() as f64 / 6.0 * (skewness.powi(2) + 0.25 * (kurtosis - 3.0).powi(2))).exp()
}

/// Mean, standard deviation, skewness, kurtosis.
fn moments(y: &[f64]) -> (f64, f64, f64, f64) {
    let rows = y.len() as f64;
    let centre = y.iter().sum::<f64>() / rows;
    let central = |power: i32| y.iter().map(|y| (y - centre).powi(power)).sum::<f64>() / rows;
    let deviation = central(2).sqrt();
    (centre, deviation, central(3) / deviation.powi(3), central(4) / deviation.powi(4))
}

fn textbook(problem: &Problem) -> Objective {
    let y = &problem.target.values;
    match problem.target.kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
            let (.., skewness, _) = moments(y);
            if skewness.abs() > 1.0 { Objective::AbsoluteError } else { Objective::SquaredError }
        }
        TargetKind::Binary => {
            let share = y.iter().sum::<f64>() / y.len() as f64;
            if share < 0.2 { Objective::Focal { gamma: 2.0, alpha: 0.25 } } else { Objective::CrossEntropy }
        }
        TargetKind::Relevance => Objective::ListPairwise,
        kind @ (TargetKind::Ordered | TargetKind::Classes) => default_loss(kind),
    }
}

fn asked(aim: &Aim) -> Asked {
    Asked { aim: aim.clone(), source: "flag", flags: vec!["--metric".into(), aim.metric.to_string()] }
}

fn advice(problem: &Problem, aim: &Aim, seed: u64) -> Candidate {
    let command = TableCommand::of(problem);
    let run = Run { command: &command, words: &[], muted: &[], seed };
    let found = recommend(problem, Some(&asked(aim)), &run).expect("advice");
    let verdict = found.document.verdict.expect("a verdict");
    let chosen = found.document.candidates.into_iter().find(|candidate| candidate.name == verdict.loss);
    chosen.expect("the loss that is advised is one of the candidates")
}

fn proven(problem: &Problem, aim: &Aim, model: ModelKind, seed: u64) -> Candidate {
    let command = TableCommand::of(problem);
    let run = Run { command: &command, words: &[], muted: &[], seed };
    let (shortlist, _) = candidates(problem, &asked(aim), &run).expect("a shortlist");
    let options = Options { models: vec![model], effort: Effort::Fits(400), rope: 0.01, without_top: None, seed };
    let stop = std::sync::atomic::AtomicBool::new(false);
    let mut company = Company { begin: &mut |_| (), bar: &|_| indicatif::ProgressBar::hidden(), stop: &stop };
    let (field, proof) = compare(problem, aim, shortlist, &options, &mut company).expect("a proof");
    let name = choose(&proof).expect("a choice").name;
    field.into_iter().find(|candidate| candidate.name == name).expect("the choice is one of the field")
}
