//! The kernels of elementwise instructions: loops over slices of equal length, compiled for each instruction set.

use crate::exec::dispatch::Kernel;
use crate::exec::functions::{self, Arithmetic, Elementary};
use crate::op::{Binary, Real, Unary, with_binary};
use crate::plan::LogisticKinds;

/// A type that passes compute in.
pub(super) trait Lane: Real + Elementary + Send + Sync {
    /// The number in double precision.
    fn widen(self) -> f64;
    /// The nearest number of this type.
    fn narrow(value: f64) -> Self;
}

impl Lane for f32 {
    #[inline(always)]
    fn widen(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn narrow(value: f64) -> f32 {
        value as f32
    }
}

impl Lane for f64 {
    #[inline(always)]
    fn widen(self) -> f64 {
        self
    }
    #[inline(always)]
    fn narrow(value: f64) -> f64 {
        value
    }
}

/// Both operands have an entry for each entry of the tile.
pub(super) struct BinaryTiles<'a, T> {
    pub(super) binary: Binary,
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for BinaryTiles<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        with_binary!(self.binary, KIND => zip2(self.a, self.b, self.out, |a, b| KIND.apply(a, b)));
    }
}

/// Where the other operand of [`BinaryRows`] lies.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// One operand has one number for each row (or one in all: then there is one row).
pub(super) struct BinaryRows<'a, T> {
    pub(super) binary: Binary,
    pub(super) tile: &'a [T],
    pub(super) numbers: &'a [T],
    /// The side of the numbers.
    pub(super) side: Side,
    pub(super) columns: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for BinaryRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let BinaryRows { binary, tile, numbers, side, columns, out } = self;
        let rows = tile.chunks_exact(columns).zip(out.chunks_exact_mut(columns)).zip(numbers);
        with_binary!(binary, KIND => match side {
            Side::Left => rows.for_each(|((tile, out), &number)| zip1(tile, out, |x| KIND.apply(number, x))),
            Side::Right => rows.for_each(|((tile, out), &number)| zip1(tile, out, |x| KIND.apply(x, number))),
        });
    }
}

/// `a ∘ b ? c : d`.
pub(super) struct CompareSelect<'a, T> {
    pub(super) binary: Binary,
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
    pub(super) c: &'a [T],
    pub(super) d: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for CompareSelect<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let CompareSelect { binary, a, b, c, d, out } = self;
        match binary {
            Binary::Less => zip4(a, b, c, d, out, |a, b, c, d| if a < b { c } else { d }),
            Binary::LessOrEqual => zip4(a, b, c, d, out, |a, b, c, d| if a <= b { c } else { d }),
            _ => zip4(a, b, c, d, out, |a, b, c, d| if a == b { c } else { d }),
        }
    }
}

/// `condition ≠ 0 ? a : b`.
pub(super) struct Select<'a, T> {
    pub(super) condition: &'a [T],
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for Select<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let zero = self.condition;
        zip4(
            zero,
            zero,
            self.a,
            self.b,
            self.out,
            |condition, _, a, b| if condition != <T as Real>::ZERO { a } else { b },
        );
    }
}

/// Whether numbers differ from 0.
pub(super) struct Truth<'a, T> {
    pub(super) x: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for Truth<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        zip1(self.x, self.out, |x| if x != <T as Real>::ZERO { <T as Real>::ONE } else { <T as Real>::ZERO });
    }
}

/// Functions of one logit that share their exponential. The outputs are in the order of [`LogisticKinds`].
pub(super) struct Logistic<'a, T> {
    pub(super) kinds: LogisticKinds,
    pub(super) x: &'a [T],
    pub(super) outputs: [&'a mut [T]; 4],
}

impl<T: Lane> Kernel for Logistic<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let LogisticKinds { softplus, softplus_of_negative, sigmoid, sigmoid_of_negative } = self.kinds;
        macro_rules! with_flags {
            ($(($a:literal, $b:literal, $c:literal, $d:literal))*) => {
                match (softplus, softplus_of_negative, sigmoid, sigmoid_of_negative) {
                    $(($a, $b, $c, $d) => logistic::<A, T, $a, $b, $c, $d>(self.x, self.outputs),)*
                }
            };
        }
        with_flags!((false, false, false, false)(false, false, false, true)(false, false, true, false)(
            false, false, true, true
        )(false, true, false, false)(false, true, false, true)(false, true, true, false)(
            false, true, true, true
        )(true, false, false, false)(true, false, false, true)(true, false, true, false)(
            true, false, true, true
        )(true, true, false, false)(true, true, false, true)(true, true, true, false)(
            true, true, true, true
        ));
    }
}

