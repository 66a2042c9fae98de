//! A smooth NDCG.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive, numbers};
use crate::ranking::{check, filled};

/// Normalised discounted cumulative gain with smooth ranks, negative, so that less is better.
///
/// ```text
/// ℓ = −(Σᵢ gᵢ / ln(1 + rᵢ)) / best if best > 0 else 0
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// gᵢ = 2^yᵢ − 1
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// where b is the rank in the best order. The field writes discounts of `log₂(1 + rank)`: the base cancels.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. The scores are any numbers,
/// the relevance grades of at least 0, floats or integers, however high: gains are powers of 2, but only their ratios
/// count. A `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no influence.
/// Other shapes and masks panic, and so does a `temperature` that is not greater than 0 and finite: it is the difference
/// of scores over which one item passes another, small close to the true rank, large smooth.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = Σ{j ≠ i} v(sⱼ − sᵢ) (cⱼ − cᵢ)` with `v(d) = σ(d/T) σ(−d/T)/T` and `cᵢ = gᵢ / (best (1 + rᵢ) ln²(1 + rᵢ))`,
/// T the temperature: near neighbours are parted, the harder the more there is to gain and the higher they stand. The
/// gradients of a list sum to 0. A list without relevant items, or masked wholly, has loss 0 and gradient 0; masked
/// items have gradient 0. Smooth everywhere.
///
/// # Estimates
/// An **order**: by falling expected gain `E(2^y − 1)` of the items, where each list's gains are over its best. From
/// −1, approached as the gaps grow in the right order and never passed, to 0; a list without relevant items counts as
/// 0. As the temperature falls, minus the loss tends to NDCG itself.
///
/// # Stability
/// The smooth step is σ, which neither overflows nor loses small values; the item itself is left out, not subtracted.
/// Gains are `exp_m1`, over the greatest power of 2 in the list, discounts `ln_1p`. At gaps of many temperatures the gradient is 0 on both sides, as that of NDCG
/// is: a list in a wrong and certain order learns nothing.
///
/// # Example
/// ```
/// use minimand_loss::approx_ndcg;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_ndcg(&scores, &relevance, Some(&mask), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[-0.6699, -0.7565]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0345, -0.0559, 0.0214],\n [-0.0826, 0.0826, 0.0000]]");
/// ```
///
/// # When to use
/// When NDCG is what counts: graded relevance, and the top of the list matters most. Best after a start with
/// [`ranking_softmax`](crate::ranking_softmax) or [`pairwise_logistic`](crate::pairwise_logistic): it is not convex,
/// and far from the right order it is flat. It misleads at a temperature that does not fit the scores, which a network
/// can scale: much below their gaps nothing is learned, much above them all ranks are `(items + 1)/2`. Other libraries
/// count lists without relevant items as 0 as well: they dilute the mean. Time and memory grow with the square of the
/// items.
///
/// # Reference
/// Qin, Liu, Li, *A General Approximation Framework for Direct Optimization of Information Retrieval Measures*,
/// Information Retrieval 13, 2010, with α = 1/T. Usual: T = 1 (Rax), 0.1 (TF-Ranking; Bruch, Zoghi, Bendersky, Najork,
/// *Revisiting Approximate Metric Optimization in the Age of Deep Neural Networks*, SIGIR 2019).
///
/// # See also
/// [`ranking_softmax`](crate::ranking_softmax) and [`list_net`](crate::list_net), convex;
/// [`pairwise_logistic`](crate::pairwise_logistic), for which every place counts the same.
#[doc(alias = "ApproxNDCG")]
#[doc(alias = "approx_ndcg_loss")]
#[doc(alias = "approx_t12n")]
#[track_caller]
pub fn approx_ndcg(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, temperature: f64) -> Tensor {
    check("approx_ndcg", scores, relevance, mask);
    check_positive("approx_ndcg", ("temperature", temperature), scores.dtype());
    check_finite("approx_ndcg", ("temperature", temperature), scores.dtype());
    let i = numbers((0..scores.shape()[scores.rank() - 1]).map(|item| item as f64), scores.dtype());
    let s = filled(scores, mask, 0.0);
    // Divided after the difference: of two quotients that overflow it would be NaN.
    let behind = (s.unsqueeze(-2) - s.unsqueeze(-1)) / temperature;
    let mut others = i.unsqueeze(-1).eq(&i).select(f64::NEG_INFINITY, behind);
    if let Some(exists) = mask {
        others = exists.unsqueeze(-2).select(others, f64::NEG_INFINITY);
    }
    let rank = 1.0 + others.sigmoid().sum_axis(-1);
    let y = filled(&relevance.cast(scores.dtype()), mask, 0.0);
    // 2^y − 1 over 2^greatest, which cancels in the quotient: no grade is too high.
    let greatest = y.max_keepdim(-1).detach();
    let gain = -(-LN_2 * &y).exp_m1() * (LN_2 * (&y - greatest)).exp();
    let best = (&gain / best_rank(relevance, mask, &i).ln_1p()).sum_axis(-1);
    // Subtracted from 0, not negated: a list without gain costs 0, not −0.
    0.0 - (gain / rank.ln_1p()).sum_axis(-1) / best.eq(0).select(1, &best)
}

/// The ranks b in the best order. Counted, as the others are: no sorting, and in the same pass.
fn best_rank(relevance: &Tensor, mask: Option<&Tensor>, i: &Tensor) -> Tensor {
    let y = relevance.cast(i.dtype());
    let (own, other) = (y.unsqueeze(-1), y.unsqueeze(-2));
    let earlier = i.lt(i.unsqueeze(-1)).cast(i.dtype());
    let mut before = other.gt(&own).select(1.0, other.eq(&own).select(earlier, 0.0));
    if let Some(exists) = mask {
        before = exists.unsqueeze(-2).select(before, 0.0);
    }
    1.0 + before.sum_axis(-1)
}
