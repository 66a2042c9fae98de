//! One product on one thread: by kernels of our own where operands are small or thin, or by the crate `gemm`, which brings large operands
//! into an order of its own first.
#![allow(unsafe_code)]

use gemm::Parallelism;

use crate::buffer::Buffer;
use crate::exec::dispatch::Level;
use crate::exec::matmul::Transposition;
use crate::exec::matmul::direct::DirectProduct;
use crate::exec::matmul::order::{IN_A_ROW, Order};
use crate::exec::matmul::thin::Thin;
use crate::exec::vectors::Scalar;

/// Bytes of a right operand that the second cache holds, with room for the others: it is read again for each few rows of the left one.
pub(super) const CACHED: usize = 1 << 20;

/// Rows up to which it pays to transpose a larger one, which is then read so often.
const FEW_ROWS: usize = 256;

/// Rows from which on it pays to transpose the left operand where there are many more columns.
const SOME_ROWS: usize = 8;

/// A matrix that lies evenly: entry `[r, c]` is at `start + r·row + c·column`.
pub(in crate::exec) struct Matrix<'a, T> {
    pub(in crate::exec) values: &'a [T],
    pub(in crate::exec) start: isize,
    pub(in crate::exec) row: isize,
    pub(in crate::exec) column: isize,
}

impl<'a, T> Matrix<'a, T> {
    /// The same entries with rows and columns exchanged.
    pub(super) fn transposed(&self) -> Matrix<'a, T> {
        Matrix { values: self.values, start: self.start, row: self.column, column: self.row }
    }

    /// An entry.
    pub(in crate::exec) fn at(&self, row: usize, column: usize) -> T
    where
        T: Copy,
    {
        self.values[(self.start + row as isize * self.row + column as isize * self.column) as usize]
    }

    /// A pointer to the first entry.
    ///
    /// # Panics
    /// Unless so many rows and columns lie within the values.
    pub(in crate::exec) fn first(&self, rows: usize, columns: usize) -> *const T {
        let far = [(rows as isize - 1) * self.row, (columns as isize - 1) * self.column];
        let low = self.start + far.iter().map(|far| far.min(&0)).sum::<isize>();
        let high = self.start + far.iter().map(|far| far.max(&0)).sum::<isize>();
        assert!(low >= 0 && high < self.values.len() as isize, "a matrix reaches beyond its buffer");
        // One into all of the values, since a negative stride leads before the first entry.
        self.values.as_ptr().wrapping_offset(self.start)
    }
}

/// Writes the entries of a matrix that lies by columns row by row.
///
/// # Panics
/// Unless the columns are contiguous, the entries all there, and `to` has one for each.
pub(in crate::exec) fn transposed<T: Scalar>(
    level: Level,
    matrix: &Matrix<'_, T>,
    [rows, columns]: [usize; 2],
    to: &mut [T],
) {
    assert!(matrix.row == 1 && to.len() == rows * columns, "a matrix that lies otherwise");
    let (from, stride, out) = (matrix.first(rows, columns), matrix.column, to.as_mut_ptr());
    // SAFETY: `first` has shown that all entries are within what the matrix borrows, and `to` has one for each.
    unsafe {
        level.run_vectors(Transposition {
            rows: columns,
            columns: rows,
            from,
            stride,
            to: out,
            out_stride: columns,
            add: false,
        })
    };
}

/// How a product is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// By the kernels for few rows or columns.
    Thin(Thin),
    /// Rows of the right operand as they lie.
    Direct,
    /// The same after the right operand has been transposed.
    TransposeRight,
    /// The transposed product, directly, after the left operand has been transposed; then the result is.
    TransposeLeft,
    /// By the crate.
    Packed,
}

