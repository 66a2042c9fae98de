//! The kernels of elementwise instructions: loops over slices of equal length, compiled for each instruction set.

use crate::exec::dispatch::Kernel;
use crate::exec::functions::{self, Arithmetic, Elementary, zip1};
use crate::exec::vectors::Scalar;
use crate::op::{Binary, Comparison, Real, Unary, with_binary};
use crate::plan::{LogisticKinds, Pair, Ring};

/// A type that passes compute in.
pub(crate) trait Lane: Scalar + Elementary + Send + Sync {
    /// The number in double precision.
    fn widen(self) -> f64;
    /// The nearest number of this type.
    fn narrow(value: f64) -> Self;
    /// All bits set: `and` keeps the other.
    const ALL_BITS: Self;
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
    const ALL_BITS: f32 = f32::from_bits(u32::MAX);
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
    const ALL_BITS: f64 = f64::from_bits(u64::MAX);
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
        with_binary!(binary, KIND => match side {
            Side::Left => rows(tile, numbers, columns, out, |x, number| KIND.apply(number, x)),
            Side::Right => rows(tile, numbers, columns, out, |x, number| KIND.apply(x, number)),
        });
    }
}

#[inline(always)]
fn rows<T: Copy>(tile: &[T], numbers: &[T], columns: usize, out: &mut [T], f: impl Fn(T, T) -> T) {
    match columns {
        2 => short_rows::<T, 2>(tile, numbers, out, f),
        3 => short_rows::<T, 3>(tile, numbers, out, f),
        4 => short_rows::<T, 4>(tile, numbers, out, f),
        _ => {
            let rows = tile.chunks_exact(columns).zip(out.chunks_exact_mut(columns)).zip(numbers);
            rows.for_each(|((tile, out), &number)| zip1(tile, out, |x| f(x, number)));
        }
    }
}

/// Rows so short that the loop over rows is the one to vectorise.
#[inline(always)]
fn short_rows<T: Copy, const N: usize>(tile: &[T], numbers: &[T], out: &mut [T], f: impl Fn(T, T) -> T) {
    let (tile, out) = (tile.as_chunks::<N>().0, out.as_chunks_mut::<N>().0);
    for ((to, row), &number) in out.iter_mut().zip(tile).zip(numbers) {
        for at in 0..N {
            to[at] = f(row[at], number);
        }
    }
}

/// Numbers repeated along rows.
pub(super) struct SpreadRows<'a, T> {
    pub(super) numbers: &'a [T],
    pub(super) columns: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for SpreadRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let SpreadRows { numbers, columns, out } = self;
        match columns {
            2 => out.as_chunks_mut::<2>().0.iter_mut().zip(numbers).for_each(|(row, &number)| *row = [number; 2]),
            3 => out.as_chunks_mut::<3>().0.iter_mut().zip(numbers).for_each(|(row, &number)| *row = [number; 3]),
            4 => out.as_chunks_mut::<4>().0.iter_mut().zip(numbers).for_each(|(row, &number)| *row = [number; 4]),
            _ => out.chunks_exact_mut(columns).zip(numbers).for_each(|(row, &number)| row.fill(number)),
        }
    }
}

/// An operand with an entry for each entry of the tile, or with one for all.
#[derive(Clone, Copy)]
pub(super) enum Even<'a, T> {
    Tile(&'a [T]),
    Same(T),
}

/// Runs a loop with each operand as what it is, so that what is the same for all stays in a register.
macro_rules! with_even {
    ([$($even:expr => $name:ident,)*] $body:expr) => {
        with_even!(@next [$($even => $name,)*] $body)
    };
    (@next [] $body:expr) => { $body };
    (@next [$even:expr => $name:ident, $($rest:tt)*] $body:expr) => {
        match $even {
            Even::Tile(values) => {
                let $name = |at: usize| values[at];
                with_even!(@next [$($rest)*] $body)
            }
            Even::Same(value) => {
                let $name = |_: usize| value;
                with_even!(@next [$($rest)*] $body)
            }
        }
    };
}

