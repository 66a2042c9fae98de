//! From bytes to a validated [`Table`]: the only way to make one from outside data.

use std::{collections::HashMap, fs, io::Read, path::Path};

use csv::{ReaderBuilder, StringRecord, Trim};
use flate2::read::MultiGzDecoder;

use super::{Table, TableError};

pub(crate) const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
pub(crate) const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
const LONGEST_VALUE_SHOWN: usize = 40;

impl Table {
    /// Loads a CSV file with a header, plain or gzip-compressed; which of the two, its first bytes tell.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self, TableError> {
        let path = path.as_ref();
        let bytes = fs::read(path).map_err(|cause| TableError::Unreadable { path: path.to_owned(), cause })?;
        Self::from_bytes(&bytes, &path.display().to_string())
    }

    /// Reads a table from memory; `source_name` is what error messages call it.
    pub fn from_bytes(bytes: &[u8], source_name: &str) -> Result<Self, TableError> {
        if !bytes.starts_with(&GZIP_MAGIC) {
            return parse(bytes, source_name);
        }
        let mut text = Vec::new();
        MultiGzDecoder::new(bytes)
            .read_to_end(&mut text)
            .map_err(|cause| TableError::Damaged { source_name: source_name.to_owned(), cause })?;
        parse(&text, source_name)
    }
}

fn parse(bytes: &[u8], source_name: &str) -> Result<Table, TableError> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let mut reader = ReaderBuilder::new().trim(Trim::All).flexible(true).from_reader(bytes);
    let names = header(reader.headers().map_err(|error| unreadable_text(error, bytes, source_name))?, source_name)?;
    let mut columns = vec![Vec::new(); names.len()];
    for record in reader.records() {
        let record = record.map_err(|error| unreadable_text(error, bytes, source_name))?;
        let line = line_of(record.position(), bytes);
        if record.len() != names.len() {
            return Err(TableError::Ragged {
                source_name: source_name.to_owned(),
                line,
                expected: names.len(),
                found: record.len(),
            });
        }
        for ((field, name), column) in record.iter().zip(&names).zip(&mut columns) {
            column.push(number(field, source_name, line, name)?);
        }
    }
    if columns[0].is_empty() {
        return Err(TableError::Empty { source_name: source_name.to_owned(), missing: "a header and no row" });
    }
    Ok(Table { source_name: source_name.to_owned(), names, columns })
}

pub(crate) fn header(record: &StringRecord, source_name: &str) -> Result<Vec<String>, TableError> {
    if record.is_empty() || record.iter().all(str::is_empty) {
        return Err(TableError::Empty { source_name: source_name.to_owned(), missing: "no header" });
    }
    let mut seen = HashMap::new();
    for (position, name) in (1..).zip(record) {
        if name.is_empty() {
            return Err(TableError::UnnamedColumn { source_name: source_name.to_owned(), position });
        }
        if let Some(first) = seen.insert(name, position) {
            return Err(TableError::DuplicateColumn {
                source_name: source_name.to_owned(),
                name: name.to_owned(),
                first,
                second: position,
            });
        }
    }
    Ok(record.iter().map(str::to_owned).collect())
}

fn number(field: &str, source_name: &str, line: u64, column: &str) -> Result<f64, TableError> {
    match field.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err(TableError::NotFinite {
            source_name: source_name.to_owned(),
            line,
            column: column.to_owned(),
            value: shortened(field),
        }),
        Err(_) => Err(TableError::NotANumber {
            source_name: source_name.to_owned(),
            line,
            column: column.to_owned(),
            value: shortened(field),
        }),
    }
}

/// The reader takes rows of any length and reads from memory, so bytes that are not text are all that can fail.
fn unreadable_text(error: csv::Error, bytes: &[u8], source_name: &str) -> TableError {
    let line = line_of(error.position(), bytes);
    TableError::NotText { source_name: source_name.to_owned(), line }
}

/// The line of a record: the reader says where the blank lines before it begin.
fn line_of(position: Option<&csv::Position>, bytes: &[u8]) -> u64 {
    let Some(position) = position else { return 1 };
    let from = usize::try_from(position.byte()).unwrap_or(usize::MAX).min(bytes.len());
    let blank = bytes[from..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + blank.filter(|&&byte| byte == b'\n').count() as u64
}

pub(crate) fn shortened(field: &str) -> String {
    if field.chars().count() <= LONGEST_VALUE_SHOWN {
        return field.to_owned();
    }
    field.chars().take(LONGEST_VALUE_SHOWN).chain(['…']).collect()
}
