//! Calibration errors of every class, and in bins of equal mass.

use minimand_tensor::Tensor;

use super::forecasts::{Forecasts, check_bins};
use crate::labels::Labels;

/// The expected calibration error of each class's own probability, averaged over the classes.
///
/// ```text
/// ℓ = Σₖ Σᵢ |Cᵢₖ − Aᵢₖ| / (N K)
/// Cᵢₖ = Σ{j : bⱼₖ = bᵢₖ} pⱼₖ / nᵢₖ
/// Aᵢₖ = Σ{j : bⱼₖ = bᵢₖ} [labelsⱼ = k] / nᵢₖ
/// nᵢₖ = Σ{j : bⱼₖ = bᵢₖ} 1
/// bᵢₖ = max(1, −floor(−M pᵢₖ))
/// N = Σᵢ 1
/// K = classes
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, K]`, the last axis over the classes, and `labels` of shape `[…]` with K classes; one number
/// for all examples together, shape `[]`. Ignored labels do not count; of nothing it is 0. `bins ≥ 1`. Panics when the shapes
/// do not fit.
///
/// # Gradient
/// By `pᵢₖ` it is `sign(Cᵢₖ − Aᵢₖ)/(N K)`: bins are steps, whose derivative is 0.
///
/// # Estimates
/// Least, 0, where for each class, in each bin, the mean probability is the share of that class. From 0 to 1.
///
/// # Stability
/// As [`expected_calibration_error`](crate::expected_calibration_error): empty bins contribute exactly 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, static_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.75, 0.25], [0.25, 0.75]]);
/// let labels = Labels::new([0, 0], 2)?;
/// let loss = static_calibration_error(&probabilities, &labels, 2);
/// assert_eq!(loss.to_string(), "0.5");
/// assert_eq!(loss.grad(&probabilities).to_string(), "[[-0.25, 0.25],\n [-0.25, 0.25]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where every class's probability is used, not only the likeliest's. It misleads with many classes: nearly all their
/// probabilities are near 0 and right to be, and hide what happens among the few that matter.
///
/// # Reference
/// Nixon et al. 2019, "Measuring calibration in deep learning", equation 3; Kull et al. 2019 call it classwise. Usual: 15 bins.
///
/// # See also
/// [`expected_calibration_error`](crate::expected_calibration_error), [`adaptive_calibration_error`].
#[doc(alias = "SCE")]
#[doc(alias = "classwise_ece")]
#[track_caller]
pub fn static_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("static_calibration_error", bins);
    let forecasts = Forecasts::of_every_class("static_calibration_error", probabilities, labels);
    forecasts.in_equal_widths(bins).expected_gap().mean()
}

/// The expected calibration error of the likeliest class in bins that hold the same number of examples.
///
/// ```text
/// ℓ = Σᵢ |Cᵢ − Aᵢ| / N
/// Cᵢ = Σ{j : bⱼ = bᵢ} cⱼ / nᵢ
/// Aᵢ = Σ{j : bⱼ = bᵢ} [p[j, labelsⱼ] = cⱼ] / nᵢ
/// nᵢ = Σ{j : bⱼ = bᵢ} 1
/// bᵢ = floor(M rᵢ / N)
/// rᵢ = Σⱼ [cⱼ < cᵢ]
/// cᵢ = maxₖ pᵢₖ
/// N = Σᵢ 1
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// As [`expected_calibration_error`](crate::expected_calibration_error): `probabilities` p of shape `[…, K]`, `labels` of shape
/// `[…]`, one number of shape `[]`. Compares every confidence with every other: quadratic in time, not in memory.
///
/// # Gradient
/// By the probability of example i's likeliest class `sign(Cᵢ − Aᵢ)/N`, and 0 by the others: ranks and bins are steps.
///
/// # Estimates
/// Least, 0, where in each bin the mean confidence is the share that is right. From 0 to 1.
///
/// # Stability
/// Equal confidences stay in one bin, so the value does not depend on the order of the examples; implementations that cut a
/// sorted list put them where the sort left them. With fewer examples than bins each has its own, and the rest are empty.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, adaptive_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = adaptive_calibration_error(&probabilities, &labels, 2);
/// assert_eq!(format!("{loss:.4}"), "0.4000"); // 0.6 and 0.7 are wrong, 0.8 and 0.9 are right
/// assert_eq!(
///     loss.grad(&probabilities).to_string(),
///     "[[-0.25, -0],\n [-0, -0.25],\n [0.25, 0],\n [0, 0.25]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For networks whose confidences crowd near 1, where bins of equal width are empty but for the last. It misleads where the few
/// unsure examples are those that matter: they share wide bins.
///
/// # Reference
/// Nguyen & O'Connor 2015, "Posterior calibration and exploratory analysis for natural language processing models", section 3;
/// Mukhoti et al. 2020, "Calibrating deep neural networks using focal loss" (AdaECE). Usual: 15 bins.
///
/// # See also
/// [`classwise_adaptive_calibration_error`], [`expected_calibration_error`](crate::expected_calibration_error).
#[doc(alias = "AdaECE")]
#[track_caller]
pub fn adaptive_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("adaptive_calibration_error", bins);
    let forecasts = Forecasts::of_likeliest_class("adaptive_calibration_error", probabilities, labels);
    forecasts.in_equal_masses(bins).expected_gap()
}

