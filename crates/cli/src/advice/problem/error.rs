//! What keeps a table from being a problem, in one line each.

use crate::table::TableError;

/// Why a table with its roles cannot be worked on. `file` is the path, or `-`.
#[derive(Debug, thiserror::Error)]
pub enum ProblemError {
    /// A column that the table does not have, or another fault of the table.
    #[error(transparent)]
    Table(#[from] TableError),
    /// One column for two purposes.
    #[error("the column {column:?} is given twice: as --{first} and as --{second}")]
    TwoRoles {
        /// The column.
        column: String,
        /// One option.
        first: &'static str,
        /// The other.
        second: &'static str,
    },
    /// No row with a target.
    #[error("{file}: the target {column:?} is missing in every row")]
    TargetMissing {
        /// The file.
        file: String,
        /// The target.
        column: String,
    },
    /// A target that never varies.
    #[error("{file}: the target {column:?} is {value} in every row: there is nothing to predict")]
    TargetConstant {
        /// The file.
        file: String,
        /// The target.
        column: String,
        /// Its only value.
        value: String,
    },
    /// A date as target.
    #[error("{file}: the target {column:?} holds dates: give it as a number, such as days until an event")]
    TargetIsDate {
        /// The file.
        file: String,
        /// The target.
        column: String,
    },
    /// A target of many texts.
    #[error(
        "{file}: the target {column:?} has {levels} different texts in {rows} rows; at most {most} classes can be told apart"
    )]
    TooManyClasses {
        /// The file.
        file: String,
        /// The target.
        column: String,
        /// Its levels.
        levels: usize,
        /// Rows with a target.
        rows: usize,
        /// The limit.
        most: usize,
    },
    /// A target of yes and no, written in more than two ways.
    #[error("{file}: the target {column:?} says yes and no in {} ways ({}); write each in one", levels.len(), levels.join(", "))]
    MixedAnswers {
        /// The file.
        file: String,
        /// The target.
        column: String,
        /// Its texts.
        levels: Vec<String>,
    },
    /// A target that is not of the kind that was said.
    #[error("{file}: the target {column:?} is not of the kind {kind}: {why}")]
    NotOfKind {
        /// The file.
        file: String,
        /// The target.
        column: String,
        /// The kind.
        kind: &'static str,
        /// What does not fit.
        why: String,
    },
    /// Lists without a column that says which.
    #[error("items to rank need --group, the column that says which list each row belongs to")]
    ListsWithoutGroup,
    /// Too few rows.
    #[error("{file}: {rows} rows with a target are too few to compare anything; at least {least} are needed")]
    TooFewRows {
        /// The file.
        file: String,
        /// How many.
        rows: usize,
        /// How many there should be.
        least: usize,
    },
    /// All rows in one group.
    #[error("{file}: the column {column:?} of --group is {value} in every row: one group cannot be divided")]
    OneGroup {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its only value.
        value: String,
    },
    /// Every row in a group of its own.
    #[error(
        "{file}: the column {column:?} of --group is different in every row: groups of one member group nothing; leave --group away"
    )]
    LonelyGroups {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// A role's cell that is missing or no number.
    #[error("{file}: row {row}, column {column:?} of --{role}: {what}")]
    BadCell {
        /// The file.
        file: String,
        /// The row, from 1, the header not counted.
        row: usize,
        /// The column.
        column: String,
        /// Its option.
        role: &'static str,
        /// What is wrong.
        what: String,
    },
    /// A role's column of text.
    #[error("{file}: the column {column:?} of --{role} must hold {wanted}")]
    BadColumn {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// Its option.
        role: &'static str,
        /// What it should hold.
        wanted: &'static str,
    },
    /// An identifier among the features.
    #[error("{file}: the column {column:?} is an identifier: {why}; leave it out with --drop {drop}")]
    Identifier {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// How it is seen.
        why: &'static str,
        /// All identifiers, as the option takes them.
        drop: String,
    },
    /// The target among the features.
    #[error("{file}: the column {column:?} is the target {target:?} in other words; leave it out with --drop {drop}")]
    TargetAgain {
        /// The file.
        file: String,
        /// The column.
        column: String,
        /// The target.
        target: String,
        /// The column, as the option takes it.
        drop: String,
    },
    /// Weights that leave nothing.
    #[error("{file}: the column {column:?} of --weight is 0 in every row with a target")]
    WeightsZero {
        /// The file.
        file: String,
        /// The column.
        column: String,
    },
    /// Nothing to predict from.
    #[error("{file}: no column is left to predict {target:?} from")]
    NoFeature {
        /// The file.
        file: String,
        /// The target.
        target: String,
    },
}
