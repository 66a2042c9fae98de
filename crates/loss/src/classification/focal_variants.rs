//! Focal losses that keep hard examples whole, or the sum of the factors.

use minimand_tensor::Tensor;

use super::focal::{binary_fading, check_gamma};
use crate::numbers::check_divisor;
use crate::shape::same_shapes;

/// Options of [`reduced_focal`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReducedFocalOptions {
    /// The weight α of positive outcomes, in [0, 1]; negative ones weigh `1 - α`. `None`: both weigh 1.
    pub alpha: Option<f64>,
    /// How strongly well-classified examples fade, γ ≥ 0.
    pub gamma: f64,
    /// The probability of what happened below which nothing fades, in (0, 1].
    pub threshold: f64,
}

impl Default for ReducedFocalOptions {
    /// γ = 2, the threshold ½, no α.
    fn default() -> ReducedFocalOptions {
        ReducedFocalOptions { alpha: None, gamma: 2.0, threshold: 0.5 }
    }
}

/// Options of [`normalised_focal`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NormalisedFocalOptions {
    /// The weight α of positive outcomes, in [0, 1]; negative ones weigh `1 - α`. `None`: both weigh 1.
    pub alpha: Option<f64>,
    /// How strongly well-classified examples fade, γ ≥ 0.
    pub gamma: f64,
    /// The least that the sum of the factors counts as, greater than 0.
    pub epsilon: f64,
}

impl Default for NormalisedFocalOptions {
    /// γ = 2, ε = 10⁻⁶, no α.
    fn default() -> NormalisedFocalOptions {
        NormalisedFocalOptions { alpha: None, gamma: 2.0, epsilon: 1e-6 }
    }
}

/// `a (−y ln p − (1 − y) ln(1 − p))` with the weight of the outcome.
#[track_caller]
fn weighted_cross_entropy(loss: &str, logits: &Tensor, target: &Tensor, alpha: Option<f64>) -> Tensor {
    let (x, y) = (logits, target);
    let cross_entropy = y * (-x).softplus() + (1.0 - y) * x.softplus();
    let Some(alpha) = alpha else { return cross_entropy };
    assert!((0.0..=1.0).contains(&alpha), "{loss}: alpha must be in [0, 1], not {alpha}");
    (alpha * y + (1.0 - alpha) * (1.0 - y)) * cross_entropy
}

/// Focal loss in which what is still taken for unlikely does not fade at all.
///
/// ```text
/// ℓ = −a f (y ln p + (1 − y) ln(1 − p))
/// f = 1 if 1 − u < θ else u^γ / θ^γ
/// u = y (1 − p) + (1 − y) p
/// a = α y + (1 − α) (1 − y)
/// p = σ(x)
/// x = logits
/// y = target
/// α = alpha
/// γ = gamma
/// θ = threshold
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element. x is any finite number, y is 0 or 1 (or between). Panics
/// when the shapes differ or an option is out of its range.
///
/// # Gradient
/// That of the formula, on both sides of the seam `1 − u = θ`; at the seam, that of the fading side. The loss is continuous there
/// for θ = ½ only.
///
/// # Estimates
/// No probability, as [`binary_focal`](crate::binary_focal). From 0 to ∞.
///
/// # Stability
/// As [`binary_focal`](crate::binary_focal): `1 − p` is `σ(−x)`, and no power of 0 is taken.
///
/// # Example
/// ```
/// use minimand_loss::reduced_focal;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([1.0, 2.0, -2.0, 0.5]);
/// let target = Tensor::from([1.0, 1.0, 1.0, 0.0]);
/// let loss = reduced_focal(&logits, &target, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0906, 0.0072, 2.1269, 0.9741]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.2103, -0.0195, -0.8808, 0.6225]");
/// ```
///
/// # When to use
/// In detection, where focal loss makes a model forget hard positives early on. It misleads with a threshold other than ½: the
/// loss jumps at the seam, and a step can fall into the wrong side for good.
///
/// # Reference
/// Sergievskiy and Ponamarev 2019, "Reduced focal loss: 1st place solution to xView object detection", equation 5. Usual: γ = 2, θ
/// = ½.
///
/// # See also
/// [`binary_focal`](crate::binary_focal), [`normalised_focal`].
#[doc(alias = "reduced_threshold")]
#[track_caller]
pub fn reduced_focal(logits: &Tensor, target: &Tensor, options: ReducedFocalOptions) -> Tensor {
    let ReducedFocalOptions { alpha, gamma, threshold } = options;
    same_shapes("reduced_focal", ("logits", logits), ("target", target));
    check_gamma("reduced_focal", gamma, logits.dtype());
    assert!(threshold > 0.0 && threshold <= 1.0, "reduced_focal: threshold must be in (0, 1], not {threshold}");
    check_divisor("reduced_focal", ("threshold to the power gamma", threshold.powf(gamma)), logits.dtype());
    let likely = target * logits.sigmoid() + (1.0 - target) * (-logits).sigmoid();
    let fading = binary_fading(logits, target, gamma) / threshold.powf(gamma);
    likely.lt(threshold).select(1, fading) * weighted_cross_entropy("reduced_focal", logits, target, alpha)
}

