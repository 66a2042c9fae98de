//! LambdaRank and the bounds of NDCG in the LambdaLoss framework.

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive};
use crate::ranking::generator::by_distance;
use crate::ranking::{check, filled, pairs, ranks};

/// What [`lambda_rank`], [`ndcg_loss1`], [`ndcg_loss2`] and [`ndcg_loss2_plus_plus`] take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LambdaOptions {
    /// By which differences of scores are multiplied.
    pub sigma: f64,
    /// The metric looks at so many places; all when there is none.
    pub top: Option<usize>,
}

impl Default for LambdaOptions {
    fn default() -> LambdaOptions {
        LambdaOptions { sigma: 1.0, top: None }
    }
}

/// Logistic loss of score differences over all pairs of a list, each weighted by how much an exchange of the two would
/// change NDCG: LambdaRank.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} |gᵢ − gⱼ| |1/ln(1 + rᵢ) − 1/ln(1 + rⱼ)| softplus(−sigma (sᵢ − sⱼ)) / best if best > 0 else 0
/// gᵢ = 2^yᵢ − 1
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// rᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// with the ranks r by scores and b in the best order. With `top`, discounts beyond that
/// rank are 0, in `best` too.
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. The relevance grades are at least 0,
/// floats or integers. A `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no
/// influence. Anything else panics, and so does a `sigma` that is not greater than 0 and finite.
///
/// # Gradient
/// That of the logistic loss with fixed weights w: `∂ℓ/∂sᵢ = sigma (Σ{j : yⱼ > yᵢ} wⱼᵢ σ(sigma (sᵢ − sⱼ)) − Σ{j : yᵢ > yⱼ} wᵢⱼ
/// σ(sigma (sⱼ − sᵢ)))`: the lambdas of the paper. The weights have no gradient of their own. A list without pairs, and masked items, have
/// gradient 0.
///
/// # Estimates
/// An **order**, right at the top first. From 0 to ∞. It is no function that falls as NDCG rises: its weights change with the
/// order of the scores.
///
/// # Stability
/// Gains are over the greatest power of 2 of the list, logistic losses are `softplus`: no grade is too high, no gap too wide.
///
/// # Example
/// ```
/// use minimand_loss::lambda_rank;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = lambda_rank(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.7159, 0.2558]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.3442, -0.2423, -0.1019],\n [-0.1845, 0.1845, 0.0000]]");
/// ```
///
/// # When to use
/// The usual choice for graded relevance when NDCG is reported, in trees and in networks. It misleads when its value is
/// watched: the weights jump when items change places, so only the metric tells progress. Time and memory grow with the
/// square of the items.
///
/// # Reference
/// Burges, *From RankNet to LambdaRank to LambdaMART*, 2010, section 4.1; as a loss with fixed weights Wang, Li, Golbandi,
/// Bendersky, Najork, *The LambdaLoss Framework for Ranking Metric Optimization*, CIKM 2018, equation 8, with log₂ where ln
/// stands here. Usual: sigma = 1. Rax multiplies by the items and divides by the pairs: [`pairwise`](crate::pairwise) with
/// [`LambdaWeights`](crate::LambdaWeights).
///
/// # See also
/// [`ndcg_loss2`] and [`ndcg_loss2_plus_plus`], bounds of the metric; [`approx_ndcg`](crate::approx_ndcg);
/// [`pairwise_logistic_sum`](crate::pairwise_logistic_sum), all weights 1.
#[doc(alias = "lambdaRank_scheme")]
#[doc(alias = "dcg_lambdaweight")]
#[doc(alias = "LambdaRank")]
#[track_caller]
pub fn lambda_rank(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: LambdaOptions) -> Tensor {
    check("lambda_rank", scores, relevance, mask);
    let list = List::of("lambda_rank", scores, relevance, mask, options);
    list.loss(list.gain_differences() * list.discount_differences())
}

