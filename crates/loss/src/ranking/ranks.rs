//! Places in a list: hard ranks, counted, and smooth ones; and what stands at them.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::numbers::numbers;
use crate::ranking::filled;

/// The positions of the items.
fn positions(list: &Tensor, like: &Tensor) -> Tensor {
    numbers((0..list.shape()[list.rank() - 1]).map(|item| item as f64), like.dtype())
}

/// Ranks from 1 by falling value; of equal values the earlier one is before the later. In the type of `like`. Counted: no sorting, and in the
/// same pass as what is made of them.
pub(super) fn hard(values: &Tensor, mask: Option<&Tensor>, like: &Tensor) -> Tensor {
    let i = positions(values, like);
    let (own, other) = (values.unsqueeze(-1), values.unsqueeze(-2));
    let earlier = i.lt(i.unsqueeze(-1)).cast(i.dtype());
    let mut before = other.gt(&own).select(1.0, other.eq(&own).select(earlier, 0.0));
    if let Some(exists) = mask {
        before = exists.unsqueeze(-2).select(before, 0.0);
    }
    1.0 + before.sum_axis(-1)
}

/// Ranks `1 + Σ{j ≠ i} step((sⱼ − sᵢ)/temperature)` with a step that is 0 at −∞.
pub(super) fn smooth(s: &Tensor, mask: Option<&Tensor>, temperature: f64, step: impl Fn(&Tensor) -> Tensor) -> Tensor {
    let i = positions(s, s);
    // Divided after the difference: of two quotients that overflow it would be NaN.
    let behind = (s.unsqueeze(-2) - s.unsqueeze(-1)) / temperature;
    let mut others = i.unsqueeze(-1).eq(&i).select(f64::NEG_INFINITY, behind);
    if let Some(exists) = mask {
        others = exists.unsqueeze(-2).select(others, f64::NEG_INFINITY);
    }
    1.0 + step(&others).sum_axis(-1)
}

/// Gains `2^y − 1` over `2^greatest`, of which only ratios have a meaning: no grade is too high.
pub(super) fn relative_gains(y: &Tensor) -> Tensor {
    let greatest = y.max_keepdim(-1).detach();
    -(-LN_2 * y).exp_m1() * (LN_2 * (y - greatest)).exp()
}

/// `Σ gain / ln(1 + rank)` in the best order, up to a rank; 1 where there is nothing to gain.
pub(super) fn best(gain: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, top: Option<usize>) -> Tensor {
    let rank = hard(&relevance.cast(gain.dtype()), mask, gain);
    let best = (gain * discount(&rank, top)).sum_axis(-1);
    best.eq(0).select(1, &best)
}

/// `1/ln(1 + rank)`, 0 beyond the first `top` places.
pub(super) fn discount(rank: &Tensor, top: Option<usize>) -> Tensor {
    let discount = 1.0 / rank.ln_1p();
    match top {
        Some(top) => rank.le(top as f64).select(discount, 0),
        None => discount,
    }
}

/// Gains over the best discounted cumulative gain, of which the discounts are `1/ln(1 + rank)`. Without a gradient.
pub(super) fn gains_over_best(relevance: &Tensor, mask: Option<&Tensor>, top: Option<usize>, like: &Tensor) -> Tensor {
    over_best(&relative_gains(&filled(&relevance.cast(like.dtype()), mask, 0.0)), relevance, mask, top)
}

/// Gains, 0 where masked, over their discounted sum in the best order, which is that of `value`. Without a gradient.
pub(super) fn over_best(gain: &Tensor, value: &Tensor, mask: Option<&Tensor>, top: Option<usize>) -> Tensor {
    (gain / best(gain, value, mask, top).unsqueeze(-1)).detach()
}
