//! Large tables of which each step trains few rows.

use minimand_tensor::{DType, Parameter, Tensor};

/// The values of a table, row by row.
#[derive(Clone, Debug)]
enum Values {
    F32(Vec<f32>),
    F64(Vec<f64>),
}

/// A table like that of an [`Embedding`](crate::Embedding), but so large that a step must not touch all of it: of 200,000 rows a batch picks some
/// hundred, and those alone are copied, trained and written back.
///
/// The rows of a batch become a small [`Parameter`] of their own, each once, however often it is picked. Any optimizer without memory, such as SGD
/// without momentum, does with them what it would do with the whole table. One with memory (momentum, Adam) would move rows that are not picked,
/// too, by what it remembers: it does not fit here, for its state belongs to the rows of one batch.
///
/// The table is no [`Module`](crate::Module): its values lie outside of any graph. [`weight`](RowTable::weight) gives them as a tensor, for a
/// checkpoint.
///
/// ```
/// use minimand_nn::RowTable;
/// use minimand_optim::{Optimizer, Sgd, SgdOptions};
/// use minimand_tensor::Tensor;
///
/// let mut table = RowTable::new(&Tensor::zeros([200_000, 2]));
/// let picked = table.pick(&Tensor::from([5i64, 70_000, 5]));
/// let loss = (picked.forward() - 1.0).square().sum();
/// Sgd::new([picked.parameter()], SgdOptions { learning_rate: 0.1, ..Default::default() }).step(&loss)?;
/// table.put(&picked);
/// let rows = table.pick(&Tensor::from([5i64, 6, 70_000])).forward();
/// assert_eq!(format!("{rows:.1}"), "[[0.4, 0.4],\n [0.0, 0.0],\n [0.2, 0.2]]"); // row 5 was picked twice
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
#[doc(alias = "SparseAdam")]
#[doc(alias = "sparse")]
#[derive(Clone, Debug)]
pub struct RowTable {
    values: Values,
    count: usize,
    size: usize,
}

/// The rows of a [`RowTable`] that a batch picks, to be trained and [put](RowTable::put) back.
#[derive(Clone, Debug)]
pub struct PickedRows {
    /// Which rows of the table, ascending.
    numbers: Vec<usize>,
    rows: Parameter,
    /// Where each number of the batch stands among them.
    places: Tensor,
}

impl RowTable {
    /// A table with the values of `weight`, `[count, size]`, f32 or f64, such as [`Initializer::draw`](crate::Initializer::draw) gives.
    ///
    /// # Panics
    /// When `weight` has not two axes, or is of no floating-point type.
    #[track_caller]
    pub fn new(weight: &Tensor) -> RowTable {
        let [count, size] = *weight.shape().sizes() else {
            panic!("row_table: weight {} must be [count, size]", weight.shape())
        };
        let values = match weight.dtype() {
            DType::F32 => Values::F32(weight.to_vec()),
            DType::F64 => Values::F64(weight.to_vec()),
            DType::I64 | DType::Bool => panic!("row_table: values of {} cannot be trained", weight.dtype()),
        };
        RowTable { values, count, size }
    }

    /// Number of rows.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Number of entries of a row.
    pub fn size(&self) -> usize {
        self.size
    }

    /// The whole table, `[count, size]`: a copy.
    pub fn weight(&self) -> Tensor {
        let shape = [self.count, self.size];
        match &self.values {
            Values::F32(values) => Tensor::from_vec(values.clone(), shape),
            Values::F64(values) => Tensor::from_vec(values.clone(), shape),
        }
    }

    /// The rows that an index (i64, of any shape) names, as a small parameter called `rows`. The index is computed now.
    ///
    /// # Panics
    /// When the index is not i64, or a number is no row of the table.
    #[track_caller]
    pub fn pick(&self, index: &Tensor) -> PickedRows {
        let (dtype, shape) = (index.dtype(), index.shape());
        assert!(dtype == DType::I64, "row_table: index {dtype}{shape} must be i64, numbers of rows");
        let row = |number: &i64| {
            let row = usize::try_from(*number).ok().filter(|row| *row < self.count);
            row.unwrap_or_else(|| panic!("row_table: {number} is no row of a table of {}", self.count))
        };
        let picked: Vec<usize> = index.to_vec::<i64>().iter().map(row).collect();
        let mut numbers = picked.clone();
        numbers.sort_unstable();
        numbers.dedup();
        let places = picked.iter().map(|row| numbers.partition_point(|other| other < row) as i64).collect();
        let rows = [numbers.len(), self.size];
        let rows = match &self.values {
            Values::F32(values) => Tensor::from_vec(gathered(values, &numbers, self.size), rows),
            Values::F64(values) => Tensor::from_vec(gathered(values, &numbers, self.size), rows),
        };
        PickedRows { numbers, rows: Parameter::new("rows", rows), places: Tensor::from_vec(places, shape) }
    }

    /// Writes rows back with the values that they have now.
    ///
    /// # Panics
    /// When the rows are of a table of another size or element type.
    #[track_caller]
    pub fn put(&mut self, picked: &PickedRows) {
        let value = picked.rows.value();
        let (size, fits) = (self.size, picked.numbers.last().is_none_or(|last| *last < self.count));
        match &mut self.values {
            Values::F32(values) if fits && value.dtype() == DType::F32 && value.shape()[1] == size => {
                scatter(values, &picked.numbers, &value.to_vec(), size);
            }
            Values::F64(values) if fits && value.dtype() == DType::F64 && value.shape()[1] == size => {
                scatter(values, &picked.numbers, &value.to_vec(), size);
            }
            Values::F32(_) | Values::F64(_) => {
                panic!("row_table: rows {}{} are of another table", value.dtype(), value.shape())
            }
        }
    }
}

fn gathered<T: Copy>(values: &[T], numbers: &[usize], size: usize) -> Vec<T> {
    numbers.iter().flat_map(|row| &values[row * size..][..size]).copied().collect()
}

fn scatter<T: Copy>(values: &mut [T], numbers: &[usize], rows: &[T], size: usize) {
    for (place, row) in numbers.iter().enumerate() {
        values[row * size..][..size].copy_from_slice(&rows[place * size..][..size]);
    }
}

impl PickedRows {
    /// The rows, each once, in ascending order of their numbers: for an optimizer.
    pub fn parameter(&self) -> &Parameter {
        &self.rows
    }

    /// Which rows of the table they are, ascending.
    pub fn numbers(&self) -> &[usize] {
        &self.numbers
    }

    /// The rows as the index named them, `[…, size]`, built from the present value of the parameter.
    #[track_caller]
    pub fn forward(&self) -> Tensor {
        self.rows.value().index_select(0, &self.places)
    }
}
