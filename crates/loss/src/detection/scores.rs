//! Losses of the scores of a detector.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// `y softplus(−x) + (1 − y) softplus(x)`: the binary cross-entropy.
fn cross_entropy(x: &Tensor, y: &Tensor) -> Tensor {
    y * (-x).softplus() + (1.0 - y) * x.softplus()
}

/// `x^γ` for x ≥ 0, whose derivative at 0 is 0 where it were infinite.
fn power(x: &Tensor, exponent: f64) -> Tensor {
    if exponent == 0.0 || exponent >= 2.0 {
        return x.pow(exponent);
    }
    let zero = x.eq(0);
    zero.select(0, zero.select(1, x).pow(exponent))
}

#[track_caller]
fn check_exponent(loss: &str, name: &str, exponent: f64) {
    assert!(exponent >= 0.0, "{loss}: {name} is {exponent} and must not be below 0");
}

/// Focal loss of a score that predicts a quality between 0 and 1, such as the overlap of its box.
///
/// ```text
/// ℓ = |y − p|^β (−y ln p − (1 − y) ln(1 − p))
/// p = σ(logits)
/// y = target
/// β = beta
/// ```
///
/// # Shapes
/// `logits` (any numbers) and `target` (0 to 1) of the same shape, and so has the loss. `beta ≥ 0`. Panics when the shapes
/// differ.
///
/// # Gradient
/// `|y − p|^β (p − y) + β |y − p|^(β − 1) sign(p − y) p (1 − p) H` for the cross-entropy H. At p = y it is 0, a kink
/// for β < 1.
///
/// # Estimates
/// p = y is least for a fixed target, 0. For a random target it lies between mean and median. From 0 to ∞.
///
/// # Stability
/// Cross-entropy by softplus; `y − p` as `y σ(−x) − (1 − y) σ(x)`, exact where σ rounds to 1. The power of 0 has
/// derivative 0 for β < 1.
///
/// # Example
/// ```
/// use minimand_loss::quality_focal;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0, 1e4]);
/// let target = Tensor::from([0.8, 0.5, 1.0]);
/// let loss = quality_focal(&logits, &target, 2.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0624, 0.0000, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.1310, 0.0000, 0.0000]");
/// ```
///
/// # When to use
/// When one score shall say both that there is an object and how well its box fits. It misleads as a probability: the
/// focal weight bends it away from the mean quality.
///
/// # Reference
/// Li et al. 2020, "Generalized focal loss", equation 5. Usual: β = 2.
///
/// # See also
/// [`varifocal`], [`binary_focal`](crate::binary_focal), [`distribution_focal`].
#[doc(alias = "QualityFocalLoss")]
#[doc(alias = "QFL")]
#[track_caller]
pub fn quality_focal(logits: &Tensor, target: &Tensor, beta: f64) -> Tensor {
    same_shapes("quality_focal", ("logits", logits), ("target", target));
    check_exponent("quality_focal", "beta", beta);
    let apart = target * (-logits).sigmoid() - (1.0 - target) * logits.sigmoid();
    power(&apart.abs(), beta) * cross_entropy(logits, target)
}

/// Options of [`varifocal`].
#[derive(Clone, Copy, Debug)]
pub struct VarifocalOptions {
    /// The weight of negatives, at least 0.
    pub alpha: f64,
    /// The exponent of their probability, at least 0.
    pub gamma: f64,
}

impl Default for VarifocalOptions {
    fn default() -> VarifocalOptions {
        VarifocalOptions { alpha: 0.75, gamma: 2.0 }
    }
}

/// Cross-entropy of a score with a quality: positives weighted by their quality, negatives focal.
///
/// ```text
/// ℓ = y (−y ln p − (1 − y) ln(1 − p)) if y > 0 else −α p^γ ln(1 − p)
/// p = σ(logits)
/// y = target
/// α = alpha
/// γ = gamma
/// ```
///
/// # Shapes
/// `logits` (any numbers) and `target` (0 to 1; 0 for background) of the same shape, and so has the loss. Panics when the
/// shapes differ or an option is below 0.
///
/// # Gradient
/// `y (p − y)` for positives; `α p^γ (p − γ (1 − p) ln(1 − p))` for negatives. No kinks in the logits.
///
/// # Estimates
/// For positives p = y, the quality. From 0 to ∞; the least for a positive is y times its entropy, not 0.
///
/// # Stability
/// By softplus and σ of the logits: no logarithm of a probability that rounds to 0.
///
/// # Example
/// ```
/// use minimand_loss::{VarifocalOptions, varifocal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0, -1e4]);
/// let target = Tensor::from([0.8, 0.0, 0.0]);
/// let loss = varifocal(&logits, &target, VarifocalOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5545, 0.1300, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.2400, 0.2237, 0.0000]");
/// ```
///
/// # When to use
/// For dense detectors that rank boxes by their expected overlap: few good positives weigh more than many poor ones.
/// It misleads where the quality of positives is near 0: they weigh nothing, and the loss jumps at y = 0.
///
/// # Reference
/// Zhang et al. 2021, "VarifocalNet: an IoU-aware dense object detector", equation 2. Usual: α 0.75, γ 2.
///
/// # See also
/// [`quality_focal`], [`heatmap_focal`].
#[doc(alias = "VarifocalLoss")]
#[doc(alias = "VFL")]
#[track_caller]
pub fn varifocal(logits: &Tensor, target: &Tensor, options: VarifocalOptions) -> Tensor {
    same_shapes("varifocal", ("logits", logits), ("target", target));
    let VarifocalOptions { alpha, gamma } = options;
    check_exponent("varifocal", "alpha", alpha);
    check_exponent("varifocal", "gamma", gamma);
    let negative = alpha * power(&logits.sigmoid(), gamma) * logits.softplus();
    target.gt(0).select(target * cross_entropy(logits, target), negative)
}

