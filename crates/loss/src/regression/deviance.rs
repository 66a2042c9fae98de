//! Deviances: twice the log-likelihood that a mean loses against the best one.

use minimand_tensor::Tensor;

use super::logarithmic::log_ratio;
use crate::excess::exp_excess;
use crate::numbers::check_finite;
use crate::shape::same_shape;

/// Deviance of a Tweedie distribution, whose variance is the mean to the given `power`, by its mean.
///
/// ```text
/// ℓ = 2 (m − y + y (ln y − ln m)) if p = 1 else 2 (ln m − ln y + y / m − 1) if p = 2
///   else 2 (y^(2 − p) / ((1 − p) (2 − p)) − y m^(1 − p) / (1 − p) + m^(2 − p) / (2 − p))
/// m = prediction
/// y = target
/// p = power
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Predictions greater than 0, targets at least 0,
/// greater than 0 for `power ≥ 2` (the loss at 0 is ∞ there); `power ≥ 0` and finite. Other shapes and powers panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 (m − y)/m^p`: the residual over the variance.
///
/// # Estimates
/// The **mean**, whatever the power. From 0, at `prediction = target`, to ∞.
///
/// # Stability
/// By differences `(m^a − y^a)/a` that hold as a → 0, so the powers 1 (Poisson) and 2 (gamma) and their neighbours have
/// all their digits; near the target by `eˣ − 1 − x`, where the three terms would cancel. A target of 0 takes no
/// logarithm.
///
/// # Example
/// ```
/// use minimand_loss::tweedie_deviance;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([4.0, 4.0, 1.0]);
/// let target = Tensor::from([0.0, 4.0, 4.0]);
/// let loss = tweedie_deviance(&prediction, &target, 1.5);
/// assert_eq!(format!("{loss:.4}"), "[8.0000, 0.0000, 4.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[1.0000, 0.0000, -6.0000]");
/// ```
///
/// # When to use
/// For amounts with many exact zeros and a long tail, with a power between 1 and 2: rain, insurance claims per policy.
/// It misleads as a comparison of powers: deviances of different powers are in different units; choose the power by
/// likelihood or by held-out [`absolute_error`](crate::absolute_error).
///
/// # Reference
/// Jørgensen, *Exponential Dispersion Models*, Journal of the Royal Statistical Society B 49, 1987, section 4.
/// scikit-learn's `mean_tweedie_deviance` refuses powers between 0 and 1, which no distribution has; as a divergence
/// they are defined. Usual: 1.5.
///
/// # See also
/// [`tweedie_deviance_log_mean`] by the logarithm of the mean; [`gamma_deviance`] (power 2),
/// [`inverse_gaussian_deviance`] (3), [`poisson_nll`](crate::poisson_nll) (1).
#[doc(alias = "TweedieDevianceScore")]
#[doc(alias = "mean_tweedie_deviance")]
#[track_caller]
pub fn tweedie_deviance(prediction: &Tensor, target: &Tensor, power: f64) -> Tensor {
    same_shape("tweedie_deviance", prediction, target);
    let zero = target.eq(0);
    let y = zero.select(1, target);
    let log = log_ratio(prediction, &y, &(prediction - &y));
    let mean = |exponent: f64, used: &Tensor| used.select(prediction, 1).pow(exponent);
    deviance("tweedie_deviance", power, (&log, mean), (&y, &zero))
}

/// Deviance of a Tweedie distribution, whose variance is the mean to the given `power`, by the logarithm of its mean.
///
/// ```text
/// ℓ = 2 (m − y + y (ln y − ln m)) if p = 1 else 2 (ln m − ln y + y / m − 1) if p = 2
///   else 2 (y^(2 − p) / ((1 − p) (2 − p)) − y m^(1 − p) / (1 − p) + m^(2 − p) / (2 − p))
/// m = exp prediction
/// y = target
/// p = power
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Predictions any numbers, targets at least 0,
/// greater than 0 for `power ≥ 2` (the loss at 0 is ∞ there); `power ≥ 0` and finite. Other shapes and powers panic.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 (m − y) m^(1 − p)`.
///
/// # Estimates
/// The **mean**, as `exp prediction`. From 0, at `prediction = ln target`, to ∞.
///
/// # Stability
/// As [`tweedie_deviance`], without a logarithm of the mean. Where the exponential overflows the loss is ∞, as is its
/// limit, and never NaN.
///
/// # Example
/// ```
/// use minimand_loss::tweedie_deviance_log_mean;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 4f64.ln()]);
/// let target = Tensor::from([4.0, 0.0]);
/// let loss = tweedie_deviance_log_mean(&prediction, &target, 1.5);
/// assert_eq!(format!("{loss:.4}"), "[4.0000, 8.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[-6.0000, 4.0000]");
/// ```
///
/// # When to use
/// As [`tweedie_deviance`], for models whose output may be any number: networks, boosted trees. It misleads as that
/// loss does; and where a prediction is far too high, its gradient grows exponentially: clip it at the start.
///
/// # Reference
/// As [`tweedie_deviance`]. XGBoost's `reg:tweedie` and LightGBM's are half of it, without what depends on the target
/// alone. Usual: 1.5.
///
/// # See also
/// [`tweedie_deviance`]; [`poisson_nll_log_rate`](crate::poisson_nll_log_rate).
#[doc(alias = "tweedie")]
#[track_caller]
pub fn tweedie_deviance_log_mean(prediction: &Tensor, target: &Tensor, power: f64) -> Tensor {
    same_shape("tweedie_deviance_log_mean", prediction, target);
    let zero = target.eq(0);
    let y = zero.select(1, target);
    let log = prediction - y.ln();
    let mean = |exponent: f64, used: &Tensor| (exponent * used.select(prediction, 0)).exp();
    deviance("tweedie_deviance_log_mean", power, (&log, mean), (&y, &zero))
}

