//! Metrics of lists with smooth ranks.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive};
use crate::ranking::{check, filled, pairs, ranks};

/// How smooth a metric is, and how much of the list it looks at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ApproxOptions {
    /// The difference of scores over which one item passes another.
    pub temperature: f64,
    /// The metric looks at so many places; all when there is none.
    pub top: Option<usize>,
}

impl Default for ApproxOptions {
    fn default() -> ApproxOptions {
        ApproxOptions { temperature: 1.0, top: None }
    }
}

impl From<f64> for ApproxOptions {
    /// A temperature, and all places.
    fn from(temperature: f64) -> ApproxOptions {
        ApproxOptions { temperature, top: None }
    }
}

/// Reciprocal of the smooth rank of the first relevant item, negative, so that less is better.
///
/// ```text
/// ℓ = −max(0, maxᵢ ([yᵢ ≥ 1] / rᵢ))
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// With `top`, each reciprocal is multiplied by how much its item belongs to the first places:
/// `σ((c − rᵢ) / temperature)` with c midway between the smooth ranks on places `top` and `top + 1`; 1 where there are no
/// more than `top` items.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Items of relevance 1 and more are relevant, floats
/// or integers. A `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no influence. Anything else
/// panics, and so does a `temperature` that is not greater than 0 and finite, or a `top` of 0.
///
/// # Gradient
/// That of `−1/r` of the relevant item with the smallest rank, by its own score and those of all others; ties share. The cut c has no
/// gradient. A list without relevant items, or masked wholly, has loss 0 and gradient 0.
///
/// # Estimates
/// An **order** with a likely relevant item first. From −1, approached as one relevant item leaves all others behind, to 0. As the
/// temperature falls, minus the loss tends to the reciprocal rank.
///
/// # Stability
/// As [`approx_ndcg`](crate::approx_ndcg): σ neither overflows nor loses small values, the item itself is left out.
///
/// # Example
/// ```
/// use minimand_loss::approx_mrr;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_mrr(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[-0.5000, -0.6667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0492, -0.0983, 0.0492],\n [-0.1111, 0.1111, 0.0000]]");
/// ```
///
/// # When to use
/// When one good answer suffices: known-item search, question answering. It misleads with several relevant items: only the best placed
/// one is taught, which is usually the one that needs it least.
///
/// # Reference
/// Rax, `approx_t12n(mrr_metric)`; Qin, Liu, Li, *A General Approximation Framework for Direct Optimization of Information Retrieval
/// Measures*, Information Retrieval 13, 2010. Rax counts masked items at the cut, on rank 1; here they are left out.
///
/// # See also
/// [`approx_average_precision`], all relevant items; [`ranking_softmax`](crate::ranking_softmax), convex;
/// [`approx_ndcg`](crate::approx_ndcg) for graded relevance.
#[doc(alias = "mrr_metric")]
#[track_caller]
pub fn approx_mrr(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: ApproxOptions) -> Tensor {
    let list = List::of("approx_mrr", scores, relevance, mask, options);
    0.0 - (list.relevant() * list.retrieved() / &list.rank).max_axis(-1).clamp_min(0)
}

