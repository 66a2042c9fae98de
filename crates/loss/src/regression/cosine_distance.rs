//! The angle between two vectors.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// One less the cosine of the angle between two vectors: whether they point the same way, whatever their lengths.
///
/// ```text
/// ℓ = 1 − Σⱼ predictionⱼ targetⱼ / (√(Σⱼ predictionⱼ²) √(Σⱼ targetⱼ²))
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, dimension]`, of the same shape, and the loss is `[…]`. Any numbers. Other shapes
/// panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = −(v − (u · v) u)/‖prediction‖` with the directions u, v of the two: at right angles to the
/// prediction, greater for short ones. Where either vector is zero the loss is 1 and both gradients are 0: it has no
/// direction.
///
/// # Estimates
/// The **mean direction**: of all directions that of `Σ y/‖y‖` has the least total loss. Of the length it says nothing.
/// From 0, the same direction, to 2, the opposite one.
///
/// # Stability
/// Half the squared distance between the directions, which is the same and does not cancel where they nearly agree.
/// Neither long nor short vectors overflow or vanish. There is no ε: with one in the norms (PyTorch's 1e-8) the
/// gradient at a zero vector is 1e8, without anything (Optax) it is NaN.
///
/// # Example
/// ```
/// use minimand_loss::cosine_distance;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[2.0, 0.0], [0.0, 0.0]]);
/// let target = Tensor::from([[3.0, 4.0], [1.0, 0.0]]);
/// let loss = cosine_distance(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.4000, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[0.0000, -0.4000],\n [0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// When only the direction has a meaning: embeddings of words and sentences, features to distil, spectra of unknown
/// gain. It misleads where the length carries information, and near 0, where the smallest noise is a new direction.
///
/// # Reference
/// Salton, Wong and Yang, *A Vector Space Model for Automatic Indexing*, Communications of the ACM 18, 1975. Keras's
/// `CosineSimilarity` is this loss less 1; MLX's `cosine_similarity_loss` is the similarity itself, to be maximised. No
/// parameters.
///
/// # See also
/// [`contrastive`](crate::contrastive) and [`info_nce`](crate::info_nce) for pairs that should be apart as well;
/// [`negative_pearson`](crate::negative_pearson), the same of centred series.
#[doc(alias = "cosine_similarity")]
#[doc(alias = "CosineSimilarity")]
#[doc(alias = "cosine_similarity_loss")]
#[track_caller]
pub fn cosine_distance(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("cosine_distance", prediction, target);
    has_axis("cosine_distance", prediction);
    between(prediction, target)
}

/// Panics unless there is a last axis.
#[track_caller]
pub(super) fn has_axis(loss: &str, prediction: &Tensor) {
    assert!(prediction.rank() > 0, "{loss}: prediction [] must have an axis");
}

/// `1 − cos` along the last axis; 1, with gradient 0, where either vector is zero.
#[track_caller]
pub(super) fn between(a: &Tensor, b: &Tensor) -> Tensor {
    let is_zero = |x: &Tensor| x.abs().max_keepdim(-1).eq(0);
    let either = is_zero(a) | is_zero(b);
    let difference = either.select(0, a.normalize(-1) - b.normalize(-1));
    either.squeeze(-1).select(1, 0.5 * difference.square().sum_axis(-1))
}
