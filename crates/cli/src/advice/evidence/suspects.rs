//! Columns that tell too much, or that have a role that nobody named.

use minimand::data::metrics::roc_auc;

use super::means::quantile;
use crate::{
    advice::problem::{Problem, TargetKind},
    frame::{Cells, Column, MISSING},
};

/// Rows that are looked at where sorting or tabulating is needed; spread evenly over the table.
const LOOK: usize = 20_000;

/// Bins of a column of numbers, where its classes are tabulated.
const BINS: usize = 64;

/// How well a column alone predicts the target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Association {
    /// R² of a line, of ranks, or of the mean of each text.
    Explained,
    /// Area under the ROC curve.
    Auc,
    /// Share of classes that the column's values tell rightly.
    Accuracy,
}

impl Association {
    /// As it is written.
    pub fn name(self) -> &'static str {
        match self {
            Self::Explained => "R²",
            Self::Auc => "AUC",
            Self::Accuracy => "accuracy",
        }
    }
}

/// A column that predicts the target by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Suspect {
    /// The column.
    pub column: String,
    /// How well, up to 1.
    pub value: f64,
    /// By what.
    pub by: Association,
}

/// The three columns that predict the target best by themselves, the best first.
pub(super) fn strongest(problem: &Problem) -> Vec<Suspect> {
    let looked = looked_at(problem.rows());
    let target: Vec<f64> = looked.iter().map(|&row| problem.target.values[row]).collect();
    let halves: Vec<bool> = looked.iter().map(|&row| half(problem.groups.of_row[row])).collect();
    let by = match problem.target.kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share | TargetKind::Ordered => {
            Association::Explained
        }
        TargetKind::Binary | TargetKind::Relevance => Association::Auc,
        TargetKind::Classes => Association::Accuracy,
    };
    let ranked_target = if by == Association::Explained { ranks(&target) } else { Vec::new() };
    let labels: Vec<bool> = target.iter().map(|&value| value > 0.0).collect();
    let strength = |column: &Column| match (&column.cells, by) {
        (Cells::Date(_), _) => None,
        (Cells::Number(cells), Association::Explained) => {
            let raw: Vec<f64> = looked.iter().map(|&row| cells[row]).collect();
            let line = explained_by_line(cells, &problem.target.values);
            Some(line.max(explained_by_line(&ranks(&raw), &ranked_target)))
        }
        (Cells::Number(cells), Association::Auc) => {
            let ends = [f64::NEG_INFINITY, f64::INFINITY];
            let auc = |end: f64| {
                let filled = looked.iter().map(|&row| if cells[row].is_nan() { end } else { cells[row] });
                roc_auc(&filled.collect::<Vec<_>>(), &labels).ok().map(|auc| auc.max(1.0 - auc))
            };
            ends.into_iter().filter_map(auc).reduce(f64::max)
        }
        (Cells::Number(cells), Association::Accuracy) => {
            let raw: Vec<f64> = looked.iter().map(|&row| cells[row]).collect();
            Some(accuracy_by_value(&bins(&raw), &target, &halves))
        }
        (Cells::Text { codes, .. }, by) => {
            let codes: Vec<u32> = looked.iter().map(|&row| codes[row]).collect();
            match by {
                Association::Accuracy => Some(accuracy_by_value(&codes, &target, &halves)),
                Association::Explained => Some(explained(&mean_of_value(&codes, &target, &halves), &target)),
                // The other half says which end is which: below one half it tells nothing.
                Association::Auc => roc_auc(&mean_of_value(&codes, &target, &halves), &labels).ok(),
            }
        }
    };
    let mut all: Vec<Suspect> = (problem.features.iter())
        .filter_map(|column| {
            let value = strength(column).filter(|value| value.is_finite())?;
            Some(Suspect { column: column.name.clone(), value, by })
        })
        .collect();
    all.sort_by(|a, b| b.value.total_cmp(&a.value).then_with(|| a.column.cmp(&b.column)));
    all.truncate(3);
    all
}

/// Rows spread evenly.
fn looked_at(rows: usize) -> Vec<usize> {
    if rows <= LOOK { (0..rows).collect() } else { (0..LOOK).map(|place| place * rows / LOOK).collect() }
}

