//! Whether counts scatter more than a Poisson law.

use super::{estimate::Estimate, sampling::Sampling};

/// The dispersion α of Var y = μ + α μ² by the auxiliary regression of ((y − μ)² − y)/μ on μ without a constant (Cameron &
/// Trivedi 1990, "Regression-based tests for overdispersion in the Poisson model", eq. 3.4), with a cluster-robust error.
///
/// 0 is a Poisson law; [`Estimate::t`] is the test's statistic.
///
/// # Panics
/// If the slices differ in length, are empty, or a mean is not above 0.
#[track_caller]
pub fn dispersion<'a>(counts: &[f64], means: &[f64], rows: impl Into<Sampling<'a>>) -> Estimate {
    let rows = rows.into();
    assert!(!counts.is_empty() && counts.len() == means.len() && counts.len() == rows.rows(), "dispersion: lengths");
    assert!(means.iter().all(|&mean| mean > 0.0), "dispersion: a mean is not above 0");
    let response = |(y, mean): (&f64, &f64)| ((y - mean).powi(2) - y) / mean;
    let squares = rows.sum(means.iter().map(|mean| mean * mean));
    let value = rows.sum(counts.iter().zip(means).map(|pair| response(pair) * pair.1)) / squares;
    let scores = counts.iter().zip(means).map(|pair| (response(pair) - value * pair.1) * pair.1);
    rows.estimate(value, rows.standard_error_of_sum(scores) / squares)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    /// Counts with the given dispersion, their means, and rows in groups of one.
    fn draw(alpha: f64, count: usize, seed: u64) -> (Vec<f64>, Vec<f64>, Vec<u32>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let means: Vec<f64> = (0..count).map(|_| (1.5 * rng.random::<f64>()).exp()).collect();
        let mixed = |mean: f64, rng: &mut ChaCha8Rng| match alpha {
            0.0 => mean,
            alpha => mean * Gamma::new(1.0 / alpha, alpha).unwrap().sample(rng),
        };
        let counts = means.iter().map(|&mean| {
            let rate = mixed(mean, &mut rng).max(1e-12);
            Poisson::new(rate).unwrap().sample(&mut rng)
        });
        (counts.collect(), means, (0..count as u32).collect())
    }

    #[test]
    fn poisson_counts_raise_no_alarm_and_spread_ones_do() {
        let rate = |alpha, count| {
            let fired = (0..200).filter(|&seed| {
                let (y, mean, groups) = draw(alpha, count, seed);
                dispersion(&y, &mean, &groups).t() > 3.0
            });
            fired.count() as f64 / 200.0
        };
        assert!(rate(0.0, 500) <= 0.02 && rate(0.0, 2000) <= 0.02);
        assert!(rate(0.3, 2000) >= 0.9);
    }

    #[test]
    fn the_estimate_is_the_dispersion() {
        let (y, mean, groups) = draw(0.5, 20_000, 3);
        let found = dispersion(&y, &mean, &groups);
        assert!(found.holds(0.5), "{found:?}");
    }
}
