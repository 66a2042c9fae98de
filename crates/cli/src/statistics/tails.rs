//! How heavy an upper tail is: whether the moments exist that a score needs.

use statrs::distribution::{ContinuousCDF, Normal};

use super::sampling::Sampling;

/// Fewer positive values than these say nothing of a tail.
const LEAST_VALUES: usize = 100;
/// Fewer largest values than these are not looked at.
const LEAST_K: usize = 20;
/// Largest values from which a range of the index is told.
const STEADY_K: usize = 50;
/// 97.5 % quantile of the normal distribution.
const Z: f64 = 1.959_963_984_540_054;

/// Estimates from the `k` largest values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TailPoint {
    /// How many of the largest values are looked at.
    pub k: usize,
    /// Hill's estimate of the tail index (Hill 1975).
    pub hill: f64,
    /// Its standard error, robust to groups.
    pub hill_error: f64,
    /// The moment estimate of the tail index (Dekkers, Einmahl, de Haan 1989); infinite for light tails.
    pub moment: f64,
    /// Upper end of its 95 % interval.
    pub moment_high: f64,
}

impl TailPoint {
    /// Upper end of Hill's 95 % interval.
    pub fn hill_high(&self) -> f64 {
        self.hill + Z * self.hill_error
    }

    /// Lower end of Hill's 95 % interval.
    pub fn hill_low(&self) -> f64 {
        self.hill - Z * self.hill_error
    }
}

/// An upper tail by two estimators, over the largest 1 to 10 % of the positive values.
#[derive(Debug, Clone, PartialEq)]
pub struct Tail {
    /// By rising k.
    pub points: Vec<TailPoint>,
    /// Pareto against a log-normal truncated at the same threshold (Clauset, Shalizi, Newman 2009, section 4; Vuong 1989),
    /// for the largest k: positive speaks for Pareto, standard normal where they fit alike.
    pub against_log_normal: f64,
}

/// Looks at the tail of the positive values: both estimators are of order statistics, which have no weights, and every row
/// counts once. Nothing where there are fewer than 100 of them, or the largest 10 % are all
/// alike.
///
/// # Panics
/// If values and groups differ in number.
#[track_caller]
pub fn tail(values: &[f64], groups: &[u32]) -> Option<Tail> {
    assert_eq!(values.len(), groups.len(), "tail: values and groups differ in number");
    let mut sorted: Vec<(f64, u32)> = values
        .iter()
        .zip(groups)
        .filter(|(value, _)| **value > 0.0)
        .map(|(value, &group)| (value.ln(), group))
        .collect();
    if sorted.len() < LEAST_VALUES {
        return None;
    }
    sorted.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let count = sorted.len();
    let mut sizes: Vec<usize> = (1..=10).map(|percent| (count * percent / 100).max(LEAST_K)).collect();
    sizes.dedup();
    let points: Vec<TailPoint> = sizes.iter().filter_map(|&k| point(&sorted, k)).collect();
    let last = points.last()?;
    let threshold = sorted[last.k].0;
    let excesses: Vec<f64> = sorted[..last.k].iter().map(|(value, _)| value - threshold).collect();
    Some(Tail { against_log_normal: vuong(&excesses), points })
}

