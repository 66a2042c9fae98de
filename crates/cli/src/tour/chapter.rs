//! What a chapter is, and the list of them: a new one is a folder and a line in [`ALL`].

use std::sync::atomic::{AtomicBool, Ordering};

use indicatif::ProgressBar;
use serde_json::Value;

use super::{TrainingError, blur, calibration, embeddings, gan, heavy_tail, noisy_labels, ranking, rare_class, vae};
use crate::{data::Claims, page::Page, run::Failure, terminal::Progress};

/// The chapters, in the order of a tour.
pub const ALL: [&dyn Chapter; 9] = [
    &heavy_tail::Chapter,
    &rare_class::Chapter,
    &blur::Chapter,
    &vae::Chapter,
    &gan::Chapter,
    &embeddings::Chapter,
    &ranking::Chapter,
    &calibration::Chapter,
    &noisy_labels::Chapter,
];

/// A chapter: several losses, the same data and the same model, and what each loss did.
pub trait Chapter: Sync {
    /// What it is called on the command line: words with hyphens.
    fn name(&self) -> &'static str;

    /// What it is about, in one line, with its number.
    fn title(&self) -> &'static str;

    /// About how many seconds of processor time a whole and a quick run take.
    fn seconds(&self) -> [u32; 2];

    /// Trains. Title and lead are given to `begin` as soon as they are known.
    ///
    /// # Errors
    /// Where the data do not do, a training came to nothing or was stopped, or `begin` fails.
    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure>;

    /// What it is called in `numbers.json`.
    fn key(&self) -> String {
        self.name().replace('-', "_")
    }
}

/// What shows a page's title and lead before anything is trained.
pub type Begin<'a> = &'a mut dyn FnMut(&Page) -> Result<(), Failure>;

/// What came of a chapter. Page and verdict are functions of the numbers.
pub trait Findings {
    /// What there is to show.
    fn page(&self) -> Page;

    /// All figures.
    fn numbers(&self) -> Value;
}

/// What a run depends on, and what watches over it.
#[derive(Debug, Clone, Copy)]
pub struct Conditions<'a> {
    /// Of everything random.
    pub seed: u64,
    /// Whether to train less.
    pub quick: bool,
    /// Medical cost by person and year, for the chapters that are about it.
    pub claims: &'a Claims,
    /// Bars for people.
    pub progress: Progress,
    /// Once true, what trains gives up.
    pub stop: &'a AtomicBool,
}

impl Conditions<'_> {
    /// One of two, by whether it is the quick run.
    pub(super) fn choose<T>(&self, full: T, quick: T) -> T {
        if self.quick { quick } else { full }
    }

    /// So many seeds from that of the run on.
    pub(super) fn seeds(&self, count: u64) -> Vec<u64> {
        super::following(self.seed, count)
    }

    /// The bar of so many steps.
    pub(super) fn watch(&self, chapter: u8, trainings: usize, steps: u64) -> Watch<'_> {
        Watch { bar: self.progress.bar(format!("Chapter {chapter}: {trainings} trainings"), steps), stop: self.stop }
    }
}

/// Counts the steps of a chapter's trainings, and ends them when asked to.
pub(super) struct Watch<'a> {
    bar: ProgressBar,
    stop: &'a AtomicBool,
}

impl Watch<'_> {
    /// A step was taken.
    pub(super) fn step(&self) -> Result<(), TrainingError> {
        self.bar.inc(1);
        if self.stop.load(Ordering::Relaxed) { Err(TrainingError::Stopped) } else { Ok(()) }
    }

    /// Nobody looks and nobody stops it.
    #[cfg(test)]
    pub(super) fn unseen() -> Self {
        static NEVER: AtomicBool = AtomicBool::new(false);
        Self { bar: ProgressBar::hidden(), stop: &NEVER }
    }
}
