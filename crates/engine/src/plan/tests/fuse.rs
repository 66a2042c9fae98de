//! Which operations go into which step.

use super::{planned, same_text};

/// The program is run by these steps.
#[track_caller]
fn becomes(program: &str, expected: &str) {
    same_text(&planned(program).0.to_string(), expected);
}

#[test]
fn what_walks_over_the_same_entries_is_one_pass() {
    becomes(
        "
        %0 = data : f32[100]
        %1 = data : f32[100]
        %2 = subtract %0 %1 : f32[100]
        %3 = multiply %2 %2 : f32[100]
        %4 = sum %3 over axes [0] : f32[1]
        %5 = exp %2 : f32[100]
        -> %4 %5",
        "
        pass over 100 entries, f32
        phase 0:
          r0 = subtract %0 %1
          %4 += dot r0 r0
          %5 = exp r0
        free %0 %1
        -> %4 %5",
    );
}

/// What needs it comes in the next.
#[test]
fn a_sum_of_everything_is_complete_when_its_pass_ends() {
    becomes(
        "
        %0 = data : f32[100]
        %1 = sum %0 over axes [0] : f32[1]
        %2 = divide %0 %1 : f32[100]
        -> %2",
        "
        pass over 100 entries, f32
        phase 0:
          %1 += %0
        pass over 100 entries, f32
        phase 0:
          %2 = divide %0 %1:one
        free %0 %1
        -> %2",
    );
}

/// What needs it is a phase of the same pass.
#[test]
fn a_sum_along_a_row_is_complete_when_the_row_ends() {
    becomes(
        "
        %0 = data : f32[10, 8]
        %1 = sum %0 over axes [1] : f32[10, 1]
        %2 = divide %0 %1 : f32[10, 8]
        -> %2",
        "
        pass over 10 rows of 8, f32
        phase 0:
          r0 = sum of row %0
        phase 1:
          %2 = divide %0 r0:row
        free %0
        -> %2",
    );
}

