//! Hinge, soft zero-one, squared and quantile losses of pairs.

use minimand_tensor::Tensor;

use crate::ranking::{check, filled, pairs};

/// Mean hinge loss of score differences over all pairs of a list of which one item is the more relevant.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} max(0, 1 − (sᵢ − sⱼ)) / n
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Of the relevance, floats or
/// integers, only the order within a list counts; ties make no pair. A `mask` (bool) of the same shape tells which items
/// exist; what masked items hold, even NaN, has no influence. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = (Σ{j : yⱼ > yᵢ} [sⱼ − sᵢ < 1] − Σ{j : yᵢ > yⱼ} [sᵢ − sⱼ < 1]) / n`: every pair that is not yet 1 apart pulls
/// its items apart, equally hard; a gap of exactly 1 does not pull. A list without pairs has loss 0 and gradient 0.
///
/// # Estimates
/// An **order**: the more probable one of each pair, with gaps of 1. From 0, wherever all pairs are 1 apart in the right
/// direction, to ∞; 1 for equal scores.
///
/// # Stability
/// Differences and hinges: exact. Masked scores are replaced before anything is computed with them.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_hinge;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_hinge(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[1.6667, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.6667, -0.3333, -0.3333],\n [-1.0000, 1.0000, 0.0000]]");
/// ```
///
/// # When to use
/// For ranking machines with few pairs that matter: pairs that are settled cost nothing and teach nothing. It misleads by
/// its margin of 1, which is in the unit of the scores: divide them by the gap that shall be kept. A network with small
/// scores can never leave the slope, one with large scores is never on it.
///
/// # Reference
/// Joachims, *Optimizing Search Engines using Clickthrough Data*, KDD 2002 (RankSVM); Rax, `pairwise_hinge_loss`, whose
/// mean is over the pairs of all lists together, where here it is over those of each list. No parameters.
///
/// # See also
/// [`pairwise_logistic`](crate::pairwise_logistic), which is never settled; [`margin_ranking`](crate::margin_ranking) for
/// given pairs; [`pairwise`](crate::pairwise) to weigh pairs.
#[doc(alias = "pairwise_hinge_loss")]
#[doc(alias = "RankSVM")]
#[track_caller]
pub fn pairwise_hinge(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("pairwise_hinge", scores, relevance, mask);
    let losses = pairs::by_item(scores, relevance, mask, |ahead, _| (1.0 - ahead).relu());
    pairs::mean(&losses, relevance, mask)
}

/// Mean smooth error over all pairs of a list: a sigmoid in the place of "in the wrong order".
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} σ(−(sᵢ − sⱼ)) / n
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`pairwise_hinge`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss
/// is `[…]`. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = (Σ{j : yⱼ > yᵢ} v(sᵢ − sⱼ) − Σ{j : yᵢ > yⱼ} v(sᵢ − sⱼ)) / n` with `v(d) = σ(d) σ(−d)`: near neighbours are
/// parted, settled pairs and hopeless ones are left alone. A list without pairs has loss 0 and gradient 0.
///
/// # Estimates
/// An **order**, the more probable one of each pair: for scores on a large scale the loss is the share of wrongly ordered
/// pairs itself, with relevances 0 and 1 that is 1 − AUC. From 0 to 1, neither of which is reached; ½ for equal scores.
///
/// # Stability
/// `σ(−d)` itself, not `1 − σ(d)`: a settled pair keeps all digits of its small loss.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_soft_zero_one;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_soft_zero_one(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[0.6269, 0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.1005, -0.1311, 0.0305],\n [-0.2500, 0.2500, 0.0000]]");
/// ```
///
/// # When to use
/// When some judgements are wrong, since one pair costs at most 1, and to polish a ranker towards AUC. It misleads from a
/// cold start: it is not convex, and a pair that is far in the wrong order has no slope. Start with
/// [`pairwise_logistic`](crate::pairwise_logistic).
///
/// # Reference
/// Rax, `pairwise_soft_zero_one_loss`; Yan, Dodier, Mozer, Wolniewicz, *Optimizing Classifier Performance via an
/// Approximation to the Wilcoxon-Mann-Whitney Statistic*, ICML 2003, section 3. No parameters.
///
/// # See also
/// [`approx_ordered_pair_accuracy`](crate::approx_ordered_pair_accuracy), this loss less 1 and with a temperature;
/// [`pairwise_hinge`].
#[doc(alias = "pairwise_soft_zero_one_loss")]
#[track_caller]
pub fn pairwise_soft_zero_one(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("pairwise_soft_zero_one", scores, relevance, mask);
    let losses = pairs::by_item(scores, relevance, mask, |ahead, _| (-ahead).sigmoid());
    pairs::mean(&losses, relevance, mask)
}

