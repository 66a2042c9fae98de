//! The likelihood of an order in the model of Plackett and Luce.

use std::f64::consts::LN_2;

use minimand_tensor::Tensor;

use crate::ranking::pairs::not_a_number;
use crate::ranking::{check, filled};

/// Negative log-likelihood of the order of the relevances, where places are filled from the top with the probabilities of a
/// softmax over the items that are left: ListMLE.
///
/// ```text
/// ℓ = Σᵢ (ln Σ{j : yⱼ < yᵢ or yⱼ = yᵢ and j ≥ i} exp sⱼ − sᵢ)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Of the relevance, floats or
/// integers, only the order counts; of equal ones the earlier is taken to be before the later. A `mask` (bool) of the same
/// shape tells which items exist; what masked items hold, even NaN, has no influence. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = Σₖ qₖᵢ − 1`, over the places k up to that of i, with `qₖᵢ` the probability of i among the items left at k. The gradients
/// of a list sum to 0. Masked items have gradient 0; lists of one item, or none, have loss 0. Smooth everywhere.
///
/// # Estimates
/// The **log-odds to come first**: the minimiser of the mean has `sᵢ = ln` of the strength of item i in the model, up to one constant per
/// list. From 0, approached as the gaps grow in the right order, to ∞; `ln items!` for equal scores.
///
/// # Stability
/// The sums of exponentials over what is left are accumulated from the end in logarithms, in as many steps as the number of items has binary
/// digits: none overflows, and none forgets small items after a large one. Time grows as `items ln items`.
///
/// # Example
/// ```
/// use minimand_loss::list_mle;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = list_mle(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[3.5345, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[1.5460, -0.7553, -0.7908],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// When whole orders are observed: arrivals, tournaments, rankings by hand. It misleads at ties: the order in which tied items happen to
/// stand is then taught as if it were meant, so shuffle them anew each time, or take [`unique_softmax`](crate::unique_softmax).
/// All places count the same, the last as much as the first: [`p_list_mle`].
///
/// # Reference
/// Xia, Liu, Wang, Zhang, Li, *Listwise Approach to Learning to Rank: Theory and Algorithm*, ICML 2008, equation 9; the model
/// Plackett 1975. Rax, `listmle_loss`, breaks ties of relevance at random if given a key and as here
/// otherwise; with a mask its gradient is wrong where scores are equal: they do not share as here. No parameters.
///
/// # See also
/// [`p_list_mle`], with weights of places; [`ranking_softmax`](crate::ranking_softmax), the first place only;
/// [`pairwise_logistic`](crate::pairwise_logistic), pairs only.
#[doc(alias = "listmle_loss")]
#[doc(alias = "listMLE")]
#[doc(alias = "PlackettLuce")]
#[track_caller]
pub fn list_mle(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("list_mle", scores, relevance, mask);
    by_place(scores, relevance, mask).sum_axis(-1)
}

/// ListMLE with weights that fall by half from place to place: position-aware ListMLE.
///
/// ```text
/// ℓ = Σᵢ (2^(n − rᵢ) − 1) (ln Σ{j : yⱼ < yᵢ or yⱼ = yᵢ and j ≥ i} exp sⱼ − sᵢ) / max(2^(n − 1) − 1, 1)
/// rᵢ = 1 + Σⱼ [yⱼ > yᵢ or yⱼ = yᵢ and j < i]
/// n = Σᵢ 1
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// As [`list_mle`]: `scores`, `relevance` and a `mask` of the items that exist have one shape `[…, items]`, the loss is
/// `[…]`. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂sᵢ = Σₖ wₖ qₖᵢ − wᵢ` with the weights w of the places, over those up to that of i. The gradients of a list sum to 0. Masked items have
/// gradient 0; lists of one item, or none, have loss 0.
///
/// # Estimates
/// An **order**, that of [`list_mle`] where the model is right, and right at the top where it is not. From 0 to ∞.
///
/// # Stability
/// As [`list_mle`]. The paper's weights `2^(n − i) − 1` overflow at 128 items in f32; here they are over the first one, so that the first
/// place weighs 1.
///
/// # Example
/// ```
/// use minimand_loss::p_list_mle;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 2, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = p_list_mle(&scores, &relevance, Some(&mask));
/// assert_eq!(format!("{loss:.4}"), "[2.1166, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.9588, -0.7553, -0.2036],\n [-0.5000, 0.5000, 0.0000]]");
/// ```
///
/// # When to use
/// When whole orders are observed and the top is looked at. It misleads in long lists: after twenty places nothing is taught any
/// more; [`lambda_rank`](crate::lambda_rank) falls off more slowly.
///
/// # Reference
/// Lan, Zhu, Guo, Niu, Cheng, *Position-Aware ListMLE: A Sequential Learning Process for Ranking*, UAI 2014, section 4, with
/// `α(i) = 2^(n − i) − 1`; this loss is theirs over `2^(n − 1) − 1`.
///
/// # See also
/// [`list_mle`], all weights 1.
#[doc(alias = "pListMLE")]
#[track_caller]
pub fn p_list_mle(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    check("p_list_mle", scores, relevance, mask);
    let losses = by_place(scores, relevance, mask);
    let places = Tensor::iota(scores.shape()[scores.rank() - 1]).cast(losses.dtype());
    let halved = |exponent: &Tensor| (-LN_2 * exponent).exp();
    let last = match mask {
        Some(exists) => exists.cast(losses.dtype()).sum_keepdim(-1) - 1.0,
        None => scores.ones_like().sum_keepdim(-1) - 1.0,
    };
    // Both over 2^(n − 1): nothing overflows. Beyond the last place there is no loss to weigh.
    let weight = halved(&places) - halved(&last);
    let first = 1.0 - halved(&last);
    (losses * weight / first.le(0).select(1, &first)).sum_axis(-1)
}

/// The negative log-likelihood of each place of the best order; 0 beyond the last item.
#[track_caller]
fn by_place(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>) -> Tensor {
    let s = filled(scores, mask, f64::NEG_INFINITY);
    let y = filled(&relevance.cast(scores.dtype()), mask, f64::NEG_INFINITY);
    let order = y.argsort_descending(-1);
    let s = s.take_along_axis(-1, &order);
    let absent = mask.map(|exists| exists.logical_not().take_along_axis(-1, &order));
    let left = log_sum_exp_of_rest(&s);
    let losses = match &absent {
        Some(absent) => absent.select(0, left - &s),
        None => left - &s,
    };
    losses + not_a_number(&filled(scores, mask, 0.0), &filled(relevance, mask, 0.0))
}

/// `ln Σ{j ≥ i} exp sⱼ` along the last axis, by doubling (Hillis and Steele).
fn log_sum_exp_of_rest(s: &Tensor) -> Tensor {
    let axis = s.rank() as isize - 1;
    let length = s.shape()[s.rank() - 1];
    let mut sum = s.clone();
    let mut width = 1;
    // Entry i is over `width` entries from i on, or over all where there are fewer.
    while width < length {
        let open = sum.slice(axis, ..length - width).logaddexp(sum.slice(axis, width..));
        sum = Tensor::concatenate([&open, &sum.slice(axis, length - width..)], axis);
        width *= 2;
    }
    sum
}
