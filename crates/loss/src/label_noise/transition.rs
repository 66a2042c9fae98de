//! How labels go wrong, as a matrix of probabilities.

use minimand_tensor::Tensor;
use thiserror::Error;

/// The probability `Tᵢⱼ` that class i is labelled j.
///
/// ```
/// use minimand_loss::TransitionMatrix;
///
/// let transition = TransitionMatrix::even(3, 0.2)?; // a fifth wrong, evenly
/// assert_eq!(transition.tensor().to_string(), "[[0.8, 0.1, 0.1],\n [0.1, 0.8, 0.1],\n [0.1, 0.1, 0.8]]");
/// let error = TransitionMatrix::new(vec![vec![0.9, 0.2], vec![0.0, 1.0]]).unwrap_err();
/// assert_eq!(error.to_string(), "row 0 sums to 1.1, not to 1");
/// # Ok::<(), minimand_loss::TransitionError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TransitionMatrix {
    rows: Vec<Vec<f64>>,
}

/// Why numbers are no transition matrix, or none that can be inverted. Rows and columns count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum TransitionError {
    /// A row with another number of entries than there are rows.
    #[error("row {row} has {found} entries: with {classes} rows it must have as many")]
    NotSquare {
        /// Which row.
        row: usize,
        /// Its number of entries.
        found: usize,
        /// The number of rows.
        classes: usize,
    },
    /// An entry that is no probability.
    #[error("the entry in row {row}, column {column} is {value}, which is no probability")]
    NoProbability {
        /// Its row.
        row: usize,
        /// Its column.
        column: usize,
        /// The number found.
        value: f64,
    },
    /// A row that does not sum to 1.
    #[error("row {row} sums to {sum}, not to 1")]
    Sum {
        /// Which row.
        row: usize,
        /// Its sum.
        sum: f64,
    },
    /// A matrix without an inverse.
    #[error("the matrix is singular: some classes cannot be told apart by their labels")]
    Singular,
}

impl TransitionMatrix {
    /// A matrix from its rows, one for each true class.
    ///
    /// # Errors
    /// Names the first row that is not as long as there are rows, holds a number outside of [0, 1] or does not sum to 1, up to 1e-6.
    pub fn new(rows: Vec<Vec<f64>>) -> Result<TransitionMatrix, TransitionError> {
        let classes = rows.len();
        for (row, entries) in rows.iter().enumerate() {
            if entries.len() != classes {
                return Err(TransitionError::NotSquare { row, found: entries.len(), classes });
            }
            if let Some(column) = entries.iter().position(|p| !(0.0..=1.0).contains(p)) {
                return Err(TransitionError::NoProbability { row, column, value: entries[column] });
            }
            let sum: f64 = entries.iter().sum();
            if (sum - 1.0).abs() > 1e-6 {
                return Err(TransitionError::Sum { row, sum });
            }
        }
        Ok(TransitionMatrix { rows })
    }

    /// The share `rate` of the labels of each class is wrong, evenly over the other classes.
    ///
    /// # Errors
    /// When the rate is not in [0, 1], or is above 0 with a single class.
    pub fn even(classes: usize, rate: f64) -> Result<TransitionMatrix, TransitionError> {
        let other = if classes > 1 { rate / (classes - 1) as f64 } else { 0.0 };
        let entry = |row, column| if row == column { 1.0 - rate } else { other };
        TransitionMatrix::new((0..classes).map(|row| (0..classes).map(|column| entry(row, column)).collect()).collect())
    }

    /// The matrix as a tensor of shape `[C, C]`, f64.
    pub fn tensor(&self) -> Tensor {
        matrix(&self.rows)
    }

    /// Its inverse as a tensor of shape `[C, C]`, f64: by elimination with the greatest pivot of each column.
    ///
    /// # Errors
    /// When the matrix is singular, up to rounding.
    pub fn inverse(&self) -> Result<Tensor, TransitionError> {
        let size = self.rows.len();
        let unit = |row: usize| (0..size).map(move |column| f64::from(u8::from(row == column)));
        let mut rows: Vec<Vec<f64>> = self
            .rows
            .iter()
            .enumerate()
            .map(|(row, entries)| entries.iter().copied().chain(unit(row)).collect())
            .collect();
        for column in 0..size {
            let pivot = (column..size).max_by(|&a, &b| rows[a][column].abs().total_cmp(&rows[b][column].abs()));
            let pivot = pivot.expect("a row is left");
            rows.swap(column, pivot);
            let greatest = rows[column][column];
            if greatest.abs() <= 1e-13 {
                return Err(TransitionError::Singular);
            }
            let lead: Vec<f64> = rows[column].iter().map(|entry| entry / greatest).collect();
            for (row, entries) in rows.iter_mut().enumerate() {
                if row == column {
                    entries.clone_from(&lead);
                } else {
                    let factor = entries[column];
                    entries.iter_mut().zip(&lead).for_each(|(entry, lead)| *entry -= factor * lead);
                }
            }
        }
        rows.iter_mut().for_each(|entries| drop(entries.drain(..size)));
        Ok(matrix(&rows))
    }
}

fn matrix(rows: &[Vec<f64>]) -> Tensor {
    Tensor::from_vec(rows.concat(), [rows.len(), rows.len()])
}
