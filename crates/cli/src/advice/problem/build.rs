//! From a table and its roles to a checked problem.

use sha2::{Digest, Sha256};

use super::suspects::{identifiers, is_target};
use super::target::{Wanted, alike};
use super::{Problem, ProblemError, TargetKind};
use crate::advice::written::counted;
use crate::frame::{Cells, Column, Encoder, Frame, Groups, MISSING, Roles};
use crate::table::{TableError, close_names};

/// With fewer rows nothing can be compared.
const LEAST_ROWS: usize = 20;

/// Beyond this exp is no number of single precision.
const MOST_OFFSET: f64 = 80.0;

/// 2⁵³: from here on two keys could have been rounded to one.
const FIRST_ROUNDED: f64 = 9_007_199_254_740_992.0;

impl Problem {
    /// Checks a table with its roles. `kind` is what the user said of the target; `ranking` says that lists are to be
    /// ordered, so that a target of numbers is the relevance of the items of the group's lists.
    ///
    /// # Errors
    /// Where the table cannot answer the question, in one line that names the column.
    pub fn new(frame: Frame, roles: &Roles, kind: Option<TargetKind>, ranking: bool) -> Result<Self, ProblemError> {
        let named = named_roles(roles);
        for (place, (role, column)) in named.iter().enumerate() {
            frame.position(column)?;
            if let Some((first, _)) = named[..place].iter().find(|(other, name)| name == column && other != role) {
                return Err(ProblemError::TwoRoles { column: (*column).to_owned(), first, second: role });
            }
        }
        if kind == Some(TargetKind::Relevance) && roles.group.is_none() {
            return Err(ProblemError::ListsWithoutGroup);
        }
        let Frame { source: file, sha256, mut columns, rows, mut notes } = frame;
        notes.retain(|note| !roles.drop.iter().any(|name| note.starts_with(&format!("{name:?}: "))));
        columns.retain(|column| !roles.drop.contains(&column.name));
        let kept = rows_of_use(&file, &columns, rows, roles, &mut notes)?;
        if kept.len() < rows {
            columns.iter_mut().for_each(|column| column.cells = taken(&column.cells, &kept));
        }
        let reader = Reader { file: &file, columns: &columns, row: &kept };
        let given = roles.group.as_ref().map(|name| reader.groups(name)).transpose()?;
        let time = roles.time.as_ref().map(|name| reader.numbers(name, "time")).transpose()?;
        let offset = roles.offset.as_ref().map(|name| reader.numbers(name, "offset")).transpose()?;
        let weight = roles.weight.as_ref().map(|name| reader.weight(name)).transpose()?;
        if let (Some(name), Some(weight)) = (&roles.weight, &weight) {
            let rows =
                weight.len() as f64 * weight.len() as f64 / weight.iter().map(|weight| weight * weight).sum::<f64>();
            notes.push(format!(
                "Rows count by {name:?}, which tells as much as {} of equal weight; tails and columns alone count each row once.",
                counted(rows.round() as usize, "row", "rows")
            ));
        }
        let cells = reader.cells(&roles.target);
        let kind = match (kind, &given) {
            (None, Some(groups)) if ranking && is_of_lists(cells, groups) => Some(TargetKind::Relevance),
            (None, Some(_)) if ranking => {
                notes.push(format!(
                    "{:?} is no grade that differs within the groups: the whole table is ranked, not each group; if groups \
                     are lists, say --kind relevance.",
                    roles.target
                ));
                None
            }
            (kind, _) => kind,
        };
        let wanted = Wanted { file: &file, column: &roles.target, kind };
        let target = wanted.target(cells, &mut notes)?;
        if let (Some(name), Some(offset), TargetKind::Amount | TargetKind::Count) =
            (&roles.offset, &offset, target.kind)
            && let Some(place) = offset.iter().position(|offset| offset.abs() > MOST_OFFSET)
        {
            let what = format!("{} is no logarithm of an exposure: exp of it is out of all bounds", offset[place]);
            return Err(reader.bad(place, name, "offset", what));
        }
        let features: Vec<Column> =
            columns.into_iter().filter(|column| !named.iter().any(|(_, name)| *name == column.name)).collect();
        if let Some(column) = features.iter().find(|column| is_target(column, &target)) {
            let column = column.name.clone();
            return Err(ProblemError::TargetAgain { file, drop: as_argument(&[&column]), column, target: target.name });
        }
        let identifiers = identifiers(&features);
        if let Some(&(column, why)) = identifiers.first() {
            let names: Vec<&str> = identifiers.iter().map(|(name, _)| *name).collect();
            return Err(ProblemError::Identifier { file, column: column.to_owned(), why, drop: as_argument(&names) });
        }
        if features.iter().all(is_useless) {
            return Err(ProblemError::NoFeature { file, target: target.name });
        }
        notes.extend(features.iter().filter_map(|column| match &column.cells {
            Cells::Text { levels, .. } => alike(&column.name, levels.iter().map(String::as_str)),
            Cells::Number(_) | Cells::Date(_) => None,
        }));
        let is_date = |column: &&Column| matches!(column.cells, Cells::Date(_));
        notes.extend(features.iter().filter(is_date).map(|column| {
            format!(
                "{:?}: dates are left out; derive numbers from them, such as the month or the days since.",
                column.name
            )
        }));
        if given.is_some() && time.is_some() && target.kind != TargetKind::Relevance {
            notes.push(
                "Splits go forward in time and keep groups whole: of the groups on both sides of a cut half are judged and half \
                 are fitted on, and their rows on the other side are left out of that split."
                    .to_owned(),
            );
        }
        let groups = given.unwrap_or_else(|| by_content(&target.values, &features));
        Ok(Self {
            source: file,
            sha256,
            target,
            features,
            groups,
            time,
            weight,
            offset,
            dropped: roles.drop.clone(),
            notes,
        })
    }
}

