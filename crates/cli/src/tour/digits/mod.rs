//! Pictures of digits, 8 × 8 pixels, and somebody who can read them: for the chapters whose models make pictures.

mod judge;

pub use judge::PictureFigures;
pub(super) use judge::{Judge, SURE};

use judge::CLASSES;
use minimand::{
    data::split::{HeldOut, Split},
    prelude::*,
};

use super::{
    Parts,
    chapter::Watch,
    fit::{Fit, Recipe, tensor},
    training::TrainingError,
};
use crate::{run::Failure, table::Table};

static DIGITS: &[u8] = include_bytes!("../../../data/digits8x8.csv.gz");

/// The darkest pixel, in steps of ink.
pub(super) const INK: f64 = 16.0;

/// Pictures that are shown in a row.
pub(super) const SHOWN: usize = 10;

/// The pictures before anybody is taught to read them.
pub(super) struct Collection {
    pixels: Table,
    digit: Vec<usize>,
    split: Split,
    seed: u64,
}

/// The pictures of the three parts, `[pictures, pixels]` with inks from 0 to 1, and who reads them.
pub(super) struct Museum {
    pub(super) train: Tensor,
    pub(super) validation: Tensor,
    pub(super) test: Tensor,
    /// Share of the test pictures that the reader tells right.
    pub(super) reader_accuracy: f64,
    reader: Mlp,
}

impl Collection {
    /// Reads the pictures, and splits them by the seed with as many of each digit in every part.
    pub(super) fn open(seed: u64) -> Result<Self, Failure> {
        let table = Table::from_bytes(DIGITS, "digits8x8.csv.gz")?;
        let pixels = table.without(&["digit"])?;
        let digit: Vec<usize> = table.column("digit")?.iter().map(|&digit| digit as usize).collect();
        let split = Split::stratified(&digit, HeldOut::default(), seed)?;
        Ok(Self { pixels, digit, split, seed })
    }

    /// Pictures of all parts.
    pub(super) fn rows(&self) -> usize {
        self.digit.len()
    }

    /// Pictures of each part.
    pub(super) fn parts(&self) -> Parts {
        Parts::of(&self.split)
    }

    /// How the reader is taught.
    fn lessons(&self) -> Recipe {
        Recipe {
            sizes: vec![self.pixels.names().len(), 64, 32, CLASSES],
            epochs: 30,
            batch: 64,
            learning_rate: 3e-3,
            weight_decay: 0.0,
        }
    }

    /// Steps that the reader takes.
    pub(super) fn steps(&self) -> u64 {
        self.lessons().steps(self.split.train.len())
    }

    /// The pictures of some rows, `[pictures, pixels]` with inks from 0 to 1.
    fn pictures(&self, rows: &[usize]) -> Tensor {
        let columns = self.pixels.columns();
        let pixels: Vec<f64> =
            rows.iter().flat_map(|&row| columns.iter().map(move |column| column[row] / INK)).collect();
        tensor(&pixels, [rows.len(), columns.len()])
    }

    /// The training pictures.
    pub(super) fn train(&self) -> Tensor {
        self.pictures(&self.split.train)
    }

    /// Hangs the pictures and teaches somebody to read them.
    pub(super) fn furnish(&self, watch: &Watch<'_>) -> Result<Museum, TrainingError> {
        let train = self.train();
        let labels: Vec<i64> = self.split.train.iter().map(|&row| self.digit[row] as i64).collect();
        let name = "the reader's cross-entropy";
        let labels = Labels::new(labels, CLASSES).map_err(|error| TrainingError::Diverged {
            loss: name.into(),
            epoch: 0,
            cause: error.to_string(),
        })?;
        let loss = |logits: &Tensor, rows: &[usize]| cross_entropy(logits, &labels.select(rows));
        let fit = Fit { name, features: &train, loss: &loss, choose: None, seed: self.seed };
        let reader = fit.run(&self.lessons(), watch)?.into_model();
        let test = self.pictures(&self.split.test);
        let said: Vec<i64> = reader.forward(&test).argmax_axis(-1).to_vec();
        let right = said.iter().zip(&self.split.test).filter(|(said, row)| **said == self.digit[**row] as i64).count();
        let reader_accuracy = right as f64 / said.len() as f64;
        Ok(Museum { validation: self.pictures(&self.split.validation), test, reader_accuracy, reader, train })
    }
}

impl Museum {
    /// Who compares made pictures with these.
    pub(super) fn judge<'a>(&'a self, reference: &'a Tensor) -> Judge<'a> {
        Judge { reader: &self.reader, train: &self.train, reference }
    }

    /// Of true pictures: the Fréchet distance is that of the training pictures, the rest is of the test pictures.
    pub(super) fn truth(&self) -> PictureFigures {
        let of = |pictures: &Tensor| self.judge(&self.test).figures(pictures);
        PictureFigures { frechet: of(&self.train).frechet, ..of(&self.test) }
    }
}

/// The first of `[pictures, pixels]`.
pub(super) fn shown(pictures: &Tensor) -> Vec<Vec<f64>> {
    let first = pictures.slice(0, ..SHOWN).to_vec::<f64>();
    first.chunks(pictures.shape()[1]).map(<[f64]>::to_vec).collect()
}
