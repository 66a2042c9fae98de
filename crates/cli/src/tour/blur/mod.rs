//! Chapter 3, "Blur": what an autoencoder paints with each loss, and why squared error paints mist: it answers with the mean of
//! all that could be.

mod classifier;
mod fashion;
mod judge;
mod neighbours;
mod page;
mod painter;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use verdict::verdict;

use serde::Serialize;
use serde_json::{Value, json};

use super::chapter::{self, Begin, Conditions, Findings};
use crate::{metrics::Spread, page::Page, run::Failure, statistics::Paired};

/// The chapter's place in the tour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chapter;

impl chapter::Chapter for Chapter {
    fn name(&self) -> &'static str {
        "blur"
    }

    fn title(&self) -> &'static str {
        "3. Why pictures blur"
    }

    fn seconds(&self) -> [u32; 2] {
        [134, 15]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Blur::measure(conditions, begin)?))
    }
}

/// The losses of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BlurLoss {
    /// Of each pixel.
    SquaredError,
    /// Of each pixel.
    AbsoluteError,
    /// Structural similarity.
    Ssim,
    /// Squared error of a classifier's features.
    Perceptual,
    /// Squared error, and a critic who tells painted pictures from true ones.
    Adversarial,
}

impl BlurLoss {
    /// All that reconstruct; the first is what the others are compared with.
    pub const ALL: [Self; 5] =
        [Self::SquaredError, Self::AbsoluteError, Self::Ssim, Self::Perceptual, Self::Adversarial];

    /// Those that complete half a picture.
    pub const COMPLETING: [Self; 3] = [Self::SquaredError, Self::AbsoluteError, Self::Adversarial];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SquaredError => "squared error",
            Self::AbsoluteError => "absolute error",
            Self::Ssim => "SSIM",
            Self::Perceptual => "perceptual",
            Self::Adversarial => "adversarial",
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::SquaredError | Self::AbsoluteError | Self::Ssim => self.name(),
            Self::Perceptual => "the perceptual loss",
            Self::Adversarial => "the adversarial loss",
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Blur {
    /// Training pictures.
    pub train: usize,
    /// Test pictures.
    pub test: usize,
    /// Passes over the training pictures, of a painter and of a classifier.
    pub epochs: [usize; 2],
    /// One for each repetition: it decides initial weights and the order of the pictures.
    pub seeds: Vec<u64>,
    /// Share of the true test pictures that the classifier tells right whose features train.
    pub teacher_accuracy: f64,
    /// The same of the classifier that judges.
    pub judge_accuracy: f64,
    /// One entry for each loss.
    pub reconstructions: Vec<Painted<PictureFigures>>,
    /// One entry for each loss that completes.
    pub completions: Vec<Painted<HalfFigures>>,
    /// The conditional mean without a network.
    pub neighbours: Neighbours,
    /// The first test picture of each class: brightness of 28 rows of 28 pixels, from 0 to 1.
    pub examples: Vec<Vec<f64>>,
    /// The same, completed by the neighbours.
    pub answers: AnswerPictures,
}

/// What came of a loss.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Painted<F> {
    /// The loss.
    pub loss: BlurLoss,
    /// One entry for each seed, on the test pictures.
    pub runs: Vec<F>,
    /// What it made of the examples, first seed.
    pub pictures: Vec<Vec<f64>>,
}

/// Painted pictures beside the true ones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PictureFigures {
    /// Mean squared error of a pixel.
    pub squared: f64,
    /// Mean absolute error of a pixel.
    pub absolute: f64,
    /// Mean structural similarity.
    pub similarity: f64,
    /// Squared error of the judge's features over their variance.
    pub features: f64,
    /// Energy of the edges over that of the true pictures.
    pub sharpness: f64,
    /// Share that the judge tells right.
    pub recognised: f64,
}

