//! Columns that no honest model is fitted on: identifiers, and the target under another name.

use std::collections::HashMap;

use super::Target;
use crate::frame::{Cells, Column, MISSING};

/// Why a feature is an identifier, if it is one.
///
/// Texts that are different in nearly every row; whole numbers that are all different and either consecutive (row numbers)
/// or named like an identifier. Other numbers that are all different are measurements.
pub(super) fn identifier(column: &Column) -> Option<&'static str> {
    match &column.cells {
        Cells::Text { levels, codes } => {
            let known = codes.iter().filter(|&&code| code != MISSING).count();
            (known >= 20 && levels.len() as f64 > 0.95 * known as f64).then_some("its text differs in nearly every row")
        }
        Cells::Number(values) => {
            if values.iter().any(|value| value.is_nan() || value.fract() != 0.0) {
                return None;
            }
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
                return None;
            }
            let consecutive = sorted[sorted.len() - 1] - sorted[0] == (sorted.len() - 1) as f64;
            if consecutive {
                Some("it numbers the rows")
            } else {
                named_like_one(&column.name).then_some("its number differs in every row")
            }
        }
        Cells::Date(_) => None,
    }
}

fn named_like_one(name: &str) -> bool {
    let words: Vec<String> = name
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let camel = name.ends_with("Id") || name.ends_with("ID") || name.ends_with("Key");
    camel
        || words
            .last()
            .is_some_and(|word| matches!(word.as_str(), "id" | "ids" | "uuid" | "guid" | "key" | "index" | "no" | "nr"))
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
    let pairs = || x.iter().zip(y).filter(|(x, _)| !x.is_nan());
    let extreme = |better: fn(f64, f64) -> bool| {
        pairs().fold(None, |best: Option<(f64, f64)>, (&x, &y)| match best {
            Some(best) if !better(x, best.0) => Some(best),
            _ => Some((x, y)),
        })
    };
    let (Some(low), Some(high)) = (extreme(|a, b| a < b), extreme(|a, b| a > b)) else { return false };
    let slope = (high.1 - low.1) / (high.0 - low.0);
    if 2 * pairs().count() < y.len() || !slope.is_finite() || slope == 0.0 {
        return false;
    }
    let size = high.1.abs().max(low.1.abs());
    pairs().all(|(&x, &y)| (low.1 + slope * (x - low.0) - y).abs() <= 1e-9 * size)
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
