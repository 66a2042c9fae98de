//! `+ - * /`, negation and the logical operators, for every mix of tensors, references and numbers.

use std::ops::{Add, AddAssign, BitAnd, BitOr, Div, DivAssign, Mul, MulAssign, Neg, Not, Sub, SubAssign};

use crate::tensor::Tensor;
use minimand_engine::{DType, Scalar};

/// What can stand beside a tensor in an operation: a tensor, a reference to one, or a number.
///
/// A number takes the element type of the tensor beside it (`f32` beside integers when it has a fraction or is a float),
/// so `0.5 * &x` never changes the precision of `x`. Integers are compared with such a number itself, not with its rounding: no
/// integer is [`lt`](Tensor::lt) 0.5 and [`ge`](Tensor::ge) 0.5. A `usize` that no `i64` is, beside integers, panics.
pub trait Operand {
    /// The operand as a tensor, given the element type of the tensor beside it.
    fn operand(self, beside: DType) -> Tensor;

    /// The number that it is; none of a tensor, whose values are not known before they are computed. What an option that may be a number or a
    /// tensor is checked by.
    fn number(&self) -> Option<f64> {
        None
    }
}

impl Operand for Tensor {
    fn operand(self, _beside: DType) -> Tensor {
        self
    }
}

impl Operand for &Tensor {
    fn operand(self, _beside: DType) -> Tensor {
        self.clone()
    }
}

#[track_caller]
fn float(number: f64, beside: DType) -> Tensor {
    Tensor::constant(Scalar::Float(number), if beside.is_float() { beside } else { DType::F32 })
}

#[track_caller]
fn integer(number: i128, beside: DType) -> Tensor {
    let dtype = if beside == DType::Bool { DType::I64 } else { beside };
    let scalar = match (i64::try_from(number), dtype) {
        (Ok(number), _) => Scalar::Integer(number),
        (Err(_), DType::F32) => Scalar::Float(f64::from(number as f32)),
        (Err(_), DType::F64) => Scalar::Float(number as f64),
        (Err(_), DType::I64 | DType::Bool) => panic!("{number} is no i64: the greatest is {}", i64::MAX),
    };
    Tensor::constant(scalar, dtype)
}

#[track_caller]
fn truth(number: i64, _beside: DType) -> Tensor {
    Tensor::constant(Scalar::Integer(number), DType::Bool)
}

/// Numbers as operands: the constant that one becomes, by way of a type that holds it exactly.
macro_rules! number_operands {
    ($($type:ty as $wide:ty: $constant:ident;)*) => {$(
        impl Operand for $type {
            #[track_caller]
            fn operand(self, beside: DType) -> Tensor {
                $constant(self as $wide, beside)
            }
            fn number(&self) -> Option<f64> {
                Some(*self as $wide as f64)
            }
        }
    )*};
}
number_operands! {
    f32 as f64: float; f64 as f64: float; bool as i64: truth;
    i32 as i128: integer; i64 as i128: integer; usize as i128: integer;
}

/// An operator between a tensor, or a reference to one, and any operand.
macro_rules! binary_operator {
    ($trait:ident, $method:ident, $function:ident; $($left:ty),*) => {$(
        impl<R: Operand> $trait<R> for $left {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, right: R) -> Tensor {
                self.$function(&right.operand(self.dtype()))
            }
        }
    )*};
}
binary_operator!(BitAnd, bitand, logical_and; Tensor, &Tensor);
binary_operator!(BitOr, bitor, logical_or; Tensor, &Tensor);

/// The same with a number on the left. Only one float and one integer type may stand there: with more, the type of a literal such as
/// `0.5` in `(0.5 * x).mean()` would be ambiguous.
macro_rules! number_operator {
    ($trait:ident, $method:ident, $function:ident; $($number:ty, $right:ty);*) => {$(
        impl $trait<$right> for $number {
            type Output = Tensor;
            #[track_caller]
            fn $method(self, right: $right) -> Tensor {
                self.operand(right.dtype()).$function(right)
            }
        }
    )*};
}

macro_rules! arithmetic_operators {
    ($($trait:ident $method:ident, $assign_trait:ident $assign:ident: $function:ident;)*) => {$(
        binary_operator!($trait, $method, $function; Tensor, &Tensor);
        number_operator!($trait, $method, $function; f64, Tensor; f64, &Tensor; i64, Tensor; i64, &Tensor);
        impl<R: Operand> $assign_trait<R> for Tensor {
            #[track_caller]
            fn $assign(&mut self, right: R) {
                *self = self.$function(right);
            }
        }
    )*};
}
arithmetic_operators! {
    Add add, AddAssign add_assign: plus;
    Sub sub, SubAssign sub_assign: minus;
    Mul mul, MulAssign mul_assign: times;
    Div div, DivAssign div_assign: over;
}

macro_rules! unary_operator {
    ($trait:ident, $method:ident, $function:ident; $($operand:ty),*) => {$(
        impl $trait for $operand {
            type Output = Tensor;
            #[track_caller]
            fn $method(self) -> Tensor {
                self.$function()
            }
        }
    )*};
}
unary_operator!(Neg, neg, negate; Tensor, &Tensor);
unary_operator!(Not, not, logical_not; Tensor, &Tensor);
