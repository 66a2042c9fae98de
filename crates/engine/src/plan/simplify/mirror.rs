//! Symmetry of values over pairs: `f(xᵢ, xⱼ)` with its two axes exchanged is itself, or its negative. A sum over one of the axes is then that
//! over the other, or its negative, and need not be computed a second time.
//!
//! It follows from the terms of a value alone: from differences of one array with itself, and what is made of them entry by entry.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::plan::simplify::Rewriter;
use crate::program::Instruction;
use crate::shape::{AxisList, Shape};

/// So many terms are looked at: of what is larger, nothing is known.
const MOST_TERMS: usize = 256;

/// Two axes, counted from the last one, which is 1, as operands are aligned.
type Pair = [usize; 2];

/// What a value is that has had two axes exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Parity {
    /// Another one.
    Even,
    /// The negative of another one.
    Odd,
}

impl Parity {
    /// Of a product of two.
    fn times(self, other: Parity) -> Parity {
        if self == other { Parity::Even } else { Parity::Odd }
    }

    /// Of a function that is the same, or none.
    fn even(self) -> Option<Parity> {
        (self == Parity::Even).then_some(Parity::Even)
    }

    /// Of two that have one parity.
    fn both(self, other: Parity) -> Option<Parity> {
        (self == other).then_some(self)
    }
}

impl Rewriter {
    /// The reduction along an axis of a value that is symmetric, made from that along the axis with which the axis may be exchanged; `None` where
    /// it is not symmetric, or this axis is the one to reduce.
    pub(super) fn mirrored(&mut self, instruction: &Instruction, axis: usize, origin: u32) -> Option<u32> {
        let Instruction { op: Op::Reduce(reduction, _), inputs, shape: result, dtype } = instruction else {
            return None;
        };
        let input = inputs[0];
        let shape = self.of(input).shape.clone();
        let rank = shape.rank();
        let last = (0..rank).rfind(|&axis| shape[axis] != 1)?;
        for other in (0..rank).filter(|&other| other != axis && shape[other] == shape[axis]) {
            let (first, second) = (axis.min(other), axis.max(other));
            // Numbers that lie side by side are added up along rows; rows are added up one to the next.
            let reduced = if second == last { second } else { first };
            // The result has the same order along either.
            if reduced == axis || (first + 1..second).any(|between| shape[between] != 1) {
                continue;
            }
            let parity =
                Mirror { rewriter: self, known: FxHashMap::default() }.of(input, input, [rank - first, rank - second]);
            let parity = match reduction {
                Reduction::Sum => parity,
                Reduction::Max | Reduction::Min => parity.and_then(Parity::even),
            };
            let Some(parity) = parity else { continue };
            let op = Op::Reduce(*reduction, smallvec![other]);
            let sum = self.make(op, smallvec![input], shape.keeping(&[other]), *dtype, origin);
            let moved = self.make(Op::Reshape, smallvec![sum], result.clone(), *dtype, origin);
            if parity == Parity::Even {
                return Some(moved);
            }
            // Subtracted from 0, as everywhere: a sum of nothing but zeros is 0, not -0.
            let zero = self.make(Op::Constant(Scalar::Integer(0)), SmallVec::new(), Shape::scalar(), *dtype, origin);
            return Some(self.make(
                Op::Binary(Binary::Subtract),
                smallvec![zero, moved],
                result.clone(),
                *dtype,
                origin,
            ));
        }
        None
    }
}

/// A search for what values are with two axes exchanged.
struct Mirror<'a> {
    rewriter: &'a Rewriter,
    known: FxHashMap<(u32, u32, Pair), Option<Parity>>,
}

/// The size of an axis counted from the last one; those that are missing are 1.
fn size(shape: &Shape, axis: usize) -> usize {
    if axis <= shape.rank() { shape[shape.rank() - axis] } else { 1 }
}

/// The axes of another shape that has the same sizes but for ones.
fn moved(axes: Pair, from: &Shape, to: &Shape) -> Option<Pair> {
    let real = |shape: &Shape| -> AxisList { (1..=shape.rank()).filter(|&axis| size(shape, axis) != 1).collect() };
    let (from_axes, to_axes) = (real(from), real(to));
    let alike = from_axes.len() == to_axes.len()
        && from_axes.iter().zip(&to_axes).all(|(&from_axis, &to_axis)| size(from, from_axis) == size(to, to_axis));
    if !alike {
        return None;
    }
    let moved = |axis: usize| Some(to_axes[from_axes.iter().position(|&real| real == axis)?]);
    Some([moved(axes[0])?, moved(axes[1])?])
}

