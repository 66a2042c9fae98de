//! Chapter 6, "Embeddings": networks that put letters into four dimensions, judged on letters that they never saw.

mod axes;
mod letters;
mod loss;
mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::chapter::{self, Begin, Conditions, Findings};
use crate::{metrics::Spread, page::Page, run::Failure};

/// Numbers of an embedding.
pub(crate) const DIMENSIONS: usize = 4;

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "embeddings"
    }

    fn title(&self) -> &'static str {
        "6. Near to its like, and letters never seen"
    }

    fn seconds(&self) -> [u32; 2] {
        [145, 15]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Embeddings::measure(conditions, begin)?))
    }
}

/// The losses of the chapter, triplets with each miner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EmbeddingLoss {
    /// All pairs: like ones to one place, unlike ones beyond a margin.
    Contrastive,
    /// One random triplet for each row.
    RandomTriplets,
    /// All triplets of the batch that violate the margin.
    AllTriplets,
    /// The farthest of its like, and the nearest other beyond that.
    SemiHard,
    /// The nearest of its like, and the nearest other beyond that.
    EasyPositive,
    /// The farthest of its like, and the nearest other.
    BatchHard,
    /// Random triplets of directions alone.
    OnTheSphere,
    /// One of its like among one of each other letter, by the softmax of cosines.
    InfoNce,
    /// All of its like among the whole batch, by the softmax of cosines.
    SupCon,
    /// A direction for each letter, with a margin in the angle.
    ArcFace,
    /// The hardest, with the soft margin.
    SoftMargin,
    /// The hardest, after a start with random triplets.
    AfterWarmUp,
    /// The hardest of a small batch.
    OfFew,
}

impl EmbeddingLoss {
    /// Those whose margin or temperature is chosen, in the order of the report.
    pub const CONTENDERS: [Self; 10] = [
        Self::Contrastive,
        Self::RandomTriplets,
        Self::AllTriplets,
        Self::SemiHard,
        Self::EasyPositive,
        Self::BatchHard,
        Self::OnTheSphere,
        Self::InfoNce,
        Self::SupCon,
        Self::ArcFace,
    ];

    /// What is said to help where the hardest triplets are too hard; all take the margin that was chosen for these.
    pub const VARIATIONS: [Self; 3] = [Self::SoftMargin, Self::AfterWarmUp, Self::OfFew];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Contrastive => "contrastive",
            Self::RandomTriplets => "triplet, random",
            Self::AllTriplets => "triplet, all violating",
            Self::SemiHard => "triplet, semi-hard",
            Self::EasyPositive => "triplet, easy positive",
            Self::BatchHard => "triplet, hardest",
            Self::OnTheSphere => "triplet, on the sphere",
            Self::InfoNce => "InfoNCE",
            Self::SupCon => "SupCon",
            Self::ArcFace => "ArcFace",
            Self::SoftMargin => "hardest, soft margin",
            Self::AfterWarmUp => "hardest, after random",
            Self::OfFew => "hardest of a small batch",
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Contrastive => "the contrastive loss",
            Self::RandomTriplets => "random triplets",
            Self::AllTriplets => "all violating triplets",
            Self::SemiHard => "semi-hard triplets",
            Self::EasyPositive => "triplets with the easiest positive",
            Self::BatchHard => "the hardest triplets",
            Self::OnTheSphere => "random triplets on the sphere",
            Self::InfoNce => "InfoNCE",
            Self::SupCon => "SupCon",
            Self::ArcFace => "ArcFace",
            Self::SoftMargin => "the hardest triplets with the soft margin",
            Self::AfterWarmUp => "the hardest triplets after random ones",
            Self::OfFew => "the hardest triplets of a small batch",
        }
    }
}

/// What a letter is known by without a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Yardstick {
    /// All columns, standardised.
    AllColumns,
    /// The first principal axes of the letters that are seen.
    Principal,
    /// The first axes of linear discriminant analysis of the letters that are seen.
    Discriminant,
    /// The directions of those.
    DiscriminantDirection,
}

impl Yardstick {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AllColumns => "all 16 columns",
            Self::Principal => "PCA",
            Self::Discriminant => "LDA",
            Self::DiscriminantDirection => "LDA, directions alone",
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Embeddings {
    /// Rows: printed letters.
    pub rows: usize,
    /// Columns of a row.
    pub features: usize,
    /// Rows of A to T, that the reported networks learn from.
    pub seen: usize,
    /// Rows of P to T, that choose the settings.
    pub choosing: usize,
    /// Rows of U to Z, that the report is of.
    pub unseen: usize,
    /// Steps of a training.
    pub steps: u64,
    /// Margins or temperatures that are tried of each loss.
    pub settings: usize,
    /// One for each repetition: it decides initial weights and batches.
    pub seeds: Vec<u64>,
    /// Without a network.
    pub yardsticks: Vec<YardstickFigures>,
    /// What was tried.
    pub tried: Vec<TriedEmbedding>,
    /// One entry for each loss.
    pub losses: Vec<EmbeddingOutcome>,
    /// InfoNCE at each temperature, from small to large.
    pub temperatures: Vec<TemperatureOutcome>,
}

/// How the unseen letters are found without a network.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct YardstickFigures {
    /// By what.
    pub yardstick: Yardstick,
    /// Share of the rows whose nearest other is of their letter.
    pub recall: f64,
    /// MAP@R.
    pub map_at_r: f64,
}

