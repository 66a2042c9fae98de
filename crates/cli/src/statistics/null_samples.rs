//! Samples in which predictions mean what they say, to judge how much miscalibration chance alone shows.

use rand::{RngExt, rngs::ChaCha8Rng};

use super::{
    isotonic::{Target, weighted_expectile, weighted_quantile},
    sampling::Sampling,
};

/// Rows of like predictions from which errors are drawn, at least.
const BIN: usize = 50;
/// Most bins.
const BINS: usize = 200;

/// How rows that are sorted by prediction scatter around it.
pub(super) struct NullSamples<'a> {
    predictions: Vec<f64>,
    groups: &'a [u32],
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
    Ratio(Vec<Bin>),
    /// The prediction plus one of the errors of its bin, ascending, whose own functional is 0.
    Difference(Vec<Bin>),
}

/// What came of like predictions, ascending.
struct Bin {
    values: Vec<f64>,
    /// The weight of each, where there are weights.
    weight: Option<Vec<f64>>,
    /// Share of the weight at or below each, where there are weights.
    reached: Option<Vec<f64>>,
}

impl Bin {
    fn new(mut rows: Vec<(f64, f64)>, is_weighted: bool) -> Self {
        rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
        let weight = is_weighted.then(|| rows.iter().map(|row| row.1).collect::<Vec<f64>>());
        let reached = weight.as_ref().map(|weight| {
            let total: f64 = weight.iter().sum();
            let sums = weight.iter().scan(0.0, |sum, weight| {
                *sum += weight;
                Some(*sum / total)
            });
            sums.collect()
        });
        Self { values: rows.into_iter().map(|row| row.0).collect(), weight, reached }
    }

    fn mean(&self) -> f64 {
        match &self.weight {
            Some(weight) => {
                self.values.iter().zip(weight).map(|(value, weight)| weight * value).sum::<f64>()
                    / weight.iter().sum::<f64>()
            }
            None => self.values.iter().sum::<f64>() / self.values.len() as f64,
        }
    }

    /// The value that this share of the rows, by weight, does not exceed.
    fn at_rank(&self, rank: f64) -> f64 {
        let place = match &self.reached {
            Some(reached) => reached.partition_point(|&reached| reached <= rank),
            None => (rank * self.values.len() as f64) as usize,
        };
        self.values[place.min(self.values.len() - 1)]
    }
}

impl<'a> NullSamples<'a> {
    /// Of truths, predictions, recalibrated predictions and groups of rows that are sorted by prediction.
    ///
    /// Labels of 0 and 1 are drawn by the prediction. Other values keep their ratio to it, or their distance from it where
    /// ratios make no sense, drawn among rows of like predictions: chance and scatter stay, the bias goes. Rows of a group
    /// follow each other as much as their ranks do in the data.
    pub(super) fn new(
        truth: &[f64],
        predictions: Vec<f64>,
        recalibrated: &[f64],
        rows: Sampling<'a>,
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
            let law = Law::of_errors(truth, &predictions, rows.weights(), target);
            let scatter = law.ranks(truth, &predictions);
            (law, scatter)
        };
        let groups = rows.groups();
        let last_group = groups.iter().max().map_or(0, |&last| last as usize + 1);
        let together = correlation(&scatter, groups, last_group).sqrt();
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
                Law::Ratio(bins) => p * bins[bin_of(row, rows, bins.len())].at_rank(rank),
                Law::Difference(bins) => p + bins[bin_of(row, rows, bins.len())].at_rank(rank),
            }
        };
        (0..rows).map(&mut value).collect()
    }
}

fn bin_of(row: usize, rows: usize, bins: usize) -> usize {
    row * bins / rows
}

impl Law {
    fn of_errors(truth: &[f64], predictions: &[f64], weight: Option<&[f64]>, target: Target) -> Self {
        let rows = truth.len();
        let binned = |bins: usize, error: &dyn Fn(usize) -> f64| {
            let mut sorted = vec![Vec::new(); bins];
            let own = |row: usize| weight.map_or(1.0, |weight| weight[row]);
            (0..rows).for_each(|row| sorted[bin_of(row, rows, bins)].push((error(row), own(row))));
            sorted.into_iter().map(|bin| Bin::new(bin, weight.is_some())).collect::<Vec<Bin>>()
        };
        let mut bins = (rows / BIN).clamp(1, BINS);
        if target == Target::Mean && truth.iter().all(|&y| y >= 0.0) && predictions.iter().all(|&p| p > 0.0) {
            loop {
                let mut ratios = binned(bins, &|row| truth[row] / predictions[row]);
                if ratios.iter().all(|bin| bin.mean() > 0.0) {
                    for bin in &mut ratios {
                        let mean = bin.mean();
                        bin.values.iter_mut().for_each(|ratio| *ratio /= mean);
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
                Target::Mean => bin.mean(),
                Target::Quantile(level) => weighted_quantile(&bin.values, bin.weight.as_deref(), level),
                Target::Expectile(level) => weighted_expectile(&bin.values, bin.weight.as_deref(), level),
            };
            bin.values.iter_mut().for_each(|error| *error -= centre);
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
