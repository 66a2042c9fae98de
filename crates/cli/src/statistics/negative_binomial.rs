//! The negative binomial law (NB2) around given means.

use statrs::function::gamma::ln_gamma;

/// ln of the probability of a count with this mean and dispersion α (variance μ + α μ²); α = 0 is Poisson.
pub fn log_probability(count: f64, mean: f64, dispersion: f64) -> f64 {
    if dispersion < 1e-9 {
        return count * mean.ln() - mean - ln_gamma(count + 1.0);
    }
    let size = 1.0 / dispersion;
    // ln Γ(y + r) − ln Γ(r) as a sum of logarithms where it is short: exact for large r.
    let rising = if count < 200.0 {
        (0..count as u64).map(|step| (size + step as f64).ln()).sum::<f64>()
    } else {
        ln_gamma(count + size) - ln_gamma(size)
    };
    rising - ln_gamma(count + 1.0) - size * (dispersion * mean).ln_1p() + count * (mean / (size + mean)).ln()
}

/// The probability of 0: (1 + α μ)^(−1/α).
pub fn probability_of_zero(mean: f64, dispersion: f64) -> f64 {
    if dispersion < 1e-9 { (-mean).exp() } else { (-(dispersion * mean).ln_1p() / dispersion).exp() }
}

/// The dispersion α of the highest likelihood for given means, from 0 (Poisson) to 1,000: by golden sections of ln α.
///
/// # Panics
/// If the slices differ in length or a mean is not above 0.
#[track_caller]
pub fn dispersion_by_likelihood(counts: &[f64], means: &[f64]) -> f64 {
    assert_eq!(counts.len(), means.len(), "dispersion_by_likelihood: lengths");
    assert!(means.iter().all(|&mean| mean > 0.0), "dispersion_by_likelihood: a mean is not above 0");
    let cost = |log: f64| -counts.iter().zip(means).map(|(&y, &mean)| kernel(y, mean, log.exp())).sum::<f64>();
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

/// What of the logarithm depends on α.
fn kernel(count: f64, mean: f64, dispersion: f64) -> f64 {
    let size = 1.0 / dispersion;
    let rising = if count < 50.0 {
        (0..count as u64).map(|step| (dispersion * step as f64).ln_1p()).sum::<f64>()
    } else {
        ln_gamma(count + size) - ln_gamma(size) + count * dispersion.ln()
    };
    // Γ(y + r)/Γ(r) = r^y Π (1 + α k); the power of r cancels with that of (μ/(r + μ))^y.
    rising - (count + size) * (dispersion * mean).ln_1p() + count * mean.ln()
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
    fn the_dispersion_is_that_of_the_highest_likelihood() {
        let counts: Vec<f64> = [0, 0, 0, 1, 1, 2, 3, 5, 9, 14, 0, 2].map(f64::from).to_vec();
        let means = vec![3.0; counts.len()];
        let likelihood = |alpha: f64| counts.iter().map(|&y| log_probability(y, 3.0, alpha)).sum::<f64>();
        let found = dispersion_by_likelihood(&counts, &means);
        assert!(likelihood(found) >= likelihood(found * 1.001) && likelihood(found) >= likelihood(found / 1.001));
        assert_eq!(dispersion_by_likelihood(&[3.0; 10], &[3.0; 10]), 0.0, "less spread than Poisson's");
    }
}
