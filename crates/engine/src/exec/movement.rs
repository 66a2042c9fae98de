//! Kernels that move entries and cannot be views.

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::accumulate::{FEW, Summand, Sums, round};
use crate::exec::view::{Strides, View, walk};
use crate::shape::Shape;
use crate::storage::Element;
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
    let overlap = Overlapping { x, axis, step, dilation, shape };
    match &*x.storage {
        Storage::F32(_) => Storage::F32(overlap.add::<f32>()),
        Storage::F64(_) => Storage::F64(overlap.add::<f64>()),
        Storage::I64(_) => Storage::I64(overlap.add::<i64>()),
        Storage::Bool(_) => unreachable!("truth values are cast before they are added"),
    }
}

/// Windows whose entries are added where they lie in the result.
struct Overlapping<'a> {
    x: &'a View,
    axis: usize,
    step: usize,
    dilation: usize,
    shape: &'a Shape,
}

impl Overlapping<'_> {
    fn add<T: Summand>(&self) -> Buffer<T> {
        let size = self.shape.elements();
        let mut out = Buffer::of(size);
        if self.most() <= FEW {
            out.fill(T::default());
            self.for_each_run(|to, value: T| *to = to.plus(value), &mut out);
        } else {
            let mut sums = Sums::<T>::of(size);
            let sums = sums.cleared(size);
            self.for_each_run(|sum, value: T| value.add_to(sum), sums);
            round(sums, &mut out);
        }
        out
    }

    /// The most entries that are added in one place.
    fn most(&self) -> usize {
        let (windows, entries) = (self.x.shape[self.axis], self.x.shape[self.x.shape.rank() - 1]);
        // Entries of different windows meet only where their distance is one between windows.
        let apart = self.step / greatest_common_divisor(self.step, self.dilation);
        windows.min(entries.div_ceil(apart))
    }

    /// Adds every entry; one entry of all windows after the other: what lies side by side in the windows' axes then lies side by side in
    /// the result.
    fn for_each_run<T: Element, S>(&self, add: impl Fn(&mut S, T), out: &mut [S]) {
        let Overlapping { x, axis, step, dilation, shape } = *self;
        let mut strides = shape.strides();
        let dilation = strides[axis] * dilation as isize;
        strides[axis] *= step as isize;
        let values = x.storage.typed::<T>();
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
                        add(to, value);
                    }
                    return;
                }
                for k in 0..length as isize {
                    add(&mut out[(to + k * step) as usize], values[(from + k * stride) as usize]);
                }
            });
        }
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}
