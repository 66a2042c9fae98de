//! The kernels of reductions.

use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::tiles::kernels::Lane;
use crate::exec::tiles::partial::combine;
use crate::op::{Real, Reduction};

/// How many entries are combined at a time: enough to hide the time that one addition takes.
const LANES: usize = 64;
/// How many partial results are kept side by side.
const SUMS: usize = 16;

/// A run of numbers, reduced in double precision.
pub(super) struct Reduce<'a, T> {
    pub(super) reduction: Reduction,
    pub(super) x: &'a [T],
}

impl<T: Lane> Kernel for Reduce<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        reduce(self.reduction, self.x)
    }
}

/// The greatest of some numbers; NaN if one is.
pub(crate) fn greatest<T: Lane>(x: &[T]) -> T {
    T::narrow(Level::current().run(Reduce { reduction: Reduction::Max, x }))
}

/// One reduction for each row of a tile.
pub(super) struct ReduceRows<'a, T> {
    pub(super) reduction: Reduction,
    pub(super) x: &'a [T],
    pub(super) columns: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for ReduceRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let ReduceRows { reduction, x, columns, out } = self;
        match columns {
            2 => short_rows::<T, 2>(reduction, x, out),
            3 => short_rows::<T, 3>(reduction, x, out),
            4 => short_rows::<T, 4>(reduction, x, out),
            _ => {
                for (to, row) in out.iter_mut().zip(x.chunks_exact(columns)) {
                    *to = T::narrow(reduce(reduction, row));
                }
            }
        }
    }
}

/// Rows so short that the loop over rows is the one to vectorise.
#[inline(always)]
fn short_rows<T: Lane, const N: usize>(reduction: Reduction, x: &[T], out: &mut [T]) {
    let rows = x.as_chunks::<N>().0;
    match reduction {
        Reduction::Sum => {
            for (to, row) in out.iter_mut().zip(rows) {
                *to = row[1..].iter().fold(row[0], |sum, &x| sum + x);
            }
        }
        Reduction::Max => {
            for (to, row) in out.iter_mut().zip(rows) {
                *to = row[1..].iter().fold(row[0], |best, &x| greater(best, x));
            }
        }
        Reduction::Min => {
            for (to, row) in out.iter_mut().zip(rows) {
                *to = row[1..].iter().fold(row[0], |best, &x| lesser(best, x));
            }
        }
    }
}

/// The sum of products of two runs.
pub(super) struct Dot<'a, T> {
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
}

impl<T: Lane> Kernel for Dot<'_, T> {
    type Output = f64;
    #[inline(always)]
    fn run<A: Arithmetic>(self) -> f64 {
        dot(self.a, self.b)
    }
}

/// The sum of products of each row of two tiles.
pub(super) struct DotRows<'a, T> {
    pub(super) a: &'a [T],
    pub(super) b: &'a [T],
    pub(super) columns: usize,
    pub(super) out: &'a mut [T],
}

impl<T: Lane> Kernel for DotRows<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let DotRows { a, b, columns, out } = self;
        for ((to, a), b) in out.iter_mut().zip(a.chunks_exact(columns)).zip(b.chunks_exact(columns)) {
            *to = T::narrow(dot(a, b));
        }
    }
}

/// Adds a run to sums in double precision, or takes the extremes.
pub(super) struct Accumulate<'a, T> {
    pub(super) reduction: Reduction,
    pub(super) x: &'a [T],
    pub(super) sums: &'a mut [f64],
}

impl<T: Lane> Kernel for Accumulate<'_, T> {
    type Output = ();
    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        let Accumulate { reduction, x, sums } = self;
        match reduction {
            Reduction::Sum => {
                for (sum, &x) in sums.iter_mut().zip(x) {
                    *sum += x.widen();
                }
            }
            Reduction::Max | Reduction::Min => {
                for (sum, &x) in sums.iter_mut().zip(x) {
                    *sum = combine(reduction, *sum, x.widen());
                }
            }
        }
    }
}

