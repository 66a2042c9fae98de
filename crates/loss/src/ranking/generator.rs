//! Any loss of pairs with any weights of pairs.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::ranking::{check, filled, pairs, ranks};
use crate::shape::same_shapes;

/// Weights of the pairs of a list by what they matter to a metric. Without a gradient.
///
/// ```
/// use minimand_loss::LambdaWeights;
/// use minimand_tensor::Tensor;
///
/// let (scores, relevance) = (Tensor::from([2.0, 1.0, 0.0]), Tensor::from([0.0, 2.0, 1.0]));
/// let weights = LambdaWeights::LabelDifference.of(&scores, &relevance, None, None);
/// assert_eq!(weights.to_string(), "[[0, 2, 1],\n [2, 0, 1],\n [1, 1, 0]]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LambdaWeights {
    /// `|yᵢ − yⱼ|`.
    LabelDifference,
    /// By how much an exchange of two items changes the discounted cumulative gain: `items |gᵢ − gⱼ| |dᵢ − dⱼ|` with gains `2^y − 1` and
    /// discounts `1/log₂(1 + rank)` (Burges, Ragno, Le 2006).
    Dcg {
        /// Ranks beyond this one have no discount left.
        top: Option<usize>,
        /// Whether gains are over the best discounted cumulative gain of the list.
        normalized: bool,
    },
    /// `items |gᵢ − gⱼ| (1/log₂(1 + δ) − 1/log₂(2 + δ))` with the difference of ranks δ (Wang, Li, Golbandi, Bendersky, Najork 2018).
    Dcg2 {
        /// Pairs that reach beyond this rank r are weighted by `1/(1 − 1/log₂(1 + r))`, r the lower rank of the two (Jagerman et al. 2022).
        top: Option<usize>,
        /// Whether gains are over the best discounted cumulative gain of the list.
        normalized: bool,
        /// Whether to take `1/log₂(1 + δ)` itself.
        light: bool,
    },
}

impl LambdaWeights {
    /// The weights `[…, items, items]` of the pairs. Weights of items multiply their gains. The factor `items` is the width of the lists, whatever is masked, as in Rax: it is the same for
    /// all lists of a batch.
    ///
    /// # Panics
    /// When the shapes differ.
    #[track_caller]
    pub fn of(
        self,
        scores: &Tensor,
        relevance: &Tensor,
        mask: Option<&Tensor>,
        item_weights: Option<&Tensor>,
    ) -> Tensor {
        check("lambda weights", scores, relevance, mask);
        if let Some(weights) = item_weights {
            same_shapes("lambda weights", ("scores", scores), ("item_weights", weights));
        }
        let items = scores.shape()[scores.rank() - 1] as f64;
        let y = filled(&relevance.cast(scores.dtype()), mask, 0.0);
        let difference = |x: &Tensor| (x.unsqueeze(-1) - x.unsqueeze(-2)).abs();
        let rank = ranks::hard(&filled(scores, mask, 0.0), mask, scores);
        let weighted = |gain: Tensor| match item_weights {
            Some(weights) => gain * filled(&weights.cast(scores.dtype()), mask, 0.0),
            None => gain,
        };
        let gain = |normalized: bool, top| match normalized {
            true => {
                let gain = weighted(ranks::relative_gains(&y));
                let value = if item_weights.is_some() { &gain } else { relevance }; // the same order without weights
                ranks::over_best(&gain, value, mask, top) / LN_2
            }
            false => weighted((LN_2 * &y).exp_m1()),
        };
        let weights = match self {
            LambdaWeights::LabelDifference => return both(difference(&y), mask).detach(),
            LambdaWeights::Dcg { top, normalized } => {
                difference(&gain(normalized, top)) * difference(&(LN_2 * ranks::discount(&rank, top)))
            }
            LambdaWeights::Dcg2 { top, normalized, light } => {
                difference(&gain(normalized, top)) * (LN_2 * by_distance(&rank, top, light))
            }
        };
        both(items * weights, mask).detach()
    }
}

/// 0 for the pairs of which an item does not exist.
fn both(weights: Tensor, mask: Option<&Tensor>) -> Tensor {
    match mask {
        Some(exists) => (exists.unsqueeze(-1) & exists.unsqueeze(-2)).select(weights, 0),
        None => weights,
    }
}

/// `1/ln(1 + δ) − 1/ln(2 + δ)` for differences δ of ranks, 0 at 0.
pub(super) fn by_distance(rank: &Tensor, top: Option<usize>, light: bool) -> Tensor {
    let apart = (rank.unsqueeze(-1) - rank.unsqueeze(-2)).abs();
    let same = apart.eq(0);
    let apart = same.select(1, apart);
    let near = 1.0 / apart.ln_1p();
    let discount = if light { near } else { near - 1.0 / (1.0 + apart).ln_1p() };
    let discount = same.select(0, discount);
    let Some(top) = top else { return discount };
    let lower = rank.unsqueeze(-1).maximum(rank.unsqueeze(-2));
    let beyond = lower.gt(top as f64) & lower.gt(1);
    let weight = 1.0 - LN_2 / beyond.select(&lower, 2).ln_1p();
    beyond.select(&discount / weight, discount)
}

