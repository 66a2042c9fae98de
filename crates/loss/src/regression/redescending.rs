//! Losses that let go of what is far off: their gradient falls again.

use minimand_tensor::Tensor;

use crate::numbers::check_divisor;
use crate::shape::same_shape;

/// Logarithm of one and half the squared residual: the negative log-likelihood of a Cauchy distribution.
///
/// ```text
/// ℓ = ln(1 + r² / (2 c²))
/// r = prediction − target
/// c = scale
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `scale > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 r/(2 c² + r²)`: it grows up to `|r| = √2 c` and then falls as `2/r`. The second derivative is
/// below 0 beyond, so the loss is not convex.
///
/// # Estimates
/// A **robust location**, the centre of a Cauchy distribution of scale `√2 c`; with far outliers on both sides near the
/// mode. From 0, at `prediction = target`, to ∞, slowly.
///
/// # Stability
/// With `ln_1p`; for large residuals as `2 ln |u| + ln(1 + 1/u²)`, whose square does not overflow.
///
/// # Example
/// ```
/// use minimand_loss::cauchy;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 1.0, -100.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = cauchy(&prediction, &target, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.4055, 8.5174]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.6667, -0.0200]");
/// ```
///
/// # When to use
/// When a good part of the data is wrong and should lose its pull: matches of image points, range sensors. It misleads
/// at the start: from a bad guess the good data look like outliers, and several minima wait. Begin with Huber's, or a
/// great c.
///
/// # Reference
/// Black and Anandan, *The Robust Estimation of Multiple Motions*, Computer Vision and Image Understanding 63, 1996
/// (Lorentzian). Usual: c = 1, as Kornia and α = 0 of Barron's [`general_robust`](crate::general_robust); 2.385/√2 σ
/// for 95 % efficiency on normal data.
///
/// # See also
/// [`geman_mcclure`] and [`welsch`], which let go altogether; [`general_robust`](crate::general_robust).
#[doc(alias = "cauchy_loss")]
#[doc(alias = "Lorentzian")]
#[track_caller]
pub fn cauchy(prediction: &Tensor, target: &Tensor, scale: f64) -> Tensor {
    let u = standardised("cauchy", prediction, target, scale);
    log_one_and_square(&(u * std::f64::consts::FRAC_1_SQRT_2))
}

/// Squared residual over itself and a constant: half the square when small, never above 2.
///
/// ```text
/// ℓ = 2 u² / (u² + 4)
/// u = (prediction − target) / c
/// c = scale
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `scale > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = 16 u/(c (u² + 4)²)`: greatest at `|u| = 2/√3`, then it falls as 1/u³. Not convex beyond.
///
/// # Estimates
/// Near the **mode** of the targets, seen with a window of the width c. From 0, at `prediction = target`, to 2.
///
/// # Stability
/// For `|u| > 2` computed as `2/(1 + 4/u²)`: with the square itself it would be ∞/∞.
///
/// # Example
/// ```
/// use minimand_loss::geman_mcclure;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 2.0, -1e30]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = geman_mcclure(&prediction, &target, 1.0);
/// assert_eq!(loss.to_string(), "[0, 1, 2]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.5000, -0.0000]");
/// ```
///
/// # When to use
/// For registration and robust fitting when outliers are many and gross: each costs at most 2. It misleads from a bad
/// start: what is far off has no gradient and stays there. Begin with a great c and let it shrink.
///
/// # Reference
/// Geman and McClure, *Bayesian Image Analysis: An Application to Single Photon Emission Tomography*, 1985; in this
/// scale α = −2 of Barron, *A General and Adaptive Robust Loss Function*, CVPR 2019. Usual: c = 1 (Kornia). Elsewhere
/// often `u²/(1 + u²)`, which is `½ geman_mcclure` at twice the scale.
///
/// # See also
/// [`welsch`] and [`tukey_biweight`](crate::tukey_biweight), bounded as well; [`cauchy`].
#[doc(alias = "geman_mcclure_loss")]
#[track_caller]
pub fn geman_mcclure(prediction: &Tensor, target: &Tensor, scale: f64) -> Tensor {
    let s = 0.5 * standardised("geman_mcclure", prediction, target, scale);
    let (large, folded) = fold(&s);
    let square = folded.square();
    2.0 * large.select(1, &square) / (1.0 + &square)
}

