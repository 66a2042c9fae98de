//! Columns brought to a common centre and scale, by what the training rows alone show.

use minimand_tensor::{DType, Tensor};

use crate::metrics::quantile;

/// Per column a centre and a scale, learnt from the rows it was fitted on: a value becomes (value − centre) / scale.
///
/// Fit on the training rows only: what the others are like must not be known before they are judged.
///
/// A column that is constant on the fitted rows can teach a model nothing: it becomes 0 everywhere, also on rows where it takes another
/// value; and [`inverse`](Self::inverse) makes the constant of whatever it is given. The same goes for a column whose scale is 0 in
/// [`fit_robust`](Self::fit_robust) or which has no finite one.
///
/// ```
/// use minimand_data::Standardiser;
///
/// let columns = [vec![1.0, 2.0, 3.0, 100.0], vec![5.0, 5.0, 5.0, 9.0]];
/// let train = [0, 1, 2];
/// let standardiser = Standardiser::fit(&columns, &train);
/// let rows = standardiser.transform(&columns, &[1, 3]);
/// assert_eq!(rows[..2], [0.0, 0.0]); // row after row
/// assert_eq!(format!("{:.3?}", &rows[2..]), "[120.025, 0.000]");
/// assert_eq!(standardiser.inverse(&rows[..2]), [2.0, 5.0]);
/// ```
#[doc(alias = "StandardScaler")]
#[doc(alias = "MinMaxScaler")]
#[doc(alias = "RobustScaler")]
#[derive(Debug, Clone, PartialEq)]
pub struct Standardiser {
    columns: Vec<Fitted>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Fitted {
    centre: f64,
    /// 0 for a column that was constant, as its reciprocal.
    scale: f64,
    inverse_scale: f64,
}

impl Standardiser {
    /// Learns mean and (population) standard deviation of every column from the given rows.
    ///
    /// # Panics
    /// If `rows` is empty or holds a row that a column does not have.
    #[track_caller]
    pub fn fit<C: AsRef<[f64]>>(columns: &[C], rows: &[usize]) -> Self {
        Self::fit_by(columns, rows, Fitted::to_mean_and_deviation)
    }

    /// Learns the smallest and the largest value of every column, which become 0 and 1.
    ///
    /// # Panics
    /// If `rows` is empty or holds a row that a column does not have.
    #[track_caller]
    pub fn fit_range<C: AsRef<[f64]>>(columns: &[C], rows: &[usize]) -> Self {
        Self::fit_by(columns, rows, |values| {
            let lowest = values.iter().copied().fold(f64::INFINITY, f64::min);
            let highest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Fitted::new(lowest, highest - lowest)
        })
    }

    /// Learns median and distance of the quartiles of every column, which no outlier can move.
    ///
    /// # Panics
    /// If `rows` is empty or holds a row that a column does not have.
    #[track_caller]
    pub fn fit_robust<C: AsRef<[f64]>>(columns: &[C], rows: &[usize]) -> Self {
        Self::fit_by(columns, rows, |values| {
            let [low, middle, high] = [0.25, 0.5, 0.75].map(|level| quantile(values, level));
            Fitted::new(middle, high - low)
        })
    }

    #[track_caller]
    fn fit_by<C: AsRef<[f64]>>(columns: &[C], rows: &[usize], fit: impl Fn(&[f64]) -> Fitted) -> Self {
        assert!(!rows.is_empty(), "standardise: no rows to fit on");
        let of_rows = |column: &C| rows.iter().map(|&row| column.as_ref()[row]).collect::<Vec<f64>>();
        Self { columns: columns.iter().map(|column| fit(&of_rows(column))).collect() }
    }

    /// How many columns it was fitted on.
    pub fn columns(&self) -> usize {
        self.columns.len()
    }

    /// The given rows, standardised: row after row, `rows.len()` times the number of columns.
    ///
    /// # Panics
    /// If there is another number of columns than the one fitted on, or not one of the rows.
    #[track_caller]
    pub fn transform<C: AsRef<[f64]>>(&self, columns: &[C], rows: &[usize]) -> Vec<f64> {
        assert_eq!(
            columns.len(),
            self.columns.len(),
            "standardise: the table has another number of columns than the one fitted on"
        );
        let of_row = |row: usize| {
            columns.iter().zip(&self.columns).map(move |(column, fitted)| fitted.standardise(column.as_ref()[row]))
        };
        rows.iter().flat_map(|&row| of_row(row)).collect()
    }

