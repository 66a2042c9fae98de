//! Good passes, spoilt in one way each.

use super::*;
use crate::op::Binary;
use crate::plan::tests::planned;
use crate::plan::{Plan, Work};

/// Rows held whole: a maximum and a sum along rows, a sum across them and a maximum of everything.
///
/// ```text
/// pass over 5 rows of 4, f32
/// phase 0:                  phase 1:                       phase 2:
///   r2 = max of row %0        r0 = subtract %0 r2:row        %5 = divide r1 r3:row
///                             r1 = exp r0                    %6:column += %5
///                             r3 = sum of row r1             %7 = max %7 %5
/// ```
const WHOLE_ROWS: &str = "
    %0 = data : f32[5, 4]
    %1 = max %0 over axes [1] : f32[5, 1]
    %2 = subtract %0 %1 : f32[5, 4]
    %3 = exp %2 : f32[5, 4]
    %4 = sum %3 over axes [1] : f32[5, 1]
    %5 = divide %3 %4 : f32[5, 4]
    %6 = sum %5 over axes [0] : f32[1, 4]
    %7 = max %5 over axes [0, 1] : f32[1, 1]
    -> %5 %6 %7";

/// Rows longer than a tile, walked through once for each phase; the exponentials are carried from one walk to the next.
///
/// ```text
/// pass over 2 rows of 3000, f32
/// phase 0:                  rows of phase 1:    phase 1:                      rows of phase 2:    phase 2:
///   row0 = max row0 %0        r1 = row0           r0 = subtract %0 r1:row       r1 = row1           %5 = divide r2 r1:row
///                                                 r2 = exp r0
///                                                 row1 += r2
/// ```
const LONG_ROWS: &str = "
    %0 = data : f32[2, 3000]
    %1 = max %0 over axes [1] : f32[2, 1]
    %2 = subtract %0 %1 : f32[2, 3000]
    %3 = exp %2 : f32[2, 3000]
    %4 = sum %3 over axes [1] : f32[2, 1]
    %5 = divide %3 %4 : f32[2, 3000]
    -> %5";

/// What is named by an index, a transposed operand, and truth values.
///
/// ```text
/// pass over 3 rows of 4, f32
/// phase 0:
///   r0 = exp %0                       r1 = load %4 [4:3, 3:1]      %9 = add r0 (place %7 at %1)
///   %3 = pick r0 at %1                r2 = lt r0 r1
///                                     %6 = store r2
/// ```
const INDEXED: &str = "
    %0 = data : f32[3, 4]
    %1 = data : i64[3, 1]
    %2 = exp %0 : f32[3, 4]
    %3 = gather %2 %1 along axis 1 : f32[3, 1]
    %4 = data : f32[4, 3]
    %5 = permute %4 [1, 0] : f32[3, 4]
    %6 = lt %2 %5 : bool[3, 4]
    %7 = data : f32[3, 1]
    %8 = scatter_add %7 %1 along axis 1 : f32[3, 4]
    %9 = add %2 %8 : f32[3, 4]
    -> %3 %6 %9";

/// Parts of rows that indices name, in a table seen backwards.
///
/// ```text
/// pass over 15 entries, f32
/// phase 0:
///   r0 = look_up 3 of %0+24 [9:-3] at %2 [5:0:1]
///   %4 = exp r0
/// ```
const LOOKED_UP: &str = "
    %0 = data : f32[9, 3]
    %1 = flip %0 axes [0] : f32[9, 3]
    %2 = data : i64[5, 1]
    %3 = gather %1 %2 along axis 0 : f32[5, 3]
    %4 = exp %3 : f32[5, 3]
    -> %4";

/// One number for each row, spread over its entries.
///
/// ```text
/// pass over 3 rows of 4, f32
/// phase 0:
///   r0 = load bool %0 [12:1]
///   r1 = spread %2:row
///   %3 = select r0 %1 r1
///   %4 = sum of row %3
/// ```
const SPREAD: &str = "
    %0 = data : bool[3, 4]
    %1 = data : f32[3, 4]
    %2 = data : f32[3, 1]
    %3 = select %0 %1 %2 : f32[3, 4]
    %4 = sum %3 over axes [1] : f32[3, 1]
    -> %3 %4";

fn pass(plan: &mut Plan) -> &mut Pass {
    let Work::Pass(pass) = &mut plan.steps[0].work else { panic!("one pass") };
    pass
}

