//! The primitives as methods: what each does, with an example. Their derivatives are in [`crate::rules`], their values the engine's.

mod binary;
mod index;
mod matmul;
mod movement;
mod reduce;
mod unary;

use crate::tensor::Tensor;
use minimand_engine::{DType, Op, Scalar, Shape};

pub(crate) use movement::inverse;

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
}

formulas! {
    /// Converts the element type. Conversion to `i64` rounds towards zero and ends at its least and greatest number, NaN becomes 0; to `bool`, it
    /// asks whether the value differs from zero; from `i64`, it rounds once. The gradient is converted back; it is zero through `i64` and `bool`.
    #[doc(alias("to", "astype", "float", "double"))]
    pub cast(x, dtype: DType) = {
        if dtype == x.dtype() {
            return x.clone();
        }
        Tensor::node(Op::Cast, [x.clone()], x.shape().clone(), dtype)
    };
    /// Integers and truth values as f32, for operations whose result has fractions.
    pub(crate) as_float(x) = if x.dtype().is_float() { x.clone() } else { x.cast(DType::F32) };
    /// Truth values as i64, for operations that count them.
    pub(crate) as_number(x) = if x.dtype() == DType::Bool { x.cast(DType::I64) } else { x.clone() };
    /// What an operation makes of this tensor alone, in its element type.
    apply(x, op: Op, shape: Shape) = Tensor::node(op, [x.clone()], shape, x.dtype());
}
