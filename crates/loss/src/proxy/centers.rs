//! Centres: of a class, learned or as the mean of examples; and the length of embeddings.

use minimand_tensor::Tensor;

use super::cosine::check;
use crate::classification::cross_entropy;
use crate::labels::Labels;

/// Half the squared distance of an embedding from the learned centre of its class.
///
/// ```text
/// ℓᵢ = ½ Σₖ (embeddingsᵢₖ − centers[yᵢ, k])²
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `centers` `[classes, dimensions]`, or it panics; the loss is `[examples]`.
///
/// # Gradient
/// By the embedding `zᵢ − c_y`, by a centre the sum of `c − zᵢ` over its examples. The paper moves a centre by that sum over `1 + n` for its n examples in
/// the batch, which a gradient step of the centres' own does not. 0 where the label is ignored.
///
/// # Estimates
/// The centres estimate the **means** of the classes' embeddings. In [0, ∞).
///
/// # Stability
/// A square of differences.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, center};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let centers = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let loss = center(&embeddings, &Labels::new([0, 1], 2)?, &centers);
/// assert_eq!(format!("{loss:.4}"), "[1.0000, 2.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&centers)), "[[-1.0000, -1.0000],\n [0.0000, -2.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Added to [`cross_entropy`] with a small weight, to draw the embeddings of a class together. It misleads alone: everything in one point has loss 0.
///
/// # Reference
/// Wen et al., *A Discriminative Feature Learning Approach for Deep Face Recognition*, ECCV 2016, equation 2. Usual: weight 3e-3.
///
/// # See also
/// [`ring`], [`cross_entropy`], [`prototypical`].
#[doc(alias = "CenterLoss")]
#[track_caller]
pub fn center(embeddings: &Tensor, labels: &Labels, centers: &Tensor) -> Tensor {
    check("center", embeddings, labels, ("centers", centers), 2);
    let own = centers.index_select(0, labels.index());
    labels.zero_if_ignored(0.5 * (labels.without_ignored(embeddings) - own).square().sum_axis(-1))
}

/// Cross-entropy of a query's class by squared distances from the means of a few labelled examples of each.
///
/// ```text
/// ℓᵢ = ln(Σ{j : nⱼ > 0} exp(−dᵢⱼ)) + d[i, yᵢ]
/// dᵢⱼ = Σₖ (embeddingsᵢₖ − mⱼₖ)²
/// mⱼₖ = Σₗ [support_labelsₗ = j] supportₗₖ / nⱼ
/// nⱼ = Σₗ [support_labelsₗ = j]
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings`, the queries, are `[queries, dimensions]` with one label each; `support` is `[examples, dimensions]` with one of `support_labels` each, of
/// the same classes. Else it panics. The loss is `[queries]`; 0 for a query whose class has no example among the support.
///
/// # Gradient
/// With p the softmax of −d, by the distances `[j = y] − pⱼ`; from there to the queries and, through the means, to the support. 0 where the label is
/// ignored; ignored support is not there.
///
/// # Estimates
/// The **probabilities** of the classes, for embeddings that are normal with unit variance over ½ about their means. In (0, ∞).
///
/// # Stability
/// [`cross_entropy`] on the distances; classes without support are excluded by −∞.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, prototypical};
/// use minimand_tensor::Tensor;
///
/// let support = Tensor::from([[0.0, 0.0], [2.0, 0.0], [0.0, 1.0]]);
/// let queries = Tensor::from([[1.0, 0.5], [0.5, 1.0]]);
/// let (labels, support_labels) = (Labels::new([0, 1], 2)?, Labels::new([0, 0, 1], 2)?);
/// let loss = prototypical(&queries, &labels, &support, &support_labels);
/// assert_eq!(format!("{loss:.4}"), "[0.3133, 0.3133]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&queries)), "[[-0.2689, 0.2689],\n [0.2689, -0.2689]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To learn to learn classes from a few examples: each batch is an episode of some classes, some examples as support and others as queries. It misleads
/// when training has more classes or examples per episode than the use will have.
///
/// # Reference
/// Snell, Swersky, Zemel, *Prototypical Networks for Few-shot Learning*, NeurIPS 2017, equations 1 and 2.
///
/// # See also
/// [`center`], [`proxy_nca`](crate::proxy_nca).
#[doc(alias = "ProtoNet")]
#[track_caller]
pub fn prototypical(embeddings: &Tensor, labels: &Labels, support: &Tensor, support_labels: &Labels) -> Tensor {
    let (found, shown) = (labels.classes(), support_labels.classes());
    assert!(
        found == shown,
        "prototypical: labels of {found} classes and support_labels of {shown} must have the same classes"
    );
    assert!(
        support.rank() == 2 && support.shape()[..1] == support_labels.shape()[..],
        "prototypical: support {} and support_labels {} do not fit: support must be [examples, dimensions], with one label each",
        support.shape(),
        support_labels.shape()
    );
    let shares = support_labels.truth().cast(support.dtype());
    let counts = shares.sum_axis(0);
    let absent = counts.eq(0);
    let sums = shares.transpose().matmul(&support_labels.without_ignored(support));
    let means = sums / absent.select(1, counts).unsqueeze(-1);
    check("prototypical", embeddings, labels, ("the means of support", &means), 2);
    let distances = labels.without_ignored(embeddings).pairwise_squared_distances(&means);
    let shown = !absent.index_select(0, labels.index());
    let unknown = !shown.unsqueeze(-1);
    // A query that cannot be right has equal scores, so that its gradient is 0.
    let scores = absent.select(f64::NEG_INFINITY, -distances);
    shown.select(cross_entropy(&unknown.select(0, scores), labels), 0)
}

/// Half the squared distance of an embedding's length from one learned length.
///
/// ```text
/// ℓᵢ = ½ (√(Σₖ embeddingsᵢₖ²) − R)²
/// R = radius
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` and `radius` `[]`, or it panics; the loss is `[examples]`.
///
/// # Gradient
/// By the embedding `(‖z‖ − R) z/‖z‖`, 0 for a zero row; by the radius `R − ‖z‖`.
///
/// # Estimates
/// The radius estimates the **mean** length. In [0, ∞).
///
/// # Stability
/// The length is that of [`Tensor::norm`]: no overflow on the way, gradient 0 at 0.
///
/// # Example
/// ```
/// use minimand_loss::ring;
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[3.0, 4.0], [0.0, 1.0]]);
/// let loss = ring(&embeddings, &Tensor::from(2.0));
/// assert_eq!(format!("{loss:.4}"), "[4.5000, 0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&embeddings)), "[[1.8000, 2.4000],\n [-0.0000, -1.0000]]");
/// ```
///
/// # When to use
/// Added to [`cross_entropy`] to make lengths equal without normalising, which leaves the optimisation convex where it was. It misleads from a bad start:
/// begin with a radius near the mean length of the first batch.
///
/// # Reference
/// Zheng, Pal, Savvides, *Ring Loss: Convex Feature Normalization for Face Recognition*, CVPR 2018, equation 2 without λ. Usual: λ = 0.01.
///
/// # See also
/// [`center`], [`normalised_softmax`](crate::normalised_softmax).
#[doc(alias = "RingLoss")]
#[track_caller]
pub fn ring(embeddings: &Tensor, radius: &Tensor) -> Tensor {
    assert!(
        embeddings.rank() == 2 && radius.rank() == 0,
        "ring: embeddings {} and radius {} must be [examples, dimensions] and []",
        embeddings.shape(),
        radius.shape()
    );
    0.5 * (embeddings.norm_axis(-1) - radius).square()
}