/// Which half a group belongs to, for tables that are judged on rows that did not make them.
fn half(group: u32) -> bool {
    group.wrapping_mul(0x9E37_79B1) >> 31 == 1
}

/// R² of a line where the column has a number, and of the target's mean where it has none.
fn explained_by_line(column: &[f64], target: &[f64]) -> f64 {
    let (mut rows, mut x, mut y, mut absent, mut of_absent) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (&cell, &value) in column.iter().zip(target) {
        if cell.is_nan() {
            absent += 1.0;
            of_absent += value;
        } else {
            rows += 1.0;
            x += cell;
            y += value;
        }
    }
    let (x, y, of_absent) = (x / f64::max(rows, 1.0), y / f64::max(rows, 1.0), of_absent / f64::max(absent, 1.0));
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let (mut xx, mut xy, mut yy, mut left, mut all) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (&cell, &value) in column.iter().zip(target) {
        all += (value - mean).powi(2);
        if cell.is_nan() {
            left += (value - of_absent).powi(2);
        } else {
            xx += (cell - x).powi(2);
            xy += (cell - x) * (value - y);
            yy += (value - y).powi(2);
        }
    }
    let line = if xx > 0.0 { xy * xy / xx } else { 0.0 };
    1.0 - (left + yy - line) / all
}

/// R² of predictions as they are.
fn explained(prediction: &[f64], target: &[f64]) -> f64 {
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let all: f64 = target.iter().map(|value| (value - mean).powi(2)).sum();
    let left: f64 = target.iter().zip(prediction).map(|(value, found)| (value - found).powi(2)).sum();
    1.0 - left / all
}

/// Mean ranks from 1; NaN stays.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&row| !values[row].is_nan()).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![f64::NAN; values.len()];
    let mut start = 0;
    while start < order.len() {
        let end = start + order[start..].iter().take_while(|&&row| values[row] == values[order[start]]).count();
        let rank = (start + end + 1) as f64 / 2.0;
        order[start..end].iter().for_each(|&row| ranks[row] = rank);
        start = end;
    }
    ranks
}

/// The bin of each number, by quantiles; the code of missing cells where it is missing.
fn bins(values: &[f64]) -> Vec<u32> {
    let mut present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let mut edges: Vec<f64> = (1..BINS).map(|bin| quantile(&mut present, bin as f64 / BINS as f64)).collect();
    edges.dedup();
    let bin = |value: f64| if value.is_nan() { MISSING } else { edges.partition_point(|&edge| edge < value) as u32 };
    values.iter().map(|&value| bin(value)).collect()
}

/// The mean target of each row's value, found on the other half of the rows; the overall mean where that has none.
fn mean_of_value(codes: &[u32], target: &[f64], halves: &[bool]) -> Vec<f64> {
    let mut sums = std::collections::HashMap::<(u32, bool), (f64, f64)>::new();
    for ((&code, &value), &half) in codes.iter().zip(target).zip(halves) {
        let sum = sums.entry((code, half)).or_default();
        *sum = (sum.0 + value, sum.1 + 1.0);
    }
    let mean = target.iter().sum::<f64>() / target.len() as f64;
    let of = |(&code, &half): (&u32, &bool)| sums.get(&(code, !half)).map_or(mean, |(sum, rows)| sum / rows);
    codes.iter().zip(halves).map(of).collect()
}

/// Share of classes that are the most frequent one of their value in the other half of the rows, above what the most frequent
/// class alone reaches: 1 where all are right, 0 where the column tells nothing.
fn accuracy_by_value(codes: &[u32], target: &[f64], halves: &[bool]) -> f64 {
    let mut counts = std::collections::BTreeMap::<(u32, bool), std::collections::BTreeMap<u32, usize>>::new();
    let mut overall = std::collections::BTreeMap::<u32, usize>::new();
    for ((&code, &class), &half) in codes.iter().zip(target).zip(halves) {
        *counts.entry((code, half)).or_default().entry(class as u32).or_default() += 1;
        *overall.entry(class as u32).or_default() += 1;
    }
    let most = |counts: &std::collections::BTreeMap<u32, usize>| {
        counts.iter().max_by_key(|(_, rows)| **rows).map(|(class, _)| *class)
    };
    let usual = most(&overall);
    let right = (codes.iter().zip(target).zip(halves)).filter(|((code, class), half)| {
        counts.get(&(**code, !**half)).and_then(most).or(usual) == Some(**class as u32)
    });
    let (right, rows) = (right.count() as f64, target.len() as f64);
    let majority = overall.values().copied().max().unwrap_or(0) as f64;
    (right - majority) / (rows - majority).max(1.0)
}

