//! Which purposes and metrics make sense for which targets.

use crate::advice::{map::Domain, metric::Metric, problem::TargetKind, purpose::Purpose, rules::catalog::in_words};

/// A question that makes no sense for such targets.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum QuestionError {
    /// The purpose.
    #[error("--purpose {purpose} does not fit a target of {}: {}{hint}", in_words(*kind), fit(purposes(*kind)))]
    Purpose {
        /// What was asked.
        purpose: Purpose,
        /// The target's kind.
        kind: TargetKind,
        /// What may have been meant, with a separator before it; may be empty.
        hint: &'static str,
    },
    /// The metric.
    #[error("--metric {metric} does not fit a target of {}: {}", in_words(*kind), fit(metrics(*kind)))]
    Metric {
        /// What was asked.
        metric: Metric,
        /// The target's kind.
        kind: TargetKind,
    },
    /// The metric, because of zeros.
    #[error("--metric {metric} has no value where the target is 0, as it is in some rows: {instead} do")]
    Zeros {
        /// What was asked.
        metric: Metric,
        /// Metrics that take zeros.
        instead: &'static str,
    },
}

/// "a, b and c do".
fn fit(all: Vec<impl ToString>) -> String {
    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
    match &names[..] {
        [first @ .., last] if !first.is_empty() => format!("{} and {last} do", first.join(", ")),
        names => format!("{} does", names.concat()),
    }
}

/// The purposes that make sense for targets of this kind, with usual numbers, in the order of the question.
pub fn purposes(kind: TargetKind) -> Vec<Purpose> {
    match kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count => vec![
            Purpose::Total,
            Purpose::Typical,
            Purpose::Quantile(0.9),
            Purpose::Interval(0.9),
            Purpose::Distribution,
        ],
        TargetKind::Share => vec![Purpose::Total, Purpose::Typical, Purpose::Quantile(0.9), Purpose::Interval(0.9)],
        TargetKind::Binary => vec![Purpose::Probability, Purpose::Decision(None), Purpose::Ranking],
        TargetKind::Ordered => {
            vec![Purpose::Total, Purpose::Typical, Purpose::Probability, Purpose::Decision(None)]
        }
        TargetKind::Classes => vec![Purpose::Probability, Purpose::Decision(None)],
        TargetKind::Relevance => vec![Purpose::Ranking],
    }
}

/// The metrics that make sense for targets of this kind, with usual numbers.
pub(super) fn metrics(kind: TargetKind) -> Vec<Metric> {
    use Metric::{
        Accuracy, Auc, AveragePrecision, BalancedAccuracy, Brier, Crps, Expectile, F1, GammaDeviance, IntervalScore,
        LogLoss, LogScore, Mae, Mape, Mrr, Ndcg, Pinball, PoissonDeviance, QuadraticKappa, R2, RecallAt, Rmse, Rmsle,
        TweedieDeviance, Wape, Within,
    };
    let any_number = [Rmse, R2, Mae, Wape, Mape, Pinball(0.9), Expectile(0.9), IntervalScore(0.9), Within(0.1)];
    match kind {
        TargetKind::Real => [&any_number[..], &[LogScore, Crps]].concat(),
        TargetKind::Amount | TargetKind::Count => {
            let of_positives = [PoissonDeviance, GammaDeviance, TweedieDeviance(1.5), Rmsle];
            [&any_number[..], &of_positives, &[LogScore, Crps]].concat()
        }
        TargetKind::Share => any_number.to_vec(),
        TargetKind::Binary => {
            let costs = Metric::Cost(crate::advice::purpose::Costs { miss: 2.0, alarm: 1.0 });
            vec![LogLoss, Brier, Accuracy, BalancedAccuracy, F1, Auc, AveragePrecision, RecallAt(0.1), costs]
        }
        TargetKind::Ordered => vec![Mae, Rmse, QuadraticKappa, Accuracy, BalancedAccuracy, LogLoss, Brier],
        TargetKind::Classes => vec![LogLoss, Brier, Accuracy, BalancedAccuracy],
        TargetKind::Relevance => vec![Ndcg(0), Mrr],
    }
}

pub(super) fn check_purpose(purpose: Purpose, domain: Domain) -> Result<(), QuestionError> {
    let kind = domain.kind;
    let alike = |known: &Purpose| std::mem::discriminant(known) == std::mem::discriminant(&purpose);
    let with_costs = matches!(purpose, Purpose::Decision(Some(_)));
    if purposes(kind).iter().any(alike) && !(with_costs && kind != TargetKind::Binary) {
        return Ok(());
    }
    let hint = match (purpose, kind) {
        (Purpose::Total, TargetKind::Binary) => "; a sum over two classes is the sum of their probabilities",
        (Purpose::Probability, TargetKind::Count) => "; the chance of no event is read off the distribution",
        (Purpose::Probability, TargetKind::Real | TargetKind::Amount) => {
            "; the chance of passing a limit is read off the distribution"
        }
        (Purpose::Decision(_), TargetKind::Real | TargetKind::Amount | TargetKind::Count) => {
            "; where too little and too much cost differently say stock:under=U,over=O"
        }
        (Purpose::Decision(Some(_)), TargetKind::Ordered | TargetKind::Classes) => {
            "; two costs need a target of two classes"
        }
        (Purpose::Ranking, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Ordered) => {
            "; to rank items within lists say --kind relevance and --group LIST"
        }
        _ => "",
    };
    Err(QuestionError::Purpose { purpose, kind, hint })
}

pub(super) fn check_metric(metric: Metric, domain: Domain) -> Result<(), QuestionError> {
    let kind = domain.kind;
    let alike = |known: &Metric| std::mem::discriminant(known) == std::mem::discriminant(&metric);
    if !metrics(kind).iter().any(alike) {
        return Err(QuestionError::Metric { metric, kind });
    }
    match metric {
        Metric::GammaDeviance if domain.zeros => {
            Err(QuestionError::Zeros { metric, instead: "poisson_deviance and tweedie_deviance:1.5" })
        }
        Metric::Mape if domain.zeros => Err(QuestionError::Zeros { metric, instead: "wape and mae" }),
        _ => Ok(()),
    }
}
