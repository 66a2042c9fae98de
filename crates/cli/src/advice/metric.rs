//! The figure that somebody will be judged by, and the functional that it asks for.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

use super::purpose::{Costs, Functional, Purpose, share, two_costs};

/// A figure of merit that predictions are judged by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Metric {
    /// Root mean squared error; R² orders predictions alike.
    Rmse,
    /// Coefficient of determination.
    R2,
    /// Mean absolute error.
    Mae,
    /// Σ |error| / Σ |y|.
    Wape,
    /// Mean absolute percentage error.
    Mape,
    /// Root mean squared error of ln(1 + y).
    Rmsle,
    /// Mean Poisson deviance.
    PoissonDeviance,
    /// Mean Gamma deviance.
    GammaDeviance,
    /// Mean Tweedie deviance of this power.
    TweedieDeviance(f64),
    /// Mean pinball loss of this level.
    Pinball(f64),
    /// Mean asymmetric squared error of this level.
    Expectile(f64),
    /// Mean logarithmic loss of the true class.
    LogLoss,
    /// Mean squared error of the probability.
    Brier,
    /// Share of right decisions.
    Accuracy,
    /// Mean over the classes of their recall.
    BalancedAccuracy,
    /// Harmonic mean of precision and recall.
    F1,
    /// Area under the ROC curve.
    Auc,
    /// Average precision.
    AveragePrecision,
    /// Share of the positives among this share of the cases with the highest scores.
    RecallAt(f64),
    /// Mean cost of the decisions.
    Cost(Costs),
    /// Quadratic weighted kappa of ordered classes.
    QuadraticKappa,
    /// Normalised discounted cumulative gain of a list, cut at this place (0: not cut).
    Ndcg(usize),
    /// Mean reciprocal rank of the first relevant item of a list.
    Mrr,
    /// −ln of the predicted density or probability of what came.
    LogScore,
    /// Continuous ranked probability score.
    Crps,
    /// Interval score (Winkler 1972) of the interval that is to hold this share.
    IntervalScore(f64),
    /// Share of predictions that are off by no more than this share of the truth.
    Within(f64),
}

impl Metric {
    /// What predictions have to be to do best by it.
    pub fn functional(self) -> Functional {
        match self {
            Self::Rmse | Self::R2 | Self::PoissonDeviance | Self::GammaDeviance | Self::TweedieDeviance(_) => {
                Functional::Mean
            }
            Self::Mae | Self::Wape => Functional::Median,
            Self::Mape => Functional::MedianByInverse,
            Self::Rmsle => Functional::LogMean,
            Self::Pinball(level) => Functional::Quantile(level),
            Self::Expectile(level) => Functional::Expectile(level),
            Self::LogLoss | Self::Brier => Functional::Probability,
            Self::Accuracy | Self::Within(_) => Functional::Mode,
            Self::BalancedAccuracy
            | Self::F1
            | Self::Auc
            | Self::AveragePrecision
            | Self::RecallAt(_)
            | Self::Cost(_)
            | Self::Ndcg(_)
            | Self::Mrr => Functional::Order,
            // Decoded from the distribution of the ordered class.
            Self::QuadraticKappa => Functional::Mean,
            Self::LogScore | Self::Crps => Functional::Law,
            Self::IntervalScore(share) => Functional::Interval(share),
        }
    }

    /// The purpose that it serves.
    pub fn purpose(self) -> Purpose {
        match self {
            Self::Rmse | Self::R2 | Self::PoissonDeviance | Self::GammaDeviance | Self::TweedieDeviance(_) => {
                Purpose::Total
            }
            Self::Expectile(_) | Self::QuadraticKappa => Purpose::Total,
            Self::Mae | Self::Wape | Self::Mape | Self::Rmsle | Self::Within(_) => Purpose::Typical,
            Self::Pinball(level) => Purpose::Quantile(level),
            Self::LogLoss | Self::Brier => Purpose::Probability,
            Self::Accuracy | Self::BalancedAccuracy | Self::F1 | Self::RecallAt(_) => Purpose::Decision(None),
            Self::Cost(costs) => Purpose::Decision(Some(costs)),
            Self::Auc | Self::AveragePrecision | Self::Ndcg(_) | Self::Mrr => Purpose::Ranking,
            Self::LogScore | Self::Crps => Purpose::Distribution,
            Self::IntervalScore(share) => Purpose::Interval(share),
        }
    }

