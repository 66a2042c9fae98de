//! Differences of two losses measured on the same rows or splits, with standard errors that the design allows.
//!
//! A difference is the first loss's figure minus the second's, so that below 0 the first is better where less is better.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::clusters::contributions;

/// From, to.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Interval {
    /// Everything there is: nothing is known.
    pub const WHOLE: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// Whether the value is inside or on an end.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half the distance of its ends: what is written after ±.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// The interval of the negated value: for figures where more is better.
    #[must_use]
    pub fn negated(&self) -> Self {
        Self { low: -self.high, high: -self.low }
    }
}

/// A mean difference and how well it is known: (mean − truth)/standard error is about Student's t.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paired {
    /// Mean difference, in the unit of the differences.
    pub mean: f64,
    /// Its standard error; infinite where nothing is known about it.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t; infinite for a normal law, 0 where nothing is known.
    pub freedom: f64,
}

impl Paired {
    /// A mean of which nothing is known.
    fn unknown(mean: f64) -> Self {
        Self { mean, standard_error: f64::INFINITY, freedom: 0.0 }
    }

    /// Whether there is a standard error: more than one difference, and all of them finite.
    pub fn is_known(&self) -> bool {
        self.mean.is_finite() && self.standard_error.is_finite() && self.freedom > 0.0
    }

    /// The 95 % interval of the true mean difference.
    pub fn interval(&self) -> Interval {
        self.interval_at(0.95)
    }

    /// The interval that holds the true mean difference in a share `level` of all data sets: mean ± t · standard error.
    ///
    /// # Panics
    /// If the level is not between 0 and 1.
    #[track_caller]
    pub fn interval_at(&self, level: f64) -> Interval {
        assert!(level > 0.0 && level < 1.0, "interval: the level {level} is not between 0 and 1");
        if !self.is_known() {
            return Interval::WHOLE;
        }
        let half = student_quantile(0.5 + level / 2.0, self.freedom) * self.standard_error;
        Interval { low: self.mean - half, high: self.mean + half }
    }

    /// The chance of a mean at least as far from 0 where there is no difference; 1 where nothing is known.
    pub fn p_value(&self) -> f64 {
        if !self.is_known() {
            return 1.0;
        }
        if self.standard_error > 0.0 {
            2.0 * student_below(-(self.mean / self.standard_error).abs(), self.freedom)
        } else {
            f64::from(u8::from(self.mean == 0.0))
        }
    }

    /// The belief that the true mean is below a value, by Student's t around the mean.
    pub(super) fn chance_below(&self, value: f64) -> f64 {
        if self.standard_error > 0.0 {
            student_below((value - self.mean) / self.standard_error, self.freedom)
        } else {
            f64::from(u8::from(self.mean < value))
        }
    }

    /// The belief that the true mean is above a value.
    pub(super) fn chance_above(&self, value: f64) -> f64 {
        Self { mean: -self.mean, ..*self }.chance_below(-value)
    }
}

/// P(T < t); exact far below 0.
pub(super) fn student_below(t: f64, freedom: f64) -> f64 {
    if freedom.is_infinite() {
        Normal::standard().cdf(t)
    } else {
        StudentsT::new(0.0, 1.0, freedom).map_or(f64::NAN, |law| law.cdf(t))
    }
}

/// The value that T stays below with the chance `level`.
pub(super) fn student_quantile(level: f64, freedom: f64) -> f64 {
    if freedom.is_infinite() {
        Normal::standard().inverse_cdf(level)
    } else {
        StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |law| law.inverse_cdf(level))
    }
}

/// Differences of two losses' figures, one for each split, row or query: below 0 where the first is better.
///
/// # Panics
/// If the two differ in length.
#[track_caller]
pub fn differences(first: &[f64], second: &[f64], higher_is_better: bool) -> Vec<f64> {
    assert_eq!(first.len(), second.len(), "differences: {} and {} figures", first.len(), second.len());
    let sign = if higher_is_better { -1.0 } else { 1.0 };
    first.iter().zip(second).map(|(first, second)| sign * (first - second)).collect()
}

/// The mean difference over the J splits of a (repeated) cross-validation, corrected for the training rows that the
/// splits share: SE² = s² (1/J + `ratio`), where s² is the variance of the differences (divided by J − 1) and `ratio` the
/// number of test rows over that of training rows; J − 1 degrees of freedom.
///
/// Nadeau & Bengio, "Inference for the generalization error", 2003; for repeated k-fold cross-validation Bouckaert &
/// Frank, "Evaluating the replicability of significance tests for comparing learning algorithms", 2004. It is a
/// heuristic that guards against belief in chance: no unbiased estimate of this variance exists (Bengio & Grandvalet
/// 2004). Equal differences have a standard error of 0; of one difference, or with one that is not finite, nothing is known.
///
/// # Panics
/// If the ratio is below 0 or not finite.
#[track_caller]
pub fn corrected(differences: &[f64], ratio: f64) -> Paired {
    assert!(ratio >= 0.0 && ratio.is_finite(), "corrected: {ratio} is no ratio of test rows to training rows");
    let count = differences.len() as f64;
    let mean = differences.iter().sum::<f64>() / count;
    if differences.len() < 2 || !mean.is_finite() {
        return Paired::unknown(mean);
    }
    let variance = differences.iter().map(|difference| (difference - mean).powi(2)).sum::<f64>() / (count - 1.0);
    Paired { mean, standard_error: (variance * (1.0 / count + ratio)).sqrt(), freedom: count - 1.0 }
}

/// The mean difference as if the splits were independent: Student's paired t, SE² = s²/J.
///
/// Splits of one data set are not independent; this interval is far too narrow, and shown only beside [`corrected`].
pub fn naive(differences: &[f64]) -> Paired {
    corrected(differences, 0.0)
}

/// The mean difference over rows, judged out of fold, where rows of a group resemble each other: the Diebold–Mariano
/// comparison with a cluster-robust standard error, SE² = G/(G − 1) Σ (Sᵧ − nᵧ d̄)²/n² over G groups, with G − 1 degrees
/// of freedom.
///
/// Diebold & Mariano, "Comparing predictive accuracy", 1995; the sandwich with its small-sample factor (CR1) as in Cameron
/// & Miller, "A practitioner's guide to cluster-robust inference", 2015. It takes the fitted models as given. Of one
/// group, or with a difference that is not finite, nothing is known.
///
/// # Panics
/// If the two differ in length.
#[track_caller]
pub fn clustered(differences: &[f64], groups: &[u32]) -> Paired {
    naive(&contributions(differences, groups))
}

/// The one of two answers about the same mean that claims less: the wider 95 % interval. One of which nothing is known
/// gives way to the other.
pub fn larger_of(one: Paired, other: Paired) -> Paired {
    match (one.is_known(), other.is_known()) {
        (true, false) => one,
        (false, true) => other,
        (true, true) if one.interval().half_width() >= other.interval().half_width() => one,
        (true, true) => other,
        (false, false) => one,
    }
}
