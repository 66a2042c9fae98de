//! The negative binomial law (NB2) around given means.

use statrs::function::gamma::ln_gamma;

use super::{estimate::Estimate, sampling::Sampling};

/// ln of the probability of a count with this mean and dispersion α (variance μ + α μ²); α = 0 is Poisson.
pub fn log_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    if dispersion < 1e-9 {
        return count * mean.ln() - mean - ln_gamma(count + 1.0);
    }
    kernel(count, mean, dispersion) - ln_gamma(count + 1.0)
}

/// The probability of 0: (1 + α μ)^(−1/α).
pub fn probability_of_zero(mean: f64, dispersion: f64) -> f64 {
    if dispersion < 1e-9 { (-mean).exp() } else { (-(dispersion * mean).ln_1p() / dispersion).exp() }
}

/// The derivative of [`probability_of_zero`] by a dispersion above 0.
pub(super) fn probability_of_zero_slope(mean: f64, dispersion: f64) -> f64 {
    probability_of_zero(mean, dispersion) * dispersion_score(0.0, mean, dispersion)
}

/// The dispersion α of the highest likelihood for given means, from 0 (Poisson) to 1,000: by golden sections of ln α.
///
/// # Panics
/// If the slices differ in length or a mean is not above 0.
#[track_caller]
pub fn dispersion_by_likelihood(counts: &[f64], means: &[f64]) -> f64 {
    likeliest_dispersion(counts, means, Sampling::from(&vec![0; counts.len()]))
}

/// The same of weighted rows; their groups play no part.
#[track_caller]
pub(super) fn likeliest_dispersion(counts: &[f64], means: &[f64], rows: Sampling<'_>) -> f64 {
    assert_eq!(counts.len(), means.len(), "dispersion_by_likelihood: lengths");
    assert!(means.iter().all(|&mean| mean > 0.0), "dispersion_by_likelihood: a mean is not above 0");
    let cost = |log: f64| -rows.sum(counts.iter().zip(means).map(|(&y, &mean)| kernel(y, mean, log.exp())));
    let shrink = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (-16.0, 1000f64.ln());
    let (mut left, mut right) = (high - shrink * (high - low), low + shrink * (high - low));
    let (mut at_left, mut at_right) = (cost(left), cost(right));
    while high - low > 1e-6 {
        if at_left < at_right {
            (high, right, at_right) = (right, left, at_left);
            left = high - shrink * (high - low);
            at_left = cost(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + shrink * (high - low);
            at_right = cost(right);
        }
    }
    let found = (low + high) / 2.0;
    // At the lower end the law is Poisson's.
    if found < -15.9 { 0.0 } else { found.exp() }
}

/// The logarithm without ln y!: Γ(y + r)/Γ(r) = r^y Π (1 + α k), whose power of r = 1/α cancels with that of (μ/(r + μ))^y.
fn kernel(count: f64, mean: f64, dispersion: f64) -> f64 {
    rising(count, dispersion) - (count + 1.0 / dispersion) * (dispersion * mean).ln_1p() + count * mean.ln()
}

/// Factors that are multiplied one by one; Stirling's series takes the others.
const FACTORS: f64 = 16.0;

/// Σ ln(1 + α k) over k below the count, exact to 1e-11 for any α and count.
fn rising(count: f64, dispersion: f64) -> f64 {
    let first: f64 = (0..count.min(FACTORS) as u64).map(|k| (dispersion * k as f64).ln_1p()).sum();
    if count <= FACTORS {
        return first;
    }
    // ln Γ(r + y) − ln Γ(r + 16) + (y − 16) ln α, written so that nothing large cancels where α is small.
    let (more, size) = (count - FACTORS, 1.0 / dispersion);
    let correction = |z: f64| (1.0 - (1.0 / 30.0 - 1.0 / (105.0 * z * z)) / (z * z)) / (12.0 * z);
    let low = 1.0 + FACTORS * dispersion;
    first
        + (low / dispersion - 0.5) * (dispersion * more / low).ln_1p()
        + more * ((dispersion * count).ln_1p() - 1.0)
        + correction(size + count)
        - correction(size + FACTORS)
}

/// Σ k/(1 + α k) over k below the count: the derivative of [`rising`].
fn rising_slope(count: f64, dispersion: f64) -> f64 {
    let first: f64 = (0..count.min(FACTORS) as u64).map(|k| k as f64 / (1.0 + dispersion * k as f64)).sum();
    if count <= FACTORS {
        return first;
    }
    let (more, size) = (count - FACTORS, 1.0 / dispersion);
    let (a, b) = (size + FACTORS, size + count);
    let correction = |z: f64| (0.5 + (1.0 / 12.0 - 1.0 / (120.0 * z * z)) / z) / z;
    // ψ(b) − ψ(a).
    let difference = (more / a).ln_1p() + correction(a) - correction(b);
    first + (more - size * difference) / dispersion
}

/// The derivative of [`log_probability`] by the dispersion.
///
/// # Panics
/// If the dispersion is not above 0.
#[track_caller]
pub fn dispersion_score(count: f64, mean: f64, dispersion: f64) -> f64 {
    assert!(dispersion > 0.0, "dispersion_score: the dispersion is not above 0");
    let x = dispersion * mean;
    // (ln(1 + x) − x/(1 + x))/x², by its series where it cancels.
    let shape =
        if x < 1e-3 { 0.5 - x * (2.0 / 3.0 - x * (0.75 - 0.8 * x)) } else { (x.ln_1p() - x / (1.0 + x)) / (x * x) };
    rising_slope(count, dispersion) + mean * mean * shape - count * mean / (1.0 + x)
}

/// [`dispersion_by_likelihood`] with its cluster-robust interval (the sandwich of the score); nothing where the counts
/// spread no more than a Poisson law.
///
/// # Panics
/// If the slices differ in length or a mean is not above 0.
#[track_caller]
pub fn dispersion_with_interval<'a>(counts: &[f64], means: &[f64], rows: impl Into<Sampling<'a>>) -> Option<Estimate> {
    let rows = rows.into();
    assert_eq!(counts.len(), rows.rows(), "dispersion_with_interval: lengths");
    let value = likeliest_dispersion(counts, means, rows);
    let information = dispersion_information(counts, means, rows, value)?;
    let scores = counts.iter().zip(means).map(|(&y, &mean)| dispersion_score(y, mean, value));
    Some(rows.estimate(value, rows.standard_error_of_sum(scores) / information))
}

