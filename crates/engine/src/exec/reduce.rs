//! Reductions, running sums and searching.

use crate::buffer::{Buffer, Filling};
use crate::dtype::DType;
use crate::exec::accumulate::Summand;
use crate::exec::tiles::{Lane, greatest};
use crate::exec::view::{View, walk};
use crate::op::{Real, Reduction};
use crate::shape::Shape;
use crate::storage::Element;
use crate::storage::{Storage, with_values};

/// Whether `a` comes before `b` in the given order; NaN comes before everything.
#[allow(clippy::eq_op)] // NaN differs from itself, for every element type.
fn beats<T: Element>(reduction: Reduction, a: T, b: T) -> bool {
    let ordered = match reduction {
        Reduction::Min => a < b,
        Reduction::Max | Reduction::Sum => a > b,
    };
    ordered || (a != a && b == b)
}

/// What a reduction of nothing gives.
pub(super) fn of_nothing(reduction: Reduction, shape: &Shape, dtype: DType) -> Storage {
    let count = shape.elements();
    let (real, whole, truth) = match reduction {
        Reduction::Sum => (0.0, 0, false),
        Reduction::Max => (f64::NEG_INFINITY, i64::MIN, false),
        Reduction::Min => (f64::INFINITY, i64::MAX, true),
    };
    match dtype {
        DType::F32 => Storage::F32(Buffer::filled(count, real as f32)),
        DType::F64 => Storage::F64(Buffer::filled(count, real)),
        DType::I64 => Storage::I64(Buffer::filled(count, whole)),
        DType::Bool => Storage::Bool(Buffer::filled(count, truth)),
    }
}

/// A reduction of integers, or the greatest or least of truth values; passes compute those of real numbers.
pub(super) fn reduce(reduction: Reduction, x: &View, axes: &[usize], shape: &Shape) -> Storage {
    fn run<T: Element>(x: &View, axes: &[usize], shape: &Shape, start: T, combine: fn(T, T) -> T) -> Buffer<T> {
        let mut to = shape.strides();
        for &axis in axes {
            to[axis] = 0;
        }
        let values = x.storage.typed::<T>();
        let mut out = Buffer::filled(shape.elements(), start);
        walk(&x.shape, [(&x.strides, x.offset), (&to, 0)], |length, [from, to], [stride, step]| {
            for k in 0..length as isize {
                let at = (to + k * step) as usize;
                out[at] = combine(out[at], values[(from + k * stride) as usize]);
            }
        });
        out
    }
    match (x.dtype(), reduction) {
        (DType::I64, Reduction::Sum) => Storage::I64(run(x, axes, shape, 0, i64::wrapping_add)),
        (DType::I64, Reduction::Max) => Storage::I64(run(x, axes, shape, i64::MIN, i64::max)),
        (DType::I64, Reduction::Min) => Storage::I64(run(x, axes, shape, i64::MAX, i64::min)),
        (DType::Bool, Reduction::Max) => Storage::Bool(run(x, axes, shape, false, |a, b| a | b)),
        (DType::Bool, Reduction::Min) => Storage::Bool(run(x, axes, shape, true, |a, b| a & b)),
        (DType::Bool, Reduction::Sum) => unreachable!("truth values are cast before they are counted"),
        (DType::F32 | DType::F64, _) => unreachable!("passes reduce real numbers"),
    }
}

/// Calls `visit(first, stride)` for every line along `axis` of a view, in row-major order of the other axes.
pub(super) fn lines(x: &View, axis: usize, mut visit: impl FnMut(isize, isize)) {
    let across = x.shape.with(axis, 1);
    walk(&across, [(&x.strides, x.offset)], |length, [start], [stride]| {
        for k in 0..length as isize {
            visit(start + k * stride, x.strides[axis]);
        }
    });
}

/// Where the entries of line number `line` along `axis` of a row-major result lie: the first, and the distance between them.
pub(super) fn line_of(shape: &Shape, axis: usize, line: usize) -> (usize, usize) {
    let inner: usize = shape[axis + 1..].iter().product();
    ((line / inner) * inner * shape[axis] + line % inner, inner)
}

pub(super) fn cumulative_sum(x: &View, axis: usize, reverse: bool) -> Storage {
    fn run<T: Summand>(x: &View, axis: usize, reverse: bool) -> Buffer<T> {
        let values = x.storage.typed::<T>();
        let mut out = Buffer::of(x.shape.elements());
        let size = x.shape[axis];
        let mut line = 0;
        lines(x, axis, |start, stride| {
            let (first, step) = line_of(&x.shape, axis, line);
            line += 1;
            let mut sum = T::Sum::default();
            for k in 0..size {
                let k = if reverse { size - 1 - k } else { k };
                values[(start + k as isize * stride) as usize].add_to(&mut sum);
                out[first + k * step] = T::rounded(sum);
            }
        });
        out
    }
    match x.dtype() {
        DType::F32 => Storage::F32(run(x, axis, reverse)),
        DType::F64 => Storage::F64(run(x, axis, reverse)),
        DType::I64 => Storage::I64(run(x, axis, reverse)),
        DType::Bool => unreachable!("truth values are cast before they are counted"),
    }
}

pub(super) fn argmax(x: &View, axis: usize) -> Storage {
    let mut out = Filling::of(x.shape.elements() / x.shape[axis].max(1));
    let size = x.shape[axis];
    match &*x.storage {
        Storage::F32(values) if x.strides[axis] == 1 => lines(x, axis, |start, _| {
            out.push(position_of_greatest(&values[start as usize..start as usize + size]));
        }),
        Storage::F64(values) if x.strides[axis] == 1 => lines(x, axis, |start, _| {
            out.push(position_of_greatest(&values[start as usize..start as usize + size]));
        }),
        storage => with_values!(storage, values => lines(x, axis, |start, stride| {
            let at = |k: usize| values[(start + k as isize * stride) as usize];
            let best = (1..size).fold(0, |best, k| if beats(Reduction::Max, at(k), at(best)) { k } else { best });
            out.push(best as i64);
        })),
    }
    Storage::I64(out.finish())
}

/// The position of the greatest of numbers that lie side by side, the first of several; of the first NaN, if there is one.
fn position_of_greatest<T: Lane>(values: &[T]) -> i64 {
    const CHUNK: usize = 64;
    let greatest = greatest(values);
    let is_it = |value: T| value == greatest || <T as Real>::is_nan(value) && <T as Real>::is_nan(greatest);
    // Whole chunks without an early end, then the one that has it.
    let has_it = |chunk: &[T]| chunk.iter().fold(false, |any, &value| any | is_it(value));
    let chunk = values.chunks(CHUNK).position(has_it).expect("the greatest is one of them");
    let within = values[chunk * CHUNK..].iter().position(|&value| is_it(value)).expect("it is in this chunk");
    (chunk * CHUNK + within) as i64
}
