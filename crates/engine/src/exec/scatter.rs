//! Entries added where an index says.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::buffer::Buffer;
use crate::exec::accumulate::{FEW, Summand, Sums, round};
use crate::exec::index::{all_in_range, checked};
use crate::exec::threads::share_chunks;
use crate::exec::view::{Strides, View, walk};
use crate::shape::Shape;
use crate::storage::Storage;

/// Entries of a row that are added up at a time: their sums stay in the first-level cache.
const PART: usize = 1024;

/// Entries are sorted by place where there are so many places for each.
const SPARSE: usize = 8;

/// Entries of a part that one thread adds up, where each place has several.
const ENTRIES: usize = 1 << 14;

/// Indices that are looked at together.
const CHECKED: usize = 256;

/// No entry.
const NONE: u32 = u32::MAX;

pub(super) fn scatter_add(x: &View, index: &View, axis: usize, shape: &Shape, location: &Location<'_>) -> Storage {
    match &*x.storage {
        Storage::F32(_) => Storage::F32(Scatter::<f32>::of(x, index, axis, shape, location).run()),
        Storage::F64(_) => Storage::F64(Scatter::<f64>::of(x, index, axis, shape, location).run()),
        Storage::I64(_) => Storage::I64(Scatter::<i64>::of(x, index, axis, shape, location).run()),
        Storage::Bool(_) => unreachable!("truth values are cast before they are added"),
    }
}

/// For each position along the axes before the one that is indexed, `count` times `inner` entries are added to `size` times `inner` places.
struct Scatter<'a, T: Summand> {
    x: View,
    index: View,
    axis: usize,
    /// The shape of the entries, and their strides.
    over: Shape,
    from: Strides,
    at: Strides,
    count: usize,
    size: usize,
    inner: usize,
    location: &'a Location<'a>,
    out: Buffer<T>,
}

