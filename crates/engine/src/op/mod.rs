//! The primitives: what each computes, its derivative, and where it is defined.
//!
//! Every operation of this crate is one of these, or is composed of them in [`crate::math`]. A derivative is written
//! with the same public operations as any user's formula, so derivatives can be differentiated again.

mod binary;
mod real;
mod reduce;
mod unary;

pub use binary::Binary;
pub use reduce::Reduction;
pub use unary::Unary;

pub(crate) use binary::{Comparison, with_binary};
pub(crate) use real::Real;
pub(crate) use unary::unary_table;

use crate::shape::AxisList;

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
    /// Inputs of one shape, at least two, added up in their order: what flows back into one tensor from all its uses.
    Accumulate,
    /// Batched matrix product over the last two axes; leading axes broadcast.
    MatrixMultiply,
}

impl Op {
    /// Whether it costs nothing to repeat: data, constants and views of other values.
    pub fn is_free(&self) -> bool {
        match self {
            Op::Data | Op::Constant(_) | Op::Iota | Op::Detach | Op::Reshape | Op::Permute(_) | Op::Expand => true,
            Op::Slice { .. } | Op::Flip(_) | Op::Windows { .. } => true,
            Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast | Op::Reduce(..) | Op::CumulativeSum { .. } => false,
            Op::ArgMax { .. } | Op::ArgSort { .. } | Op::Pad { .. } | Op::Concatenate(_) | Op::OverlapAdd { .. } => {
                false
            }
            Op::Gather { .. } | Op::ScatterAdd { .. } | Op::Accumulate | Op::MatrixMultiply => false,
        }
    }

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
            Op::Accumulate => "accumulate",
            Op::MatrixMultiply => "matmul",
        }
    }
}
