//! The compiler, stage by stage, on programs written as text.

use super::*;

/// The program of a text.
pub(crate) fn program(text: &str) -> Program {
    let program: Program = text.parse().unwrap_or_else(|error| panic!("{error}"));
    verify(&program).unwrap_or_else(|fault| panic!("{fault}\n{text}"));
    program
}

/// The plan of a program for a machine that interprets passes, and the values that it speaks of.
pub(crate) fn planned(text: &str) -> (Plan, Vec<Instruction>) {
    let program = program(text);
    (Plan::of(&program, Machine { has_code: None }), simplify::simplify(&program).instructions)
}
