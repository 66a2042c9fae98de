//! Lists of different lengths in flat rows: validated once, then padded to one width.

use std::collections::HashMap;

use minimand_tensor::{Shape, Tensor};
use thiserror::Error;

use crate::labels::LabelValue;

/// Which rows of a table belong to one list: the results of one query, the offers to one user, the runners of one race.
///
/// Ranking losses take lists of one width and a mask of the items that exist; tables hold rows of all lists one after the other. This type is made
/// from the column that names the list of each row, or from the lengths of the lists, and carries tensors over in both directions, with gradients.
/// Rows of a list need not stand together; lists are in the order of their first rows.
///
/// ```
/// use minimand_loss::{ListError, Lists, list_mle};
/// use minimand_tensor::Tensor;
///
/// let lists = Lists::from_groups([7, 7, 3, 7, 3])?; // a column of queries
/// let scores = Tensor::from([2.0, 1.0, 0.0, 0.5, 5.0]);
/// let relevance = Tensor::from([0.0, 2.0, 1.0, 1.0, 0.0]);
/// assert_eq!(lists.pad(&scores).shape().to_string(), "[2, 3]");
/// assert_eq!(lists.mask().to_string(), "[[true, true, true],\n [true, true, false]]");
/// assert_eq!(lists.unpad(&lists.pad(&scores)).to_string(), "[2, 1, 0, 0.5, 5]");
/// let loss = list_mle(&lists.pad(&scores), &lists.pad(&relevance), Some(lists.mask()));
/// assert_eq!(format!("{:.3}", loss.mean().grad(&scores)), "[0.723, -0.384, -0.497, -0.339, 0.497]");
///
/// let error = Lists::from_groups([7.0, f64::NAN]).unwrap_err();
/// assert_eq!(error.to_string(), "the group of row 1 is NaN, which is not a whole number");
/// # Ok::<(), ListError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Lists {
    /// i64 `[lists, width]`: the row of each place, 0 where there is none.
    rows: Tensor,
    /// bool `[lists, width]`.
    mask: Tensor,
    /// i64 `[rows]`: the place of each row, counted through the lists.
    places: Tensor,
    lengths: Vec<usize>,
}

/// Why rows make no lists. Rows count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum ListError {
    /// A fraction, an infinity or NaN, in a column of floating-point numbers.
    #[error("the group of row {row} is {value}, which is not a whole number")]
    NotWhole {
        /// Where it stands.
        row: usize,
        /// The number found.
        value: f64,
    },
    /// A group that goes on after another has begun, in a table that shall be sorted by groups.
    #[error(
        "row {row} belongs to group {group}, whose rows ended at row {end}: the rows of a group must stand together"
    )]
    Scattered {
        /// Where it goes on.
        row: usize,
        /// Its number.
        group: i128,
        /// The last row before.
        end: usize,
    },
    /// Lengths that sum to another number than that of the rows.
    #[error("list {list} needs rows up to {end}, and there are {rows}")]
    TooLong {
        /// The list that does not fit.
        list: usize,
        /// The row after its last.
        end: usize,
        /// The number of rows.
        rows: usize,
    },
    /// Lengths that leave rows over.
    #[error("row {row} and what follows belong to no list: the lengths sum to {row}, and there are {rows} rows")]
    LeftOver {
        /// The first row without a list.
        row: usize,
        /// The number of rows.
        rows: usize,
    },
}

impl Lists {
    /// Lists from a column that names the group of each row, in any order: whole numbers, also as floating-point numbers.
    ///
    /// # Errors
    /// Names the first row whose group is not a whole number.
    pub fn from_groups<T: LabelValue>(groups: impl AsRef<[T]>) -> Result<Lists, ListError> {
        let mut of_group: HashMap<i128, usize> = HashMap::new();
        let mut rows: Vec<Vec<usize>> = Vec::new();
        for (row, group) in groups.as_ref().iter().enumerate() {
            let group = group.whole().map_err(|value| ListError::NotWhole { row, value })?;
            let list = *of_group.entry(group).or_insert(rows.len());
            if list == rows.len() {
                rows.push(Vec::new());
            }
            rows[list].push(row);
        }
        Ok(Lists::of(&rows, groups.as_ref().len()))
    }

