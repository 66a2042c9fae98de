//! Columns brought to mean 0 and standard deviation 1, by what the training rows alone show.

use crate::table::Table;

/// Per column the mean and the scale of the rows it was fitted on.
#[derive(Debug, Clone, PartialEq)]
pub struct Standardiser {
    columns: Vec<Fitted>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Fitted {
    mean: f64,
    /// 1 / standard deviation; 0 for a column that was constant.
    inverse_deviation: f64,
}

impl Standardiser {
    /// Learns mean and (population) standard deviation of every column from the given rows.
    ///
    /// A column that is constant on these rows can teach a model nothing: it becomes 0 everywhere, also on rows where
    /// it takes another value.
    ///
    /// # Panics
    /// If `rows` is empty or holds a row that the table does not have.
    #[track_caller]
    pub fn fit(table: &Table, rows: &[usize]) -> Self {
        assert!(!rows.is_empty(), "standardise: no rows to fit on");
        Self { columns: table.columns().iter().map(|column| Fitted::to(column, rows)).collect() }
    }

    /// The given rows of the table, standardised: row after row, `rows.len()` times the number of columns.
    ///
    /// # Panics
    /// If the table has another number of columns than the one fitted on, or not one of the rows.
    #[track_caller]
    pub fn transform(&self, table: &Table, rows: &[usize]) -> Vec<f64> {
        let columns = table.columns();
        assert_eq!(
            columns.len(),
            self.columns.len(),
            "standardise: the table has another number of columns than the one fitted on"
        );
        let of_row =
            |row: usize| columns.iter().zip(&self.columns).map(move |(column, fitted)| fitted.standardise(column[row]));
        rows.iter().flat_map(|&row| of_row(row)).collect()
    }
}

/// The greatest power of two up to the largest magnitude.
fn unit_of(values: impl Iterator<Item = f64>) -> f64 {
    let largest = values.fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    const MANTISSA: u64 = (1 << (f64::MANTISSA_DIGITS - 1)) - 1;
    f64::from_bits(largest.to_bits() & !MANTISSA)
}

impl Fitted {
    fn to(column: &[f64], rows: &[usize]) -> Self {
        let values = || rows.iter().map(|&row| column[row]);
        let count = rows.len() as f64;
        // In units near the largest, so that neither sum nor squares leave the range of numbers; powers of two round nothing.
        let unit = unit_of(values());
        let mean = unit * (values().map(|value| value / unit).sum::<f64>() / count);
        let halves = || values().map(|value| value / 2.0 - mean / 2.0);
        let unit = unit_of(halves());
        let squares: f64 = halves().map(|half| (half / unit).powi(2)).sum();
        let deviation = 2.0 * unit * (squares / count).sqrt();
        // The deviation of a constant column is not always 0: its mean is rounded.
        let constant = values().all(|value| value == column[rows[0]]);
        Self { mean, inverse_deviation: if constant { 0.0 } else { deviation.recip() } }
    }

    fn standardise(self, value: f64) -> f64 {
        (value - self.mean) * self.inverse_deviation
    }
}

#[cfg(test)]
mod tests {
    use approx::{abs_diff_eq, assert_abs_diff_eq};

    use super::*;

    fn table() -> Table {
        Table::from_bytes(b"a,b,c\n1,0.1,5\n2,0.1,5\n3,0.1,8\n100,7,9\n", "t").unwrap()
    }

    #[test]
    fn fits_on_the_given_rows_only() {
        let fitted = Standardiser::fit(&table(), &[0, 1, 2]);
        let values = fitted.transform(&table(), &[0, 1, 2, 3]);
        let deviation_a = (2.0f64 / 3.0).sqrt();
        let deviation_c = 2.0f64.sqrt();
        let expected = [
            [-1.0 / deviation_a, 0.0, -1.0 / deviation_c],
            [0.0, 0.0, -1.0 / deviation_c],
            [1.0 / deviation_a, 0.0, 2.0 / deviation_c],
            [98.0 / deviation_a, 0.0, 3.0 / deviation_c],
        ];
        for (value, expected) in values.iter().zip(expected.as_flattened()) {
            assert_abs_diff_eq!(value, expected, epsilon = 1e-12);
        }
    }

    #[test]
    fn a_constant_column_is_zero_even_where_its_mean_is_rounded() {
        let rows: String = std::iter::repeat_n("0.1\n", 10).collect();
        let table = Table::from_bytes(format!("a\n{rows}3\n").as_bytes(), "t").unwrap();
        let fitted = Standardiser::fit(&table, &(0..10).collect::<Vec<_>>());
        assert!(fitted.transform(&table, &[0, 9, 10]).iter().all(|&value| value == 0.0));
    }

    #[test]
    fn columns_at_the_ends_of_the_range_are_standardised_like_others() {
        for unit in [1.0, 1e-300, 1e-160, 1e160, 1e308] {
            let text = [1.0, -1.0, 0.5, -0.5].map(|value| format!("{:e}\n", value * unit)).concat();
            let table = Table::from_bytes(format!("a\n{text}").as_bytes(), "t").unwrap();
            let values = Standardiser::fit(&table, &[0, 1, 2, 3]).transform(&table, &[0, 1, 2, 3]);
            let deviation = 0.625f64.sqrt();
            for (value, expected) in values.iter().zip([1.0, -1.0, 0.5, -0.5]) {
                assert!(abs_diff_eq!(*value, expected / deviation, epsilon = 1e-12), "{unit:e}: {value}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "another number of columns")]
    fn refuses_another_table() {
        let narrow = table().without(&["b"]).unwrap();
        Standardiser::fit(&table(), &[0]).transform(&narrow, &[0]);
    }
}
