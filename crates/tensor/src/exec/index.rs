//! Picking entries by an index tensor, and adding them back.

use std::panic::Location;

use crate::dtype::Element;
use crate::exec::buffer::{Buffer, Filling};
use crate::exec::view::{View, walk};
use crate::op::{Binary, Real};
use crate::shape::Shape;
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

pub(super) fn scatter_add(x: &View, index: &View, axis: usize, shape: &Shape, location: &Location<'_>) -> Storage {
    fn run<T: Element>(
        x: &View,
        index: &View,
        axis: usize,
        shape: &Shape,
        location: &Location<'_>,
        add: impl Fn(T, T) -> T,
    ) -> Buffer<T> {
        let (values, indices) = (x.storage.typed::<T>(), index.storage.typed::<i64>());
        let over = shape.with(axis, index.shape[axis]);
        let mut to = shape.strides();
        let step = std::mem::replace(&mut to[axis], 0);
        let mut out = Buffer::filled(shape.elements(), T::default());
        let (from, at) = (x.strides_in(&over), index.strides_in(&over));
        let operands = [(&from, x.offset), (&at, index.offset), (&to, 0)];
        walk(&over, operands, |length, [from, at, to], [s, t, u]| {
            if (s, t, u) == (1, 0, 1) {
                // One index for the run: neighbours are added together.
                let index = checked(indices[at as usize], shape[axis], "scatter_add", location);
                let (from, to) = (from as usize, (to + index * step) as usize);
                let sums = out[to..to + length].iter_mut().zip(&values[from..from + length]);
                return sums.for_each(|(sum, &value)| *sum = add(*sum, value));
            }
            for k in 0..length as isize {
                let index = checked(indices[(at + k * t) as usize], shape[axis], "scatter_add", location);
                let place = (to + k * u + index * step) as usize;
                out[place] = add(out[place], values[(from + k * s) as usize]);
            }
        });
        out
    }
    match &*x.storage {
        Storage::F32(_) => Storage::F32(run(x, index, axis, shape, location, f32::add)),
        Storage::F64(_) => Storage::F64(run(x, index, axis, shape, location, f64::add)),
        Storage::I64(_) => Storage::I64(run(x, index, axis, shape, location, |a, b| Binary::Add.apply_integer(a, b))),
        Storage::Bool(_) => unreachable!("truth values are cast before they are added"),
    }
}
