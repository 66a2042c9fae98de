//! Reductions, running sums, and searching and sorting along an axis.

use crate::axes::{Axes, axis_of};
use crate::tensor::Tensor;
use minimand_engine::AxisList;
use minimand_engine::DType;
use minimand_engine::{Op, Reduction};

impl Tensor {
    /// Reduces over axes that stay with size 1.
    #[track_caller]
    fn reduce(&self, reduction: Reduction, axes: AxisList) -> Tensor {
        let x = match (reduction, self.dtype()) {
            (Reduction::Sum, DType::Bool) => self.cast(DType::I64),
            (Reduction::Sum, DType::I64 | DType::F32 | DType::F64) | (Reduction::Max | Reduction::Min, _) => {
                self.clone()
            }
        };
        if axes.is_empty() {
            return x;
        }
        let (shape, dtype) = (x.shape().keeping(&axes), x.dtype());
        Tensor::node(Op::Reduce(reduction, axes), [x], shape, dtype)
    }

    /// Drops axes of size 1.
    #[track_caller]
    fn drop_axes(&self, axes: &[usize]) -> Tensor {
        self.reshape(self.shape().without(axes))
    }

    #[track_caller]
    pub(crate) fn reduce_over(&self, reduction: Reduction, axes: &impl Axes, keep: bool) -> Tensor {
        let axes = axes.resolve(self.shape(), reduction.name());
        let reduced = self.reduce(reduction, axes.clone());
        if keep { reduced } else { reduced.drop_axes(&axes) }
    }

    /// Sum of all entries, shape `[]`; of nothing it is 0. Truth values are counted; sums of integers wrap around.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).sum().item(), 10.0);
    /// ```
    #[track_caller]
    pub fn sum(&self) -> Tensor {
        self.sum_axis(..)
    }

