//! How the variance grows with the mean: which deviance is efficient.

use super::{estimate::Estimate, sampling::Sampling};

/// The power λ of Var y ∝ μ^λ, by a Gamma regression with log link of the squared residual on ln μ: the modified Park test
/// (Manning & Mullahy 2001, "Estimating log models: to transform or not to transform?", section 4), with a cluster-robust
/// error. 0 speaks for squared error, 1 for Poisson, 2 for Gamma, 3 for an inverse Gaussian deviance.
///
/// Nothing where the means hardly vary, or too few residuals differ from 0 to tell.
///
/// # Panics
/// If the slices differ in length, or a mean is not above 0.
#[track_caller]
pub fn variance_power<'a>(values: &[f64], means: &[f64], rows: impl Into<Sampling<'a>>) -> Option<Estimate> {
    let rows = rows.into();
    assert!(values.len() == means.len() && values.len() == rows.rows(), "variance_power: lengths");
    assert!(means.iter().all(|&mean| mean > 0.0), "variance_power: a mean is not above 0");
    let logs: Vec<f64> = means.iter().map(|mean| mean.ln()).collect();
    let count = rows.total();
    let centre = rows.mean(logs.iter().copied());
    let spread = rows.sum(logs.iter().map(|log| (log - centre).powi(2)));
    let squares: Vec<f64> = values.iter().zip(means).map(|(y, mean)| (y - mean).powi(2)).collect();
    let size = rows.mean(squares.iter().copied());
    if spread <= 1e-6 * count || !(size > 0.0 && size.is_finite()) {
        return None;
    }
    let ratio = |at: [f64; 2], row: usize| squares[row] / (at[0] + at[1] * (logs[row] - centre)).exp();
    // The negative logarithm of the likelihood is convex: Newton's steps, halved until it falls, lead down.
    let cost = |at: [f64; 2]| rows.sum((0..logs.len()).map(|row| at[0] + ratio(at, row)));
    let bend = |at: [f64; 2]| {
        (0..logs.len()).fold([0.0; 3], |sum, row| {
            let (x, ratio) = (logs[row] - centre, rows.weight(row) * ratio(at, row));
            [sum[0] + ratio, sum[1] + ratio * x, sum[2] + ratio * x * x]
        })
    };
    let mut found = [size.ln(), 0.0];
    let mut least = cost(found);
    let mut settled = false;
    for _ in 0..100 {
        let mut slope = [0.0; 2];
        for (row, log) in logs.iter().enumerate() {
            let score = rows.weight(row) * (ratio(found, row) - 1.0);
            slope[0] += score;
            slope[1] += score * (log - centre);
        }
        let bend = bend(found);
        settled = slope[0].abs() < 1e-9 * count && slope[1].abs() < 1e-9 * (count * spread).sqrt();
        let determinant = bend[0] * bend[2] - bend[1] * bend[1];
        if settled || determinant.is_nan() || determinant <= 1e-12 * bend[0] * bend[2] {
            break;
        }
        let step = [
            (bend[2] * slope[0] - bend[1] * slope[1]) / determinant,
            (bend[0] * slope[1] - bend[1] * slope[0]) / determinant,
        ];
        let shorter = |halvings: i32| [0, 1].map(|axis| found[axis] + step[axis] * 0.5f64.powi(halvings));
        let Some(next) = (0..40).map(shorter).find(|&next| cost(next) < least) else {
            // Rounding hides what is left to gain.
            settled = step[0].abs() + step[1].abs() < 1e-6;
            break;
        };
        (found, least) = (next, cost(next));
    }
    if !settled {
        return None;
    }
    let power = found[1];
    // The observed information: with few large residuals it is far from the expected one.
    let bend = bend(found);
    let determinant = bend[0] * bend[2] - bend[1] * bend[1];
    let scores =
        (0..logs.len()).map(|row| (ratio(found, row) - 1.0) * (bend[0] * (logs[row] - centre) - bend[1]) / determinant);
    Some(rows.estimate(power, rows.standard_error_of_sum(scores)))
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