    /// Lists from a column that names the group of each row, where the rows of a group stand together: a group that appears again is a fault
    /// of the table.
    ///
    /// ```
    /// # use minimand_loss::Lists;
    /// let error = Lists::from_sorted_groups([7, 7, 3, 7]).unwrap_err();
    /// assert_eq!(error.to_string(), "row 3 belongs to group 7, whose rows ended at row 1: the rows of a group must stand together");
    /// ```
    ///
    /// # Errors
    /// Names the first row whose group is not a whole number, or goes on after another has begun.
    pub fn from_sorted_groups<T: LabelValue>(groups: impl AsRef<[T]>) -> Result<Lists, ListError> {
        let lists = Lists::from_groups(groups.as_ref())?;
        let mut last: HashMap<i128, usize> = HashMap::new();
        for (row, group) in groups.as_ref().iter().enumerate() {
            let group = group.whole().map_err(|value| ListError::NotWhole { row, value })?;
            match last.insert(group, row) {
                Some(end) if end + 1 != row => return Err(ListError::Scattered { row, group, end }),
                _ => {}
            }
        }
        Ok(lists)
    }

    /// Lists from their lengths, for rows that stand list after list. A length may be 0.
    ///
    /// ```
    /// # use minimand_loss::{ListError, Lists};
    /// assert_eq!(Lists::from_lengths(&[2, 0, 3], 5)?.lengths(), [2, 0, 3]);
    /// let error = Lists::from_lengths(&[2, 4], 5).unwrap_err();
    /// assert_eq!(error.to_string(), "list 1 needs rows up to 6, and there are 5");
    /// # Ok::<(), ListError>(())
    /// ```
    ///
    /// # Errors
    /// Names the first list that does not fit into the rows, or the first row that is left over.
    pub fn from_lengths(lengths: &[usize], rows: usize) -> Result<Lists, ListError> {
        let mut start = 0;
        let mut lists = Vec::new();
        for (list, &length) in lengths.iter().enumerate() {
            let end = length.saturating_add(start);
            if end > rows {
                return Err(ListError::TooLong { list, end, rows });
            }
            lists.push((start..end).collect::<Vec<usize>>());
            start = end;
        }
        if start < rows {
            return Err(ListError::LeftOver { row: start, rows });
        }
        Ok(Lists::of(&lists, rows))
    }

    fn of(lists: &[Vec<usize>], count: usize) -> Lists {
        let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
        let width = lengths.iter().copied().max().unwrap_or(0);
        let mut rows = vec![0i64; lists.len() * width];
        let mut mask = vec![false; rows.len()];
        let mut places = vec![0i64; count];
        for (list, members) in lists.iter().enumerate() {
            for (item, &row) in members.iter().enumerate() {
                let place = list * width + item;
                (rows[place], mask[place], places[row]) = (row as i64, true, place as i64);
            }
        }
        let shape = [lists.len(), width];
        Lists {
            rows: Tensor::from_vec(rows, shape),
            mask: Tensor::from_vec(mask, shape),
            places: Tensor::from_vec(places, [count]),
            lengths,
        }
    }

    /// The number of lists.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The number of items of each list.
    pub fn lengths(&self) -> &[usize] {
        &self.lengths
    }

    /// Which places hold an item: bool `[lists, width]`, where the width is the greatest length. The `mask` of ranking losses.
    pub fn mask(&self) -> &Tensor {
        &self.mask
    }

    /// Rows `[rows, …]` as lists `[lists, width, …]`. Places without an item hold some other row, so give the mask to what is computed with them.
    ///
    /// # Panics
    /// When the tensor has another number of rows.
    #[track_caller]
    pub fn pad(&self, rows: &Tensor) -> Tensor {
        let count = self.places.elements();
        assert!(
            rows.shape().first() == Some(&count),
            "pad: {} and {count} rows in {} lists do not fit: the first axis must have the rows",
            rows.shape(),
            self.len()
        );
        if count == 0 {
            return rows.reshape(self.shape_with(&rows.shape()[1..]));
        }
        rows.index_select(0, &self.rows)
    }

    /// Lists `[lists, width, …]` as rows `[rows, …]`: the inverse of [`pad`](Lists::pad).
    ///
    /// # Panics
    /// When the tensor does not begin with the lists and their width.
    #[track_caller]
    pub fn unpad(&self, lists: &Tensor) -> Tensor {
        let shape = lists.shape();
        assert!(
            shape.len() >= 2 && shape[..2] == self.mask.shape()[..],
            "unpad: {shape} does not begin with the lists and their width {}",
            self.mask.shape()
        );
        let flat: Shape = [self.mask.elements()].into_iter().chain(shape[2..].iter().copied()).collect();
        lists.reshape(flat).index_select(0, &self.places)
    }

    fn shape_with(&self, rest: &[usize]) -> Shape {
        self.mask.shape().iter().chain(rest).copied().collect()
    }
}
