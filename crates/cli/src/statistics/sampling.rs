//! How rows were sampled: which belong together, and how much each counts.

use super::estimate::{Estimate, count_groups, group_sums};

/// The groups of some rows and, where they have any, their weights.
///
/// A weight says how many rows of the population, or of the table before it was counted together, a row stands for. A row of
/// weight 3 tells as much as three like rows of **one** group: figures are theirs, and errors too, since these are counted by
/// group (the sandwich of weighted scores: Liang & Zeger 1986; for sampling weights Binder 1983). The unit of the weights
/// plays no part. Made from groups alone (`&[u32]`), every row counts once.
#[derive(Debug, Clone, Copy)]
pub struct Sampling<'a> {
    groups: &'a [u32],
    weight: Option<&'a [f64]>,
}

impl<'a> Sampling<'a> {
    /// Of rows of these groups and, where there are any, weights.
    ///
    /// # Panics
    /// If groups and weights differ in number, or a weight is not above 0.
    #[track_caller]
    pub fn new(groups: &'a [u32], weight: Option<&'a [f64]>) -> Self {
        if let Some(weight) = weight {
            assert_eq!(groups.len(), weight.len(), "Sampling: groups and weights differ in number");
            assert!(weight.iter().all(|&weight| weight > 0.0), "Sampling: a weight is not above 0");
        }
        Self { groups, weight }
    }

    /// The group of each row.
    pub fn groups(&self) -> &'a [u32] {
        self.groups
    }

    /// The weight of each row, where there are weights.
    pub fn weights(&self) -> Option<&'a [f64]> {
        self.weight
    }

    /// The weight of a row; 1 where there are none.
    pub fn weight(&self, row: usize) -> f64 {
        self.weight.map_or(1.0, |weight| weight[row])
    }

    /// How many rows.
    pub fn rows(&self) -> usize {
        self.groups.len()
    }

    /// The weight of all rows; their number where there are no weights.
    pub fn total(&self) -> f64 {
        self.weight.map_or(self.groups.len() as f64, |weight| weight.iter().sum())
    }

    /// As many rows of equal weight as would leave a mean of independent rows the same error: (Σ w)² / Σ w² (Kish 1965,
    /// "Survey Sampling", section 11.7).
    pub fn effective_rows(&self) -> f64 {
        self.weight.map_or(self.groups.len() as f64, |weight| {
            weight.iter().sum::<f64>().powi(2) / weight.iter().map(|weight| weight * weight).sum::<f64>()
        })
    }

    /// Sum of the values times their weights.
    pub(crate) fn sum(&self, values: impl Iterator<Item = f64>) -> f64 {
        match self.weight {
            Some(weight) => values.zip(weight).map(|(value, weight)| weight * value).sum(),
            None => values.sum(),
        }
    }

    /// Weighted mean.
    pub(crate) fn mean(&self, values: impl Iterator<Item = f64>) -> f64 {
        self.sum(values) / self.total()
    }

    /// Weighted sums of rows by group, in the order of the groups' numbers; groups without rows are 0.
    pub(super) fn group_sums<const N: usize>(&self, rows: impl Iterator<Item = [f64; N]>) -> Vec<[f64; N]> {
        match self.weight {
            Some(weight) => {
                group_sums(rows.zip(weight).map(|(row, weight)| row.map(|value| weight * value)), self.groups)
            }
            None => group_sums(rows, self.groups),
        }
    }

    /// How many different groups there are.
    pub(super) fn count_groups(&self) -> usize {
        count_groups(self.groups)
    }

    /// Standard error of a weighted sum of scores that is 0 on average: √(G/(G−1) Σ over groups (Σ w · score)²), the
    /// cluster-robust one (CR1: Liang & Zeger 1986).
    pub(super) fn standard_error_of_sum(&self, scores: impl Iterator<Item = f64>) -> f64 {
        let squares: f64 = self.group_sums(scores.map(|score| [score])).iter().map(|[sum]| sum * sum).sum();
        let count = self.count_groups() as f64;
        if count < 2.0 { f64::INFINITY } else { (squares * count / (count - 1.0)).sqrt() }
    }

    /// An estimate with the interval by Student's t of so many groups.
    pub(super) fn estimate(&self, value: f64, standard_error: f64) -> Estimate {
        Estimate::by_groups(value, standard_error, self.count_groups())
    }
}

impl<'a> From<&'a [u32]> for Sampling<'a> {
    fn from(groups: &'a [u32]) -> Self {
        Self::new(groups, None)
    }
}

impl<'a> From<&'a Vec<u32>> for Sampling<'a> {
    fn from(groups: &'a Vec<u32>) -> Self {
        Self::new(groups, None)
    }
}

impl<'a, const N: usize> From<&'a [u32; N]> for Sampling<'a> {
    fn from(groups: &'a [u32; N]) -> Self {
        Self::new(groups, None)
    }
}
