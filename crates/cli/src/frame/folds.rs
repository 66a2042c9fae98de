//! Division of a problem's rows: groups whole, classes stratified, forward in time where there is a time.

use std::borrow::Cow;

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

use crate::advice::problem::{Problem, TargetKind};

/// Rows to fit on and rows to judge on; each list ascends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fold {
    /// Rows to fit on.
    pub train: Vec<usize>,
    /// Rows to judge on.
    pub test: Vec<usize>,
}

/// Why rows cannot be divided.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FoldsError {
    /// Fewer groups than parts.
    #[error("{groups} groups cannot be divided into {parts} parts; at least one group for each is needed")]
    TooFewGroups {
        /// How many different groups there are.
        groups: usize,
        /// How many parts were asked for.
        parts: usize,
    },
    /// Fewer different times than parts.
    #[error("{times} different times cannot be divided into {parts} parts that follow each other")]
    TooFewTimes {
        /// How many different times there are.
        times: usize,
        /// How many parts were asked for.
        parts: usize,
    },
    /// Every row that could be fitted on is of a group that is judged, or the other way round.
    #[error(
        "no cut in time leaves whole groups on both sides: their rows are spread over all times; leave out --group or --time"
    )]
    GroupsOverTime,
}

/// So many folds, whose test parts are disjoint.
///
/// Without a time every row is in one test part; a group is in one part only; where the target is a class, the groups of
/// each class are dealt out evenly. The same groups and seed give the same folds, whatever the order of the rows.
///
/// With a time the rows are cut into `count + 1` periods of about the same length: fold `k` is tested on period `k + 1` and
/// fitted on all before it; rows of the first period are in no test part. A list to rank stays whole: all of it has the time
/// of its first row.
///
/// With a time **and** groups both hold (blocks in two ways: Roberts et al. 2017, "Cross-validation strategies for data with
/// temporal, spatial, hierarchical, or phylogenetic structure"; purging: López de Prado 2018, chapter 7): groups with rows on
/// both sides of a cut are dealt out by the seed, half of them to be judged and half to be fitted on, and their rows on the
/// other side play no part in that fold. Dropping all of them from one side would leave it empty where the same groups are
/// there at all times, and would fit, or judge, on short-lived groups alone.
///
/// # Errors
/// When there are fewer groups, or times, than parts, or no whole groups on both sides of a cut in time.
///
/// # Panics
/// If fewer than two folds are asked for.
#[track_caller]
pub fn folds(problem: &Problem, count: usize, seed: u64) -> Result<Vec<Fold>, FoldsError> {
    assert!(count >= 2, "folds: at least 2, not {count}");
    let rows: Vec<usize> = (0..problem.rows()).collect();
    if let Some(time) = times(problem) {
        let period = periods(&time, &rows, count + 1)?;
        let fold = |k: usize| {
            let train = rows.iter().copied().filter(|&row| period[row] < k).collect();
            let test = rows.iter().copied().filter(|&row| period[row] == k).collect();
            purged(problem, Fold { train, test }, seed.wrapping_add(k as u64))
        };
        return (1..=count).map(fold).collect();
    }
    let part = dealt(problem, &rows, count, seed)?;
    let fold = |k: usize| {
        let (test, train) = rows.iter().partition(|&&row| part[problem.groups.of_row[row] as usize] == Some(k));
        Fold { train, test }
    };
    Ok((0..count).map(fold).collect())
}

/// Divides some rows into those to fit on and a share of about `share` to judge on: by the same rules as [`folds`], with a
/// time the last ones.
///
/// # Errors
/// When there are not two groups, or times, among the rows, or no whole groups on both sides of the cut in time.
///
/// # Panics
/// If the share is not between 0 and 1.
#[track_caller]
pub fn inner_split(problem: &Problem, rows: &[usize], share: f64, seed: u64) -> Result<Fold, FoldsError> {
    assert!(share > 0.0 && share < 1.0, "inner_split: the share {share} is not between 0 and 1");
    if let Some(time) = times(problem) {
        let mut sorted: Vec<f64> = rows.iter().map(|&row| time[row]).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let cut = sorted.get(((1.0 - share) * sorted.len() as f64) as usize).copied().unwrap_or(f64::NAN);
        let (mut train, mut test): (Vec<usize>, Vec<usize>) = rows.iter().partition(|&&row| time[row] < cut);
        if train.is_empty() {
            (train, test) = rows.iter().partition(|&&row| time[row] <= cut);
        }
        if train.is_empty() || test.is_empty() {
            return Err(FoldsError::TooFewTimes { times: 1, parts: 2 });
        }
        return purged(problem, Fold { train, test }, seed);
    }
    // Parts of the share's size, of which the first is judged on.
    let parts = (1.0 / share).round().max(2.0) as usize;
    let groups = count_groups(problem, rows);
    let part = dealt(problem, rows, parts.min(groups.max(2)), seed)?;
    let (test, train) = rows.iter().partition(|&&row| part[problem.groups.of_row[row] as usize] == Some(0));
    Ok(Fold { train, test })
}

