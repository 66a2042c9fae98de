//! The whole law of a target, as some objectives predict it.

use statrs::{
    distribution::{ContinuousCDF, Gamma, LogNormal, Normal, StudentsT},
    function::{beta::beta_reg, erf::erf_inv, gamma::gamma_ur, gamma::ln_gamma},
};

/// The law of one row's target, in the user's unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Law {
    /// Normal.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        deviation: f64,
    },
    /// Student's t, moved and stretched.
    StudentT {
        /// Its median.
        location: f64,
        /// Its scale.
        scale: f64,
        /// Its degrees of freedom.
        freedom: f64,
    },
    /// Log-normal.
    LogNormal {
        /// Logarithm of its median.
        log_median: f64,
        /// Standard deviation of the logarithm.
        log_deviation: f64,
    },
    /// Gamma.
    Gamma {
        /// Its mean.
        mean: f64,
        /// 1 over the relative variance.
        shape: f64,
    },
    /// Poisson.
    Poisson {
        /// Its mean.
        mean: f64,
    },
    /// Negative binomial: the variance is mean + mean²/size.
    NegativeBinomial {
        /// Its mean.
        mean: f64,
        /// 1 over the dispersion α.
        size: f64,
    },
    /// A certain zero, or else Poisson.
    ZeroInflatedPoisson {
        /// Probability of a certain zero.
        certain: f64,
        /// Mean of the rest.
        mean: f64,
    },
    /// A certain zero, or else negative binomial.
    ZeroInflatedNegativeBinomial {
        /// Probability of a certain zero.
        certain: f64,
        /// Mean of the rest.
        mean: f64,
        /// 1 over the dispersion α of the rest.
        size: f64,
    },
    /// Zero, or else Gamma.
    TwoPart {
        /// Probability of a number above zero.
        positive: f64,
        /// Mean of the numbers above zero.
        mean: f64,
        /// 1 over the relative variance of the numbers above zero.
        shape: f64,
    },
}

/// ½ ln 2π.
const HALF_LN_2PI: f64 = 0.918_938_533_204_672_7;

impl Law {
    /// E y; NaN where it has none.
    pub fn mean(&self) -> f64 {
        match *self {
            Self::Normal { mean, .. }
            | Self::Gamma { mean, .. }
            | Self::Poisson { mean }
            | Self::NegativeBinomial { mean, .. } => mean,
            Self::StudentT { location, freedom, .. } => {
                if freedom > 1.0 {
                    location
                } else {
                    f64::NAN
                }
            }
            Self::LogNormal { log_median, log_deviation } => (log_median + 0.5 * log_deviation * log_deviation).exp(),
            Self::ZeroInflatedPoisson { certain, mean } | Self::ZeroInflatedNegativeBinomial { certain, mean, .. } => {
                (1.0 - certain) * mean
            }
            Self::TwoPart { positive, mean, .. } => positive * mean,
        }
    }

    /// Whether it is one of whole numbers.
    pub fn is_discrete(&self) -> bool {
        match self {
            Self::Poisson { .. }
            | Self::NegativeBinomial { .. }
            | Self::ZeroInflatedPoisson { .. }
            | Self::ZeroInflatedNegativeBinomial { .. } => true,
            Self::Normal { .. }
            | Self::StudentT { .. }
            | Self::LogNormal { .. }
            | Self::Gamma { .. }
            | Self::TwoPart { .. } => false,
        }
    }

    /// P(y = 0).
    pub fn probability_of_zero(&self) -> f64 {
        match *self {
            Self::Normal { .. } | Self::StudentT { .. } | Self::LogNormal { .. } | Self::Gamma { .. } => 0.0,
            Self::TwoPart { positive, .. } => 1.0 - positive,
            Self::Poisson { .. }
            | Self::NegativeBinomial { .. }
            | Self::ZeroInflatedPoisson { .. }
            | Self::ZeroInflatedNegativeBinomial { .. } => self.log_density(0.0).exp(),
        }
    }

