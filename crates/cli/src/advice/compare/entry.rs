//! What is trained and how it is read: each loss once, with every repair that is compared.

use super::{plan::neighbours, repairs};
use crate::{
    advice::{
        document::{Candidate, Repair},
        map::Aim,
        problem::TargetKind,
    },
    model::Objective,
};

/// A loss to train, with the candidates that are read off it.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The loss.
    pub objective: Objective,
    /// Whether its own parameter is tuned: not where somebody gave it.
    pub is_tuned: bool,
    /// Its candidates: the number among all, and the repair.
    pub variants: Vec<(usize, Option<Repair>)>,
    /// The repair of the candidate that the settings are chosen by: one that the question admits.
    pub leading: Option<Repair>,
}

impl Entry {
    /// The same loss with its own parameter a step lower and a step higher, where that is tuned.
    pub fn neighbours(&self) -> Vec<Objective> {
        if self.is_tuned { neighbours(self.objective) } else { Vec::new() }
    }
}

/// The entries of the candidates, in the order of their first one. Candidates with one loss and the same parameters share its
/// training.
pub fn entries(candidates: &[Candidate]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        match entries.iter_mut().find(|entry| entry.objective == candidate.loss) {
            Some(entry) => entry.variants.push((number, candidate.post)),
            None => entries.push(Entry {
                objective: candidate.loss,
                is_tuned: !candidate.name.contains(':'),
                variants: vec![(number, candidate.post)],
                leading: candidate.post,
            }),
        }
    }
    for entry in &mut entries {
        let admitted = entry.variants.iter().find(|(number, _)| candidates[*number].admissible);
        entry.leading = admitted.or(entry.variants.last()).and_then(|(_, repair)| *repair);
    }
    entries
}

/// The candidates with, beside each, the same loss and its cheapest repair: what is to be tried before another loss.
pub fn with_repairs(candidates: Vec<Candidate>, aim: &Aim, kind: TargetKind) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for (place, candidate) in candidates.iter().enumerate() {
        if all.iter().any(|known| known.name == candidate.name && known.loss == candidate.loss) {
            continue;
        }
        all.push(candidate.clone());
        if candidate.post.is_some() {
            continue;
        }
        let repair = repairs::cheapest(candidate.loss, aim, kind);
        let Some(repair) = repair.filter(|&repair| !repairs::changes_nothing(candidate.loss, repair, aim)) else {
            continue;
        };
        let mut repaired = Candidate::new(candidate.loss, Some(repair));
        // With the parameters of its name.
        repaired.name = repaired.name.replacen(candidate.loss.name(), &candidate.name, 1);
        let is_listed = candidates.iter().any(|known| known.name == repaired.name && known.loss == repaired.loss);
        if is_listed {
            continue;
        }
        repaired.admissible = true;
        repaired.plainness = if place == 0 { 1 } else { candidate.plainness.max(2) };
        repaired.why = "the same loss, with what can be done after training".to_owned();
        all.push(repaired);
    }
    all
}
