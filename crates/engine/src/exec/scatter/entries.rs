//! Entries added one by one, with an index for each.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Piece, Scatter};
use crate::buffer::Buffer;
use crate::exec::accumulate::{FEW, Summand, Sums, round};
use crate::exec::index::all_in_range;
use crate::exec::threads::share_chunks;
use crate::exec::view::{Strides, walk};
use crate::shape::Shape;

/// Entries are added up by themselves where there are so many places for each.
const SPARSE: usize = 8;

/// Entries of a part that one thread adds up, where each place has several.
const ENTRIES: usize = 1 << 14;

/// Indices that are looked at together.
const CHECKED: usize = 256;

/// A bit for each place.
struct Places(Buffer<i64>);

/// The memory of one thread.
struct Memory<T: Summand> {
    /// Places that an entry goes to, and those that several go to.
    met: Places,
    several: Places,
    sums: Sums<T>,
    entries: Vec<(usize, T)>,
}

impl Places {
    fn of(count: usize) -> Places {
        Places(Buffer::of(count.div_ceil(64)))
    }

    /// Puts a place among them, unless it is.
    fn insert(&mut self, place: usize) -> bool {
        let (word, bit) = (&mut self.0[place / 64], 1 << (place % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    fn contains(&self, place: usize) -> bool {
        self.0[place / 64] & (1 << (place % 64)) != 0
    }
}

impl Scatter {
    pub(super) fn add_entries<T: Summand>(&self, out: &mut [T]) {
        if self.count <= FEW {
            out.fill(T::default());
            return self.share(
                out,
                || (),
                |(), position, out| {
                    self.for_each(position, |place, value: T| out[place] = out[place].plus(value));
                },
            );
        }
        let places = self.places();
        let sparse = self.count * self.inner <= places / SPARSE;
        let memory = || Memory {
            met: Places::of(places),
            several: Places::of(if sparse { places } else { 0 }),
            sums: Sums::of(0),
            entries: Vec::new(),
        };
        self.share(out, memory, |memory, position, out| {
            if sparse {
                self.add_apart(memory, position, out);
            } else if !self.add_distinct(memory, position, out) {
                if memory.sums.all().is_empty() {
                    memory.sums = Sums::of(places);
                }
                let sums = memory.sums.cleared(places);
                self.for_each(position, |place, value: T| value.add_to(&mut sums[place]));
                round(sums, out);
            }
        });
    }
}

impl Scatter {
    /// Few entries among many places: those of one place are added up where there are several, the others go where they belong.
    fn add_apart<T: Summand>(&self, memory: &mut Memory<T>, position: usize, out: &mut [T]) {
        let Memory { met, several, entries, .. } = memory;
        met.0.fill(0);
        several.0.fill(0);
        entries.clear();
        let mut alone = true;
        self.for_each(position, |place, _: T| {
            if !met.insert(place) {
                several.insert(place);
                alone = false;
            }
        });
        out.fill(T::default());
        self.for_each(position, |place, value: T| {
            if alone || !several.contains(place) {
                // As a sum, it is never -0.
                out[place] = T::default().plus(value);
            } else {
                entries.push((place, value));
            }
        });
        entries.sort_by_key(|&(place, _)| place);
        for entries in entries.chunk_by(|(a, _), (b, _)| a == b) {
            let mut sum = T::Sum::default();
            entries.iter().for_each(|(_, value)| value.add_to(&mut sum));
            out[entries[0].0] = T::rounded(sum);
        }
    }

    /// Entries of which each has a place of its own, as those of an order; `false` if two meet.
    fn add_distinct<T: Summand>(&self, memory: &mut Memory<T>, position: usize, out: &mut [T]) -> bool {
        let met = &mut memory.met;
        if self.count * self.inner > self.places() {
            return false;
        }
        met.0.fill(0);
        if self.count * self.inner < self.places() {
            out.fill(T::default());
        }
        let mut distinct = true;
        for piece in &self.pieces {
            piece.for_each_while(self, position, |place, value: T| {
                distinct &= met.insert(place);
                // As a sum, it is never -0.
                out[place] = T::default().plus(value);
                distinct
            });
        }
        distinct
    }

    /// Many entries for few places, with an index for each: in parts, whose sums are joined in order. `false` if they are not such.
    pub(super) fn add_in_parts<T: Summand>(&self, out: &mut [T], location: &Location<'_>) -> bool {
        let length = ENTRIES.max(SPARSE * self.size);
        let is_line = |piece: &Piece| piece.at[self.axis] == 1 && matches!(piece.from[self.axis], 0 | 1);
        let few = self.before != 1 || self.inner != 1 || self.size == 0 || self.count < 2 * length;
        if few || !self.pieces.iter().all(is_line) {
            return false;
        }
        let mut lines: Vec<(&[i64], &[T])> = Vec::new();
        for piece in &self.pieces {
            let (from, at) = piece.starts(self.axis, 0);
            let values = &piece.x.storage.typed::<T>()[from as usize..];
            let indices = &piece.index.storage.typed::<i64>()[at as usize..][..piece.over[self.axis]];
            let step = piece.from[self.axis] as usize;
            lines.extend(indices.chunks(length).enumerate().map(|(part, indices)| {
                let count = if step == 0 { 1 } else { indices.len() };
                (indices, &values[part * length * step..][..count])
            }));
        }
        let mut memory = Sums::<T>::of(lines.len() * self.size);
        let all = memory.cleared(lines.len() * self.size);
        let refused = AtomicBool::new(false);
        share_chunks(lines.len(), all.chunks_mut(self.size).zip(&lines), |(sums, &(indices, values))| {
            // Looked at while they are in the cache.
            for (number, indices) in indices.chunks(CHECKED).enumerate() {
                if !all_in_range(indices, self.size) {
                    return refused.store(true, Ordering::Relaxed);
                }
                if let [value] = *values {
                    indices.iter().for_each(|&index| value.add_to(&mut sums[index as usize]));
                } else {
                    let values = &values[number * CHECKED..][..indices.len()];
                    indices.iter().zip(values).for_each(|(&index, value)| value.add_to(&mut sums[index as usize]));
                }
            }
        });
        // The first, and in the caller's thread.
        if refused.into_inner() {
            self.check(location);
        }
        let (total, others) = all.split_at_mut(self.size);
        for other in others.chunks(self.size) {
            total.iter_mut().zip(other).for_each(|(sum, &other)| T::join(sum, other));
        }
        round(total, out);
        true
    }

    /// Calls `visit` with every entry at a position along the axes before the indexed one, and its place.
    fn for_each<T: Summand>(&self, position: usize, mut visit: impl FnMut(usize, T)) {
        for piece in &self.pieces {
            piece.for_each_while(self, position, |place, value| {
                visit(place, value);
                true
            });
        }
    }
}

impl Piece {
    /// Calls `visit` with its entries at a position along the axes before the indexed one, and their places, as long as it returns `true`.
    fn for_each_while<T: Summand>(&self, scatter: &Scatter, position: usize, mut visit: impl FnMut(usize, T) -> bool) {
        let axis = scatter.axis;
        let (from, at) = self.starts(axis, position);
        let (values, indices) = (self.x.storage.typed::<T>(), self.index.storage.typed::<i64>());
        if scatter.inner == 1 {
            let (s, t) = (self.from[axis], self.at[axis]);
            for k in 0..self.over[axis] as isize {
                if !visit(indices[(at + k * t) as usize] as usize, values[(from + k * s) as usize]) {
                    return;
                }
            }
            return;
        }
        let within = Shape::from(&self.over[axis..]);
        let mut to = within.strides();
        to[0] = 0;
        let (froms, ats): (Strides, Strides) = (self.from[axis..].into(), self.at[axis..].into());
        let mut goes_on = true;
        walk(&within, [(&froms, from), (&ats, at), (&to, 0)], |length, [from, at, to], [s, t, u]| {
            for k in 0..length as isize {
                let index = indices[(at + k * t) as usize] as usize;
                goes_on =
                    goes_on && visit((to + k * u) as usize + index * scatter.inner, values[(from + k * s) as usize]);
            }
        });
    }
}
