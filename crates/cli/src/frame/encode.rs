//! From columns as read to numbers that a model takes, by what the training rows alone show.

use super::{Cells, Column, MISSING};
use crate::advice::document::ColumnTreatment;

/// A level of text has a column of its own if at least this many training rows have it …
const LEAST_ROWS: usize = 10;
/// … and at least this share of them;
const LEAST_SHARE: f64 = 0.005;
/// at most so many levels do: the others are pooled.
const MOST_LEVELS: usize = 30;

/// What becomes of each column, fitted on training rows.
///
/// - Numbers are standardised; beyond the range of the training rows they are taken as its end, so that no model
///   extrapolates. A missing one becomes the median, with an indicator beside it where training rows have missing ones.
/// - Text becomes one column of 0 and 1 for each frequent level but the most frequent, one for the rare levels together
///   (also for levels that training rows do not have), and one for missing cells.
/// - Columns that are constant on the training rows, and dates, are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Encoder {
    codes: Vec<Code>,
    names: Vec<String>,
    treatments: Vec<ColumnTreatment>,
}

#[derive(Debug, Clone, PartialEq)]
enum Code {
    LeftOut,
    Number {
        median: f64,
        low: f64,
        high: f64,
        mean: f64,
        inverse_deviation: f64,
        /// Whether known values differ: otherwise the indicator is all there is.
        varies: bool,
        indicator: bool,
    },
    Text {
        /// For each level the column among this one's, if it has one.
        place: Vec<Option<u32>>,
        missing: Option<u32>,
        width: u32,
    },
}

impl Code {
    fn width(&self) -> usize {
        match self {
            Self::LeftOut => 0,
            Self::Number { varies, indicator, .. } => usize::from(*varies) + usize::from(*indicator),
            Self::Text { width, .. } => *width as usize,
        }
    }
}

impl Encoder {
    /// Looks at the given rows.
    ///
    /// # Panics
    /// If there are no rows, or one that the columns do not have.
    #[track_caller]
    pub fn fit(columns: &[Column], rows: &[usize]) -> Self {
        assert!(!rows.is_empty(), "encode: no rows to fit on");
        let mut encoder = Self { codes: Vec::new(), names: Vec::new(), treatments: Vec::new() };
        for column in columns {
            let (code, treatment) = match &column.cells {
                Cells::Number(values) => number(values, rows),
                Cells::Text { levels, codes } => text(levels, codes, rows),
                Cells::Date(_) => (Code::LeftOut, "left out: a date; derive numbers from it".to_owned()),
            };
            match &code {
                Code::LeftOut => {}
                Code::Number { varies, indicator, .. } => {
                    encoder.names.extend(varies.then(|| column.name.clone()));
                    encoder.names.extend(indicator.then(|| format!("{} missing", column.name)));
                }
                Code::Text { place, missing, width } => {
                    let Cells::Text { levels, .. } = &column.cells else { unreachable!("text is encoded from text") };
                    let own = |at: u32| {
                        let mut with = place.iter().zip(levels).filter(|(place, _)| **place == Some(at));
                        match (with.next(), with.next()) {
                            _ if *missing == Some(at) => format!("{} missing", column.name),
                            (Some((_, level)), None) => format!("{}={level}", column.name),
                            _ => format!("{}=rare", column.name),
                        }
                    };
                    encoder.names.extend((0..*width).map(own));
                }
            }
            encoder.codes.push(code);
            encoder.treatments.push(ColumnTreatment { name: column.name.clone(), treatment });
        }
        encoder
    }

    /// Names of the numbers, in their order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// How many numbers a row becomes.
    pub fn width(&self) -> usize {
        self.names.len()
    }

    /// What was done to each column, in their order.
    pub fn treatments(&self) -> &[ColumnTreatment] {
        &self.treatments
    }

