//! Quantile losses: one quantile, or several at once.

use minimand_tensor::{Operand, Tensor};

use crate::numbers::{check_positive, numbers};
use crate::shape::same_shape;

/// Absolute error with different prices for too little (`tau`) and too much (`1 − tau`): the loss of a quantile.
///
/// ```text
/// ℓ = max(−τ r, (1 − τ) r)
/// r = prediction − target
/// τ = tau
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `0 < tau < 1`. Anything else
/// panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = −τ` where the prediction is too low, `1 − τ` where it is too high, and 0 at the kink `r = 0`: a
/// perfect prediction is at rest. The second derivative is 0 throughout.
///
/// # Estimates
/// The **τ-quantile**: the number that a share τ of the targets lies below; of all constants it has the least total
/// loss, and a model estimates the conditional quantile. τ = ½ gives the median, and half of
/// [`absolute_error`](crate::absolute_error). From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// Computed as the residual times its price, `−τ`, 0 or `1 − τ`. Nothing can overflow but the residual itself.
///
/// # Example
/// ```
/// use minimand_loss::quantile;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0, 5.0]);
/// let target = Tensor::from([3.0, 2.0, 3.0]);
/// let loss = quantile(&prediction, &target, 0.75); // too low costs three times as much as too high
/// assert_eq!(loss.to_string(), "[1.5, 0, 0.5]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[-0.75, 0, 0.25]");
/// ```
///
/// # When to use
/// For stock levels, capacities and deadlines, where too little and too much cost different amounts per unit: with
/// costs `a` and `b` the best answer is the quantile τ = a/(a + b). Two quantiles make an interval (0.05 and 0.95: 90
/// %). It misleads in the far tails: few examples lie beyond the 0.99 quantile, so its estimate is mostly noise; and on
/// new data the share below is τ only as far as the model fits: count it.
///
/// # Reference
/// Koenker and Bassett, *Regression Quantiles*, Econometrica 46, 1978. Usual: 0.5; 0.1 and 0.9; 0.05 and 0.95.
///
/// # See also
/// [`quantiles`] for several at once; [`absolute_error`](crate::absolute_error).
#[doc(alias = "pinball_loss")]
#[doc(alias = "pinball")]
#[doc(alias = "quantile_loss")]
#[track_caller]
pub fn quantile(prediction: &Tensor, target: &Tensor, tau: f64) -> Tensor {
    same_shape("quantile", prediction, target);
    assert!(0.0 < tau && tau < 1.0, "quantile: tau is {tau} and must lie between 0 and 1");
    let r = prediction - target;
    check_positive("quantile", ("tau", tau), r.dtype());
    price(&r, &(1.0 - tau).operand(r.dtype()), &(-tau).operand(r.dtype())) * r
}

/// Several quantiles of one target at once: [`quantile`] for each entry of the last axis, with its own `tau`.
///
/// ```text
/// ℓⱼ = max(−τⱼ rⱼ, (1 − τⱼ) rⱼ)
/// rⱼ = predictionⱼ − target
/// τⱼ = tausⱼ
/// ```
///
/// # Shapes
/// `prediction` is `[…, Q]`, `target` is `[…]`, `taus` holds Q numbers between 0 and 1, and the loss is `[…, Q]`.
/// Anything else panics.
///
/// # Gradient
/// `∂ℓⱼ/∂predictionⱼ = −τⱼ` where the prediction is too low, `1 − τⱼ` where it is too high, 0 at the kink `rⱼ = 0`.
///
/// # Estimates
/// The **τⱼ-quantiles**, each on its own. From 0 to ∞; 0 for all of them only where the target is certain. The mean
/// over evenly spaced τ, doubled, approaches the continuous ranked probability score, which judges the whole predicted
/// distribution.
///
/// # Stability
/// As [`quantile`].
///
/// # Example
/// ```
/// use minimand_loss::quantiles;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 2.0, 5.0], [0.0, 3.0, 4.0]]);
/// let target = Tensor::from([2.0, 4.0]);
/// let loss = quantiles(&prediction, &target, &[0.25, 0.5, 0.75]);
/// assert_eq!(loss.to_string(), "[[0.25, 0, 0.75],\n [1, 0.5, 0]]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[-0.25, 0, 0.25],\n [-0.25, -0.5, 0]]");
/// ```
///
/// # When to use
/// For prediction intervals, and to see skewness and spread instead of one number. It misleads where quantiles cross:
/// nothing here keeps the 0.9 quantile above the 0.5 quantile. Predict the lowest and add up positive steps
/// (`steps.softplus().cumulative_sum(-1)`) where that must not be.
///
/// # Reference
/// Koenker and Bassett, *Regression Quantiles*, Econometrica 46, 1978. Usual: 0.1, 0.5 and 0.9; or 0.05, 0.15, …, 0.95.
///
/// # See also
/// [`quantile`] for one.
#[doc(alias = "pinball_loss")]
#[doc(alias = "quantile_loss")]
#[track_caller]
pub fn quantiles(prediction: &Tensor, target: &Tensor, taus: &[f64]) -> Tensor {
    let (shape, with_taus) = (target.shape().sizes(), [target.shape().sizes(), &[taus.len()]].concat());
    assert!(
        prediction.shape().sizes() == with_taus,
        "quantiles: prediction {} must be target {shape:?} with an axis of {} quantiles",
        prediction.shape(),
        taus.len()
    );
    let wrong = taus.iter().find(|tau| !(0.0 < **tau && **tau < 1.0));
    assert!(wrong.is_none(), "quantiles: taus are {taus:?} and must lie between 0 and 1");
    let r = prediction - target.unsqueeze(-1);
    for &tau in taus {
        check_positive("quantiles", ("one of the taus", tau), r.dtype());
    }
    let above = numbers(taus.iter().map(|tau| 1.0 - tau), r.dtype());
    let below = numbers(taus.iter().map(|tau| -tau), r.dtype());
    price(&r, &above, &below) * r
}

/// What a unit of the residual costs, with its sign: `1 − τ` above, `−τ` below, 0 at the kink, NaN where the residual is.
fn price(r: &Tensor, above: &Tensor, below: &Tensor) -> Tensor {
    // A residual that is neither above nor below is its own price: 0 or NaN.
    r.gt(0).select(above, r.lt(0).select(below, r.detach()))
}
