//! Two forecasts by every consistent score at once.

use super::{estimate::mean_by_groups, isotonic::Target, sampling::Sampling};

/// The elementary score at θ (Ehm, Gneiting, Jordan, Krüger 2016, eqs. 5 and 12): every consistent score of the mean, of the
/// quantile or of the expectile is a mixture of these. Where θ lies between prediction and truth it is 1 − α or α, as the
/// prediction is too high or too low (quantile), that times |y − θ| (expectile), or half of |y − θ| (mean); else 0.
pub fn elementary_score(truth: f64, prediction: f64, theta: f64, target: Target) -> f64 {
    if !(prediction.min(truth) <= theta && theta < prediction.max(truth)) {
        return 0.0;
    }
    let side = |level: f64| if truth < prediction { 1.0 - level } else { level };
    match target {
        Target::Mean => 0.5 * (truth - theta).abs(),
        Target::Quantile(level) => side(level),
        Target::Expectile(level) => side(level) * (truth - theta).abs(),
    }
}

/// At each of about `count` thresholds (quantiles of all predictions): θ, the mean difference of the elementary scores of
/// `predictions` and `others`, and its pointwise 95 % interval by group. Below 0 `predictions` are better.
///
/// # Panics
/// If the slices differ in length or are empty.
#[track_caller]
pub fn murphy_difference<'a>(
    truth: &[f64],
    predictions: &[f64],
    others: &[f64],
    rows: impl Into<Sampling<'a>>,
    target: Target,
    count: usize,
) -> Vec<[f64; 4]> {
    let rows = rows.into();
    assert!(truth.len() == predictions.len() && truth.len() == others.len(), "murphy_difference: lengths");
    let mut all: Vec<f64> = predictions.iter().chain(others).copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let last = all.len() - 1;
    let mut thresholds: Vec<f64> = (0..count).map(|step| all[last * (2 * step + 1) / (2 * count)]).collect();
    thresholds.dedup();
    let at = |theta: f64| {
        let difference = |((&y, &one), &other): ((&f64, &f64), &f64)| {
            elementary_score(y, one, theta, target) - elementary_score(y, other, theta, target)
        };
        let differences: Vec<f64> = truth.iter().zip(predictions).zip(others).map(difference).collect();
        let found = mean_by_groups(&differences, rows);
        [theta, found.value, found.low, found.high]
    };
    thresholds.into_iter().map(at).collect()
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// ∫ of the elementary scores over θ is half the squared error (mean), and the pinball loss (quantile).
    #[test]
    fn mixtures_of_elementary_scores_are_the_usual_scores() {
        for (truth, prediction) in [(3.0, 1.0), (-1.0, 2.5), (2.0, 2.0)] {
            let integral = |target| {
                let step = 1e-4;
                (0..100_000)
                    .map(|i| elementary_score(truth, prediction, -5.0 + step * f64::from(i), target) * step)
                    .sum::<f64>()
            };
            let error: f64 = truth - prediction;
            assert_relative_eq!(integral(Target::Mean), error * error / 4.0, epsilon = 1e-3);
            let pinball = error * (0.9 - f64::from(u8::from(error < 0.0)));
            assert_relative_eq!(integral(Target::Quantile(0.9)), pinball, epsilon = 1e-3);
        }
    }

    #[test]
    fn the_better_forecast_is_below_zero() {
        let truth: Vec<f64> = (0..400).map(|row| f64::from(row % 20)).collect();
        let good = truth.clone();
        let poor = vec![9.5; 400];
        let curve = murphy_difference(&truth, &good, &poor, &(0..400).collect::<Vec<_>>(), Target::Mean, 30);
        assert!(
            curve.len() > 5 && curve.iter().all(|point| point[1] <= 0.0) && curve.iter().any(|point| point[3] < 0.0)
        );
    }
}
