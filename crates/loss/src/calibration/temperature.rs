//! One temperature for all logits.

use minimand_tensor::{DType, Tensor};

use super::fit::{FitError, check_scores_finite, minimise};
use crate::labels::Labels;

/// Cross-entropy of logits divided by a temperature: the loss by which the temperature is fitted.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = exp(xⱼ / T) / Σₖ exp(xₖ / T)
/// T = exp log_temperature
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` of shape `[…]` with C classes, `log_temperature` of shape
/// `[]`; one loss per label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the
/// shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = (pⱼ − [y = j])/T`, `∂ℓ/∂ ln T = (x_y − Σⱼ pⱼ xⱼ)/T`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// The temperature under which the class probabilities are likeliest: above 1 for an overconfident model. The order of the classes
/// never changes, so accuracy does not. From 0 to ∞.
///
/// # Stability
/// The logarithm keeps T above 0 without a constraint, and makes a step of the same size mean the same factor everywhere. As
/// [`cross_entropy`](crate::cross_entropy) otherwise.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, temperature_scaled_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0]]);
/// let log_temperature = Tensor::from(2f64.ln());
/// let loss = temperature_scaled_cross_entropy(&logits, &Labels::new([0, 2], 3)?, &log_temperature);
/// assert_eq!(format!("{loss:.4}"), "[0.4076, 1.0986]"); // as cross-entropy of 2, 0, 1
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_temperature)), "0.4248");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// After training, on examples that were not trained with; [`TemperatureScaling::fit`] does it. It misleads when fitted on the
/// training set, whose confidence is earned by heart, and for models whose classes or regions err in different directions: one
/// number cannot mend that.
///
/// # Reference
/// Guo et al. 2017, "On calibration of modern neural networks", equation 9. Usual: T from 1 to 3 for modern networks.
///
/// # See also
/// [`vector_scaled_cross_entropy`](crate::vector_scaled_cross_entropy), [`platt_scaled_cross_entropy`](crate::platt_scaled_cross_entropy),
/// [`expected_calibration_error`](crate::expected_calibration_error).
#[doc(alias = "temperature_scaling")]
#[track_caller]
pub fn temperature_scaled_cross_entropy(logits: &Tensor, labels: &Labels, log_temperature: &Tensor) -> Tensor {
    labels.check_scores("temperature_scaled_cross_entropy", "logits", logits);
    let shape = log_temperature.shape();
    assert!(
        shape.is_empty(),
        "temperature_scaled_cross_entropy: log_temperature {shape} must be one number, of shape []"
    );
    labels.surprisal(&(labels.without_ignored(logits) * (-log_temperature).exp()))
}

/// A temperature fitted to logits and labels.
///
/// ```
/// use minimand_loss::{Labels, TemperatureScaling};
/// use minimand_tensor::Tensor;
///
/// // Confidence 0.95 each time, right three times out of four.
/// let logits = Tensor::from([[3.0, 0.0], [3.0, 0.0], [0.0, 3.0], [3.0, 0.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let scaling = TemperatureScaling::fit(&logits, &labels)?;
/// assert_eq!(format!("{:.4}", scaling.temperature()), "2.7307"); // 3 / ln 3
/// assert_eq!(format!("{:.2}", scaling.apply(&logits).softmax(-1).max_axis(-1)), "[0.75, 0.75, 0.75, 0.75]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Guo et al. 2017. Fit it on examples that the model was not trained with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemperatureScaling {
    temperature: f64,
}

impl TemperatureScaling {
    /// The temperature that makes the labels likeliest.
    ///
    /// # Errors
    /// When there is nothing to fit, a logit is not finite, or no temperature is the best: all labels are the likeliest classes
    /// already (colder is better without end), or the logits say nothing of the labels (hotter is).
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn fit(logits: &Tensor, labels: &Labels) -> Result<TemperatureScaling, FitError> {
        labels.check_scores("TemperatureScaling::fit", "logits", logits);
        let x = checked_logits(logits, labels)?;
        let own = labels.pick(&x);
        let lead = labels.zero_if_ignored(&own - x.mean_axis(-1)).sum();
        let lag = labels.zero_if_ignored(x.max_axis(-1) - &own).sum();
        // The loss is convex in 1/T. Its slopes at 0 and ∞ tell whether it has a minimum between.
        if lead.item() <= 0.0 {
            return Err(FitError::Unbounded { reason: "the logits do not favour the labels: the hotter, the better" });
        }
        if lag.item() == 0.0 {
            return Err(FitError::Unbounded { reason: "every label is the likeliest class: the colder, the better" });
        }
        let spread = (&x - x.mean_keepdim(-1)).square().mean().sqrt().item();
        let loss = |t: &Tensor| labels.mean(&temperature_scaled_cross_entropy(&x, labels, &t.squeeze(0)), None);
        let found = minimise(loss, vec![spread.ln()])?;
        Ok(TemperatureScaling { temperature: found[0].exp() })
    }

    /// The temperature: above 1 where the model was overconfident.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// Logits divided by the temperature.
    pub fn apply(&self, logits: &Tensor) -> Tensor {
        logits / self.temperature
    }
}

/// Logits to fit to, in double precision and finite, 0 in the rows of ignored labels.
pub(super) fn checked_logits(logits: &Tensor, labels: &Labels) -> Result<Tensor, FitError> {
    let kept: Option<Vec<bool>> = labels.kept().map(Tensor::to_vec);
    let counts = |row: usize| kept.as_ref().is_none_or(|kept| kept[row]);
    if !(0..labels.len()).any(counts) {
        return Err(FitError::Empty);
    }
    check_scores_finite(logits, |position| counts(position / labels.classes()))?;
    Ok(labels.without_ignored(logits).cast(DType::F64).computed().detach())
}
