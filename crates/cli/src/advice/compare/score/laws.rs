//! Scores of laws.

use statrs::{
    distribution::{Continuous, ContinuousCDF, Normal, StudentsT},
    function::{beta::beta, erf::erf},
};

use crate::model::Law;

/// A law that calls the truth impossible is as if it had given it this logarithm of a density.
const IMPOSSIBLE: f64 = -700.0;

/// Counts up to which a continuous ranked probability score is summed, at most.
const MOST_COUNTS: usize = 1_000_000;

/// −ln of the density or probability of what came; at most 700.
pub(super) fn surprise(law: &Law, y: f64) -> f64 {
    // Also for NaN.
    let log_density = law.log_density(y);
    if log_density > IMPOSSIBLE { -log_density } else { -IMPOSSIBLE }
}

/// ∫ (F(z) − 1[y ≤ z])² dz, in closed form where there is one (Gneiting & Raftery 2007; Jordan, Krüger & Lerch 2019,
/// "Evaluating probabilistic forecasts with scoringRules"), by its sum for counts.
pub(super) fn crps(law: &Law, y: f64) -> f64 {
    match *law {
        Law::Normal { mean, deviation } => {
            let z = (y - mean) / deviation;
            deviation * (z * (2.0 * normal_cdf(z) - 1.0) + 2.0 * normal_density(z) - 1.0 / std::f64::consts::PI.sqrt())
        }
        Law::StudentT { location, scale, freedom } => scale * of_t((y - location) / scale, freedom),
        Law::LogNormal { log_median, log_deviation } => {
            let z = if y > 0.0 { (y.ln() - log_median) / log_deviation } else { f64::NEG_INFINITY };
            let mean = law.mean();
            let half = normal_cdf(log_deviation / std::f64::consts::SQRT_2);
            y * (2.0 * normal_cdf(z) - 1.0) - 2.0 * mean * (normal_cdf(z - log_deviation) + half - 1.0)
        }
        Law::Gamma { mean, shape } => distance_of_gamma(mean, shape, y) - 0.5 * own_distance_of_gamma(mean, shape),
        // X is 0 or a Gamma number G: E|X − y| − E|X − X'| / 2.
        Law::TwoPart { positive, mean, shape } => {
            let to_truth = (1.0 - positive) * y.abs() + positive * distance_of_gamma(mean, shape, y);
            let to_itself =
                2.0 * positive * (1.0 - positive) * mean + positive * positive * own_distance_of_gamma(mean, shape);
            to_truth - 0.5 * to_itself
        }
        Law::Poisson { .. }
        | Law::NegativeBinomial { .. }
        | Law::ZeroInflatedPoisson { .. }
        | Law::ZeroInflatedNegativeBinomial { .. } => of_counts(law, y),
    }
}

/// Σ over the counts k of (F(k) − 1[y ≤ k])².
fn of_counts(law: &Law, y: f64) -> f64 {
    let (mut below, mut sum) = (0.0, 0.0);
    for count in 0..MOST_COUNTS {
        let count = count as f64;
        below += law.log_density(count).exp();
        let step = if y <= count { 1.0 } else { 0.0 };
        sum += (below - step).powi(2);
        if y <= count && 1.0 - below < 1e-9 {
            break;
        }
    }
    sum
}

/// E|G − y|.
fn distance_of_gamma(mean: f64, shape: f64, y: f64) -> f64 {
    let below = |shape_of: f64| Law::Gamma { mean: mean * shape_of / shape, shape: shape_of }.cumulative(y);
    y * (2.0 * below(shape) - 1.0) + mean * (1.0 - 2.0 * below(shape + 1.0))
}

/// E|G − G'|.
fn own_distance_of_gamma(mean: f64, shape: f64) -> f64 {
    2.0 * mean / (shape * beta(0.5, shape))
}

fn of_t(z: f64, freedom: f64) -> f64 {
    let Ok(law) = StudentsT::new(0.0, 1.0, freedom) else { return f64::NAN };
    let own = 2.0 * freedom.sqrt() / (freedom - 1.0) * beta(0.5, freedom - 0.5) / beta(0.5, freedom / 2.0).powi(2);
    z * (2.0 * law.cdf(z) - 1.0) + 2.0 * law.pdf(z) * (freedom + z * z) / (freedom - 1.0) - own
}

fn normal_cdf(z: f64) -> f64 {
    0.5 * (1.0 + erf(z / std::f64::consts::SQRT_2))
}

fn normal_density(z: f64) -> f64 {
    Normal::standard().pdf(z)
}
