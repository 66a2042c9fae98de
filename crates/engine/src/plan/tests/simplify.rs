//! Each rule of simplification, and where it must not fire.

use super::{same_text, simplified, without_margin};

/// The program is left with these values.
#[track_caller]
fn becomes(program: &str, expected: &str) {
    same_text(&simplified(program), expected);
}

/// No rule applies.
#[track_caller]
fn unchanged(program: &str) {
    same_text(&simplified(program), &without_margin(program));
}

/// Neither a detached value nor a cast to its own type, a reshape or a repetition to its own shape is computed.
#[test]
fn what_changes_nothing_is_left_out() {
    becomes(
        "
        %0 = data : f32[3]
        %1 = detach %0 : f32[3]
        %2 = cast %1 : f32[3]
        %3 = reshape %2 : f32[3]
        %4 = expand %3 : f32[3]
        %5 = exp %4 : f32[3]
        -> %5",
        "
        %0 = data : f32[3]
        %1 = exp %0 : f32[3]
        -> %1",
    );
}

/// Value numbering. Operands are not sorted: for NaN the first of two decides.
#[test]
fn equal_expressions_are_one_value() {
    becomes(
        "
        %0 = data : f32[3]
        %1 = data : f32[3]
        %2 = exp %0 : f32[3]
        %3 = exp %0 : f32[3]
        %4 = add %2 %3 : f32[3]
        %5 = add %0 %1 : f32[3]
        %6 = add %1 %0 : f32[3]
        -> %4 %5 %6",
        "
        %0 = data : f32[3]
        %1 = data : f32[3]
        %2 = exp %0 : f32[3]
        %3 = add %2 %2 : f32[3]
        %4 = add %0 %1 : f32[3]
        %5 = add %1 %0 : f32[3]
        -> %3 %4 %5",
    );
}

/// A reshape of a reshape is one, and so is a repetition; one number is repeated from no axes.
#[test]
fn movements_are_composed() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = reshape %0 : f32[2, 3]
        %2 = reshape %1 : f32[3, 2]
        %3 = data : f32[2, 1]
        %4 = expand %3 : f32[2, 3]
        %5 = expand %4 : f32[4, 2, 3]
        %6 = data : f32[1, 1]
        %7 = reshape %6 : f32[1]
        %8 = expand %7 : f32[5]
        -> %2 %5 %8",
        "
        %0 = data : f32[6]
        %1 = reshape %0 : f32[3, 2]
        %2 = data : f32[2, 1]
        %3 = expand %2 : f32[4, 2, 3]
        %4 = data : f32[1, 1]
        %5 = reshape %4 : f32[]
        %6 = expand %5 : f32[5]
        -> %1 %3 %6",
    );
    // A reshape and then a repetition are two movements.
    unchanged(
        "
        %0 = data : f32[3]
        %1 = reshape %0 : f32[3, 1]
        %2 = expand %1 : f32[3, 4]
        -> %2",
    );
}

/// And vanish where the last undoes the first.
#[test]
fn permutations_are_composed() {
    becomes(
        "
        %0 = data : f32[2, 3, 4]
        %1 = permute %0 [2, 0, 1] : f32[4, 2, 3]
        %2 = permute %1 [1, 2, 0] : f32[2, 3, 4]
        %3 = permute %1 [0, 2, 1] : f32[4, 3, 2]
        -> %2 %3",
        "
        %0 = data : f32[2, 3, 4]
        %1 = permute %0 [2, 1, 0] : f32[4, 3, 2]
        -> %0 %1",
    );
}