/// Options of [`heatmap_focal`].
#[derive(Clone, Copy, Debug)]
pub struct HeatmapFocalOptions {
    /// The focal exponent, at least 0.
    pub alpha: f64,
    /// The exponent of the distance from a peak, at least 0.
    pub beta: f64,
}

impl Default for HeatmapFocalOptions {
    fn default() -> HeatmapFocalOptions {
        HeatmapFocalOptions { alpha: 2.0, beta: 4.0 }
    }
}

/// Focal loss of a map of peaks, which spares the surroundings of each peak.
///
/// ```text
/// ℓ = −(1 − p)^α ln p if y = 1 else −(1 − y)^β p^α ln(1 − p)
/// p = σ(logits)
/// y = target
/// α = alpha
/// β = beta
/// ```
///
/// # Shapes
/// `logits` (any numbers) and `target` (0 to 1; 1 exactly at the peaks, falling off around them) of the same shape, and
/// so has the loss. The usual mean is `loss.sum()` over the number of peaks, 1 if there is none. Panics when the shapes
/// differ or an option is below 0.
///
/// # Gradient
/// `(1 − p)^α (α p ln p − (1 − p))` at a peak, `(1 − y)^β p^α (p − α (1 − p) ln(1 − p))` elsewhere. No kinks.
///
/// # Estimates
/// Where peaks are; not a probability. From 0 to ∞.
///
/// # Stability
/// By softplus and σ of the logits: no clamp of p to [1e-4, 1 − 1e-4], where the gradient would end.
///
/// # Example
/// ```
/// use minimand_loss::{HeatmapFocalOptions, heatmap_focal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0, 0.0, -1e4]);
/// let target = Tensor::from([1.0, 0.5, 0.0, 0.0]);
/// let loss = heatmap_focal(&logits, &target, HeatmapFocalOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.1733, 0.0108, 0.1733, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.2983, 0.0186, 0.2983, 0.0000]");
/// ```
///
/// # When to use
/// For detectors of corners, centres or key points as peaks of a map. It misleads when a target that should be 1 is
/// 0.9999 after resampling: then no pixel is a peak.
///
/// # Reference
/// Law & Deng 2018, "CornerNet", equation 1; Zhou et al. 2019, "Objects as points", equation 1. Usual: α 2, β 4.
///
/// # See also
/// [`binary_focal`](crate::binary_focal), [`varifocal`].
#[doc(alias = "GaussianFocalLoss")]
#[doc(alias = "CenterNet")]
#[track_caller]
pub fn heatmap_focal(logits: &Tensor, target: &Tensor, options: HeatmapFocalOptions) -> Tensor {
    same_shapes("heatmap_focal", ("logits", logits), ("target", target));
    let HeatmapFocalOptions { alpha, beta } = options;
    check_exponent("heatmap_focal", "alpha", alpha);
    check_exponent("heatmap_focal", "beta", beta);
    let peak = power(&(-logits).sigmoid(), alpha) * (-logits).softplus();
    let elsewhere = power(&(1.0 - target), beta) * power(&logits.sigmoid(), alpha) * logits.softplus();
    target.eq(1).select(peak, elsewhere)
}

/// Cross-entropy of a distribution over bins with the two bins next to a real number.
///
/// ```text
/// ℓ = −Σⱼ wⱼ ln pⱼ
/// wⱼ = max(0, 1 − |j − target|)
/// pⱼ = exp logitsⱼ / Σₖ exp logitsₖ
/// ```
///
/// # Shapes
/// `logits` of shape `[…, bins]`, any numbers, and `target` of shape `[…]`, from 0 to bins − 1, in units of the bins; one
/// loss per target, shape `[…]`. A target outside counts as the nearest bin. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂logitsⱼ = pⱼ − wⱼ`; by the target `ln p_l − ln p_r` for the bins beside it. Kinks at whole targets, where it is
/// half of each side's.
///
/// # Estimates
/// Two neighbouring bins whose mean is the target. From the entropy of w, 0 for a whole target, to ∞.
///
/// # Stability
/// By [`Tensor::log_softmax`]; bins without weight add nothing, whatever their logits.
///
/// # Example
/// ```
/// use minimand_loss::distribution_focal;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0, 0.0], [0.0, 2.0, 0.0]]);
/// let target = Tensor::from([0.25, 1.0]);
/// let loss = distribution_focal(&logits, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.0986, 0.2395]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits).at(0, 0)), "[-0.4167, 0.0833, 0.3333]");
/// ```
///
/// # When to use
/// For edges of boxes predicted as distributions, whose spread says how sure the edge is. It misleads when read as a
/// fitted uncertainty: the target is always two neighbouring bins.
///
/// # Reference
/// Li et al. 2020, "Generalized focal loss", equation 6. Usual: 17 bins.
///
/// # See also
/// [`quality_focal`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities).
#[doc(alias = "DistributionFocalLoss")]
#[doc(alias = "DFL")]
#[track_caller]
pub fn distribution_focal(logits: &Tensor, target: &Tensor) -> Tensor {
    let (shape, expected) = (logits.shape(), target.shape());
    let fits = shape.split_last().is_some_and(|(&bins, rest)| bins > 0 && *rest == **expected);
    assert!(
        fits,
        "distribution_focal: logits {shape} must have the shape of target {expected} and the bins as last axis"
    );
    let bins = shape[shape.rank() - 1];
    let target = target.clamp(0, bins - 1).unsqueeze(-1);
    let weights = (1.0 - (Tensor::iota(bins).cast(target.dtype()) - target).abs()).relu();
    -(&weights * weights.gt(0).select(logits.log_softmax(-1), 0)).sum_axis(-1)
}
