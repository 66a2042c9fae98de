//! Matrix products whose operands are read where they lie: tiles of the result stay in registers, rows of the right operand are read as
//! vectors, entries of the left one are broadcast. Bringing both operands into order first, as kernels for large matrices do, costs more
//! than it saves where a matrix is small or one of its sides is.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors};

/// Bytes of the right operand that a tile's rows go through before the next rows: half of the innermost cache.
const NEAR: usize = 16 << 10;

/// A product `left · right`, which replaces what lies at `out` or is added to it. Rows of the right operand and of the result are contiguous.
pub(super) struct DirectProduct<T> {
    /// Rows, columns, and entries of an inner product: none is 0.
    pub(super) sizes: [usize; 3],
    pub(super) left: *const T,
    /// From one row of the left operand to the next, and from one column.
    pub(super) left_strides: (isize, isize),
    pub(super) right: *const T,
    /// From one row of the right operand to the next.
    pub(super) right_stride: isize,
    pub(super) out: *mut T,
    /// From one row of the result to the next.
    pub(super) out_stride: usize,
    pub(super) add: bool,
}

impl<T: Scalar> VectorKernel for DirectProduct<T> {
    /// # Safety
    /// Besides the instruction set: all entries of the operands may be read and those of the result written, by nobody else meanwhile.
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let vectors = self.sizes[1].div_ceil(lanes);
        // Tiles that are about equally wide.
        let width = vectors.div_ceil(vectors.div_ceil(V::TILE.1));
        let mut column = 0;
        while column < self.sizes[1] {
            let columns = (width * lanes).min(self.sizes[1] - column);
            // SAFETY: the columns are some of the result's, in so many vectors.
            unsafe {
                match columns.div_ceil(lanes) {
                    1 => self.panel::<V, 1>(column, columns),
                    2 => self.panel::<V, 2>(column, columns),
                    3 if V::TILE.1 == 3 => self.panel::<V, 3>(column, columns),
                    wider => unreachable!("tiles of {wider} vectors"),
                }
            }
            column += columns;
        }
    }
}

impl<T: Scalar> DirectProduct<T> {
    /// Some columns of the result, as many as `C` vectors hold, the last one perhaps in part.
    ///
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the columns are some of the result's.
    #[inline(always)]
    unsafe fn panel<V: Vectors, const C: usize>(&self, column: usize, columns: usize) {
        let [rows, _, depth] = self.sizes;
        let depths = NEAR / (C * <T::In<V> as Vector<T>>::LANES * size_of::<T>());
        for first in (0..depth).step_by(depths) {
            let there = first..(first + depths).min(depth);
            let mut row = 0;
            // SAFETY: the rows are some of the result's, and the depths some of the inner product's.
            unsafe {
                while rows - row >= V::TILE.0 {
                    match V::TILE.0 {
                        8 => self.tile::<V, 8, C>(row, column, columns, there.start, there.end),
                        _ => self.tile::<V, 6, C>(row, column, columns, there.start, there.end),
                    }
                    row += V::TILE.0;
                }
                while rows - row >= 4 {
                    self.tile::<V, 4, C>(row, column, columns, there.start, there.end);
                    row += 4;
                }
                match rows - row {
                    1 => self.tile::<V, 1, C>(row, column, columns, there.start, there.end),
                    2 => self.tile::<V, 2, C>(row, column, columns, there.start, there.end),
                    3 => self.tile::<V, 3, C>(row, column, columns, there.start, there.end),
                    _ => {}
                }
            }
        }
    }

    /// Adds the products of some depths to a tile of the result; where they are the first, they replace it unless all are added.
    ///
    /// # Safety
    /// As for [`panel`](Self::panel), and the `R` rows and the depths are some of the product's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize>(
        &self,
        row: usize,
        column: usize,
        columns: usize,
        first: usize,
        end: usize,
    ) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let last = columns - (C - 1) * lanes;
        let whole = last == lanes;
        let (down, along) = self.left_strides;
        // SAFETY: every row, column and depth is one of the product's, whose entries may be read and written; of the last vector, only as
        // many lanes are read and written as there are columns.
        unsafe {
            let out = self.out.add(row * self.out_stride + column);
            let mut sums = [[T::In::<V>::splat(T::ZERO); C]; R];
            if self.add || first > 0 {
                for r in 0..R {
                    let out = out.add(r * self.out_stride);
                    for c in 0..C - 1 {
                        sums[r][c] = T::In::<V>::load(out.add(c * lanes));
                    }
                    sums[r][C - 1] = T::In::<V>::load_first(out.add((C - 1) * lanes), last);
                }
            }
            let mut left = self.left.offset(row as isize * down + first as isize * along);
            let mut right = self.right.offset(first as isize * self.right_stride).add(column);
            for _ in first..end {
                let mut vectors = [T::In::<V>::splat(T::ZERO); C];
                for c in 0..C - 1 {
                    vectors[c] = T::In::<V>::load(right.add(c * lanes));
                }
                let from = right.add((C - 1) * lanes);
                vectors[C - 1] = if whole { T::In::<V>::load(from) } else { T::In::<V>::load_first(from, last) };
                for r in 0..R {
                    let factor = T::In::<V>::splat(*left.offset(r as isize * down));
                    for c in 0..C {
                        sums[r][c] = factor.mul_add(vectors[c], sums[r][c]);
                    }
                }
                left = left.wrapping_offset(along);
                right = right.wrapping_offset(self.right_stride);
            }
            for r in 0..R {
                let out = out.add(r * self.out_stride);
                for c in 0..C - 1 {
                    sums[r][c].store(out.add(c * lanes));
                }
                sums[r][C - 1].store_first(out.add((C - 1) * lanes), last);
            }
        }
    }
}
