//! From the race's outcomes to figures with honest intervals.

use std::collections::BTreeMap;

use super::{
    curves::Curves,
    decisions::DecisionProof,
    entry::Entry,
    proof::{CandidateResult, GradientProof, IntervalMethod, ModelProof, PairProof, RaceState, Recovered, SetProof},
    race::{Course, EntryResult, Judged, Lane},
    score::mean,
};
use crate::{
    advice::{document::Candidate, problem::TargetKind},
    statistics::{
        Interval, Outcome, Paired, Probabilities, clustered, confidence_set_over_splits, contributions, corrected,
        holm, larger_of, naive, subsampling, tails::tail,
    },
};

/// The chance that the best loss is in the set.
const LEVEL: f64 = 0.9;

/// Draws of the set's bootstrap.
const DRAWS: usize = 2_000;

/// So sure that a loss is worse, it need not go on.
const DROP: f64 = 0.99;

/// One candidate over the splits of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Track<'a> {
    /// How far it came.
    pub state: RaceState,
    /// Its outcomes, with the place of their block.
    pub outcomes: Vec<(usize, &'a Judged)>,
}

impl Track<'_> {
    /// The metric in each split.
    pub fn values(&self) -> Vec<f64> {
        self.outcomes.iter().map(|(_, outcome)| outcome.value).collect()
    }

    fn mean(&self, of: impl Fn(&Judged) -> f64) -> Option<f64> {
        let values: Vec<f64> = self.outcomes.iter().map(|(_, outcome)| of(outcome)).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }
}

/// The candidates' tracks, in their order.
pub fn tracks<'a>(lane: &'a Lane, entries: &[Entry], candidates: usize) -> Vec<Track<'a>> {
    let mut tracks: Vec<Track<'_>> =
        (0..candidates).map(|_| Track { state: RaceState::Finished, outcomes: Vec::new() }).collect();
    for (place, block) in lane.blocks.iter().enumerate() {
        for (entry, result) in entries.iter().zip(&block.results) {
            for (variant, &(number, _)) in entry.variants.iter().enumerate() {
                let track = &mut tracks[number];
                match result {
                    EntryResult::Scored(outcomes) => {
                        track.outcomes.extend(outcomes[variant].as_ref().map(|outcome| (place, outcome)));
                    }
                    EntryResult::Failed(error) => {
                        if !matches!(track.state, RaceState::Failed(_)) {
                            track.state = RaceState::Failed(error.to_string());
                        }
                    }
                    EntryResult::Dropped => {
                        if track.state == RaceState::Finished {
                            track.state = RaceState::DroppedAfter(place);
                        }
                    }
                }
            }
        }
    }
    tracks
}

/// The entries that need not go on: all their candidates are worse than the default by more than the region of practical
/// equivalence, with 99 %. Never the default.
pub fn clearly_worse(course: &Course<'_>, entries: &[Entry], candidates: usize, rope: f64, lane: &Lane) -> Vec<usize> {
    let tracks = tracks(lane, entries, candidates);
    let worse = |number: usize| match compare(course, lane, &tracks[number], &tracks[0]) {
        Some(comparison) => comparison.probabilities(rope).worse >= DROP,
        None => matches!(tracks[number].state, RaceState::Failed(_)),
    };
    let holds_default = |entry: &Entry| entry.variants.iter().any(|&(number, _)| number == 0);
    let drops = |entry: &Entry| !holds_default(entry) && entry.variants.iter().all(|&(number, _)| worse(number));
    (0..entries.len()).filter(|&place| drops(&entries[place])).collect()
}

/// Two candidates, oriented so that less is better for the first, in the size of the metric's unit.
struct Comparison {
    differences: Vec<f64>,
    used: Paired,
    naive: Paired,
    method: IntervalMethod,
    tail_index: Option<f64>,
}