/// Rows with a target, and with a weight above 0 where there are weights.
fn rows_of_use(
    file: &str,
    columns: &[Column],
    rows: usize,
    roles: &Roles,
    notes: &mut Vec<String>,
) -> Result<Vec<usize>, ProblemError> {
    let cells = |name: &str| columns.iter().find(|column| column.name == name).map(|column| &column.cells);
    let target = cells(&roles.target);
    let mut kept: Vec<usize> = (0..rows).filter(|&row| !target.is_some_and(|cells| is_missing(cells, row))).collect();
    if kept.is_empty() {
        return Err(ProblemError::TargetMissing { file: file.to_owned(), column: roles.target.clone() });
    }
    if kept.len() < rows {
        notes.push(left_out(rows - kept.len(), &format!("without {:?}", roles.target)));
    }
    if let Some(name) = &roles.weight
        && let Some(Cells::Number(weights)) = cells(name)
    {
        let before = kept.len();
        kept.retain(|&row| weights[row] != 0.0);
        if kept.is_empty() {
            return Err(ProblemError::WeightsZero { file: file.to_owned(), column: name.clone() });
        }
        if kept.len() < before {
            notes.push(left_out(before - kept.len(), "of weight 0"));
        }
    }
    if kept.len() < LEAST_ROWS {
        return Err(ProblemError::TooFewRows { file: file.to_owned(), rows: kept.len(), least: LEAST_ROWS });
    }
    Ok(kept)
}

/// That so many rows play no part.
pub(in crate::advice) fn left_out(count: usize, which: &str) -> String {
    if count == 1 { format!("1 row {which} is left out.") } else { format!("{count} rows {which} are left out.") }
}

/// Whether groups look like lists of graded items: few whole grades from 0, which differ within most groups of several rows,
/// and most rows in such groups.
fn is_of_lists(cells: &Cells, groups: &Groups) -> bool {
    const MOST_GRADES: f64 = 31.0;
    let Cells::Number(grades) = cells else { return false };
    if grades.iter().any(|&grade| grade.fract() != 0.0 || !(0.0..=MOST_GRADES).contains(&grade)) {
        return false;
    }
    let mut members = vec![0usize; groups.count];
    let mut ends = vec![(f64::INFINITY, f64::NEG_INFINITY); groups.count];
    for (&grade, &group) in grades.iter().zip(&groups.of_row) {
        let group = group as usize;
        members[group] += 1;
        ends[group] = (ends[group].0.min(grade), ends[group].1.max(grade));
    }
    let several = members.iter().filter(|&&count| count > 1);
    let rows: usize = several.clone().sum();
    let mixed = ends.iter().filter(|(low, high)| low < high).count();
    2 * mixed >= several.count() && 2 * rows >= grades.len()
}

