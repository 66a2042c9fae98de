//! A table with its roles, checked: what all commands of the advice work on.

mod build;
mod error;
mod suspects;
mod target;
#[cfg(test)]
mod tests;

pub(in crate::advice) use build::{is_missing, left_out, taken};
pub use error::ProblemError;
pub(in crate::advice) use target::Wanted;

use crate::{
    frame::{Column, Groups},
    statistics::Sampling,
};

/// What kind of number the target is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// Numbers of either sign.
    Real,
    /// Numbers that are never negative, not all whole.
    Amount,
    /// Whole numbers from 0.
    Count,
    /// Numbers from 0 to 1, some of them in between.
    Share,
    /// Two classes.
    Binary,
    /// Three or more ordered classes.
    Ordered,
    /// Three or more classes without an order.
    Classes,
    /// The relevance of items in lists; the group is the list.
    Relevance,
}

impl TargetKind {
    /// All kinds.
    pub const ALL: [Self; 8] = [
        Self::Real,
        Self::Amount,
        Self::Count,
        Self::Share,
        Self::Binary,
        Self::Ordered,
        Self::Classes,
        Self::Relevance,
    ];

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// As the program prints it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Amount => "amount",
            Self::Count => "count",
            Self::Share => "share",
            Self::Binary => "binary",
            Self::Ordered => "ordered",
            Self::Classes => "classes",
            Self::Relevance => "relevance",
        }
    }
}

/// What is to be predicted.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Its column.
    pub name: String,
    /// Its kind.
    pub kind: TargetKind,
    /// One for each row, finite: the number itself, or the number of the class from 0 (1 is the positive one of two).
    pub values: Vec<f64>,
    /// What the classes are called; empty for numbers.
    pub levels: Vec<String>,
}

/// A table with its roles: at least 20 rows, a target that varies, at least one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct Problem {
    /// The file's path, or `-`.
    pub source: String,
    /// SHA-256 of the file's bytes.
    pub sha256: String,
    /// What is predicted.
    pub target: Target,
    /// What it is predicted from, as read; a fold's encoder is fitted on its training rows.
    pub features: Vec<Column>,
    /// Which rows stay together.
    pub groups: Groups,
    /// The time of each row, where given: splits go forward, and with groups keep these whole too.
    pub time: Option<Vec<f64>>,
    /// The weight of each row, where given: positive, mean 1.
    pub weight: Option<Vec<f64>>,
    /// Added to the linear predictor, where given.
    pub offset: Option<Vec<f64>>,
    /// Columns left out because the user said so.
    pub dropped: Vec<String>,
    /// Sentences about what was done to the columns or the rows, in the file's order.
    pub notes: Vec<String>,
}

impl Problem {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.target.values.len()
    }

    /// Which rows belong together, and how much each counts.
    pub fn sampling(&self) -> Sampling<'_> {
        Sampling::new(&self.groups.of_row, self.weight.as_deref())
    }
}
