//! What every rule says: when it speaks, what it recommends and why, when not to follow it, what would refute it.

mod amounts;
mod counts;
mod evidence;
mod imbalance;
mod labels;
mod ranking;
mod representations;

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use serde::{Serialize, Serializer};

use crate::advice::{document::Severity, problem::TargetKind};

/// The text of a rule. Data are called data.csv, the target y.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct RuleText {
    /// Stable: `MIN110`.
    pub code: &'static str,
    /// A few words.
    pub title: &'static str,
    /// How much it changes.
    pub severity: Severity,
    /// What it is looked at for.
    pub applies_to: Scope,
    /// When it fires.
    pub trigger: &'static str,
    /// What to do then.
    pub recommend: &'static str,
    /// The reason.
    pub why: &'static str,
    /// Reasons against following it.
    pub when_not: &'static str,
    /// The cheapest experiment that would refute it.
    pub experiment: &'static str,
    /// The command of that experiment, where there is one.
    pub command: Option<&'static str>,
    /// Losses of the catalogue that it speaks of.
    pub losses: &'static [&'static str],
    /// Papers: `Author year: title`.
    pub references: &'static [&'static str],
}

/// What a rule is looked at for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Tables with a target of one of these kinds.
    Targets(&'static [TargetKind]),
    /// Models that the program does not train: only `guide` and `explain` speak of it.
    Beyond(&'static str),
}

impl Scope {
    /// Whether it is looked at for a target of this kind.
    pub fn includes(self, kind: TargetKind) -> bool {
        match self {
            Self::Targets(kinds) => kinds.contains(&kind),
            Self::Beyond(_) => false,
        }
    }

    /// In words: "targets that are counts or amounts".
    pub fn describe(self) -> String {
        let kinds = match self {
            Self::Beyond(what) => return what.to_owned(),
            Self::Targets(kinds) if kinds.len() == EVERY.len() => return "every target".to_owned(),
            Self::Targets(kinds) => kinds,
        };
        let names: Vec<&str> = kinds.iter().map(|&kind| in_words(kind)).collect();
        match &names[..] {
            [] => String::new(),
            [only] => (*only).to_owned(),
            [first @ .., last] => format!("{} or {last}", first.join(", ")),
        }
    }
}

impl Serialize for Scope {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Targets(kinds) => serializer.collect_seq(kinds.iter().map(|kind| kind.name())),
            Self::Beyond(what) => serializer.collect_seq([what]),
        }
    }
}

/// A kind of target, as a newcomer would say it.
pub(in crate::advice) fn in_words(kind: TargetKind) -> &'static str {
    match kind {
        TargetKind::Real => "numbers of either sign",
        TargetKind::Amount => "amounts from 0",
        TargetKind::Count => "counts",
        TargetKind::Share => "shares from 0 to 1",
        TargetKind::Binary => "two classes",
        TargetKind::Ordered => "ordered classes",
        TargetKind::Classes => "classes without an order",
        TargetKind::Relevance => "relevance in lists",
    }
}

/// Every kind of target.
const EVERY: &[TargetKind] = &[
    TargetKind::Real,
    TargetKind::Amount,
    TargetKind::Count,
    TargetKind::Share,
    TargetKind::Binary,
    TargetKind::Ordered,
    TargetKind::Classes,
    TargetKind::Relevance,
];

/// Numbers, not classes.
const NUMBERS: &[TargetKind] = &[TargetKind::Real, TargetKind::Amount, TargetKind::Count];

impl RuleText {
    /// Author and year of each of its papers, as one line.
    pub fn reference(&self) -> &'static str {
        static LINES: LazyLock<Vec<(&'static str, String)>> = LazyLock::new(|| {
            let short = |reference: &&'static str| reference.split_once(": ").map_or(*reference, |(short, _)| short);
            let line = |rule: &RuleText| rule.references.iter().map(short).collect::<Vec<_>>().join("; ");
            rules().map(|rule| (rule.code, line(rule))).collect()
        });
        LINES.iter().find(|(code, _)| *code == self.code).map_or("", |(_, line)| line)
    }
}

/// All rules, by code.
pub fn rules() -> impl Iterator<Item = &'static RuleText> {
    [
        amounts::RULES,
        counts::RULES,
        imbalance::RULES,
        labels::RULES,
        ranking::RULES,
        representations::RULES,
        evidence::RULES,
    ]
    .into_iter()
    .flatten()
}

/// The rule of that code, in any case, with or without its letters: `MIN141`, `min141`, `141`.
pub fn rule(code: &str) -> Option<&'static RuleText> {
    let digits = digits(code)?;
    rules().find(|rule| &rule.code[3..] == digits)
}

/// There is no rule of that code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no rule {code}: did you mean {suggestion}?; `minimand guide` names rules by use")]
pub struct UnknownRule {
    code: String,
    suggestion: String,
}

/// The rule of that code.
///
/// # Errors
/// Names the codes that stand nearest.
pub fn find(code: &str) -> Result<&'static RuleText, UnknownRule> {
    rule(code).ok_or_else(|| UnknownRule {
        code: format!("MIN{}", digits(code).unwrap_or(code)),
        suggestion: nearest(code).join(" or "),
    })
}

/// Whether a word is meant as a rule's code, known or not: letters MIN and digits, or digits alone.
pub fn is_code(word: &str) -> bool {
    digits(word).is_some()
}

/// The codes that stand nearest to one that does not exist: equal but for one digit, or next in number.
pub fn nearest(code: &str) -> Vec<&'static str> {
    let Some(wanted) = digits(code) else { return Vec::new() };
    let number: i64 = wanted.parse().unwrap_or(i64::MAX);
    let distance = |rule: &&RuleText| {
        let own = &rule.code[3..];
        let edits = strsim::damerau_levenshtein(own, wanted);
        (edits, own.parse::<i64>().map_or(u64::MAX, |own| own.abs_diff(number)))
    };
    let mut all: Vec<&RuleText> = rules().collect();
    all.sort_by_key(distance);
    all.iter().take(3).map(|rule| rule.code).collect()
}

/// The digits of a code.
fn digits(code: &str) -> Option<&str> {
    let code = code.trim();
    let digits = match code.get(..3) {
        Some(letters) if letters.eq_ignore_ascii_case("min") => code[3..].trim_start_matches(['-', '_', ' ']),
        _ => code,
    };
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(digits)
}