/// Logistic loss of score differences over all pairs of a list, each weighted by the gain over discount of its first item:
/// NDCG-Loss1.
///
/// ```text
/// ℓ = Σ{i, j : i ≠ j} gᵢ softplus(−sigma (sᵢ − sⱼ)) / (best ln(1 + rᵢ)) if best > 0 else 0
/// gᵢ = 2^yᵢ − 1
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// rᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`lambda_rank`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// That of the logistic loss with fixed weights. Items of one grade compete with each other: the pairs i, j and j, i both
/// count. Lists without relevant items, and masked items, have gradient 0.
///
/// # Estimates
/// An **order**: the loss bounds the cost `1 − NDCG` of the list from above, up to the scale of its logarithm, when the
/// discounts are those of the scores. From 0 to ∞.
///
/// # Stability
/// As [`lambda_rank`].
///
/// # Example
/// ```
/// use minimand_loss::ndcg_loss1;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = ndcg_loss1(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[1.3216, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.5024, -0.4206, -0.0818],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// To compare with; its bound is loose. It misleads at ties of relevance, which it tries to part, and once the order is
/// right, since it goes on pushing: [`ndcg_loss2`] does neither.
///
/// # Reference
/// Wang, Li, Golbandi, Bendersky, Najork, *The LambdaLoss Framework for Ranking Metric Optimization*, CIKM 2018, equation
/// 11, with log₂ where ln stands here. allRank also counts the pair of an item with itself, a constant.
///
/// # See also
/// [`ndcg_loss2`], the tighter bound; [`lambda_rank`].
#[doc(alias = "ndcgLoss1_scheme")]
#[track_caller]
pub fn ndcg_loss1(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: LambdaOptions) -> Tensor {
    check("ndcg_loss1", scores, relevance, mask);
    let list = List::of("ndcg_loss1", scores, relevance, mask, options);
    let weight = (&list.gain * ranks::discount(&list.rank, options.top)).unsqueeze(-1);
    let itself = list.positions_equal();
    let everyone = pairs::both_exist(itself.logical_not(), mask);
    let ahead = list.s.unsqueeze(-1) - list.s.unsqueeze(-2);
    let losses = everyone.select((-options.sigma * ahead).softplus(), 0);
    (losses * weight).sum_axis(-1).sum_axis(-1) + pairs::not_a_number(&list.s, &list.y).sum_axis(-1)
}

/// Logistic loss of score differences over all pairs of a list, each weighted by its difference of gains and of discounts at
/// its distance: NDCG-Loss2, the tighter bound.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} |gᵢ − gⱼ| δᵢⱼ softplus(−sigma (sᵢ − sⱼ)) / best if best > 0 else 0
/// δᵢⱼ = 1/ln(1 + |rᵢ − rⱼ|) − 1/ln(2 + |rᵢ − rⱼ|)
/// gᵢ = 2^yᵢ − 1
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// rᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// With `top`, pairs of which an item stands beyond it count more, by `1/(1 − 1/log₂(1 + r))` with the lower rank r of the
/// two, and `best` ends there.
///
/// # Shapes
/// As [`lambda_rank`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// As [`lambda_rank`], with these weights: neighbours matter most, wherever in the list they stand. Lists without pairs, and
/// masked items, have gradient 0.
///
/// # Estimates
/// An **order**: the loss bounds `1 − NDCG` from above, up to the scale of its logarithm. From 0 to ∞.
///
/// # Stability
/// As [`lambda_rank`].
///
/// # Example
/// ```
/// use minimand_loss::ndcg_loss2;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = ndcg_loss2(&scores, &relevance, Some(&mask), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5408, 0.2558]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.2547, -0.2776, 0.0229],\n [-0.1845, 0.1845, 0.0000]]");
/// ```
///
/// # When to use
/// For NDCG with a loss that is a bound of it for fixed ranks; better than [`lambda_rank`] in its paper's comparison, and
/// best mixed with it. It misleads by its value, which jumps as the order changes, as that of [`lambda_rank`] does.
///
/// # Reference
/// Wang, Li, Golbandi, Bendersky, Najork, *The LambdaLoss Framework for Ranking Metric Optimization*, CIKM 2018, equation
/// 15, with log₂ where ln stands here. `top`: Jagerman, Qin, Wang, Bendersky, Najork, *On Optimizing Top-K Metrics for Neural
/// Ranking Models*, SIGIR 2022, as in Rax; allRank drops pairs beyond it instead.
///
/// # See also
/// [`ndcg_loss2_plus_plus`], the mixture; [`lambda_rank`]; [`ndcg_loss1`].
#[doc(alias = "ndcgLoss2_scheme")]
#[doc(alias = "dcg2_lambdaweight")]
#[track_caller]
pub fn ndcg_loss2(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, options: LambdaOptions) -> Tensor {
    check("ndcg_loss2", scores, relevance, mask);
    let list = List::of("ndcg_loss2", scores, relevance, mask, options);
    list.loss(list.gain_differences() * by_distance(&list.rank, options.top, false))
}

