//! Whether there are more zeros than a negative binomial law around the means expects.

use statrs::distribution::{ContinuousCDF, Normal};

use super::estimate::{Estimate, count_groups, standard_error_of_sum};
use super::negative_binomial::{dispersion_by_likelihood, probability_of_zero};

/// Zeros that came, beside those expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Zeros {
    /// Share of the counts that are 0.
    pub observed: f64,
    /// As a Poisson law expects.
    pub poisson: f64,
    /// As a negative binomial law expects.
    pub negative_binomial: f64,
    /// Its dispersion.
    pub dispersion: f64,
    /// Observed less expected by the negative binomial law, with its cluster-robust interval.
    pub excess: Estimate,
    /// The chance of as many zeros under the negative binomial law, or more.
    pub p: f64,
}

/// The excess of zeros: the statistic of He, Zhang, Ye, Tang 2019 ("A test of inflated zeros for Poisson regression models",
/// eq. 4), Σ (1{y = 0} − p₀(μ)), with the zeros that a **negative binomial** law expects in place of Poisson's, whose
/// spread alone would look like an excess. The dispersion is fitted on the same counts and takes some of the zeros for its
/// own: the test errs on the side of silence.
///
/// # Panics
/// If the slices differ in length, are empty, or a mean is not above 0.
#[track_caller]
pub fn zeros(counts: &[f64], means: &[f64], groups: &[u32]) -> Zeros {
    assert!(!counts.is_empty() && counts.len() == groups.len(), "zeros: lengths");
    let dispersion = dispersion_by_likelihood(counts, means);
    let rows = counts.len() as f64;
    let expected = |dispersion: f64| means.iter().map(move |&mean| probability_of_zero(mean, dispersion));
    let observed = counts.iter().filter(|&&count| count == 0.0).count() as f64 / rows;
    let differences: Vec<f64> =
        counts.iter().zip(expected(dispersion)).map(|(&count, p)| f64::from(u8::from(count == 0.0)) - p).collect();
    let excess = differences.iter().sum::<f64>() / rows;
    let error = standard_error_of_sum(differences.iter().map(|difference| difference - excess), groups) / rows;
    Zeros {
        observed,
        poisson: expected(0.0).sum::<f64>() / rows,
        negative_binomial: expected(dispersion).sum::<f64>() / rows,
        dispersion,
        excess: Estimate::by_groups(excess, error, count_groups(groups)),
        p: if error > 0.0 { Normal::standard().sf(excess / error) } else { 1.0 },
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Gamma, Poisson};

    use super::*;

    fn rate(inflation: f64, dispersion: f64) -> f64 {
        let fired = (0..100).filter(|&seed| {
            let mut rng = ChaCha8Rng::seed_from_u64(seed);
            let means: Vec<f64> = (0..2000).map(|_| 2.0 * (rng.random::<f64>()).exp()).collect();
            let law = Gamma::new(1.0 / dispersion, dispersion).unwrap();
            let draw = |mean: &f64| {
                let rate = (mean / (1.0 - inflation) * law.sample(&mut rng)).max(1e-12);
                let count: f64 = Poisson::new(rate).unwrap().sample(&mut rng);
                if rng.random::<f64>() < inflation { 0.0 } else { count }
            };
            let counts: Vec<f64> = means.iter().map(draw).collect();
            zeros(&counts, &means, &(0..2000).collect::<Vec<_>>()).p < 0.01
        });
        fired.count() as f64 / 100.0
    }

    #[test]
    fn spread_alone_is_no_inflation() {
        assert!(rate(0.0, 0.5) <= 0.03);
        // Many zeros, all of them the spread's.
        assert!(rate(0.0, 3.0) <= 0.03);
        assert!(rate(0.3, 0.3) >= 0.9);
    }
}
