//! Products whose operands are read in windows as they lie: where rows, columns and terms are stands in tables of offsets, so that nothing is
//! gathered. Entries of the left operand are broadcast from anywhere; columns of the right one come in contiguous runs, each a vector.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
// no other processor has vectors here
// Indices, for all loops over rows and vectors of a tile alike: the arrays become registers.
#![allow(clippy::needless_range_loop)]

use smallvec::SmallVec;

use crate::buffer::{Buffer, Plain};
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

/// Columns in runs that fill vectors, and the share of the lanes that they use, if that is at least two thirds.
fn runs(columns: &[(usize, isize)], lanes: usize) -> Option<(Vec<Run>, f64)> {
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
    let share = length as f64 / length.next_multiple_of(lanes) as f64;
    Some((starts.iter().enumerate().flat_map(run).collect(), share))
}

/// How products of matrices that lie in the same way are multiplied.
struct Tables {
    /// Steps of the left operand's rows and columns, and of the right one's.
    steps: [JoinedSteps; 4],
    /// Offsets of what is broadcast, and of the terms of both.
    rows: Offsets,
    terms: Offsets,
    other_terms: Offsets,
    runs: Vec<Run>,
    /// Whether the product is computed transposed: the right operand is what is broadcast, and the left one, whose size and stride these are,
    /// is read as vectors.
    turned: Option<Turned>,
}

#[derive(Clone, Copy)]
struct Turned {
    rows: usize,
    terms: usize,
    down: isize,
}

impl Tables {
    /// None where neither operand has columns, or rows, that fill vectors.
    fn of<T>(left: &Lying<'_, T>, right: &Lying<'_, T>, lanes: usize) -> Option<Tables> {
        /// Terms from which on it is worth it that operand and result are transposed.
        const MANY: usize = 32;
        let steps = [&left.rows, &left.columns, &right.rows, &right.columns].map(Clone::clone);
        let straight = runs(&right.columns, lanes);
        let turned = match (&left.rows[..], &left.columns[..]) {
            (&[(rows, down)], &[(terms, 1)]) => {
                let share = straight.as_ref().map_or(0.0, |&(_, share)| share);
                let worth = |&(_, own): &(_, f64)| straight.is_none() || own > share && terms >= MANY;
                runs(&[(rows, 1)], lanes).filter(worth).map(|(runs, _)| (runs, Turned { rows, terms, down }))
            }
            _ => None,
        };
        Some(match turned {
            Some((runs, turned)) => Tables {
                rows: offsets(&right.columns),
                terms: offsets(&right.rows),
                other_terms: (0..turned.terms).map(|term| (term * turned.rows) as isize).collect(),
                runs,
                turned: Some(turned),
                steps,
            },
            None => Tables {
                rows: offsets(&left.rows),
                terms: offsets(&left.columns),
                other_terms: offsets(&right.rows),
                runs: straight?.0,
                turned: None,
                steps,
            },
        })
    }

    fn fits<T>(&self, left: &Lying<'_, T>, right: &Lying<'_, T>) -> bool {
        self.steps.iter().eq([&left.rows, &left.columns, &right.rows, &right.columns])
    }
}

/// What a thread keeps from one product of windows to the next.
pub(in crate::exec) struct WindowWorkspace<T: Plain> {
    tables: Option<Tables>,
    /// The left operand, transposed, if it is needed so, and where it starts.
    vectors: Buffer<T>,
    of: Option<isize>,
    /// The result, transposed.
    result: Buffer<T>,
}

impl<T: Plain> WindowWorkspace<T> {
    pub(in crate::exec) fn new() -> WindowWorkspace<T> {
        WindowWorkspace { tables: None, vectors: Vec::new().into(), of: None, result: Vec::new().into() }
    }
}