/// The way that is fastest, as measured. Sizes and strides alone decide, so that the bits are the same for any number of threads.
fn way<T>(order: Order, [m, n, k]: [usize; 3], left: &Matrix<'_, T>, right: &Matrix<'_, T>, column: usize) -> Way {
    let is_cached = k * n * size_of::<T>() <= CACHED;
    let whole = order.whole([m, n, k]);
    if let Some(thin) = Thin::of(whole, left, right) {
        Way::Thin(thin)
    } else if order != Order::Free && whole[2] > IN_A_ROW
        || column != 1
        || n == 1
        || m == 1 && k * n * size_of::<T>() > CACHED >> 4
    {
        Way::Packed
    } else if right.column == 1 {
        if is_cached { Way::Direct } else { Way::Packed }
    } else if right.row != 1 {
        Way::Packed
    } else if left.column == 1 && m >= SOME_ROWS && 4 * m <= n && k * m * size_of::<T>() <= CACHED {
        Way::TransposeLeft
    } else if is_cached || m <= FEW_ROWS {
        Way::TransposeRight
    } else {
        Way::Packed
    }
}

/// Multiplies an `m × k` matrix with a `k × n` one, on this thread; no size is 0. The result's rows and columns have the given strides; it
/// replaces what is there, or is added to it.
///
/// # Safety
/// `out` must point to as many entries as rows and columns reach, and nobody else may use them meanwhile. `T` must be f32 or f64.
pub(in crate::exec) unsafe fn multiply<T: Scalar>(
    (level, order): (Level, Order),
    [m, n, k]: [usize; 3],
    left: &Matrix<'_, T>,
    right: &Matrix<'_, T>,
    out: *mut T,
    (row, column): (usize, usize),
    add: bool,
) {
    let way = if level.has_vectors() { way(order, [m, n, k], left, right, column) } else { Way::Packed };
    if let Way::Thin(thin) = way {
        // SAFETY: the caller's promise.
        return unsafe { thin.multiply(level, [m, n, k], [left, right], (out, row, column), add) };
    }
    if column != 1 && row == 1 {
        // The transposed product has contiguous rows.
        let order = order.transposed();
        let (left, right) = (right.transposed(), left.transposed());
        // SAFETY: the caller's promise, with rows and columns exchanged.
        return unsafe { multiply((level, order), [n, m, k], &left, &right, out, (column, row), add) };
    }
    let (left_first, right_first) = (left.first(m, k), right.first(k, n));
    let product = DirectProduct {
        sizes: [m, n, k],
        left: left_first,
        left_strides: (left.row, left.column),
        right: right_first,
        right_stride: right.row,
        out,
        out_stride: row,
        add,
    };
    let transposed = |from: *const T, stride: isize, rows: usize| {
        let mut to = Buffer::<T>::of(k * rows);
        let out = to.as_mut_ptr();
        // SAFETY: the buffer has an entry for each of the operand's, whose rows and columns lie within what it borrows.
        unsafe {
            level.run_vectors(Transposition { rows, columns: k, from, stride, to: out, out_stride: rows, add: false });
        }
        to
    };
    // SAFETY: `first` has shown that all rows and columns of both operands lie within what they borrow; buffers have as many
    // entries as are written to them; the result is the caller's promise.
    unsafe {
        match way {
            Way::Direct => level.run_vectors(product),
            Way::TransposeRight => {
                let right = transposed(right_first, right.column, n);
                level.run_vectors(DirectProduct { right: right.as_ptr(), right_stride: n as isize, ..product });
            }
            Way::TransposeLeft => {
                let left = transposed(left_first, left.row, m);
                let mut result = Buffer::<T>::of(n * m);
                let to = result.as_mut_ptr();
                if add {
                    // The sums go on from what is there.
                    let (from, stride) = (out.cast_const(), row as isize);
                    level.run_vectors(Transposition {
                        rows: m,
                        columns: n,
                        from,
                        stride,
                        to,
                        out_stride: m,
                        add: false,
                    });
                }
                level.run_vectors(DirectProduct {
                    sizes: [n, m, k],
                    left: right_first,
                    left_strides: (right.column, right.row),
                    right: left.as_ptr(),
                    right_stride: m as isize,
                    out: to,
                    out_stride: m,
                    add,
                });
                let from = result.as_ptr();
                level.run_vectors(Transposition {
                    rows: n,
                    columns: m,
                    from,
                    stride: m as isize,
                    to: out,
                    out_stride: row,
                    add: false,
                });
            }
            Way::Thin(_) => unreachable!("done above"),
            Way::Packed => {
                gemm::gemm(
                    m,
                    n,
                    k,
                    out,
                    column as isize,
                    row as isize,
                    add,
                    left_first,
                    left.column,
                    left.row,
                    right_first,
                    right.column,
                    right.row,
                    T::ONE,
                    T::ONE,
                    false,
                    false,
                    false,
                    Parallelism::None,
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::matmul::thin::ThinKernel;

    /// Numbers that products and sums of are exact, whatever the order.
    fn whole(count: usize, seed: usize) -> Vec<f64> {
        (0..count).map(|at| ((at * 7 + seed * 5 + at / 3) % 11) as f64 - 5.0).collect()
    }

    /// Every way, at every level, on sizes around those of vectors and tiles, where operands and result lie in rows or in columns, with
    /// gaps or without, backwards too: what is asked is written, and nothing beside it.
    fn check<T: Scalar>(number: fn(f64) -> T) {
        let mut seen = Vec::new();
        for (at, &[m, n, k]) in [
            [1, 1, 1],
            [1, 40, 7],
            [2, 3, 5],
            [3, 16, 40],
            [4, 17, 33],
            [5, 31, 64],
            [6, 32, 16],
            [7, 33, 9],
            [8, 47, 3],
            [9, 48, 70],
            [13, 49, 20],
            [16, 16, 16],
            [17, 100, 90],
            [20, 9, 35],
            [33, 5, 12],
            [40, 1, 50],
            [9, 60, 300],
            [30, 130, 40],
            [2, 260, 2],
            [37, 1, 30],
            [35, 2, 13],
            [22, 3, 21],
            [1, 35, 3],
            [4, 22, 40],
            [43, 5, 35],
        ]
        .iter()
        .enumerate()
        {
            for case in 0..24 {
                let (left_by_columns, right_by_columns, out_by_columns) =
                    (case % 2 == 1, case / 2 % 2 == 1, case / 4 % 2 == 1);
                let (gap, backwards, add) = (case % 3, case % 5 == 4, (at + case) % 2 == 1);
                let lies = |rows: usize, columns: usize, by_columns: bool| {
                    if by_columns { (1, rows + gap) } else { (columns + gap, 1) }
                };
                let operand = |rows: usize, columns: usize, by_columns: bool, seed: usize| {
                    let (row, column) = lies(rows, columns, by_columns);
                    let length = (rows - 1) * row + (columns - 1) * column + 1;
                    let values: Vec<T> = whole(length, seed).into_iter().map(number).collect();
                    let (row, column) = (row as isize, column as isize);
                    if backwards { (values, length as isize - 1, -row, -column) } else { (values, 0, row, column) }
                };
                let left = operand(m, k, left_by_columns, at);
                let right = operand(k, n, right_by_columns, case);
                let left = Matrix { values: &left.0, start: left.1, row: left.2, column: left.3 };
                let right = Matrix { values: &right.0, start: right.1, row: right.2, column: right.3 };
                let entry = |of: &Matrix<'_, T>, row: usize, column: usize| {
                    of.values[(of.start + row as isize * of.row + column as isize * of.column) as usize]
                };
                let (row, column) = lies(m, n, out_by_columns);
                let before: Vec<T> = whole((m - 1) * row + (n - 1) * column + 20, 3).into_iter().map(number).collect();
                let mut expected = before.clone();
                for r in 0..m {
                    for c in 0..n {
                        let out = &mut expected[r * row + c * column];
                        let sum = (0..k).map(|at| entry(&left, r, at).multiply(entry(&right, at, c)));
                        *out = sum.fold(if add { *out } else { T::ZERO }, T::add);
                    }
                }
                for &level in Level::available() {
                    let mut out = before.clone();
                    // SAFETY: the result has room for all rows and columns, and belongs to this test.
                    unsafe {
                        multiply((level, Order::Free), [m, n, k], &left, &right, out.as_mut_ptr(), (row, column), add)
                    };
                    assert_eq!(out, expected, "{m} x {n} x {k}, case {case}, {}", level.name());
                }
                seen.push(way(Order::Free, [m, n, k], &left, &right, column));
            }
        }
        for way in [Way::Direct, Way::TransposeRight, Way::TransposeLeft, Way::Packed] {
            assert!(seen.contains(&way), "{way:?}");
        }
        for kernel in [ThinKernel::Inner, ThinKernel::Columns { turns: 4 }] {
            for transposed in [false, true] {
                assert!(seen.contains(&Way::Thin(Thin { transposed, kernel })), "{kernel:?}, {transposed}");
            }
        }
    }

    #[test]
    fn every_way_gives_the_product_and_writes_nothing_else() {
        check::<f32>(|value| value as f32);
        check::<f64>(|value| value);
    }

    /// Numbers whose sums are rounded.
    fn numbers<T>(count: usize, seed: u32, number: fn(f64) -> T) -> Vec<T> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(state) / f64::from(u32::MAX) - 0.5
        };
        (0..count).map(|_| number(next())).collect()
    }

    /// Where the order is given, all ways and any part of rows and columns give the same bits.
    fn check_chain<T: Scalar>(number: fn(f64) -> T) {
        for [m, n, k] in [[160, 200, 64], [96, 1040, 300], [300, 70, 512], [130, 640, 512]] {
            let (a, b) = (numbers(m * k, 1, number), numbers(k * n, 2, number));
            let left = Matrix { values: &a, start: 0, row: k as isize, column: 1 };
            let order = Order::Chain { whole: [m, n, k] };
            let mut results: Vec<Vec<T>> = Vec::new();
            for transposed in [false, true] {
                let (row, column) = if transposed { (1, k as isize) } else { (n as isize, 1) };
                let mut values = b.clone();
                for (r, c) in (0..k).flat_map(|r| (0..n).map(move |c| (r, c))) {
                    values[r * row as usize + c * column as usize] = b[r * n + c];
                }
                for [rows, columns] in [[m, n], [64, n], [m, 64], [24, 48]] {
                    let mut out = vec![T::ZERO; m * n];
                    for (r, c) in (0..m).step_by(rows).flat_map(|r| (0..n).step_by(columns).map(move |c| (r, c))) {
                        let sizes = [rows.min(m - r), columns.min(n - c), k];
                        let left = Matrix { start: (r * k) as isize, ..left };
                        let right = Matrix { values: &values, start: c as isize * column, row, column };
                        let first = out[r * n + c..].as_mut_ptr();
                        // SAFETY: the block lies within the result.
                        unsafe { multiply((Level::current(), order), sizes, &left, &right, first, (n, 1), false) };
                    }
                    results.push(out);
                }
            }
            for result in &results {
                assert_eq!(result, &results[0], "{m} x {n} x {k}");
            }
        }
    }

    /// The same for thin products, whose operands lie in rows or in columns, with zeros at both ends that are left out or not.
    fn check_thin_chain<T: Scalar>(number: fn(f64) -> T) {
        let lies = |columns: bool, [r, c]: [usize; 2]| if columns { (1, r as isize) } else { (c as isize, 1) };
        let sizes = [
            [70, 1, 30],
            [70, 2, 40],
            [67, 3, 320],
            [70, 4, 600],
            [61, 7, 192],
            [70, 1, 7],
            [1, 70, 256],
            [3, 70, 257],
        ];
        for ([m, n, k], case) in sizes.into_iter().flat_map(|sizes| (0..4).map(move |case| (sizes, case))) {
            let (mut a, mut b) = (numbers(m * k, 1, number), numbers(k * n, 2, number));
            let ((row, column), (b_row, b_column)) = (lies(case & 1 > 0, [m, k]), lies(case & 2 > 0, [k, n]));
            let kept = if k >= 192 { 64..k - k % 64 - 64 } else { 0..k };
            for at in (0..k).filter(|at| !kept.contains(at)) {
                (0..m).for_each(|r| a[r * row as usize + at * column as usize] = T::ZERO);
                (0..n).for_each(|c| b[at * b_row as usize + c * b_column as usize] = T::ZERO);
            }
            let order = Order::Chain { whole: [m, n, k] };
            for &level in Level::available().iter().filter(|level| level.has_vectors()) {
                let product = |rows: usize, columns: usize, terms: std::ops::Range<usize>| {
                    let mut out = vec![T::ZERO; m * n];
                    for (r, c) in (0..m).step_by(rows).flat_map(|r| (0..n).step_by(columns).map(move |c| (r, c))) {
                        let sizes = [rows.min(m - r), columns.min(n - c), terms.len()];
                        let start =
                            |r: usize, c: usize, row: isize, column: isize| r as isize * row + c as isize * column;
                        let left = Matrix { values: &a, start: start(r, terms.start, row, column), row, column };
                        let start = start(terms.start, c, b_row, b_column);
                        let right = Matrix { values: &b, start, row: b_row, column: b_column };
                        let first = out[r * n + c..].as_mut_ptr();
                        // SAFETY: the block lies within the result.
                        unsafe { multiply((level, order), sizes, &left, &right, first, (n, 1), false) };
                    }
                    out
                };
                let whole = product(m, n, 0..k);
                for (rows, columns) in [(1, n), (3, n), (m, 1), (13, 2), (16, 16), (1, 3), (61, 64)] {
                    assert_eq!(
                        product(rows, columns, 0..k),
                        whole,
                        "{m} × {n} × {k}, {case}: {rows} rows, {}",
                        level.name()
                    );
                }
                assert_eq!(product(5, n, kept.clone()), whole, "{m} × {n} × {k}, {case}: {}", level.name());
            }
        }
    }

    #[test]
    fn parts_of_thin_products_have_the_bits_of_the_whole() {
        check_thin_chain::<f32>(|value| value as f32);
        check_thin_chain::<f64>(|value| value);
    }

    #[test]
    fn a_given_order_gives_the_same_bits_whatever_the_parts() {
        check_chain::<f32>(|value| value as f32);
        check_chain::<f64>(|value| value);
    }

    /// A large right operand is left to the crate unless few rows are multiplied.
    #[test]
    fn sizes_and_strides_decide() {
        let of = |m: usize, n: usize, k: usize, transposed: bool| {
            let values = [0.0_f32];
            let left = Matrix { values: &values, start: 0, row: k as isize, column: 1 };
            let (row, column) = if transposed { (1, k as isize) } else { (n as isize, 1) };
            way(Order::Free, [m, n, k], &left, &Matrix { values: &values, start: 0, row, column }, 1)
        };
        assert_eq!(of(64, 64, 64, false), Way::Direct);
        assert_eq!(of(64, 64, 64, true), Way::TransposeRight);
        assert_eq!(of(16, 144, 196, true), Way::TransposeLeft);
        assert_eq!(of(1024, 1024, 1024, false), Way::Packed);
        assert_eq!(of(1024, 1024, 1024, true), Way::Packed);
        assert_eq!(of(128, 2048, 2048, true), Way::TransposeLeft);
        assert_eq!(of(1, 2048, 2048, false), Way::Packed);
        let thin = |kernel: ThinKernel, transposed: bool| Way::Thin(Thin { transposed, kernel });
        assert_eq!(of(4, 2048, 2048, true), thin(ThinKernel::Inner, true));
        assert_eq!(of(2048, 4, 30, false), thin(ThinKernel::Inner, false));
        assert_eq!(of(2048, 4, 8, false), Way::Direct);
        assert_eq!(of(1, 64, 64, false), thin(ThinKernel::Columns { turns: 4 }, true));
        assert_eq!(of(2048, 1, 64, true), thin(ThinKernel::Inner, false));
    }
}
