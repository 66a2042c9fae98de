//! Sequences of labels of various lengths: validated once, where they enter the program.

use minimand_tensor::{DType, Index, Tensor};
use thiserror::Error;

use crate::labels::LabelValue;
use crate::numbers::numbers;

/// Sequences of class labels, one per example, each of a length of its own: transcripts, words, tags.
///
/// They are kept in a rectangle `[batch, longest]` with zeros behind the end of each; a loss that takes `Sequences` reads nothing there.
///
/// ```
/// use minimand_loss::{SequenceError, Sequences};
///
/// let sequences = Sequences::new([vec![1, 2, 2], vec![3]], 4)?;
/// assert_eq!(sequences.index().to_string(), "[[1, 2, 2],\n [3, 0, 0]]");
/// assert_eq!(sequences.lengths(), [3, 1]);
///
/// let error = Sequences::new([vec![1, 2, 2], vec![3, 4]], 4).unwrap_err();
/// assert_eq!(error.to_string(), "row 1, position 1: the label is 4: with 4 classes a label is 0 to 3");
/// # Ok::<(), SequenceError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Sequences {
    classes: usize,
    rows: Vec<Vec<usize>>,
    longest: usize,
    /// i64, `[batch, longest]`; 0 behind the end.
    index: Tensor,
}

/// How many steps of an axis each example of a batch uses, from 0 to all.
///
/// ```
/// use minimand_loss::{Lengths, SequenceError};
///
/// let lengths = Lengths::new([3, 1], 3)?;
/// assert_eq!(lengths.mask().to_string(), "[[true, true, true],\n [true, false, false]]");
/// let error = Lengths::new([3, 4], 3).unwrap_err();
/// assert_eq!(error.to_string(), "row 1: the length is 4, and there are 3 steps");
/// # Ok::<(), SequenceError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lengths {
    lengths: Vec<usize>,
    longest: usize,
}

/// Why values are no sequences. Rows and positions count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum SequenceError {
    /// A whole number that names no class.
    #[error("row {row}, position {position}: the label is {value}: with {classes} classes a label is 0 to {}", .classes.saturating_sub(1))]
    OutOfRange {
        /// The sequence.
        row: usize,
        /// Where in it.
        position: usize,
        /// The number found.
        value: i128,
        /// The number of classes asked for.
        classes: usize,
    },
    /// A fraction, an infinity or NaN, among floating-point numbers.
    #[error("row {row}, position {position}: the label is {value}, which is not a whole number")]
    NotWhole {
        /// The sequence.
        row: usize,
        /// Where in it.
        position: usize,
        /// The number found.
        value: f64,
    },
    /// A label that these sequences may not have, such as the blank of an alignment.
    #[error("row {row}, position {position}: the label is {value}, which no sequence may contain here")]
    Reserved {
        /// The sequence.
        row: usize,
        /// Where in it.
        position: usize,
        /// The label found.
        value: usize,
    },
    /// A length that exceeds the steps there are.
    #[error("row {row}: the length is {length}, and there are {longest} steps")]
    TooLong {
        /// The sequence.
        row: usize,
        /// The length found.
        length: usize,
        /// The number of steps.
        longest: usize,
    },
    /// Another number of lengths than of sequences.
    #[error("there are {lengths} lengths for {rows} sequences")]
    Count {
        /// The number of sequences.
        rows: usize,
        /// The number of lengths.
        lengths: usize,
    },
}

impl Sequences {
    /// Sequences from lists of numbers, whose lengths are theirs.
    ///
    /// # Errors
    /// Names the first value that is not a whole number in `0..classes`, its row and its position.
    pub fn new<T: LabelValue, R: AsRef<[T]>>(
        rows: impl AsRef<[R]>,
        classes: usize,
    ) -> Result<Sequences, SequenceError> {
        let read = |(row, values): (usize, &R)| {
            let label = |(position, &value): (usize, &T)| label(row, position, value, classes);
            values.as_ref().iter().enumerate().map(label).collect::<Result<Vec<usize>, _>>()
        };
        let rows: Vec<Vec<usize>> = rows.as_ref().iter().enumerate().map(read).collect::<Result<_, _>>()?;
        let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
        Ok(Sequences::of(rows, longest, classes))
    }

