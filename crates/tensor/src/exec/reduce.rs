//! Reductions, running sums, searching and sorting.

use std::cmp::Ordering;

use crate::dtype::{DType, Element};
use crate::exec::buffer::{Buffer, Filling};
use crate::exec::view::{Strides, View, walk};
use crate::op::Reduction;
use crate::shape::Shape;
use crate::storage::{Storage, with_values};

/// The element types that can be added up; single precision is added up in double.
trait Summable: Element {
    type Sum: Copy + Default;
    fn widen(self) -> Self::Sum;
    fn narrow(sum: Self::Sum) -> Self;
    fn add(a: Self::Sum, b: Self::Sum) -> Self::Sum;
}

macro_rules! summable {
    ($type:ty, $sum:ty, $a:ident, $b:ident => $add:expr) => {
        impl Summable for $type {
            type Sum = $sum;
            #[inline(always)]
            fn widen(self) -> $sum {
                self as $sum
            }
            #[inline(always)]
            fn narrow(sum: $sum) -> $type {
                sum as $type
            }
            #[inline(always)]
            fn add($a: $sum, $b: $sum) -> $sum {
                $add
            }
        }
    };
}
summable!(f32, f64, a, b => a + b);
summable!(f64, f64, a, b => a + b);
summable!(i64, i64, a, b => a.wrapping_add(b));

/// Sum of a run, in eight interleaved partial sums: quicker, and closer to the truth, than one.
fn sum_run<T: Summable>(values: &[T]) -> T::Sum {
    let mut lanes = [T::Sum::default(); 8];
    let chunks = values.chunks_exact(8);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = T::add(*lane, value.widen());
        }
    }
    let total = lanes.into_iter().reduce(T::add).unwrap_or_default();
    rest.iter().fold(total, |sum, &value| T::add(sum, value.widen()))
}

fn sum<T: Summable>(x: &View, to: &Strides, size: usize) -> Buffer<T> {
    let values = x.storage.typed::<T>();
    let mut sums = vec![T::Sum::default(); size];
    walk(&x.shape, [(&x.strides, x.offset), (to, 0)], |length, [from, to], [stride, step]| {
        let to = to as usize;
        match (stride, step) {
            (1, 0) => sums[to] = T::add(sums[to], sum_run(&values[from as usize..from as usize + length])),
            (1, 1) => {
                let run = &values[from as usize..from as usize + length];
                for (sum, &value) in sums[to..to + length].iter_mut().zip(run) {
                    *sum = T::add(*sum, value.widen());
                }
            }
            _ => {
                for k in 0..length as isize {
                    let at = (to as isize + k * step) as usize;
                    sums[at] = T::add(sums[at], values[(from + k * stride) as usize].widen());
                }
            }
        }
    });
    let mut out = Filling::of(size);
    out.extend(sums.into_iter().map(T::narrow));
    out.finish()
}

/// The extreme entry: `better` says whether its first argument replaces its second.
fn extreme<T: Element>(x: &View, to: &Strides, size: usize, worst: T, better: impl Fn(T, T) -> bool) -> Buffer<T> {
    let values = x.storage.typed::<T>();
    let mut best = Buffer::filled(size, worst);
    walk(&x.shape, [(&x.strides, x.offset), (to, 0)], |length, [from, to], [stride, step]| {
        for k in 0..length as isize {
            let (value, at) = (values[(from + k * stride) as usize], (to + k * step) as usize);
            if better(value, best[at]) {
                best[at] = value;
            }
        }
    });
    best
}

/// Whether `a` comes before `b` in the given order; NaN comes before everything.
#[allow(clippy::eq_op)] // NaN differs from itself, for every element type.
fn beats<T: Element>(reduction: Reduction, a: T, b: T) -> bool {
    let ordered = match reduction {
        Reduction::Min => a < b,
        Reduction::Max | Reduction::Sum => a > b,
    };
    ordered || (a != a && b == b)
}

