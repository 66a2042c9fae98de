//! Triggers of rules of rare classes.

use super::{Case, Finding, Looked, by_model, unfitted};
use crate::{
    advice::{
        evidence::ClassSummary,
        metric::Metric,
        problem::TargetKind,
        purpose::{Functional, Purpose},
        rules::limits,
        written::{counted, figure, percent, whole},
    },
    model::{ModelKind, Objective},
};

fn classes<'a>(case: &Case<'a>) -> Option<&'a ClassSummary> {
    case.evidence.target.classes()
}

pub(super) fn rare_class(case: &Case<'_>) -> Looked {
    let Some(classes) = classes(case) else { return unfitted() };
    let rows: usize = classes.counts.iter().sum();
    let least = classes.rows_of_rarest;
    let by_weight = if case.evidence.layout.effective_rows.is_some() { " by weight" } else { "" };
    let columns = case.evidence.layout.columns.max(1);
    let mut sentence = format!(
        "The rarest class has {} of {} ({}{by_weight}).",
        whole(least),
        counted(rows, "row", "rows"),
        percent(classes.rarest.value)
    );
    let met = classes.rarest.value < limits::PREVALENCE;
    if met {
        sentence += " That alone calls for a threshold, not for another loss.";
    }
    let losses = if case.evidence.kind() == TargetKind::Binary {
        "cross_entropy,weighted_cross_entropy,focal"
    } else {
        "cross_entropy,class_balanced_cross_entropy"
    };
    Finding::new(&["rarest_class"], sentence)
        .against_if(
            met && least < 10 * columns,
            format!(
                "{} of the rarest class for {} are few: use a penalty or fewer columns.",
                counted(least, "row", "rows"),
                counted(columns, "column", "columns")
            ),
        )
        .recommends(&["cross_entropy"])
        .experiment(case.compare("decision", losses))
        .when(met)
}

/// Whether an objective weights the classes.
fn is_weighted(objective: &Objective) -> bool {
    matches!(objective, Objective::WeightedCrossEntropy { .. } | Objective::ClassBalanced { .. })
}

/// What a comparison saw of a loss that is read as a probability, as sentences, with the facts that they stand on.
fn seen(case: &Case<'_>, wanted: impl Fn(&Objective) -> bool + Copy) -> (String, Vec<&'static str>) {
    let (mut sentences, mut because) = (String::new(), Vec::new());
    if let Some(found) = by_model(case.trained(wanted), |trained| trained.probability_ratio) {
        sentences += &format!(" Mean probability over the share of positives: {found}.");
        because.push("trained_probability_ratio");
    }
    if let Some(found) = by_model(case.trained(wanted), |trained| trained.rank_correlation) {
        sentences += &format!(" Rank correlation with the default: {found}.");
        because.push("trained_rank_correlation");
    }
    (sentences, because)
}

pub(super) fn weights(case: &Case<'_>) -> Looked {
    let weighted: Vec<&str> = case.losses.iter().filter(|loss| is_weighted(loss)).map(|loss| loss.name()).collect();
    // A threshold that follows from costs takes scores for probabilities, too.
    let probability = case.wants(|functional| functional == Functional::Probability)
        || matches!(case.metric(), Some(Metric::Cost(_)));
    let (seen, because) = seen(case, is_weighted);
    let sentence = match weighted.first() {
        Some(name) => format!("{name} gives classes a weight: its output is no probability.{seen}"),
        None => "No loss with weights is read as it is here.".to_owned(),
    };
    let losses = if case.evidence.kind() == TargetKind::Binary {
        "cross_entropy,weighted_cross_entropy,weighted_cross_entropy+prior_shift"
    } else {
        "cross_entropy,class_balanced_cross_entropy"
    };
    Finding::new(&because, sentence)
        .recommends(if case.evidence.kind() == TargetKind::Binary {
            &["weighted_cross_entropy+prior_shift"]
        } else {
            &[]
        })
        .experiment(case.compare("probability", losses))
        .when(!weighted.is_empty() && probability)
}

