//! The chapter's trainings, and what came of them.

use std::collections::HashMap;

use minimand::{
    data::{
        Standardiser,
        metrics::{Decisions, mean},
        split::{HeldOut, Split},
    },
    prelude::*,
};

use super::{LossReliability, MailData, ProbabilityFigures, ProbabilityLoss, Reliability};
use crate::{
    metrics::Spread,
    model::side_by_side,
    run::Failure,
    statistics::calibration::{Score, calibration},
    table::Table,
    tour::{
        Parts,
        chapter::{Begin, Conditions, Watch},
        fit::{Fit, Recipe, tensor},
        training::TrainingError,
    },
};

static SPAMBASE: &[u8] = include_bytes!("../../../data/spambase.csv.gz");

/// Focal loss fades with this power.
pub(super) const GAMMA: f64 = 2.0;

/// This share of a label is spread over both classes.
pub(super) const SMOOTHING: f64 = 0.1;

/// What a spam that comes through costs.
pub(super) const MISS: f64 = 1.0;

/// What a good mail that is thrown away costs.
pub(super) const ALARM: f64 = 10.0;

/// From this probability on throwing away costs less.
pub(super) const THRESHOLD: f64 = ALARM / (ALARM + MISS);

/// Bins of the expected calibration error.
const BINS: usize = 15;

/// Everything that one seed decides before a loss comes into play.
struct MailSplit {
    parts: Parts,
    train: Mails,
    validation: Mails,
    test: Mails,
}

struct Mails {
    features: Tensor,
    spam: Vec<f64>,
}

/// One training.
struct TrainedMails {
    log_loss_train: f64,
    accuracy: f64,
    temperature: f64,
    trained: ProbabilityWorth,
    scaled: ProbabilityWorth,
}

/// What the probabilities of one training are worth.
struct ProbabilityWorth {
    log_loss: f64,
    miscalibration: f64,
    calibration_error: f64,
    cost: f64,
    curve: Vec<(f64, f64)>,
}

