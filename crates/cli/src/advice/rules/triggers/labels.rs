//! Triggers of rules of labels and probabilities.

use super::{Case, Finding, Looked, unfitted};
use crate::advice::{
    evidence::FOLDS,
    problem::TargetKind,
    purpose::Functional,
    rules::limits,
    written::{chance, percent, range, whole},
};

pub(super) fn noise(case: &Case<'_>) -> Looked {
    let Some(found) = &case.evidence.classes else { return unfitted() };
    let noise = &found.noise;
    let calibrated = found.is_calibrated();
    let sentence = format!(
        "The confident joint takes {} of the labels for wrong{}; {}.",
        percent(noise.confident.value),
        match &noise.floor {
            Some(floor) => format!(
                ", and even the surest predictions are wrong in {} of the rows ({})",
                percent(floor.value),
                range(floor)
            ),
            None => String::new(),
        },
        if calibrated { "the probabilities are well calibrated" } else { "the probabilities are not well calibrated" }
    );
    // Flipped labels flatten the ends of the curve, which is a miscalibration by itself: the ends decide, not the calibration.
    let flat = noise.floor.is_some_and(|floor| floor.low > limits::LABEL_NOISE);
    let met = noise.confident.low > limits::LABEL_NOISE && flat;
    Finding::new(&["label_noise", "error_floor", "miscalibration", "miscalibration_p"], sentence)
        .against("Classes that overlap look just like wrong labels. Never correct labels in the test part.")
        .recommends(&["generalised_cross_entropy"])
        .experiment(
            ["--metric", "accuracy", "--losses", "cross_entropy,generalised_cross_entropy"].map(str::to_owned).to_vec(),
        )
        .when(met)
}

pub(super) fn miscalibration(case: &Case<'_>) -> Looked {
    let Some(found) = &case.evidence.classes else { return unfitted() };
    let sentence = format!(
        "{} of the log loss is miscalibration ({}).",
        percent(found.miscalibration),
        chance(found.miscalibration_p)
    );
    let few = case.evidence.kind() == TargetKind::Binary
        && case.evidence.layout.events.is_some_and(|events| events < limits::CALIBRATION_EVENTS);
    if few {
        return Looked::NotApplicable(format!(
            "The rarer class has fewer than {} rows: too few to judge a calibration.",
            limits::CALIBRATION_EVENTS
        ));
    }
    let met = !found.is_calibrated();
    let validation = found.rows / FOLDS;
    let wants = case.wants(|functional| functional == Functional::Probability);
    Finding::new(&["miscalibration", "miscalibration_p"], sentence)
        .against_if(
            met && validation < limits::CALIBRATION_ROWS,
            format!("About {} validation rows allow one temperature, not more.", whole(validation)),
        )
        .against_if(met && !wants, "Where only the order or a threshold counts, nothing has to be repaired.")
        .recommends(&["cross_entropy+temperature"])
        .experiment(case.compare(
            "probability",
            if case.evidence.kind() == TargetKind::Binary {
                "cross_entropy,cross_entropy+temperature,brier"
            } else {
                "cross_entropy,cross_entropy+temperature"
            },
        ))
        .when(met)
}

pub(super) fn order_of_classes(case: &Case<'_>) -> Looked {
    let Some(classes) = case.evidence.target.classes() else { return unfitted() };
    let (least, most) = limits::ORDERED_CLASSES;
    let count = classes.counts.len();
    let odds = case.evidence.classes.as_ref().and_then(|found| found.proportional_odds_p);
    let rejected = odds.is_some_and(|p| p < limits::PROPORTIONAL_ODDS_P);
    let mut sentence = format!(
        "{count} ordered classes, {} to {}.",
        classes.levels.first().map_or("", String::as_str),
        classes.levels.last().map_or("", String::as_str)
    );
    if let Some(p) = odds {
        sentence += &format!(" One slope for all steps: {} (Brant test).", chance(p));
    }
    let because: &[&'static str] = if odds.is_some() { &["classes", "proportional_odds_p"] } else { &["classes"] };
    let mut names = vec!["cross_entropy+decode", "corn+decode"];
    if !rejected {
        names.push("cumulative_link+decode");
    }
    let flags = match case.aim {
        Some(_) => case.compare("typical", "cross_entropy+decode,corn+decode"),
        None => ["--metric", "mae", "--losses", "cross_entropy+decode,corn+decode"].map(str::to_owned).to_vec(),
    };
    Finding::new(because, sentence)
        .against_if(rejected, "The Brant test rejects one slope for all steps: no cumulative link, no CORAL.")
        .recommends(&names)
        .experiment(flags)
        .when((least..=most).contains(&count))
}
