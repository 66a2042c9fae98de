//! Scores of one prediction of one number, each 0 at best.

/// Poisson deviance, 2 (y ln(y / μ) − (y − μ)), of a mean above 0; 2 μ for y = 0.
pub fn poisson_deviance(mean: f64, y: f64) -> f64 {
    let logarithm = if y > 0.0 { y * (y / mean).ln() } else { 0.0 };
    2.0 * (mean - y + logarithm)
}

/// Gamma deviance, 2 (y / μ − 1 − ln(y / μ)), of a mean and a truth above 0.
pub fn gamma_deviance(mean: f64, y: f64) -> f64 {
    2.0 * (y / mean - 1.0 - (y / mean).ln())
}

/// Tweedie deviance of a power between 1 and 2, of a mean above 0 and a truth from 0 (Jørgensen 1987).
pub fn tweedie_deviance(power: f64, mean: f64, y: f64) -> f64 {
    let (one, two) = (1.0 - power, 2.0 - power);
    // A mean of 0 for a truth of 0 is exact: 0 to a negative power would be infinite.
    let of_truth = if y == 0.0 { 0.0 } else { y.powf(two) / (one * two) - y * mean.powf(one) / one };
    2.0 * (of_truth + mean.powf(two) / two)
}

/// Pinball loss of a level: `(y − q)(τ − 1[y < q])`.
pub fn pinball(level: f64, prediction: f64, y: f64) -> f64 {
    (y - prediction) * (level - f64::from(u8::from(y < prediction)))
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    /// scikit-learn's mean_tweedie_deviance (powers 1, 2, 1.5) and mean_pinball_loss.
    #[test]
    fn scores_are_scikit_learn_s() {
        for (mean, y, expected) in SCORES {
            let found = [
                poisson_deviance(mean, y),
                gamma_deviance(mean, y),
                tweedie_deviance(1.5, mean, y),
                pinball(0.9, mean, y),
            ];
            for (found, expected) in found.into_iter().zip(expected) {
                assert_relative_eq!(found, expected, max_relative = 1e-12);
            }
        }
        assert_relative_eq!(poisson_deviance(1.5, 0.0), 3.0);
        assert_relative_eq!(tweedie_deviance(1.5, 0.0, 0.0), 0.0);
    }

    /// scikit-learn 1.9.1.
    const SCORES: [(f64, f64, [f64; 4]); 2] = [
        (2.5, 4.0, [0.7600290339658855, 0.2599927415085288, 0.44384383287557316, 1.35]),
        (7.0, 0.3, [11.510070227971251, 4.385480192476784, 6.6547821518281065, 0.6699999999999998]),
    ];
}
