//! Losses compared on the user's data: the same splits, starts and batches for all, honest intervals, and the plainest loss of
//! those that may be best.
//!
//! 1. A fifth of the groups is kept out where there are rows enough ([`outer_hold_out`]), and opened once at the end.
//! 2. [`plan`]: how many splits and starts a budget allows.
//! 3. [`race`](mod@race): each loss is tuned and read ([`repairs`]) on validation rows of the training part, and judged ([`score`]) on the
//!    test part.
//! 4. [`evaluate`]: paired differences with corrected intervals, the set of losses that may be best.
//! 5. [`verdict`]: sentences, each a function of the [`proof`].

pub mod candidates;
mod clock;
mod command;
pub mod curves;
pub mod decisions;
pub mod entry;
pub mod evaluate;
pub mod exhibits;
mod gradient;
pub mod laws;
pub mod page;
pub mod plan;
pub mod proof;
pub mod race;
pub mod repairs;
pub mod rows;
pub mod score;
pub mod side;
mod timing;
pub mod told;
pub mod verdict;
pub mod words;

#[cfg(test)]
mod tests;

pub use command::{CompareCommandError, answer};

use std::{sync::atomic::AtomicBool, time::Instant};

use indicatif::ProgressBar;

use self::{
    clock::Clock,
    entry::{Entry, entries},
    plan::{FitPlan, Work, fits_of},
    proof::{CandidateProof, Optimism, Proof, RaceState},
    race::{Course, Finish, Judged, Marshal, race, train_entry},
    rows::{SplitError, SplitParts, SplitRows, Subset},
    score::Judge,
    side::Side,
};
use crate::{
    advice::{
        document::Candidate,
        map::Aim,
        metric::Metric,
        problem::{Problem, TargetKind},
        written::counted,
    },
    model::{FitError, ModelKind},
    statistics::{clustered, outer_hold_out},
    terminal::number,
};

/// Why losses cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// No loss of that name fits the target.
    #[error("there is no loss `{name}` for `{target}`: {suggestion}")]
    UnknownLoss {
        /// What was asked for.
        name: String,
        /// The target.
        target: String,
        /// What may have been meant.
        suggestion: String,
    },
    /// A parameter that the loss does not have, or a value that makes no sense.
    #[error("`{setting}` cannot be set: {loss} {takes}")]
    Parameter {
        /// As it was given.
        setting: String,
        /// The loss.
        loss: &'static str,
        /// What it takes.
        takes: String,
    },
    /// Nothing that can be done after training.
    #[error("`+{name}` is nothing that can be done after training: there are {known}")]
    Repair {
        /// As it was given.
        name: String,
        /// What there is.
        known: String,
    },
    /// Nothing to compare the default with.
    #[error("there is nothing to compare {default} with: name a loss by --losses")]
    Alone {
        /// The default.
        default: String,
    },
    /// Too little is left.
    #[error(
        "without the largest {} of the targets {} left, too few to compare losses on",
        number::percent(*share),
        counted(*rows, "row is", "rows are")
    )]
    TooFewRows {
        /// The share.
        share: f64,
        /// Rows.
        rows: usize,
    },
    /// The rows cannot be divided.
    #[error(transparent)]
    Split(#[from] SplitError),
    /// The default itself came to nothing.
    #[error("the default cannot be trained: {0}")]
    Default(FitError),
}

/// How much may be trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effort {
    /// So many seconds, turned into a number of fits.
    Seconds(f64),
    /// So many fits: repeats a run.
    Fits(u32),
}

/// How losses are compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The models.
    pub models: Vec<ModelKind>,
    /// How much may be trained.
    pub effort: Effort,
    /// Differences up to this share of the default's score count as equal.
    pub rope: f64,
    /// Leave out this share of the largest targets.
    pub without_top: Option<f64>,
    /// The seed of everything random.
    pub seed: u64,
}

/// What is about to be trained.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Announcement<'a> {
    /// The plan.
    pub plan: &'a FitPlan,
    /// Losses that are trained.
    pub losses: usize,
    /// Ways in which they are read.
    pub candidates: usize,
    /// Rows that there are.
    pub rows: usize,
    /// How long it is thought to take, where a budget was given.
    pub expected: Option<Expected>,
}

/// Time that a run is thought to take, of that which there is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// Seconds.
    pub seconds: f64,
    /// Of so many.
    pub budget: f64,
}

