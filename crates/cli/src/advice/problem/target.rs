//! Which kind of number a target is: seen from its values, or as the user says.

use super::{ProblemError, Target, TargetKind};
use crate::frame::{Cells, MISSING};

/// More classes than these cannot be told apart.
const MOST_CLASSES: usize = 200;

/// With more values, the order alone is no better than the number itself.
const MOST_ORDERED: usize = 15;

/// Texts that mean the positive class of two.
const POSITIVE: [&str; 9] = ["true", "t", "yes", "y", "positive", "pos", "on", "present", "abnormal"];

/// Texts that mean the other.
const NEGATIVE: [&str; 9] = ["false", "f", "no", "n", "negative", "neg", "off", "absent", "normal"];

/// Where the target is, and what was said of it.
pub(in crate::advice) struct Wanted<'a> {
    pub(in crate::advice) file: &'a str,
    pub(in crate::advice) column: &'a str,
    pub(in crate::advice) kind: Option<TargetKind>,
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
    pub(in crate::advice) fn target(&self, cells: &Cells, notes: &mut Vec<String>) -> Result<Target, ProblemError> {
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
            count if count > MOST_CLASSES || 2 * count > codes.len() => {
                let (file, column) = (self.file.to_owned(), self.column.to_owned());
                let most = MOST_CLASSES.min(codes.len() / 2);
                return Err(ProblemError::TooManyClasses { file, column, levels: count, rows: codes.len(), most });
            }
            _ => {}
        }
        let is_among = |texts: &[&str], level: usize| texts.contains(&levels[level].to_lowercase().as_str());
        if seen.len() > 2 && seen.iter().all(|&level| is_among(&POSITIVE, level) || is_among(&NEGATIVE, level)) {
            let (file, column) = (self.file.to_owned(), self.column.to_owned());
            let levels = seen.iter().map(|&level| levels[level].clone()).collect();
            return Err(ProblemError::MixedAnswers { file, column, levels });
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
            // From −1, a plain no, to 1, a plain yes.
            let meaning = |level: usize| i8::from(is_among(&POSITIVE, level)) - i8::from(is_among(&NEGATIVE, level));
            // The positive one last: by its name, else the rarer.
            let why = if meaning(seen[0]) != meaning(seen[1]) {
                seen.sort_by_key(|&level| meaning(level));
                "by its name"
            } else {
                seen.sort_by_key(|&level| std::cmp::Reverse(counts[level]));
                "the rarer one"
            };
            let share = 100.0 * counts[seen[1]] as f64 / codes.len() as f64;
            notes.push(format!(
                "{:?}: {:?} is the positive class ({why}; {share:.3} % of the rows), {:?} the other.",
                self.column, levels[seen[1]], levels[seen[0]]
            ));
        }
        notes.extend(alike(self.column, seen.iter().map(|&level| levels[level].as_str())));
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
            notes
                .push(format!("{:?}: {high} is the positive class (the larger number), {low} the other.", self.column));
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
            TargetKind::Ordered if distinct.len() > MOST_ORDERED => {
                format!("it has {} different values; ordered classes are at most {MOST_ORDERED}", distinct.len())
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
        let is_consecutive = high - low == (distinct.len() - 1) as f64 && (3..=MOST_ORDERED).contains(&distinct.len());
        if is_consecutive && is_bounded(low, high, values) {
            notes.push(format!(
                "{column:?}: the whole numbers {low} to {high} are taken as ordered classes; if they count something, say \
                 --kind count, if their order means nothing, --kind classes."
            ));
            return TargetKind::Ordered;
        }
        let others = if is_consecutive { "--kind ordered or --kind classes" } else { "--kind amount or --kind real" };
        let what = if is_consecutive { "classes" } else { "measured" };
        if let Some(why) = not_counted(low, values) {
            notes.push(format!(
                "{column:?}: whole numbers {why} are taken as an amount; if they count something, say --kind count."
            ));
            return TargetKind::Amount;
        }
        notes.push(format!(
            "{column:?}: the whole numbers {low} to {high} are taken as counts; if they are {what}, say {others}."
        ));
        TargetKind::Count
    }
}

/// That two texts differ in nothing but letter case, where they do.
pub(super) fn alike<'a>(column: &str, levels: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut seen = std::collections::HashMap::new();
    for level in levels {
        if let Some(other) = seen.insert(level.to_lowercase(), level) {
            return Some(format!(
                "{column:?}: {other:?} and {level:?} differ in letter case alone and are taken as two; if they are one, write \
                 them alike."
            ));
        }
    }
    None
}

/// Whether consecutive whole numbers end where a scale ends, and not where counts become rare. A scale from 2 or higher is
/// no count; one from 0 or 1 has a good share of its rows at the upper end, or above the middle.
fn is_bounded(low: f64, high: f64, values: &[f64]) -> bool {
    let share = |from: f64| values.iter().filter(|&&value| value >= from).count() as f64 / values.len() as f64;
    if low >= 2.0 {
        return true;
    }
    if low == 1.0 {
        // Counts of at least one fall off: little of them is above the middle.
        return share(low.midpoint(high) + 0.25) > 0.1;
    }
    // Half of what the last value would have if all were alike.
    values.len() >= 50 && share(high) >= 0.5 / (high - low + 1.0)
}

/// Why whole numbers are no counts, if they are none: rounded to tens, or large.
fn not_counted(low: f64, values: &[f64]) -> Option<String> {
    let mut positive: Vec<f64> = values.iter().copied().filter(|&value| value > 0.0).collect();
    let middle = positive.len() / 2;
    let median = *positive.select_nth_unstable_by(middle, f64::total_cmp).1;
    let tens = positive.iter().filter(|&&value| value % 10.0 == 0.0).count();
    if median >= 100.0 && 2 * tens > positive.len() {
        return Some("most of which are multiples of ten".to_owned());
    }
    if median >= 10_000.0 {
        return Some(format!("about {median}"));
    }
    // No counting law has a variance that is a small part of its mean.
    let count = values.len() as f64;
    let mean = values.iter().map(|value| value / count).sum::<f64>();
    let variance = values.iter().map(|value| (value - mean).powi(2) / count).sum::<f64>();
    (low > 0.0 && median >= 100.0 && variance < mean / 2.0).then(|| format!("that vary little about {median}"))
}