/// `(a b)ᵀ = bᵀ aᵀ`.
#[test]
fn a_transposed_product_is_the_product_of_the_transposed() {
    becomes(
        "
        %0 = data : f32[2, 3]
        %1 = data : f32[3, 4]
        %2 = matmul %0 %1 : f32[2, 4]
        %3 = permute %2 [1, 0] : f32[4, 2]
        -> %3",
        "
        %0 = data : f32[2, 3]
        %1 = data : f32[3, 4]
        %2 = permute %1 [1, 0] : f32[4, 3]
        %3 = permute %0 [1, 0] : f32[3, 2]
        %4 = matmul %2 %3 : f32[4, 2]
        -> %4",
    );
    // Not where the batch is permuted, alone or with the matrices.
    unchanged(
        "
        %0 = data : f32[5, 2, 3]
        %1 = data : f32[5, 3, 4]
        %2 = matmul %0 %1 : f32[5, 2, 4]
        %3 = permute %2 [1, 0, 2] : f32[2, 5, 4]
        -> %3",
    );
    unchanged(
        "
        %0 = data : f32[6, 5, 2, 3]
        %1 = data : f32[6, 5, 3, 4]
        %2 = matmul %0 %1 : f32[6, 5, 2, 4]
        %3 = permute %2 [1, 0, 3, 2] : f32[5, 6, 4, 2]
        -> %3",
    );
}

/// So the cast between two types of numbers is left out.
#[test]
fn a_truth_value_is_the_same_number_in_any_type() {
    becomes(
        "
        %0 = data : bool[3]
        %1 = cast %0 : f32[3]
        %2 = cast %1 : f64[3]
        -> %2",
        "
        %0 = data : bool[3]
        %1 = cast %0 : f64[3]
        -> %1",
    );
    // Single precision rounds.
    unchanged(
        "
        %0 = data : f64[3]
        %1 = cast %0 : f32[3]
        %2 = cast %1 : f64[3]
        -> %2",
    );
}

/// An operation on repeated values is done before they are repeated; the next one repeats them by itself.
#[test]
fn what_repeats_is_computed_once() {
    becomes(
        "
        %0 = data : f32[3, 1]
        %1 = expand %0 : f32[3, 4]
        %2 = exp %1 : f32[3, 4]
        %3 = data : f32[3, 4]
        %4 = multiply %2 %3 : f32[3, 4]
        -> %4",
        "
        %0 = data : f32[3, 1]
        %1 = exp %0 : f32[3, 1]
        %2 = data : f32[3, 4]
        %3 = multiply %1 %2 : f32[3, 4]
        -> %3",
    );
}

/// `-(-a)`, `(-a)(-b)`, `(-a)/b`, `a + (-b)`, `(-a) + b`, `(-a) - (-b)`, `a - (-b)`: exact, whatever the numbers are.
#[test]
fn signs_meet_and_vanish() {
    becomes(
        "
        %0 = data : f32[3]
        %1 = data : f32[3]
        %2 = negate %0 : f32[3]
        %3 = negate %1 : f32[3]
        %4 = negate %2 : f32[3]
        %5 = multiply %2 %3 : f32[3]
        %6 = divide %2 %1 : f32[3]
        %7 = add %0 %3 : f32[3]
        %8 = add %2 %1 : f32[3]
        %9 = subtract %2 %3 : f32[3]
        %10 = subtract %0 %3 : f32[3]
        -> %4 %5 %6 %7 %8 %9 %10",
        "
        %0 = data : f32[3]
        %1 = data : f32[3]
        %2 = multiply %0 %1 : f32[3]
        %3 = divide %0 %1 : f32[3]
        %4 = negate %3 : f32[3]
        %5 = subtract %0 %1 : f32[3]
        %6 = subtract %1 %0 : f32[3]
        %7 = add %0 %1 : f32[3]
        -> %0 %2 %4 %5 %6 %6 %7",
    );
}

#[test]
fn a_choice_of_two_negatives_is_the_negative_of_the_choice() {
    becomes(
        "
        %0 = data : bool[3]
        %1 = data : f32[3]
        %2 = data : f32[3]
        %3 = negate %1 : f32[3]
        %4 = negate %2 : f32[3]
        %5 = select %0 %3 %4 : f32[3]
        -> %5",
        "
        %0 = data : bool[3]
        %1 = data : f32[3]
        %2 = data : f32[3]
        %3 = select %0 %1 %2 : f32[3]
        %4 = negate %3 : f32[3]
        -> %4",
    );
}

