//! Picking entries by an index tensor.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::buffer::{Buffer, Filling};
use crate::exec::threads::share_chunks;
use crate::exec::view::{View, walk};
use crate::shape::Shape;
use crate::storage::Element;
use crate::storage::{Storage, with_values};

/// Checks an index, or panics in the name of the line that made the operation.
#[inline(always)]
pub(super) fn checked(index: i64, size: usize, operation: &str, location: &Location<'_>) -> isize {
    if index < 0 || index >= size as i64 {
        panic!("{operation} at {location}: index {index} is out of range for an axis of {size}");
    }
    index as isize
}

/// Whether all of some indices are in range; looked at together, in vectors.
#[inline(always)]
pub(super) fn all_in_range(indices: &[i64], size: usize) -> bool {
    // The sign of either says that one is not; no comparison of 64 bits, which not every processor has vectors for.
    let last = size as i64 - 1;
    indices.iter().fold(0, |signs, &index| signs | index | last.wrapping_sub(index)) >= 0
}

/// Entries of a part that one thread picks.
const PART: usize = 1 << 14;

/// Picks entries of a row of numbers, which begins somewhere and is stepped through evenly, by indices that lie side by side.
fn pick<T: Element>(
    values: &[T],
    (start, step): (isize, isize),
    indices: &[i64],
    size: usize,
    location: &Location<'_>,
    out: &mut [T],
) {
    let parts = indices.len().div_ceil(PART);
    let refused = AtomicBool::new(false);
    share_chunks(parts, indices.chunks(PART).zip(out.chunks_mut(PART)), |(indices, out)| {
        if !all_in_range(indices, size) {
            return refused.store(true, Ordering::Relaxed);
        }
        for (out, &index) in out.iter_mut().zip(indices) {
            *out = values[(start + index as isize * step) as usize];
        }
    });
    // The first, and in the caller's thread.
    if refused.into_inner() {
        indices.iter().for_each(|&index| _ = checked(index, size, "take_along_axis", location));
    }
}

pub(super) fn gather(x: &View, index: &View, axis: usize, shape: &Shape, location: &Location<'_>) -> Storage {
    let size = x.shape[axis];
    let step = x.strides[axis];
    let mut strides = x.strides_in(&shape.with(axis, size));
    strides[axis] = 0;
    let indices = index.storage.typed::<i64>();
    let index_strides = index.strides_in(shape);
    let real = (0..shape.rank()).filter(|&axis| shape[axis] != 1);
    if shape.elements() > 0 && real.eq([axis]) && index_strides[axis] == 1 {
        let indices = &indices[index.offset as usize..][..shape.elements()];
        return with_values!(&*x.storage, values => {
            let mut out = Buffer::of(shape.elements());
            pick(values, (x.offset, step), indices, size, location, &mut out);
            Element::storage(out)
        });
    }
    with_values!(&*x.storage, values => {
        let mut out = Filling::of(shape.elements());
        walk(shape, [(&strides, x.offset), (&index_strides, index.offset)], |length, [from, at], [s, t]| {
            if (s, t) == (1, 0) {
                // One index for the run: neighbours are copied together.
                let index = checked(indices[at as usize], size, "take_along_axis", location);
                let first = (from + index * step) as usize;
                return out.next(length).copy_from_slice(&values[first..first + length]);
            }
            out.extend((0..length).map(|k| {
                let k = k as isize;
                let index = checked(indices[(at + k * t) as usize], size, "take_along_axis", location);
                values[(from + k * s + index * step) as usize]
            }));
        });
        Element::storage(out.finish())
    })
}
