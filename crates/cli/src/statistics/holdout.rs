//! Rows that no choice has seen.

use crate::{
    advice::problem::Problem,
    frame::{Fold, FoldsError, inner_split},
};

/// From so many rows on, some are kept out of every choice.
pub const HOLD_OUT_FROM: usize = 2_000;

/// The share of the groups that is kept out.
pub const HOLD_OUT_SHARE: f64 = 0.2;

/// The rows that are compared on (`train`) and those kept out (`test`), opened once for the winner and the default: of
/// many losses compared on the same rows the best one looks better than it is (Cawley & Talbot, "On over-fitting in model
/// selection and subsequent selection bias in performance evaluation", 2010).
///
/// A fifth of the groups, by [`inner_split`]: whole groups, classes stratified, the last ones where there is a time. `None`
/// with fewer than 2,000 rows.
///
/// # Errors
/// When there are not two groups, or times.
pub fn outer_hold_out(problem: &Problem, seed: u64) -> Result<Option<Fold>, FoldsError> {
    let rows: Vec<usize> = (0..problem.rows()).collect();
    if rows.len() < HOLD_OUT_FROM {
        return Ok(None);
    }
    // Another stream than the folds': the same seed would keep the first fold's groups out.
    inner_split(problem, &rows, HOLD_OUT_SHARE, seed ^ 0x6f75_7465_7220_2020).map(Some)
}
