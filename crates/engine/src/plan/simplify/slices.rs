//! Reductions of a few entries as operations on slices, which a pass reads where they lie, all at once; and parts of values, computed from the
//! parts of what they are made of.

use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Reduction, Unary};
use crate::plan::simplify::Rewriter;
use crate::plan::views::Layout;
use crate::program::Instruction;
use crate::shape::{AxisList, Shape};

/// Up to so many entries apart from each other are reduced one after the other.
pub(super) const UNROLLED: usize = 4;

/// Up to so many quick operations are computed for each part of a value, from the parts of what it is made of.
const COMPUTED_IN_PARTS: usize = 8;

/// Of what windows are taken of, up to so many of them, one on the other, are computed again for each window.
const LITTLE: usize = 2;

/// Values that are reduced one with the other. A few are taken in their order, more of them in pairs, and pairs of these, so that an error of a
/// sum does not grow with their number.
pub(super) struct Terms {
    reduction: Reduction,
    in_pairs: bool,
    /// What is to be joined, and of how many pairs of pairs each is made.
    pending: SmallVec<[(u32, usize); 6]>,
}

impl Terms {
    pub(super) fn of(reduction: Reduction, count: usize) -> Terms {
        Terms { reduction, in_pairs: count > UNROLLED, pending: SmallVec::new() }
    }
}

impl Rewriter {
    /// A reduction of a few entries that do not lie side by side, as operations on slices: those are read as they lie, all in one pass.
    /// With `in_parts`, quick operations that lead to the entries are computed for each slice, so that the whole need not be stored.
    pub(super) fn unrolled(
        &mut self,
        input: u32,
        reduction: Reduction,
        axes: &AxisList,
        in_parts: bool,
        origin: u32,
    ) -> u32 {
        let shape = self.of(input).shape.clone();
        let part = shape.keeping(axes);
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        let steps: AxisList = SmallVec::from_elem(1, shape.rank());
        let mut terms = Terms::of(reduction, count);
        for number in 0..count {
            let mut starts: AxisList = SmallVec::from_elem(0, shape.rank());
            let mut left = number;
            for &axis in axes.iter().rev() {
                starts[axis] = left % shape[axis];
                left /= shape[axis];
            }
            let slice = (Op::Slice { starts, steps: steps.clone() }, part.clone());
            let mut most = if in_parts { COMPUTED_IN_PARTS } else { 0 };
            let slice = self.part(input, &[slice], &mut most, origin);
            self.reduce_with(&mut terms, slice, origin);
        }
        self.reduced(terms, origin)
    }

    /// The part of a value that movements lead to, the last of them a slice. Where the value is at most so many quick operations away from
    /// others, it is computed from their parts.
    fn part(&mut self, number: u32, moves: &[(Op, Shape)], most: &mut usize, origin: u32) -> u32 {
        let Instruction { op, inputs, shape, dtype } = self.of(number).clone();
        let (_, part) = moves.last().expect("at least the slice");
        match op {
            Op::Reshape if *most > 0 => {
                let mut all: SmallVec<[(Op, Shape); 2]> = smallvec![(op, shape)];
                all.extend(moves.iter().cloned());
                return self.part(inputs[0], &all, most, origin);
            }
            Op::Windows { axis, step, dilation } if *most > 0 && moves.len() == 1 && part.last() == Some(&1) => {
                // One entry of each window: every so many entries of what the windows are of.
                let Op::Slice { starts, steps } = &moves[0].0 else { unreachable!("the last movement is a slice") };
                let (last, axis) = (shape.rank() - 1, axis);
                let [mut own_starts, mut own_steps] =
                    [starts, steps].map(|list| -> AxisList { SmallVec::from_slice(&list[..last]) });
                own_starts[axis] = starts[axis] * step + starts[last] * dilation;
                own_steps[axis] = steps[axis] * step;
                let slice = Op::Slice { starts: own_starts, steps: own_steps };
                // Each of them belongs to several windows: what takes more than to read it is stored.
                let mut most = if self.is_little(inputs[0], LITTLE) { *most } else { 0 };
                let entries = self.part(inputs[0], &[(slice, part.without(&[last]))], &mut most, origin);
                return self.make(Op::Reshape, smallvec![entries], part.clone(), dtype, origin);
            }
            _ if is_quick(&op) && *most > 0 && inputs.iter().all(|&input| self.has_part(input, &shape, moves)) => {
                *most -= 1;
                let mut parts = SmallVec::new();
                for input in inputs {
                    let own = &self.of(input).shape;
                    parts.push(if own.elements() == 1 || moves.len() == 1 && repeats_alike(own, &shape, part) {
                        // Repeated over the part as over the whole.
                        self.scalar(input, origin)
                    } else {
                        let whole = self.expanded(input, &shape, origin);
                        self.part(whole, moves, most, origin)
                    });
                }
                return self.make(op, parts, part.clone(), dtype, origin);
            }
            _ => {}
        }
        let moved =
            |number, (op, shape): &(Op, Shape)| self.make(op.clone(), smallvec![number], shape.clone(), dtype, origin);
        moves.iter().fold(number, moved)
    }

