//! Cross-entropy over the items of a list.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::numbers::check_finite;
use crate::odds::log_odds_against;
use crate::ranking::pairs::{both_exist, not_a_number};
use crate::ranking::{check, filled};
use crate::shape::same_shapes;

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
/// Relevance*, ICTIR 2019, with the bounds. No parameters. Rax's `weights` of items multiply the relevance, and
/// its mean is over the lists of which any item exists.
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

/// Softmax cross-entropy over a list with a further term in the probability that the relevant items have: Poly-1.
///
/// ```text
/// ℓ = Σⱼ (−yⱼ ln qⱼ) + ε (1 − Σⱼ pⱼ qⱼ)
/// qⱼ = exp scoresⱼ / Σₖ exp scoresₖ
/// pⱼ = yⱼ / Σₖ yₖ if Σₖ yₖ > 0 else 1 / Σₖ 1
/// yⱼ = relevanceⱼ
/// ε = epsilon
/// ```
///
/// # Shapes
/// As [`ranking_softmax`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss
/// is `[…]`. The relevance is at least 0. Other shapes and masks panic, and so does an `epsilon` that is not finite.
///
/// # Gradient
/// That of [`ranking_softmax`], and `−ε qⱼ (pⱼ − Σₖ pₖ qₖ)` for the further term. The gradients of a list sum to 0. Lists that
/// are masked wholly have loss 0 and gradient 0; lists without relevance the loss `ε (1 − 1/items)` and gradient 0. Smooth
/// everywhere.
///
/// # Estimates
/// **Shares of the relevance**, as [`ranking_softmax`], sharpened where ε > 0. At least the entropy of the shares times
/// `Σ y`, up to ∞.
///
/// # Stability
/// As [`ranking_softmax`]; `1 − Σ p q` is computed as `Σ p (1 − q)`.
///
/// # Example
/// ```
/// use minimand_loss::poly1_softmax;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = poly1_softmax(&scores, &relevance, Some(&mask), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[6.0297, 1.1931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[2.1242, -1.3817, -0.7425],\n [-0.7500, 0.7500, 0.0000]]");
/// ```
///
/// # When to use
/// Where [`ranking_softmax`] is used and a number may be tuned: ε > 0 pushes uncertain lists harder, ε < 0 spares them. It
/// misleads when its value is compared with that of [`ranking_softmax`]: a list without relevant items costs
/// `ε (1 − 1/items)` here, which nothing can lower.
///
/// # Reference
/// Leng et al., *PolyLoss: A Polynomial Expansion Perspective of Classification Loss Functions*, ICLR 2022, equation 6; Rax,
/// `poly1_softmax_loss`, whose `weights` of items multiply the relevance. Usual: ε = 1.
///
/// # See also
/// [`ranking_softmax`], ε = 0.
#[doc(alias = "poly1_softmax_loss")]
#[track_caller]
pub fn poly1_softmax(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, epsilon: f64) -> Tensor {
    check("poly1_softmax", scores, relevance, mask);
    check_finite("poly1_softmax", ("epsilon", epsilon), scores.dtype());
    let y = filled(&relevance.cast(scores.dtype()), mask, 0.0);
    let s = filled(scores, mask, f64::NEG_INFINITY);
    let items = filled(&s.ones_like(), mask, 0.0).sum_axis(-1).clamp_min(1);
    let total = y.sum_axis(-1);
    let none = total.eq(0);
    let p = &y / none.select(1, &total).unsqueeze(-1);
    // Shared evenly, all q sum to 1, exactly.
    let missed = none.select(1.0 - 1.0 / items, (p * (1.0 - s.softmax(-1))).sum_axis(-1));
    cross_entropy(&y, &s) + epsilon * missed
}

/// Softmax cross-entropy of each item against those of lower relevance only, weighted by its gain.
///
/// ```text
/// ℓ = Σᵢ wᵢ (2^yᵢ − 1) ln(1 + Σ{j : yⱼ < yᵢ} exp(sⱼ − sᵢ))
/// wᵢ = 1
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`ranking_softmax`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss
/// is `[…]`. Relevance grades are at least 0. `weights` w of the items, where given, have the same shape. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = −gᵢ (1 − qᵢᵢ) + Σ{j : yⱼ > yᵢ} gⱼ qⱼᵢ` with gains `g = w (2^y − 1)` and `qᵢⱼ` the softmax over item i and those below
/// it. The gradients of a list sum to 0. Lists without relevant items, and masked items, have loss 0 and gradient 0.
///
/// # Estimates
/// An **order** by grades: items of one grade do not compete. From 0, approached as the grades part, to ∞.
///
/// # Stability
/// `ln(1 + Σ exp(sⱼ − sᵢ))` is the softplus of the log-odds of those below: no exponential overflows, and a settled item
/// keeps all digits of its small loss.
///
/// # Example
/// ```
/// use minimand_loss::unique_softmax;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = unique_softmax(&scores, &relevance, Some(&mask), None);
/// assert_eq!(format!("{loss:.4}"), "[6.3497, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[2.8765, -2.2658, -0.6107],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// For graded relevance with several items of the highest grade, which [`ranking_softmax`] makes compete. It misleads by
/// its scale: a list counts by its gains, so one item of grade 10 outweighs a thousand of grade 1. Time and memory grow
/// with the square of the items.
///
/// # Reference
/// Zhu, Klabjan, *Listwise Learning to Rank by Exploring Unique Ratings*, WSDM 2020; Rax, `unique_softmax_loss`. No parameters.
///
/// # See also
/// [`ranking_softmax`]; [`list_mle`](crate::list_mle), where all items below compete;
/// [`pairwise_logistic`](crate::pairwise_logistic).
#[doc(alias = "unique_softmax_loss")]
#[track_caller]
pub fn unique_softmax(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, weights: Option<&Tensor>) -> Tensor {
    check("unique_softmax", scores, relevance, mask);
    let s = filled(scores, mask, 0.0);
    let y = filled(&relevance.cast(scores.dtype()), mask, 0.0);
    let mut gain = (LN_2 * &y).exp_m1();
    if let Some(weights) = weights {
        same_shapes("unique_softmax", ("scores", scores), ("weights", weights));
        gain *= filled(&weights.cast(scores.dtype()), mask, 0.0);
    }
    let below = both_exist(y.unsqueeze(-2).lt(y.unsqueeze(-1)), mask);
    let rivals = below.select(s.unsqueeze(-2), f64::NEG_INFINITY);
    (gain * log_odds_against(&s, &rivals, -1).softplus()).sum_axis(-1) + not_a_number(&s, &y).sum_axis(-1)
}

/// `−Σ w ln softmax(s)`, where a weight of 0 outweighs any logarithm.
fn cross_entropy(weights: &Tensor, s: &Tensor) -> Tensor {
    let absent = weights.eq(0);
    let loss = (weights * absent.select(0, -s.log_softmax(-1))).sum_axis(-1);
    let greatest = s.max_axis(-1).detach(); // NaN if any score is: not even a list without weights hides it
    greatest.is_nan().select(greatest, loss)
}
