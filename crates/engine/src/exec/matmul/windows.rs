//! Products whose operands are read in windows as they lie: where rows, columns and terms are stands in tables of offsets, so that nothing is
//! gathered. Entries of the left operand are broadcast from anywhere; columns of the right one come in contiguous runs, each a vector.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::dispatch::Level;
use crate::exec::matmul::{Matrix, Transposition, transposed};
use crate::exec::strided::JoinedSteps;
use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors, load, store};

/// Bytes of the right operand that a tile's rows go through before the next rows: half of the innermost cache.
const NEAR: usize = 16 << 10;

/// Where a matrix lies: from `start`, the steps of rows and of columns, innermost first, lead to its entries.
pub(in crate::exec) struct Lying<'a, T> {
    pub(in crate::exec) values: &'a [T],
    pub(in crate::exec) start: isize,
    pub(in crate::exec) rows: JoinedSteps,
    pub(in crate::exec) columns: JoinedSteps,
}

/// Offsets, in the order of a matrix's rows or columns.
pub(in crate::exec) type Offsets = SmallVec<[isize; 64]>;

/// How far each row or column is from the first.
pub(in crate::exec) fn offsets(steps: &[(usize, isize)]) -> Offsets {
    let mut offsets: Offsets = SmallVec::from_slice(&[0]);
    for &(size, stride) in steps {
        let before = offsets.len();
        offsets.reserve(before * size.saturating_sub(1));
        for number in 1..size {
            for at in 0..before {
                let offset = offsets[at];
                offsets.push(offset + number as isize * stride);
            }
        }
    }
    offsets
}

impl<T> Lying<'_, T> {
    /// A pointer to the first entry.
    ///
    /// # Panics
    /// Unless all entries lie within the values.
    pub(in crate::exec) fn first(&self) -> *const T {
        let far = || self.rows.iter().chain(&self.columns).map(|&(size, stride)| (size as isize - 1) * stride);
        let low = self.start + far().map(|far| far.min(0)).sum::<isize>();
        let high = self.start + far().map(|far| far.max(0)).sum::<isize>();
        assert!(low >= 0 && high < self.values.len() as isize, "a matrix reaches beyond its buffer");
        self.values.as_ptr().wrapping_offset(self.start)
    }
}

/// Columns in runs that fill vectors, if they lie so that at least two thirds of the lanes are used.
fn runs(columns: &[(usize, isize)], lanes: usize) -> Option<Vec<Run>> {
    let &[(length, 1), ref outer @ ..] = columns else { return None };
    if 3 * length < 2 * length.next_multiple_of(lanes) {
        return None;
    }
    let starts = offsets(outer);
    let run = |(number, start): (usize, &isize)| {
        let (number, start) = (number, *start);
        (0..length).step_by(lanes).map(move |at| Run {
            from: start + at as isize,
            to: number * length + at,
            count: lanes.min(length - at),
        })
    };
    Some(starts.iter().enumerate().flat_map(run).collect())
}

/// Multiplies matrices that do not both lie evenly, on this thread, without gathering them, if that can be done in vectors: else `false`. The
/// result's rows and columns have the given strides; it replaces what is there, or is added to it.
///
/// # Safety
/// `out` must point to as many entries as rows and columns reach, and nobody else may use them meanwhile.
pub(in crate::exec) unsafe fn multiply_windows<T: Scalar>(
    level: Level,
    left: &Lying<'_, T>,
    right: &Lying<'_, T>,
    out: *mut T,
    (row, column): (usize, usize),
    add: bool,
) -> bool {
    let mut steps = [&left.rows, &left.columns, &right.columns].into_iter().flatten();
    if !level.has_vectors() || column != 1 || steps.any(|step| step.0 == 0) {
        return false;
    }
    let lanes = level.lanes(size_of::<T>());
    if let Some(runs) = runs(&right.columns, lanes) {
        let product = WindowProduct {
            left: left.first(),
            rows: &offsets(&left.rows),
            left_terms: &offsets(&left.columns),
            right: right.first(),
            right_terms: &offsets(&right.rows),
            runs: &runs,
            out,
            out_stride: row,
            add,
        };
        // SAFETY: `first` has shown that all entries of both operands lie within what they borrow; the result is the caller's promise.
        unsafe { level.run_vectors(product) };
        return true;
    }
    // The transposed product: the windows are what is broadcast, and the other operand is read as vectors, once it is transposed.
    let (&[(rows, down)], &[(terms, 1)]) = (&left.rows[..], &left.columns[..]) else { return false };
    let Some(runs) = runs(&[(rows, 1)], lanes) else { return false };
    let columns: usize = right.columns.iter().map(|step| step.0).product();
    let mut vectors = Buffer::<T>::of(terms * rows);
    let own = Matrix { values: left.values, start: left.start, row: 1, column: down };
    transposed(level, &own, [terms, rows], &mut vectors);
    let right_terms: Offsets = (0..terms).map(|term| (term * rows) as isize).collect();
    let mut result = Buffer::<T>::of(columns * rows);
    let product = WindowProduct {
        left: right.first(),
        rows: &offsets(&right.columns),
        left_terms: &offsets(&right.rows),
        right: vectors.as_ptr(),
        right_terms: &right_terms,
        runs: &runs,
        out: result.as_mut_ptr(),
        out_stride: rows,
        add: false,
    };
    // SAFETY: `first` has shown that the windows lie within what they borrow; the buffers have an entry for each that is read or written.
    unsafe { level.run_vectors(product) };
    let from = result.as_ptr();
    // SAFETY: the result, by its columns, has an entry for each of the caller's, whose promise the rest is.
    unsafe {
        let turned =
            Transposition { rows: columns, columns: rows, from, stride: rows as isize, to: out, out_stride: row, add };
        level.run_vectors(turned);
    }
    true
}