    /// The given rows as numbers, row after row, [`width`](Encoder::width) each; all finite.
    ///
    /// # Panics
    /// If the columns are not as many as those fitted on, or of other kinds.
    #[track_caller]
    pub fn transform(&self, columns: &[Column], rows: &[usize]) -> Vec<f32> {
        assert_eq!(columns.len(), self.codes.len(), "encode: other columns than those fitted on");
        let width = self.width();
        let mut numbers = vec![0.0; rows.len() * width];
        let mut at = 0;
        for (column, code) in columns.iter().zip(&self.codes) {
            let place = |row: usize| row * width + at;
            match (code, &column.cells) {
                (Code::LeftOut, _) => {}
                (
                    &Code::Number { median, low, high, mean, inverse_deviation, varies, indicator },
                    Cells::Number(values),
                ) => {
                    for (row, &from) in rows.iter().enumerate() {
                        let value = values[from];
                        if varies {
                            let known = if value.is_nan() { median } else { value.clamp(low, high) };
                            numbers[place(row)] = ((known - mean) * inverse_deviation) as f32;
                        }
                        if indicator && value.is_nan() {
                            numbers[place(row) + usize::from(varies)] = 1.0;
                        }
                    }
                }
                (Code::Text { place: levels, missing, .. }, Cells::Text { codes, .. }) => {
                    for (row, &from) in rows.iter().enumerate() {
                        let code = codes[from];
                        let to = if code == MISSING { *missing } else { levels[code as usize] };
                        if let Some(to) = to {
                            numbers[place(row) + to as usize] = 1.0;
                        }
                    }
                }
                _ => panic!("encode: the column {:?} is of another kind than the one fitted on", column.name),
            }
            at += code.width();
        }
        numbers
    }
}

fn number(values: &[f64], rows: &[usize]) -> (Code, String) {
    let mut known: Vec<f64> = rows.iter().map(|&row| values[row]).filter(|value| !value.is_nan()).collect();
    let missing = rows.len() - known.len();
    if known.is_empty() {
        return (Code::LeftOut, "left out: all values are missing".to_owned());
    }
    let count = known.len();
    let (below, &mut upper, _) = known.select_nth_unstable_by(count / 2, f64::total_cmp);
    let lower = if count.is_multiple_of(2) { below.iter().copied().fold(f64::NEG_INFINITY, f64::max) } else { upper };
    let median = lower / 2.0 + upper / 2.0;
    let (low, high) = known.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    if low == high && missing == 0 {
        return (Code::LeftOut, "left out: constant".to_owned());
    }
    // In units of the range, which neither squares nor sums can leave.
    let unit = (high / 2.0 - low / 2.0).max(f64::MIN_POSITIVE);
    let of = |row: &usize| (if values[*row].is_nan() { median } else { values[*row] } / 2.0 - low / 2.0) / unit;
    let mean = rows.iter().map(of).sum::<f64>() / rows.len() as f64;
    let variance = rows.iter().map(|row| (of(row) - mean).powi(2)).sum::<f64>() / rows.len() as f64;
    let inverse_deviation = if variance > 0.0 { 1.0 / (2.0 * variance.sqrt() * unit) } else { 0.0 };
    let mean = low + 2.0 * mean * unit;
    let varies = low < high;
    let treatment = match missing {
        0 => "number".to_owned(),
        missing if varies => format!("number, {missing} missing: median and an indicator"),
        missing => format!("{low} or missing, {missing} of them: an indicator"),
    };
    (Code::Number { median, low, high, mean, inverse_deviation, varies, indicator: missing > 0 }, treatment)
}

