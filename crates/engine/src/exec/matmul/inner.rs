//! Products of matrices with few rows or columns, whose operands both go on along the inner products.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors, load};

/// A product with few rows or columns whose operands both go on along the inner products: sums of vectors, whose lanes are added up in the end. It
/// reads the right operand once, and brings nothing into order.
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
    /// As for a [`DirectProduct`].
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let [rows, columns, _] = self.sizes;
        let mut row = 0;
        // SAFETY: rows and columns are some of the result's.
        unsafe {
            while row < rows {
                let mut column = 0;
                let two = rows - row >= 2;
                while columns - column >= 4 {
                    if two {
                        self.tile::<V, 2, 4>(row, column)
                    } else {
                        self.tile::<V, 1, 4>(row, column)
                    }
                    column += 4;
                }
                while column < columns {
                    if two {
                        self.tile::<V, 2, 1>(row, column)
                    } else {
                        self.tile::<V, 1, 1>(row, column)
                    }
                    column += 1;
                }
                row += if two { 2 } else { 1 };
            }
        }
    }
}

impl<T: Scalar> InnerProducts<T> {
    /// # Safety
    /// As for [`run`](VectorKernel::run), and the tile's rows and columns are some of the result's.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize>(&self, row: usize, column: usize) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        let depth = self.sizes[2];
        // SAFETY: every row, column and depth is one of the product's.
        unsafe {
            let mut sums = [[T::In::<V>::splat(T::ZERO); C]; R];
            let left = self.left.offset(row as isize * self.left_stride);
            let right = self.right.offset(column as isize * self.right_stride);
            let mut at = 0;
            while at < depth {
                let there = lanes.min(depth - at);
                let mut rows = [T::In::<V>::splat(T::ZERO); R];
                for r in 0..R {
                    rows[r] = load::<T, V>(left.offset(r as isize * self.left_stride).add(at), there);
                }
                for c in 0..C {
                    let column = load::<T, V>(right.offset(c as isize * self.right_stride).add(at), there);
                    for r in 0..R {
                        sums[r][c] = rows[r].mul_add(column, sums[r][c]);
                    }
                }
                at += there;
            }
            for r in 0..R {
                for c in 0..C {
                    let out = self.out.add((row + r) * self.out_strides.0 + (column + c) * self.out_strides.1);
                    let sum = sums[r][c].sum();
                    *out = if self.add { (*out).add(sum) } else { sum };
                }
            }
        }
    }
}
