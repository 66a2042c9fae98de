//! Isotonic regression: the best increasing function of a prediction.

use std::{cmp::Ordering, collections::BinaryHeap};

/// What a recalibrated prediction is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The mean (also: a probability).
    Mean,
    /// The quantile of this level.
    Quantile(f64),
    /// The expectile of this level; that of ½ is the mean.
    Expectile(f64),
}

/// The increasing function of the predictions that is best for the truth by every consistent score at once, at each row
/// (Ayer et al. 1955; for quantiles and expectiles Jordan, Mühlemann, Ziegel 2022). Equal predictions are one.
///
/// # Panics
/// If the slices differ in length, or a prediction is not a number.
#[track_caller]
pub fn isotonic(truth: &[f64], predictions: &[f64], target: Target) -> Vec<f64> {
    weighted_isotonic(truth, predictions, None, target)
}

/// [`isotonic`] where rows have weights: a row of weight 3 is three rows.
///
/// # Panics
/// If the slices differ in length, or a prediction is not a number.
#[track_caller]
pub fn weighted_isotonic(truth: &[f64], predictions: &[f64], weight: Option<&[f64]>, target: Target) -> Vec<f64> {
    assert_eq!(truth.len(), predictions.len(), "isotonic: truth and predictions differ in number");
    assert!(weight.is_none_or(|weight| weight.len() == truth.len()), "isotonic: truth and weights differ in number");
    assert!(predictions.iter().all(|prediction| !prediction.is_nan()), "isotonic: a prediction is not a number");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| predictions[a].total_cmp(&predictions[b]));
    let ties: Vec<usize> = order.chunk_by(|&a, &b| predictions[a] == predictions[b]).map(<[usize]>::len).collect();
    let sorted = |values: &[f64]| order.iter().map(|&row| values[row]).collect::<Vec<f64>>();
    let fitted = isotonic_in_order(&sorted(truth), weight.map(sorted).as_deref(), &ties, target);
    let mut result = vec![0.0; truth.len()];
    order.iter().zip(fitted).for_each(|(&row, value)| result[row] = value);
    result
}

/// The least value with at least this share of the weight at or below it.
pub fn weighted_quantile(values: &[f64], weight: Option<&[f64]>, level: f64) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    // Sums of equal weights must not miss the level by their rounding.
    let wanted = level * (0..values.len()).map(own).sum::<f64>() * (1.0 - 1e-12);
    let mut below = 0.0;
    for &row in &order {
        below += own(row);
        if below >= wanted {
            return values[row];
        }
    }
    order.last().map_or(f64::NAN, |&row| values[row])
}

/// The number around which surplus and shortfall balance at this level: that of ½ is the mean (Newey & Powell 1987).
pub fn weighted_expectile(values: &[f64], weight: Option<&[f64]>, level: f64) -> f64 {
    expectiles(values, weight, &[values.len()], level).first().copied().unwrap_or(f64::NAN)
}

/// [`weighted_isotonic`] of truths that are sorted by prediction already; `ties` are the lengths of runs of one prediction.
pub(super) fn isotonic_in_order(truth: &[f64], weight: Option<&[f64]>, ties: &[usize], target: Target) -> Vec<f64> {
    match target {
        Target::Mean => means(truth, ties, |row| weight.map_or(1.0, |weight| weight[row])),
        Target::Expectile(level) => expectiles(truth, weight, ties, level),
        Target::Quantile(level) => quantiles(truth, weight, ties, level),
    }
}

/// Rows that share one value.
struct Block {
    sum: f64,
    weight: f64,
    rows: usize,
}

/// Pools adjacent violators (Ayer et al. 1955).
fn means(truth: &[f64], ties: &[usize], weight: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut start = 0;
    for &rows in ties {
        let run = start..start + rows;
        start = run.end;
        let sum = run.clone().map(|row| weight(row) * truth[row]).sum();
        let mut block = Block { sum, weight: run.map(&weight).sum(), rows };
        while let Some(before) = blocks.pop_if(|before| before.sum / before.weight >= block.sum / block.weight) {
            block.sum += before.sum;
            block.weight += before.weight;
            block.rows += before.rows;
        }
        blocks.push(block);
    }
    blocks.iter().flat_map(|block| std::iter::repeat_n(block.sum / block.weight, block.rows)).collect()
}

/// Expectiles by asymmetric least squares (Newey & Powell 1987): means whose weights are what side of the fit a truth is on,
/// until no truth changes sides.
fn expectiles(truth: &[f64], weight: Option<&[f64]>, ties: &[usize], level: f64) -> Vec<f64> {
    let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
    let mut sides = vec![1.0; truth.len()];
    let mut fitted = Vec::new();
    // A few rounds do; rounding could go round in circles.
    for _ in 0..100 {
        fitted = means(truth, ties, |row| own(row) * sides[row]);
        let next: Vec<f64> =
            truth.iter().zip(&fitted).map(|(y, fit)| if y > fit { level } else { 1.0 - level }).collect();
        if next == sides {
            break;
        }
        sides = next;
    }
    fitted
}

/// Where the slope of a convex function changes, and by how much.
struct Kink {
    at: f64,
    weight: f64,
}

