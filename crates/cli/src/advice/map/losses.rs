//! Which losses give a functional: by themselves, or after one number.

use super::Domain;
use crate::{
    advice::{document::Repair, metric::Metric, problem::TargetKind, purpose::Functional},
    model::Objective,
};

/// Consistent losses with their usual parameters, the plainest first.
pub(super) fn consistent(functional: Functional, metric: Metric, domain: Domain) -> Vec<Objective> {
    match functional {
        Functional::Mean => mean(domain),
        Functional::Median if domain.kind == TargetKind::Ordered => ordered(),
        Functional::Median => vec![Objective::AbsoluteError],
        Functional::Quantile(level) => vec![Objective::Quantile { level }],
        Functional::Expectile(level) => vec![Objective::Expectile { level }],
        Functional::MedianByInverse => vec![Objective::AbsolutePercentageError],
        Functional::LogMean => vec![Objective::SquaredLogarithmicError],
        Functional::Probability => probability(domain.kind),
        Functional::Mode => match (metric, domain.kind) {
            (Metric::Within(_), _) => Vec::new(),
            (_, TargetKind::Binary) => vec![Objective::CrossEntropy, Objective::Brier, Objective::Hinge],
            (Metric::BalancedAccuracy, _) => {
                vec![Objective::MulticlassCrossEntropy, Objective::MulticlassLogitAdjusted { tau: 1.0 }]
            }
            (_, kind) => probability(kind),
        },
        Functional::Order => order(metric, domain.kind),
        Functional::Interval(share) => {
            vec![Objective::TwoQuantiles { lower: (1.0 - share) / 2.0, upper: (1.0 + share) / 2.0 }]
        }
        Functional::Law => law(domain),
    }
}

fn mean(domain: Domain) -> Vec<Objective> {
    match domain.kind {
        TargetKind::Real | TargetKind::Relevance => vec![Objective::SquaredError],
        TargetKind::Amount if domain.zeros => {
            vec![Objective::SquaredError, Objective::Poisson, Objective::Tweedie { power: 1.5 }, Objective::TwoPart]
        }
        TargetKind::Amount => vec![
            Objective::SquaredError,
            Objective::Poisson,
            Objective::Gamma,
            Objective::Tweedie { power: 1.5 },
            Objective::InverseGaussian,
        ],
        TargetKind::Count => vec![Objective::SquaredError, Objective::Poisson, Objective::Tweedie { power: 1.5 }],
        TargetKind::Share => vec![Objective::SquaredError, Objective::CrossEntropy],
        TargetKind::Ordered => [ordered(), vec![Objective::SquaredError]].concat(),
        TargetKind::Binary | TargetKind::Classes => probability(domain.kind),
    }
}

/// Losses that give the probabilities of ordered classes: every functional is read off them.
fn ordered() -> Vec<Objective> {
    vec![Objective::MulticlassCrossEntropy, Objective::CumulativeLink, Objective::Corn]
}

fn probability(kind: TargetKind) -> Vec<Objective> {
    match kind {
        TargetKind::Binary | TargetKind::Share => vec![Objective::CrossEntropy, Objective::Brier],
        TargetKind::Ordered => ordered(),
        TargetKind::Classes => vec![Objective::MulticlassCrossEntropy],
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Relevance => Vec::new(),
    }
}

/// A threshold from costs needs probabilities; one that is chosen by the metric needs an order alone.
fn order(metric: Metric, kind: TargetKind) -> Vec<Objective> {
    match kind {
        TargetKind::Relevance => vec![
            Objective::Pointwise,
            Objective::ListPairwise,
            Objective::ListSoftmax,
            Objective::LambdaRank,
            Objective::ApproxNdcg,
        ],
        _ if matches!(metric, Metric::Cost(_)) => vec![Objective::CrossEntropy, Objective::Brier],
        _ => vec![Objective::CrossEntropy, Objective::Brier, Objective::PairwiseLogistic],
    }
}

/// The likelihoods of laws that such targets can have.
fn law(domain: Domain) -> Vec<Objective> {
    let real =
        || vec![Objective::Gaussian, Objective::BetaGaussian { beta: 0.5 }, Objective::StudentT { freedom: 5.0 }];
    match domain.kind {
        TargetKind::Count => vec![
            Objective::Poisson,
            Objective::NegativeBinomial,
            Objective::ZeroInflatedPoisson,
            Objective::ZeroInflatedNegativeBinomial,
        ],
        TargetKind::Amount if !domain.zeros => {
            [vec![Objective::LogNormal, Objective::GammaLikelihood], real()].concat()
        }
        // Zeros of their own, and a law of the amounts above.
        TargetKind::Amount => [vec![Objective::TwoPart], real()].concat(),
        TargetKind::Real | TargetKind::Share => real(),
        TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes | TargetKind::Relevance => {
            probability(domain.kind)
        }
    }
}

