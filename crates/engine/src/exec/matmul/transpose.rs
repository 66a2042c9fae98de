//! Transposed copies, block by block in registers.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use crate::exec::vectors::{Scalar, Vector, VectorKernel, Vectors, load, store};

/// A matrix transposed: entry `[r, c]` becomes, or is added to, `[c, r]`.
pub(in crate::exec) struct Transposition<T> {
    /// Rows and columns of what is read.
    pub(in crate::exec) rows: usize,
    pub(in crate::exec) columns: usize,
    pub(in crate::exec) from: *const T,
    /// From one row to the next; columns are contiguous.
    pub(in crate::exec) stride: isize,
    pub(in crate::exec) to: *mut T,
    /// From one row of what is written to the next; its columns are contiguous.
    pub(in crate::exec) out_stride: usize,
    pub(in crate::exec) add: bool,
}

impl<T: Scalar> VectorKernel for Transposition<T> {
    /// # Safety
    /// Besides the instruction set: all entries may be read, and written where they go to, by nobody else meanwhile.
    #[inline(always)]
    unsafe fn run<V: Vectors>(self) {
        let lanes = <T::In<V> as Vector<T>>::LANES;
        for row in (0..self.rows).step_by(lanes) {
            for column in (0..self.columns).step_by(lanes) {
                let (rows, columns) = (lanes.min(self.rows - row), lanes.min(self.columns - column));
                // SAFETY: the rows and columns of the block are some of the matrix's; no others are read or written.
                unsafe {
                    let from = self.from.offset(row as isize * self.stride).add(column);
                    let to = self.to.add(column * self.out_stride + row);
                    // As many as the widest vector has lanes; those beyond this one's are never used.
                    let mut block = [T::In::<V>::splat(T::ZERO); 16];
                    for r in 0..lanes {
                        if r < rows {
                            block[r] = load(from.offset(r as isize * self.stride), columns);
                        }
                    }
                    // Each turn interleaves the first half of the rows with the second: after as many as halve them all, rows are columns.
                    let mut turns = lanes;
                    while turns > 1 {
                        let before = block;
                        for r in 0..lanes / 2 {
                            let [first, second] = before[r].interleave(before[r + lanes / 2]);
                            (block[2 * r], block[2 * r + 1]) = (first, second);
                        }
                        turns /= 2;
                    }
                    for c in 0..lanes {
                        if c < columns {
                            let to = to.add(c * self.out_stride);
                            if self.add {
                                block[c] = block[c].mul_add(T::In::<V>::splat(T::ONE), load(to, rows));
                            }
                            store(block[c], to, rows);
                        }
                    }
                }
            }
        }
    }
}
