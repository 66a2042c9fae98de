//! Products with few rows or columns: which kernel has them, and how the few are brought into order for it.
#![allow(unsafe_code)]

use crate::buffer::Buffer;
use crate::exec::dispatch::Level;
use crate::exec::matmul::combine::{ColumnSums, turns};
use crate::exec::matmul::inner::InnerProducts;
use crate::exec::matmul::multiply::{CACHED, Matrix};
use crate::exec::vectors::Scalar;

/// Rows or columns up to which a product is thin, and up to which it pays to bring them into order.
const FEW: usize = 8;
const FEWER: usize = 4;

/// Terms for each column from which on adding up the lanes of inner products is not most of the work.
const LONG: usize = 3;

/// Bytes of a column that are read as fast from far away as from the cache: more of them at a time.
const NARROW: usize = 512;

/// Entries of the few columns that are brought into order where the stack has room.
const NEAR: usize = 256;

/// How a thin product is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thin {
    /// The transposed product is computed, whose columns are few.
    pub(super) transposed: bool,
    pub(super) kernel: ThinKernel,
}

/// By which kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ThinKernel {
    /// The left operand lies by rows.
    Inner,
    /// The left operand lies by columns; terms are added up in so many sums by turns.
    Columns { turns: usize },
}

impl Thin {
    /// The way of a product of these sizes, if it is thin. Parts of a product have the way of the whole, whose sizes these are.
    pub(super) fn of<T>([m, n, k]: [usize; 3], left: &Matrix<'_, T>, right: &Matrix<'_, T>) -> Option<Thin> {
        let kernel = |[m, n]: [usize; 2], left: &Matrix<'_, T>, right: &Matrix<'_, T>| {
            let lies = right.row == 1;
            let pays = n <= FEWER && m >= FEWER || n <= FEW && lies;
            if left.column == 1 && pays && (k >= LONG * n || n == 1 && k > 2) {
                Some(ThinKernel::Inner)
            } else if left.row == 1
                && n <= FEW
                && m >= 2 * n
                && k > 1
                && (m * size_of::<T>() <= NARROW || m * k * size_of::<T>() <= CACHED)
            {
                Some(ThinKernel::Columns { turns: turns(n) })
            } else {
                None
            }
        };
        let few_columns = || kernel([m, n], left, right).map(|kernel| Thin { transposed: false, kernel });
        let few_rows =
            || kernel([n, m], &right.transposed(), &left.transposed()).map(|kernel| Thin { transposed: true, kernel });
        if n <= m { few_columns().or_else(few_rows) } else { few_rows().or_else(few_columns) }
    }

    /// Multiplies.
    ///
    /// # Safety
    /// As for [`multiply`](super::multiply()), and the operands lie as the kernel says. The level has vectors.
    pub(super) unsafe fn multiply<T: Scalar>(
        self,
        level: Level,
        [m, n, k]: [usize; 3],
        [left, right]: [&Matrix<'_, T>; 2],
        (out, row, column): (*mut T, usize, usize),
        add: bool,
    ) {
        if self.transposed {
            let (left, right) = (right.transposed(), left.transposed());
            let thin = Thin { transposed: false, ..self };
            // SAFETY: the caller's promise, with rows and columns exchanged.
            return unsafe { thin.multiply(level, [n, m, k], [&left, &right], (out, column, row), add) };
        }
        let (left_first, right_first) = (left.first(m, k), right.first(k, n));
        match self.kernel {
            ThinKernel::Columns { turns } => {
                assert_eq!(left.row, 1, "an operand that lies otherwise");
                let product = ColumnSums {
                    sizes: [m, n, k],
                    left: left_first,
                    left_stride: left.column,
                    right: right_first,
                    right_strides: (right.row, right.column),
                    out,
                    out_strides: (row, column),
                    add,
                    turns,
                };
                // SAFETY: `first` has shown that all rows and columns of both operands lie within what they borrow, the left one's rows one
                // behind the other; the result is the caller's promise.
                unsafe { level.run_vectors(product) }
            }
            ThinKernel::Inner => {
                assert_eq!(left.column, 1, "an operand that lies otherwise");
                let product = InnerProducts {
                    sizes: [m, n, k],
                    left: left_first,
                    left_stride: left.row,
                    right: right_first,
                    right_stride: right.column,
                    out,
                    out_strides: (row, column),
                    add,
                };
                let run = |right: *const T, right_stride: isize| {
                    // SAFETY: as above; the right operand's columns lie one after the other, or have been written so.
                    unsafe { level.run_vectors(InnerProducts { right, right_stride, ..product }) }
                };
                if right.row == 1 {
                    run(right_first, right.column);
                } else if n * k <= NEAR {
                    let mut columns = [T::ZERO; NEAR];
                    by_columns(right, &mut columns[..n * k], k);
                    run(columns.as_ptr(), k as isize);
                } else {
                    let mut columns = Buffer::<T>::of(n * k);
                    by_columns(right, &mut columns, k);
                    run(columns.as_ptr(), k as isize);
                }
            }
        }
    }
}

/// Writes columns of a matrix one after the other.
fn by_columns<T: Scalar>(matrix: &Matrix<'_, T>, to: &mut [T], rows: usize) {
    for (number, column) in to.chunks_exact_mut(rows).enumerate() {
        for (row, entry) in column.iter_mut().enumerate() {
            *entry = matrix.at(row, number);
        }
    }
}