/// `-a - b` is no `-(a + b)`: 1 - 1 and -1 + 1 are both 0. A maximum, and a choice of one negative, stay.
#[test]
fn signs_stay_where_they_decide() {
    unchanged(
        "
        %0 = data : f32[3]
        %1 = data : f32[3]
        %2 = negate %0 : f32[3]
        %3 = subtract %2 %1 : f32[3]
        %4 = maximum %2 %1 : f32[3]
        %5 = data : bool[3]
        %6 = select %5 %2 %1 : f32[3]
        -> %3 %4 %6",
    );
    // The least integer has no negative.
    unchanged(
        "
        %0 = data : i64[3]
        %1 = data : i64[3]
        %2 = negate %0 : i64[3]
        %3 = add %1 %2 : i64[3]
        -> %3",
    );
}

/// `0 x` is NaN of an infinite x, and so is `x - x`; `x + 0` makes 0 of -0.
#[test]
fn no_number_is_supposed_to_be_finite_or_positive() {
    unchanged(
        "
        %0 = data : f32[3]
        %1 = constant 0 : f32[]
        %2 = multiply %0 %1 : f32[3]
        %3 = subtract %0 %0 : f32[3]
        %4 = add %0 %1 : f32[3]
        -> %2 %3 %4",
    );
}

#[test]
fn a_reduction_of_single_entries_is_left_out() {
    becomes(
        "
        %0 = data : f32[3, 1]
        %1 = sum %0 over axes [1] : f32[3, 1]
        -> %1",
        "
        %0 = data : f32[3, 1]
        -> %0",
    );
}

/// Not negated: the sum of zeros is 0 and not -0. A maximum is not turned into a minimum.
#[test]
fn a_sum_of_negatives_is_subtracted_from_zero() {
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = negate %0 : f32[3, 4]
        %2 = sum %1 over axes [1] : f32[3, 1]
        %3 = max %1 over axes [1] : f32[3, 1]
        -> %2 %3",
        "
        %0 = data : f32[3, 4]
        %1 = negate %0 : f32[3, 4]
        %2 = sum %0 over axes [1] : f32[3, 1]
        %3 = constant 0 : f32[]
        %4 = subtract %3 %2 : f32[3, 1]
        %5 = max %1 over axes [1] : f32[3, 1]
        -> %4 %5",
    );
}

#[test]
fn the_sum_of_all_sums_is_one_sum() {
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = sum %0 over axes [1] : f32[3, 1]
        %2 = reshape %1 : f32[3]
        %3 = sum %2 over axes [0] : f32[1]
        -> %3",
        "
        %0 = data : f32[3, 4]
        %1 = sum %0 over axes [0, 1] : f32[1, 1]
        %2 = reshape %1 : f32[1]
        -> %2",
    );
    // Not of maxima.
    unchanged(
        "
        %0 = data : f32[3, 4]
        %1 = max %0 over axes [1] : f32[3, 1]
        %2 = sum %1 over axes [0] : f32[1, 1]
        -> %2",
    );
    // Not of integers, which no pass adds up.
    unchanged(
        "
        %0 = data : i64[3, 4]
        %1 = sum %0 over axes [1] : i64[3, 1]
        %2 = sum %1 over axes [0] : i64[1, 1]
        -> %2",
    );
}

/// Each row to one number; then the others.
#[test]
fn the_last_axes_are_reduced_first() {
    becomes(
        "
        %0 = data : f32[8, 9, 7]
        %1 = sum %0 over axes [0, 2] : f32[1, 9, 1]
        -> %1",
        "
        %0 = data : f32[8, 9, 7]
        %1 = sum %0 over axes [2] : f32[8, 9, 1]
        %2 = sum %1 over axes [0] : f32[1, 9, 1]
        -> %2",
    );
}

