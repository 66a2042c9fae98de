//! One question under an outer test: each rule names its loss on the training rows of each split, and is judged on the rest.

use std::{collections::BTreeMap, sync::atomic::AtomicBool};

use minimand_cli::{
    advice::{
        compare::{
            entry::entries,
            race::{Course, EntryResult, train_entry},
            rows::{SplitParts, SplitRows, Subset},
            score::Judge,
        },
        document::Candidate,
        map::Aim,
        problem::Problem,
    },
    model::{ModelKind, until_stopped},
    statistics::{Outcome, Probabilities, clustered, confidence_set_over_splits, contributions, corrected, larger_of},
};

use crate::rules::{Rule, all_candidates};

/// Differences up to this share of the default's score count as equal.
const ROPE: f64 = 0.01;

/// Only the best of the other candidates stand beside a rule in its confidence set.
const RIVALS_IN_SET: usize = 12;

/// What a rule was worth for one question.
#[derive(Debug, Clone)]
pub(crate) struct Worth {
    /// The losses that it named, and how often.
    pub(crate) picks: BTreeMap<String, usize>,
    /// Whether it is in the 90 % confidence set of the outer test, or equal to the best within 1 %.
    pub(crate) in_set: bool,
    /// Its mean loss less that of the best in hindsight, in standard errors of that difference; half the region of practical
    /// equivalence where that is larger.
    pub(crate) regret: f64,
    /// The same as a share of the default's score.
    pub(crate) share: f64,
}

/// The loss of each judged row in each split, and the mean of each split.
#[derive(Default)]
struct Track {
    rows: Vec<f64>,
    splits: Vec<f64>,
}

impl Track {
    fn add(&mut self, test: &[usize], losses: &[f64], rows: usize) {
        self.rows.resize(rows, 0.0);
        test.iter().zip(losses).for_each(|(&row, loss)| self.rows[row] += loss);
        self.splits.push(losses.iter().sum::<f64>() / losses.len() as f64);
    }

    fn mean(&self) -> f64 {
        self.splits.iter().sum::<f64>() / self.splits.len() as f64
    }

    fn by_group(&self, repeats: usize, groups: &[u32]) -> Vec<f64> {
        let rows: Vec<f64> = self.rows.iter().map(|loss| loss / repeats as f64).collect();
        contributions(&rows, groups)
    }
}

