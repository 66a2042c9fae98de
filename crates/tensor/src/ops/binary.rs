//! Operations on two numbers, comparisons, logic and the choice between two tensors.

use crate::operators::Operand;
use crate::tensor::Tensor;
use minimand_engine::{Binary, DType, Op, Scalar};

/// A comparison of integers with a number that may have a fraction, as one of integers.
#[track_caller]
fn compared_exactly(left: &Tensor, right: &Tensor, binary: Binary) -> Option<(Tensor, Binary, Tensor)> {
    let number_of = |tensor: &Tensor| match tensor.0.op {
        Op::Constant(Scalar::Float(number)) => Some(number),
        _ => None,
    };
    let (number, on_the_left) = match (left.dtype(), right.dtype()) {
        (DType::I64, _) => (number_of(right)?, false),
        (_, DType::I64) => (number_of(left)?, true),
        _ => return None,
    };
    let (binary, bound) = binary.of_integers_and(number, on_the_left);
    let bound = Tensor::constant(Scalar::Integer(bound), DType::I64);
    Some(if on_the_left { (bound, binary, right.clone()) } else { (left.clone(), binary, bound) })
}

impl Tensor {
    /// The element type in which this tensor and another one meet: see [`DType`].
    fn promoted_with(&self, other: &Tensor) -> DType {
        let (a, b) = (self.dtype(), other.dtype());
        match (self.rank() == 0, other.rank() == 0) {
            (true, false) if a.is_float() && b.is_float() => b,
            (false, true) if a.is_float() && b.is_float() => a,
            _ => a.max(b),
        }
    }

    /// A constant in the type of the tensor beside it, unless it is a fraction or a whole number that this type cannot hold.
    #[track_caller]
    fn fitted_to(self, beside: &Tensor) -> Tensor {
        let (own, other) = (self.dtype(), beside.dtype());
        match self.0.op {
            Op::Constant(number) if own < other || own != other && other.is_float() => Tensor::constant(number, other),
            _ => self,
        }
    }
}

