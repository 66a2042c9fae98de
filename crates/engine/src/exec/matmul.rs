//! The matrix product, of batches and by several threads; transposed and otherwise strided operands are read where they lie.
#![allow(unsafe_code)]

mod combine;
mod direct;
mod inner;
mod multiply;
mod order;
mod thin;
mod transpose;
mod windows;

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::OnceLock;

pub(super) use multiply::{Matrix, multiply, transposed};
pub(super) use order::Order;
use smallvec::SmallVec;
pub(super) use transpose::Transposition;
pub(super) use windows::{Lying, Offsets, Run, WindowProduct, WindowWorkspace, multiply_windows, offsets};

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::dispatch::Level;
use crate::exec::threads::share_out;
use crate::exec::trim::{is_finite, multiply_trimmed, read_columns};
use crate::exec::vectors::Scalar;
use crate::exec::view::{Strides, View, walk};
use crate::plan::{JOINED, repeated};
use crate::shape::Shape;
use crate::storage::Storage;

/// Multiplications below which a second thread costs more than it saves.
const PARALLEL_FROM: usize = 1 << 20;

/// Columns of a result are divided among threads in multiples of this, and rows in multiples of `ROWS`: whole registers of the crate's
/// kernels.
const COLUMNS: usize = 64;
const ROWS: usize = 96;

/// The most blocks that one product is divided into, and the multiplications that make a block worth a thread.
const BLOCKS: usize = 16;
const BLOCK: usize = 1 << 18;

/// How a product is divided among threads: the rows and columns of a block. The sizes alone decide, never the number of threads, so that
/// the bits are the same for all. Blocks of columns cost nothing: either operand is packed once. Blocks of rows pack the right operand
/// again each time, so rows are divided only where there are too few columns.
fn block_of(m: usize, n: usize, k: usize) -> (usize, usize) {
    if (m * n).saturating_mul(k) < PARALLEL_FROM {
        return (m, n);
    }
    let length = |size: usize, other: usize, unit: usize| {
        size.div_ceil(BLOCKS).max(BLOCK.div_ceil(other * k)).next_multiple_of(unit).min(size)
    };
    if n >= 2 * COLUMNS { (m, length(n, m, COLUMNS)) } else { (length(m, n, ROWS), n) }
}

/// Rows of a block of which only some columns are read.
pub(super) const MASKED_ROWS: usize = 64;

/// Whether a product is worth being divided, and being looked through for what it need not compute.
pub(super) fn is_large(m: usize, n: usize, k: usize) -> bool {
    m.saturating_mul(n).saturating_mul(k) >= PARALLEL_FROM
}

/// The product of two matrices, or of batches of them. Only entries are read where each of some masks, which repeat over the product, has the
/// truth value beside it: the others may hold anything.
pub(super) fn matmul(a: &View, b: &View, shape: &Shape, read: &[(View, bool)]) -> Storage {
    match a.dtype() {
        DType::F32 => Storage::F32(product::<f32>(a, b, shape, read)),
        DType::F64 => Storage::F64(product::<f64>(a, b, shape, read)),
        DType::I64 | DType::Bool => unreachable!("the graph multiplies matrices of floating-point numbers only"),
    }
}

