//! How the variance grows with the mean: which deviance is efficient.

use super::estimate::{Estimate, count_groups, group_sums};

/// The power λ of Var y ∝ μ^λ, by a Gamma regression with log link of the squared residual on ln μ: the modified Park test
/// (Manning & Mullahy 2001, "Estimating log models: to transform or not to transform?", section 4), with a cluster-robust
/// error. 0 speaks for squared error, 1 for Poisson, 2 for Gamma, 3 for an inverse Gaussian deviance.
///
/// Nothing where the means hardly vary, or all residuals are 0.
///
/// # Panics
/// If the slices differ in length, or a mean is not above 0.
#[track_caller]
pub fn variance_power(values: &[f64], means: &[f64], groups: &[u32]) -> Option<Estimate> {
    assert!(values.len() == means.len() && values.len() == groups.len(), "variance_power: lengths");
    assert!(means.iter().all(|&mean| mean > 0.0), "variance_power: a mean is not above 0");
    let logs: Vec<f64> = means.iter().map(|mean| mean.ln()).collect();
    let count = logs.len() as f64;
    let centre = logs.iter().sum::<f64>() / count;
    let spread: f64 = logs.iter().map(|log| (log - centre).powi(2)).sum();
    let squares: Vec<f64> = values.iter().zip(means).map(|(y, mean)| (y - mean).powi(2)).collect();
    let size = squares.iter().sum::<f64>() / count;
    if spread <= 1e-6 * count || !(size > 0.0 && size.is_finite()) {
        return None;
    }
    // Iteratively reweighted least squares; with a log link the weights of a Gamma law are 1.
    let (mut constant, mut power) = (size.ln(), 0.0);
    let ratio = |constant: f64, power: f64, row: usize| squares[row] / (constant + power * (logs[row] - centre)).exp();
    for _ in 0..200 {
        let (mut first, mut second) = (0.0, 0.0);
        for (row, log) in logs.iter().enumerate() {
            let score = ratio(constant, power, row) - 1.0;
            first += score;
            second += score * (log - centre);
        }
        // Steps of at most 1: residuals of 0 make the first ones long.
        let step = [(first / count).clamp(-1.0, 1.0), (second / spread).clamp(-1.0, 1.0)];
        constant += step[0];
        power += step[1];
        if step[0].abs() + step[1].abs() < 1e-10 {
            break;
        }
    }
    let scores = (0..logs.len()).map(|row| [(ratio(constant, power, row) - 1.0) * (logs[row] - centre)]);
    let meat: f64 = group_sums(scores, groups).iter().map(|[sum]| sum * sum).sum();
    let number = count_groups(groups);
    let factor = number as f64 / (number as f64 - 1.0);
    Some(Estimate::by_groups(power, (meat * factor).sqrt() / spread, number))
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, Gamma};

    use super::*;

    /// Gamma values whose variance is 0.3 μ^power.
    fn draw(power: f64, count: usize, seed: u64) -> (Vec<f64>, Vec<f64>) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let means: Vec<f64> = (0..count).map(|_| (3.0 * rng.random::<f64>()).exp()).collect();
        let draw = |mean: &f64| {
            let scale = 0.3 * mean.powf(power - 1.0);
            Gamma::new(mean / scale, scale).unwrap().sample(&mut rng)
        };
        (means.iter().map(draw).collect(), means)
    }

    #[test]
    fn the_interval_covers_the_power() {
        for power in [0.0, 1.0, 2.0] {
            let groups: Vec<u32> = (0..2000).collect();
            let covered = (0..200).filter(|&seed| {
                let (y, means) = draw(power, 2000, seed);
                variance_power(&y, &means, &groups).unwrap().holds(power)
            });
            let covered = covered.count();
            assert!(covered >= 180, "{power}: {covered} of 200");
        }
    }

    #[test]
    fn constant_means_say_nothing() {
        assert!(variance_power(&[1.0, 2.0, 3.0], &[2.0; 3], &[0, 1, 2]).is_none());
        assert!(variance_power(&[1.0, 2.0], &[1.0, 2.0], &[0, 1]).is_none());
    }
}