pub(super) fn reduce(reduction: Reduction, x: &View, axes: &[usize], shape: &Shape) -> Storage {
    let mut to = shape.strides();
    for &axis in axes {
        to[axis] = 0;
    }
    let size = shape.elements();
    let pick = |least: f64, greatest: f64| if reduction == Reduction::Min { greatest } else { least };
    match (reduction, x.dtype()) {
        (Reduction::Sum, DType::F32) => Storage::F32(sum(x, &to, size)),
        (Reduction::Sum, DType::F64) => Storage::F64(sum(x, &to, size)),
        (Reduction::Sum, DType::I64) => Storage::I64(sum(x, &to, size)),
        (Reduction::Sum, DType::Bool) => unreachable!("truth values are cast before they are counted"),
        (Reduction::Max | Reduction::Min, DType::F32) => {
            let worst = pick(f64::NEG_INFINITY, f64::INFINITY) as f32;
            Storage::F32(extreme(x, &to, size, worst, |a, b| beats(reduction, a, b)))
        }
        (Reduction::Max | Reduction::Min, DType::F64) => {
            let worst = pick(f64::NEG_INFINITY, f64::INFINITY);
            Storage::F64(extreme(x, &to, size, worst, |a, b| beats(reduction, a, b)))
        }
        (Reduction::Max | Reduction::Min, DType::I64) => {
            let worst = if reduction == Reduction::Min { i64::MAX } else { i64::MIN };
            Storage::I64(extreme(x, &to, size, worst, |a, b| beats(reduction, a, b)))
        }
        (Reduction::Max | Reduction::Min, DType::Bool) => {
            let worst = reduction == Reduction::Min;
            Storage::Bool(extreme(x, &to, size, worst, |a, b| beats(reduction, a, b)))
        }
    }
}

/// Calls `visit(first, stride)` for every line along `axis` of a view, in row-major order of the other axes.
fn lines(x: &View, axis: usize, mut visit: impl FnMut(isize, isize)) {
    let across = x.shape.with(axis, 1);
    walk(&across, [(&x.strides, x.offset)], |length, [start], [stride]| {
        for k in 0..length as isize {
            visit(start + k * stride, x.strides[axis]);
        }
    });
}

/// Where the entries of line number `line` along `axis` of a row-major result lie: the first, and the distance between them.
fn line_of(shape: &Shape, axis: usize, line: usize) -> (usize, usize) {
    let inner: usize = shape[axis + 1..].iter().product();
    ((line / inner) * inner * shape[axis] + line % inner, inner)
}

pub(super) fn cumulative_sum(x: &View, axis: usize, reverse: bool) -> Storage {
    fn run<T: Summable>(x: &View, axis: usize, reverse: bool) -> Buffer<T> {
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
                sum = T::add(sum, values[(start + k as isize * stride) as usize].widen());
                out[first + k * step] = T::narrow(sum);
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
    with_values!(&*x.storage, values => lines(x, axis, |start, stride| {
        let at = |k: usize| values[(start + k as isize * stride) as usize];
        let best = (1..x.shape[axis]).fold(0, |best, k| if beats(Reduction::Max, at(k), at(best)) { k } else { best });
        out.push(best as i64);
    }));
    Storage::I64(out.finish())
}

pub(super) fn argsort(x: &View, axis: usize, descending: bool) -> Storage {
    let mut out = Buffer::of(x.shape.elements());
    let mut order: Vec<usize> = Vec::new();
    let mut line = 0;
    with_values!(&*x.storage, values => lines(x, axis, |start, stride| {
        let at = |k: usize| values[(start + k as isize * stride) as usize];
        order.clear();
        order.extend(0..x.shape[axis]);
        order.sort_by(|&a, &b| compare(at(a), at(b), descending));
        let (first, step) = line_of(&x.shape, axis, line);
        line += 1;
        for (k, &position) in order.iter().enumerate() {
            out[first + k * step] = position as i64;
        }
    }));
    Storage::I64(out)
}

/// Ascending or descending order, with NaN last in both.
#[allow(clippy::eq_op)] // NaN differs from itself, for every element type.
fn compare<T: Element>(a: T, b: T, descending: bool) -> Ordering {
    match (a != a, b != b) {
        (true, true) => Ordering::Equal,
        (true, false) => Ordering::Greater,
        (false, true) => Ordering::Less,
        (false, false) => {
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
    }
}
