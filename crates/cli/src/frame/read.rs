//! From bytes to a [`Frame`].
//!
//! Two passes: the first reads every column as numbers and counts what is none; the second reads as text only the columns
//! that turn out to be text or dates, so that a table of numbers costs one pass and no string.

use std::{
    collections::HashMap,
    fs,
    io::{self, Read},
    path::Path,
};

use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

use super::{Cells, Column, Frame, MISSING, date};
use crate::table::TableError;
use crate::table::read::{BYTE_ORDER_MARK, GZIP_MAGIC, header, line_of, shortened};

/// What counts as a missing cell, in any letter case: besides the empty cell.
pub const MISSING_TEXTS: [&str; 8] = ["na", "n/a", "nan", "null", "none", "?", ".", "#n/a"];

/// A column of at least this share of numbers is one of numbers: what else is in it counts as missing, and is said.
const MOSTLY_NUMBERS: f64 = 0.95;

/// A column of at least this share of dates is one of dates.
const MOSTLY_DATES: f64 = 0.95;

impl Frame {
    /// Reads a CSV file, gzip or not; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be read, or is no table.
    pub fn from_path(path: &Path) -> Result<Self, TableError> {
        let unreadable = |cause| TableError::Unreadable { path: path.to_owned(), cause };
        let bytes = if path == Path::new("-") {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
            bytes
        } else {
            fs::read(path).map_err(unreadable)?
        };
        Self::from_bytes(&bytes, &path.display().to_string())
    }

    /// Reads a table from memory; `source` is what messages call it.
    ///
    /// # Errors
    /// When it is no table.
    pub fn from_bytes(bytes: &[u8], source: &str) -> Result<Self, TableError> {
        let sha256 = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let mut unpacked = Vec::new();
        let text = if bytes.starts_with(&GZIP_MAGIC) {
            let damaged = |cause| TableError::Damaged { source_name: source.to_owned(), cause };
            MultiGzDecoder::new(bytes).read_to_end(&mut unpacked).map_err(damaged)?;
            &unpacked
        } else {
            bytes
        };
        let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
        Parsing { text, source, delimiter: delimiter(text) }.frame(sha256)
    }
}

/// The likeliest of `,`, `;`, tab and `|`: the one that the header has most of.
fn delimiter(text: &[u8]) -> u8 {
    let first = text.split(|&byte| byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0), (b'|', 0)];
    let mut quoted = false;
    for &byte in first {
        quoted ^= byte == b'"';
        if let Some(count) = counts.iter_mut().find(|count| count.0 == byte && !quoted) {
            count.1 += 1;
        }
    }
    // Of equally frequent ones the first.
    let best = counts.iter().rev().max_by_key(|count| count.1);
    best.map_or(b',', |count| count.0)
}

struct Parsing<'a> {
    text: &'a [u8],
    source: &'a str,
    delimiter: u8,
}

/// What the first pass finds in a column.
#[derive(Default)]
struct Numbers {
    values: Vec<f64>,
    numbers: usize,
    others: usize,
    decimal_commas: usize,
    /// Line and text of the first cell that is no number, and of the first that is infinite.
    first_other: Option<(u64, String)>,
    first_infinite: Option<(u64, String)>,
}

impl Numbers {
    fn push(&mut self, field: &[u8], line: impl Fn() -> u64) {
        if is_missing(field) {
            self.values.push(f64::NAN);
            return;
        }
        match std::str::from_utf8(field).ok().and_then(|text| text.parse::<f64>().ok()) {
            Some(value) if value.is_finite() => {
                self.numbers += 1;
                self.values.push(value);
            }
            Some(_) => {
                self.numbers += 1;
                self.values.push(f64::NAN);
                self.first_infinite.get_or_insert_with(|| (line(), lossy(field)));
            }
            None => {
                self.others += 1;
                self.decimal_commas += usize::from(has_decimal_comma(field));
                self.values.push(f64::NAN);
                self.first_other.get_or_insert_with(|| (line(), lossy(field)));
            }
        }
    }

    fn is_numeric(&self) -> bool {
        self.others == 0 || self.numbers as f64 >= MOSTLY_NUMBERS * (self.numbers + self.others) as f64
    }
}

fn lossy(field: &[u8]) -> String {
    shortened(&String::from_utf8_lossy(field))
}

fn is_missing(field: &[u8]) -> bool {
    field.is_empty()
        || (field.len() <= 4 && MISSING_TEXTS.iter().any(|text| text.as_bytes().eq_ignore_ascii_case(field)))
}

/// Digits, one comma, digits: a number where the comma is the decimal sign.
fn has_decimal_comma(field: &[u8]) -> bool {
    let field = field.strip_prefix(b"-").unwrap_or(field);
    let mut parts = field.split(|&byte| byte == b',');
    let digits = |part: Option<&[u8]>| part.is_some_and(|part| !part.is_empty() && part.iter().all(u8::is_ascii_digit));
    digits(parts.next()) && digits(parts.next()) && parts.next().is_none()
}

