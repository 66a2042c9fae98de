//! The letters: sixteen numbers of each printed one, and which letters a network may see.

use std::ops::Range;

use minimand::{
    data::{Standardiser, metrics::Retrieval},
    prelude::*,
};

use super::axes::{Axes, discriminant_axes, principal_axes};
use crate::{
    frame::{Cells, Frame},
    run::Failure,
    table::TableError,
    tour::fit::tensor,
};

static LETTERS: &[u8] = include_bytes!("../../../data/letter.csv.gz");
const SOURCE: &str = "letter.csv.gz";

/// The column that says which letter it is.
const LETTER: &str = "letter";

/// Letters of the alphabet.
pub(super) const ALPHABET: usize = 26;

/// The letters that settings are chosen on are the last of those that are seen: from this one on.
pub(super) const FIRST_CHOOSING: usize = 15;

/// From this letter on nothing was seen.
pub(super) const FIRST_UNSEEN: usize = 20;

/// Rows of all letters.
pub(super) struct LetterTable {
    columns: Vec<Vec<f64>>,
    letters: Vec<usize>,
}

/// The rows of some letters.
pub(super) struct LetterPart {
    /// `[rows, columns]`, standardised by the rows that are trained on.
    pub(super) features: Tensor,
    /// The letter of each row, from 0 for A.
    pub(super) letters: Vec<usize>,
    /// For each letter of the part its rows.
    pub(super) members: Vec<Vec<usize>>,
}

impl LetterTable {
    /// From the file inside the program.
    pub(super) fn read() -> Result<Self, Failure> {
        let frame = Frame::from_bytes(LETTERS, SOURCE)?;
        let (mut columns, mut letters) = (Vec::new(), None);
        for column in frame.columns {
            match (column.cells, column.name == LETTER) {
                (Cells::Number(values), false) => columns.push(values),
                (Cells::Text { levels, codes }, true) if levels.len() == ALPHABET => letters = Some(codes),
                _ => return Err(no_letters(&column.name).into()),
            }
        }
        let letters = letters.ok_or_else(|| no_letters(LETTER))?;
        Ok(Self { columns, letters: letters.into_iter().map(|letter| letter as usize).collect() })
    }

    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.letters.len()
    }

    /// How many numbers a row has.
    pub(super) fn features(&self) -> usize {
        self.columns.len()
    }

    /// Standardised by the rows of some letters.
    pub(super) fn standardiser(&self, letters: Range<usize>) -> Standardiser {
        Standardiser::fit(&self.columns, &self.of(&letters))
    }

    /// The rows of some letters.
    pub(super) fn part(&self, letters: Range<usize>, standardiser: &Standardiser) -> LetterPart {
        let rows = self.of(&letters);
        let own: Vec<usize> = rows.iter().map(|&row| self.letters[row]).collect();
        let members = letters.map(|letter| (0..own.len()).filter(|&place| own[place] == letter).collect());
        LetterPart {
            features: tensor(&standardiser.transform(&self.columns, &rows), [rows.len(), self.features()]),
            members: members.collect(),
            letters: own,
        }
    }

    fn of(&self, letters: &Range<usize>) -> Vec<usize> {
        (0..self.rows()).filter(|&row| letters.contains(&self.letters[row])).collect()
    }
}

fn no_letters(column: &str) -> TableError {
    TableError::UnknownColumn { source_name: SOURCE.to_owned(), name: column.to_owned(), close: Vec::new() }
}

impl LetterPart {
    /// How many rows.
    pub(super) fn rows(&self) -> usize {
        self.letters.len()
    }

    /// How many of a row's nearest others are of its letter; `embeddings` is `[rows, dimensions]`.
    pub(super) fn retrieval(&self, embeddings: &Tensor) -> Retrieval {
        let by = minimand::data::metrics::Nearness::Euclidean;
        Retrieval::of(&embeddings.to_vec::<f64>(), &self.letters, embeddings.shape()[1], by)
            .expect("embeddings that are no numbers were refused, and every letter has rows")
    }

    /// Pairs of rows of one letter: every row but each letter's last, and the next of its letter.
    pub(super) fn pairs(&self) -> [Vec<usize>; 2] {
        let pairs = self.members.iter().flat_map(|rows| rows.windows(2));
        pairs.map(|pair| (pair[0], pair[1])).unzip::<_, _, Vec<_>, Vec<_>>().into()
    }

    /// The directions of greatest variance.
    pub(super) fn principal_axes(&self, count: usize) -> Axes {
        principal_axes(&self.features.to_vec(), self.features.shape()[1], count)
    }

    /// The directions that tell the letters apart best: Fisher's linear discriminant analysis.
    pub(super) fn discriminant_axes(&self, count: usize) -> Axes {
        discriminant_axes(&self.features.to_vec(), &self.letters, self.features.shape()[1], count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_share_no_letter_and_training_rows_are_the_measure() {
        let table = LetterTable::read().unwrap();
        assert_eq!((table.rows(), table.features()), (20_000, 16));
        let standardiser = table.standardiser(0..FIRST_UNSEEN);
        let (seen, unseen) =
            (table.part(0..FIRST_UNSEEN, &standardiser), table.part(FIRST_UNSEEN..ALPHABET, &standardiser));
        assert_eq!((seen.rows() + unseen.rows(), seen.members.len(), unseen.members.len()), (20_000, 20, 6));
        assert_eq!((unseen.members[0].len(), unseen.members[5].len()), (813, 734), "U and Z");
        assert!(unseen.letters.iter().all(|letter| (FIRST_UNSEEN..ALPHABET).contains(letter)));
        let mean = seen.features.mean_axis(0).abs().max().item();
        assert!(mean < 1e-4, "{mean}");
        assert!(unseen.features.mean_axis(0).abs().max().item() > 0.1);
        let [first, second] = unseen.pairs();
        assert_eq!(first.len(), unseen.rows() - 6);
        assert!(first.iter().zip(&second).all(|(&a, &b)| a != b && unseen.letters[a] == unseen.letters[b]));
    }
}
