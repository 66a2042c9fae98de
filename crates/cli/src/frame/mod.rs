//! Tables as people have them: numbers, text, booleans, missing values; read whole, nothing guessed silently.

pub mod date;
pub mod encode;
pub mod folds;
mod groups;
mod read;

pub use encode::Encoder;
pub use folds::{Fold, FoldsError, folds, inner_split};
pub use groups::Groups;
pub use read::MISSING_TEXTS;

/// A table with columns of several kinds; every column has a name of its own and as many cells as there are rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The file's path, or `-`.
    pub source: String,
    /// SHA-256 of the bytes as they were read, in hexadecimal.
    pub sha256: String,
    /// The columns, in the file's order.
    pub columns: Vec<Column>,
    /// Number of rows, at least 1.
    pub rows: usize,
    /// Sentences about cells that were not what the rest of their column is.
    pub notes: Vec<String>,
}

/// A named column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name in the header.
    pub name: String,
    /// Its cells.
    pub cells: Cells,
}

/// The cells of a column.
#[derive(Debug, Clone, PartialEq)]
pub enum Cells {
    /// Finite numbers; NaN where the cell is missing.
    Number(Vec<f64>),
    /// Text: each cell the place of its level among `levels`, or [`MISSING`]; levels in alphabetical order.
    /// Booleans are text with two levels.
    Text {
        /// The different texts.
        levels: Vec<String>,
        /// One for each row.
        codes: Vec<u32>,
    },
    /// Dates or times as days since 1970-01-01, NaN where missing: they order rows, and are no features.
    Date(Vec<f64>),
}

/// The code of a missing cell of text.
pub const MISSING: u32 = u32::MAX;

/// What the rows are to be used for, as the command line says it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// What is predicted.
    pub target: String,
    /// Rows of one group stay together.
    pub group: Option<String>,
    /// Rows are split forward along it.
    pub time: Option<String>,
    /// Weight of each row.
    pub weight: Option<String>,
    /// Added to the linear predictor as it is.
    pub offset: Option<String>,
    /// Columns that are not used.
    pub drop: Vec<String>,
}

#[cfg(test)]
mod tests;