/// Average precision with smooth ranks, negative, so that less is better.
///
/// ```text
/// ℓ = −Σ{i : yᵢ ≥ 1} (Σ{j : yⱼ ≥ 1 and sⱼ ≥ sᵢ} 1) / rᵢ / max(n, 1)
/// n = Σ{i : yᵢ ≥ 1} 1
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// With `top`, each precision is multiplied by how much its item belongs to the first places, as in [`approx_mrr`].
///
/// # Shapes
/// As [`approx_mrr`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// Through the smooth ranks alone: the number of relevant items before i is counted hard, by the scores, and jumps where two relevant items
/// change places. A list without relevant items, or masked wholly, has loss 0 and gradient 0.
///
/// # Estimates
/// An **order** with the relevant items first. From about −1 to 0; with equal scores ranks are `(items + 1)/2` while all relevant items count as
/// before, so that the loss may then be less than −1. As the temperature falls, minus the loss tends to the average precision.
///
/// # Stability
/// As [`approx_ndcg`](crate::approx_ndcg). Scores are compared, not ranks, which rounding may part where scores are equal.
///
/// # Example
/// ```
/// use minimand_loss::approx_average_precision;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_average_precision(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[-0.6329, -0.6667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0400, -0.0203, -0.0196],\n [-0.1111, 0.1111, 0.0000]]");
/// ```
///
/// # When to use
/// For retrieval with several relevant items and no grades. It misleads by its hard count: relevant items are pushed up, but not
/// credited for passing each other; [`smooth_ap`](crate::smooth_ap) smooths both.
///
/// # Reference
/// Rax, `approx_t12n(ap_metric)`; Qin, Liu, Li 2010, section 3.3, smooth the count too. Rax counts masked items that are marked relevant;
/// here they are left out.
///
/// # See also
/// [`smooth_ap`](crate::smooth_ap); [`approx_mrr`]; [`approx_ndcg`](crate::approx_ndcg).
#[doc(alias = "ap_metric")]
#[track_caller]
pub fn approx_average_precision(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    options: ApproxOptions,
) -> Tensor {
    let list = List::of("approx_average_precision", scores, relevance, mask, options);
    let relevant = list.relevant();
    let before = list.s.unsqueeze(-2).ge(list.s.unsqueeze(-1));
    let count = before.select(relevant.unsqueeze(-2), 0).sum_axis(-1);
    let n = relevant.sum_axis(-1).clamp_min(1);
    0.0 - (relevant * count * list.retrieved() / &list.rank).sum_axis(-1) / n
}

/// Discounted cumulative gain with smooth ranks, negative, so that less is better.
///
/// ```text
/// ℓ = −Σᵢ (2^yᵢ − 1) ln 2 / ln(1 + rᵢ)
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// With `top`, each gain is multiplied by how much its item belongs to the first places, as in [`approx_mrr`].
///
/// # Shapes
/// As [`approx_mrr`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Relevance grades are at least 0. Anything else panics.
///
/// # Gradient
/// As [`approx_ndcg`](crate::approx_ndcg), without the division by the best gain. A list without relevant items, or masked wholly, has
/// loss 0 and gradient 0.
///
/// # Estimates
/// An **order**: by falling expected gain. From minus the best gain, approached as the gaps grow in the right order, to 0.
///
/// # Stability
/// As [`approx_ndcg`](crate::approx_ndcg), but gains of high grades overflow: `2^128` is infinite in f32.
///
/// # Example
/// ```
/// use minimand_loss::approx_dcg;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_dcg(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[-2.4325, -0.7565]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.1251, -0.2029, 0.0778],\n [-0.0826, 0.0826, 0.0000]]");
/// ```
///
/// # When to use
/// Where lists shall count by what there is to gain in them. It misleads where they shall count the same: a list with one grade of 4
/// weighs fifteen times one with a grade of 1. Take [`approx_ndcg`](crate::approx_ndcg).
///
/// # Reference
/// Rax, `approx_t12n(dcg_metric)`; Qin, Liu, Li 2010. Rax counts masked items at the cut, on rank 1; here they are left out.
///
/// # See also
/// [`approx_ndcg`](crate::approx_ndcg), over the best gain.
#[doc(alias = "dcg_metric")]
#[track_caller]
pub fn approx_dcg(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: ApproxOptions) -> Tensor {
    let list = List::of("approx_dcg", scores, relevance, mask, options);
    let gain = (LN_2 * filled(&relevance.cast(scores.dtype()), mask, 0.0)).exp_m1();
    0.0 - (gain * list.retrieved() * LN_2 / list.rank.ln_1p()).sum_axis(-1)
}

