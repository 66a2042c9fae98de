//! What the rules are told of a comparison: the losses that are read as they were trained, and how they came out.

use super::{proof::Proof, side::Side};
use crate::{
    advice::{
        document::{Candidate, Repair, RuleOutcome, State},
        evidence::TrainedLoss,
        written::listed,
    },
    model::Objective,
    terminal::wrapped,
};

/// Rules that speak of what is trained.
const OF_TRAINING: [&str; 4] = ["MIN122", "MIN161", "MIN162", "MIN163"];

/// The losses that are read without what would undo them.
pub fn losses(candidates: &[Candidate]) -> Vec<Objective> {
    let is_undone = |candidate: &Candidate| match candidate.post {
        Some(Repair::Ratio | Repair::Shift | Repair::PriorShift | Repair::InverseFocal) => true,
        Some(Repair::Temperature | Repair::Threshold | Repair::Decode | Repair::Conformal) | None => false,
    };
    let mut all: Vec<Objective> = Vec::new();
    for candidate in candidates.iter().filter(|candidate| !is_undone(candidate)) {
        if !all.contains(&candidate.loss) {
            all.push(candidate.loss);
        }
    }
    all
}

/// How they came out, with each model.
pub fn trained(candidates: &[Candidate], proof: &Proof) -> Vec<TrainedLoss> {
    let mut all = Vec::new();
    for candidate in candidates.iter().filter(|candidate| candidate.post.is_none()) {
        for model in proof.models.iter().filter(|model| model.splits > 0) {
            let Some(result) = model.results.get(&candidate.name) else { continue };
            let of = |side: Side| result.side.filter(|_| proof.side == Some(side));
            all.push(TrainedLoss {
                objective: candidate.loss,
                model: model.model,
                ratio_of_totals: of(Side::RatioOfTotals),
                probability_ratio: of(Side::ProbabilityRatio),
                rank_correlation: result.rank_correlation.filter(|_| candidate.name != proof.default),
                training_accuracy: model.training_accuracy.get(&candidate.name).copied(),
            });
        }
    }
    all
}

/// The rules of training that fired, as text; nothing where none did.
pub fn fired(rules: &[RuleOutcome], width: usize) -> String {
    let fired = rules.iter().filter(|rule| rule.state == State::Fired && OF_TRAINING.contains(&rule.code));
    let line = |rule: &RuleOutcome| {
        let instead =
            if rule.recommends.is_empty() { String::new() } else { format!(" Instead: {}.", listed(&rule.recommends)) };
        wrapped(&format!("{} {}: {}{instead}", rule.code, rule.title, rule.evidence), width)
    };
    let text: String = fired.map(line).collect();
    if text.is_empty() { text } else { format!("{text}\n") }
}
