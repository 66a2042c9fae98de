//! What the number is for, and which property of the target's distribution serves it.
//!
//! The order of reasoning is purpose → functional → losses that are consistent for it (Gneiting 2011, "Making and
//! evaluating point forecasts"): a loss is never chosen before it is known what the prediction has to be.

use std::{fmt, str::FromStr};

use serde::{Serialize, Serializer};

/// What the number will be used for: the answer to the one question that the program asks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Purpose {
    /// Predictions are added up: budgets, revenue, load. The mean.
    Total,
    /// What a typical case is like, each case counting by its distance. The median.
    Typical,
    /// To be at or above the truth in this share of the cases; also stock whose shortage and surplus cost differently.
    Quantile(f64),
    /// A probability that means what it says.
    Probability,
    /// An action: cases with a probability above a threshold are acted on. Without costs the threshold is chosen by F1.
    Decision(Option<Costs>),
    /// The order of the cases: who comes first.
    Ranking,
    /// An interval that holds this share of the cases.
    Interval(f64),
    /// The whole range of what may come: the distribution.
    Distribution,
}

/// What the two mistakes of a decision cost, in one unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Costs {
    /// Of a positive case that was passed over.
    pub miss: f64,
    /// Of a negative case that was acted on.
    pub alarm: f64,
}

impl Costs {
    /// Act above this probability: alarm / (alarm + miss) (Elkan 2001, "The foundations of cost-sensitive learning", eq. 2).
    pub fn threshold(self) -> f64 {
        self.alarm / (self.alarm + self.miss)
    }
}

/// The property of a distribution that a prediction has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Functional {
    /// E y.
    Mean,
    /// Half of the cases below.
    Median,
    /// This share of the cases below.
    Quantile(f64),
    /// The minimiser of the expected asymmetric squared error at this level.
    Expectile(f64),
    /// The median of the law reweighted by 1 / y: what the mean absolute percentage error asks for (Gneiting 2011, Thm 5).
    MedianByInverse,
    /// exp(E ln(1 + y)) − 1: what the mean squared logarithmic error asks for.
    LogMean,
    /// P(y = 1), or the probabilities of all classes.
    Probability,
    /// The most probable value or class.
    Mode,
    /// Any increasing function of the probability, or of the relevance within a list.
    Order,
    /// Two quantiles around this share of the cases.
    Interval(f64),
    /// The whole law.
    Law,
}

impl fmt::Display for Functional {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Median => f.write_str("median"),
            Self::Quantile(level) => write!(f, "quantile:{level}"),
            Self::Expectile(level) => write!(f, "expectile:{level}"),
            Self::MedianByInverse => f.write_str("median_by_inverse"),
            Self::LogMean => f.write_str("log_mean"),
            Self::Probability => f.write_str("probability"),
            Self::Mode => f.write_str("mode"),
            Self::Order => f.write_str("order"),
            Self::Interval(share) => write!(f, "interval:{share}"),
            Self::Law => f.write_str("distribution"),
        }
    }
}

impl Serialize for Functional {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Total => f.write_str("total"),
            Self::Typical => f.write_str("typical"),
            Self::Quantile(level) => write!(f, "quantile:{level}"),
            Self::Probability => f.write_str("probability"),
            Self::Decision(None) => f.write_str("decision"),
            Self::Decision(Some(Costs { miss, alarm })) => write!(f, "decision:miss={miss},alarm={alarm}"),
            Self::Ranking => f.write_str("ranking"),
            Self::Interval(share) => write!(f, "interval:{share}"),
            Self::Distribution => f.write_str("distribution"),
        }
    }
}