/// They are slices, read where they lie.
#[test]
fn few_entries_that_lie_apart_are_combined_one_by_one() {
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = sum %0 over axes [0] : f32[1, 4]
        %2 = max %0 over axes [0] : f32[1, 4]
        -> %1 %2",
        "
        %0 = data : f32[3, 4]
        %1 = slice %0 from [0, 0] by [1, 1] : f32[1, 4]
        %2 = slice %0 from [1, 0] by [1, 1] : f32[1, 4]
        %3 = add %1 %2 : f32[1, 4]
        %4 = slice %0 from [2, 0] by [1, 1] : f32[1, 4]
        %5 = add %3 %4 : f32[1, 4]
        %6 = maximum %2 %1 : f32[1, 4]
        %7 = maximum %4 %6 : f32[1, 4]
        -> %5 %7",
    );
    // Not more than four, and no integers.
    unchanged(
        "
        %0 = data : f32[5, 4]
        %1 = sum %0 over axes [0] : f32[1, 4]
        %2 = data : i64[2, 4]
        %3 = sum %2 over axes [0] : i64[1, 4]
        -> %1 %3",
    );
}

/// As for windows: each slice of the product is the product of slices.
#[test]
fn what_leads_to_few_entries_is_computed_in_parts() {
    becomes(
        "
        %0 = data : f32[4, 2, 9, 2]
        %1 = data : f32[4, 2, 9, 2]
        %2 = multiply %0 %1 : f32[4, 2, 9, 2]
        %3 = max %2 over axes [1, 3] : f32[4, 1, 9, 1]
        -> %3",
        "
        %0 = data : f32[4, 2, 9, 2]
        %1 = data : f32[4, 2, 9, 2]
        %2 = slice %0 from [0, 0, 0, 0] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %3 = slice %1 from [0, 0, 0, 0] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %4 = multiply %2 %3 : f32[4, 1, 9, 1]
        %5 = slice %0 from [0, 0, 0, 1] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %6 = slice %1 from [0, 0, 0, 1] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %7 = multiply %5 %6 : f32[4, 1, 9, 1]
        %8 = maximum %7 %4 : f32[4, 1, 9, 1]
        %9 = slice %0 from [0, 1, 0, 0] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %10 = slice %1 from [0, 1, 0, 0] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %11 = multiply %9 %10 : f32[4, 1, 9, 1]
        %12 = maximum %11 %8 : f32[4, 1, 9, 1]
        %13 = slice %0 from [0, 1, 0, 1] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %14 = slice %1 from [0, 1, 0, 1] by [1, 1, 1, 1] : f32[4, 1, 9, 1]
        %15 = multiply %13 %14 : f32[4, 1, 9, 1]
        %16 = maximum %15 %12 : f32[4, 1, 9, 1]
        -> %16",
    );
}

