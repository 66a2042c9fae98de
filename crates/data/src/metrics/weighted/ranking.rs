//! Order of positive and negative rows, rows counting by their weights.

use super::Weights;
use crate::metrics::{Average, MetricError, PrecisionRecall, check};

/// What flagging every score from `score` up comes to: weights of all rows up to there, and of the positive ones.
pub(in crate::metrics) struct Step {
    pub(in crate::metrics) score: f64,
    pub(in crate::metrics) flagged: f64,
    pub(in crate::metrics) caught: f64,
}

/// One step for every different score, from the highest down.
pub(in crate::metrics) fn by_falling_score(scores: &[f64], labels: &[bool], weights: Weights) -> Vec<Step> {
    let mut order: Vec<usize> = (0..scores.len()).filter(|&row| weights.of(row) > 0.0).collect();
    order.sort_unstable_by(|&a, &b| scores[b].total_cmp(&scores[a]).then(a.cmp(&b)));
    let mut steps: Vec<Step> = Vec::new();
    let (mut flagged, mut caught) = (0.0, 0.0);
    for row in order {
        flagged += weights.of(row);
        caught += if labels[row] { weights.of(row) } else { 0.0 };
        match steps.last_mut() {
            Some(step) if step.score == scores[row] => (step.flagged, step.caught) = (flagged, caught),
            _ => steps.push(Step { score: scores[row], flagged, caught }),
        }
    }
    steps
}

fn checked(metric: &'static str, scores: &[f64], labels: &[bool], weights: Weights) -> Result<Vec<Step>, MetricError> {
    check::rows(metric, ["scores", "labels"], scores, labels)?;
    check::not_nan(metric, "score", scores)?;
    weights.check(metric, labels.len())?;
    Ok(by_falling_score(scores, labels, weights))
}

/// As [`roc_auc`](crate::metrics::roc_auc), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn roc_auc(scores: &[f64], labels: &[bool], weights: Weights) -> Result<f64, MetricError> {
    area("roc_auc", &checked("roc_auc", scores, labels, weights)?)
}

fn area(metric: &'static str, steps: &[Step]) -> Result<f64, MetricError> {
    let (positives, rows) = steps.last().map_or((0.0, 0.0), |last| (last.caught, last.flagged));
    let negatives = rows - positives;
    check::defined(metric, positives > 0.0, "no row is positive")?;
    check::defined(metric, negatives > 0.0, "no row is negative")?;
    // Pairs of a positive row and a negative one below it, half of those with the same score.
    let (mut won, mut above) = (0.0, (0.0, 0.0));
    for step in steps {
        let (caught, passed) = (step.caught - above.0, step.flagged - step.caught - above.1);
        let below = negatives - above.1 - passed;
        won += caught * (below + passed / 2.0);
        above = (step.caught, step.flagged - step.caught);
    }
    Ok(won / (positives * negatives))
}

/// As [`roc_auc_one_vs_rest`](crate::metrics::roc_auc_one_vs_rest), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn roc_auc_one_vs_rest(
    scores: &[f64],
    truth: &[usize],
    classes: usize,
    average: Average,
    weights: Weights,
) -> Result<f64, MetricError> {
    let metric = "roc_auc_one_vs_rest";
    check::table(metric, "scores", scores, truth.len(), classes)?;
    check::not_nan(metric, "score", scores)?;
    check::classes(metric, "truth", truth, classes)?;
    weights.check(metric, truth.len())?;
    if average == Average::Micro {
        let labels: Vec<bool> = truth.iter().flat_map(|&truth| (0..classes).map(move |class| class == truth)).collect();
        let repeated: Vec<f64> =
            (0..truth.len()).flat_map(|row| std::iter::repeat_n(weights.of(row), classes)).collect();
        return area(metric, &by_falling_score(scores, &labels, Weights::new(&repeated)?));
    }
    let (mut sum, mut total) = (0.0, 0.0);
    for class in 0..classes {
        let column: Vec<f64> = scores.iter().skip(class).step_by(classes).copied().collect();
        let labels: Vec<bool> = truth.iter().map(|&truth| truth == class).collect();
        let steps = by_falling_score(&column, &labels, weights);
        let weight = match average {
            Average::Weighted => steps.last().map_or(0.0, |last| last.caught),
            Average::Macro | Average::Micro => 1.0,
        };
        sum += weight * area(metric, &steps)?;
        total += weight;
    }
    Ok(sum / total)
}

/// As [`average_precision`](crate::metrics::average_precision), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn average_precision(scores: &[f64], labels: &[bool], weights: Weights) -> Result<f64, MetricError> {
    let mut area = 0.0;
    let mut previous = 0.0;
    for point in curve("average_precision", scores, labels, weights)? {
        area += (point.recall - previous) * point.precision;
        previous = point.recall;
    }
    Ok(area)
}

/// As [`precision_recall_curve`](crate::metrics::precision_recall_curve), weighted.
///
/// # Errors
/// As there, or when there is not a weight for each row.
pub fn precision_recall_curve(
    scores: &[f64],
    labels: &[bool],
    weights: Weights,
) -> Result<Vec<PrecisionRecall>, MetricError> {
    curve("precision_recall_curve", scores, labels, weights)
}

fn curve(
    metric: &'static str,
    scores: &[f64],
    labels: &[bool],
    weights: Weights,
) -> Result<Vec<PrecisionRecall>, MetricError> {
    let steps = checked(metric, scores, labels, weights)?;
    let positives = steps.last().map_or(0.0, |last| last.caught);
    check::defined(metric, positives > 0.0, "no row is positive")?;
    let point = |step: Step| PrecisionRecall {
        threshold: step.score,
        recall: step.caught / positives,
        precision: step.caught / step.flagged,
    };
    Ok(steps.into_iter().map(point).collect())
}