/// Lower quantiles by the slope trick: the least pinball loss of all fits that end at or below z is convex and piecewise
/// linear in z; a heap holds its kinks, and all that rises beyond its minimum is cut off. Backwards, each fit is the smaller
/// of its own and the next. Takes n ln n steps.
fn quantiles(truth: &[f64], weight: Option<&[f64]>, ties: &[usize], level: f64) -> Vec<f64> {
    let mut heap: BinaryHeap<Kink> = BinaryHeap::new();
    let mut ends = Vec::with_capacity(ties.len());
    let mut start = 0;
    for &rows in ties {
        let run = start..start + rows;
        start = run.end;
        let mut surplus = 0.0;
        for row in run.clone() {
            let weight = weight.map_or(1.0, |weight| weight[row]);
            heap.push(Kink { at: truth[row], weight });
            surplus += (1.0 - level) * weight;
        }
        // A rest of rounding must not take the next kink away.
        let negligible = 1e-12 * surplus;
        while surplus > negligible
            && let Some(mut top) = heap.pop()
        {
            if top.weight > surplus + negligible {
                top.weight -= surplus;
                surplus = 0.0;
                heap.push(top);
            } else {
                surplus -= top.weight;
            }
        }
        ends.push(heap.peek().map_or(truth[run.start], |top| top.at));
    }
    let mut fitted = vec![0.0; truth.len()];
    let (mut next, mut end) = (f64::INFINITY, truth.len());
    for (&rows, &at) in ties.iter().zip(&ends).rev() {
        next = at.min(next);
        fitted[end - rows..end].fill(next);
        end -= rows;
    }
    fitted
}

impl Ord for Kink {
    fn cmp(&self, other: &Self) -> Ordering {
        self.at.total_cmp(&other.at)
    }
}

impl PartialOrd for Kink {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Kink {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Kink {}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn violators_are_pooled() {
        let fitted = isotonic(&[1.0, 3.0, 2.0, 4.0, 3.5], &[0.1, 0.2, 0.3, 0.5, 0.4], Target::Mean);
        for (value, expected) in fitted.iter().zip([1.0, 2.5, 2.5, 4.0, 3.5]) {
            assert_relative_eq!(*value, expected);
        }
        let tied = isotonic(&[0.0, 1.0, 1.0], &[0.5, 0.5, 0.6], Target::Mean);
        assert_eq!(tied, [0.5, 0.5, 1.0]);
        let median = isotonic(&[5.0, 1.0, 3.0, 9.0], &[1.0, 2.0, 3.0, 4.0], Target::Quantile(0.5));
        assert_eq!(median, [1.0, 1.0, 3.0, 9.0], "the lower of all medians");
    }

    #[test]
    fn quantile_and_expectile_of_weighted_values() {
        let values = [0.0, 1.0, 2.0, 10.0];
        let found = weighted_expectile(&values, Some(&[1.0, 1.0, 1.0, 2.0]), 0.8);
        let above = 2.0 * (10.0 - found);
        let below: f64 = values.iter().map(|value| (found - value).max(0.0)).sum();
        assert_relative_eq!(0.8 * above, 0.2 * below, epsilon = 1e-9);
        assert_relative_eq!(weighted_quantile(&values, Some(&[1.0, 1.0, 1.0, 5.0]), 0.5), 10.0);
        assert_relative_eq!(weighted_quantile(&values, None, 0.5), 1.0);
    }

    proptest! {
        #[test]
        fn a_weight_is_so_many_rows(rows in prop::collection::vec((0u8..20, 0u8..12, 1u8..4), 1..60)) {
            let column = |of: fn(&(u8, u8, u8)) -> u8| rows.iter().map(|row| f64::from(of(row))).collect::<Vec<f64>>();
            let (truth, predictions, weight) = (column(|row| row.0), column(|row| row.1), column(|row| row.2));
            let copies: Vec<usize> = (0..rows.len()).flat_map(|row| std::iter::repeat_n(row, usize::from(rows[row].2))).collect();
            let copied = |values: &[f64]| copies.iter().map(|&row| values[row]).collect::<Vec<f64>>();
            for target in [Target::Mean, Target::Quantile(0.3), Target::Quantile(0.5), Target::Expectile(0.2)] {
                let fitted = weighted_isotonic(&truth, &predictions, Some(&weight), target);
                let of_copies = isotonic(&copied(&truth), &copied(&predictions), target);
                for (one, other) in copied(&fitted).iter().zip(of_copies) {
                    prop_assert!((one - other).abs() < 1e-9, "{target:?}: {one} {other}");
                }
            }
        }

        #[test]
        fn it_rises_and_is_best(
            pairs in prop::collection::vec((0u8..20, 0u8..12), 1..60),
            shift in -3.0f64..3.0,
            slope in 0.0f64..2.0,
        ) {
            let truth: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.0)).collect();
            let predictions: Vec<f64> = pairs.iter().map(|pair| f64::from(pair.1)).collect();
            for target in [Target::Mean, Target::Quantile(0.3), Target::Expectile(0.2)] {
                let fitted = isotonic(&truth, &predictions, target);
                for a in 0..pairs.len() {
                    for b in 0..pairs.len() {
                        prop_assert!(predictions[a] > predictions[b] || fitted[a] <= fitted[b] + 1e-12);
                    }
                }
                let cost = |values: &[f64]| -> f64 {
                    truth.iter().zip(values).map(|(y, x)| match target {
                        Target::Mean => (y - x).powi(2),
                        Target::Quantile(level) => (y - x) * (level - f64::from(u8::from(y < x))),
                        Target::Expectile(level) => (level - f64::from(u8::from(y < x))).abs() * (y - x).powi(2),
                    }).sum()
                };
                let other: Vec<f64> = predictions.iter().map(|p| shift + slope * p).collect();
                prop_assert!(cost(&fitted) <= cost(&other) + 1e-9);
            }
        }
    }
}
