//! Whether a loss's predictions answer a question at all.

use crate::{
    advice::{
        compare::laws::is_of_counts,
        map::Aim,
        metric::Metric,
        problem::{Target, TargetKind},
        purpose::Functional,
    },
    model::{Link, Objective},
};

/// Whether what a loss predicts can be judged by the metric at all.
pub fn can_read(objective: Objective, aim: &Aim, target: &Target) -> bool {
    let of_lists = matches!(
        objective,
        Objective::ListSoftmax
            | Objective::ListPairwise
            | Objective::LambdaRank
            | Objective::ApproxNdcg
            | Objective::Pointwise
    );
    let of_intervals = matches!(objective, Objective::TwoQuantiles { .. });
    let link = objective.link();
    match target.kind {
        TargetKind::Relevance => of_lists,
        TargetKind::Binary => match aim.metric {
            Metric::LogLoss | Metric::Brier | Metric::LogScore => link == Link::Logit,
            _ => link == Link::Logit || link == Link::Score && !of_lists,
        },
        TargetKind::Classes => link == Link::Softmax,
        TargetKind::Ordered => match aim.metric {
            Metric::Mae | Metric::Rmse | Metric::R2 => {
                matches!(link, Link::Softmax | Link::Ordinal) || objective == Objective::SquaredError
            }
            _ => matches!(link, Link::Softmax | Link::Ordinal),
        },
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => {
            let of_numbers = matches!(link, Link::Identity | Link::Log);
            match aim.functional {
                Functional::Law => gives_laws(objective) && comparable(objective, aim, target),
                Functional::Interval(_) => of_intervals || gives_laws(objective),
                _ if of_intervals => false,
                _ if link == Link::Logit => target.kind == TargetKind::Share,
                _ => of_numbers,
            }
        }
    }
}

/// Densities cannot be compared with probabilities: by the log score counts need laws of counts, and numbers with exact zeros laws
/// without a mass there.
fn comparable(objective: Objective, aim: &Aim, target: &Target) -> bool {
    let of_counts = is_of_counts(objective);
    match (aim.metric, target.kind) {
        (Metric::LogScore, TargetKind::Count) => of_counts,
        (Metric::LogScore, _) => !of_counts && objective != Objective::TwoPart,
        (_, TargetKind::Count) => true,
        _ => !of_counts,
    }
}

/// Whether a law stands behind the loss's predictions.
fn gives_laws(objective: Objective) -> bool {
    matches!(
        objective,
        Objective::SquaredError
            | Objective::Gaussian
            | Objective::BetaGaussian { .. }
            | Objective::StudentT { .. }
            | Objective::LogSquaredError
            | Objective::LogNormal
            | Objective::Gamma
            | Objective::GammaLikelihood
            | Objective::Poisson
            | Objective::NegativeBinomial
            | Objective::ZeroInflatedPoisson
            | Objective::ZeroInflatedNegativeBinomial
            | Objective::TwoPart
    )
}
