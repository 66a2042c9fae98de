//! Losses of one preferred item against one or several others.

use minimand_tensor::Tensor;

use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// Logistic loss of the score of a chosen item against that of one not chosen: Bayesian personalised ranking.
///
/// ```text
/// ℓ = softplus(−(positive − negative))
/// ```
///
/// # Shapes
/// `positive` and `negative` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂positive = −σ(negative − positive)`, the opposite by `negative`. Smooth everywhere.
///
/// # Estimates
/// The **log-odds** that the chosen item is preferred: the minimiser has `positive − negative = ln P/(1 − P)`. From 0, never reached, to ∞;
/// `ln 2` for equal scores.
///
/// # Stability
/// `softplus` neither overflows nor loses the small losses of settled pairs.
///
/// # Example
/// ```
/// use minimand_loss::bpr;
/// use minimand_tensor::Tensor;
///
/// let (positive, negative) = (Tensor::from([2.0, 0.0, -1.0]), Tensor::from([0.0, 0.0, 1.0]));
/// let loss = bpr(&positive, &negative);
/// assert_eq!(format!("{loss:.4}"), "[0.1269, 0.6931, 2.1269]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&positive)), "[-0.1192, -0.5000, -0.8808]");
/// ```
///
/// # When to use
/// For recommendations from purchases and clicks alone: a bought item against one drawn at random. It misleads by its negatives: items
/// nobody saw are taken for disliked, and drawn evenly they are soon too easy to teach anything.
///
/// # Reference
/// Rendle, Freudenthaler, Gantner, Schmidt-Thieme, *BPR: Bayesian Personalized Ranking from Implicit Feedback*, UAI 2009, section 4.1,
/// without the penalty on the parameters. No parameters.
///
/// # See also
/// [`bpr_max`] and [`top1`], several negatives; [`bradley_terry`](crate::bradley_terry), with a margin;
/// [`pairwise_logistic`](crate::pairwise_logistic), all pairs of a list.
#[doc(alias = "BPR")]
#[doc(alias = "BPRLoss")]
#[track_caller]
pub fn bpr(positive: &Tensor, negative: &Tensor) -> Tensor {
    same_shapes("bpr", ("positive", positive), ("negative", negative));
    (negative - positive).softplus()
}

/// Logarithm of one more than the summed margins by which negatives come too near: weighted margin-rank batch loss.
///
/// ```text
/// ℓ = ln(1 + Σⱼ max(0, margin − positive + negativesⱼ))
/// ```
///
/// # Shapes
/// `positive` is `[…]` and `negatives` `[…, items]`; the loss is `[…]`. Any numbers; `margin` is finite. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂negativesⱼ = [margin + negativesⱼ > positive] exp(−ℓ)`, minus their sum by `positive`; 0 at the corner. The more negatives come too
/// near, the less each is pushed: the sum stands for the rank.
///
/// # Estimates
/// An **order**: the positive before the negatives. From 0, wherever the margin is kept, to ∞.
///
/// # Stability
/// `ln_1p` of a sum of hinges: exact near 0.
///
/// # Example
/// ```
/// use minimand_loss::wmrb;
/// use minimand_tensor::Tensor;
///
/// let positive = Tensor::from([2.0, 0.0]);
/// let negatives = Tensor::from([[0.0, 1.5, 3.0], [-2.0, -1.0, -3.0]]);
/// let loss = wmrb(&positive, &negatives, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[1.2528, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&negatives)), "[[0.0000, 0.2857, 0.2857],\n [0.0000, 0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// As WARP, to lift a positive to the top rather than the middle, without drawing negatives one by one until one offends. It misleads when the
/// number of negatives differs between examples: scale the sum, or draw as many for all.
///
/// # Reference
/// Liu, Natarajan, *WMRB: Learning to Rank in a Scalable Batch Training Approach*, RecSys 2017, equation 5, for a sample of
/// all items. Weston, Bengio, Usunier, *WSABIE*, IJCAI 2011 for WARP. Usual: margin = 1.
///
/// # See also
/// [`bpr`], one negative; [`bpr_max`]; [`pairwise_hinge`](crate::pairwise_hinge).
#[doc(alias = "WMRB")]
#[doc(alias = "WARP")]
#[track_caller]
pub fn wmrb(positive: &Tensor, negatives: &Tensor, margin: f64) -> Tensor {
    check("wmrb", positive, negatives);
    check_finite("wmrb", ("margin", margin), positive.dtype());
    (margin - (positive.unsqueeze(-1) - negatives)).relu().sum_axis(-1).ln_1p()
}

