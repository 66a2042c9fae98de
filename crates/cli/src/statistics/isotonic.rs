//! Isotonic regression: the best increasing function of a prediction.

use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};

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

/// The increasing function of the predictions that is best for the truth by every consistent score at once, at each row:
/// pool adjacent violators (Ayer et al. 1955; for quantiles and expectiles Jordan, Mühlemann, Ziegel 2022). Equal predictions are one.
///
/// # Panics
/// If the slices differ in length, or a prediction is not a number.
#[track_caller]
pub fn isotonic(truth: &[f64], predictions: &[f64], target: Target) -> Vec<f64> {
    assert_eq!(truth.len(), predictions.len(), "isotonic: truth and predictions differ in number");
    assert!(predictions.iter().all(|prediction| !prediction.is_nan()), "isotonic: a prediction is not a number");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| predictions[a].total_cmp(&predictions[b]));
    let ties: Vec<usize> = order.chunk_by(|&a, &b| predictions[a] == predictions[b]).map(<[usize]>::len).collect();
    let sorted: Vec<f64> = order.iter().map(|&row| truth[row]).collect();
    let mut result = vec![0.0; truth.len()];
    order.iter().zip(isotonic_in_order(&sorted, &ties, target)).for_each(|(&row, value)| result[row] = value);
    result
}

/// [`isotonic`] of truths that are sorted by prediction already; `ties` are the lengths of runs of one prediction.
pub(super) fn isotonic_in_order(truth: &[f64], ties: &[usize], target: Target) -> Vec<f64> {
    let mut rest = truth;
    let runs = ties.iter().map(|&rows| {
        let (run, others) = rest.split_at(rows);
        rest = others;
        run
    });
    match target {
        Target::Mean => {
            pooled(runs.map(|run| Sum { total: run.iter().sum(), weight: run.len() as f64, rows: run.len() }))
        }
        Target::Expectile(level) => asymmetric(truth, ties, level),
        Target::Quantile(level) => pooled(runs.map(|run| Halves::new(run, level))),
    }
}

/// Expectiles by asymmetric least squares (Newey & Powell 1987): means whose weights are what side of the fit a truth is on,
/// until no truth changes sides.
fn asymmetric(truth: &[f64], ties: &[usize], level: f64) -> Vec<f64> {
    let mut weights = vec![1.0; truth.len()];
    let mut fitted = Vec::new();
    // A few rounds do; rounding could go round in circles.
    for _ in 0..100 {
        let mut start = 0;
        let runs = ties.iter().map(|&rows| {
            let run = start..start + rows;
            start = run.end;
            let weight = weights[run.clone()].iter().sum();
            let total = run.map(|row| weights[row] * truth[row]).sum();
            Sum { total, weight, rows }
        });
        fitted = pooled(runs);
        let sides: Vec<f64> =
            truth.iter().zip(&fitted).map(|(y, fit)| if y > fit { level } else { 1.0 - level }).collect();
        if sides == weights {
            break;
        }
        weights = sides;
    }
    fitted
}

/// Rows that share one value.
trait Block {
    fn rows(&self) -> usize;
    fn value(&self) -> f64;
    fn join(&mut self, other: Self);
}

/// A weighted mean.
struct Sum {
    total: f64,
    weight: f64,
    rows: usize,
}

impl Block for Sum {
    fn rows(&self) -> usize {
        self.rows
    }
    fn value(&self) -> f64 {
        self.total / self.weight
    }
    fn join(&mut self, other: Self) {
        self.total += other.total;
        self.weight += other.weight;
        self.rows += other.rows;
    }
}

/// Values on either side of their lower quantile, the least value with at least the level of the values at or below it: the
/// greatest of the lower side. Joining moves the smaller block, so that n rows take n ln² n steps at most.
struct Halves {
    lower: BinaryHeap<Ordered>,
    upper: BinaryHeap<Reverse<Ordered>>,
    level: f64,
}

impl Halves {
    fn new(values: &[f64], level: f64) -> Self {
        let upper = values.iter().map(|&value| Reverse(Ordered(value))).collect();
        let mut block = Self { lower: BinaryHeap::new(), upper, level };
        block.balance();
        block
    }

    fn balance(&mut self) {
        let lower = (self.level * self.rows() as f64 - 1e-9).ceil().max(1.0) as usize;
        while self.lower.len() < lower {
            let Some(Reverse(least)) = self.upper.pop() else { break };
            self.lower.push(least);
        }
        while self.lower.len() > lower {
            let Some(greatest) = self.lower.pop() else { break };
            self.upper.push(Reverse(greatest));
        }
    }
}

impl Block for Halves {
    fn rows(&self) -> usize {
        self.lower.len() + self.upper.len()
    }
    fn value(&self) -> f64 {
        self.lower.peek().map_or(f64::NAN, |greatest| greatest.0)
    }
    fn join(&mut self, mut other: Self) {
        if other.rows() > self.rows() {
            std::mem::swap(self, &mut other);
        }
        let border = self.value();
        for value in other.lower.into_iter().chain(other.upper.into_iter().map(|Reverse(value)| value)) {
            if value.0 <= border {
                self.lower.push(value);
            } else {
                self.upper.push(Reverse(value));
            }
        }
        self.balance();
    }
}

/// A number by its total order.
#[derive(Clone, Copy)]
struct Ordered(f64);

impl Ord for Ordered {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Ordered {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Ordered {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Ordered {}

fn pooled<B: Block>(blocks: impl Iterator<Item = B>) -> Vec<f64> {
    let mut stack: Vec<B> = Vec::new();
    for mut block in blocks {
        while let Some(last) = stack.pop_if(|last| last.value() >= block.value()) {
            let mut joined = last;
            joined.join(block);
            block = joined;
        }
        stack.push(block);
    }
    stack.iter().flat_map(|block| std::iter::repeat_n(block.value(), block.rows())).collect()
}

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

    proptest! {
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
