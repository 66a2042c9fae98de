//! Features compared wherever they occur.

use minimand_tensor::Tensor;

use crate::numbers::{check_divisor, check_positive};

/// The bandwidth of contextual similarity, and what keeps relative distances finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContextualOptions {
    /// How soft the nearest feature is chosen; 0.5 unless said otherwise.
    pub bandwidth: f64,
    /// What is added to the least distance; 10⁻⁵ unless said otherwise.
    pub epsilon: f64,
}

impl Default for ContextualOptions {
    fn default() -> ContextualOptions {
        ContextualOptions { bandwidth: 0.5, epsilon: 1e-5 }
    }
}

/// Negative logarithm of how well each feature of the target has a counterpart among those of the prediction.
///
/// ```text
/// ℓᵢ = −ln(Σₖ maxⱼ cᵢⱼₖ / (Σₖ 1))
/// cᵢⱼₖ = exp(−rᵢⱼₖ / bandwidth) / Σₙ exp(−rᵢⱼₙ / bandwidth)
/// rᵢⱼₖ = dᵢⱼₖ / (minₙ dᵢⱼₙ + epsilon)
/// dᵢⱼₖ = 1 − Σₗ pᵢⱼₗ qᵢₖₗ / (√(Σₗ pᵢⱼₗ²) √(Σₗ qᵢₖₗ²))
/// pᵢⱼₗ = predictionᵢⱼₗ − mᵢₗ
/// qᵢₖₗ = targetᵢₖₗ − mᵢₗ
/// mᵢₗ = Σₙ targetᵢₙₗ / (Σₙ 1)
/// ```
///
/// # Shapes
/// `prediction` is `[batch, points, dimensions]`, `target` `[batch, others, dimensions]`: the features of a picture, in any order; the loss is
/// `[batch]`. Anything else panics, and no points.
///
/// # Gradient
/// Through the softmax and the cosines, for each feature of the target by way of its best counterpart; equally good ones share it. By both.
///
/// # Estimates
/// The **distribution of features** of the target, not their places. From 0 to about `ln M` with M features of the target.
///
/// # Stability
/// In log space throughout; a feature equal to the mean of the target has cosine 0 to all. ε keeps a perfect match from dividing by 0.
///
/// # Example
/// ```
/// use minimand_loss::{ContextualOptions, contextual};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([[[1.0, 0.0], [-1.0, 0.0]]]);
/// let swapped = Tensor::from([[[-2.0, 0.0], [3.0, 0.0]]]); // order and length do not matter
/// let loss = contextual(&swapped, &target, ContextualOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&swapped).abs().sum()), "0.0000");
/// ```
///
/// # When to use
/// For pictures that are not aligned: style, translation, super-resolution from misaligned pairs. It misleads on layout, which it does not
/// see, and with small ε or bandwidth: relative distances then pick one counterpart and the gradient is nearly nothing. N · M cosines.
///
/// # Reference
/// Mechrez, Talmi, Zelnik-Manor, *The Contextual Loss for Image Transformation with Non-Aligned Data*, ECCV 2018, equations 2 to 5. Usual: h =
/// 0.5, ε = 10⁻⁵.
///
/// # See also
/// [`perceptual`](crate::perceptual), where pictures are aligned; [`chamfer`](crate::chamfer).
#[doc(alias = "ContextualLoss")]
#[track_caller]
pub fn contextual(prediction: &Tensor, target: &Tensor, options: ContextualOptions) -> Tensor {
    let (p, t) = (prediction.shape(), target.shape());
    let fits = p.rank() == 3 && t.rank() == 3 && p[0] == t[0] && p[2] == t[2] && p[1] > 0 && t[1] > 0;
    assert!(
        fits,
        "contextual: prediction {p} and target {t} must be [batch, points, dimensions] of one batch, neither of them empty"
    );
    check_divisor("contextual", ("bandwidth", options.bandwidth), prediction.dtype());
    check_positive("contextual", ("epsilon", options.epsilon), prediction.dtype());
    let others = t[1] as f64;
    let mean = target.mean_keepdim(1);
    let (p, q) = ((prediction - &mean).normalize(-1), (target - &mean).normalize(-1));
    // 1 − cos as half the squared distance of unit vectors would be 0 for the zero vector, whose cosine is 0.
    let distance = (1.0 - p.matmul(&q.transpose())).clamp_min(0);
    let relative = &distance / (distance.min_keepdim(-1) + options.epsilon);
    let similarity = (relative / -options.bandwidth).log_softmax(-1);
    others.ln() - similarity.max_axis(-2).logsumexp_axis(-1)
}
