//! The race: every loss on the same splits, with the same starts and batches.

use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;
use serde::Serialize;

use super::{
    decisions::Acted,
    entry::Entry,
    laws::SplitLaws,
    plan::{FOLDS, FitPlan, fits_of},
    proof::GradientProof,
    repairs::{Reading, Said},
    rows::{SplitError, SplitParts, SplitRows, truth},
    score::{FoldScore, Forecast, Judge, Truth},
    side::Side,
};
use crate::{
    advice::{document::Repair, map::Aim, problem::Problem, purpose::Functional},
    model::{
        FitError, FitSetting, FittedModel, ModelKind, Objective, Prediction, Sample, SampleRows, Validation, fit,
        penalty_unit, until_stopped,
    },
};

/// What the race runs on.
#[derive(Clone, Copy)]
pub struct Course<'a> {
    /// The rows.
    pub problem: &'a Problem,
    /// The question.
    pub aim: &'a Aim,
    /// What judges.
    pub judge: Judge,
    /// What stands beside the score.
    pub side: Option<Side>,
    /// The seed of splits and starts.
    pub seed: u64,
}

/// One candidate on the test rows of one split, averaged over the starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// The metric.
    pub value: f64,
    /// The loss of each test row.
    pub losses: Vec<f64>,
    /// What stands beside the score.
    pub side: Option<f64>,
    /// One number for each test row: the prediction, the probability or the score.
    pub points: Vec<f64>,
    /// Whether that is a probability of the positive class.
    pub is_probability: bool,
    /// What was acted on, where the question is one of decisions.
    pub acted: Option<Acted>,
    /// How it came about.
    pub choice: Chosen,
    /// Which rows steer the training; in the first split.
    pub gradient: Option<GradientProof>,
    /// Share of the rows that it was fitted on whose class is right; in the first split.
    pub training_accuracy: Option<f64>,
    /// The laws predicted for the test rows; in the first repeat, with the first candidate of a loss.
    pub laws: Option<SplitLaws>,
}

/// What was chosen on the validation rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chosen {
    /// The loss's own parameters.
    pub params: Vec<(&'static str, f64)>,
    /// The model's setting.
    pub setting: FitSetting,
    /// What was fitted after training, with the first start.
    pub reading: Reading,
}

/// A loss in one split of one model.
#[derive(Debug, Clone, PartialEq)]
pub enum EntryResult {
    /// Its candidates, in the order of the entry's variants; none where the test rows do not tell.
    Scored(Vec<Option<Judged>>),
    /// It came to nothing.
    Failed(FitError),
    /// It was dropped before.
    Dropped,
}

/// One split of one model: one result for each entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Block {
    /// The split, from 0: repeat after repeat.
    pub split: usize,
    /// The rows that were judged.
    pub test: Vec<usize>,
    /// Rows that were trained and chosen on.
    pub train: usize,
    /// In the order of the entries.
    pub results: Vec<EntryResult>,
}

impl Block {
    /// Whether it belongs to the first repeat, which judges each row at most once.
    pub fn is_first(&self) -> bool {
        self.split < FOLDS
    }
}

/// All blocks of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    /// The model.
    pub model: ModelKind,
    /// One for each split that was finished.
    pub blocks: Vec<Block>,
}

/// What a race found.
#[derive(Debug, Clone, PartialEq)]
pub struct Finish {
    /// One for each model.
    pub lanes: Vec<Lane>,
    /// Fits that were made.
    pub fits: usize,
    /// Splits that were begun.
    pub splits: usize,
    /// Whether it ran to its end.
    pub complete: bool,
}

/// A part of the work that knows nothing of the others.
struct Job {
    lane: usize,
    entry: usize,
}

/// What decides how far a race goes.
pub struct Marshal<'a> {
    /// After so many splits, whether another one is to be run.
    pub goes_on: &'a dyn Fn(usize, &[Lane]) -> bool,
    /// After the first repeat, which entries of a lane need not go on.
    pub drops: &'a dyn Fn(&Lane) -> Vec<usize>,
    /// True once the user has had enough: no job is begun any more, and what was finished for all losses counts.
    pub stop: &'a AtomicBool,
}

