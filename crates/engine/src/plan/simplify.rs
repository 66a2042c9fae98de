//! Rewriting of a program before it is divided into passes. Every rule keeps the values to the last bit, or changes at most the order in
//! which a sum is added up.
//!
//! No rule supposes that a number is finite, or which zero it is: `0·x` and `x - x` stay, and signs are moved only where the result is the
//! same for infinities, NaN and zeros of both signs. What is left open, here and in the executor, is what the order of a sum decides: the
//! sign of a zero that a sum, a running sum or a product of matrices gives; whether a sum overflows on its way that would not in another
//! order; and always the sign and the payload of NaN. The random graphs `not_finite` hold the rest.
//!
//! A rewrite may drop work, never a check: whatever is asked for and depends, in the graph as the user wrote it, on an index is computed only
//! if the index is in range. Where no operation is left that looks at the index, a [`Check`] does.

mod mirror;
mod products;
mod slices;
mod windows;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::dtype::DType;
use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::plan::simplify::slices::UNROLLED;
use crate::program::{Instruction, Program};
use crate::shape::{AxisList, Shape};

/// A program after simplification.
pub(super) struct Simplified {
    pub(super) instructions: Vec<Instruction>,
    /// The instruction of the original program that each one comes from: it knows the user's line.
    pub(super) origins: Vec<u32>,
    /// The number of the slot of each [`Op::Data`]; other instructions have none.
    pub(super) slots: Vec<Option<u32>>,
    pub(super) outputs: Vec<u32>,
    /// The last of the outputs, one for each: indices that operations would have looked at which are no longer there.
    pub(super) checks: Vec<Check>,
}

/// An index that must be in range, though nothing picks or places by it any more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Check {
    /// Entries of the axis.
    pub(crate) size: usize,
    /// What the user has called.
    pub(crate) operation: &'static str,
    /// The instruction of the original program that knows the user's line.
    pub(crate) origin: u32,
}

#[derive(Default)]
struct Rewriter {
    instructions: Vec<Instruction>,
    origins: Vec<u32>,
    slots: Vec<Option<u32>>,
    known: FxHashMap<Instruction, u32>,
}

pub(super) fn simplify(program: &Program) -> Simplified {
    let mut rewriter = Rewriter::default();
    let mut numbers: Vec<u32> = Vec::with_capacity(program.instructions.len());
    let mut slot = 0;
    for (origin, instruction) in program.instructions.iter().enumerate() {
        let mut renamed = instruction.clone();
        for input in &mut renamed.inputs {
            *input = numbers[*input as usize];
        }
        let number = if renamed.op == Op::Data {
            slot += 1;
            rewriter.push(renamed, origin as u32, Some(slot - 1))
        } else {
            rewriter.rewrite(renamed, origin as u32)
        };
        numbers.push(number);
    }
    let outputs = program.outputs.iter().map(|&output| numbers[output as usize]).collect();
    let Rewriter { instructions, origins, slots, .. } = rewriter;
    let mut simplified = Simplified { instructions, origins, slots, outputs, checks: Vec::new() };
    simplified.keep_checks(program, &numbers);
    simplified.without_dead()
}

impl Simplified {
    /// The same for the program that the simplified one was made from, given the instruction there that each of its own comes from.
    pub(super) fn with_origins(mut self, origins: &[u32]) -> Simplified {
        let checked = self.checks.iter_mut().map(|check| &mut check.origin);
        self.origins.iter_mut().chain(checked).for_each(|origin| *origin = origins[*origin as usize]);
        self
    }

