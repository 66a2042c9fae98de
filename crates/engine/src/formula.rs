//! Programs for tests, written as formulas: a handle on an instruction, with just the operations that tests need.

use std::cell::OnceCell;
use std::ops::{Add, Div, Mul, Neg, Range, Sub};
use std::panic::Location;
use std::rc::Rc;
use std::sync::Arc;

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rustc_hash::FxHashMap;

use crate::cache::plan_for;
use crate::dtype::DType;
use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::program::{Instruction, Recorded, Recorder};
use crate::shape::{AxisList, Shape};
use crate::storage::Element;
use crate::storage::Storage;

/// Random numbers.
pub(crate) struct Noise(ChaCha8Rng);

impl Noise {
    pub(crate) fn seed(seed: u64) -> Noise {
        Noise(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A whole number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0.random_range(0..end)
    }

    /// So many numbers between -4 and 4, rounded to single precision.
    pub(crate) fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| f64::from(self.0.random_range(-4.0f32..4.0))).collect()
    }
}

/// A value of a program that is still written.
#[derive(Clone)]
pub(crate) struct Formula(Rc<Written>);

struct Written {
    op: Op,
    inputs: Vec<Formula>,
    shape: Shape,
    dtype: DType,
    value: OnceCell<Arc<Storage>>,
}

/// The program of some formulas, and what it runs on.
pub(crate) fn recorded(wanted: &[Formula]) -> Recorded {
    fn record(formula: &Formula, recorder: &mut Recorder, numbers: &mut FxHashMap<*const Written, u32>) -> u32 {
        if let Some(&number) = numbers.get(&Rc::as_ptr(&formula.0)) {
            return number;
        }
        let node = &*formula.0;
        let number = match node.value.get() {
            Some(value) => recorder.data(Arc::clone(value), node.shape.clone(), Location::caller()),
            None => {
                let inputs = node.inputs.iter().map(|input| record(input, recorder, numbers)).collect();
                let (op, shape, dtype) = (node.op.clone(), node.shape.clone(), node.dtype);
                recorder.record(Instruction { op, inputs, shape, dtype }, Location::caller())
            }
        };
        numbers.insert(Rc::as_ptr(&formula.0), number);
        number
    }
    let (mut recorder, mut numbers) = (Recorder::default(), FxHashMap::default());
    let outputs = wanted.iter().map(|formula| record(formula, &mut recorder, &mut numbers)).collect();
    recorder.finish(outputs)
}

/// Computes some formulas together.
pub(crate) fn evaluate(wanted: &[Formula]) {
    let Recorded { program, slots, locations } = recorded(wanted);
    let values = crate::run(&plan_for(program), slots, &locations);
    wanted.iter().zip(values).for_each(|(formula, value)| formula.set_value(value));
}

/// A formula or a number beside one.
pub(crate) trait IntoFormula {
    fn beside(self, dtype: DType) -> Formula;
}

impl IntoFormula for Formula {
    fn beside(self, _dtype: DType) -> Formula {
        self
    }
}

impl IntoFormula for &Formula {
    fn beside(self, _dtype: DType) -> Formula {
        self.clone()
    }
}

impl IntoFormula for f64 {
    fn beside(self, dtype: DType) -> Formula {
        Formula::node(Op::Constant(Scalar::Float(self)), [], Shape::scalar(), dtype)
    }
}

impl Formula {
    pub(crate) fn node<const N: usize>(op: Op, inputs: [Formula; N], shape: Shape, dtype: DType) -> Formula {
        Formula(Rc::new(Written { op, inputs: inputs.into(), shape, dtype, value: OnceCell::new() }))
    }

    pub(crate) fn from_vec<T: Element>(values: Vec<T>, shape: impl Into<Shape>) -> Formula {
        let formula = Formula::node(Op::Data, [], shape.into(), T::DTYPE);
        assert_eq!(values.len(), formula.elements());
        formula.set_value(Arc::new(T::storage(values.into())));
        formula
    }

    pub(crate) fn zeros(shape: impl Into<Shape>) -> Formula {
        0.0.beside(DType::F32).expand(shape.into())
    }

    pub(crate) fn iota(length: usize) -> Formula {
        Formula::node(Op::Iota, [], Shape::from(length), DType::I64)
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.0.shape
    }

    pub(crate) fn dtype(&self) -> DType {
        self.0.dtype
    }

    pub(crate) fn elements(&self) -> usize {
        self.shape().elements()
    }

