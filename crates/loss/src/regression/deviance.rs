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
    let power_of = |exponent: f64, mean: &Tensor| mean.select(prediction, &y).pow(exponent);
    deviance("tweedie_deviance", power, &log, &zero, power_of)
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
    let log_target = y.ln();
    let log = prediction - &log_target;
    let power_of = |exponent: f64, mean: &Tensor| (exponent * mean.select(prediction, &log_target)).exp();
    deviance("tweedie_deviance_log_mean", power, &log, &zero, power_of)
}

/// The deviance by `s = ln(m/y)` for means m and targets y, which are 1 where they are `zero`, and by the powers of m where it is said to
/// be meant, else of y. With a = 1 − p and b = 2 − p it is twice `yᵇ ((eᵇˢ − 1)/b − (eᵃˢ − 1)/a)`.
#[track_caller]
fn deviance(loss: &str, power: f64, log: &Tensor, zero: &Tensor, power_of: impl Fn(f64, &Tensor) -> Tensor) -> Tensor {
    assert!(power >= 0.0, "{loss}: power is {power} and must not be below 0");
    check_finite(loss, ("power", power), log.dtype());
    if power == 0.0 {
        let everywhere = log.ones_like().gt(0);
        return (power_of(1.0, &everywhere) - zero.select(0, power_of(1.0, &everywhere.eq(false)))).square();
    }
    let (a, b) = (1.0 - power, 2.0 - power);
    let log = &zero.select(0, log);
    let near = log.abs().lt(0.5);
    // mᵇ is taken out where it is greater than yᵇ, so that no exponential of the rest overflows before the loss does.
    let by_mean = (b * log).gt(0) & near.eq(false);
    let [close, up, down] =
        [near.clone(), by_mean.clone(), (&near | &by_mean).eq(false)].map(|used| used.select(log, 0));
    let excess = |c: f64| if c == 0.0 { close.zeros_like() } else { exp_excess(&(c * &close)) / c };
    let grown = |c: f64| if c == 0.0 { down.clone() } else { (c * &down).exp_m1() / c };
    // Beyond e⁻⁵⁰ nothing is left of what is compared with 1, and its slope would be `0 · ∞`.
    let [once, scaled] = [-1.0, -b].map(|factor| (factor * &up).clamp_min(-50.0));
    let fallen = if b == 0.0 { up.zeros_like() } else { scaled.exp_m1() / -b };
    let other = match a.abs() {
        size if size < 0.1 => {
            let up = &scaled / -b;
            scaled.exp() * if a == 0.0 { up } else { (a * up).exp_m1() / a }
        }
        _ => (once.exp() - scaled.exp()) / a,
    };
    let rest = near.select(excess(b) - excess(a), by_mean.select(fallen - other, grown(b) - grown(a)));
    let at_zero = if b > 0.0 { power_of(b, zero) / b } else { f64::INFINITY * log.ones_like() };
    2.0 * zero.select(at_zero, power_of(b, &by_mean) * rest)
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