/// The deviance by `ln(m/y)` and the powers of the mean m where they are used, and by the targets y, which are 1 where
/// they are `zero`.
#[track_caller]
fn deviance(
    loss: &str,
    power: f64,
    (log, power_of_mean): (&Tensor, impl Fn(f64, &Tensor) -> Tensor),
    (y, zero): (&Tensor, &Tensor),
) -> Tensor {
    assert!(power >= 0.0, "{loss}: power is {power} and must not be below 0");
    check_finite(loss, ("power", power), log.dtype());
    let (a, b) = (1.0 - power, 2.0 - power);
    let near = log.abs().lt(0.5) & zero.eq(false);
    let far = near.eq(false) & zero.eq(false);
    let x = near.select(log, 0);
    let excess = |a: f64| if a == 0.0 { x.zeros_like() } else { exp_excess(&(a * &x)) / a };
    let close = y.pow(b) * (excess(b) - excess(a));
    // (mᵃ − yᵃ)/a, which is ln(m/y) for a = 0. Where the exponent is held, the other difference is infinite.
    let log = far.select(log, 1);
    let difference = |a: f64| match a.abs() {
        0.0 => log.clone(),
        size if size < 0.1 => y.pow(a) * ((a * &log).clamp(-80, 80).exp_m1() / a),
        _ => (power_of_mean(a, &far) - y.pow(a)) / a,
    };
    let apart = if a < 0.1 {
        difference(b) - y * difference(a)
    } else {
        power_of_mean(a, &far) * (power_of_mean(1.0, &far) / b - y / a) + y.pow(b) / (a * b) // Never ∞ − ∞.
    };
    let at_zero = if b > 0.0 { power_of_mean(b, zero) / b } else { y * f64::INFINITY };
    2.0 * zero.select(at_zero, near.select(close, apart))
}

/// Deviance of a gamma distribution by its mean: how far off the ratio of target and mean is from 1.
///
/// ```text
/// ℓ = 2 (ln prediction − ln target + target / prediction − 1)
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss; other shapes panic. Numbers greater than 0; at a
/// target of 0 the loss is ∞.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 (prediction − target)/prediction²`.
///
/// # Estimates
/// The **mean**. From 0, at `prediction = target`, to ∞. It depends on the ratio of the two alone.
///
/// # Stability
/// `2 (eˣ − 1 − x)` with `x = ln(target/prediction)`, which does not cancel near the target.
///
/// # Example
/// ```
/// use minimand_loss::gamma_deviance;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0, 4.0]);
/// let target = Tensor::from([2.0, 2.0, 2.0]);
/// let loss = gamma_deviance(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.6137, 0.0000, 0.3863]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[-2.0000, 0.0000, 0.2500]");
/// ```
///
/// # When to use
/// For positive amounts whose spread grows in proportion to their mean: durations, costs per claim, power spectra
/// (Itakura-Saito). It misleads near zero targets: too high is forgiven, too low is not, without bound.
///
/// # Reference
/// McCullagh and Nelder, *Generalized Linear Models*, second edition, 1989, section 8.3. Itakura and Saito, 1968, is
/// half of it. No parameters.
///
/// # See also
/// [`tweedie_deviance`] for other powers; [`squared_logarithmic_error`](crate::squared_logarithmic_error) for the
/// geometric mean.
#[doc(alias = "mean_gamma_deviance")]
#[doc(alias = "itakura_saito")]
#[track_caller]
pub fn gamma_deviance(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("gamma_deviance", prediction, target);
    2.0 * exp_excess(&log_ratio(target, prediction, &(target - prediction)))
}

/// Deviance of an inverse Gaussian distribution by its mean.
///
/// ```text
/// ℓ = (prediction − target)² / (prediction² target)
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss; other shapes panic. Numbers greater than 0; at a
/// target of 0 the loss is ∞.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 (prediction − target)/prediction³`.
///
/// # Estimates
/// The **mean**. From 0, at `prediction = target`; to ∞ for a prediction that is too low, to `1/target` for one that is
/// too high.
///
/// # Stability
/// As `(r/prediction)²/target`: the square of a large prediction is never formed.
///
/// # Example
/// ```
/// use minimand_loss::inverse_gaussian_deviance;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0, 4.0]);
/// let target = Tensor::from([2.0, 2.0, 2.0]);
/// let loss = inverse_gaussian_deviance(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.5, 0, 0.125]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[-2, 0, 0.0625]");
/// ```
///
/// # When to use
/// For first-passage times and very skewed positive amounts. It misleads on high predictions: not convex, and what is
/// far too high costs at most `1/target` and hardly pulls.
///
/// # Reference
/// McCullagh and Nelder, *Generalized Linear Models*, second edition, 1989, table 2.1. No parameters.
///
/// # See also
/// [`tweedie_deviance`], of which it is the power 3; [`gamma_deviance`].
#[doc(alias = "InverseGaussian")]
#[track_caller]
pub fn inverse_gaussian_deviance(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("inverse_gaussian_deviance", prediction, target);
    ((prediction - target) / prediction).square() / target
}
