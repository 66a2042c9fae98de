//! Divisions of rows: parts to train on, to choose on and to report on; folds for cross-validation.
//!
//! A division is random by a seed, and the same on every machine. Its rows are numbers from 0, ascending. What belongs together goes
//! together: rows of one person resemble each other, and a person in two parts lets a model remember instead of generalise
//! ([`Split::by_group`], [`folds_by_group`]). What is rare is dealt out evenly ([`Split::stratified`], [`folds_stratified`]). What comes
//! later is not known earlier ([`Split::in_time`], [`folds_in_time`]).

mod deal;
mod folds;
mod parts;
mod time;

use rand::{SeedableRng, rngs::ChaCha8Rng, seq::SliceRandom};

pub use folds::{Fold, folds, folds_by_group, folds_stratified, folds_stratified_by_group};
pub use parts::{HeldOut, Split};
pub use time::folds_in_time;

/// Why rows could not be divided.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SplitError {
    /// Too few groups for three parts that hold something.
    #[error(
        "{} cannot be divided into train, validation and test parts that all hold something",
        counted(*groups, "group", "groups")
    )]
    TooFewGroups {
        /// How many different groups there are.
        groups: usize,
    },
    /// Too few rows for three parts that hold something.
    #[error(
        "{} cannot be divided into train, validation and test parts that all hold something",
        counted(*rows, "row", "rows")
    )]
    TooFewRows {
        /// How many rows there are.
        rows: usize,
    },
    /// Shares that are not shares.
    #[error("held-out shares must be above 0 and together below 1, not {validation} and {test}")]
    Shares {
        /// The share asked for validation.
        validation: f64,
        /// The share asked for the test.
        test: f64,
    },
    /// Fewer than two parts, or more than there are rows, groups or times to fill them.
    #[error("cannot divide into {parts} parts: two or more are needed, and as many {unit}, of which there are {units}")]
    Parts {
        /// What is divided: rows, groups or different times.
        unit: &'static str,
        /// How many of them there are.
        units: usize,
        /// How many parts were asked for.
        parts: usize,
    },
    /// Two descriptions of the rows that are not of the same rows.
    #[error("there are {classes} classes of rows and {groups} groups: one of each is needed for a row")]
    Lengths {
        /// How many rows have a class.
        classes: usize,
        /// How many rows have a group.
        groups: usize,
    },
    /// A time that comes neither before nor after others.
    #[error("the time of row {row} is no number")]
    Time {
        /// The row, from 0.
        row: usize,
    },
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The numbers `0..rows` in random order.
///
/// ```
/// use minimand_data::split::shuffled;
/// assert_eq!(shuffled(6, 7), shuffled(6, 7)); // the same seed, the same order
/// assert_ne!(shuffled(6, 7), shuffled(6, 8));
/// ```
pub fn shuffled(rows: usize, seed: u64) -> Vec<usize> {
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut ChaCha8Rng::seed_from_u64(seed));
    order
}
