//! Kernels that move entries and cannot be views.

use smallvec::SmallVec;

use crate::dtype::Element;
use crate::exec::buffer::Buffer;
use crate::exec::view::{Strides, View, walk};
use crate::op::{Binary, Real};
use crate::shape::Shape;
use crate::storage::{Storage, with_values};

/// Writes the entries of `x` into `out` at the given strides.
fn copy_into<T: Element>(x: &View, values: &[T], out: &mut [T], strides: &Strides, offset: usize) {
    walk(&x.shape, [(&x.strides, x.offset), (strides, offset as isize)], |length, [from, to], [stride, step]| {
        if stride == 1 && step == 1 {
            out[to as usize..to as usize + length].copy_from_slice(&values[from as usize..from as usize + length]);
        } else {
            for k in 0..length as isize {
                out[(to + k * step) as usize] = values[(from + k * stride) as usize];
            }
        }
    });
}

pub(super) fn pad(x: &View, before: &[usize], between: &[usize], shape: &Shape) -> Storage {
    let natural = shape.strides();
    let offset: usize = (0..shape.rank()).map(|axis| before[axis] * natural[axis] as usize).sum();
    let strides: Strides = (0..shape.rank()).map(|axis| natural[axis] * (between[axis] as isize + 1)).collect();
    with_values!(&*x.storage, values => {
        let mut out = zeros_like(values, shape.elements());
        copy_into(x, values, &mut out, &strides, offset);
        Element::storage(out)
    })
}

fn zeros_like<T: Element>(_like: &[T], length: usize) -> Buffer<T> {
    Buffer::filled(length, T::default())
}

pub(super) fn concatenate(inputs: &[&View], axis: usize, shape: &Shape) -> Storage {
    fn join<T: Element>(_like: &[T], inputs: &[&View], axis: usize, shape: &Shape) -> Storage {
        let mut out = Buffer::filled(shape.elements(), T::default());
        let strides = shape.strides();
        let mut offset = 0;
        for input in inputs {
            copy_into(input, input.storage.typed::<T>(), &mut out, &strides, offset);
            offset += input.shape[axis] * strides[axis] as usize;
        }
        T::storage(out)
    }
    with_values!(&*inputs[0].storage, values => join(values, inputs, axis, shape))
}

pub(super) fn overlap_add(x: &View, axis: usize, step: usize, dilation: usize, shape: &Shape) -> Storage {
    let natural = shape.strides();
    let mut strides: Strides = SmallVec::from_slice(&natural);
    strides[axis] *= step as isize;
    let dilation = natural[axis] * dilation as isize;

    /// One entry of all windows after the other: what lies side by side in the windows' axes then lies side by side in the result.
    fn add_into<T: Element>(
        x: &View,
        strides: &Strides,
        dilation: isize,
        size: usize,
        add: impl Fn(T, T) -> T,
    ) -> Buffer<T> {
        let values = x.storage.typed::<T>();
        let mut out = Buffer::filled(size, T::default());
        let last = x.shape.rank() - 1;
        // In the order in which the windows lie in memory.
        let mut order: SmallVec<[usize; 6]> = (0..last).collect();
        order.sort_by_key(|&axis| std::cmp::Reverse(x.strides[axis].unsigned_abs()));
        let windows: Shape = order.iter().map(|&axis| x.shape[axis]).collect();
        let from: Strides = order.iter().map(|&axis| x.strides[axis]).collect();
        let strides: &Strides = &order.iter().map(|&axis| strides[axis]).collect();
        for entry in 0..x.shape[last] as isize {
            let operands = [(&from, x.offset + entry * x.strides[last]), (strides, entry * dilation)];
            walk(&windows, operands, |length, [from, to], [stride, step]| {
                if stride == 1 && step == 1 {
                    let to = &mut out[to as usize..to as usize + length];
                    for (to, &value) in to.iter_mut().zip(&values[from as usize..from as usize + length]) {
                        *to = add(*to, value);
                    }
                    return;
                }
                for k in 0..length as isize {
                    let at = (to + k * step) as usize;
                    out[at] = add(out[at], values[(from + k * stride) as usize]);
                }
            });
        }
        out
    }
    let size = shape.elements();
    match &*x.storage {
        Storage::F32(_) => Storage::F32(add_into(x, &strides, dilation, size, f32::add)),
        Storage::F64(_) => Storage::F64(add_into(x, &strides, dilation, size, f64::add)),
        Storage::I64(_) => Storage::I64(add_into(x, &strides, dilation, size, |a, b| Binary::Add.apply_integer(a, b))),
        Storage::Bool(_) => unreachable!("truth values are cast before they are added"),
    }
}
