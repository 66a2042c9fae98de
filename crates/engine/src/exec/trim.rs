//! Parts of matrix products that are left out: terms that are zero at either end of the sums, as a triangle of weights has them, and results
//! that nobody reads.
#![allow(unsafe_code)]

use std::ops::Range;

use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::matmul::{Matrix, multiply};
use crate::op::Real;

/// Terms, and columns of a result, are left out so many at a time, counted from the first: at these places every block is cut.
const UNIT: usize = 64;

/// So many terms at most are added up in one go: then what is left out at the ends leaves the others where they were, to the last bit.
const DEPTH: usize = 512;

/// Sums of fewer terms are not looked through.
const LONG: usize = 2 * UNIT;

/// Multiplies as [`multiply`] does, but without the terms at either end of the sums that are zero times something finite. What is not
/// finite stays, so that `0 · ∞` is NaN as it always is.
///
/// # Safety
/// That of [`multiply`].
pub(super) unsafe fn multiply_trimmed<T: Real>(
    [m, n, k]: [usize; 3],
    left: &Matrix<'_, T>,
    right: &Matrix<'_, T>,
    out: *mut T,
    (row, column): (usize, usize),
) {
    let depth = k.div_ceil(k.div_ceil(DEPTH).max(1)).next_multiple_of(UNIT);
    let mut add = false;
    for from in (0..k).step_by(depth) {
        let terms = from..k.min(from + depth);
        let terms = if k < LONG { terms } else { with_effect(left, right, [m, n], terms) };
        if !terms.is_empty() {
            let (left, right) = (left.from(0, terms.start), right.from(terms.start, 0));
            // SAFETY: the caller's promise.
            unsafe { multiply([m, n, terms.len()], &left, &right, out, (row, column), add) };
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
    right: &Matrix<'_, T>,
    [m, n]: [usize; 2],
    terms: Range<usize>,
) -> Range<usize> {
    let is_zero = |value: T| value == T::ZERO;
    let is_finite = |value: T| value.subtract(value) == T::ZERO;
    trimmed(terms, |terms| {
        let (a, b) = (left.from(0, terms.start), right.from(terms.start, 0));
        let (a_sizes, b_sizes) = ((m, terms.len()), (terms.len(), n));
        a.all(a_sizes, is_zero) && b.all(b_sizes, is_finite) || b.all(b_sizes, is_zero) && a.all(a_sizes, is_finite)
    })
}

/// The columns of a block of so many rows and columns that are read, by a mask, and those between them.
pub(super) fn read_columns(mask: &Matrix<'_, bool>, seen: bool, rows: usize, columns: usize) -> Range<usize> {
    if mask.column == 0 {
        return if mask.all((rows, 1), |truth| truth != seen) { 0..0 } else { 0..columns };
    }
    trimmed(0..columns, |columns| mask.from(0, columns.start).all((rows, columns.len()), |truth| truth != seen))
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
