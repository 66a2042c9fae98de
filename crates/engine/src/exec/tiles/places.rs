//! The memory of a pass: registers, operands and results, handed out as slices for one instruction at a time.
#![allow(unsafe_code)]

use std::ops::Range;

use smallvec::SmallVec;

use super::kernels::Lane;
use crate::buffer::Buffer;
use crate::jit::{Bases, Code, Destination, RowOperand, TileRows};
use crate::op::Reduction;
use crate::plan::{Advance, Operation, Pass, Place, Region, TileInstruction};

/// Bytes of a cache line.
const LINE: usize = 64;

/// The part of a buffer from an entry on, if so many entries follow.
pub(super) fn part<T>(values: &[T], offset: isize, length: usize) -> &[T] {
    &values[offset as usize..][..length]
}

/// The part of the loop that instructions see.
#[derive(Clone, Copy)]
pub(super) struct Tile {
    pub(super) first_row: usize,
    pub(super) first_column: usize,
    pub(super) rows: usize,
    pub(super) columns: usize,
}

/// Elements in memory that all workers know, though each uses only those of its own blocks. Whoever makes a span keeps the memory for as
/// long as there are workers.
pub(in crate::exec) struct Span<T> {
    start: *mut T,
    length: usize,
    /// Whether it is a result: only those are written.
    is_result: bool,
}

// SAFETY: a span is a place and a length. Using it is what is unsafe, and `Places` and `Worker::block` say on which conditions.
unsafe impl<T: Send> Send for Span<T> {}
// SAFETY: as above.
unsafe impl<T: Sync> Sync for Span<T> {}

impl<T> Clone for Span<T> {
    fn clone(&self) -> Span<T> {
        *self
    }
}

impl<T> Copy for Span<T> {}

impl<T> Span<T> {
    /// Elements that are only read: so many from an entry on.
    ///
    /// # Panics
    /// Unless all of them are there.
    pub(super) fn of_input(values: &[T], offset: isize, length: usize) -> Span<T> {
        part(values, offset, length);
        Span { start: values.as_ptr().wrapping_offset(offset).cast_mut(), length, is_result: false }
    }

    /// All of a result.
    pub(in crate::exec) fn of_result(values: &mut [T]) -> Span<T> {
        Span { start: values.as_mut_ptr(), length: values.len(), is_result: true }
    }

    pub(super) fn length(self) -> usize {
        self.length
    }

    /// The first of the elements.
    pub(in crate::exec) fn start(self) -> *mut T {
        self.start
    }

    /// The same, to be read only.
    pub(super) fn as_input(self) -> Span<T> {
        Span { is_result: false, ..self }
    }

    /// So many elements from a position on.
    ///
    /// # Panics
    /// Unless they lie within the span.
    pub(in crate::exec) fn part(self, position: usize, length: usize) -> Span<T> {
        let fits = position <= self.length && length <= self.length - position;
        assert!(fits, "{length} elements at {position} of {}", self.length);
        Span { start: self.start.wrapping_add(position), length, ..self }
    }

    fn overlaps(self, other: Span<T>) -> bool {
        let end = |span: Span<T>| span.start.wrapping_add(span.length);
        self.start < end(other) && other.start < end(self)
    }
}

/// What one instruction reads and writes; what it does not have is empty, and so is an input that lies where the output does.
pub(super) struct Operands<'x, T> {
    pub(super) inputs: [&'x [T]; 4],
    pub(super) outputs: [&'x mut [T]; 4],
}

/// The memory that one worker uses.
pub(super) struct Places<'a, T: Lane> {
    pass: &'a Pass,
    /// `Pass::memory`.
    memory: &'a [Span<T>],
    /// Keeps the registers, which are only reached by their span.
    _scratch: Buffer<T>,
    registers: Span<T>,
    /// What code is called with: the registers of whole rows, and the memory, at the present tile.
    carried: *mut T,
    pointers: SmallVec<[*mut T; 12]>,
    tile: Tile,
    /// Whether the tile is one of a block that this worker has to itself.
    in_block: bool,
}

