//! Elementwise operations on integers, node by node; passes compute the others.

use crate::buffer::{Buffer, Filling};
use crate::dtype::DType;
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
    walk(shape, operands, |length, [i, j], [s, t]| {
        let (i, j) = (i as usize, j as usize);
        // Straight loops for the common layouts.
        match (s, t) {
            (1, 1) => out.extend(left[i..i + length].iter().zip(&right[j..j + length]).map(|(&a, &b)| f(a, b))),
            (0, 1) => out.extend(right[j..j + length].iter().map(|&b| f(left[i], b))),
            (1, 0) => out.extend(left[i..i + length].iter().map(|&a| f(a, right[j]))),
            _ => {
                let at = |start: usize, k: usize, stride: isize| (start as isize + k as isize * stride) as usize;
                out.extend((0..length).map(|k| f(left[at(i, k, s)], right[at(j, k, t)])));
            }
        }
    });
    out.finish()
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
