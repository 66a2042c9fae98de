//! Hinge embedding loss.

use minimand_tensor::Tensor;

use crate::numbers::check_finite;

/// The distance of like things, and what the distance of unlike things lacks to the margin.
///
/// ```text
/// ℓ = distance if target = 1 else max(margin − distance, 0)
/// ```
///
/// # Shapes
/// `distance` and `target` are `[…]`, and so is the loss; `target` holds 1 (like) or −1 (unlike). Anything else panics.
///
/// # Gradient
/// 1 for like things; −1 for unlike ones below the margin, 0 from the margin on.
///
/// # Estimates
/// The **majority**: a pair whose two kinds are equally frequent is indifferent to every distance up to the margin; otherwise it goes to 0
/// or to the margin. From −∞, should a distance be negative, to ∞.
///
/// # Stability
/// Nothing overflows: two linear pieces.
///
/// # Example
/// ```
/// use minimand_loss::hinge_embedding;
/// use minimand_tensor::Tensor;
///
/// let distance = Tensor::from([0.25, 0.25, 3.0]);
/// let loss = hinge_embedding(&distance, &Tensor::from([1.0, -1.0, -1.0]), 1.0);
/// assert_eq!(loss.to_string(), "[0.25, 0.75, 0]");
/// assert_eq!(loss.sum().grad(&distance).to_string(), "[1, -1, 0]");
/// ```
///
/// # When to use
/// For a distance of one's own and pairs labelled alike or not. It misleads with scores instead of distances: a negative number
/// of a like pair is a reward without end.
///
/// # Reference
/// PyTorch's `HingeEmbeddingLoss`; usual: margin 1.
///
/// # See also
/// [`contrastive`](crate::contrastive), which squares both; [`cosine_embedding`](crate::cosine_embedding).
#[doc(alias = "HingeEmbeddingLoss")]
#[doc(alias = "hinge_embedding_loss")]
#[track_caller]
pub fn hinge_embedding(distance: &Tensor, target: &Tensor, margin: f64) -> Tensor {
    check_signs("hinge_embedding", ("distance", distance), target, 0);
    check_finite("hinge_embedding", ("margin", margin), distance.dtype());
    target.gt(0).select(distance, (margin - distance).relu())
}

/// Panics unless there is one sign for each entry, apart from so many last axes.
#[track_caller]
pub(super) fn check_signs(loss: &str, (name, whole): (&str, &Tensor), target: &Tensor, axes: usize) {
    assert!(
        whole.rank() == target.rank() + axes && whole.shape()[..target.rank()] == target.shape()[..],
        "{loss}: {name} {} and target {} do not fit: there must be one sign per pair",
        whole.shape(),
        target.shape()
    );
}