/// What [`pairwise`] counts, and how much.
#[derive(Clone, Debug, Default)]
pub struct PairwiseOptions {
    /// Which items exist (bool), in the shape of the scores; all when there is none.
    pub mask: Option<Tensor>,
    /// Weights of items, in the shape of the scores: a pair has that of its more relevant item.
    pub weights: Option<Tensor>,
    /// Weights `[…, items, items]` of pairs, as from [`LambdaWeights::of`]; no gradient flows into them.
    pub lambda: Option<Tensor>,
}

/// Mean of any loss of pairs, with any weights, over all pairs of a list of which one item is the more relevant.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} cᵢⱼ / n
/// cᵢⱼ = softplus(−(scoresᵢ − scoresⱼ))
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// yᵢ = relevanceᵢ
/// ```
///
/// with the logistic loss for c, and weights of 1: `cᵢⱼ` is whatever `pair_loss` makes of the differences
/// `(sᵢ − sⱼ, yᵢ − yⱼ)`, times `weightsᵢ` and `lambdaᵢⱼ`.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`, and so have the `mask` and the `weights` of the options; `lambda`
/// is `[…, items, items]`; the loss is `[…]`. `pair_loss` is given two tensors `[…, items, items]` of differences and returns
/// one. What masked items hold, even NaN, has no influence, except in `lambda`. Anything else panics.
///
/// # Gradient
/// That of `pair_loss`; weights that depend on the scores, like those of [`LambdaWeights`], are taken as they are. A list
/// without pairs has loss 0 and gradient 0, masked items have gradient 0.
///
/// # Estimates
/// An **order**; what else depends on `pair_loss`. The mean is over the number of pairs, not over their weights.
///
/// # Stability
/// As `pair_loss`, which is also computed, and chosen away, where there is no pair: it must be finite for all differences.
///
/// # Example
/// ```
/// use minimand_loss::{LambdaWeights, PairwiseOptions, pairwise};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.5, 5.0]]);
/// let relevance = Tensor::from([[0.0, 2.0, 1.0], [1.0, 0.0, 0.0]]);
/// let lambda = LambdaWeights::Dcg { top: Some(2), normalized: true }.of(&scores, &relevance, None, None);
/// let options = PairwiseOptions { lambda: Some(lambda), ..Default::default() };
/// let loss = pairwise(&scores, &relevance, options, |ahead, _| (-ahead).softplus());
/// assert_eq!(format!("{loss:.4}"), "[1.0951, 8.4319]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.4655, -0.3164, -0.1491],\n [-2.0791, 0.5891, 1.4900]]");
/// ```
///
/// # When to use
/// To try a pair loss of your own, or to weigh the usual ones by what counts. It misleads where the weights follow the
/// scores: the value then jumps when items change places, and may rise while the metric gets better.
///
/// # Reference
/// Rax, `pairwise_loss` with `lambdaweight_fn`, which gives `weights` to it too, as `item_weights`; there the mean is over the
/// pairs of all lists, and `pairwise_mse_loss` takes all pairs: see [`pairwise_squared_error`](crate::pairwise_squared_error).
///
/// # See also
/// [`pairwise_logistic`](crate::pairwise_logistic), [`pairwise_hinge`](crate::pairwise_hinge),
/// [`pairwise_soft_zero_one`](crate::pairwise_soft_zero_one), [`pairwise_quantile`](crate::pairwise_quantile): ready made;
/// [`lambda_rank`](crate::lambda_rank) and [`ndcg_loss2`](crate::ndcg_loss2), sums as in their papers.
#[doc(alias = "pairwise_loss")]
#[track_caller]
pub fn pairwise(
    scores: &Tensor,
    relevance: &Tensor,
    options: PairwiseOptions,
    pair_loss: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    let mask = options.mask.as_ref();
    check("pairwise", scores, relevance, mask);
    if let Some(lambda) = &options.lambda {
        let items = scores.shape()[scores.rank() - 1];
        let expected: Vec<usize> = scores.shape().iter().copied().chain([items]).collect();
        assert!(
            **lambda.shape() == *expected,
            "pairwise: scores {} and lambda {} do not fit: lambda must have an axis more, of the items again",
            scores.shape(),
            lambda.shape()
        );
    }
    let losses = pairs::by_item(scores, relevance, mask, |ahead, more| {
        let loss = pair_loss(ahead, more);
        options.lambda.as_ref().map_or_else(|| loss.clone(), |lambda| &loss * lambda.detach())
    });
    let losses = match &options.weights {
        Some(weights) => {
            same_shapes("pairwise", ("scores", scores), ("weights", weights));
            losses * filled(weights, mask, 0.0)
        }
        None => losses,
    };
    pairs::mean(&losses, relevance, mask)
}
