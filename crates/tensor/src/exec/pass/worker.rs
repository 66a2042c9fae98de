//! A thread's part of a pass: registers, sums, and the loop over tiles.

use std::ops::Range;

use smallvec::SmallVec;

use super::kernels::{
    BinaryRows, BinaryTiles, CompareSelect, Even, Lane, Logistic, PairTiles, Select, Side, SpreadRows, Truth, UnaryTile,
};
use super::load::load;
use super::part;
use super::reductions::{Accumulate, Dot, DotRows, Reduce, ReduceRows};
use super::{Bound, Partial, combine, start};
use crate::exec::buffer::Buffer;
use crate::exec::generate::{self, BEHIND_SUMS, Code, Item, RowOperand};
use crate::exec::index::checked;
use crate::op::Real;
use crate::plan::{Advance, Operation, Place, Region, Spread, TileInstruction};

/// Bytes up to which a pass finds its memory in the second-level cache anyway.
const NEAR: usize = 256 << 10;
/// Bytes of a cache line.
const LINE: usize = 64;

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

/// The part of the loop that instructions see.
#[derive(Clone, Copy)]
struct Tile {
    first_row: usize,
    first_column: usize,
    rows: usize,
    columns: usize,
}

pub(super) struct Worker<'a, 'b, T: Lane> {
    bound: &'a Bound<'b, T>,
    /// Keeps the registers; they are reached by pointer.
    _scratch: Buffer<T>,
    registers: *mut T,
    carried: *mut T,
    /// The memory at the present tile.
    memory: SmallVec<[*mut T; 12]>,
    /// Reductions along the rows of the present tile, for rows that do not fit into a tile.
    row_sums: SmallVec<[f64; 4]>,
    partial: Partial,
}

impl<'a, 'b, T: Lane> Worker<'a, 'b, T> {
    pub(super) fn new(bound: &'a Bound<'b, T>) -> Worker<'a, 'b, T> {
        let pass = bound.pass;
        let mut scratch = Buffer::<T>::of(pass.scratch.max(1));
        let registers = scratch.as_mut_ptr();
        // SAFETY: `carried` is within the scratch, or its end.
        let carried = unsafe { registers.add(pass.carried) };
        let mut worker = Worker {
            bound,
            _scratch: scratch,
            registers,
            carried,
            memory: bound.memory.clone(),
            row_sums: SmallVec::new(),
            partial: Partial::none(),
        };
        let tile = Tile { first_row: 0, first_column: 0, rows: pass.tile_rows, columns: pass.tile_columns };
        for instruction in &pass.prologue {
            worker.execute(instruction, tile, false);
        }
        worker
    }

    /// Computes a block, and returns what it has added up.
    pub(super) fn block(&mut self, block: usize) -> Partial {
        let pass = self.bound.pass;
        let extent = if pass.by_rows { pass.rows } else { pass.columns };
        let (from, to) = (block * pass.block, ((block + 1) * pass.block).min(extent));
        let (rows, columns) = if pass.by_rows { (from..to, 0..pass.columns) } else { (0..1, from..to) };
        self.partial = Partial::of_rows(pass, rows.clone());
        // What fits into the second-level cache need not be asked for.
        let far = (pass.rows * pass.columns).saturating_mul(pass.memory.len() * size_of::<T>()) > NEAR;
        let far = far && self.bound.code.is_none();
        let mut first_row = rows.start;
        while first_row < rows.end {
            let tile_rows = pass.tile_rows.min(rows.end - first_row);
            self.row_sums.clear();
            self.row_sums.extend(pass.row_sums.iter().map(|&reduction| start(reduction)));
            for (number, phase) in pass.phases.iter().enumerate() {
                let all = Tile { first_row, first_column: 0, rows: tile_rows, columns: pass.columns };
                if !phase.rows.is_empty() {
                    self.move_to(all);
                    self.list(number, &phase.rows, all, true);
                }
                if phase.full.is_empty() {
                    continue;
                }
                let mut first_column = columns.start;
                while first_column < columns.end {
                    let tile_columns = pass.tile_columns.min(columns.end - first_column);
                    let tile = Tile { first_row, first_column, rows: tile_rows, columns: tile_columns };
                    self.move_to(tile);
                    if far {
                        self.fetch_next(tile);
                    }
                    self.list(number, &phase.full, tile, false);
                    first_column += tile_columns;
                }
            }
            first_row += tile_rows;
        }
        std::mem::replace(&mut self.partial, Partial::none())
    }