/// What accompanies a run.
pub struct Company<'a> {
    /// Told once, before anything is trained.
    pub begin: &'a mut dyn FnMut(&Announcement<'_>),
    /// Makes the bar of so many fits.
    pub bar: &'a dyn Fn(u64) -> ProgressBar,
    /// True once the user has had enough.
    pub stop: &'a AtomicBool,
}

/// Compares the candidates, the first of which is the default.
///
/// # Errors
/// When there is nothing to compare, the rows cannot be divided, or the default cannot be trained.
pub fn compare(
    problem: &Problem,
    aim: &Aim,
    candidates: Vec<Candidate>,
    options: &Options,
    company: &mut Company<'_>,
) -> Result<(Vec<Candidate>, Proof), CompareError> {
    let start = Instant::now();
    let all = match options.without_top {
        None => Subset::whole(problem),
        Some(share) => Subset::without_top(problem, share)?,
    };
    let candidates = candidates::field(candidates, aim, &all.problem.target);
    if candidates.len() < 2 {
        let default = candidates.first().map_or_else(String::new, |candidate| candidate.name.clone());
        return Err(CompareError::Alone { default });
    }
    let entries = entries(&candidates);
    let judge = Judge::new(aim.metric, &all.problem.target);
    let side = Side::of_question(aim, problem.target.kind);

    let (kept_out, inside) = match outer_hold_out(&all.problem, options.seed)? {
        Some(fold) => (fold.test, all.of(&fold.train)),
        None => (Vec::new(), all.clone()),
    };
    let is_held_out = !kept_out.is_empty();
    let work = Work {
        rows: inside.problem.rows(),
        entries: entries.clone(),
        models: options.models.clone(),
        held_out: is_held_out,
        in_time: problem.time.is_some(),
    };
    let course = |problem| Course { problem, aim, judge, side, seed: options.seed };
    let (plan, seconds) = match options.effort {
        Effort::Fits(fits) => (work.plan(fits), None),
        Effort::Seconds(seconds) => {
            let parts = &SplitParts::repeat(&inside.problem, plan::FOLDS, 0, options.seed)?[0];
            let left = seconds - start.elapsed().as_secs_f64();
            let of_a_fit =
                timing::seconds_of_a_fit(&course(&inside.problem), &entries, &work.models, parts, left, company.stop);
            let (plan, time) = work.plan_in(seconds - start.elapsed().as_secs_f64(), &of_a_fit);
            (plan, Some(Expected { seconds: start.elapsed().as_secs_f64() + time, budget: seconds }))
        }
    };
    let used = if plan.rows < inside.problem.rows() {
        inside.of(&rows::sample(&inside.problem, plan.rows, options.seed)?)
    } else {
        inside.clone()
    };
    (company.begin)(&Announcement {
        plan: &plan,
        losses: entries.len(),
        candidates: candidates.len(),
        rows: inside.problem.rows(),
        expected: seconds,
    });

    let course_of_used = course(&used.problem);
    let bar = (company.bar)(plan.trainings as u64);
    let drops = |lane: &race::Lane| {
        let tracks = evaluate::tracks(lane, &entries, candidates.len());
        let values = tracks[0].values();
        let score = values.iter().sum::<f64>() / values.len() as f64;
        evaluate::clearly_worse(&course_of_used, &entries, candidates.len(), options.rope * score.abs(), lane)
    };
    let names: Vec<String> = candidates.iter().map(|candidate| candidate.name.clone()).collect();
    let rehearsal = |lane: &race::Lane| {
        let model = evaluate::evaluate(&course_of_used, lane, &entries, &candidates, options.rope);
        let curves = curves::curves(&course_of_used, lane, &entries, &names, Some(names.len() - 1));
        drop((model, curves));
    };
    let may_end = |splits: usize| work.may_end_after(&plan, splits);
    let clock = seconds.map(|Expected { budget, .. }| {
        let fits = |entry: &Entry| plan.models.iter().map(|&model| fits_of(entry, model, plan.starts)).sum::<usize>();
        let (all, most) = entries.iter().map(fits).fold((0, 0), |(all, most), fits| (all + fits, most.max(fits)));
        // Winner and default once more, on a quarter more rows.
        let afterwards = if is_held_out { 2.5 * most as f64 / all as f64 } else { 0.0 };
        Clock::new(start, budget, work.flight(&plan), &may_end, afterwards, &rehearsal)
    });
    let goes_on = |done: usize, lanes: &[race::Lane]| match &clock {
        Some(clock) => clock.goes_on(done, lanes),
        None => done < plan.splits,
    };
    let marshal = Marshal { goes_on: &goes_on, drops: &drops, stop: company.stop };
    let finish = race(&course_of_used, &entries, &plan, &marshal, &bar)?;
    let plan = if finish.complete { work.ended_after(&plan, finish.splits) } else { plan };
    if let Some(error) = failure_of_default(&finish, &entries) {
        return Err(CompareError::Default(error));
    }
    let first = SplitParts::repeat(&used.problem, plan.folds, 0, options.seed)?.swap_remove(0);
    let number = |place: usize| used.rows[first.fit[place]];
    let models: Vec<proof::ModelProof> = (finish.lanes.iter())
        .map(|lane| {
            let mut model = evaluate::evaluate(&course_of_used, lane, &entries, &candidates, options.rope);
            for share in model.gradient_share.values_mut() {
                *share = share.renumbered(number);
            }
            model
        })
        .collect();
    let takes_logarithm = matches!(
        aim.metric,
        Metric::PoissonDeviance | Metric::GammaDeviance | Metric::TweedieDeviance(_) | Metric::Rmsle
    );
    let mut proof = Proof {
        models_asked: options.models.clone(),
        fits_made: finish.fits,
        complete: finish.complete,
        rows: inside.problem.rows(),
        groups: used.problem.groups.count,
        rows_kept_out: kept_out.len(),
        without_top: options.without_top,
        has_top: has_top(problem.target.kind),
        metric: aim.metric,
        compared_by: if matches!(aim.metric, Metric::Rmse | Metric::R2 | Metric::Rmsle) {
            "squared_error"
        } else {
            "metric"
        },
        floor: takes_logarithm.then_some(judge.floor.0),
        side,
        side_at_best: side.map(|side| side.ideal(aim)),
        rope: options.rope,
        default: candidates[0].name.clone(),
        candidates: candidates.iter().map(CandidateProof::of).collect(),
        models,
        plan,
    };
    let advised = verdict::choose(&proof).and_then(|choice| names.iter().position(|name| *name == choice.name));
    for (model, lane) in proof.models.iter_mut().zip(&finish.lanes) {
        model.curves = curves::curves(&course_of_used, lane, &entries, &names, advised);
    }
    if is_held_out {
        open_what_was_kept_out(&course(&all.problem), &entries, &candidates, &kept_out, &mut proof, company.stop)?;
    } else {
        nested(&mut proof);
    }
    bar.finish_and_clear();
    Ok((candidates, proof))
}

