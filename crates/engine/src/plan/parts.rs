//! Accumulation: what flows back into one tensor from all its uses becomes additions, or is put side by side.
//!
//! Every use of a part (a slice, one entry of an axis) sends back a whole that is zero elsewhere. The sum of such wholes would take time and
//! memory in the square of their number, as in a recurrence along an axis. So those that do not overlap become one concatenation, with zeros in
//! the gaps, and look-ups of one table are scattered together. A part of a part, however deep, is placed in the whole at once. A few that
//! overlap, as neighbours in an expression send them back, are each shifted to their place, which a pass does as it reads them. Nothing
//! changes a value but the order of additions, except that zeros may become -0.

mod place;
mod shifts;
#[cfg(test)]
mod tests;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::op::{Binary, Op, Scalar};
use crate::program::{Instruction, Program};
use crate::shape::{AxisList, Shape};

use place::{Part, Placement};
use shifts::are_few_shifts;

/// From this many look-ups of one tensor on, their entries are scattered together: what is scattered twice is also written twice, and added up.
const MANY_LOOKUPS: usize = 2;

/// The same for look-ups of one entry of each row, which a pass puts where they belong as it walks through the rows.
const MANY_OF_ROWS: usize = 8;

/// A program whose sums of parts are put together, and the instruction of the original that each of its own comes from.
pub(super) struct PutTogether {
    pub(super) program: Program,
    pub(super) origins: Vec<u32>,
}

/// What a value is, to whoever adds it to others.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Term {
    /// Anything.
    Whole,
    /// Zero but for what a padding holds, perhaps moved.
    Part,
    /// A scatter into zeros.
    LookUp,
    /// A sum with parts among its terms, perhaps moved.
    SumOfParts,
    /// Another sum.
    Sum,
}

/// The values of a program as terms.
struct Terms<'a> {
    program: &'a Program,
    terms: Vec<Term>,
}

/// The terms of one sum, in order.
#[derive(Default)]
struct Sum {
    wholes: Vec<u32>,
    parts: Vec<(Placement, u32)>,
    /// Look-ups along one axis whose entries have one shape but for it.
    lookups: Vec<(usize, Shape, Vec<u32>)>,
}

/// The program with its accumulations taken apart; `None` if it has none.
pub(super) fn put_together(program: &Program) -> Option<PutTogether> {
    if program.instructions.iter().all(|instruction| instruction.op != Op::Accumulate) {
        return None;
    }
    let (sums, needed) = Terms::of(program).sums();
    Some(Builder::default().rewritten(program, sums, &needed))
}

/// Sizes other than 1.
fn real_sizes(shape: &Shape) -> impl Iterator<Item = usize> {
    shape.iter().copied().filter(|&size| size != 1)
}