impl Reliability {
    /// Trains with every loss and every seed.
    pub fn measure(conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Self, Failure> {
        let table = Table::from_bytes(SPAMBASE, "spambase.csv.gz")?;
        let features = table.without(&["spam"])?;
        let spam = table.column("spam")?;
        let group = alike(&features);
        let recipe = Recipe {
            sizes: vec![features.names().len(), 64, 64, 1],
            epochs: conditions.choose(80, 30),
            batch: 128,
            learning_rate: 3e-3,
            weight_decay: 0.0,
        };
        let seeds = conditions.seeds(conditions.choose(10, 5));
        let prepared: Vec<MailSplit> =
            seeds.iter().map(|&seed| prepare(&features, spam, &group, seed)).collect::<Result<_, _>>()?;
        let mut found = Self {
            data: MailData {
                rows: table.rows(),
                different: group.iter().max().map_or(0, |&last| last as usize + 1),
                features: features.names().len(),
                base_rate: mean(spam),
                parts: prepared.first().map(|prepared| prepared.parts).unwrap_or_default(),
            },
            epochs: recipe.epochs,
            seeds,
            losses: Vec::new(),
        };
        begin(&found.opening())?;

        let each = || prepared.iter().zip(found.seeds.iter().copied());
        let jobs: Vec<_> =
            ProbabilityLoss::ALL.into_iter().flat_map(|loss| each().map(move |seed| (loss, seed))).collect();
        let steps = jobs.iter().map(|(_, (prepared, _))| recipe.steps(prepared.train.spam.len())).sum();
        let watch = conditions.watch(8, jobs.len(), steps);
        let outcomes = side_by_side(&jobs, |&(loss, (prepared, seed))| train(loss, prepared, &recipe, seed, &watch))?;
        let of_losses = ProbabilityLoss::ALL.into_iter().zip(outcomes.chunks(prepared.len()));
        found.losses = of_losses.map(|(loss, outcomes)| findings(loss, outcomes)).collect();
        Ok(found)
    }
}

/// The number of each row's mail: mails that were sent again are one, and go into one part.
fn alike(features: &Table) -> Vec<u64> {
    let mut known = HashMap::new();
    let mut number = |row: usize| {
        let mail: Vec<u64> = features.columns().iter().map(|column| column[row].to_bits()).collect();
        let next = known.len() as u64;
        *known.entry(mail).or_insert(next)
    };
    (0..features.rows()).map(&mut number).collect()
}

fn prepare(features: &Table, spam: &[f64], group: &[u64], seed: u64) -> Result<MailSplit, Failure> {
    let split = Split::by_group(group, HeldOut::default(), seed)?;
    let standardiser = Standardiser::fit(features.columns(), &split.train);
    let part = |rows: &[usize]| Mails {
        features: tensor(&standardiser.transform(features.columns(), rows), [rows.len(), features.names().len()]),
        spam: rows.iter().map(|&row| spam[row]).collect(),
    };
    Ok(MailSplit {
        parts: Parts::of(&split),
        train: part(&split.train),
        validation: part(&split.validation),
        test: part(&split.test),
    })
}

fn train(
    loss: ProbabilityLoss,
    prepared: &MailSplit,
    recipe: &Recipe,
    seed: u64,
    watch: &Watch<'_>,
) -> Result<TrainedMails, TrainingError> {
    let formula = |logits: &Tensor, rows: &[usize]| {
        let target: Vec<f64> = rows.iter().map(|&row| prepared.train.spam[row]).collect();
        let (logits, target) = (logits.squeeze(-1), tensor(&target, [rows.len()]));
        match loss {
            ProbabilityLoss::CrossEntropy => binary_cross_entropy_with_logits(&logits, &target),
            ProbabilityLoss::Focal => binary_focal(&logits, &target, FocalOptions { alpha: None, gamma: GAMMA }),
            ProbabilityLoss::LabelSmoothing => {
                let smoothed = target * (1.0 - SMOOTHING) + SMOOTHING / 2.0;
                binary_cross_entropy_with_logits(&logits, &smoothed)
            }
            ProbabilityLoss::Brier => binary_brier_score(&logits.sigmoid(), &target),
        }
    };
    let fit = Fit { name: loss.name(), features: &prepared.train.features, loss: &formula, choose: None, seed };
    let fitted = fit.run(recipe, watch)?;
    let logits = |mails: &Mails| fitted.outputs(&mails.features);
    let temperature = temperature(&logits(&prepared.validation)?, &prepared.validation.spam)
        .map_err(|cause| TrainingError::Diverged { loss: loss.name().into(), epoch: fitted.kept, cause })?;
    let (test, spam) = (logits(&prepared.test)?, &prepared.test.spam);
    let scaled: Vec<f64> = test.iter().map(|logit| logit / temperature).collect();
    let right = test.iter().zip(spam).filter(|(logit, spam)| (**logit >= 0.0) == (**spam == 1.0)).count();
    Ok(TrainedMails {
        log_loss_train: log_loss(&logits(&prepared.train)?, &prepared.train.spam),
        accuracy: right as f64 / test.len() as f64,
        temperature,
        trained: judge(&test, spam),
        scaled: judge(&scaled, spam),
    })
}

/// The temperature that suits the rows best.
fn temperature(logits: &[f64], spam: &[f64]) -> Result<f64, String> {
    let both: Vec<f64> = logits.iter().flat_map(|&logit| [0.0, logit]).collect();
    let labels = spam.iter().map(|&spam| i64::from(spam == 1.0)).collect::<Vec<_>>();
    let labels = Labels::new(labels, 2).map_err(|error| error.to_string())?;
    let scaling = TemperatureScaling::fit(&Tensor::from_vec(both, [logits.len(), 2]), &labels);
    scaling.map(|scaling| scaling.temperature()).map_err(|error| format!("no temperature: {error}"))
}

/// Of logits, for probabilities nearer to 1 than a number can be.
fn log_loss(logits: &[f64], spam: &[f64]) -> f64 {
    let surprise = |(&logit, &spam): (&f64, &f64)| {
        let against = if spam == 1.0 { -logit } else { logit };
        against.max(0.0) + (-against.abs()).exp().ln_1p()
    };
    logits.iter().zip(spam).map(surprise).sum::<f64>() / logits.len() as f64
}

fn judge(logits: &[f64], spam: &[f64]) -> ProbabilityWorth {
    let probabilities: Vec<f64> = logits.iter().map(|logit| 1.0 / (1.0 + (-logit).exp())).collect();
    let rows: Vec<u32> = (0..logits.len() as u32).collect();
    let corp = calibration(spam, &probabilities, &rows, Score::LogLoss, 0, 0);
    let as_tensor = |values: &[f64]| Tensor::from_vec(values.to_vec(), [values.len()]);
    let labels: Vec<bool> = spam.iter().map(|&spam| spam == 1.0).collect();
    let decided = Decisions::at(THRESHOLD, &probabilities, &labels).expect("outputs that are no numbers were refused");
    let cost = MISS * decided.missed as f64 + ALARM * decided.false_alarms as f64;
    ProbabilityWorth {
        log_loss: log_loss(logits, spam),
        miscalibration: corp.miscalibration,
        calibration_error: ReliabilityDiagram::of_event(&as_tensor(&probabilities), &as_tensor(spam), BINS)
            .expected_calibration_error(),
        cost: 1000.0 * cost / spam.len() as f64,
        curve: corners(&corp.curve),
    }
}

/// The points of a step function where it changes: all that a drawing needs.
fn corners(curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let same = |place: Option<usize>, height: f64| {
        place.and_then(|place| curve.get(place)).is_some_and(|point| point.1 == height)
    };
    let inside = |place: usize, height: f64| same(place.checked_sub(1), height) && same(Some(place + 1), height);
    let kept = |(place, &(x, y)): (usize, &(f64, f64))| (!inside(place, y)).then_some((x, y));
    curve.iter().enumerate().filter_map(kept).collect()
}

fn findings(loss: ProbabilityLoss, outcomes: &[TrainedMails]) -> LossReliability {
    let each = |figure: &dyn Fn(&TrainedMails) -> f64| Spread::of(outcomes.iter().map(figure).collect());
    let figures = |judged: &dyn Fn(&TrainedMails) -> &ProbabilityWorth| ProbabilityFigures {
        log_loss: each(&|outcome| judged(outcome).log_loss),
        miscalibration: each(&|outcome| judged(outcome).miscalibration),
        calibration_error: each(&|outcome| judged(outcome).calibration_error),
        cost: each(&|outcome| judged(outcome).cost),
    };
    LossReliability {
        loss,
        log_loss_train: each(&|outcome| outcome.log_loss_train),
        accuracy: each(&|outcome| outcome.accuracy),
        temperature: each(&|outcome| outcome.temperature),
        trained: figures(&|outcome| &outcome.trained),
        scaled: figures(&|outcome| &outcome.scaled),
        trained_curve: outcomes[0].trained.curve.clone(),
        scaled_curve: outcomes[0].scaled.curve.clone(),
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn figures_of_logits_are_those_by_hand() {
        // Odds of 1, 99 and 1/3.
        let (logits, spam) = ([0.0, 99f64.ln(), -(3f64.ln())], [0.0, 1.0, 1.0]);
        let judged = judge(&logits, &spam);
        let expected = -(0.5f64.ln() + 0.99f64.ln() + 0.25f64.ln()) / 3.0;
        assert_relative_eq!(judged.log_loss, expected, max_relative = 1e-12);
        // One miss (a quarter is below 10/11), no alarm.
        assert_relative_eq!(judged.cost, 1000.0 / 3.0, max_relative = 1e-12);
        assert_relative_eq!(judged.calibration_error, (0.75 + 0.5 + 0.01) / 3.0, max_relative = 1e-12);
        assert_relative_eq!(log_loss(&[1e4, -1e4], &[1.0, 0.0]), 0.0);
    }

    #[test]
    fn logits_that_are_twice_too_large_have_the_temperature_two() {
        // Odds of 9 where 3 of 4 are right: ln 9 / ln 3 = 2.
        let logit = 9f64.ln();
        let found = temperature(&[logit, logit, logit, logit], &[1.0, 1.0, 1.0, 0.0]).unwrap();
        assert_relative_eq!(found, 2.0, max_relative = 1e-4);
        assert!(temperature(&[1.0, -1.0], &[1.0, 0.0]).unwrap_err().starts_with("no temperature: "));
    }

    #[test]
    fn corners_leave_out_what_lies_on_a_level() {
        let curve = [(0.1, 0.0), (0.2, 0.0), (0.3, 0.0), (0.4, 1.0)];
        assert_eq!(corners(&curve), [(0.1, 0.0), (0.3, 0.0), (0.4, 1.0)]);
    }

    #[test]
    fn mails_that_were_sent_again_are_one() {
        let table = Table::from_bytes(b"a,b\n1,2\n1,3\n1,2\n", "t").unwrap();
        assert_eq!(alike(&table), [0, 1, 0]);
    }
}
