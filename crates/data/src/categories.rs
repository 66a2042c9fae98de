//! Categories as numbers: a place in the order of the different values, or a column for each.

use std::fmt::Debug;

use minimand_tensor::Tensor;

/// The different values of a column on the training rows, in ascending order.
///
/// ```
/// use minimand_data::Categories;
///
/// let categories = Categories::of(["train", "car", "car", "bus"]);
/// assert_eq!(categories.values(), ["bus", "car", "train"]);
/// assert_eq!(categories.codes(["car", "bus"])?, [1, 0]);
/// assert_eq!(categories.one_hot(["car", "bus"])?.to_string(), "[[0, 1, 0],\n [1, 0, 0]]");
///
/// let error = categories.codes(["car", "air"]).unwrap_err();
/// assert_eq!(error.to_string(), r#"row 1: "air" is none of the 3 known categories"#);
/// # Ok::<(), minimand_data::UnknownCategory>(())
/// ```
#[doc(alias = "LabelEncoder")]
#[doc(alias = "OneHotEncoder")]
#[doc(alias = "OrdinalEncoder")]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Categories<T> {
    values: Vec<T>,
}

/// A value that was not among those a [`Categories`] was made of.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {value} is none of the {known} known categories")]
pub struct UnknownCategory {
    /// The row, from 0.
    pub row: usize,
    /// The value, as its `Debug` writes it.
    pub value: String,
    /// How many categories are known.
    pub known: usize,
}

impl<T: Ord + Debug> Categories<T> {
    /// The different ones of these values.
    pub fn of(values: impl IntoIterator<Item = T>) -> Categories<T> {
        let mut values: Vec<T> = values.into_iter().collect();
        values.sort_unstable();
        values.dedup();
        Categories { values }
    }

    /// The categories; the place of each is its code.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The code of each value, from 0.
    ///
    /// # Errors
    /// At the first value that is no known category.
    pub fn codes(&self, values: impl IntoIterator<Item = T>) -> Result<Vec<usize>, UnknownCategory> {
        let code = |(row, value): (usize, T)| {
            let unknown = |_| UnknownCategory { row, value: format!("{value:?}"), known: self.len() };
            self.values.binary_search(&value).map_err(unknown)
        };
        values.into_iter().enumerate().map(code).collect()
    }

    /// A row for each value, `[values, categories]` of f32: 1 in the column of its category, 0 elsewhere.
    ///
    /// # Errors
    /// At the first value that is no known category.
    #[doc(alias = "get_dummies")]
    pub fn one_hot(&self, values: impl IntoIterator<Item = T>) -> Result<Tensor, UnknownCategory> {
        let codes = self.codes(values)?.into_iter().map(|code| code as i64).collect::<Vec<i64>>();
        Ok(Tensor::from(codes).one_hot(self.len()).computed())
    }
}