fn point(sorted: &[(f64, u32)], k: usize) -> Option<TailPoint> {
    let threshold = sorted[k].0;
    let excess = || sorted[..k].iter().map(|(value, _)| value - threshold);
    let size = k as f64;
    let first = excess().sum::<f64>() / size;
    let second = excess().map(|excess| excess * excess).sum::<f64>() / size;
    if first <= 0.0 {
        return None;
    }
    let groups: Vec<u32> = renumbered(&sorted[..k]);
    let error = Sampling::from(&groups).standard_error_of_sum(excess().map(|excess| excess - first)) / size;
    // Both estimators suffer alike from rows that repeat each other.
    let independent = (excess().map(|excess| (excess - first).powi(2)).sum::<f64>()).sqrt() / size;
    let design = if independent > 0.0 { (error / independent).max(1.0) } else { 1.0 };
    // Excesses that are all alike leave nothing but rounding of the variance: a bounded tail.
    let spread = 1.0 - first * first / second;
    let gamma = if spread > 1e-9 { first + 1.0 - 0.5 / spread } else { f64::NEG_INFINITY };
    let gamma_error = design * (moment_variance(gamma) / size).sqrt();
    let index = |gamma: f64| if gamma > 0.0 { 1.0 / gamma } else { f64::INFINITY };
    Some(TailPoint {
        k,
        hill: 1.0 / first,
        hill_error: design / (first * size.sqrt()),
        moment: index(gamma),
        moment_high: index(gamma - Z * gamma_error),
    })
}

/// Variance of √k times the moment estimate of γ, the reciprocal of the index (Dekkers, Einmahl, de Haan 1989, corollary 3.2).
fn moment_variance(gamma: f64) -> f64 {
    if gamma >= 0.0 {
        return 1.0 + gamma * gamma;
    }
    // Bounded tails: a number that stays finite serves as well.
    let gamma = gamma.max(-10.0);
    let (one, two, three, four) = (1.0 - gamma, 1.0 - 2.0 * gamma, 1.0 - 3.0 * gamma, 1.0 - 4.0 * gamma);
    one * one * two * (4.0 - 8.0 * two / three + (5.0 - 11.0 * gamma) * two / (three * four))
}

/// Group numbers without gaps: few rows of many groups need little memory.
fn renumbered(rows: &[(f64, u32)]) -> Vec<u32> {
    let mut keys: Vec<u32> = rows.iter().map(|row| row.1).collect();
    keys.sort_unstable();
    keys.dedup();
    rows.iter().map(|row| keys.partition_point(|&key| key < row.1) as u32).collect()
}

/// The normalised likelihood ratio of an exponential law against a normal one truncated at 0, for logarithms of excesses.
fn vuong(excesses: &[f64]) -> f64 {
    let count = excesses.len() as f64;
    let mean = excesses.iter().sum::<f64>() / count;
    let deviation = (excesses.iter().map(|excess| (excess - mean).powi(2)).sum::<f64>() / count).sqrt();
    let normal = Normal::standard();
    let likelihood = |centre: f64, scale: f64| {
        let above = normal.sf(-centre / scale).max(f64::MIN_POSITIVE).ln();
        let constant = -0.5 * (2.0 * std::f64::consts::PI).ln() - scale.ln() - above;
        excesses.iter().map(move |excess| constant - 0.5 * ((excess - centre) / scale).powi(2))
    };
    let cost = |point: [f64; 2]| -likelihood(point[0], point[1].exp()).sum::<f64>();
    // The mean of the excesses bounds how far below 0 the centre is worth looking for.
    let [centre, scale] = minimum(cost, [mean, deviation.max(1e-12).ln()], deviation.max(1e-12), -30.0 * mean);
    let ratios: Vec<f64> = excesses
        .iter()
        .zip(likelihood(centre, scale.exp()))
        .map(|(excess, other)| -mean.ln() - excess / mean - other)
        .collect();
    let ratio = ratios.iter().sum::<f64>() / count;
    let spread = (ratios.iter().map(|one| (one - ratio).powi(2)).sum::<f64>() / count).sqrt();
    if spread > 0.0 { ratio * count.sqrt() / spread } else { 0.0 }
}

