//! A computation as a flat list of instructions, and the recorder that brings it into canonical form: equal expressions shared (value
//! numbering), data and numbers turned into slots.
//!
//! An operation with a constant is left out only where it keeps every value, NaN, ±∞ and -0 included: `x · 1`, `x / 1`, `x - 0`, `x + (-0)`. Not
//! `x + 0` (it makes 0 of -0), `x · 0` (NaN for an infinite x). Constants among themselves are computed in their element type, as the
//! operation itself would: `0 · ∞` is NaN, `1 / -0` is -∞. 0 belongs to the structure; -0, infinities and NaN that remain are data like any number,
//! and no later rule looks at them.

mod text;

use std::panic::Location;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::op::{Binary, Op, Scalar, Unary};
use crate::shape::Shape;
use crate::storage::Storage;

pub use text::ProgramError;

/// The numbers of the values that an instruction reads.
pub type Inputs = SmallVec<[u32; 2]>;

/// One value of a program: an operation on values with smaller numbers. An [`Op::Data`] is a slot.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// The operation.
    pub op: Op,
    /// The numbers of its operands.
    pub inputs: Inputs,
    /// The shape of its value.
    pub shape: Shape,
    /// The element type of its value.
    pub dtype: DType,
}

/// The structure of a computation without its data: the key of the plan cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Program {
    /// The values, in the order of their numbers.
    pub instructions: Vec<Instruction>,
    /// The values wanted, in the order asked for.
    pub outputs: Vec<u32>,
}

impl Program {
    /// The bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        let spilled = self.instructions.iter().filter(|instruction| instruction.inputs.spilled());
        self.instructions.capacity() * size_of::<Instruction>()
            + spilled.map(|instruction| size_of_val(&instruction.inputs[..])).sum::<usize>()
            + size_of_val(&self.outputs[..])
    }
}

/// A program with what it is to be run on.
#[derive(Clone, Debug, Default)]
pub struct Recorded {
    /// The program.
    pub program: Program,
    /// The data of each [`Op::Data`], in order.
    pub slots: Vec<Arc<Storage>>,
    /// The line that made each instruction, for error messages. Not part of the key.
    pub locations: Vec<&'static Location<'static>>,
}

impl Recorded {
    /// Adds an instruction as it is; returns the number of its value.
    pub fn push(&mut self, instruction: Instruction, location: &'static Location<'static>) -> u32 {
        self.program.instructions.push(instruction);
        self.locations.push(location);
        u32::try_from(self.program.instructions.len() - 1)
            .expect("a graph of four thousand million nodes does not fit into memory")
    }

    /// Adds a slot with its data.
    pub fn slot(&mut self, data: Arc<Storage>, shape: Shape, location: &'static Location<'static>) -> u32 {
        let instruction = Instruction { op: Op::Data, inputs: SmallVec::new(), shape, dtype: data.dtype() };
        self.slots.push(data);
        self.push(instruction, location)
    }
}

/// Records operations, whose operands come before them, in canonical form.
#[derive(Default)]
pub struct Recorder {
    recorded: Recorded,
    /// The number of each expression met so far.
    expressions: FxHashMap<Instruction, u32>,
    /// The values that repeat one number, which is known: constants, and arithmetic with them.
    known: FxHashMap<u32, Scalar>,
    /// The number of each constant met so far.
    constants: FxHashMap<(Scalar, DType), u32>,
}

impl Recorder {
    /// The number of data that are given.
    pub fn data(&mut self, data: Arc<Storage>, shape: Shape, location: &'static Location<'static>) -> u32 {
        self.recorded.slot(data, shape, location)
    }

    /// How many slots there are so far.
    pub fn slots(&self) -> usize {
        self.recorded.slots.len()
    }

    /// The number of an operation's value.
    pub fn record(&mut self, instruction: Instruction, location: &'static Location<'static>) -> u32 {
        if let Op::Constant(scalar) = instruction.op {
            return self.constant(scalar, instruction.dtype, location);
        }
        if let Some(folded) = self.folded(&instruction) {
            let constant = self.constant(folded, instruction.dtype, location);
            if instruction.shape.rank() == 0 {
                return constant;
            }
            let repeated = Instruction { op: Op::Expand, inputs: smallvec![constant], ..instruction };
            return self.expression(repeated, location);
        }
        if let Some(number) = self.unchanged(&instruction) {
            return number;
        }
        let instruction = self.negated_choice(&instruction, location).unwrap_or(instruction);
        self.expression(instruction, location)
    }

    /// The program of the values wanted, and what it runs on.
    pub fn finish(mut self, outputs: Vec<u32>) -> Recorded {
        self.recorded.program.outputs = outputs;
        self.recorded
    }

    fn instruction(&self, number: u32) -> &Instruction {
        &self.recorded.program.instructions[number as usize]
    }

    /// The number of an operation: that of an equal one met before, or a new one.
    fn expression(&mut self, instruction: Instruction, location: &'static Location<'static>) -> u32 {
        if let Some(&number) = self.expressions.get(&instruction) {
            return number;
        }
        let number = self.recorded.push(instruction.clone(), location);
        if let Op::Expand | Op::Reshape = instruction.op
            && let Some(&scalar) = self.known.get(&instruction.inputs[0])
        {
            self.known.insert(number, scalar);
        }
        self.expressions.insert(instruction, number);
        number
    }