    /// Runs one of the lists of a phase: its code, where there is some.
    fn list(&mut self, phase: usize, instructions: &[TileInstruction], tile: Tile, for_rows: bool) {
        if let Some(code) = self.bound.code {
            let phase = code.phase(phase);
            for &item in if for_rows { &phase.rows } else { &phase.full } {
                match item {
                    Item::Run(segment) => self.run(code, segment, tile, for_rows),
                    Item::Interpret(number) => self.execute(&instructions[number as usize], tile, for_rows),
                }
            }
            return;
        }
        for instruction in instructions {
            self.execute(instruction, tile, for_rows);
        }
    }

    /// Runs the code of a segment.
    fn run(&mut self, code: &Code, segment: u32, tile: Tile, for_rows: bool) {
        if for_rows {
            return self.run_rows(code, segment, 0..1, tile.rows, &[]);
        }
        let (loads, across) = (code.row_loads(segment), code.across(segment));
        if loads.is_empty() && across.is_empty() {
            return self.run_rows(code, segment, 0..tile.rows, tile.columns, &[]);
        }
        // In runs of rows that follow each other evenly in every operand.
        let mut row = 0;
        while row < tile.rows {
            let mut run = tile.rows - row;
            let mut operands: SmallVec<[RowOperand; 4]> = SmallVec::new();
            for &number in loads {
                let (operand, rows) = self.rows_of_operand(number, tile, row);
                operands.push(operand);
                run = run.min(rows);
            }
            for &number in across {
                let (operand, rows) = self.rows_of_sums(number, tile, row);
                operands.push(operand);
                run = run.min(rows);
            }
            self.run_rows(code, segment, row..row + run, tile.columns, &operands);
            row += run;
        }
    }

    fn run_rows(&mut self, code: &Code, segment: u32, rows: Range<usize>, columns: usize, operands: &[RowOperand]) {
        let (row_sums, totals) = (&mut self.row_sums, &mut self.partial.totals);
        let tile = generate::Tile { rows, columns };
        let bases =
            generate::Bases { registers: self.registers, carried: self.carried, memory: &self.memory, operands };
        // SAFETY: the memory is that of the pass at this tile, as `read` and `write` say; rows of operands were found to lie within
        // their buffers; the level that the code was made for is that of the processor.
        unsafe {
            code.run(segment, tile, bases, |target, reduction, result| {
                let sum = match target {
                    generate::Target::RowSum(number) => &mut row_sums[number as usize],
                    generate::Target::Total(number) => &mut totals[number as usize],
                    generate::Target::PerRow(_) => unreachable!("those are in memory"),
                };
                *sum = combine(reduction, *sum, result);
            });
        }
    }

    /// Where the sums across rows are that rows are added to, from a row of the tile on, and how many rows go on evenly.
    fn rows_of_sums(&mut self, number: u16, tile: Tile, row: usize) -> (RowOperand, usize) {
        let pass = self.bound.pass;
        let across = &pass.across[number as usize];
        let start: usize = pass.across[..number as usize].iter().map(|across| across.length).sum();
        let (left, row) = (tile.rows - row, tile.first_row + row);
        let (rows, step) = match across.place.first() {
            None => (left, 0),
            Some(&(1, size, stride)) => (size - row % size, stride),
            Some(&(divisor, _, _)) => (divisor - row % divisor, 0),
        };
        let rows = rows.min(left);
        let first = start + across.place_of(row) + tile.first_column;
        let last = first + (rows - 1) * step;
        // Slicing checks that all are there, with what is written behind them.
        let sums = &mut self.partial.across[first..last + tile.columns + BEHIND_SUMS];
        (RowOperand { first: sums.as_ptr().cast(), step: (step * size_of::<f64>()) as isize }, rows)
    }

