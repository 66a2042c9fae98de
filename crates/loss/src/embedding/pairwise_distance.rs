//! The p-norm of a difference.

use minimand_tensor::Tensor;

use crate::embedding::distance::lp;
use crate::shape::same_shapes;

/// The p-norm of the difference of two embeddings.
///
/// ```text
/// ℓ = (Σₖ |firstₖ − secondₖ|^p)^(1 / p)
/// ```
///
/// # Shapes
/// `first` and `second` have one shape `[…, dimensions]`; the loss is `[…]`. `p ≥ 1`, ∞ included: the greatest difference. Anything else
/// panics.
///
/// # Gradient
/// With `r = first − second`, by `first`: `sign(rₖ) (|rₖ|/ℓ)^(p − 1)`, by `second` the opposite; 0 in every component where the two agree, and
/// so where ℓ is 0. For p = ∞ the greatest differences share it.
///
/// # Estimates
/// A **centre** by the p-norm: the geometric median for p = 2, the medians of the components for p = 1. From 0 to ∞.
///
/// # Stability
/// Entries are divided by the greatest before the power, so that neither overflows nor vanishes. No ε is added to the difference: equal
/// vectors are at distance 0, and the distance is symmetric.
///
/// # Example
/// ```
/// use minimand_loss::pairwise_distance;
/// use minimand_tensor::Tensor;
///
/// let first = Tensor::from([[3.0, 4.0], [1.0, 1.0]]);
/// let second = Tensor::from([[0.0, 0.0], [1.0, 1.0]]);
/// let loss = pairwise_distance(&first, &second, 2.0);
/// assert_eq!(loss.to_string(), "[5, 0]");
/// assert_eq!(format!("{:.1}", loss.sum().grad(&first)), "[[0.6, 0.8],\n [0.0, 0.0]]");
/// ```
///
/// # When to use
/// To pull paired vectors together with a force that does not fade near the end, or as the distance in a loss of one's own. It misleads
/// alone, with a learned second side: one constant is a perfect embedding.
///
/// # Reference
/// PyTorch's `pairwise_distance`, which adds 1e-6 to each difference: there a vector is 1.4e-6 from itself, with a gradient. Usual: p = 2.
///
/// # See also
/// [`hinge_embedding`](crate::hinge_embedding) on top of it; [`Distance`](crate::Distance).
#[doc(alias = "PairwiseDistance")]
#[track_caller]
pub fn pairwise_distance(first: &Tensor, second: &Tensor, p: f64) -> Tensor {
    same_shapes("pairwise_distance", ("first", first), ("second", second));
    assert!(first.rank() > 0, "pairwise_distance: first {} must have an axis for the embedding", first.shape());
    assert!(p >= 1.0, "pairwise_distance: p is {p} and must be at least 1");
    lp(&(first - second), p)
}