#[test]
fn a_sum_across_rows_is_complete_when_its_pass_ends() {
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

/// To start a pass takes a good part of the time of a small one.
#[test]
fn small_passes_that_are_alike_are_joined() {
    becomes(
        "
        %0 = data : f32[300]
        %1 = data : f32[300]
        %2 = exp %0 : f32[300]
        %3 = sin %0 : f32[300]
        %4 = exp %1 : f32[300]
        -> %2 %3 %4",
        "
        pass over 300 entries, f32
        phase 0:
          %2 = exp %0
          %3 = sin %0
          %4 = exp %1
        free %0 %1
        -> %2 %3 %4",
    );
    // Large ones are not, for nothing.
    becomes(
        "
        %0 = data : f32[300000]
        %1 = data : f32[300000]
        %2 = exp %0 : f32[300000]
        %3 = exp %1 : f32[300000]
        -> %2 %3",
        "
        pass over 300000 entries, f32
        phase 0:
          %2 = exp %0
        free %0
        pass over 300000 entries, f32
        phase 0:
          %3 = exp %1
        free %1
        -> %2 %3",
    );
}

/// It is then read once.
#[test]
fn passes_that_read_the_same_are_joined() {
    becomes(
        "
        %0 = data : f32[300000]
        %1 = exp %0 : f32[300000]
        %2 = sin %0 : f32[300000]
        -> %1 %2",
        "
        pass over 300000 entries, f32
        phase 0:
          %1 = exp %0
          %2 = sin %0
        free %0
        -> %1 %2",
    );
}

#[test]
fn a_pass_computes_in_one_type() {
    becomes(
        "
        %0 = data : f32[300]
        %1 = data : f64[300]
        %2 = exp %0 : f32[300]
        %3 = exp %1 : f64[300]
        %4 = cast %2 : f64[300]
        %5 = add %4 %3 : f64[300]
        -> %5",
        "
        pass over 300 entries, f32
        phase 0:
          %2 = exp %0
        free %0
        pass over 300 entries, f64
        phase 0:
          r0 = exp %1
          r1 = load f32 %2 [300:1]
          %5 = add r1 r0
        free %1 %2
        -> %5",
    );
}

#[test]
fn a_product_of_matrices_runs_by_itself() {
    becomes(
        "
        %0 = data : f32[4, 5]
        %1 = data : f32[5, 6]
        %2 = exp %0 : f32[4, 5]
        %3 = matmul %2 %1 : f32[4, 6]
        %4 = tanh %3 : f32[4, 6]
        -> %4",
        "
        pass over 20 entries, f32
        phase 0:
          %2 = exp %0
        free %0
        %3 = matmul %2 %1
        free %1 %2
        pass over 24 entries, f32
        phase 0:
          %4 = tanh %3
        free %3
        -> %4",
    );
}

/// Rematerialisation: a difference costs less than to store it and to read it.
#[test]
fn what_is_cheap_is_computed_again() {
    becomes(
        "
        %0 = data : f32[50]
        %1 = data : f32[50]
        %2 = subtract %0 %1 : f32[50]
        %3 = sum %2 over axes [0] : f32[1]
        %4 = abs %2 : f32[50]
        %5 = multiply %4 %3 : f32[50]
        -> %5",
        "
        pass over 50 entries, f32
        phase 0:
          r0 = subtract %0 %1
          %3 += r0
        pass over 50 entries, f32
        phase 0:
          r0 = subtract %0 %1
          r1 = abs r0
          %5 = multiply r1 %3:one
        free %0 %1 %3
        -> %5",
    );
    // A sine does not.
    becomes(
        "
        %0 = data : f32[50]
        %1 = sin %0 : f32[50]
        %2 = sum %1 over axes [0] : f32[1]
        %3 = multiply %1 %2 : f32[50]
        -> %3",
        "
        pass over 50 entries, f32
        phase 0:
          %1 = sin %0
          %2 += %1
        free %0
        pass over 50 entries, f32
        phase 0:
          %3 = multiply %1 %2:one
        free %1 %2
        -> %3",
    );
}

/// Twelve megabytes of differences of all pairs of rows, summed by one row and by the other.
#[test]
fn what_is_made_of_little_is_computed_again_for_each_sum() {
    becomes(
        "
        %0 = data : f32[512, 1, 12]
        %1 = data : f32[1, 512, 12]
        %2 = subtract %0 %1 : f32[512, 512, 12]
        %3 = divide %2 %0 : f32[512, 512, 12]
        %4 = sum %3 over axes [1] : f32[512, 1, 12]
        %5 = sum %3 over axes [0] : f32[1, 512, 12]
        -> %4 %5",
        "
        pass over 262144 rows of 12, f32
        phase 0:
          r0 = load %0 [12:1, 512:0, 512:12]
          r1 = load %1 [6144:1, 512:0]
          r2 = subtract r0 r1
          r1 = divide r2 r0
          %4:column += r1
        pass over 512 rows of 6144, f32
        phase 0:
          r0 = load %0 [12:1, 512:0, 512:12]
          r1 = subtract r0 %1:column
          r2 = divide r1 r0
          %5:column += r2
        free %0 %1
        -> %4 %5",
    );
}

#[test]
fn integers_run_by_themselves() {
    becomes(
        "
        %0 = data : f32[4, 3]
        %1 = data : i64[4, 1]
        %2 = negate %1 : i64[4, 1]
        %3 = exp %0 : f32[4, 3]
        %4 = gather %3 %2 along axis 1 : f32[4, 1]
        -> %4",
        "
        %2 = negate %1
        free %1
        pass over 4 rows of 3, f32
        phase 0:
          r0 = exp %0
          %4 = pick r0 at %2
        free %0 %2
        -> %4",
    );
}

/// As above; several are looked up once all are in memory.
#[test]
fn one_entry_of_each_row_is_picked_in_the_pass() {
    becomes(
        "
        %0 = data : f32[4, 3]
        %1 = data : i64[4, 2]
        %2 = exp %0 : f32[4, 3]
        %3 = gather %2 %1 along axis 1 : f32[4, 2]
        -> %3",
        "
        pass over 12 entries, f32
        phase 0:
          %2 = exp %0
        free %0
        pass over 8 entries, f32
        phase 0:
          %3 = look_up 1 of %2 [3:1] at %1 [2:0:1, 4:3:2]
        free %1 %2
        -> %3",
    );
}

/// A buffer of its own, in its order.
#[test]
fn a_view_that_is_wanted_is_copied() {
    becomes(
        "
        %0 = data : f32[6, 4]
        %1 = permute %0 [1, 0] : f32[4, 6]
        %2 = exp %1 : f32[4, 6]
        -> %1 %2",
        "
        pass over 24 entries, f32
        phase 0:
          r0 = load %0 [6:4, 4:1]
          %1 = copy r0
          %2 = exp %1
        free %0
        -> %1 %2",
    );
}

/// Twice, without a copy; what goes back to the table is scattered in one step.
#[test]
fn rows_that_indices_name_are_read_in_the_pass() {
    becomes(
        "
        %0 = data : f32[9, 64]
        %1 = data : i64[5, 1]
        %2 = data : i64[5, 1]
        %3 = gather %0 %1 along axis 0 : f32[5, 64]
        %4 = gather %0 %2 along axis 0 : f32[5, 64]
        %5 = multiply %3 %4 : f32[5, 64]
        %6 = sum %5 over axes [1] : f32[5, 1]
        %7 = scatter_add %4 %1 along axis 0 : f32[9, 64]
        %8 = scatter_add %5 %2 along axis 0 : f32[9, 64]
        %9 = accumulate %7 %8 : f32[9, 64]
        -> %6 %9",
        "
        pass over 5 rows of 64, f32
        phase 0:
          r0 = look_up 64 of %0 [9:64] at %1 [5:0:1]
          %4 = look_up 64 of %0 [9:64] at %2 [5:0:1]
          %5 = multiply r0 %4
          %6 = sum of row %5
        free %0
        %11 = scatter_add %4 %5 %1[5, 64] by [1, 0] %2[5, 64] by [1, 0] along axis 0
        free %1 %2 %4 %5
        -> %6 %11",
    );
}

/// Also where the table has as many entries as are read, and is computed: it has to be whole before.
#[test]
fn a_table_is_complete_before_it_is_looked_up() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = data : i64[6]
        %2 = exp %0 : f32[6]
        %3 = gather %2 %1 along axis 0 : f32[6]
        %4 = add %3 %2 : f32[6]
        -> %4",
        "
        pass over 6 entries, f32
        phase 0:
          %2 = exp %0
        free %0
        pass over 6 entries, f32
        phase 0:
          r0 = look_up 1 of %2 [6:1] at %1 [6:0:1]
          %4 = add r0 %2
        free %1 %2
        -> %4",
    );
}

