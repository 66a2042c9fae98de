//! Whether probabilities mean what they say.

use super::MetricError;
use super::weighted::{self, Weights};

/// Brier score: mean (probability − label)², 0 at best.
///
/// ```
/// use minimand_data::metrics::brier;
/// assert_eq!(brier(&[0.5, 1.0], &[true, true])?, 0.125);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many probabilities as labels, or one is not in 0..=1.
#[doc(alias = "brier_score_loss")]
pub fn brier(probabilities: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    weighted::brier(probabilities, labels, Weights::EQUAL)
}

/// Brier's original score: mean of Σ (probability − truth)² over the classes (Brier 1950, equation 2), from 0 to 2. Of two classes it is twice
/// [`brier`].
///
/// ```
/// use minimand_data::metrics::brier_of_classes;
/// assert_eq!(brier_of_classes(&[0.5, 0.5, 0.0], &[0], 3)?, 0.5);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not `classes` probabilities for each, one is not in 0..=1, those of a row do not sum to 1, or a truth is no class.
pub fn brier_of_classes(probabilities: &[f64], truth: &[usize], classes: usize) -> Result<f64, MetricError> {
    weighted::brier_of_classes(probabilities, truth, classes, Weights::EQUAL)
}

/// Mean of −ln probability of what was true: infinite where a truth had probability 0 (scikit-learn clips it to 2⁻⁵²).
///
/// ```
/// use minimand_data::metrics::log_loss;
/// assert_eq!(log_loss(&[0.5, 0.5], &[true, false])?, 2f64.ln());
/// assert_eq!(log_loss(&[0.0], &[true])?, f64::INFINITY);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many probabilities as labels, or one is not in 0..=1.
#[doc(alias = "binary_cross_entropy")]
pub fn log_loss(probabilities: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    weighted::log_loss(probabilities, labels, Weights::EQUAL)
}

/// Mean of −ln probability of the true class; `probabilities` is row after row, one for each class.
///
/// ```
/// use minimand_data::metrics::log_loss_of_classes;
/// assert_eq!(log_loss_of_classes(&[0.25, 0.25, 0.5, 1.0, 0.0, 0.0], &[2, 0], 3)?, 2f64.ln() / 2.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not `classes` probabilities for each, one is not in 0..=1, those of a row do not sum to 1, or a truth is no class.
#[doc(alias = "cross_entropy")]
pub fn log_loss_of_classes(probabilities: &[f64], truth: &[usize], classes: usize) -> Result<f64, MetricError> {
    weighted::log_loss_of_classes(probabilities, truth, classes, Weights::EQUAL)
}

/// How probabilities are put into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bins {
    /// So many intervals (k/n, (k+1)/n] of the same width (Guo et al. 2017); the first has 0 as well.
    EqualWidth(usize),
    /// So many bins of about the same number of rows; equal probabilities are in one bin, so that no order of rows matters.
    EqualMass(usize),
}

/// A bin of a reliability diagram that holds rows.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReliabilityBin {
    /// How many rows, or how much weight.
    pub weight: f64,
    /// Mean probability of its rows.
    pub mean_probability: f64,
    /// Share of its rows that are positive: the mean probability, if calibrated.
    pub share: f64,
}

/// The reliability diagram: bins that hold rows, by rising probability.
///
/// ```
/// use minimand_data::metrics::{Bins, reliability};
/// let bins = reliability(&[0.1, 0.3, 0.9], &[false, true, true], Bins::EqualWidth(2))?;
/// assert_eq!(bins.iter().map(|bin| (bin.weight, bin.share)).collect::<Vec<_>>(), [(2.0, 0.5), (1.0, 1.0)]);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no bins or no rows, not as many probabilities as labels, or one is not in 0..=1.
#[doc(alias = "calibration_curve")]
pub fn reliability(probabilities: &[f64], labels: &[bool], bins: Bins) -> Result<Vec<ReliabilityBin>, MetricError> {
    weighted::reliability(probabilities, labels, bins, Weights::EQUAL)
}

/// ECE = Σ share of rows in the bin · |mean probability − share of positive ones| (Naeini et al. 2015).
///
/// For more than two classes: the probability of the predicted class, and whether it is the true one. Above 0 even for calibrated
/// probabilities, the more the fewer rows a bin holds; [`debiased_calibration_error`] is not.
///
/// ```
/// use minimand_data::metrics::{Bins, expected_calibration_error};
/// let ece = expected_calibration_error(&[0.75, 0.75], &[true, false], Bins::EqualWidth(10))?;
/// assert_eq!(ece, 0.25);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no bins or no rows, not as many probabilities as labels, or one is not in 0..=1.
#[doc(alias = "ece")]
pub fn expected_calibration_error(probabilities: &[f64], labels: &[bool], bins: Bins) -> Result<f64, MetricError> {
    weighted::expected_calibration_error(probabilities, labels, bins, Weights::EQUAL)
}

/// The squared calibration error of the binned probabilities, Σ p̂ₛ ((mean probability − ŷₛ)² − ŷₛ (1 − ŷₛ) / (nₛ − 1)) over bins of nₛ rows,
/// the share ŷₛ of them positive: the debiased estimator of Kumar, Liang & Ma (2019), section 5.
///
/// Its mean is the true error of the bins where ECE's is too high; so it is below 0 in about half of the samples of calibrated probabilities. In
/// squares: its root is comparable with ECE. A bin of a single row counts 0.
///
/// ```
/// use minimand_data::metrics::{Bins, debiased_calibration_error};
/// let error = debiased_calibration_error(&[0.5, 0.5, 0.5, 0.5], &[true, false, true, true], Bins::EqualMass(1))?;
/// assert_eq!(error, 0.0625 - 0.75 * 0.25 / 3.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no bins or no rows, not as many probabilities as labels, or one is not in 0..=1.
#[doc(alias = "unbiased_square_ce")]
pub fn debiased_calibration_error(probabilities: &[f64], labels: &[bool], bins: Bins) -> Result<f64, MetricError> {
    let bins = weighted::reliability(probabilities, labels, bins, Weights::EQUAL)?;
    let of_bin = |bin: &ReliabilityBin| {
        let noise = bin.share * (1.0 - bin.share) / (bin.weight - 1.0);
        if bin.weight < 2.0 { 0.0 } else { bin.weight * ((bin.mean_probability - bin.share).powi(2) - noise) }
    };
    Ok(bins.iter().map(of_bin).sum::<f64>() / labels.len() as f64)
}