    /// Where the rows of an operand lie, from a row of the tile on, and how many follow evenly.
    fn rows_of_operand(&self, number: u16, tile: Tile, row: usize) -> (RowOperand, usize) {
        let load = &self.bound.pass.loads[number as usize];
        let values = self.bound.loads[number as usize].typed::<T>();
        let (inner, steps) = load.by_rows(self.bound.pass.columns).expect("asked when the code was generated");
        let length = if inner == 0 { 1 } else { tile.columns };
        let mut start = load.offset + tile.first_column as isize * inner;
        let mut left = tile.first_row + row;
        for &(size, stride) in &steps {
            start += (left % size) as isize * stride;
            left /= size;
        }
        let (rows, step) = match steps.first() {
            Some(&(size, stride)) => (size - (tile.first_row + row) % size, stride),
            None => (usize::MAX, 0),
        };
        let rows = rows.min(tile.rows - row);
        // Slicing checks that the first and the last of them are there.
        let last = start + (rows as isize - 1) * step;
        part(values, last, length);
        let first = part(values, start, length).as_ptr().cast();
        (RowOperand { first, step: step * size_of::<T>() as isize }, rows)
    }

    /// Asks for the memory of the next tile, so that it arrives while this one is computed with.
    fn fetch_next(&self, tile: Tile) {
        let bytes = tile.rows * tile.columns * size_of::<T>();
        for (place, memory) in self.memory.iter().zip(&self.bound.pass.memory) {
            if memory.advance == Advance::Full {
                let next = place.cast::<u8>().wrapping_add(bytes);
                for line in (0..bytes).step_by(LINE) {
                    prefetch(next.wrapping_add(line));
                }
            }
        }
    }

    /// Lets the places in memory, and the registers of whole rows, follow the tile.
    fn move_to(&mut self, tile: Tile) {
        let pass = self.bound.pass;
        for ((place, memory), start) in self.memory.iter_mut().zip(&pass.memory).zip(&self.bound.memory) {
            let by = match memory.advance {
                Advance::Full => tile.first_row * pass.columns + tile.first_column,
                Advance::Row => tile.first_row,
                Advance::Column => tile.first_column,
                Advance::Fixed => 0,
            };
            // SAFETY: when the pass was bound, the memory was found to hold an entry for each row, column or both.
            *place = unsafe { start.add(by) };
        }
        // SAFETY: a register of whole rows has `columns` entries.
        self.carried = unsafe { self.registers.add(pass.carried + tile.first_column) };
    }

    #[inline(always)]
    fn pointer(&self, place: Place) -> *mut T {
        let region = match place.region {
            Region::Scratch => self.registers,
            Region::Carried => self.carried,
            Region::Memory(number) => self.memory[number as usize],
        };
        // SAFETY: registers lie within the scratch, as the schedule has sized it; memory has offset 0.
        unsafe { region.add(place.offset) }
    }

    /// What an instruction reads.
    #[inline(always)]
    fn read<'x>(&self, place: Place, length: usize) -> &'x [T] {
        // SAFETY: a register of a tile holds `tile_rows × tile_columns` elements, one for rows `tile_rows`; memory was found to
        // be long enough when the pass was bound. Everything is initialised: registers come from the pool's initialised
        // blocks. The reference lives for one instruction, whose results are elsewhere: the schedule gives a result a
        // register only before those of its operands are free, and results in memory are fresh buffers.
        unsafe { std::slice::from_raw_parts(self.pointer(place), length) }
    }

    /// What an instruction writes.
    #[inline(always)]
    fn write<'x>(&self, place: Place, length: usize) -> &'x mut [T] {
        // SAFETY: as for `read`; no other thread writes to this worker's registers or to the rows and columns of its blocks.
        unsafe { std::slice::from_raw_parts_mut(self.pointer(place), length) }
    }