    pub(crate) fn set_value(&self, value: Arc<Storage>) {
        assert_eq!((value.len(), value.dtype()), (self.elements(), self.dtype()));
        assert!(self.0.value.set(value).is_ok(), "computed twice");
    }

    pub(crate) fn to_vec<T: Element>(&self) -> Vec<T> {
        if self.0.value.get().is_none() {
            evaluate(std::slice::from_ref(self));
        }
        self.0.value.get().expect("it was just computed").convert()
    }

    pub(crate) fn item(&self) -> f64 {
        self.to_vec::<f64>()[0]
    }

    pub(crate) fn unary(&self, unary: Unary) -> Formula {
        Formula::node(Op::Unary(unary), [self.clone()], self.shape().clone(), self.dtype())
    }

    pub(crate) fn binary(&self, other: impl IntoFormula, binary: Binary) -> Formula {
        let other = other.beside(self.dtype());
        assert_eq!(self.dtype(), other.dtype());
        let shape = self.shape().broadcast(other.shape()).expect("shapes that broadcast");
        let dtype = if binary.is_comparison() { DType::Bool } else { self.dtype() };
        Formula::node(Op::Binary(binary), [self.clone(), other], shape, dtype)
    }

    pub(crate) fn maximum(&self, other: &Formula) -> Formula {
        self.binary(other, Binary::Maximum)
    }

    pub(crate) fn lt(&self, other: &Formula) -> Formula {
        self.binary(other, Binary::Less)
    }

    pub(crate) fn le(&self, other: impl IntoFormula) -> Formula {
        self.binary(other, Binary::LessOrEqual)
    }

    pub(crate) fn gt(&self, other: &Formula) -> Formula {
        other.lt(self)
    }

    pub(crate) fn eq(&self, other: &Formula) -> Formula {
        self.binary(other, Binary::Equal)
    }

    pub(crate) fn ne(&self, other: &Formula) -> Formula {
        self.eq(other).logical_not()
    }

    pub(crate) fn is_nan(&self) -> Formula {
        self.ne(self)
    }

    pub(crate) fn logical_and(&self, other: &Formula) -> Formula {
        self.binary(other, Binary::Minimum)
    }

    pub(crate) fn logical_or(&self, other: &Formula) -> Formula {
        self.binary(other, Binary::Maximum)
    }

    pub(crate) fn logical_not(&self) -> Formula {
        self.binary(Formula::node(Op::Constant(Scalar::Integer(0)), [], Shape::scalar(), DType::Bool), Binary::Equal)
    }

    pub(crate) fn select(&self, if_true: impl IntoFormula, if_false: &Formula) -> Formula {
        let if_true = if_true.beside(if_false.dtype());
        let shape = self.shape().broadcast(if_true.shape()).and_then(|shape| shape.broadcast(if_false.shape()));
        let dtype = if_false.dtype();
        Formula::node(
            Op::Select,
            [self.clone(), if_true, if_false.clone()],
            shape.expect("shapes that broadcast"),
            dtype,
        )
    }

    pub(crate) fn clamp(&self, low: &Formula, high: &Formula) -> Formula {
        let above = self.lt(low).select(low, self);
        above.gt(high).select(high, &above)
    }

    pub(crate) fn relu(&self) -> Formula {
        self.le(0.0).select(0.0, self)
    }

    pub(crate) fn leaky_relu(&self, slope: f64) -> Formula {
        self.le(0.0).select(self * slope, self)
    }

    pub(crate) fn gelu(&self) -> Formula {
        self.unary(Unary::NormalCdf) * self
    }

    pub(crate) fn square(&self) -> Formula {
        self * self
    }

    pub(crate) fn cast(&self, dtype: DType) -> Formula {
        Formula::node(Op::Cast, [self.clone()], self.shape().clone(), dtype)
    }

    pub(crate) fn reshape(&self, shape: impl Into<Shape>) -> Formula {
        Formula::node(Op::Reshape, [self.clone()], shape.into(), self.dtype())
    }

    pub(crate) fn expand(&self, shape: impl Into<Shape>) -> Formula {
        Formula::node(Op::Expand, [self.clone()], shape.into(), self.dtype())
    }

    pub(crate) fn swap_axes(&self, a: usize, b: usize) -> Formula {
        let mut order: AxisList = (0..self.shape().rank()).collect();
        order.swap(a, b);
        let shape = order.iter().map(|&axis| self.shape()[axis]).collect();
        Formula::node(Op::Permute(order), [self.clone()], shape, self.dtype())
    }

