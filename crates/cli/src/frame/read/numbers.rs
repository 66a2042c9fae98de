//! A column as numbers, with count of what is none.

use super::cell::{Bare, bare, is_missing, is_number_with_comma, shown};

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
    /// Rows whose number stands beside a currency or a per cent sign, or has blanks between thousands, with that number.
    dressed: Vec<(usize, f64)>,
    /// Of the first of them: its sign, line and text.
    first_dressed: Option<(String, u64, String)>,
    /// Whether another has another sign.
    is_mixed: bool,
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
                // Both zeros are one.
                value + 0.0
            }
            // A sign before nan.
            Some(value) if value.is_nan() => value,
            Some(_) => {
                self.numbers += 1;
                self.first_infinite.get_or_insert_with(|| (line(), shown(field)));
                f64::NAN
            }
            None => {
                let inside = match bare(field) {
                    Some(Bare { sign, number: Ok(number) }) => {
                        self.dress(sign, number, || (line(), shown(field)));
                        self.values.push(f64::NAN);
                        return;
                    }
                    Some(Bare { number: Err(inside), .. }) => inside,
                    None => field.to_vec(),
                };
                self.others += 1;
                self.first_other.get_or_insert_with(|| (line(), shown(field)));
                if is_number_with_comma(&inside) {
                    self.commas += 1;
                    self.first_comma.get_or_insert_with(|| (line(), shown(field)));
                }
                f64::NAN
            }
        };
        self.values.push(value);
    }

    fn dress(&mut self, sign: String, number: f64, place: impl Fn() -> (u64, String)) {
        self.dressed.push((self.values.len(), number));
        match &self.first_dressed {
            Some((first, ..)) => self.is_mixed |= *first != sign,
            None => {
                let (line, text) = place();
                self.first_dressed = Some((sign, line, text));
            }
        }
    }

    /// Once all rows are in: where nearly all cells have the same sign their numbers are what is meant, else they are text.
    pub(super) fn settle(&mut self) {
        let Some((sign, ..)) = &self.first_dressed else { return };
        let known = self.numbers + self.others + self.dressed.len();
        // Small numbers have no thousands; one without the sign of the others may be in another unit.
        let alike = self.dressed.len() + if sign.is_empty() { self.numbers } else { 0 };
        if !self.is_mixed && alike as f64 >= MOSTLY_NUMBERS * known as f64 {
            self.dressed.iter().for_each(|&(row, number)| self.values[row] = number + 0.0);
            self.numbers += self.dressed.len();
            return;
        }
        self.others += self.dressed.len();
        self.dressed.clear();
        if let Some((_, line, text)) = self.first_dressed.take()
            && self.first_other.as_ref().is_none_or(|(other, _)| line < *other)
        {
            self.first_other = Some((line, text));
        }
    }

    /// With the cells of the rows that follow.
    pub(super) fn append(&mut self, mut more: Self) {
        let before = self.values.len();
        self.dressed.extend(more.dressed.iter().map(|&(row, number)| (before + row, number)));
        self.is_mixed |= more.is_mixed;
        match (&self.first_dressed, more.first_dressed) {
            (Some((first, ..)), Some((sign, ..))) => self.is_mixed |= *first != sign,
            (None, Some(dressed)) => self.first_dressed = Some(dressed),
            (_, None) => {}
        }
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

    /// Whether the values are 0, 1, 2, … or 1, 2, 3, …
    pub(super) fn counts_rows(&self) -> bool {
        let first = self.values.first().copied().unwrap_or(f64::NAN);
        (first == 0.0 || first == 1.0) && (0..).zip(&self.values).all(|(row, &value)| value == first + f64::from(row))
    }

    /// Line and text of the first number with a comma, where most cells have one or are whole.
    pub(super) fn comma(&self) -> Option<(u64, String)> {
        if self.commas > 0 && 2 * (self.commas + self.numbers) > self.numbers + self.others && !self.is_numeric() {
            return self.first_comma.clone();
        }
        None
    }

    /// What is to be said of numbers that were not written plainly.
    pub(super) fn dressed_note(&self, name: &str) -> Option<String> {
        let (sign, line, text) = self.first_dressed.as_ref()?;
        let how = match sign.as_str() {
            "" => "without blanks between thousands",
            "%" => "as hundredths",
            sign => &format!("without {sign}"),
        };
        Some(format!("{name:?}: numbers are read {how}, the first in line {line}: {text:?}."))
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