fn text(levels: &[String], codes: &[u32], rows: &[usize]) -> (Code, String) {
    let mut counts = vec![0usize; levels.len()];
    let mut missing = 0;
    for &row in rows {
        match codes[row] {
            MISSING => missing += 1,
            code => counts[code as usize] += 1,
        }
    }
    let seen = counts.iter().filter(|&&count| count > 0).count() + usize::from(missing > 0);
    if seen < 2 {
        return (Code::LeftOut, "left out: constant".to_owned());
    }
    let least = LEAST_ROWS.max((LEAST_SHARE * rows.len() as f64).ceil() as usize);
    let mut frequent: Vec<usize> = (0..levels.len()).filter(|&level| counts[level] >= least).collect();
    // By falling count, then by name: levels are in alphabetical order.
    frequent.sort_by_key(|&level| std::cmp::Reverse(counts[level]));
    frequent.truncate(MOST_LEVELS);
    let rare: Vec<usize> = (0..levels.len()).filter(|level| !frequent.contains(level)).collect();
    let rare_seen = rare.iter().filter(|&&level| counts[level] > 0).count();
    let mut place = vec![None; levels.len()];
    let mut width = 0;
    // The most frequent level is the one that the others are compared with.
    let mut shown: Vec<usize> = frequent.iter().skip(1).copied().collect();
    shown.sort_unstable();
    for level in shown {
        place[level] = Some(width);
        width += 1;
    }
    // Where all levels are rare, all of them together are what is compared with.
    if rare_seen > 0 && !frequent.is_empty() {
        rare.iter().for_each(|&level| place[level] = Some(width));
        width += 1;
    }
    let missing_place = (missing > 0).then_some(width);
    width += u32::from(missing > 0);
    if width == 0 {
        return (Code::LeftOut, format!("left out: text with {seen} levels, all of them rare"));
    }
    let mut treatment = format!("one-hot of {} levels", frequent.len());
    if rare_seen > 0 {
        treatment += &format!(", {rare_seen} rare ones pooled");
    }
    if missing > 0 {
        treatment += &format!(", {missing} missing: a level of their own");
    }
    (Code::Text { place, missing: missing_place, width }, treatment)
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;
    use proptest::prelude::*;

    use super::*;
    use crate::frame::Frame;

    fn columns(text: &str) -> Vec<Column> {
        Frame::from_bytes(text.as_bytes(), "t").unwrap().columns
    }

    #[test]
    fn numbers_are_standardised_by_the_training_rows() {
        let columns = columns("a,b\n1,\n2,5\n3,7\n900,7\n");
        let encoder = Encoder::fit(&columns, &[0, 1, 2]);
        assert_eq!(encoder.names(), ["a", "b", "b missing"]);
        assert_eq!(encoder.treatments()[1].treatment, "number, 1 missing: median and an indicator");
        let numbers = encoder.transform(&columns, &[0, 1, 2, 3]);
        let root = 1.5f32.sqrt();
        // The last row is beyond the training rows and taken as their end.
        for (row, a) in [-root, 0.0, root, root].into_iter().enumerate() {
            assert_relative_eq!(numbers[3 * row], a, epsilon = 1e-6);
        }
        assert_eq!(numbers[1], 0.0, "the median 6 is the mean of 5, 6 and 7");
        assert_eq!([numbers[2], numbers[5]], [1.0, 0.0]);
    }

    #[test]
    fn a_number_that_is_known_or_not_becomes_its_indicator() {
        let columns = columns("a,b\n1,\n2,5\n3,5\n");
        let encoder = Encoder::fit(&columns[1..], &[0, 1, 2]);
        assert_eq!(encoder.names(), ["b missing"]);
        assert_eq!(encoder.treatments()[0].treatment, "5 or missing, 1 of them: an indicator");
        assert_eq!(encoder.transform(&columns[1..], &[0, 1, 2]), [1.0, 0.0, 0.0]);
    }

    #[test]
    fn rare_and_unknown_levels_are_pooled() {
        let mut text = "c\n".to_owned();
        for (level, count) in [("a", 40), ("b", 20), ("c", 3), ("d", 2), ("NA", 12)] {
            (0..count).for_each(|_| text += &format!("{level}\n"));
        }
        text += "new\n";
        let columns = columns(&text);
        let encoder = Encoder::fit(&columns, &(0..77).collect::<Vec<_>>());
        assert_eq!(encoder.names(), ["c=b", "c=rare", "c missing"]);
        assert_eq!(
            encoder.treatments()[0].treatment,
            "one-hot of 2 levels, 2 rare ones pooled, 12 missing: a level of their own"
        );
        let rows = encoder.transform(&columns, &[0, 40, 60, 63, 65, 77]);
        let expected = [[0., 0., 0.], [1., 0., 0.], [0., 1., 0.], [0., 1., 0.], [0., 0., 1.], [0., 1., 0.]];
        assert_eq!(rows, expected.as_flattened());
    }

    #[test]
    fn constants_dates_and_empty_columns_are_left_out() {
        let columns = columns("a,d,e,t,x\n1,2024-01-01,,u,1\n1,2024-01-02,,u,2\n");
        let encoder = Encoder::fit(&columns, &[0, 1]);
        assert_eq!(encoder.names(), ["x"]);
        let treatments: Vec<&str> = encoder.treatments().iter().map(|column| column.treatment.as_str()).collect();
        assert_eq!(
            treatments,
            [
                "left out: constant",
                "left out: a date; derive numbers from it",
                "left out: all values are missing",
                "left out: constant",
                "number"
            ]
        );
    }

    proptest! {
        #[test]
        fn every_number_is_finite(
            cells in prop::collection::vec(prop_oneof![Just("".to_owned()), any::<i32>().prop_map(|v| v.to_string()),
                (-1e308f64..1e308).prop_map(|v| format!("{v:e}"))], 8..40),
        ) {
            let columns = columns(&format!("a,b\n{}", cells.iter().map(|cell| format!("{cell},1\n")).collect::<String>()));
            let encoder = Encoder::fit(&columns, &(0..cells.len() / 2).collect::<Vec<_>>());
            let numbers = encoder.transform(&columns, &(0..cells.len()).collect::<Vec<_>>());
            prop_assert!(numbers.iter().all(|number| number.is_finite()));
        }
    }
}
