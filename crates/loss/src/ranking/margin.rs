//! The hinge loss of two given scores.

use minimand_tensor::Tensor;

use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// By how much the better of two scores fails to be ahead of the other by a margin.
///
/// ```text
/// ℓ = max(0, margin − target (first − second))
/// ```
///
/// # Shapes
/// `first`, `second` and `target` have the same shape, and so has the loss. The target is 1 where the first shall score
/// higher and −1 where the second shall. `margin` is any finite number. Anything else panics. The signs are not looked
/// at: with another number in their place the difference is scaled by it, and 0 costs the margin and teaches nothing.
///
/// # Gradient
/// `∂ℓ/∂first = −target` and `∂ℓ/∂second = target` where the loss is above 0, and 0 elsewhere, the corner included.
///
/// # Estimates
/// The **order** of two items, the more probable one: the minimiser of the mean is apart by the margin in the direction
/// of the majority. From 0, wherever the margin is kept, to ∞.
///
/// # Stability
/// A difference and a hinge: exact as it stands.
///
/// # Example
/// ```
/// use minimand_loss::margin_ranking;
/// use minimand_tensor::Tensor;
///
/// let (first, second) = (Tensor::from([2.0, 1.0, 0.5]), Tensor::from([0.0, 1.5, 0.0]));
/// let loss = margin_ranking(&first, &second, &Tensor::from([1.0, 1.0, -1.0]), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 1.5000, 1.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&second)), "[0.0000, 1.0000, -1.0000]");
/// ```
///
/// # When to use
/// For pairs given as pairs: which of two texts, pictures or offers is the better one. It misleads with a margin of 0:
/// then equal scores are perfect, and a network that answers the same to everything has loss 0. The scale of the scores
/// is part of the loss; a network that can scale them makes any margin small.
///
/// # Reference
/// Herbrich, Graepel, Obermayer, *Large Margin Rank Boundaries for Ordinal Regression*, 2000, with margin 1. PyTorch has
/// margin 0 for default, and slope −target at the corner itself, where it is 0 here.
///
/// # See also
/// [`pairwise_hinge`](crate::pairwise_hinge) over all pairs of lists; [`bradley_terry`](crate::bradley_terry), smooth;
/// [`triplet_margin`](crate::triplet_margin) for distances.
#[doc(alias = "MarginRankingLoss")]
#[doc(alias = "margin_ranking_loss")]
#[track_caller]
pub fn margin_ranking(first: &Tensor, second: &Tensor, target: &Tensor, margin: f64) -> Tensor {
    same_shapes("margin_ranking", ("first", first), ("second", second));
    same_shapes("margin_ranking", ("first", first), ("target", target));
    check_finite("margin_ranking", ("margin", margin), first.dtype());
    (margin + target * (second - first)).relu()
}
