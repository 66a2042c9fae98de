//! Execution: the plan's kernels, and the reference evaluator that says what they must compute.

#[allow(unsafe_code)]
mod buffer;
#[allow(unsafe_code)]
mod dispatch;
mod elementwise;
mod functions;
mod index;
#[allow(unsafe_code)]
mod matmul;
mod movement;
mod reduce;
pub mod reference;
mod threads;
mod view;

use std::panic::Location;
use std::sync::Arc;

use buffer::Filling;
pub use buffer::{Buffer, MemoryStatistics, memory_statistics, release_unused_memory};
pub use threads::{set_threads, threads};
use view::View;

use crate::op::Op;
use crate::plan::{Instruction, Plan};
use crate::storage::Storage;

/// Runs a plan on the data of its slots; returns the wanted values.
pub(crate) fn run(
    plan: &Plan,
    slots: Vec<Arc<Storage>>,
    locations: &[&'static Location<'static>],
) -> Vec<Arc<Storage>> {
    let mut slots = slots.into_iter();
    let mut values: Vec<Option<View>> = vec![None; plan.program.instructions.len()];
    for (at, instruction) in plan.program.instructions.iter().enumerate() {
        let value = match instruction.op {
            Op::Data => {
                let storage = slots.next().expect("canonicalisation makes one slot for each Op::Data");
                View::contiguous(storage, instruction.shape.clone())
            }
            _ => {
                let inputs: smallvec::SmallVec<[&View; 2]> = instruction
                    .inputs
                    .iter()
                    .map(|&input| {
                        values[input as usize].as_ref().expect("inputs are computed before and released after")
                    })
                    .collect();
                compute(instruction, &inputs, locations[at])
            }
        };
        values[at] = Some(value);
        for &finished in &plan.released[at] {
            values[finished as usize] = None;
        }
    }
    let outputs = plan.program.outputs.iter();
    outputs.map(|&output| values[output as usize].as_ref().expect("outputs are never released").to_storage()).collect()
}

/// Computes one instruction.
fn compute(instruction: &Instruction, inputs: &[&View], location: &Location<'_>) -> View {
    let Instruction { op, shape, dtype, .. } = instruction;
    let storage = match op {
        Op::Data | Op::Constant(_) => unreachable!("data and constants are slots"),
        Op::Iota => {
            let mut positions = Filling::of(shape[0]);
            positions.extend((0..shape[0]).map(|position| position as i64));
            Storage::I64(positions.finish())
        }
        Op::Unary(unary) => elementwise::unary(*unary, inputs[0]),
        Op::Binary(binary) => elementwise::binary(*binary, inputs[0], inputs[1], shape),
        Op::Select => elementwise::select(inputs[0], inputs[1], inputs[2], shape),
        Op::Cast => elementwise::cast(inputs[0], *dtype),
        Op::Reduce(reduction, axes) => reduce::reduce(*reduction, inputs[0], axes, shape),
        Op::CumulativeSum { axis, reverse } => reduce::cumulative_sum(inputs[0], *axis, *reverse),
        Op::ArgMax { axis } => reduce::argmax(inputs[0], *axis),
        Op::ArgSort { axis, descending } => reduce::argsort(inputs[0], *axis, *descending),
        Op::Detach => return inputs[0].clone(),
        Op::Reshape => return inputs[0].reshape(shape),
        Op::Permute(order) => return inputs[0].permute(order),
        Op::Expand => return inputs[0].expand(shape),
        Op::Slice { starts, steps } => return inputs[0].slice(starts, steps, shape),
        Op::Flip(axes) => return inputs[0].flip(axes),
        Op::Windows { axis, step, dilation } => return inputs[0].windows(*axis, *step, *dilation, shape),
        Op::Pad { before, between } => movement::pad(inputs[0], before, between, shape),
        Op::Concatenate(axis) => movement::concatenate(inputs, *axis, shape),
        Op::OverlapAdd { axis, step, dilation } => movement::overlap_add(inputs[0], *axis, *step, *dilation, shape),
        Op::Gather { axis } => index::gather(inputs[0], inputs[1], *axis, shape, location),
        Op::ScatterAdd { axis } => index::scatter_add(inputs[0], inputs[1], *axis, shape, location),
        Op::MatrixMultiply => matmul::matmul(inputs[0], inputs[1], shape),
    };
    View::contiguous(Arc::new(storage), shape.clone())
}
