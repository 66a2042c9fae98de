//! Metrics of the order of rows of two classes.

use super::{FoldScore, by_influence, weight_of};

/// Rows with one score, from the highest down.
struct Tie {
    rows: Vec<usize>,
    /// Weight of the positive rows in it.
    positive: f64,
    /// Weight of the negative rows in it.
    negative: f64,
}

fn ties(score: &[f64], target: &[f64], weight: Option<&[f64]>) -> Vec<Tie> {
    assert_eq!(score.len(), target.len(), "score: scores and targets");
    let mut order: Vec<usize> = (0..score.len()).collect();
    order.sort_by(|&a, &b| score[b].total_cmp(&score[a]));
    let mut ties: Vec<Tie> = Vec::new();
    let mut last = f64::NAN;
    for row in order {
        if score[row] != last || ties.is_empty() {
            ties.push(Tie { rows: Vec::new(), positive: 0.0, negative: 0.0 });
            last = score[row];
        }
        if let Some(tie) = ties.last_mut() {
            tie.rows.push(row);
            let side = if target[row] > 0.5 { &mut tie.positive } else { &mut tie.negative };
            *side += weight_of(weight, row);
        }
    }
    ties
}

fn totals(ties: &[Tie]) -> (f64, f64) {
    (ties.iter().map(|tie| tie.positive).sum(), ties.iter().map(|tie| tie.negative).sum())
}

/// The chance that a positive row stands before a negative one, ties counting half; the influence of a row by its placement
/// among the other class (DeLong, DeLong, Clarke-Pearson 1988).
pub(super) fn auc(score: &[f64], target: &[f64], weight: Option<&[f64]>) -> Option<FoldScore> {
    let ties = ties(score, target, weight);
    let (positives, negatives) = totals(&ties);
    if positives == 0.0 || negatives == 0.0 {
        return None;
    }
    let mut placement = vec![0.0; score.len()];
    let (mut positive_before, mut negative_before) = (0.0, 0.0);
    let mut area = 0.0;
    for tie in &ties {
        let beaten = (negatives - negative_before - 0.5 * tie.negative) / negatives;
        let beating = (positive_before + 0.5 * tie.positive) / positives;
        for &row in &tie.rows {
            placement[row] = if target[row] > 0.5 { beaten } else { beating };
        }
        area += tie.positive * beaten;
        positive_before += tie.positive;
        negative_before += tie.negative;
    }
    let value = area / positives;
    let all = positives + negatives;
    by_influence(
        value,
        (0..score.len()).map(|row| {
            let own = if target[row] > 0.5 { positives } else { negatives };
            (placement[row] - value) * all / own
        }),
    )
}

/// The mean precision at the positive rows, as scikit-learn's `average_precision_score`.
///
/// The influence of a row: its own precision, and what its weight changes in the precision at every positive row that stands not
/// above it.
pub(super) fn average_precision(score: &[f64], target: &[f64], weight: Option<&[f64]>) -> Option<FoldScore> {
    let ties = ties(score, target, weight);
    let (positives, negatives) = totals(&ties);
    if positives == 0.0 {
        return None;
    }
    let all = positives + negatives;
    // At each tie: caught, flagged.
    let mut caught = 0.0;
    let mut flagged = 0.0;
    let at: Vec<(f64, f64)> = (ties.iter())
        .map(|tie| {
            caught += tie.positive;
            flagged += tie.positive + tie.negative;
            (caught, flagged)
        })
        .collect();
    let value =
        ties.iter().zip(&at).map(|(tie, (caught, flagged))| tie.positive * caught / flagged).sum::<f64>() / positives;
    let mut influence = vec![0.0; score.len()];
    let (mut to_positive, mut to_negative) = (0.0, 0.0);
    for (tie, &(caught, flagged)) in ties.iter().zip(&at).rev() {
        to_positive += tie.positive * (flagged - caught) / (flagged * flagged);
        to_negative -= tie.positive * caught / (flagged * flagged);
        for &row in &tie.rows {
            let change = if target[row] > 0.5 { caught / flagged - value + to_positive } else { to_negative };
            influence[row] = change * all / positives;
        }
    }
    by_influence(value, influence.into_iter())
}

/// Share of the positive rows among this share of all rows with the highest scores; of rows with one score at the edge the same
/// part counts of each.
pub(super) fn recall_at(share: f64, score: &[f64], target: &[f64], weight: Option<&[f64]>) -> Option<FoldScore> {
    let ties = ties(score, target, weight);
    let (positives, negatives) = totals(&ties);
    if positives == 0.0 {
        return None;
    }
    let all = positives + negatives;
    let mut room = share * all;
    let mut taken = vec![0.0; score.len()];
    let mut caught = 0.0;
    for tie in &ties {
        let part = (room / (tie.positive + tie.negative)).clamp(0.0, 1.0);
        for &row in &tie.rows {
            taken[row] = part;
        }
        caught += part * tie.positive;
        room -= part * (tie.positive + tie.negative);
    }
    let value = caught / positives;
    by_influence(
        value,
        (0..score.len()).map(|row| if target[row] > 0.5 { (taken[row] - value) * all / positives } else { 0.0 }),
    )
}
