//! Metrics of decided classes.

use super::{FoldScore, by_influence, mean, weight_of};
use crate::advice::purpose::Costs;

/// 1 where the decided class is not the true one; a class between two counts as the nearer, the lower one of a tie.
pub(super) fn misses(decided: &[f64], target: &[f64]) -> Vec<f64> {
    assert_eq!(decided.len(), target.len(), "score: decisions and targets");
    decided.iter().zip(target).map(|(&decided, &y)| if whole(decided) == y { 0.0 } else { 1.0 }).collect()
}

/// What each decision costs.
pub(super) fn costs(costs: Costs, acted: &[bool], target: &[f64]) -> Vec<f64> {
    assert_eq!(acted.len(), target.len(), "score: decisions and targets");
    (acted.iter().zip(target))
        .map(|(&acted, &y)| match (acted, y > 0.5) {
            (false, true) => costs.miss,
            (true, false) => costs.alarm,
            (true, true) | (false, false) => 0.0,
        })
        .collect()
}

/// 2·caught / (flagged + positive); 0 where both are none.
pub(super) fn f1(acted: &[bool], target: &[f64], weight: Option<&[f64]>) -> Option<FoldScore> {
    assert_eq!(acted.len(), target.len(), "score: decisions and targets");
    let flag = |yes: bool| f64::from(u8::from(yes));
    let caught: Vec<f64> = acted.iter().zip(target).map(|(&acted, &y)| 2.0 * flag(acted && y > 0.5)).collect();
    let counted: Vec<f64> = acted.iter().zip(target).map(|(&acted, &y)| flag(acted) + flag(y > 0.5)).collect();
    let below = mean(&counted, weight);
    if below == 0.0 {
        return by_influence(0.0, target.iter().map(|_| 0.0));
    }
    let value = mean(&caught, weight) / below;
    by_influence(value, caught.iter().zip(&counted).map(|(caught, counted)| (caught - value * counted) / below))
}

/// The mean recall of the classes that the rows hold.
pub(super) fn balanced_accuracy(decided: &[f64], target: &[f64], weight: Option<&[f64]>) -> Option<FoldScore> {
    assert_eq!(decided.len(), target.len(), "score: decisions and targets");
    let classes = target.iter().fold(0.0_f64, |most, &y| most.max(y)) as usize + 1;
    let (mut rows, mut right) = (vec![0.0; classes], vec![0.0; classes]);
    for (row, (&decided, &y)) in decided.iter().zip(target).enumerate() {
        let weight = weight_of(weight, row);
        rows[y as usize] += weight;
        right[y as usize] += if whole(decided) == y { weight } else { 0.0 };
    }
    let total: f64 = rows.iter().sum();
    let seen = rows.iter().filter(|&&rows| rows > 0.0).count() as f64;
    let recall: Vec<f64> = rows.iter().zip(&right).map(|(rows, right)| right / rows).collect();
    let value = recall.iter().filter(|recall| recall.is_finite()).sum::<f64>() / seen;
    by_influence(
        value,
        decided.iter().zip(target).map(|(&decided, &y)| {
            let class = y as usize;
            let hit = if whole(decided) == y { 1.0 } else { 0.0 };
            (hit - recall[class]) * total / (rows[class] * seen)
        }),
    )
}

/// 1 − Σ observed (i − j)² / Σ expected (i − j)² (Cohen 1968): agreement of ordered classes beyond chance. 0 where both sides are
/// one class.
pub(super) fn quadratic_kappa(
    decided: &[f64],
    target: &[f64],
    classes: usize,
    weight: Option<&[f64]>,
) -> Option<FoldScore> {
    assert_eq!(decided.len(), target.len(), "score: decisions and targets");
    let decided: Vec<f64> = decided.iter().map(|&decided| whole(decided).clamp(0.0, classes as f64 - 1.0)).collect();
    let observed: Vec<f64> = decided.iter().zip(target).map(|(decided, y)| (decided - y).powi(2)).collect();
    // E (i − j)² of independent sides: by the means and mean squares of both.
    let moments = |values: &[f64]| {
        let squares: Vec<f64> = values.iter().map(|value| value * value).collect();
        (mean(values, weight), mean(&squares, weight))
    };
    let ((decided_mean, decided_square), (true_mean, true_square)) = (moments(&decided), moments(target));
    let by_chance = decided_square + true_square - 2.0 * decided_mean * true_mean;
    let off = mean(&observed, weight);
    if by_chance == 0.0 {
        return by_influence(0.0, target.iter().map(|_| 0.0));
    }
    let value = 1.0 - off / by_chance;
    by_influence(
        value,
        observed.iter().zip(decided.iter().zip(target)).map(|(observed, (decided, y))| {
            // The row's part in the chance agreement, with its own class on either side.
            let against_true = decided * decided - 2.0 * decided * true_mean + true_square;
            let against_decided = y * y - 2.0 * y * decided_mean + decided_square;
            let chance = against_true + against_decided - 2.0 * by_chance;
            -(observed - off) / by_chance + off * chance / (by_chance * by_chance)
        }),
    )
}

/// The nearest whole class, the lower one of a tie.
fn whole(decided: f64) -> f64 {
    (decided - 0.5).ceil()
}
