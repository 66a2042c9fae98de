//! What a loss estimates: the statistic of the target at which its expected value is least.

use super::arguments::Given;

/// Which statistic of the target the minimiser of the mean loss is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The statistic.
    pub statistic: Statistic,
    /// The input that is the target.
    pub target: &'static str,
    /// The input that is the prediction.
    pub prediction: &'static str,
    /// How the statistic follows from the prediction.
    pub link: Link,
}

/// How a statistic follows from a prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// It is the prediction.
    Identity,
    /// It is the exponential of the prediction.
    Exponential,
    /// It is the logistic function of the prediction.
    Logistic,
    /// It is the hyperbolic tangent of half the prediction.
    HalfTangent,
    /// It is 1 where the prediction is above 0 and -1 below.
    Sign,
}

/// A statistic of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Statistic {
    /// `Σ p y`.
    Mean,
    /// Half of the distribution lies below.
    Median,
    /// The share named by the parameter lies below.
    Quantile(&'static str),
    /// The squares above and below balance as the parameter says.
    Expectile(&'static str),
    /// The likeliest value.
    Mode,
    /// `exp Σ p ln y`.
    GeometricMean,
    /// `1 / Σ p / y`.
    HarmonicMean,
    /// `exp(Σ p ln(1 + y)) − 1`.
    ShiftedGeometricMean,
    /// The median under the weights `p / |y|`.
    MedianOverSize,
    /// The direction of the mean of the unit vectors at these angles.
    CircularMean,
}

impl Link {
    /// The statistic of a prediction.
    pub fn apply(self, prediction: f64) -> f64 {
        match self {
            Link::Identity => prediction,
            Link::Exponential => prediction.exp(),
            Link::Logistic => 1.0 / (1.0 + (-prediction).exp()),
            Link::HalfTangent => (0.5 * prediction).tanh(),
            Link::Sign => prediction.signum(),
        }
    }

    /// The link in words: what is done with the prediction.
    pub fn describe(self) -> &'static str {
        match self {
            Link::Identity => "the prediction",
            Link::Exponential => "the exponential of the prediction",
            Link::Logistic => "the logistic function of the prediction",
            Link::HalfTangent => "the hyperbolic tangent of half the prediction",
            Link::Sign => "the sign of the prediction",
        }
    }
}

impl Statistic {
    /// The name.
    pub fn name(self) -> &'static str {
        match self {
            Statistic::Mean => "mean",
            Statistic::Median => "median",
            Statistic::Quantile(_) => "quantile",
            Statistic::Expectile(_) => "expectile",
            Statistic::Mode => "mode",
            Statistic::GeometricMean => "geometric mean",
            Statistic::HarmonicMean => "harmonic mean",
            Statistic::ShiftedGeometricMean => "geometric mean of 1 + target, less 1",
            Statistic::MedianOverSize => "median with weights 1/|target|",
            Statistic::CircularMean => "circular mean",
        }
    }

    /// The statistic of a distribution: values and their probabilities, which sum to 1.
    pub fn of(self, distribution: &[(f64, f64)], given: &Given) -> f64 {
        let mean = |of: &dyn Fn(f64) -> f64| distribution.iter().map(|&(y, p)| p * of(y)).sum::<f64>();
        match self {
            Statistic::Mean => mean(&|y| y),
            Statistic::Median => quantile(distribution.to_vec(), 0.5),
            Statistic::Quantile(tau) => quantile(distribution.to_vec(), given.number(tau)),
            Statistic::Expectile(tau) => expectile(distribution, given.number(tau)),
            Statistic::Mode => distribution.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map_or(f64::NAN, |&(y, _)| y),
            Statistic::GeometricMean => mean(&f64::ln).exp(),
            Statistic::HarmonicMean => 1.0 / mean(&|y| 1.0 / y),
            Statistic::ShiftedGeometricMean => mean(&f64::ln_1p).exp_m1(),
            Statistic::MedianOverSize => quantile(distribution.iter().map(|&(y, p)| (y, p / y.abs())).collect(), 0.5),
            Statistic::CircularMean => mean(&f64::sin).atan2(mean(&f64::cos)),
        }
    }
}

/// The least value up to which the share `tau` of the weights lies.
fn quantile(mut distribution: Vec<(f64, f64)>, tau: f64) -> f64 {
    distribution.sort_by(|a, b| a.0.total_cmp(&b.0));
    let wanted = tau * distribution.iter().map(|(_, weight)| weight).sum::<f64>();
    let mut below = 0.0;
    for &(value, weight) in &distribution {
        below += weight;
        if below >= wanted {
            return value;
        }
    }
    distribution.last().map_or(f64::NAN, |&(value, _)| value)
}

/// Where `τ Σ p [y − e]₊ = (1 − τ) Σ p [e − y]₊`, by reweighting until nothing changes (Newey and Powell 1987).
fn expectile(distribution: &[(f64, f64)], tau: f64) -> f64 {
    let mut estimate = distribution.iter().map(|(y, p)| y * p).sum::<f64>();
    for _ in 0..1000 {
        let weight = |y: f64, p: f64| p * if y > estimate { tau } else { 1.0 - tau };
        let (sum, total) =
            distribution.iter().fold((0.0, 0.0), |(s, t), &(y, p)| (s + y * weight(y, p), t + weight(y, p)));
        let next = sum / total;
        if next == estimate {
            break;
        }
        estimate = next;
    }
    estimate
}