impl Terms<'_> {
    fn of(program: &Program) -> Terms<'_> {
        let mut all = Terms { program, terms: Vec::with_capacity(program.instructions.len()) };
        for instruction in &program.instructions {
            all.terms.push(all.term(instruction));
        }
        all
    }

    fn instruction(&self, number: u32) -> &Instruction {
        &self.program.instructions[number as usize]
    }

    /// What a value is as a term, given those before it.
    fn term(&self, Instruction { op, inputs, shape, .. }: &Instruction) -> Term {
        let input = |which: usize| self.terms[inputs[which] as usize];
        let inner = |which: usize| &self.instruction(inputs[which]).shape;
        match op {
            Op::Pad { .. } if inner(0).elements() == 0 => Term::Whole,
            Op::Pad { .. } if input(0) == Term::SumOfParts => Term::SumOfParts,
            Op::Pad { .. } => Term::Part,
            Op::Reshape if !real_sizes(shape).eq(real_sizes(inner(0))) => Term::Whole,
            Op::Flip(_) | Op::Permute(_) | Op::Reshape => match input(0) {
                term @ (Term::Part | Term::SumOfParts) => term,
                Term::Whole | Term::LookUp | Term::Sum => Term::Whole,
            },
            Op::ScatterAdd { .. } => Term::LookUp,
            Op::Accumulate => {
                let is_part = |&input: &u32| matches!(self.terms[input as usize], Term::Part | Term::SumOfParts);
                if inputs.iter().any(is_part) { Term::SumOfParts } else { Term::Sum }
            }
            _ => Term::Whole,
        }
    }

    /// The accumulations by number, and which values are still needed. What belongs to a sum is decided by its terms alone, not by who else
    /// needs them: a value has the same bits whatever is computed beside it.
    fn sums(&self) -> (FxHashMap<u32, Sum>, Vec<bool>) {
        let instructions = &self.program.instructions;
        // Whatever nobody used stays as well.
        let mut needed = vec![true; instructions.len()];
        instructions
            .iter()
            .flat_map(|instruction| &instruction.inputs)
            .for_each(|&input| needed[input as usize] = false);
        self.program.outputs.iter().for_each(|&output| needed[output as usize] = true);
        let mut sums: FxHashMap<u32, Sum> = FxHashMap::default();
        for (number, instruction) in instructions.iter().enumerate().rev() {
            needed[number] |= instruction.op == Op::Data;
            if !needed[number] {
                continue;
            }
            let mut need = |number: &u32| needed[*number as usize] = true;
            if instruction.op != Op::Accumulate {
                instruction.inputs.iter().for_each(need);
                continue;
            }
            let sum = self.collected(number as u32);
            sum.wholes.iter().for_each(&mut need);
            sum.parts.iter().for_each(|(_, number)| need(number));
            let lookups = sum.lookups.iter().flat_map(|(_, _, group)| group);
            lookups.flat_map(|&lookup| &self.instruction(lookup).inputs).for_each(&mut need);
            sums.insert(number as u32, sum);
        }
        (sums, needed)
    }

    /// The sums within a sum that it reaches in more than one way: they are computed once, not taken apart.
    fn shared(&self, root: u32) -> FxHashSet<u32> {
        let (mut met, mut shared) = (FxHashSet::default(), FxHashSet::default());
        let mut pending = vec![root];
        while let Some(number) = pending.pop() {
            let Instruction { op, inputs, .. } = self.instruction(number);
            if *op == Op::Accumulate && !met.insert(number) {
                shared.insert(number);
            } else {
                pending.extend(inputs.iter().filter(|&&input| self.terms[input as usize] == Term::SumOfParts));
            }
        }
        shared
    }

    /// The terms of a sum.
    fn collected(&self, root: u32) -> Sum {
        let mut sum = Sum::default();
        let mut lookups: Vec<u32> = Vec::new();
        // The last part in the form in which it is added, should it be the only one.
        let mut padded = root;
        let shared = self.shared(root);
        let mut pending: Vec<(u32, Placement)> = vec![(root, Placement::whole(&self.instruction(root).shape))];
        while let Some((number, placement)) = pending.pop() {
            let Instruction { op, inputs, shape, .. } = self.instruction(number);
            match (op, self.terms[number as usize]) {
                (Op::Accumulate, term) if number == root || term == Term::SumOfParts && !shared.contains(&number) => {
                    pending.extend(inputs.iter().rev().map(|&input| (input, placement.clone())));
                }
                (Op::Pad { .. } | Op::Flip(_) | Op::Permute(_) | Op::Reshape, Term::Part | Term::SumOfParts) => {
                    if placement.is_whole() {
                        padded = number;
                    }
                    let input = inputs[0];
                    let inner = placement.within(op, shape, &self.instruction(input).shape);
                    match self.terms[input as usize] {
                        Term::Part | Term::SumOfParts => pending.push((input, inner)),
                        Term::Whole | Term::LookUp | Term::Sum => sum.parts.push((inner, input)),
                    }
                }
                (_, Term::LookUp) if placement.is_whole() => lookups.push(number),
                _ if placement.is_whole() => sum.wholes.push(number),
                _ => sum.parts.push((placement, number)),
            }
        }
        if sum.parts.len() == 1 {
            sum.parts.clear();
            sum.wholes.push(padded);
        }
        self.group(lookups, &mut sum);
        sum
    }

    /// Whether a look-up is one of a single entry of each row.
    fn is_of_rows(&self, lookup: u32) -> bool {
        let Instruction { op: Op::ScatterAdd { axis }, inputs, shape, .. } = self.instruction(lookup) else {
            unreachable!("only scatters are collected")
        };
        let index = &self.instruction(inputs[1]).shape;
        index[*axis] == 1 && shape[axis + 1..].iter().all(|&size| size == 1)
    }

    /// Look-ups by what they have in common; those of a small group stay as they are.
    fn group(&self, lookups: Vec<u32>, sum: &mut Sum) {
        let mut places: FxHashMap<(usize, Shape), usize> = FxHashMap::default();
        for number in lookups {
            let Instruction { op: Op::ScatterAdd { axis }, inputs, .. } = self.instruction(number) else {
                unreachable!("only scatters are collected")
            };
            // Where one entry goes to many places, it has to be repeated first; the index may repeat beside the axis as well.
            let [entries, index] = [0, 1].map(|which| self.instruction(inputs[which]).shape.with(*axis, 1));
            let beside = entries.broadcast(&index).expect("an index fits its entries");
            let at = *places.entry((*axis, beside.clone())).or_insert(sum.lookups.len());
            if at == sum.lookups.len() {
                sum.lookups.push((*axis, beside, Vec::new()));
            }
            sum.lookups[at].2.push(number);
        }
        let wholes = &mut sum.wholes;
        sum.lookups.retain(|(_, _, group)| {
            let of_rows = group.iter().all(|&lookup| self.is_of_rows(lookup));
            let many = group.len() >= if of_rows { MANY_OF_ROWS } else { MANY_LOOKUPS };
            if !many {
                wholes.extend(group);
            }
            many
        });
    }
}

