//! Losses of landmarks: small errors count more than in proportion.

use minimand_tensor::Tensor;

use crate::numbers::{check_divisor, check_positive};
use crate::shape::same_shape;

/// Width and curvature of [`wing`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WingOptions {
    /// Up to which residual the loss is logarithmic, w.
    pub width: f64,
    /// How early the logarithm bends, ε.
    pub curvature: f64,
}

impl Default for WingOptions {
    /// w = 5, ε = 0.5.
    fn default() -> WingOptions {
        WingOptions { width: 5.0, curvature: 0.5 }
    }
}

/// Logarithmic for small residuals, so that they pull harder than large ones, and absolute beyond `width`.
///
/// ```text
/// ℓ = w ln(1 + |r| / ε) if |r| < w else |r| − (w − w ln(1 + w / ε))
/// r = prediction − target
/// w = width
/// ε = curvature
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `width > 0` and `curvature > 0`, in
/// the unit of the target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = w sign r/(ε + |r|)` for `|r| < w`, `sign r` from there on, and 0 at the kink `r = 0`. At `|r| = w`
/// the loss is continuous and the slope is not.
///
/// # Estimates
/// Near the **mode**: it is concave on both sides of its tip, where one of the targets is. From 0, at `prediction =
/// target`, to ∞.
///
/// # Stability
/// With `ln_1p`. The tip is sharp: the slope jumps from `−w/ε` to `w/ε`, so steps must shrink at the end.
///
/// # Example
/// ```
/// use minimand_loss::wing;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 0.5, -10.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = wing(&prediction, &target, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 3.4657, 16.9895]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 5.0000, -1.0000]");
/// ```
///
/// # When to use
/// For coordinates of landmarks in pixels, when most residuals are small already and the last pixel counts. It misleads
/// where labels are noisy by a pixel or two: it pulls hardest there.
///
/// # Reference
/// Feng et al., *Wing Loss for Robust Facial Landmark Localisation with Convolutional Neural Networks*, CVPR 2018,
/// equation 5. Usual: w = 10, ε = 2 in the paper; 5 and 0.5 in segmentation_models_pytorch, the defaults here.
///
/// # See also
/// [`adaptive_wing`] for heatmaps; [`smooth_l1`](crate::smooth_l1), which is calm at small residuals instead.
#[doc(alias = "wing_loss")]
#[track_caller]
pub fn wing(prediction: &Tensor, target: &Tensor, options: WingOptions) -> Tensor {
    same_shape("wing", prediction, target);
    let WingOptions { width, curvature } = options;
    let r = prediction - target;
    check_positive("wing", ("width", width), r.dtype());
    check_divisor("wing", ("curvature", curvature), r.dtype());
    let size = r.abs();
    let inside = size.lt(width);
    let logarithm = (inside.select(&size, width) * (1.0 / curvature)).ln_1p();
    width * logarithm + inside.select(0, size - width)
}

/// Shape of [`adaptive_wing`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdaptiveWingOptions {
    /// Height ω.
    pub omega: f64,
    /// Up to which residual the loss is curved, θ.
    pub theta: f64,
    /// How early it bends, ε.
    pub epsilon: f64,
    /// The exponent at a target of 0, α; greater than every target.
    pub alpha: f64,
}

impl Default for AdaptiveWingOptions {
    /// ω = 14, θ = 0.5, ε = 1, α = 2.1.
    fn default() -> AdaptiveWingOptions {
        AdaptiveWingOptions { omega: 14.0, theta: 0.5, epsilon: 1.0, alpha: 2.1 }
    }
}

/// Wing loss of a heatmap whose tip is sharp where the target is 1 and round where it is 0.
///
/// ```text
/// ℓ = ω ln(1 + (|r| / ε)^p) if |r| < θ else A (|r| − θ) + ω ln(1 + (θ / ε)^p)
/// A = ω p (θ / ε)^(p − 1) / (ε (1 + (θ / ε)^p))
/// p = α − target
/// r = prediction − target
/// ω = omega
/// θ = theta
/// ε = epsilon
/// α = alpha
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Predictions any numbers, targets from 0 to 1; ω,
/// θ and ε greater than 0, `alpha > 1`. Other shapes and parameters panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = ω p |r|^(p − 1) sign r/(ε^p + |r|^p)` for `|r| < θ`, `A sign r` from there on: continuous. 0 at r
/// = 0, where all derivatives are taken as 0. The exponent is differentiated by the target as well.
///
/// # Estimates
/// No single statistic; near the mode for targets near 1. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// Where r = 0 the power is taken of 1 and not used: for a target above `α − 1` its slope would be `∞ · 0`.
///
/// # Example
/// ```
/// use minimand_loss::adaptive_wing;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 0.25, 1.0]);
/// let target = Tensor::from([1.0, 0.0, 0.0]);
/// let loss = adaptive_wing(&prediction, &target, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.7417, 8.4959]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 6.0684, 11.1214]");
/// ```
///
/// # When to use
/// For heatmaps of landmarks, where few pixels are foreground: errors there pull hard, small ones of the background
/// hardly. It misleads for targets that are no heatmaps, beyond 1, where the exponent falls below 1; and its scale is
/// its own: ω = 14 is a learning rate for weights that were tuned for squared error.
///
/// # Reference
/// Wang, Bo and Fuxin, *Adaptive Wing Loss for Robust Face Alignment via Heatmap Regression*, ICCV 2019, equation 3.
/// Usual: the defaults. The paper multiplies it by a map that weighs foreground 10 times; multiply the result.
///
/// # See also
/// [`wing`] for coordinates.
#[doc(alias = "AWing")]
#[doc(alias = "adaptive_wing_loss")]
#[track_caller]
pub fn adaptive_wing(prediction: &Tensor, target: &Tensor, options: AdaptiveWingOptions) -> Tensor {
    same_shape("adaptive_wing", prediction, target);
    let AdaptiveWingOptions { omega, theta, epsilon, alpha } = options;
    let r = prediction - target;
    for option in [("omega", omega), ("theta", theta), ("epsilon", epsilon)] {
        check_divisor("adaptive_wing", option, r.dtype());
    }
    assert!(alpha > 1.0 && alpha.is_finite(), "adaptive_wing: alpha is {alpha} and must be a number greater than 1");
    let (size, p, end) = (r.abs(), alpha - target, theta / epsilon);
    let (inside, zero) = (size.lt(theta), size.eq(0));
    let base = zero.select(1, inside.select(&size / epsilon, end));
    let power = zero.select(0, base.pow(&p));
    let slope = omega / theta * &p * (&p * end.ln()).sigmoid();
    omega * power.ln_1p() + inside.select(0, slope * (size - theta))
}