impl<'a, T: Lane> Places<'a, T> {
    /// Registers, and memory at the pass's beginning, where only inputs can be used.
    pub(super) fn new(pass: &'a Pass, memory: &'a [Span<T>]) -> Places<'a, T> {
        let mut scratch = Buffer::<T>::of(pass.scratch.max(1));
        let registers = Span::of_result(&mut scratch);
        let tile = Tile { first_row: 0, first_column: 0, rows: pass.tile_rows, columns: pass.tile_columns };
        let carried = registers.start.wrapping_add(pass.carried);
        let pointers = memory.iter().map(|span| span.start).collect();
        Places { pass, memory, _scratch: scratch, registers, carried, pointers, tile, in_block: false }
    }

    /// Lets the places in memory, and the registers of whole rows, follow the tile.
    ///
    /// # Safety
    /// Until the next call nobody else may use the results of the tile's rows and columns.
    pub(super) unsafe fn move_to(&mut self, tile: Tile) {
        self.in_block = true;
        self.tile = tile;
        self.carried = self.registers.start.wrapping_add(self.pass.carried + tile.first_column);
        let full = self.position(Advance::Full);
        for ((pointer, span), memory) in self.pointers.iter_mut().zip(self.memory).zip(&self.pass.memory) {
            let position = match memory.advance {
                Advance::Full => full,
                Advance::Row => tile.first_row,
                Advance::Column => tile.first_column,
                Advance::Fixed => 0,
            };
            *pointer = span.start.wrapping_add(position);
        }
    }

    /// How far the tile is from the beginning.
    #[inline]
    fn position(&self, advance: Advance) -> usize {
        let Tile { first_row, first_column, .. } = self.tile;
        match advance {
            Advance::Full => first_row * self.pass.columns + first_column,
            Advance::Row => first_row,
            Advance::Column => first_column,
            Advance::Fixed => 0,
        }
    }

    fn span(&self, place: Place, length: usize) -> Span<T> {
        let (region, start) = match place.region {
            Region::Scratch => (self.registers, 0),
            Region::Carried => (self.registers, self.pass.carried + self.tile.first_column),
            Region::Memory(number) => {
                let number = number as usize;
                let region = self.memory[number];
                assert!(self.in_block || !region.is_result, "a result is used outside of a block");
                (region, self.position(self.pass.memory[number].advance))
            }
        };
        region.part(start + place.offset, length)
    }

    /// What an instruction reads and writes. `for_rows` says that it is one for the numbers of the rows.
    ///
    /// # Panics
    /// When something does not lie where it may, or a result over something else that the instruction uses.
    pub(super) fn operands(&mut self, instruction: &TileInstruction, tile: Tile, for_rows: bool) -> Operands<'_, T> {
        let TileInstruction { operation, inputs, outputs } = instruction;
        let entries = if for_rows { tile.rows } else { tile.rows * tile.columns };
        let written = self.pass.written(*operation, tile.rows, entries);
        let read = inputs.iter().enumerate();
        let read = read.map(|(which, &place)| self.span(place, instruction.read(which, tile.rows, entries)));
        let mut read: SmallVec<[Span<T>; 4]> = read.collect();
        let written: SmallVec<[Span<T>; 4]> = outputs.iter().map(|&place| self.span(place, written)).collect();
        for (number, output) in written.iter().enumerate() {
            assert!(output.is_result, "an input is written");
            for input in &mut read {
                let same = (input.start, input.length) == (output.start, output.length);
                if same && matches!(operation, Operation::AddPlaced(_)) {
                    input.length = 0;
                }
                assert!(input.length == 0 || !input.overlaps(*output), "a result lies over what it is made of");
            }
            assert!(!written[..number].iter().any(|other| other.overlaps(*output)), "two results in one place");
        }
        let mut slices = Operands { inputs: [&[]; 4], outputs: [&mut [], &mut [], &mut [], &mut []] };
        // SAFETY: each span was found to lie within the registers or within memory that outlives `self`, and everything there is
        // initialised: it is from buffers. What is written overlaps with nothing else here, as was just found, and with what another
        // worker uses neither: registers are our own, inputs are written by nobody, and of results `move_to` promises the tile's to us.
        // The slices borrow `self`, so that there are no others meanwhile.
        unsafe {
            for (slice, span) in slices.inputs.iter_mut().zip(&read) {
                *slice = std::slice::from_raw_parts(span.start, span.length);
            }
            for (slice, span) in slices.outputs.iter_mut().zip(&written) {
                *slice = std::slice::from_raw_parts_mut(span.start, span.length);
            }
        }
        slices
    }

    /// The entry that a load of a tile begins with.
    pub(super) fn loaded(&self, advance: Advance, tile: Tile) -> usize {
        match advance {
            Advance::Full => tile.first_row * self.pass.columns + tile.first_column,
            Advance::Row => tile.first_row,
            Advance::Column | Advance::Fixed => 0,
        }
    }

    /// Numbers of the tile's rows, or of its rows and columns, and where their truth values go in a result.
    pub(super) fn truths(&mut self, from: Place, result: Span<bool>, for_rows: bool) -> (&[T], &mut [bool]) {
        assert!(self.in_block && result.is_result, "a result is used outside of a block");
        let Tile { rows, columns, .. } = self.tile;
        let (position, length) =
            if for_rows { (self.position(Advance::Row), rows) } else { (self.position(Advance::Full), rows * columns) };
        let (numbers, truths) = (self.span(from, length), result.part(position, length));
        // SAFETY: both lie within what they are parts of. The truth values are those of this tile, which `move_to` promises to us, and were
        // initialised as such; the numbers are of another type and lie elsewhere. The slices borrow `self`, so that there are no others.
        unsafe {
            (std::slice::from_raw_parts(numbers.start, length), std::slice::from_raw_parts_mut(truths.start, length))
        }
    }

    /// Runs a segment of code on some rows of the tile; `visit` is given the results of reductions that are not for each row.
    ///
    /// # Safety
    /// The code must be that of the pass, for an instruction set of this processor, and the operands those that the segment asks for, all
    /// of whose rows lie within their buffers.
    pub(super) unsafe fn run(
        &mut self,
        code: &Code,
        segment: u32,
        (rows, columns): (Range<usize>, usize),
        operands: &[RowOperand],
        visit: impl FnMut(Destination, Reduction, f64),
    ) {
        assert!(self.in_block, "a result is used outside of a block");
        let bases = Bases { registers: self.registers.start, carried: self.carried, memory: &self.pointers, operands };
        // SAFETY: the registers are as many as the schedule has asked for, and the memory was found to have an entry for each row, column
        // or both when the pass was bound; of its results `move_to` promises the tile's to us. The rest is the caller's promise.
        unsafe { code.run(segment, TileRows { rows, columns }, bases, visit) }
    }

    /// Asks for the memory of the next tile, so that it arrives while this one is computed with.
    pub(super) fn fetch_next(&self) {
        let bytes = self.tile.rows * self.tile.columns * size_of::<T>();
        for (place, memory) in self.pointers.iter().zip(&self.pass.memory) {
            if memory.advance == Advance::Full {
                let next = place.cast::<u8>().wrapping_add(bytes);
                for line in (0..bytes).step_by(LINE) {
                    prefetch(next.wrapping_add(line));
                }
            }
        }
    }
}