/// Focal loss divided by the sum of its factors over all elements, so that fading does not shrink the gradient as a whole.
///
/// ```text
/// ℓᵢ = −aᵢ fᵢ (yᵢ ln pᵢ + (1 − yᵢ) ln(1 − pᵢ)) / max(Σₖ fₖ, ε)
/// fᵢ = (yᵢ (1 − pᵢ) + (1 − yᵢ) pᵢ)^γ
/// aᵢ = α yᵢ + (1 − α) (1 − yᵢ)
/// pᵢ = σ(logitsᵢ)
/// yᵢ = targetᵢ
/// α = alpha
/// γ = gamma
/// ε = epsilon
/// ```
///
/// # Shapes
/// `logits` and `target` y of the same shape, and so is the loss, whose **sum** (not mean) is the weighted mean of the
/// cross-entropies. Any finite logits, y is 0 or 1 (or between). Panics when the shapes differ or an option is out of its range.
///
/// # Gradient
/// That of the formula, through the divisor too, as in segmentation_models_pytorch; the divisor passes none below ε.
///
/// # Estimates
/// No probability, as [`binary_focal`](crate::binary_focal). From 0 to ∞.
///
/// # Stability
/// As [`binary_focal`](crate::binary_focal); ε keeps the divisor above 0 where everything has faded.
///
/// # Example
/// ```
/// use minimand_loss::normalised_focal;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([1.0, 2.0, -2.0, 0.5]);
/// let target = Tensor::from([1.0, 1.0, 1.0, 0.0]);
/// let loss = normalised_focal(&logits, &target, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0181, 0.0014, 1.3203, 0.3020]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[0.0969, 0.0290, -0.6185, 0.0367]");
/// ```
///
/// # When to use
/// In segmentation, where the focal loss of an image fades to nothing late in training. It misleads because the divisor has a
/// gradient: a well-classified pixel is pushed **away** from its label, as the first number of the example shows, to raise the sum.
///
/// # Reference
/// Sofiiuk, Barinova and Konushin 2019, "AdaptIS: adaptive instance selection network", the section on the normalized focal loss;
/// this form is `normalized` of segmentation_models_pytorch. Usual: γ = 2, ε = 10⁻⁶.
///
/// # See also
/// [`binary_focal`](crate::binary_focal), [`reduced_focal`].
#[doc(alias = "NormalizedFocalLoss")]
#[track_caller]
pub fn normalised_focal(logits: &Tensor, target: &Tensor, options: NormalisedFocalOptions) -> Tensor {
    let NormalisedFocalOptions { alpha, gamma, epsilon } = options;
    same_shapes("normalised_focal", ("logits", logits), ("target", target));
    check_gamma("normalised_focal", gamma, logits.dtype());
    check_divisor("normalised_focal", ("epsilon", epsilon), logits.dtype());
    let fading = binary_fading(logits, target, gamma);
    let total = fading.sum().clamp_min(epsilon);
    fading * weighted_cross_entropy("normalised_focal", logits, target, alpha) / total
}
