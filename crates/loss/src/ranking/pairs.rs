//! What losses over the pairs of a list share.

use minimand_tensor::Tensor;

use crate::ranking::filled;

/// What each item loses to those that are less relevant, of a loss of the differences of two scores and of their relevances. Item by item:
/// losses, slopes and pairs are then all sums along or across rows of one length.
#[track_caller]
pub(super) fn by_item(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    pair_loss: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    let s = filled(scores, mask, 0.0); // a masked NaN would reach the gradient as 0 · NaN
    let y = filled(relevance, mask, 0.0);
    let ahead = s.unsqueeze(-1) - s.unsqueeze(-2);
    let of_scores = y.cast(s.dtype());
    let more = of_scores.unsqueeze(-1) - of_scores.unsqueeze(-2);
    let preferred = both_exist(relevance.unsqueeze(-1).gt(relevance.unsqueeze(-2)), mask);
    preferred.select(pair_loss(&ahead, &more), 0).sum_axis(-1) + not_a_number(&s, &y)
}

/// NaN in the places of NaN, and 0 elsewhere: NaN makes no pair, and must not be taken for a tie.
pub(super) fn not_a_number(s: &Tensor, y: &Tensor) -> Tensor {
    let numbers = s.eq(s) & y.eq(y);
    numbers.select(0, s) * numbers.select(1.0, f64::NAN)
}

/// The mean over the pairs of a list, given what each item loses in them; 0 where there are none.
#[track_caller]
pub(super) fn mean(losses: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    // Counted from the worse item: what the losses are made of is not computed before their number is known.
    let disfavoured = both_exist(relevance.unsqueeze(-1).lt(relevance.unsqueeze(-2)), mask);
    let n = disfavoured.cast(losses.dtype()).sum_axis(-1).sum_axis(-1).clamp_min(1);
    (losses / n.unsqueeze(-1)).sum_axis(-1)
}

/// Those of the pairs of which both items exist.
#[track_caller]
pub(super) fn both_exist(pairs: Tensor, mask: Option<&Tensor>) -> Tensor {
    match mask {
        Some(exists) => pairs & exists.unsqueeze(-1) & exists.unsqueeze(-2),
        None => pairs,
    }
}