/// Names as a command line takes them.
fn as_argument(names: &[&str]) -> String {
    let joined = names.join(",");
    let plain = |letter: char| letter.is_alphanumeric() || "_-.,".contains(letter);
    if joined.chars().all(plain) { joined } else { format!("'{}'", joined.replace('\'', "'\\''")) }
}

impl Frame {
    /// Where the column of this name stands.
    pub(in crate::advice) fn position(&self, name: &str) -> Result<usize, TableError> {
        self.columns.iter().position(|column| column.name == name).ok_or_else(|| TableError::UnknownColumn {
            source_name: self.source.clone(),
            name: name.to_owned(),
            close: close_names(name, self.columns.iter().map(|column| column.name.as_str())),
        })
    }
}

/// Options and their columns.
fn named_roles(roles: &Roles) -> Vec<(&'static str, &str)> {
    let optional =
        [("group", &roles.group), ("time", &roles.time), ("weight", &roles.weight), ("offset", &roles.offset)];
    let optional = optional.into_iter().filter_map(|(role, name)| name.as_deref().map(|name| (role, name)));
    let dropped = roles.drop.iter().map(|name| ("drop", name.as_str()));
    std::iter::once(("target", roles.target.as_str())).chain(optional).chain(dropped).collect()
}

pub(in crate::advice) fn is_missing(cells: &Cells, row: usize) -> bool {
    match cells {
        Cells::Number(values) | Cells::Date(values) => values[row].is_nan(),
        Cells::Text { codes, .. } => codes[row] == MISSING,
    }
}

/// The cells of these rows.
pub(in crate::advice) fn taken(cells: &Cells, rows: &[usize]) -> Cells {
    match cells {
        Cells::Number(values) => Cells::Number(rows.iter().map(|&row| values[row]).collect()),
        Cells::Date(values) => Cells::Date(rows.iter().map(|&row| values[row]).collect()),
        Cells::Text { levels, codes } => {
            Cells::Text { levels: levels.clone(), codes: rows.iter().map(|&row| codes[row]).collect() }
        }
    }
}

/// A date, one value in every row, or text of rare levels alone.
fn is_useless(column: &Column) -> bool {
    match &column.cells {
        Cells::Number(values) => {
            values.windows(2).all(|pair| pair[0] == pair[1] || (pair[0].is_nan() && pair[1].is_nan()))
        }
        Cells::Text { codes, .. } => {
            Encoder::fit(std::slice::from_ref(column), &(0..codes.len()).collect::<Vec<_>>()).width() == 0
        }
        Cells::Date(_) => true,
    }
}

/// Columns with a role.
struct Reader<'a> {
    file: &'a str,
    columns: &'a [Column],
    /// The row in the file of each row, from 0.
    row: &'a [usize],
}

