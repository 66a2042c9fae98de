//! From a table to its predictions: rows with a target and a prediction, in an order that the file's does not change.

use super::error::AuditError;
use crate::{
    advice::problem::{ProblemError, Target, TargetKind, Wanted, is_missing, left_out, taken},
    arguments::AuditArguments,
    frame::{Cells, Column, Frame, Groups, MISSING},
};

/// With fewer rows no interval says anything.
const LEAST_ROWS: usize = 20;

/// A column of more different texts is no column of segments.
const MOST_LEVELS: usize = 20;

/// The predictions with what belongs to each row. Rows are sorted by prediction, then by everything else.
#[derive(Debug, Clone)]
pub(super) struct Predictions {
    pub(super) source: String,
    pub(super) sha256: String,
    /// Values and kind: real, amount, share or binary.
    pub(super) target: Target,
    pub(super) prediction: Vec<f64>,
    /// Ones where none is given; otherwise brought to mean 1.
    pub(super) weight: Vec<f64>,
    pub(super) groups: Groups,
    pub(super) segments: Vec<Segment>,
    pub(super) notes: Vec<String>,
}

/// A column that divides the rows into a few parts.
#[derive(Debug, Clone)]
pub(super) struct Segment {
    pub(super) name: String,
    pub(super) levels: Vec<String>,
    /// One for each row; [`MISSING`] is a part of its own.
    pub(super) codes: Vec<u32>,
}