/// The least value of a function of a centre and a logarithm of a scale, by Nelder and Mead's simplex (1965).
fn minimum(cost: impl Fn([f64; 2]) -> f64, start: [f64; 2], step: f64, least_centre: f64) -> [f64; 2] {
    let bounded = |point: [f64; 2]| {
        if point[0] < least_centre || point[1].abs() > 50.0 { f64::INFINITY } else { cost(point) }
    };
    let corners = [start, [start[0] - step, start[1]], [start[0], start[1] + 0.5]];
    let mut simplex = corners.map(|point| (bounded(point), point));
    for _ in 0..200 {
        simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
        let [best, middle, worst] = simplex;
        if (worst.0 - best.0).abs() <= 1e-10 * (1.0 + best.0.abs()) {
            break;
        }
        let centre = [0, 1].map(|axis| (best.1[axis] + middle.1[axis]) / 2.0);
        let along = |by: f64| {
            let point = [0, 1].map(|axis| centre[axis] + by * (worst.1[axis] - centre[axis]));
            (bounded(point), point)
        };
        let reflected = along(-1.0);
        simplex[2] = if reflected.0 < best.0 {
            let expanded = along(-2.0);
            if expanded.0 < reflected.0 { expanded } else { reflected }
        } else if reflected.0 < middle.0 {
            reflected
        } else {
            let contracted = along(if reflected.0 < worst.0 { -0.5 } else { 0.5 });
            if contracted.0 < worst.0.min(reflected.0) {
                contracted
            } else {
                let shrunk = |corner: (f64, [f64; 2])| {
                    let point = [0, 1].map(|axis| (corner.1[axis] + best.1[axis]) / 2.0);
                    (bounded(point), point)
                };
                simplex[1] = shrunk(middle);
                shrunk(worst)
            }
        };
    }
    simplex.sort_by(|a, b| a.0.total_cmp(&b.0));
    simplex[0].1
}

impl Tail {
    /// The estimates at the largest k, which have the smallest errors.
    ///
    /// # Panics
    /// Never: there is a point.
    pub fn widest(&self) -> &TailPoint {
        self.points.last().expect("a tail has a point")
    }

    /// Least and greatest of both estimates over the largest 1 to 5 %, of 50 values at least: fewer tell the moment estimator
    /// next to nothing. Bounded tails by the moment estimator do not count.
    pub fn range(&self) -> (f64, f64) {
        let half = &self.points[..self.points.len().div_ceil(2)];
        let from = half.partition_point(|point| point.k < STEADY_K);
        let steady = if from < half.len() { &half[from..] } else { std::slice::from_ref(self.widest()) };
        let all = steady.iter().flat_map(|point| [point.hill, point.moment]).filter(|index| index.is_finite());
        all.fold((f64::INFINITY, 0.0), |(low, high), index| (low.min(index), high.max(index)))
    }

    /// Whether a moment of this order is in doubt: by Hill the index is below it beyond chance (the upper end of its 95 %
    /// interval), and the moment estimator, which a log-normal body fools less, agrees. At the largest k.
    ///
    /// Tuned on synthetic draws alone (n = 500 to 10,000): log-normal with σ = 1 hardly ever puts the second moment in
    /// doubt, Pareto with index 1.5 nearly always does.
    pub fn moment_in_doubt(&self, order: f64) -> bool {
        let point = self.widest();
        point.hill_high() < order && point.moment < order
    }

    /// Whether the tail is one of a log-normal as well as of a Pareto law, or better.
    pub fn log_normal_possible(&self) -> bool {
        self.against_log_normal < 1.644_853_626_951_472
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, LogNormal, Pareto};

    use super::*;

    fn draws(law: impl Distribution<f64>, count: usize, seed: u64) -> Vec<f64> {
        law.sample_iter(ChaCha8Rng::seed_from_u64(seed)).take(count).collect()
    }

    fn rate(law: impl Distribution<f64> + Copy, count: usize, order: f64) -> f64 {
        let groups: Vec<u32> = (0..count as u32).collect();
        let fired = (0..200).filter(|&seed| tail(&draws(law, count, seed), &groups).unwrap().moment_in_doubt(order));
        fired.count() as f64 / 200.0
    }

