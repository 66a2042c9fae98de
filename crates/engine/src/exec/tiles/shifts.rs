//! Rows of the pieces of an assembly, for code that reads them where they lie. Where no piece has anything of a row, zeros are read instead;
//! beside what a piece has of a row lies something else, which the code masks.

use smallvec::SmallVec;

use super::bound::Bound;
use super::kernels::Lane;
use super::places::Tile;
use crate::jit::RowOperand;
use crate::plan::{Assembly, Piece, Window};
use crate::storage::Storage;

/// What a worker reads where pieces end.
pub(super) struct Shifts<T> {
    /// Entries of a row.
    columns: usize,
    /// A row of zeros.
    zeros: Vec<T>,
    /// For each piece of each assembly that has a part of each row: that part as bits, and a row that would not lie in memory as a whole.
    partial: Vec<Vec<Option<PartialRows<T>>>>,
}

struct PartialRows<T> {
    window: Vec<T>,
    edge: Vec<T>,
}

impl<T: Lane> Shifts<T> {
    pub(super) fn of(bound: &Bound<'_, T>) -> Shifts<T> {
        let pass = bound.pass;
        let columns = pass.columns;
        if bound.code.is_none() || !pass.by_rows || pass.assemblies.is_empty() {
            return Shifts { columns, zeros: Vec::new(), partial: Vec::new() };
        }
        let partial = |piece: &Piece| {
            let (along, _) = piece.by_rows(columns)?;
            (along.count != along.size).then(|| {
                let bits = |column: usize| if along.covers(column) { T::ALL_BITS } else { T::default() };
                PartialRows { window: (0..columns).map(bits).collect(), edge: vec![T::default(); columns] }
            })
        };
        let of_pieces = |assembly: &Assembly| assembly.pieces.iter().map(partial).collect();
        let partial = pass.assemblies.iter().map(of_pieces).collect();
        Shifts { columns, zeros: vec![T::default(); columns], partial }
    }

    /// The bits of what a piece has of each row, from a column on, and for how many rows they hold.
    pub(super) fn window(&self, number: u16, piece: u16, first_column: usize) -> (RowOperand, usize) {
        let partial = self.partial[number as usize][piece as usize].as_ref().expect("the piece has a part of each row");
        (RowOperand { first: partial.window[first_column..].as_ptr().cast(), step: 0 }, usize::MAX)
    }

    /// Where the rows lie, from a row of the tile on, and how many follow evenly: those of one piece, or of all that have whole rows.
    pub(super) fn rows(
        &mut self,
        number: u16,
        assembly: &Assembly,
        storages: &[&Storage],
        only: Option<u16>,
        tile: Tile,
        row: usize,
    ) -> (RowOperand, usize) {
        let row_number = tile.first_row + row;
        // As many rows as no piece begins or ends in.
        let mut run = tile.rows - row;
        let mut found = None;
        for (which, (piece, storage)) in assembly.pieces.iter().zip(storages).enumerate() {
            let (along, rows) = piece.by_rows(self.columns).expect("asked when the code was generated");
            if only.is_some_and(|only| usize::from(only) != which) || only.is_none() && along.count != along.size {
                continue;
            }
            run = run.min(until_a_border(&rows, row_number));
            if let Some(way) = way(&rows, row_number) {
                let start = piece.offset + way + tile.first_column as isize - along.first as isize;
                found =
                    Some((which, along, start, rows.first().map_or(0, |window| window.stride), storage.typed::<T>()));
            }
        }
        let Some((which, along, start, step, values)) = found else {
            return (RowOperand { first: self.zeros[tile.first_column..].as_ptr().cast(), step: 0 }, run);
        };
        let lies = |start: isize| start >= 0 && start as usize + tile.columns <= values.len();
        if !lies(start) {
            // At an end of the buffer there is nothing beside what the piece has.
            let edge = &mut self.partial[number as usize][which].as_mut().expect("whole rows lie in memory").edge;
            for column in (0..tile.columns).filter(|column| along.covers(tile.first_column + column)) {
                edge[column] = values[(start + column as isize) as usize];
            }
            return (RowOperand { first: edge.as_ptr().cast(), step: 0 }, 1);
        }
        while !lies(start + (run as isize - 1) * step) {
            run -= 1;
        }
        let first = values[start as usize..].as_ptr().cast();
        (RowOperand { first, step: step * size_of::<T>() as isize }, run)
    }
}

/// How many rows there are from this one on before the innermost axis of rows reaches an end of the window, or its own.
fn until_a_border(rows: &[Window], row: usize) -> usize {
    let Some(&Window { size, first, count, .. }) = rows.first() else { return usize::MAX };
    let at = row % size;
    [first, first + count, size].into_iter().filter(|&border| border > at).min().map_or(1, |border| border - at)
}

/// How far a row lies from the first of a piece, if the piece lies in it.
fn way(rows: &[Window], row: usize) -> Option<isize> {
    let mut left = row;
    let mut ways: SmallVec<[isize; 4]> = SmallVec::new();
    for window in rows {
        let index = left % window.size;
        if !window.covers(index) {
            return None;
        }
        ways.push(window.way(index));
        left /= window.size;
    }
    Some(ways.iter().sum())
}
