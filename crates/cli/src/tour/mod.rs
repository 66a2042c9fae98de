//! The tour: chapters that train the same model with several losses on real data and say what each loss did.
//!
//! A [`Chapter`] is a module: its results as plain figures, the verdict as a pure function of them, and the page that shows
//! both.

pub mod blur;
pub mod calibration;
pub mod chapter;
mod contrast;
mod digits;
pub mod embeddings;
mod figures;
mod fit;
pub mod gan;
pub mod heavy_tail;
pub mod noisy_labels;
pub mod ranking;
pub mod rare_class;
mod training;
pub mod vae;

pub use chapter::{Chapter, Conditions, Findings};

pub use heavy_tail::DeltaError;
pub use training::TrainingError;

use minimand::data::split::Split;
use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::Value;

use crate::{
    page::{Page, capitalised},
    report::html,
    terminal::number::count,
};

/// What all trainings of a chapter have in common.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Setting {
    /// One for each repetition: it decides the split, the initial weights and the order of the rows. With a seed, every
    /// loss sees the same of them.
    pub seeds: Vec<u64>,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows in a step.
    pub batch: usize,
    /// Widths of the hidden layers.
    pub hidden: Vec<usize>,
    /// Learning rate at the start; it falls to 0 along a cosine.
    pub learning_rate: f64,
    /// AdamW's weight decay.
    pub weight_decay: f64,
}

impl Setting {
    /// The whole run.
    pub fn full(seed: u64) -> Self {
        Self {
            seeds: following(seed, 5),
            epochs: 20,
            batch: 256,
            hidden: vec![32, 32],
            learning_rate: 3e-3,
            weight_decay: 1.0,
        }
    }

    /// The short run.
    pub fn quick(seed: u64) -> Self {
        Self { seeds: following(seed, 3), epochs: 5, ..Self::full(seed) }
    }

    /// Steps of a training with so many rows.
    fn steps(&self, rows: usize) -> u64 {
        (self.epochs * rows.div_ceil(self.batch)) as u64
    }

    /// How the trainings of a chapter are alike: for its page.
    fn in_words(&self, features: usize, parts: Parts) -> String {
        let widths: Vec<String> = self.hidden.iter().map(usize::to_string).collect();
        let seeds: Vec<String> = self.seeds.iter().map(u64::to_string).collect();
        let seeds: Vec<&str> = seeds.iter().map(String::as_str).collect();
        let widths: Vec<&str> = widths.iter().map(String::as_str).collect();
        format!(
            "Only the loss differs. The network has {features} inputs and hidden layers of {} ReLUs; AdamW trains it \
             for {} epochs in batches of {}, with a learning rate that falls from {} to 0 and weight decay {}. Kept are \
             the weights of the epoch with the lowest value of the training's own loss on the validation rows. {} \
             ({}): each decides the initial weights, the order of the rows, and which people train ({} rows with the \
             first seed), validate ({}) and test ({}); no person is in two parts. Features are standardised by the \
             training rows.",
            listed(&widths, "and"),
            self.epochs,
            self.batch,
            self.learning_rate,
            self.weight_decay,
            capitalised(&seeds_in_words(seeds.len())),
            listed(&seeds, "and"),
            count(parts.train as f64),
            count(parts.validation as f64),
            count(parts.test as f64),
        )
    }

    /// What the figures of a table are.
    fn spread_in_words(&self) -> String {
        match self.seeds.len() {
            1 => "One seed: how much another one would change is not known.".to_owned(),
            seeds => format!("Mean ± standard deviation over {seeds} seeds."),
        }
    }
}

/// So many seeds, from this one on.
fn following(seed: u64, count: u64) -> Vec<u64> {
    (0..count).map(|repetition| seed.wrapping_add(repetition)).collect()
}

/// Rows of the parts of the split, for the first seed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// Rows to fit on.
    pub train: usize,
    /// Rows to choose on.
    pub validation: usize,
    /// Rows to report on.
    pub test: usize,
}

impl Parts {
    fn of(split: &Split) -> Self {
        Self { train: split.train.len(), validation: split.validation.len(), test: split.test.len() }
    }

    /// Test rows over training rows: what [`Contrast`](contrast::Contrast) asks for.
    fn ratio(self) -> f64 {
        self.test as f64 / self.train.max(1) as f64
    }
}

/// The state after a pass over the training rows, of the first seed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Epoch {
    /// From 1; 0 is the untrained network.
    pub number: usize,
    /// Mean loss of all training rows, in the loss's own unit.
    pub training_loss: f64,
    /// Mean loss of all validation rows.
    pub validation_loss: f64,
    /// Share of the total gradient, Σ |∂loss/∂prediction| over the training rows, that the rows in question hold.
    pub gradient_share: f64,
}

/// Everything a run found: what `numbers.json` holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Tour {
    program: String,
    seed: u64,
    quick: bool,
    chapters: Vec<Finished>,
}

/// A chapter that came to its end.
#[derive(Debug, Clone, PartialEq)]
struct Finished {
    key: String,
    numbers: Value,
    page: Page,
}

impl Tour {
    /// A run that has found nothing yet.
    pub fn new(seed: u64, quick: bool) -> Self {
        let program = concat!("minimand ", env!("CARGO_PKG_VERSION")).to_owned();
        Self { program, seed, quick, chapters: Vec::new() }
    }

    /// Adds what came of a chapter, after those that are there.
    pub fn add(&mut self, chapter: &dyn Chapter, findings: &dyn Findings) {
        self.chapters.push(Finished { key: chapter.key(), numbers: findings.numbers(), page: findings.page() });
    }

    /// Whether no chapter was finished.
    pub fn is_empty(&self) -> bool {
        self.chapters.is_empty()
    }

    /// How many chapters were finished.
    pub fn len(&self) -> usize {
        self.chapters.len()
    }

    /// The chapters that were finished.
    pub fn pages(&self) -> Vec<Page> {
        self.chapters.iter().map(|chapter| chapter.page.clone()).collect()
    }

    /// The report, as one HTML file.
    pub fn html(&self) -> String {
        let pages = self.pages();
        let quick = if self.quick { ", --quick" } else { "" };
        let introduction = format!(
            "The same model, the same data, different losses: what each of them estimated, and whom it serves. \
             Written by {} (seed {}{quick}). The figures are in numbers.json beside this page, the plots in SVG files.",
            self.program, self.seed
        );
        html::document("Which loss does your problem call for?", &introduction, &pages)
    }
}

/// With `program`, `seed` and `quick`, and every chapter under its name.
impl Serialize for Tour {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("program", &self.program)?;
        map.serialize_entry("seed", &self.seed)?;
        map.serialize_entry("quick", &self.quick)?;
        for chapter in &self.chapters {
            map.serialize_entry(&chapter.key, &chapter.numbers)?;
        }
        map.end()
    }
}

/// "one seed" or "3 seeds".
fn seeds_in_words(seeds: usize) -> String {
    if seeds == 1 { "one seed".to_owned() } else { format!("{seeds} seeds") }
}

/// "a", "a and b", "a, b and c".
fn listed(names: &[&str], joint: &str) -> String {
    match names {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [first @ .., last] => format!("{} {joint} {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests;
