//! The logistic loss of pairs.

use minimand_tensor::Tensor;

use crate::ranking::{check, pairs};

/// Mean logistic loss of score differences over all pairs of a list of which one item is the more relevant: RankNet.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} softplus(−(sᵢ − sⱼ)) / n
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Of the relevance, floats or
/// integers, only the order within a list counts: any scale will do, and ties make no pair. A `mask` (bool) of the same
/// shape tells which items exist; what masked items hold, even NaN, has no influence. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = (Σ{j : yⱼ > yᵢ} σ(sᵢ − sⱼ) − Σ{j : yᵢ > yⱼ} σ(sⱼ − sᵢ)) / n`: every pair pulls its better item up and its
/// worse one down, equally hard, with the probability that the scores give to the wrong order. The gradients of a list
/// sum to 0. A list without pairs has loss 0 and gradient 0, masked items have gradient 0. Smooth everywhere.
///
/// # Estimates
/// The **log-odds of preference**: the minimiser has `sᵢ − sⱼ = ln P(i before j)/P(j before i)`, as in the model of
/// Bradley and Terry, up to one constant per list. From 0, approached as every pair's gap grows in the right direction
/// and never reached, to ∞; `ln 2` for equal scores. The mean over pairs, divided by ln 2, bounds the share of wrongly
/// ordered pairs from above: with relevances 0 and 1 that share is 1 − AUC.
///
/// # Stability
/// `softplus(−(sᵢ − sⱼ))` neither overflows nor vanishes: at gaps of 10⁴ in the wrong direction it is the gap and its
/// slope −1. Masked scores are replaced before anything is computed with them, other pairs are chosen away, and a list
/// without pairs is divided by 1.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_logistic;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_logistic(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[1.2512, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.5373, -0.3333, -0.2040],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// To order the items of each query, user or match from graded judgements or from clicks, when absolute scores do not
/// matter. It misleads when only the top of a list is looked at: a wrong order on places 90 and 91 costs as much as on
/// places 1 and 2. The mean makes one pair of a short list count as much as all pairs of a long one;
/// [`pairwise_logistic_sum`] lets long lists rule. Time and memory grow with the square of the items.
///
/// # Reference
/// Burges et al., *Learning to Rank using Gradient Descent*, ICML 2005, equation 3 with target probability 1, as
/// cross-entropy of all pairs. No parameters; the paper sums over pairs.
///
/// # See also
/// [`pairwise_logistic_sum`]; [`list_net`](crate::list_net) and [`ranking_softmax`](crate::ranking_softmax), whole lists at once;
/// [`approx_ndcg`](crate::approx_ndcg) when the top counts most; [`triplet_margin`](crate::triplet_margin), the same
/// thought for distances and with a margin.
#[doc(alias = "RankNet")]
#[doc(alias = "ranknet")]
#[doc(alias = "pairwise_logistic_loss")]
#[track_caller]
pub fn pairwise_logistic(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("pairwise_logistic", scores, relevance, mask);
    pairs::mean(&pairs::by_item(scores, relevance, mask, logistic), relevance, mask)
}

/// Logistic loss of score differences, summed over all pairs of a list of which one item is the more relevant: RankNet
/// as in its paper.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} softplus(−(sᵢ − sⱼ))
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`pairwise_logistic`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the
/// loss is `[…]`. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = Σ{j : yⱼ > yᵢ} σ(sᵢ − sⱼ) − Σ{j : yᵢ > yⱼ} σ(sⱼ − sᵢ)`. The gradients of a list sum to 0; a list without
/// pairs, and masked items, have gradient 0. Smooth everywhere.
///
/// # Estimates
/// The **log-odds of preference**, as [`pairwise_logistic`]. From 0, which is never reached where there is a pair, to ∞;
/// `n ln 2` for equal scores and n pairs.
///
/// # Stability
/// As [`pairwise_logistic`]: neither overflows nor vanishes, also at gaps of 10⁴.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_logistic_sum;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_logistic_sum(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[3.7535, 0.6931]"); // three pairs, and one
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[1.6119, -1.0000, -0.6119],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// Where every pair shall count the same, whichever list it is from: lists are then weighted by their pairs, up to the
/// square of their items. It misleads where a few long lists hold most of the pairs; [`pairwise_logistic`] makes every
/// list count the same. Time and memory grow with the square of the items.
///
/// # Reference
/// Burges et al., *Learning to Rank using Gradient Descent*, ICML 2005, equation 3 with target probability 1. No
/// parameters.
///
/// # See also
/// [`pairwise_logistic`], the mean; [`ranking_softmax`](crate::ranking_softmax), whole lists at once.
#[doc(alias = "mean_over_pairs")]
#[track_caller]
pub fn pairwise_logistic_sum(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("pairwise_logistic_sum", scores, relevance, mask);
    pairs::by_item(scores, relevance, mask, logistic).sum_axis(-1)
}

fn logistic(ahead: &Tensor, _more: &Tensor) -> Tensor {
    (-ahead).softplus()
}
