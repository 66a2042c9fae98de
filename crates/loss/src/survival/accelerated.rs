//! Accelerated failure times: the logarithm of the time is a location, plus noise times a scale.

use minimand_tensor::Tensor;

use super::times::SurvivalTimes;
use crate::likelihood::scale::{HALF_LN_2PI, exp_bounded};
use crate::shape::repeats_to;

/// `(ln t − location) e^(−log_scale)`, and `ln t`, in the type of the location.
#[track_caller]
fn standardised(loss: &str, location: &Tensor, log_scale: &Tensor, times: &SurvivalTimes) -> (Tensor, Tensor) {
    assert!(
        location.shape() == times.times().shape(),
        "{loss}: location {} and times {} must have the same shape",
        location.shape(),
        times.times().shape()
    );
    repeats_to(loss, ("log_scale", log_scale), ("location", location));
    let log_time = times.times().ln().cast(location.dtype());
    ((&log_time - location) * exp_bounded(&-log_scale), log_time)
}

/// Negative log-likelihood of Weibull times, some of them censored.
///
/// ```text
/// ℓᵢ = exp zᵢ − happenedᵢ (zᵢ − log_scaleᵢ − ln timesᵢ)
/// zᵢ = (ln timesᵢ − locationᵢ) exp(−log_scaleᵢ)
/// ```
///
/// # Shapes
/// `location` and `times` are `[rows]`, and so is the loss; `log_scale` is too or repeats to it. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂location = e^(−s) (happened − e^z)`. No kinks.
///
/// # Estimates
/// The **distribution of the times**, censored rows counting with the probability of having lasted so long. The scale
/// parameter is `e^location`, the shape `e^(−log_scale)`: above 1 the risk grows with age.
///
/// # Stability
/// The logarithm of the survival function is `−e^z` itself: no logarithm of a difference. A time far beyond what the scale allows
/// has a loss or a slope of ∞, never NaN.
///
/// # Example
/// ```
/// use minimand_loss::{SurvivalTimes, weibull_aft};
/// use minimand_tensor::Tensor;
///
/// let times = SurvivalTimes::new([2.0, 2.0], [true, false])?;
/// let location = Tensor::from([0.0, 0.0]);
/// let loss = weibull_aft(&location, &Tensor::from([0.0, 0.0]), &times);
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 2.0000]");
/// assert_eq!(loss.sum().grad(&location).to_string(), "[-1, -2]");
/// # Ok::<(), minimand_loss::SurvivalError>(())
/// ```
///
/// # When to use
/// For times until failure, churn or default, when some rows are still waiting: dropping them, or taking their time so far for
/// the event's, makes every estimate too short. It misleads when censoring depends on the risk itself, and where the risk
/// first rises and then falls, which no Weibull distribution does.
///
/// # Reference
/// Kalbfleisch and Prentice, *The Statistical Analysis of Failure Time Data*, second edition, 2002, section 2.2.2.
///
/// # See also
/// [`log_normal_aft`], [`log_logistic_aft`]: risks that fall again; [`cox_breslow`](crate::cox_breslow): no distribution assumed.
#[doc(alias = "WeibullAFTFitter")]
#[track_caller]
pub fn weibull_aft(location: &Tensor, log_scale: &Tensor, times: &SurvivalTimes) -> Tensor {
    let (z, log_time) = standardised("weibull_aft", location, log_scale, times);
    exp_bounded(&z) - times.happened().select(&z - log_scale - log_time, 0)
}

