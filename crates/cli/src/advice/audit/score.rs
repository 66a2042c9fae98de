//! What predictions are judged by, one loss a row.

use minimand::data::metrics::{gamma_deviance, pinball, poisson_deviance, tweedie_deviance};

use crate::{
    advice::{metric::Metric, purpose::Functional},
    statistics::isotonic::Target,
};

/// A consistent score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum RowScore {
    Squared,
    Absolute,
    Percentage,
    Pinball(f64),
    AsymmetricSquared(f64),
    SquaredLogarithmic,
    Poisson,
    Gamma,
    Tweedie(f64),
    Log,
    Brier,
}

impl RowScore {
    /// The score of a metric that judges one number a row by a mean over the rows.
    pub(super) fn of(metric: Metric) -> Option<Self> {
        match metric {
            Metric::Rmse | Metric::R2 => Some(Self::Squared),
            Metric::Mae | Metric::Wape => Some(Self::Absolute),
            Metric::Mape => Some(Self::Percentage),
            Metric::Rmsle => Some(Self::SquaredLogarithmic),
            Metric::PoissonDeviance => Some(Self::Poisson),
            Metric::GammaDeviance => Some(Self::Gamma),
            Metric::TweedieDeviance(power) => Some(Self::Tweedie(power)),
            Metric::Pinball(level) => Some(Self::Pinball(level)),
            Metric::Expectile(level) => Some(Self::AsymmetricSquared(level)),
            Metric::LogLoss => Some(Self::Log),
            Metric::Brier => Some(Self::Brier),
            Metric::Accuracy
            | Metric::BalancedAccuracy
            | Metric::F1
            | Metric::Auc
            | Metric::AveragePrecision
            | Metric::RecallAt(_)
            | Metric::Cost(_)
            | Metric::QuadraticKappa
            | Metric::Ndcg(_)
            | Metric::Mrr
            | Metric::LogScore
            | Metric::Crps
            | Metric::IntervalScore(_)
            | Metric::Within(_) => None,
        }
    }

    /// What the program calls it.
    pub(super) fn name(self) -> String {
        let name = match self {
            Self::Squared => "squared error",
            Self::Absolute => "absolute error",
            Self::Percentage => "percentage error",
            Self::Pinball(level) => return format!("pinball loss {level}"),
            Self::AsymmetricSquared(level) => return format!("asymmetric squared error {level}"),
            Self::SquaredLogarithmic => "squared logarithmic error",
            Self::Poisson => "Poisson deviance",
            Self::Gamma => "Gamma deviance",
            Self::Tweedie(power) => return format!("Tweedie deviance {power}"),
            Self::Log => "log loss",
            Self::Brier => "Brier score",
        };
        name.to_owned()
    }

    /// Which predictions it has a finite value for, whatever the truth that it takes.
    pub(super) fn domain(self) -> (&'static str, fn(f64) -> bool) {
        match self {
            Self::Poisson | Self::Gamma | Self::Tweedie(_) => ("above 0", |x| x > 0.0),
            Self::SquaredLogarithmic => ("above -1", |x| x > -1.0),
            Self::Log | Self::Brier => ("from 0 to 1", |x| (0.0..=1.0).contains(&x)),
            Self::Squared | Self::Absolute | Self::Percentage | Self::Pinball(_) | Self::AsymmetricSquared(_) => {
                ("of any size", |_| true)
            }
        }
    }

    /// The loss of one row.
    pub(super) fn loss(self, x: f64, y: f64) -> f64 {
        match self {
            Self::Squared | Self::Brier => (x - y).powi(2),
            Self::Absolute => (x - y).abs(),
            Self::Percentage => (x - y).abs() / y.abs(),
            Self::Pinball(level) => pinball(level, x, y),
            Self::AsymmetricSquared(level) => (if y <= x { 1.0 - level } else { level }) * (x - y).powi(2),
            Self::SquaredLogarithmic => (x.ln_1p() - y.ln_1p()).powi(2),
            // A pool of zeros may be predicted to be 0.
            Self::Poisson => poisson_deviance(x, y),
            Self::Gamma => gamma_deviance(x, y),
            Self::Tweedie(power) => tweedie_deviance(power, x, y),
            Self::Log => {
                let x = clipped(x);
                -(y * x.ln() + (1.0 - y) * (-x).ln_1p())
            }
        }
    }
}

