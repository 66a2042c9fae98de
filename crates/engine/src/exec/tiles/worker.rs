//! A thread's part of a pass: the loop over tiles, its instructions, and its sums.
#![allow(unsafe_code)]

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use smallvec::SmallVec;

use super::Along;
use super::assemble::assemble;
use super::bound::Bound;
use super::each::EachEntry;
use super::kernels::Lane;
use super::load::load;
use super::lookup::{self, look_up};
use super::partial::{Partial, combine, start};
use super::places::{Operands, Places, Span, Tile, part};
use super::reductions::{Accumulate, Dot, DotRows, Reduce, ReduceRows};
use super::shifts::Shifts;
use crate::exec::index::checked;
use crate::exec::threads::share_out;
use crate::jit::{BEHIND_SUMS, Code, Destination, Item, RowOperand};
use crate::op::Real;
use crate::plan::{Operation, RowSource, TileInstruction};
use crate::storage::Storage;

/// Bytes up to which a pass finds its memory in the second-level cache anyway.
const NEAR: usize = 256 << 10;

/// Runs all blocks and combines what they add up, in the order of the blocks: so the sums do not depend on who computed them. What is
/// computed along with them is given the memory of the results.
pub(super) fn add_up<T: Lane>(bound: &Bound<'_, T>, along: Option<(&dyn Along<T>, &[Span<T>])>) -> Partial {
    let pass = bound.pass;
    if pass.blocks == 1 && along.is_none() {
        let mut worker = Worker::new(bound);
        // SAFETY: there is nobody else.
        return unsafe { worker.block(0) };
    }
    let reduces = !pass.totals.is_empty() || !pass.across.is_empty();
    let partials: Mutex<Vec<Option<Partial>>> = Mutex::new((0..pass.blocks).map(|_| None).collect());
    let together = along.map_or(1, |(along, _)| along.blocks());
    share_out(pass.blocks.div_ceil(together), |next| {
        let mut worker = Worker::new(bound);
        while let Some(unit) = next() {
            if let Some((along, _)) = along {
                // SAFETY: each unit is given to one worker, once.
                unsafe { along.before(unit) };
            }
            for block in unit * together..pass.blocks.min((unit + 1) * together) {
                // SAFETY: each block belongs to one unit.
                let partial = unsafe { worker.block(block) };
                if reduces {
                    partials.lock().unwrap_or_else(PoisonError::into_inner)[block] = Some(partial);
                }
            }
            if let Some((along, results)) = along {
                // SAFETY: as above, and its blocks are computed.
                unsafe { along.behind(unit, results) };
            }
        }
    });
    let mut combined = Partial::of_rows(pass, 0..pass.rows);
    for partial in partials.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten() {
        combined.add(pass, &partial);
    }
    combined
}

pub(super) struct Worker<'a, 'b, T: Lane> {
    bound: &'a Bound<'b, T>,
    places: Places<'a, T>,
    /// Reductions along the rows of the present tile, for rows that do not fit into a tile.
    row_sums: SmallVec<[f64; 4]>,
    partial: Partial,
    /// What the rows of pieces need beside those.
    shifts: Shifts<T>,
    /// Where the rows of look-ups lie, for the present tile.
    rows: SmallVec<[Vec<*const u8>; 2]>,
}

impl<'a, 'b, T: Lane> Worker<'a, 'b, T> {
    pub(super) fn new(bound: &'a Bound<'b, T>) -> Worker<'a, 'b, T> {
        let pass = bound.pass;
        let places = Places::new(pass, &bound.memory);
        let (row_sums, partial, shifts) = (SmallVec::new(), Partial::none(), Shifts::of(bound));
        let rows = pass.lookups.iter().map(|_| Vec::new()).collect();
        let mut worker = Worker { bound, places, row_sums, partial, shifts, rows };
        let tile = Tile { first_row: 0, first_column: 0, rows: pass.tile_rows, columns: pass.tile_columns };
        for instruction in &pass.prologue {
            worker.execute(instruction, tile, false);
        }
        worker
    }

