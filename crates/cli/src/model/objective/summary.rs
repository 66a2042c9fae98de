//! Weighted statistics of a target, by which the outputs start.

use crate::model::Sample;

/// Numbers with weights that sum to more than 0.
pub(super) struct Weighted {
    /// Value and weight, in the rows' order.
    values: Vec<(f64, f64)>,
    total: f64,
}

impl Weighted {
    fn new(values: Vec<(f64, f64)>) -> Self {
        let total = values.iter().map(|(_, weight)| weight).sum();
        Self { values, total }
    }

    /// g(y) less the offset.
    pub(super) fn less_offset(sample: &Sample, g: impl Fn(f64) -> f64) -> Self {
        Self::less_offset_of(sample, g, true)
    }

    /// g(y), less the offset if it is in the same unit.
    pub(super) fn less_offset_of(sample: &Sample, g: impl Fn(f64) -> f64, same_unit: bool) -> Self {
        let offset = |row: usize| sample.offset.filter(|_| same_unit).map_or(0.0, |offset| offset[row]);
        let weight = |row: usize| sample.weight.map_or(1.0, |weight| weight[row]);
        Self::new(sample.target.iter().enumerate().map(|(row, &y)| (g(y) - offset(row), weight(row))).collect())
    }

    /// y over exp(offset), each counting by its exposure: the mean is Σ y / Σ exp(offset).
    pub(super) fn over_exposure(sample: &Sample) -> Self {
        let exposure = |row: usize| sample.offset.map_or(1.0, |offset| offset[row].clamp(-300.0, 300.0).exp());
        let weight = |row: usize| sample.weight.map_or(1.0, |weight| weight[row]);
        let value = |(row, &y): (usize, &f64)| (y / exposure(row), weight(row) * exposure(row));
        Self::new(sample.target.iter().enumerate().map(value).collect())
    }

    /// With other weights.
    pub(super) fn reweighted(&self, factor: impl Fn(f64) -> f64) -> Self {
        Self::new(self.values.iter().map(|&(value, weight)| (value, weight * factor(value))).collect())
    }

    fn mean_of(&self, g: impl Fn(f64) -> f64) -> f64 {
        self.values.iter().map(|&(value, weight)| weight * g(value)).sum::<f64>() / self.total
    }

    pub(super) fn mean(&self) -> f64 {
        self.mean_of(|value| value)
    }

    /// The mean, but above 0 where all are 0: half of a unit was seen.
    pub(super) fn positive_mean(&self) -> f64 {
        let mean = self.mean();
        if mean > 0.0 { mean } else { 0.5 / self.total.max(1.0) }
    }

    /// Mean of the sizes, 1 where all are 0.
    pub(super) fn mean_size(&self) -> f64 {
        above_zero(self.mean_of(f64::abs))
    }

    /// Standard deviation, 1 where all are the same.
    pub(super) fn deviation(&self) -> f64 {
        let mean = self.mean();
        above_zero(self.mean_of(|value| (value - mean).powi(2)).sqrt())
    }

    /// Mean distance from a number, 1 where it is 0.
    pub(super) fn mean_distance(&self, from: f64) -> f64 {
        above_zero(self.mean_of(|value| (value - from).abs()))
    }

    /// The share of the weight on numbers above 0, moved away from 0 and from 1 by half of a row.
    pub(super) fn share_of_positive(&self) -> f64 {
        self.share(self.mean_of(|value| f64::from(value > 0.0)))
    }

    /// A share, moved away from 0 and from 1 by half of a row.
    pub(super) fn share(&self, share: f64) -> f64 {
        let half = 0.5 / (self.values.len() as f64 + 1.0);
        share.clamp(half, 1.0 - half)
    }

    /// The least value that this share of the weight does not exceed.
    pub(super) fn quantile(&self, level: f64) -> f64 {
        let mut sorted = self.values.clone();
        sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut below = 0.0;
        for &(value, weight) in &sorted {
            below += weight;
            if below >= level * self.total {
                return value;
            }
        }
        sorted.last().map_or(0.0, |&(value, _)| value)
    }
}

fn above_zero(number: f64) -> f64 {
    if number > 0.0 && number.is_finite() { number } else { 1.0 }
}

/// ln(p / (1 − p)).
pub(super) fn logit(probability: f64) -> f64 {
    (probability / (1.0 - probability)).ln()
}