    /// Asks for the indices of operations that no longer take place, given the new number of each value.
    fn keep_checks(&mut self, program: &Program, numbers: &[u32]) {
        let needed = self.needed();
        let instructions = &self.instructions;
        let takes_place = |number: u32| {
            let op = &instructions[number as usize].op;
            needed[number as usize] && matches!(op, Op::Gather { .. } | Op::ScatterAdd { .. })
        };
        let mut indices: Vec<u32> = Vec::new();
        for (origin, Instruction { op, inputs, shape, .. }) in program.instructions.iter().enumerate() {
            let (size, operation) = match op {
                Op::Gather { axis } => (program.instructions[inputs[0] as usize].shape[*axis], "take_along_axis"),
                Op::ScatterAdd { axis } => (shape[*axis], "scatter_add"),
                _ => continue,
            };
            let index = numbers[inputs[1] as usize];
            let known = indices.iter().zip(&self.checks).any(|(&other, check)| (other, check.size) == (index, size));
            if !known && !takes_place(numbers[origin]) {
                indices.push(index);
                self.checks.push(Check { size, operation, origin: origin as u32 });
            }
        }
        self.outputs.extend(indices);
    }

    /// Dead code: what the outputs do not need.
    fn without_dead(self) -> Simplified {
        let needed = self.needed();
        let mut numbers: Vec<u32> = vec![0; needed.len()];
        let mut kept = Simplified { instructions: Vec::new(), origins: Vec::new(), slots: Vec::new(), ..self };
        let values = self.instructions.into_iter().zip(self.origins).zip(self.slots).enumerate();
        for (value, ((mut instruction, origin), slot)) in values.filter(|(value, _)| needed[*value]) {
            for input in &mut instruction.inputs {
                *input = numbers[*input as usize];
            }
            numbers[value] = kept.instructions.len() as u32;
            kept.instructions.push(instruction);
            kept.origins.push(origin);
            kept.slots.push(slot);
        }
        for output in &mut kept.outputs {
            *output = numbers[*output as usize];
        }
        kept
    }

    /// Which values are needed for the outputs.
    pub(super) fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.instructions.len()];
        for &output in &self.outputs {
            needed[output as usize] = true;
        }
        for at in (0..self.instructions.len()).rev() {
            if needed[at] {
                for &input in &self.instructions[at].inputs {
                    needed[input as usize] = true;
                }
            }
        }
        needed
    }
}

impl Rewriter {
    fn push(&mut self, instruction: Instruction, origin: u32, slot: Option<u32>) -> u32 {
        self.instructions.push(instruction);
        self.origins.push(origin);
        self.slots.push(slot);
        self.instructions.len() as u32 - 1
    }

    /// The number of an instruction: an earlier one of the same, or a new one.
    fn intern(&mut self, instruction: Instruction, origin: u32) -> u32 {
        if let Some(&number) = self.known.get(&instruction) {
            return number;
        }
        let number = self.push(instruction.clone(), origin, None);
        self.known.insert(instruction, number);
        number
    }

    fn of(&self, number: u32) -> &Instruction {
        &self.instructions[number as usize]
    }

    fn make(&mut self, op: Op, inputs: SmallVec<[u32; 2]>, shape: Shape, dtype: DType, origin: u32) -> u32 {
        self.rewrite(Instruction { op, inputs, shape, dtype }, origin)
    }

    /// The value in another shape, by repetition.
    fn expanded(&mut self, number: u32, shape: &Shape, origin: u32) -> u32 {
        if self.of(number).shape == *shape {
            return number;
        }
        let dtype = self.of(number).dtype;
        self.intern(Instruction { op: Op::Expand, inputs: smallvec![number], shape: shape.clone(), dtype }, origin)
    }

    /// What a value repeats, if it is an [`Op::Expand`].
    fn unexpanded(&self, number: u32) -> u32 {
        match self.of(number) {
            Instruction { op: Op::Expand, inputs, .. } => inputs[0],
            _ => number,
        }
    }