#[test]
fn the_beginning_of_an_order_is_a_step_if_nobody_needs_the_rest() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = argsort %0 along axis 0, descending : i64[6]
        %2 = slice %1 from [0] by [1] : i64[2]
        -> %2",
        "
        %2 = argsort %0 along axis 0, descending
        free %0
        -> %2",
    );
}

#[test]
fn an_order_is_whole_if_somebody_needs_it() {
    becomes(
        "
        %0 = data : f32[6]
        %1 = argsort %0 along axis 0, descending : i64[6]
        %2 = slice %1 from [0] by [1] : i64[2]
        %3 = slice %1 from [1] by [1] : i64[2]
        %4 = gather %0 %2 along axis 0 : f32[2]
        %5 = gather %0 %3 along axis 0 : f32[2]
        -> %4 %5",
        "
        %1 = argsort %0 along axis 0, descending
        pass over 2 entries, f32
        phase 0:
          %4 = look_up 1 of %0 [6:1] at %1 [2:0:1]
          %5 = look_up 1 of %0 [6:1] at %1+1 [2:0:1]
        free %0 %1
        -> %4 %5",
    );
}

/// Unless each piece has the indices of its own entries.
#[test]
fn entries_of_several_values_are_scattered_without_being_put_together() {
    becomes(
        "
        %0 = data : f32[2, 4]
        %1 = data : f32[3, 4]
        %2 = data : i64[2, 1]
        %3 = data : i64[3, 1]
        %4 = concatenate %0 %1 along axis 0 : f32[5, 4]
        %5 = concatenate %2 %3 along axis 0 : i64[5, 1]
        %6 = concatenate %3 %2 along axis 0 : i64[5, 1]
        %7 = scatter_add %4 %5 along axis 0 : f32[9, 4]
        %8 = scatter_add %4 %6 along axis 0 : f32[9, 4]
        -> %7 %8",
        "
        %4 = concatenate %0 %1 along axis 0
        %6 = concatenate %3 %2 along axis 0
        %7 = scatter_add %0 %1 %2 %3 along axis 0
        free %0 %1 %2 %3
        %8 = scatter_add %4 %6 along axis 0
        free %4 %6
        -> %7 %8",
    );
}

