//! Which kind of number a target is: seen from its values, or as the user says.

use super::{ProblemError, Target, TargetKind};
use crate::frame::{Cells, MISSING};

/// More classes than these cannot be told apart.
const MOST_CLASSES: usize = 200;

/// Texts that mean the positive class of two.
const POSITIVE: [&str; 10] = ["1", "true", "t", "yes", "y", "positive", "pos", "on", "present", "abnormal"];

/// Where the target is, and what was said of it.
pub(super) struct Wanted<'a> {
    pub(super) file: &'a str,
    pub(super) column: &'a str,
    pub(super) kind: Option<TargetKind>,
}

impl Wanted<'_> {
    fn refuse(&self, kind: TargetKind, why: impl Into<String>) -> ProblemError {
        ProblemError::NotOfKind {
            file: self.file.to_owned(),
            column: self.column.to_owned(),
            kind: kind.name(),
            why: why.into(),
        }
    }

    /// The target of cells without missing ones, and sentences about what was decided.
    pub(super) fn target(&self, cells: &Cells, notes: &mut Vec<String>) -> Result<Target, ProblemError> {
        match cells {
            Cells::Number(values) => self.of_numbers(values, notes),
            Cells::Text { levels, codes } => self.of_text(levels, codes, notes),
            Cells::Date(_) => {
                Err(ProblemError::TargetIsDate { file: self.file.to_owned(), column: self.column.to_owned() })
            }
        }
    }

    fn constant(&self, value: &str) -> ProblemError {
        let (file, column) = (self.file.to_owned(), self.column.to_owned());
        ProblemError::TargetConstant { file, column, value: value.to_owned() }
    }

    fn of_text(&self, levels: &[String], codes: &[u32], notes: &mut Vec<String>) -> Result<Target, ProblemError> {
        let mut counts = vec![0usize; levels.len()];
        codes.iter().filter(|&&code| code != MISSING).for_each(|&code| counts[code as usize] += 1);
        let mut seen: Vec<usize> = (0..levels.len()).filter(|&level| counts[level] > 0).collect();
        match seen.len() {
            0 | 1 => return Err(self.constant(seen.first().map_or("missing", |&level| &levels[level]))),
            count if count > MOST_CLASSES => {
                let (file, column) = (self.file.to_owned(), self.column.to_owned());
                return Err(ProblemError::TooManyClasses { file, column, levels: count, most: MOST_CLASSES });
            }
            _ => {}
        }
        let kind = match (self.kind, seen.len()) {
            (None | Some(TargetKind::Binary), 2) => TargetKind::Binary,
            (None | Some(TargetKind::Classes), _) => TargetKind::Classes,
            (Some(TargetKind::Binary), count) => {
                return Err(self.refuse(TargetKind::Binary, format!("it has {count} different texts")));
            }
            (Some(TargetKind::Ordered), _) => {
                let why = "it holds text, whose order is not known; write the classes as whole numbers";
                return Err(self.refuse(TargetKind::Ordered, why));
            }
            (Some(kind), _) => return Err(self.refuse(kind, "it holds text")),
        };
        if kind == TargetKind::Binary {
            let means_yes = |level: usize| POSITIVE.contains(&levels[level].to_lowercase().as_str());
            // The positive one last: by its name, else the rarer.
            if means_yes(seen[0]) != means_yes(seen[1]) {
                seen.sort_by_key(|&level| means_yes(level));
            } else {
                seen.sort_by_key(|&level| std::cmp::Reverse(counts[level]));
            }
            notes.push(format!(
                "{:?}: {:?} is the positive class, {:?} the other.",
                self.column, levels[seen[1]], levels[seen[0]]
            ));
        }
        let mut class = vec![0.0; levels.len()];
        seen.iter().enumerate().for_each(|(place, &level)| class[level] = place as f64);
        Ok(Target {
            name: self.column.to_owned(),
            kind,
            values: codes.iter().map(|&code| class[code as usize]).collect(),
            levels: seen.iter().map(|&level| levels[level].clone()).collect(),
        })
    }

    fn of_numbers(&self, values: &[f64], notes: &mut Vec<String>) -> Result<Target, ProblemError> {
        let mut distinct = values.to_vec();
        distinct.sort_unstable_by(f64::total_cmp);
        // Both zeros are one number.
        distinct.dedup_by(|a, b| a == b);
        let (low, high) = (distinct[0], distinct[distinct.len() - 1]);
        if distinct.len() == 1 {
            return Err(self.constant(&low.to_string()));
        }
        let whole = distinct.iter().all(|value| value.fract() == 0.0);
        let kind = match self.kind {
            Some(kind) => {
                self.check(kind, &distinct, whole)?;
                kind
            }
            None => self.seen(&distinct, whole, values, notes),
        };
        let is_class = match kind {
            TargetKind::Binary | TargetKind::Ordered | TargetKind::Classes => true,
            TargetKind::Real | TargetKind::Amount | TargetKind::Count | TargetKind::Share | TargetKind::Relevance => {
                false
            }
        };
        let (values, levels) = if is_class {
            let place = |value: &f64| distinct.partition_point(|other| other < value) as f64;
            (values.iter().map(place).collect(), distinct.iter().map(f64::to_string).collect())
        } else {
            (values.to_vec(), Vec::new())
        };
        if kind == TargetKind::Binary && (low, high) != (0.0, 1.0) {
            notes.push(format!("{:?}: {high} is the positive class, {low} the other.", self.column));
        }
        Ok(Target { name: self.column.to_owned(), kind, values, levels })
    }

    /// Whether what was said can be.
    fn check(&self, kind: TargetKind, distinct: &[f64], whole: bool) -> Result<(), ProblemError> {
        let (low, high) = (distinct[0], distinct[distinct.len() - 1]);
        let why = match kind {
            TargetKind::Amount | TargetKind::Count | TargetKind::Relevance if low < 0.0 => format!("it holds {low}"),
            TargetKind::Count if !whole => "not all of it are whole numbers".to_owned(),
            TargetKind::Share if low < 0.0 || high > 1.0 => format!("it goes from {low} to {high}, not from 0 to 1"),
            TargetKind::Binary if distinct.len() != 2 => format!("it has {} different values", distinct.len()),
            TargetKind::Ordered | TargetKind::Classes if distinct.len() < 3 => "it has two different values".to_owned(),
            TargetKind::Ordered if !whole => "ordered classes are whole numbers".to_owned(),
            TargetKind::Ordered if distinct.len() > 15 => {
                format!("it has {} different values; ordered classes are at most 15", distinct.len())
            }
            TargetKind::Classes if distinct.len() > MOST_CLASSES => {
                format!("it has {} different values; classes are at most {MOST_CLASSES}", distinct.len())
            }
            _ => return Ok(()),
        };
        Err(self.refuse(kind, why))
    }

    /// The kind that the values look like.
    fn seen(&self, distinct: &[f64], whole: bool, values: &[f64], notes: &mut Vec<String>) -> TargetKind {
        let (low, high) = (distinct[0], distinct[distinct.len() - 1]);
        let column = self.column;
        if distinct.len() == 2 {
            return TargetKind::Binary;
        }
        if low < 0.0 {
            return TargetKind::Real;
        }
        if !whole {
            return if high <= 1.0 { TargetKind::Share } else { TargetKind::Amount };
        }
        let consecutive = high - low == (distinct.len() - 1) as f64;
        if consecutive && low >= 1.0 && (3..=15).contains(&distinct.len()) {
            notes.push(format!(
                "{column:?}: the whole numbers {low} to {high} are taken as ordered classes; if they count something, say \
                 --kind count, if their order means nothing, --kind classes."
            ));
            return TargetKind::Ordered;
        }
        let mut positive: Vec<f64> = values.iter().copied().filter(|&value| value > 0.0).collect();
        let middle = positive.len() / 2;
        let median = if positive.is_empty() { 0.0 } else { *positive.select_nth_unstable_by(middle, f64::total_cmp).1 };
        if median > 1000.0 {
            notes.push(format!(
                "{column:?}: whole numbers about {median} are taken as an amount; if they count something, say --kind count."
            ));
            return TargetKind::Amount;
        }
        if consecutive && distinct.len() <= 15 {
            notes.push(format!(
                "{column:?}: the whole numbers 0 to {high} are taken as counts; if they are classes, say --kind ordered or \
                 --kind classes."
            ));
        }
        TargetKind::Count
    }
}
