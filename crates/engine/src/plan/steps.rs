//! A plan: the steps of a program, as data.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::Op;
use crate::plan::pairs::Pairs;
use crate::plan::pass::{Operation, Pass, Source};
use crate::plan::product::Product;
use crate::plan::simplify::Check;
use crate::plan::views::Layout;
use crate::shape::Shape;
use crate::storage::Storage;

/// What a plan must know of the machine that it is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// Of which operations of a pass machine code is made; `None` where passes are interpreted.
    pub(crate) has_code: Option<fn(Operation) -> bool>,
    /// Whether that code reads truth values where they lie.
    pub(crate) reads_truths: bool,
}

/// Steps over buffers. A buffer has the number of the value that it holds.
pub(crate) struct Plan {
    /// How many buffers there are.
    pub(crate) values: usize,
    /// The buffer of each slot; `None` if nothing needs it.
    pub(crate) slots: Vec<Option<u32>>,
    /// The numbers that belong to the structure.
    pub(crate) constants: Vec<(u32, Arc<Storage>)>,
    pub(crate) steps: Vec<Step>,
    /// The buffers wanted, and those that are checked.
    pub(crate) outputs: Vec<u32>,
    /// The indices that the last of the outputs hold.
    pub(crate) checks: Vec<Check>,
}

/// Something that runs by itself, and the buffers that nothing needs after it.
pub(crate) struct Step {
    pub(crate) work: Work,
    /// Whether it runs together with the step after it, block by block.
    pub(crate) joined: bool,
    /// How many blocks of the pass among those that run together are computed in one go.
    pub(crate) blocks: usize,
    pub(crate) released: SmallVec<[u32; 2]>,
}

pub(crate) enum Work {
    Pass(Box<Pass>),
    Kernel(Box<KernelCall>),
    Product(Box<Product>),
    Pairs(Box<Pairs>),
}

/// An operation that no pass can compute.
pub(crate) struct KernelCall {
    pub(crate) value: u32,
    /// The operation; `None` to copy the input.
    pub(crate) op: Option<Op>,
    pub(crate) inputs: SmallVec<[Layout; 2]>,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
    /// The instruction of the program that it comes from, which knows the user's line.
    pub(crate) origin: u32,
    /// Which entries of the result anybody reads: those where all of these say so.
    pub(crate) read: SmallVec<[ReadWhere; 1]>,
}

/// The entries of a value where a mask, of truth values in memory, is as it says: nothing depends on the others.
#[derive(Clone, Debug)]
pub(crate) struct ReadWhere {
    pub(crate) mask: Layout,
    pub(crate) seen: bool,
}

impl Work {
    /// Calls `visit` with every buffer that is read or written.
    pub(super) fn touched(&self, visit: &mut impl FnMut(u32)) {
        self.read(visit);
        self.written(visit);
    }

    /// Calls `visit` with every buffer that is read.
    pub(crate) fn read(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Work::Kernel(kernel) => {
                kernel.inputs.iter().for_each(|layout| visit(layout.base));
                kernel.read.iter().for_each(|read| visit(read.mask.base));
            }
            Work::Product(product) => {
                visit(product.left.base);
                visit(product.right.base);
            }
            Work::Pairs(pairs) => pairs.values_read().for_each(visit),
            Work::Pass(pass) => {
                for memory in &pass.memory {
                    if let Source::Input(value, _) = memory.source {
                        visit(value);
                    }
                }
                pass.loads.iter().for_each(|load| visit(load.value));
                pass.assemblies.iter().flat_map(|assembly| &assembly.pieces).for_each(|piece| visit(piece.value));
                pass.lookups.iter().flat_map(|lookup| [lookup.table, lookup.index]).for_each(&mut *visit);
                pass.indices.iter().for_each(|index| visit(index.value));
            }
        }
    }

    /// Calls `visit` with every buffer that is written.
    pub(crate) fn written(&self, visit: &mut impl FnMut(u32)) {
        match self {
            Work::Kernel(kernel) => visit(kernel.value),
            Work::Product(product) => visit(product.value),
            Work::Pairs(pairs) => visit(pairs.value),
            Work::Pass(pass) => {
                pass.outputs.iter().for_each(|output| visit(output.value));
                pass.totals.iter().for_each(|total| visit(total.value));
                pass.across.iter().for_each(|across| visit(across.value));
            }
        }
    }
}