/// Minus the second derivative of the likelihood by α; nothing at α = 0, or where it is no maximum.
pub(super) fn dispersion_information(
    counts: &[f64],
    means: &[f64],
    rows: Sampling<'_>,
    dispersion: f64,
) -> Option<f64> {
    if dispersion == 0.0 {
        return None;
    }
    let score =
        |dispersion: f64| rows.sum(counts.iter().zip(means).map(|(&y, &mean)| dispersion_score(y, mean, dispersion)));
    let step = 1e-4 * dispersion;
    let information = (score(dispersion - step) - score(dispersion + step)) / (2.0 * step);
    (information > 0.0).then_some(information)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn probabilities_are_scipy_s() {
        // scipy.stats.nbinom.logpmf(y, 1/a, 1/(1 + a*m)) and poisson.logpmf, SciPy 1.17.1.
        for (count, mean, dispersion, expected) in [
            (0.0, 2.5, 0.7, -1.4451441595406855),
            (3.0, 2.5, 0.7, -2.1167371797656447),
            (250.0, 100.0, 2.0, -7.232133233311772),
            (3.0, 2.5, 0.0, -1.5428872736055896),
        ] {
            assert_relative_eq!(log_probability(count, mean, dispersion), expected, max_relative = 1e-9);
        }
        assert_relative_eq!(probability_of_zero(2.5, 0.7).ln(), log_probability(0.0, 2.5, 0.7), max_relative = 1e-12);
    }

    #[test]
    fn the_score_is_the_likelihood_s_slope() {
        for count in [0.0, 1.0, 16.0, 17.0, 300.0] {
            for (mean, dispersion) in [(0.01, 0.05), (3.0, 0.02), (3.0, 1.0), (250.0, 0.3), (250.0, 20.0)] {
                let step = 1e-4 * dispersion;
                let [above, below] = [step, -step].map(|step| log_probability(count, mean, dispersion + step));
                let slope = (above - below) / (2.0 * step);
                let score = dispersion_score(count, mean, dispersion);
                assert_relative_eq!(score, slope, epsilon = 1e-6, max_relative = 1e-5);
            }
        }
        // (y − μ)² − y over 2 is the limit at Poisson.
        for (count, mean) in [(0.0f64, 2.0f64), (7.0, 2.0), (40.0, 30.0)] {
            let limit = ((count - mean).powi(2) - count) / 2.0;
            assert_relative_eq!(dispersion_score(count, mean, 1e-9), limit, max_relative = 1e-4);
        }
    }

    #[test]
    fn the_dispersion_is_that_of_the_highest_likelihood() {
        let counts: Vec<f64> = [0, 0, 0, 1, 1, 2, 3, 5, 9, 14, 0, 2].map(f64::from).to_vec();
        let means = vec![3.0; counts.len()];
        let likelihood = |alpha: f64| counts.iter().map(|&y| log_probability(y, 3.0, alpha)).sum::<f64>();
        let found = dispersion_by_likelihood(&counts, &means);
        assert!(likelihood(found) >= likelihood(found * 1.001) && likelihood(found) >= likelihood(found / 1.001));
        assert_eq!(dispersion_by_likelihood(&[3.0; 10], &[3.0; 10]), 0.0, "less spread than Poisson's");
    }
}
