//! Which rows steer a training.

use super::proof::{GradientProof, LoudRowProof};
use crate::model::{FittedModel, SampleRows};

/// Rows that are named.
const LOUDEST: usize = 10;

impl GradientProof {
    /// Of the rows that a model was fitted on; none where the loss has no slope there.
    pub fn of(fitted: &FittedModel, rows: &SampleRows) -> Option<Self> {
        let slopes = fitted.slopes(&rows.view()).ok()?;
        let total: f64 = slopes.iter().sum();
        if !(total > 0.0 && total.is_finite()) {
            return None;
        }
        let predictions = fitted.predict(&rows.view()).numbers();
        let mut order: Vec<usize> = (0..slopes.len()).collect();
        order.sort_by(|&a, &b| slopes[b].total_cmp(&slopes[a]));
        let share = |rows: &[usize]| rows.iter().map(|&row| slopes[row]).sum::<f64>() / total;
        let top = slopes.len().div_ceil(100);
        let loud = |&row: &usize| LoudRowProof {
            row: row + 1,
            target: rows.target[row],
            prediction: predictions[row],
            share: slopes[row] / total,
        };
        let mut by_target: Vec<usize> = (0..slopes.len()).collect();
        by_target.sort_by(|&a, &b| rows.target[a].total_cmp(&rows.target[b]));
        let tenth = |number: usize| share(&by_target[number * slopes.len() / 10..(number + 1) * slopes.len() / 10]);
        Some(Self {
            top_1_percent: share(&order[..top]),
            deciles: (0..10).map(tenth).collect(),
            loudest: order.iter().take(LOUDEST).map(loud).collect(),
        })
    }

    /// The same with the rows' numbers among all rows instead of among those that were fitted on.
    pub fn renumbered(&self, number: impl Fn(usize) -> usize) -> Self {
        let loudest = self.loudest.iter().map(|row| LoudRowProof { row: number(row.row - 1) + 1, ..row.clone() });
        Self { loudest: loudest.collect(), ..self.clone() }
    }
}