/// Negative log-likelihood of log-normal times, some of them censored.
///
/// ```text
/// ℓᵢ = ½ zᵢ² + log_scaleᵢ + ln timesᵢ + ½ ln(2 π) if happenedᵢ = 1 else −ln Φ(−zᵢ)
/// zᵢ = (ln timesᵢ − locationᵢ) exp(−log_scaleᵢ)
/// ```
///
/// # Shapes
/// As [`weibull_aft`].
///
/// # Gradient
/// By location `−e^(−s) z` for an event, `−e^(−s) φ(z)/Φ(−z)` for a censored row: never away from the time. No kinks.
///
/// # Estimates
/// The **distribution of the times**: its median is `e^location`.
///
/// # Stability
/// `Φ(−z)` by a function that keeps its digits in the tail; beyond `z = 10` the logarithm of the tail by its asymptotic series, so
/// that no censored row, however late, has an infinite loss.
///
/// # Example
/// ```
/// use minimand_loss::{SurvivalTimes, log_normal_aft};
/// use minimand_tensor::Tensor;
///
/// let times = SurvivalTimes::new([2.0, 2.0], [true, false])?;
/// let location = Tensor::from([0.0, 0.0]);
/// let loss = log_normal_aft(&location, &Tensor::from([0.0, 0.0]), &times);
/// assert_eq!(format!("{loss:.4}"), "[1.8523, 1.4101]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&location)), "[-0.6931, -1.2853]");
/// # Ok::<(), minimand_loss::SurvivalError>(())
/// ```
///
/// # When to use
/// For times whose risk first rises and then falls: time to marriage, to repair. It misleads in the far tail, which it makes
/// heavy: mean times depend on what nobody saw.
///
/// # Reference
/// Kalbfleisch and Prentice, *The Statistical Analysis of Failure Time Data*, second edition, 2002, section 2.2.3. With censoring
/// at a limit it is Tobin's model of 1958.
///
/// # See also
/// [`weibull_aft`], [`log_logistic_aft`]; [`log_normal_nll`](crate::log_normal_nll) without censoring.
#[doc(alias = "LogNormalAFTFitter")]
#[track_caller]
pub fn log_normal_aft(location: &Tensor, log_scale: &Tensor, times: &SurvivalTimes) -> Tensor {
    let (z, log_time) = standardised("log_normal_aft", location, log_scale, times);
    let event = 0.5 * z.square() + log_scale + log_time + HALF_LN_2PI;
    let far = z.gt(10);
    let near_tail = (-far.select(0, &z)).normal_cdf().ln();
    // ln Φ(−z) = −z²/2 − ln z − ½ ln 2π + ln(1 − 1/z² + 3/z⁴ − 15/z⁶ …)
    let late = far.select(&z, 10);
    let inverse = late.square().reciprocal();
    let series = (1..=12).rev().fold(inverse.zeros_like(), |sum, k| -(sum + 1.0) * &inverse * f64::from(2 * k - 1));
    let far_tail = series.ln_1p() - 0.5 * late.square() - late.ln() - HALF_LN_2PI;
    times.happened().select(event, -far.select(far_tail, near_tail))
}

/// Negative log-likelihood of log-logistic times, some of them censored.
///
/// ```text
/// ℓᵢ = softplus zᵢ − happenedᵢ (zᵢ − softplus zᵢ − log_scaleᵢ − ln timesᵢ)
/// zᵢ = (ln timesᵢ − locationᵢ) exp(−log_scaleᵢ)
/// ```
///
/// # Shapes
/// As [`weibull_aft`].
///
/// # Gradient
/// `∂ℓ/∂location = e^(−s) (happened − (1 + happened) σ(z))`. No kinks.
///
/// # Estimates
/// The **distribution of the times**: its median is `e^location`; the odds of having failed grow as a power of the time.
///
/// # Stability
/// Survival and density by softplus: no probability is formed.
///
/// # Example
/// ```
/// use minimand_loss::{SurvivalTimes, log_logistic_aft};
/// use minimand_tensor::Tensor;
///
/// let times = SurvivalTimes::new([2.0, 2.0], [true, false])?;
/// let location = Tensor::from([0.0, 0.0]);
/// let loss = log_logistic_aft(&location, &Tensor::from([0.0, 0.0]), &times);
/// assert_eq!(format!("{loss:.4}"), "[2.1972, 1.0986]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&location)), "[-0.3333, -0.6667]");
/// # Ok::<(), minimand_loss::SurvivalError>(())
/// ```
///
/// # When to use
/// As [`log_normal_aft`], with heavier tails and a simpler survival function. It misleads about means: for a scale of 1 or more
/// there is none.
///
/// # Reference
/// Bennett, *Log-Logistic Regression Models for Survival Data*, Applied Statistics 32, 1983.
///
/// # See also
/// [`weibull_aft`], [`log_normal_aft`].
#[doc(alias = "LogLogisticAFTFitter")]
#[track_caller]
pub fn log_logistic_aft(location: &Tensor, log_scale: &Tensor, times: &SurvivalTimes) -> Tensor {
    let (z, log_time) = standardised("log_logistic_aft", location, log_scale, times);
    let failed = z.softplus();
    let density = &z - &failed - log_scale - log_time;
    failed - times.happened().select(density, 0)
}