    /// Whether more of it is better; less of every other figure is.
    pub fn higher_is_better(self) -> bool {
        match self {
            Self::R2
            | Self::Accuracy
            | Self::BalancedAccuracy
            | Self::F1
            | Self::Auc
            | Self::AveragePrecision
            | Self::RecallAt(_)
            | Self::QuadraticKappa
            | Self::Ndcg(_)
            | Self::Mrr
            | Self::Within(_) => true,
            Self::Rmse
            | Self::Mae
            | Self::Wape
            | Self::Mape
            | Self::Rmsle
            | Self::PoissonDeviance
            | Self::GammaDeviance
            | Self::TweedieDeviance(_)
            | Self::Pinball(_)
            | Self::Expectile(_)
            | Self::LogLoss
            | Self::Brier
            | Self::Cost(_)
            | Self::LogScore
            | Self::Crps
            | Self::IntervalScore(_) => false,
        }
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::TweedieDeviance(power) => return write!(f, "tweedie_deviance:{power}"),
            Self::Pinball(level) => return write!(f, "pinball:{level}"),
            Self::Expectile(level) => return write!(f, "expectile:{level}"),
            Self::RecallAt(share) => return write!(f, "recall_at:{share}"),
            Self::Cost(Costs { miss, alarm }) => return write!(f, "cost:miss={miss},alarm={alarm}"),
            Self::Ndcg(0) => "ndcg",
            Self::Ndcg(cut) => return write!(f, "ndcg:{cut}"),
            Self::IntervalScore(share) => return write!(f, "interval_score:{share}"),
            Self::Within(share) => return write!(f, "within:{share}"),
            Self::Rmse => "rmse",
            Self::R2 => "r2",
            Self::Mae => "mae",
            Self::Wape => "wape",
            Self::Mape => "mape",
            Self::Rmsle => "rmsle",
            Self::PoissonDeviance => "poisson_deviance",
            Self::GammaDeviance => "gamma_deviance",
            Self::LogLoss => "log_loss",
            Self::Brier => "brier",
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced_accuracy",
            Self::F1 => "f1",
            Self::Auc => "auc",
            Self::AveragePrecision => "average_precision",
            Self::QuadraticKappa => "quadratic_kappa",
            Self::Mrr => "mrr",
            Self::LogScore => "log_score",
            Self::Crps => "crps",
        };
        f.write_str(name)
    }
}

impl Serialize for Metric {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The metrics as they are written on the command line.
pub const METRICS: &str = "rmse, r2, mae, wape, mape, rmsle, poisson_deviance, gamma_deviance, tweedie_deviance:P, \
                           pinball:Q, expectile:T, log_loss, brier, accuracy, balanced_accuracy, f1, auc, \
                           average_precision, recall_at:SHARE, cost:miss=M,alarm=A, quadratic_kappa, ndcg, ndcg:K, mrr, \
                           log_score, crps, interval_score:SHARE, within:SHARE";

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_lowercase().replace('-', "_");
        let (name, rest) = lower.split_once(':').map_or((lower.as_str(), None), |(name, rest)| (name, Some(rest)));
        let metric = match (name, rest) {
            ("rmse" | "mse" | "squared_error", None) => Self::Rmse,
            ("r2", None) => Self::R2,
            ("mae" | "absolute_error", None) => Self::Mae,
            ("wape" | "wmape", None) => Self::Wape,
            ("mape", None) => Self::Mape,
            ("rmsle" | "msle", None) => Self::Rmsle,
            ("poisson_deviance" | "poisson", None) => Self::PoissonDeviance,
            ("gamma_deviance" | "gamma", None) => Self::GammaDeviance,
            ("tweedie_deviance" | "tweedie", power) => Self::TweedieDeviance(power.map_or(Ok(1.5), tweedie_power)?),
            ("pinball" | "quantile", Some(level)) => Self::Pinball(share(level)?),
            ("expectile", Some(level)) => Self::Expectile(share(level)?),
            ("log_loss" | "logloss" | "cross_entropy", None) => Self::LogLoss,
            ("brier", None) => Self::Brier,
            ("accuracy", None) => Self::Accuracy,
            ("balanced_accuracy", None) => Self::BalancedAccuracy,
            ("f1", None) => Self::F1,
            ("auc" | "roc_auc", None) => Self::Auc,
            ("average_precision" | "ap" | "pr_auc", None) => Self::AveragePrecision,
            ("recall_at", Some(part)) => Self::RecallAt(share(part)?),
            ("cost", Some(costs)) => {
                let [miss, alarm] = two_costs(costs, ["miss", "alarm"])?;
                Self::Cost(Costs { miss, alarm })
            }
            ("quadratic_kappa" | "qwk", None) => Self::QuadraticKappa,
            ("ndcg", None) => Self::Ndcg(0),
            ("ndcg", Some(cut)) => match cut.parse() {
                Ok(cut) if cut > 0 => Self::Ndcg(cut),
                _ => return Err(format!("`{cut}` is no place to cut a list at")),
            },
            ("mrr", None) => Self::Mrr,
            ("log_score", None) => Self::LogScore,
            ("crps", None) => Self::Crps,
            ("interval_score", part) => Self::IntervalScore(part.map_or(Ok(0.9), share)?),
            ("within", Some(part)) => Self::Within(share(part)?),
            ("pinball" | "quantile" | "expectile" | "recall_at" | "within", None) => {
                return Err(format!("{name} needs its number, as in {name}:0.9"));
            }
            _ => return Err(format!("the metrics are {METRICS}")),
        };
        Ok(metric)
    }
}

fn tweedie_power(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(power) if power > 1.0 && power < 2.0 => Ok(power),
        Ok(power) => Err(format!("a Tweedie power lies between 1 and 2, not at {power}")),
        Err(_) => Err(format!("`{text}` is no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_read_and_written_alike() {
        for text in METRICS.split(", ") {
            let text = text.replace(":P", ":1.5").replace(":Q", ":0.9").replace(":T", ":0.8");
            let text = text.replace("SHARE", "0.1").replace("M,alarm=A", "2,alarm=1").replace(":K", ":10");
            assert_eq!(text.parse::<Metric>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_named() {
        assert_eq!("pinball".parse::<Metric>().unwrap_err(), "pinball needs its number, as in pinball:0.9");
        assert_eq!("tweedie:2".parse::<Metric>().unwrap_err(), "a Tweedie power lies between 1 and 2, not at 2");
        assert_eq!("ndcg:0".parse::<Metric>().unwrap_err(), "`0` is no place to cut a list at");
        assert!("profit".parse::<Metric>().unwrap_err().starts_with("the metrics are rmse"));
    }
}
