//! Parts of matrix products that are left out: terms that are zero at either end of the sums, as a triangle of weights has them, and results
//! that nobody reads.
#![allow(unsafe_code)]

use std::ops::Range;

use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::matmul::{Matrix, Order, multiply};
use crate::exec::vectors::Scalar;
use crate::op::Real;

/// Terms, and columns of a result, are left out so many at a time, counted from the first: at these places every block is cut.
const UNIT: usize = 64;

/// So many terms at most are added up in one go: then what is left out at the ends leaves the others where they were, to the last bit.
const DEPTH: usize = 512;

/// Sums of fewer terms are not looked through.
const LONG: usize = 2 * UNIT;

/// Multiplies as [`multiply`] does, but without the terms at either end of the sums that are zero times something finite. What is not
/// finite stays, so that `0 · ∞` is NaN as it always is. Beside the right operand is whether something that it is a part of is finite
/// throughout, which is asked only if there are zeros.
///
/// # Safety
/// That of [`multiply`].
pub(super) unsafe fn multiply_trimmed<T: Scalar>(
    level: Level,
    whole: [usize; 3],
    [m, n, k]: [usize; 3],
    left: &Matrix<'_, T>,
    (right, finite): (&Matrix<'_, T>, &dyn Fn() -> bool),
    out: *mut T,
    (row, column): (usize, usize),
) {
    let depth = k.div_ceil(k.div_ceil(DEPTH).max(1)).next_multiple_of(UNIT);
    let mut add = false;
    for from in (0..k).step_by(depth) {
        let terms = from..k.min(from + depth);
        let terms = if k < LONG { terms } else { with_effect(left, (right, finite), [m, n], terms) };
        if !terms.is_empty() {
            let (left, right) = (left.from(0, terms.start), right.from(terms.start, 0));
            // SAFETY: the caller's promise.
            unsafe {
                multiply((level, Order::Chain { whole }), [m, n, terms.len()], &left, &right, out, (row, column), add)
            };
            add = true;
        }
    }
    if !add {
        for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
            // SAFETY: the caller's promise.
            unsafe { *out.add(i * row + j * column) = T::ZERO };
        }
    }
}

/// The terms without those at either end that are zero in one operand and finite in the other.
fn with_effect<T: Real>(
    left: &Matrix<'_, T>,
    (right, finite): (&Matrix<'_, T>, &dyn Fn() -> bool),
    [m, n]: [usize; 2],
    terms: Range<usize>,
) -> Range<usize> {
    let is_zero = |value: T| value == T::ZERO;
    trimmed(terms, |terms| {
        let (a, b) = (left.from(0, terms.start), right.from(terms.start, 0));
        let (a_sizes, b_sizes) = ((m, terms.len()), (terms.len(), n));
        a.all(a_sizes, is_zero) && (finite() || is_finite(&b, terms.len(), n))
            || b.all(b_sizes, is_zero) && is_finite(&a, m, terms.len())
    })
}

/// Whether all of so many rows and columns is finite.
pub(super) fn is_finite<T: Real>(matrix: &Matrix<'_, T>, rows: usize, columns: usize) -> bool {
    matrix.all((rows, columns), |value| value.subtract(value) == T::ZERO)
}

/// The columns of a block of so many rows and columns that are read, by masks that all have the truth value beside them there, and those
/// between them.
pub(super) fn read_columns<'a>(
    masks: impl Iterator<Item = (Matrix<'a, bool>, bool)>,
    rows: usize,
    columns: usize,
) -> Range<usize> {
    masks.fold(0..columns, |range, (mask, seen)| {
        if mask.column == 0 {
            return if mask.all((rows, 1), |truth| truth != seen) { 0..0 } else { range };
        }
        trimmed(range, |columns| mask.from(0, columns.start).all((rows, columns.len()), |truth| truth != seen))
    })
}

/// A range without the units at its ends that may be left out.
fn trimmed(mut range: Range<usize>, left_out: impl Fn(Range<usize>) -> bool) -> Range<usize> {
    while !range.is_empty() {
        let start = ((range.end - 1) / UNIT * UNIT).max(range.start);
        if !left_out(start..range.end) {
            break;
        }
        range.end = start;
    }
    while !range.is_empty() {
        let end = ((range.start / UNIT + 1) * UNIT).min(range.end);
        if !left_out(range.start..end) {
            break;
        }
        range.start = end;
    }
    range
}

impl<'a, T: Copy> Matrix<'a, T> {
    /// The matrix without its first rows and columns.
    fn from(&self, rows: usize, columns: usize) -> Matrix<'a, T> {
        Matrix { start: self.start + rows as isize * self.row + columns as isize * self.column, ..*self }
    }

    /// Whether something holds for all of the first rows and columns; `false` if nothing of them lies side by side.
    fn all(&self, (rows, columns): (usize, usize), test: impl Fn(T) -> bool) -> bool {
        let (runs, length, stride) = match (self.row, self.column) {
            (stride, 1) => (rows, columns, stride),
            (1, stride) => (columns, rows, stride),
            (stride, _) if columns == 1 => (rows, 1, stride),
            _ => return false,
        };
        let Matrix { values, start, .. } = *self;
        Level::current().run(AllRuns { values, start, stride, runs, length, test })
    }
}

