//! What can be wrong with a table, said in one line that names the place.

use std::path::PathBuf;

/// Why a table could not be loaded, or a column not be had from it.
///
/// `source_name` is the file's path, or the name of the data inside the program. Lines count from 1 and include the
/// header, as an editor shows them.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// The file could not be opened or read.
    #[error("{}: cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        cause: std::io::Error,
    },
    /// The compressed data are damaged or cut off.
    #[error("{source_name}: the gzip data are damaged: {cause}")]
    Damaged {
        /// The table.
        source_name: String,
        /// What the decompressor said.
        cause: std::io::Error,
    },
    /// No header, or a header and no row.
    #[error("{source_name}: the table is empty: {missing}")]
    Empty {
        /// The table.
        source_name: String,
        /// Which part is missing.
        missing: &'static str,
    },
    /// Bytes that are not text.
    #[error("{source_name}: line {line}: the text is not UTF-8")]
    NotText {
        /// The table.
        source_name: String,
        /// The line at fault.
        line: u64,
    },
    /// Bytes of 0, as UTF-16 has them.
    #[error("{source_name}: line {line}: the text holds bytes of 0, as UTF-16 does; save the table as UTF-8")]
    ZeroBytes {
        /// The table.
        source_name: String,
        /// The line at fault.
        line: u64,
    },
    /// A header cell without a name.
    #[error("{source_name}: header: column {position} has no name")]
    UnnamedColumn {
        /// The table.
        source_name: String,
        /// Position of the column, from 1.
        position: usize,
    },
    /// Two columns of one name.
    #[error("{source_name}: header: the columns {first} and {second} are both named {name:?}")]
    DuplicateColumn {
        /// The table.
        source_name: String,
        /// The name.
        name: String,
        /// Position of the first, from 1.
        first: usize,
        /// Position of the second, from 1.
        second: usize,
    },
    /// A row with too few or too many fields.
    #[error("{source_name}: line {line}: fields: {found}, but the header has {expected}")]
    Ragged {
        /// The table.
        source_name: String,
        /// The line at fault.
        line: u64,
        /// Fields in the header.
        expected: usize,
        /// Fields in the line.
        found: usize,
    },
    /// A field that is not a number.
    #[error("{source_name}: line {line}, column {column:?}: {value:?} is not a number")]
    NotANumber {
        /// The table.
        source_name: String,
        /// The line at fault.
        line: u64,
        /// The column at fault.
        column: String,
        /// The field, shortened where it is long.
        value: String,
    },
    /// A field that is a number and not a finite one.
    #[error("{source_name}: line {line}, column {column:?}: {value:?} is not a finite number")]
    NotFinite {
        /// The table.
        source_name: String,
        /// The line at fault.
        line: u64,
        /// The column at fault.
        column: String,
        /// The field, shortened where it is long.
        value: String,
    },
    /// Numbers with a comma, as decimal sign or between thousands.
    #[error(
        "{source_name}: line {line}, column {column:?}: {value:?} has a comma; write numbers with a decimal point and no separator of thousands"
    )]
    DecimalComma {
        /// The table.
        source_name: String,
        /// The first line at fault.
        line: u64,
        /// The column at fault.
        column: String,
        /// The field.
        value: String,
    },
    /// A quote that is opened and not closed again.
    #[error("{source_name}: line {line}: a quote (\") is opened and never closed")]
    OpenQuote {
        /// The table.
        source_name: String,
        /// The line where the record with the quote begins.
        line: u64,
    },
    /// A field of a key column that is not a whole number from 0, or too large to be read exactly.
    #[error("{source_name}: row {row}, column {column:?}: {value} is not a key (a whole number from 0 to below 2^53)")]
    NotAKey {
        /// The table.
        source_name: String,
        /// The row at fault, from 1, the header not counted.
        row: usize,
        /// The column at fault.
        column: String,
        /// The value.
        value: f64,
    },
    /// A column that the table does not have.
    #[error("{source_name}: no column is named {name:?}{}", suggestion(close))]
    UnknownColumn {
        /// The table.
        source_name: String,
        /// The name asked for.
        name: String,
        /// Names of the table that look like it, closest first.
        close: Vec<String>,
    },
}

fn suggestion(close: &[String]) -> String {
    match close {
        [] => String::new(),
        names => {
            let quoted: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
            format!("; did you mean {}?", quoted.join(" or "))
        }
    }
}