/// What kept the default from being trained in the first split.
fn failure_of_default(finish: &Finish, entries: &[Entry]) -> Option<FitError> {
    let place = entries.iter().position(|entry| entry.variants.iter().any(|&(number, _)| number == 0))?;
    finish.lanes.iter().flat_map(|lane| &lane.blocks).find_map(|block| match &block.results[place] {
        race::EntryResult::Failed(error) => Some(error.clone()),
        race::EntryResult::Scored(_) | race::EntryResult::Dropped => None,
    })
}

/// Winner and default once more, trained on all rows that the choice saw and judged on those it did not see.
fn open_what_was_kept_out(
    course: &Course<'_>,
    entries: &[Entry],
    candidates: &[Candidate],
    kept_out: &[usize],
    proof: &mut Proof,
    stop: &AtomicBool,
) -> Result<(), CompareError> {
    let Some(choice) = verdict::choose(proof) else { return Ok(()) };
    if !proof.complete {
        return Ok(());
    }
    let mut seen = vec![true; course.problem.rows()];
    kept_out.iter().for_each(|&row| seen[row] = false);
    let mut seen: Vec<usize> = (0..seen.len()).filter(|&row| seen[row]).collect();
    if proof.plan.rows < seen.len() {
        let subset = Subset::whole(course.problem).of(&seen);
        let sample = rows::sample(&subset.problem, proof.plan.rows, course.seed)?;
        seen = sample.into_iter().map(|row| seen[row]).collect();
    }
    let fold = crate::frame::Fold { train: seen, test: kept_out.to_vec() };
    let parts = SplitParts::of(course.problem, fold, course.seed)?;
    let rows = SplitRows::of(course.problem, &parts);
    // Beyond those of the race, whatever their number.
    let split = proof.plan.folds * plan::MOST_REPEATS;
    let outcome = |name: &str, model: ModelKind| -> Option<Judged> {
        let number = candidates.iter().position(|candidate| candidate.name == name)?;
        let entry = entries.iter().find(|entry| entry.variants.iter().any(|&(own, _)| own == number))?;
        let variant = entry.variants.iter().position(|&(own, _)| own == number)?;
        match train_entry(course, entry, model, proof.plan.starts, split, &rows, stop)? {
            race::EntryResult::Scored(mut outcomes) => outcomes.swap_remove(variant),
            race::EntryResult::Failed(_) | race::EntryResult::Dropped => None,
        }
    };
    let mut found = Vec::new();
    for model in &proof.models {
        let winner = outcome(&choice.name, model.model);
        let default = if choice.name == proof.default { winner.clone() } else { outcome(&proof.default, model.model) };
        found.push(
            winner
                .zip(default)
                .map(|(winner, default)| held_out(course, proof, model, &choice.name, &parts, &winner, &default)),
        );
    }
    for (model, optimism) in proof.models.iter_mut().zip(found) {
        model.optimism = optimism.flatten();
    }
    Ok(())
}