fn product<T: Scalar>(a: &View, b: &View, shape: &Shape, read: &[(View, bool)]) -> Buffer<T> {
    let rank = shape.rank();
    let (mut m, n, k) = (shape[rank - 2], shape[rank - 1], a.shape[a.shape.rank() - 1]);
    if shape.elements() == 0 || k == 0 {
        return Buffer::filled(shape.elements(), T::ZERO);
    }
    let mut out = Buffer::of(shape.elements());
    let (left, right) = (a.storage.typed::<T>(), b.storage.typed::<T>());
    let batch = Shape::from(&shape[..rank - 2]);
    // The strides of the leading axes; those of the matrices stay with the views.
    let leading = |view: &View| {
        let sizes = Shape::from(&view.shape[..view.shape.rank() - 2]);
        let matrices = View { shape: sizes, strides: view.strides[..view.shape.rank() - 2].into(), ..view.clone() };
        matrices.strides_in(&batch)
    };
    let last = |view: &View| {
        let rank = view.shape.rank();
        (view.strides[rank - 2], view.strides[rank - 1])
    };
    let ((a_row, a_column), (b_row, b_column)) = (last(a), last(b));
    let mut starts: SmallVec<[(isize, isize); 4]> = SmallVec::new();
    walk(&batch, [(&leading(a), a.offset), (&leading(b), b.offset)], |length, [i, j], [s, t]| {
        starts.extend((0..length as isize).map(|index| (i + index * s, j + index * t)));
    });
    let large = is_large(m, n, k);
    // What is read, if a good part of it may not be. A few columns that are left over would be added up in another order than with those
    // before them.
    let even = n.is_multiple_of(COLUMNS) || n % COLUMNS > 8;
    let read = read.iter().filter(|_| large && even && m >= 2 * MASKED_ROWS && n >= 2 * MASKED_ROWS);
    let masks: SmallVec<[(Operand<'_, bool>, bool); 1]> = read
        .map(|(mask, seen)| {
            let lies = (&mask.shape, &mask.strides, mask.offset);
            (Operand::of(mask.storage.typed::<bool>(), lies, shape), *seen)
        })
        .collect();
    let masked = !masks.is_empty();
    let whole = [m * stacked(starts.iter().map(|start| start.1)), n, k];
    // Matrices that lie one below the other, times the same one: a single product, which brings that one into order once.
    let below =
        |(at, &(i, j)): (usize, &(isize, isize))| (i, j) == (starts[0].0 + (at * m) as isize * a_row, starts[0].1);
    if starts.len() > 1 && !masked && starts.iter().enumerate().all(below) {
        m *= starts.len();
        starts.truncate(1);
    }
    let work = out.len().saturating_mul(k);
    let level = Level::current();
    let terms = starts.len() * m * k;
    let ordered = masked || terms.max(out.len()) * size_of::<T>() >= JOINED;
    let order = if ordered { Order::Chain { whole } } else { Order::Free };
    let large = large && ordered;
    let results = Results::of(&mut out);
    let (rows, columns) = if masked { (MASKED_ROWS, n) } else { block_of(m, n, k) };
    let across = n.div_ceil(columns);
    // Of masked rows, what is left over belongs to the last block.
    let down = if masked { m / rows } else { m.div_ceil(rows) };
    let blocks = down * across;
    let finite: SmallVec<[OnceLock<bool>; 4]> = starts.iter().map(|_| OnceLock::new()).collect();
    let multiply_block = |number: usize| {
        let (item, block) = (number / blocks, number % blocks);
        let (i, j) = starts[item];
        let (row, mut column) = (block / across * rows, block % across * columns);
        let mut sizes = [if block / across + 1 == down { m - row } else { rows }, columns.min(n - column), k];
        if masked {
            let here = masks.iter().map(|(mask, seen)| (mask.matrix(item, row, 0), *seen));
            let read = read_columns(here, sizes[0], n);
            if read.is_empty() {
                return;
            }
            (column, sizes[1]) = (read.start, read.len());
        }
        let left = Matrix { values: left, start: i + row as isize * a_row, row: a_row, column: a_column };
        let right = Matrix { values: right, start: j + column as isize * b_column, row: b_row, column: b_column };
        let out = results.at(item * m * n + row * n + column, (sizes[0], n), (sizes[1], 1));
        // SAFETY: the block lies within the result, as `at` has checked. Each is multiplied once, and no two have an entry in common: the
        // result has a row-major m × n matrix for each of the starts. T is f32 or f64: `matmul` has no others.
        unsafe {
            if large {
                let all = Matrix { start: j, ..right };
                let finite = || *finite[item].get_or_init(|| is_finite(&all, k, n));
                multiply_trimmed(level, whole, sizes, &left, (&right, &finite), out, (n, 1));
            } else {
                multiply((level, order), sizes, &left, &right, out, (n, 1), false);
            }
        }
    };
    let units = starts.len() * blocks;
    if units > 1 && work >= PARALLEL_FROM {
        share_out(units, |next| {
            while let Some(unit) = next() {
                multiply_block(unit);
            }
        });
    } else {
        (0..units).for_each(multiply_block);
    }
    out
}

/// How many matrices of the batch are like one, with their rows below each other: all where the right operand, which begins at these places, is
/// the same one for all.
pub(super) fn stacked(mut starts: impl ExactSizeIterator<Item = isize>) -> usize {
    let count = starts.len();
    let first = starts.next();
    if starts.all(|start| Some(start) == first) { count } else { 1 }
}

/// The matrices of an operand, as many as the product has.
pub(super) struct Operand<'a, T> {
    values: &'a [T],
    /// Where each of the batch begins.
    pub(super) starts: SmallVec<[isize; 4]>,
    row: isize,
    column: isize,
}

impl<'a, T> Operand<'a, T> {
    /// Those that lie so, with shape, strides and offset, and are repeated over the batch of a product of some shape; masks within it, too.
    pub(super) fn of(
        values: &'a [T],
        (own, strides, offset): (&Shape, &Strides, isize),
        shape: &Shape,
    ) -> Operand<'a, T> {
        let strides = repeated(own, strides, shape);
        let batch = shape.rank() - 2;
        let mut starts = SmallVec::new();
        walk(&Shape::from(&shape[..batch]), [(&strides[..batch].into(), offset)], |length, [start], [stride]| {
            starts.extend((0..length as isize).map(|index| start + index * stride));
        });
        Operand { values, starts, row: strides[batch], column: strides[batch + 1] }
    }

    /// A matrix of the batch, from a row and a column on.
    pub(super) fn matrix(&self, item: usize, row: usize, column: usize) -> Matrix<'a, T> {
        let start = self.starts[item] + row as isize * self.row + column as isize * self.column;
        Matrix { values: self.values, start, row: self.row, column: self.column }
    }
}

