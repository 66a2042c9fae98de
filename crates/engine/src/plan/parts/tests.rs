//! Sums of parts, before and after, as texts.

use super::put_together;
use crate::program::{Instruction, Program};

/// The program after rewriting, without what its outputs do not need.
fn rewritten(text: &str) -> String {
    let program: Program = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let program = put_together(&program).map_or(program, |rewritten| rewritten.program);
    crate::verify(&program).unwrap_or_else(|fault| panic!("{fault}\n{program}"));
    let mut needed = vec![false; program.instructions.len()];
    program.outputs.iter().for_each(|&output| needed[output as usize] = true);
    for at in (0..needed.len()).rev().filter(|&at| program.instructions[at].op == crate::op::Op::Data) {
        needed[at] = true;
    }
    for at in (0..needed.len()).rev() {
        if needed[at] {
            program.instructions[at].inputs.iter().for_each(|&input| needed[input as usize] = true);
        }
    }
    let (mut numbers, mut left) = (Vec::new(), Program::default());
    for (instruction, needed) in program.instructions.iter().zip(needed) {
        numbers.push(left.instructions.len() as u32);
        if needed {
            let inputs = instruction.inputs.iter().map(|&input| numbers[input as usize]).collect();
            left.instructions.push(Instruction { inputs, ..instruction.clone() });
        }
    }
    left.outputs = program.outputs.iter().map(|&output| numbers[output as usize]).collect();
    left.to_string()
}

#[track_caller]
fn becomes(before: &str, after: &str) {
    let trimmed = |text: &str| text.trim().lines().map(str::trim).collect::<Vec<_>>().join("\n");
    assert_eq!(rewritten(&trimmed(before)).trim(), trimmed(after));
}

#[track_caller]
fn stays(text: &str) {
    becomes(text, text);
}

#[test]
fn parts_that_do_not_overlap_are_laid_side_by_side() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[1]
         %2 = pad %0 before [3] between [0] : f32[6]
         %3 = pad %1 before [1] between [0] : f32[6]
         %4 = add %2 %3 : f32[6]
         -> %4",
        "%0 = data : f32[2]
         %1 = data : f32[1]
         %2 = constant 0 : f32[]
         %3 = expand %2 : f32[1]
         %4 = constant 0 : f32[]
         %5 = expand %4 : f32[1]
         %6 = constant 0 : f32[]
         %7 = expand %6 : f32[1]
         %8 = concatenate %3 %1 %5 %0 %7 along axis 0 : f32[6]
         -> %8",
    );
}

#[test]
fn overlapping_parts_take_a_layer_each() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = pad %1 before [1] between [0] : f32[3]
         %4 = add %2 %3 : f32[3]
         -> %4",
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = constant 0 : f32[]
         %3 = expand %2 : f32[1]
         %4 = constant 0 : f32[]
         %5 = expand %4 : f32[1]
         %6 = concatenate %0 %5 along axis 0 : f32[3]
         %7 = concatenate %3 %1 along axis 0 : f32[3]
         %8 = add %6 %7 : f32[3]
         -> %8",
    );
}

#[test]
fn parts_in_one_place_are_added_before_they_are_placed() {
    becomes(
        "%0 = data : f32[1]
         %1 = data : f32[1]
         %2 = data : f32[2]
         %3 = pad %0 before [1] between [0] : f32[2]
         %4 = add %2 %3 : f32[2]
         %5 = pad %1 before [1] between [0] : f32[2]
         %6 = add %4 %5 : f32[2]
         -> %6",
        "%0 = data : f32[1]
         %1 = data : f32[1]
         %2 = data : f32[2]
         %3 = add %0 %1 : f32[1]
         %4 = constant 0 : f32[]
         %5 = expand %4 : f32[1]
         %6 = concatenate %5 %3 along axis 0 : f32[2]
         %7 = add %2 %6 : f32[2]
         -> %7",
    );
}

/// What goes back through a rest of a rest lands in the whole at once; moved and mirrored on its way, too.
#[test]
fn a_part_of_a_part_is_placed_in_the_whole() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[1]
         %2 = pad %1 before [1] between [0] : f32[2]
         %3 = add %0 %2 : f32[2]
         %4 = flip %3 axes [0] : f32[2]
         %5 = pad %4 before [2] between [0] : f32[4]
         -> %5",
        "%0 = data : f32[2]
         %1 = data : f32[1]
         %2 = flip %0 axes [0] : f32[2]
         %3 = constant 0 : f32[]
         %4 = expand %3 : f32[2]
         %5 = constant 0 : f32[]
         %6 = expand %5 : f32[2]
         %7 = concatenate %4 %2 along axis 0 : f32[4]
         %8 = constant 0 : f32[]
         %9 = expand %8 : f32[1]
         %10 = concatenate %6 %1 %9 along axis 0 : f32[4]
         %11 = add %7 %10 : f32[4]
         -> %11",
    );
}