/// Share of the first places, softly cut, that relevant items hold, negative, so that less is better.
///
/// ```text
/// ℓ = −Σᵢ [yᵢ ≥ 1] mᵢ / Σᵢ mᵢ
/// mᵢ = σ((c − rᵢ) / temperature)
/// c = ½ Σⱼ [top ≤ hⱼ and hⱼ ≤ top + 1] rⱼ
/// hᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// where m tells how much an item belongs to the first places, and c lies midway between the smooth ranks on places `top` and
/// `top + 1`. In a list of no more than `top` items all m are 1.
///
/// # Shapes
/// As [`approx_mrr`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics, and so does a `top` of 0 or a `temperature` that is not greater than 0 and finite.
///
/// # Gradient
/// Through the smooth ranks; the cut c is held fixed. A list without relevant items, of no more than `top` items, or masked wholly has
/// gradient 0.
///
/// # Estimates
/// A **choice** of `top` items: the likeliest to be relevant. From −1 to 0.
///
/// # Stability
/// σ neither overflows nor loses small values; a list masked wholly is divided by 1.
///
/// # Example
/// ```
/// use minimand_loss::approx_precision;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_precision(&scores, &relevance, Some(&mask), 1, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[-0.5520, -0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0558, -0.0401, -0.0157],\n [-0.0625, 0.0625, 0.0000]]");
/// ```
///
/// # When to use
/// When exactly `top` items are shown, all alike. It misleads with a temperature near the number of items or above: the ranks then lie
/// within one temperature of the cut, and everything belongs to the first places by half.
///
/// # Reference
/// Rax, `approx_t12n(precision_metric)` with `topn`. Rax counts masked items at the cut, on rank 1; here they are left out.
///
/// # See also
/// [`approx_recall`]; [`approx_average_precision`].
#[doc(alias = "precision_metric")]
#[track_caller]
pub fn approx_precision(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    top: usize,
    temperature: f64,
) -> Tensor {
    let options = ApproxOptions { temperature, top: Some(top) };
    let list = List::of("approx_precision", scores, relevance, mask, options);
    let retrieved = list.retrieved();
    let total = retrieved.sum_axis(-1);
    0.0 - (list.relevant() * &retrieved).sum_axis(-1) / total.eq(0).select(1, &total)
}

/// Share of the relevant items that hold one of the first places, softly cut, negative, so that less is better.
///
/// ```text
/// ℓ = −Σᵢ [yᵢ ≥ 1] mᵢ / max(Σᵢ [yᵢ ≥ 1], 1)
/// mᵢ = σ((c − rᵢ) / temperature)
/// c = ½ Σⱼ [top ≤ hⱼ and hⱼ ≤ top + 1] rⱼ
/// hᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// with m and c as in [`approx_precision`]. In a list of no more than `top` items all m are 1.
///
/// # Shapes
/// As [`approx_precision`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// Through the smooth ranks; the cut c is held fixed. A list without relevant items, of no more than `top` items, or masked wholly has
/// gradient 0.
///
/// # Estimates
/// A **choice** of `top` items that holds the relevant ones. From −1 to 0.
///
/// # Stability
/// As [`approx_precision`].
///
/// # Example
/// ```
/// use minimand_loss::approx_recall;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_recall(&scores, &relevance, Some(&mask), 1, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[-0.3548, -0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0347, -0.0280, -0.0067],\n [-0.0625, 0.0625, 0.0000]]");
/// ```
///
/// # When to use
/// For the first stage of a search, which hands `top` candidates to the next. It misleads as [`approx_precision`] does: with a
/// temperature too high everything is retrieved by half.
///
/// # Reference
/// Rax, `approx_t12n(recall_metric)` with `topn`. Rax counts masked items at the cut, on rank 1; here they are left out.
///
/// # See also
/// [`approx_precision`]; [`ranking_softmax`](crate::ranking_softmax).
#[doc(alias = "recall_metric")]
#[track_caller]
pub fn approx_recall(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    top: usize,
    temperature: f64,
) -> Tensor {
    let options = ApproxOptions { temperature, top: Some(top) };
    let list = List::of("approx_recall", scores, relevance, mask, options);
    let relevant = list.relevant();
    let n = relevant.sum_axis(-1).clamp_min(1);
    0.0 - (relevant * list.retrieved()).sum_axis(-1) / n
}

