//! Means, ratios and tests whose uncertainty is counted by group: rows of one group are never taken for independent.

use serde::Serialize;
use statrs::distribution::{ContinuousCDF, FisherSnedecor, StudentsT};

use crate::frame::Groups;

/// A number with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Estimated {
    /// The number.
    pub value: f64,
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Estimated {
    /// Whether the interval holds this number.
    pub fn holds(&self, number: f64) -> bool {
        self.low <= number && number <= self.high
    }

    /// Half of the interval's width.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// Half of a 95 % interval in standard errors, for so many groups.
pub(super) fn reach(groups: usize) -> f64 {
    let freedom = groups.saturating_sub(1).max(1) as f64;
    StudentsT::new(0.0, 1.0, freedom).map_or(1.96, |law| law.inverse_cdf(0.975))
}

/// Probability of a |t| at least as large, for so many groups.
pub(super) fn two_sided(t: f64, groups: usize) -> f64 {
    let freedom = groups.saturating_sub(1).max(1) as f64;
    if t.is_nan() {
        return 1.0;
    }
    StudentsT::new(0.0, 1.0, freedom).map_or(1.0, |law| 2.0 * law.sf(t.abs()))
}

fn by_group(values: impl Iterator<Item = f64>, groups: &Groups) -> Vec<f64> {
    let mut sums = vec![0.0; groups.count];
    values.zip(&groups.of_row).for_each(|(value, &group)| sums[group as usize] += value);
    sums
}

/// Standard error of a sum of terms that has the expectation 0: the sandwich of cluster-robust variances
/// (Liang & Zeger 1986), with the factor G / (G − 1).
pub(super) fn standard_error(terms: impl Iterator<Item = f64>, groups: &Groups) -> f64 {
    let sums = by_group(terms, groups);
    // Groups without a row of this part say nothing.
    let taking = sums.iter().filter(|sum| **sum != 0.0).count().max(2) as f64;
    (sums.iter().map(|sum| sum * sum).sum::<f64>() * taking / (taking - 1.0)).sqrt()
}

/// Weighted mean.
pub(super) fn mean(values: &[f64], weight: &[f64]) -> f64 {
    values.iter().zip(weight).map(|(value, weight)| value * weight).sum::<f64>() / weight.iter().sum::<f64>()
}

/// Weighted mean with its interval.
pub(super) fn mean_by_group(values: &[f64], weight: &[f64], groups: &Groups) -> Estimated {
    let value = mean(values, weight);
    let total: f64 = weight.iter().sum();
    let terms = values.iter().zip(weight).map(|(one, weight)| weight * (one - value) / total);
    let half = reach(groups.count) * standard_error(terms, groups);
    Estimated { value, low: value - half, high: value + half }
}

/// Σ above / Σ below with its interval, on the logarithm's scale where both are positive.
pub(super) fn ratio_by_group(above: &[f64], below: &[f64], weight: &[f64], groups: &Groups) -> Estimated {
    let (top, bottom) = (mean(above, weight), mean(below, weight));
    let (value, total) = (top / bottom, weight.iter().sum::<f64>());
    let pairs = above.iter().zip(below).zip(weight);
    let terms = pairs.map(|((above, below), weight)| weight * (above - value * below) / bottom / total);
    let half = reach(groups.count) * standard_error(terms, groups);
    if value > 0.0 {
        let factor = (half / value).exp();
        Estimated { value, low: value / factor, high: value * factor }
    } else {
        Estimated { value, low: value - half, high: value + half }
    }
}

/// A share with its interval: Wilson's, with as many cases as the standard error by group is worth.
pub(super) fn share_by_group(shares: &[f64], weight: &[f64], groups: &Groups) -> Estimated {
    let value = mean(shares, weight).clamp(0.0, 1.0);
    let total: f64 = weight.iter().sum();
    let terms = shares.iter().zip(weight).map(|(one, weight)| weight * (one - value) / total);
    let error = standard_error(terms, groups);
    let cases = if error > 0.0 { value * (1.0 - value) / (error * error) } else { groups.count as f64 };
    let cases = cases.clamp(1.0, shares.len().max(1) as f64 * 4.0);
    let z = reach(groups.count);
    let middle = (value + z * z / (2.0 * cases)) / (1.0 + z * z / cases);
    let half = z / (1.0 + z * z / cases) * (value * (1.0 - value) / cases + z * z / (4.0 * cases * cases)).sqrt();
    Estimated { value, low: (middle - half).max(0.0), high: (middle + half).min(1.0) }
}

/// Probability, if the moments Σ wᵢ eᵢ h(xᵢ) all have the expectation 0, of moments at least as far from it: Hotelling's
/// T² over the groups' sums. Moments that the ones before them determine are left out. `None` for too few groups.
pub(super) fn joint_test(errors: &[f64], functions: &[Vec<f64>], groups: &Groups) -> Option<f64> {
    let sums: Vec<Vec<f64>> = functions
        .iter()
        .map(|function| by_group(errors.iter().zip(function).map(|(error, h)| error * h), groups))
        .collect();
    let count = groups.count as f64;
    let means: Vec<f64> = sums.iter().map(|sums| sums.iter().sum::<f64>() / count).collect();
    let covariance = |a: usize, b: usize| {
        let pairs = sums[a].iter().zip(&sums[b]);
        pairs.map(|(one, other)| (one - means[a]) * (other - means[b])).sum::<f64>() / (count - 1.0)
    };
    // Cholesky, one moment after the other; z solves L z = means.
    let mut rows: Vec<Vec<f64>> = Vec::new();
    let (mut kept, mut z) = (Vec::new(), Vec::new());
    for (moment, &mean) in means.iter().enumerate() {
        let mut row = Vec::new();
        for (place, &other) in kept.iter().enumerate() {
            let earlier: &Vec<f64> = &rows[place];
            let known: f64 = row.iter().zip(earlier).map(|(a, b): (&f64, &f64)| a * b).sum();
            row.push((covariance(moment, other) - known) / earlier[place]);
        }
        let variance = covariance(moment, moment);
        let left = variance - row.iter().map(|entry| entry * entry).sum::<f64>();
        if left > 1e-9 * variance && left > 0.0 {
            let known: f64 = row.iter().zip(&z).map(|(a, b): (&f64, &f64)| a * b).sum();
            let pivot = left.sqrt();
            z.push((mean - known) / pivot);
            row.push(pivot);
            rows.push(row);
            kept.push(moment);
        } else if variance <= 0.0 && mean != 0.0 {
            return Some(0.0);
        }
    }
    let moments = kept.len() as f64;
    if kept.is_empty() {
        return None;
    }
    if count <= moments + 2.0 {
        return None;
    }
    let squared = count * z.iter().map(|entry| entry * entry).sum::<f64>();
    let f = squared * (count - moments) / (moments * (count - 1.0));
    FisherSnedecor::new(moments, count - moments).ok().map(|law| law.sf(f))
}
