//! Products whose left operand lies by columns and whose right one has few of them: sums of the left columns, each times a number.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over terms and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use std::ops::Range;

use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors};

/// Terms that are added up by themselves, so that an error does not grow with all of them.
const BLOCK: usize = 512;

/// A product with few columns whose left operand's columns are contiguous: each column of the result is a sum of those, times an entry of the
/// right operand. Of a single column, terms are added up in several sums by turns, so that none waits for the one before it. The terms and columns
/// alone give the order of additions, whatever rows are multiplied at a time.
pub(super) struct ColumnSums<T> {
    /// Rows, columns, and entries of an inner product: none is 0.
    pub(super) sizes: [usize; 3],
    pub(super) left: *const T,
    /// From one column of the left operand to the next.
    pub(super) left_stride: isize,
    pub(super) right: *const T,
    /// From one row of the right operand to the next, and from one column.
    pub(super) right_strides: (isize, isize),
    pub(super) out: *mut T,
    /// From one row of the result to the next, and from one column.
    pub(super) out_strides: (usize, usize),
    pub(super) add: bool,
    /// Sums that the terms of an entry are added up in by turns.
    pub(super) turns: usize,
}

/// Sums by turns for so many columns: several of few, so that none waits for the term before it.
pub(super) fn turns(columns: usize) -> usize {
    match columns {
        1 => 4,
        2 => 2,
        _ => 1,
    }
}

impl<T: Scalar> VectorKernel for ColumnSums<T> {
    /// # Safety
    /// As for a [`DirectProduct`](super::direct::DirectProduct).
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let columns = self.sizes[1];
        let mut column = 0;
        // SAFETY: the columns are some of the result's.
        unsafe {
            while columns - column > 4 {
                self.panel::<V, 4, 1>(column);
                column += 4;
            }
            match (columns - column, self.turns) {
                (1, 4) => self.panel::<V, 1, 4>(column),
                (1, 2) => self.panel::<V, 1, 2>(column),
                (1, 1) => self.panel::<V, 1, 1>(column),
                (2, 2) => self.panel::<V, 2, 2>(column),
                (2, 1) => self.panel::<V, 2, 1>(column),
                (3, 1) => self.panel::<V, 3, 1>(column),
                (4, 1) => self.panel::<V, 4, 1>(column),
                other => unreachable!("columns and sums: {other:?}"),
            }
        }
    }
}

impl<T: Scalar> ColumnSums<T> {
    /// All rows of `C` columns, each in `P` sums.
    ///
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the columns are some of the result's.
    #[inline(always)]
    unsafe fn panel<V: Vectors, const C: usize, const P: usize>(&self, column: usize) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let rows = self.sizes[0];
        let vectors = rows.div_ceil(lanes);
        // Tiles that are about equally high.
        let height = vectors.div_ceil(vectors.div_ceil(V::TILE.1)) * lanes;
        for row in (0..rows).step_by(height) {
            let there = height.min(rows - row);
            for first in (0..self.sizes[2]).step_by(BLOCK) {
                let terms = first..self.sizes[2].min(first + BLOCK);
                // SAFETY: the rows are some of the result's, in so many vectors, and the terms some of the inner product's.
                unsafe {
                    match there.div_ceil(lanes) {
                        1 => self.tile::<V, 1, C, P>((row, there), column, terms),
                        2 => self.tile::<V, 2, C, P>((row, there), column, terms),
                        3 if V::TILE.1 == 3 => self.tile::<V, 3, C, P>((row, there), column, terms),
                        higher => unreachable!("tiles of {higher} vectors"),
                    }
                }
            }
        }
    }

    /// Some terms of some rows of `C` columns, as many as `R` vectors hold, the last one perhaps in part.
    ///
    /// # Safety
    /// As for [`panel`](Self::panel), and the rows and terms are some of the product's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize, const P: usize>(
        &self,
        (row, rows): (usize, usize),
        column: usize,
        terms: Range<usize>,
    ) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let last = rows - (R - 1) * lanes;
        let (along, across) = self.right_strides;
        let depth = terms.len();
        // SAFETY: every row, column and depth is one of the product's; of the last vector, only as many lanes are read and written as there
        // are rows.
        unsafe {
            let zero = T::In::<V>::splat(T::ZERO);
            let mut sums = [[[zero; R]; C]; P];
            let mut left = self.left.add(row).wrapping_offset(terms.start as isize * self.left_stride);
            let mut right = self.right.wrapping_offset(column as isize * across + terms.start as isize * along);
            for _ in 0..depth / P {
                for p in 0..P {
                    self.term::<V, R, C>(left, right, last, &mut sums[p]);
                    left = left.wrapping_offset(self.left_stride);
                    right = right.wrapping_offset(along);
                }
            }
            for p in 0..P {
                if p < depth % P {
                    self.term::<V, R, C>(left, right, last, &mut sums[p]);
                    left = left.wrapping_offset(self.left_stride);
                    right = right.wrapping_offset(along);
                }
            }
            for c in 0..C {
                for r in 0..R {
                    for p in 1..P {
                        sums[0][c][r] = sums[0][c][r].add(sums[p][c][r]);
                    }
                }
            }
            self.store::<V, R, C>(&sums[0], (row, column), last, self.add || terms.start > 0);
        }
    }

    /// Adds a term, whose entries of both operands begin there, to sums.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile), and the entries are a column's of the left operand and a row's of the right one.
    #[inline(always)]
    unsafe fn term<V: Vectors, const R: usize, const C: usize>(
        &self,
        left: *const T,
        right: *const T,
        last: usize,
        sums: &mut [[T::In<V>; R]; C],
    ) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        // SAFETY: the entries are there.
        unsafe {
            let mut vectors = [T::In::<V>::splat(T::ZERO); R];
            for r in 0..R - 1 {
                vectors[r] = T::In::<V>::load(left.add(r * lanes));
            }
            let from = left.add((R - 1) * lanes);
            vectors[R - 1] = if last == lanes { T::In::<V>::load(from) } else { T::In::<V>::load_first(from, last) };
            for c in 0..C {
                let factor = T::In::<V>::splat(*right.offset(c as isize * self.right_strides.1));
                for r in 0..R {
                    sums[c][r] = factor.mul_add(vectors[r], sums[c][r]);
                }
            }
        }
    }

    /// Writes the sums of a tile, with so many rows in the last vectors, or adds them to what is there.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile).
    #[inline(always)]
    unsafe fn store<V: Vectors, const R: usize, const C: usize>(
        &self,
        sums: &[[T::In<V>; R]; C],
        (row, column): (usize, usize),
        last: usize,
        add: bool,
    ) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let (down, across) = self.out_strides;
        // SAFETY: the rows and columns are the result's.
        unsafe {
            for c in 0..C {
                for r in 0..R {
                    let count = if r + 1 < R { lanes } else { last };
                    let out = self.out.add((row + r * lanes) * down + (column + c) * across);
                    if down == 1 {
                        let sum = sums[c][r];
                        let sum = if add { T::In::<V>::load_first(out, count).add(sum) } else { sum };
                        sum.store_first(out, count);
                        continue;
                    }
                    // As many as the widest vector has lanes.
                    let mut numbers = [T::ZERO; 16];
                    sums[c][r].store(numbers.as_mut_ptr());
                    for lane in 0..count {
                        let (out, sum) = (out.add(lane * down), numbers[lane]);
                        *out = if add { (*out).add(sum) } else { sum };
                    }
                }
            }
        }
    }
}