#[test]
fn rows_and_columns_of_a_matrix() {
    // An entry of a transposed matrix, and a row of it, as `at` sends them back.
    becomes(
        "%0 = data : f32[]
         %1 = data : f32[2]
         %2 = reshape %0 : f32[1, 1]
         %3 = pad %2 before [1, 0] between [0, 0] : f32[2, 2]
         %4 = permute %3 [1, 0] : f32[2, 2]
         %5 = reshape %1 : f32[1, 2]
         %6 = pad %5 before [1, 0] between [0, 0] : f32[2, 2]
         %7 = add %4 %6 : f32[2, 2]
         -> %7",
        "%0 = data : f32[]
         %1 = data : f32[2]
         %2 = reshape %0 : f32[1, 1]
         %3 = reshape %1 : f32[1, 2]
         %4 = permute %2 [1, 0] : f32[1, 1]
         %5 = constant 0 : f32[]
         %6 = expand %5 : f32[1, 1]
         %7 = concatenate %6 %4 along axis 1 : f32[1, 2]
         %8 = concatenate %7 %3 along axis 0 : f32[2, 2]
         -> %8",
    );
}

#[test]
fn every_n_th_entry_is_interleaved() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = pad %0 before [0] between [1] : f32[3]
         %3 = pad %1 before [0] between [1] : f32[3]
         %4 = flip %3 axes [0] : f32[3]
         %5 = add %2 %4 : f32[3]
         -> %5",
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = flip %1 axes [0] : f32[2]
         %3 = add %0 %2 : f32[2]
         %4 = pad %3 before [0] between [1] : f32[3]
         -> %4",
    );
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = pad %0 before [1] between [1] : f32[5]
         %3 = pad %1 before [0] between [1] : f32[5]
         %4 = add %2 %3 : f32[5]
         -> %4",
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = reshape %1 : f32[3, 1]
         %3 = constant 0 : f32[]
         %4 = expand %3 : f32[1]
         %5 = concatenate %0 %4 along axis 0 : f32[3]
         %6 = reshape %5 : f32[3, 1]
         %7 = concatenate %2 %6 along axis 1 : f32[3, 2]
         %8 = reshape %7 : f32[6]
         %9 = slice %8 from [0] by [1] : f32[5]
         -> %9",
    );
}

#[test]
fn what_is_no_sum_of_parts_stays() {
    // One part.
    stays(
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = add %1 %2 : f32[3]
         %4 = pad %0 before [1] between [0] : f32[3]
         %5 = multiply %3 %4 : f32[3]
         -> %5",
    );
    // A sum that somebody else needs is not taken apart.
    stays(
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = add %1 %2 : f32[3]
         %4 = pad %0 before [1] between [0] : f32[3]
         %5 = add %3 %4 : f32[3]
         -> %3 %5",
    );
    // One that is repeated by the addition.
    stays(
        "%0 = data : f32[2]
         %1 = data : f32[1, 2]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = pad %1 before [1, 0] between [0, 0] : f32[2, 3]
         %4 = add %2 %3 : f32[2, 3]
         -> %4",
    );
}

#[test]
fn many_look_ups_are_scattered_together() {
    let lookups = |count: u32| {
        let mut text = String::from("%0 = data : f32[1, 2]\n%1 = data : i64[1, 1]\n%2 = data : f32[5, 2]\n");
        for at in 0..count {
            text += &format!("%{} = scatter_add %0 %1 along axis 0 : f32[5, 2]\n", 2 * at + 3);
            text += &format!("%{} = add %{} %{} : f32[5, 2]\n", 2 * at + 4, 2 * at + 2, 2 * at + 3);
        }
        text + &format!("-> %{}\n", 2 * count + 2)
    };
    stays(&lookups(7));
    let repeated: String = (3..11).map(|number| format!("%{number} = expand %1 : i64[1, 2]\n")).collect();
    becomes(
        &lookups(8),
        &format!(
            "%0 = data : f32[1, 2]
             %1 = data : i64[1, 1]
             %2 = data : f32[5, 2]
             {repeated}%11 = concatenate %0 %0 %0 %0 %0 %0 %0 %0 along axis 0 : f32[8, 2]
             %12 = concatenate %3 %4 %5 %6 %7 %8 %9 %10 along axis 0 : i64[8, 2]
             %13 = scatter_add %11 %12 along axis 0 : f32[5, 2]
             %14 = add %2 %13 : f32[5, 2]
             -> %14"
        ),
    );
}