/// Compares two candidates on the splits that both have.
fn compare(course: &Course<'_>, lane: &Lane, one: &Track<'_>, other: &Track<'_>) -> Option<Comparison> {
    let both: Vec<(usize, &Judged, &Judged)> = (one.outcomes.iter())
        .filter_map(|&(place, mine)| {
            let theirs = other.outcomes.iter().find(|(other, _)| *other == place)?;
            Some((place, mine, theirs.1))
        })
        .collect();
    if both.len() < 2 {
        return None;
    }
    let weight = course.problem.weight.as_ref();
    let values = |of: &dyn Fn(&(usize, &Judged, &Judged)) -> f64| both.iter().map(of).sum::<f64>() / both.len() as f64;
    let (mine, theirs) = (values(&|both| both.1.value), values(&|both| both.2.value));
    let target = &course.problem.target.values;
    let centre = mean(target, weight.map(Vec::as_slice));
    let spread: Vec<f64> = target.iter().map(|y| (y - centre).powi(2)).collect();
    let variance = mean(&spread, weight.map(Vec::as_slice));
    let factor = course.judge.in_unit(1.0, mine, theirs, variance).abs();

    // Row by row, averaged over the repeats; and the mean of each split.
    let (mut sums, mut counts) = (vec![0.0; target.len()], vec![0_u32; target.len()]);
    let mut differences = Vec::with_capacity(both.len());
    let mut share = 0.0;
    for &(place, mine, theirs) in &both {
        let block = &lane.blocks[place];
        let (mut sum, mut total) = (0.0, 0.0);
        for ((&row, mine), theirs) in block.test.iter().zip(&mine.losses).zip(&theirs.losses) {
            let weight = weight.map_or(1.0, |weight| weight[row]);
            let difference = factor * (mine - theirs);
            sum += weight * difference;
            total += weight;
            sums[row] += weight * difference;
            counts[row] += 1;
        }
        differences.push(sum / total);
        share += block.test.len() as f64 / block.train as f64;
    }
    let judged: Vec<usize> = (0..target.len()).filter(|&row| counts[row] > 0).collect();
    let mean_weight =
        weight.map_or(1.0, |weight| judged.iter().map(|&row| weight[row]).sum::<f64>() / judged.len() as f64);
    let rows: Vec<f64> = judged.iter().map(|&row| sums[row] / f64::from(counts[row]) / mean_weight).collect();
    let groups: Vec<u32> = judged.iter().map(|&row| course.problem.groups.of_row[row]).collect();

    let by_split = corrected(&differences, share / both.len() as f64);
    let by_group = clustered(&rows, &groups);
    let larger = larger_of(by_split, by_group);
    let method = if larger == by_split { IntervalMethod::CorrectedT } else { IntervalMethod::ClusterRobust };
    let mut found = Comparison { naive: naive(&differences), differences, used: larger, method, tail_index: None };
    found.mind_the_tails(&rows, &groups, course.seed);
    Some(found)
}

impl Comparison {
    /// Without a variance of the rows' differences there is no standard error: the interval is by subsampling, where that is
    /// wider, and Student's law is stretched to it.
    fn mind_the_tails(&mut self, rows: &[f64], groups: &[u32], seed: u64) {
        let sizes: Vec<f64> = rows.iter().map(|difference| difference.abs()).collect();
        let Some(tail) = tail(&sizes, groups).filter(|tail| tail.moment_in_doubt(2.0)) else { return };
        self.tail_index = Some(tail.widest().hill);
        let Some(found) = subsampling(&contributions(rows, groups), 0.95, DRAWS, seed) else { return };
        let stretch = found.interval.half_width() / self.used.interval().half_width();
        if stretch > 1.0 && stretch.is_finite() {
            self.used.standard_error *= stretch;
            self.method = IntervalMethod::Subsampling;
        }
    }

    fn probabilities(&self, rope: f64) -> Probabilities {
        Probabilities::of(&self.used, rope)
    }
}

