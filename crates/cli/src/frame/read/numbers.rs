//! A column as numbers, with count of what is none.

use super::cell::{is_missing, is_number_with_comma, shown};

/// A column of at least this share of numbers is one of numbers: what else is in it counts as missing, and is said.
const MOSTLY_NUMBERS: f64 = 0.95;

/// What the first pass finds in a column.
#[derive(Default)]
pub(super) struct Numbers {
    /// NaN where a cell is missing or no number.
    pub(super) values: Vec<f64>,
    numbers: usize,
    others: usize,
    commas: usize,
    /// Line and text of the first cell that is no number, of the first with a comma, and of the first that is infinite.
    first_other: Option<(u64, String)>,
    first_comma: Option<(u64, String)>,
    pub(super) first_infinite: Option<(u64, String)>,
}

impl Numbers {
    pub(super) fn push(&mut self, field: &[u8], line: impl Fn() -> u64) {
        if is_missing(field) {
            self.values.push(f64::NAN);
            return;
        }
        let value = match std::str::from_utf8(field).ok().and_then(|text| text.parse::<f64>().ok()) {
            Some(value) if value.is_finite() => {
                self.numbers += 1;
                value
            }
            // A sign before nan.
            Some(value) if value.is_nan() => value,
            Some(_) => {
                self.numbers += 1;
                self.first_infinite.get_or_insert_with(|| (line(), shown(field)));
                f64::NAN
            }
            None => {
                self.others += 1;
                self.first_other.get_or_insert_with(|| (line(), shown(field)));
                if is_number_with_comma(field) {
                    self.commas += 1;
                    self.first_comma.get_or_insert_with(|| (line(), shown(field)));
                }
                f64::NAN
            }
        };
        self.values.push(value);
    }

    /// With the cells of the rows that follow.
    pub(super) fn append(&mut self, mut more: Self) {
        self.values.append(&mut more.values);
        self.numbers += more.numbers;
        self.others += more.others;
        self.commas += more.commas;
        self.first_other = self.first_other.take().or(more.first_other);
        self.first_comma = self.first_comma.take().or(more.first_comma);
        self.first_infinite = self.first_infinite.take().or(more.first_infinite);
    }

    pub(super) fn is_numeric(&self) -> bool {
        self.others == 0 || self.numbers as f64 >= MOSTLY_NUMBERS * (self.numbers + self.others) as f64
    }

    /// Line and text of the first number with a comma, where most cells have one or are whole.
    pub(super) fn comma(&self) -> Option<(u64, String)> {
        if self.commas > 0 && 2 * (self.commas + self.numbers) > self.numbers + self.others && !self.is_numeric() {
            return self.first_comma.clone();
        }
        None
    }

    /// What is to be said of a column that is neither all numbers nor all text.
    pub(super) fn note(&self, name: &str) -> Option<String> {
        let (line, text) = self.first_other.as_ref()?;
        let known = self.numbers + self.others;
        let counted = format!("{name:?}: {} of {known} known cells are no numbers", self.others);
        if self.is_numeric() {
            Some(format!("{counted} and count as missing, the first in line {line}: {text:?}."))
        } else if 2 * self.numbers >= known {
            Some(format!("{counted}, the first in line {line}: {text:?}; the column is taken as text."))
        } else {
            None
        }
    }
}