/// Of windows that lie within each other, too, and what is done to them is done to the parts.
#[test]
fn windows_are_reduced_as_shifted_parts() {
    becomes(
        "
        %0 = data : f32[9, 40]
        %1 = data : f32[3]
        %2 = multiply %0 %0 : f32[9, 40]
        %3 = windows %2 axis 1, step 2, dilation 3 : f32[9, 17, 3]
        %4 = multiply %3 %1 : f32[9, 17, 3]
        %5 = sum %4 over axes [2] : f32[9, 17, 1]
        -> %5",
        "
        %0 = data : f32[9, 40]
        %1 = data : f32[3]
        %2 = slice %0 from [0, 0] by [1, 2] : f32[9, 17]
        %3 = multiply %2 %2 : f32[9, 17]
        %4 = reshape %3 : f32[9, 17, 1]
        %5 = expand %1 : f32[9, 17, 3]
        %6 = slice %5 from [0, 0, 0] by [1, 1, 1] : f32[9, 17, 1]
        %7 = multiply %4 %6 : f32[9, 17, 1]
        %8 = slice %0 from [0, 3] by [1, 2] : f32[9, 17]
        %9 = multiply %8 %8 : f32[9, 17]
        %10 = reshape %9 : f32[9, 17, 1]
        %11 = slice %5 from [0, 0, 1] by [1, 1, 1] : f32[9, 17, 1]
        %12 = multiply %10 %11 : f32[9, 17, 1]
        %13 = add %7 %12 : f32[9, 17, 1]
        %14 = slice %0 from [0, 6] by [1, 2] : f32[9, 17]
        %15 = multiply %14 %14 : f32[9, 17]
        %16 = reshape %15 : f32[9, 17, 1]
        %17 = slice %5 from [0, 0, 2] by [1, 1, 1] : f32[9, 17, 1]
        %18 = multiply %16 %17 : f32[9, 17, 1]
        %19 = add %13 %18 : f32[9, 17, 1]
        -> %19",
    );
    // More than nine along two axes: along one, then along the other; more than four in pairs.
    becomes(
        "
        %0 = data : f32[12, 12]
        %1 = windows %0 axis 0, step 1, dilation 1 : f32[8, 12, 5]
        %2 = windows %1 axis 1, step 1, dilation 1 : f32[8, 11, 5, 2]
        %3 = max %2 over axes [2, 3] : f32[8, 11, 1, 1]
        -> %3",
        "
        %0 = data : f32[12, 12]
        %1 = slice %0 from [0, 0] by [1, 1] : f32[8, 12]
        %2 = slice %0 from [1, 0] by [1, 1] : f32[8, 12]
        %3 = maximum %2 %1 : f32[8, 12]
        %4 = slice %0 from [2, 0] by [1, 1] : f32[8, 12]
        %5 = slice %0 from [3, 0] by [1, 1] : f32[8, 12]
        %6 = maximum %5 %4 : f32[8, 12]
        %7 = maximum %6 %3 : f32[8, 12]
        %8 = slice %0 from [4, 0] by [1, 1] : f32[8, 12]
        %9 = maximum %8 %7 : f32[8, 12]
        %10 = slice %9 from [0, 0] by [1, 1] : f32[8, 11]
        %11 = slice %9 from [0, 1] by [1, 1] : f32[8, 11]
        %12 = maximum %11 %10 : f32[8, 11]
        %13 = reshape %12 : f32[8, 11, 1, 1]
        -> %13",
    );
    // Windows along the entries of windows; many entries; windows that hardly lie within each other.
    unchanged(
        "
        %0 = data : f32[12, 30]
        %1 = windows %0 axis 1, step 1, dilation 1 : f32[12, 25, 6]
        %2 = windows %1 axis 2, step 1, dilation 1 : f32[12, 25, 3, 4]
        %3 = sum %2 over axes [2, 3] : f32[12, 25, 1, 1]
        %4 = windows %0 axis 1, step 1, dilation 1 : f32[12, 14, 17]
        %5 = sum %4 over axes [2] : f32[12, 14, 1]
        %6 = windows %0 axis 1, step 4, dilation 1 : f32[12, 6, 8]
        %7 = sum %6 over axes [2] : f32[12, 6, 1]
        -> %3 %5 %7",
    );
}