impl Parsing<'_> {
    fn reader(&self) -> csv::Reader<&[u8]> {
        ReaderBuilder::new().delimiter(self.delimiter).flexible(true).from_reader(self.text)
    }

    fn frame(&self, sha256: String) -> Result<Frame, TableError> {
        let mut reader = self.reader();
        let not_text = |error: csv::Error| TableError::NotText {
            source_name: self.source.to_owned(),
            line: line_of(error.position(), self.text),
        };
        let mut record = reader.headers().map_err(not_text)?.clone();
        record.trim();
        let names = header(&record, self.source)?;
        let mut columns: Vec<Numbers> = names.iter().map(|_| Numbers::default()).collect();
        self.each_record(&mut reader, names.len(), |fields, line| {
            for (column, field) in columns.iter_mut().zip(fields) {
                column.push(field.trim_ascii(), line);
            }
        })?;
        let rows = columns[0].values.len();
        if rows == 0 {
            let missing = "a header and no row";
            return Err(TableError::Empty { source_name: self.source.to_owned(), missing });
        }
        for (name, column) in names.iter().zip(&columns) {
            self.check(name, column)?;
        }
        let mut texts: HashMap<usize, Texts> = (columns.iter().enumerate())
            .filter(|(_, column)| !column.is_numeric())
            .map(|(place, _)| (place, Texts::default()))
            .collect();
        if !texts.is_empty() {
            let mut bad = None;
            self.each_record(&mut self.reader(), names.len(), |fields, line| {
                for (place, field) in fields.iter().enumerate() {
                    if let Some(column) = texts.get_mut(&place)
                        && column.push(field.trim_ascii()).is_err()
                    {
                        bad.get_or_insert_with(&line);
                    }
                }
            })?;
            if let Some(line) = bad {
                return Err(TableError::NotText { source_name: self.source.to_owned(), line });
            }
        }
        let mut notes = Vec::new();
        let columns = names
            .into_iter()
            .zip(columns)
            .enumerate()
            .map(|(place, (name, numbers))| {
                let cells = match texts.remove(&place) {
                    Some(texts) => texts.cells(),
                    None => {
                        if let Some((line, text)) = &numbers.first_other {
                            notes.push(format!(
                                "{name:?}: {} of {rows} cells are no numbers and count as missing, the first in line \
                                 {line}: {text:?}",
                                numbers.others
                            ));
                        }
                        Cells::Number(numbers.values)
                    }
                };
                Column { name, cells }
            })
            .collect();
        Ok(Frame { source: self.source.to_owned(), sha256, columns, rows, notes })
    }

    /// What makes a column of numbers unusable.
    fn check(&self, name: &str, column: &Numbers) -> Result<(), TableError> {
        if 2 * column.decimal_commas > column.numbers + column.others {
            let (line, value) = column.first_other.clone().unwrap_or_default();
            let (source_name, column) = (self.source.to_owned(), name.to_owned());
            return Err(TableError::DecimalComma { source_name, line, column, value });
        }
        match &column.first_infinite {
            Some((line, value)) if column.is_numeric() => Err(TableError::NotFinite {
                source_name: self.source.to_owned(),
                line: *line,
                column: name.to_owned(),
                value: value.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Calls `each` with the fields of every record and a function that finds its line.
    fn each_record(
        &self,
        reader: &mut csv::Reader<&[u8]>,
        width: usize,
        mut each: impl FnMut(&ByteRecord, &dyn Fn() -> u64),
    ) -> Result<(), TableError> {
        let mut record = ByteRecord::new();
        // Bytes in memory, rows of any length: nothing here can fail.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            let line = || line_of(record.position(), self.text);
            if record.len() != width {
                return Err(TableError::Ragged {
                    source_name: self.source.to_owned(),
                    line: line(),
                    expected: width,
                    found: record.len(),
                });
            }
            each(&record, &line);
        }
        Ok(())
    }
}

/// A column of text: each different text once.
#[derive(Default)]
struct Texts {
    code_of: HashMap<String, u32>,
    codes: Vec<u32>,
}

impl Texts {
    fn push(&mut self, field: &[u8]) -> Result<(), std::str::Utf8Error> {
        let code = if is_missing(field) {
            MISSING
        } else {
            let text = std::str::from_utf8(field)?;
            match self.code_of.get(text) {
                Some(&code) => code,
                None => {
                    let code = self.code_of.len() as u32;
                    self.code_of.insert(text.to_owned(), code);
                    code
                }
            }
        };
        self.codes.push(code);
        Ok(())
    }

    /// Dates where most texts are, otherwise text with its levels in alphabetical order: the order of rows does not matter.
    fn cells(self) -> Cells {
        let mut levels: Vec<(String, u32)> = self.code_of.into_iter().collect();
        levels.sort_unstable();
        let mut place = vec![0; levels.len()];
        for (new, (_, old)) in levels.iter().enumerate() {
            place[*old as usize] = new as u32;
        }
        let codes: Vec<u32> =
            self.codes.iter().map(|&code| if code == MISSING { MISSING } else { place[code as usize] }).collect();
        let levels: Vec<String> = levels.into_iter().map(|(text, _)| text).collect();
        let days = date::days(&levels);
        let cells = codes.iter().filter(|&&code| code != MISSING).count();
        let dates = codes.iter().filter(|&&code| code != MISSING && days[code as usize].is_some()).count();
        if cells > 0 && dates as f64 >= MOSTLY_DATES * cells as f64 {
            let day = |&code: &u32| if code == MISSING { f64::NAN } else { days[code as usize].unwrap_or(f64::NAN) };
            return Cells::Date(codes.iter().map(day).collect());
        }
        Cells::Text { levels, codes }
    }
}
