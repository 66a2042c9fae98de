//! What comes of flagging every row whose score reaches a threshold.

use serde::Serialize;

use super::{check_pair, ranking::by_falling_score};

/// Counts of rows by what was decided and what was true.
///
/// Ratios with nothing to divide by are 0 (scikit-learn's `zero_division=0`): the precision when nothing was flagged,
/// the recall when nothing was positive, F1 when neither was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// Positive rows that were flagged: true positives.
    pub caught: usize,
    /// Negative rows that were flagged: false positives.
    pub false_alarms: usize,
    /// Positive rows that were not flagged: false negatives.
    pub missed: usize,
    /// Negative rows that were not flagged: true negatives.
    pub passed: usize,
}

impl Decisions {
    /// Flags every row whose score is at least `threshold`.
    ///
    /// # Panics
    /// If there are no rows, or the slices differ in length.
    #[track_caller]
    pub fn at(threshold: f64, scores: &[f64], labels: &[bool]) -> Self {
        check_pair("decisions", scores, labels);
        let mut decisions = Self { caught: 0, false_alarms: 0, missed: 0, passed: 0 };
        for (&score, &label) in scores.iter().zip(labels) {
            let count = match (score >= threshold, label) {
                (true, true) => &mut decisions.caught,
                (true, false) => &mut decisions.false_alarms,
                (false, true) => &mut decisions.missed,
                (false, false) => &mut decisions.passed,
            };
            *count += 1;
        }
        decisions
    }

    /// Rows that were flagged.
    pub fn flagged(&self) -> usize {
        self.caught + self.false_alarms
    }

    /// Rows that are positive.
    pub fn positives(&self) -> usize {
        self.caught + self.missed
    }

    /// Share of the rows that were decided right.
    pub fn accuracy(&self) -> f64 {
        ratio(self.caught + self.passed, self.flagged() + self.missed + self.passed)
    }

    /// Share of the positive rows that were flagged.
    pub fn recall(&self) -> f64 {
        ratio(self.caught, self.positives())
    }

    /// Share of the flagged rows that are positive.
    pub fn precision(&self) -> f64 {
        ratio(self.caught, self.flagged())
    }

    /// Harmonic mean of precision and recall, 2·caught / (flagged + positives).
    pub fn f1(&self) -> f64 {
        ratio(2 * self.caught, self.flagged() + self.positives())
    }
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A threshold and the F1 it reaches on the rows it was chosen on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BestThreshold {
    /// Flag a row whose score is at least this.
    pub threshold: f64,
    /// F1 on the rows of the choice; on new rows expect less.
    pub f1: f64,
}

/// The score with the highest F1 as a threshold; of equally good ones the highest, which flags the fewest.
///
/// Choose it on validation rows: on the rows of the final count it would flatter. Without any positive row every F1 is
/// 0, and the threshold is the highest score.
///
/// # Panics
/// If there are no rows, or the slices differ in length.
#[track_caller]
pub fn best_threshold(scores: &[f64], labels: &[bool]) -> BestThreshold {
    check_pair("best_threshold", scores, labels);
    let positives = labels.iter().filter(|&&label| label).count();
    let mut best: Option<BestThreshold> = None;
    for step in by_falling_score(scores, labels) {
        let f1 = ratio(2 * step.caught, step.flagged + positives);
        if best.is_none_or(|best| f1 > best.f1) {
            best = Some(BestThreshold { threshold: step.score, f1 });
        }
    }
    best.expect("there is at least one row")
}