formulas! {
    /// Makes a binary node: promotes the element types, broadcasts the shapes. Messages call it by the `name` that the user wrote.
    binary(x, other: &Tensor, binary: Binary, name: &str) = {
        if binary.is_comparison()
            && let Some((left, binary, right)) = compared_exactly(x, other, binary)
        {
            return left.binary(&right, binary, name);
        }
        let least = match binary {
            Binary::Add | Binary::Subtract | Binary::Multiply => DType::I64,
            Binary::Divide | Binary::Power => DType::F32,
            Binary::Maximum | Binary::Minimum | Binary::Less | Binary::LessOrEqual | Binary::Equal => DType::Bool,
        };
        let operands = x.promoted_with(other).max(least);
        let shape = x.shape().broadcast_for(other.shape(), name);
        let dtype = if binary.is_comparison() { DType::Bool } else { operands };
        Tensor::node(Op::Binary(binary), [x.cast(operands), other.cast(operands)], shape, dtype)
    };
    /// `xᵇ`, for a number or a tensor `b`. Derivatives `b xᵇ⁻¹` and `xᵇ ln x`. NaN for a negative `x` and a fractional `b`.
    ///
    /// At x = 0 the derivatives by `x`, of any order, are those of a polynomial where `b` is whole and not negative (0 for b = 0), else the
    /// limits, which may be infinite. Those by a tensor `b` ≥ 0 are 0 there, and so are mixed ones: along x = 0 the power does not change (as in
    /// PyTorch and JAX, whose mixed derivatives depend on the order). By the exponent of a negative `x` they are NaN.
    pub pow(x, exponent: impl Operand) = {
        let base = x.as_float();
        let exponent = exponent.operand(base.dtype());
        if let Op::Constant(number) = exponent.0.op {
            // Exact, and quicker than the general power; NaN ** 0 is 1 as in IEEE 754.
            match number.to_f64() {
                0.0 => return base.ones_like(),
                1.0 => return base,
                2.0 => return &base * &base,
                -1.0 => return base.reciprocal(),
                _ => {}
            }
        }
        base.binary(&exponent, Binary::Power, Binary::Power.name())
    }; {
        /// let x = Tensor::from([0.0, 4.0]);
        /// assert_eq!(x.pow(1.5).to_string(), "[0, 8]");
        /// assert_eq!(x.pow(2).sum().grad(&x).to_string(), "[0, 8]");
    }
    /// `if_true` where this tensor of truth values is true, `if_false` elsewhere; all three shapes broadcast. The gradient goes to the chosen
    /// side only; but where the *other* side's own derivative is infinite, zero times infinity is NaN: make its argument harmless first, with a
    /// `select` inside (see [`Tensor::xlogy`]).
    ///
    /// # Panics
    /// When the shapes do not broadcast.
    #[doc(alias = "where")]
    pub select(x, if_true: impl Operand, if_false: impl Operand) = {
        // A number takes the type of the tensor on the other side.
        let if_true = if_true.operand(DType::Bool);
        let if_false = if_false.operand(if_true.dtype());
        let if_true = if_true.fitted_to(&if_false);
        let if_false = if_false.fitted_to(&if_true);
        let dtype = if_true.promoted_with(&if_false);
        let shape = x
            .shape()
            .broadcast_for(if_true.shape(), "select: condition")
            .broadcast_for(if_false.shape(), "select: if_false");
        let inputs = [x.cast(DType::Bool), if_true.cast(dtype), if_false.cast(dtype)];
        Tensor::node(Op::Select, inputs, shape, dtype)
    }; {
        /// let x = Tensor::from([-1.0, 2.0]);
        /// assert_eq!(x.gt(0).select(&x, 0).to_string(), "[0, 2]");
    }
    pub(crate) plus(x, other: impl Operand) = x.with(other, Binary::Add);
    pub(crate) minus(x, other: impl Operand) = x.with(other, Binary::Subtract);
    pub(crate) times(x, other: impl Operand) = x.with(other, Binary::Multiply);
    pub(crate) over(x, other: impl Operand) = x.with(other, Binary::Divide);
    /// The elementwise greater of two tensors (or a number); NaN if either is NaN, and then both sides get the gradient. At a tie each gets half
    /// of it.
    pub maximum(x, other: impl Operand) = x.with(other, Binary::Maximum); {
        /// let (a, b) = (Tensor::from([1.0, 2.0]), Tensor::from([3.0, 2.0]));
        /// assert_eq!(a.maximum(&b).to_string(), "[3, 2]");
        /// assert_eq!(a.maximum(&b).sum().grad(&a).to_string(), "[0, 0.5]");
    }
    /// The elementwise lesser of two tensors (or a number); NaN if either is NaN, and then both sides get the gradient. At a tie each gets half
    /// of it.
    pub minimum(x, other: impl Operand) = x.with(other, Binary::Minimum);
    /// Whether `self < other`, elementwise; false where either is NaN.
    pub lt(x, other: impl Operand) = x.with(other, Binary::Less);
    /// Whether `self ≤ other`, elementwise; false where either is NaN.
    pub le(x, other: impl Operand) = x.with(other, Binary::LessOrEqual);
    /// Whether `self = other`, elementwise; false where either is NaN.
    pub eq(x, other: impl Operand) = x.with(other, Binary::Equal);
    /// Whether `self > other`, elementwise; false where either is NaN.
    pub gt(x, other: impl Operand) = {
        let other = other.operand(x.dtype());
        x.shape().broadcast_for(other.shape(), "gt");
        other.lt(x)
    };
    /// Whether `self ≥ other`, elementwise; false where either is NaN.
    pub ge(x, other: impl Operand) = {
        let other = other.operand(x.dtype());
        x.shape().broadcast_for(other.shape(), "ge");
        other.le(x)
    };
    /// Whether `self ≠ other`, elementwise; true where either is NaN.
    pub ne(x, other: impl Operand) = x.binary(&other.operand(x.dtype()), Binary::Equal, "ne").logical_not();
    /// Both; also written `&a & &b`. Numbers count as true when they are not 0.
    pub logical_and(x, other: &Tensor) = {
        x.cast(DType::Bool).binary(&other.cast(DType::Bool), Binary::Minimum, "logical_and")
    };
    /// Either or both; also written `&a | &b`. Numbers count as true when they are not 0.
    pub logical_or(x, other: &Tensor) = {
        x.cast(DType::Bool).binary(&other.cast(DType::Bool), Binary::Maximum, "logical_or")
    };
    /// The opposite; also written `!&a`. Numbers count as true when they are not 0.
    pub logical_not(x) = x.cast(DType::Bool).eq(false);
    with(x, other: impl Operand, binary: Binary) = x.binary(&other.operand(x.dtype()), binary, binary.name());
}
