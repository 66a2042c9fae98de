//! Triggers of rules of the evidence itself.

use super::{Case, Finding, Looked, unfitted};
use crate::advice::{
    evidence::FOLDS,
    problem::TargetKind,
    rules::limits,
    written::{counted, figure, percent},
};

pub(super) fn little_evidence(case: &Case<'_>) -> Looked {
    let evidence = case.evidence;
    let (unit, units) = match (evidence.kind() == TargetKind::Relevance, evidence.layout.grouped) {
        (true, _) => ("list", "lists"),
        (false, true) => ("group", "groups"),
        (false, false) => ("row", "rows"),
    };
    let groups = evidence.groups_per_part();
    let events = evidence.events_per_part();
    let (event, what) = match evidence.kind() {
        TargetKind::Binary => (("row", "rows"), "of the rarer class"),
        TargetKind::Relevance => (("list", "lists"), "with relevant and other items"),
        TargetKind::Real
        | TargetKind::Amount
        | TargetKind::Count
        | TargetKind::Share
        | TargetKind::Ordered
        | TargetKind::Classes => (("row", "rows"), "that are not 0"),
    };
    let mut sentence = format!("A test part holds about {}", counted(groups.floor() as usize, unit, units));
    if let Some(events) = events {
        sentence += &format!(" and {} {what}", counted(events.floor() as usize, event.0, event.1));
    }
    sentence.push('.');
    let few = limits::EVIDENCE as f64;
    // A few rows that outweigh all others are all the evidence there is.
    let worth = evidence.layout.effective_rows.map(|rows| rows / FOLDS as f64);
    if let Some(worth) = worth {
        sentence += &format!(
            " Its weights tell as much as {} of equal weight.",
            counted(worth.floor() as usize, "row", "rows")
        );
    }
    let because: &[&'static str] =
        if events.is_some() { &["groups_per_test_part", "events_per_test_part"] } else { &["groups_per_test_part"] };
    let mut flags = case.question(usual(evidence.kind()));
    flags.extend(["--seed".to_owned(), "8".to_owned()]);
    Finding::new(because, sentence)
        .recommends(&[crate::advice::shortlist::default_loss(evidence.kind()).name()])
        .experiment(flags)
        .when(groups < few || events.is_some_and(|events| events < few) || worth.is_some_and(|worth| worth < few))
}

/// A purpose that makes sense for such targets.
fn usual(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share => "total",
        TargetKind::Binary | TargetKind::Classes | TargetKind::Ordered => "probability",
        TargetKind::Relevance => "ranking",
    }
}

pub(super) fn leakage(case: &Case<'_>) -> Looked {
    let evidence = case.evidence;
    let leak = evidence.leak();
    let mut sentences = Vec::new();
    match (leak, evidence.suspects.first()) {
        (Some(leak), _) => sentences.push(format!(
            "`{}` alone predicts the target ({} {}): is it known when the prediction is made?",
            leak.column,
            leak.by.name(),
            figure(leak.value)
        )),
        (None, Some(strongest)) => sentences.push(format!(
            "No column gives the answer away; the strongest alone is `{}` ({} {}).",
            strongest.column,
            strongest.by.name(),
            figure(strongest.value)
        )),
        (None, None) => sentences.push("No column could be looked at alone.".to_owned()),
    }
    if let Some(column) = &evidence.unnamed_groups {
        sentences.push(format!(
            "`{column}` looks like the number of a person or a thing with several rows: say --group {column}."
        ));
    }
    Finding::new(&["strongest_column"], sentences.join(" "))
        .against("Some columns really are that good; then no model is needed.")
        .when(leak.is_some() || evidence.unnamed_groups.is_some())
}

pub(super) fn censoring(case: &Case<'_>) -> Looked {
    let Some(target) = case.evidence.target.numbers() else { return unfitted() };
    let mut sentences =
        vec![format!("{} of the rows stand at the maximum, {}.", percent(target.at_maximum), figure(target.maximum))];
    if let Some(column) = &case.evidence.event_column {
        sentences.push(format!("The target is named like a time and `{column}` like the event that ends it."));
    }
    Finding::new(&["at_maximum", "maximum"], sentences.join(" "))
        .against("If the maximum is a real value (a full grade, a full tank), nothing is hidden.")
        .when(target.is_cut_off || case.evidence.event_column.is_some())
}