    /// Whether a value is at most so many quick operations away from values that are there anyway.
    fn is_little(&self, number: u32, most: usize) -> bool {
        let Instruction { op, inputs, .. } = self.of(number);
        match **inputs {
            [x] if matches!(op, Op::Reshape | Op::Expand) => self.is_little(x, most),
            _ if !is_quick(op) => true,
            [x] => most > 0 && self.is_little(x, most - 1),
            _ => most > 0 && inputs.iter().all(|&input| self.is_little(input, 0)),
        }
    }

    /// Whether the part of an operand, repeated over a shape, can be read where it lies.
    fn has_part(&self, input: u32, shape: &Shape, moves: &[(Op, Shape)]) -> bool {
        let Instruction { shape: own, dtype, .. } = self.of(input);
        let whole = Layout::whole(input, own.clone(), *dtype);
        let repeated = whole.moved(&Op::Expand, shape);
        let moved = moves.iter().fold(repeated, |layout, (op, shape)| layout?.moved(op, shape));
        own == shape || moved.is_some()
    }

    /// Adds a term to those that are reduced.
    pub(super) fn reduce_with(&mut self, terms: &mut Terms, term: u32, origin: u32) {
        terms.pending.push((term, 0));
        while let [.., (_, before), (_, last)] = terms.pending[..]
            && (before == last || !terms.in_pairs)
        {
            self.join(terms, origin);
        }
    }

    /// The reduction of all terms, of which there is at least one.
    pub(super) fn reduced(&mut self, mut terms: Terms, origin: u32) -> u32 {
        while terms.pending.len() > 1 {
            self.join(&mut terms, origin);
        }
        terms.pending[0].0
    }

    /// Makes one of the last two.
    fn join(&mut self, terms: &mut Terms, origin: u32) {
        let pending = &mut terms.pending;
        let ((last, _), (before, depth)) = (pending.pop().expect("two terms"), pending.pop().expect("two terms"));
        // Of equal ones, zeros of two signs, the first is the extreme: an operation gives the second operand then.
        let (binary, inputs) = match terms.reduction {
            Reduction::Sum => (Binary::Add, smallvec![before, last]),
            Reduction::Max => (Binary::Maximum, smallvec![last, before]),
            Reduction::Min => (Binary::Minimum, smallvec![last, before]),
        };
        let Instruction { shape, dtype, .. } = self.of(last).clone();
        let both = self.make(Op::Binary(binary), inputs, shape, dtype, origin);
        terms.pending.push((both, depth + 1));
    }

    /// One number without axes; anything else as it is.
    fn scalar(&mut self, number: u32, origin: u32) -> u32 {
        let Instruction { shape, dtype, .. } = self.of(number);
        if shape.elements() != 1 || shape.rank() == 0 {
            return number;
        }
        let dtype = *dtype;
        self.make(Op::Reshape, smallvec![number], Shape::scalar(), dtype, origin)
    }
}

/// Whether an operation costs less than to store its result and to read it.
pub(super) fn is_quick(op: &Op) -> bool {
    match op {
        Op::Unary(unary) => matches!(unary, Unary::Negate | Unary::Abs | Unary::Sign),
        Op::Binary(binary) => !matches!(binary, Binary::Power | Binary::Divide),
        Op::Select | Op::Cast => true,
        _ => false,
    }
}

/// Whether a shape that repeats over `whole` repeats over the part in the same way: it has one entry along each axis that is cut.
fn repeats_alike(shape: &Shape, whole: &Shape, part: &Shape) -> bool {
    let rank = whole.rank();
    let own = |axis: usize| (axis + shape.rank()).checked_sub(rank).map_or(1, |axis| shape[axis]);
    (0..rank).all(|axis| own(axis) == 1 || whole[axis] == part[axis])
}
