//! Reductions, running sums, and searching and sorting along an axis.

use crate::tensor::Tensor;
use minimand_engine::{AxisList, DType, Op, Reduction};

reductions! {
    /// Sum of all entries, shape `[]`; of nothing it is 0. Truth values are counted; sums of integers wrap around.
    sum {
        /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).sum().item(), 10.0);
    }
    sum_axis {
        /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).sum_axis(0).to_string(), "[4, 6]");
    }
    sum_keepdim(x, axes) = x.as_number().reduce(Reduction::Sum, axes);

    /// Greatest of all entries, shape `[]`. NaN if any is NaN; the least value of the type for an empty tensor. Equal maxima share the gradient
    /// evenly.
    max {
        /// let x = Tensor::from([1.0, 3.0, 3.0]);
        /// assert_eq!(x.max().item(), 3.0);
        /// assert_eq!(x.max().grad(&x).to_string(), "[0, 0.5, 0.5]");
    }
    max_axis {} max_keepdim(x, axes) = x.reduce(Reduction::Max, axes);

    /// Least of all entries, shape `[]`. NaN if any is NaN; the greatest value of the type for an empty tensor. Equal minima share the gradient
    /// evenly.
    min {} min_axis {} min_keepdim(x, axes) = x.reduce(Reduction::Min, axes);

    /// Whether any entry is true, or not 0; of nothing it is false. NaN is not 0.
    any {
        /// assert_eq!(Tensor::from([1.0, -2.0]).lt(0).any().to_string(), "true");
    }
    any_axis {} any_keepdim(x, axes) = x.cast(DType::Bool).reduce(Reduction::Max, axes);

    /// Whether all entries are true, or not 0; of nothing it is true. NaN is not 0.
    all {
        /// assert_eq!(Tensor::from([1.0, -2.0]).lt(0).all().to_string(), "false");
    }
    all_axis {} all_keepdim(x, axes) = x.cast(DType::Bool).reduce(Reduction::Min, axes);

    /// Position (i64) of the greatest of all entries, counted in row-major order, shape `[]`; the first of equals; NaN counts as greatest. No
    /// gradient.
    ///
    /// # Panics
    /// When there is no entry.
    argmax {
        /// assert_eq!(Tensor::from([[1.0, 5.0, 5.0], [7.0, 2.0, 0.0]]).argmax().item(), 3.0);
    }
    /// Along several it counts in row-major order of these.
    ///
    /// # Panics
    /// When an axis is out of range or empty.
    argmax_axis {
        /// assert_eq!(Tensor::from([[1.0, 5.0, 5.0], [7.0, 2.0, 0.0]]).argmax_axis(-1).to_string(), "[1, 0]");
    }
    argmax_keepdim(x, axes) = x.position_of_greatest(&axes, "argmax");

    /// Position (i64) of the least of all entries, counted in row-major order, shape `[]`; the first of equals; NaN counts as least. No gradient.
    ///
    /// # Panics
    /// When there is no entry.
    argmin {}
    /// Along several it counts in row-major order of these.
    ///
    /// # Panics
    /// When an axis is out of range or empty.
    argmin_axis {} argmin_keepdim(x, axes) = x.in_reverse_order().position_of_greatest(&axes, "argmin");
}

formulas! {
    /// Reduces over axes that stay with size 1.
    reduce(x, reduction: Reduction, axes: AxisList) = {
        if axes.is_empty() {
            return x.clone();
        }
        let shape = x.shape().keeping(&axes);
        x.apply(Op::Reduce(reduction, axes), shape)
    };
    /// The position of the greatest entry along axes that stay with size 1. Several are first made one, the last.
    position_of_greatest(x, axes: &[usize], operation: &str) = {
        if let Some(axis) = axes.iter().find(|&&axis| x.shape()[axis] == 0) {
            panic!("{operation}: axis {axis} of {} is empty", x.shape());
        }
        let shape = x.shape().keeping(axes);
        if let &[axis] = axes {
            return Tensor::node(Op::ArgMax { axis }, [x.clone()], shape, DType::I64);
        }
        let kept = (0..x.rank()).filter(|axis| !axes.contains(axis));
        let order: AxisList = kept.chain(axes.iter().copied()).collect();
        let axis = x.rank() - axes.len();
        let searched = axes.iter().map(|&axis| x.shape()[axis]).product();
        let rows = x.permute_by(&order).reshape(x.shape().without(axes).insert(axis, searched));
        rows.position_of_greatest(&[axis], operation).reshape(shape)
    };
    /// Running sum along an axis: entry `i` is the sum of entries `0..=i`.
    #[doc(alias = "cumsum")]
    pub cumulative_sum(x, axis: isize) = x.cumulative_sum_from(x.axis(axis, "cumulative_sum"), false); {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumulative_sum(0).to_string(), "[1, 3, 6]");
    }
    /// Running sum from the end: entry `i` is the sum of entries `i..`.
    pub cumulative_sum_reverse(x, axis: isize) = x.cumulative_sum_from(x.axis(axis, "cumulative_sum_reverse"), true); {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).cumulative_sum_reverse(0).to_string(), "[6, 5, 3]");
    }
    /// Positions (i64) that sort an axis in ascending order; equal entries keep their order, NaN comes last. No gradient.
    pub argsort(x, axis: isize) = x.argsort_from(x.axis(axis, "argsort"), false); {
        /// assert_eq!(Tensor::from([3.0, 1.0, 2.0]).argsort(0).to_string(), "[1, 2, 0]");
    }
    /// Positions (i64) that sort an axis in descending order; equal entries keep their order, NaN comes last. No gradient.
    pub argsort_descending(x, axis: isize) = x.argsort_from(x.axis(axis, "argsort"), true);
    pub(crate) cumulative_sum_from(x, axis: usize, reverse: bool) = {
        x.as_number().apply(Op::CumulativeSum { axis, reverse }, x.shape().clone())
    };
    pub(crate) argsort_from(x, axis: usize, descending: bool) = {
        Tensor::node(Op::ArgSort { axis, descending }, [x.clone()], x.shape().clone(), DType::I64)
    };
    /// Values of which the greatest is the least of these.
    in_reverse_order(x) = match x.dtype() {
        DType::Bool => x.logical_not(),
        // `-1 - x` turns the order of all integers around; the least has no opposite.
        DType::I64 => -1i64 - x,
        DType::F32 | DType::F64 => -x,
    };
}