impl Predictions {
    pub(super) fn read(frame: Frame, asked: &AuditArguments) -> Result<Self, AuditError> {
        let named = [
            Some(("target", &asked.target)),
            Some(("prediction", &asked.prediction)),
            asked.group.as_ref().map(|name| ("group", name)),
            asked.weight.as_ref().map(|name| ("weight", name)),
        ];
        let named: Vec<(&'static str, &String)> = named.into_iter().flatten().collect();
        let mut places = Vec::new();
        for (place, (role, column)) in named.iter().enumerate() {
            places.push(frame.position(column)?);
            if let Some((first, _)) = named[..place].iter().find(|(_, other)| other == column) {
                return Err(ProblemError::TwoRoles { column: (*column).clone(), first, second: role }.into());
            }
        }
        let Frame { source: file, sha256, columns, rows, notes: of_file } = frame;
        let (target_cells, prediction_cells) = (&columns[places[0]].cells, &columns[places[1]].cells);
        let prediction = numbers_of(prediction_cells, &file, &asked.prediction)?;
        let has_target = |row: &usize| !is_missing(target_cells, *row);
        if !(0..rows).any(|row| has_target(&row)) {
            return Err(ProblemError::TargetMissing { file, column: asked.target.clone() }.into());
        }
        let with_target: Vec<usize> = (0..rows).filter(has_target).collect();
        let mut kept: Vec<usize> = with_target.iter().copied().filter(|&row| !prediction[row].is_nan()).collect();
        if kept.is_empty() {
            return Err(AuditError::NoPrediction { file, column: asked.prediction.clone() });
        }
        let predicted = kept.len();
        if let Some(name) = &asked.weight
            && let Cells::Number(weights) = &columns[places[places.len() - 1]].cells
        {
            kept.retain(|&row| weights[row] != 0.0);
            if kept.is_empty() {
                return Err(ProblemError::WeightsZero { file, column: name.clone() }.into());
            }
        }
        if kept.len() < LEAST_ROWS {
            return Err(AuditError::TooFewRows { file, rows: kept.len(), least: LEAST_ROWS });
        }
        // What the file says of columns that play no part is of no use here.
        let of_roles = |note: &String| named.iter().any(|(_, name)| note.starts_with(&format!("{name:?}:")));
        let mut notes: Vec<String> = of_file.into_iter().filter(of_roles).collect();
        for (lost, column) in
            [(rows - with_target.len(), &asked.target), (with_target.len() - predicted, &asked.prediction)]
        {
            if lost > 0 {
                notes.push(left_out(lost, &format!("without {column:?}")));
            }
        }
        if kept.len() < predicted {
            notes.push(left_out(predicted - kept.len(), "of weight 0"));
        }
        let cells: Vec<Cells> = columns.iter().map(|column| taken(&column.cells, &kept)).collect();
        let roles = Roles { file: &file, row: &kept };
        let target = target(&file, &asked.target, &cells[places[0]], &mut notes)?;
        let prediction: Vec<f64> = kept.iter().map(|&row| prediction[row]).collect();
        if target.values == prediction {
            let (prediction, target) = (asked.prediction.clone(), asked.target.clone());
            return Err(AuditError::Copy { file, prediction, target });
        }
        let weight = match &asked.weight {
            Some(name) => roles.weight(name, &cells[places[places.len() - 1]])?,
            None => vec![1.0; kept.len()],
        };
        let groups = asked.group.as_ref().map(|name| roles.groups(name, &cells[places[2]])).transpose()?;
        let segments: Vec<Segment> = (columns.iter().zip(&cells).enumerate())
            .filter(|(place, _)| !places.contains(place))
            .filter_map(|(_, (column, cells))| segment(column, cells))
            .collect();
        let order = order(&prediction, &target.values, &weight, groups.as_ref(), &segments);
        let sorted = |values: &[f64]| -> Vec<f64> { order.iter().map(|&row| values[row]).collect() };
        let codes = |codes: &[u32]| -> Vec<u32> { order.iter().map(|&row| codes[row]).collect() };
        Ok(Self {
            source: file,
            sha256,
            prediction: sorted(&prediction),
            weight: sorted(&weight),
            groups: match groups {
                Some(groups) => Groups { of_row: codes(&groups.of_row), ..groups },
                None => Groups::none(order.len()),
            },
            segments: segments.into_iter().map(|segment| Segment { codes: codes(&segment.codes), ..segment }).collect(),
            target: Target { values: sorted(&target.values), ..target },
            notes,
        })
    }

    pub(super) fn rows(&self) -> usize {
        self.prediction.len()
    }
}

fn numbers_of(cells: &Cells, file: &str, column: &str) -> Result<Vec<f64>, AuditError> {
    let what = match cells {
        Cells::Number(values) => return Ok(values.clone()),
        Cells::Text { .. } => "text",
        Cells::Date(_) => "dates",
    };
    Err(AuditError::NotNumbers { file: file.to_owned(), column: column.to_owned(), what })
}

/// Two values are classes; text of more is refused; numbers are as they are.
fn target(file: &str, column: &str, cells: &Cells, notes: &mut Vec<String>) -> Result<Target, AuditError> {
    let wanted = Wanted { file, column, kind: None };
    let values = match cells {
        Cells::Number(values) => values,
        Cells::Date(_) => return Ok(wanted.target(cells, notes)?),
        Cells::Text { codes, .. } => {
            let mut seen = codes.clone();
            seen.sort_unstable();
            seen.dedup();
            if seen.len() > 2 {
                let (file, column) = (file.to_owned(), column.to_owned());
                return Err(AuditError::Classes { file, column, classes: seen.len() });
            }
            return Ok(wanted.target(cells, notes)?);
        }
    };
    let mut few: Vec<f64> = Vec::new();
    for value in values {
        if !few.contains(value) {
            few.push(*value);
            if few.len() > 2 {
                break;
            }
        }
    }
    if few.len() < 3 {
        return Ok(wanted.target(cells, notes)?);
    }
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &y| (low.min(y), high.max(y)));
    let kind = match () {
        () if low < 0.0 => TargetKind::Real,
        () if high <= 1.0 => TargetKind::Share,
        () => TargetKind::Amount,
    };
    Ok(Target { name: column.to_owned(), kind, values: values.clone(), levels: Vec::new() })
}

/// A column of text with a few levels, or of the numbers 0 and 1.
fn segment(column: &Column, cells: &Cells) -> Option<Segment> {
    let name = column.name.clone();
    match cells {
        Cells::Text { levels, codes } => {
            let mut seen = codes.clone();
            seen.sort_unstable();
            seen.dedup();
            let few = (2..=MOST_LEVELS).contains(&seen.len());
            few.then(|| Segment { name, levels: levels.clone(), codes: codes.clone() })
        }
        Cells::Number(values) => {
            let flags = values.iter().all(|&value| value == 0.0 || value == 1.0 || value.is_nan());
            if !flags || !values.contains(&0.0) || !values.contains(&1.0) {
                return None;
            }
            let code = |&value: &f64| if value.is_nan() { MISSING } else { value as u32 };
            let levels = vec!["0".to_owned(), "1".to_owned()];
            Some(Segment { name, levels, codes: values.iter().map(code).collect() })
        }
        Cells::Date(_) => None,
    }
}