    #[test]
    fn hill_and_moment_are_their_formulas() {
        let values: Vec<f64> = (1..=1000).map(|rank| (1000.0 / f64::from(rank)).powf(0.5)).collect();
        let tail = tail(&values, &(0..1000).collect::<Vec<_>>()).unwrap();
        let point = tail.widest();
        assert_eq!(point.k, 100);
        // Plain sums in place of the sorted pass.
        let logs: Vec<f64> = (1..=100).map(|rank| 0.5 * (101.0 / f64::from(rank)).ln()).collect();
        let first = logs.iter().sum::<f64>() / 100.0;
        let second = logs.iter().map(|log| log * log).sum::<f64>() / 100.0;
        assert_relative_eq!(point.hill, 1.0 / first, max_relative = 1e-12);
        let gamma = first + 1.0 - 0.5 / (1.0 - first * first / second);
        assert_relative_eq!(point.moment, 1.0 / gamma, max_relative = 1e-12);
        assert_relative_eq!(point.hill_error, point.hill / 10.0, max_relative = 0.02);
    }

    #[test]
    fn a_log_normal_raises_no_alarm_and_a_pareto_does() {
        for count in [500, 2000, 10_000] {
            assert!(rate(LogNormal::new(0.0, 1.0).unwrap(), count, 2.0) <= 0.05, "{count}");
            assert!(rate(Pareto::new(1.0, 3.0).unwrap(), count, 2.0) <= 0.02, "{count}");
        }
        assert!(rate(Pareto::new(1.0, 1.5).unwrap(), 2000, 2.0) >= 0.9);
        assert!(rate(Pareto::new(1.0, 2.5).unwrap(), 2000, 4.0) >= 0.9);
    }

    #[test]
    fn the_likelihood_ratio_tells_the_laws_apart() {
        let groups: Vec<u32> = (0..5000).collect();
        let ratio = |values: &[f64]| tail(values, &groups).unwrap().against_log_normal;
        let count =
            |one: &dyn Fn(u64) -> f64, wanted: fn(f64) -> bool| (0..50).filter(|&seed| wanted(one(seed))).count();
        let log_normal = |seed| ratio(&draws(LogNormal::new(0.0, 1.0).unwrap(), 5000, seed));
        assert!(count(&log_normal, |ratio| ratio < 0.0) >= 45);
        let pareto = |seed| ratio(&draws(Pareto::new(1.0, 1.5).unwrap(), 5000, seed));
        assert!(count(&pareto, |ratio| ratio > -1.65) >= 45);
    }

    #[test]
    fn repeated_rows_widen_the_interval() {
        let once = draws(Pareto::new(1.0, 1.5).unwrap(), 2000, 1);
        let twice: Vec<f64> = once.iter().flat_map(|&value| [value; 4]).collect();
        let groups: Vec<u32> = (0..8000).map(|row| row / 4).collect();
        let (one, four) = (
            tail(&once, &groups[..2000].iter().map(|&g| g * 4).zip(0..).map(|(_, r)| r).collect::<Vec<u32>>()),
            tail(&twice, &groups),
        );
        let (one, four) = (*one.unwrap().widest(), *four.unwrap().widest());
        assert_relative_eq!(one.hill_error, four.hill_error, max_relative = 0.1);
    }

    #[test]
    fn a_largest_tenth_that_is_alike_is_no_heavy_tail() {
        let values: Vec<f64> = (0..1000).map(|row| if row % 10 == 0 { 2.7 } else { 1.1 }).collect();
        let tail = tail(&values, &(0..1000).collect::<Vec<_>>()).unwrap();
        assert_eq!(tail.widest().moment, f64::INFINITY);
        assert!(tail.widest().hill_high() < 2.0 && !tail.moment_in_doubt(2.0));
    }

    #[test]
    fn too_few_values_say_nothing() {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let few: Vec<f64> = (0..99).map(|_| rng.random()).collect();
        assert!(tail(&few, &(0..99).collect::<Vec<_>>()).is_none());
        assert!(tail(&[3.0; 500], &(0..500).collect::<Vec<_>>()).is_none());
    }
}