/// Whether something holds for all entries of runs that lie at even distances.
struct AllRuns<'a, T, F> {
    values: &'a [T],
    start: isize,
    stride: isize,
    runs: usize,
    length: usize,
    test: F,
}

impl<T: Copy, F: Fn(T) -> bool> Kernel for AllRuns<'_, T, F> {
    type Output = bool;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> bool {
        for run in 0..self.runs as isize {
            let first = (self.start + run * self.stride) as usize;
            for part in self.values[first..first + self.length].chunks(UNIT) {
                // Without a question at each entry, so that it is done in vectors.
                let mut others = 0;
                for &value in part {
                    others += u32::from(!(self.test)(value));
                }
                if others > 0 {
                    return false;
                }
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formula::Noise;

    /// A matrix in either order, with zeros outside of some rows and columns.
    fn matrix(seed: u64, [rows, columns]: [usize; 2], by_columns: bool, kept: [Range<usize>; 2]) -> (Vec<f64>, bool) {
        let numbers = Noise::seed(seed).numbers(rows * columns);
        let entry = |at: usize| {
            let (row, column) = if by_columns { (at % rows, at / rows) } else { (at / columns, at % columns) };
            if kept[0].contains(&row) && kept[1].contains(&column) { numbers[at] } else { 0.0 }
        };
        ((0..rows * columns).map(entry).collect(), by_columns)
    }

    fn seen((values, by_columns): &(Vec<f64>, bool), [rows, columns]: [usize; 2]) -> Matrix<'_, f64> {
        let (row, column) = if *by_columns { (1, rows as isize) } else { (columns as isize, 1) };
        Matrix { values, start: 0, row, column }
    }

    /// The product as it is trimmed, and as it is without.
    fn both(left: &(Vec<f64>, bool), right: &(Vec<f64>, bool), [m, n, k]: [usize; 3]) -> [Vec<u64>; 2] {
        let (a, b) = (seen(left, [m, k]), seen(right, [k, n]));
        let (mut trimmed, mut whole) = (vec![f64::NAN; m * n], vec![f64::NAN; m * n]);
        // SAFETY: there is an entry for each row and column, and nobody else.
        unsafe {
            multiply_trimmed(
                Level::current(),
                [m, n, k],
                [m, n, k],
                &a,
                (&b, &|| is_finite(&b, k, n)),
                trimmed.as_mut_ptr(),
                (n, 1),
            );
            // As many terms at a time, all of them.
            let depth = k.div_ceil(k.div_ceil(DEPTH)).next_multiple_of(UNIT);
            for from in (0..k).step_by(depth) {
                let sizes = [m, n, depth.min(k - from)];
                let order = Order::Chain { whole: [m, n, k] };
                let out = whole.as_mut_ptr();
                multiply((Level::current(), order), sizes, &a.from(0, from), &b.from(from, 0), out, (n, 1), from > 0);
            }
        }
        [trimmed, whole]
            .map(|values| values.iter().map(|value| if value.is_nan() { 1 } else { (value + 0.0).to_bits() }).collect())
    }

    #[test]
    fn zeros_are_left_out_and_no_bit_changes() {
        for [m, n, k] in [[96, 32, 256], [64, 70, 300], [33, 20, 1100], [70, 40, 65]] {
            for kept in [0..k, 0..k / 2, k / 3..k, k / 3..k / 2, k - 1..k, 0..1, 0..0] {
                for orders in 0..4 {
                    let (down, across) = (orders & 1 > 0, orders & 2 > 0);
                    let of_left = matrix(1, [m, k], down, [0..m, kept.clone()]);
                    let of_right = matrix(2, [k, n], across, [kept.clone(), 0..n]);
                    let (left, right) =
                        (matrix(1, [m, k], down, [0..m, 0..k]), matrix(2, [k, n], across, [0..k, 0..n]));
                    for (left, right) in [(&of_left, &right), (&left, &of_right), (&of_left, &of_right)] {
                        let [trimmed, whole] = both(left, right, [m, n, k]);
                        assert_eq!(trimmed, whole, "{m} × {n} × {k}, {kept:?}, {orders}");
                    }
                }
            }
        }
    }

    #[test]
    fn zero_times_infinity_is_not_left_out() {
        let [m, n, k] = [64, 16, 256];
        let left = matrix(1, [m, k], false, [0..m, 0..100]);
        for (value, at) in [(f64::INFINITY, k - 1), (f64::NAN, 130), (f64::NEG_INFINITY, 10)] {
            let mut right = matrix(2, [k, n], false, [0..k, 0..n]);
            right.0[at * n + 3] = value;
            let [trimmed, whole] = both(&left, &right, [m, n, k]);
            assert_eq!(trimmed, whole);
            assert_eq!((trimmed[3], trimmed[4] == 1), (if at < 100 { trimmed[3] } else { 1 }, false));
        }
    }

    #[test]
    fn terms_without_effect_are_found() {
        let terms = |left: &(Vec<f64>, bool), right: &(Vec<f64>, bool)| {
            with_effect(&seen(left, [64, 256]), (&seen(right, [256, 16]), &|| false), [64, 16], 0..256)
        };
        let (all, none) = (matrix(2, [256, 16], false, [0..256, 0..16]), matrix(2, [256, 16], true, [0..0, 0..16]));
        assert_eq!(terms(&matrix(1, [64, 256], false, [0..64, 70..150]), &all), 64..192);
        assert_eq!(terms(&matrix(1, [64, 256], true, [0..64, 0..64]), &all), 0..64);
        assert_eq!(terms(&matrix(1, [64, 256], true, [60..61, 255..256]), &all), 192..256);
        assert!(terms(&matrix(1, [64, 256], true, [0..64, 0..256]), &none).is_empty());
        let mask =
            matrix(1, [64, 256], false, [0..64, 70..150]).0.iter().map(|&number| number != 0.0).collect::<Vec<_>>();
        let read = |seen: &[bool]| {
            let mask = || Matrix { values: &mask[..], start: 0, row: 256, column: 1 };
            read_columns(seen.iter().map(|&seen| (mask(), seen)), 64, 256)
        };
        assert_eq!(read(&[true]), 64..192);
        assert_eq!(read(&[false]), 0..256);
        assert_eq!(read(&[false, true]), 64..192);
    }
}
