//! Contrastive loss on pairs.

use minimand_tensor::{DType, Tensor};

use crate::numbers::{check_finite, check_positive};
use crate::shape::same_shapes;

/// Half the squared distance of two embeddings of the same thing, and half the square of what different things lack to
/// the margin.
///
/// ```text
/// ℓ = ½ d² if same else ½ max(m − d, 0)²
/// d = √(Σₖ (firstₖ − secondₖ)²)
/// m = margin
/// ```
///
/// # Shapes
/// `first` and `second` are embeddings of one shape `[…, dimensions]`; `same` holds a truth value (bool) for each pair,
/// `[…]`, and so has the loss. Any numbers; `margin > 0` and finite, in the unit of the embeddings: the distance from which on different things no longer repel
/// each other. Anything else panics.
///
/// # Gradient
/// By `first`, and with the opposite sign by `second`: `first − second` for the same thing; for different things `−(m/d
/// − 1) (first − second)` where `0 < d < m`, and 0 where `d ≥ m`. It is continuous at the margin; the second derivative
/// at the margin itself is that of the outside, 0. At `d = 0` both gradients are 0: two different things in one place
/// have no direction to part in, and stay until another pair moves one of them.
///
/// # Estimates
/// The **probability that two things are different**: a pair that is the same with probability q settles at the
/// distance `(1 − q) m`, as far as all pairs together find room. From 0 to ∞ for the same thing, with the minimum at `d
/// = 0`; from 0 to `½ m²` for different things, with the minimum at every `d ≥ m`.
///
/// # Stability
/// The attraction comes from the squared distance, without its root: exact, and smooth also at `d = 0`. The root, which
/// the repulsion needs, is that of [`Tensor::norm`]: no square overflows or vanishes in it, its gradient is 0 at 0 by
/// definition, and there is no ε in it. In f32 the attraction is ∞ beyond `d ≈ 2.6·10¹⁹`.
///
/// # Example
/// ```
/// use minimand_loss::contrastive;
/// use minimand_tensor::Tensor;
///
/// let first = Tensor::from([[3.0, 4.0], [0.3, 0.4], [3.0, 4.0]]);
/// let second = Tensor::from([[0.0, 0.0], [0.0, 0.0], [0.0, 0.0]]);
/// let same = Tensor::from([true, false, false]);
/// let loss = contrastive(&first, &second, &same, 1.0);
/// assert_eq!(loss.to_string(), "[12.5, 0.125, 0]");
/// let gradient = loss.sum().grad(&first).slice(0, ..2);
/// assert_eq!(format!("{gradient:.1}"), "[[3.0, 4.0],\n [-0.3, -0.4]]");
/// ```
///
/// # When to use
/// When pairs are labelled and a threshold on the distance shall decide later: signatures, faces, duplicates. It
/// misleads in three ways. The attraction never ends, so whatever differs within a thing or class is pressed out of the
/// embedding. The margin has the unit of the embedding, which a network can scale: normalise the embeddings, then all
/// distances lie within 0..=2. And most pairs of different things are soon beyond the margin, so the mean over all
/// pairs falls although the hard pairs stay: choose the pairs, or watch the loss of those that are not 0.
///
/// # Reference
/// Hadsell, Chopra, LeCun, *Dimensionality Reduction by Learning an Invariant Mapping*, CVPR 2006, equation 4, with its
/// factors ½; the paper's Y is 1 for *different* things. Other libraries drop the ½ or leave the distances unsquared
/// (pytorch-metric-learning): a learning rate found there does not carry over. Usual: margin 1 for normalised
/// embeddings.
///
/// # See also
/// [`triplet_margin`](crate::triplet_margin) compares two distances and leaves their scale free;
/// [`info_nce`](crate::info_nce) and [`nt_xent`](crate::nt_xent) set one positive against all negatives of the batch.
#[doc(alias = "ContrastiveLoss")]
#[doc(alias = "contrastive_loss")]
#[doc(alias = "siamese")]
#[track_caller]
pub fn contrastive(first: &Tensor, second: &Tensor, same: &Tensor, margin: f64) -> Tensor {
    check(first, second, same);
    let difference = first - second;
    check_positive("contrastive", ("margin", margin), difference.dtype());
    check_finite("contrastive", ("margin", margin), difference.dtype());
    let attraction = (0.5 * &difference * &difference).sum_axis(-1);
    let shortfall = (margin - difference.norm_axis(-1)).relu();
    same.select(attraction, 0.5 * &shortfall * &shortfall)
}

#[track_caller]
fn check(first: &Tensor, second: &Tensor, same: &Tensor) {
    same_shapes("contrastive", ("first", first), ("second", second));
    assert!(
        first.rank() == same.rank() + 1 && first.shape()[..same.rank()] == same.shape()[..],
        "contrastive: first {} and same {} must agree in all but first's last axis",
        first.shape(),
        same.shape()
    );
    assert!(same.dtype() == DType::Bool, "contrastive: same must be bool, not {}", same.dtype());
}
