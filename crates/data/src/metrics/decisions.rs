//! What comes of flagging every row whose score reaches a threshold.

use super::weighted::{Weights, by_falling_score};
use super::{MetricError, check};

/// Counts of rows by what was decided and what was true.
///
/// Ratios with nothing to divide by are 0 (scikit-learn's `zero_division=0`): the precision when nothing was flagged,
/// the recall when nothing was positive, F1 when neither was.
///
/// ```
/// use minimand_data::metrics::Decisions;
///
/// let decisions = Decisions::at(0.5, &[0.9, 0.6, 0.4, 0.1], &[true, false, true, false])?;
/// assert_eq!((decisions.precision(), decisions.recall(), decisions.f1()), (0.5, 0.5, 0.5));
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// # Errors
    /// When there are no rows, not as many scores as labels, or a score is NaN.
    pub fn at(threshold: f64, scores: &[f64], labels: &[bool]) -> Result<Self, MetricError> {
        check::rows("decisions", ["scores", "labels"], scores, labels)?;
        check::not_nan("decisions", "score", scores)?;
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
        Ok(decisions)
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
    #[doc(alias = "sensitivity")]
    #[doc(alias = "true_positive_rate")]
    pub fn recall(&self) -> f64 {
        ratio(self.caught, self.positives())
    }

    /// Share of the flagged rows that are positive.
    #[doc(alias = "positive_predictive_value")]
    pub fn precision(&self) -> f64 {
        ratio(self.caught, self.flagged())
    }

    /// Share of the negative rows that were not flagged.
    #[doc(alias = "true_negative_rate")]
    pub fn specificity(&self) -> f64 {
        ratio(self.passed, self.passed + self.false_alarms)
    }

    /// Mean of recall and specificity: 1/2 for any decision that does not look at the row.
    pub fn balanced_accuracy(&self) -> f64 {
        (self.recall() + self.specificity()) / 2.0
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
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
/// ```
/// use minimand_data::metrics::best_threshold;
///
/// let best = best_threshold(&[0.4, 0.3, 0.2, 0.1], &[true, true, false, false])?;
/// assert_eq!((best.threshold, best.f1), (0.3, 1.0)); // not 0.5
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many scores as labels, or a score is NaN.
pub fn best_threshold(scores: &[f64], labels: &[bool]) -> Result<BestThreshold, MetricError> {
    check::rows("best_threshold", ["scores", "labels"], scores, labels)?;
    check::not_nan("best_threshold", "score", scores)?;
    let positives = labels.iter().filter(|&&label| label).count() as f64;
    let mut best = BestThreshold { threshold: f64::NEG_INFINITY, f1: f64::NEG_INFINITY };
    for step in by_falling_score(scores, labels, Weights::EQUAL) {
        let f1 = 2.0 * step.caught / (step.flagged + positives);
        if f1 > best.f1 {
            best = BestThreshold { threshold: step.score, f1 };
        }
    }
    Ok(best)
}
