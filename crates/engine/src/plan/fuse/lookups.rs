//! Entries that indices name, which a pass reads from their table where it needs them: rows of embeddings, entries in order. A copy of them would
//! be written and read again.

use crate::op::Op;
use crate::plan::simplify::Simplified;
use crate::program::Instruction;

/// Which values a pass looks up, of those that are needed. What is needed in memory as well is written there by the pass, whose rows threads share.
pub(super) fn looked_up(program: &Simplified, needed: &[bool]) -> Vec<bool> {
    (0..needed.len()).map(|value| needed[value] && is_lookup(program, value)).collect()
}

/// Whether a value consists of numbers that indices name in a table. Of rows that a pass walks through anyway, it picks the one entry of each.
fn is_lookup(program: &Simplified, value: usize) -> bool {
    let Instruction { op: Op::Gather { axis }, inputs, shape, dtype } = &program.instructions[value] else {
        return false;
    };
    let [table, index] = [0, 1].map(|which| &program.instructions[inputs[which] as usize].shape);
    let picks = table[*axis] > 1
        && index[*axis] == 1
        && table[axis + 1..].iter().all(|&size| size == 1)
        && index.elements() == table.elements() / table[*axis]
        && index.elements() == shape.elements();
    dtype.is_float() && table.elements() > 0 && shape.elements() > 0 && !picks
}
