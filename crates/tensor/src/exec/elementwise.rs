//! Elementwise kernels.

use crate::dtype::{DType, Element};
use crate::exec::view::{View, walk};
use crate::op::{Binary, Real, Unary, with_binary, with_unary};
use crate::shape::Shape;
use crate::storage::{Storage, with_values};

/// `f` of every entry.
fn map<T: Element, U: Element>(x: &View, f: impl Fn(T) -> U) -> Vec<U> {
    let values = x.storage.typed::<T>();
    let mut out = Vec::with_capacity(x.shape.elements());
    walk(&x.shape, [(&x.strides, x.offset)], |length, [start], [stride]| {
        if stride == 1 {
            out.extend(values[start as usize..start as usize + length].iter().map(|&x| f(x)));
        } else {
            out.extend((0..length as isize).map(|i| f(values[(start + i * stride) as usize])));
        }
    });
    out
}

/// `f` of every pair of entries.
fn zip<T: Element, U: Element>(a: &View, b: &View, shape: &Shape, f: impl Fn(T, T) -> U) -> Vec<U> {
    let (left, right) = (a.storage.typed::<T>(), b.storage.typed::<T>());
    let mut out = Vec::with_capacity(shape.elements());
    let operands = [(&a.strides_in(shape), a.offset), (&b.strides_in(shape), b.offset)];
    walk(shape, operands, |length, [i, j], strides| {
        let (i, j) = (i as usize, j as usize);
        match strides {
            [1, 1] => out.extend(left[i..i + length].iter().zip(&right[j..j + length]).map(|(&a, &b)| f(a, b))),
            [1, 0] => {
                let b = right[j];
                out.extend(left[i..i + length].iter().map(|&a| f(a, b)));
            }
            [0, 1] => {
                let a = left[i];
                out.extend(right[j..j + length].iter().map(|&b| f(a, b)));
            }
            [s, t] => out.extend(
                (0..length as isize)
                    .map(|k| f(left[(i as isize + k * s) as usize], right[(j as isize + k * t) as usize])),
            ),
        }
    });
    out
}

fn unary_real<T: Real>(unary: Unary, x: &View) -> Storage {
    with_unary!(unary, KIND => T::storage(map(x, |x: T| KIND.apply(x))))
}

pub(super) fn unary(unary: Unary, x: &View) -> Storage {
    match x.dtype() {
        DType::F32 => unary_real::<f32>(unary, x),
        DType::F64 => unary_real::<f64>(unary, x),
        DType::I64 | DType::Bool => Storage::I64(map(x, |x: i64| {
            unary.apply_integer(x).expect("integers are cast before an operation they do not have")
        })),
    }
}

fn binary_real<T: Real>(binary: Binary, a: &View, b: &View, shape: &Shape) -> Storage {
    if binary.is_comparison() {
        return with_binary!(binary, KIND => Storage::Bool(zip(a, b, shape, |a: T, b: T| KIND.compare(a, b))));
    }
    with_binary!(binary, KIND => T::storage(zip(a, b, shape, |a: T, b: T| KIND.apply(a, b))))
}

pub(super) fn binary(binary: Binary, a: &View, b: &View, shape: &Shape) -> Storage {
    match a.dtype() {
        DType::F32 => binary_real::<f32>(binary, a, b, shape),
        DType::F64 => binary_real::<f64>(binary, a, b, shape),
        DType::I64 if binary.is_comparison() => Storage::Bool(zip(a, b, shape, |a: i64, b: i64| binary.compare(a, b))),
        DType::I64 => Storage::I64(zip(a, b, shape, |a: i64, b: i64| binary.apply_integer(a, b))),
        DType::Bool => {
            Storage::Bool(zip(a, b, shape, |a: bool, b: bool| binary.apply_integer(i64::from(a), i64::from(b)) != 0))
        }
    }
}

pub(super) fn select(condition: &View, a: &View, b: &View, shape: &Shape) -> Storage {
    fn choose<T: Element>(condition: &View, a: &View, b: &View, shape: &Shape) -> Vec<T> {
        let (mask, left, right) = (condition.storage.typed::<bool>(), a.storage.typed::<T>(), b.storage.typed::<T>());
        let strides = [condition.strides_in(shape), a.strides_in(shape), b.strides_in(shape)];
        let mut out = Vec::with_capacity(shape.elements());
        let operands = [(&strides[0], condition.offset), (&strides[1], a.offset), (&strides[2], b.offset)];
        walk(shape, operands, |length, [m, i, j], [u, s, t]| {
            out.extend((0..length as isize).map(|k| {
                if mask[(m + k * u) as usize] { left[(i + k * s) as usize] } else { right[(j + k * t) as usize] }
            }));
        });
        out
    }
    with_values!(&*a.storage, values => same_type(values, choose(condition, a, b, shape)))
}

/// Lets the element type of `_like` decide that of `values`.
fn same_type<T: Element>(_like: &[T], values: Vec<T>) -> Storage {
    T::storage(values)
}

pub(super) fn cast(x: &View, dtype: DType) -> Storage {
    fn convert<T: Element>(x: &View) -> Storage {
        with_values!(&*x.storage, values => {
            fn typed<T: Element, U: Element>(_like: &[T], x: &View) -> Vec<U> {
                map(x, |value: T| U::from_f64(value.to_f64()))
            }
            T::storage(typed(values, x))
        })
    }
    match dtype {
        DType::Bool => convert::<bool>(x),
        // Through f64 large integers would lose digits; none comes from a bool or has more than a float holds.
        DType::I64 => convert::<i64>(x),
        DType::F32 => convert::<f32>(x),
        DType::F64 => convert::<f64>(x),
    }
}