/// The expected calibration error of each class's own probability in bins that hold the same number of examples, averaged over
/// the classes.
///
/// ```text
/// ℓ = Σₖ Σᵢ |Cᵢₖ − Aᵢₖ| / (N K)
/// Cᵢₖ = Σ{j : bⱼₖ = bᵢₖ} pⱼₖ / nᵢₖ
/// Aᵢₖ = Σ{j : bⱼₖ = bᵢₖ} [labelsⱼ = k] / nᵢₖ
/// nᵢₖ = Σ{j : bⱼₖ = bᵢₖ} 1
/// bᵢₖ = floor(M rᵢₖ / N)
/// rᵢₖ = Σⱼ [pⱼₖ < pᵢₖ]
/// N = Σᵢ 1
/// K = classes
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// As [`static_calibration_error`]: `probabilities` p of shape `[…, K]`, `labels` of shape `[…]`, one number of shape `[]`.
/// Compares every probability of a class with every other: quadratic in time, not in memory.
///
/// # Gradient
/// By `pᵢₖ` it is `sign(Cᵢₖ − Aᵢₖ)/(N K)`: ranks and bins are steps.
///
/// # Estimates
/// Least, 0, where for each class, in each bin, the mean probability is the share of that class. From 0 to 1.
///
/// # Stability
/// As [`adaptive_calibration_error`]: equal probabilities stay in one bin.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, classwise_adaptive_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.75, 0.25], [0.5, 0.5]]);
/// let labels = Labels::new([0, 0], 2)?;
/// let loss = classwise_adaptive_calibration_error(&probabilities, &labels, 2);
/// assert_eq!(loss.to_string(), "0.375");
/// assert_eq!(loss.grad(&probabilities).to_string(), "[[-0.25, 0.25],\n [-0.25, 0.25]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// The strictest of the binned errors: every class, and bins that are never starved. It misleads with few examples per class
/// and bin, where it measures noise: keep `N/M` at 30 or more.
///
/// # Reference
/// Nixon et al. 2019, "Measuring calibration in deep learning", equation 5, there called ACE. Usual: 15 bins.
///
/// # See also
/// [`adaptive_calibration_error`], [`static_calibration_error`].
#[doc(alias = "ACE")]
#[track_caller]
pub fn classwise_adaptive_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("classwise_adaptive_calibration_error", bins);
    let forecasts = Forecasts::of_every_class("classwise_adaptive_calibration_error", probabilities, labels);
    forecasts.in_equal_masses(bins).expected_gap().mean()
}