/// One model's figures.
pub fn evaluate(
    course: &Course<'_>,
    lane: &Lane,
    entries: &[Entry],
    candidates: &[Candidate],
    rope: f64,
) -> ModelProof {
    let tracks = tracks(lane, entries, candidates.len());
    let default = &tracks[0];
    let score = default.mean(|outcome| outcome.value).unwrap_or(f64::NAN);
    let rope = rope * score.abs();
    let mut proof = ModelProof {
        model: lane.model,
        splits: lane.blocks.len(),
        scores: BTreeMap::new(),
        results: BTreeMap::new(),
        pairs: Vec::new(),
        confidence_set: best_set(course, lane, &tracks, candidates, rope),
        recovered_by_one_number: BTreeMap::new(),
        gradient_share: gradient_shares(&tracks, candidates),
        training_accuracy: (candidates.iter().zip(&tracks))
            .filter_map(|(candidate, track)| {
                Some((candidate.name.clone(), track.outcomes.first()?.1.training_accuracy?))
            })
            .collect(),
        rope,
        optimism: None,
        curves: Curves::default(),
    };
    for (candidate, track) in candidates.iter().zip(&tracks) {
        proof.scores.insert(candidate.name.clone(), track.values());
        proof.results.insert(candidate.name.clone(), result(course, lane, track, default));
    }
    let sign = if course.judge.metric.higher_is_better() { -1.0 } else { 1.0 };
    for (candidate, track) in candidates.iter().zip(&tracks).skip(1) {
        if matches!(track.state, RaceState::Failed(_)) {
            continue;
        }
        let Some(found) = compare(course, lane, track, default) else { continue };
        proof.pairs.push(pair(&candidate.name, &candidates[0].name, &found, rope, sign));
    }
    let p_values: Vec<f64> = proof.pairs.iter().map(|pair| pair.p_holm).collect();
    for (pair, p) in proof.pairs.iter_mut().zip(holm(&p_values)) {
        pair.p_holm = p;
    }
    proof.recovered_by_one_number = recovered(&proof, &tracks, candidates);
    proof
}

/// A comparison as the document holds it; its p-value is not corrected for the number of candidates yet.
fn pair(name: &str, default: &str, found: &Comparison, rope: f64, sign: f64) -> PairProof {
    let turned = |interval: Interval| if sign < 0.0 { interval.negated() } else { interval };
    let (interval, by_chance) = (turned(found.used.interval()), turned(found.naive.interval()));
    let probabilities = found.probabilities(rope);
    PairProof {
        a: name.to_owned(),
        b: default.to_owned(),
        mean: sign * found.used.mean,
        se: found.used.standard_error,
        df: found.used.freedom,
        low: interval.low,
        high: interval.high,
        naive_low: by_chance.low,
        naive_high: by_chance.high,
        method: found.method,
        tail_index: found.tail_index,
        p_better: probabilities.better,
        p_equal: probabilities.equal,
        p_worse: probabilities.worse,
        p_holm: found.used.p_value(),
        verdict: probabilities.outcome(),
        per_split: found.differences.iter().map(|difference| sign * difference).collect(),
    }
}

