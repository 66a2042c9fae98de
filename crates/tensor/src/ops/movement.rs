//! Primitives that move entries and compute nothing.

use std::ops::{Bound, RangeBounds};

use smallvec::SmallVec;

use crate::axes::{Axes, axis_of};
use crate::positions::Index;
use crate::tensor::{Inputs, Tensor};
use minimand_engine::{AxisList, DType, Op, Scalar, Shape};

/// The permutation that undoes `order`.
pub(crate) fn inverse(order: &[usize]) -> AxisList {
    let mut inverse: AxisList = SmallVec::from_elem(0, order.len());
    for (to, &from) in order.iter().enumerate() {
        inverse[from] = to;
    }
    inverse
}

/// A number for each axis: `elsewhere` but on one.
pub(super) fn per_axis(rank: usize, elsewhere: usize, axis: usize, number: usize) -> AxisList {
    let mut numbers: AxisList = SmallVec::from_elem(elsewhere, rank);
    numbers[axis] = number;
    numbers
}

/// The number of windows: `None` when not even one fits.
fn window_count(length: usize, size: usize, step: usize, dilation: usize) -> Option<usize> {
    let span = dilation.checked_mul(size.checked_sub(1)?)?.checked_add(1)?;
    Some(length.checked_sub(span)? / step + 1)
}

/// A distance between entries of an axis: one beyond its end never leads to a second entry, so the length of the axis says as much.
fn within(step: usize, length: usize) -> usize {
    step.min(length.max(1))
}

impl Tensor {
    /// Parts of the given lengths along an axis.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let parts = Tensor::from([1.0, 2.0, 3.0]).split(0, &[1, 2]);
    /// assert_eq!(parts[1].to_string(), "[2, 3]");
    /// ```
    ///
    /// # Panics
    /// When the lengths do not add up to the size of the axis.
    #[track_caller]
    pub fn split(&self, axis: isize, lengths: &[usize]) -> Vec<Tensor> {
        let axis = self.axis(axis, "split");
        let (own, size) = (self.shape(), self.shape()[axis]);
        let total: u128 = lengths.iter().map(|&length| length as u128).sum();
        assert!(
            total == size as u128,
            "split: the lengths {lengths:?} add up to {total}, axis {axis} of {own} is {size}"
        );
        let mut start = 0;
        let mut parts = Vec::with_capacity(lengths.len());
        for &length in lengths {
            parts.push(self.narrow(axis, start, length));
            start += length;
        }
        parts
    }
}

constructors! {
    /// Tensors one after the other along an existing axis.
    ///
    /// # Panics
    /// When there is no tensor, or their shapes differ on another axis.
    #[doc(alias = "cat")]
    pub concatenate<'a>(tensors: impl IntoIterator<Item = &'a Tensor>, axis: isize) = {
        let mut inputs: Inputs = tensors.into_iter().cloned().collect();
        assert!(!inputs.is_empty(), "concatenate: there is no tensor");
        let (first, mut dtype) = (inputs[0].shape().clone(), inputs[0].dtype());
        let axis = inputs[0].axis(axis, "concatenate");
        let mut length = 0usize;
        for input in &inputs {
            assert!(
                input.rank() == first.rank() && input.shape().with(axis, 0) == first.with(axis, 0),
                "concatenate: {first} and {} differ beside axis {axis}",
                input.shape()
            );
            let Some(sum) = length.checked_add(input.shape()[axis]) else {
                panic!("concatenate: the lengths along axis {axis} add up to more than {}", usize::MAX);
            };
            length = sum;
            dtype = dtype.max(input.dtype());
        }
        if inputs.len() == 1 {
            return inputs.remove(0);
        }
        for input in &mut inputs {
            *input = input.cast(dtype);
        }
        Tensor::node(Op::Concatenate(axis), inputs, first.with(axis, length), dtype)
    }; {
        /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0]));
        /// assert_eq!(Tensor::concatenate([&a, &b], 0).to_string(), "[1, 2, 3]");
    }
    /// Tensors of one shape along a new axis.
    ///
    /// # Panics
    /// When there is no tensor, or their shapes differ.
    pub stack<'a>(tensors: impl IntoIterator<Item = &'a Tensor>, axis: isize) = {
        let mut layers: Vec<Tensor> = Vec::new();
        for tensor in tensors {
            layers.push(tensor.unsqueeze(axis));
        }
        Tensor::concatenate(&layers, axis)
    }; {
        /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 4.0]));
        /// assert_eq!(Tensor::stack([&a, &b], 0).to_string(), "[[1, 2],\n [3, 4]]");
    }
    /// A tensor of one number in the given shape and element type; takes no memory until something needs it in memory. Also as a scalar it is not
    /// an [`Op::Constant`], which stands for a number in a formula: a gradient may be asked for it.
    pub(crate) filled(value: Scalar, shape: Shape, dtype: DType) = {
        shape.check(dtype, "full");
        Tensor::node(Op::Expand, [Tensor::constant(value, dtype)], shape, dtype)
    };
}

