//! From bytes to a [`Frame`].
//!
//! Two passes: the first reads every column as numbers and counts what is none; the second reads as text only the columns
//! that turn out to be text or dates, so that a table of numbers costs one pass and no string. Tables without quotes are
//! cut at line ends and read by several threads; the result does not depend on where they are cut.

mod cell;
mod delimiter;
mod numbers;
mod texts;

use std::{
    fs,
    io::{self, Read},
    path::Path,
    thread,
};

use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

pub use cell::MISSING_TEXTS;
use delimiter::delimiter;
use numbers::Numbers;
use texts::Texts;

use super::{Cells, Column, Frame};
use crate::table::TableError;
use crate::table::read::{BYTE_ORDER_MARK, GZIP_MAGIC, header};

/// Shorter texts are not worth a second thread.
const LEAST_BYTES_A_THREAD: usize = 1 << 20;
const MOST_THREADS: usize = 8;

impl Frame {
    /// Reads a CSV file, gzip or not; `-` is standard input.
    ///
    /// # Errors
    /// When it cannot be read, or is no table.
    pub fn from_path(path: &Path) -> Result<Self, TableError> {
        let unreadable = |cause| TableError::Unreadable { path: path.to_owned(), cause };
        let mut bytes = Vec::new();
        if path == Path::new("-") {
            io::stdin().lock().read_to_end(&mut bytes).map_err(unreadable)?;
        } else {
            bytes = fs::read(path).map_err(unreadable)?;
        }
        Self::from_bytes(&bytes, &path.display().to_string())
    }

    /// Reads a table from memory, gzip or not; `source` is what messages call it.
    ///
    /// - The delimiter is the one of comma, semicolon, tab and bar that divides the header and the first lines alike.
    /// - Cells lose the spaces around them. The empty cell and [`MISSING_TEXTS`] are missing.
    /// - A first column without a name that numbers the rows from 0 or 1 is left out, which a note says.
    /// - Numbers that all stand beside one currency sign, or have blanks between thousands, are read without it; such that all
    ///   have a per cent sign are read as hundredths.
    /// - A column is one of numbers where at least 95 % of its known cells are: the rest is missing then, which a note says.
    ///   Otherwise it is one of dates (see [`date::days`](super::date::days)) by the same share, otherwise of text.
    /// - `True`, `TRUE` and `true` are one level where a column holds true and false (yes and no, t and f, y and n) only.
    ///
    /// # Errors
    /// When it is no table.
    pub fn from_bytes(bytes: &[u8], source: &str) -> Result<Self, TableError> {
        thread::scope(|scope| {
            let digest = scope.spawn(|| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect());
            let mut unpacked = Vec::new();
            let text = if bytes.starts_with(&GZIP_MAGIC) {
                let damaged = |cause| TableError::Damaged { source_name: source.to_owned(), cause };
                MultiGzDecoder::new(bytes).read_to_end(&mut unpacked).map_err(damaged)?;
                &unpacked
            } else {
                bytes
            };
            let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
            // `contains` looks at many bytes at once.
            if text.contains(&0) {
                let place = text.iter().position(|&byte| byte == 0).unwrap_or(0);
                let line = newlines(&text[..place]) + 1;
                return Err(TableError::ZeroBytes { source_name: source.to_owned(), line });
            }
            if let Err(error) = std::str::from_utf8(text) {
                let line = newlines(&text[..error.valid_up_to()]) + 1;
                return Err(TableError::NotText { source_name: source.to_owned(), line });
            }
            let (columns, rows, notes) = Parsing { text, source, delimiter: delimiter(text) }.columns()?;
            let sha256 = digest.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(Frame { source: source.to_owned(), sha256, columns, rows, notes })
        })
    }
}

fn newlines(text: &[u8]) -> u64 {
    text.iter().filter(|&&byte| byte == b'\n').count() as u64
}

struct Parsing<'a> {
    text: &'a [u8],
    source: &'a str,
    delimiter: u8,
}

