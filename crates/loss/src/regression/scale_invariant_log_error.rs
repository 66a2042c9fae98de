//! Errors of depth maps, whose scale one picture does not tell.

use minimand_tensor::Tensor;

use super::cosine_distance::has_axis;
use super::logarithmic::log_ratio;
use crate::shape::{repeats_to, same_shape};

/// Mean squared residual of the logarithms, less a part of the square of their mean: a common factor is forgiven.
///
/// ```text
/// ℓ = Σⱼ dⱼ² / n − λ (Σⱼ dⱼ / n)²
/// dⱼ = ln predictionⱼ − ln targetⱼ
/// n = Σⱼ [targetⱼ > 0]
/// λ = lambda
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, pixels]`, of the same shape, and the loss is `[…]`. Depths greater than 0; a
/// target of 0 is no measurement and does not count, nor does a pixel whose `mask` is false, whatever stands there. The
/// mask repeats to the shape of the target. `0 ≤ lambda ≤ 1`. Other shapes and numbers panic.
///
/// # Gradient
/// `∂ℓ/∂predictionⱼ = 2 (dⱼ − λ d̄)/(n predictionⱼ)` with the mean d̄, 0 for pixels that do not count.
///
/// # Estimates
/// For λ = 0 the **geometric mean** of the depth, for λ = 1 that up to a factor of the picture. From 0 to ∞.
///
/// # Stability
/// As `(1 − λ) d̄² + Σ (d − d̄)²/n`, which never is below 0 and does not cancel. A picture without any measurement is
/// 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::scale_invariant_log_error;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 3.0], [1.0, 1.0, 1.0]]);
/// let target = Tensor::from([[2.0, 4.0, 0.0], [1.0, 4.0, 1.0]]);
/// let loss = scale_invariant_log_error(&prediction, &target, None, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.2402, 0.5338]");
/// let gradient = loss.sum().grad(&prediction);
/// assert_eq!(format!("{gradient:.4}"), "[[-0.3466, -0.1733, 0.0000],\n [0.1540, -0.7702, 0.1540]]");
/// ```
///
/// # When to use
/// For depth from one picture, λ from ½ to 0.85, and other maps whose overall factor is uncertain. It misleads with λ =
/// 1 if the scale is wanted: nothing holds it.
///
/// # Reference
/// Eigen, Puhrsch and Fergus, *Depth Map Prediction from a Single Image using a Multi-Scale Deep Network*, NIPS 2014,
/// equation 4. Usual: λ = 0.5; 0.85 in BTS and AdaBins, which take the root and multiply by 10.
///
/// # See also
/// [`squared_logarithmic_error`](crate::squared_logarithmic_error), entry by entry;
/// [`negative_pearson`](crate::negative_pearson), which frees the offset too.
#[doc(alias = "SILog")]
#[doc(alias = "ScaleInvariantLogLoss")]
#[track_caller]
pub fn scale_invariant_log_error(prediction: &Tensor, target: &Tensor, mask: Option<&Tensor>, lambda: f64) -> Tensor {
    same_shape("scale_invariant_log_error", prediction, target);
    has_axis("scale_invariant_log_error", prediction);
    assert!((0.0..=1.0).contains(&lambda), "scale_invariant_log_error: lambda is {lambda} and must be from 0 to 1");
    let measured = target.gt(0);
    let counts = mask.map_or(measured.clone(), |mask| {
        repeats_to("scale_invariant_log_error", ("mask", mask), ("target", target));
        measured & mask
    });
    let [x, y] = [prediction, target].map(|depth| counts.select(depth, 1));
    let d = log_ratio(&x, &y, &(&x - &y));
    let n = counts.cast(d.dtype()).sum_keepdim(-1).clamp_min(1.0);
    let mean = d.sum_keepdim(-1) / &n;
    let spread = counts.select(&d - &mean, 0).square().sum_axis(-1) / n.squeeze(-1);
    spread + (1.0 - lambda) * mean.squeeze(-1).square()
}