/// One number for each window goes back to all of its entries: between zeros, read at each place.
#[test]
fn numbers_of_windows_are_added_back_as_shifted_parts() {
    becomes(
        "
        %0 = data : f32[9, 17, 1]
        %1 = expand %0 : f32[9, 17, 3]
        %2 = overlap_add %1 axis 1, step 1, dilation 2 : f32[9, 22]
        -> %2",
        "
        %0 = data : f32[9, 17, 1]
        %1 = reshape %0 : f32[9, 17]
        %2 = pad %1 before [0, 4] between [0, 0] : f32[9, 26]
        %3 = slice %2 from [0, 4] by [1, 1] : f32[9, 22]
        %4 = slice %2 from [0, 2] by [1, 1] : f32[9, 22]
        %5 = add %3 %4 : f32[9, 22]
        %6 = slice %2 from [0, 0] by [1, 1] : f32[9, 22]
        %7 = add %5 %6 : f32[9, 22]
        -> %7",
    );
    // Weighted by place.
    becomes(
        "
        %0 = data : f32[9, 17, 1]
        %1 = data : f32[2]
        %2 = multiply %0 %1 : f32[9, 17, 2]
        %3 = overlap_add %2 axis 1, step 1, dilation 1 : f32[9, 18]
        -> %3",
        "
        %0 = data : f32[9, 17, 1]
        %1 = data : f32[2]
        %2 = reshape %0 : f32[9, 17]
        %3 = pad %2 before [0, 1] between [0, 0] : f32[9, 19]
        %4 = slice %3 from [0, 1] by [1, 1] : f32[9, 18]
        %5 = slice %1 from [0] by [1] : f32[1]
        %6 = reshape %5 : f32[1, 1]
        %7 = expand %6 : f32[1, 17]
        %8 = pad %7 before [0, 0] between [0, 0] : f32[1, 18]
        %9 = multiply %4 %8 : f32[9, 18]
        %10 = slice %3 from [0, 0] by [1, 1] : f32[9, 18]
        %11 = slice %1 from [1] by [1] : f32[1]
        %12 = reshape %11 : f32[1, 1]
        %13 = expand %12 : f32[1, 17]
        %14 = pad %13 before [0, 1] between [0, 0] : f32[1, 18]
        %15 = multiply %10 %14 : f32[9, 18]
        %16 = add %9 %15 : f32[9, 18]
        -> %16",
    );
    // Not steps of two, nor numbers of their own for each entry of each window.
    unchanged(
        "
        %0 = data : f32[9, 17, 1]
        %1 = expand %0 : f32[9, 17, 3]
        %2 = overlap_add %1 axis 1, step 2, dilation 1 : f32[9, 35]
        %3 = data : f32[9, 17, 3]
        %4 = overlap_add %3 axis 1, step 1, dilation 1 : f32[9, 19]
        -> %2 %4",
    );
}

/// One entry for each row. The index is still looked at.
#[test]
fn the_sum_of_what_was_scattered_is_what_was_scattered() {
    becomes(
        "
        %0 = data : f32[3, 1]
        %1 = data : i64[3, 1]
        %2 = scatter_add %0 %1 along axis 1 : f32[3, 4]
        %3 = sum %2 over axes [1] : f32[3, 1]
        -> %3",
        "
        %0 = data : f32[3, 1]
        %1 = data : i64[3, 1]
        -> %0
        check %1 < 4 for scatter_add",
    );
    // Of two entries for each row, both are added.
    unchanged(
        "
        %0 = data : f32[3, 2]
        %1 = data : i64[3, 2]
        %2 = scatter_add %0 %1 along axis 1 : f32[3, 4]
        %3 = sum %2 over axes [1] : f32[3, 1]
        -> %3",
    );
}

#[test]
fn an_index_is_checked_though_nothing_needs_what_it_picks() {
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = data : i64[3, 1]
        %2 = gather %0 %1 along axis 1 : f32[3, 1]
        -> %0",
        "
        %0 = data : f32[3, 4]
        %1 = data : i64[3, 1]
        -> %0
        check %1 < 4 for take_along_axis",
    );
    // A gather that takes place looks at it.
    becomes(
        "
        %0 = data : f32[3, 4]
        %1 = data : i64[3, 1]
        %2 = gather %0 %1 along axis 1 : f32[3, 1]
        %3 = exp %2 : f32[3, 1]
        -> %0 %2",
        "
        %0 = data : f32[3, 4]
        %1 = data : i64[3, 1]
        %2 = gather %0 %1 along axis 1 : f32[3, 1]
        -> %0 %2",
    );
}

/// Of each row one entry is chosen, and summed with zeros: the entry of a difference is the difference of entries.
#[test]
fn what_is_done_to_all_entries_is_done_to_the_chosen_one() {
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
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = constant 0 : f32[]
        %6 = select %2 %3 %5 : f32[3, 4]
        %7 = sum %6 over axes [1] : f32[3, 1]
        %8 = constant 0.0 : f32[]
        %9 = select %2 %4 %8 : f32[3, 4]
        %10 = sum %9 over axes [1] : f32[3, 1]
        %11 = subtract %7 %10 : f32[3, 1]
        -> %11",
    );
    // A quotient of zeros would be NaN.
    unchanged(
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = divide %3 %4 : f32[3, 4]
        %6 = constant 0 : f32[]
        %7 = select %2 %5 %6 : f32[3, 4]
        %8 = sum %7 over axes [1] : f32[3, 1]
        -> %8",
    );
}

