//! Kernels that do the operation before theirs as well: entries of several values are scattered without being put together first, and of an order
//! of which only the beginning is asked for nothing else is sorted.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::op::Op;
use crate::plan::simplify::Simplified;
use crate::program::Instruction;

/// What a kernel computes from which values.
#[derive(Clone, Debug)]
pub(in crate::plan) struct Call {
    pub(in crate::plan) op: Op,
    pub(in crate::plan) inputs: SmallVec<[u32; 4]>,
}

/// The kernels that are not what their instruction says, by their value.
#[derive(Default)]
pub(in crate::plan) struct Calls(FxHashMap<u32, Call>);

impl Calls {
    /// Finds them among what is needed; what only they need is needed no longer.
    pub(super) fn of(program: &Simplified, needed: &mut [bool]) -> Calls {
        let mut readers = vec![0usize; needed.len()];
        program.outputs.iter().for_each(|&output| readers[output as usize] += 1);
        let present = (0..needed.len()).filter(|&value| needed[value]);
        present
            .clone()
            .flat_map(|value| &program.instructions[value].inputs)
            .for_each(|&input| readers[input as usize] += 1);
        let mut calls = Calls::default();
        for value in present.collect::<Vec<_>>() {
            let instruction = &program.instructions[value];
            let Some(call) = scattered(program, instruction).or_else(|| first_of_order(program, instruction, &readers))
            else {
                continue;
            };
            for &input in &instruction.inputs {
                readers[input as usize] -= 1;
                needed[input as usize] = readers[input as usize] > 0;
            }
            calls.0.insert(value as u32, call);
        }
        calls
    }

    pub(in crate::plan) fn get(&self, value: u32) -> Option<&Call> {
        self.0.get(&value)
    }
}

/// A scatter of values that lie one after the other: first they, then their indices.
fn scattered(program: &Simplified, Instruction { op, inputs, .. }: &Instruction) -> Option<Call> {
    let Op::ScatterAdd { axis } = *op else { return None };
    let [entries, indices] = [0, 1].map(|which| &program.instructions[inputs[which] as usize]);
    let cut = |whole: &Instruction| -> SmallVec<[usize; 4]> {
        whole.inputs.iter().map(|&piece| program.instructions[piece as usize].shape[axis]).collect()
    };
    let both = [entries, indices].iter().all(|whole| whole.op == Op::Concatenate(axis));
    (both && cut(entries) == cut(indices))
        .then(|| Call { op: op.clone(), inputs: entries.inputs.iter().chain(&indices.inputs).copied().collect() })
}

/// The beginning of an order that nobody needs as a whole.
fn first_of_order(program: &Simplified, instruction: &Instruction, readers: &[usize]) -> Option<Call> {
    let Instruction { op: Op::Slice { starts, steps }, inputs, shape, .. } = instruction else { return None };
    let order = &program.instructions[inputs[0] as usize];
    let Op::ArgSort { axis, .. } = order.op else { return None };
    let first = starts.iter().all(|&start| start == 0) && steps.iter().all(|&step| step == 1);
    // Of whole lines, so that the kernel knows from its result how many are asked for.
    let whole = shape.elements() > 0 && *shape == order.shape.with(axis, shape[axis]);
    (first && whole && readers[inputs[0] as usize] == 1)
        .then(|| Call { op: order.op.clone(), inputs: order.inputs.iter().copied().collect() })
}
