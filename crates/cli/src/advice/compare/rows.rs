//! Which rows are fitted on, chosen on and judged, and as what the models see them.

use super::{CompareError, score::Truth};
use crate::{
    advice::problem::{Problem, Target},
    frame::{Cells, Column, Encoder, Fold, FoldsError, Groups, folds, inner_split},
    model::SampleRows,
};

/// Share of the training rows (by whole groups) that choose.
const VALIDATION: f64 = 0.2;

/// Fewer rows than these are not compared on.
const FEWEST: usize = 20;

/// Why rows could not be divided.
pub type SplitError = FoldsError;

/// The rows of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitParts {
    /// Fitted on.
    pub fit: Vec<usize>,
    /// Chosen on.
    pub validation: Vec<usize>,
    /// Judged.
    pub test: Vec<usize>,
}

impl SplitParts {
    /// Divides the training rows of a fold.
    pub fn of(problem: &Problem, fold: Fold, seed: u64) -> Result<Self, SplitError> {
        let inner = inner_split(problem, &fold.train, VALIDATION, seed)?;
        Ok(Self { fit: inner.train, validation: inner.test, test: fold.test })
    }

    /// All splits, repeat after repeat.
    pub fn all(problem: &Problem, count: usize, repeats: usize, seed: u64) -> Result<Vec<Self>, SplitError> {
        let all = (0..repeats).map(|repeat| Self::repeat(problem, count, repeat, seed));
        Ok(all.collect::<Result<Vec<_>, _>>()?.concat())
    }

    /// The splits of one repeat.
    pub fn repeat(problem: &Problem, count: usize, repeat: usize, seed: u64) -> Result<Vec<Self>, SplitError> {
        let seed = seed.wrapping_add((repeat as u64).wrapping_mul(0xD1B5_4A32_D192_ED03));
        let parts = |(place, fold)| Self::of(problem, fold, seed.wrapping_add(place as u64 + 1));
        folds(problem, count, seed)?.into_iter().enumerate().map(parts).collect()
    }
}

/// The rows of a split as the models see them, by an encoder that is fitted on the rows that are fitted on.
pub struct SplitRows {
    /// Fitted on.
    pub fit: SampleRows,
    /// Chosen on.
    pub validation: SampleRows,
    /// Judged.
    pub test: SampleRows,
}

impl SplitRows {
    /// Of a problem.
    pub fn of(problem: &Problem, parts: &SplitParts) -> Self {
        let encoder = Encoder::fit(&problem.features, &parts.fit);
        let rows =
            |rows: &[usize]| SampleRows::of(problem, rows, encoder.transform(&problem.features, rows), encoder.width());
        Self { fit: rows(&parts.fit), validation: rows(&parts.validation), test: rows(&parts.test) }
    }
}

/// What the metric is told of some rows.
pub fn truth(rows: &SampleRows) -> Truth<'_> {
    Truth { target: &rows.target, weight: rows.weight.as_deref(), lists: rows.lists.as_deref() }
}

/// Some rows of a problem, as a problem of its own.
#[derive(Debug, Clone)]
pub struct Subset {
    /// The problem.
    pub problem: Problem,
    /// The number of each of its rows in the problem that it is of, from 0.
    pub rows: Vec<usize>,
}

impl Subset {
    /// All rows.
    pub fn whole(problem: &Problem) -> Self {
        Self { problem: problem.clone(), rows: (0..problem.rows()).collect() }
    }

    /// All but this share of the rows with the largest targets.
    pub fn without_top(problem: &Problem, share: f64) -> Result<Self, CompareError> {
        let rows = problem.rows();
        let out = (share * rows as f64).ceil() as usize;
        let mut order: Vec<usize> = (0..rows).collect();
        order.sort_by(|&a, &b| problem.target.values[a].total_cmp(&problem.target.values[b]));
        let mut left: Vec<usize> = order[..rows - out].to_vec();
        left.sort_unstable();
        if left.len() < FEWEST {
            return Err(CompareError::TooFewRows { share, rows: left.len() });
        }
        Ok(Self::whole(problem).of(&left))
    }

    /// Some of its rows, in the order given.
    pub fn of(&self, rows: &[usize]) -> Self {
        let problem = &self.problem;
        let pick = |values: &Vec<f64>| rows.iter().map(|&row| values[row]).collect::<Vec<f64>>();
        let features = problem.features.iter().map(|column| Column {
            name: column.name.clone(),
            cells: match &column.cells {
                Cells::Number(values) => Cells::Number(pick(values)),
                Cells::Text { levels, codes } => {
                    Cells::Text { levels: levels.clone(), codes: rows.iter().map(|&row| codes[row]).collect() }
                }
                Cells::Date(values) => Cells::Date(pick(values)),
            },
        });
        // Groups keep their order, and count from 0 again.
        let mut present = vec![false; problem.groups.count];
        rows.iter().for_each(|&row| present[problem.groups.of_row[row] as usize] = true);
        let mut count = 0;
        let number: Vec<u32> = (present.iter())
            .map(|&present| {
                count += u32::from(present);
                count.saturating_sub(1)
            })
            .collect();
        let groups = Groups {
            name: problem.groups.name.clone(),
            of_row: rows.iter().map(|&row| number[problem.groups.of_row[row] as usize]).collect(),
            count: count as usize,
        };
        let subset = Problem {
            target: Target { values: pick(&problem.target.values), ..problem.target.clone() },
            features: features.collect(),
            groups,
            time: problem.time.as_ref().map(pick),
            weight: problem.weight.as_ref().map(pick),
            offset: problem.offset.as_ref().map(pick),
            ..problem.clone()
        };
        Self { problem: subset, rows: rows.iter().map(|&row| self.rows[row]).collect() }
    }
}

/// About so many rows, whole groups, the classes as in all.
pub fn sample(problem: &Problem, rows: usize, seed: u64) -> Result<Vec<usize>, SplitError> {
    // Time decides splits, not who is in a sample.
    let timeless = Problem { time: None, ..problem.clone() };
    let parts = problem.groups.count.clamp(2, 100);
    let taken = (rows * parts).div_ceil(problem.rows()).min(parts);
    let folds = folds(&timeless, parts, seed ^ 0x5A5A_A5A5)?;
    let mut sample: Vec<usize> = folds.into_iter().take(taken).flat_map(|fold| fold.test).collect();
    sample.sort_unstable();
    Ok(sample)
}
