//! The same metrics, for rows that do not all count alike: a row of weight 2 counts like two rows.
//!
//! ```
//! use minimand_data::metrics::{mean_absolute_error, weighted, weighted::Weights};
//!
//! let weights = [3.0, 1.0];
//! let error = weighted::mean_absolute_error(&[2.0, 5.0], &[1.0, 1.0], Weights::new(&weights)?)?;
//! assert_eq!(error, (3.0 * 1.0 + 1.0 * 4.0) / 4.0);
//! assert_eq!(error, mean_absolute_error(&[2.0, 2.0, 2.0, 5.0], &[1.0, 1.0, 1.0, 1.0])?);
//! # Ok::<(), minimand_data::metrics::MetricError>(())
//! ```

mod amounts;
mod deviances;
mod probabilities;
mod ranking;

use super::MetricError;

pub use amounts::{
    explained_variance, mean_absolute_error, mean_absolute_percentage_error, mean_squared_error, median_absolute_error,
    r_squared, root_mean_squared_error,
};
pub use deviances::{
    d2_pinball, d2_tweedie, mean_gamma_deviance, mean_pinball, mean_poisson_deviance, mean_tweedie_deviance,
};
pub use probabilities::{
    brier, brier_of_classes, expected_calibration_error, log_loss, log_loss_of_classes, reliability,
};
pub(super) use ranking::by_falling_score;
pub use ranking::{average_precision, precision_recall_curve, roc_auc, roc_auc_one_vs_rest};

/// How much each row counts: finite, not below 0, not all 0.
#[doc(alias = "sample_weight")]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights<'a>(Option<&'a [f64]>);

impl<'a> Weights<'a> {
    /// Every row counts alike.
    pub const EQUAL: Weights<'static> = Weights(None);

    /// One weight for each row.
    ///
    /// # Errors
    /// When a weight is below 0 or not finite, or the sum of all is not above 0.
    pub fn new(weights: &'a [f64]) -> Result<Weights<'a>, MetricError> {
        let domain = "a finite number from 0";
        super::check::values("weights", "weight", weights, domain, |weight| weight >= 0.0 && weight.is_finite())?;
        let sum: f64 = weights.iter().sum();
        super::check::defined("weights", sum > 0.0 && sum.is_finite(), "their sum is not above 0 and finite")?;
        Ok(Weights(Some(weights)))
    }

    /// The weight of a row.
    pub(super) fn of(self, row: usize) -> f64 {
        self.0.map_or(1.0, |weights| weights[row])
    }

    /// Whether there is one for each row.
    pub(super) fn check(self, metric: &'static str, rows: usize) -> Result<(), MetricError> {
        match self.0 {
            Some(weights) if weights.len() != rows => {
                Err(MetricError::Lengths { metric, names: ["rows", "weights"], lengths: [rows, weights.len()] })
            }
            _ => Ok(()),
        }
    }

    /// Σ weight · value / Σ weight.
    pub(super) fn mean(self, values: impl Iterator<Item = f64>) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for (row, value) in values.enumerate() {
            sum += self.of(row) * value;
            total += self.of(row);
        }
        sum / total
    }

    /// The weighted quantile: where the sum of weights up to it reaches the level; the middle of two values where it does so exactly
    /// between them.
    pub(super) fn quantile(self, values: &[f64], level: f64) -> f64 {
        let mut order: Vec<usize> = (0..values.len()).filter(|&row| self.of(row) > 0.0).collect();
        order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
        let wanted = level * order.iter().map(|&row| self.of(row)).sum::<f64>();
        let mut sum = 0.0;
        for (place, &row) in order.iter().enumerate() {
            sum += self.of(row);
            let reaches = (sum - wanted).abs() <= f64::EPSILON * wanted.max(sum);
            match order.get(place + 1) {
                Some(&next) if reaches => return (values[row] + values[next]) / 2.0,
                _ if reaches || sum > wanted => return values[row],
                _ => {}
            }
        }
        order.last().map_or(f64::NAN, |&row| values[row])
    }
}
