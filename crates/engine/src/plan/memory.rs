//! The bytes that a plan takes, so that the cache can keep within its bound.

use smallvec::{Array, SmallVec};

use crate::plan::pass::{Pass, TileInstruction};
use crate::plan::product::{Finish, Matrices, Product};
use crate::plan::steps::{Plan, Step, Work};
use crate::plan::views::Layout;
use crate::storage::Storage;

/// What an allocation costs beside its bytes.
const ALLOCATION: usize = 16;

/// The bytes of a list, without what its entries own.
fn list<T>(list: &Vec<T>) -> usize {
    if list.capacity() == 0 { 0 } else { list.capacity() * size_of::<T>() + ALLOCATION }
}

/// The bytes of a short list that do not lie within itself.
fn spilled<A: Array>(list: &SmallVec<A>) -> usize {
    if list.spilled() { list.capacity() * size_of::<A::Item>() + ALLOCATION } else { 0 }
}

impl Plan {
    /// The bytes that the plan takes: its steps and its constants. What few plans have (lists of more axes than usual) is left out.
    pub(crate) fn bytes(&self) -> usize {
        let constants = self.constants.len() * (size_of::<Storage>() + 64 + 2 * ALLOCATION);
        size_of::<Plan>()
            + list(&self.slots)
            + list(&self.constants)
            + constants
            + list(&self.outputs)
            + list(&self.steps)
            + self.steps.iter().map(Step::bytes).sum::<usize>()
    }
}

impl Step {
    fn bytes(&self) -> usize {
        let work = match &self.work {
            Work::Pass(pass) => pass.bytes(),
            Work::Kernel(kernel) => {
                size_of_val(&**kernel)
                    + if kernel.inputs.spilled() { kernel.inputs.len() * size_of::<Layout>() } else { 0 }
            }
            Work::Product(product) => product.bytes(),
            Work::Pairs(pairs) => size_of_val(&**pairs) + spilled(&pairs.factors),
        };
        work + ALLOCATION + spilled(&self.released)
    }
}

impl Pass {
    fn bytes(&self) -> usize {
        let instructions = |all: &Vec<TileInstruction>| {
            let places = all.iter().map(|instruction| spilled(&instruction.inputs) + spilled(&instruction.outputs));
            list(all) + places.sum::<usize>()
        };
        let phases = self.phases.iter().map(|phase| instructions(&phase.full) + instructions(&phase.rows));
        size_of::<Pass>()
            + list(&self.memory)
            + list(&self.loads)
            + list(&self.assemblies)
            + self.assemblies.iter().map(|assembly| spilled(&assembly.pieces)).sum::<usize>()
            + list(&self.lookups)
            + self.lookups.iter().map(|lookup| spilled(&lookup.axes)).sum::<usize>()
            + list(&self.indices)
            + instructions(&self.prologue)
            + list(&self.phases)
            + phases.sum::<usize>()
            + list(&self.row_sums)
            + list(&self.totals)
            + list(&self.across)
            + list(&self.outputs)
    }
}

impl Product {
    fn bytes(&self) -> usize {
        let operand = |matrices: &Matrices| spilled(&matrices.rows) + spilled(&matrices.columns);
        let finish = match &self.finish {
            Finish::Each | Finish::Sum { .. } => 0,
            Finish::Overlap(overlap) => size_of_val(&**overlap) + spilled(&overlap.rows) + spilled(&overlap.columns),
        };
        size_of::<Product>() + operand(&self.left) + operand(&self.right) + finish
    }
}