    /// ln of the density at y, or of the probability of y where it has one; −∞ where y cannot come.
    pub fn log_density(&self, y: f64) -> f64 {
        let is_count = y >= 0.0 && y.fract() == 0.0;
        match *self {
            Self::Normal { mean, deviation } => {
                let z = (y - mean) / deviation;
                -0.5 * z * z - deviation.ln() - HALF_LN_2PI
            }
            Self::StudentT { location, scale, freedom } => {
                let z = (y - location) / scale;
                ln_gamma(0.5 * (freedom + 1.0))
                    - ln_gamma(0.5 * freedom)
                    - 0.5 * (freedom * std::f64::consts::PI).ln()
                    - scale.ln()
                    - 0.5 * (freedom + 1.0) * (z * z / freedom).ln_1p()
            }
            Self::LogNormal { .. } | Self::Gamma { .. } if y <= 0.0 => f64::NEG_INFINITY,
            Self::LogNormal { log_median, log_deviation } => {
                let z = (y.ln() - log_median) / log_deviation;
                -0.5 * z * z - log_deviation.ln() - HALF_LN_2PI - y.ln()
            }
            Self::Gamma { mean, shape } => {
                shape * (shape / mean).ln() - ln_gamma(shape) + (shape - 1.0) * y.ln() - shape * y / mean
            }
            Self::TwoPart { positive, mean, shape } => {
                if y == 0.0 {
                    (1.0 - positive).ln()
                } else {
                    positive.ln() + Self::Gamma { mean, shape }.log_density(y)
                }
            }
            Self::Poisson { .. }
            | Self::NegativeBinomial { .. }
            | Self::ZeroInflatedPoisson { .. }
            | Self::ZeroInflatedNegativeBinomial { .. }
                if !is_count =>
            {
                f64::NEG_INFINITY
            }
            Self::Poisson { mean } => y * mean.ln() - mean - ln_gamma(y + 1.0),
            Self::NegativeBinomial { mean, size } => {
                ln_gamma(y + size)
                    - ln_gamma(size)
                    - ln_gamma(y + 1.0)
                    - size * (mean / size).ln_1p()
                    - y * (size / mean).ln_1p()
            }
            Self::ZeroInflatedPoisson { certain, mean } => inflated(certain, Self::Poisson { mean }.log_density(y), y),
            Self::ZeroInflatedNegativeBinomial { certain, mean, size } => {
                inflated(certain, Self::NegativeBinomial { mean, size }.log_density(y), y)
            }
        }
    }

    /// P(Y ≤ y).
    pub fn cumulative(&self, y: f64) -> f64 {
        match *self {
            Self::Normal { mean, deviation } => Normal::new(mean, deviation).map_or(f64::NAN, |law| law.cdf(y)),
            Self::StudentT { location, scale, freedom } => {
                StudentsT::new(location, scale, freedom).map_or(f64::NAN, |law| law.cdf(y))
            }
            _ if y < 0.0 => 0.0,
            Self::LogNormal { log_median, log_deviation } => {
                LogNormal::new(log_median, log_deviation).map_or(f64::NAN, |law| law.cdf(y))
            }
            Self::Gamma { mean, shape } => Gamma::new(shape, shape / mean).map_or(f64::NAN, |law| law.cdf(y)),
            Self::TwoPart { positive, mean, shape } => {
                1.0 - positive + positive * Self::Gamma { mean, shape }.cumulative(y)
            }
            Self::Poisson { mean } => gamma_ur(y.floor() + 1.0, mean),
            Self::NegativeBinomial { mean, size } => beta_reg(size, y.floor() + 1.0, size / (size + mean)),
            Self::ZeroInflatedPoisson { certain, mean } => {
                certain + (1.0 - certain) * Self::Poisson { mean }.cumulative(y)
            }
            Self::ZeroInflatedNegativeBinomial { certain, mean, size } => {
                certain + (1.0 - certain) * Self::NegativeBinomial { mean, size }.cumulative(y)
            }
        }
    }

    /// The least y with P(Y ≤ y) ≥ `level`, for a level between 0 and 1.
    pub fn quantile(&self, level: f64) -> f64 {
        match *self {
            Self::Normal { mean, deviation } => mean + deviation * standard_normal(level),
            Self::StudentT { location, scale, freedom } => {
                StudentsT::new(location, scale, freedom).map_or(f64::NAN, |law| law.inverse_cdf(level))
            }
            Self::LogNormal { log_median, log_deviation } => {
                (log_median + log_deviation * standard_normal(level)).exp()
            }
            Self::Gamma { mean, .. } => self.invert(level, mean, false),
            Self::TwoPart { positive, mean, shape } => {
                let rest = (level - (1.0 - positive)) / positive;
                if rest <= 0.0 { 0.0 } else { Self::Gamma { mean, shape }.quantile(rest) }
            }
            Self::Poisson { mean }
            | Self::NegativeBinomial { mean, .. }
            | Self::ZeroInflatedPoisson { mean, .. }
            | Self::ZeroInflatedNegativeBinomial { mean, .. } => self.invert(level, mean.ceil().max(1.0), true),
        }
    }

    /// By bisection, from a guess; over whole numbers or over all.
    fn invert(&self, level: f64, guess: f64, whole: bool) -> f64 {
        if !guess.is_finite() || self.cumulative(0.0) >= level {
            return if guess.is_finite() { 0.0 } else { guess };
        }
        let (mut low, mut high) = (0.0, guess);
        while self.cumulative(high) < level && high < 1e300 {
            (low, high) = (high, 2.0 * high);
        }
        for _ in 0..200 {
            let middle = if whole { (0.5 * (low + high)).floor() } else { 0.5 * (low + high) };
            if middle <= low || middle >= high {
                break;
            }
            *if self.cumulative(middle) >= level { &mut high } else { &mut low } = middle;
        }
        high
    }
}

/// ln of the probability of y where a zero is certain with a probability of its own.
fn inflated(certain: f64, log_density: f64, y: f64) -> f64 {
    let rest = (1.0 - certain) * log_density.exp();
    if y == 0.0 { (certain + rest).ln() } else { (1.0 - certain).ln() + log_density }
}

/// The quantile of the standard normal law.
fn standard_normal(level: f64) -> f64 {
    std::f64::consts::SQRT_2 * erf_inv(2.0 * level - 1.0)
}
