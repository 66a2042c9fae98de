//! Elementwise operations on integers, node by node; passes compute the others.

use crate::buffer::{Buffer, Filling};
use crate::dtype::DType;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::view::{View, walk};
use crate::op::{Binary, Unary, with_binary};
use crate::shape::Shape;
use crate::storage::Element;
use crate::storage::{Storage, with_values};

/// `f` of every entry.
fn map<T: Element, U: Element>(x: &View, f: impl Fn(T) -> U) -> Buffer<U> {
    let values = x.storage.typed::<T>();
    let mut out = Filling::of(x.shape.elements());
    walk(&x.shape, [(&x.strides, x.offset)], |length, [start], [stride]| {
        out.extend((0..length).map(|i| f(values[(start + i as isize * stride) as usize])));
    });
    out.finish()
}

/// `f` of every pair of entries.
fn zip<U: Element>(a: &View, b: &View, shape: &Shape, f: impl Fn(i64, i64) -> U) -> Buffer<U> {
    let (left, right) = (a.storage.typed::<i64>(), b.storage.typed::<i64>());
    let mut out = Filling::of(shape.elements());
    let operands = [(&a.strides_in(shape), a.offset), (&b.strides_in(shape), b.offset)];
    let level = Level::current();
    walk(shape, operands, |length, starts, strides| {
        level.run(ZipRun { operands: [left, right], starts, strides, out: out.next(length), f: &f });
    });
    out.finish()
}

/// A run of pairs.
struct ZipRun<'a, U, F> {
    operands: [&'a [i64]; 2],
    starts: [isize; 2],
    strides: [isize; 2],
    out: &'a mut [U],
    f: &'a F,
}

impl<U, F: Fn(i64, i64) -> U> Kernel for ZipRun<'_, U, F> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let ZipRun { operands, starts: [i, j], strides, out, f } = self;
        // From where the run begins.
        let (left, right) = (&operands[0][i as usize..], &operands[1][j as usize..]);
        // Straight loops for the common layouts.
        match strides {
            [1, 1] => out.iter_mut().zip(left).zip(right).for_each(|((to, &a), &b)| *to = f(a, b)),
            [0, 1] => {
                let a = left[0];
                out.iter_mut().zip(right).for_each(|(to, &b)| *to = f(a, b));
            }
            [1, 0] => {
                let b = right[0];
                out.iter_mut().zip(left).for_each(|(to, &a)| *to = f(a, b));
            }
            [s, t] => {
                let (left, right) = (operands[0], operands[1]);
                let at = |start: isize, k: usize, stride: isize| (start + k as isize * stride) as usize;
                out.iter_mut().enumerate().for_each(|(k, to)| *to = f(left[at(i, k, s)], right[at(j, k, t)]));
            }
        }
    }
}

pub(super) fn unary(unary: Unary, x: &View) -> Storage {
    let function = unary.of_integers().expect("integers are cast before an operation they do not have");
    Storage::I64(map(x, function))
}

pub(super) fn binary(binary: Binary, a: &View, b: &View, shape: &Shape) -> Storage {
    // A loop of its own for each operation, without a question in it.
    with_binary!(binary, KIND => {
        match const { KIND.comparison() } {
            Some(comparison) => Storage::Bool(zip(a, b, shape, |a, b| comparison.holds(a, b))),
            None => Storage::I64(zip(a, b, shape, |a, b| KIND.apply_integer(a, b))),
        }
    })
}

pub(super) fn select(condition: &View, a: &View, b: &View, shape: &Shape) -> Storage {
    let (mask, left, right) = (condition.storage.typed::<bool>(), a.storage.typed::<i64>(), b.storage.typed::<i64>());
    let strides = [condition.strides_in(shape), a.strides_in(shape), b.strides_in(shape)];
    let mut out = Filling::of(shape.elements());
    let operands = [(&strides[0], condition.offset), (&strides[1], a.offset), (&strides[2], b.offset)];
    walk(shape, operands, |length, [m, i, j], [u, s, t]| {
        let at = |start: isize, k: usize, stride: isize| (start + k as isize * stride) as usize;
        out.extend((0..length).map(|k| if mask[at(m, k, u)] { left[at(i, k, s)] } else { right[at(j, k, t)] }));
    });
    Storage::I64(out.finish())
}

pub(super) fn cast(x: &View, dtype: DType) -> Storage {
    fn convert<T: Element>(x: &View) -> Storage {
        with_values!(&*x.storage, values => {
            fn typed<T: Element, U: Element>(_like: &[T], x: &View) -> Buffer<U> {
                map(x, |value: T| value.convert::<U>())
            }
            T::storage(typed(values, x))
        })
    }
    match dtype {
        DType::Bool => convert::<bool>(x),
        DType::I64 => convert::<i64>(x),
        DType::F32 => convert::<f32>(x),
        DType::F64 => convert::<f64>(x),
    }
}
