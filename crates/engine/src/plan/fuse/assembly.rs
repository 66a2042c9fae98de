//! Paddings and concatenations that a pass puts together as it reads their pieces, so that the whole takes no memory: shifted reads of one array
//! and their adjoint, rolls, rests with something in front.

use crate::op::{Op, Scalar};
use crate::plan::fuse::Fusion;
use crate::plan::simplify::Simplified;
use crate::program::Instruction;

/// Of more pieces, most would lie outside of what is read at a time.
const MOST_PIECES: usize = 8;

/// Which values a pass may put together: those that an elementwise operation or a reduction reads entry by entry. Whatever else needs one needs
/// it in memory anyway.
pub(super) fn assembled(program: &Simplified, needed: &[bool]) -> Vec<bool> {
    let mut read = vec![false; needed.len()];
    for (value, Instruction { op, inputs, shape, .. }) in program.instructions.iter().enumerate().rev() {
        let elementwise = matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast);
        // Through a view of the same entries in the same order.
        let seen_through = matches!(op, Op::Reshape | Op::Detach) && read[value];
        if !needed[value] || !(elementwise || seen_through || matches!(op, Op::Reduce(..))) {
            continue;
        }
        for &input in inputs {
            let whole = !elementwise || program.instructions[input as usize].shape.elements() == shape.elements();
            read[input as usize] |= whole;
        }
    }
    (0..needed.len()).map(|value| needed[value] && read[value] && has_pieces(program, value)).collect()
}

/// Whether a value is made of a few pieces, none of which is all of it.
fn has_pieces(program: &Simplified, value: usize) -> bool {
    let Instruction { op, inputs, shape, dtype } = &program.instructions[value];
    let even = match op {
        Op::Pad { between, .. } => between.iter().all(|&between| between == 0),
        Op::Concatenate(_) => true,
        _ => false,
    };
    let elements = |&input: &u32| program.instructions[input as usize].shape.elements();
    even && dtype.is_float()
        && inputs.len() <= 2 * MOST_PIECES + 1
        && inputs.iter().filter(|&&input| !is_zero(program, input)).count() <= MOST_PIECES
        && inputs.iter().all(|input| (1..shape.elements()).contains(&elements(input)))
}

/// Whether a value is nothing but zeros, which are there before anything is put among them.
pub(in crate::plan) fn is_zero(program: &Simplified, value: u32) -> bool {
    let instruction = &program.instructions[value as usize];
    match instruction.op {
        Op::Expand => is_zero(program, instruction.inputs[0]),
        Op::Constant(Scalar::Integer(number)) => number == 0,
        Op::Constant(Scalar::Float(number)) => number.to_bits() == 0,
        _ => false,
    }
}

impl Fusion<'_> {
    /// Where the pieces of a value begin in it, along each axis, for each of its inputs that is not all zeros.
    pub(in crate::plan) fn pieces(&self, value: u32) -> Vec<(usize, Vec<usize>)> {
        let Instruction { op, inputs, shape, .. } = self.instruction(value);
        match op {
            Op::Pad { before, .. } => vec![(0, before.to_vec())],
            Op::Concatenate(axis) => {
                let mut pieces = Vec::new();
                let mut starts = vec![0; shape.rank()];
                for (which, &input) in inputs.iter().enumerate() {
                    if !is_zero(self.program, input) {
                        pieces.push((which, starts.clone()));
                    }
                    starts[*axis] += self.instruction(input).shape[*axis];
                }
                pieces
            }
            _ => unreachable!("nothing else has pieces"),
        }
    }
}
