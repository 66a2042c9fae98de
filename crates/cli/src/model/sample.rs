//! What a model is fitted on, how, and what may go wrong.

use serde::Serialize;

use super::{Objective, Prediction};
use crate::advice::problem::{Problem, TargetKind};

/// Which model is trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// A linear predictor for each output, fitted to the minimum.
    Linear,
    /// A network with two hidden layers of 32 ReLUs, trained by AdamW for a number of epochs.
    Mlp,
}

impl ModelKind {
    /// As the program prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Linear => "linear",
            Self::Mlp => "mlp",
        }
    }
}

/// Rows as a model sees them: features of similar scale, and the target in the user's unit.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Row after row, without a constant column.
    pub features: &'a [f32],
    /// Number of features; 0 is allowed.
    pub width: usize,
    /// One for each row: a number, or the number of a class from 0.
    pub target: &'a [f64],
    /// How much each row counts, not negative; all alike where there is none.
    pub weight: Option<&'a [f64]>,
    /// Added to the linear predictor: to the logarithm of the mean under a log link, to the logit, to the number itself.
    pub offset: Option<&'a [f64]>,
    /// The list of each row, for the objectives that rank within lists.
    pub lists: Option<&'a [u32]>,
    /// Number of classes; not looked at where the target is a number.
    pub classes: usize,
}

impl Sample<'_> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.target.len()
    }
}

/// Rows of a problem, encoded: a [`Sample`] that owns its numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct SampleRows {
    /// Row after row.
    pub features: Vec<f32>,
    /// Number of features.
    pub width: usize,
    /// One for each row.
    pub target: Vec<f64>,
    /// The problem's weights.
    pub weight: Option<Vec<f64>>,
    /// The problem's offsets.
    pub offset: Option<Vec<f64>>,
    /// The problem's groups, where the target is relevance.
    pub lists: Option<Vec<u32>>,
    /// Number of classes.
    pub classes: usize,
}

impl SampleRows {
    /// These rows of a problem, whose features have been encoded in `width` columns.
    ///
    /// # Panics
    /// When a row is out of range.
    #[track_caller]
    pub fn of(problem: &Problem, rows: &[usize], features: Vec<f32>, width: usize) -> Self {
        let select = |column: &[f64]| rows.iter().map(|&row| column[row]).collect::<Vec<f64>>();
        let is_ranked = problem.target.kind == TargetKind::Relevance;
        Self {
            features,
            width,
            target: select(&problem.target.values),
            weight: problem.weight.as_deref().map(select),
            offset: problem.offset.as_deref().map(select),
            lists: is_ranked.then(|| rows.iter().map(|&row| problem.groups.of_row[row]).collect()),
            classes: problem.target.levels.len(),
        }
    }

    /// As a model takes them.
    pub fn view(&self) -> Sample<'_> {
        Sample {
            features: &self.features,
            width: self.width,
            target: &self.target,
            weight: self.weight.as_deref(),
            offset: self.offset.as_deref(),
            lists: self.lists.as_deref(),
            classes: self.classes,
        }
    }
}

/// Rows that choose the epoch of a network, and what they choose it by.
#[derive(Clone, Copy)]
pub struct Validation<'a> {
    /// The rows.
    pub sample: Sample<'a>,
    /// The figure of the predictions of these rows; lower is better.
    pub judge: &'a (dyn Fn(&Prediction) -> f64 + Sync),
}

/// How a model is fitted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct FitSetting {
    /// λ of the linear model: λ/2 Σ weight² is added to the mean loss; constants are free.
    pub penalty: f64,
    /// Learning rate of the network at the start; it falls to 0 along a cosine.
    pub learning_rate: f64,
    /// AdamW's weight decay.
    pub weight_decay: f64,
    /// Passes over the rows.
    pub epochs: usize,
    /// Rows in a step at most; small tables take fewer, so that an epoch has 20 steps.
    pub batch: usize,
    /// Decides the network's initial weights and the order of the rows.
    pub seed: u64,
}

impl FitSetting {
    /// The settings to tune over, the strongest penalty or the slowest learning first.
    pub fn choices(seed: u64) -> [FitSetting; 3] {
        let setting = |penalty, learning_rate| FitSetting {
            penalty,
            learning_rate,
            weight_decay: 1.0,
            epochs: 20,
            batch: 256,
            seed,
        };
        [setting(1e-1, 1e-3), setting(1e-3, 3e-3), setting(1e-5, 1e-2)]
    }

    /// The one in the middle.
    pub fn usual(seed: u64) -> FitSetting {
        Self::choices(seed)[1]
    }
}

/// Why a fit came to nothing.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// There is nothing to fit on.
    #[error("{objective} has no rows to fit on")]
    NoRows {
        /// The objective.
        objective: &'static str,
    },
    /// A target that the loss is not defined for.
    #[error("{objective} takes {takes}, and the target of row {row} of the fit is {value}")]
    Target {
        /// The objective.
        objective: &'static str,
        /// What its targets are.
        takes: &'static str,
        /// The row among those fitted on, from 1.
        row: usize,
        /// Its target.
        value: f64,
    },
    /// No lists to rank in.
    #[error("{objective} ranks within lists, and there are none")]
    NoLists {
        /// The objective.
        objective: &'static str,
    },
    /// A number that is not finite.
    #[error("fitting by {objective} diverged: {cause}")]
    Diverged {
        /// The objective.
        objective: &'static str,
        /// What was not finite, and when.
        cause: String,
    },
}

impl FitError {
    /// A refusal in one line: where in our own code a number ceased to be finite, as the lines below would say, is of no use to whoever has
    /// the table.
    pub(super) fn diverged(objective: Objective, cause: impl ToString) -> Self {
        let cause = cause.to_string().lines().next().unwrap_or_default().to_owned();
        Self::Diverged { objective: objective.name(), cause }
    }
}