/// The greater of two; NaN if either is.
#[inline(always)]
fn greater<T: Lane>(best: T, x: T) -> T {
    if x > best || <T as Real>::is_nan(x) { x } else { best }
}

/// The lesser of two; NaN if either is.
#[inline(always)]
fn lesser<T: Lane>(best: T, x: T) -> T {
    if x < best || <T as Real>::is_nan(x) { x } else { best }
}

#[inline(always)]
fn reduce<T: Lane>(reduction: Reduction, x: &[T]) -> f64 {
    match reduction {
        Reduction::Sum => sum(x),
        Reduction::Max => extreme(x, T::narrow(f64::NEG_INFINITY), greater).widen(),
        Reduction::Min => extreme(x, T::narrow(f64::INFINITY), lesser).widen(),
    }
}

#[inline(always)]
fn extreme<T: Lane>(x: &[T], start: T, f: impl Fn(T, T) -> T + Copy) -> T {
    let mut lanes = [start; LANES];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = f(*lane, x);
        }
    }
    let best = if chunks.is_empty() { start } else { join(lanes, f) };
    let (quarters, rest) = rest.as_chunks::<SUMS>();
    let mut lanes = [start; SUMS];
    for chunk in quarters {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = f(*lane, x);
        }
    }
    let best = if quarters.is_empty() { best } else { f(best, join(lanes, f)) };
    rest.iter().fold(best, |best, &x| f(best, x))
}

/// The sum in double precision of what four neighbours at a time add up to: as exact as it matters, and twice as quick as widening
/// each.
#[inline(always)]
fn sum<T: Lane>(x: &[T]) -> f64 {
    let mut sums = [0.0; SUMS];
    let (chunks, rest) = x.as_chunks::<LANES>();
    for chunk in chunks {
        for (at, sum) in sums.iter_mut().enumerate() {
            let four = (chunk[at] + chunk[at + SUMS]) + (chunk[at + 2 * SUMS] + chunk[at + 3 * SUMS]);
            *sum += four.widen();
        }
    }
    let (quarters, rest) = rest.as_chunks::<SUMS>();
    for chunk in quarters {
        for (sum, &x) in sums.iter_mut().zip(chunk) {
            *sum += x.widen();
        }
    }
    let total = if x.len() < SUMS { 0.0 } else { join(sums, |a, b| a + b) };
    rest.iter().fold(total, |total, &x| total + x.widen())
}

#[inline(always)]
fn dot<T: Lane>(a: &[T], b: &[T]) -> f64 {
    let mut sums = [0.0; SUMS];
    let ((a_chunks, a_rest), (b_chunks, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a_chunks.iter().zip(b_chunks) {
        for (at, sum) in sums.iter_mut().enumerate() {
            let product = |part: usize| a[at + part * SUMS] * b[at + part * SUMS];
            *sum += ((product(0) + product(1)) + (product(2) + product(3))).widen();
        }
    }
    let ((a_quarters, a_rest), (b_quarters, b_rest)) = (a_rest.as_chunks::<SUMS>(), b_rest.as_chunks::<SUMS>());
    for (a, b) in a_quarters.iter().zip(b_quarters) {
        for ((sum, &a), &b) in sums.iter_mut().zip(a).zip(b) {
            *sum += (a * b).widen();
        }
    }
    let total = if a.len() < SUMS { 0.0 } else { join(sums, |a, b| a + b) };
    a_rest.iter().zip(b_rest).fold(total, |total, (&a, &b)| total + (a * b).widen())
}

/// Combines partial results, always the same ones with each other.
#[inline(always)]
fn join<T: Copy, const N: usize>(mut lanes: [T; N], f: impl Fn(T, T) -> T) -> T {
    let mut half = N / 2;
    while half > 0 {
        for at in 0..half {
            lanes[at] = f(lanes[at], lanes[at + half]);
        }
        half /= 2;
    }
    lanes[0]
}
