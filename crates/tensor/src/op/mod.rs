//! The primitives: what each computes, its derivative, and where it is defined.
//!
//! Every operation of this crate is one of these, or is composed of them in [`crate::math`]. A derivative is written
//! with the same public operations as any user's formula, so derivatives can be differentiated again.

mod binary;
mod index;
mod movement;
mod reduce;
mod unary;

pub use binary::Binary;
pub use reduce::Reduction;
pub use unary::Unary;

pub(crate) use binary::{Comparison, with_binary};
pub(crate) use unary::Real;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::shape::{AxisList, Shape};
use crate::tensor::Tensor;

/// A number that is part of the graph.
#[derive(Clone, Copy, Debug)]
pub enum Scalar {
    /// A floating-point number.
    Float(f64),
    /// An integer, or a truth value (0 or 1).
    Integer(i64),
}

impl Scalar {
    /// The number as `f64`.
    pub fn to_f64(self) -> f64 {
        match self {
            Scalar::Float(value) => value,
            Scalar::Integer(value) => value as f64,
        }
    }

    fn key(self) -> (bool, u64) {
        match self {
            Scalar::Float(value) => (true, value.to_bits()),
            Scalar::Integer(value) => (false, value as u64),
        }
    }
}

impl PartialEq for Scalar {
    /// Equality of bits, so that NaN equals itself and -0 differs from 0: two constants are the same constant.
    fn eq(&self, other: &Scalar) -> bool {
        self.key() == other.key()
    }
}

impl Eq for Scalar {}

impl std::hash::Hash for Scalar {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}

/// A primitive operation. The shape and the element type of its result are kept in the node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// Values given from outside.
    Data,
    /// One number, shape `[]`.
    Constant(Scalar),
    /// `0, 1, 2, …`, i64, one axis.
    Iota,
    /// One number in, one number out.
    Unary(Unary),
    /// Two numbers in, one out; shapes broadcast.
    Binary(Binary),
    /// `condition ? a : b`; shapes broadcast.
    Select,
    /// Conversion to the element type of the node.
    Cast,
    /// The same values; no gradient flows through.
    Detach,
    /// Sum, maximum or minimum over axes, which stay with size 1.
    Reduce(Reduction, AxisList),
    /// Running sum along an axis, from its end when reversed.
    CumulativeSum {
        /// The axis summed along.
        axis: usize,
        /// Whether the sum runs from the last entry to the first.
        reverse: bool,
    },
    /// Position of the first maximum along an axis, which stays with size 1.
    ArgMax {
        /// The axis searched.
        axis: usize,
    },
    /// Positions that sort an axis; equal values keep their order, NaN comes last.
    ArgSort {
        /// The axis sorted.
        axis: usize,
        /// Whether the largest comes first.
        descending: bool,
    },
    /// The same values in row-major order under another shape.
    Reshape,
    /// Axes in another order: axis `i` of the result is axis `order[i]` of the input.
    Permute(AxisList),
    /// Axes of size 1, and missing leading axes, repeated up to the shape of the node.
    Expand,
    /// Every `steps[i]`-th entry of axis `i`, from `starts[i]`, as many as the shape of the node says.
    Slice {
        /// First entry, per axis.
        starts: AxisList,
        /// Distance between entries, per axis.
        steps: AxisList,
    },
    /// Zeros before, between and after the entries of each axis: the adjoint of [`Op::Slice`].
    Pad {
        /// Zeros before the first entry, per axis.
        before: AxisList,
        /// Zeros between neighbouring entries, per axis.
        between: AxisList,
    },
    /// The named axes back to front.
    Flip(AxisList),
    /// Inputs one after the other along an axis.
    Concatenate(usize),
    /// Overlapping windows along an axis, each laid out along a new last axis.
    Windows {
        /// The axis cut into windows.
        axis: usize,
        /// Distance between the starts of neighbouring windows.
        step: usize,
        /// Distance between neighbouring entries of one window.
        dilation: usize,
    },
    /// Windows added back to where they were taken from: the adjoint of [`Op::Windows`].
    OverlapAdd {
        /// The axis of the windows' starts, which becomes the axis they are added into.
        axis: usize,
        /// Distance between the starts of neighbouring windows.
        step: usize,
        /// Distance between neighbouring entries of one window.
        dilation: usize,
    },
    /// Entries picked along an axis by an index tensor.
    Gather {
        /// The axis picked along.
        axis: usize,
    },
    /// Entries added along an axis to the places an index tensor names: the adjoint of [`Op::Gather`].
    ScatterAdd {
        /// The axis added along.
        axis: usize,
    },
    /// Batched matrix product over the last two axes; leading axes broadcast.
    MatrixMultiply,
}

