//! Products of matrices with few rows or columns, whose operands both go on along the inner products.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors};

/// Lanes of the widest vector, so many inner products at most are added up side by side.
const WIDEST: usize = 16;

/// A product with few columns whose operands both go on along the inner products: sums of vectors, whose lanes are added up in the end, those of
/// many inner products at once. The terms alone give the order of additions, whatever rows and columns are multiplied at a time. It reads the left
/// operand once, and brings nothing into order.
pub(super) struct InnerProducts<T> {
    /// Rows, columns, and entries of an inner product: none is 0.
    pub(super) sizes: [usize; 3],
    pub(super) left: *const T,
    /// From one row of the left operand to the next.
    pub(super) left_stride: isize,
    pub(super) right: *const T,
    /// From one column of the right operand to the next.
    pub(super) right_stride: isize,
    pub(super) out: *mut T,
    /// From one row of the result to the next, and from one column.
    pub(super) out_strides: (usize, usize),
    pub(super) add: bool,
}

impl<T: Scalar> VectorKernel for InnerProducts<T> {
    /// # Safety
    /// As for a [`DirectProduct`](super::direct::DirectProduct).
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let columns = self.sizes[1];
        let mut column = 0;
        // SAFETY: the columns are some of the result's.
        unsafe {
            while columns - column > 4 {
                self.panel::<V, 4>(column);
                column += 4;
            }
            match columns - column {
                1 => self.panel::<V, 1>(column),
                2 => self.panel::<V, 2>(column),
                3 => self.panel::<V, 3>(column),
                _ => self.panel::<V, 4>(column),
            }
        }
    }
}

impl<T: Scalar> InnerProducts<T> {
    /// All rows of some columns: tiles of as many inner products as a vector has lanes, or fewer.
    ///
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the columns are some of the result's.
    #[inline(always)]
    unsafe fn panel<V: Vectors, const C: usize>(&self, column: usize) {
        let rows = self.sizes[0];
        let most = (<T::In<V> as Vector<T>>::LANES / C).max(1);
        let mut row = 0;
        while row < rows {
            let there = most.min(rows - row);
            // SAFETY: the rows are some of the result's; the tile has as many, or repeats the last one.
            unsafe {
                match (most, there) {
                    (16, 9..) => self.tile::<V, 16, C>(row, column, there),
                    (8.., 6..) => self.tile::<V, 8, C>(row, column, there),
                    (5, 5) => self.tile::<V, 5, C>(row, column, there),
                    (5.., 5) => self.tile::<V, 8, C>(row, column, there),
                    (4.., 3..) => self.tile::<V, 4, C>(row, column, there),
                    (2.., 2..) => self.tile::<V, 2, C>(row, column, there),
                    _ => self.tile::<V, 1, C>(row, column, 1),
                }
            }
            row += there;
        }
    }

    /// `R` rows of `C` columns, of which the first rows are there: others repeat the last one of these, and are not written.
    ///
    /// # Safety
    /// As for [`panel`](Self::panel), and at least one row is there, which is one of the result's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize>(&self, row: usize, column: usize, there: usize) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        if R * C > lanes {
            unreachable!("a tile of more inner products than a vector has lanes");
        }
        let depth = self.sizes[2];
        let (whole, rest) = (depth / lanes * lanes, depth % lanes);
        let there = there.min(R);
        // SAFETY: every row, column and depth is one of the product's.
        unsafe {
            let mut sums = [[T::In::<V>::splat(T::ZERO); C]; R];
            let first = self.left.offset(row as isize * self.left_stride);
            let right = self.right.offset(column as isize * self.right_stride);
            let mut left = [first; R];
            for r in 0..R {
                left[r] = first.offset(r.min(there - 1) as isize * self.left_stride);
            }
            for at in (0..whole).step_by(lanes) {
                let mut columns = [T::In::<V>::splat(T::ZERO); C];
                for c in 0..C {
                    columns[c] = T::In::<V>::load(right.offset(c as isize * self.right_stride).add(at));
                }
                for r in 0..R {
                    let row = T::In::<V>::load(left[r].add(at));
                    for c in 0..C {
                        sums[r][c] = row.mul_add(columns[c], sums[r][c]);
                    }
                }
            }
            if rest > 0 {
                let mut columns = [T::In::<V>::splat(T::ZERO); C];
                for c in 0..C {
                    columns[c] = T::In::<V>::load_first(right.offset(c as isize * self.right_stride).add(whole), rest);
                }
                for r in 0..R {
                    let row = T::In::<V>::load_first(left[r].add(whole), rest);
                    for c in 0..C {
                        sums[r][c] = row.mul_add(columns[c], sums[r][c]);
                    }
                }
            }
            self.store::<V, R, C>(&sums, row, column, there);
        }
    }

    /// Adds up the lanes of a tile's sums and writes them.
    ///
    /// # Safety
    /// As for [`tile`](Self::tile).
    #[inline(always)]
    unsafe fn store<V: Vectors, const R: usize, const C: usize>(
        &self,
        sums: &[[T::In<V>; C]; R],
        row: usize,
        column: usize,
        there: usize,
    ) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let (down, across) = self.out_strides;
        // SAFETY: the rows that are there, and the columns, are the result's.
        unsafe {
            let out = self.out.add(row * down + column * across);
            let mut all = [T::In::<V>::splat(T::ZERO); WIDEST];
            for r in 0..R {
                for c in 0..C {
                    all[r * C + c] = sums[r][c];
                }
            }
            // Each turn adds the halves of the vectors, which two by two become one: after as many as halve them all, each lane is a sum.
            if lanes >= 16 {
                halve::<T, V, 8>(&mut all);
            }
            if lanes >= 8 {
                halve::<T, V, 4>(&mut all);
            }
            if lanes >= 4 {
                halve::<T, V, 2>(&mut all);
            }
            halve::<T, V, 1>(&mut all);
            let count = there * C;
            if (C == 1 || across == 1) && (down == C || there == 1) {
                let sums = if self.add { T::In::<V>::load_first(out, count).add(all[0]) } else { all[0] };
                sums.store_first(out, count);
                return;
            }
            let mut numbers = [T::ZERO; WIDEST];
            all[0].store(numbers.as_mut_ptr());
            for r in 0..there {
                for c in 0..C {
                    let (out, sum) = (out.add(r * down + c * across), numbers[r * C + c]);
                    *out = if self.add { (*out).add(sum) } else { sum };
                }
            }
        }
    }
}

/// Of each of the first `HALF` vectors and of that many behind them, the halves added up, by turns.
///
/// # Safety
/// The processor has the instruction set.
#[inline(always)]
unsafe fn halve<T: Scalar, V: Vectors, const HALF: usize>(all: &mut [T::In<V>; WIDEST]) {
    for at in 0..HALF {
        // SAFETY: the caller's promise.
        unsafe {
            let [first, second] = all[at].interleave(all[at + HALF]);
            all[at] = first.add(second);
        }
    }
}
