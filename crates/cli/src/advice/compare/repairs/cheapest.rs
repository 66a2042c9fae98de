//! Which repair is tried beside a loss: the cheapest one that suits the question.

use crate::{
    advice::{
        document::Repair,
        map::{Aim, Decode},
        metric::Metric,
        problem::TargetKind,
        purpose::Functional,
    },
    model::{Link, Objective},
};

/// The repair that suits a loss for a question where there is a cheap one: what is to be tried before another loss.
pub fn cheapest(objective: Objective, aim: &Aim, kind: TargetKind) -> Option<Repair> {
    if let Some(&(_, repair)) = aim.repaired.iter().find(|(one, _)| one.name() == objective.name()) {
        let distorted = undoing(objective).is_some();
        // A formula that undoes the distortion comes before a threshold for distorted probabilities.
        if !(distorted && repair == Repair::Threshold && matches!(aim.metric, Metric::Cost(_))) {
            return Some(repair);
        }
    }
    let numbers = matches!(kind, TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share);
    match aim.functional {
        Functional::Mean if kind == TargetKind::Ordered => Some(Repair::Decode),
        Functional::Mean => {
            if objective.estimates() == Some(Functional::Mean) || !numbers {
                None
            } else if kind == TargetKind::Real {
                Some(Repair::Shift)
            } else {
                Some(Repair::Ratio)
            }
        }
        Functional::Median if kind == TargetKind::Ordered => Some(Repair::Decode),
        Functional::Median
        | Functional::Quantile(_)
        | Functional::Expectile(_)
        | Functional::MedianByInverse
        | Functional::LogMean => {
            let own = objective.estimates();
            let gives_a_law = own == Some(Functional::Law);
            (numbers && own != Some(aim.functional) && !gives_a_law).then_some(Repair::Shift)
        }
        Functional::Probability => match undoing(objective) {
            Some(repair) => Some(repair),
            None => matches!(objective.link(), Link::Logit | Link::Softmax).then_some(Repair::Temperature),
        },
        Functional::Mode => match (aim.metric, kind) {
            (_, TargetKind::Binary) => Some(Repair::Threshold),
            (Metric::BalancedAccuracy, TargetKind::Classes | TargetKind::Ordered) => Some(Repair::PriorShift),
            _ => None,
        },
        Functional::Order => match aim.metric {
            Metric::Cost(_) => undoing(objective).or(Some(Repair::Threshold)),
            Metric::F1 | Metric::BalancedAccuracy => Some(Repair::Threshold),
            _ => None,
        },
        Functional::Interval(_) => Some(Repair::Conformal),
        Functional::Law => None,
    }
}

/// Whether a loss is read in the same way with the repair as without.
pub fn changes_nothing(objective: Objective, repair: Repair, aim: &Aim) -> bool {
    if repair != Repair::Decode {
        return false;
    }
    let by_median = matches!(objective, Objective::Corn | Objective::CumulativeLink);
    match aim.decode {
        Decode::MedianClass => by_median,
        Decode::MeanWithCuts | Decode::MeanOfClasses => false,
        // The most probable class, which those two are not read by.
        Decode::AsItIs
        | Decode::Above(_)
        | Decode::AboveHalfBestF1
        | Decode::AbovePrevalence
        | Decode::Highest(_)
        | Decode::MostProbable
        | Decode::MostProbableForFrequency => !by_median,
    }
}

/// The formula that undoes what a loss did to its probabilities.
fn undoing(objective: Objective) -> Option<Repair> {
    match objective {
        Objective::WeightedCrossEntropy { .. }
        | Objective::LogitAdjusted { .. }
        | Objective::MulticlassLogitAdjusted { .. }
        | Objective::ClassBalanced { .. } => Some(Repair::PriorShift),
        Objective::Focal { .. } => Some(Repair::InverseFocal),
        _ => None,
    }
}
