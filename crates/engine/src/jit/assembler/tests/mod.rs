//! The assembler against an independent decoder, and its code run.

pub(in crate::jit) mod decoder;
mod executed;
mod general;
mod vector;

use super::*;

const ISAS: [Isa; 2] = [Isa::Avx2, Isa::Avx512];
const ELEMENTS: [Precision; 2] = [Precision::Single, Precision::Double];