/// A setting, and what the letters P to T say of it; one training on A to O.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TriedEmbedding {
    /// The loss.
    pub loss: EmbeddingLoss,
    /// Margin or temperature.
    pub setting: f64,
    /// What came of it.
    pub figures: EmbeddingFigures,
}

/// What came of a loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EmbeddingOutcome {
    /// The loss.
    pub loss: EmbeddingLoss,
    /// The margin or temperature that was chosen.
    pub setting: f64,
    /// One entry for each seed.
    pub runs: Vec<EmbeddingFigures>,
    /// Over the training, first seed.
    pub course: Vec<EmbeddingMoment>,
    /// Some of the unseen letters in the plane of the embedding's first two principal axes, first seed.
    pub map: Vec<MapPoint>,
}

/// InfoNCE at one temperature.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TemperatureOutcome {
    /// The temperature.
    pub temperature: f64,
    /// One entry for each seed.
    pub runs: Vec<EmbeddingFigures>,
}

/// What is said of an embedding of letters that it was not trained on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EmbeddingFigures {
    /// Share of the rows whose nearest other is of their letter.
    pub recall: f64,
    /// MAP@R.
    pub map_at_r: f64,
    /// Mean squared distance of the directions of two rows of one letter.
    pub alignment: f64,
    /// Logarithm of the mean Gaussian potential of the directions: the lower, the more evenly they are spread.
    pub uniformity: f64,
    /// Mean distance of two rows over that of the untrained network.
    pub apart: f64,
    /// Loss over the last steps, over that of one point for everything; nothing where that is no fixed number.
    pub loss_over_point: Option<f64>,
}

/// A moment of a training.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EmbeddingMoment {
    /// Steps so far.
    pub step: u64,
    /// Mean distance of two rows over that of the untrained network.
    pub apart: f64,
    /// Loss since the last moment over that of one point for everything; nothing where that is no fixed number.
    pub loss_over_point: Option<f64>,
}

/// A row on a map.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct MapPoint {
    /// 0 for A.
    pub letter: usize,
    /// Along the first principal axis, in the mean distance of the untrained network.
    pub x: f64,
    /// Along the second.
    pub y: f64,
}

impl EmbeddingFigures {
    /// What is left of the untrained network's distances, where less is a collapse.
    pub const COLLAPSED: f64 = 0.1;

    /// Whether everything ended in one place.
    pub fn collapsed(&self) -> bool {
        self.apart < Self::COLLAPSED
    }
}

impl EmbeddingOutcome {
    /// A figure over the seeds.
    pub fn spread(&self, figure: impl Fn(&EmbeddingFigures) -> f64) -> Spread {
        spread(&self.runs, figure)
    }

    /// Recall@1 over the seeds.
    pub fn recall(&self) -> Spread {
        self.spread(|figures| figures.recall)
    }

    /// Seeds with which everything ended in one place.
    pub fn collapsed(&self) -> usize {
        self.runs.iter().filter(|figures| figures.collapsed()).count()
    }
}

fn spread(runs: &[EmbeddingFigures], figure: impl Fn(&EmbeddingFigures) -> f64) -> Spread {
    Spread::of(runs.iter().map(figure).collect())
}

impl Embeddings {
    /// What came of a loss.
    pub fn of(&self, loss: EmbeddingLoss) -> Option<&EmbeddingOutcome> {
        self.losses.iter().find(|outcome| outcome.loss == loss)
    }

    /// What there is without a network.
    pub fn without(&self, yardstick: Yardstick) -> Option<&YardstickFigures> {
        self.yardsticks.iter().find(|figures| figures.yardstick == yardstick)
    }

    /// Of those whose setting was chosen, from the highest mean recall@1 down.
    fn ranked(&self) -> Vec<&EmbeddingOutcome> {
        let mut ranked: Vec<_> = EmbeddingLoss::CONTENDERS.into_iter().filter_map(|loss| self.of(loss)).collect();
        ranked.sort_by(|a, b| b.recall().mean().total_cmp(&a.recall().mean()));
        ranked
    }
}

impl Findings for Embeddings {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}