/// A probability away from 0 and 1 by the precision of double numbers, so that its logarithm is finite.
pub(super) fn clipped(probability: f64) -> f64 {
    probability.clamp(f64::EPSILON, 1.0 - f64::EPSILON)
}

/// A functional with the score that judges it: how calibration for it is measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Lens {
    pub(super) functional: Functional,
    pub(super) metric: Metric,
    pub(super) score: RowScore,
    pub(super) aimed: Target,
}

impl Lens {
    /// `None` where one number a row cannot be that functional, or the metric is no mean of losses.
    pub(super) fn new(functional: Functional, metric: Metric) -> Option<Self> {
        let score = RowScore::of(metric)?;
        let aimed = match functional {
            Functional::Mean | Functional::LogMean | Functional::Probability => Target::Mean,
            Functional::Median | Functional::MedianByInverse => Target::Quantile(0.5),
            Functional::Quantile(level) => Target::Quantile(level),
            Functional::Expectile(level) => Target::Expectile(level),
            Functional::Mode | Functional::Order | Functional::Interval(_) | Functional::Law => return None,
        };
        Some(Self { functional, metric, score, aimed })
    }

    /// On the scale where the functional is the aimed one.
    pub(super) fn inward(self, values: &[f64]) -> Vec<f64> {
        if self.functional == Functional::LogMean {
            values.iter().map(|value| value.ln_1p()).collect()
        } else {
            values.to_vec()
        }
    }

    /// Back from there.
    pub(super) fn outward(self, value: f64) -> f64 {
        if self.functional == Functional::LogMean { value.exp_m1() } else { value }
    }

    /// The weight of each row in the functional: percentage errors weigh by 1 / y.
    pub(super) fn weight(self, weight: &[f64], y: &[f64]) -> Vec<f64> {
        if self.functional == Functional::MedianByInverse {
            weight.iter().zip(y).map(|(weight, y)| weight / y.abs()).collect()
        } else {
            weight.to_vec()
        }
    }

    /// The loss of every row.
    pub(super) fn losses(self, x: &[f64], y: &[f64]) -> Vec<f64> {
        x.iter().zip(y).map(|(&x, &y)| self.score.loss(x, y)).collect()
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;
    use crate::statistics::isotonic::weighted_isotonic;

    #[test]
    fn every_score_is_least_at_its_functional() {
        let y = [1.0, 2.0, 2.5, 7.0, 11.0];
        for (metric, functional) in [
            (Metric::Rmse, Functional::Mean),
            (Metric::PoissonDeviance, Functional::Mean),
            (Metric::GammaDeviance, Functional::Mean),
            (Metric::TweedieDeviance(1.5), Functional::Mean),
            (Metric::Mae, Functional::Median),
            (Metric::Mape, Functional::MedianByInverse),
            (Metric::Rmsle, Functional::LogMean),
            (Metric::Pinball(0.7), Functional::Quantile(0.7)),
            (Metric::Expectile(0.7), Functional::Expectile(0.7)),
        ] {
            let lens = Lens::new(functional, metric).unwrap();
            let weight = lens.weight(&[1.0; 5], &y);
            let fit = weighted_isotonic(&lens.inward(&y), &[0.0; 5], Some(&weight), lens.aimed)[0];
            let at = lens.outward(fit);
            let total = |x: f64| lens.losses(&[x; 5], &y).iter().sum::<f64>();
            assert!(total(at) <= total(at * 1.01) && total(at) <= total(at * 0.99), "{metric}: {at}");
        }
        assert_relative_eq!(RowScore::Tweedie(1.5).loss(2.0, 0.0), 4.0 * 2f64.sqrt(), epsilon = 1e-12);
        assert_relative_eq!(RowScore::Log.loss(0.2, 1.0), -(0.2f64.ln()), epsilon = 1e-12);
    }
}