#[inline(always)]
fn logistic<A: Arithmetic, T: Lane, const S: bool, const SN: bool, const P: bool, const PN: bool>(
    x: &[T],
    outputs: [&mut [T]; 4],
) {
    let [softplus, softplus_of_negative, sigmoid, sigmoid_of_negative] = outputs;
    let length = x.len();
    let (s, sn) =
        (&mut softplus[..if S { length } else { 0 }], &mut softplus_of_negative[..if SN { length } else { 0 }]);
    let (p, pn) = (&mut sigmoid[..if P { length } else { 0 }], &mut sigmoid_of_negative[..if PN { length } else { 0 }]);
    for at in 0..length {
        let x = x[at];
        let exponential = functions::exp_minus_abs::<A, T>(x);
        if S {
            s[at] = exponential.softplus::<A>(x);
        }
        if SN {
            sn[at] = exponential.softplus::<A>(-x);
        }
        if P {
            p[at] = exponential.sigmoid::<A>(x);
        }
        if PN {
            pn[at] = exponential.sigmoid::<A>(-x);
        }
    }
}

/// A unary operation.
pub(super) struct UnaryTile<'a, T> {
    pub(super) unary: Unary,
    pub(super) x: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for UnaryTile<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let UnaryTile { unary, x, out } = self;
        match unary {
            Unary::Exp => zip1(x, out, |x| functions::exp::<A, T>(x)),
            Unary::ExpM1 => zip1(x, out, |x| functions::exp_m1::<A, T>(x)),
            Unary::Ln => zip1(x, out, |x| functions::ln::<A, T>(x)),
            Unary::Ln1p => zip1(x, out, |x| functions::ln_1p::<A, T>(x)),
            Unary::Sin => functions::sin_tile::<A, T>(x, out),
            Unary::Cos => functions::cos_tile::<A, T>(x, out),
            Unary::Tanh => zip1(x, out, |x| functions::tanh::<A, T>(x)),
            Unary::Sigmoid => zip1(x, out, |x| functions::sigmoid::<A, T>(x)),
            Unary::Softplus => zip1(x, out, |x| functions::softplus::<A, T>(x)),
            Unary::Erf => zip1(x, out, |x| functions::erf::<A, T>(x)),
            Unary::Negate => zip1(x, out, |x| Unary::Negate.apply(x)),
            Unary::Reciprocal => zip1(x, out, |x| Unary::Reciprocal.apply(x)),
            Unary::SquareRoot => zip1(x, out, |x| Unary::SquareRoot.apply(x)),
            Unary::Sign => zip1(x, out, |x| Unary::Sign.apply(x)),
            Unary::Floor => zip1(x, out, |x| Unary::Floor.apply(x)),
            Unary::Abs => zip1(x, out, |x| Unary::Abs.apply(x)),
            Unary::LnGamma | Unary::Polygamma(_) => zip1(x, out, |x| unary.apply(x)),
        }
    }
}

#[inline(always)]
pub(super) fn zip1<T: Copy>(x: &[T], out: &mut [T], f: impl Fn(T) -> T) {
    for (to, &x) in out.iter_mut().zip(x) {
        *to = f(x);
    }
}

#[inline(always)]
fn zip2<T: Copy>(a: &[T], b: &[T], out: &mut [T], f: impl Fn(T, T) -> T) {
    for ((to, &a), &b) in out.iter_mut().zip(a).zip(b) {
        *to = f(a, b);
    }
}

#[inline(always)]
fn zip4<T: Copy>(a: &[T], b: &[T], c: &[T], d: &[T], out: &mut [T], f: impl Fn(T, T, T, T) -> T) {
    for ((((to, &a), &b), &c), &d) in out.iter_mut().zip(a).zip(b).zip(c).zip(d) {
        *to = f(a, b, c, d);
    }
}