formulas! {
    /// The same entries in row-major order under another shape.
    ///
    /// # Panics
    /// When the number of elements differs.
    #[doc(alias = "view")]
    pub reshape(x, shape: impl Into<Shape>) = {
        let shape = shape.into();
        let (own, elements) = (x.shape(), x.elements());
        assert!(
            shape.counted() == Some(elements),
            "reshape: {own} holds {elements} elements and {shape} holds {}",
            shape.counted_text()
        );
        if shape == *own {
            return x.clone();
        }
        x.apply(Op::Reshape, shape)
    }; {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0, 4.0]).reshape([2, 2]).to_string(), "[[1, 2],\n [3, 4]]");
    }
    /// The axes in another order: axis `i` of the result is axis `order[i]` of this tensor.
    ///
    /// # Panics
    /// When `order` is not a permutation of the axes.
    pub permute(x, order: impl AsRef<[isize]>) = {
        let named = order.as_ref();
        let mut order = AxisList::with_capacity(named.len());
        for &axis in named {
            order.push(x.axis(axis, "permute"));
        }
        let mut seen = order.clone();
        seen.sort_unstable();
        let (own, rank) = (x.shape(), x.rank());
        assert!(
            seen.iter().copied().eq(0..rank),
            "permute: {order:?} does not name each of the {rank} axes of {own} once"
        );
        x.permute_by(&order)
    }; {
        /// assert_eq!(*Tensor::zeros([2, 3, 4]).permute([2, 0, 1]).shape(), [4, 2, 3]);
    }
    pub(crate) permute_by(x, order: &AxisList) = {
        if order.iter().copied().eq(0..x.rank()) {
            return x.clone();
        }
        let shape = order.iter().map(|&axis| x.shape()[axis]).collect();
        x.apply(Op::Permute(order.clone()), shape)
    };
    /// Exchanges two axes.
    pub swap_axes(x, a: isize, b: isize) = {
        let a = x.axis(a, "swap_axes");
        let b = x.axis(b, "swap_axes");
        let mut order: AxisList = (0..x.rank()).collect();
        order.swap(a, b);
        x.permute_by(&order)
    };
    /// Repeats axes of size 1, and adds leading axes, up to `shape`. No copy is made: most operations broadcast by themselves.
    ///
    /// # Panics
    /// When the shape of this tensor does not broadcast to `shape`.
    #[doc(alias = "broadcast_to")]
    pub expand(x, shape: impl Into<Shape>) = {
        let shape = shape.into();
        if shape == *x.shape() {
            return x.clone();
        }
        let target = x.shape().broadcast_for(&shape, "expand");
        assert!(target == shape, "expand: {} cannot shrink to {shape}", x.shape());
        x.apply(Op::Expand, shape)
    }; {
        /// assert_eq!(Tensor::from([1.0, 2.0]).expand([2, 2]).to_string(), "[[1, 2],\n [1, 2]]");
    }
    /// Every `step`-th entry of `range` of an axis, which stays.
    ///
    /// # Panics
    /// When the range does not lie within the axis, or `step` is 0.
    pub slice_step(x, axis: isize, range: impl RangeBounds<usize>, step: usize) = {
        let axis = x.axis(axis, "slice");
        let (own, size) = (x.shape(), x.shape()[axis]);
        // A bound after the last number there is lies beyond every axis.
        let start = match range.start_bound() {
            Bound::Included(&start) => start,
            Bound::Excluded(&start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(&end) => end.saturating_add(1),
            Bound::Excluded(&end) => end,
            Bound::Unbounded => size,
        };
        assert!(step > 0, "slice: the step is 0");
        assert!(
            start <= end && end <= size,
            "slice: {start}..{end} does not lie within axis {axis} of {own}, which has {size} entries"
        );
        let starts = per_axis(x.rank(), 0, axis, start);
        let steps = per_axis(x.rank(), 1, axis, within(step, size));
        x.slice_all(starts, steps, own.with(axis, (end - start).div_ceil(step)))
    }; {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0, 4.0, 5.0]).slice_step(0, .., 2).to_string(), "[1, 3, 5]");
    }
    slice_all(x, starts: AxisList, steps: AxisList, shape: Shape) = {
        if shape == *x.shape() {
            return x.clone();
        }
        x.apply(Op::Slice { starts, steps }, shape)
    };
    /// One entry of an axis, which vanishes. Its position is a number, or a tensor of i64 without axes whose value is not known yet.
    ///
    /// # Panics
    /// When the axis or the position is out of range (a position that is not known yet: when it is computed), or the index has an axis.
    pub at(x, axis: isize, index: impl Into<Index>) = {
        let resolved = x.axis(axis, "at");
        let index = index.into();
        let Some(position) = index.known() else {
            let index = index.tensor_for("at");
            assert!(index.rank() == 0, "at: the index must be one position, not {}", index.shape());
            return x.index_select(axis, index);
        };
        let size = x.shape()[resolved];
        assert!(position < size, "at: position {position} is out of range for axis {axis} of {}", x.shape());
        x.slice(axis, position..position + 1).reshape(x.shape().without(&[resolved]))
    }; {
        /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        /// assert_eq!(x.at(0, 1).to_string(), "[3, 4]");
        /// assert_eq!(x.at(0, x.sum_axis(1).argmax_axis(0)).to_string(), "[3, 4]");
    }
    /// Zeros before and after the entries of an axis.
    ///
    /// # Panics
    /// When the axis becomes longer than memory could hold.
    pub pad(x, axis: isize, before: usize, after: usize) = {
        let axis = x.axis(axis, "pad");
        if before == 0 && after == 0 {
            return x.clone();
        }
        let size = x.shape()[axis];
        let Some(length) = size.checked_add(before).and_then(|length| length.checked_add(after)) else {
            panic!("pad: {before} and {after} zeros around axis {axis} of {}: too many to be counted", x.shape());
        };
        let zeros = |before| per_axis(x.rank(), 0, axis, before);
        x.apply(Op::Pad { before: zeros(before), between: zeros(0) }, x.shape().with(axis, length))
    }; {
        /// assert_eq!(Tensor::from([1.0, 2.0]).pad(0, 1, 2).to_string(), "[0, 1, 2, 0, 0]");
    }
    /// Overlapping windows of `size` entries along an axis, `step` apart, their entries `dilation` apart. The axis becomes the number of windows;
    /// the entries of a window lie along a new last axis. With a reshape and a matrix product this is a convolution.
    ///
    /// # Panics
    /// When not even one window fits, or an argument is 0.
    #[doc(alias = "unfold")]
    pub windows(x, axis: isize, size: usize, step: usize, dilation: usize) = {
        let axis = x.axis(axis, "windows");
        assert!(
            size > 0 && step > 0 && dilation > 0,
            "windows: size {size}, step {step}, dilation {dilation}: none may be 0"
        );
        let length = x.shape()[axis];
        let Some(count) = window_count(length, size, step, dilation) else {
            let shape = x.shape();
            panic!("windows: axis {axis} of {shape} is too short for a window of {size} entries {dilation} apart");
        };
        let (step, dilation) = (within(step, length), within(dilation, length));
        let shape = x.shape().with(axis, count).insert(x.rank(), size);
        x.apply(Op::Windows { axis, step, dilation }, shape)
    }; {
        /// let windows = Tensor::from([1.0, 2.0, 3.0, 4.0]).windows(0, 2, 1, 1);
        /// assert_eq!(windows.to_string(), "[[1, 2],\n [2, 3],\n [3, 4]]");
    }
    /// Adds windows back to where [`windows`](Tensor::windows) takes them from: the last axis holds the entries of a window, `axis` the windows,
    /// and becomes `length` entries long.
    ///
    /// # Panics
    /// When the windows do not fit into `length` entries.
    #[doc(alias = "fold")]
    pub overlap_add(x, axis: isize, step: usize, dilation: usize, length: usize) = {
        assert!(x.rank() >= 2, "overlap_add: {} has fewer than two axes", x.shape());
        let axis = axis_of(axis as i128, x.rank() - 1, x.shape(), "overlap_add");
        let (count, size) = (x.shape()[axis], x.shape()[x.rank() - 1]);
        assert!(step > 0 && dilation > 0, "overlap_add: step {step}, dilation {dilation}: neither may be 0");
        let reach = |entries: usize, step: usize| entries.saturating_sub(1).checked_mul(step);
        let last = reach(count, step).zip(reach(size, dilation)).and_then(|(start, entry)| start.checked_add(entry));
        assert!(
            count == 0 || size == 0 || last.is_some_and(|last| last < length),
            "overlap_add: {count} windows of {size} entries, {step} and {dilation} apart, do not fit into {length}"
        );
        let (step, dilation) = (within(step, length), within(dilation, length));
        let shape = x.shape().without(&[x.rank() - 1]).with(axis, length);
        x.as_number().apply(Op::OverlapAdd { axis, step, dilation }, shape)
    }; {
        /// let windows = Tensor::from([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0]]);
        /// assert_eq!(windows.overlap_add(0, 1, 1, 4).to_string(), "[1, 4, 6, 4]");
    }
    /// Drops the given axes, which must have size 1.
    ///
    /// # Panics
    /// When one of them has another size.
    pub squeeze(x, axes: impl Axes) = {
        let axes = axes.resolve(x.shape(), "squeeze");
        for &axis in &axes {
            let (shape, size) = (x.shape(), x.shape()[axis]);
            assert!(size == 1, "squeeze: axis {axis} of {shape} is {size}, not 1");
        }
        x.reshape(x.shape().without(&axes))
    };
    /// All entries along one axis.
    pub flatten(x) = x.reshape([x.elements()]);
    /// Inserts an axis of size 1 before `axis`; -1 appends one.
    pub unsqueeze(x, axis: isize) = {
        let axis = axis_of(axis as i128, x.rank() + 1, x.shape(), "unsqueeze");
        x.reshape(x.shape().insert(axis, 1))
    }; {
        /// let x = Tensor::zeros([2, 3]);
        /// assert_eq!(*x.unsqueeze(0).shape(), [1, 2, 3]);
        /// assert_eq!(*x.unsqueeze(-1).shape(), [2, 3, 1]);
    }
    /// Exchanges the last two axes: the transpose of a matrix, or of each matrix of a batch.
    ///
    /// # Panics
    /// When there are fewer than two axes.
    #[doc(alias = "t")]
    pub transpose(x) = {
        assert!(x.rank() >= 2, "transpose: {} has {} axes; two are needed", x.shape(), x.rank());
        x.swap_axes(-2, -1)
    };
    /// Entries `range` of an axis, which stays.
    ///
    /// # Panics
    /// When the range does not lie within the axis.
    pub slice(x, axis: isize, range: impl RangeBounds<usize>) = x.slice_step(axis, range, 1); {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0, 4.0]).slice(0, 1..3).to_string(), "[2, 3]");
    }
    /// `length` entries of an axis from `start`.
    pub(crate) narrow(x, axis: usize, start: usize, length: usize) = x.slice(axis as isize, start..start + length);
    /// The adjoint of padding.
    pub(crate) slice_by(x, before: &AxisList, between: &AxisList, shape: &Shape) = {
        x.slice_all(before.clone(), between.iter().map(|zeros| zeros + 1).collect(), shape.clone())
    };
    /// The adjoint of slicing.
    pub(crate) pad_by(x, starts: &AxisList, steps: &AxisList, shape: &Shape) = {
        let op = Op::Pad { before: starts.clone(), between: steps.iter().map(|step| step - 1).collect() };
        x.apply(op, shape.clone())
    };
    /// The given axes back to front.
    pub flip(x, axes: impl Axes) = x.flip_by(&axes.resolve(x.shape(), "flip")); {
        /// assert_eq!(Tensor::from([1.0, 2.0, 3.0]).flip(0).to_string(), "[3, 2, 1]");
    }
    pub(crate) flip_by(x, axes: &AxisList) = x.apply(Op::Flip(axes.clone()), x.shape().clone());
}
