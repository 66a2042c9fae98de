//! Sums of parts: values that are zero but for some of their entries are put side by side instead of added up.
//!
//! Every use of a part (a slice, one entry of an axis) sends a whole back in a gradient that is zero elsewhere. The sum of such wholes would
//! take time and memory in the square of their number, as in a recurrence along an axis. Here those that do not overlap become one
//! concatenation, with zeros in the gaps, and many look-ups of one table are scattered together. A part of a part, however deep, is placed in the whole at
//! once. What is not zero keeps its value but for the order of additions; what is zero may be -0.

mod place;
#[cfg(test)]
mod tests;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::op::{Binary, Op, Scalar};
use crate::program::{Instruction, Program};
use crate::shape::{AxisList, Shape};

use place::{Part, Placement};

/// From this many look-ups of one tensor on, their entries are scattered together.
const MANY_LOOKUPS: u32 = 8;

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
    /// A sum with parts among its terms, used once.
    SumOfParts,
    /// A sum with look-ups among its terms and no part, used once.
    SumOfLookUps,
}

/// The values of a program as terms.
struct Terms<'a> {
    program: &'a Program,
    /// How often each value is used.
    uses: Vec<u32>,
    terms: Vec<Term>,
    /// What each sum adds up.
    counts: Vec<Counts>,
}

/// How many terms a sum has, how many of them are parts, and how many look-ups.
#[derive(Clone, Copy, Default)]
struct Counts {
    all: u32,
    parts: u32,
    lookups: u32,
}

/// The terms of one sum, in order.
#[derive(Default)]
struct Sum {
    wholes: Vec<u32>,
    parts: Vec<(Placement, u32)>,
    /// Look-ups along one axis whose entries have one shape but for it.
    lookups: Vec<(usize, Shape, Vec<u32>)>,
}

/// The program with its sums of parts put together; `None` if it has none.
pub(super) fn put_together(program: &Program) -> Option<PutTogether> {
    let count = |is: fn(&Op) -> bool| program.instructions.iter().filter(|instruction| is(&instruction.op)).count();
    let (parts, lookups) = (count(|op| matches!(op, Op::Pad { .. })), count(|op| matches!(op, Op::ScatterAdd { .. })));
    if parts < 2 && lookups < MANY_LOOKUPS as usize {
        return None;
    }
    let terms = Terms::of(program);
    // The last sum first: it takes in those that it is made of.
    let mut absorbed = vec![false; program.instructions.len()];
    let mut sums: FxHashMap<u32, Sum> = FxHashMap::default();
    for number in (0..program.instructions.len()).rev() {
        let counts = terms.counts[number];
        if !absorbed[number] && (counts.parts > 1 || counts.lookups >= MANY_LOOKUPS) {
            sums.insert(number as u32, terms.collected(number as u32, &mut absorbed));
        }
    }
    if sums.is_empty() {
        return None;
    }
    let mut builder = Builder::default();
    let mut numbers: Vec<u32> = Vec::with_capacity(program.instructions.len());
    for (at, instruction) in program.instructions.iter().enumerate() {
        builder.origin = at as u32;
        numbers.push(match sums.remove(&(at as u32)) {
            Some(sum) => builder.sum_of(sum, instruction, program, &numbers),
            None if absorbed[at] => u32::MAX,
            None => {
                let inputs = instruction.inputs.iter().map(|&input| numbers[input as usize]).collect();
                builder.push(Instruction { inputs, ..instruction.clone() })
            }
        });
    }
    let outputs = program.outputs.iter().map(|&output| numbers[output as usize]).collect();
    Some(PutTogether { program: Program { instructions: builder.instructions, outputs }, origins: builder.origins })
}

/// Sizes other than 1.
fn real_sizes(shape: &Shape) -> impl Iterator<Item = usize> {
    shape.iter().copied().filter(|&size| size != 1)
}