    fn rewrite(&mut self, mut instruction: Instruction, origin: u32) -> u32 {
        match &instruction.op {
            Op::Detach => return instruction.inputs[0],
            Op::Cast if self.of(instruction.inputs[0]).dtype == instruction.dtype => return instruction.inputs[0],
            Op::Cast if instruction.dtype.is_float() => {
                // A truth value is the same number in any type.
                if let Instruction { op: Op::Cast, inputs, dtype, .. } = self.of(instruction.inputs[0])
                    && dtype.is_float()
                    && self.of(inputs[0]).dtype == DType::Bool
                {
                    instruction.inputs[0] = inputs[0];
                }
                return self.elementwise(instruction, origin);
            }
            Op::Reshape | Op::Expand => {
                let inner = self.of(instruction.inputs[0]);
                if inner.shape == instruction.shape {
                    return instruction.inputs[0];
                }
                if matches!(inner.op, Op::Reshape | Op::Expand) {
                    let innermost = inner.inputs[0];
                    if self.of(innermost).shape.elements() == 1 {
                        // One number: from shape [] it can be brought into any.
                        let scalar =
                            self.make(Op::Reshape, smallvec![innermost], Shape::scalar(), instruction.dtype, origin);
                        if instruction.shape.elements() != 1 {
                            return self.expanded(scalar, &instruction.shape, origin);
                        }
                        if instruction.shape.rank() == 0 {
                            return scalar;
                        }
                        instruction.op = Op::Reshape;
                        instruction.inputs[0] = scalar;
                    } else if inner.op == instruction.op {
                        instruction.inputs[0] = innermost;
                        return self.rewrite(instruction, origin);
                    }
                }
            }
            Op::Unary(Unary::Negate) => {
                if let Instruction { op: Op::Unary(Unary::Negate), inputs, .. } = self.of(instruction.inputs[0]) {
                    return inputs[0];
                }
                return self.elementwise(instruction, origin);
            }
            Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast => return self.elementwise(instruction, origin),
            Op::Permute(order) => {
                // (a b)ᵀ = bᵀ aᵀ: the product is then written in the order in which it is wanted.
                let rank = order.len();
                let transposes = rank >= 2
                    && order[..rank - 2].iter().copied().eq(0..rank - 2)
                    && (order[rank - 2], order[rank - 1]) == (rank - 1, rank - 2);
                let inner = self.of(instruction.inputs[0]).clone();
                if transposes && inner.op == Op::MatrixMultiply {
                    let (a, b) = (inner.inputs[0], inner.inputs[1]);
                    let inputs = smallvec![self.transposed(b, origin), self.transposed(a, origin)];
                    return self.make(Op::MatrixMultiply, inputs, instruction.shape, instruction.dtype, origin);
                }
                if let Op::Permute(inner_order) = &inner.op {
                    let composed: AxisList = order.iter().map(|&axis| inner_order[axis]).collect();
                    if composed.iter().copied().eq(0..rank) {
                        return inner.inputs[0];
                    }
                    instruction.op = Op::Permute(composed);
                    instruction.inputs[0] = inner.inputs[0];
                }
            }
            Op::OverlapAdd { .. } => {
                if let Some(sum) = self.added_back(&instruction, origin) {
                    return sum;
                }
            }
            Op::Reduce(reduction, axes) => {
                let (reduction, axes) = (*reduction, axes.clone());
                return self.reduce(instruction, reduction, &axes, origin);
            }
            _ => {}
        }
        self.intern(instruction, origin)
    }

    /// An elementwise operation does by itself what `Expand` would do before it; what is the same along an axis is computed once.
    fn elementwise(&mut self, mut instruction: Instruction, origin: u32) -> u32 {
        for input in &mut instruction.inputs {
            *input = self.unexpanded(*input);
        }
        let mut shape = Shape::scalar();
        for &input in &instruction.inputs {
            shape = shape.broadcast(&self.of(input).shape).expect("operands broadcast, or the graph would not exist");
        }
        // Also where only the number of axes differs, or there is nothing: operand and result then have one shape below.
        if shape != instruction.shape {
            let wanted = std::mem::replace(&mut instruction.shape, shape);
            let number = self.rewrite(instruction, origin);
            return self.expanded(number, &wanted, origin);
        }
        self.signed(instruction, origin)
    }

    /// What a value is the negative of.
    fn negated(&self, number: u32) -> Option<u32> {
        match self.of(number) {
            Instruction { op: Op::Unary(Unary::Negate), inputs, dtype, .. } if dtype.is_float() => Some(inputs[0]),
            _ => None,
        }
    }