    /// Sequences from a rectangle `[batch, longest]` of i64 and the length of each; what stands behind the end of a sequence is not looked
    /// at.
    ///
    /// ```
    /// # use minimand_loss::{SequenceError, Sequences};
    /// # use minimand_tensor::Tensor;
    /// let sequences = Sequences::padded(&Tensor::from([[1i64, 2], [3, -1]]), &[2, 1], 4)?;
    /// assert_eq!(sequences.index().to_string(), "[[1, 2],\n [3, 0]]");
    /// # Ok::<(), SequenceError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Sequences::new), and when the lengths do not fit.
    ///
    /// # Panics
    /// When the tensor is not i64 or does not have two axes.
    #[track_caller]
    pub fn padded(values: impl Into<Index>, lengths: &[usize], classes: usize) -> Result<Sequences, SequenceError> {
        let values = values.into().tensor();
        assert!(values.dtype() == DType::I64, "sequences: the tensor must be i64, not {}", values.dtype());
        let &[batch, longest] = values.shape().sizes() else {
            panic!("sequences: {} must have two axes, [batch, longest]", values.shape());
        };
        if lengths.len() != batch {
            return Err(SequenceError::Count { rows: batch, lengths: lengths.len() });
        }
        let lengths = Lengths::new(lengths, longest)?.lengths;
        let numbers: Vec<i64> = values.to_vec();
        let read = |(row, &length): (usize, &usize)| {
            let used = &numbers[row * longest..row * longest + length];
            let label = |(position, &value): (usize, &i64)| label(row, position, value, classes);
            used.iter().enumerate().map(label).collect::<Result<Vec<usize>, _>>()
        };
        let rows = lengths.iter().enumerate().map(read).collect::<Result<_, _>>()?;
        Ok(Sequences::of(rows, longest, classes))
    }

    fn of(rows: Vec<Vec<usize>>, longest: usize, classes: usize) -> Sequences {
        let padded = |row: &Vec<usize>| {
            let zeros = std::iter::repeat_n(0, longest - row.len());
            row.iter().map(|&label| label as i64).chain(zeros).collect::<Vec<i64>>()
        };
        let numbers: Vec<i64> = rows.iter().flat_map(padded).collect();
        let index = Tensor::from_vec(numbers, [rows.len(), longest]);
        Sequences { classes, rows, longest, index }
    }

    /// The same sequences, known to be without a label: the blank of an alignment.
    ///
    /// # Errors
    /// Names where it stands.
    pub fn without(self, reserved: usize) -> Result<Sequences, SequenceError> {
        for (row, labels) in self.rows.iter().enumerate() {
            if let Some(position) = labels.iter().position(|&label| label == reserved) {
                return Err(SequenceError::Reserved { row, position, value: reserved });
            }
        }
        Ok(self)
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of sequences.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is no sequence at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Room for the longest sequence.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// The length of each sequence.
    pub fn lengths(&self) -> Vec<usize> {
        self.rows.iter().map(Vec::len).collect()
    }

    /// The labels of each sequence.
    pub fn rows(&self) -> &[Vec<usize>] {
        &self.rows
    }

    /// The mean of the losses of the sequences, each divided by its number of labels, at least 1: PyTorch's mean of CTC. A plain `loss.mean()`
    /// lets long sequences count by their length.
    ///
    /// ```
    /// # use minimand_loss::{SequenceError, Sequences};
    /// # use minimand_tensor::Tensor;
    /// let sequences = Sequences::new([vec![1, 2], vec![]], 3)?;
    /// assert_eq!(sequences.mean(&Tensor::from([6.0, 1.0])).to_string(), "2"); // (6/2 + 1)/2
    /// # Ok::<(), SequenceError>(())
    /// ```
    ///
    /// # Panics
    /// When there is not one loss per sequence.
    #[track_caller]
    pub fn mean(&self, loss: &Tensor) -> Tensor {
        assert!(*loss.shape() == [self.len()], "mean: loss {} and {} sequences do not fit", loss.shape(), self.len());
        let lengths = numbers(self.rows.iter().map(|row| row.len().max(1) as f64), loss.dtype());
        (loss / lengths).mean()
    }

    /// The labels as a tensor (i64) `[batch, longest]`; 0 behind the end of a sequence.
    pub fn index(&self) -> &Tensor {
        &self.index
    }
}

impl Lengths {
    /// Lengths of at most `longest`.
    ///
    /// # Errors
    /// Names the first length that is greater.
    pub fn new(lengths: impl AsRef<[usize]>, longest: usize) -> Result<Lengths, SequenceError> {
        let lengths = lengths.as_ref().to_vec();
        match lengths.iter().position(|&length| length > longest) {
            Some(row) => Err(SequenceError::TooLong { row, length: lengths[row], longest }),
            None => Ok(Lengths { lengths, longest }),
        }
    }

    /// Every example uses every step.
    pub fn full(batch: usize, longest: usize) -> Lengths {
        Lengths { lengths: vec![longest; batch], longest }
    }

    /// The lengths.
    pub fn as_slice(&self) -> &[usize] {
        &self.lengths
    }

    /// Number of steps.
    pub fn longest(&self) -> usize {
        self.longest
    }

    /// Which steps are in use (bool), `[batch, longest]`.
    pub fn mask(&self) -> Tensor {
        let mask = self.lengths.iter().flat_map(|&length| (0..self.longest).map(move |step| step < length));
        Tensor::from_vec(mask.collect::<Vec<bool>>(), [self.lengths.len(), self.longest])
    }
}

fn label<T: LabelValue>(row: usize, position: usize, value: T, classes: usize) -> Result<usize, SequenceError> {
    let value = value.whole().map_err(|value| SequenceError::NotWhole { row, position, value })?;
    let label = usize::try_from(value).ok().filter(|&label| label < classes);
    label.ok_or(SequenceError::OutOfRange { row, position, value, classes })
}