impl Terms<'_> {
    fn of(program: &Program) -> Terms<'_> {
        let count = program.instructions.len();
        let mut uses = vec![0u32; count];
        let inputs = program.instructions.iter().flat_map(|instruction| &instruction.inputs);
        inputs.chain(&program.outputs).for_each(|&used| uses[used as usize] += 1);
        let mut all = Terms { program, uses, terms: Vec::with_capacity(count), counts: Vec::with_capacity(count) };
        for number in 0..count {
            let (term, counts) = all.term(number);
            all.terms.push(term);
            all.counts.push(counts);
        }
        all
    }

    fn instruction(&self, number: u32) -> &Instruction {
        &self.program.instructions[number as usize]
    }

    /// What a value is as a term, and what it adds up, given the same of those before it.
    fn term(&self, number: usize) -> (Term, Counts) {
        let Instruction { op, inputs, shape, .. } = &self.program.instructions[number];
        let input = |which: usize| self.terms[inputs[which] as usize];
        let inner = |which: usize| &self.instruction(inputs[which]).shape;
        let once = self.uses[number] == 1;
        let term = match op {
            Op::Pad { .. } if inner(0).elements() == 0 => Term::Whole,
            Op::Pad { .. } if input(0) == Term::SumOfParts && once => Term::SumOfParts,
            Op::Pad { .. } => Term::Part,
            Op::Reshape if !real_sizes(shape).eq(real_sizes(inner(0))) => Term::Whole,
            Op::Flip(_) | Op::Permute(_) | Op::Reshape => match input(0) {
                Term::Part => Term::Part,
                Term::SumOfParts if once => Term::SumOfParts,
                _ => Term::Whole,
            },
            Op::ScatterAdd { .. } => Term::LookUp,
            Op::Binary(Binary::Add) if inner(0) == shape && inner(1) == shape => {
                let mut counts = Counts::default();
                for which in 0..2 {
                    let more = match input(which) {
                        Term::Whole => Counts { all: 1, parts: 0, lookups: 0 },
                        Term::Part => Counts { all: 1, parts: 1, lookups: 0 },
                        Term::LookUp => Counts { all: 1, parts: 0, lookups: 1 },
                        Term::SumOfParts | Term::SumOfLookUps => self.counts[inputs[which] as usize],
                    };
                    counts.all += more.all;
                    counts.parts += more.parts;
                    counts.lookups += more.lookups;
                }
                let term = match counts {
                    Counts { parts: 1.., .. } if once => Term::SumOfParts,
                    Counts { lookups: 1.., .. } if once => Term::SumOfLookUps,
                    _ => Term::Whole,
                };
                return (term, counts);
            }
            _ => Term::Whole,
        };
        if term != Term::SumOfParts {
            return (term, Counts::default());
        }
        // Of a sum that is moved into a whole, every term is a part of that.
        let all = self.counts[inputs[0] as usize].all;
        (term, Counts { all, parts: all, lookups: 0 })
    }

    /// The terms of a sum. What it takes in is needed by nobody else.
    fn collected(&self, root: u32, absorbed: &mut [bool]) -> Sum {
        let mut sum = Sum::default();
        let mut lookups: Vec<u32> = Vec::new();
        // The first part in the form in which it is added, should it be the only one.
        let mut outermost = None;
        let mut pending: Vec<(u32, Placement)> = vec![(root, Placement::whole(&self.instruction(root).shape))];
        while let Some((number, placement)) = pending.pop() {
            let instruction = self.instruction(number);
            let term = if number == root { Term::SumOfParts } else { self.terms[number as usize] };
            let is_sum = matches!(term, Term::SumOfParts | Term::SumOfLookUps);
            match (&instruction.op, term) {
                (Op::Binary(Binary::Add), _) if is_sum => {
                    absorbed[number as usize] = true;
                    pending.extend(instruction.inputs.iter().rev().map(|&input| (input, placement.clone())));
                }
                (op, Term::Part | Term::SumOfParts) => {
                    absorbed[number as usize] |= is_sum;
                    outermost = outermost.or((placement.is_whole()).then_some(number));
                    let input = instruction.inputs[0];
                    let inner = placement.within(op, &instruction.shape, &self.instruction(input).shape);
                    let goes_on = match self.terms[input as usize] {
                        Term::Part => true,
                        Term::SumOfParts => is_sum,
                        _ => false,
                    };
                    if goes_on { pending.push((input, inner)) } else { sum.parts.push((inner, input)) }
                }
                (_, Term::LookUp) if placement.is_whole() => lookups.push(number),
                _ if placement.is_whole() => sum.wholes.push(number),
                _ => sum.parts.push((placement, number)),
            }
        }
        absorbed[root as usize] = false;
        if let ([_], Some(outermost)) = (&sum.parts[..], outermost) {
            sum.parts.clear();
            sum.wholes.push(outermost);
        }
        self.group(lookups, &mut sum, absorbed);
        sum
    }

    /// Look-ups by what they have in common; those of a small group stay as they are.
    fn group(&self, lookups: Vec<u32>, sum: &mut Sum, absorbed: &mut [bool]) {
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
            let many = group.len() >= MANY_LOOKUPS as usize;
            for &number in group {
                if !many {
                    wholes.push(number);
                } else if self.uses[number as usize] == 1 {
                    absorbed[number as usize] = true;
                }
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
        let parts: Vec<Part> =
            sum.parts.into_iter().map(|(placement, number)| self.part(&placement, numbers[number as usize])).collect();
        if !parts.is_empty() {
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
