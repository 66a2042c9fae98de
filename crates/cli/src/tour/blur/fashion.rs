//! The pictures: pieces of clothing on 28 × 28 pixels, and what each is.

use minimand::{data::idx, prelude::*};

use crate::run::Failure;

/// Pixels of a side.
pub(super) const SIDE: usize = 28;

/// Kinds of clothing.
pub(super) const CLASSES: usize = 10;

/// The brightest pixel.
const BRIGHTEST: f64 = 255.0;

/// Images and labels of one part, as files and as bytes.
type Part = [(&'static str, &'static [u8]); 2];

static TRAIN: Part = [
    ("fashion2k-train-images-idx3-ubyte.gz", include_bytes!("../../../data/fashion2k-train-images-idx3-ubyte.gz")),
    ("fashion2k-train-labels-idx1-ubyte.gz", include_bytes!("../../../data/fashion2k-train-labels-idx1-ubyte.gz")),
];

static TEST: Part = [
    ("fashion1k-test-images-idx3-ubyte.gz", include_bytes!("../../../data/fashion1k-test-images-idx3-ubyte.gz")),
    ("fashion1k-test-labels-idx1-ubyte.gz", include_bytes!("../../../data/fashion1k-test-labels-idx1-ubyte.gz")),
];

/// Pictures and their labels.
pub(super) struct Clothes {
    /// `[pictures, 1, 28, 28]`, from 0 (nothing) to 1.
    pub(super) pictures: Tensor,
    /// What each shows.
    pub(super) labels: Labels,
}

impl Clothes {
    /// The 2,000 to learn from.
    pub(super) fn train() -> Result<Self, Failure> {
        Self::read(&TRAIN)
    }

    /// The 1,000 others.
    pub(super) fn test() -> Result<Self, Failure> {
        Self::read(&TEST)
    }

    fn read([images, labels]: &Part) -> Result<Self, Failure> {
        let array = |(name, bytes): &(&str, &[u8])| idx::read_from(*bytes, name);
        let images = array(images)?;
        let labels = array(labels)?.to_tensor_of(DType::I64).to_vec::<i64>();
        let pictures = images.to_tensor_of(DType::F32) / BRIGHTEST;
        Ok(Self {
            pictures: pictures.reshape([labels.len(), 1, SIDE, SIDE]).computed(),
            labels: Labels::new(labels, CLASSES)?,
        })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Every so-manyth, from the first on.
    #[cfg(test)]
    pub(super) fn every(&self, step: usize) -> Self {
        let rows: Vec<usize> = (0..self.len()).step_by(step).collect();
        Self { pictures: self.pictures.index_select(0, index(&rows)).computed(), labels: self.labels.select(&rows) }
    }

    /// The first picture of each class.
    pub(super) fn first_of_each(&self) -> Vec<usize> {
        let labels = self.labels.index().to_vec::<i64>();
        (0..CLASSES as i64).filter_map(|class| labels.iter().position(|&label| label == class)).collect()
    }
}

/// Rows' numbers as an index.
pub(super) fn index(rows: &[usize]) -> Tensor {
    Tensor::from(rows.iter().map(|&row| row as i64).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pictures_are_those_of_the_files() {
        let [train, test] = [Clothes::train().unwrap(), Clothes::test().unwrap()];
        assert_eq!([train.len(), test.len()], [2000, 1000]);
        for clothes in [train, test] {
            assert_eq!(clothes.pictures.shape().to_vec(), [clothes.len(), 1, SIDE, SIDE]);
            // The mean of all 60,000 pictures is 0.2860.
            assert!((clothes.pictures.mean().item() - 0.286).abs() < 0.005);
            let first = clothes.first_of_each();
            assert_eq!(clothes.labels.select(&first).index().to_vec::<i64>(), (0..10).collect::<Vec<_>>());
        }
    }
}
