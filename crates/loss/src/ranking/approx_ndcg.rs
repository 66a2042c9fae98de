//! A smooth NDCG.

use minimand_tensor::Tensor;

use crate::ranking::approx_metrics::{ApproxOptions, List};
use crate::ranking::{check, filled, ranks};

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
/// With `top`, each gain is multiplied by how much its item belongs to the first places, as in [`approx_mrr`](crate::approx_mrr), and
/// `best` is of the first `top` places of the best order: NDCG@k.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. The scores are any numbers,
/// the relevance grades of at least 0, floats or integers, however high: gains are powers of 2, but only their ratios
/// count. A `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no influence.
/// Other shapes and masks panic, and so does a `temperature` that is not greater than 0 and finite, or a `top` of 0. The
/// temperature is the difference of scores over which one item passes another, small close to the true rank, large smooth;
/// a number alone stands for [`ApproxOptions`] without `top`.
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
/// *Revisiting Approximate Metric Optimization in the Age of Deep Neural Networks*, SIGIR 2019). With `top`, Rax
/// (`topn`) counts masked items at the cut, on rank 1; here they are left out.
///
/// # See also
/// [`ranking_softmax`](crate::ranking_softmax) and [`list_net`](crate::list_net), convex;
/// [`pairwise_logistic`](crate::pairwise_logistic), for which every place counts the same.
#[doc(alias = "ApproxNDCG")]
#[doc(alias = "approx_ndcg_loss")]
#[doc(alias = "approx_t12n")]
#[track_caller]
pub fn approx_ndcg(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    options: impl Into<ApproxOptions>,
) -> Tensor {
    let options = options.into();
    let list = List::of("approx_ndcg", scores, relevance, mask, options);
    over_best(&list.rank, relevance, mask, options.top, |gain| match options.top {
        Some(_) => gain * list.retrieved(),
        None => gain.clone(),
    })
}

/// Normalised discounted cumulative gain with ranks bounded from above by hinges, negative: an upper bound of −NDCG.
///
/// ```text
/// ℓ = −(Σᵢ gᵢ / ln(1 + rᵢ)) / best if best > 0 else 0
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// gᵢ = 2^yᵢ − 1
/// rᵢ = 1 + Σ{j ≠ i} max(0, 1 + sⱼ − sᵢ)
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`approx_ndcg`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = Σ{j ≠ i} ([1 + sⱼ > sᵢ] (−cᵢ) + [1 + sᵢ > sⱼ] cⱼ)` with `cᵢ = gᵢ / (best (1 + rᵢ) ln²(1 + rᵢ))`: unlike the
/// smooth steps of [`approx_ndcg`] the hinges do not saturate against the wrong order. At a gap of exactly 1 the slope is
/// that of the settled side, 0. Masked items and lists without relevant items have gradient 0.
///
/// # Estimates
/// An **order** with gaps: −1 once every pair whose order matters is 1 apart in the right direction, above that −NDCG or
/// more, up to 0.
///
/// # Stability
/// Sums of hinges, `ln_1p` and quotients of gains over the greatest power of 2: nothing overflows before the ranks do.
///
/// # Example
/// ```
/// use minimand_loss::bound_ndcg;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = bound_ndcg(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[-0.5112, -0.6309]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0817, -0.0673, -0.0144],\n [-0.1914, 0.1914, 0.0000]]");
/// ```
///
/// # When to use
/// To guarantee NDCG rather than to approximate it: what the loss promises, the metric keeps. It misleads where scores
/// are on a large scale: ranks grow with the gaps of wrong pairs, far beyond the number of items, and the bound says
/// nothing more. The scale of the scores is part of the loss, since the hinge has its corner at a gap of 1.
///
/// # Reference
/// Rax, `bound_t12n(ndcg_metric)`; the hinge bound of a rank is that of Agarwal, Takatsu, Zaitsev, Joachims, *A General
/// Framework for Counterfactual Learning-to-Rank*, SIGIR 2019. No parameters: Rax's `topn` is for [`approx_ndcg`] only.
///
/// # See also
/// [`approx_ndcg`], smooth and saturating; [`ndcg_loss2`](crate::ndcg_loss2), another bound.
#[doc(alias = "bound_t12n")]
#[track_caller]
pub fn bound_ndcg(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("bound_ndcg", scores, relevance, mask);
    let s = filled(scores, mask, 0.0);
    let rank = ranks::smooth(&s, mask, 1.0, |behind| (1.0 + behind).relu());
    over_best(&rank, relevance, mask, None, Tensor::clone)
}

/// Minus the gain at the given ranks, as far as it is retrieved, over the best gain.
fn over_best(
    rank: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    top: Option<usize>,
    retrieved: impl Fn(&Tensor) -> Tensor,
) -> Tensor {
    let gain = ranks::relative_gains(&filled(&relevance.cast(rank.dtype()), mask, 0.0));
    let best = ranks::best(&gain, relevance, mask, top);
    // Subtracted from 0, not negated: a list without gain costs 0, not −0.
    0.0 - (retrieved(&gain) / rank.ln_1p()).sum_axis(-1) / best
}
