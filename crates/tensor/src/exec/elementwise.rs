//! Elementwise kernels.

use crate::dtype::{DType, Element};
use crate::exec::buffer::{Buffer, Filling};
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::{self, Arithmetic, Elementary};
use crate::exec::view::{View, walk};
use crate::op::{Binary, Real, Unary, with_binary};
use crate::shape::Shape;
use crate::storage::{Storage, with_values};

/// `f` of every entry.
fn map<T: Element, U: Element>(x: &View, f: impl Fn(T) -> U) -> Buffer<U> {
    let values = x.storage.typed::<T>();
    let mut out = Filling::of(x.shape.elements());
    walk(&x.shape, [(&x.strides, x.offset)], |length, [start], [stride]| {
        if stride == 1 {
            out.extend(values[start as usize..start as usize + length].iter().map(|&x| f(x)));
        } else {
            out.extend((0..length).map(|i| f(values[(start + i as isize * stride) as usize])));
        }
    });
    out.finish()
}

/// `f` of every pair of entries.
fn zip<T: Element, U: Element>(a: &View, b: &View, shape: &Shape, f: impl Fn(T, T) -> U) -> Buffer<U> {
    let (left, right) = (a.storage.typed::<T>(), b.storage.typed::<T>());
    let mut out = Filling::of(shape.elements());
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
                (0..length)
                    .map(|k| k as isize)
                    .map(|k| f(left[(i as isize + k * s) as usize], right[(j as isize + k * t) as usize])),
            ),
        }
    });
    out.finish()
}

/// A unary operation over a run of numbers, in the best instructions of the processor.
struct UnaryRun<'a, T> {
    unary: Unary,
    from: &'a [T],
    to: &'a mut [T],
}

impl<T: Real + Elementary> Kernel for UnaryRun<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let UnaryRun { unary, from, to } = self;
        match unary {
            Unary::Exp => each(from, to, |x| functions::exp::<A, T>(x)),
            Unary::ExpM1 => each(from, to, |x| functions::exp_m1::<A, T>(x)),
            Unary::Ln => each(from, to, |x| functions::ln::<A, T>(x)),
            Unary::Ln1p => each(from, to, |x| functions::ln_1p::<A, T>(x)),
            Unary::Sin => functions::sin_tile::<A, T>(from, to),
            Unary::Cos => functions::cos_tile::<A, T>(from, to),
            Unary::Tanh => each(from, to, |x| functions::tanh::<A, T>(x)),
            Unary::Sigmoid => each(from, to, |x| functions::sigmoid::<A, T>(x)),
            Unary::Softplus => each(from, to, |x| functions::softplus::<A, T>(x)),
            Unary::Erf => each(from, to, |x| functions::erf::<A, T>(x)),
            Unary::Negate => each(from, to, |x| Unary::Negate.apply(x)),
            Unary::Reciprocal => each(from, to, |x| Unary::Reciprocal.apply(x)),
            Unary::SquareRoot => each(from, to, |x| Unary::SquareRoot.apply(x)),
            Unary::Sign => each(from, to, |x| Unary::Sign.apply(x)),
            Unary::Floor => each(from, to, |x| Unary::Floor.apply(x)),
            Unary::Abs => each(from, to, |x| Unary::Abs.apply(x)),
            Unary::LnGamma | Unary::Polygamma(_) => each(from, to, |x| unary.apply(x)),
        }
    }
}

#[inline(always)]
fn each<T: Copy>(from: &[T], to: &mut [T], f: impl Fn(T) -> T) {
    for (y, &x) in to.iter_mut().zip(from) {
        *y = f(x);
    }
}

fn unary_real<T: Real + Elementary>(unary: Unary, x: &View) -> Storage {
    let contiguous = x.to_storage();
    let mut to = Buffer::of(x.shape.elements());
    Level::current().run(UnaryRun { unary, from: contiguous.typed::<T>(), to: &mut to });
    T::storage(to)
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
    fn choose<T: Element>(condition: &View, a: &View, b: &View, shape: &Shape) -> Buffer<T> {
        let (mask, left, right) = (condition.storage.typed::<bool>(), a.storage.typed::<T>(), b.storage.typed::<T>());
        let strides = [condition.strides_in(shape), a.strides_in(shape), b.strides_in(shape)];
        let mut out = Filling::of(shape.elements());
        let operands = [(&strides[0], condition.offset), (&strides[1], a.offset), (&strides[2], b.offset)];
        walk(shape, operands, |length, [m, i, j], [u, s, t]| {
            let (at, i, j) = (m as usize, i as usize, j as usize);
            match [u, s, t] {
                [1, 1, 1] => out.extend(
                    (mask[at..at + length].iter().zip(&left[i..i + length]).zip(&right[j..j + length]))
                        .map(|((&choice, &a), &b)| if choice { a } else { b }),
                ),
                [1, 0, 1] => {
                    let a = left[i];
                    out.extend(
                        mask[at..at + length]
                            .iter()
                            .zip(&right[j..j + length])
                            .map(|(&choice, &b)| if choice { a } else { b }),
                    );
                }
                [1, 1, 0] => {
                    let b = right[j];
                    out.extend(
                        mask[at..at + length]
                            .iter()
                            .zip(&left[i..i + length])
                            .map(|(&choice, &a)| if choice { a } else { b }),
                    );
                }
                _ => out.extend((0..length).map(|k| {
                    let k = k as isize;
                    let from = |start: usize, stride: isize| (start as isize + k * stride) as usize;
                    if mask[from(at, u)] { left[from(i, s)] } else { right[from(j, t)] }
                })),
            }
        });
        out.finish()
    }
    with_values!(&*a.storage, values => same_type(values, choose(condition, a, b, shape)))
}

/// Lets the element type of `_like` decide that of `values`.
fn same_type<T: Element>(_like: &[T], values: Buffer<T>) -> Storage {
    T::storage(values)
}

pub(super) fn cast(x: &View, dtype: DType) -> Storage {
    fn convert<T: Element>(x: &View) -> Storage {
        with_values!(&*x.storage, values => {
            fn typed<T: Element, U: Element>(_like: &[T], x: &View) -> Buffer<U> {
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