impl Reader<'_> {
    fn cells(&self, name: &str) -> &Cells {
        let column = self.columns.iter().find(|column| column.name == name);
        &column.expect("the roles' columns were found").cells
    }

    fn bad(&self, place: usize, column: &str, role: &'static str, what: impl Into<String>) -> ProblemError {
        let (file, column) = (self.file.to_owned(), column.to_owned());
        ProblemError::BadCell { file, row: self.row[place] + 1, column, role, what: what.into() }
    }

    /// Numbers or dates, none missing.
    fn numbers(&self, name: &str, role: &'static str) -> Result<Vec<f64>, ProblemError> {
        let (file, column) = (self.file.to_owned(), name.to_owned());
        let values = match self.cells(name) {
            Cells::Number(values) => values,
            Cells::Date(values) if role == "time" => values,
            Cells::Date(_) | Cells::Text { .. } => {
                let wanted = if role == "time" { "numbers or dates" } else { "numbers" };
                return Err(ProblemError::BadColumn { file, column, role, wanted });
            }
        };
        match values.iter().position(|value| value.is_nan()) {
            Some(place) => Err(self.bad(place, name, role, "the cell is missing")),
            None => Ok(values.clone()),
        }
    }

    /// Positive numbers, brought to mean 1.
    fn weight(&self, name: &str) -> Result<Vec<f64>, ProblemError> {
        let weights = self.numbers(name, "weight")?;
        if let Some(place) = weights.iter().position(|&weight| weight <= 0.0) {
            return Err(self.bad(place, name, "weight", format!("{} is not above 0", weights[place])));
        }
        let largest = weights.iter().copied().fold(0.0, f64::max);
        let mean = weights.iter().map(|weight| weight / largest).sum::<f64>() / weights.len() as f64;
        Ok(weights.iter().map(|weight| weight / largest / mean).collect())
    }

    /// Numbered by rising key: the order of rows does not matter.
    fn groups(&self, name: &str) -> Result<Groups, ProblemError> {
        let cells = self.cells(name);
        let rows = self.row.len();
        if let Some(place) = (0..rows).find(|&row| is_missing(cells, row)) {
            return Err(self.bad(place, name, "group", "the cell is missing"));
        }
        if let Cells::Number(values) = cells
            && let Some(place) = values.iter().position(|value| value.abs() >= FIRST_ROUNDED)
        {
            return Err(self.bad(place, name, "group", "the number is too large to be read exactly; write it as text"));
        }
        let mut keys: Vec<u64> = Vec::new();
        let of_row: Vec<u32> = match cells {
            Cells::Number(values) | Cells::Date(values) => {
                // As signed integers of the same order.
                let key = |value: f64| {
                    let bits = if value == 0.0 { 0 } else { value.to_bits() };
                    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
                };
                keys.extend(values.iter().map(|&value| key(value)));
                keys.sort_unstable();
                keys.dedup();
                values.iter().map(|&value| keys.partition_point(|&other| other < key(value)) as u32).collect()
            }
            Cells::Text { codes, .. } => {
                keys.extend(codes.iter().map(|&code| u64::from(code)));
                keys.sort_unstable();
                keys.dedup();
                codes.iter().map(|&code| keys.partition_point(|&other| other < u64::from(code)) as u32).collect()
            }
        };
        let (file, column) = (self.file.to_owned(), name.to_owned());
        match keys.len() {
            1 => Err(ProblemError::OneGroup { file, column, value: shown(cells) }),
            count if count == rows => Err(ProblemError::LonelyGroups { file, column }),
            count => Ok(Groups { name: Some(name.to_owned()), of_row, count }),
        }
    }
}

fn shown(cells: &Cells) -> String {
    match cells {
        Cells::Number(values) | Cells::Date(values) => values[0].to_string(),
        Cells::Text { levels, codes } => levels[codes[0] as usize].clone(),
    }
}

/// Every row by itself, numbered by what it holds: neither the order of rows nor that of columns matters, nor the target's
/// unit.
fn by_content(target: &[f64], features: &[Column]) -> Groups {
    let mut columns: Vec<&Column> = features.iter().collect();
    columns.sort_by(|a, b| a.name.cmp(&b.name));
    let mut content = vec![0; target.len()];
    for column in columns {
        match &column.cells {
            Cells::Number(values) | Cells::Date(values) => {
                content.iter_mut().zip(values).for_each(|(hash, value)| *hash = mixed(*hash, value.to_bits()));
            }
            Cells::Text { levels, codes } => {
                let texts: Vec<u64> = levels.iter().map(|level| of_text(level)).collect();
                content.iter_mut().zip(codes).for_each(|(hash, &code)| {
                    *hash = mixed(*hash, if code == MISSING { u64::MAX } else { texts[code as usize] });
                });
            }
        }
    }
    let mut order: Vec<(u64, u32)> = content.into_iter().zip(Groups::none(target.len()).of_row).collect();
    let own = |row: u32| target[row as usize];
    order.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| own(a.1).total_cmp(&own(b.1))));
    let mut of_row = vec![0; order.len()];
    order.iter().enumerate().for_each(|(place, &(_, row))| of_row[row as usize] = place as u32);
    Groups { name: None, count: of_row.len(), of_row }
}

/// The finaliser of SplitMix64, over what came before and one value more.
fn mixed(hash: u64, value: u64) -> u64 {
    let z = (hash ^ value).wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn of_text(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    u64::from_le_bytes(digest[..8].try_into().expect("a digest has 32 bytes"))
}