    /// The number of a constant, shape `[]`.
    fn constant(&mut self, scalar: Scalar, dtype: DType, location: &'static Location<'static>) -> u32 {
        if let Some(&number) = self.constants.get(&(scalar, dtype)) {
            return number;
        }
        let number = if is_zero(scalar) {
            // Zero is part of the structure: what is added to it or chosen beside it depends on it.
            self.structural(Scalar::Integer(0), dtype, location)
        } else {
            self.recorded.slot(Arc::new(constant_storage(scalar, dtype)), Shape::scalar(), location)
        };
        self.constants.insert((scalar, dtype), number);
        self.known.insert(number, scalar);
        number
    }

    /// The number of a constant that belongs to the structure.
    fn structural(&mut self, scalar: Scalar, dtype: DType, location: &'static Location<'static>) -> u32 {
        let (op, inputs) = (Op::Constant(scalar), SmallVec::new());
        self.recorded.push(Instruction { op, inputs, shape: Shape::scalar(), dtype }, location)
    }

    /// The negative of a choice between two constants is a choice between their negatives, repeated where the constants were.
    fn negated_choice(&mut self, negated: &Instruction, location: &'static Location<'static>) -> Option<Instruction> {
        let (Op::Unary(Unary::Negate), true) = (&negated.op, negated.dtype.is_float()) else { return None };
        let choice = self.instruction(negated.inputs[0]);
        let (Op::Select, [condition, a, b]) = (&choice.op, &choice.inputs[..]) else { return None };
        let (condition, a, b) = (*condition, *self.known.get(a)?, *self.known.get(b)?);
        let [a, b] = [a, b].map(|scalar| {
            let negative = Scalar::Float(-scalar.to_f64());
            if is_zero(scalar) {
                self.structural(negative, negated.dtype, location)
            } else {
                self.constant(negative, negated.dtype, location)
            }
        });
        let shape = self.instruction(condition).shape.clone();
        let chosen = Instruction { op: Op::Select, inputs: smallvec![condition, a, b], shape, dtype: negated.dtype };
        if chosen.shape == negated.shape {
            return Some(chosen);
        }
        let chosen = self.expression(chosen, location);
        Some(Instruction { op: Op::Expand, inputs: smallvec![chosen], ..negated.clone() })
    }

    /// The number that arithmetic with numbers gives (constant folding).
    fn folded(&self, instruction: &Instruction) -> Option<Scalar> {
        if !instruction.dtype.is_float() || instruction.shape.elements() == 0 {
            return None;
        }
        let number = |which: usize| self.known.get(&instruction.inputs[which]).map(|scalar| scalar.to_f64());
        match instruction.op {
            Op::Unary(Unary::Negate) => Some(Scalar::Float(-number(0)?)),
            Op::Binary(binary) if !binary.is_comparison() && binary != Binary::Power => {
                let (a, b) = (number(0)?, number(1)?);
                Some(Scalar::Float(match instruction.dtype {
                    DType::F32 => f64::from(binary.apply(a as f32, b as f32)),
                    _ => binary.apply(a, b),
                }))
            }
            _ => None,
        }
    }

    /// The number of an operand that an operation with a constant leaves as it is: `x·1`, `x/1`, `x - 0`, `x + (-0)`. (`x + 0` would turn
    /// -0 into 0.)
    fn unchanged(&self, instruction: &Instruction) -> Option<u32> {
        let Op::Binary(binary) = instruction.op else { return None };
        // The bits that do nothing, and whether they do so on the left as well.
        let (nothing, either_side) = match binary {
            Binary::Multiply => (1.0f64, true),
            Binary::Divide => (1.0, false),
            Binary::Add => (-0.0, true),
            Binary::Subtract => (0.0, false),
            _ => return None,
        };
        let inputs = &instruction.inputs;
        let is_nothing = |which: usize| {
            self.known.get(&inputs[which]).is_some_and(|scalar| scalar.to_f64().to_bits() == nothing.to_bits())
        };
        let kept = match (is_nothing(0) && either_side, is_nothing(1)) {
            (_, true) => inputs[0],
            (true, false) => inputs[1],
            (false, false) => return None,
        };
        (self.instruction(kept).shape == instruction.shape && instruction.dtype.is_float()).then_some(kept)
    }
}

/// Whether a constant is 0, and not -0.
fn is_zero(scalar: Scalar) -> bool {
    scalar.to_f64().to_bits() == 0
}

/// A constant's value in its element type.
pub(crate) fn constant_storage(scalar: Scalar, dtype: DType) -> Storage {
    match (dtype, scalar) {
        (DType::F32, _) => Storage::F32(Buffer::filled(1, scalar.to_f64() as f32)),
        (DType::F64, _) => Storage::F64(Buffer::filled(1, scalar.to_f64())),
        (DType::I64, Scalar::Integer(value)) => Storage::I64(Buffer::filled(1, value)),
        (DType::I64, Scalar::Float(value)) => Storage::I64(Buffer::filled(1, value as i64)),
        (DType::Bool, _) => Storage::Bool(Buffer::filled(1, scalar.to_f64() != 0.0)),
    }
}
