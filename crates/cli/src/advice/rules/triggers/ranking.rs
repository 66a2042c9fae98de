//! Triggers of rules of ranking within lists.

use super::{Case, Finding, Looked, unfitted};
use crate::advice::{
    evidence::ListSummary,
    rules::limits,
    written::{counted, figure, whole},
};

/// The losses that lists like these speak for, the first one first.
pub(super) fn list_losses(lists: &ListSummary) -> &'static [&'static str] {
    if lists.one_relevant() {
        &["ranking_softmax"]
    } else if lists.mixed < limits::FEW_LISTS {
        &["pairwise_logistic", "pointwise"]
    } else if lists.graded && lists.mixed >= limits::MANY_LISTS {
        &["lambda_rank", "approx_ndcg"]
    } else {
        &["ranking_softmax", "pairwise_logistic"]
    }
}

pub(super) fn lists(case: &Case<'_>) -> Looked {
    let Some(lists) = case.evidence.target.lists() else { return unfitted() };
    let kind = match (lists.one_relevant(), lists.graded) {
        (true, _) => "one relevant item in each",
        (false, true) => "relevance in grades",
        (false, false) => "several relevant items in some",
    };
    let sentence = format!(
        "{}, {} of them with relevant and other items; {kind}.",
        counted(lists.lists, "list", "lists"),
        whole(lists.mixed)
    );
    let names = list_losses(lists);
    let losses: Vec<&str> =
        ["pointwise"].iter().chain(names.iter().filter(|name| **name != "pointwise")).copied().collect();
    Finding::new(&["lists", "mixed_lists", "single_relevant_lists", "graded"], sentence)
        .against("If scores are also read as numbers, a loss of the order leaves their level open.")
        .recommends(names)
        .experiment(case.compare("ranking", &losses.join(",")))
        .when(true)
}

pub(super) fn clicks(case: &Case<'_>) -> Looked {
    let Some(position) = &case.evidence.position else {
        return Looked::NotApplicable("No column is named like the position that an item was shown at.".to_owned());
    };
    let sentence =
        format!("`{}` alone tells relevant items with an AUC of {}.", position.column, figure(position.value));
    Finding::new(&["position_auc"], sentence)
        .against("If the order was drawn at random, position and relevance have nothing to do with each other.")
        .when(position.value > limits::POSITION_AUC)
}
