//! Class labels: validated once, where they enter the program; from then on they know their number of classes.

use minimand_tensor::{DType, Index, Shape, Tensor};
use thiserror::Error;

/// Class labels of a known number of classes, each `0..classes` or ignored.
///
/// Labels come from outside, so making them returns a `Result`; a loss that takes `Labels` can no longer meet one that is
/// out of range. They are a cheap handle: clones share their values.
///
/// ```
/// use minimand_loss::{LabelError, Labels};
///
/// let labels = Labels::new([2, 0, 1, 2], 3)?;
/// assert_eq!((labels.len(), labels.classes()), (4, 3));
/// assert_eq!(labels.select(&[3, 1]).one_hot().to_string(), "[[0, 0, 1],\n [1, 0, 0]]");
///
/// let error = Labels::new([2, 0, 3, 2], 3).unwrap_err();
/// assert_eq!(error.to_string(), "the label at position 2 is 3: with 3 classes a label is 0 to 2");
/// # Ok::<(), LabelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Labels {
    classes: usize,
    /// i64; 0 where ignored.
    index: Tensor,
    /// i64; -1, which names no class, where ignored.
    named: Tensor,
    /// bool; none when no label is ignored.
    kept: Option<Tensor>,
}

/// Why values are no labels. Positions count from 0.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum LabelError {
    /// A whole number that names no class.
    #[error("the label at position {position} is {value}: with {classes} {}", described(*.classes))]
    OutOfRange {
        /// Where it stands.
        position: usize,
        /// The number found.
        value: i128,
        /// The number of classes asked for.
        classes: usize,
    },
    /// A fraction, an infinity or NaN, in a column of floating-point numbers.
    #[error("the label at position {position} is {value}, which is not a whole number")]
    NotWhole {
        /// Where it stands.
        position: usize,
        /// The number found.
        value: f64,
    },
}

fn described(classes: usize) -> String {
    match classes {
        0 => "classes there is no label".to_owned(),
        1 => "class the only label is 0".to_owned(),
        _ => format!("classes a label is 0 to {}", classes - 1),
    }
}

mod sealed {
    pub trait Sealed {}
}

/// A number type that labels can be read from: the integers, and `f32` and `f64`, whose values must be whole.
pub trait LabelValue: sealed::Sealed + Copy {
    /// The value as a whole number, or the value that is none.
    #[doc(hidden)]
    fn whole(self) -> Result<i128, f64>;
    /// Equality under which NaN equals itself, so that it can stand for "ignored".
    #[doc(hidden)]
    fn same(self, other: Self) -> bool;
}

macro_rules! integer_labels {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}
        impl LabelValue for $type {
            fn whole(self) -> Result<i128, f64> {
                Ok(self as i128)
            }
            fn same(self, other: Self) -> bool {
                self == other
            }
        }
    )*};
}
integer_labels!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize);

macro_rules! float_labels {
    ($($type:ty),*) => {$(
        impl sealed::Sealed for $type {}
        impl LabelValue for $type {
            fn whole(self) -> Result<i128, f64> {
                if self.fract() == 0.0 { Ok(self as i128) } else { Err(f64::from(self)) }
            }
            fn same(self, other: Self) -> bool {
                self == other || (self.is_nan() && other.is_nan())
            }
        }
    )*};
}
float_labels!(f32, f64);

