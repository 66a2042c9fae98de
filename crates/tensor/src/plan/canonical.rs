//! The canonical form of a graph: numbered values, equal expressions shared, data and numbers turned into slots.
//!
//! An operation with a constant is left out only where it keeps every value, NaN, ±∞ and -0 included: `x · 1`, `x / 1`, `x - 0`, `x + (-0)`. Not
//! `x + 0` (it makes 0 of -0), `x · 0` (NaN for an infinite x). Constants among themselves are computed in their element type, as the
//! operation itself would: `0 · ∞` is NaN, `1 / -0` is -∞. 0 belongs to the structure; -0, infinities and NaN that remain are data like any number,
//! and no later rule looks at them.

use std::panic::Location;
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

use crate::dtype::DType;
use crate::exec::Buffer;
use crate::op::{Binary, Op, Scalar, Unary};
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
    /// The node that each slot's data come from.
    pub(crate) slot_nodes: Vec<u64>,
    /// The line that made each instruction, for error messages. Not part of the key.
    pub(crate) locations: Vec<&'static Location<'static>>,
}

/// Brings everything that `wanted` needs into canonical form.
pub(crate) fn canonicalise(wanted: &[&Tensor]) -> Canonical {
    canonical_form(&needed_for(wanted), wanted)
}

/// What has to be computed or read for `wanted`, inputs first.
pub(crate) fn needed_for<'a>(wanted: &[&'a Tensor]) -> Vec<&'a Tensor> {
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
    needed
}

/// The canonical form of nodes in the order of [`needed_for`].
pub(crate) fn canonical_form(needed: &[&Tensor], wanted: &[&Tensor]) -> Canonical {
    let mut builder = Builder::default();
    for node in needed {
        builder.number(node);
    }
    let outputs = wanted.iter().map(|node| builder.numbers[&node.id()]).collect();
    Canonical {
        program: Program { instructions: builder.instructions, outputs },
        slots: builder.slots,
        slot_nodes: builder.slot_nodes,
        locations: builder.locations,
    }
}

#[derive(Default)]
struct Builder {
    instructions: Vec<Instruction>,
    locations: Vec<&'static Location<'static>>,
    slots: Vec<Arc<Storage>>,
    slot_nodes: Vec<u64>,
    /// The number of each node.
    numbers: FxHashMap<u64, u32>,
    /// The number of each expression met so far.
    expressions: FxHashMap<Instruction, u32>,
    /// What arithmetic with constants has given so far.
    known: FxHashMap<u64, Scalar>,
    /// The number of each constant met so far.
    constants: FxHashMap<(Scalar, DType), u32>,
}

impl Builder {
    fn number(&mut self, node: &Tensor) {
        let number = match (node.value(), &node.0.op) {
            (Some(value), _) => self.slot(node, Arc::clone(value)),
            (None, Op::Constant(scalar)) => self.constant(node, *scalar),
            (None, op) => {
                if let Some(folded) = self.folded(node) {
                    let number = self.constant(node, folded);
                    let number = self.repeated(number, node);
                    self.known.insert(node.id(), folded);
                    self.numbers.insert(node.id(), number);
                    return;
                }
                if let Some(number) = self.exact(node) {
                    self.numbers.insert(node.id(), number);
                    return;
                }
                let (op, inputs) = self.negated_choice(node).unwrap_or_else(|| {
                    (op.clone(), node.0.inputs.iter().map(|input| self.numbers[&input.id()]).collect())
                });
                self.expression(op, inputs, node)
            }
        };
        self.numbers.insert(node.id(), number);
    }

    /// The number of an operation: that of an equal one met before, or a new one.
    fn expression(&mut self, op: Op, inputs: SmallVec<[u32; 2]>, node: &Tensor) -> u32 {
        let instruction = Instruction { op, inputs, shape: node.shape().clone(), dtype: node.dtype() };
        if let Some(&number) = self.expressions.get(&instruction) {
            return number;
        }
        let number = self.push(instruction.clone(), node);
        self.expressions.insert(instruction, number);
        number
    }

    /// The number of a constant that belongs to the structure.
    fn structural(&mut self, scalar: Scalar, node: &Tensor) -> u32 {
        let (op, inputs) = (Op::Constant(scalar), SmallVec::new());
        self.push(Instruction { op, inputs, shape: Shape::scalar(), dtype: node.dtype() }, node)
    }

    /// The number of a constant in the shape of `node`.
    fn repeated(&mut self, constant: u32, node: &Tensor) -> u32 {
        if node.rank() == 0 { constant } else { self.expression(Op::Expand, smallvec![constant], node) }
    }

    /// The negative of a choice between two constants is a choice between their negatives.
    fn negated_choice(&mut self, node: &Tensor) -> Option<(Op, SmallVec<[u32; 2]>)> {
        let (Op::Unary(Unary::Negate), true) = (&node.0.op, node.dtype().is_float()) else { return None };
        let choice = &node.0.inputs[0];
        let (None, Op::Select) = (choice.value(), &choice.0.op) else { return None };
        let [condition, a, b] = &choice.0.inputs[..] else { return None };
        let (a, b) = (self.uniform(a)?, self.uniform(b)?);
        let condition = self.numbers[&condition.id()];
        let [a, b] = [a, b].map(|scalar| {
            let negative = Scalar::Float(-scalar.to_f64());
            if is_zero(scalar) { self.structural(negative, node) } else { self.constant(node, negative) }
        });
        Some((Op::Select, smallvec![condition, a, b]))
    }