    pub(crate) fn slice(&self, axis: isize, range: Range<usize>) -> Formula {
        self.slice_step(axis, range, 1)
    }

    pub(crate) fn slice_step(&self, axis: isize, range: Range<usize>, step: usize) -> Formula {
        let (rank, axis) = (self.shape().rank(), self.axis(axis));
        let (mut starts, mut steps) = (AxisList::from_elem(0, rank), AxisList::from_elem(1, rank));
        (starts[axis], steps[axis]) = (range.start, step);
        let shape = self.shape().with(axis, range.len().div_ceil(step));
        Formula::node(Op::Slice { starts, steps }, [self.clone()], shape, self.dtype())
    }

    pub(crate) fn flip(&self, axis: usize) -> Formula {
        Formula::node(Op::Flip(AxisList::from_elem(axis, 1)), [self.clone()], self.shape().clone(), self.dtype())
    }

    fn axis(&self, axis: isize) -> usize {
        (axis + if axis < 0 { self.shape().rank() as isize } else { 0 }) as usize
    }

    fn reduce(&self, reduction: Reduction, axes: AxisList) -> Formula {
        let shape = self.shape().keeping(&axes);
        Formula::node(Op::Reduce(reduction, axes), [self.clone()], shape, self.dtype())
    }

    fn along(&self, reduction: Reduction, axis: isize) -> Formula {
        let axes = AxisList::from_elem(self.axis(axis), 1);
        let shape = self.shape().without(&axes);
        self.reduce(reduction, axes).reshape(shape)
    }

    fn over_all(&self, reduction: Reduction) -> Formula {
        self.reduce(reduction, (0..self.shape().rank()).collect()).reshape(Shape::scalar())
    }

    pub(crate) fn sum(&self) -> Formula {
        self.over_all(Reduction::Sum)
    }

    pub(crate) fn max(&self) -> Formula {
        self.over_all(Reduction::Max)
    }

    pub(crate) fn min(&self) -> Formula {
        self.over_all(Reduction::Min)
    }

    pub(crate) fn mean(&self) -> Formula {
        self.sum() / self.elements() as f64
    }

    pub(crate) fn sum_axis(&self, axis: isize) -> Formula {
        self.along(Reduction::Sum, axis)
    }

    pub(crate) fn max_axis(&self, axis: isize) -> Formula {
        self.along(Reduction::Max, axis)
    }

    pub(crate) fn min_axis(&self, axis: isize) -> Formula {
        self.along(Reduction::Min, axis)
    }

    pub(crate) fn sum_keepdim(&self, axis: isize) -> Formula {
        self.reduce(Reduction::Sum, AxisList::from_elem(self.axis(axis), 1))
    }

    pub(crate) fn max_keepdim(&self, axis: isize) -> Formula {
        self.reduce(Reduction::Max, AxisList::from_elem(self.axis(axis), 1))
    }

    pub(crate) fn softmax(&self, axis: isize) -> Formula {
        let exponentials = (self - self.max_keepdim(axis)).exp();
        &exponentials / exponentials.sum_keepdim(axis)
    }
}

macro_rules! unary {
    ($($method:ident $kind:ident,)*) => {
        impl Formula {
            $(pub(crate) fn $method(&self) -> Formula {
                self.unary(Unary::$kind)
            })*
        }
    };
}
unary! {
    negate Negate, reciprocal Reciprocal, sqrt SquareRoot, exp Exp, exp_m1 ExpM1, ln Ln, ln_1p Ln1p, sin Sin, tanh Tanh, sigmoid Sigmoid,
    softplus Softplus, erf Erf, sign Sign, floor Floor, abs Abs,
}

macro_rules! operators {
    ($($trait:ident $method:ident $kind:ident,)*) => {$(
        impl<T: IntoFormula> $trait<T> for &Formula {
            type Output = Formula;
            fn $method(self, other: T) -> Formula {
                self.binary(other, Binary::$kind)
            }
        }
        impl<T: IntoFormula> $trait<T> for Formula {
            type Output = Formula;
            fn $method(self, other: T) -> Formula {
                self.binary(other, Binary::$kind)
            }
        }
    )*};
}
operators! { Add add Add, Sub sub Subtract, Mul mul Multiply, Div div Divide, }

impl Neg for &Formula {
    type Output = Formula;
    fn neg(self) -> Formula {
        self.negate()
    }
}
