//! Passes as the instructions of their loops.

use super::{planned, same_text};

/// The program is run by these steps.
#[track_caller]
fn becomes(program: &str, expected: &str) {
    same_text(&planned(program).0.to_string(), expected);
}

/// What is between them needs no register.
#[test]
fn two_operations_of_a_ring_are_one_instruction() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = multiply %0 %1 : f32[6]
        %3 = add %2 %0 : f32[6]
        -> %3",
        "
        pass over 6 entries, f32
        phase 0:
          %3 = add (multiply %0 %1) %0
        free %0 %1
        -> %3",
    );
    // Unless somebody else reads it.
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = multiply %0 %1 : f32[6]
        %3 = add %2 %0 : f32[6]
        %4 = sin %2 : f32[6]
        -> %3 %4",
        "
        pass over 6 entries, f32
        phase 0:
          r0 = multiply %0 %1
          %3 = add r0 %0
          %4 = sin r0
        free %0 %1
        -> %3 %4",
    );
    // Not with one number for each row.
    becomes(
        "
        %0 = data : f32[2, 3]
        %1 = data : f32[2, 1]
        %2 = multiply %0 %1 : f32[2, 3]
        %3 = add %2 %0 : f32[2, 3]
        %4 = sum %3 over axes [1] : f32[2, 1]
        -> %4",
        "
        pass over 2 rows of 3, f32
        phase 0:
          r0 = multiply %0 %1:row
          r1 = add r0 %0
          %4 = sum of row r1
        free %0 %1
        -> %4",
    );
}

#[test]
fn a_choice_compares_by_itself() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = lt %0 %1 : bool[6]
        %3 = select %2 %0 %1 : f32[6]
        -> %3",
        "
        pass over 6 entries, f32
        phase 0:
          %3 = select (lt %0 %1) %0 %1
        free %0 %1
        -> %3",
    );
    // Unless the truth value is wanted.
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = lt %0 %1 : bool[6]
        %3 = select %2 %0 %1 : f32[6]
        -> %2 %3",
        "
        pass over 6 entries, f32
        phase 0:
          r0 = lt %0 %1
          %2 = store r0
          %3 = select r0 %0 %1
        free %0 %1
        -> %2 %3",
    );
}

/// Of the negative logit as well, which is then not computed.
#[test]
fn functions_of_one_logit_share_its_exponential() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = sigmoid %0 : f32[6]
        %2 = softplus %0 : f32[6]
        %3 = negate %0 : f32[6]
        %4 = softplus %3 : f32[6]
        %5 = multiply %1 %2 : f32[6]
        %6 = add %5 %4 : f32[6]
        -> %6",
        "
        pass over 6 entries, f32
        phase 0:
          r0 r1 r2 = softplus|softplus-|sigmoid %0
          %6 = add (multiply r2 r0) r1
        free %0
        -> %6",
    );
}

#[test]
fn a_sum_of_products_is_one_instruction() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = multiply %0 %1 : f32[6]
        %3 = sum %2 over axes [0] : f32[1]
        -> %3",
        "
        pass over 6 entries, f32
        phase 0:
          %3 += dot %0 %1
        free %0 %1
        -> %3",
    );
    // Unless the products are wanted.
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = multiply %0 %1 : f32[6]
        %3 = sum %2 over axes [0] : f32[1]
        -> %2 %3",
        "
        pass over 6 entries, f32
        phase 0:
          %2 = multiply %0 %1
          %3 += %2
        free %0 %1
        -> %2 %3",
    );
    // A maximum of products is none.
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : f32[6]
        %2 = multiply %0 %1 : f32[6]
        %3 = max %2 over axes [0] : f32[1]
        -> %3",
        "
        pass over 6 entries, f32
        phase 0:
          r0 = multiply %0 %1
          %3 = max %3 r0
        free %0 %1
        -> %3",
    );
}

/// Where the tile holds several rows it is laid out for them once, if the rows are known to be rows.
#[test]
fn what_repeats_for_every_row_is_loaded() {
    becomes(
        "
        %0 = data : f32[4, 3]
        %1 = data : f32[3]
        %2 = multiply %0 %1 : f32[4, 3]
        -> %2",
        "
        pass over 12 entries, f32
        phase 0:
          r0 = load %1 [3:1, 4:0]
          %2 = multiply %0 r0
        free %0 %1
        -> %2",
    );
    becomes(
        "
        %0 = data : f32[10, 8]
        %1 = sum %0 over axes [0] : f32[1, 8]
        %2 = divide %0 %1 : f32[10, 8]
        -> %2",
        "
        pass over 10 rows of 8, f32
        phase 0:
          %1:column += %0
        pass over 10 rows of 8, f32
        once:
          r0 = load %1 [8:1, 10:0]
        phase 0:
          %2 = divide %0 r0
        free %0 %1
        -> %2",
    );
}