fn held_out(
    course: &Course<'_>,
    proof: &Proof,
    model: &proof::ModelProof,
    name: &str,
    parts: &SplitParts,
    winner: &Judged,
    default: &Judged,
) -> Option<Optimism> {
    let in_comparison = model.results.get(name)?.score?;
    let weight = course.problem.weight.as_ref();
    let is_other = name != proof.default;
    let target: Vec<f64> = parts.test.iter().map(|&row| course.problem.target.values[row]).collect();
    let centre = score::mean(&target, None);
    let variance = score::mean(&target.iter().map(|y| (y - centre).powi(2)).collect::<Vec<f64>>(), None);
    let factor = course.judge.in_unit(1.0, winner.value, default.value, variance).abs();
    let sign = if course.judge.metric.higher_is_better() { -1.0 } else { 1.0 };
    let mean_weight =
        weight.map_or(1.0, |weight| parts.test.iter().map(|&row| weight[row]).sum::<f64>() / parts.test.len() as f64);
    let differences: Vec<f64> = (parts.test.iter().zip(winner.losses.iter().zip(&default.losses)))
        .map(|(&row, (mine, theirs))| factor * (mine - theirs) * weight.map_or(1.0, |weight| weight[row]) / mean_weight)
        .collect();
    let groups: Vec<u32> = parts.test.iter().map(|&row| course.problem.groups.of_row[row]).collect();
    let paired = clustered(&differences, &groups);
    let interval = paired.interval();
    Some(Optimism {
        by: "held_out",
        winner: name.to_owned(),
        in_comparison,
        unseen: winner.value,
        default_unseen: Some(default.value),
        difference: is_other.then_some(sign * paired.mean),
        half_interval: is_other.then_some(0.5 * (interval.high - interval.low)),
        rows: parts.test.len(),
    })
}

/// With few rows: the candidate that is best on the other splits, judged on each split (Cawley & Talbot 2010: to choose by the
/// scores that are reported flatters).
fn nested(proof: &mut Proof) {
    let sign = if proof.metric.higher_is_better() { -1.0 } else { 1.0 };
    for model in &mut proof.models {
        let finished: Vec<(&String, &Vec<f64>)> = (model.scores.iter())
            .filter(|(name, scores)| model.results[*name].state == RaceState::Finished && scores.len() == model.splits)
            .collect();
        if model.splits < 2 || finished.is_empty() {
            continue;
        }
        let mean_without = |scores: &[f64], split: usize| {
            let others = scores.iter().enumerate().filter(|(place, _)| *place != split).map(|(_, score)| sign * score);
            others.sum::<f64>() / (scores.len() - 1) as f64
        };
        let best = |split: usize| {
            let better = |one: &&(&String, &Vec<f64>), other: &&(&String, &Vec<f64>)| {
                mean_without(one.1, split).total_cmp(&mean_without(other.1, split))
            };
            finished.iter().min_by(better).map_or(f64::NAN, |(_, scores)| scores[split])
        };
        let mean = |scores: &[f64]| scores.iter().sum::<f64>() / scores.len() as f64;
        let winner = finished.iter().min_by(|one, other| (sign * mean(one.1)).total_cmp(&(sign * mean(other.1))));
        let Some((name, scores)) = winner else { continue };
        let unseen = (0..model.splits).map(best).sum::<f64>() / model.splits as f64;
        let optimism = Optimism {
            by: "nested",
            winner: (*name).clone(),
            in_comparison: mean(scores),
            unseen,
            default_unseen: None,
            difference: None,
            half_interval: None,
            rows: proof.plan.rows,
        };
        model.optimism = Some(optimism);
    }
}

/// Whether the question is about numbers of which the largest may be left out.
pub fn has_top(kind: TargetKind) -> bool {
    matches!(kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count)
}
