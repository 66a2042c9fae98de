//! Calibration errors of the likeliest class, by bins of its probability.

use minimand_tensor::Tensor;

use super::forecasts::{Forecasts, check_bins};
use crate::labels::Labels;
use crate::shape::same_shapes;

/// By how much the probability of the likeliest class differs, on average, from how often it is the right one, by bins of
/// equal width.
///
/// ```text
/// ℓ = Σᵢ |Cᵢ − Aᵢ| / N
/// Cᵢ = Σ{j : bⱼ = bᵢ} cⱼ / nᵢ
/// Aᵢ = Σ{j : bⱼ = bᵢ} [p[j, labelsⱼ] = cⱼ] / nᵢ
/// nᵢ = Σ{j : bⱼ = bᵢ} 1
/// bᵢ = −floor(−M cᵢ)
/// cᵢ = maxₖ pᵢₖ
/// N = Σᵢ 1
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one number
/// for all examples together, shape `[]`. Ignored labels do not count; of nothing it is 0. `bins ≥ 1`. Panics when the shapes
/// do not fit.
///
/// # Gradient
/// By the probability of example i's likeliest class `sign(Cᵢ − Aᵢ)/N`, and 0 by the others: what is right and the bins are
/// steps, whose derivative is 0. It is there to evaluate, not to train with: the gradient moves confidence, never accuracy.
///
/// # Estimates
/// Least, 0, where in each bin the mean confidence is the share that is right, though within bins errors may cancel. From 0 to
/// 1. On finite data it is above 0 even for perfect probabilities, by about `√(M/N)` times a constant.
///
/// # Stability
/// Computed as `Σ |Σ (c − a)|/N` over the bins: nothing is divided by the size of a bin, so an empty one contributes exactly 0.
/// A bin is `((m − 1)/M, m/M]`, as in the paper and in scikit-learn; 1 is in the last. torchmetrics has `[(m − 1)/M, m/M)`, and
/// a bin of its own for 1.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, expected_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = expected_calibration_error(&probabilities, &labels, 2);
/// assert_eq!(format!("{loss:.4}"), "0.2500"); // confidence 0.75, accuracy 0.5
/// assert_eq!(
///     loss.grad(&probabilities).to_string(),
///     "[[0.25, 0],\n [0, 0.25],\n [0.25, 0],\n [0, 0.25]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To see whether a classifier's confidence can be taken at its word, before and after [`TemperatureScaling`](crate::TemperatureScaling).
/// It misleads as a measure of the whole: a model that always predicts the frequencies of the classes has none; it depends on the
/// number of bins, and says nothing of the classes that are not the likeliest. Report [`brier_score`](crate::brier_score) or
/// cross-entropy with it.
///
/// # Reference
/// Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning", section 4; Guo et al. 2017, "On
/// calibration of modern neural networks", equation 3. Usual: 15 bins.
///
/// # See also
/// [`binary_expected_calibration_error`], [`maximum_calibration_error`],
/// [`adaptive_calibration_error`](crate::adaptive_calibration_error),
/// [`static_calibration_error`](crate::static_calibration_error), [`ReliabilityDiagram`](crate::ReliabilityDiagram).
#[doc(alias = "MulticlassCalibrationError")]
#[doc(alias = "ECE")]
#[track_caller]
pub fn expected_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("expected_calibration_error", bins);
    let forecasts = Forecasts::of_likeliest_class("expected_calibration_error", probabilities, labels);
    forecasts.in_equal_widths(bins).expected_gap()
}

/// By how much the probability of an event differs, on average, from how often it happens, by bins of equal width.
///
/// ```text
/// ℓ = Σᵢ |Cᵢ − Aᵢ| / N
/// Cᵢ = Σ{j : bⱼ = bᵢ} pⱼ / nᵢ
/// Aᵢ = Σ{j : bⱼ = bᵢ} targetⱼ / nᵢ
/// nᵢ = Σ{j : bⱼ = bᵢ} 1
/// bᵢ = max(1, −floor(−M pᵢ))
/// N = Σᵢ 1
/// pᵢ = probabilitiesᵢ
/// M = bins
/// ```
///
/// # Shapes
/// `probabilities` p and `target` of the same shape, numbers from 0 to 1; one number for all together, shape `[]`; of nothing
/// it is 0. `bins ≥ 1`. Panics when the shapes differ.
///
/// # Gradient
/// By `pᵢ` it is `sign(Cᵢ − Aᵢ)/N`, by `targetᵢ` the negative: bins are steps, whose derivative is 0.
///
/// # Estimates
/// Least, 0, where in each bin the mean probability is the share of events. From 0 to 1; above 0 on finite data even for the
/// true probabilities.
///
/// # Stability
/// As [`expected_calibration_error`]: nothing is divided by the size of a bin, and 0 is in the first bin.
///
/// # Example
/// ```
/// use minimand_loss::binary_expected_calibration_error;
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([0.75, 1.0, 0.25, 0.0]);
/// let target = Tensor::from([1.0, 0.0, 0.0, 0.0]);
/// let loss = binary_expected_calibration_error(&probabilities, &target, 2);
/// assert_eq!(loss.to_string(), "0.25"); // |0.875 - 0.5| / 2 + |0.125 - 0| / 2
/// assert_eq!(loss.grad(&probabilities).to_string(), "[0.25, 0.25, 0.25, 0.25]");
/// ```
///
/// # When to use
/// For one event: rain, default, disease. It misleads for rare events, where all probabilities share the first bins: there
/// compare in bins of equal mass. A forecast that never varies can have none; [`BrierDecomposition`](crate::BrierDecomposition)
/// tells its worth.
///
/// # Reference
/// Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning", section 4. Usual: 10 or 15 bins.
/// torchmetrics' binary calibration error with norm l1.
///
/// # See also
/// [`expected_calibration_error`], [`binary_brier_score`](crate::binary_brier_score),
/// [`ReliabilityDiagram`](crate::ReliabilityDiagram).
#[doc(alias = "BinaryCalibrationError")]
#[track_caller]
pub fn binary_expected_calibration_error(probabilities: &Tensor, target: &Tensor, bins: usize) -> Tensor {
    same_shapes("binary_expected_calibration_error", ("probabilities", probabilities), ("target", target));
    check_bins("binary_expected_calibration_error", bins);
    Forecasts::of_event(probabilities, target).in_equal_widths(bins).expected_gap()
}

