//! The canonical form of a graph: numbered values, equal expressions shared, data and numbers turned into slots.

use std::panic::Location;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::dtype::DType;
use crate::exec::Buffer;
use crate::op::{Op, Scalar};
use crate::shape::Shape;
use crate::storage::Storage;
use crate::tensor::Tensor;

/// One value of a program: an operation on values with smaller numbers. An [`Op::Data`] is a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Instruction {
    pub(crate) op: Op,
    pub(crate) inputs: SmallVec<[u32; 2]>,
    pub(crate) shape: Shape,
    pub(crate) dtype: DType,
}

/// The structure of a computation without its data: the key of the plan cache.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Program {
    pub(crate) instructions: Vec<Instruction>,
    /// The values wanted, in the order asked for.
    pub(crate) outputs: Vec<u32>,
}

/// A program with what it is to be run on.
pub(crate) struct Canonical {
    pub(crate) program: Program,
    /// The data of each [`Op::Data`], in order.
    pub(crate) slots: Vec<Arc<Storage>>,
    /// The line that made each instruction, for error messages. Not part of the key.
    pub(crate) locations: Vec<&'static Location<'static>>,
}

/// Brings everything that `wanted` needs into canonical form.
pub(crate) fn canonicalise(wanted: &[&Tensor]) -> Canonical {
    // Inputs before what is made of them, in an order that the structure alone decides: not the age of the leaves, which differs
    // between the first step of a training loop and the second.
    let mut needed: Vec<&Tensor> = Vec::new();
    let mut seen: FxHashSet<u64> = FxHashSet::default();
    let mut pending: Vec<(&Tensor, bool)> = wanted.iter().rev().map(|&root| (root, false)).collect();
    while let Some((node, inputs_done)) = pending.pop() {
        if inputs_done {
            needed.push(node);
        } else if seen.insert(node.id()) {
            pending.push((node, true));
            if !node.is_evaluated() {
                pending.extend(node.0.inputs.iter().rev().map(|input| (input, false)));
            }
        }
    }

    let mut builder = Builder::default();
    for node in needed {
        builder.number(node);
    }
    let outputs = wanted.iter().map(|node| builder.numbers[&node.id()]).collect();
    Canonical {
        program: Program { instructions: builder.instructions, outputs },
        slots: builder.slots,
        locations: builder.locations,
    }
}

#[derive(Default)]
struct Builder {
    instructions: Vec<Instruction>,
    locations: Vec<&'static Location<'static>>,
    slots: Vec<Arc<Storage>>,
    /// The number of each node.
    numbers: FxHashMap<u64, u32>,
    /// The number of each expression met so far.
    expressions: FxHashMap<Instruction, u32>,
    /// The number of each constant met so far.
    constants: FxHashMap<(Scalar, DType), u32>,
}

impl Builder {
    fn number(&mut self, node: &Tensor) {
        let number = match (node.value(), &node.0.op) {
            (Some(value), _) => self.slot(node, Arc::clone(value)),
            (None, Op::Constant(scalar)) => match self.constants.get(&(*scalar, node.dtype())) {
                Some(&number) => number,
                None => {
                    let number = self.slot(node, Arc::new(constant_storage(*scalar, node.dtype())));
                    self.constants.insert((*scalar, node.dtype()), number);
                    number
                }
            },
            (None, op) => {
                let instruction = Instruction {
                    op: op.clone(),
                    inputs: node.0.inputs.iter().map(|input| self.numbers[&input.id()]).collect(),
                    shape: node.shape().clone(),
                    dtype: node.dtype(),
                };
                match self.expressions.get(&instruction) {
                    Some(&number) => number,
                    None => {
                        let number = self.push(instruction.clone(), node);
                        self.expressions.insert(instruction, number);
                        number
                    }
                }
            }
        };
        self.numbers.insert(node.id(), number);
    }

    fn slot(&mut self, node: &Tensor, value: Arc<Storage>) -> u32 {
        self.slots.push(value);
        let instruction =
            Instruction { op: Op::Data, inputs: SmallVec::new(), shape: node.shape().clone(), dtype: node.dtype() };
        self.push(instruction, node)
    }

    fn push(&mut self, instruction: Instruction, node: &Tensor) -> u32 {
        self.instructions.push(instruction);
        self.locations.push(node.location());
        u32::try_from(self.instructions.len() - 1)
            .expect("a graph of four thousand million nodes does not fit into memory")
    }
}

fn constant_storage(scalar: Scalar, dtype: DType) -> Storage {
    match (dtype, scalar) {
        (DType::F32, _) => Storage::F32(Buffer::filled(1, scalar.to_f64() as f32)),
        (DType::F64, _) => Storage::F64(Buffer::filled(1, scalar.to_f64())),
        (DType::I64, Scalar::Integer(value)) => Storage::I64(Buffer::filled(1, value)),
        (DType::I64, Scalar::Float(value)) => Storage::I64(Buffer::filled(1, value as i64)),
        (DType::Bool, _) => Storage::Bool(Buffer::filled(1, scalar.to_f64() != 0.0)),
    }
}