/// Losses that aim elsewhere, with what brings them back. Parameters that depend on the data have a usual value.
pub(super) fn repaired(functional: Functional, metric: Metric, domain: Domain) -> Vec<(Objective, Repair)> {
    let positive = domain.kind == TargetKind::Amount && !domain.zeros;
    let number = matches!(domain.kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share);
    match functional {
        Functional::Mean if positive => {
            vec![(Objective::LogSquaredError, Repair::Ratio), (Objective::AbsoluteError, Repair::Ratio)]
        }
        Functional::Mean if domain.kind == TargetKind::Ordered => decoded(),
        Functional::Mean if number && domain.kind != TargetKind::Real => {
            vec![(Objective::AbsoluteError, Repair::Ratio)]
        }
        Functional::Median if domain.kind == TargetKind::Ordered => decoded(),
        Functional::Median | Functional::Quantile(_) if number => vec![(Objective::SquaredError, Repair::Shift)],
        Functional::Interval(share) => vec![
            (Objective::TwoQuantiles { lower: (1.0 - share) / 2.0, upper: (1.0 + share) / 2.0 }, Repair::Conformal),
            (Objective::Gaussian, Repair::Conformal),
        ],
        Functional::Probability if domain.kind == TargetKind::Binary => vec![
            (Objective::CrossEntropy, Repair::Temperature),
            (Objective::WeightedCrossEntropy { weight: 10.0 }, Repair::PriorShift),
            (Objective::Focal { gamma: 2.0, alpha: 0.25 }, Repair::InverseFocal),
        ],
        Functional::Probability => vec![(Objective::MulticlassCrossEntropy, Repair::Temperature)],
        Functional::Mode if domain.kind == TargetKind::Ordered => decoded(),
        Functional::Mode if metric == Metric::BalancedAccuracy => {
            vec![(Objective::MulticlassCrossEntropy, Repair::PriorShift)]
        }
        Functional::Order => order_repairs(metric, domain.kind),
        Functional::Mean
        | Functional::Median
        | Functional::Quantile(_)
        | Functional::Expectile(_)
        | Functional::MedianByInverse
        | Functional::LogMean
        | Functional::Mode
        | Functional::Law => Vec::new(),
    }
}

fn decoded() -> Vec<(Objective, Repair)> {
    ordered().into_iter().map(|objective| (objective, Repair::Decode)).collect()
}

/// Where a threshold is chosen, every loss that orders the rows will do.
fn order_repairs(metric: Metric, kind: TargetKind) -> Vec<(Objective, Repair)> {
    if kind == TargetKind::Relevance || matches!(metric, Metric::Auc | Metric::AveragePrecision | Metric::RecallAt(_)) {
        return Vec::new();
    }
    vec![
        (Objective::CrossEntropy, Repair::Threshold),
        (Objective::WeightedCrossEntropy { weight: 10.0 }, Repair::Threshold),
        (Objective::Focal { gamma: 2.0, alpha: 0.25 }, Repair::Threshold),
    ]
}

/// Losses that give the functional if the data are as the words say.
pub(super) fn conditional(functional: Functional, domain: Domain) -> Vec<(Objective, &'static str)> {
    let positive = domain.kind == TargetKind::Amount && !domain.zeros;
    match (functional, domain.kind) {
        (Functional::Mean, TargetKind::Real | TargetKind::Amount | TargetKind::Count) => {
            let huber = (Objective::Huber { delta: 1.345 }, "if errors are symmetric, or delta grows with the rows");
            let counts = (Objective::NegativeBinomial, "if the variance is the mean plus a multiple of its square");
            [Some(huber), (domain.kind == TargetKind::Count).then_some(counts)].into_iter().flatten().collect()
        }
        (Functional::Median, TargetKind::Real | TargetKind::Amount) => {
            let logarithm = (Objective::LogSquaredError, "if the errors of ln y are symmetric");
            let huber = (Objective::Huber { delta: 1.345 }, "if errors are symmetric");
            [positive.then_some(logarithm), Some(huber)].into_iter().flatten().collect()
        }
        (Functional::Median, TargetKind::Count) => {
            let counts = "if the spread is that of its law and effects multiply: the median is read off the law";
            vec![(Objective::NegativeBinomial, counts)]
        }
        _ => Vec::new(),
    }
}

/// What has to be said with an answer; may be empty.
pub(super) fn warning(metric: Metric) -> &'static str {
    match metric {
        Metric::Mape => {
            "MAPE punishes predictions that are too high without limit, and those that are too low by 100 % at most: its \
             best prediction aims low, and sums come out too small."
        }
        Metric::Rmsle => "RMSLE asks for a geometric mean: sums of its best predictions come out too small.",
        Metric::Within(_) => {
            "No loss is consistent for being within a share of the truth: its best prediction is near the most frequent \
             value, which no loss elicits. The median is the usual stand-in."
        }
        Metric::R2 | Metric::Rmse => {
            "Squared errors weigh the largest targets most: where the tail is heavy, a few rows decide (MIN111)."
        }
        Metric::Auc => "AUC does not see whether probabilities are right: judge them by the log loss.",
        Metric::Mae
        | Metric::Wape
        | Metric::PoissonDeviance
        | Metric::GammaDeviance
        | Metric::TweedieDeviance(_)
        | Metric::Pinball(_)
        | Metric::Expectile(_)
        | Metric::LogLoss
        | Metric::Brier
        | Metric::Accuracy
        | Metric::BalancedAccuracy
        | Metric::F1
        | Metric::AveragePrecision
        | Metric::RecallAt(_)
        | Metric::Cost(_)
        | Metric::QuadraticKappa
        | Metric::Ndcg(_)
        | Metric::Mrr
        | Metric::LogScore
        | Metric::Crps
        | Metric::IntervalScore(_) => "",
    }
}