/// The candidates that may be best: by the mean loss of each group, of those that finished.
fn best_set(course: &Course<'_>, lane: &Lane, tracks: &[Track<'_>], candidates: &[Candidate], rope: f64) -> SetProof {
    let finished: Vec<usize> = (0..tracks.len())
        .filter(|&number| tracks[number].state == RaceState::Finished && !tracks[number].outcomes.is_empty())
        .collect();
    let groups = &course.problem.groups.of_row;
    let weight = course.problem.weight.as_ref();
    // Row by row, averaged over the repeats.
    let mut counts = vec![0_u32; groups.len()];
    lane.blocks.iter().for_each(|block| block.test.iter().for_each(|&row| counts[row] += 1));
    let judged: Vec<usize> = (0..groups.len()).filter(|&row| counts[row] > 0).collect();
    let groups: Vec<u32> = judged.iter().map(|&row| groups[row]).collect();
    let losses = |number: usize| {
        let mut sums = vec![0.0; counts.len()];
        for &(place, outcome) in &tracks[number].outcomes {
            for (&row, loss) in lane.blocks[place].test.iter().zip(&outcome.losses) {
                sums[row] += weight.map_or(1.0, |weight| weight[row]) * loss;
            }
        }
        let rows: Vec<f64> = judged.iter().map(|&row| sums[row] / f64::from(counts[row])).collect();
        contributions(&rows, &groups)
    };
    let scores: Vec<Vec<f64>> = finished.iter().map(|&number| losses(number)).collect();
    let of_split = |&(place, outcome): &(usize, &Judged)| {
        let rows = lane.blocks[place].test.iter().map(|&row| weight.map_or(1.0, |weight| weight[row]));
        mean(&outcome.losses, Some(&rows.collect::<Vec<f64>>()))
    };
    let splits: Vec<Vec<f64>> =
        finished.iter().map(|&number| tracks[number].outcomes.iter().map(of_split).collect()).collect();
    let ratio = lane.blocks.iter().map(|block| block.test.len() as f64 / block.train as f64).sum::<f64>()
        / lane.blocks.len().max(1) as f64;
    // Where nothing can be tested, as with one group, all may be best.
    let p_values = confidence_set_over_splits(&scores, &splits, ratio, DRAWS, course.seed)
        .unwrap_or_else(|_| vec![1.0; finished.len()]);
    let total = |place: usize| scores[place].iter().sum::<f64>();
    let best = (0..finished.len()).min_by(|&a, &b| total(a).total_cmp(&total(b)));
    let is_member = |place: usize| p_values[place] > 1.0 - LEVEL;
    let is_equal = |place: usize| {
        let best = best.map(|best| &tracks[finished[best]]);
        let found = best.and_then(|best| compare(course, lane, &tracks[finished[place]], best));
        found.is_some_and(|found| found.probabilities(rope).outcome() == Outcome::Equal)
    };
    let name = |place: usize| candidates[finished[place]].name.clone();
    SetProof {
        level: LEVEL,
        members: (0..finished.len()).filter(|&place| is_member(place)).map(name).collect(),
        equal_to_best: (0..finished.len()).filter(|&place| !is_member(place) && is_equal(place)).map(name).collect(),
    }
}

fn result(course: &Course<'_>, lane: &Lane, track: &Track<'_>, default: &Track<'_>) -> CandidateResult {
    let sides: Vec<f64> = track.outcomes.iter().filter_map(|(_, outcome)| outcome.side).collect();
    let side = (!sides.is_empty()).then(|| sides.iter().sum::<f64>() / sides.len() as f64);
    let side_deviation = side
        .filter(|_| sides.len() > 1)
        .map(|mean| (sides.iter().map(|side| (side - mean).powi(2)).sum::<f64>() / (sides.len() - 1) as f64).sqrt());
    // Within each split: scores of two models are on two scales.
    let order = |&(place, mine): &(usize, &Judged)| {
        let (_, theirs) = default.outcomes.iter().find(|(other, _)| *other == place)?;
        spearman(&mine.points, &theirs.points)
    };
    let orders: Vec<f64> = track.outcomes.iter().filter_map(order).collect();
    CandidateResult {
        state: track.state.clone(),
        score: track.mean(|outcome| outcome.value),
        side: side.filter(|side| side.is_finite()),
        side_deviation: side_deviation.filter(|deviation| deviation.is_finite()),
        impossible: impossible(course, track),
        rank_correlation: (!orders.is_empty()).then(|| orders.iter().sum::<f64>() / orders.len() as f64),
        decision: DecisionProof::of(course, lane, track, default),
        choices: track.outcomes.iter().map(|(_, outcome)| outcome.choice.clone()).collect(),
    }
}