/// The number once; a truth value becomes 0 or 1.
#[test]
fn one_number_and_truth_values_are_brought_into_registers() {
    becomes(
        "
        %0 = data : f32[4, 3]
        %1 = data : bool[4, 1]
        %2 = data : f32[]
        %3 = select %1 %0 %2 : f32[4, 3]
        -> %3",
        "
        pass over 12 entries, f32
        once:
          r0 = spread %2:one
        phase 0:
          r1 = load bool %1 [3:0, 4:1]
          %3 = select r1 %0 r0
        free %0 %1 %2
        -> %3",
    );
    // The number of a row with each tile of it.
    becomes(
        "
        %0 = data : bool[3, 4]
        %1 = data : f32[3, 4]
        %2 = data : f32[3, 1]
        %3 = select %0 %1 %2 : f32[3, 4]
        %4 = sum %3 over axes [1] : f32[3, 1]
        -> %3 %4",
        "
        pass over 3 rows of 4, f32
        phase 0:
          r0 = load bool %0 [12:1]
          r1 = spread %2:row
          %3 = select r0 %1 r1
          %4 = sum of row %3
        free %0 %1 %2
        -> %3 %4",
    );
}

/// Innermost first, `size:stride`, from an entry on.
#[test]
fn a_view_is_loaded_with_its_steps() {
    becomes(
        "
        %0 = data : f32[4, 3]
        %1 = flip %0 axes [1] : f32[4, 3]
        %2 = slice %1 from [0, 1] by [1, 2] : f32[4, 1]
        %3 = exp %2 : f32[4, 1]
        -> %3",
        "
        pass over 4 entries, f32
        phase 0:
          r0 = load %0+1 [4:3]
          %3 = exp r0
        free %0
        -> %3",
    );
}

/// The difference is taken of the entry that was picked, not of the row.
#[test]
fn of_a_row_only_the_chosen_entry_is_computed() {
    becomes(
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = subtract %3 %4 : f32[3, 4]
        %6 = constant 0 : f32[]
        %7 = select %2 %5 %6 : f32[3, 4]
        %8 = sum %7 over axes [1] : f32[3, 1]
        -> %8",
        "
        pass over 3 rows of 4, f32
        rows of phase 0:
          r0 = within_row %4 at %1
        phase 0:
          r1 = pick %3 at %1
        rows of phase 1:
          %11 = subtract r1 r0
        free %1 %3 %4
        -> %11",
    );
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = data : i64[3, 1]
        %2 = max %0 over axes [1] : f32[3, 1]
        %3 = subtract %0 %2 : f32[3, 4]
        %4 = gather %3 %1 along axis 1 : f32[3, 1]
        -> %4",
        "
        pass over 3 rows of 4, f32
        phase 0:
          r0 = max of row %0
          r1 = pick %0 at %1
        rows of phase 1:
          %4 = subtract r1 r0
        free %0 %1
        -> %4",
    );
    // Where no index may name an entry there is nothing to choose.
    becomes(
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = subtract %3 %4 : f32[3, 4]
        %6 = constant 0 : f32[]
        %7 = select %2 %5 %6 : f32[3, 4]
        -> %7",
        "
        pass over 3 rows of 4, f32
        phase 0:
          r0 = pick %3 at %1
        rows of phase 1:
          r1 = subtract r0 %4
          r0 = within_row r1 at %1
        phase 1:
          %7 = place r0:row at %1
        free %1 %3 %4
        -> %7",
    );
}

#[test]
fn what_is_put_into_a_row_is_added_in_place() {
    becomes(
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = constant 0 : f32[]
        %6 = select %2 %4 %5 : f32[3, 4]
        %7 = exp %3 : f32[3, 4]
        %8 = subtract %7 %6 : f32[3, 4]
        -> %8",
        "
        pass over 3 rows of 4, f32
        rows of phase 0:
          r0 = negate %4
        phase 0:
          %9 = exp %3
          %9 = add %9 (place r0:row at %1)
        free %1 %3 %4
        -> %9",
    );
}

/// Their sums are accumulators.
#[test]
fn rows_that_no_tile_holds_are_walked_through_in_each_phase() {
    becomes(
        "
        %0 = data : f32[2, 3000]
        %1 = sum %0 over axes [1] : f32[2, 1]
        %2 = divide %0 %1 : f32[2, 3000]
        -> %2",
        "
        pass over 2 rows of 3000, f32
        phase 0:
          row0 += %0
        rows of phase 1:
          r0 = row0
        phase 1:
          %2 = divide %0 r0:row
        free %0
        -> %2",
    );
}

#[test]
fn across_rows_the_entries_of_a_column_are_combined() {
    becomes(
        "
        %0 = data : f32[5, 8]
        %1 = sum %0 over axes [0] : f32[1, 8]
        %2 = max %0 over axes [0] : f32[1, 8]
        -> %1 %2",
        "
        pass over 5 rows of 8, f32
        phase 0:
          %1:column += %0
          %2:column = max %2:column %0
        free %0
        -> %1 %2",
    );
}

#[test]
fn single_numbers_are_a_pass_over_one_entry() {
    becomes(
        "
        %0 = data : f32[]
        %1 = data : f32[]
        %2 = add %0 %1 : f32[]
        %3 = exp %2 : f32[]
        -> %2 %3",
        "
        pass over 1 entries, f32
        once:
          r0 = spread %0:one
        phase 0:
          %2 = add r0 %1:one
          %3 = exp %2
        free %0 %1
        -> %2 %3",
    );
}