/// What the rules are worth for a question.
pub(crate) fn judge(
    problem: &Problem,
    aim: &Aim,
    rules: &[Rule],
    model: ModelKind,
    repeats: usize,
    seed: u64,
) -> BTreeMap<Rule, Worth> {
    let judge = Judge::new(aim.metric, &problem.target);
    let course = Course { problem, aim, judge, side: None, seed };
    let repeat = |repeat: usize| SplitParts::repeat(problem, 5, repeat, seed).expect("splits");
    let splits: Vec<SplitParts> = (0..repeats).flat_map(repeat).collect();
    let everything = all_candidates(problem, aim);
    let stop = AtomicBool::new(false);
    let rows = problem.rows();
    let mut of_candidate: Vec<Track> = everything.iter().map(|_| Track::default()).collect();
    let mut of_rule: BTreeMap<Rule, Track> = BTreeMap::new();
    let mut picks: BTreeMap<Rule, BTreeMap<String, usize>> = BTreeMap::new();
    let mut unit = 0.0;
    let mut ratio = 0.0;
    for (split, parts) in splits.iter().enumerate() {
        let mut train = [&parts.fit[..], &parts.validation].concat();
        train.sort_unstable();
        let inside = Subset::whole(problem).of(&train).problem;
        let seed = seed.wrapping_mul(1_000).wrapping_add(split as u64);
        let chosen = until_stopped(rules, &stop, |rule| rule.pick(&inside, aim, model, seed.wrapping_add(rows as u64)));
        let mut field: Vec<Candidate> = everything.clone();
        let places: Vec<usize> = (chosen.into_iter().flatten())
            .zip(rules)
            .map(|(choice, &rule)| {
                *picks.entry(rule).or_default().entry(choice.name.clone()).or_default() += 1;
                let known = field.iter().position(|other| other.loss == choice.loss && other.post == choice.post);
                known.unwrap_or_else(|| {
                    field.push(choice);
                    field.len() - 1
                })
            })
            .collect();
        let entries = entries(&field);
        let data = SplitRows::of(problem, parts);
        let results =
            until_stopped(&entries, &stop, |entry| train_entry(&course, entry, model, 1, split, &data, &stop));
        let mut judged: Vec<Option<(f64, Vec<f64>)>> = vec![None; field.len()];
        for (entry, result) in entries.iter().zip(results) {
            let Some(EntryResult::Scored(outcomes)) = result.flatten() else { continue };
            for (&(number, _), outcome) in entry.variants.iter().zip(outcomes) {
                judged[number] = outcome.map(|outcome| (outcome.value, outcome.losses));
            }
        }
        let default = judged[0].clone().expect("the default can be trained and judged");
        unit += default.0.abs() / judge.in_unit(1.0, default.0, default.0, 1.0).abs() / splits.len() as f64;
        ratio += parts.test.len() as f64 / train.len() as f64 / splits.len() as f64;
        for (track, judged) in of_candidate.iter_mut().zip(&judged) {
            if let Some((_, losses)) = judged {
                track.add(&parts.test, losses, rows);
            }
        }
        for (&rule, &place) in rules.iter().zip(&places) {
            // What cannot be trained is replaced by the default, as its user would do.
            let losses = judged[place].as_ref().map_or(&default.1, |(_, losses)| losses);
            of_rule.entry(rule).or_default().add(&parts.test, losses, rows);
        }
    }
    let groups = &problem.groups.of_row;
    let mut complete: Vec<&Track> =
        of_candidate.iter().filter(|track| track.splits.len() == splits.len() && track.mean().is_finite()).collect();
    complete.sort_by(|a, b| a.mean().total_cmp(&b.mean()));
    complete.truncate(RIVALS_IN_SET);
    let scores: Vec<Vec<f64>> = complete.iter().map(|track| track.by_group(repeats, groups)).collect();
    let best_of_rules = of_rule.values().min_by(|a, b| a.mean().total_cmp(&b.mean())).expect("rules");
    let best = complete.first().copied().filter(|track| track.mean() < best_of_rules.mean()).unwrap_or(best_of_rules);
    let worth = |track: &Track| {
        let mut all = scores.clone();
        all.push(track.by_group(repeats, groups));
        let means: Vec<Vec<f64>> =
            complete.iter().map(|track| track.splits.clone()).chain([track.splits.clone()]).collect();
        let p = confidence_set_over_splits(&all, &means, ratio, 1_000, seed).expect("a set");
        let differences: Vec<f64> = track.splits.iter().zip(&best.splits).map(|(mine, best)| mine - best).collect();
        let of_rows: Vec<f64> =
            track.rows.iter().zip(&best.rows).map(|(mine, best)| (mine - best) / repeats as f64).collect();
        let paired = larger_of(corrected(&differences, ratio), clustered(&of_rows, groups));
        let rope = ROPE * unit;
        let is_best = std::ptr::eq(track, best) || differences.iter().all(|&difference| difference == 0.0);
        let equal = is_best || Probabilities::of(&paired, rope).outcome() == Outcome::Equal;
        let size = paired.standard_error.max(0.5 * rope);
        Worth {
            picks: BTreeMap::new(),
            in_set: equal || p[p.len() - 1] > 0.1,
            regret: if is_best { 0.0 } else { paired.mean / size },
            share: if is_best { 0.0 } else { paired.mean / unit },
        }
    };
    of_rule
        .iter()
        .map(|(&rule, track)| (rule, Worth { picks: picks.remove(&rule).unwrap_or_default(), ..worth(track) }))
        .collect()
}