impl Op {
    /// The name of the operation in texts for people.
    pub fn name(&self) -> &'static str {
        match self {
            Op::Data => "data",
            Op::Constant(_) => "constant",
            Op::Iota => "iota",
            Op::Unary(unary) => unary.name(),
            Op::Binary(binary) => binary.name(),
            Op::Select => "select",
            Op::Cast => "cast",
            Op::Detach => "detach",
            Op::Reduce(reduction, _) => reduction.name(),
            Op::CumulativeSum { .. } => "cumulative_sum",
            Op::ArgMax { .. } => "argmax",
            Op::ArgSort { .. } => "argsort",
            Op::Reshape => "reshape",
            Op::Permute(_) => "permute",
            Op::Expand => "expand",
            Op::Slice { .. } => "slice",
            Op::Pad { .. } => "pad",
            Op::Flip(_) => "flip",
            Op::Concatenate(_) => "concatenate",
            Op::Windows { .. } => "windows",
            Op::OverlapAdd { .. } => "overlap_add",
            Op::Gather { .. } => "gather",
            Op::ScatterAdd { .. } => "scatter_add",
            Op::MatrixMultiply => "matmul",
        }
    }

    /// The cotangents of those inputs that are `wanted`, from that of the result.
    pub(crate) fn cotangents<'a>(
        &self,
        output: &'a Tensor,
        cotangent: &Tensor,
        wanted: impl Fn(&Tensor) -> bool,
    ) -> SmallVec<[(&'a Tensor, Tensor); 2]> {
        let mut found = SmallVec::new();
        // Where the parts of a concatenation begin is counted along, not once for each.
        let mut start = 0;
        for (which, input) in output.0.inputs.iter().enumerate() {
            let contribution = match self {
                Op::Concatenate(axis) => {
                    let (first, length) = (start, input.shape()[*axis]);
                    start += length;
                    wanted(input).then(|| cotangent.narrow(*axis, first, length))
                }
                _ if wanted(input) => self.cotangent(output, cotangent, which),
                _ => None,
            };
            found.extend(contribution.map(|contribution| (input, contribution)));
        }
        found
    }

    /// The derivative: given the cotangent of the result (the derivative of some scalar with respect to it), the
    /// cotangent of input number `which`, or `None` where it is zero everywhere.
    ///
    /// A rule may return a tensor of the *broadcast* shape: the driver sums it down to the shape of the input.
    fn cotangent(&self, output: &Tensor, cotangent: &Tensor, which: usize) -> Option<Tensor> {
        let inputs = &output.0.inputs;
        match self {
            Op::Data | Op::Constant(_) | Op::Iota | Op::Detach | Op::ArgMax { .. } | Op::ArgSort { .. } => None,
            Op::Unary(unary) => unary.derivative(&inputs[0], output, cotangent),
            Op::Binary(binary) => binary.derivative(&inputs[0], &inputs[1], output, cotangent, which),
            Op::Select => match which {
                0 => None,
                1 => Some(inputs[0].select(cotangent, 0)),
                _ => Some(inputs[0].select(0, cotangent)),
            },
            Op::Cast => Some(cotangent.cast(inputs[0].dtype())),
            Op::Reduce(reduction, axes) => Some(reduction.derivative(&inputs[0], output, cotangent, axes)),
            Op::CumulativeSum { axis, reverse } => Some(cotangent.cumulative_sum_from(*axis, !reverse)),
            Op::Reshape => Some(cotangent.reshape(inputs[0].shape())),
            Op::Permute(order) => Some(cotangent.permute_by(&movement::inverse(order))),
            Op::Expand => Some(cotangent.clone()),
            Op::Slice { starts, steps } => Some(cotangent.pad_by(starts, steps, inputs[0].shape())),
            Op::Pad { before, between } => Some(cotangent.slice_by(before, between, inputs[0].shape())),
            Op::Flip(axes) => Some(cotangent.flip_by(axes)),
            Op::Concatenate(_) => unreachable!("its parts are cut out together"),
            Op::Windows { axis, step, dilation } => {
                Some(cotangent.overlap_add(*axis as isize, *step, *dilation, inputs[0].shape()[*axis]))
            }
            Op::OverlapAdd { axis, step, dilation } => {
                let shape = inputs[0].shape();
                if shape.elements() == 0 {
                    return None;
                }
                // Where the windows did not fill the whole length, more of them fit than there were.
                let windows = cotangent.windows(*axis as isize, shape[shape.rank() - 1], *step, *dilation);
                Some(windows.narrow(*axis, 0, shape[*axis]))
            }
            Op::Gather { axis } => {
                (which == 0).then(|| cotangent.scatter_add_into(*axis, &inputs[1], inputs[0].shape()[*axis]))
            }
            Op::ScatterAdd { axis } => (which == 0).then(|| cotangent.gather_from(*axis, &inputs[1])),
            Op::MatrixMultiply => Some(match which {
                0 => cotangent.matmul(&inputs[1].transpose()),
                _ => inputs[0].transpose().matmul(cotangent),
            }),
        }
    }
}

