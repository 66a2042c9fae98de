//! One constant, on the scale of the link, so that predictions are the functional in question on average.

use crate::advice::{compare::score::mean, purpose::Functional};

/// How a constant joins a prediction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstantScale {
    /// Predictions plus the constant.
    Plus,
    /// Predictions times the constant.
    Times,
}

impl ConstantScale {
    /// A prediction with the constant.
    pub fn apply(self, prediction: f64, constant: f64) -> f64 {
        match self {
            Self::Plus => prediction + constant,
            Self::Times => prediction * constant,
        }
    }

    /// The constant that makes the prediction this number.
    fn towards(self, prediction: f64, number: f64) -> f64 {
        match self {
            Self::Plus => number - prediction,
            Self::Times => number / prediction,
        }
    }
}

/// True over predicted total: none where the predictions do not add up to something of the truth's sign.
pub(super) fn ratio(prediction: &[f64], target: &[f64], weight: Option<&[f64]>) -> Option<f64> {
    let ratio = mean(target, weight) / mean(prediction, weight);
    (ratio > 0.0 && ratio.is_finite()).then_some(ratio)
}

/// The constant with which predictions are the functional on average: the one where its identification function has mean 0.
/// None for functionals of no single number, or where no constant does it.
pub(super) fn constant(
    functional: Functional,
    scale: ConstantScale,
    prediction: &[f64],
    target: &[f64],
    weight: Option<&[f64]>,
) -> Option<f64> {
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    if matches!(scale, ConstantScale::Times) && prediction.iter().any(|&prediction| prediction <= 0.0) {
        return None;
    }
    let towards = || prediction.iter().zip(target).map(|(&prediction, &y)| scale.towards(prediction, y));
    let found = match functional {
        Functional::Mean => match scale {
            ConstantScale::Times => return ratio(prediction, target, weight),
            ConstantScale::Plus => mean(target, weight) - mean(prediction, weight),
        },
        // With one constant, a quantile's sign condition is that of the quantile of y − x or y / x.
        Functional::Median => weighted_quantile(towards().enumerate().map(|(row, at)| (at, own(row))).collect(), 0.5),
        Functional::Quantile(level) => {
            weighted_quantile(towards().enumerate().map(|(row, at)| (at, own(row))).collect(), level)
        }
        Functional::MedianByInverse => {
            let by_inverse = towards().enumerate().map(|(row, at)| (at, own(row) / target[row].abs()));
            weighted_quantile(by_inverse.collect(), 0.5)
        }
        Functional::Expectile(level) => root(scale, prediction, target, |at| {
            let of_row = |row: usize| {
                let error = target[row] - scale.apply(prediction[row], at);
                own(row) * if error >= 0.0 { level * error } else { (1.0 - level) * error }
            };
            (0..target.len()).map(of_row).sum()
        })?,
        Functional::LogMean => root(scale, prediction, target, |at| {
            let of_row = |row: usize| {
                let predicted = scale.apply(prediction[row], at).max(-1.0 + 1e-9);
                own(row) * (target[row].ln_1p() - predicted.ln_1p())
            };
            (0..target.len()).map(of_row).sum()
        })?,
        Functional::Probability | Functional::Mode | Functional::Order | Functional::Interval(_) | Functional::Law => {
            return None;
        }
    };
    found.is_finite().then_some(found)
}

/// The smallest value with at least this share of the weight at or below it.
pub(super) fn weighted_quantile(mut values: Vec<(f64, f64)>, level: f64) -> f64 {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let all: f64 = values.iter().map(|(_, weight)| weight).sum();
    let mut below = 0.0;
    for &(value, weight) in &values {
        below += weight;
        // Sums of equal weights must not miss the level by their rounding.
        if below >= level * all * (1.0 - 1e-12) {
            return value;
        }
    }
    values.last().map_or(f64::NAN, |(value, _)| *value)
}

/// Where a falling function of the constant is 0, between the least and the greatest constant that a row asks for.
fn root(scale: ConstantScale, prediction: &[f64], target: &[f64], falling: impl Fn(f64) -> f64) -> Option<f64> {
    let wanted = prediction.iter().zip(target).map(|(&prediction, &y)| scale.towards(prediction, y));
    let (mut low, mut high) =
        wanted.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)));
    if !(low.is_finite() && high.is_finite()) {
        return None;
    }
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        let end = if falling(middle) > 0.0 { &mut low } else { &mut high };
        *end = middle;
    }
    Some(0.5 * (low + high))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    const TARGET: [f64; 5] = [1.0, 2.0, 4.0, 8.0, 16.0];
    const PREDICTION: [f64; 5] = [1.0, 1.0, 2.0, 2.0, 4.0];

    #[test]
    fn totals_and_levels_are_right_afterwards() {
        let times = ratio(&PREDICTION, &TARGET, None).unwrap();
        assert_relative_eq!(times, 3.1);
        // y / x = 1, 2, 2, 4, 4.
        let at =
            |level| constant(Functional::Quantile(level), ConstantScale::Times, &PREDICTION, &TARGET, None).unwrap();
        assert_relative_eq!(at(0.2), 1.0);
        assert_relative_eq!(at(0.5), 2.0);
        assert_relative_eq!(at(0.9), 4.0);
        // y − x = 0, 1, 2, 6, 12; weights make the last one half.
        let weight = [1.0, 1.0, 1.0, 1.0, 4.0];
        let median = constant(Functional::Median, ConstantScale::Plus, &PREDICTION, &TARGET, Some(&weight)).unwrap();
        assert_relative_eq!(median, 6.0);
        assert_relative_eq!(constant(Functional::Mean, ConstantScale::Plus, &PREDICTION, &TARGET, None).unwrap(), 4.2);
    }

    #[test]
    fn roots_solve_their_equation() {
        // The expectile at 0.5 is the mean.
        let half = constant(Functional::Expectile(0.5), ConstantScale::Plus, &PREDICTION, &TARGET, None).unwrap();
        assert_relative_eq!(half, 4.2, max_relative = 1e-12);
        let level = 0.9;
        let at = constant(Functional::Expectile(level), ConstantScale::Times, &PREDICTION, &TARGET, None).unwrap();
        let balance: f64 = (PREDICTION.iter().zip(&TARGET))
            .map(|(x, y)| {
                let error: f64 = y - at * x;
                if error >= 0.0 { level * error } else { (1.0 - level) * error }
            })
            .sum();
        assert!(balance.abs() < 1e-9, "{balance}");
        let at = constant(Functional::LogMean, ConstantScale::Times, &PREDICTION, &TARGET, None).unwrap();
        let balance: f64 = PREDICTION.iter().zip(&TARGET).map(|(x, y)| y.ln_1p() - (at * x).ln_1p()).sum();
        assert!(balance.abs() < 1e-9, "{balance}");
    }

    #[test]
    fn what_no_constant_repairs_is_left_alone() {
        assert_eq!(ratio(&[-1.0, 0.5], &[1.0, 1.0], None), None);
        assert_eq!(ratio(&[1.0, 1.0], &[0.0, 0.0], None), None);
        assert_eq!(constant(Functional::Median, ConstantScale::Times, &[0.0, 1.0], &[1.0, 1.0], None), None);
        assert_eq!(constant(Functional::Order, ConstantScale::Plus, &PREDICTION, &TARGET, None), None);
    }
}
