//! Cosine embedding loss.

use minimand_tensor::Tensor;

use crate::embedding::hinge_embedding::check_signs;
use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// One minus the cosine of like things, and what the cosine of unlike things exceeds the margin by.
///
/// ```text
/// ℓ = 1 − c if target = 1 else max(c − margin, 0)
/// c = Σₖ firstₖ secondₖ / (√(Σₖ firstₖ²) √(Σₖ secondₖ²))
/// ```
///
/// # Shapes
/// `first` and `second` are `[…, dimensions]`, `target` holds 1 (like) or −1 (unlike) for each pair, `[…]`, and so has the loss;
/// `margin` is from −1 to 1. Other shapes panic.
///
/// # Gradient
/// With the directions u and v, by `first`: `−(v − c u)/‖first‖` for like things, the opposite where `c > margin` for unlike
/// ones, 0 elsewhere, at `c = margin` too. A zero vector has no direction: c is 0 and its gradient 0.
///
/// # Estimates
/// An **angle**: 0 between like things, at least that of the margin between unlike ones. From 0 to 2, or to `1 − margin`.
///
/// # Stability
/// The vectors are normalised without ε, scaled where their squares would overflow or vanish, and the cosine never leaves ±1.
///
/// # Example
/// ```
/// use minimand_loss::cosine_embedding;
/// use minimand_tensor::Tensor;
///
/// let first = Tensor::from([[1.0, 0.0], [1.0, 0.0]]);
/// let second = Tensor::from([[3.0, 4.0], [3.0, 4.0]]);
/// let loss = cosine_embedding(&first, &second, &Tensor::from([1.0, -1.0]), 0.0);
/// assert_eq!(format!("{loss:.1}"), "[0.4, 0.6]");
/// assert_eq!(format!("{:.1}", loss.sum().grad(&first)), "[[0.0, -0.8],\n [0.0, 0.8]]");
/// ```
///
/// # When to use
/// For pairs labelled alike or not, where embeddings will be compared by their angle. It misleads with margin 0 and many
/// unlike pairs: a right angle is all it asks, which random directions in many dimensions have already.
///
/// # Reference
/// PyTorch's `CosineEmbeddingLoss`. Usual: margin 0 to 0.5. PyTorch adds 1e-12 under the root, so that the gradient of a zero vector is of
/// the order 10⁵ there; here it is 0.
///
/// # See also
/// [`contrastive`](crate::contrastive) by distance; [`cosine_distance`](crate::cosine_distance) for like pairs alone.
#[doc(alias = "CosineEmbeddingLoss")]
#[doc(alias = "cosine_embedding_loss")]
#[track_caller]
pub fn cosine_embedding(first: &Tensor, second: &Tensor, target: &Tensor, margin: f64) -> Tensor {
    same_shapes("cosine_embedding", ("first", first), ("second", second));
    check_signs("cosine_embedding", ("first", first), target, 1);
    check_finite("cosine_embedding", ("margin", margin), first.dtype());
    let cosine = first.cosine_similarity(second, -1);
    target.gt(0).select(1.0 - &cosine, (&cosine - margin).relu())
}
