//! Rays whose weight gathers in one place.

use minimand_tensor::Tensor;

/// Mean distance of the places where a ray's weight lies, counted by the weights.
///
/// ```text
/// ℓᵢ = Σⱼ Σₖ weightsᵢⱼ weightsᵢₖ |mᵢⱼ − mᵢₖ| + Σⱼ weightsᵢⱼ² (edges[i, j + 1] − edges[i, j]) / 3
/// mᵢⱼ = ½ (edges[i, j] + edges[i, j + 1])
/// ```
///
/// # Shapes
/// `weights` are `[rays, bins]`, not negative, `edges` `[rays, bins + 1]`, ascending along each ray; the loss is `[rays]`. Other shapes panic.
/// Edges that do not ascend give another number.
///
/// # Gradient
/// By a weight twice the mean distance of its place from the others, plus `⅔ w` times its width; by the edges likewise. Smooth.
///
/// # Estimates
/// **One surface** per ray: the least is 0, when a single bin of no width has all the weight, or nothing has any. A penalty beside a loss of
/// colours. From 0 on.
///
/// # Stability
/// Pairs are not formed: between neighbouring bins everything below is as far from everything above, so the sum is `2 Σ gapⱼ W≤ⱼ W>ⱼ` over
/// running sums, all terms of one sign.
///
/// # Example
/// ```
/// use minimand_loss::distortion;
/// use minimand_tensor::Tensor;
///
/// let edges = Tensor::from([[0.0, 1.0, 2.0]]);
/// let weights = Tensor::from([[0.5, 0.5]]);
/// let loss = distortion(&weights, &edges);
/// assert_eq!(format!("{loss:.4}"), "[0.6667]"); // 2 · ¼ + (¼ + ¼)/3
/// assert_eq!(format!("{:.4}", loss.sum().grad(&weights)), "[[1.3333, 1.3333]]");
/// ```
///
/// # When to use
/// For radiance fields, against floaters and fog. It misleads where a ray rightly has several surfaces, as glass: they are drawn together. In
/// metres far scenes count more, so normalise distances first.
///
/// # Reference
/// Barron et al., *Mip-NeRF 360*, CVPR 2022, equation 15. Usual: weight 0.01, distances normalised to 0 … 1.
///
/// # See also
/// [`inverse_depth_smoothness`](crate::inverse_depth_smoothness) across rays.
#[doc(alias = "distortion_loss")]
#[doc(alias = "lossfun_distortion")]
#[track_caller]
pub fn distortion(weights: &Tensor, edges: &Tensor) -> Tensor {
    let (w, e) = (weights.shape(), edges.shape());
    let fits = w.rank() == 2 && e.rank() == 2 && w[0] == e[0] && w[1] + 1 == e[1];
    assert!(fits, "distortion: weights {w} and edges {e} must be [rays, bins] and [rays, bins + 1]");
    let bins = w[1];
    let width = edges.slice(1, 1..) - edges.slice(1, ..bins);
    let own = (weights.square() * &width).sum_axis(1) / 3.0;
    if bins < 2 {
        return own;
    }
    let gap = 0.5 * (width.slice(1, 1..) + width.slice(1, ..bins - 1));
    let below = weights.cumulative_sum(1).slice(1, ..bins - 1);
    let above = weights.cumulative_sum_reverse(1).slice(1, 1..);
    2.0 * (gap * below * above).sum_axis(1) + own
}