    /// Moves signs outwards, where they meet others and vanish. All of it is exact, the sign of a zero as well: rounding does not know the
    /// sign, but `-a - b` is no `-(a + b)`, since 1 - 1 and -1 + 1 are both 0 and not -0.
    fn signed(&mut self, instruction: Instruction, origin: u32) -> u32 {
        let Instruction { op, inputs, shape, dtype } = &instruction;
        let (op, shape, dtype) = (op.clone(), shape.clone(), *dtype);
        // Where little is put into each row, it is added in place: x - (v here, else 0) = x + (-v here, else -0).
        if op == Op::Binary(Binary::Subtract)
            && let Some((condition, chosen)) = self.choice_of_one(inputs[1])
            && self.of(chosen).shape.elements() > 1
            && self.is_constant_along_rows(chosen)
            && self.of(inputs[1]).shape == shape
        {
            let (from, chosen_shape) = (inputs[0], self.of(chosen).shape.clone());
            let negative = self.make(Op::Unary(Unary::Negate), smallvec![chosen], chosen_shape, dtype, origin);
            let nothing = Op::Constant(Scalar::Float(-0.0));
            let nothing = self.make(nothing, SmallVec::new(), Shape::scalar(), dtype, origin);
            let placed = self.make(Op::Select, smallvec![condition, negative, nothing], shape.clone(), dtype, origin);
            return self.make(Op::Binary(Binary::Add), smallvec![from, placed], shape, dtype, origin);
        }
        let signs: SmallVec<[Option<u32>; 3]> = inputs.iter().map(|&input| self.negated(input)).collect();
        let (binary, a, b) = match (&op, inputs.as_slice()) {
            (Op::Binary(binary), &[a, b]) => (*binary, a, b),
            (Op::Select, &[condition, _, _]) => {
                let [_, Some(a), Some(b)] = signs[..] else { return self.intern(instruction, origin) };
                let chosen = self.make(op, smallvec![condition, a, b], shape.clone(), dtype, origin);
                return self.make(Op::Unary(Unary::Negate), smallvec![chosen], shape, dtype, origin);
            }
            _ => return self.intern(instruction, origin),
        };
        let (binary, a, b, negative) = match (binary, signs[0], signs[1]) {
            (Binary::Multiply | Binary::Divide, Some(a), Some(b)) => (binary, a, b, false),
            (Binary::Multiply | Binary::Divide, Some(a), None) => (binary, a, b, true),
            (Binary::Multiply | Binary::Divide, None, Some(b)) => (binary, a, b, true),
            (Binary::Add, Some(_), Some(b)) => (Binary::Subtract, inputs[0], b, false),
            (Binary::Add, Some(a), None) => (Binary::Subtract, b, a, false),
            (Binary::Add, None, Some(b)) => (Binary::Subtract, a, b, false),
            (Binary::Subtract, Some(a), Some(b)) => (Binary::Subtract, b, a, false),
            (Binary::Subtract, None, Some(b)) => (Binary::Add, a, b, false),
            _ => return self.intern(instruction, origin),
        };
        let result = self.make(Op::Binary(binary), smallvec![a, b], shape.clone(), dtype, origin);
        if negative { self.make(Op::Unary(Unary::Negate), smallvec![result], shape, dtype, origin) } else { result }
    }

    /// Whether a truth value is true for at most one entry of each row: for the position that a number names, one for each row.
    fn names_one(&self, condition: u32) -> bool {
        let Instruction { op: Op::Binary(Binary::Equal), inputs, shape, .. } = self.of(condition) else { return false };
        let Some(&columns) = shape.last() else { return false };
        let counts = |number: u32| {
            let mut source = number;
            while self.of(source).op == Op::Reshape {
                source = self.of(source).inputs[0];
            }
            let found = &self.of(number).shape;
            self.of(source).op == Op::Iota && found.last() == Some(&columns) && found.elements() == columns
        };
        let is_row = |number: u32| self.is_constant_along_rows(number);
        columns > 1 && (counts(inputs[0]) && is_row(inputs[1]) || counts(inputs[1]) && is_row(inputs[0]))
    }

