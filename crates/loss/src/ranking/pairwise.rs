//! The logistic loss of pairs.

use minimand_tensor::Tensor;

use crate::ranking::{check, filled};

/// Options of [`pairwise_logistic`].
#[derive(Clone, Debug)]
pub struct PairwiseOptions {
    /// Which items exist (bool, in the shape of the scores); `None`: all. Lists shorter than the tensor is wide are
    /// filled up with items that are masked: what they hold, even NaN, has no influence and gets gradient 0.
    pub mask: Option<Tensor>,
    /// Whether a list's loss is the mean over its pairs, so that every list counts the same, or their sum, so that
    /// every pair counts the same and long lists rule.
    pub mean_over_pairs: bool,
}

impl Default for PairwiseOptions {
    /// No mask, mean over pairs.
    fn default() -> PairwiseOptions {
        PairwiseOptions { mask: None, mean_over_pairs: true }
    }
}

/// Logistic loss of score differences over all pairs of a list of which one item is the more relevant: RankNet.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} softplus(−(sᵢ − sⱼ)) / n
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1) if mean_over_pairs else 1
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
/// use minimand_loss::{PairwiseOptions, pairwise_logistic};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_logistic(&scores, &relevance, PairwiseOptions { mask: Some(mask), ..Default::default() });
/// assert_eq!(format!("{loss:.4}"), "[1.2512, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.5373, -0.3333, -0.2040],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// To order the items of each query, user or match from graded judgements or from clicks, when absolute scores do not
/// matter. It misleads when only the top of a list is looked at: a wrong order on places 90 and 91 costs as much as on
/// places 1 and 2. The sum over pairs lets long lists rule, the mean makes one pair of a short list count as much as
/// all pairs of a long one. Time and memory grow with the square of the items.
///
/// # Reference
/// Burges et al., *Learning to Rank using Gradient Descent*, ICML 2005, equation 3 with target probability 1, as
/// cross-entropy of all pairs. No parameters; the paper sums over pairs.
///
/// # See also
/// [`list_net`](crate::list_net) and [`ranking_softmax`](crate::ranking_softmax), whole lists at once;
/// [`approx_ndcg`](crate::approx_ndcg) when the top counts most; [`triplet_margin`](crate::triplet_margin), the same
/// thought for distances and with a margin.
#[doc(alias = "RankNet")]
#[doc(alias = "ranknet")]
#[doc(alias = "pairwise_logistic_loss")]
#[doc(alias = "BPR")]
#[doc(alias = "BradleyTerry")]
#[track_caller]
pub fn pairwise_logistic(scores: &Tensor, relevance: &Tensor, options: PairwiseOptions) -> Tensor {
    let PairwiseOptions { mask, mean_over_pairs } = options;
    check("pairwise_logistic", scores, relevance, mask.as_ref());
    let s = filled(scores, mask.as_ref(), 0.0); // a masked NaN would reach the gradient as 0 · NaN
    let ahead = s.unsqueeze(-1) - s.unsqueeze(-2);
    let both_exist = |pairs: Tensor| match &mask {
        Some(exists) => pairs & exists.unsqueeze(-1) & exists.unsqueeze(-2),
        None => pairs,
    };
    // Item by item: losses, slopes and pairs are then all sums along or across rows of one length.
    let preferred = both_exist(relevance.unsqueeze(-1).gt(relevance.unsqueeze(-2)));
    // NaN makes no pair, and must not be taken for a tie.
    let y = filled(relevance, mask.as_ref(), 0.0);
    let numbers = s.eq(&s) & y.eq(&y);
    let lost = numbers.select(0, &s) * numbers.select(1.0, f64::NAN);
    let losses = preferred.select((-ahead).softplus(), 0).sum_axis(-1) + lost;
    if !mean_over_pairs {
        return losses.sum_axis(-1);
    }
    // Counted from the worse item: what the losses are made of is not computed before their number is known.
    let disfavoured = both_exist(relevance.unsqueeze(-1).lt(relevance.unsqueeze(-2)));
    let n = disfavoured.cast(s.dtype()).sum_axis(-1).sum_axis(-1).clamp_min(1);
    (losses / n.unsqueeze(-1)).sum_axis(-1)
}
