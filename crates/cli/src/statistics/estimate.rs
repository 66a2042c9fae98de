//! An estimate with its standard error and interval, robust to rows of a group that depend on each other.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::sampling::Sampling;

/// An estimate with a 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Estimate {
    /// With the interval by Student's t with one degree of freedom less than there are groups.
    pub fn by_groups(value: f64, standard_error: f64, groups: usize) -> Self {
        let half = t_quantile(0.975, groups.saturating_sub(1)) * standard_error;
        Self { value, standard_error, low: value - half, high: value + half }
    }

    /// The estimate over its standard error; infinite without one.
    pub fn t(&self) -> f64 {
        self.value / self.standard_error
    }

    /// Whether the interval holds a number.
    pub fn holds(&self, number: f64) -> bool {
        (self.low..=self.high).contains(&number)
    }
}

/// The quantile of Student's t; that of infinitely wide intervals with no degree of freedom.
pub(super) fn t_quantile(level: f64, freedom: usize) -> f64 {
    match freedom {
        0 => f64::INFINITY,
        // The series of Cornish and Fisher (1938): exact to 1e-9 here, where the inverse by continued fractions is not.
        500.. => {
            let (z, n) = (Normal::standard().inverse_cdf(level), freedom as f64);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
            z + (first + (second + third / n) / n) / n
        }
        freedom => StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::INFINITY, |law| law.inverse_cdf(level)),
    }
}

/// How many different groups there are.
pub(super) fn count_groups(groups: &[u32]) -> usize {
    let mut seen = vec![false; groups.iter().max().map_or(0, |&last| last as usize + 1)];
    groups.iter().for_each(|&group| seen[group as usize] = true);
    seen.iter().filter(|&&seen| seen).count()
}

/// Sums of rows by group, in the order of the groups' numbers; groups without rows are 0.
pub(super) fn group_sums<const N: usize>(rows: impl Iterator<Item = [f64; N]>, groups: &[u32]) -> Vec<[f64; N]> {
    let last = groups.iter().max().map_or(0, |&last| last as usize + 1);
    let mut sums = vec![[0.0; N]; last];
    for (row, &group) in rows.zip(groups) {
        for (sum, value) in sums[group as usize].iter_mut().zip(row) {
            *sum += value;
        }
    }
    sums
}

/// A mean with its interval.
///
/// # Panics
/// If there are no values, or not as many groups.
#[track_caller]
pub fn mean_by_groups<'a>(values: &[f64], rows: impl Into<Sampling<'a>>) -> Estimate {
    let rows = rows.into();
    assert!(!values.is_empty() && values.len() == rows.rows(), "mean_by_groups: values and groups differ in number");
    let mean = rows.mean(values.iter().copied());
    rows.estimate(mean, rows.standard_error_of_sum(values.iter().map(|value| value - mean)) / rows.total())
}