/// Runs split after split of the plan's folds, while the marshal says so.
pub fn race(
    course: &Course<'_>,
    entries: &[Entry],
    plan: &FitPlan,
    marshal: &Marshal<'_>,
    bar: &ProgressBar,
) -> Result<Finish, SplitError> {
    let &Marshal { goes_on, drops, stop } = marshal;
    let mut lanes: Vec<Lane> = plan.models.iter().map(|&model| Lane { model, blocks: Vec::new() }).collect();
    let mut dropped: Vec<Vec<bool>> = lanes.iter().map(|_| vec![false; entries.len()]).collect();
    let mut fits = 0;
    let mut repeat: Vec<SplitParts> = Vec::new();
    let mut splits = 0;
    while !stop.load(Ordering::Relaxed) && goes_on(splits, &lanes) {
        let split = splits;
        splits += 1;
        if split % plan.folds == 0 {
            repeat = SplitParts::repeat(course.problem, plan.folds, split / plan.folds, course.seed)?;
        }
        let parts = &repeat[split % plan.folds];
        if split == plan.folds {
            for (lane, dropped) in lanes.iter().zip(&mut dropped) {
                for entry in drops(lane) {
                    dropped[entry] = true;
                }
            }
        }
        let rows = SplitRows::of(course.problem, parts);
        let mut jobs = Vec::new();
        // The network first: what takes long must not be begun last.
        for (lane, found) in lanes.iter().enumerate().rev() {
            let _ = found;
            jobs.extend((0..entries.len()).filter(|&entry| !dropped[lane][entry]).map(|entry| Job { lane, entry }));
        }
        let done = until_stopped(&jobs, stop, |job| {
            let (entry, model) = (&entries[job.entry], plan.models[job.lane]);
            let result = train_entry(course, entry, model, plan.starts, split, &rows, stop);
            bar.inc(fits_of(entry, model, plan.starts) as u64);
            if bar.length().is_some_and(|length| length < bar.position()) {
                bar.set_length(bar.position());
            }
            result
        });
        for (lane, (found, dropped)) in lanes.iter_mut().zip(&dropped).enumerate() {
            let mut results: Vec<Option<EntryResult>> =
                dropped.iter().map(|&dropped| dropped.then_some(EntryResult::Dropped)).collect();
            for (job, result) in jobs.iter().zip(&done) {
                if job.lane == lane {
                    results[job.entry] = result.clone().flatten();
                }
            }
            // Losses are compared by pairs: a split counts where it is finished for all of them.
            if let Some(results) = results.into_iter().collect::<Option<Vec<EntryResult>>>() {
                let trained = entries.iter().zip(dropped).filter(|(_, dropped)| !**dropped);
                fits += trained.map(|(entry, _)| fits_of(entry, found.model, plan.starts)).sum::<usize>();
                found.blocks.push(Block {
                    split,
                    test: parts.test.clone(),
                    train: parts.fit.len() + parts.validation.len(),
                    results,
                });
            }
        }
    }
    let complete = !stop.load(Ordering::Relaxed) && lanes.iter().all(|lane| lane.blocks.len() == splits);
    Ok(Finish { lanes, fits, splits, complete })
}

/// Trains one loss with one model in one split; nothing if it was stopped on the way.
pub fn train_entry(
    course: &Course<'_>,
    entry: &Entry,
    model: ModelKind,
    starts: usize,
    split: usize,
    rows: &SplitRows,
    stop: &AtomicBool,
) -> Option<EntryResult> {
    match fitted_starts(course, entry, model, starts, split, rows, stop)? {
        Ok(fitted) => {
            let mut outcomes = score_variants(course, entry, &fitted, rows);
            if split == 0 {
                let gradient = GradientProof::of(&fitted[0].fitted, &rows.fit);
                let accuracy = training_accuracy(&fitted[0].fitted, &rows.fit);
                for outcome in outcomes.iter_mut().flatten() {
                    outcome.gradient.clone_from(&gradient);
                    outcome.training_accuracy = accuracy;
                }
            }
            if split < FOLDS {
                let starts: Vec<&FittedModel> = fitted.iter().map(|trial| &trial.fitted).collect();
                if let Some(first) = outcomes.iter_mut().flatten().next() {
                    first.laws = SplitLaws::of(course, entry.objective, &starts, &rows.test);
                }
            }
            Some(EntryResult::Scored(outcomes))
        }
        Err(error) => Some(EntryResult::Failed(error)),
    }
}

/// Share of the rows whose class is the more probable one of two, or the most probable one; none where there are no classes.
fn training_accuracy(fitted: &FittedModel, rows: &SampleRows) -> Option<f64> {
    let decided: Vec<f64> = match fitted.predict(&rows.view()) {
        Prediction::Probability(p) if rows.target.iter().all(|y| *y == 0.0 || *y == 1.0) => {
            p.iter().map(|&p| f64::from(u8::from(p >= 0.5))).collect()
        }
        Prediction::Classes { probabilities, classes } => super::repairs::most_probable(&probabilities, classes),
        Prediction::Number(_)
        | Prediction::Interval { .. }
        | Prediction::Probability(_)
        | Prediction::Score(_)
        | Prediction::Laws(_) => return None,
    };
    let right = decided.iter().zip(&rows.target).filter(|(decided, y)| decided == y).count();
    Some(right as f64 / rows.target.len() as f64)
}