impl<'a, T: Summand> Scatter<'a, T> {
    fn of(x: &View, index: &View, axis: usize, shape: &Shape, location: &'a Location<'a>) -> Scatter<'a, T> {
        let over = shape.with(axis, index.shape[axis]);
        Scatter {
            from: x.strides_in(&over),
            at: index.strides_in(&over),
            x: x.clone(),
            index: index.clone(),
            axis,
            count: over[axis],
            size: shape[axis],
            inner: shape[axis + 1..].iter().product(),
            over,
            location,
            out: Buffer::of(shape.elements()),
        }
    }

    fn run(mut self) -> Buffer<T> {
        let by_rows = self.inner > 1 && (self.axis + 1..self.over.rank()).all(|axis| self.at[axis] == 0);
        if self.over.elements() == 0 || by_rows && self.count >= NONE as usize {
            self.out.fill(T::default());
            if self.over.elements() > 0 {
                self.add_entries();
            }
        } else if by_rows {
            self.add_rows();
        } else {
            self.add_entries();
        }
        self.out
    }

    /// Calls `visit` with the first entry, the first index and the first place for each position along the axes before the indexed one.
    fn for_each_before(&self, mut visit: impl FnMut(isize, isize, usize)) {
        let before = Shape::from(&self.over[..self.axis]);
        let strides = |strides: &Strides| -> Strides { strides[..self.axis].into() };
        let (from, at) = (strides(&self.from), strides(&self.at));
        let mut number = 0;
        walk(&before, [(&from, self.x.offset), (&at, self.index.offset)], |length, [from, at], [s, t]| {
            for k in 0..length as isize {
                visit(from + k * s, at + k * t, number * self.size * self.inner);
                number += 1;
            }
        });
    }

    fn checked(&self, index: i64) -> usize {
        checked(index, self.size, "scatter_add", self.location) as usize
    }

    /// One index for each row of entries: every row of the result is added up by itself, from a list of those that go there.
    fn add_rows(&mut self) {
        self.make_rows_contiguous();
        let (values, indices) = (self.x.storage.typed::<T>(), self.index.storage.typed::<i64>());
        let (count, size, inner) = (self.count, self.size, self.inner);
        let (step, index_step) = (self.from[self.axis], self.at[self.axis]);
        let mut out = std::mem::replace(&mut self.out, Buffer::of(0));
        let mut sums = Sums::<T>::of(inner.min(PART));
        // The first entry of each place, and the next one of each entry.
        let mut first = vec![NONE; size];
        let mut next = vec![NONE; count];
        self.for_each_before(|from, at, to| {
            first.fill(NONE);
            // From the back, so that each list is in the order of its entries.
            for k in (0..count).rev() {
                let place = self.checked(indices[(at + k as isize * index_step) as usize]);
                next[k] = std::mem::replace(&mut first[place], k as u32);
            }
            let row_of = |k: u32| &values[(from + k as isize * step) as usize..][..inner];
            for (&start, out) in first.iter().zip(out[to..to + size * inner].chunks_exact_mut(inner)) {
                if start == NONE {
                    out.fill(T::default());
                    continue;
                }
                if next[start as usize] == NONE {
                    // As a sum, it is never -0.
                    out.iter_mut().zip(row_of(start)).for_each(|(to, &value)| *to = T::default().plus(value));
                    continue;
                }
                for (number, out) in out.chunks_mut(PART).enumerate() {
                    let sums = sums.cleared(out.len());
                    let mut k = start;
                    while k != NONE {
                        let row = &row_of(k)[number * PART..][..out.len()];
                        sums.iter_mut().zip(row).for_each(|(sum, &value)| value.add_to(sum));
                        k = next[k as usize];
                    }
                    round(sums, out);
                }
            }
        });
        self.out = out;
    }

    /// Copies the entries, unless those of a row lie side by side.
    fn make_rows_contiguous(&mut self) {
        let natural = self.over.strides();
        if (self.axis + 1..self.over.rank()).all(|axis| self.over[axis] == 1 || self.from[axis] == natural[axis]) {
            return;
        }
        let whole = View { shape: self.over.clone(), strides: self.from.clone(), ..self.x.clone() };
        let storage: Arc<Storage> = whole.to_storage();
        self.x = View { storage, shape: self.over.clone(), strides: natural.clone(), offset: 0 };
        self.from = natural;
    }

    /// An index for each entry.
    fn add_entries(&mut self) {
        let mut out = std::mem::replace(&mut self.out, Buffer::of(0));
        let (count, places) = (self.count, self.size * self.inner);
        if count <= FEW {
            out.fill(T::default());
            self.for_each_entry(|place, value| out[place] = out[place].plus(value));
        } else if count * self.inner <= places / SPARSE {
            let mut entries: Vec<(usize, T)> = Vec::with_capacity(count * self.inner);
            out.fill(T::default());
            self.for_each_before(|from, at, to| {
                entries.clear();
                self.for_each_within(from, at, |place, value| entries.push((place, value)));
                entries.sort_by_key(|&(place, _)| place);
                for entries in entries.chunk_by(|(a, _), (b, _)| a == b) {
                    let mut sum = T::Sum::default();
                    entries.iter().for_each(|(_, value)| value.add_to(&mut sum));
                    out[to + entries[0].0] = T::rounded(sum);
                }
            });
        } else {
            let mut memory = Sums::<T>::of(places);
            self.for_each_before(|from, at, to| {
                let out = &mut out[to..to + places];
                if !self.add_in_parts(from, at, out) {
                    let sums = memory.cleared(places);
                    self.for_each_within(from, at, |place, value| value.add_to(&mut sums[place]));
                    round(sums, out);
                }
            });
        }
        self.out = out;
    }

    /// Many entries for few places, with an index for each: in parts, whose sums are joined in order. `false` if they are not such.
    fn add_in_parts(&self, from: isize, at: isize, out: &mut [T]) -> bool {
        let (step, index_step) = (self.from[self.axis], self.at[self.axis]);
        if self.inner != 1
            || self.size == 0
            || index_step != 1
            || !matches!(step, 0 | 1)
            || self.count < 2 * ENTRIES.max(SPARSE * self.size)
        {
            return false;
        }
        let indices = &self.index.storage.typed::<i64>()[at as usize..][..self.count];
        let values = &self.x.storage.typed::<T>()[from as usize..];
        let length = ENTRIES.max(SPARSE * self.size);
        let parts = self.count.div_ceil(length);
        let mut memory = Sums::<T>::of(parts * self.size);
        let all = memory.cleared(parts * self.size);
        let refused = AtomicBool::new(false);
        let chunks = all.chunks_mut(self.size).zip(indices.chunks(length)).enumerate();
        share_chunks(parts, chunks, |(part, (sums, indices))| {
            let values = &values[if step == 0 { 0 } else { part * length }..];
            for (number, indices) in indices.chunks(CHECKED).enumerate() {
                if !all_in_range(indices, self.size) {
                    return refused.store(true, Ordering::Relaxed);
                }
                if step == 0 {
                    indices.iter().for_each(|&index| values[0].add_to(&mut sums[index as usize]));
                } else {
                    let values = &values[number * CHECKED..][..indices.len()];
                    indices.iter().zip(values).for_each(|(&index, value)| value.add_to(&mut sums[index as usize]));
                }
            }
        });
        // The first, and in the caller's thread.
        if refused.into_inner() {
            indices.iter().for_each(|&index| _ = self.checked(index));
        }
        let (total, others) = all.split_at_mut(self.size);
        for other in others.chunks(self.size) {
            total.iter_mut().zip(other).for_each(|(sum, &other)| T::join(sum, other));
        }
        round(total, out);
        true
    }

    /// Calls `add` with every entry and its place.
    fn for_each_entry(&self, add: impl FnMut(usize, T)) {
        let mut to = self.over.with(self.axis, self.size).strides();
        to[self.axis] = 0;
        self.walk(&self.over, [(&self.from, self.x.offset), (&self.at, self.index.offset), (&to, 0)], add);
    }

    /// The same for those of one position along the axes before the indexed one: the places are counted from there.
    fn for_each_within(&self, from: isize, at: isize, mut add: impl FnMut(usize, T)) {
        let axis = self.axis;
        if self.inner == 1 {
            let (values, indices) = (self.x.storage.typed::<T>(), self.index.storage.typed::<i64>());
            let (s, t) = (self.from[axis], self.at[axis]);
            for k in 0..self.count as isize {
                add(self.checked(indices[(at + k * t) as usize]), values[(from + k * s) as usize]);
            }
            return;
        }
        let within = Shape::from(&self.over[axis..]);
        let mut to = within.strides();
        to[0] = 0;
        self.walk(&within, [(&self.from[axis..].into(), from), (&self.at[axis..].into(), at), (&to, 0)], add);
    }

    fn walk(&self, shape: &Shape, operands: [(&Strides, isize); 3], mut add: impl FnMut(usize, T)) {
        let (values, indices) = (self.x.storage.typed::<T>(), self.index.storage.typed::<i64>());
        walk(shape, operands, |length, [from, at, to], [s, t, u]| {
            for k in 0..length as isize {
                let index = self.checked(indices[(at + k * t) as usize]);
                add((to + k * u) as usize + index * self.inner, values[(from + k * s) as usize]);
            }
        });
    }
}