/// Smooth share of the pairs in the right order, negative, so that less is better.
///
/// ```text
/// ℓ = −Σ{i, j : yᵢ > yⱼ} σ((sᵢ − sⱼ) / temperature) / n
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`approx_mrr`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Of the relevance only the order counts. Anything else panics.
///
/// # Gradient
/// Of a pair by `sᵢ − sⱼ`: `−σ(d) σ(−d) / temperature` with `d = (sᵢ − sⱼ) / temperature`. Lists without pairs have loss 0 and gradient 0.
///
/// # Estimates
/// An **order**, the more probable one of each pair. From −1 to 0; as the temperature falls, minus the loss tends to the share of pairs in
/// the right order, with relevances 0 and 1 the area under the ROC curve.
///
/// # Stability
/// σ neither overflows nor loses small values.
///
/// # Example
/// ```
/// use minimand_loss::approx_ordered_pair_accuracy;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = approx_ordered_pair_accuracy(&scores, &relevance, Some(&mask), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[-0.3731, -0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.1005, -0.1311, 0.0305],\n [-0.2500, 0.2500, 0.0000]]");
/// ```
///
/// # When to use
/// When the share of pairs, or AUC, is what is reported. It misleads from a cold start, as
/// [`pairwise_soft_zero_one`](crate::pairwise_soft_zero_one) does, of which it is the negative complement: a pair far in the wrong order
/// has no slope.
///
/// # Reference
/// Rax, `opa_metric`; its `approx_t12n` leaves that metric hard, so that it has no gradient there. Here the indicator is smooth.
///
/// # See also
/// [`pairwise_soft_zero_one`](crate::pairwise_soft_zero_one); [`approx_ndcg`](crate::approx_ndcg).
#[doc(alias = "opa_metric")]
#[track_caller]
pub fn approx_ordered_pair_accuracy(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    temperature: f64,
) -> Tensor {
    check("approx_ordered_pair_accuracy", scores, relevance, mask);
    check_positive("approx_ordered_pair_accuracy", ("temperature", temperature), scores.dtype());
    check_finite("approx_ordered_pair_accuracy", ("temperature", temperature), scores.dtype());
    let right = pairs::by_item(scores, relevance, mask, |ahead, _| (ahead / temperature).sigmoid());
    0.0 - pairs::mean(&right, relevance, mask)
}

/// Smooth ranks, and what they are weighed with.
pub(super) struct List<'a> {
    relevance: &'a Tensor,
    mask: Option<&'a Tensor>,
    options: ApproxOptions,
    s: Tensor,
    pub(super) rank: Tensor,
}

impl<'a> List<'a> {
    #[track_caller]
    pub(super) fn of(
        loss: &str,
        scores: &Tensor,
        relevance: &'a Tensor,
        mask: Option<&'a Tensor>,
        options: ApproxOptions,
    ) -> List<'a> {
        check(loss, scores, relevance, mask);
        check_positive(loss, ("temperature", options.temperature), scores.dtype());
        check_finite(loss, ("temperature", options.temperature), scores.dtype());
        assert!(options.top != Some(0), "{loss}: top is 0 and must be at least 1");
        let s = filled(scores, mask, 0.0);
        let rank = ranks::smooth(&s, mask, options.temperature, Tensor::sigmoid);
        List { relevance, mask, options, s, rank }
    }

    /// 1 for the items of relevance 1 and more.
    fn relevant(&self) -> Tensor {
        let relevant = self.relevance.ge(1).cast(self.s.dtype());
        filled(&relevant, self.mask, 0.0)
    }

    /// How much each item belongs to the first places.
    pub(super) fn retrieved(&self) -> Tensor {
        let exists = filled(&self.s.ones_like(), self.mask, 0.0);
        let items = self.s.shape()[self.s.rank() - 1];
        let Some(top) = self.options.top.filter(|&top| top < items) else { return exists };
        let (sorted, _) = filled(&self.rank, self.mask, f64::INFINITY).detach().sort(-1);
        let cut = 0.5 * sorted.slice(-1, top - 1..top) + 0.5 * sorted.slice(-1, top..top + 1);
        let all = cut.eq(f64::INFINITY);
        let within = ((all.select(0, cut) - &self.rank) / self.options.temperature).sigmoid();
        exists * all.select(1, within)
    }
}