    fn is_constant_along_rows(&self, number: u32) -> bool {
        self.of(number).shape.last().is_none_or(|&size| size == 1)
    }

    /// What is chosen, if a value is at most one entry of each row and 0 elsewhere: the condition and the entries to choose from.
    fn choice_of_one(&self, number: u32) -> Option<(u32, u32)> {
        let Instruction { op: Op::Select, inputs, shape, dtype } = self.of(number) else { return None };
        let &[condition, chosen, rest] = inputs.as_slice() else { return None };
        let zero = matches!(self.of(rest).op, Op::Constant(_)) && dtype.is_float();
        (zero && self.of(condition).shape == *shape && self.names_one(condition)).then_some((condition, chosen))
    }

    /// The sum along rows of one chosen entry each. What is done to all entries is done to the chosen one instead, exactly.
    fn chosen(&mut self, condition: u32, from: u32, instruction: &Instruction, origin: u32) -> Option<u32> {
        let Instruction { op, shape, dtype, .. } = instruction;
        let full = self.of(condition).shape.clone();
        let constant = |scalar: Scalar| Op::Constant(scalar);
        let zero = self.make(constant(Scalar::Integer(0)), SmallVec::new(), Shape::scalar(), *dtype, origin);
        let choose = |this: &mut Self, from: u32| {
            let chosen = this.make(Op::Select, smallvec![condition, from, zero], full.clone(), *dtype, origin);
            this.make(op.clone(), smallvec![chosen], shape.clone(), *dtype, origin)
        };
        let found = self.of(from).clone();
        match (&found.op, found.inputs.as_slice()) {
            (Op::Unary(Unary::Negate), &[x]) if found.shape == full => {
                let sum = choose(self, x);
                Some(self.make(Op::Binary(Binary::Subtract), smallvec![zero, sum], shape.clone(), *dtype, origin))
            }
            (Op::Binary(Binary::Add | Binary::Subtract | Binary::Multiply), &[a, b])
                if found.shape == full && (self.is_constant_along_rows(a) || self.is_constant_along_rows(b)) =>
            {
                let sides = smallvec![choose(self, a), choose(self, b)];
                let is_product = found.op == Op::Binary(Binary::Multiply);
                let result = self.make(found.op, sides, shape.clone(), *dtype, origin);
                // The zeros beside it make 0 of -0. Sums and differences of what was added to zeros are no -0.
                let whole: SmallVec<[u32; 2]> = smallvec![zero, result];
                let add = Op::Binary(Binary::Add);
                Some(if is_product { self.make(add, whole, shape.clone(), *dtype, origin) } else { result })
            }
            // Known without looking at the row. Written with a zero of its own, so that whoever needs the row does not share it.
            _ if self.is_constant_along_rows(from) => {
                let zero = self.make(constant(Scalar::Float(0.0)), SmallVec::new(), Shape::scalar(), *dtype, origin);
                let placed = self.make(Op::Select, smallvec![condition, from, zero], full, *dtype, origin);
                let (op, inputs) = (op.clone(), smallvec![placed]);
                Some(self.intern(Instruction { op, inputs, shape: shape.clone(), dtype: *dtype }, origin))
            }
            _ => None,
        }
    }

