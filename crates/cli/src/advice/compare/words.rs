//! Names as people read them.

use crate::{
    advice::{document::Repair, metric::Metric, written::figure},
    model::{ModelKind, Objective},
    terminal::number::{self, Unit},
};

/// A loss with what is done afterwards, short enough for a table: "log-OLS × ratio".
pub fn label(objective: Objective, repair: Option<Repair>) -> String {
    let loss = loss(objective);
    match repair {
        None => loss,
        Some(repair) => format!("{loss} {}", afterwards(repair)),
    }
}

/// A loss.
pub fn loss(objective: Objective) -> String {
    let plain = match objective {
        Objective::SquaredError => "squared error",
        Objective::AbsoluteError => "absolute error",
        Objective::Huber { delta } => return format!("Huber δ {}", figure(delta)),
        Objective::Quantile { level } => return format!("quantile {}", figure(level)),
        Objective::Expectile { level } => return format!("expectile {}", figure(level)),
        Objective::LogSquaredError => "log-OLS",
        Objective::SquaredLogarithmicError => "squared log error",
        Objective::AbsolutePercentageError => "percentage error",
        Objective::Poisson => "Poisson",
        Objective::Gamma => "Gamma",
        Objective::Tweedie { power } => return format!("Tweedie {}", figure(power)),
        Objective::InverseGaussian => "inverse Gaussian",
        Objective::Gaussian => "Gaussian likelihood",
        Objective::BetaGaussian { beta } => return format!("Gaussian NLL, β {}", figure(beta)),
        Objective::StudentT { freedom } => return format!("Student t, ν {}", figure(freedom)),
        Objective::LogNormal => "log-normal likelihood",
        Objective::GammaLikelihood => "Gamma likelihood",
        Objective::NegativeBinomial => "negative binomial",
        Objective::ZeroInflatedPoisson => "zero-infl. Poisson",
        Objective::ZeroInflatedNegativeBinomial => "zero-infl. neg. binomial",
        Objective::TwoPart => "two parts",
        Objective::TwoQuantiles { .. } => "two quantiles",
        Objective::Tukey { c } => return format!("Tukey c {}", figure(c)),
        Objective::CrossEntropy | Objective::MulticlassCrossEntropy => "cross-entropy",
        Objective::WeightedCrossEntropy { weight } => return format!("class weights {}:1", figure(weight)),
        Objective::Focal { gamma, alpha } => return format!("focal γ {} α {}", figure(gamma), figure(alpha)),
        Objective::Brier => "Brier",
        Objective::Hinge => "hinge",
        Objective::PairwiseLogistic | Objective::ListPairwise => "pairwise logistic",
        Objective::LogitAdjusted { tau } | Objective::MulticlassLogitAdjusted { tau } => {
            return format!("logit-adjusted τ {}", figure(tau));
        }
        Objective::ClassBalanced { beta } => return format!("class-balanced β {}", figure(beta)),
        Objective::LabelSmoothing { epsilon } => return format!("smoothed labels {}", figure(epsilon)),
        Objective::GeneralisedCrossEntropy { q } => return format!("generalised CE q {}", figure(q)),
        Objective::Corn => "CORN",
        Objective::CumulativeLink => "proportional odds",
        Objective::ListSoftmax => "softmax of a list",
        Objective::LambdaRank => "LambdaRank",
        Objective::ApproxNdcg => "ApproxNDCG",
        Objective::Pointwise => "item by item",
    };
    plain.to_owned()
}

/// What is done after training.
fn afterwards(repair: Repair) -> &'static str {
    match repair {
        Repair::Ratio => "× ratio",
        Repair::Shift => "+ shift",
        Repair::PriorShift => "− prior",
        Repair::InverseFocal => "inverted",
        Repair::Temperature => "/ temperature",
        Repair::Threshold => "+ threshold",
        Repair::Decode => "decoded",
        Repair::Conformal => "conformal",
    }
}

