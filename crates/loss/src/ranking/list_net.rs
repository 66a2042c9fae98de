//! Cross-entropy over the items of a list.

use minimand_tensor::Tensor;

use crate::ranking::{check, filled};

/// Cross-entropy between the top-one probabilities that the relevance and the scores give to the items of a list:
/// ListNet.
///
/// ```text
/// ℓ = −Σⱼ pⱼ ln qⱼ
/// pⱼ = exp relevanceⱼ / Σₖ exp relevanceₖ
/// qⱼ = exp scoresⱼ / Σₖ exp scoresₖ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Any numbers, the relevance
/// floats or integers: it is a score itself, on the scale of the scores. A `mask` (bool) of the same shape tells which
/// items exist; what masked items hold, even NaN, has no influence. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂scoresⱼ = qⱼ − pⱼ`, `∂ℓ/∂relevanceⱼ = −pⱼ (ln qⱼ + ℓ)`. The gradients of a list sum to 0. Masked items have
/// gradient 0, and a list that is masked wholly has loss 0. Smooth everywhere.
///
/// # Estimates
/// The **relevance itself**, up to one constant per list: the minimiser has q equal to the mean of the p. The least
/// value is the entropy of p, between 0 and `ln items` and not 0 unless one item has all; there is no greatest.
///
/// # Stability
/// Logarithms of both softmaxes come from differences to the greatest entry; a score 10⁴ below it costs 10⁴ times its
/// share, not infinity. Masked items get −∞ before the softmaxes and are chosen away after them: `0 · ∞ = 0`.
///
/// # Example
/// ```
/// use minimand_loss::list_net;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = list_net(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[1.5623, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.5752, -0.4205, -0.1547],\n [-0.2311, 0.2311, 0.0000]]");
/// ```
///
/// # When to use
/// To order lists by graded relevance in time proportional to the items, where pairs take its square; to teach a
/// student the scores of another ranker. It misleads by its scale: grades 0 to 4 are shares of e⁰ to e⁴, so that in a
/// list of a hundred zeros and one 1 the zeros hold 97 % of the target, and scores are pulled together. Where relevance
/// means "this one and not the others", take [`ranking_softmax`]. Its value does not fall to 0: compare it with the
/// entropy.
///
/// # Reference
/// Cao, Qin, Liu, Tsai, Li, *Learning to Rank: From Pairwise Approach to Listwise Approach*, ICML 2007: cross-entropy
/// of the top-one probabilities, with exp for φ. No parameters.
///
/// # See also
/// [`ranking_softmax`] takes the relevance as weights; [`pairwise_logistic`](crate::pairwise_logistic);
/// [`approx_ndcg`](crate::approx_ndcg) when the top counts most; [`kl_divergence`](crate::kl_divergence), this loss
/// less the entropy of p.
#[doc(alias = "ListNet")]
#[doc(alias = "listnet")]
#[track_caller]
pub fn list_net(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("list_net", scores, relevance, mask);
    let p = filled(&relevance.cast(scores.dtype()), mask, f64::NEG_INFINITY).softmax(-1);
    cross_entropy(&p, &filled(scores, mask, f64::NEG_INFINITY))
}

/// Softmax cross-entropy over the items of a list with the relevance, as it is, for weights.
///
/// ```text
/// ℓ = −Σⱼ yⱼ ln qⱼ
/// qⱼ = exp scoresⱼ / Σₖ exp scoresₖ
/// yⱼ = relevanceⱼ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. The scores are any numbers,
/// or −∞; the relevance is at least 0, floats or integers, and need not sum to 1. A `mask` (bool) of the same shape
/// tells which items exist; what masked items hold, even NaN, has no influence. Other shapes and masks panic.
///
/// # Gradient
/// `∂ℓ/∂scoresⱼ = qⱼ Σₖ yₖ − yⱼ`, `∂ℓ/∂yⱼ = −ln qⱼ`, and 0 where `yⱼ = 0`. The gradients of a list by its scores sum to
/// 0. Masked items have gradient 0; a list without relevance, or masked wholly, has loss 0 and gradient 0. Smooth
/// everywhere.
///
/// # Estimates
/// **Shares of the relevance**: the minimiser of the mean has `qⱼ ∝ E yⱼ`, `scoresⱼ = ln E yⱼ` up to one constant per
/// list; with a single relevant item, the probability of each to be the one. From the entropy of the shares, times
/// `Σ y`, to ∞; 0 only where one item has all the relevance.
///
/// # Stability
/// As [`list_net`]. An item without relevance adds nothing, `0 · ∞ = 0`, also at a score of −∞; a relevant item there
/// costs ∞.
///
/// # Example
/// ```
/// use minimand_loss::ranking_softmax;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = ranking_softmax(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[5.2228, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[1.9957, -1.2658, -0.7299],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// For clicks, purchases and other lists with few relevant items among many: the loss of one relevant item is a bound
/// on its reciprocal rank and on NDCG. It misleads where lists have unequal relevance: a list counts by its sum of y,
/// so divide by it to count all lists the same. Relevant items compete with each other for the shares; with many of
/// them per list [`pairwise_logistic`](crate::pairwise_logistic) does not make them.
///
/// # Reference
/// Bruch, Wang, Bendersky, Najork, *An Analysis of the Softmax Cross Entropy Loss for Learning-to-Rank with Binary
/// Relevance*, ICTIR 2019, with the bounds. No parameters.
///
/// # See also
/// [`list_net`] takes the softmax of the relevance; [`cross_entropy`](crate::cross_entropy) for one label among
/// classes; [`info_nce`](crate::info_nce) for embeddings.
#[doc(alias = "ranking_softmax_loss")]
#[doc(alias = "softmax_loss")]
#[track_caller]
pub fn ranking_softmax(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("ranking_softmax", scores, relevance, mask);
    let y = filled(&relevance.cast(scores.dtype()), mask, 0.0);
    cross_entropy(&y, &filled(scores, mask, f64::NEG_INFINITY))
}

/// `−Σ w ln softmax(s)`, where a weight of 0 outweighs any logarithm.
fn cross_entropy(weights: &Tensor, s: &Tensor) -> Tensor {
    let absent = weights.eq(0);
    let loss = (weights * absent.select(0, -s.log_softmax(-1))).sum_axis(-1);
    let greatest = s.max_axis(-1).detach(); // NaN if any score is: not even a list without weights hides it
    greatest.is_nan().select(greatest, loss)
}
