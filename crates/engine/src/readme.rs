//! The texts of the stages in `README.md` are what the stages make.

use crate::plan::tests::{planned, program, simplified};
use crate::program::Program;

/// The block of text below a title.
pub(crate) fn block(title: &str) -> String {
    let readme = include_str!("../README.md");
    let (_, below) = readme.split_once(&format!("**{title}.**")).unwrap_or_else(|| panic!("no {title}"));
    let (_, block) = below.split_once("```text\n").expect("a block");
    block.split_once("\n```").expect("its end").0.to_owned()
}

/// The program of the loss, as the example has it.
pub(crate) fn loss() -> String {
    let readme = include_str!("../README.md");
    let (_, text) = readme.split_once("let text = \"\\\n").expect("a program");
    text.split_once("\";").expect("its end").0.to_owned()
}

#[test]
fn the_simplified_program_and_the_plan_are_those_of_the_compiler() {
    let text = loss();
    let parsed: Program = program(&text);
    assert_eq!(parsed.to_string(), text);
    assert_eq!(simplified(&text), block("Simplified program"));
    assert_eq!(planned(&text).0.to_string(), block("Plan"));
}
