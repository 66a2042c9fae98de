//! Drawing from discrete distributions, one for each row of numbers, by inverting the distribution function.

use std::ops::{Bound, RangeBounds, RangeInclusive};

use crate::shape::Shape;

/// The numbers of a range, both ends included.
///
/// ```
/// use minimand_engine::whole_numbers;
/// assert_eq!(whole_numbers(1..7), Ok(1..=6));
/// assert_eq!(whole_numbers(3..3), Err("from 3 to 2 there is no number".to_owned()));
/// ```
///
/// # Errors
/// Where there is none, in words.
pub fn whole_numbers(range: impl RangeBounds<i64>) -> Result<RangeInclusive<i64>, String> {
    let low = match range.start_bound() {
        Bound::Included(&low) => Some(low),
        Bound::Excluded(&low) => low.checked_add(1),
        Bound::Unbounded => Some(i64::MIN),
    };
    let high = match range.end_bound() {
        Bound::Included(&high) => Some(high),
        Bound::Excluded(&high) => high.checked_sub(1),
        Bound::Unbounded => Some(i64::MAX),
    };
    let (Some(low), Some(high)) = (low, high) else { return Err("the range is empty".to_owned()) };
    if low <= high { Ok(low..=high) } else { Err(format!("from {low} to {high} there is no number")) }
}

/// The distribution functions of rows, as sums of weights up to each class.
#[derive(Clone, Debug)]
pub struct Categories {
    sums: Vec<f64>,
    classes: usize,
}

/// Numbers of a row that are no distribution.
#[derive(Clone, Debug, PartialEq)]
pub struct NoDistribution {
    /// The row, counted from 0.
    pub row: usize,
    /// The class with a number that is none; `None` where all classes are excluded.
    pub class: Option<usize>,
    /// That number, or the least one allowed.
    pub number: f64,
}

impl NoDistribution {
    /// What is wrong, in words: with the shape of the rows, `[…, classes]`, what they are called, and what their numbers are called.
    ///
    /// ```
    /// use minimand_engine::{NoDistribution, Shape};
    /// let wrong = NoDistribution { row: 1, class: Some(0), number: -3.0 };
    /// assert_eq!(wrong.in_words(&Shape::from([2, 2]), "weights", "weight"), "row 1 of weights [2, 2] holds -3 for class 0");
    /// ```
    pub fn in_words(&self, shape: &Shape, rows: &str, number: &str) -> String {
        let rows_from = |axis: usize| shape[axis..shape.rank() - 1].iter().product::<usize>();
        let axes = 0..shape.rank() - 1;
        let position: Vec<usize> = axes.map(|axis| self.row / rows_from(axis + 1) % shape[axis]).collect();
        let row = match position[..] {
            [] => "the row".to_owned(),
            [row] => format!("row {row}"),
            _ => format!("row {position:?}"),
        };
        match self.class {
            Some(class) => format!("{row} of {rows} {shape} holds {} for class {class}", self.number),
            None => format!("{row} of {rows} {shape} holds no {number} above {}", self.number),
        }
    }
}

impl Categories {
    /// From rows of weights of so many classes, or of their logarithms. A weight of 0, a logarithm of -∞, excludes a class.
    ///
    /// ```
    /// use minimand_engine::Categories;
    /// let categories = Categories::of(vec![1.0, 3.0], 2, false).unwrap();
    /// let mut numbers = [0.2, 0.3].into_iter(); // evenly distributed in 0..1
    /// assert_eq!(categories.draw(2, || numbers.next().unwrap()), [0, 1]);
    /// assert_eq!(Categories::of(vec![1.0, -3.0], 2, false).unwrap_err().class, Some(1));
    /// ```
    ///
    /// # Errors
    /// When a number is NaN, infinite or a negative weight, or a row excludes all classes.
    pub fn of(mut numbers: Vec<f64>, classes: usize, logarithms: bool) -> Result<Categories, NoDistribution> {
        let least = if logarithms { f64::NEG_INFINITY } else { 0.0 };
        for (row, numbers) in numbers.chunks_exact_mut(classes.max(1)).enumerate() {
            let is_refused = |&number: &f64| number < least || number.is_nan() || number == f64::INFINITY;
            if let Some(class) = numbers.iter().position(is_refused) {
                return Err(NoDistribution { row, class: Some(class), number: numbers[class] });
            }
            let greatest = numbers.iter().copied().fold(least, f64::max);
            if greatest == least {
                return Err(NoDistribution { row, class: None, number: least });
            }
            // In place: from weights, of which the greatest is 1, to their sums. So no sum overflows, and not all vanish.
            let mut sum = 0.0;
            for number in numbers.iter_mut() {
                sum += if logarithms { libm::exp(*number - greatest) } else { *number / greatest };
                *number = sum;
            }
        }
        Ok(Categories { sums: numbers, classes })
    }

    /// So many classes from each row, given numbers that are evenly distributed in `0..1`.
    pub fn draw(&self, count: usize, mut uniform: impl FnMut() -> f64) -> Vec<i64> {
        let mut drawn = crate::buffer::vector(self.sums.len() / self.classes.max(1) * count);
        for row in self.sums.chunks_exact(self.classes.max(1)) {
            // The class whose part of the sum a number falls into; rounding may make it the whole sum, which is nobody's part.
            let sum = row[row.len() - 1];
            let greatest = row.partition_point(|&below| below < sum);
            drawn.extend((0..count).map(|_| {
                let number = uniform() * sum;
                row.partition_point(|&below| below <= number).min(greatest) as i64
            }));
        }
        drawn
    }
}
