//! The machine code that the crate's documentation shows.

use super::super::{Isa, assembled};
use crate::jit::assembler::Precision;
use crate::jit::assembler::tests::decoder::disassemble;
use crate::plan::Work;
use crate::plan::tests::planned;
use crate::readme::{block, loss};

/// Some lines that follow each other in the code of the loss's pass; what stands behind `;` is a remark.
#[test]
fn the_machine_code_is_that_of_the_generator() {
    let (plan, _) = planned(&loss());
    let Work::Pass(pass) = &plan.steps[0].work else { panic!("a pass") };
    let (bytes, ..) = assembled::<f32>(pass, Isa::Avx2, Precision::Single).expect("plain arithmetic has code");
    let code = disassemble(&bytes);
    let shown = block("Machine code");
    let shown: Vec<&str> = shown.lines().map(|line| line.split(';').next().unwrap_or("").trim()).collect();
    assert!(code.windows(shown.len()).any(|lines| lines == shown), "{}", code.join("\n"));
}
