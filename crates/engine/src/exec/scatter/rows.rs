//! Whole rows added where one index says for each: a list for each place of those that go there.

use std::sync::Arc;

use super::{Piece, Scatter, WORTH};
use crate::buffer::Buffer;
use crate::exec::accumulate::{Summand, Sums};
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::threads::share_chunks;
use crate::exec::view::View;
use crate::storage::Storage;

/// Entries of a row that are added up at a time: their sums stay in the first-level cache.
const PART: usize = 1024;

/// No row.
const NONE: u32 = u32::MAX;

/// Fewer rows than this have lists.
pub(super) const MOST: usize = NONE as usize;

/// The first row of each place, and the next one after each row.
struct Lists {
    first: Buffer<u32>,
    next: Buffer<u32>,
}

/// The rows of one position along the axes before the indexed one.
struct Rows<'a, T> {
    inner: usize,
    /// The values, their first row, how far apart their rows are, and how many rows come before, for each piece.
    pieces: Vec<(&'a [T], isize, isize, usize)>,
}

impl Scatter {
    pub(super) fn add_rows<T: Summand>(&mut self, out: &mut [T]) {
        let (axis, level) = (self.axis, Level::current());
        self.pieces.iter_mut().for_each(|piece| piece.make_rows_contiguous(axis));
        if self.before == 1 {
            let mut lists = Lists::of(self);
            lists.fill(self, 0);
            let rows = Rows::of(self, 0);
            let together = (WORTH / self.inner).max(1);
            let parts = out.chunks_mut(together * self.inner).zip(lists.first.chunks(together));
            share_chunks(self.size.div_ceil(together), parts, |(out, first)| {
                let sums = &mut Sums::of(self.inner.min(PART));
                level.run(AddRows { rows: &rows, first, next: &lists.next, sums, out });
            });
            return;
        }
        let memory = || (Lists::of(self), Sums::of(self.inner.min(PART)));
        self.share(out, memory, |(lists, sums), position, out| {
            lists.fill(self, position);
            let Lists { first, next } = &*lists;
            level.run(AddRows { rows: &Rows::of(self, position), first, next, sums, out });
        });
    }
}

impl Lists {
    fn of(scatter: &Scatter) -> Lists {
        Lists { first: Buffer::of(scatter.size), next: Buffer::of(scatter.count) }
    }

    /// From the back, so that each list is in the order of its rows.
    fn fill(&mut self, scatter: &Scatter, position: usize) {
        self.first.fill(NONE);
        for piece in scatter.pieces.iter().rev() {
            let (_, at) = piece.starts(scatter.axis, position);
            let (count, step) = (piece.over[scatter.axis], piece.at[scatter.axis]);
            let indices = piece.index.storage.typed::<i64>();
            for (k, next) in self.next[piece.first..][..count].iter_mut().enumerate().rev() {
                let place = indices[(at + k as isize * step) as usize] as usize;
                *next = std::mem::replace(&mut self.first[place], (piece.first + k) as u32);
            }
        }
    }
}

impl<'a, T: Summand> Rows<'a, T> {
    fn of(scatter: &'a Scatter, position: usize) -> Rows<'a, T> {
        let pieces = scatter.pieces.iter().map(|piece| {
            let (from, _) = piece.starts(scatter.axis, position);
            (piece.x.storage.typed::<T>(), from, piece.from[scatter.axis], piece.first)
        });
        Rows { inner: scatter.inner, pieces: pieces.collect() }
    }

    #[inline(always)]
    fn row(&self, number: u32) -> &'a [T] {
        let number = number as usize;
        // Binary search for the last piece that begins before it.
        let (mut low, mut high) = (0, self.pieces.len());
        while high - low > 1 {
            let middle = (low + high) / 2;
            if self.pieces[middle].3 <= number { low = middle } else { high = middle }
        }
        let (values, from, step, first) = self.pieces[low];
        &values[(from + (number - first) as isize * step) as usize..][..self.inner]
    }
}

/// Adds up some places, whose lists begin with these rows.
struct AddRows<'a, 'b, T: Summand> {
    rows: &'b Rows<'a, T>,
    first: &'b [u32],
    next: &'b [u32],
    sums: &'b mut Sums<T>,
    out: &'b mut [T],
}

impl<T: Summand> Kernel for AddRows<'_, '_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let AddRows { rows, first, next, sums, out } = self;
        // Loops and no closures: only what is inlined is compiled for the level.
        for (&start, out) in first.iter().zip(out.chunks_exact_mut(rows.inner)) {
            if start == NONE {
                out.fill(T::default());
                continue;
            }
            let (a, second) = (rows.row(start), next[start as usize]);
            if second == NONE {
                for (to, &value) in out.iter_mut().zip(a) {
                    // As a sum, it is never -0.
                    *to = T::default().plus(value);
                }
                continue;
            }
            if next[second as usize] == NONE {
                for ((to, &a), &b) in out.iter_mut().zip(a).zip(rows.row(second)) {
                    let mut sum = T::Sum::default();
                    a.add_to(&mut sum);
                    b.add_to(&mut sum);
                    *to = T::rounded(sum);
                }
                continue;
            }
            for (number, out) in out.chunks_mut(PART).enumerate() {
                let sums = sums.cleared(out.len());
                let mut k = start;
                while k != NONE {
                    let row = &rows.row(k)[number * PART..][..out.len()];
                    for (sum, &value) in sums.iter_mut().zip(row) {
                        value.add_to(sum);
                    }
                    k = next[k as usize];
                }
                for (to, &sum) in out.iter_mut().zip(&*sums) {
                    *to = T::rounded(sum);
                }
            }
        }
    }
}

impl Piece {
    /// Copies the entries, unless those of a row lie side by side.
    fn make_rows_contiguous(&mut self, axis: usize) {
        let natural = self.over.strides();
        if (axis + 1..self.over.rank()).all(|axis| self.over[axis] == 1 || self.from[axis] == natural[axis]) {
            return;
        }
        let whole = View { shape: self.over.clone(), strides: self.from.clone(), ..self.x.clone() };
        let storage: Arc<Storage> = whole.to_storage();
        self.x = View { storage, shape: self.over.clone(), strides: natural.clone(), offset: 0 };
        self.from = natural;
    }
}