impl<'a, T> Even<'a, T> {
    /// Exactly as many entries as asked for: the loop then needs no checks.
    #[inline(always)]
    fn cut(self, length: usize) -> Even<'a, T> {
        match self {
            Even::Tile(values) => Even::Tile(&values[..length]),
            same => same,
        }
    }
}

/// `a ∘ b ? c : d`.
pub(super) struct CompareSelect<'a, T> {
    pub(super) comparison: Comparison,
    pub(super) a: Even<'a, T>,
    pub(super) b: Even<'a, T>,
    pub(super) c: Even<'a, T>,
    pub(super) d: Even<'a, T>,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for CompareSelect<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let CompareSelect { comparison, a, b, c, d, out } = self;
        match comparison {
            Comparison::Less => choose(a, b, c, d, out, |a, b| a < b),
            Comparison::LessOrEqual => choose(a, b, c, d, out, |a, b| a <= b),
            Comparison::Equal => choose(a, b, c, d, out, |a, b| a == b),
        }
    }
}

#[inline(always)]
fn choose<T: Lane>(
    a: Even<'_, T>,
    b: Even<'_, T>,
    c: Even<'_, T>,
    d: Even<'_, T>,
    out: &mut [T],
    f: impl Fn(T, T) -> bool,
) {
    let n = out.len();
    with_even!([a.cut(n) => a, b.cut(n) => b, c.cut(n) => c, d.cut(n) => d,] {
        for (at, to) in out.iter_mut().enumerate() {
            let (c, d) = (c(at), d(at));
            *to = if f(a(at), b(at)) { c } else { d };
        }
    });
}

/// Two operations, of which the second takes the result of the first.
pub(super) struct PairTiles<'a, T> {
    pub(super) pair: Pair,
    pub(super) a: Even<'a, T>,
    pub(super) b: Even<'a, T>,
    pub(super) c: Even<'a, T>,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for PairTiles<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let PairTiles { pair: Pair { first, second, on_the_right }, a, b, c, out } = self;
        match first {
            Ring::Add => second_of(second, on_the_right, a, b, c, out, |a, b| a + b),
            Ring::Subtract => second_of(second, on_the_right, a, b, c, out, |a, b| a - b),
            Ring::Multiply => second_of(second, on_the_right, a, b, c, out, |a, b| a * b),
        }
    }
}

#[inline(always)]
fn second_of<T: Lane>(
    second: Ring,
    on_the_right: bool,
    a: Even<'_, T>,
    b: Even<'_, T>,
    c: Even<'_, T>,
    out: &mut [T],
    first: impl Fn(T, T) -> T,
) {
    match (second, on_the_right) {
        (Ring::Add, _) => zip3(a, b, c, out, |a, b, c| first(a, b) + c),
        (Ring::Multiply, _) => zip3(a, b, c, out, |a, b, c| first(a, b) * c),
        (Ring::Subtract, false) => zip3(a, b, c, out, |a, b, c| first(a, b) - c),
        (Ring::Subtract, true) => zip3(a, b, c, out, |a, b, c| c - first(a, b)),
    }
}

#[inline(always)]
fn zip3<T: Lane>(a: Even<'_, T>, b: Even<'_, T>, c: Even<'_, T>, out: &mut [T], f: impl Fn(T, T, T) -> T) {
    let n = out.len();
    with_even!([a.cut(n) => a, b.cut(n) => b, c.cut(n) => c,] {
        for (at, to) in out.iter_mut().enumerate() {
            *to = f(a(at), b(at), c(at));
        }
    });
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
pub(super) struct TruthTile<'a, T> {
    pub(super) x: &'a [T],
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for TruthTile<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        zip1(self.x, self.out, |x| if x != <T as Real>::ZERO { <T as Real>::ONE } else { <T as Real>::ZERO });
    }
}

/// Functions of one logit that share their exponential. The outputs are in the order of [`LogisticKinds`].
pub(super) struct LogisticTile<'a, T> {
    pub(super) kinds: LogisticKinds,
    pub(super) x: &'a [T],
    pub(super) outputs: [&'a mut [T]; 4],
}

impl<T: Lane> Kernel for LogisticTile<'_, T> {
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
            pn[at] = exponential.sigmoid_of_negative::<A>(x);
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
        functions::of_tile::<A, T>(self.unary, self.x, self.out);
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