/// Asks for a cache line; that it may lie behind the end of a buffer does no harm.
#[inline(always)]
fn prefetch(place: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch reads nothing and cannot fault, whatever the address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(place.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

#[cfg(test)]
mod tests {
    use smallvec::smallvec;

    use super::*;
    use crate::formula::Formula;
    use crate::formula::recorded;
    use crate::op::Unary;
    use crate::plan::{Machine, Plan, Source, Spread, Work};

    /// The plan of one pass that reads twice 3 × 5 numbers and writes as many.
    fn plan() -> Plan {
        let [a, b] = [1.0, 2.0].map(|number| Formula::from_vec(vec![number; 15], [3, 5]));
        let result = (a - b).exp();
        Plan::of(&recorded(&[result]).program, Machine { has_code: None, reads_truths: false })
    }

    fn pass(plan: &Plan) -> &Pass {
        let Work::Pass(pass) = &plan.steps[0].work else { panic!("one pass") };
        assert!(pass.memory.iter().all(|memory| memory.advance == Advance::Full));
        assert!(pass.scratch >= 15);
        pass
    }

    /// Calls `visit` with the places of a pass whose memory holds 0, 1, … at its second tile of five columns, and with the numbers of an input
    /// and of a result.
    fn at_second_tile(visit: impl FnOnce(&mut Places<'_, f64>, Tile, u16, u16)) {
        let plan = plan();
        let pass = pass(&plan);
        let mut memory: Vec<Vec<f64>> = vec![(0..15).map(f64::from).collect(); pass.memory.len() + 1];
        let (input, results) = memory.split_last_mut().expect("there is one more");
        let mut spans: Vec<Span<f64>> = results.iter_mut().map(|values| Span::of_result(values)).collect();
        let result = pass.memory.iter().position(|memory| matches!(memory.source, Source::Output(_)));
        let result = result.expect("a result") as u16;
        let other = (result + 1) % spans.len() as u16;
        assert_ne!(other, result, "an input, too");
        spans[other as usize] = Span::of_input(input, 0, 15);
        let mut places = Places::new(pass, &spans);
        let tile = Tile { first_row: 0, first_column: 5, rows: 1, columns: 5 };
        // SAFETY: there is nobody else.
        unsafe { places.move_to(tile) };
        visit(&mut places, tile, other, result);
    }

    fn place(region: Region, offset: usize) -> Place {
        Place { region, offset, spread: Spread::Tile }
    }

    fn exp(from: Place, to: Place) -> TileInstruction {
        TileInstruction { operation: Operation::Unary(Unary::Exp), inputs: smallvec![from], outputs: smallvec![to] }
    }

    #[test]
    fn slices_are_those_of_the_tile() {
        at_second_tile(|places, tile, input, result| {
            let instruction = exp(place(Region::Memory(input), 0), place(Region::Memory(result), 0));
            let operands = places.operands(&instruction, tile, false);
            assert_eq!(operands.inputs[0], [5.0, 6.0, 7.0, 8.0, 9.0]);
            assert_eq!(operands.outputs[0], [5.0, 6.0, 7.0, 8.0, 9.0]);
            assert!(operands.inputs[1].is_empty() && operands.outputs[1].is_empty());
        });
    }

    #[test]
    #[should_panic(expected = "5 elements at 11 of 15")]
    fn memory_ends_where_its_buffer_does() {
        at_second_tile(|places, tile, input, _| {
            places.operands(&exp(place(Region::Memory(input), 6), place(Region::Scratch, 0)), tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "5 elements at ")]
    fn registers_end_where_the_scratch_does() {
        at_second_tile(|places, tile, input, _| {
            let end = places.pass.scratch - 4;
            places.operands(&exp(place(Region::Memory(input), 0), place(Region::Scratch, end)), tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "a result lies over what it is made of")]
    fn a_result_does_not_lie_over_an_operand() {
        at_second_tile(|places, tile, _, _| {
            places.operands(&exp(place(Region::Scratch, 0), place(Region::Scratch, 4)), tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "a result lies over what it is made of")]
    fn nor_in_its_place() {
        at_second_tile(|places, tile, _, _| {
            places.operands(&exp(place(Region::Scratch, 0), place(Region::Scratch, 0)), tile, false);
        });
    }

    #[test]
    fn what_is_placed_may_be_added_in_place() {
        at_second_tile(|places, tile, _, _| {
            let instruction = TileInstruction {
                operation: Operation::AddPlaced(0),
                ..exp(place(Region::Scratch, 0), place(Region::Scratch, 0))
            };
            let operands = places.operands(&instruction, tile, false);
            assert_eq!((operands.inputs[0].len(), operands.outputs[0].len()), (0, 5));
        });
    }

    #[test]
    #[should_panic(expected = "two results in one place")]
    fn results_lie_apart() {
        at_second_tile(|places, tile, input, _| {
            let mut instruction = exp(place(Region::Memory(input), 0), place(Region::Scratch, 0));
            instruction.outputs.push(place(Region::Scratch, 2));
            places.operands(&instruction, tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "an input is written")]
    fn inputs_are_not_written() {
        at_second_tile(|places, tile, input, _| {
            places.operands(&exp(place(Region::Scratch, 0), place(Region::Memory(input), 0)), tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "outside of a block")]
    fn results_are_written_in_blocks_only() {
        at_second_tile(|places, tile, input, result| {
            let mut outside = Places::new(places.pass, places.memory);
            outside.operands(&exp(place(Region::Memory(input), 0), place(Region::Memory(result), 0)), tile, false);
        });
    }

    #[test]
    #[should_panic(expected = "4 elements at 12 of 15")]
    fn an_input_ends_where_its_buffer_does() {
        Span::of_input(&[0.0; 15], 12, 3).part(0, 3);
        Span::of_input(&[0.0; 15], 0, 15).part(12, 4);
    }
}
