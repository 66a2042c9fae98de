//! Clouds of points.

use minimand_tensor::Tensor;

/// Mean squared distance of each point to the nearest one of the other cloud, in both directions.
///
/// ```text
/// ℓᵢ = Σⱼ (minₖ dᵢⱼₖ) / (Σⱼ 1) + Σₖ (minⱼ dᵢⱼₖ) / (Σₖ 1)
/// dᵢⱼₖ = Σₗ (predictionᵢⱼₗ − targetᵢₖₗ)²
/// ```
///
/// # Shapes
/// `prediction` is `[batch, points, dimensions]`, `target` `[batch, others, dimensions]`; the loss is `[batch]`. Anything else panics, and
/// empty clouds.
///
/// # Gradient
/// `2 (pⱼ − nearest)/N`, and the same for every point of the target to which pⱼ is nearest. Equally near points share it. 0 at the target.
///
/// # Estimates
/// The target's **points as a set**, not how many lie where: 0 whenever each lies on one of the other cloud. From 0 on.
///
/// # Stability
/// Distances are sums of squared differences, not the expansion `a² − 2ab + b²`, which can go below 0.
///
/// # Example
/// ```
/// use minimand_loss::chamfer;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.0, 0.0], [1.0, 0.0]]]);
/// let target = Tensor::from([[[0.0, 1.0]]]);
/// let loss = chamfer(&prediction, &target);
/// assert_eq!(loss.to_string(), "[2.5]"); // (1 + 2)/2 + 1
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[[0, -3],\n  [1, -1]]]");
/// ```
///
/// # When to use
/// For shapes as clouds of points, where exact matching is too dear. It misleads on density: a single point near many targets costs nothing
/// extra, so clouds clump. Outliers count by the square. All N · M distances are computed.
///
/// # Reference
/// Fan, Su, Guibas, *A Point Set Generation Network for 3D Object Reconstruction*, CVPR 2017, equation 2, with means instead of sums, as
/// PyTorch3D's `chamfer_distance`.
///
/// # See also
/// [`squared_error`](crate::squared_error), where points correspond.
#[doc(alias = "chamfer_distance")]
#[track_caller]
pub fn chamfer(prediction: &Tensor, target: &Tensor) -> Tensor {
    let (p, t) = (prediction.shape(), target.shape());
    let fits = p.rank() == 3 && t.rank() == 3 && p[0] == t[0] && p[2] == t[2] && p[1] > 0 && t[1] > 0;
    assert!(
        fits,
        "chamfer: prediction {p} and target {t} must be [batch, points, dimensions] of one batch, neither of them empty"
    );
    let distances = prediction.pairwise_squared_distances(target);
    distances.min_axis(-1).mean_axis(-1) + distances.min_axis(-2).mean_axis(-1)
}