    /// The number of a constant, in the element type of `node`.
    fn constant(&mut self, node: &Tensor, scalar: Scalar) -> u32 {
        if let Some(&number) = self.constants.get(&(scalar, node.dtype())) {
            return number;
        }
        let number = if is_zero(scalar) {
            // Zero is part of the structure: what is added to it or chosen beside it depends on it.
            self.structural(Scalar::Integer(0), node)
        } else {
            self.slot_of(node, Arc::new(constant_storage(scalar, node.dtype())), Shape::scalar())
        };
        self.constants.insert((scalar, node.dtype()), number);
        number
    }

    /// The number that arithmetic with numbers gives.
    fn folded(&self, node: &Tensor) -> Option<Scalar> {
        if !node.dtype().is_float() || node.elements() == 0 {
            return None;
        }
        let number = |which: usize| self.uniform(&node.0.inputs[which]).map(Scalar::to_f64);
        match node.0.op {
            Op::Unary(Unary::Negate) => Some(Scalar::Float(-number(0)?)),
            Op::Binary(binary) if !binary.is_comparison() && binary != Binary::Power => {
                let (a, b) = (number(0)?, number(1)?);
                Some(Scalar::Float(match node.dtype() {
                    DType::F32 => f64::from(binary.apply(a as f32, b as f32)),
                    _ => binary.apply(a, b),
                }))
            }
            _ => None,
        }
    }

    /// The number that a constant, or arithmetic with constants, is or repeats.
    fn uniform(&self, mut node: &Tensor) -> Option<Scalar> {
        loop {
            if node.value().is_some() {
                return None;
            }
            if let Some(&known) = self.known.get(&node.id()) {
                return Some(known);
            }
            match &node.0.op {
                Op::Constant(scalar) => return Some(*scalar),
                Op::Expand | Op::Reshape => node = &node.0.inputs[0],
                _ => return None,
            }
        }
    }

    /// The number of an operand that an operation with a constant leaves as it is: `x·1`, `x/1`, `x - 0`, `x + (-0)`. (`x + 0` would turn
    /// -0 into 0.)
    fn exact(&self, node: &Tensor) -> Option<u32> {
        let Op::Binary(binary) = node.0.op else { return None };
        let inputs = &node.0.inputs;
        // The bits that do nothing, and whether they do so on the left as well.
        let (nothing, either_side) = match binary {
            Binary::Multiply => (1.0f64, true),
            Binary::Divide => (1.0, false),
            Binary::Add => (-0.0, true),
            Binary::Subtract => (0.0, false),
            _ => return None,
        };
        let is_nothing = |which: usize| match self.uniform(&inputs[which]) {
            Some(scalar) => scalar.to_f64().to_bits() == nothing.to_bits(),
            None => false,
        };
        let kept = match (is_nothing(0) && either_side, is_nothing(1)) {
            (_, true) => 0,
            (true, false) => 1,
            (false, false) => return None,
        };
        (inputs[kept].shape() == node.shape() && node.dtype().is_float()).then(|| self.numbers[&inputs[kept].id()])
    }

    fn slot(&mut self, node: &Tensor, value: Arc<Storage>) -> u32 {
        self.slot_of(node, value, node.shape().clone())
    }

    fn slot_of(&mut self, node: &Tensor, value: Arc<Storage>, shape: Shape) -> u32 {
        self.slots.push(value);
        self.slot_nodes.push(node.id());
        let instruction = Instruction { op: Op::Data, inputs: SmallVec::new(), shape, dtype: node.dtype() };
        self.push(instruction, node)
    }

    fn push(&mut self, instruction: Instruction, node: &Tensor) -> u32 {
        self.instructions.push(instruction);
        self.locations.push(node.location());
        u32::try_from(self.instructions.len() - 1)
            .expect("a graph of four thousand million nodes does not fit into memory")
    }
}

/// Whether a constant is 0, and not -0.
fn is_zero(scalar: Scalar) -> bool {
    scalar.to_f64().to_bits() == 0
}

pub(super) fn constant_storage(scalar: Scalar, dtype: DType) -> Storage {
    match (dtype, scalar) {
        (DType::F32, _) => Storage::F32(Buffer::filled(1, scalar.to_f64() as f32)),
        (DType::F64, _) => Storage::F64(Buffer::filled(1, scalar.to_f64())),
        (DType::I64, Scalar::Integer(value)) => Storage::I64(Buffer::filled(1, value)),
        (DType::I64, Scalar::Float(value)) => Storage::I64(Buffer::filled(1, value as i64)),
        (DType::Bool, _) => Storage::Bool(Buffer::filled(1, scalar.to_f64() != 0.0)),
    }
}
