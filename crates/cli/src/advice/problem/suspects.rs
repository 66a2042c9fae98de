//! Columns that no honest model is fitted on: identifiers, and the target under another name.

use std::collections::HashMap;

use super::Target;
use crate::frame::{Cells, Column, MISSING};

/// So many rows tell in most cases that a column is nothing of the kind.
const LOOK: usize = 1000;

/// From so many rows on, whole numbers that rise from row to row are no chance.
const ROWS_OF_A_SERIES: usize = 100;

/// Features that are identifiers, and why.
///
/// Texts that are different in nearly every row; whole numbers that are all different and consecutive (row numbers, in any
/// order) or rise or fall from row to row; whole numbers that are nearly all different and named like an identifier. Other
/// numbers that are all different are measurements.
pub(super) fn identifiers(features: &[Column]) -> Vec<(&str, &'static str)> {
    features.iter().filter_map(|column| Some((column.name.as_str(), identifier(column)?))).collect()
}

fn identifier(column: &Column) -> Option<&'static str> {
    match &column.cells {
        Cells::Text { levels, codes } => {
            let known = codes.iter().filter(|&&code| code != MISSING).count();
            let mut is_used = vec![false; levels.len()];
            codes.iter().filter(|&&code| code != MISSING).for_each(|&code| is_used[code as usize] = true);
            let different = is_used.iter().filter(|&&is_used| is_used).count();
            (2 * known >= codes.len() && nearly_all(different, known)).then_some("its text differs in nearly every row")
        }
        Cells::Number(values) => number_identifier(&column.name, values),
        Cells::Date(_) => None,
    }
}

fn nearly_all(different: usize, known: usize) -> bool {
    different as f64 > 0.95 * known as f64
}

fn number_identifier(name: &str, values: &[f64]) -> Option<&'static str> {
    // Sorting is for columns that a look does not clear.
    if values[..values.len().min(LOOK)].iter().any(|value| value.is_nan() || value.fract() != 0.0) {
        return None;
    }
    let mut look = values[..values.len().min(LOOK)].to_vec();
    if !nearly_all(count_different(&mut look), look.len()) {
        return None;
    }
    if values.iter().any(|value| value.is_nan() || value.fract() != 0.0) {
        return None;
    }
    let rises = values.windows(2).all(|pair| pair[0] < pair[1]) || values.windows(2).all(|pair| pair[0] > pair[1]);
    let mut sorted = values.to_vec();
    let different = count_different(&mut sorted);
    let all_differ = different == values.len();
    let span = sorted[sorted.len() - 1] - sorted[0];
    if all_differ && span == (values.len() - 1) as f64 {
        Some("it numbers the rows")
    } else if all_differ && rises && values.len() >= ROWS_OF_A_SERIES {
        Some("its number differs in every row, in the order of the rows")
    } else if nearly_all(different, values.len()) && named_like_one(name) {
        Some("its number differs in nearly every row")
    } else {
        None
    }
}

/// How many different ones; sorts them.
fn count_different(values: &mut [f64]) -> usize {
    values.sort_unstable_by(f64::total_cmp);
    1 + values.windows(2).filter(|pair| pair[0] != pair[1]).count()
}

/// By its first or last word: `id`, `customer_id`, `PassengerId`, `id.of.row`.
fn named_like_one(name: &str) -> bool {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let is_id = |word: Option<&String>| {
        word.is_some_and(|word| matches!(word.as_str(), "id" | "ids" | "uuid" | "guid" | "key" | "index" | "no" | "nr"))
    };
    let camel = name.ends_with("Id") || name.ends_with("ID") || name.ends_with("Key");
    camel || is_id(words.first()) || is_id(words.last())
}

/// Whether a feature is the target itself, in other units or under other names.
pub(super) fn is_target(column: &Column, target: &Target) -> bool {
    match &column.cells {
        Cells::Number(values) if target.levels.is_empty() => is_affine(values, &target.values),
        Cells::Number(values) => {
            is_renamed(values.iter().map(|value| (!value.is_nan()).then_some(value.to_bits())), target)
        }
        Cells::Text { codes, .. } => {
            is_renamed(codes.iter().map(|&code| (code != MISSING).then_some(u64::from(code))), target)
        }
        Cells::Date(_) => false,
    }
}

/// y = a + b x in every row that has both, up to rounding.
fn is_affine(x: &[f64], y: &[f64]) -> bool {
    // The first rows clear most columns.
    let look = LOOK.min(x.len());
    is_line(&x[..look], &y[..look]).unwrap_or(true) && is_line(x, y) == Some(true)
}

/// Whether the points that are known lie on one line that is not level; not known where x or y does not vary, or half of the
/// rows are missing.
fn is_line(x: &[f64], y: &[f64]) -> Option<bool> {
    let pairs = || x.iter().zip(y).filter(|(x, _)| !x.is_nan());
    let extreme = |better: fn(f64, f64) -> bool| {
        pairs().fold(None, |best: Option<(f64, f64)>, (&x, &y)| match best {
            Some(best) if !better(x, best.0) => Some(best),
            _ => Some((x, y)),
        })
    };
    let (low, high) = (extreme(|a, b| a < b)?, extreme(|a, b| a > b)?);
    let slope = (high.1 - low.1) / (high.0 - low.0);
    let size = high.1.abs().max(low.1.abs());
    let on_line = || pairs().all(|(&x, &y)| (low.1 + slope * (x - low.0) - y).abs() <= 1e-9 * size);
    let is_known = 2 * pairs().count() >= y.len() && slope.is_finite() && (slope != 0.0 || !on_line());
    is_known.then(on_line)
}

/// One value for each class, and one class for each value.
fn is_renamed(values: impl Iterator<Item = Option<u64>>, target: &Target) -> bool {
    let mut class_of: HashMap<u64, u64> = HashMap::new();
    let mut known = 0;
    for (value, class) in values.zip(&target.values) {
        let Some(value) = value else { continue };
        known += 1;
        if *class_of.entry(value).or_insert(class.to_bits()) != class.to_bits() || class_of.len() > target.levels.len()
        {
            return false;
        }
    }
    2 * known >= target.values.len() && class_of.len() == target.levels.len()
}