/// Adds instructions to a program.
#[derive(Default)]
struct Builder {
    instructions: Vec<Instruction>,
    origins: Vec<u32>,
    /// The instruction of the original program that new ones come from.
    origin: u32,
}

impl Builder {
    /// The program with these sums put together, without what is not needed.
    fn rewritten(mut self, program: &Program, mut sums: FxHashMap<u32, Sum>, needed: &[bool]) -> PutTogether {
        let mut numbers: Vec<u32> = Vec::with_capacity(program.instructions.len());
        for (at, instruction) in program.instructions.iter().enumerate() {
            self.origin = at as u32;
            numbers.push(match sums.remove(&self.origin) {
                Some(sum) => self.sum_of(sum, instruction, program, &numbers),
                None if !needed[at] => u32::MAX,
                None => {
                    let inputs = instruction.inputs.iter().map(|&input| numbers[input as usize]).collect();
                    self.push(Instruction { inputs, ..instruction.clone() })
                }
            });
        }
        let outputs = program.outputs.iter().map(|&output| numbers[output as usize]).collect();
        let program = Program { instructions: self.instructions, outputs };
        PutTogether { program, origins: self.origins }
    }

    fn push(&mut self, instruction: Instruction) -> u32 {
        self.instructions.push(instruction);
        self.origins.push(self.origin);
        self.instructions.len() as u32 - 1
    }

    fn shape(&self, number: u32) -> &Shape {
        &self.instructions[number as usize].shape
    }

    /// An operation that keeps the element type of its first operand.
    fn make(&mut self, op: Op, inputs: impl IntoIterator<Item = u32>, shape: Shape) -> u32 {
        let inputs: SmallVec<[u32; 2]> = inputs.into_iter().collect();
        let dtype = self.instructions[inputs[0] as usize].dtype;
        self.push(Instruction { op, inputs, shape, dtype })
    }

    /// A value in another shape, unless it has that shape.
    fn shaped(&mut self, op: Op, number: u32, shape: &Shape) -> u32 {
        if self.shape(number) == shape { number } else { self.make(op, [number], shape.clone()) }
    }

    fn concatenated(&mut self, pieces: Vec<u32>, axis: usize) -> u32 {
        if let [piece] = pieces[..] {
            return piece;
        }
        let length = pieces.iter().map(|&piece| self.shape(piece)[axis]).sum();
        let shape = self.shape(pieces[0]).with(axis, length);
        self.make(Op::Concatenate(axis), pieces, shape)
    }

