//! Huber's loss, in its own scale and in that of the absolute error.

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive, in_type};
use crate::regression::absolute_error;
use crate::shape::same_shape;

/// Half the square of small residuals, linear for residuals beyond `delta`.
///
/// ```text
/// ℓ = ½ r² if |r| ≤ δ else δ (|r| − ½ δ)
/// r = prediction − target
/// δ = delta
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `delta > 0`, in the unit of the
/// target, may be ∞. Anything else panics, a `delta` that is 0 in the type of the residuals (1e-46 in f32) too.
///
/// # Gradient
/// `∂ℓ/∂prediction = min(max(r, −δ), δ)`: no example pulls harder than δ. Continuous at the seams `|r| = δ`; the second
/// derivative is 1 inside, the seams included, and 0 beyond.
///
/// # Estimates
/// A **robust location** between the two it joins: the mean as δ → ∞, the median as δ → 0 (of `ℓ/δ`). On skewed data it
/// lies near the median. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// Computed as `c (r − ½ c)` with `c = min(max(r, −δ), δ)`: one formula for both cases. The square of a large residual
/// is never formed, so nothing overflows before the loss itself does; and no `|r|` occurs, whose sign at 0 would lose
/// the second derivative there.
///
/// # Example
/// ```
/// use minimand_loss::huber;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = huber(&prediction, &target, 1.0);
/// assert_eq!(loss.to_string(), "[0.125, 1.5, 2.5]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[0.5, 1, -1]");
/// ```
///
/// # When to use
/// When the mean of clean data is wanted and some of the data are not clean: sensor glitches, wrong labels, the rewards
/// of reinforcement learning. It misleads when the far values are real: on the medical costs of the RAND experiment,
/// with δ = 1.35 MAD, it is far better than squared error for the typical person (absolute error of the cheaper 90 % of
/// rows: 57 dollars against 157) and predicts 0.38 of the true total, because a mean cannot ignore the costly few.
///
/// # Reference
/// Huber, *Robust Estimation of a Location Parameter*, Annals of Mathematical Statistics 35, 1964. Usual: δ = 1.345 σ,
/// which keeps 95 % of the efficiency of the mean on normal data; σ from the residuals' median absolute deviation,
/// 1.4826 MAD.
///
/// # See also
/// [`smooth_l1`] is `huber / δ`; [`log_cosh`](crate::log_cosh) joins the same two ends with all derivatives continuous.
#[doc(alias = "huber_loss")]
#[doc(alias = "HuberLoss")]
#[doc(alias = "Huber")]
#[track_caller]
pub fn huber(prediction: &Tensor, target: &Tensor, delta: f64) -> Tensor {
    same_shape("huber", prediction, target);
    let r = prediction - target;
    check_positive("huber", ("delta", delta), r.dtype());
    if in_type(delta, r.dtype()) == f64::INFINITY {
        return 0.5 * &r * &r;
    }
    let c = r.clamp(-delta, delta);
    &c * (r - 0.5 * &c)
}

/// Absolute error with its kink rounded off over the width `beta`: Huber's loss divided by its δ.
///
/// ```text
/// ℓ = r² / (2 β) if |r| < β else |r| − ½ β
/// r = prediction − target
/// β = beta
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `beta ≥ 0` and finite, in the unit
/// of the target. Anything else panics. With `beta = 0` it is [`absolute_error`], and so it is with a `beta` that is 0 in
/// the type of the residuals (1e-46 in f32).
///
/// # Gradient
/// `∂ℓ/∂prediction = min(max(r/β, −1), 1)`; `sign r`, 0 at 0, when β = 0. Continuous at the seams `|r| = β`; the second
/// derivative is 1/β inside, the seams included, and 0 beyond.
///
/// # Estimates
/// As [`huber`], a **robust location**: the median for β = 0, and towards the mean as β grows, where the loss becomes
/// `r²/(2 β)`. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// Computed as `u (r − ½ β u)` with `u = min(max(r/β, −1), 1)`: the square of a large residual is never formed, and a
/// tiny β does not underflow.
///
/// # Example
/// ```
/// use minimand_loss::smooth_l1;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.25, 2.0, -3.0]);
/// let target = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = smooth_l1(&prediction, &target, 0.5);
/// assert_eq!(loss.to_string(), "[0.0625, 1.75, 2.75]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[0.5, 1, -1]");
/// ```
///
/// # When to use
/// For the corners of bounding boxes, and wherever absolute error is meant and its restless gradient near 0 is not:
/// here β sets only where it calms down, the slope far out is always 1. It misleads as [`huber`] and [`absolute_error`]
/// do: not a mean. Changing β in this loss does not change the weight of far residuals, changing δ in [`huber`] does.
///
/// # Reference
/// Girshick, *Fast R-CNN*, ICCV 2015, equation 3, has β = 1. Usual: 1; for normalised box coordinates 1/9.
///
/// # See also
/// [`huber`]: `huber(δ) = δ · smooth_l1(δ)`.
#[doc(alias = "smooth_l1_loss")]
#[doc(alias = "SmoothL1Loss")]
#[track_caller]
pub fn smooth_l1(prediction: &Tensor, target: &Tensor, beta: f64) -> Tensor {
    same_shape("smooth_l1", prediction, target);
    assert!(beta >= 0.0, "smooth_l1: beta is {beta} and must not be below 0");
    let r = prediction - target;
    check_finite("smooth_l1", ("beta", beta), r.dtype());
    if in_type(beta, r.dtype()) == 0.0 {
        return absolute_error(prediction, target);
    }
    let u = (&r / beta).clamp(-1.0, 1.0);
    &u * (r - 0.5 * beta * &u)
}