/// Mean smooth error of negatives against a positive, with a term that keeps the scores of negatives near 0: TOP1.
///
/// ```text
/// ℓ = Σⱼ (σ(negativesⱼ − positive) + σ(negativesⱼ²)) / n
/// n = max(Σⱼ 1, 1)
/// ```
///
/// # Shapes
/// `positive` is `[…]` and `negatives` `[…, items]`; the loss is `[…]`. Any numbers. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂negativesⱼ = (v(negativesⱼ − positive) + 2 negativesⱼ v(negativesⱼ²)) / n` with `v(d) = σ(d) σ(−d)`. Smooth everywhere.
///
/// # Estimates
/// An **order**, with negatives near 0. From ½, approached with all negatives at 0 and the positive far above, to 2.
///
/// # Stability
/// σ neither overflows nor loses small values.
///
/// # Example
/// ```
/// use minimand_loss::top1;
/// use minimand_tensor::Tensor;
///
/// let positive = Tensor::from([2.0, 0.0]);
/// let negatives = Tensor::from([[0.0, 1.5, 3.0], [-2.0, -1.0, -3.0]]);
/// let loss = top1(&positive, &negatives);
/// assert_eq!(format!("{loss:.4}"), "[1.2108, 1.0495]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&negatives)), "[[0.0350, 0.1646, 0.0658],\n [0.0114, -0.0655, 0.0148]]");
/// ```
///
/// # When to use
/// For recommendations within sessions, with the other items of the batch as negatives. It misleads with many negatives: most are easy, and the
/// mean over them lets the gradient vanish, which [`bpr_max`] is made against.
///
/// # Reference
/// Hidasi, Karatzoglou, Baltrunas, Tikk, *Session-Based Recommendations with Recurrent Neural Networks*, ICLR 2016, section 3.1.3. No
/// parameters.
///
/// # See also
/// [`bpr_max`]; [`bpr`].
#[doc(alias = "TOP1")]
#[track_caller]
pub fn top1(positive: &Tensor, negatives: &Tensor) -> Tensor {
    check("top1", positive, negatives);
    let n = (negatives.shape()[negatives.rank() - 1].max(1)) as f64;
    ((negatives - positive.unsqueeze(-1)).sigmoid() + negatives.square().sigmoid()).sum_axis(-1) / n
}

/// Surprise that a positive beats a negative drawn by the softmax of the negatives, with a penalty on their scores: BPR-max.
///
/// ```text
/// ℓ = −ln(Σⱼ qⱼ σ(positive − negativesⱼ)) + regularization Σⱼ qⱼ negativesⱼ²
/// qⱼ = exp negativesⱼ / Σₖ exp negativesₖ
/// ```
///
/// # Shapes
/// `positive` is `[…]` and `negatives` `[…, items]`; the loss is `[…]`. Any numbers; `regularization` is finite and at least 0. Anything else
/// panics. Without negatives the loss is 0.
///
/// # Gradient
/// `∂ℓ/∂positive = −Σⱼ wⱼ σ(negativesⱼ − positive)` with w the shares of the terms in the sum; hard negatives have most of it. Smooth
/// everywhere.
///
/// # Estimates
/// An **order**: the positive before the hardest negatives. From 0 to ∞.
///
/// # Stability
/// The sum is a `logsumexp` of `ln q + log_sigmoid`: neither a negligible share nor a hopeless positive makes it 0.
///
/// # Example
/// ```
/// use minimand_loss::bpr_max;
/// use minimand_tensor::Tensor;
///
/// let positive = Tensor::from([2.0, 0.0]);
/// let negatives = Tensor::from([[0.0, 1.5, 3.0], [-2.0, -1.0, -3.0]]);
/// let loss = bpr_max(&positive, &negatives, 0.0);
/// assert_eq!(format!("{loss:.4}"), "[1.0361, 0.2387]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&negatives)), "[[-0.0464, -0.0161, 0.6255],\n [0.0037, 0.2139, -0.0137]]");
/// ```
///
/// # When to use
/// For recommendations with hundreds of negatives per positive. It misleads without the penalty: the scores of negatives may fall without
/// end, all together.
///
/// # Reference
/// Hidasi, Karatzoglou, *Recurrent Neural Networks with Top-k Gains for Session-based Recommendations*, CIKM 2018, equation 8 and the
/// penalty of section 3.3. Usual: regularization = 0 to 1.
///
/// # See also
/// [`bpr`], one negative; [`top1`]; [`info_nce`](crate::info_nce).
#[doc(alias = "BPR-max")]
#[track_caller]
pub fn bpr_max(positive: &Tensor, negatives: &Tensor, regularization: f64) -> Tensor {
    check("bpr_max", positive, negatives);
    check_finite("bpr_max", ("regularization", regularization), positive.dtype());
    assert!(regularization >= 0.0, "bpr_max: regularization is {regularization} and must be at least 0");
    if negatives.shape()[negatives.rank() - 1] == 0 {
        return negatives.sum_axis(-1);
    }
    let ahead = positive.unsqueeze(-1) - negatives;
    let surprise = -(negatives.log_softmax(-1) + ahead.log_sigmoid()).logsumexp_axis(-1);
    surprise + regularization * (negatives.softmax(-1) * negatives.square()).sum_axis(-1)
}

/// Panics unless there is a list of negatives for each positive.
#[track_caller]
fn check(loss: &str, positive: &Tensor, negatives: &Tensor) {
    assert!(
        negatives.shape().split_last().is_some_and(|(_, lists)| *lists == **positive.shape()),
        "{loss}: positive {} and negatives {} do not fit: negatives must have the shape of positive and an axis for the items",
        positive.shape(),
        negatives.shape()
    );
}
