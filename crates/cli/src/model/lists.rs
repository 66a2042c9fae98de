//! Rows as lists of items, filled up to common lengths.

use minimand::tensor::{Rng, Tensor};

use super::{FitError, Objective, Sample};

/// Lists filled up to one length, which is a power of two: few lengths, so that few plans are made.
#[derive(Clone)]
pub(super) struct ListBucket {
    /// Places of each list.
    pub(super) length: usize,
    /// The row at each place of each list, in the lists' order; 0 where there is none.
    pub(super) rows: Vec<usize>,
    /// Whether there is one.
    pub(super) exists: Vec<bool>,
    /// The weight of each list.
    pub(super) weight: Vec<f64>,
}

/// Items of a list that is made of rows without lists, to pair positives with negatives.
const MADE_LENGTH: usize = 256;

/// The lists of a sample that have something to say: two items or more of different relevance.
pub(super) fn buckets(objective: Objective, sample: &Sample, seed: u64) -> Result<Vec<ListBucket>, FitError> {
    let lists = if objective == Objective::PairwiseLogistic { made(sample, seed) } else { given(objective, sample)? };
    let mut buckets: Vec<ListBucket> = Vec::new();
    for rows in lists {
        let first = sample.target[rows[0]];
        if rows.iter().all(|&row| sample.target[row] == first) {
            continue;
        }
        let weight = sample.weight.map_or(1.0, |weight| mean(rows.iter().map(|&row| weight[row])));
        if weight <= 0.0 {
            continue;
        }
        let length = rows.len().next_power_of_two();
        let place = buckets.iter().position(|bucket| bucket.length == length).unwrap_or_else(|| {
            buckets.push(ListBucket { length, rows: Vec::new(), exists: Vec::new(), weight: Vec::new() });
            buckets.len() - 1
        });
        let bucket = &mut buckets[place];
        bucket.weight.push(weight);
        bucket.exists.extend((0..length).map(|at| at < rows.len()));
        bucket.rows.extend(rows.iter().copied().chain(std::iter::repeat_n(0, length - rows.len())));
    }
    buckets.sort_by_key(|bucket| bucket.length);
    Ok(buckets)
}

fn mean(numbers: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = numbers.len() as f64;
    numbers.sum::<f64>() / count
}

/// The lists that the sample has, in order of first appearance.
fn given(objective: Objective, sample: &Sample) -> Result<Vec<Vec<usize>>, FitError> {
    let of_row = sample.lists.ok_or(FitError::NoLists { objective: objective.name() })?;
    let mut place = std::collections::HashMap::new();
    let mut lists: Vec<Vec<usize>> = Vec::new();
    for (row, list) in of_row.iter().enumerate() {
        let place = *place.entry(*list).or_insert_with(|| {
            lists.push(Vec::new());
            lists.len() - 1
        });
        lists[place].push(row);
    }
    Ok(lists)
}

/// All rows in random order, dealt into lists with their shares of positives.
fn made(sample: &Sample, seed: u64) -> Vec<Vec<usize>> {
    let order = Rng::seed(seed).permutation(sample.rows());
    let (positive, negative): (Vec<usize>, Vec<usize>) = order.into_iter().partition(|&row| sample.target[row] > 0.5);
    if positive.is_empty() || negative.is_empty() {
        return Vec::new();
    }
    let count = sample.rows().div_ceil(MADE_LENGTH).min(positive.len()).min(negative.len());
    let mut lists = vec![Vec::new(); count];
    for (place, &row) in positive.iter().chain(&negative).enumerate() {
        lists[place % count].push(row);
    }
    lists
}

impl ListBucket {
    /// Number of lists.
    pub(super) fn len(&self) -> usize {
        self.weight.len()
    }

    /// Some of its lists.
    pub(super) fn select(&self, lists: &[usize]) -> ListBucket {
        let places = || lists.iter().flat_map(|&list| list * self.length..(list + 1) * self.length);
        ListBucket {
            length: self.length,
            rows: places().map(|place| self.rows[place]).collect(),
            exists: places().map(|place| self.exists[place]).collect(),
            weight: lists.iter().map(|&list| self.weight[list]).collect(),
        }
    }

    /// Fills up with empty lists, to so many.
    pub(super) fn filled_up(mut self, count: usize) -> ListBucket {
        self.rows.resize(count * self.length, 0);
        self.exists.resize(count * self.length, false);
        self.weight.resize(count, 0.0);
        self
    }

    /// The rows at its places.
    pub(super) fn index(&self) -> Tensor {
        Tensor::from(self.rows.iter().map(|&row| row as i64).collect::<Vec<i64>>())
    }

    /// Which places hold an item, `[lists, length]`.
    pub(super) fn mask(&self) -> Tensor {
        Tensor::from_vec(self.exists.clone(), [self.len(), self.length])
    }
}