/// One less a Gaussian bell: half the squared residual when small, never above 1.
///
/// ```text
/// ℓ = 1 − exp(−½ u²)
/// u = (prediction − target) / c
/// c = scale
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `scale > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = u exp(−½ u²)/c`: greatest at `|u| = 1`, nothing from about `|u| = 10` on. Not convex beyond 1.
///
/// # Estimates
/// The **mode** of the targets smoothed with a Gaussian of deviation c: its maximum has the least total loss. From 0,
/// at `prediction = target`, to 1.
///
/// # Stability
/// With `exp_m1`, exact for the smallest residuals.
///
/// # Example
/// ```
/// use minimand_loss::welsch;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 1.0, -100.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = welsch(&prediction, &target, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.3935, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.6065, 0.0000]");
/// ```
///
/// # When to use
/// When the likeliest value is wanted, and outliers should not count at all (correntropy). It misleads from a bad start
/// more than all others: beyond ten c nothing pulls. Begin with a great c.
///
/// # Reference
/// Dennis and Welsch, *Techniques for Nonlinear Least Squares and Robust Regression*, Communications in Statistics 7,
/// 1978; Leclerc, 1989; α = −∞ of Barron, CVPR 2019. Usual: c = 1 (Kornia); 2.985 σ for 95 % efficiency on normal data.
///
/// # See also
/// [`geman_mcclure`], with heavier tails; [`tukey_biweight`](crate::tukey_biweight), exactly flat beyond c.
#[doc(alias = "welsch_loss")]
#[doc(alias = "leclerc")]
#[doc(alias = "correntropy")]
#[track_caller]
pub fn welsch(prediction: &Tensor, target: &Tensor, scale: f64) -> Tensor {
    bell(&standardised("welsch", prediction, target, scale))
}

/// One minus a biweight: half the squared residual when small, a constant from `scale` on.
///
/// ```text
/// ℓ = c² / 6 (1 − (1 − u²)³) if |u| ≤ 1 else c² / 6
/// u = (prediction − target) / c
/// c = scale
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `scale > 0`, in the unit of the
/// target. Anything else panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = r (1 − u²)²` for `|u| ≤ 1`, 0 beyond; continuous, as is the second derivative, which is 1 at 0.
///
/// # Estimates
/// A **robust location** of the data within c of it, near the mode when c is small. From 0, at `prediction = target`,
/// to c²/6.
///
/// # Stability
/// Multiplied out, `q (3 − 3 q + q²)` with `q = min(u², 1)`: nothing cancels for small residuals.
///
/// # Example
/// ```
/// use minimand_loss::tukey_biweight;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 1.0, 5.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = tukey_biweight(&prediction, &target, 2.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 0.3854, 0.6667]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[0.0000, 0.5625, 0.0000]");
/// ```
///
/// # When to use
/// For robust regression in the second stage, when a scale is known and gross errors should have no say at all. It
/// misleads without a good start: what lies beyond c is never heard again.
///
/// # Reference
/// Beaton and Tukey, *The Fitting of Power Series*, Technometrics 16, 1974. Usual: c = 4.685 σ, for 95 % of the
/// efficiency of the mean on normal data; σ from the residuals' median absolute deviation, 1.4826 MAD.
///
/// # See also
/// [`welsch`], without an edge; [`huber`](crate::huber) for the first stage.
#[doc(alias = "bisquare")]
#[doc(alias = "TukeyBiweight")]
#[track_caller]
pub fn tukey_biweight(prediction: &Tensor, target: &Tensor, scale: f64) -> Tensor {
    let u = standardised("tukey_biweight", prediction, target, scale);
    let q = u.clamp(-1.0, 1.0).square();
    scale / 6.0 * (scale * (&q * (3.0 - &q * (3.0 - &q))))
}

/// The residual in units of a scale.
#[track_caller]
pub(super) fn standardised(loss: &str, prediction: &Tensor, target: &Tensor, scale: f64) -> Tensor {
    same_shape(loss, prediction, target);
    let r = prediction - target;
    check_divisor(loss, ("scale", scale), r.dtype());
    r / scale
}

/// `1 − exp(−½ u²)`.
#[track_caller]
pub(super) fn bell(u: &Tensor) -> Tensor {
    // Beyond ±40 nothing is left of the bell, and its second derivative would be `∞ · 0`.
    -(-0.5 * u.clamp(-40.0, 40.0).square()).exp_m1()
}

/// `ln(1 + s²)`, without overflow of the square.
#[track_caller]
pub(super) fn log_one_and_square(s: &Tensor) -> Tensor {
    let (large, folded) = fold(s);
    2.0 * large.select(s.abs(), 1).ln() + folded.square().ln_1p()
}

/// Whether a number lies beyond ±1, and itself or its reciprocal, whichever does not.
#[track_caller]
fn fold(s: &Tensor) -> (Tensor, Tensor) {
    let large = s.abs().gt(1);
    let folded = large.select(large.select(s, 1).reciprocal(), s);
    (large, folded)
}