    /// The tensor `[…, columns]`, standardised; part of the graph, so that gradients flow through it.
    ///
    /// # Panics
    /// If the last axis of `x` has another size than the number of columns, or `x` is not of floating-point numbers.
    #[track_caller]
    pub fn transform_tensor(&self, x: &Tensor) -> Tensor {
        let [centre, _, inverse_scale] = self.tensors(x);
        (x - centre) * inverse_scale
    }

    /// What [`transform_tensor`](Self::transform_tensor) was given, from its result.
    ///
    /// # Panics
    /// If the last axis of `x` has another size than the number of columns, or `x` is not of floating-point numbers.
    #[track_caller]
    pub fn inverse_tensor(&self, x: &Tensor) -> Tensor {
        let [centre, scale, _] = self.tensors(x);
        x * scale + centre
    }

    /// Rows as [`transform`](Self::transform) gives them, back in the units of the columns: row after row.
    ///
    /// # Panics
    /// If the number of values is no multiple of the number of columns.
    #[track_caller]
    pub fn inverse(&self, rows: &[f64]) -> Vec<f64> {
        let columns = self.columns.len();
        assert!(
            columns > 0 && rows.len().is_multiple_of(columns),
            "standardise: {} values are no rows of {columns}",
            rows.len()
        );
        let back = |(value, fitted): (&f64, &Fitted)| value * fitted.scale + fitted.centre;
        rows.chunks_exact(columns).flat_map(|row| row.iter().zip(&self.columns).map(back)).collect()
    }

    /// Centre, scale and 1 / scale in the element type of `x`.
    #[track_caller]
    fn tensors(&self, x: &Tensor) -> [Tensor; 3] {
        let (columns, dtype) = (self.columns.len(), x.dtype());
        assert!(
            x.shape().last() == Some(&columns),
            "standardise: {} has not the {columns} columns fitted on as its last axis",
            x.shape()
        );
        assert!(dtype == DType::F32 || dtype == DType::F64, "standardise: {dtype} has no fractions");
        let of =
            |part: fn(&Fitted) -> f64| Tensor::from(self.columns.iter().map(part).collect::<Vec<f64>>()).cast(dtype);
        [of(|fitted| fitted.centre), of(|fitted| fitted.scale), of(|fitted| fitted.inverse_scale)]
    }
}

/// The greatest power of two up to the largest magnitude.
fn unit_of(values: impl Iterator<Item = f64>) -> f64 {
    let largest = values.fold(f64::MIN_POSITIVE, |largest, value| largest.max(value.abs()));
    const MANTISSA: u64 = (1 << (f64::MANTISSA_DIGITS - 1)) - 1;
    f64::from_bits(largest.to_bits() & !MANTISSA)
}

impl Fitted {
    fn new(centre: f64, scale: f64) -> Self {
        let inverse_scale = scale.recip();
        let usable = scale.is_finite() && inverse_scale.is_finite();
        if usable { Self { centre, scale, inverse_scale } } else { Self { centre, scale: 0.0, inverse_scale: 0.0 } }
    }

    fn to_mean_and_deviation(values: &[f64]) -> Self {
        let count = values.len() as f64;
        // In units near the largest, so that neither sum nor squares leave the range of numbers; powers of two round nothing.
        let unit = unit_of(values.iter().copied());
        let mean = unit * (values.iter().map(|value| value / unit).sum::<f64>() / count);
        let halves = || values.iter().map(|value| value / 2.0 - mean / 2.0);
        let unit = unit_of(halves());
        let squares: f64 = halves().map(|half| (half / unit).powi(2)).sum();
        let deviation = 2.0 * unit * (squares / count).sqrt();
        // The deviation of a constant column is not always 0: its mean is rounded.
        let constant = values.iter().all(|value| *value == values[0]);
        Self::new(mean, if constant { 0.0 } else { deviation })
    }

    fn standardise(self, value: f64) -> f64 {
        (value - self.centre) * self.inverse_scale
    }
}
