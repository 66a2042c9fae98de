//! Whether there are more zeros than a negative binomial law around the means expects.

use statrs::distribution::{ContinuousCDF, StudentsT};

use super::{
    estimate::Estimate,
    negative_binomial::{
        dispersion_information, dispersion_score, likeliest_dispersion, probability_of_zero, probability_of_zero_slope,
    },
    sampling::Sampling,
};

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
/// spread alone would look like an excess. The dispersion is fitted on the same counts, takes some of the zeros for its own
/// and so steadies the excess: the error is that of excess and dispersion together.
///
/// # Panics
/// If the slices differ in length, are empty, or a mean is not above 0.
#[track_caller]
pub fn zeros<'a>(counts: &[f64], means: &[f64], rows: impl Into<Sampling<'a>>) -> Zeros {
    let rows = rows.into();
    assert!(!counts.is_empty() && counts.len() == rows.rows(), "zeros: lengths");
    let dispersion = likeliest_dispersion(counts, means, rows);
    let expected = |dispersion: f64| means.iter().map(move |&mean| probability_of_zero(mean, dispersion));
    let observed = rows.mean(counts.iter().map(|&count| f64::from(u8::from(count == 0.0))));
    let differences: Vec<f64> =
        counts.iter().zip(expected(dispersion)).map(|(&count, p)| f64::from(u8::from(count == 0.0)) - p).collect();
    let excess = rows.mean(differences.iter().copied());
    // How the excess moves with the dispersion, for each unit of the dispersion's score.
    let pull = dispersion_information(counts, means, rows, dispersion).map_or(0.0, |information| {
        let slopes = means.iter().map(|&mean| probability_of_zero_slope(mean, dispersion));
        -rows.sum(slopes) / information
    });
    let moves = counts.iter().zip(means).zip(&differences).map(|((&count, &mean), difference)| {
        let score = if pull == 0.0 { 0.0 } else { dispersion_score(count, mean, dispersion) };
        difference - excess + pull * score
    });
    let error = rows.standard_error_of_sum(moves) / rows.total();
    Zeros {
        observed,
        poisson: rows.mean(expected(0.0)),
        negative_binomial: rows.mean(expected(dispersion)),
        dispersion,
        excess: rows.estimate(excess, error),
        p: above(excess / error, rows.count_groups()),
    }
}

/// The chance that Student's t with one degree of freedom less than there are groups is above a value; 1 where there is no
/// telling.
fn above(t: f64, groups: usize) -> f64 {
    if t.is_nan() || groups < 2 {
        return 1.0;
    }
    StudentsT::new(0.0, 1.0, (groups - 1) as f64).map_or(1.0, |law| law.sf(t))
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
