//! Chapter 4, "VAE": codes that pay for themselves, and those that do not: which units collapse can be said beforehand.

mod autoencoder;
mod measure;
mod page;
mod spectrum;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use super::digits::PictureFigures;
pub use spectrum::Spectrum;
pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::{
    Parts,
    chapter::{self, Begin, Conditions, Findings},
};
use crate::{metrics::Spread, page::Page, run::Failure};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "vae"
    }

    fn title(&self) -> &'static str {
        "4. Codes that have to pay for themselves"
    }

    fn seconds(&self) -> [u32; 2] {
        [80, 14]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Vae::measure(conditions, begin)?))
    }
}

/// What encodes and decodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum VaeNetwork {
    /// One linear layer each way, and one variance of the code for all pictures.
    Linear,
    /// A hidden layer each way; the variance depends on the picture.
    Deep,
}

/// What an autoencoder is trained by.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum VaeObjective {
    /// The evidence lower bound whose code costs so many times as much; with 1 the bound itself.
    Beta {
        /// What a nat of the code costs.
        beta: f64,
    },
    /// The bound in which every unit has so many nats for free.
    FreeBits {
        /// Free for each unit.
        nats: f64,
    },
    /// The bound of so many codes for each picture.
    ImportanceWeighted {
        /// Codes drawn for each picture.
        codes: usize,
    },
}

impl VaeObjective {
    /// The evidence lower bound.
    pub const ELBO: Self = Self::Beta { beta: 1.0 };

    /// What people call it.
    pub fn name(self) -> String {
        match self {
            Self::Beta { beta: 1.0 } => "ELBO".into(),
            Self::Beta { beta } => format!("β {beta}"),
            Self::FreeBits { nats } => format!("free {nats}"),
            Self::ImportanceWeighted { codes } => format!("IWAE {codes}"),
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> String {
        match self {
            Self::Beta { beta: 1.0 } => "the ELBO".into(),
            Self::Beta { beta } => format!("β = {beta}"),
            Self::FreeBits { nats: 1.0 } => "one free nat for each unit".into(),
            Self::FreeBits { nats } => format!("{nats} free nats for each unit"),
            Self::ImportanceWeighted { codes } => format!("IWAE with {codes} codes"),
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Vae {
    /// Rows: pictures of digits.
    pub rows: usize,
    /// Rows of each part.
    pub parts: Parts,
    /// Passes of the linear network over the training pictures; a step is cheap, and units near the threshold are slow.
    pub linear_epochs: usize,
    /// Passes of the deep network.
    pub deep_epochs: usize,
    /// One for each repetition: it decides initial weights, the order of the pictures and the drawn codes.
    pub seeds: Vec<u64>,
    /// Codes for each test picture in the estimate of its likelihood.
    pub codes: usize,
    /// Of the training pictures, inks from 0 to 16.
    pub spectrum: Spectrum,
    /// Share of the test pictures that the reader tells right.
    pub reader_accuracy: f64,
    /// Of true pictures.
    pub truth: PictureFigures,
    /// The first test pictures, as they are shown: ink of 8 rows of 8 pixels, from 0 to 1.
    pub examples: Vec<Vec<f64>>,
    /// The mean of the training pictures.
    pub mean_picture: Vec<f64>,
    /// One entry for each network and objective.
    pub outcomes: Vec<VaeOutcome>,
}

/// What came of a network trained by an objective.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VaeOutcome {
    /// What encodes and decodes.
    pub network: VaeNetwork,
    /// What it was trained by.
    pub objective: VaeObjective,
    /// One entry for each seed.
    pub runs: Vec<VaeFigures>,
    /// The first test pictures after encoding and decoding, first seed.
    pub reconstructions: Vec<Vec<f64>>,
    /// Pictures of codes drawn from the prior, first seed.
    pub samples: Vec<Vec<f64>>,
}

/// What a trained autoencoder does with the test pictures. Likelihoods are densities in steps of ink, 16 of them to black.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VaeFigures {
    /// The evidence lower bound, nats for a picture.
    pub elbo: f64,
    /// Log-likelihood, by the importance-weighted bound of many codes.
    pub likelihood: f64,
    /// Nats in the code: KL(q(z | x), p(z)).
    pub rate: f64,
    /// Nats that the picture costs once its code is known.
    pub distortion: f64,
    /// Root of the mean squared error of a pixel, decoded from the mean code, in steps of ink.
    pub error: f64,
    /// How far the reconstructions are from the mean picture: their mean squared distance over that of the pictures.
    pub variety: f64,
    /// Units whose mean depends on the picture: its variance over the pictures is beyond [`ACTIVE`](Self::ACTIVE).
    pub active: usize,
    /// Units that the decoder needs: with another picture's value the distortion rises by more than [`USED`](Self::USED).
    pub used: usize,
    /// Nats in each unit, the fullest first.
    pub divergences: Vec<f64>,
    /// Pictures decoded from codes that are drawn from the prior, beside the test pictures.
    pub samples: PictureFigures,
}

impl VaeFigures {
    /// Burda, Grosse and Salakhutdinov's threshold for an active unit.
    pub const ACTIVE: f64 = 0.01;

    /// Nats that a used unit is worth.
    pub const USED: f64 = 0.1;
}

impl VaeOutcome {
    /// A figure over the seeds.
    pub fn spread(&self, figure: impl Fn(&VaeFigures) -> f64) -> Spread {
        Spread::of(self.runs.iter().map(figure).collect())
    }
}

impl Vae {
    /// Passes over the training pictures.
    pub fn epochs(&self, network: VaeNetwork) -> usize {
        match network {
            VaeNetwork::Linear => self.linear_epochs,
            VaeNetwork::Deep => self.deep_epochs,
        }
    }

    /// What came of a network trained by an objective.
    pub fn of(&self, network: VaeNetwork, objective: VaeObjective) -> Option<&VaeOutcome> {
        self.outcomes.iter().find(|outcome| outcome.network == network && outcome.objective == objective)
    }

    /// The β of the trainings with a network, from the lowest on.
    pub fn betas(&self, network: VaeNetwork) -> impl Iterator<Item = (f64, &VaeOutcome)> {
        self.outcomes.iter().filter(move |outcome| outcome.network == network).filter_map(|outcome| {
            match outcome.objective {
                VaeObjective::Beta { beta } => Some((beta, outcome)),
                VaeObjective::FreeBits { .. } | VaeObjective::ImportanceWeighted { .. } => None,
            }
        })
    }
}

impl Findings for Vae {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}