impl Tensor {
    /// A number as a tensor of shape `[]`, part of the structure of the graph.
    #[track_caller]
    pub(crate) fn constant(value: Scalar, dtype: DType) -> Tensor {
        /// Integers up to here are numbers in double precision.
        const EXACT: u64 = 1 << 53;
        let value = match value {
            // Rounded once: double precision would round it a first time.
            Scalar::Integer(value) if dtype == DType::F32 && value.unsigned_abs() > EXACT => {
                Scalar::Float(f64::from(value as f32))
            }
            value => value,
        };
        Tensor::node(Op::Constant(value), [], Shape::scalar(), dtype)
    }

    /// The whole numbers `0, 1, …, length - 1` as i64.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::iota(4).to_vec::<i64>(), [0, 1, 2, 3]);
    /// ```
    #[track_caller]
    pub fn iota(length: usize) -> Tensor {
        Tensor::node(Op::Iota, [], Shape::from([length]), DType::I64)
    }

    /// Converts the element type. Conversion to `i64` rounds towards zero and ends at its least and greatest number, NaN becomes 0; to
    /// `bool`, it asks whether the value differs from zero; from `i64`, it rounds once. The gradient is converted back; it is zero through `i64` and `bool`.
    #[doc(alias = "to")]
    #[doc(alias = "astype")]
    #[doc(alias = "float")]
    #[doc(alias = "double")]
    #[track_caller]
    pub fn cast(&self, dtype: DType) -> Tensor {
        if dtype == self.dtype() {
            return self.clone();
        }
        Tensor::node(Op::Cast, [self.clone()], self.shape().clone(), dtype)
    }

    /// Matrix product over the last two axes, `[…, m, k]` with `[…, k, n]` gives `[…, m, n]`; leading axes broadcast. A
    /// tensor with one axis is a row on the left and a column on the right, and its axis vanishes from the result, as in
    /// NumPy.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(a.matmul(&a).to_string(), "[[7, 10],\n [15, 22]]");
    /// assert_eq!(a.matmul(&Tensor::from([1.0, 1.0])).to_string(), "[3, 7]");
    /// ```
    ///
    /// # Panics
    /// When the inner sizes differ, the leading axes do not broadcast, or an operand is a scalar or not floating point.
    #[track_caller]
    pub fn matmul(&self, right: &Tensor) -> Tensor {
        let (left_shape, right_shape) = (self.shape(), right.shape());
        assert!(
            self.rank() > 0 && right.rank() > 0,
            "matmul: {left_shape} and {right_shape}: a scalar has no rows or columns; use * instead"
        );
        let dtype = self.dtype().max(right.dtype());
        assert!(
            dtype.is_float(),
            "matmul: of {} and {}: cast them to a floating-point type first",
            self.dtype(),
            right.dtype()
        );
        // A right operand with one axis is a column: its only axis is the inner one.
        let (k, inner) = (left_shape[self.rank() - 1], right_shape[right.rank().max(2) - 2]);
        let inner_axis = if right.rank() == 1 { -1 } else { -2 };
        assert!(
            k == inner,
            "matmul: {left_shape} and {right_shape}: axis -1 of the left is {k} and axis {inner_axis} of the right is {inner}"
        );
        if self.rank() == 1 {
            let product = self.reshape(left_shape.insert(0, 1)).matmul(right);
            let axis = if right.rank() == 1 { 0 } else { product.rank() - 2 };
            return product.reshape(product.shape().without(&[axis]));
        }
        if right.rank() == 1 {
            let product = self.matmul(&right.reshape(right_shape.insert(1, 1)));
            return product.reshape(product.shape().without(&[product.rank() - 1]));
        }
        let (m, n) = (left_shape[self.rank() - 2], right_shape[right.rank() - 1]);
        let batch_of = |shape: &Shape| shape.with(shape.rank() - 2, 1).with(shape.rank() - 1, 1);
        let (left_batch, right_batch) = (batch_of(left_shape), batch_of(right_shape));
        let Some(batch) = left_batch.broadcast(&right_batch) else {
            let conflict = left_batch.conflict(&right_batch);
            panic!("matmul: {left_shape} and {right_shape} do not broadcast: {conflict}");
        };
        let shape = batch.with(batch.rank() - 2, m).with(batch.rank() - 1, n);
        Tensor::node(Op::MatrixMultiply, [self.cast(dtype), right.cast(dtype)], shape, dtype)
    }
}