/// NDCG-Loss2 and LambdaRank mixed: NDCG-Loss2++.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} |gᵢ − gⱼ| (mu δᵢⱼ + |1/ln(1 + rᵢ) − 1/ln(1 + rⱼ)|) softplus(−sigma (sᵢ − sⱼ)) / best if best > 0 else 0
/// δᵢⱼ = 1/ln(1 + |rᵢ − rⱼ|) − 1/ln(2 + |rᵢ − rⱼ|)
/// gᵢ = 2^yᵢ − 1
/// best = Σᵢ gᵢ / ln(1 + bᵢ)
/// rᵢ = 1 + Σⱼ [sⱼ > sᵢ or sⱼ = sᵢ and j < i]
/// bᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`lambda_rank`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics, and so does a `mu` that is negative or not finite.
///
/// # Gradient
/// `mu` times that of [`ndcg_loss2`] and that of [`lambda_rank`]. Lists without pairs, and masked items, have gradient 0.
///
/// # Estimates
/// An **order**, as both. From 0 to ∞.
///
/// # Stability
/// As [`lambda_rank`].
///
/// # Example
/// ```
/// use minimand_loss::ndcg_loss2_plus_plus;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = ndcg_loss2_plus_plus(&scores, &relevance, Some(&mask), 10.0, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[6.1244, 2.8140]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[2.8911, -3.0183, 0.1272],\n [-2.0299, 2.0299, 0.0000]]");
/// ```
///
/// # When to use
/// The best of the framework in its paper. It misleads by its value, as [`lambda_rank`] does, and it has a number more to
/// choose; with `mu = 0` it is LambdaRank.
///
/// # Reference
/// Wang, Li, Golbandi, Bendersky, Najork, *The LambdaLoss Framework for Ranking Metric Optimization*, CIKM 2018, section
/// 5.3, with log₂ where ln stands here. Usual: mu = 10 (allRank) or 5 (the paper's experiments).
///
/// # See also
/// [`ndcg_loss2`] and [`lambda_rank`], its parts.
#[doc(alias = "ndcgLoss2PP_scheme")]
#[track_caller]
pub fn ndcg_loss2_plus_plus(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    mu: f64,
    options: LambdaOptions,
) -> Tensor {
    check("ndcg_loss2_plus_plus", scores, relevance, mask);
    check_finite("ndcg_loss2_plus_plus", ("mu", mu), scores.dtype());
    assert!(mu >= 0.0, "ndcg_loss2_plus_plus: mu is {mu} and must be at least 0");
    let list = List::of("ndcg_loss2_plus_plus", scores, relevance, mask, options);
    let discounts = mu * by_distance(&list.rank, options.top, false) + list.discount_differences();
    list.loss(list.gain_differences() * discounts)
}

/// What the losses of the framework take from a list: none of it has a gradient, except the scores.
struct List<'a> {
    scores: &'a Tensor,
    relevance: &'a Tensor,
    mask: Option<&'a Tensor>,
    options: LambdaOptions,
    s: Tensor,
    y: Tensor,
    /// Over the best discounted cumulative gain.
    gain: Tensor,
    rank: Tensor,
}

impl<'a> List<'a> {
    #[track_caller]
    fn of(
        loss: &str,
        scores: &'a Tensor,
        relevance: &'a Tensor,
        mask: Option<&'a Tensor>,
        options: LambdaOptions,
    ) -> List<'a> {
        check_positive(loss, ("sigma", options.sigma), scores.dtype());
        check_finite(loss, ("sigma", options.sigma), scores.dtype());
        let s = filled(scores, mask, 0.0);
        let rank = ranks::hard(&s, mask, &s).detach();
        let gain = ranks::gains_over_best(relevance, mask, options.top, &s);
        List { scores, relevance, mask, options, rank, gain, y: filled(relevance, mask, 0.0), s }
    }

    fn gain_differences(&self) -> Tensor {
        (self.gain.unsqueeze(-1) - self.gain.unsqueeze(-2)).abs()
    }

    fn discount_differences(&self) -> Tensor {
        let discount = ranks::discount(&self.rank, self.options.top);
        (discount.unsqueeze(-1) - discount.unsqueeze(-2)).abs()
    }

    fn positions_equal(&self) -> Tensor {
        let i = Tensor::iota(self.s.shape()[self.s.rank() - 1]);
        i.unsqueeze(-1).eq(&i).expand(self.gain_differences().shape())
    }

    /// The logistic loss of the pairs under weights.
    #[track_caller]
    fn loss(&self, weights: Tensor) -> Tensor {
        let weights = weights.detach();
        let weighted = |ahead: &Tensor, _: &Tensor| weights.clone() * (-self.options.sigma * ahead).softplus();
        pairs::by_item(self.scores, self.relevance, self.mask, weighted).sum_axis(-1)
    }
}