    /// Computes a block, and returns what it has added up.
    ///
    /// # Safety
    /// Nobody else may compute the same block meanwhile.
    pub(super) unsafe fn block(&mut self, block: usize) -> Partial {
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
                    // SAFETY: the rows are those of the block, and no other block has them.
                    unsafe { self.places.move_to(all) };
                    self.list(number, &phase.rows, all, true);
                }
                if phase.full.is_empty() {
                    continue;
                }
                let mut first_column = columns.start;
                while first_column < columns.end {
                    let tile_columns = pass.tile_columns.min(columns.end - first_column);
                    let tile = Tile { first_row, first_column, rows: tile_rows, columns: tile_columns };
                    // SAFETY: as above; or the columns are, of the only row.
                    unsafe { self.places.move_to(tile) };
                    if far {
                        self.places.fetch_next();
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
        let (sources, across) = (code.row_sources(segment), code.across(segment));
        if sources.is_empty() && across.is_empty() {
            return self.run_rows(code, segment, 0..tile.rows, tile.columns, &[]);
        }
        // In runs of rows that follow each other evenly in every operand.
        let mut row = 0;
        while row < tile.rows {
            let mut run = tile.rows - row;
            let mut operands: SmallVec<[RowOperand; 4]> = SmallVec::new();
            for &source in sources {
                let (operand, rows) = match source {
                    RowSource::Load(number) => self.rows_of_operand(number, tile, row),
                    RowSource::Pieces(number) => self.rows_of_pieces(number, None, tile, row),
                    RowSource::Piece(number, piece) => self.rows_of_pieces(number, Some(piece), tile, row),
                    RowSource::Lookup(number) => (self.rows_of_lookup(number, tile, row), usize::MAX),
                    RowSource::Window(number, piece) => self.shifts.window(number, piece, tile.first_column),
                };
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
        // SAFETY: the code is that of the pass for the present level, which this processor has; rows of operands were found to lie within
        // their buffers, and those of sums belong to this worker.
        unsafe {
            self.places.run(code, segment, (rows, columns), operands, |target, reduction, result| {
                let sum = match target {
                    Destination::RowSum(number) => &mut row_sums[number as usize],
                    Destination::Total(number) => &mut totals[number as usize],
                    Destination::PerRow(_) => unreachable!("those are in memory"),
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
        // All are there, with what is written behind them.
        let sums = &mut self.partial.across;
        assert!(first <= last && last + tile.columns + BEHIND_SUMS <= sums.len(), "sums beyond their buffer");
        let first = sums.memory().wrapping_add(first).cast_const().cast();
        (RowOperand { first, step: (step * size_of::<f64>()) as isize }, rows)
    }

    /// Where the rows of an operand lie, from a row of the tile on, and how many follow evenly.
    fn rows_of_operand(&self, number: u16, tile: Tile, row: usize) -> (RowOperand, usize) {
        match &self.bound.loads[number as usize] {
            Storage::Bool(truths) => self.rows_among(truths, number, tile, row),
            others => self.rows_among(others.typed::<T>(), number, tile, row),
        }
    }

    fn rows_among<S>(&self, values: &[S], number: u16, tile: Tile, row: usize) -> (RowOperand, usize) {
        let load = &self.bound.pass.loads[number as usize];
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
        // Slicing checks that the first and the last of them are there; the pointer is one into all of the buffer.
        part(values, start + (rows as isize - 1) * step, length);
        part(values, start, length);
        let first = values.as_ptr().wrapping_offset(start).cast();
        (RowOperand { first, step: step * size_of::<S>() as isize }, rows)
    }

    /// Where the rows lie that the pieces of an assembly have, all those with whole rows or the one given, and how many follow evenly.
    fn rows_of_pieces(&mut self, number: u16, piece: Option<u16>, tile: Tile, row: usize) -> (RowOperand, usize) {
        let assembly = &self.bound.pass.assemblies[number as usize];
        let storages = &self.bound.pieces[number as usize];
        self.shifts.rows(number, assembly, storages, piece, tile, row)
    }

    /// Where each row of the tile lies that indices name: found with the first of them.
    fn rows_of_lookup(&mut self, number: u16, tile: Tile, row: usize) -> RowOperand {
        if row > 0 {
            return RowOperand { first: self.rows[number as usize].as_ptr().cast(), step: 0 };
        }
        let lookup = &self.bound.pass.lookups[number as usize];
        let (table, indices) = self.bound.lookups[number as usize];
        let rows = &mut self.rows[number as usize];
        rows.clear();
        let columns = self.bound.pass.columns;
        lookup::rows(lookup, indices, columns, tile.first_row..tile.first_row + tile.rows, |start| {
            // Slicing checks that the row is there.
            rows.push(part(table, (start + tile.first_column) as isize, tile.columns).as_ptr().cast());
        });
        // One more is read with the last row, and not used.
        rows.push(std::ptr::null());
        RowOperand { first: rows.as_ptr().cast(), step: 0 }
    }

    fn execute(&mut self, instruction: &TileInstruction, tile: Tile, for_rows: bool) {
        let level = self.bound.level;
        let pass = self.bound.pass;
        let entries = if for_rows { tile.rows } else { tile.rows * tile.columns };
        if let Operation::Store(number) = instruction.operation {
            let (x, out) = self.places.truths(instruction.inputs[0], self.bound.truths[number as usize], for_rows);
            return out.iter_mut().zip(x).for_each(|(to, &x)| *to = x != <T as Real>::ZERO);
        }
        if let Operation::Load(number) = instruction.operation {
            let source = &pass.loads[number as usize];
            let position = self.places.loaded(source.advance, tile);
            let [out, ..] = self.places.operands(instruction, tile, for_rows).outputs;
            return load(level, source, self.bound.loads[number as usize], position, out);
        }
        if let Operation::Assemble(number) = instruction.operation {
            let source = &pass.assemblies[number as usize];
            let position = self.places.loaded(source.advance, tile);
            let [out, ..] = self.places.operands(instruction, tile, for_rows).outputs;
            return assemble(source, &self.bound.pieces[number as usize], position, out);
        }
        if let Operation::LookUp(number) = instruction.operation {
            let source = &pass.lookups[number as usize];
            let position = self.places.loaded(source.advance, tile);
            let [out, ..] = self.places.operands(instruction, tile, for_rows).outputs;
            let (table, indices) = self.bound.lookups[number as usize];
            return look_up(source, table, indices, position, out);
        }
        let Operands { inputs, outputs } = self.places.operands(instruction, tile, for_rows);
        let columns = Columns { bound: self.bound, tile };
        let x = inputs[0];
        let stored = !instruction.outputs.is_empty();
        let [out, second, third, fourth] = outputs;
        match instruction.operation {
            Operation::Load(_) | Operation::Assemble(_) | Operation::LookUp(_) | Operation::Store(_) => {
                unreachable!("done above")
            }
            Operation::Spread
            | Operation::Copy
            | Operation::Truth
            | Operation::Unary(_)
            | Operation::Binary(_)
            | Operation::Pair(_)
            | Operation::CompareSelect(_)
            | Operation::Select
            | Operation::Logistic(_) => {
                let tile = EachEntry { level, entries, columns: tile.columns };
                tile.compute(instruction, Operands { inputs, outputs: [out, second, third, fourth] });
            }
            Operation::ReduceRow(reduction, number) => {
                if stored {
                    level.run(ReduceRows { reduction, x, columns: tile.columns, out });
                } else {
                    let part = level.run(Reduce { reduction, x });
                    let sum = &mut self.row_sums[number as usize];
                    *sum = combine(reduction, *sum, part);
                }
            }
            Operation::DotRow(number) => {
                let [a, b, ..] = inputs;
                if stored {
                    level.run(DotRows { a, b, columns: tile.columns, out });
                } else {
                    self.row_sums[number as usize] += level.run(Dot { a, b });
                }
            }
            Operation::FinishRow(number) => out[0] = T::narrow(self.row_sums[number as usize]),
            Operation::ReduceTotal(number) => {
                let reduction = pass.totals[number as usize].reduction;
                let part = level.run(Reduce { reduction, x });
                let sum = &mut self.partial.totals[number as usize];
                *sum = combine(reduction, *sum, part);
            }
            Operation::DotTotal(number) => {
                self.partial.totals[number as usize] += level.run(Dot { a: x, b: inputs[1] });
            }
            Operation::Across(number) => {
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
                out.fill(<T as Real>::ZERO);
                for row in 0..tile.rows {
                    if let Some(column) = columns.named(number, row) {
                        out[row * tile.columns + column] = <T as Real>::ONE;
                    }
                }
            }
            Operation::WithinRow(number) => {
                let whole = Tile { first_column: 0, columns: pass.columns, ..tile };
                let columns = Columns { tile: whole, ..columns };
                for (row, to) in out.iter_mut().enumerate() {
                    let within = columns.named(number, row).is_some();
                    let number = if within { number_of(x, row) } else { <T as Real>::ZERO };
                    // As a sum, it is never -0.
                    *to = number + <T as Real>::ZERO;
                }
            }
            Operation::Pick(number) => {
                if tile.first_column == 0 {
                    out.fill(<T as Real>::ZERO);
                }
                for (row, to) in out.iter_mut().enumerate() {
                    if let Some(column) = columns.named(number, row) {
                        *to = x[row * tile.columns + column];
                    }
                }
            }
            Operation::Place(number) => {
                out.fill(<T as Real>::ZERO);
                columns.add(number, x, out);
            }
            Operation::AddPlaced(number) => {
                // In place, if the schedule has given the result the register of the operand.
                if !x.is_empty() {
                    out.copy_from_slice(x);
                }
                columns.add(number, inputs[1], out);
            }
        }
    }
}

/// The columns of a tile that indices name.
struct Columns<'a, 'b, T: Lane> {
    bound: &'a Bound<'b, T>,
    tile: Tile,
}

impl<T: Lane> Columns<'_, '_, T> {
    /// The column that an index names for a row, if it is in the tile.
    fn named(&self, number: u16, row: usize) -> Option<usize> {
        let (pass, tile) = (self.bound.pass, self.tile);
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
    fn add(&self, number: u16, numbers: &[T], out: &mut [T]) {
        for row in 0..self.tile.rows {
            if let Some(column) = self.named(number, row) {
                let to = &mut out[row * self.tile.columns + column];
                *to = *to + number_of(numbers, row);
            }
        }
    }
}

/// The number of a row, if there is one for each, or that of all.
fn number_of<T: Copy>(numbers: &[T], row: usize) -> T {
    if numbers.len() == 1 { numbers[0] } else { numbers[row] }
}
