//! How well scores put positive rows before negative ones, whatever the threshold. Equal scores are one group: no order
//! of the rows in the file can change a figure.

use serde::Serialize;

use super::check_pair;

/// What flagging every score from `score` up comes to.
pub(super) struct Step {
    pub(super) score: f64,
    pub(super) flagged: usize,
    pub(super) caught: usize,
}

/// One step for every different score, from the highest down; counts are of all rows up to there.
pub(super) fn by_falling_score(scores: &[f64], labels: &[bool]) -> Vec<Step> {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]));
    let mut steps: Vec<Step> = Vec::new();
    for row in order {
        let (flagged, caught) = steps.last().map_or((0, 0), |step| (step.flagged, step.caught));
        let (flagged, caught) = (flagged + 1, caught + usize::from(labels[row]));
        match steps.last_mut() {
            Some(step) if step.score == scores[row] => (step.flagged, step.caught) = (flagged, caught),
            _ => steps.push(Step { score: scores[row], flagged, caught }),
        }
    }
    steps
}

/// Area under the ROC curve: the chance that a positive row's score is above a negative one's, ties counting half.
///
/// By the ranks' sum (Mann–Whitney), equal scores sharing their mean rank. `None` where one of the classes is missing.
///
/// # Panics
/// If there are no rows, or the slices differ in length.
#[track_caller]
pub fn roc_auc(scores: &[f64], labels: &[bool]) -> Option<f64> {
    check_pair("roc_auc", scores, labels);
    let rows = labels.len();
    let positives = labels.iter().filter(|&&label| label).count();
    let negatives = rows - positives;
    if positives == 0 || negatives == 0 {
        return None;
    }
    let mut rank_sum = 0.0;
    let mut above = (0, 0);
    for step in by_falling_score(scores, labels) {
        // Ranks count from the lowest score: this group takes rows − flagged + 1 ..= rows − flagged before it.
        let mean_rank = (rows - above.0 + rows - step.flagged + 1) as f64 / 2.0;
        rank_sum += mean_rank * (step.caught - above.1) as f64;
        above = (step.flagged, step.caught);
    }
    let least = positives as f64 * (positives as f64 + 1.0) / 2.0;
    Some((rank_sum - least) / (positives as f64 * negatives as f64))
}

/// Average precision, Σ (recallₖ − recallₖ₋₁) · precisionₖ over falling thresholds: the area under the precision-recall
/// curve without the flattery of straight lines between its points.
///
/// The base rate is what random scores reach. `None` where no row is positive.
///
/// # Panics
/// If there are no rows, or the slices differ in length.
#[track_caller]
pub fn average_precision(scores: &[f64], labels: &[bool]) -> Option<f64> {
    check_pair("average_precision", scores, labels);
    let mut area = 0.0;
    let mut previous = 0.0;
    for point in precision_recall_curve(scores, labels)? {
        area += (point.recall - previous) * point.precision;
        previous = point.recall;
    }
    Some(area)
}

/// A point of the precision-recall curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
/// `None` where no row is positive.
///
/// # Panics
/// If there are no rows, or the slices differ in length.
#[track_caller]
pub fn precision_recall_curve(scores: &[f64], labels: &[bool]) -> Option<Vec<PrecisionRecall>> {
    check_pair("precision_recall_curve", scores, labels);
    let positives = labels.iter().filter(|&&label| label).count();
    let point = |step: Step| PrecisionRecall {
        threshold: step.score,
        recall: step.caught as f64 / positives as f64,
        precision: step.caught as f64 / step.flagged as f64,
    };
    (positives > 0).then(|| by_falling_score(scores, labels).into_iter().map(point).collect())
}

/// The curve without the points that a drawing does not need: of every recall only the first and the last point.
pub fn thinned(curve: &[PrecisionRecall]) -> Vec<PrecisionRecall> {
    let corner = |(place, point): (usize, &PrecisionRecall)| {
        let same = |other: Option<&PrecisionRecall>| other.is_some_and(|other| other.recall == point.recall);
        let inside = place > 0 && same(curve.get(place - 1)) && same(curve.get(place + 1));
        (!inside).then_some(*point)
    };
    curve.iter().enumerate().filter_map(corner).collect()
}
