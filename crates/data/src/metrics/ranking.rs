//! How well scores put positive rows before negative ones, whatever the threshold. Equal scores are one group: no order
//! of the rows in the file can change a figure.

use super::weighted::{self, Weights};
use super::{Average, MetricError};

/// Area under the ROC curve: the chance that a positive row's score is above a negative one's, ties counting half.
///
/// By the ranks' sum (Mann–Whitney), equal scores sharing their mean rank.
///
/// ```
/// use minimand_data::metrics::roc_auc;
/// assert_eq!(roc_auc(&[0.9, 0.5, 0.5, 0.1], &[true, true, false, false])?, 0.875);
/// let error = roc_auc(&[0.9, 0.5], &[true, true]).unwrap_err();
/// assert_eq!(error.to_string(), "roc_auc: no row is negative");
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many scores as labels, a score is NaN, or one of the classes is missing.
#[doc(alias = "roc_auc_score")]
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    weighted::roc_auc(scores, labels, Weights::EQUAL)
}

/// [`roc_auc`] of each class against all others, averaged; `scores` is row after row, one for each class.
///
/// ```
/// use minimand_data::metrics::{Average, roc_auc_one_vs_rest};
/// let scores = [0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 0.1, 0.3, 0.6];
/// assert_eq!(roc_auc_one_vs_rest(&scores, &[0, 1, 2], 3, Average::Macro)?, 1.0);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not `classes` scores for each, a score is NaN, a truth is no class, or a class has no rows or all.
pub fn roc_auc_one_vs_rest(
    scores: &[f64],
    truth: &[usize],
    classes: usize,
    average: Average,
) -> Result<f64, MetricError> {
    weighted::roc_auc_one_vs_rest(scores, truth, classes, average, Weights::EQUAL)
}

/// Average precision, Σ (recallₖ − recallₖ₋₁) · precisionₖ over falling thresholds: the area under the precision-recall
/// curve without the flattery of straight lines between its points.
///
/// The base rate is what random scores reach.
///
/// ```
/// use minimand_data::metrics::average_precision;
/// assert_eq!(average_precision(&[0.9, 0.8, 0.7], &[true, false, true])?, 0.5 * 1.0 + 0.5 * (2.0 / 3.0));
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many scores as labels, a score is NaN, or no row is positive.
#[doc(alias = "average_precision_score")]
#[doc(alias = "pr_auc")]
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Result<f64, MetricError> {
    weighted::average_precision(scores, labels, Weights::EQUAL)
}

/// A point of the precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PrecisionRecall {
    /// Flag every row whose score is at least this.
    pub threshold: f64,
    /// Share of the positive rows that are flagged.
    pub recall: f64,
    /// Share of the flagged rows that are positive.
    pub precision: f64,
}

/// The curve from the highest score down, one point for every different score; recall never falls.
///
/// ```
/// use minimand_data::metrics::precision_recall_curve;
/// let curve = precision_recall_curve(&[0.9, 0.5, 0.5], &[true, true, false])?;
/// assert_eq!(curve.iter().map(|point| (point.recall, point.threshold)).collect::<Vec<_>>(), [(0.5, 0.9), (1.0, 0.5)]);
/// # Ok::<(), minimand_data::metrics::MetricError>(())
/// ```
///
/// # Errors
/// When there are no rows, not as many scores as labels, a score is NaN, or no row is positive.
pub fn precision_recall_curve(scores: &[f64], labels: &[bool]) -> Result<Vec<PrecisionRecall>, MetricError> {
    weighted::precision_recall_curve(scores, labels, Weights::EQUAL)
}