/// What is found wrong with the pass of a program that was spoilt.
#[track_caller]
fn fault(text: &str, spoil: impl FnOnce(&mut Pass)) -> String {
    let (mut plan, values) = planned(text);
    let pass = pass(&mut plan);
    assert_eq!(verify_pass(pass, &values), Ok(()), "{pass}");
    spoil(pass);
    verify_pass(pass, &values).expect_err("it was spoilt").to_string()
}

#[test]
fn operands_are_computed_before_they_are_read() {
    let early = "phase 1, 0: it reads what is not computed yet, or no longer there";
    assert_eq!(fault(WHOLE_ROWS, |pass| pass.phases[1].full.swap(0, 1)), early);
    assert_eq!(fault(WHOLE_ROWS, |pass| drop(pass.phases[0].full.pop())), "accumulator 0 is computed 0 times");
    assert_eq!(fault(INDEXED, |pass| drop(pass.phases[0].full.remove(0))), early.replace('1', "0"));
}

#[test]
fn registers_are_not_overwritten_while_they_are_needed() {
    // The sums of rows are put where the exponentials are still needed, and the exponentials over what they are made of.
    let over = "phase 2, 0: it reads what is not computed yet, or no longer there";
    let clobber = |pass: &mut Pass| {
        let exponentials = pass.phases[1].full[1].outputs[0].offset;
        pass.phases[1].full[0].outputs[0].offset = exponentials + 1;
        pass.phases[1].full[1].inputs[0].offset = exponentials + 1;
    };
    assert_eq!(fault(WHOLE_ROWS, clobber), "phase 1, 1: a result lies over what it is made of, or over another");
    let clobber = |pass: &mut Pass| {
        let again = pass.phases[1].full[0].clone();
        pass.phases[2].full.insert(0, again);
        let exponentials = pass.phases[1].full[1].outputs[0];
        pass.phases[2].full[0].outputs[0].offset = exponentials.offset + 4;
    };
    assert_eq!(fault(WHOLE_ROWS, clobber), over.replace("2, 0", "2, 1"));
    // A result that is overwritten at once is read by nobody.
    let clobber = |pass: &mut Pass| {
        let again = pass.phases[1].full[0].clone();
        pass.phases[1].full.insert(0, again);
    };
    assert_eq!(fault(WHOLE_ROWS, clobber), "phase 1, 0: nobody reads what it computes");
    // What one walk leaves in the register of a tile is, in the next walk, that of the last tile.
    let not_carried = |pass: &mut Pass| {
        let place = pass.phases[1].full[0].outputs[0];
        pass.phases[1].full[0].outputs[0] = Place { region: Region::Carried, offset: 0, ..place };
        pass.phases[1].full[1].inputs[0] = Place { region: Region::Carried, offset: 0, ..place };
        pass.phases[1].full[1].outputs[0] = place;
        pass.phases[1].full[2].inputs[0] = place;
        pass.phases[2].full[0].inputs[0] = place;
    };
    assert_eq!(fault(LONG_ROWS, not_carried), over);
}

#[test]
fn registers_lie_within_the_scratch() {
    let behind = |pass: &mut Pass| {
        let end = pass.scratch;
        pass.phases[1].full[0].outputs[0].offset = end;
        pass.phases[1].full[1].inputs[0].offset = end;
    };
    assert!(fault(WHOLE_ROWS, behind).starts_with("phase 1, 0: registers "));
    let less = |pass: &mut Pass| pass.scratch = pass.carried + 2999;
    assert!(fault(LONG_ROWS, less).starts_with("phase 1, 1: registers "));
}

#[test]
fn phases_come_in_their_order() {
    // A sum along the row is complete when the walk has ended.
    let same_walk = |pass: &mut Pass| {
        let divide = pass.phases[2].full.remove(0);
        pass.phases[1].full.push(divide);
    };
    assert_eq!(fault(WHOLE_ROWS, same_walk), "phase 1, 3: it reads what is complete only when the walk has ended");
    let before = "rows of phase 1, 0: accumulator 0 is read before its row has ended";
    let late = |pass: &mut Pass| {
        let reduce = pass.phases[0].full.remove(0);
        pass.phases[1].full.push(reduce);
    };
    assert_eq!(fault(LONG_ROWS, late), before);
    let for_rows = |pass: &mut Pass| {
        let reduce = pass.phases[0].full.remove(0);
        pass.phases[0].rows.push(reduce);
    };
    assert_eq!(fault(LONG_ROWS, for_rows), "rows of phase 0, 0: ReduceRow(Max, 0) does not stand here");
    let once = |pass: &mut Pass| {
        let spread = pass.phases[0].full.remove(1);
        pass.prologue.push(spread);
    };
    assert_eq!(fault(SPREAD, once), "once, 0: memory 1 moves with the tile, and is used before there is one");
    let once = |pass: &mut Pass| {
        let exp = pass.phases[0].full.remove(0);
        pass.prologue.push(exp);
    };
    assert_eq!(fault(INDEXED, once), "once, 0: Unary(Exp) does not stand here");
}

