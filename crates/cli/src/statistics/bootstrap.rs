//! Intervals of any figure of the rows by resampling the groups they belong to.

use minimand::data::metrics::quantile;
use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
use statrs::distribution::{ContinuousCDF, Normal};

use super::paired::Interval;

/// The jackknife of [`Bootstrap::corrected`] leaves out so many parts at most.
const MOST_PARTS: usize = 200;

/// A figure and what it was on resampled groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Bootstrap {
    /// The figure of all rows.
    pub estimate: f64,
    /// The figure of each draw where it existed.
    pub draws: Vec<f64>,
    /// Draws on which it did not exist: no finite number, such as the AUC without a positive row.
    pub failed: usize,
    jackknife: Vec<f64>,
}

/// Draws as many groups as there are, with replacement and whole, `draws` times, and computes a figure of the rows drawn
/// (a row as often as its group was drawn).
///
/// Efron, "Bootstrap methods: another look at the jackknife", 1979; of whole clusters as in Davison & Hinkley, "Bootstrap
/// Methods and Their Application", 1997. For AUC, F1 or NDCG let the groups be persons, or queries; to keep the number of
/// positive rows give [`stratified`](Bootstrap::stratified) the classes. The same seed gives the same draws.
///
/// # Panics
/// If there are no rows.
#[track_caller]
pub fn bootstrap(groups: &[u32], draws: usize, seed: u64, statistic: impl Fn(&[usize]) -> f64) -> Bootstrap {
    Bootstrap::stratified(groups, &vec![0; groups.len()], draws, seed, statistic)
}

impl Bootstrap {
    /// As [`bootstrap`], with groups drawn within the strata of their first rows, such as positives and negatives: each
    /// stratum keeps its number of groups.
    ///
    /// # Panics
    /// If there are no rows, or not as many strata as groups.
    #[track_caller]
    pub fn stratified(
        groups: &[u32],
        strata: &[u32],
        draws: usize,
        seed: u64,
        statistic: impl Fn(&[usize]) -> f64,
    ) -> Self {
        assert!(!groups.is_empty(), "bootstrap: no rows");
        assert_eq!(groups.len(), strata.len(), "bootstrap: {} groups and {} strata", groups.len(), strata.len());
        let members = members(groups);
        let mut by_stratum: Vec<(u32, Vec<usize>)> = Vec::new();
        let mut order: Vec<usize> = (0..members.len()).collect();
        order.sort_by_key(|&group| strata[members[group][0]]);
        for group in order {
            let stratum = strata[members[group][0]];
            match by_stratum.last_mut() {
                Some((last, groups)) if *last == stratum => groups.push(group),
                _ => by_stratum.push((stratum, vec![group])),
            }
        }
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let mut rows = Vec::with_capacity(groups.len());
        let mut found = Vec::with_capacity(draws);
        for _ in 0..draws {
            rows.clear();
            for (_, groups) in &by_stratum {
                for _ in 0..groups.len() {
                    rows.extend_from_slice(&members[groups[rng.random_range(0..groups.len())]]);
                }
            }
            found.push(statistic(&rows));
        }
        found.retain(|value| value.is_finite());
        let all: Vec<usize> = (0..groups.len()).collect();
        let jackknife = without_parts(&members, &statistic);
        Self { estimate: statistic(&all), failed: draws - found.len(), draws: found, jackknife }
    }

    /// Standard deviation of the figure over the draws; infinite with fewer than two.
    pub fn standard_error(&self) -> f64 {
        let count = self.draws.len() as f64;
        if self.draws.len() < 2 {
            return f64::INFINITY;
        }
        let mean = self.draws.iter().sum::<f64>() / count;
        (self.draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / (count - 1.0)).sqrt()
    }

    /// The percentile interval: the middle share `level` of the draws. Without a draw it is everything.
    ///
    /// # Panics
    /// If the level is not between 0 and 1.
    #[track_caller]
    pub fn percentile(&self, level: f64) -> Interval {
        assert!(level > 0.0 && level < 1.0, "percentile: the level {level} is not between 0 and 1");
        self.between((1.0 - level) / 2.0, f64::midpoint(1.0, level))
    }

    /// The interval corrected for bias and for a standard error that changes with the figure (BCa): the draws' quantiles at
    /// Φ(z₀ + (z₀ + z)/(1 − a (z₀ + z))), where z₀ is from the share of draws below the estimate and a from the skewness of
    /// the jackknife over groups. Efron, "Better bootstrap confidence intervals", 1987.
    ///
    /// With more than 200 groups the jackknife leaves out a 200th of them at a time. Falls back to the percentiles where
    /// either constant does not exist.
    ///
    /// # Panics
    /// If the level is not between 0 and 1.
    #[track_caller]
    pub fn corrected(&self, level: f64) -> Interval {
        assert!(level > 0.0 && level < 1.0, "corrected: the level {level} is not between 0 and 1");
        let normal = Normal::standard();
        let below = self.draws.iter().filter(|&&draw| draw < self.estimate).count() as f64;
        let ties = self.draws.iter().filter(|&&draw| draw == self.estimate).count() as f64;
        let bias = normal.inverse_cdf((below + ties / 2.0) / self.draws.len().max(1) as f64);
        let Some(acceleration) = acceleration(&self.jackknife) else { return self.percentile(level) };
        if !bias.is_finite() {
            return self.percentile(level);
        }
        let place = |z: f64| {
            let shifted = bias + z;
            let scale = 1.0 - acceleration * shifted;
            // Beyond its pole the formula turns back: the end is the draws' own.
            if scale > 0.0 { normal.cdf(bias + shifted / scale) } else { f64::from(u8::from(z > 0.0)) }
        };
        let z = normal.inverse_cdf(f64::midpoint(1.0, level));
        self.between(place(-z), place(z))
    }

    fn between(&self, low: f64, high: f64) -> Interval {
        if self.draws.is_empty() {
            return Interval::WHOLE;
        }
        Interval { low: quantile(&self.draws, low), high: quantile(&self.draws, high) }
    }
}

/// The rows of each group that has any, in the order of the groups' numbers.
fn members(groups: &[u32]) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..groups.len()).collect();
    order.sort_by_key(|&row| groups[row]);
    order.chunk_by(|&one, &other| groups[one] == groups[other]).map(<[usize]>::to_vec).collect()
}

/// The figure without each of at most [`MOST_PARTS`] parts of the groups.
fn without_parts(members: &[Vec<usize>], statistic: impl Fn(&[usize]) -> f64) -> Vec<f64> {
    let parts = members.len().min(MOST_PARTS);
    let without = |part: usize| {
        let kept = members.iter().enumerate().filter(|(place, _)| place % parts != part);
        let mut rows: Vec<usize> = kept.flat_map(|(_, rows)| rows.iter().copied()).collect();
        rows.sort_unstable();
        if rows.is_empty() { f64::NAN } else { statistic(&rows) }
    };
    (0..parts).map(without).collect()
}

/// Σ (θ̄ − θᵢ)³ / 6 (Σ (θ̄ − θᵢ)²)^1.5 of the jackknife.
fn acceleration(jackknife: &[f64]) -> Option<f64> {
    let mean = jackknife.iter().sum::<f64>() / jackknife.len() as f64;
    let power = |exponent: i32| jackknife.iter().map(|value| (mean - value).powi(exponent)).sum::<f64>();
    let acceleration = power(3) / (6.0 * power(2).powf(1.5));
    acceleration.is_finite().then_some(acceleration)
}
