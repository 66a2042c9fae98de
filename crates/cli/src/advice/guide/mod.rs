//! The decision framework without data: questions, and what follows from each answer.
//!
//! One table of data, shown as a short tree, as a chapter with all reasons, or as JSON.

mod calibration;
mod classification;
mod embeddings;
mod evidence;
mod generative;
mod page;
mod ranking;
mod regression;

#[cfg(test)]
mod tests;

pub use page::{chapter, overview};

use serde::Serialize;

use super::rules::catalog::{RuleText, rules};

/// The name of the JSON's schema.
pub const SCHEMA: &str = "minimand.guide/1";

/// A kind of problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// As the command takes it.
    pub name: &'static str,
    /// What is predicted, in a few words.
    pub about: &'static str,
    /// What everybody starts with and what is to know before the questions.
    pub opening: &'static str,
    /// The questions, in the order in which they are asked.
    pub questions: &'static [Fork],
    /// The command that answers them from a table; none where the program trains no such model.
    pub next: Option<Next>,
}

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Next {
    /// The command.
    pub command: &'static str,
    /// What it does.
    pub does: &'static str,
}

/// A question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Fork {
    /// The question.
    pub question: &'static str,
    /// The answers.
    pub choices: &'static [Choice],
}

/// An answer and what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The answer.
    pub answer: &'static str,
    /// What is done, in a few words.
    pub advice: &'static str,
    /// Losses of the catalogue for it, the one to begin with first.
    pub losses: &'static [&'static str],
    /// Reasons for.
    pub reason: &'static str,
    /// Reasons against.
    pub against: &'static str,
    /// The cheapest experiment that would refute it.
    pub experiment: &'static str,
    /// The command of that experiment, where there is one.
    pub command: Option<&'static str>,
    /// Codes of the rules that look for it in data.
    pub rules: &'static [&'static str],
}

/// All kinds of problems.
pub static TOPICS: [Topic; 6] = [
    regression::TOPIC,
    classification::TOPIC,
    ranking::TOPIC,
    embeddings::TOPIC,
    generative::TOPIC,
    calibration::TOPIC,
];

/// What is asked before any loss, whatever the kind of problem.
pub const BEFORE: &[Fork] = evidence::FORKS;

/// The kind of problem of that name.
pub fn topic(name: &str) -> Option<&'static Topic> {
    TOPICS.iter().find(|topic| topic.name == name)
}

/// Everything as JSON: the questions that come first, the kinds of problems (or the one), and the rules that they name.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GuideDocument {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// The program's version.
    pub program: &'static str,
    /// [`BEFORE`].
    pub before: &'static [Fork],
    /// The kinds of problems.
    pub topics: Vec<Topic>,
    /// The rules that they name.
    pub rules: Vec<RuleText>,
}

impl GuideDocument {
    /// Of one kind of problem, or of all.
    pub fn of(only: Option<&Topic>) -> Self {
        let topics = only.map_or_else(|| TOPICS.to_vec(), |topic| vec![*topic]);
        let named = |code: &str| {
            let forks = BEFORE.iter().chain(topics.iter().flat_map(|topic| topic.questions));
            forks.flat_map(|fork| fork.choices).any(|choice| choice.rules.contains(&code))
        };
        let rules = rules().filter(|rule| named(rule.code)).copied().collect();
        Self { schema: SCHEMA, program: env!("CARGO_PKG_VERSION"), before: BEFORE, topics, rules }
    }
}