#[test]
fn what_is_read_and_written_is_there() {
    let unknown = |pass: &mut Pass| pass.memory[0].source = Source::Input(99, 0);
    assert_eq!(fault(WHOLE_ROWS, unknown), "there is no %99");
    let beyond = |pass: &mut Pass| pass.memory[0].source = Source::Input(0, 1);
    assert_eq!(fault(WHOLE_ROWS, beyond), "entries 1 to 20 of %0, which has 20");
    let before = |pass: &mut Pass| pass.memory[0].source = Source::Input(0, -1);
    assert_eq!(fault(WHOLE_ROWS, before), "entries -1 to 18 of %0, which has 20");
    let another_type = |pass: &mut Pass| pass.memory[0].source = Source::Input(1, 0);
    assert_eq!(fault(INDEXED, another_type), "%1 is i64, and read as f32");
    let beyond = |pass: &mut Pass| pass.loads[0].steps[0].1 = 4;
    assert_eq!(fault(INDEXED, beyond), "entries 0 to 14 of %4, which has 12");
    let few = |pass: &mut Pass| pass.loads[0].steps[0].0 = 2;
    assert_eq!(fault(INDEXED, few), "a load of %4 covers 6 entries");
    let behind = |pass: &mut Pass| pass.indices[0].offset = 1;
    assert_eq!(fault(INDEXED, behind), "entries 1 to 3 of %1, which has 3");
    let no_memory = |pass: &mut Pass| pass.phases[0].full[0].inputs[0].region = Region::Memory(99);
    assert_eq!(fault(WHOLE_ROWS, no_memory), "phase 0, 0: there is no memory 99");
    let no_index = |pass: &mut Pass| pass.phases[0].full[1].operation = Operation::Pick(99);
    assert_eq!(fault(INDEXED, no_index), "phase 0, 1: there is no index 99");
    let another_walk = |pass: &mut Pass| pass.memory[0].advance = Advance::Row;
    assert_eq!(fault(WHOLE_ROWS, another_walk), "phase 0, 0: memory 0 advances by Row, read as Tile");
}

#[test]
fn what_indices_may_name_is_there() {
    let spoilt = |spoil: fn(&mut Lookup)| fault(LOOKED_UP, |pass| spoil(&mut pass.lookups[0]));
    assert_eq!(spoilt(|lookup| lookup.size = 10), "entries -3 to 26 of %0, which has 27");
    assert_eq!(spoilt(|lookup| lookup.run = 4), "entries 0 to 27 of %0, which has 27");
    assert_eq!(spoilt(|lookup| lookup.axes[0].stride = 1), "entries 0 to 30 of %0, which has 27");
    assert_eq!(spoilt(|lookup| lookup.axes[0].index_stride = 2), "entries 0 to 8 of %2, which has 5");
    assert_eq!(spoilt(|lookup| lookup.index_offset = -1), "entries -1 to 3 of %2, which has 5");
    assert_eq!(spoilt(|lookup| lookup.index = 0), "%0 is f32, and read as i64");
    assert_eq!(spoilt(|lookup| lookup.table = 2), "%2 is i64, and read as f32");
    assert_eq!(spoilt(|lookup| lookup.axes[0].size = 4), "a look-up in %0 brings 12 entries");
    assert_eq!(spoilt(|lookup| lookup.advance = Advance::Row), "a look-up in %0 brings 15 entries");
    let none = |pass: &mut Pass| pass.phases[0].full[0].operation = Operation::LookUp(1);
    assert_eq!(fault(LOOKED_UP, none), "phase 0, 0: there is no look-up 1");
}