/// Painted lower halves beside the true ones, and beside the neighbours'.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HalfFigures {
    /// Mean squared error of a pixel.
    pub squared: f64,
    /// Mean absolute error of a pixel.
    pub absolute: f64,
    /// Energy of the edges over that of the true halves.
    pub sharpness: f64,
    /// Mean squared distance of a pixel to the neighbours' mean.
    pub to_mean: f64,
    /// Mean absolute distance of a pixel to the neighbours' median.
    pub to_median: f64,
}

/// What the training pictures with the nearest upper halves say of the lower ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Neighbours {
    /// How many are asked.
    pub count: usize,
    /// What was tried.
    pub tried: Vec<Averaged>,
    /// Their mean.
    pub mean: HalfFigures,
    /// Their median, pixel by pixel.
    pub median: HalfFigures,
    /// The nearest alone.
    pub one: HalfFigures,
    /// Mean squared error of any one of them.
    pub single: f64,
    /// Mean squared distance to their mean.
    pub spread: f64,
    /// Squared error of their mean minus that of any one, over the test pictures.
    pub gain: Paired,
}

/// The mean of so many neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Averaged {
    /// How many.
    pub count: usize,
    /// Squared error on training pictures, each left out in turn.
    pub left_out: f64,
    /// Squared error on test pictures.
    pub squared: f64,
    /// Sharpness on test pictures.
    pub sharpness: f64,
}

/// The examples, completed by the neighbours.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AnswerPictures {
    /// By their mean.
    pub mean: Vec<Vec<f64>>,
    /// By their median.
    pub median: Vec<Vec<f64>>,
    /// By the nearest.
    pub one: Vec<Vec<f64>>,
}

impl Neighbours {
    /// Of how many neighbours the mean is as sharp, between those that were tried; none where one neighbour is blurrier or
    /// all of them are sharper.
    pub fn as_sharp_as(&self, sharpness: f64) -> Option<f64> {
        let between = |pair: &[Averaged]| {
            let [few, many] = pair else { return None };
            let share = (few.sharpness - sharpness) / (few.sharpness - many.sharpness);
            let ratio = many.count as f64 / few.count as f64;
            (0.0..=1.0).contains(&share).then(|| few.count as f64 * ratio.powf(share))
        };
        self.tried.windows(2).find_map(between)
    }
}

impl<F> Painted<F> {
    /// A figure over the seeds.
    pub fn spread(&self, figure: impl Fn(&F) -> f64) -> Spread {
        Spread::of(self.runs.iter().map(figure).collect())
    }
}

impl Blur {
    /// What came of reconstructing with a loss.
    pub fn reconstruction(&self, loss: BlurLoss) -> Option<&Painted<PictureFigures>> {
        self.reconstructions.iter().find(|painted| painted.loss == loss)
    }

    /// What came of completing with a loss.
    pub fn completion(&self, loss: BlurLoss) -> Option<&Painted<HalfFigures>> {
        self.completions.iter().find(|painted| painted.loss == loss)
    }
}

impl Findings for Blur {
    fn page(&self) -> Page {
        self.page()
    }

    fn numbers(&self) -> Value {
        json!(self)
    }
}

#[cfg(test)]
mod tests {
    use approx::assert_relative_eq;

    use super::*;

    #[test]
    fn as_sharp_as_so_many_neighbours() {
        let averaged = |count: usize, sharpness: f64| Averaged { count, left_out: 0.0, squared: 0.0, sharpness };
        let neighbours = Neighbours {
            tried: vec![averaged(1, 1.0), averaged(2, 0.5), averaged(8, 0.1)],
            ..sample::found().neighbours
        };
        assert_relative_eq!(neighbours.as_sharp_as(0.5).unwrap(), 2.0);
        assert_relative_eq!(neighbours.as_sharp_as(0.3).unwrap(), 4.0);
        assert_eq!(neighbours.as_sharp_as(1.1), None);
        assert_eq!(neighbours.as_sharp_as(0.05), None);
    }
}