impl Serialize for Purpose {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The purposes as they are written on the command line.
pub const PURPOSES: &str = "total, typical, quantile:Q, stock:under=U,over=O, probability, decision, \
                            decision:miss=M,alarm=A, ranking, interval:SHARE, distribution";

impl FromStr for Purpose {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, rest) = text.split_once(':').map_or((text, None), |(name, rest)| (name, Some(rest)));
        match (name.trim(), rest) {
            ("total" | "sum" | "budget" | "mean", None) => Ok(Self::Total),
            ("typical" | "median", None) => Ok(Self::Typical),
            ("quantile", Some(level)) => Ok(Self::Quantile(share(level)?)),
            ("stock", Some(costs)) => {
                let [under, over] = two_costs(costs, ["under", "over"])?;
                Ok(Self::Quantile(under / (under + over)))
            }
            ("probability", None) => Ok(Self::Probability),
            ("decision", None) => Ok(Self::Decision(None)),
            ("decision", Some(costs)) => {
                let [miss, alarm] = two_costs(costs, ["miss", "alarm"])?;
                Ok(Self::Decision(Some(Costs { miss, alarm })))
            }
            ("ranking" | "order", None) => Ok(Self::Ranking),
            ("interval", level) => Ok(Self::Interval(level.map_or(Ok(0.9), share)?)),
            ("distribution" | "range", None) => Ok(Self::Distribution),
            ("quantile", None) => Err("quantile needs its level, as in quantile:0.9".to_owned()),
            ("stock", None) => Err("stock needs both costs, as in stock:under=3,over=1".to_owned()),
            _ => Err(format!("the purposes are {PURPOSES}")),
        }
    }
}

/// A number strictly between 0 and 1.
pub(super) fn share(text: &str) -> Result<f64, String> {
    let value: f64 = text.trim().parse().map_err(|_| format!("`{text}` is no number"))?;
    if value > 0.0 && value < 1.0 { Ok(value) } else { Err(format!("{value} is not between 0 and 1")) }
}

/// Two positive costs by their names, in any order.
pub(super) fn two_costs(text: &str, names: [&str; 2]) -> Result<[f64; 2], String> {
    let wanted = || format!("it needs {}=NUMBER,{}=NUMBER", names[0], names[1]);
    let mut costs = [None; 2];
    for part in text.split(',') {
        let (name, number) = part.split_once('=').ok_or_else(wanted)?;
        let place = names.iter().position(|&known| known == name.trim()).ok_or_else(wanted)?;
        let number: f64 = number.trim().parse().map_err(|_| format!("`{number}` is no number"))?;
        if !(number > 0.0 && number.is_finite()) {
            return Err(format!("the cost {}={number} is not above 0", names[place]));
        }
        if costs[place].replace(number).is_some() {
            return Err(format!("{} is given twice", names[place]));
        }
    }
    match costs {
        [Some(one), Some(other)] => Ok([one, other]),
        _ => Err(wanted()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_are_read_and_written_alike() {
        for text in
            ["total", "typical", "quantile:0.9", "probability", "decision", "ranking", "interval:0.8", "distribution"]
        {
            assert_eq!(text.parse::<Purpose>().unwrap().to_string(), text);
        }
        let costs = Costs { miss: 5000.0, alarm: 250.0 };
        let decision: Purpose = "decision:alarm=250,miss=5000".parse().unwrap();
        assert_eq!(decision, Purpose::Decision(Some(costs)));
        assert_eq!(decision.to_string(), "decision:miss=5000,alarm=250");
        approx::assert_relative_eq!(costs.threshold(), 250.0 / 5250.0);
        assert_eq!("stock:under=3,over=1".parse(), Ok(Purpose::Quantile(0.75)));
    }

    #[test]
    fn mistakes_are_named() {
        for (text, expected) in [
            ("quantile", "quantile needs its level, as in quantile:0.9"),
            ("quantile:1", "1 is not between 0 and 1"),
            ("quantile:x", "`x` is no number"),
            ("decision:miss=1", "it needs miss=NUMBER,alarm=NUMBER"),
            ("decision:miss=1,alarm=0", "the cost alarm=0 is not above 0"),
            ("decision:miss=1,miss=2", "miss is given twice"),
            ("stock", "stock needs both costs, as in stock:under=3,over=1"),
        ] {
            assert_eq!(text.parse::<Purpose>().unwrap_err(), expected);
        }
        assert!("fraud".parse::<Purpose>().unwrap_err().starts_with("the purposes are total, typical"));
    }
}