    fn execute(&mut self, instruction: &TileInstruction, tile: Tile, for_rows: bool) {
        let level = self.bound.level;
        let pass = self.bound.pass;
        let length = if for_rows { tile.rows } else { tile.rows * tile.columns };
        let inputs = &instruction.inputs;
        let outputs = &instruction.outputs;
        let input = |which: usize| self.read(inputs[which], length);
        let even = |which: usize| match inputs[which].spread {
            Spread::Same => Even::Same(self.read(inputs[which], 1)[0]),
            _ => Even::Tile(input(which)),
        };
        match instruction.operation {
            Operation::Load(number) => {
                let spec = &pass.loads[number as usize];
                let (position, length) = match spec.advance {
                    Advance::Full => (tile.first_row * pass.columns + tile.first_column, length),
                    Advance::Row => (tile.first_row, tile.rows),
                    Advance::Column | Advance::Fixed if spec.steps[0].1 == 0 && spec.steps.len() == 1 => (0, 1),
                    Advance::Column | Advance::Fixed => (0, length),
                };
                load(level, spec, self.bound.loads[number as usize], position, self.write(outputs[0], length));
            }
            Operation::Spread => {
                let out = self.write(outputs[0], length);
                match inputs[0].spread {
                    Spread::Same => out.fill(self.read(inputs[0], 1)[0]),
                    _ => {
                        let numbers = self.read(inputs[0], tile.rows);
                        level.run(SpreadRows { numbers, columns: tile.columns, out });
                    }
                }
            }
            Operation::Copy => self.write(outputs[0], length).copy_from_slice(input(0)),
            Operation::Truth => level.run(Truth { x: input(0), out: self.write(outputs[0], length) }),
            Operation::Unary(unary) => level.run(UnaryTile { unary, x: input(0), out: self.write(outputs[0], length) }),
            Operation::Binary(binary) => {
                let out = self.write(outputs[0], length);
                let rows = |place: Place| match place.spread {
                    Spread::Same => (1, length),
                    _ => (tile.rows, tile.columns),
                };
                match (inputs[0].spread, inputs[1].spread) {
                    (Spread::Tile, Spread::Tile) => level.run(BinaryTiles { binary, a: input(0), b: input(1), out }),
                    (Spread::Tile, _) => {
                        let (count, columns) = rows(inputs[1]);
                        let numbers = self.read(inputs[1], count);
                        level.run(BinaryRows { binary, tile: input(0), numbers, side: Side::Right, columns, out });
                    }
                    _ => {
                        let (count, columns) = rows(inputs[0]);
                        let numbers = self.read(inputs[0], count);
                        level.run(BinaryRows { binary, tile: input(1), numbers, side: Side::Left, columns, out });
                    }
                }
            }
            Operation::Pair(pair) => {
                let out = self.write(outputs[0], length);
                level.run(PairTiles { pair, a: even(0), b: even(1), c: even(2), out });
            }
            Operation::CompareSelect(comparison) => {
                let out = self.write(outputs[0], length);
                level.run(CompareSelect { comparison, a: even(0), b: even(1), c: even(2), d: even(3), out });
            }
            Operation::Select => {
                let out = self.write(outputs[0], length);
                level.run(Select { condition: input(0), a: input(1), b: input(2), out });
            }
            Operation::Logistic(kinds) => {
                let wanted = [kinds.softplus, kinds.softplus_of_negative, kinds.sigmoid, kinds.sigmoid_of_negative];
                let mut next = outputs.iter().peekable();
                let outputs = wanted.map(|wanted| match next.next_if(|_| wanted) {
                    Some(&place) => self.write(place, length),
                    None => &mut [],
                });
                level.run(Logistic { kinds, x: input(0), outputs });
            }
            Operation::ReduceRow(reduction, number) => {
                if let Some(&place) = outputs.first() {
                    let out = self.write(place, tile.rows);
                    level.run(ReduceRows { reduction, x: input(0), columns: tile.columns, out });
                } else {
                    let part = level.run(Reduce { reduction, x: input(0) });
                    let sum = &mut self.row_sums[number as usize];
                    *sum = combine(reduction, *sum, part);
                }
            }
            Operation::DotRow(number) => {
                if let Some(&place) = outputs.first() {
                    let out = self.write(place, tile.rows);
                    level.run(DotRows { a: input(0), b: input(1), columns: tile.columns, out });
                } else {
                    self.row_sums[number as usize] += level.run(Dot { a: input(0), b: input(1) });
                }
            }
            Operation::FinishRow(number) => self.write(outputs[0], 1)[0] = T::narrow(self.row_sums[number as usize]),
            Operation::ReduceTotal(number) => {
                let reduction = pass.totals[number as usize].reduction;
                let part = level.run(Reduce { reduction, x: input(0) });
                let sum = &mut self.partial.totals[number as usize];
                *sum = combine(reduction, *sum, part);
            }
            Operation::DotTotal(number) => {
                self.partial.totals[number as usize] += level.run(Dot { a: input(0), b: input(1) });
            }
            Operation::Across(number) => {
                let x = input(0);
                let across = &pass.across[number as usize];
                let start: usize = pass.across[..number as usize].iter().map(|across| across.length).sum();
                for (row, x) in x.chunks_exact(tile.columns).enumerate() {
                    let row = tile.first_row + row;
                    let from = start + across.place_of(row) + tile.first_column;
                    let sums = &mut self.partial.across[from..from + tile.columns];
                    level.run(Accumulate { reduction: across.reduction, x, sums });
                }
            }
            Operation::OneHot(number) => {
                let out = self.write(outputs[0], length);
                out.fill(<T as Real>::ZERO);
                for row in 0..tile.rows {
                    if let Some(column) = self.column(number, row, tile) {
                        out[row * tile.columns + column] = <T as Real>::ONE;
                    }
                }
            }
            Operation::WithinRow(number) => {
                let same = inputs[0].spread == Spread::Same;
                let numbers = self.read(inputs[0], if same { 1 } else { tile.rows });
                let whole = Tile { first_column: 0, columns: pass.columns, ..tile };
                for (row, to) in self.write(outputs[0], tile.rows).iter_mut().enumerate() {
                    let within = self.column(number, row, whole).is_some();
                    let number = if within { numbers[if same { 0 } else { row }] } else { <T as Real>::ZERO };
                    // As a sum, it is never -0.
                    *to = number + <T as Real>::ZERO;
                }
            }
            Operation::Pick(number) => {
                let x = input(0);
                let out = self.write(outputs[0], tile.rows);
                if tile.first_column == 0 {
                    out.fill(<T as Real>::ZERO);
                }
                for (row, to) in out.iter_mut().enumerate() {
                    if let Some(column) = self.column(number, row, tile) {
                        *to = x[row * tile.columns + column];
                    }
                }
            }
            Operation::Place(number) => {
                let out = self.write(outputs[0], length);
                out.fill(<T as Real>::ZERO);
                self.add_placed(number, inputs[0], out, tile);
            }
            Operation::AddPlaced(number) => {
                // In place, if the schedule has given the result the register of the operand.
                if self.pointer(inputs[0]) != self.pointer(outputs[0]) {
                    self.write(outputs[0], length).copy_from_slice(input(0));
                }
                self.add_placed(number, inputs[1], self.write(outputs[0], length), tile);
            }
            Operation::Store(number) => {
                let position =
                    if for_rows { tile.first_row } else { tile.first_row * pass.columns + tile.first_column };
                // SAFETY: the result has an entry for each row (and column), of which this worker writes those of its blocks.
                let out =
                    unsafe { std::slice::from_raw_parts_mut(self.bound.truths[number as usize].add(position), length) };
                for (to, &x) in out.iter_mut().zip(input(0)) {
                    *to = x != <T as Real>::ZERO;
                }
            }
        }
    }

    /// The column of the tile that an index names for a row, if it is in the tile.
    fn column(&self, number: u16, row: usize, tile: Tile) -> Option<usize> {
        let pass = self.bound.pass;
        let index = &pass.indices[number as usize];
        let position = self.bound.indices[number as usize][tile.first_row + row];
        let column = match index.operation {
            Some(operation) => {
                checked(position, pass.columns, operation, self.bound.locations[index.origin as usize]) as usize
            }
            None => usize::try_from(position).ok()?,
        };
        column.checked_sub(tile.first_column).filter(|&column| column < tile.columns)
    }

    /// Adds a number to the entry of each row that an index names.
    fn add_placed(&self, number: u16, numbers: Place, out: &mut [T], tile: Tile) {
        let same = numbers.spread == Spread::Same;
        let numbers = self.read(numbers, if same { 1 } else { tile.rows });
        for row in 0..tile.rows {
            if let Some(column) = self.column(number, row, tile) {
                let to = &mut out[row * tile.columns + column];
                *to = *to + (numbers[if same { 0 } else { row }]);
            }
        }
    }
}
