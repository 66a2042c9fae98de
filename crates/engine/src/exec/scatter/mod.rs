//! Entries added where indices say. Each place of the result is added up by one thread, from its entries in their order, so that the number of
//! threads changes no bit.

mod entries;
mod rows;
#[cfg(test)]
mod tests;

use std::panic::Location;
use std::sync::{Mutex, PoisonError};

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::accumulate::Summand;
use crate::exec::index::{all_in_range, checked};
use crate::exec::threads::share_out;
use crate::exec::view::{Strides, View, walk};
use crate::shape::Shape;
use crate::storage::Storage;

/// Entries, added or in the result, that make a part of the work worth a thread.
const WORTH: usize = 1 << 15;

/// The values whose entries are added, one after the other along the axis, then the indices of each.
pub(super) fn scatter_add(inputs: &[&View], axis: usize, shape: &Shape, location: &Location<'_>) -> Storage {
    match &*inputs[0].storage {
        Storage::F32(_) => Storage::F32(added::<f32>(inputs, axis, shape, location)),
        Storage::F64(_) => Storage::F64(added::<f64>(inputs, axis, shape, location)),
        Storage::I64(_) => Storage::I64(added::<i64>(inputs, axis, shape, location)),
        Storage::Bool(_) => unreachable!("truth values are cast before they are added"),
    }
}

fn added<T: Summand>(inputs: &[&View], axis: usize, shape: &Shape, location: &Location<'_>) -> Buffer<T> {
    let mut scatter = Scatter::of(inputs, axis, shape);
    let mut out = Buffer::of(shape.elements());
    if scatter.add_in_parts(&mut out, location) {
        return out;
    }
    scatter.check(location);
    if scatter.count == 0 {
        out.fill(T::default());
    } else if !out.is_empty() {
        if scatter.is_by_rows() {
            scatter.add_rows(&mut out);
        } else {
            scatter.add_entries(&mut out);
        }
    }
    out
}

/// For each position along the axes before the one that is indexed, `count` times `inner` entries are added to `size` times `inner` places.
struct Scatter {
    pieces: SmallVec<[Piece; 2]>,
    axis: usize,
    before: usize,
    count: usize,
    size: usize,
    inner: usize,
}

/// Entries that lie in one value.
struct Piece {
    x: View,
    index: View,
    /// The shape of the entries, and their strides.
    over: Shape,
    from: Strides,
    at: Strides,
    /// How many along the axis come before them, in other pieces.
    first: usize,
}

impl Scatter {
    fn of(inputs: &[&View], axis: usize, shape: &Shape) -> Scatter {
        let (values, indices) = inputs.split_at(inputs.len() / 2);
        let mut count = 0;
        let mut pieces: SmallVec<[Piece; 2]> = SmallVec::new();
        for (&x, &index) in values.iter().zip(indices) {
            let over = shape.with(axis, index.shape[axis]);
            let (from, at) = (x.strides_in(&over), index.strides_in(&over));
            let (x, index, first) = (x.clone(), index.clone(), count);
            count += over[axis];
            pieces.push(Piece { x, index, over, from, at, first });
        }
        let before = shape[..axis].iter().product();
        Scatter { pieces, axis, before, count, size: shape[axis], inner: shape[axis + 1..].iter().product() }
    }

    /// Looks at all indices before any thread uses one: the first that is out of range is refused in the caller's thread.
    fn check(&self, location: &Location<'_>) {
        for Piece { index, .. } in &self.pieces {
            // Those that repeat are looked at once.
            let own = (0..index.shape.rank()).map(|axis| if index.strides[axis] == 0 { 1 } else { index.shape[axis] });
            let own: Shape = if index.shape.elements() == 0 { index.shape.clone() } else { own.collect() };
            let indices = index.storage.typed::<i64>();
            walk(&own, [(&index.strides, index.offset)], |length, [start], [step]| {
                if step != 1 || !all_in_range(&indices[start as usize..][..length], self.size) {
                    for k in 0..length as isize {
                        checked(indices[(start + k * step) as usize], self.size, "scatter_add", location);
                    }
                }
            });
        }
    }

    /// How many places there are for each position along the axes before the indexed one.
    fn places(&self) -> usize {
        self.size * self.inner
    }

    /// Whether there is one index for each row of entries.
    fn is_by_rows(&self) -> bool {
        self.inner > 1
            && self.count < rows::MOST
            && self.pieces.iter().all(|piece| (self.axis + 1..piece.over.rank()).all(|axis| piece.at[axis] == 0))
    }

    /// Lets threads share the positions along the axes before the indexed one, each with memory of its own: `work` is given the position and its
    /// places.
    fn share<T: Summand, M>(
        &self,
        out: &mut [T],
        memory: impl Fn() -> M + Sync,
        work: impl Fn(&mut M, usize, &mut [T]) + Sync,
    ) {
        let places = self.places();
        let together = (WORTH / (places + self.count * self.inner)).max(1);
        let parts = Mutex::new(out.chunks_mut(places * together).enumerate());
        share_out(self.before.div_ceil(together), |next| {
            let mut memory = memory();
            while next().is_some() {
                let part = parts.lock().unwrap_or_else(PoisonError::into_inner).next();
                let (number, out) = part.expect("there are as many parts as blocks");
                for (k, out) in out.chunks_mut(places).enumerate() {
                    work(&mut memory, number * together + k, out);
                }
            }
        });
    }
}

impl Piece {
    /// Its first entry and its first index at a position along the axes before the indexed one.
    fn starts(&self, axis: usize, position: usize) -> (isize, isize) {
        let (mut from, mut at, mut left) = (self.x.offset, self.index.offset, position);
        for axis in (0..axis).rev() {
            let k = (left % self.over[axis]) as isize;
            from += k * self.from[axis];
            at += k * self.at[axis];
            left /= self.over[axis];
        }
        (from, at)
    }
}