/// A record's place in the text.
struct Place<'a> {
    text: &'a [u8],
    byte: usize,
}

impl Place<'_> {
    /// Its line, from 1: the reader says where the blank lines before a record begin.
    fn line(&self) -> u64 {
        let blank = self.text[self.byte..].iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        newlines(&self.text[..self.byte + blank]) + 1
    }
}

impl Parsing<'_> {
    fn columns(&self) -> Result<(Vec<Column>, usize, Vec<String>), TableError> {
        let (names, body, is_unnamed) = self.header()?;
        let pieces = self.pieces(body);
        let numbers = self.read(&pieces, names.len(), |numbers: &mut Vec<Numbers>, record, place| {
            for (column, field) in numbers.iter_mut().zip(record) {
                column.push(field.trim_ascii(), || place.line());
            }
        })?;
        let mut numbers = merged(numbers, names.len(), Numbers::append);
        numbers.iter_mut().for_each(Numbers::settle);
        let rows = numbers[0].values.len();
        if rows == 0 {
            let missing = "a header and no row";
            return Err(TableError::Empty { source_name: self.source.to_owned(), missing });
        }
        let mut notes = Vec::new();
        if is_unnamed {
            if !numbers[0].counts_rows() {
                return Err(TableError::UnnamedColumn { source_name: self.source.to_owned(), position: 1 });
            }
            notes.push("Column 1 has no name and numbers the rows: it is left out.".to_owned());
        }
        for (name, column) in names.iter().zip(&numbers) {
            self.check(name, column)?;
        }
        let is_text: Vec<bool> = numbers.iter().map(|column| !column.is_numeric()).collect();
        let mut texts = Vec::new();
        if is_text.contains(&true) {
            let read = self.read(&pieces, names.len(), |texts: &mut Vec<Texts>, record, _| {
                for ((column, field), _) in texts.iter_mut().zip(record).zip(&is_text).filter(|(_, is_text)| **is_text)
                {
                    column.push(field.trim_ascii());
                }
            })?;
            texts = merged(read, names.len(), Texts::append);
        }
        let mut texts = texts.into_iter();
        let left_out = usize::from(is_unnamed);
        let columns = (names.into_iter().zip(numbers))
            .map(|(name, numbers)| {
                let texts = texts.next();
                let note = numbers.note(&name);
                notes.extend(numbers.dressed_note(&name));
                let cells = match texts {
                    Some(texts) if !numbers.is_numeric() => texts.cells(),
                    _ => Cells::Number(numbers.values),
                };
                // Dates are no numbers that went wrong.
                notes.extend(note.filter(|_| !matches!(cells, Cells::Date(_))));
                Column { name, cells }
            })
            .skip(left_out)
            .collect();
        Ok((columns, rows, notes))
    }

    /// The columns' names, where the rows begin, and whether the first column has no name.
    fn header(&self) -> Result<(Vec<String>, usize, bool), TableError> {
        let mut reader = self.reader(self.text);
        // Text in memory: reading it cannot fail.
        let mut record = reader.headers().cloned().unwrap_or_default();
        record.trim();
        let body = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX).min(self.text.len());
        let is_unnamed = record.len() > 1 && record.get(0).is_some_and(str::is_empty);
        if is_unnamed {
            let mut names = vec![String::new()];
            names.extend(header(&record.iter().skip(1).collect(), self.source).map_err(|error| match error {
                TableError::UnnamedColumn { source_name, position } => {
                    TableError::UnnamedColumn { source_name, position: position + 1 }
                }
                TableError::DuplicateColumn { source_name, name, first, second } => {
                    TableError::DuplicateColumn { source_name, name, first: first + 1, second: second + 1 }
                }
                other => other,
            })?);
            return Ok((names, body, true));
        }
        Ok((header(&record, self.source)?, body, false))
    }

    fn reader<'t>(&self, text: &'t [u8]) -> csv::Reader<&'t [u8]> {
        ReaderBuilder::new().delimiter(self.delimiter).flexible(true).from_reader(text)
    }

    /// Where the rows are cut for several threads: after line ends, and nowhere where a quote could hold one.
    fn pieces(&self, body: usize) -> Vec<(usize, usize)> {
        let rows = &self.text[body..];
        let threads = thread::available_parallelism().map_or(1, usize::from).min(MOST_THREADS);
        let wanted = (rows.len() / LEAST_BYTES_A_THREAD).clamp(1, threads);
        if wanted == 1 || rows.contains(&b'"') {
            return vec![(body, self.text.len())];
        }
        let mut pieces = Vec::new();
        let mut from = body;
        for piece in 1..=wanted {
            let near = (body + rows.len() * piece / wanted).max(from);
            let end =
                self.text[near..].iter().position(|&byte| byte == b'\n').map_or(self.text.len(), |at| near + at + 1);
            pieces.push((from, end));
            from = end;
        }
        pieces
    }

    /// Feeds every record to `each`, with the columns of its piece; one list of columns for each piece.
    fn read<T: Default + Send>(
        &self,
        pieces: &[(usize, usize)],
        width: usize,
        each: impl Fn(&mut Vec<T>, &ByteRecord, Place<'_>) + Sync,
    ) -> Result<Vec<Vec<T>>, TableError> {
        let read = |&(from, to): &(usize, usize)| {
            let mut columns: Vec<T> = (0..width).map(|_| T::default()).collect();
            let mut reader = ReaderBuilder::new()
                .delimiter(self.delimiter)
                .has_headers(false)
                .flexible(true)
                .from_reader(&self.text[from..to]);
            let mut record = ByteRecord::new();
            let mut last = from;
            while reader.read_byte_record(&mut record).unwrap_or(false) {
                let inside = record.position().map_or(0, csv::Position::byte);
                last = from + usize::try_from(inside).unwrap_or(0);
                let place = Place { text: self.text, byte: last };
                if record.len() != width {
                    return Err(TableError::Ragged {
                        source_name: self.source.to_owned(),
                        line: place.line(),
                        expected: width,
                        found: record.len(),
                    });
                }
                each(&mut columns, &record, place);
            }
            self.check_quotes(last, to)?;
            Ok(columns)
        };
        thread::scope(|scope| {
            let threads: Vec<_> = pieces.iter().map(|piece| scope.spawn(move || read(piece))).collect();
            let joined = threads.into_iter().map(|thread| thread.join());
            joined.map(|columns| columns.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    /// A quote that is opened and never closed has swallowed the rest of the text into the last record.
    fn check_quotes(&self, last: usize, to: usize) -> Result<(), TableError> {
        let record = &self.text[last..to];
        let quotes = record.iter().filter(|&&byte| byte == b'"').count();
        if quotes % 2 == 1 && record.trim_ascii().contains(&b'\n') {
            let place = Place { text: self.text, byte: last };
            return Err(TableError::OpenQuote { source_name: self.source.to_owned(), line: place.line() });
        }
        Ok(())
    }

    /// What makes a column of numbers unusable.
    fn check(&self, name: &str, column: &Numbers) -> Result<(), TableError> {
        if let Some((line, value)) = column.comma() {
            return Err(TableError::DecimalComma {
                source_name: self.source.to_owned(),
                line,
                column: name.to_owned(),
                value,
            });
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
}

/// The columns of all pieces, piece after piece.
fn merged<T: Default>(pieces: Vec<Vec<T>>, width: usize, append: impl Fn(&mut T, T)) -> Vec<T> {
    let mut pieces = pieces.into_iter();
    let mut all = pieces.next().unwrap_or_else(|| (0..width).map(|_| T::default()).collect());
    for piece in pieces {
        all.iter_mut().zip(piece).for_each(|(column, more)| append(column, more));
    }
    all
}
