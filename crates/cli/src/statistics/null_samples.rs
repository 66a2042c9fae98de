//! Samples in which predictions mean what they say, to judge how much miscalibration chance alone shows.

use rand::{RngExt, rngs::ChaCha8Rng};

use super::isotonic::{Target, isotonic_in_order};

/// Rows of like predictions from which errors are drawn, at least.
const BIN: usize = 50;
/// Most bins.
const BINS: usize = 200;

/// How rows that are sorted by prediction scatter around it.
pub(super) struct NullSamples {
    predictions: Vec<f64>,
    groups: Vec<u32>,
    last_group: usize,
    law: Law,
    /// Chance that a row follows its group: the root of the correlation of two rows of a group.
    together: f64,
}

/// What a row with a given rank among its like comes out as.
enum Law {
    /// 0 or 1, by the prediction.
    Label,
    /// The prediction times one of the ratios of its bin, ascending and 1 on average.
    Ratio(Vec<Vec<f64>>),
    /// The prediction plus one of the errors of its bin, ascending, whose own functional is 0.
    Difference(Vec<Vec<f64>>),
}

impl NullSamples {
    /// Of truths, predictions, recalibrated predictions and groups of rows that are sorted by prediction.
    ///
    /// Labels of 0 and 1 are drawn by the prediction. Other values keep their ratio to it, or their distance from it where
    /// ratios make no sense, drawn among rows of like predictions: chance and scatter stay, the bias goes. Rows of a group
    /// follow each other as much as their ranks do in the data.
    pub(super) fn new(
        truth: &[f64],
        predictions: Vec<f64>,
        recalibrated: &[f64],
        groups: Vec<u32>,
        target: Target,
    ) -> Self {
        let is_label = target == Target::Mean
            && truth.iter().all(|&y| y == 0.0 || y == 1.0)
            && predictions.iter().all(|p| (0.0..=1.0).contains(p));
        let (law, scatter) = if is_label {
            let scatter = truth.iter().zip(recalibrated).map(|(y, fitted)| {
                let variance = fitted * (1.0 - fitted);
                if variance > 0.0 { (y - fitted) / variance.sqrt() } else { 0.0 }
            });
            (Law::Label, scatter.collect())
        } else {
            let law = Law::of_errors(truth, &predictions, target);
            let scatter = law.ranks(truth, &predictions);
            (law, scatter)
        };
        let last_group = groups.iter().max().map_or(0, |&last| last as usize + 1);
        let together = correlation(&scatter, &groups, last_group).sqrt();
        Self { predictions, groups, last_group, law, together }
    }

    pub(super) fn predictions(&self) -> &[f64] {
        &self.predictions
    }

    /// Truths in the order of the predictions.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let shared: Vec<f64> = match self.together > 0.0 {
            true => (0..self.last_group).map(|_| rng.random()).collect(),
            false => Vec::new(),
        };
        let rows = self.predictions.len();
        let mut value = |row: usize| {
            let own: f64 = rng.random();
            let rank = match self.together > 0.0 && rng.random::<f64>() < self.together {
                true => shared[self.groups[row] as usize],
                false => own,
            };
            let p = self.predictions[row];
            match &self.law {
                Law::Label => f64::from(u8::from(rank >= 1.0 - p)),
                Law::Ratio(bins) => p * at_rank(&bins[bin_of(row, rows, bins.len())], rank),
                Law::Difference(bins) => p + at_rank(&bins[bin_of(row, rows, bins.len())], rank),
            }
        };
        (0..rows).map(&mut value).collect()
    }
}

fn at_rank(sorted: &[f64], rank: f64) -> f64 {
    sorted[((rank * sorted.len() as f64) as usize).min(sorted.len() - 1)]
}

fn bin_of(row: usize, rows: usize, bins: usize) -> usize {
    row * bins / rows
}

impl Law {
    fn of_errors(truth: &[f64], predictions: &[f64], target: Target) -> Self {
        let rows = truth.len();
        let binned = |bins: usize, error: &dyn Fn(usize) -> f64| {
            let mut sorted = vec![Vec::new(); bins];
            (0..rows).for_each(|row| sorted[bin_of(row, rows, bins)].push(error(row)));
            sorted.iter_mut().for_each(|bin: &mut Vec<f64>| bin.sort_unstable_by(f64::total_cmp));
            sorted
        };
        let mean = |bin: &[f64]| bin.iter().sum::<f64>() / bin.len() as f64;
        let mut bins = (rows / BIN).clamp(1, BINS);
        if target == Target::Mean && truth.iter().all(|&y| y >= 0.0) && predictions.iter().all(|&p| p > 0.0) {
            loop {
                let mut ratios = binned(bins, &|row| truth[row] / predictions[row]);
                if ratios.iter().all(|bin| mean(bin) > 0.0) {
                    for bin in &mut ratios {
                        let mean = mean(bin);
                        bin.iter_mut().for_each(|ratio| *ratio /= mean);
                    }
                    return Self::Ratio(ratios);
                }
                // Zeros alone tell nothing of the scatter: take wider bins.
                if bins == 1 {
                    break;
                }
                bins /= 2;
            }
        }
        let mut errors = binned(bins, &|row| truth[row] - predictions[row]);
        for bin in &mut errors {
            let centre = match target {
                Target::Mean => mean(bin),
                Target::Quantile(level) => at_rank(bin, (level - 1e-9).max(0.0)),
                Target::Expectile(_) => isotonic_in_order(bin, &[bin.len()], target)[0],
            };
            bin.iter_mut().for_each(|error| *error -= centre);
        }
        Self::Difference(errors)
    }

    /// Each row's rank in its bin, from −½ to ½; equal errors share one.
    fn ranks(&self, truth: &[f64], predictions: &[f64]) -> Vec<f64> {
        let rows = truth.len();
        let error = |row: usize| match self {
            Self::Ratio(_) => truth[row] / predictions[row],
            Self::Label | Self::Difference(_) => truth[row] - predictions[row],
        };
        let bins = match self {
            Self::Label => 1,
            Self::Ratio(bins) | Self::Difference(bins) => bins.len(),
        };
        let mut ranks = vec![0.0; rows];
        let mut order: Vec<usize> = (0..rows).collect();
        for bin in order.chunk_by_mut(|&a, &b| bin_of(a, rows, bins) == bin_of(b, rows, bins)) {
            bin.sort_unstable_by(|&a, &b| error(a).total_cmp(&error(b)));
            let size = bin.len() as f64;
            let mut before = 0;
            for equal in bin.chunk_by(|&a, &b| error(a) == error(b)) {
                let rank = (before as f64 + equal.len() as f64 / 2.0) / size - 0.5;
                equal.iter().for_each(|&row| ranks[row] = rank);
                before += equal.len();
            }
        }
        ranks
    }
}

/// The correlation of two rows of a group, at least 0: products of all pairs within groups over what rows have by themselves.
fn correlation(scatter: &[f64], groups: &[u32], last_group: usize) -> f64 {
    let mut sums = vec![[0.0; 3]; last_group];
    for (value, &group) in scatter.iter().zip(groups) {
        let [count, sum, square] = &mut sums[group as usize];
        *count += 1.0;
        *sum += value;
        *square += value * value;
    }
    let pairs: f64 = sums.iter().map(|[count, ..]| count * (count - 1.0)).sum();
    let products: f64 = sums.iter().map(|[_, sum, square]| sum * sum - square).sum();
    let square = sums.iter().map(|[.., square]| square).sum::<f64>() / scatter.len() as f64;
    if pairs > 0.0 && square > 0.0 { (products / pairs / square).clamp(0.0, 1.0) } else { 0.0 }
}
