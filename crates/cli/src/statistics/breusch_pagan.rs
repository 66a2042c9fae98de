//! Whether the spread of the residuals changes with something.

use super::estimate::{Estimate, count_groups, standard_error_of_sum};

/// The slope of squared residuals, over their mean, on a standardised variable: 0 where the spread does not change with it.
///
/// The studentised form of Breusch and Pagan's test (Koenker 1981, "A note on studentizing a test for heteroscedasticity")
/// as a regression with a cluster-robust error: [`Estimate::t`] is its statistic. Nothing where one of the two is constant.
///
/// # Panics
/// If the slices differ in length.
#[track_caller]
pub fn breusch_pagan(residuals: &[f64], variable: &[f64], groups: &[u32]) -> Option<Estimate> {
    assert!(residuals.len() == variable.len() && residuals.len() == groups.len(), "breusch_pagan: lengths");
    let count = residuals.len() as f64;
    let mean = variable.iter().sum::<f64>() / count;
    let deviation = (variable.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
    let size = residuals.iter().map(|residual| residual * residual).sum::<f64>() / count;
    if !(deviation > 1e-12 * mean.abs() && size > 0.0 && size.is_finite()) {
        return None;
    }
    let pairs = || residuals.iter().zip(variable).map(|(r, x)| (r * r / size - 1.0, (x - mean) / deviation));
    let slope = pairs().map(|(square, x)| square * x).sum::<f64>() / count;
    let error = standard_error_of_sum(pairs().map(|(square, x)| (square - slope * x) * x), groups) / count;
    Some(Estimate::by_groups(slope, error, count_groups(groups)))
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::ChaCha8Rng};
    use rand_distr::{Distribution, StandardNormal};

    use super::*;

    fn rate(slope: f64) -> f64 {
        let fired = (0..200).filter(|&seed| {
            let mut normal = StandardNormal.sample_iter(ChaCha8Rng::seed_from_u64(seed));
            let x: Vec<f64> = normal.by_ref().take(1000).collect();
            let y: Vec<f64> = x.iter().zip(normal).map(|(x, e): (&f64, f64)| e * (slope * x).exp()).collect();
            breusch_pagan(&y, &x, &(0..1000).collect::<Vec<_>>()).unwrap().t().abs() > 2.6
        });
        fired.count() as f64 / 200.0
    }

    #[test]
    fn an_even_spread_raises_no_alarm_and_a_growing_one_does() {
        assert!(rate(0.0) <= 0.05);
        assert!(rate(0.3) >= 0.9);
    }
}