pub(super) fn focal(case: &Case<'_>) -> Looked {
    let is_focal = |loss: &Objective| matches!(loss, Objective::Focal { gamma, .. } if *gamma > 0.0);
    let focal = case.losses.iter().find_map(|&loss| {
        if let Objective::Focal { gamma, alpha } = loss { (gamma > 0.0).then_some((gamma, alpha)) } else { None }
    });
    if case.evidence.kind() != TargetKind::Binary {
        return Finding::new(&[], "No focal loss is read as it is here.".to_owned()).when(false);
    }
    let (seen, mut because) = seen(case, is_focal);
    because.insert(0, "rarest_class");
    let sentence = match focal {
        Some((gamma, alpha)) => {
            format!("A focal loss with γ {} and α {} is trained.{seen}", figure(gamma), figure(alpha))
        }
        None => "No focal loss is read as it is here.".to_owned(),
    };
    let rare = classes(case).is_some_and(|classes| classes.rarest.value < limits::PREVALENCE);
    let backwards = rare && focal.is_some_and(|(_, alpha)| alpha < 0.5);
    Finding::new(&because, sentence)
        .against_if(backwards, "α below 0.5 gives the rare class the smaller weight.")
        .recommends(&["focal+inverse_focal"])
        .experiment(case.compare("probability", "cross_entropy,focal,focal+inverse_focal"))
        .when(focal.is_some())
}

pub(super) fn interpolation(case: &Case<'_>) -> Looked {
    let Some(found) = &case.evidence.classes else { return unfitted() };
    let mut flags: Vec<String> =
        ["--metric", "balanced_accuracy", "--model", "mlp", "--losses"].map(str::to_owned).to_vec();
    let losses = if case.evidence.kind() == TargetKind::Binary {
        "weighted_cross_entropy"
    } else {
        "class_balanced_cross_entropy"
    };
    flags.push(format!("{losses},logit_adjusted_cross_entropy"));
    let networks = || case.trained(is_weighted).filter(|trained| trained.model == ModelKind::Mlp);
    let accuracy = networks().filter_map(|trained| trained.training_accuracy).fold(f64::NAN, f64::max);
    let (because, sentence, met) = if accuracy.is_finite() {
        let name = networks().map(|trained| trained.objective.name()).next().unwrap_or_default();
        let sentence =
            format!("With {name} the network is right on {} of the rows that it was fitted on.", percent(accuracy));
        ("trained_accuracy", sentence, accuracy > limits::INTERPOLATION)
    } else {
        let sentence = format!(
            "The first fit is right on {} of its training rows; no network was trained with weights.",
            percent(found.training_accuracy)
        );
        ("training_accuracy", sentence, false)
    };
    Finding::new(&[because], sentence)
        .against("A linear model that is held back by a penalty does not interpolate: weights act on it.")
        .recommends(&["logit_adjusted_cross_entropy"])
        .experiment(flags)
        .when(met)
}

pub(super) fn long_tail(case: &Case<'_>) -> Looked {
    let Some(classes) = classes(case) else { return unfitted() };
    let ratio = classes.ratio();
    let long = classes.counts.len() >= limits::LONG_TAIL_CLASSES && ratio > limits::LONG_TAIL_RATIO;
    let sentence =
        format!("{} classes; the largest has {} times the rows of the smallest.", classes.counts.len(), figure(ratio));
    let losses = "cross_entropy,logit_adjusted_cross_entropy,class_balanced_cross_entropy";
    Finding::new(&["classes", "class_ratio"], sentence)
        .recommends(&["cross_entropy+prior_shift", "logit_adjusted_cross_entropy"])
        .experiment(["--metric", "balanced_accuracy", "--losses", losses].map(str::to_owned).to_vec())
        .when(long && case.metric() == Some(Metric::BalancedAccuracy))
}

pub(super) fn order_alone(case: &Case<'_>) -> Looked {
    let met = match case.aim {
        None => true,
        Some(aim) => {
            matches!(aim.metric, Metric::Auc | Metric::AveragePrecision | Metric::RecallAt(_))
                || aim.purpose == Purpose::Ranking
        }
    };
    let auc = case.evidence.classes.as_ref().and_then(|found| found.auc);
    let sentence = match auc {
        Some(auc) => format!("The first fit, by cross-entropy, reaches an AUC of {}.", figure(auc)),
        None => "Where only the order counts, the order by probability is the best one.".to_owned(),
    };
    let because: &[&'static str] = if auc.is_some() { &["auc"] } else { &[] };
    Finding::new(because, sentence)
        .recommends(&["cross_entropy"])
        .experiment(["--metric", "auc", "--losses", "cross_entropy,pairwise_logistic"].map(str::to_owned).to_vec())
        .when(met)
}