#[test]
fn results_have_the_shapes_and_types_of_their_values() {
    let length = |pass: &mut Pass| pass.outputs[0].length = 19;
    assert_eq!(fault(WHOLE_ROWS, length), "%5, 19 × f32, is written as 20 × f32");
    let value = |pass: &mut Pass| pass.outputs[0].value = 4;
    assert_eq!(fault(WHOLE_ROWS, value), "%4, 5 × f32, is computed as 20 × f32");
    let dtype = |pass: &mut Pass| pass.totals[0].dtype = DType::F64;
    assert_eq!(fault(WHOLE_ROWS, dtype), "%7, 1 × f32, is computed as 1 × f64");
    let dtype = |pass: &mut Pass| pass.lane = DType::F64;
    assert_eq!(fault(WHOLE_ROWS, dtype), "%0 is f32, and read as f64");
    let dtype = |pass: &mut Pass| pass.lane = DType::I64;
    assert_eq!(fault(WHOLE_ROWS, dtype), "it computes in i64");
    let length = |pass: &mut Pass| pass.across[0].length = 3;
    assert_eq!(fault(WHOLE_ROWS, length), "%6, 4 × f32, is computed as 3 × f32");
    let place = |pass: &mut Pass| pass.across[0].place.push((1, 2, 4));
    assert_eq!(fault(WHOLE_ROWS, place), "rows of %6 end behind it");
    let stored = |pass: &mut Pass| pass.phases[0].full[4].operation = Operation::Store(2);
    assert_eq!(fault(INDEXED, stored), "phase 0, 4: only truth values are stored as bytes");
}

#[test]
fn everything_promised_is_computed_once() {
    let not = |pass: &mut Pass| drop(pass.phases[2].full.pop());
    assert_eq!(fault(WHOLE_ROWS, not), "total 0 is computed 0 times");
    let not = |pass: &mut Pass| drop(pass.phases[2].full.remove(1));
    assert_eq!(fault(WHOLE_ROWS, not), "reduction across rows 0 is computed 0 times");
    let not = |pass: &mut Pass| drop(pass.phases[0].full.pop());
    assert_eq!(fault(INDEXED, not), "result 2 is computed 0 times");
    let twice = |pass: &mut Pass| {
        let total = pass.phases[2].full[2].clone();
        pass.phases[2].full.push(total);
    };
    assert_eq!(fault(WHOLE_ROWS, twice), "total 0 is computed 2 times");
    let another = |pass: &mut Pass| pass.row_sums[1] = Reduction::Max;
    assert_eq!(fault(WHOLE_ROWS, another), "phase 1, 2: accumulator 1 is one of Max");
    let input = |pass: &mut Pass| {
        pass.phases[2].full[0].outputs[0].region = pass.phases[0].full[0].inputs[0].region;
    };
    assert_eq!(fault(WHOLE_ROWS, input), "phase 2, 0: %0 is written, an input");
}

#[test]
fn operations_have_their_operands() {
    let fewer = |pass: &mut Pass| pass.phases[1].full[0].inputs.truncate(1);
    assert_eq!(fault(WHOLE_ROWS, fewer), "phase 1, 0: Binary(Subtract) with 1 operands and 1 results");
    let no_result = |pass: &mut Pass| pass.phases[1].full[1].outputs.clear();
    assert_eq!(fault(WHOLE_ROWS, no_result), "phase 1, 1: Unary(Exp) with 1 operands and 0 results");
    let numbers = |pass: &mut Pass| pass.phases[1].full[1].inputs[0].spread = Spread::PerRow;
    assert_eq!(fault(WHOLE_ROWS, numbers), "phase 1, 1: Unary(Exp) takes no operands spread like these");
    let numbers = |pass: &mut Pass| {
        pass.phases[2].full[0].operation = Operation::Binary(Binary::Add);
        pass.phases[2].full[0].inputs[0] = pass.phases[2].full[0].inputs[1];
    };
    assert_eq!(fault(WHOLE_ROWS, numbers), "phase 2, 0: Binary(Add) takes no operands spread like these");
}

#[test]
fn blocks_of_whole_tiles_cover_the_loop() {
    assert_eq!(fault(WHOLE_ROWS, |pass| pass.blocks = 2), "2 blocks of 5 for 5 in tiles of 5");
    assert_eq!(fault(WHOLE_ROWS, |pass| pass.block = 4), "1 blocks of 4 for 5 in tiles of 5");
    assert_eq!(fault(WHOLE_ROWS, |pass| pass.tile_columns = 3), "a tile of several rows does not hold them whole");
    assert_eq!(fault(WHOLE_ROWS, |pass| pass.tile_rows = 6), "tiles of 6 × 4 of 5 × 4 entries");
    let cut = |pass: &mut Pass| (pass.tile_rows, pass.tile_columns, pass.block) = (1, 3, 5);
    assert_eq!(fault(WHOLE_ROWS, cut), "phase 0, 0: a tile of 1 × 3 entries is no row");
}
