//! The compiler, stage by stage, on programs written as text.

mod fuse;
mod lower;
mod simplify;

use std::fmt::Write;

use super::simplify::{Check, Simplified};
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
    (
        Plan::of(&program, Machine { has_code: None, reads_truths: false }),
        super::simplify::simplify(&program).instructions,
    )
}

/// A program after simplification, as text, with the indices that are looked at.
pub(crate) fn simplified(text: &str) -> String {
    let Simplified { instructions, mut outputs, checks, .. } = super::simplify::simplify(&program(text));
    let indices = outputs.split_off(outputs.len() - checks.len());
    let mut text = Program { instructions, outputs }.to_string();
    for (Check { size, operation, .. }, index) in checks.into_iter().zip(indices) {
        write!(text, "\ncheck %{index} < {size} for {operation}").expect("a text has room");
    }
    text
}

/// A text without the margin that it has in the source.
fn without_margin(text: &str) -> String {
    let lines: Vec<&str> = text.trim_end().lines().skip_while(|line| line.trim().is_empty()).collect();
    let margin = lines.iter().filter(|line| !line.is_empty()).map(|line| line.len() - line.trim_start().len()).min();
    lines.iter().map(|line| line.get(margin.unwrap_or(0)..).unwrap_or("").trim_end()).collect::<Vec<_>>().join("\n")
}

#[track_caller]
fn same_text(found: &str, expected: &str) {
    let expected = without_margin(expected);
    assert!(found.trim_end() == expected, "found\n{}\n\nexpected\n{expected}", found.trim_end());
}
