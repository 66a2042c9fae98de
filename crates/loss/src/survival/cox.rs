//! Cox's partial likelihood: who failed, among those still at risk?

use minimand_tensor::Tensor;

use super::times::SurvivalTimes;

/// Cox's negative log partial likelihood per row, ties by Breslow: at each event the log-hazard of the one who failed against
/// those of all who were still at risk.
///
/// ```text
/// ℓᵢ = happenedᵢ (ln(Σ{j : timesⱼ ≥ timesᵢ} exp log_hazardⱼ) − log_hazardᵢ)
/// ```
///
/// # Shapes
/// `log_hazard` and `times` are `[rows]`, and so is the loss; rows without an event have loss 0. Other shapes panic.
///
/// # Gradient
/// Of the sum, by the log-hazard of row i: the number of events that it was expected to have, less whether it had one. No
/// kinks.
///
/// # Estimates
/// The **logarithm of the hazard ratio**: how many times as likely row i fails next as another one at risk. Only differences
/// of log-hazards count; there is no baseline. From 0.
///
/// # Stability
/// A log-sum-exp over those at risk. Batches without an event have loss 0 and gradient 0. Rows at risk are those of the batch: a
/// small batch has small risk sets.
///
/// # Example
/// ```
/// use minimand_loss::{SurvivalTimes, cox_breslow};
/// use minimand_tensor::Tensor;
///
/// let times = SurvivalTimes::new([1.0, 2.0, 3.0], [true, false, true])?;
/// let log_hazard = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = cox_breslow(&log_hazard, &times);
/// assert_eq!(format!("{loss:.4}"), "[1.0986, 0.0000, 0.0000]"); // ln 3, censored, alone
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_hazard)), "[-0.6667, 0.3333, 0.3333]");
/// # Ok::<(), minimand_loss::SurvivalError>(())
/// ```
///
/// # When to use
/// To rank by risk when times are censored and no distribution of the times should be assumed. It misleads when hazards are not
/// proportional (curves of two groups cross), with many ties (take [`cox_efron`]), and in mini-batches that hold few rows at
/// risk.
///
/// # Reference
/// Cox, *Regression Models and Life-Tables*, Journal of the Royal Statistical Society B 34, 1972, equation 12; ties: Breslow's
/// discussion of it. As a loss of networks: Katzman and others, *DeepSurv*, 2018, equation 4, which divides by the number of
/// events: `loss.sum() / events`.
///
/// # See also
/// [`cox_efron`] for ties; [`weibull_aft`](crate::weibull_aft) for the times themselves.
#[doc(alias = "DeepSurv")]
#[doc(alias = "partial_likelihood")]
#[track_caller]
pub fn cox_breslow(log_hazard: &Tensor, times: &SurvivalTimes) -> Tensor {
    check("cox_breslow", log_hazard, times);
    let at_risk = times.times().ge(times.times().unsqueeze(-1));
    let total = at_risk.select(log_hazard, f64::NEG_INFINITY).logsumexp_axis(-1);
    times.happened().select(total - log_hazard, 0)
}

/// Cox's negative log partial likelihood per row, ties by Efron: of those who failed at the same time each is compared with a risk
/// set in which the others count by a share.
///
/// ```text
/// ℓᵢ = happenedᵢ (ln(Σ{j : timesⱼ ≥ timesᵢ} exp log_hazardⱼ − sᵢ Σ{j : timesⱼ = timesᵢ} happenedⱼ exp log_hazardⱼ) − log_hazardᵢ)
/// sᵢ = Σ{j : timesⱼ = timesᵢ and j < i} happenedⱼ / Σ{j : timesⱼ = timesᵢ} happenedⱼ
/// ```
///
/// # Shapes
/// As [`cox_breslow`]. Of d events at one time the k-th in the order of the rows takes off the share k/d, k from 0; the sum over
/// them does not depend on the order.
///
/// # Gradient
/// As [`cox_breslow`], with the expected events of tied rows by shares. No kinks.
///
/// # Estimates
/// The **logarithm of the hazard ratio**, with less bias towards 0 than [`cox_breslow`] has when many times are equal.
///
/// # Stability
/// The greatest log-hazard of the risk set is taken out, so nothing overflows; the share taken off is at most `(d − 1)/d` of
/// the tied ones, so the difference stays positive.
///
/// # Example
/// ```
/// use minimand_loss::{SurvivalTimes, cox_efron};
/// use minimand_tensor::Tensor;
///
/// let times = SurvivalTimes::new([1.0, 1.0, 3.0], [true, true, false])?;
/// let log_hazard = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = cox_efron(&log_hazard, &times);
/// assert_eq!(format!("{loss:.4}"), "[1.0986, 0.6931, 0.0000]"); // ln 3, then ln 2
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_hazard)), "[-0.4167, -0.4167, 0.8333]");
/// # Ok::<(), minimand_loss::SurvivalError>(())
/// ```
///
/// # When to use
/// Instead of [`cox_breslow`] whenever times are recorded in days or months, so that many are equal; without ties they are the
/// same. It misleads where Cox's model does.
///
/// # Reference
/// Efron, *The Efficiency of Cox's Likelihood Function for Censored Data*, Journal of the American Statistical Association 72, 1977.
///
/// # See also
/// [`cox_breslow`].
#[doc(alias = "CoxPHFitter")]
#[track_caller]
pub fn cox_efron(log_hazard: &Tensor, times: &SurvivalTimes) -> Tensor {
    check("cox_efron", log_hazard, times);
    let (times, happened) = (times.times(), times.happened());
    let column = times.unsqueeze(-1);
    let at_risk = times.ge(&column);
    let tied = times.eq(&column) & happened;
    let place = Tensor::iota(times.shape()[0]);
    let before = &tied & place.lt(place.unsqueeze(-1));
    let count = |which: &Tensor| which.cast(log_hazard.dtype()).sum_axis(-1);
    let share = count(&before) / count(&tied).clamp_min(1);
    // Relative to the greatest at risk; its choice has no influence on the value.
    let greatest = at_risk.select(log_hazard, f64::NEG_INFINITY).max_axis(-1).detach();
    let relative = (log_hazard - greatest.unsqueeze(-1)).clamp_max(0).exp();
    let total = at_risk.select(&relative, 0).sum_axis(-1) - share * tied.select(relative, 0).sum_axis(-1);
    happened.select(happened.select(total, 1).ln() + greatest - log_hazard, 0)
}

#[track_caller]
fn check(loss: &str, log_hazard: &Tensor, times: &SurvivalTimes) {
    assert!(
        log_hazard.shape() == times.times().shape(),
        "{loss}: log_hazard {} and times {} must have the same shape",
        log_hazard.shape(),
        times.times().shape()
    );
}