/// By how much the probability of the likeliest class differs from how often it is the right one, in the bin where that is
/// worst.
///
/// ```text
/// ℓ = maxᵢ |Cᵢ − Aᵢ|
/// Cᵢ = Σ{j : bⱼ = bᵢ} cⱼ / nᵢ
/// Aᵢ = Σ{j : bⱼ = bᵢ} [p[j, labelsⱼ] = cⱼ] / nᵢ
/// nᵢ = Σ{j : bⱼ = bᵢ} 1
/// bᵢ = −floor(−M cᵢ)
/// cᵢ = maxₖ pᵢₖ
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// As [`expected_calibration_error`]: `probabilities` p of shape `[…, C]`, `labels` of shape `[…]`, one number of shape `[]`.
///
/// # Gradient
/// By the probability of the likeliest class of each of the n examples in the worst bin `sign(C − A)/n`, elsewhere 0; equally bad
/// bins share it.
///
/// # Estimates
/// Least, 0, where no bin errs. From 0 to 1.
///
/// # Stability
/// An empty bin has a gap of 0, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, maximum_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = maximum_calibration_error(&probabilities, &labels, 4);
/// assert_eq!(format!("{loss:.4}"), "0.6500"); // 0.6 and 0.7 are both wrong; 0.8 and 0.9 are both right
/// assert_eq!(loss.grad(&probabilities).to_string(), "[[0, 0],\n [0, 0],\n [0.5, 0],\n [0, 0.5]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where the worst case counts: a decision that any confidence may trigger. It misleads when a bin holds few examples: a single
/// one that is wrong at 0.99 makes it 0.99. Look at the counts of a [`ReliabilityDiagram`](crate::ReliabilityDiagram).
///
/// # Reference
/// Naeini et al. 2015, "Obtaining well calibrated probabilities using Bayesian binning", section 4; Guo et al. 2017, equation 5.
/// Usual: 15 bins.
///
/// # See also
/// [`expected_calibration_error`], [`average_calibration_error`].
#[doc(alias = "MCE")]
#[track_caller]
pub fn maximum_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("maximum_calibration_error", bins);
    let forecasts = Forecasts::of_likeliest_class("maximum_calibration_error", probabilities, labels);
    forecasts.in_equal_widths(bins).gaps().max_axis(-1)
}

/// By how much the probability of the likeliest class differs from how often it is the right one, every bin in use counting
/// the same.
///
/// ```text
/// ℓ = Σᵢ |Cᵢ − Aᵢ| / (nᵢ U)
/// Cᵢ = Σ{j : bⱼ = bᵢ} cⱼ / nᵢ
/// Aᵢ = Σ{j : bⱼ = bᵢ} [p[j, labelsⱼ] = cⱼ] / nᵢ
/// nᵢ = Σ{j : bⱼ = bᵢ} 1
/// bᵢ = −floor(−M cᵢ)
/// cᵢ = maxₖ pᵢₖ
/// U = Σᵢ 1 / nᵢ
/// pᵢₖ = probabilitiesᵢₖ
/// M = bins
/// ```
///
/// # Shapes
/// As [`expected_calibration_error`]: `probabilities` p of shape `[…, C]`, `labels` of shape `[…]`, one number of shape `[]`. U is
/// the number of bins that are not empty.
///
/// # Gradient
/// By the probability of example i's likeliest class `sign(Cᵢ − Aᵢ)/(nᵢ U)`, and 0 by the others.
///
/// # Estimates
/// Least, 0, where no bin errs. From 0 to 1.
///
/// # Stability
/// Empty bins count neither above nor below the line.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, average_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = average_calibration_error(&probabilities, &labels, 4);
/// assert_eq!(format!("{loss:.4}"), "0.4000"); // 0.65 and 0.15
/// assert_eq!(
///     loss.grad(&probabilities).to_string(),
///     "[[-0.25, -0],\n [-0, -0.25],\n [0.25, 0],\n [0, 0.25]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where middling confidences matter as much as the many that are near 1. It misleads as [`maximum_calibration_error`] does:
/// bins of few examples speak as loudly as full ones.
///
/// # Reference
/// Neumann, Zisserman, Vedaldi 2018, "Relaxed softmax", section 2; netcal's ACE. Usual: 10 or 15 bins.
///
/// # See also
/// [`expected_calibration_error`], [`adaptive_calibration_error`](crate::adaptive_calibration_error), which others call ACE.
#[doc(alias = "ACE")]
#[track_caller]
pub fn average_calibration_error(probabilities: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    check_bins("average_calibration_error", bins);
    let forecasts = Forecasts::of_likeliest_class("average_calibration_error", probabilities, labels);
    forecasts.in_equal_widths(bins).average_gap()
}