    /// So many zeros along an axis, shaped as a value beside it; none if there is no gap.
    fn zeros(&mut self, like: u32, axis: usize, length: usize) -> Option<u32> {
        if length == 0 {
            return None;
        }
        let (shape, dtype) = (self.shape(like).with(axis, length), self.instructions[like as usize].dtype);
        let (op, inputs) = (Op::Constant(Scalar::Integer(0)), SmallVec::new());
        let zero = self.push(Instruction { op, inputs, shape: Shape::scalar(), dtype });
        Some(self.make(Op::Expand, [zero], shape))
    }

    fn sum(&mut self, terms: impl IntoIterator<Item = u32>) -> u32 {
        let sum = terms.into_iter().reduce(|sum, term| {
            let shape = self.shape(sum).clone();
            self.make(Op::Binary(Binary::Add), [sum, term], shape)
        });
        sum.expect("there is a term")
    }

    /// The sum that an instruction of the original program stands for: wholes, then parts, then look-ups.
    fn sum_of(&mut self, sum: Sum, whole: &Instruction, program: &Program, numbers: &[u32]) -> u32 {
        let mut terms: Vec<u32> = sum.wholes.iter().map(|&number| numbers[number as usize]).collect();
        let parts = sum.parts.into_iter().map(|(placement, number)| (placement, numbers[number as usize]));
        let parts: Vec<(Placement, u32)> = parts.collect();
        let places: Vec<_> = parts.iter().map(|(placement, number)| placement.intervals(self.shape(*number))).collect();
        if are_few_shifts(&places, &whole.shape) {
            terms.push(self.shifted(parts, &whole.shape));
        } else if !parts.is_empty() {
            let parts = parts.into_iter().map(|(placement, number)| self.part(&placement, number)).collect();
            terms.push(self.parts_from(parts, &whole.shape, 0));
        }
        for (axis, beside, group) in sum.lookups {
            let (mut entries, mut indices) = (Vec::new(), Vec::new());
            for number in group {
                let inputs = &program.instructions[number as usize].inputs;
                let [entry, index] = [inputs[0], inputs[1]].map(|input| numbers[input as usize]);
                let shape = beside.with(axis, self.shape(index)[axis]);
                entries.push(self.shaped(Op::Expand, entry, &shape));
                indices.push(self.shaped(Op::Expand, index, &shape));
            }
            let both = [self.concatenated(entries, axis), self.concatenated(indices, axis)];
            terms.push(self.make(Op::ScatterAdd { axis }, both, whole.shape.clone()));
        }
        self.sum(terms)
    }

    /// The entries of a value, in the order in which they lie in the whole, and where.
    fn part(&mut self, placement: &Placement, number: u32) -> Part {
        let mut number = number;
        let own = self.shape(number).clone();
        let backwards = placement.backwards(&own);
        if !backwards.is_empty() {
            number = self.make(Op::Flip(backwards), [number], own.clone());
        }
        let order: AxisList = placement.order(own.rank());
        if !order.iter().copied().eq(0..own.rank()) {
            let shape = order.iter().map(|&axis| own[axis]).collect();
            number = self.make(Op::Permute(order), [number], shape);
        }
        let intervals = placement.intervals(&own);
        let counts: Shape = intervals.iter().map(|interval| interval.count).collect();
        Part { entries: self.shaped(Op::Reshape, number, &counts), intervals }
    }

    /// The adjoint of a slice along one axis: entries `step` apart from `start` on, zeros elsewhere.
    fn padded(&mut self, number: u32, axis: usize, start: usize, step: usize, length: usize) -> u32 {
        let shape = self.shape(number).with(axis, length);
        let (mut before, mut between) = (AxisList::from_elem(0, shape.rank()), AxisList::from_elem(0, shape.rank()));
        (before[axis], between[axis]) = (start, step - 1);
        self.make(Op::Pad { before, between }, [number], shape)
    }
}