impl Labels {
    /// Labels from numbers: a slice, an array or a vector of integers, or a column of floating-point numbers that are whole.
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels};
    /// let column = [1.0, 0.0, 1.0]; // as a CSV file holds them
    /// assert_eq!(Labels::new(column, 2)?.counts(), [1, 2]);
    /// let error = Labels::new([1.0, 0.5], 2).unwrap_err();
    /// assert_eq!(error, LabelError::NotWhole { position: 1, value: 0.5 });
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// # Errors
    /// Names the first value that is not a whole number in `0..classes`, and its position.
    pub fn new<T: LabelValue>(values: impl AsRef<[T]>, classes: usize) -> Result<Labels, LabelError> {
        let label = |(position, &value): (usize, &T)| label(position, value, classes);
        let index: Vec<i64> = values.as_ref().iter().enumerate().map(label).collect::<Result<_, _>>()?;
        let index = Tensor::from(index);
        Ok(Labels { classes, named: index.clone(), index, kept: None })
    }

    /// Labels from a tensor of i64, in its shape: what [`argmax`](Tensor::argmax) has found, or a part of labels that were computed.
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels};
    /// # use minimand_tensor::Tensor;
    /// let likeliest = Tensor::from([[0.1, 0.9], [0.8, 0.2]]).argmax_axis(-1);
    /// assert_eq!(Labels::from_tensor(likeliest, 2)?.counts(), [1, 1]);
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Labels::new); positions count in row-major order.
    ///
    /// # Panics
    /// When the tensor is not i64.
    #[track_caller]
    pub fn from_tensor(labels: impl Into<Index>, classes: usize) -> Result<Labels, LabelError> {
        let labels = labels.into().tensor();
        assert!(labels.dtype() == DType::I64, "labels: the tensor must be i64, not {}", labels.dtype());
        let found = Labels::new(labels.to_vec::<i64>(), classes)?;
        Ok(found.reshape(labels.shape()))
    }

    /// Labels among which `ignored` marks the examples that have none: padding, or what nobody annotated. Their loss and its
    /// gradient are 0, and [`mean`](Labels::mean) does not count them. `ignored` may be any value, a class included (-100 in
    /// PyTorch's default, NaN in a column with gaps).
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels};
    /// let labels = Labels::with_ignored([2, -100, 1], 3, -100)?;
    /// assert_eq!(labels.kept().unwrap().to_string(), "[true, false, true]");
    /// assert_eq!(labels.index().to_string(), "[2, 0, 1]");
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// # Errors
    /// As [`new`](Labels::new), for the labels that are not ignored.
    #[doc(alias = "ignore_index")]
    pub fn with_ignored<T: LabelValue>(
        values: impl AsRef<[T]>,
        classes: usize,
        ignored: T,
    ) -> Result<Labels, LabelError> {
        let values = values.as_ref();
        let kept: Vec<bool> = values.iter().map(|value| !value.same(ignored)).collect();
        let label = |(position, &value)| if kept[position] { label(position, value, classes) } else { Ok(0) };
        let index: Vec<i64> = values.iter().enumerate().map(label).collect::<Result<_, _>>()?;
        let named: Vec<i64> = index.iter().zip(&kept).map(|(&label, &kept)| if kept { label } else { -1 }).collect();
        Ok(Labels { classes, named: Tensor::from(named), index: Tensor::from(index), kept: Some(Tensor::from(kept)) })
    }

    /// The same labels in row-major order under another shape: one label per pixel, per word of a sentence.
    ///
    /// # Panics
    /// When the shape holds another number of labels.
    #[track_caller]
    #[must_use]
    pub fn reshape(&self, shape: impl Into<Shape>) -> Labels {
        let shape = shape.into();
        let count = shape.elements();
        assert!(count == self.len(), "reshape: {} labels do not fill {shape}, which holds {count}", self.len());
        self.map(|values| values.reshape(&shape))
    }

    /// The labels at some positions of the first axis, in their order: a batch.
    ///
    /// # Panics
    /// When a position is out of range or the labels have no axis.
    #[track_caller]
    #[must_use]
    pub fn select(&self, rows: impl Into<Index>) -> Labels {
        let count = *self.shape().first().expect("select: a single label of shape [] has no rows");
        let rows = rows.into().tensor();
        for row in rows.to_vec::<i64>() {
            let exists = usize::try_from(row).is_ok_and(|row| row < count);
            assert!(exists, "select: there is no row {row} in labels {}", self.shape());
        }
        self.map(|values| values.index_select(0, &rows))
    }

    /// The labels of a range of the first axis.
    pub(crate) fn slice(&self, rows: std::ops::Range<usize>) -> Labels {
        self.map(|values| values.slice(0, rows.clone()))
    }

    fn map(&self, change: impl Fn(&Tensor) -> Tensor) -> Labels {
        let kept = self.kept.as_ref().map(&change);
        Labels { classes: self.classes, index: change(&self.index), named: change(&self.named), kept }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of labels, ignored ones included.
    pub fn len(&self) -> usize {
        self.index.elements()
    }

    /// Whether there is no label at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The shape: one label per entry.
    pub fn shape(&self) -> &Shape {
        self.index.shape()
    }

    /// The labels as a tensor (i64); class 0 stands where the label is ignored.
    pub fn index(&self) -> &Tensor {
        &self.index
    }

    /// Which labels are not ignored (bool), or `None` when all are kept.
    pub fn kept(&self) -> Option<&Tensor> {
        self.kept.as_ref()
    }

    /// Probability 1 for the class of the label and 0 for the others, f32, with the classes as a new last axis; zeros throughout
    /// where the label is ignored.
    pub fn one_hot(&self) -> Tensor {
        self.truth().cast(DType::F32)
    }

    /// [`one_hot`](Labels::one_hot) as truth values.
    pub(crate) fn truth(&self) -> Tensor {
        Tensor::iota(self.classes).eq(self.named.unsqueeze(-1))
    }

    /// How often each class occurs; ignored labels are not counted.
    ///
    /// # Panics
    /// When there are more classes than memory could count.
    #[track_caller]
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = Vec::new();
        let room = counts.try_reserve_exact(self.classes);
        assert!(room.is_ok(), "counts: there is no memory for {} classes", self.classes);
        counts.resize(self.classes, 0);
        let kept = self.kept.as_ref().map(Tensor::to_vec::<bool>);
        for (position, label) in self.index.to_vec::<i64>().into_iter().enumerate() {
            if kept.as_ref().is_none_or(|kept| kept[position]) {
                counts[label as usize] += 1;
            }
        }
        counts
    }

    /// Weights under which every class counts the same: `n / (C n_c)` for a class that occurs `n_c` times among `n` kept labels
    /// of `C` classes, f64. A class that does not occur has weight 1: there is nothing to balance.
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels};
    /// let labels = Labels::new([0, 0, 0, 1], 3)?;
    /// assert_eq!(labels.counts(), [3, 1, 0]);
    /// assert_eq!(format!("{:.3}", labels.balanced_class_weights()), "[0.444, 1.333, 1.000]");
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// It is the heuristic that scikit-learn calls "balanced", after King & Zeng 2001.
    pub fn balanced_class_weights(&self) -> Tensor {
        let counts = self.counts();
        let (n, classes) = (counts.iter().sum::<usize>() as f64, self.classes as f64);
        let weight = |&count: &usize| if count == 0 { 1.0 } else { n / (classes * count as f64) };
        Tensor::from(counts.iter().map(weight).collect::<Vec<f64>>())
    }

    /// The weight of each example, in the shape of the labels: `w_y` of the class weights (1 without them), 0 where the label is
    /// ignored; f64.
    ///
    /// # Panics
    /// When the class weights do not have one number per class.
    #[track_caller]
    pub fn weights(&self, class_weights: Option<&Tensor>) -> Tensor {
        let Some(w) = class_weights else {
            return self.zero_if_ignored(Tensor::ones(self.shape()).cast(DType::F64));
        };
        self.check_class_weights("weights", w);
        self.pick(&w.cast(DType::F64))
    }

    /// The mean of an unreduced loss over the examples that count: `Σᵢ ℓᵢ / Σᵢ w_yᵢ`, where `ℓᵢ` already contains the weight of its class, as
    /// the losses of this crate return it, and ignored labels weigh 0. When nothing counts it is 0, with gradient 0, not NaN.
    ///
    /// This is PyTorch's mean for labels, with and without class weights and label smoothing. A plain `loss.mean()` divides by the
    /// ignored examples, too, and so shrinks the loss the more a batch is padded.
    ///
    /// ```
    /// # use minimand_loss::{LabelError, Labels, cross_entropy};
    /// # use minimand_tensor::Tensor;
    /// let logits = Tensor::from([[0.0, 0.0], [5.0, -5.0]]);
    /// let labels = Labels::with_ignored([1, -100], 2, -100)?;
    /// let loss = cross_entropy(&logits, &labels);
    /// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.0000]");
    /// assert_eq!(format!("{:.4}", labels.mean(&loss, None)), "0.6931");
    /// assert_eq!(format!("{:.4}", loss.mean()), "0.3466");
    /// # Ok::<(), LabelError>(())
    /// ```
    ///
    /// # Panics
    /// When the loss does not have one entry per label, or the class weights one number per class.
    #[track_caller]
    pub fn mean(&self, loss: &Tensor, class_weights: Option<&Tensor>) -> Tensor {
        let (found, expected) = (loss.shape(), self.shape());
        assert!(found == expected, "mean: loss {found} and labels {expected} must have the same shape");
        if class_weights.is_none() && self.kept.is_none() && !self.is_empty() {
            return loss.sum() / self.len() as f64; // a number: the gradient need not wait for anything
        }
        let total = self.weights(class_weights).sum().cast(loss.dtype());
        let (nothing, sum) = (total.eq(0), loss.sum());
        let absent = &nothing & sum.le(f64::INFINITY); // NaN stays
        absent.select(0, sum / nothing.select(1, total))
    }

    #[track_caller]
    pub(crate) fn check_class_weights(&self, operation: &str, class_weights: &Tensor) {
        let (found, classes) = (class_weights.shape(), self.classes);
        assert!(*found == [classes], "{operation}: class_weights {found} and labels of {classes} classes do not fit");
    }
}

fn label<T: LabelValue>(position: usize, value: T, classes: usize) -> Result<i64, LabelError> {
    let value = value.whole().map_err(|value| LabelError::NotWhole { position, value })?;
    let in_range = usize::try_from(value).is_ok_and(|label| label < classes);
    if in_range { Ok(value as i64) } else { Err(LabelError::OutOfRange { position, value, classes }) }
}
