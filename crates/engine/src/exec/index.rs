//! Picking entries by an index tensor.

use std::panic::Location;

use crate::buffer::Filling;
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

pub(super) fn gather(x: &View, index: &View, axis: usize, shape: &Shape, location: &Location<'_>) -> Storage {
    let size = x.shape[axis];
    let step = x.strides[axis];
    let mut strides = x.strides_in(&shape.with(axis, size));
    strides[axis] = 0;
    let indices = index.storage.typed::<i64>();
    with_values!(&*x.storage, values => {
        let mut out = Filling::of(shape.elements());
        walk(shape, [(&strides, x.offset), (&index.strides_in(shape), index.offset)], |length, [from, at], [s, t]| {
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