/// A fit, and what it is worth on the validation rows.
struct Trial {
    objective: Objective,
    setting: FitSetting,
    fitted: FittedModel,
    loss: f64,
}

fn trial(
    course: &Course<'_>,
    entry: &Entry,
    model: ModelKind,
    objective: Objective,
    setting: FitSetting,
    rows: &SplitRows,
) -> Result<Trial, FitError> {
    let train = rows.fit.view();
    let judge = |prediction: &Prediction| course.on_validation(entry, objective, prediction, None, rows);
    let validation = Validation { sample: rows.validation.view(), judge: &judge };
    let fitted = fit(model, objective, &train, Some(&validation), &setting)?;
    let said = course.said(&fitted, &validation.sample);
    let loss = course.on_validation(entry, objective, &said.prediction, said.laws.as_ref(), rows);
    Ok(Trial { objective, setting, fitted, loss })
}

/// Penalties to try, in units of what suits weights that explain about as much as they leave: strong, usual, nearly none.
const PENALTIES: [f64; 3] = [10.0, 1.0, 0.01];

/// The settings to try: the network's as ever; the linear model's penalties by the number of features for each row and by the size of the
/// loss, so that all losses are penalised alike.
fn settings(objective: Objective, model: ModelKind, rows: &SplitRows, seed: u64) -> Result<[FitSetting; 3], FitError> {
    let mut settings = FitSetting::choices(seed);
    if model == ModelKind::Linear {
        let unit = penalty_unit(objective, &rows.fit.view())? * rows.fit.width as f64 / rows.fit.target.len() as f64;
        for (setting, penalty) in settings.iter_mut().zip(PENALTIES) {
            setting.penalty = penalty * unit;
        }
    }
    Ok(settings)
}

/// Tunes on the validation rows, then fits the other starts with what was chosen.
fn fitted_starts(
    course: &Course<'_>,
    entry: &Entry,
    model: ModelKind,
    starts: usize,
    split: usize,
    rows: &SplitRows,
    stop: &AtomicBool,
) -> Option<Result<Vec<Trial>, FitError>> {
    let trial = |objective: Objective, setting: FitSetting| trial(course, entry, model, objective, setting, rows);
    let seed = |start: usize| seed_of(course.seed, split, start);
    let mut best: Option<Trial> = None;
    let mut failure = None;
    let mut consider = |result: Result<Trial, FitError>, best: &mut Option<Trial>| match result {
        Ok(trial) => {
            let better = best.as_ref().is_none_or(|best| trial.loss < best.loss || best.loss.is_nan());
            if better {
                *best = Some(trial);
            }
        }
        Err(error) => failure = failure.take().or(Some(error)),
    };
    let settings = match settings(entry.objective, model, rows, seed(0)) {
        Ok(settings) => settings,
        Err(error) => return Some(Err(error)),
    };
    for setting in settings {
        if stop.load(Ordering::Relaxed) {
            return None;
        }
        consider(trial(entry.objective, setting), &mut best);
    }
    if let Some(setting) = best.as_ref().map(|best| best.setting) {
        for objective in entry.neighbours() {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            consider(trial(objective, setting), &mut best);
        }
    }
    let Some(best) = best else {
        return failure.map(Err);
    };
    let mut all = vec![best];
    if model == ModelKind::Mlp {
        for start in 1..starts {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            let setting = FitSetting { seed: seed(start), ..all[0].setting };
            // A start that diverges is no reason to lose the other.
            all.extend(trial(all[0].objective, setting));
        }
    }
    Some(Ok(all))
}

/// Each candidate of the loss on the test rows, averaged over the starts.
fn score_variants(course: &Course<'_>, entry: &Entry, starts: &[Trial], rows: &SplitRows) -> Vec<Option<Judged>> {
    let kind = course.problem.target.kind;
    let said: Vec<[Said; 2]> = starts
        .iter()
        .map(|trial| {
            let samples = [rows.validation.view(), rows.test.view()];
            samples.map(|sample| course.said(&trial.fitted, &sample))
        })
        .collect();
    let of_variant = |&(_, repair): &(usize, Option<Repair>)| {
        let mut outcomes = Vec::new();
        for (trial, [on_validation, on_test]) in starts.iter().zip(&said) {
            let reading =
                Reading::fit(repair, trial.objective, course.aim, kind, on_validation, truth(&rows.validation));
            let forecast = reading.read(on_test);
            let truth = truth(&rows.test);
            let FoldScore { value, losses } = course.judge.score(&forecast, truth)?;
            let side = course.side.map(|side| side.of(&forecast, truth));
            let is_probability = matches!(forecast, Forecast::Binary { probability: true, .. });
            let acted = reading.threshold.and_then(|_| Acted::of(&forecast, truth));
            let points = points(forecast);
            let choice = Chosen { params: trial.objective.parameters(), setting: trial.setting, reading };
            outcomes.push(Judged {
                value,
                losses,
                side,
                points,
                is_probability,
                acted,
                choice,
                gradient: None,
                training_accuracy: None,
                laws: None,
            });
        }
        average(outcomes)
    };
    entry.variants.iter().map(of_variant).collect()
}