/// `x - (v here, else 0) = x + (-v here, else -0)`, where at most one entry of a row is meant.
#[test]
fn little_that_is_subtracted_is_added_in_place() {
    becomes(
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = constant 0 : f32[]
        %6 = select %2 %4 %5 : f32[3, 4]
        %7 = subtract %3 %6 : f32[3, 4]
        -> %7",
        "
        %0 = iota : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = negate %4 : f32[3, 1]
        %6 = constant -0.0 : f32[]
        %7 = select %2 %5 %6 : f32[3, 4]
        %8 = add %3 %7 : f32[3, 4]
        -> %8",
    );
    // Other positions may be equal, and then there may be several.
    unchanged(
        "
        %0 = data : i64[3, 4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = constant 0 : f32[]
        %6 = select %2 %4 %5 : f32[3, 4]
        %7 = subtract %3 %6 : f32[3, 4]
        -> %7",
    );
    unchanged(
        "
        %0 = data : i64[4]
        %1 = data : i64[3, 1]
        %2 = eq %0 %1 : bool[3, 4]
        %3 = data : f32[3, 4]
        %4 = data : f32[3, 1]
        %5 = constant 0 : f32[]
        %6 = select %2 %4 %5 : f32[3, 4]
        %7 = subtract %3 %6 : f32[3, 4]
        -> %7",
    );
}

/// Products added up over their batch are one product of what lies one below the other.
#[test]
fn products_that_are_added_up_are_one() {
    becomes(
        "
        %0 = data : f32[5, 4, 2]
        %1 = data : f32[5, 4, 3]
        %2 = permute %0 [0, 2, 1] : f32[5, 2, 4]
        %3 = matmul %2 %1 : f32[5, 2, 3]
        %4 = sum %3 over axes [0] : f32[1, 2, 3]
        -> %4",
        "
        %0 = data : f32[5, 4, 2]
        %1 = data : f32[5, 4, 3]
        %2 = reshape %0 : f32[20, 2]
        %3 = reshape %1 : f32[20, 3]
        %4 = permute %2 [1, 0] : f32[2, 20]
        %5 = matmul %4 %3 : f32[2, 3]
        %6 = reshape %5 : f32[1, 2, 3]
        -> %6",
    );
}

/// Not where matrices would have to be copied, where one is the same for all, or where a part of the batch is kept.
#[test]
fn other_products_that_are_added_up_stay() {
    unchanged(
        "
        %0 = data : f32[5, 4, 2]
        %1 = data : f32[5, 3, 4]
        %2 = permute %0 [0, 2, 1] : f32[5, 2, 4]
        %3 = permute %1 [0, 2, 1] : f32[5, 4, 3]
        %4 = matmul %2 %3 : f32[5, 2, 3]
        %5 = sum %4 over axes [0] : f32[1, 2, 3]
        -> %5",
    );
    unchanged(
        "
        %0 = data : f32[5, 4, 2]
        %1 = data : f32[4, 3]
        %2 = permute %0 [0, 2, 1] : f32[5, 2, 4]
        %3 = matmul %2 %1 : f32[5, 2, 3]
        %4 = sum %3 over axes [0] : f32[1, 2, 3]
        -> %4",
    );
    unchanged(
        "
        %0 = data : f32[6, 5, 4, 2]
        %1 = data : f32[6, 5, 4, 3]
        %2 = permute %0 [0, 1, 3, 2] : f32[6, 5, 2, 4]
        %3 = matmul %2 %1 : f32[6, 5, 2, 3]
        %4 = sum %3 over axes [1] : f32[6, 1, 2, 3]
        -> %4",
    );
}
