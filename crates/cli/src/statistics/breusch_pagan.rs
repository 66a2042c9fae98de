//! Whether the spread of the residuals changes with something.

use super::{estimate::Estimate, sampling::Sampling};

/// The slope of squared residuals, over their mean, on a standardised variable: 0 where the spread does not change with it.
///
/// The studentised form of Breusch and Pagan's test (Koenker 1981, "A note on studentizing a test for heteroscedasticity")
/// as a regression with a cluster-robust error: [`Estimate::t`] is its statistic. Nothing where one of the two is constant.
///
/// # Panics
/// If the slices differ in length.
#[track_caller]
pub fn breusch_pagan<'a>(residuals: &[f64], variable: &[f64], rows: impl Into<Sampling<'a>>) -> Option<Estimate> {
    let rows = rows.into();
    assert!(residuals.len() == variable.len() && residuals.len() == rows.rows(), "breusch_pagan: lengths");
    let mean = rows.mean(variable.iter().copied());
    let deviation = rows.mean(variable.iter().map(|x| (x - mean).powi(2))).sqrt();
    let size = rows.mean(residuals.iter().map(|residual| residual * residual));
    if !(deviation > 1e-12 * mean.abs() && size > 0.0 && size.is_finite()) {
        return None;
    }
    let pairs = || residuals.iter().zip(variable).map(|(r, x)| (r * r / size - 1.0, (x - mean) / deviation));
    let slope = rows.mean(pairs().map(|(square, x)| square * x));
    let error = rows.standard_error_of_sum(pairs().map(|(square, x)| (square - slope * x) * x)) / rows.total();
    Some(rows.estimate(slope, error))
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
