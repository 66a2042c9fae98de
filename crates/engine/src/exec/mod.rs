//! Execution of plans: the interpreter of tiles, kernels, matrix products, elementary functions, threads.

mod accumulate;
mod dispatch;
mod elementwise;
pub(crate) mod environment;
pub(crate) mod functions;
mod index;
mod matmul;
mod movement;
mod pairs;
#[cfg(feature = "parallel")]
mod pool;
mod product;
mod reduce;
mod scatter;
mod sort;
mod strided;
mod threads;
pub(crate) mod tiles;
mod together;
mod trim;
mod vectors;
mod view;

use std::panic::Location;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::buffer::Filling;
pub use dispatch::Target;
#[cfg(test)]
pub(crate) use dispatch::{Level, without_code};
pub use environment::check_environment;
pub use threads::{set_threads, threads};
use view::View;

use crate::jit::Code;
use crate::op::{Op, Reduction};
use crate::plan::{self, Plan, Work};
use crate::storage::Storage;

/// Runs a plan, whose passes may have machine code, on the data of its slots; returns the wanted values.
pub(crate) fn run(
    plan: &Plan,
    code: &[Option<Code>],
    slots: Vec<Arc<Storage>>,
    locations: &[&'static Location<'static>],
) -> Vec<Arc<Storage>> {
    let mut code = code.iter();
    let mut values: Vec<Option<Arc<Storage>>> = vec![None; plan.values];
    for (&value, storage) in plan.slots.iter().zip(slots) {
        if let Some(value) = value {
            values[value as usize] = Some(storage);
        }
    }
    for (value, storage) in &plan.constants {
        values[*value as usize] = Some(Arc::clone(storage));
    }
    let mut next = 0;
    while let Some(step) = plan.steps.get(next) {
        let run = 1 + plan.steps[next..].iter().take_while(|step| step.joined).count();
        let steps = &plan.steps[next..next + run];
        next += run;
        match &step.work {
            _ if run > 1 => together::run(steps, code.next().and_then(Option::as_ref), &mut values, locations),
            Work::Pass(pass) => {
                let code = code.next().and_then(Option::as_ref);
                tiles::run(pass, code, &mut values, locations);
            }
            Work::Product(product) => {
                values[product.value as usize] = Some(product::run(product, &values));
            }
            Work::Pairs(pairs) => {
                values[pairs.value as usize] = Some(pairs::run(pairs, &values));
            }
            Work::Kernel(kernel) => {
                let inputs: SmallVec<[View; 2]> =
                    kernel.inputs.iter().map(|layout| View::of(layout, &values)).collect();
                let read: SmallVec<[(View, bool); 1]> =
                    kernel.read.iter().map(|read| (View::of(&read.mask, &values), read.seen)).collect();
                values[kernel.value as usize] =
                    Some(compute(kernel, &inputs, &read, locations[kernel.origin as usize]));
            }
        }
        for &finished in steps.iter().flat_map(|step| &step.released) {
            values[finished as usize] = None;
        }
    }
    let outputs = plan.outputs.iter();
    let mut outputs: Vec<Arc<Storage>> =
        outputs.map(|&output| values[output as usize].clone().expect("what is wanted is computed and kept")).collect();
    let indices = outputs.split_off(outputs.len() - plan.checks.len());
    for (check, indices) in plan.checks.iter().zip(indices) {
        for &position in indices.typed::<i64>() {
            index::checked(position, check.size, check.operation, locations[check.origin as usize]);
        }
    }
    outputs
}

/// Computes an operation that no pass can compute.
fn compute(kernel: &plan::KernelCall, inputs: &[View], read: &[(View, bool)], location: &Location<'_>) -> Arc<Storage> {
    let plan::KernelCall { op, shape, dtype, .. } = kernel;
    let Some(op) = op else { return inputs[0].to_storage() };
    let all: SmallVec<[&View; 2]> = inputs.iter().collect();
    let inputs = &all[..];
    if let Op::Reduce(reduction, _) = op
        && inputs[0].shape.elements() == 0
    {
        return Arc::new(reduce::of_nothing(*reduction, shape, *dtype));
    }
    if shape.elements() == 0 && matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Select | Op::Cast) {
        return Arc::new(reduce::of_nothing(Reduction::Sum, shape, *dtype));
    }
    Arc::new(match op {
        Op::Data | Op::Constant(_) => unreachable!("data and constants are slots"),
        Op::Detach
        | Op::Reshape
        | Op::Permute(_)
        | Op::Expand
        | Op::Slice { .. }
        | Op::Flip(_)
        | Op::Windows { .. } => {
            unreachable!("views are worked out when the plan is compiled")
        }
        Op::Accumulate => unreachable!("it is taken apart when the plan is compiled"),
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
        Op::ArgSort { axis, descending } => sort::argsort(inputs[0], *axis, *descending, shape),
        Op::Pad { before, between } => movement::pad(inputs[0], before, between, shape),
        Op::Concatenate(axis) => movement::concatenate(inputs, *axis, shape),
        Op::OverlapAdd { axis, step, dilation } => movement::overlap_add(inputs[0], *axis, *step, *dilation, shape),
        Op::Gather { axis } => index::gather(inputs[0], inputs[1], *axis, shape, location),
        Op::ScatterAdd { axis } => scatter::scatter_add(inputs, *axis, shape, location),
        Op::MatrixMultiply => matmul::matmul(inputs[0], inputs[1], shape, read),
    })
}
