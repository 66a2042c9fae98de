//! From a graph to its values: the wanted nodes are brought into a canonical form, compiled once into a plan, and the plan is
//! run on the values at hand.
//!
//! The canonical form holds the structure only: numbers and data are slots filled at run time. Two training steps that differ in
//! nothing but values share one plan.

mod cache;
mod canonical;

use std::sync::Arc;

pub use cache::{PlanStatistics, plan_statistics};
pub(crate) use canonical::{Instruction, Program};

use crate::exec;
use crate::tensor::Tensor;

/// A compiled program: what to run, and when a value is read for the last time.
pub(crate) struct Plan {
    pub(crate) program: Program,
    /// Per instruction, the values that nothing reads after it.
    pub(crate) released: Vec<smallvec::SmallVec<[u32; 2]>>,
}

impl Plan {
    /// Plans the lifetimes of a program's values.
    fn compile(program: Program) -> Plan {
        let mut last_use: Vec<usize> = (0..program.instructions.len()).collect();
        for (at, instruction) in program.instructions.iter().enumerate() {
            for &input in &instruction.inputs {
                last_use[input as usize] = at;
            }
        }
        for &output in &program.outputs {
            last_use[output as usize] = usize::MAX;
        }
        let mut released = vec![smallvec::SmallVec::new(); program.instructions.len()];
        for (value, &at) in last_use.iter().enumerate() {
            if at != usize::MAX {
                released[at].push(value as u32);
            }
        }
        Plan { program, released }
    }
}

/// Computes the given tensors together: what they share is computed once, and what they do not need is not computed at all.
///
/// Reading a tensor evaluates it by itself; this function is for several at a time, such as a loss and its gradients.
///
/// ```
/// use minimand_tensor::{Tensor, eval};
/// let x = Tensor::from([1.0, 2.0]);
/// let loss = x.square().sum();
/// let slope = loss.grad(&x);
/// eval([&loss, &slope]);
/// assert!(loss.is_evaluated() && slope.is_evaluated());
/// ```
///
/// # Panics
/// When an index of a [`take_along_axis`](Tensor::take_along_axis), [`index_select`](Tensor::index_select) or
/// [`scatter_add`](Tensor::scatter_add) is out of range; the message names the line that made it.
pub fn eval<'a>(tensors: impl IntoIterator<Item = &'a Tensor>) {
    let wanted: Vec<&Tensor> = tensors.into_iter().filter(|tensor| !tensor.is_evaluated()).collect();
    if wanted.is_empty() {
        return;
    }
    let canonical = canonical::canonicalise(&wanted);
    let plan: Arc<Plan> = cache::plan_for(canonical.program);
    let values = exec::run(&plan, canonical.slots, &canonical.locations);
    for (tensor, value) in wanted.into_iter().zip(values) {
        tensor.set_value(value);
    }
}