impl Mirror<'_> {
    /// Whether one value with two axes exchanged is the other one, or its negative.
    fn of(&mut self, value: u32, other: u32, axes: Pair) -> Option<Parity> {
        if let Some(&known) = self.known.get(&(value, other, axes)) {
            return known;
        }
        if self.known.len() == MOST_TERMS {
            return None;
        }
        // Nothing is known yet, should anybody ask meanwhile; nobody does, since terms come before what is made of them.
        self.known.insert((value, other, axes), None);
        let found = self.found(value, other, axes);
        self.known.insert((value, other, axes), found);
        found
    }

    fn found(&mut self, value: u32, other: u32, axes: Pair) -> Option<Parity> {
        let rewriter = self.rewriter;
        let (own, others) = (rewriter.of(value), rewriter.of(other));
        let is_uniform = |shape: &Shape| axes.iter().all(|&axis| size(shape, axis) == 1);
        if is_uniform(&own.shape) {
            return (value == other).then_some(Parity::Even);
        }
        if self.is_seen_from_both_sides(value, other, axes) {
            return Some(Parity::Even);
        }
        if own.op != others.op || own.dtype != others.dtype || own.inputs.len() != others.inputs.len() {
            return None;
        }
        let both = |which: usize| (own.inputs[which], others.inputs[which]);
        let across = |which: usize| (own.inputs[which], others.inputs[1 - which]);
        let mut input = |(value, other): (u32, u32)| self.of(value, other, axes);
        match &own.op {
            Op::Unary(Unary::Negate | Unary::Sign | Unary::Reciprocal) => input(both(0)),
            Op::Unary(Unary::Abs) => input(both(0)).and(Some(Parity::Even)),
            Op::Unary(_) | Op::Cast => input(both(0))?.even(),
            Op::Binary(Binary::Multiply) => {
                let product = |a: Option<Parity>, b: Option<Parity>| Some(a?.times(b?));
                product(input(both(0)), input(both(1))).or_else(|| product(input(across(0)), input(across(1))))
            }
            Op::Binary(Binary::Divide) => Some(input(both(0))?.times(input(both(1))?)),
            Op::Binary(binary @ (Binary::Add | Binary::Subtract | Binary::Equal)) => {
                let sum = |a: Option<Parity>, b: Option<Parity>| a?.both(b?);
                let straight = sum(input(both(0)), input(both(1)));
                let crossed = || {
                    let crossed = sum(input(across(0)), input(across(1)))?;
                    // a - b, and b - a.
                    Some(if *binary == Binary::Subtract { crossed.times(Parity::Odd) } else { crossed })
                };
                let parity = straight.or_else(crossed);
                if *binary == Binary::Equal { parity.and(Some(Parity::Even)) } else { parity }
            }
            Op::Binary(Binary::Maximum | Binary::Minimum) => {
                let even = |a: Option<Parity>, b: Option<Parity>| a?.even()?.both(b?);
                even(input(both(0)), input(both(1))).or_else(|| even(input(across(0)), input(across(1))))
            }
            Op::Binary(Binary::Less | Binary::LessOrEqual | Binary::Power) => {
                input(both(0))?.even()?.both(input(both(1))?)
            }
            Op::Select => {
                input(both(0))?.even()?;
                input(both(1))?.both(input(both(2))?)
            }
            Op::Expand => input(both(0)),
            Op::Reshape => {
                let inner = moved(axes, &own.shape, &rewriter.of(own.inputs[0]).shape)?;
                let (value, other) = both(0);
                (own.shape == others.shape && rewriter.of(value).shape == rewriter.of(other).shape).then_some(())?;
                self.of(value, other, inner)
            }
            Op::Reduce(reduction, reduced) => {
                let (value, other) = both(0);
                let shape = &rewriter.of(value).shape;
                let kept = axes.iter().all(|&axis| !reduced.contains(&(shape.rank().wrapping_sub(axis))));
                let parity = self.of(value, other, axes).filter(|_| kept && *shape == rewriter.of(other).shape)?;
                if *reduction == Reduction::Sum { Some(parity) } else { parity.even() }
            }
            _ => None,
        }
    }

    /// Whether both are one array, along the one axis and along the other, or transposed.
    fn is_seen_from_both_sides(&self, value: u32, other: u32, axes: Pair) -> bool {
        let (own, others) = (self.rewriter.of(value), self.rewriter.of(other));
        let rank = own.shape.rank();
        if rank != others.shape.rank() || axes.iter().any(|&axis| axis > rank) {
            return false;
        }
        let [first, second] = axes.map(|axis| rank - axis);
        let mut exchanged: AxisList = own.shape.iter().copied().collect();
        exchanged.swap(first, second);
        if others.shape.sizes() != exchanged.as_slice() {
            return false;
        }
        let mut order: AxisList = (0..rank).collect();
        order.swap(first, second);
        let order = Op::Permute(order);
        let is_transposed = |instruction: &Instruction, of: u32| instruction.op == order && instruction.inputs[0] == of;
        if is_transposed(own, other) || is_transposed(others, value) {
            return true;
        }
        // Of the two axes one has a size of 1, and so has what lies between them: entries keep their order in memory.
        let sizes = [own.shape[first], own.shape[second]];
        let between = first.min(second) + 1..first.max(second);
        sizes.contains(&1)
            && between.clone().all(|axis| own.shape[axis] == 1)
            && self.source(value) == self.source(other)
    }

    /// What a value is, row by row, in another shape.
    fn source(&self, mut value: u32) -> u32 {
        while let Instruction { op: Op::Reshape, inputs, .. } = self.rewriter.of(value) {
            value = inputs[0];
        }
        value
    }
}
