//! Sums of parts, before and after, as texts.

use super::put_together;
use crate::program::Program;
use crate::verify::verify;

/// The program after rewriting.
fn rewritten(text: &str) -> String {
    let program: Program = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let program = put_together(&program).map_or(program, |rewritten| rewritten.program);
    verify(&program).unwrap_or_else(|fault| panic!("{fault}\n{program}"));
    program.to_string()
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
         %4 = accumulate %2 %3 : f32[6]
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
fn overlapping_parts_are_shifted_to_their_places() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = pad %1 before [1] between [0] : f32[3]
         %4 = accumulate %2 %3 : f32[3]
         -> %4",
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = pad %1 before [1] between [0] : f32[3]
         %4 = add %2 %3 : f32[3]
         -> %4",
    );
}

/// What a difference sends back is a value and its negative: neither a second value nor a layer of zeros is made.
#[test]
fn negatives_of_shifted_parts_are_subtracted() {
    becomes(
        "%0 = data : f32[2]
         %1 = negate %0 : f32[2]
         %2 = pad %0 before [1] between [0] : f32[3]
         %3 = pad %1 before [0] between [0] : f32[3]
         %4 = accumulate %3 %2 : f32[3]
         -> %4",
        "%0 = data : f32[2]
         %1 = negate %0 : f32[2]
         %2 = pad %0 before [0] between [0] : f32[3]
         %3 = pad %0 before [1] between [0] : f32[3]
         %4 = subtract %3 %2 : f32[3]
         -> %4",
    );
}

/// Small parts that overlap take layers: shifted, each would be read as nothing but zeros almost everywhere.
#[test]
fn small_overlapping_parts_take_a_layer_each() {
    let after = rewritten(
        "%0 = data : f32[2]
         %1 = data : f32[2]
         %2 = data : f32[2]
         %3 = pad %0 before [0] between [0] : f32[20]
         %4 = pad %1 before [1] between [0] : f32[20]
         %5 = pad %2 before [17] between [0] : f32[20]
         %6 = accumulate %3 %4 %5 : f32[20]
         -> %6"
            .replace("         ", "")
            .as_str(),
    );
    assert_eq!((after.matches("= concatenate").count(), after.matches("= pad").count()), (2, 0), "{after}");
}

/// Of many, too, however much of the whole each is, layers hold what does not overlap.
#[test]
fn many_overlapping_parts_take_layers() {
    let parts = 20;
    let mut text = String::new();
    for part in 0..parts {
        text += &format!("%{part} = data : f32[{}]\n", 2 * parts);
    }
    for part in 0..parts {
        text += &format!("%{} = pad %{part} before [{part}] between [0] : f32[{}]\n", parts + part, 3 * parts);
    }
    let pads: String = (0..parts).map(|part| format!(" %{}", parts + part)).collect();
    text += &format!("%{} = accumulate{pads} : f32[{}]\n-> %{0}", 2 * parts, 3 * parts);
    let after = rewritten(&text);
    assert_eq!(after.matches("= concatenate").count(), parts, "{after}");
    assert_eq!(after.matches("= pad").count(), 0, "{after}");
}