/// Rows by prediction; of equal ones by all else: the order of the file does not matter.
fn order(x: &[f64], y: &[f64], weight: &[f64], groups: Option<&Groups>, segments: &[Segment]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..x.len()).collect();
    let group = |row: usize| groups.map_or(0, |groups| groups.of_row[row]);
    let mut named: Vec<&Segment> = segments.iter().collect();
    named.sort_by(|a, b| a.name.cmp(&b.name));
    order.sort_by(|&a, &b| {
        let numbers = (x[a].total_cmp(&x[b])).then(y[a].total_cmp(&y[b])).then(weight[a].total_cmp(&weight[b]));
        let codes = || named.iter().map(|segment| segment.codes[a].cmp(&segment.codes[b])).find(|order| order.is_ne());
        numbers.then(group(a).cmp(&group(b))).then_with(|| codes().unwrap_or(std::cmp::Ordering::Equal))
    });
    order
}

struct Roles<'a> {
    file: &'a str,
    /// The row in the file of each row, from 0.
    row: &'a [usize],
}

impl Roles<'_> {
    fn bad(&self, place: usize, column: &str, role: &'static str, what: impl Into<String>) -> ProblemError {
        let (file, column) = (self.file.to_owned(), column.to_owned());
        ProblemError::BadCell { file, row: self.row[place] + 1, column, role, what: what.into() }
    }

    fn weight(&self, name: &str, cells: &Cells) -> Result<Vec<f64>, ProblemError> {
        let Cells::Number(values) = cells else {
            let (file, column) = (self.file.to_owned(), name.to_owned());
            return Err(ProblemError::BadColumn { file, column, role: "weight", wanted: "numbers" });
        };
        for (place, &weight) in values.iter().enumerate() {
            if weight.is_nan() {
                return Err(self.bad(place, name, "weight", "the cell is missing"));
            }
            if weight <= 0.0 {
                return Err(self.bad(place, name, "weight", format!("{weight} is not above 0")));
            }
        }
        let largest = values.iter().copied().fold(0.0, f64::max);
        // Sorted, so that the order of rows changes no bit.
        let mut shares: Vec<f64> = values.iter().map(|weight| weight / largest).collect();
        shares.sort_by(f64::total_cmp);
        let mean = shares.iter().sum::<f64>() / values.len() as f64;
        Ok(values.iter().map(|weight| weight / largest / mean).collect())
    }

    fn groups(&self, name: &str, cells: &Cells) -> Result<Groups, ProblemError> {
        if let Some(place) = (0..self.row.len()).find(|&place| is_missing(cells, place)) {
            return Err(self.bad(place, name, "group", "the cell is missing"));
        }
        let (of_row, count): (Vec<u32>, usize) = match cells {
            Cells::Number(values) | Cells::Date(values) => {
                let mut keys = values.clone();
                keys.sort_by(f64::total_cmp);
                keys.dedup_by(|a, b| a == b);
                (values.iter().map(|value| keys.partition_point(|key| key < value) as u32).collect(), keys.len())
            }
            Cells::Text { codes, .. } => {
                let mut keys = codes.clone();
                keys.sort_unstable();
                keys.dedup();
                (codes.iter().map(|code| keys.partition_point(|key| key < code) as u32).collect(), keys.len())
            }
        };
        if count == 1 {
            let value = match cells {
                Cells::Number(values) | Cells::Date(values) => values[0].to_string(),
                Cells::Text { levels, codes } => levels[codes[0] as usize].clone(),
            };
            return Err(ProblemError::OneGroup { file: self.file.to_owned(), column: name.to_owned(), value });
        }
        Ok(Groups { name: Some(name.to_owned()), of_row, count })
    }
}
