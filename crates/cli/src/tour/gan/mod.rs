//! Chapter 5, "GAN": two networks play against each other; what the rules of the game do to the pictures that come out.

mod game;
mod page;
mod train;
mod verdict;

#[cfg(test)]
pub(crate) mod sample;

pub use super::digits::PictureFigures;
pub use game::GanSetting;
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
        "gan"
    }

    fn title(&self) -> &'static str {
        "5. Pictures made to deceive a critic"
    }

    fn seconds(&self) -> [u32; 2] {
        [75, 9]
    }

    fn run(&self, conditions: &Conditions<'_>, begin: Begin<'_>) -> Result<Box<dyn Findings>, Failure> {
        Ok(Box::new(Gan::measure(conditions, begin)?))
    }
}

/// The games of the chapter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GanLoss {
    /// The critic classifies; the generator raises the logarithm of the chance to be taken for true.
    NonSaturating,
    /// The critic keeps a margin; the generator raises its score.
    Hinge,
    /// Scores tell a distance; at points between true and made pictures the critic's slope is drawn to 1.
    GradientPenalty,
    /// Non-saturating; at true pictures the critic's slope is drawn to 0.
    RealPenalty,
    /// The generator lowers the logarithm of the chance to be found out: the minimax game itself.
    Saturating,
    /// Non-saturating, with several steps of the generator for one of the critic.
    Hasty,
}

impl GanLoss {
    /// Those whose setting is chosen; the first is what the others are compared with.
    pub const CONTENDERS: [Self; 4] = [Self::NonSaturating, Self::Hinge, Self::GradientPenalty, Self::RealPenalty];

    /// Those that are said to fail, with the setting of the first contender.
    pub const RISKY: [Self; 2] = [Self::Saturating, Self::Hasty];

    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::NonSaturating => "non-saturating",
            Self::Hinge => "hinge",
            Self::GradientPenalty => "WGAN-GP",
            Self::RealPenalty => "R1",
            Self::Saturating => "saturating",
            Self::Hasty => "hasty",
        }
    }

    /// What a sentence calls it.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::NonSaturating => "the non-saturating loss",
            Self::Hinge => "the hinge",
            Self::GradientPenalty => "WGAN-GP",
            Self::RealPenalty => "the non-saturating loss with R1",
            Self::Saturating => "the saturating loss",
            Self::Hasty => "the hasty generator",
        }
    }
}

/// What the chapter found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Gan {
    /// Rows: pictures of digits.
    pub rows: usize,
    /// Rows of each part.
    pub parts: Parts,
    /// Steps of the generator in a training.
    pub steps: u64,
    /// One for each repetition: it decides initial weights, the order of the pictures and the latent vectors.
    pub seeds: Vec<u64>,
    /// Share of the test pictures that the reader tells right.
    pub reader_accuracy: f64,
    /// Of true pictures: the Fréchet distance is that of the training pictures, the rest is of the test pictures.
    pub truth: PictureFigures,
    /// The first training pictures, as they are shown: ink of 8 rows of 8 pixels, from 0 to 1.
    pub examples: Vec<Vec<f64>>,
    /// What was tried.
    pub tried: Vec<TriedSetting>,
    /// One entry for each game.
    pub games: Vec<GanOutcome>,
}

/// A setting, and what the validation pictures say of it; one training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TriedSetting {
    /// The game.
    pub loss: GanLoss,
    /// What was tried.
    pub setting: GanSetting,
    /// What came of it, beside the validation pictures.
    pub figures: PictureFigures,
}

/// What came of a game.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GanOutcome {
    /// The game.
    pub loss: GanLoss,
    /// The setting that was chosen.
    pub setting: GanSetting,
    /// One entry for each seed, beside the test pictures.
    pub runs: Vec<PictureFigures>,
    /// Over the training, first seed.
    pub course: Vec<GanMoment>,
}

/// A moment of a training.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GanMoment {
    /// Steps of the generator so far.
    pub step: u64,
    /// What was made.
    pub figures: PictureFigures,
    /// The pictures of always the same latent vectors: ink of 8 rows of 8 pixels, from 0 to 1.
    pub pictures: Vec<Vec<f64>>,
}

/// What gives a collapse away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Collapse {
    /// Whole digits are missing.
    FewDigits,
    /// The pictures are all alike.
    Alike,
    /// Both.
    FewDigitsAlike,
}

impl PictureFigures {
    /// Fewer digits than this are a collapse.
    pub const DIGITS: usize = 7;

    /// Pictures that are this near to each other, over true ones, are a collapse.
    pub const ALIKE: f64 = 0.5;

    /// Whether the generator collapsed, and how that shows.
    pub fn collapse(&self) -> Option<Collapse> {
        match (self.digits() < Self::DIGITS, self.apart < Self::ALIKE) {
            (true, true) => Some(Collapse::FewDigitsAlike),
            (true, false) => Some(Collapse::FewDigits),
            (false, true) => Some(Collapse::Alike),
            (false, false) => None,
        }
    }
}

impl GanOutcome {
    /// A figure over the seeds.
    pub fn spread(&self, figure: impl Fn(&PictureFigures) -> f64) -> Spread {
        Spread::of(self.runs.iter().map(figure).collect())
    }

    /// Seeds with which the generator collapsed.
    pub fn collapsed(&self) -> usize {
        self.runs.iter().filter(|figures| figures.collapse().is_some()).count()
    }
}

impl Gan {
    /// What came of a game.
    pub fn of(&self, loss: GanLoss) -> Option<&GanOutcome> {
        self.games.iter().find(|outcome| outcome.loss == loss)
    }
}

impl Findings for Gan {
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
    fn a_collapse_is_few_digits_or_pictures_that_are_alike() {
        let figures = |made: usize, apart: f64| PictureFigures {
            frechet: 1.0,
            shares: (0..10).map(|digit| if digit < made { 1.0 / made as f64 } else { 0.0 }).collect(),
            sure: 1.0,
            nearest: 1.0,
            apart,
        };
        assert_eq!(figures(7, 0.5).collapse(), None);
        assert_eq!(figures(6, 0.5).collapse(), Some(Collapse::FewDigits));
        assert_eq!(figures(7, 0.49).collapse(), Some(Collapse::Alike));
        assert_eq!(figures(1, 0.1).collapse(), Some(Collapse::FewDigitsAlike));
        assert_relative_eq!(figures(1, 1.0).unevenness(), 10_f64.ln());
        assert!(figures(10, 1.0).unevenness().abs() < 1e-12);
    }
}