/// Mean squared error of the differences between the scores of all pairs of a list.
///
/// ```text
/// ℓ = Σᵢⱼ ((sᵢ − sⱼ) − (yᵢ − yⱼ))² / n
/// n = Σᵢⱼ 1
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`pairwise_hinge`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss
/// is `[…]`. The relevance is a number on the scale of the scores. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = 4 (rᵢ − r̄) / items` with `r = s − y` and its mean over the list; the opposite by the relevance. The gradients
/// of a list sum to 0. Masked items and lists that are masked wholly have loss 0 and gradient 0. Smooth everywhere.
///
/// # Estimates
/// The **mean relevance**, up to one constant per list. From 0, where scores and relevance differ by a constant, to ∞.
///
/// # Stability
/// The sum over pairs is twice the variance of the residuals, and computed as that: in time proportional to the items, and
/// the mean is taken away before anything is squared.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_squared_error;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = pairwise_squared_error(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[4.0000, 0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[2.6667, -1.3333, -1.3333],\n [-1.0000, 1.0000, 0.0000]]");
/// ```
///
/// # When to use
/// When differences of relevance have a size and not only a sign, and the level of a list has none: ratings of users who
/// each have their own zero. It misleads as squared error does: one far item rules the list, and a right order with wrong
/// gaps costs.
///
/// # Reference
/// Rax, `pairwise_mse_loss`: over all ordered pairs, ties and the pairs of an item with itself among them. No parameters.
///
/// # See also
/// [`pairwise_quantile`], which leaves ties out; [`squared_error`](crate::squared_error) where the level counts.
#[doc(alias = "pairwise_mse_loss")]
#[track_caller]
pub fn pairwise_squared_error(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("pairwise_squared_error", scores, relevance, mask);
    let r = filled(scores, mask, 0.0) - filled(&relevance.cast(scores.dtype()), mask, 0.0);
    let items = match mask {
        Some(exists) => exists.cast(r.dtype()).sum_keepdim(-1),
        None => r.ones_like().sum_keepdim(-1),
    };
    let items = items.clamp_min(1);
    let deviation = filled(&(&r - r.sum_keepdim(-1) / &items), mask, 0.0);
    2.0 * (deviation.square() / items).sum_axis(-1)
}

/// How [`pairwise_quantile`] measures a difference.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairwiseQuantileOptions {
    /// Which quantile, above 0 and at most 1; ½ is the median.
    pub tau: f64,
    /// Whether differences are squared: expectiles in the place of quantiles.
    pub squared: bool,
}

impl Default for PairwiseQuantileOptions {
    fn default() -> PairwiseQuantileOptions {
        PairwiseQuantileOptions { tau: 0.5, squared: false }
    }
}

/// Mean quantile loss of score differences against differences of relevance, over all pairs of a list of which one item
/// is the more relevant.
///
/// ```text
/// ℓ = Σ{i, j : yᵢ > yⱼ} (τ max(0, dᵢⱼ)^p + (1 − τ) max(0, −dᵢⱼ)^p) / n
/// dᵢⱼ = (yᵢ − yⱼ) − (sᵢ − sⱼ)
/// p = 1 + squared
/// n = max(Σ{i, j : yᵢ > yⱼ} 1, 1)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// τ = tau
/// ```
///
/// # Shapes
/// As [`pairwise_hinge`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss
/// is `[…]`. The relevance is a number on the scale of the scores. Anything else panics, and so does a `tau` outside
/// `(0, 1]`.
///
/// # Gradient
/// Of a pair by `sᵢ − sⱼ`: −τ where the gap is too small, `1 − τ` where it is too large, 0 where it is right; squared
/// `−2 τ d` and `−2 (1 − τ) d`. Lists without pairs, and masked items, have loss 0 and gradient 0.
///
/// # Estimates
/// The **τ-quantile of the differences** of relevance within a list, the τ-expectile when squared. From 0 to ∞.
///
/// # Stability
/// Differences and hinges: exact.
///
/// # Example
/// ```
/// use minimand_loss::{PairwiseQuantileOptions, pairwise_quantile};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let options = PairwiseQuantileOptions { tau: 0.9, ..Default::default() };
/// let loss = pairwise_quantile(&scores, &relevance, Some(&mask), options);
/// assert_eq!(format!("{loss:.4}"), "[1.8000, 0.9000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.6000, -0.3000, -0.3000],\n [-0.9000, 0.9000, 0.0000]]");
/// ```
///
/// # When to use
/// When gaps have a size, and too small a gap is worse than too large a one: τ above ½. It misleads with τ = 1: no gap is
/// ever too large, and the scores may grow without end. Ties of relevance are no pairs, so tied items may drift apart.
///
/// # Reference
/// Rax, `pairwise_qr_loss`, with τ = 0.5 for default, where it is half the absolute error of the differences.
///
/// # See also
/// [`pairwise_squared_error`]; [`quantile`](crate::quantile) of numbers by themselves.
#[doc(alias = "pairwise_qr_loss")]
#[track_caller]
pub fn pairwise_quantile(
    scores: &Tensor,
    relevance: &Tensor,
    mask: Option<&Tensor>,
    options: PairwiseQuantileOptions,
) -> Tensor {
    check("pairwise_quantile", scores, relevance, mask);
    let PairwiseQuantileOptions { tau, squared } = options;
    assert!(tau > 0.0 && tau <= 1.0, "pairwise_quantile: tau is {tau} and must be greater than 0 and at most 1");
    let losses = pairs::by_item(scores, relevance, mask, |ahead, more| {
        let d = more - ahead;
        let (short, long) = (d.relu(), (-&d).relu());
        if squared { tau * short.square() + (1.0 - tau) * long.square() } else { tau * short + (1.0 - tau) * long }
    });
    pairs::mean(&losses, relevance, mask)
}