/// Two sides of a cut in time without groups that are on both.
fn purged(problem: &Problem, fold: Fold, seed: u64) -> Result<Fold, FoldsError> {
    let Fold { mut train, mut test } = fold;
    if !problem.groups.is_given() || problem.target.kind == TargetKind::Relevance {
        return Ok(Fold { train, test });
    }
    let group = |row: usize| problem.groups.of_row[row] as usize;
    let mut sides = vec![(false, false); problem.groups.count];
    train.iter().for_each(|&row| sides[group(row)].0 = true);
    test.iter().for_each(|&row| sides[group(row)].1 = true);
    let returns = |row: usize| sides[group(row)] == (true, true);
    let torn: Vec<usize> = train.iter().chain(&test).copied().filter(|&row| returns(row)).collect();
    if torn.is_empty() {
        return Ok(Fold { train, test });
    }
    let judged: Vec<bool> = match dealt(problem, &torn, 2, seed) {
        Ok(part) => part.into_iter().map(|part| part == Some(0)).collect(),
        // One group: where other rows are left without it.
        Err(_) => vec![train.iter().any(|&row| !returns(row)); problem.groups.count],
    };
    train.retain(|&row| !(returns(row) && judged[group(row)]));
    test.retain(|&row| !returns(row) || judged[group(row)]);
    if train.is_empty() || test.is_empty() { Err(FoldsError::GroupsOverTime) } else { Ok(Fold { train, test }) }
}

/// The time of each row by which it is divided.
fn times(problem: &Problem) -> Option<Cow<'_, [f64]>> {
    let time = problem.time.as_deref()?;
    if problem.target.kind != TargetKind::Relevance {
        return Some(Cow::Borrowed(time));
    }
    let list = |row: usize| problem.groups.of_row[row] as usize;
    let mut first = vec![f64::INFINITY; problem.groups.count];
    time.iter().enumerate().for_each(|(row, &time)| first[list(row)] = first[list(row)].min(time));
    Some((0..time.len()).map(|row| first[list(row)]).collect())
}

fn count_groups(problem: &Problem, rows: &[usize]) -> usize {
    let mut groups: Vec<u32> = rows.iter().map(|&row| problem.groups.of_row[row]).collect();
    groups.sort_unstable();
    groups.dedup();
    groups.len()
}

/// The part of each group that has one of the rows.
fn dealt(problem: &Problem, rows: &[usize], parts: usize, seed: u64) -> Result<Vec<Option<usize>>, FoldsError> {
    let stratum = strata(problem, rows);
    let mut groups: Vec<usize> = (0..problem.groups.count).filter(|&group| stratum[group].is_some()).collect();
    if groups.len() < parts {
        return Err(FoldsError::TooFewGroups { groups: groups.len(), parts });
    }
    groups.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    // Stable: within a stratum the shuffled order stays.
    groups.sort_by_key(|&group| stratum[group]);
    let mut part = vec![None; problem.groups.count];
    for (place, &group) in groups.iter().enumerate() {
        part[group] = Some(place % parts);
    }
    Ok(part)
}

/// For each group among the rows the rarest class that it holds; 0 where the target is no class.
fn strata(problem: &Problem, rows: &[usize]) -> Vec<Option<usize>> {
    let mut stratum = vec![None; problem.groups.count];
    let by_class = match problem.target.kind {
        TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes => true,
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share | TargetKind::Relevance => false,
    };
    if !by_class {
        rows.iter().for_each(|&row| stratum[problem.groups.of_row[row] as usize] = Some(0));
        return stratum;
    }
    let class = |row: usize| problem.target.values[row] as usize;
    let mut counts = vec![0usize; problem.target.levels.len()];
    rows.iter().for_each(|&row| counts[class(row)] += 1);
    let mut by_count: Vec<usize> = (0..counts.len()).collect();
    by_count.sort_by_key(|&class| counts[class]);
    let mut rank = vec![0; counts.len()];
    by_count.iter().enumerate().for_each(|(place, &class)| rank[class] = place);
    for &row in rows {
        let held = &mut stratum[problem.groups.of_row[row] as usize];
        let rank = rank[class(row)];
        *held = Some(held.map_or(rank, |other: usize| other.min(rank)));
    }
    stratum
}

/// The period of each row, from 0: cut where about the same number of rows is in each, never within a time.
fn periods(time: &[f64], rows: &[usize], count: usize) -> Result<Vec<usize>, FoldsError> {
    let mut order = rows.to_vec();
    order.sort_by(|&a, &b| time[a].total_cmp(&time[b]));
    let mut distinct: Vec<f64> = order.iter().map(|&row| time[row]).collect();
    distinct.dedup();
    if distinct.len() < count {
        return Err(FoldsError::TooFewTimes { times: distinct.len(), parts: count });
    }
    let mut period = vec![0; time.len()];
    let (mut current, mut times_left, mut taken) = (0, distinct.len(), 0);
    let mut last = time[order[0]];
    for &row in &order {
        if time[row] != last {
            (last, times_left) = (time[row], times_left - 1);
            let full = taken * count >= (current + 1) * order.len();
            // Every later period needs a time.
            let pressed = times_left < count - current;
            if (full || pressed) && current + 1 < count {
                current += 1;
            }
        }
        period[row] = current;
        taken += 1;
    }
    Ok(period)
}

#[cfg(test)]
mod tests;