#[test]
fn parts_in_one_place_are_added_before_they_are_placed() {
    becomes(
        "%0 = data : f32[1]
         %1 = data : f32[1]
         %2 = data : f32[2]
         %3 = pad %0 before [1] between [0] : f32[2]
         %4 = pad %1 before [1] between [0] : f32[2]
         %5 = accumulate %2 %3 %4 : f32[2]
         -> %5",
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
         %3 = accumulate %0 %2 : f32[2]
         %4 = flip %3 axes [0] : f32[2]
         %5 = pad %4 before [2] between [0] : f32[4]
         %6 = data : f32[4]
         %7 = accumulate %6 %5 : f32[4]
         -> %7",
        "%0 = data : f32[2]
         %1 = data : f32[1]
         %2 = data : f32[4]
         %3 = flip %0 axes [0] : f32[2]
         %4 = constant 0 : f32[]
         %5 = expand %4 : f32[2]
         %6 = constant 0 : f32[]
         %7 = expand %6 : f32[2]
         %8 = concatenate %5 %3 along axis 0 : f32[4]
         %9 = constant 0 : f32[]
         %10 = expand %9 : f32[1]
         %11 = concatenate %7 %1 %10 along axis 0 : f32[4]
         %12 = add %8 %11 : f32[4]
         %13 = add %2 %12 : f32[4]
         -> %13",
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
         %7 = accumulate %4 %6 : f32[2, 2]
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
         %5 = accumulate %2 %4 : f32[3]
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
         %4 = accumulate %2 %3 : f32[5]
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
fn what_holds_no_several_parts_is_added_up() {
    becomes(
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = data : f32[3]
         %3 = pad %0 before [0] between [0] : f32[3]
         %4 = accumulate %1 %2 %3 : f32[3]
         -> %4",
        "%0 = data : f32[2]
         %1 = data : f32[3]
         %2 = data : f32[3]
         %3 = pad %0 before [0] between [0] : f32[3]
         %4 = add %1 %2 : f32[3]
         %5 = add %4 %3 : f32[3]
         -> %5",
    );
    // What the user has written is not touched.
    stays(
        "%0 = data : f32[2]
         %1 = pad %0 before [0] between [0] : f32[3]
         %2 = pad %0 before [1] between [0] : f32[3]
         %3 = add %1 %2 : f32[3]
         -> %3",
    );
}

/// Or doubling a sum n times would take 2ⁿ terms.
#[test]
fn a_sum_met_twice_is_computed_once() {
    becomes(
        "%0 = data : f32[1]
         %1 = data : f32[2]
         %2 = pad %0 before [1] between [0] : f32[2]
         %3 = accumulate %1 %2 : f32[2]
         %4 = flip %3 axes [0] : f32[2]
         %5 = accumulate %3 %4 : f32[2]
         -> %5",
        "%0 = data : f32[1]
         %1 = data : f32[2]
         %2 = pad %0 before [1] between [0] : f32[2]
         %3 = add %1 %2 : f32[2]
         %4 = flip %3 axes [0] : f32[2]
         %5 = add %3 %4 : f32[2]
         -> %5",
    );
}

#[test]
fn look_ups_are_scattered_together() {
    becomes(
        "%0 = data : f32[1, 2]
         %1 = data : i64[1, 1]
         %2 = data : f32[3, 2]
         %3 = data : i64[3, 1]
         %4 = data : f32[5, 2]
         %5 = scatter_add %0 %1 along axis 0 : f32[5, 2]
         %6 = scatter_add %2 %3 along axis 0 : f32[5, 2]
         %7 = accumulate %4 %5 %6 : f32[5, 2]
         -> %7",
        "%0 = data : f32[1, 2]
         %1 = data : i64[1, 1]
         %2 = data : f32[3, 2]
         %3 = data : i64[3, 1]
         %4 = data : f32[5, 2]
         %5 = expand %1 : i64[1, 2]
         %6 = expand %3 : i64[3, 2]
         %7 = concatenate %0 %2 along axis 0 : f32[4, 2]
         %8 = concatenate %5 %6 along axis 0 : i64[4, 2]
         %9 = scatter_add %7 %8 along axis 0 : f32[5, 2]
         %10 = add %4 %9 : f32[5, 2]
         -> %10",
    );
}

/// Those of one entry of each row are put into the rows as a pass walks through them, unless there are many.
#[test]
fn many_look_ups_of_rows_are_scattered_together() {
    let lookups = |count: usize| {
        let mut text = String::from("%0 = data : f32[2, 1]\n%1 = data : i64[2, 1]\n%2 = data : f32[2, 5]\n");
        for number in 3..3 + count {
            text += &format!("%{number} = scatter_add %0 %1 along axis 1 : f32[2, 5]\n");
        }
        text
    };
    let operands = |count: usize| (2..3 + count).map(|number| format!(" %{number}")).collect::<String>();
    let sums = |count: usize| {
        let line = |at: usize| {
            let left = if at == 0 { 2 } else { 2 + count + at };
            format!("%{} = add %{left} %{} : f32[2, 5]\n", 3 + count + at, 3 + at)
        };
        (0..count).map(line).collect::<String>()
    };
    becomes(
        &format!("{}%10 = accumulate{} : f32[2, 5]\n-> %10", lookups(7), operands(7)),
        &format!("{}{}-> %16", lookups(7), sums(7)),
    );
    becomes(
        &format!("{}%11 = accumulate{} : f32[2, 5]\n-> %11", lookups(8), operands(8)),
        "%0 = data : f32[2, 1]
         %1 = data : i64[2, 1]
         %2 = data : f32[2, 5]
         %3 = concatenate %0 %0 %0 %0 %0 %0 %0 %0 along axis 1 : f32[2, 8]
         %4 = concatenate %1 %1 %1 %1 %1 %1 %1 %1 along axis 1 : i64[2, 8]
         %5 = scatter_add %3 %4 along axis 1 : f32[2, 5]
         %6 = add %2 %5 : f32[2, 5]
         -> %6",
    );
}
