//! The chapter's trainings, and what came of them.

use minimand::{
    data::{
        Standardiser,
        metrics::{
            Decisions, average_precision, base_rate as share_of_positives, best_threshold, brier, mean,
            precision_recall_curve, quantile, roc_auc,
        },
        split::{HeldOut, Split},
    },
    prelude::*,
};

use super::{Method, MethodFindings, RareClass, RareData};
use crate::{
    data::Claims,
    metrics::{Spread, share_held_by, thinned},
    model::side_by_side,
    run::Failure,
    tour::{
        Epoch, Parts, Setting,
        chapter::{Begin, Conditions, Watch},
        training::{Rows, Training, TrainingError},
    },
};

/// Weights of the positive class in the focal grid: the detection paper's, and others up to nearly balanced.
const ALPHAS: [f64; 4] = [0.25, 0.75, 0.9, 0.99];

/// Focusing parameters in the focal grid.
const GAMMAS: [f64; 2] = [1.0, 2.0];

/// Why metrics of outputs are defined.
const NUMBERS: &str = "outputs that are no numbers were refused";

/// How many times the log odds of the classes are added to the logits: once makes the balanced error the goal.
const TAU: f64 = 1.0;

/// From this probability on a row is flagged where no threshold was chosen.
const HALF: f64 = 0.5;

/// Everything that one seed decides before a loss comes into play.
struct Prepared {
    parts: Parts,
    train: Part,
    validation: Part,
    test: Part,
}

struct Part {
    rows: Rows,
    labels: Vec<bool>,
}

/// One training: probabilities of the rows that choose and of those that count.
struct TrainedProbabilities {
    validation: Vec<f64>,
    test: Vec<f64>,
    epochs: Vec<Epoch>,
    kept: usize,
    easy: (f64, f64),
}

impl RareClass {
    /// Trains with every method and every seed of the setting, over all rows. What is to be trained is given to `begin`
    /// first.
    pub fn measure(setting: Setting, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let claims = conditions.claims;
        let cost_threshold = quantile(&claims.cost, 0.99);
        let positive: Vec<bool> = claims.cost.iter().map(|&cost| cost > cost_threshold).collect();
        let base_rate = share_of_positives(&positive);
        let prepared: Vec<Prepared> =
            setting.seeds.iter().map(|&seed| prepare(claims, &positive, seed)).collect::<Result<_, _>>()?;

        let positives = |prepared: &Prepared| prepared.test.labels.iter().filter(|&&label| label).count() as f64;
        let mut found = Self {
            data: RareData {
                rows: claims.cost.len(),
                people: claims.people(),
                features: claims.features.names().len(),
                parts: prepared.first().map(|prepared| prepared.parts).unwrap_or_default(),
                cost_threshold,
                base_rate,
                test_positives: Spread::of(prepared.iter().map(positives).collect()),
                test_base_rate: Spread::of(
                    prepared.iter().map(|prepared| share_of_positives(&prepared.test.labels)).collect(),
                ),
            },
            setting,
            methods: Vec::new(),
        };
        begin(&found.opening())?;

        let trained = trained_methods((1.0 - base_rate) / base_rate);
        let setting = &found.setting;
        let seeds = || prepared.iter().zip(setting.seeds.iter().copied());
        let jobs: Vec<_> = trained.iter().flat_map(|&method| seeds().map(move |seed| (method, seed))).collect();
        let steps = jobs.iter().map(|(_, (prepared, _))| setting.steps(prepared.train.labels.len())).sum();
        let watch = conditions.watch(2, jobs.len(), steps);
        let outcomes =
            side_by_side(&jobs, |&(method, (prepared, seed))| train(method, prepared, setting, seed, &watch))?;

        let half = |_: &TrainedProbabilities, _: &Prepared| HALF;
        let tuned = |outcome: &TrainedProbabilities, prepared: &Prepared| {
            best_threshold(&outcome.validation, &prepared.validation.labels).expect(NUMBERS).threshold
        };
        let base_rate = |_: &TrainedProbabilities, prepared: &Prepared| share_of_positives(&prepared.train.labels);
        for (&method, outcomes) in trained.iter().zip(outcomes.chunks(prepared.len())) {
            found.methods.push(findings(method, outcomes, &prepared, half));
            if method == Method::CrossEntropy {
                found.methods.push(findings(Method::TunedThreshold, outcomes, &prepared, tuned));
                found.methods.push(findings(Method::BaseRateThreshold, outcomes, &prepared, base_rate));
            }
        }
        Ok(found)
    }
}

