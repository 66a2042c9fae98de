//! Machine code made at run time: an assembler for x86-64 with AVX2 or AVX-512, and memory that the result runs from.
//!
//! ```text
//! registers.rs   what instructions speak of: registers, addresses, operands, element types
//! encoding.rs    how an instruction becomes bytes: VEX, EVEX, ModRM, compressed displacements
//! bytes.rs       the bytes so far, labels, the pool of constants
//! vector.rs      vector and mask instructions
//! general.rs     general-purpose instructions and jumps
//! memory.rs      executable memory
//! ```

mod bytes;
mod encoding;
mod general;
mod memory;
mod registers;
#[cfg(test)]
pub(super) mod tests;
mod vector;

pub(crate) use self::{
    bytes::Assembler,
    general::Condition,
    memory::Executable,
    registers::{Address, General, Isa, Mask, Operand, Precision, Vector, Width},
    vector::{ArithmeticOpcode, ComparePredicate, FusedOpcode, Order},
};
#[cfg(test)]
use self::{general::GeneralOperand, registers::Selection};