/// Multiplies matrices that do not both lie evenly, on this thread, without gathering them, if that can be done in vectors: else `false`. The
/// result's rows and columns have the given strides; it replaces what is there, or is added to it. A left operand that stays has the same
/// values at each call with this workspace.
///
/// # Safety
/// `out` must point to as many entries as rows and columns reach, and nobody else may use them meanwhile.
pub(in crate::exec) unsafe fn multiply_windows<T: Scalar>(
    level: Level,
    (left, stays): (&Lying<'_, T>, bool),
    right: &Lying<'_, T>,
    out: *mut T,
    (row, column): (usize, usize),
    add: bool,
    workspace: &mut WindowWorkspace<T>,
) -> bool {
    let mut steps = [&left.rows, &left.columns, &right.columns].into_iter().flatten();
    if !level.has_vectors() || column != 1 || steps.any(|step| step.0 == 0) {
        return false;
    }
    if !workspace.tables.as_ref().is_some_and(|tables| tables.fits(left, right)) {
        workspace.tables = Tables::of(left, right, level.lanes(size_of::<T>()));
        workspace.of = None;
    }
    let Some(tables) = &workspace.tables else { return false };
    let Tables { rows, terms: left_terms, other_terms: right_terms, runs, turned, .. } = tables;
    let Some(Turned { rows: lanes, terms, down }) = *turned else {
        let product = WindowProduct {
            left: left.first(),
            rows,
            left_terms,
            right: right.first(),
            right_terms,
            runs,
            out,
            out_stride: row,
            add,
        };
        // SAFETY: `first` has shown that all entries of both operands lie within what they borrow; the result is the caller's promise.
        unsafe { level.run_vectors(product) };
        return true;
    };
    if !stays || workspace.of != Some(left.start) {
        if workspace.vectors.len() != terms * lanes {
            workspace.vectors = Buffer::of(terms * lanes);
        }
        let own = Matrix { values: left.values, start: left.start, row: 1, column: down };
        transposed(level, &own, [terms, lanes], &mut workspace.vectors);
        workspace.of = Some(left.start);
    }
    if workspace.result.len() != rows.len() * lanes {
        workspace.result = Buffer::of(rows.len() * lanes);
    }
    let product = WindowProduct {
        left: right.first(),
        rows,
        left_terms,
        right: workspace.vectors.as_ptr(),
        right_terms,
        runs,
        out: workspace.result.as_mut_ptr(),
        out_stride: lanes,
        add: false,
    };
    // SAFETY: `first` has shown that the windows lie within what they borrow; the buffers have an entry for each that is read or written.
    unsafe { level.run_vectors(product) };
    let from = workspace.result.as_ptr();
    // SAFETY: the result, by its columns, has an entry for each of the caller's, whose promise the rest is.
    unsafe {
        let turned = Transposition {
            rows: rows.len(),
            columns: lanes,
            from,
            stride: lanes as isize,
            to: out,
            out_stride: row,
            add,
        };
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
                while row < rows {
                    row += self.rows_from::<V, C>(row, runs, terms, add);
                }
            }
        }
    }

    /// Some rows from one on; how many.
    ///
    /// # Safety
    /// As for [`panel`](Self::panel), and the row and the terms are some of the product's.
    #[inline(always)]
    unsafe fn rows_from<V: Vectors, const C: usize>(
        &self,
        row: usize,
        runs: &[Run; C],
        terms: (&[isize], &[isize]),
        add: bool,
    ) -> usize {
        // Sums that there are registers for, beside the vectors.
        let most = match (V::TILE.0 == 8, C) {
            (true, 1) => 16,
            (true, _) => 14,
            (false, 1) => 12,
            (false, _) => 6,
        };
        let left = &self.rows[row..];
        // Rows one after the other are reached by one pointer. They are divided into tiles of about the same height, for which no more than two
        // tiles' rows need be looked at.
        let next = left.windows(2).take(2 * most - 1);
        let side_by_side = 1 + next.take_while(|pair| pair[1] == pair[0] + 1).count();
        let height = side_by_side.div_ceil(side_by_side.div_ceil(most));
        macro_rules! tile {
            ($($rows:literal)*; $($apart:literal)*) => {
                $(if $rows <= most && height >= $rows {
                    self.tile::<V, $rows, C, true>(row, runs, terms, add);
                    return $rows;
                })*
                $(if $apart <= V::TILE.0 && left.len() >= $apart {
                    self.tile::<V, $apart, C, false>(row, runs, terms, add);
                    return $apart;
                })*
            };
        }
        // SAFETY: all rows are some of the product's, and those side by side are.
        unsafe {
            tile!(16 14 12 10 8 7 6 4; 8 4 1);
        }
        unreachable!("there is a row")
    }

    /// # Safety
    /// As for [`panel`](Self::panel), and the `R` rows and the terms are some of the product's; if they are side by side, each is one entry
    /// behind the one before.
    #[inline(always)]
    unsafe fn tile<V: Vectors, const R: usize, const C: usize, const SIDE_BY_SIDE: bool>(
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
                    let from = if SIDE_BY_SIDE { left[0].offset(left_term).add(r) } else { left[r].offset(left_term) };
                    let factor = T::In::<V>::splat(*from);
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

#[cfg(test)]
mod tests;