/// The product of a plan that has one, as its text without its number.
fn product_of(text: &str) -> String {
    let (plan, _) = planned(text);
    let text = plan.to_string();
    let place = text.find("matmul").expect("a product");
    text[place..].lines().next().expect("its line").to_string()
}

#[test]
fn a_product_of_which_a_mask_chooses_is_read_there() {
    let masked = |rest: &str| {
        product_of(&format!(
            "%0 = data : f32[4, 2]
            %1 = data : f32[2, 4]
            %2 = data : bool[4, 4]
            %3 = data : bool[4, 4]
            %4 = constant 0 : f32[]
            %5 = matmul %0 %1 : f32[4, 4]
            {rest}"
        ))
    };
    let everywhere = "matmul %0 %1";
    let where_true = "matmul %0 %1 where %2 is true";
    let chosen = "%6 = select %2 %5 %4 : f32[4, 4]";
    assert_eq!(masked(&format!("{chosen}\n-> %6")), where_true);
    assert_eq!(masked("%6 = select %2 %4 %5 : f32[4, 4]\n-> %6"), "matmul %0 %1 where %2 is false");
    // Through whatever computes entry by entry, and through choices.
    let through = "%6 = exp %5 : f32[4, 4]
        %7 = multiply %6 %5 : f32[4, 4]
        %8 = select %3 %7 %4 : f32[4, 4]
        %9 = select %2 %8 %4 : f32[4, 4]
        -> %9";
    assert_eq!(masked(through), "matmul %0 %1 where %3 is true and %2 is true");
    // Asked for, chosen by another, of the same mask the other way round, compared, summed, seen in another order.
    assert_eq!(masked(&format!("{chosen}\n-> %6 %5")), everywhere);
    assert_eq!(masked(&format!("{chosen}\n%7 = select %3 %5 %4 : f32[4, 4]\n-> %6 %7")), everywhere);
    assert_eq!(masked(&format!("{chosen}\n%7 = select %2 %4 %5 : f32[4, 4]\n-> %6 %7")), everywhere);
    assert_eq!(masked("%6 = lt %5 %4 : bool[4, 4]\n%7 = select %6 %5 %4 : f32[4, 4]\n-> %7"), everywhere);
    assert_eq!(masked(&format!("{chosen}\n%7 = sum %5 over axes [1] : f32[4, 1]\n-> %6 %7")), everywhere);
    let turned = format!("{chosen}\n%7 = flip %5 axes [1] : f32[4, 4]\n%8 = select %2 %7 %4 : f32[4, 4]\n-> %6 %8");
    assert_eq!(masked(&turned), everywhere);
}