/// The matrices of a result, which several threads write to, each to its own. It is borrowed until they have done so.
pub(super) struct Results<'a, T> {
    first: *mut T,
    length: usize,
    buffer: PhantomData<&'a mut [T]>,
}

// SAFETY: all that can be had is a pointer; who writes to it says that no two threads have the same entry.
unsafe impl<T: Send> Sync for Results<'_, T> {}

impl<'a, T> Results<'a, T> {
    /// All of a buffer.
    pub(super) fn of(buffer: &'a mut [T]) -> Results<'a, T> {
        Results { first: buffer.as_mut_ptr(), length: buffer.len(), buffer: PhantomData }
    }

    /// A pointer to an entry of the result, from which on so many rows and columns are reached with the given strides.
    ///
    /// # Panics
    /// Unless the last of them is an entry of the result.
    pub(super) fn at(&self, start: usize, rows: (usize, usize), columns: (usize, usize)) -> *mut T {
        let reach = |(count, stride): (usize, usize)| count.saturating_sub(1) * stride;
        assert!(start + reach(rows) + reach(columns) < self.length, "a matrix reaches beyond its result");
        self.first.wrapping_add(start)
    }

    /// Some entries of the result, one after the other.
    ///
    /// # Safety
    /// Nobody else may use them while the slice lives.
    #[allow(clippy::mut_from_ref)]
    pub(super) unsafe fn slice(&self, range: Range<usize>) -> &mut [T] {
        assert!(range.start <= range.end && range.end <= self.length, "a slice reaches beyond its result");
        // SAFETY: the entries lie within the buffer, which is borrowed as long as `self` lives; that nobody else uses them is the caller's
        // promise.
        unsafe { std::slice::from_raw_parts_mut(self.first.wrapping_add(range.start), range.len()) }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Arc;

    use super::*;

    /// A view that claims more rows than its buffer holds must be refused before the pointer is used.
    #[test]
    #[should_panic(expected = "beyond its buffer")]
    fn a_matrix_beyond_its_buffer_is_refused() {
        let buffer = Arc::new(Storage::F32(Buffer::filled(6, 1.0)));
        let mut view = View::contiguous(buffer, Shape::from([2, 3]));
        view.shape = Shape::from([3, 3]);
        let square = View::contiguous(Arc::new(Storage::F32(Buffer::filled(9, 1.0))), Shape::from([3, 3]));
        matmul(&view, &square, &Shape::from([3, 3]), &[]);
    }

    /// A block that is too long, or begins too late, must be refused before the pointer is used.
    #[test]
    fn a_block_beyond_the_result_is_refused() {
        let mut values = [0.0; 12];
        let results = Results::of(&mut values);
        assert_eq!(results.at(5, (2, 4), (3, 1)), results.first.wrapping_add(5));
        // SAFETY: there is nobody else.
        assert_eq!(unsafe { results.slice(9..12) }, [0.0; 3]);
        let refused = |beyond: &dyn Fn() -> bool| catch_unwind(AssertUnwindSafe(beyond)).is_err();
        assert!(refused(&|| results.at(6, (2, 4), (3, 1)).is_null()));
        assert!(refused(&|| results.at(12, (1, 4), (1, 1)).is_null()));
        // SAFETY: as above.
        assert!(refused(&|| unsafe { results.slice(9..13) }.is_empty()));
    }

    /// Only products with one matrix are like a single product.
    #[test]
    fn products_with_the_same_matrix_are_one_below_the_other() {
        let of = |starts: &[isize]| stacked(starts.iter().copied());
        assert_eq!([of(&[4]), of(&[4, 4, 4]), of(&[4, 4, 6]), of(&[4, 6])], [1, 3, 1, 1]);
    }

    /// Reading backwards (a flipped operand) must stay within the buffer, and find the right entries.
    #[test]
    fn negative_strides_read_the_right_entries() {
        let mut view = View::contiguous(Arc::new(Storage::F64(vec![1.0, 2.0, 3.0, 4.0].into())), Shape::from([2, 2]));
        (view.strides, view.offset) = ([-2, -1].as_slice().into(), 3);
        let identity = View::contiguous(Arc::new(Storage::F64(vec![1.0, 0.0, 0.0, 1.0].into())), Shape::from([2, 2]));
        let Storage::F64(product) = matmul(&view, &identity, &Shape::from([2, 2]), &[]) else {
            panic!("f64 in, f64 out")
        };
        assert_eq!(*product, [4.0, 3.0, 2.0, 1.0]);
    }
}