    /// Sum over the given axes, which vanish.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).sum_axis(0).to_string(), "[4, 6]");
    /// ```
    #[track_caller]
    pub fn sum_axis(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Sum, &axes, false)
    }

    /// Sum over the given axes, which stay with size 1.
    #[track_caller]
    pub fn sum_keepdim(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Sum, &axes, true)
    }

    /// Greatest of all entries, shape `[]`. NaN if any is NaN; the least value of the type for an empty tensor. Equal
    /// maxima share the gradient evenly.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([1.0, 3.0, 3.0]);
    /// assert_eq!(x.max().item(), 3.0);
    /// assert_eq!(x.max().grad(&x).to_string(), "[0, 0.5, 0.5]");
    /// ```
    #[track_caller]
    pub fn max(&self) -> Tensor {
        self.max_axis(..)
    }

    /// Greatest over the given axes, which vanish.
    #[track_caller]
    pub fn max_axis(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Max, &axes, false)
    }

    /// Greatest over the given axes, which stay with size 1.
    #[track_caller]
    pub fn max_keepdim(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Max, &axes, true)
    }

    /// Least of all entries, shape `[]`. NaN if any is NaN; the greatest value of the type for an empty tensor. Equal
    /// minima share the gradient evenly.
    #[track_caller]
    pub fn min(&self) -> Tensor {
        self.min_axis(..)
    }

    /// Least over the given axes, which vanish.
    #[track_caller]
    pub fn min_axis(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Min, &axes, false)
    }

    /// Least over the given axes, which stay with size 1.
    #[track_caller]
    pub fn min_keepdim(&self, axes: impl Axes) -> Tensor {
        self.reduce_over(Reduction::Min, &axes, true)
    }

    /// Running sum along an axis: entry `i` is the sum of entries `0..=i`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumulative_sum(0).to_string(), "[1, 3, 6]");
    /// ```
    #[doc(alias = "cumsum")]
    #[track_caller]
    pub fn cumulative_sum(&self, axis: isize) -> Tensor {
        let axis = axis_of(axis, self.rank(), self.shape(), "cumulative_sum");
        self.cumulative_sum_from(axis, false)
    }

    /// Running sum from the end: entry `i` is the sum of entries `i..`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumulative_sum_reverse(0).to_string(), "[6, 5, 3]");
    /// ```
    #[track_caller]
    pub fn cumulative_sum_reverse(&self, axis: isize) -> Tensor {
        let axis = axis_of(axis, self.rank(), self.shape(), "cumulative_sum_reverse");
        self.cumulative_sum_from(axis, true)
    }

    #[track_caller]
    pub(crate) fn cumulative_sum_from(&self, axis: usize, reverse: bool) -> Tensor {
        let x = if self.dtype() == DType::Bool { self.cast(DType::I64) } else { self.clone() };
        let (shape, dtype) = (x.shape().clone(), x.dtype());
        Tensor::node(Op::CumulativeSum { axis, reverse }, [x], shape, dtype)
    }

    /// Position (i64) of the greatest of all entries, counted in row-major order, shape `[]`; the first of equals; NaN counts as greatest. No
    /// gradient.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 5.0, 5.0], [7.0, 2.0, 0.0]]).argmax().item(), 3.0);
    /// ```
    ///
    /// # Panics
    /// When there is no entry.
    #[track_caller]
    pub fn argmax(&self) -> Tensor {
        self.argmax_axis(..)
    }

    /// [`argmax`](Tensor::argmax) along the given axes, which vanish; along several it counts in row-major order of these.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 5.0, 5.0], [7.0, 2.0, 0.0]]).argmax_axis(-1).to_string(), "[1, 0]");
    /// ```
    ///
    /// # Panics
    /// When an axis is out of range or empty.
    #[track_caller]
    pub fn argmax_axis(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes_to_search(&axes, "argmax");
        self.position_of_greatest(&axes).drop_axes(&axes)
    }

    /// [`argmax`](Tensor::argmax) along the given axes, which stay with size 1.
    #[track_caller]
    pub fn argmax_keepdim(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes_to_search(&axes, "argmax");
        self.position_of_greatest(&axes)
    }

    /// Position (i64) of the least of all entries, counted in row-major order, shape `[]`; the first of equals; NaN counts as least. No
    /// gradient.
    ///
    /// # Panics
    /// When there is no entry.
    #[track_caller]
    pub fn argmin(&self) -> Tensor {
        self.argmin_axis(..)
    }

    /// [`argmin`](Tensor::argmin) along the given axes, which vanish; along several it counts in row-major order of these.
    ///
    /// # Panics
    /// When an axis is out of range or empty.
    #[track_caller]
    pub fn argmin_axis(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes_to_search(&axes, "argmin");
        self.in_reverse_order().position_of_greatest(&axes).drop_axes(&axes)
    }

    /// [`argmin`](Tensor::argmin) along the given axes, which stay with size 1.
    #[track_caller]
    pub fn argmin_keepdim(&self, axes: impl Axes) -> Tensor {
        let axes = self.axes_to_search(&axes, "argmin");
        self.in_reverse_order().position_of_greatest(&axes)
    }

    #[track_caller]
    fn axes_to_search(&self, axes: &impl Axes, operation: &str) -> AxisList {
        let axes = axes.resolve(self.shape(), operation);
        if let Some(axis) = axes.iter().find(|&&axis| self.shape()[axis] == 0) {
            panic!("{operation}: axis {axis} of {} is empty", self.shape());
        }
        axes
    }

    /// Values of which the greatest is the least of these.
    #[track_caller]
    fn in_reverse_order(&self) -> Tensor {
        match self.dtype() {
            DType::Bool => self.logical_not(),
            // `-1 - x` turns the order of all integers around; the least has no opposite.
            DType::I64 => -1i64 - self,
            DType::F32 | DType::F64 => -self,
        }
    }

    /// The position of the greatest entry along axes that stay with size 1. Several are first made one, the last.
    #[track_caller]
    fn position_of_greatest(&self, axes: &[usize]) -> Tensor {
        let shape = self.shape().keeping(axes);
        if let &[axis] = axes {
            return Tensor::node(Op::ArgMax { axis }, [self.clone()], shape, DType::I64);
        }
        let kept = (0..self.rank()).filter(|axis| !axes.contains(axis));
        let order: Vec<isize> = kept.chain(axes.iter().copied()).map(|axis| axis as isize).collect();
        let axis = self.rank() - axes.len();
        let searched = axes.iter().map(|&axis| self.shape()[axis]).product();
        let rows = self.permute(order).reshape(self.shape().without(axes).insert(axis, searched));
        rows.position_of_greatest(&[axis]).reshape(shape)
    }

    /// Positions (i64) that sort an axis in ascending order; equal entries keep their order, NaN comes last. No gradient.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([3.0, 1.0, 2.0]).argsort(0).to_string(), "[1, 2, 0]");
    /// ```
    #[track_caller]
    pub fn argsort(&self, axis: isize) -> Tensor {
        self.argsort_by(axis, false)
    }

    /// Positions (i64) that sort an axis in descending order; equal entries keep their order, NaN comes last. No gradient.
    #[track_caller]
    pub fn argsort_descending(&self, axis: isize) -> Tensor {
        self.argsort_by(axis, true)
    }

    #[track_caller]
    fn argsort_by(&self, axis: isize, descending: bool) -> Tensor {
        let axis = axis_of(axis, self.rank(), self.shape(), "argsort");
        Tensor::node(Op::ArgSort { axis, descending }, [self.clone()], self.shape().clone(), DType::I64)
    }
}