/// What a repair does, in a sentence.
pub fn doing(repair: Repair) -> &'static str {
    match repair {
        Repair::Ratio => "times one constant",
        Repair::Shift => "with one shift",
        Repair::PriorShift => "with the prior put back",
        Repair::InverseFocal => "inverted by its formula",
        Repair::Temperature => "over one temperature",
        Repair::Threshold => "with a threshold of its own",
        Repair::Decode => "decoded for the metric",
        Repair::Conformal => "widened by one number",
    }
}

/// A metric.
pub fn metric(metric: Metric) -> String {
    match metric {
        Metric::Rmse => "RMSE".to_owned(),
        Metric::R2 => "R²".to_owned(),
        Metric::Mae => "absolute error".to_owned(),
        Metric::Wape => "WAPE".to_owned(),
        Metric::Mape => "MAPE".to_owned(),
        Metric::Rmsle => "RMSLE".to_owned(),
        Metric::PoissonDeviance => "Poisson deviance".to_owned(),
        Metric::GammaDeviance => "Gamma deviance".to_owned(),
        Metric::TweedieDeviance(power) => format!("Tweedie deviance {power}"),
        Metric::Pinball(level) => format!("pinball loss {level}"),
        Metric::Expectile(level) => format!("expectile loss {level}"),
        Metric::LogLoss => "log loss".to_owned(),
        Metric::Brier => "Brier score".to_owned(),
        Metric::Accuracy => "accuracy".to_owned(),
        Metric::BalancedAccuracy => "balanced accuracy".to_owned(),
        Metric::F1 => "F1".to_owned(),
        Metric::Auc => "AUC".to_owned(),
        Metric::AveragePrecision => "average precision".to_owned(),
        Metric::RecallAt(share) => format!("recall at {}", number::percent(share)),
        Metric::Cost(_) => "mean cost".to_owned(),
        Metric::QuadraticKappa => "quadratic kappa".to_owned(),
        Metric::Ndcg(0) => "NDCG".to_owned(),
        Metric::Ndcg(cut) => format!("NDCG at {cut}"),
        Metric::Mrr => "MRR".to_owned(),
        Metric::LogScore => "log score".to_owned(),
        Metric::Crps => "CRPS".to_owned(),
        Metric::IntervalScore(share) => format!("interval score {share}"),
        Metric::Within(share) => format!("share within {}", number::percent(share)),
    }
}

/// A model.
pub fn model(model: ModelKind) -> &'static str {
    match model {
        ModelKind::Linear => "linear model",
        ModelKind::Mlp => "network of 32-32",
    }
}

/// Places after the point that show so many digits of a number.
fn places_for(value: f64, digits: i32) -> usize {
    if value == 0.0 || !value.is_finite() {
        return 0;
    }
    let before = value.abs().log10().floor() as i32 + 1;
    usize::try_from((digits - before).clamp(0, 9)).unwrap_or(0)
}

/// Places that two digits of an uncertainty deserve.
pub fn places_of(uncertainty: f64) -> usize {
    places_for(uncertainty, 2)
}

/// A number with so many places.
pub fn fixed(value: f64, places: usize) -> String {
    number::one(value, Unit::Places(places))
}

/// A number with its sign.
pub fn signed(value: f64, places: usize) -> String {
    let text = fixed(value, places);
    match text.strip_prefix('-') {
        Some(size) => format!("−{size}"),
        None if text.chars().any(|letter| letter.is_ascii_digit() && letter != '0') => format!("+{text}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_the_digits_that_count() {
        assert_eq!((places_of(3.35), places_of(0.0123), places_of(120.0)), (1, 3, 0));
        assert_eq!(
            (signed(-2.07, 2), signed(0.5, 1), signed(-0.001, 1)),
            ("−2.07".into(), "+0.5".into(), "0.0".into())
        );
    }

    #[test]
    fn losses_have_short_names() {
        assert_eq!(label(Objective::LogSquaredError, Some(Repair::Ratio)), "log-OLS × ratio");
        assert_eq!(label(Objective::Focal { gamma: 2.0, alpha: 0.25 }, None), "focal γ 2 α 0.25");
    }
}
