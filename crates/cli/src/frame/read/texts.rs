//! A column as text or dates.

use std::collections::HashMap;

use super::cell::is_missing;
use crate::frame::{Cells, MISSING, date};

/// A column of at least this share of dates is one of dates.
const MOSTLY_DATES: f64 = 0.95;

/// The pairs of texts that are booleans.
const BOOLEANS: [[&str; 2]; 4] = [["false", "true"], ["no", "yes"], ["f", "t"], ["n", "y"]];

/// A column of text: each different text once.
#[derive(Default)]
pub(super) struct Texts {
    code_of: HashMap<String, u32>,
    codes: Vec<u32>,
}

impl Texts {
    pub(super) fn push(&mut self, field: &[u8]) {
        let code = match std::str::from_utf8(field) {
            Ok(text) if !is_missing(field) => self.code(text),
            _ => MISSING,
        };
        self.codes.push(code);
    }

    fn code(&mut self, text: &str) -> u32 {
        if let Some(&code) = self.code_of.get(text) {
            return code;
        }
        let code = self.code_of.len() as u32;
        self.code_of.insert(text.to_owned(), code);
        code
    }

    /// With the cells of the rows that follow.
    pub(super) fn append(&mut self, more: Self) {
        let mut own = vec![0; more.code_of.len()];
        for (text, code) in more.code_of {
            own[code as usize] = self.code(&text);
        }
        self.codes.extend(more.codes.iter().map(|&code| if code == MISSING { MISSING } else { own[code as usize] }));
    }

    /// Dates where most texts are, otherwise text with its levels in alphabetical order: the order of rows does not matter.
    pub(super) fn cells(self) -> Cells {
        let mut texts: Vec<(String, u32)> = self.code_of.into_iter().collect();
        texts.sort_unstable();
        if is_mixed_boolean(&texts) {
            texts.iter_mut().for_each(|(text, _)| text.make_ascii_lowercase());
            texts.sort_unstable();
        }
        let mut place = vec![0; texts.len()];
        let mut levels: Vec<String> = Vec::new();
        for (text, code) in texts {
            if levels.last() != Some(&text) {
                levels.push(text);
            }
            place[code as usize] = levels.len() as u32 - 1;
        }
        let codes: Vec<u32> =
            self.codes.iter().map(|&code| if code == MISSING { MISSING } else { place[code as usize] }).collect();
        let days = date::days(&levels);
        let known = codes.iter().filter(|&&code| code != MISSING).count();
        let dates = codes.iter().filter(|&&code| code != MISSING && days[code as usize].is_some()).count();
        if known > 0 && dates as f64 >= MOSTLY_DATES * known as f64 {
            let day = |&code: &u32| if code == MISSING { f64::NAN } else { days[code as usize].unwrap_or(f64::NAN) };
            return Cells::Date(codes.iter().map(day).collect());
        }
        Cells::Text { levels, codes }
    }
}

/// Whether the texts are one of the pairs, with one of its two spelt in several ways.
fn is_mixed_boolean(texts: &[(String, u32)]) -> bool {
    let is_one_of = |pair: &[&str; 2], text: &str| pair.iter().any(|level| level.eq_ignore_ascii_case(text));
    texts.len() > 2 && BOOLEANS.iter().any(|pair| texts.iter().all(|(text, _)| is_one_of(pair, text)))
}