/// One fit with the usual setting, thrown away: for its time.
pub fn first_fit(course: &Course<'_>, entry: &Entry, model: ModelKind, rows: &SplitRows, stop: &AtomicBool) {
    if !stop.load(Ordering::Relaxed) {
        // What fails takes time, too.
        let setting = settings(entry.objective, model, rows, course.seed);
        let _ = setting.map(|[_, usual, _]| trial(course, entry, model, entry.objective, usual, rows));
    }
}

/// One number for each row.
fn points(forecast: Forecast) -> Vec<f64> {
    match forecast {
        Forecast::Number(numbers) | Forecast::Scores(numbers) => numbers,
        Forecast::Binary { score, .. } => score,
        Forecast::Classes { decided, .. } => decided,
        Forecast::Interval { lower, upper } => {
            lower.iter().zip(&upper).map(|(lower, upper)| 0.5 * (lower + upper)).collect()
        }
        Forecast::Laws(laws) => laws.iter().map(|law| law.quantile(0.5)).collect(),
    }
}

fn average(outcomes: Vec<Judged>) -> Option<Judged> {
    let starts = outcomes.len() as f64;
    let mut outcomes = outcomes.into_iter();
    let mut mean = outcomes.next()?;
    for outcome in outcomes {
        mean.value += outcome.value;
        mean.losses.iter_mut().zip(&outcome.losses).for_each(|(sum, value)| *sum += value);
        mean.points.iter_mut().zip(&outcome.points).for_each(|(sum, value)| *sum += value);
        mean.side = mean.side.zip(outcome.side).map(|(sum, value)| sum + value);
        mean.acted = mean
            .acted
            .zip(outcome.acted)
            .map(|(sum, acted)| Acted { flagged: sum.flagged + acted.flagged, caught: sum.caught + acted.caught });
    }
    mean.value /= starts;
    mean.losses.iter_mut().for_each(|sum| *sum /= starts);
    mean.points.iter_mut().for_each(|sum| *sum /= starts);
    mean.side = mean.side.map(|sum| sum / starts);
    mean.acted = mean.acted.map(|sum| Acted { flagged: sum.flagged / starts, caught: sum.caught / starts });
    Some(mean)
}

impl Course<'_> {
    /// What a model says of some rows; their laws only where the question is of laws.
    pub fn said(&self, fitted: &FittedModel, sample: &Sample<'_>) -> Said {
        let outputs = fitted.outputs(sample);
        let of_laws = matches!(self.aim.functional, Functional::Law | Functional::Interval(_));
        let laws = if of_laws { fitted.laws(&outputs) } else { None };
        Said { prediction: fitted.decode(&outputs), laws }
    }

    /// What predictions of the validation rows are worth by the metric, after the entry's leading repair; infinite where the rows
    /// do not tell.
    fn on_validation(
        &self,
        entry: &Entry,
        objective: Objective,
        prediction: &Prediction,
        laws: Option<&Vec<crate::model::Law>>,
        rows: &SplitRows,
    ) -> f64 {
        let truth = truth(&rows.validation);
        let mut said = Said { prediction: prediction.clone(), laws: laws.cloned() };
        if let (Prediction::Laws(own), None) = (prediction, laws) {
            said.laws = Some(own.clone());
        }
        let needs_laws = matches!(self.aim.functional, Functional::Law | Functional::Interval(_));
        if let (Prediction::Number(numbers), None, true) = (prediction, &said.laws, needs_laws) {
            // While a network trains, the spread around its means is not known yet.
            return squared(numbers, truth);
        }
        let kind = self.problem.target.kind;
        let reading = Reading::fit(entry.leading, objective, self.aim, kind, &said, truth);
        let score = self.judge.score(&reading.read(&said), truth);
        score.map_or(f64::INFINITY, |score| score.loss(truth.weight))
    }
}

fn squared(numbers: &[f64], truth: Truth<'_>) -> f64 {
    let squares: Vec<f64> = numbers.iter().zip(truth.target).map(|(x, y)| (x - y).powi(2)).collect();
    super::score::mean(&squares, truth.weight)
}

/// A seed for each split and start, the same for all losses and models.
fn seed_of(seed: u64, split: usize, start: usize) -> u64 {
    seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1_000 * split as u64 + start as u64)
}