/// Methods with a training of their own.
fn trained_methods(balance: f64) -> Vec<Method> {
    let focal = ALPHAS.into_iter().flat_map(|alpha| GAMMAS.map(|gamma| Method::Focal { alpha, gamma }));
    let rebalanced = [Method::Weighted { positive_weight: balance }, Method::LogitAdjusted { tau: TAU }];
    [Method::CrossEntropy].into_iter().chain(rebalanced).chain(focal).collect()
}

fn prepare(claims: &Claims, positive: &[bool], seed: u64) -> Result<Prepared, Failure> {
    let split = Split::by_group(&claims.person, HeldOut::default(), seed)?;
    let standardiser = Standardiser::fit(claims.features.columns(), &split.train);
    let part = |rows: &[usize]| {
        let labels: Vec<bool> = rows.iter().map(|&row| positive[row]).collect();
        let target: Vec<f64> = labels.iter().map(|&label| f64::from(u8::from(label))).collect();
        Part { rows: Rows::new(&standardiser.transform(claims.features.columns(), rows), &target), labels }
    };
    Ok(Prepared {
        parts: Parts::of(&split),
        train: part(&split.train),
        validation: part(&split.validation),
        test: part(&split.test),
    })
}

fn train(
    method: Method,
    prepared: &Prepared,
    setting: &Setting,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<TrainedProbabilities, TrainingError> {
    let positive_share = share_of_positives(&prepared.train.labels);
    let formula = move |logits: &Tensor, target: &Tensor| match method {
        Method::CrossEntropy | Method::TunedThreshold | Method::BaseRateThreshold => {
            binary_cross_entropy_with_logits(logits, target)
        }
        Method::LogitAdjusted { tau } => logit_adjusted(logits, target, positive_share, tau),
        Method::Weighted { positive_weight } => {
            weighted_binary_cross_entropy_with_logits(logits, target, positive_weight)
        }
        Method::Focal { alpha, gamma } => binary_focal(logits, target, FocalOptions { alpha: Some(alpha), gamma }),
    };
    let labels = &prepared.train.labels;
    let training = Training {
        name: method.name(),
        loss: &formula,
        train: &prepared.train.rows,
        validation: &prepared.validation.rows,
        // Easy: a negative row with a probability below one half, that is with a logit below 0.
        gradient_share: &|logits, slopes| share_held_by(slopes, |row| !labels[row] && logits[row] < 0.0),
        seed,
    };
    let trained = training.run(setting, watch)?;
    let probabilities = |part: &Part, name| {
        let logits = training.outputs(&trained, &part.rows, name)?;
        Ok(logits.into_iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect())
    };
    Ok(TrainedProbabilities {
        validation: probabilities(&prepared.validation, "validation")?,
        test: probabilities(&prepared.test, "test")?,
        easy: trained.first_and_last_share(),
        kept: trained.kept,
        epochs: trained.epochs,
    })
}

/// [`logit_adjusted_cross_entropy`] for two classes, of which the negative one has logit 0: the log odds of the classes,
/// ln(π/(1 − π)), are added τ times to the logit.
fn logit_adjusted(logits: &Tensor, target: &Tensor, positive_share: f64, tau: f64) -> Tensor {
    let log_odds = positive_share.ln() - (-positive_share).ln_1p();
    binary_cross_entropy_with_logits(&(logits + tau * log_odds), target)
}

/// Findings of a method, with a threshold for each seed.
fn findings(
    method: Method,
    outcomes: &[TrainedProbabilities],
    prepared: &[Prepared],
    threshold: impl Fn(&TrainedProbabilities, &Prepared) -> f64,
) -> MethodFindings {
    let each = |figure: &dyn Fn(&TrainedProbabilities, &[bool]) -> f64| {
        Spread::of(outcomes.iter().zip(prepared).map(|(outcome, part)| figure(outcome, &part.test.labels)).collect())
    };
    let thresholds: Vec<f64> =
        outcomes.iter().zip(prepared).map(|(outcome, prepared)| threshold(outcome, prepared)).collect();
    let decisions: Vec<Decisions> = (outcomes.iter().zip(prepared).zip(&thresholds))
        .map(|((outcome, part), &threshold)| Decisions::at(threshold, &outcome.test, &part.test.labels).expect(NUMBERS))
        .collect();
    let validation_f1 = (outcomes.iter().zip(prepared).zip(&thresholds)).map(|((outcome, part), &threshold)| {
        Decisions::at(threshold, &outcome.validation, &part.validation.labels).expect(NUMBERS).f1()
    });
    let decided = |figure: &dyn Fn(&Decisions) -> f64| Spread::of(decisions.iter().map(figure).collect());
    let first_curve = precision_recall_curve(&outcomes[0].test, &prepared[0].test.labels).unwrap_or_default();
    MethodFindings {
        method,
        validation_f1: Spread::of(validation_f1.collect()),
        threshold: Spread::of(thresholds),
        accuracy: decided(&Decisions::accuracy),
        flagged: decided(&|decisions| decisions.flagged() as f64),
        caught: decided(&|decisions| decisions.caught as f64),
        recall: decided(&Decisions::recall),
        precision: decided(&Decisions::precision),
        f1: decided(&Decisions::f1),
        balanced_accuracy: decided(&balanced_accuracy),
        pr_auc: each(&|outcome, labels| average_precision(&outcome.test, labels).unwrap_or(f64::NAN)),
        roc_auc: each(&|outcome, labels| roc_auc(&outcome.test, labels).unwrap_or(f64::NAN)),
        mean_probability: each(&|outcome, _| mean(&outcome.test)),
        brier: each(&|outcome, labels| brier(&outcome.test, labels).expect(NUMBERS)),
        easy_gradient_first: each(&|outcome, _| outcome.easy.0),
        easy_gradient_last: each(&|outcome, _| outcome.easy.1),
        kept_epoch: each(&|outcome, _| outcome.kept as f64),
        curve: thinned(&first_curve),
        epochs: outcomes[0].epochs.clone(),
    }
}

/// Mean of the shares decided right in either class; 0.5 where everybody is decided alike.
fn balanced_accuracy(decisions: &Decisions) -> f64 {
    let negatives = decisions.false_alarms + decisions.passed;
    0.5 * (decisions.recall() + decisions.passed as f64 / negatives.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logit_adjustment_is_the_loss_of_the_library_for_two_classes() {
        let (logits, target) = (Tensor::from([-3.0, 0.5, 2.0, 0.0]), Tensor::from([0.0, 1.0, 0.0, 1.0]));
        let labels = Labels::new([0, 1, 0, 1], 2).unwrap();
        let both = Tensor::stack([&logits.zeros_like(), &logits], -1);
        for tau in [0.5, 1.0] {
            let expected = logit_adjusted_cross_entropy(&both, &labels, &Tensor::from([0.99, 0.01]), tau);
            let actual = logit_adjusted(&logits, &target, 0.01, tau);
            for (actual, expected) in actual.to_vec::<f64>().into_iter().zip(expected.to_vec::<f64>()) {
                approx::assert_relative_eq!(actual, expected, max_relative = 1e-12);
            }
        }
    }

    #[test]
    fn balanced_accuracy_counts_both_classes_alike() {
        let decided = |caught, false_alarms, missed, passed| Decisions { caught, false_alarms, missed, passed };
        assert_eq!(balanced_accuracy(&decided(0, 0, 10, 990)), 0.5);
        assert_eq!(balanced_accuracy(&decided(10, 990, 0, 0)), 0.5);
        assert_eq!(balanced_accuracy(&decided(8, 198, 2, 792)), 0.8);
    }
}
