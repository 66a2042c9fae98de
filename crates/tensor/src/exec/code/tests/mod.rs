//! The assembler against an independent decoder, and its code run.

mod decoded;
mod executed;

use super::*;

const ISAS: [Isa; 2] = [Isa::Avx2, Isa::Avx512];
const ELEMENTS: [Element; 2] = [Element::Single, Element::Double];

/// The code of one call of the assembler.
fn assemble(isa: Isa, emit: impl FnOnce(&mut Assembler)) -> Vec<u8> {
    let mut assembler = Assembler::new(isa);
    emit(&mut assembler);
    assembler.finish()
}