/// The predictions of the first repeat, for each row that it judged.
pub fn points(course: &Course<'_>, lane: &Lane, track: &Track<'_>) -> Vec<Option<f64>> {
    let mut points = vec![None; course.problem.rows()];
    for &(place, outcome) in &track.outcomes {
        for (&row, &point) in lane.blocks[place].test.iter().zip(&outcome.points) {
            if points[row].is_none() {
                points[row] = Some(point);
            }
        }
    }
    points
}

/// Share of the predictions that the target cannot have.
fn impossible(course: &Course<'_>, track: &Track<'_>) -> f64 {
    let target = &course.problem.target;
    let (low, high) = match target.kind {
        TargetKind::Amount | TargetKind::Count => (0.0, f64::INFINITY),
        TargetKind::Share => (0.0, 1.0),
        TargetKind::Real | TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes | TargetKind::Relevance => {
            return 0.0;
        }
    };
    let (mut outside, mut rows) = (0, 0);
    for (_, outcome) in &track.outcomes {
        outside += outcome.points.iter().filter(|&&point| point < low || point > high).count();
        rows += outcome.points.len();
    }
    if rows == 0 { 0.0 } else { outside as f64 / rows as f64 }
}

/// Spearman's rank correlation; none of constant or too few numbers.
fn spearman(one: &[f64], other: &[f64]) -> Option<f64> {
    if one.len() < 3 {
        return None;
    }
    let (one, other) = (ranks(one), ranks(other));
    let centre = (one.len() as f64 + 1.0) / 2.0;
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - centre) * (b - centre)).sum::<f64>();
    let correlation = product(&one, &other) / (product(&one, &one) * product(&other, &other)).sqrt();
    correlation.is_finite().then_some(correlation)
}

/// Ranks from 1, equal numbers sharing their mean rank.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for tie in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (tie.len() as f64 + 1.0) / 2.0;
        tie.iter().for_each(|&place| ranks[place] = rank);
        before += tie.len();
    }
    ranks
}

/// What a repair changes, for each loss that ran with and without one.
fn recovered(proof: &ModelProof, tracks: &[Track<'_>], candidates: &[Candidate]) -> BTreeMap<String, Recovered> {
    let mut all = BTreeMap::new();
    for raw in candidates.iter().filter(|candidate| candidate.post.is_none()) {
        let repaired = candidates.iter().enumerate().find(|(_, other)| other.loss == raw.loss && other.post.is_some());
        let Some((number, repaired)) = repaired else { continue };
        let Some(post) = repaired.post else { continue };
        let mut numbers: Vec<f64> =
            tracks[number].outcomes.iter().filter_map(|(_, outcome)| outcome.choice.reading.number()).collect();
        numbers.sort_by(f64::total_cmp);
        let (before, after) = (&proof.results[&raw.name], &proof.results[&repaired.name]);
        all.insert(
            raw.name.clone(),
            Recovered {
                post,
                candidate: repaired.name.clone(),
                number: numbers.get(numbers.len() / 2).copied(),
                before: before.side,
                after: after.side,
                score_before: before.score,
                score_after: after.score,
            },
        );
    }
    all
}

/// Those of the first split, once for each loss.
fn gradient_shares(tracks: &[Track<'_>], candidates: &[Candidate]) -> BTreeMap<String, GradientProof> {
    let mut all = BTreeMap::new();
    for (candidate, track) in candidates.iter().zip(tracks) {
        if let Some((_, Judged { gradient: Some(share), .. })) = track.outcomes.first() {
            all.insert(candidate.name.clone(), share.clone());
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_share_their_ties() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        // scipy.stats.spearmanr([1, 2, 3, 4, 5], [2, 1, 4, 4, 9]) = 0.8720815992723809.
        let correlation = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 4.0, 4.0, 9.0]).unwrap();
        approx::assert_relative_eq!(correlation, 0.872_081_599_272_380_9, max_relative = 1e-12);
        assert_eq!(spearman(&[1.0; 5], &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
    }
}
