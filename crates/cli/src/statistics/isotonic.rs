//! Isotonic regression: the best increasing function of a prediction.

/// What a recalibrated prediction is to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The mean (also: a probability).
    Mean,
    /// The quantile of this level.
    Quantile(f64),
}

/// The increasing function of the predictions that is best for the truth by every consistent score at once, at each row:
/// pool adjacent violators (Ayer et al. 1955; for quantiles Jordan, Mühlemann, Ziegel 2022). Equal predictions are one.
///
/// # Panics
/// If the slices differ in length, or a prediction is not a number.
#[track_caller]
pub fn isotonic(truth: &[f64], predictions: &[f64], target: Target) -> Vec<f64> {
    assert_eq!(truth.len(), predictions.len(), "isotonic: truth and predictions differ in number");
    assert!(predictions.iter().all(|prediction| !prediction.is_nan()), "isotonic: a prediction is not a number");
    let mut order: Vec<usize> = (0..truth.len()).collect();
    order.sort_by(|&a, &b| predictions[a].total_cmp(&predictions[b]));
    let ties = order.chunk_by(|&a, &b| predictions[a] == predictions[b]);
    let fitted = match target {
        Target::Mean => {
            pooled(ties.map(|rows| Sum { total: rows.iter().map(|&row| truth[row]).sum(), rows: rows.len() }))
        }
        Target::Quantile(level) => pooled(ties.map(|rows| {
            let mut values: Vec<f64> = rows.iter().map(|&row| truth[row]).collect();
            values.sort_unstable_by(f64::total_cmp);
            Sorted { values, level }
        })),
    };
    let mut result = vec![0.0; truth.len()];
    order.iter().zip(fitted).for_each(|(&row, value)| result[row] = value);
    result
}

/// Rows that share one value.
trait Block {
    fn rows(&self) -> usize;
    fn value(&self) -> f64;
    fn join(&mut self, other: Self);
}

struct Sum {
    total: f64,
    rows: usize,
}

impl Block for Sum {
    fn rows(&self) -> usize {
        self.rows
    }
    fn value(&self) -> f64 {
        self.total / self.rows as f64
    }
    fn join(&mut self, other: Self) {
        self.total += other.total;
        self.rows += other.rows;
    }
}

struct Sorted {
    values: Vec<f64>,
    level: f64,
}

impl Block for Sorted {
    fn rows(&self) -> usize {
        self.values.len()
    }
    /// The lower quantile: the least value with at least the level of the values at or below it.
    fn value(&self) -> f64 {
        let place = (self.level * self.values.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        self.values[place - 1]
    }
    fn join(&mut self, other: Self) {
        let mut merged = Vec::with_capacity(self.values.len() + other.values.len());
        let mut right = other.values.into_iter().peekable();
        for &value in &self.values {
            while let Some(next) = right.next_if(|next| *next < value) {
                merged.push(next);
            }
            merged.push(value);
        }
        merged.extend(right);
        self.values = merged;
    }
}

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
            for target in [Target::Mean, Target::Quantile(0.3)] {
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
                    }).sum()
                };
                let other: Vec<f64> = predictions.iter().map(|p| shift + slope * p).collect();
                prop_assert!(cost(&fitted) <= cost(&other) + 1e-9);
            }
        }
    }
}