/// The words of a column's name, in small letters.
fn words(name: &str) -> Vec<String> {
    let spaced: String = name.chars().map(|letter| if letter.is_alphanumeric() { letter } else { ' ' }).collect();
    spaced.split_whitespace().map(str::to_lowercase).collect()
}

fn speaks_of(name: &str, known: &[&str]) -> bool {
    words(name).iter().any(|word| known.contains(&word.as_str()))
}

/// The different cells of a column (missing ones as one), up to a limit.
fn distinct(column: &Column, limit: usize) -> usize {
    match &column.cells {
        Cells::Number(cells) => {
            let mut seen = std::collections::HashSet::new();
            cells.iter().map(|cell| if cell.is_nan() { u64::MAX } else { cell.to_bits() }).find(|&bits| {
                seen.insert(bits);
                seen.len() >= limit
            });
            seen.len()
        }
        Cells::Text { levels, .. } => levels.len().min(limit),
        Cells::Date(_) => 0,
    }
}

/// A column named like a person's or a thing's number whose values repeat, where rows were not grouped.
pub(super) fn unnamed_groups(problem: &Problem) -> Option<String> {
    const OWNERS: &[&str] = &[
        "id",
        "ids",
        "uid",
        "uuid",
        "person",
        "patient",
        "customer",
        "user",
        "subject",
        "household",
        "client",
        "member",
        "session",
    ];
    if problem.groups.is_given() {
        return None;
    }
    let rows = problem.rows();
    let repeats = |column: &&Column| {
        let different = distinct(column, rows);
        different > 20 && (rows / 100..=rows * 9 / 10).contains(&different)
    };
    problem
        .features
        .iter()
        .filter(|column| speaks_of(&column.name, OWNERS))
        .find(repeats)
        .map(|column| column.name.clone())
}

/// A column of two values named like the event that ends a time, where the target is named like a time.
pub(super) fn event_column(problem: &Problem) -> Option<String> {
    const TIMES: &[&str] = &[
        "time", "times", "duration", "survival", "tenure", "days", "weeks", "months", "years", "lifetime", "followup",
    ];
    const EVENTS: &[&str] = &[
        "event",
        "events",
        "status",
        "censored",
        "censoring",
        "cens",
        "died",
        "death",
        "dead",
        "failed",
        "failure",
        "churn",
        "churned",
        "relapse",
    ];
    let is_time = matches!(problem.target.kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count)
        && speaks_of(&problem.target.name, TIMES);
    let is_event = |column: &&Column| speaks_of(&column.name, EVENTS) && distinct(column, 4) == 2;
    if is_time { problem.features.iter().find(is_event).map(|column| column.name.clone()) } else { None }
}

/// The position that items were shown at, and the AUC with which it alone tells relevant items.
pub(super) fn position(problem: &Problem) -> Option<Suspect> {
    const PLACES: &[&str] = &["position", "pos", "rank", "slot", "place"];
    if problem.target.kind != TargetKind::Relevance {
        return None;
    }
    let labels: Vec<bool> = problem.target.values.iter().map(|&value| value > 0.0).collect();
    problem.features.iter().filter(|column| speaks_of(&column.name, PLACES)).find_map(|column| match &column.cells {
        Cells::Number(cells) if cells.iter().all(|cell| !cell.is_nan()) => {
            let auc = roc_auc(cells, &labels).ok()?;
            Some(Suspect { column: column.name.clone(), value: auc.max(1.0 - auc), by: Association::Auc })
        }
        Cells::Number(_) | Cells::Text { .. } | Cells::Date(_) => None,
    })
}