/// Columns that lie one after the other, in the right operand and in the result; at most as many as a vector has lanes.
#[derive(Clone, Copy)]
pub(in crate::exec) struct Run {
    pub(in crate::exec) from: isize,
    pub(in crate::exec) to: usize,
    pub(in crate::exec) count: usize,
}

/// A product, which replaces the result or is added to it. The result's rows have a stride.
pub(in crate::exec) struct WindowProduct<'a, T> {
    pub(in crate::exec) left: *const T,
    /// Offsets of the rows of the left operand, and of its columns.
    pub(in crate::exec) rows: &'a [isize],
    pub(in crate::exec) left_terms: &'a [isize],
    pub(in crate::exec) right: *const T,
    /// Offsets of the rows of the right operand, as many as the left one has columns.
    pub(in crate::exec) right_terms: &'a [isize],
    pub(in crate::exec) runs: &'a [Run],
    pub(in crate::exec) out: *mut T,
    pub(in crate::exec) out_stride: usize,
    pub(in crate::exec) add: bool,
}

impl<T: Scalar> VectorKernel for WindowProduct<'_, T> {
    /// # Safety
    /// Besides the instruction set: all entries that the offsets lead to may be read and those of the result written, by nobody else
    /// meanwhile; runs are no longer than vectors, and there are as many terms left as right.
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        for runs in self.runs.chunks(2) {
            // SAFETY: the runs are some of the product's.
            unsafe {
                match runs.len() {
                    1 => self.panel::<V, 1>(runs),
                    2 => self.panel::<V, 2>(runs),
                    wider => unreachable!("tiles of {wider} vectors"),
                }
            }
        }
    }
}

impl<T: Scalar> WindowProduct<'_, T> {
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the `C` runs are some of the product's.
    #[inline(always)]
    unsafe fn panel<V: Vectors, const C: usize>(&self, runs: &[Run]) {
        let runs: &[Run; C] = runs.first_chunk().expect("as many as the panel is wide");
        let depths = NEAR / (C * <T::In<V> as Vector<T>>::LANES * size_of::<T>());
        let terms = self.left_terms.chunks(depths).zip(self.right_terms.chunks(depths));
        for (number, terms) in terms.enumerate() {
            let add = self.add || number > 0;
            let (mut row, rows) = (0, self.rows.len());
            // SAFETY: the rows and terms are some of the product's.
            unsafe {
                // Numbers to broadcast stay in registers beside the sums: fewer of these than in a direct product.
                while V::TILE.0 == 8 && rows - row >= 8 {
                    self.tile::<V, 8, C>(row, runs, terms, add);
                    row += 8;
                }
                while rows - row >= 4 {
                    self.tile::<V, 4, C>(row, runs, terms, add);
                    row += 4;
                }
                while row < rows {
                    self.tile::<V, 1, C>(row, runs, terms, add);
                    row += 1;
                }
            }
        }
    }

    /// # Safety
    /// As for [`panel`](Self::panel), and the `R` rows and the terms are some of the product's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize>(
        &self,
        row: usize,
        runs: &[Run; C],
        (left_terms, right_terms): (&[isize], &[isize]),
        add: bool,
    ) {
        // SAFETY: all that is read and written is the product's; of a vector, as many lanes as its run has columns.
        unsafe {
            let out = self.out.add(row * self.out_stride);
            let mut sums = [[T::In::<V>::splat(T::ZERO); C]; R];
            if add {
                for r in 0..R {
                    for c in 0..C {
                        sums[r][c] = load::<T, V>(out.add(r * self.out_stride + runs[c].to), runs[c].count);
                    }
                }
            }
            let mut left = [self.left; R];
            for r in 0..R {
                left[r] = self.left.wrapping_offset(self.rows[row + r]);
            }
            let mut right = [self.right; C];
            for c in 0..C {
                right[c] = self.right.wrapping_offset(runs[c].from);
            }
            for (&left_term, &right_term) in left_terms.iter().zip(right_terms) {
                let mut vectors = [T::In::<V>::splat(T::ZERO); C];
                for c in 0..C {
                    vectors[c] = T::In::<V>::load_first(right[c].offset(right_term), runs[c].count);
                }
                for r in 0..R {
                    let factor = T::In::<V>::splat(*left[r].offset(left_term));
                    for c in 0..C {
                        sums[r][c] = factor.mul_add(vectors[c], sums[r][c]);
                    }
                }
            }
            for r in 0..R {
                for c in 0..C {
                    store::<T, V>(sums[r][c], out.add(r * self.out_stride + runs[c].to), runs[c].count);
                }
            }
        }
    }
}