    /// Reduces trailing axes first, each to one number of a row; then what is left.
    fn reduce(&mut self, instruction: Instruction, reduction: Reduction, axes: &AxisList, origin: u32) -> u32 {
        let input = instruction.inputs[0];
        let shape = self.of(input).shape.clone();
        let dtype = instruction.dtype;
        let axes: AxisList = axes.iter().copied().filter(|&axis| shape[axis] != 1).collect();
        if axes.is_empty() {
            return input;
        }
        if let &[axis] = axes.as_slice()
            && let Some(same) = self.mirrored(&instruction, axis, origin)
        {
            return same;
        }
        if reduction == Reduction::Sum {
            // The sum of entries that were put into a row of zeros, one for each row.
            if let Instruction { op: Op::ScatterAdd { axis }, inputs, .. } = self.of(input) {
                let (value, index) = (inputs[0], inputs[1]);
                if axes.as_slice() == [*axis] && self.of(index).shape[*axis] == 1 {
                    return self.expanded(value, &instruction.shape, origin);
                }
            }
            if let Some((condition, from)) = self.choice_of_one(input)
                && axes.as_slice() == [shape.rank() - 1]
                && let Some(sum) = self.chosen(condition, from, &instruction, origin)
            {
                return sum;
            }
            // Products that are added up are one product of longer rows and columns.
            if self.of(input).op == Op::MatrixMultiply
                && let Some(product) = self.joined_products(input, &instruction.shape, &axes, origin)
            {
                return product;
            }
            // Rounding does not know the sign. Subtracted from 0, not negated: a sum of nothing but zeros is 0, not -0.
            if let Instruction { op: Op::Unary(Unary::Negate), inputs, .. } = self.of(input)
                && dtype.is_float()
            {
                let op = Op::Reduce(reduction, axes);
                let sum = self.make(op, smallvec![inputs[0]], instruction.shape.clone(), dtype, origin);
                let op = Op::Constant(Scalar::Integer(0));
                let zero = self.make(op, SmallVec::new(), Shape::scalar(), dtype, origin);
                let inputs = smallvec![zero, sum];
                return self.make(Op::Binary(Binary::Subtract), inputs, instruction.shape, dtype, origin);
            }
        }
        // The sum of all sums is the sum of everything. (But where each is one chosen entry, nothing need be added up to know it.)
        if reduction == Reduction::Sum && dtype.is_float() && instruction.shape.elements() == 1 {
            let mut inner = self.of(input);
            while inner.op == Op::Reshape {
                inner = self.of(inner.inputs[0]);
            }
            if let Op::Reduce(Reduction::Sum, _) = inner.op
                && inner.shape.elements() > 1
                && self.choice_of_one(inner.inputs[0]).is_none()
                && !matches!(self.of(inner.inputs[0]).op, Op::ScatterAdd { .. })
            {
                let parts = inner.inputs[0];
                let all: AxisList = (0..self.of(parts).shape.rank()).collect();
                let scalar = self.of(parts).shape.keeping(&all);
                let sum = self.make(Op::Reduce(reduction, all), smallvec![parts], scalar, dtype, origin);
                return self.make(Op::Reshape, smallvec![sum], instruction.shape, dtype, origin);
            }
        }
        if let Some(reduced) = self.reduced_windows(&instruction, reduction, &axes, origin) {
            return reduced;
        }
        // The axes at the end, beside axes of size 1.
        let reduced = |axis: &usize| axes.contains(axis);
        let trailing: AxisList = (0..shape.rank()).rev().filter(|&axis| shape[axis] != 1).take_while(reduced).collect();
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        // Windows: neighbours along several axes, with others between them, would be rows of a few entries. Their parts are long.
        let scattered = trailing.len() < axes.len() && instruction.shape.elements() > count;
        if (trailing.is_empty() || scattered) && (1..=UNROLLED).contains(&count) && dtype != DType::I64 {
            return self.unrolled(input, reduction, &axes, !trailing.is_empty(), origin);
        }
        if trailing.is_empty() || trailing.len() == axes.len() {
            let op = Op::Reduce(reduction, axes);
            return self.intern(Instruction { op, ..instruction }, origin);
        }
        let mut sorted = trailing.clone();
        sorted.sort_unstable();
        let rows = shape.keeping(&sorted);
        let rest: AxisList = axes.iter().copied().filter(|axis| !trailing.contains(axis)).collect();
        let first = self.make(Op::Reduce(reduction, sorted), smallvec![input], rows, dtype, origin);
        self.make(Op::Reduce(reduction, rest), smallvec![first], instruction.shape, dtype, origin)
    }
}
