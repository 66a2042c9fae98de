//! A reduction over pairs by [tiles](super::tiles) in registers: where its operands lie, how it is divided up, and factors that are
//! multiplied once for each pair.
#![allow(unsafe_code)]
#![cfg_attr(not(target_arch = "x86_64"), allow(dead_code))] // no other processor has vectors here

use std::marker::PhantomData;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::matmul::{Matrix, Results, Transposition, transposed};
use crate::exec::pairs::PART;
use crate::exec::pairs::function::Lane;
use crate::exec::pairs::packed::{Factors, factors_of, starts, values_of, whole};
use crate::exec::pairs::tiles::{Difference, Greatest, Magnitude, Sign, Square, TileFunction, Tiles};
use crate::exec::strided::{gather, joined};
use crate::exec::threads::share_out;
use crate::exec::vectors::Scalar;
use crate::op::Reduction;
use crate::plan::{PairOperand, Pairs, Reduced, Term};
use crate::storage::Storage;

/// Rows of a part are a multiple of this: whole tiles.
const ROWS: usize = 24;

/// Entries along the depth that fill enough of a vector, where the result has them.
const DEEP: usize = 8;

/// Sums that are looked at together.
const CHUNK: usize = 32;

/// Computes the result, unless there are no vectors, too few of its columns, or factors whose product is not a normal number: `false`.
pub(super) fn reduce<T: Lane + Scalar>(pairs: &Pairs, values: &[Option<Arc<Storage>>], out: &mut [T]) -> bool {
    let level = Level::current();
    if !level.has_vectors() || pairs.reduced != Reduced::Depth && pairs.depth < DEEP {
        return false;
    }
    let Some(operands) = Operands::new(pairs, values, level) else { return false };
    match pairs.term {
        Term::Square | Term::ScaledSquare => operands.share::<Square>(out),
        Term::Magnitude if pairs.reduction == Reduction::Sum => operands.share::<Magnitude>(out),
        Term::Magnitude => operands.share::<Greatest>(out),
        Term::Difference => operands.share::<Difference>(out),
        Term::Sign => operands.share::<Sign>(out),
    }
    true
}

/// The sums of squares themselves, where those that are scaled are to be made of them and each scale is 1.
pub(super) fn unscaled<T: Lane>(pairs: &Pairs, values: &[Option<Arc<Storage>>]) -> Option<Arc<Storage>> {
    let level = Level::current();
    let (squares, [scale]) = (pairs.squares?, &pairs.factors[..]) else { return None };
    let Pairs { rows, columns, outside, .. } = *pairs;
    if !level.has_vectors() || outside != 1.0 || scale.strides[1] != 1 {
        return None;
    }
    let (sums, scales, starts) = (whole::<T>(values, squares), values_of::<T>(values, scale), starts(pairs, scale));
    let changed = AtomicBool::new(false);
    let length = (PART / 8).div_ceil(columns);
    let parts = rows.div_ceil(length);
    share_out(parts * starts.len(), |next| {
        while !changed.load(Ordering::Relaxed)
            && let Some(number) = next()
        {
            let (item, first) = (number / parts, number % parts * length);
            for row in first..(first + length).min(rows) {
                let sums = &sums[(item * rows + row) * columns..][..columns];
                let scales = &scales[(starts[item] + row as isize * scale.strides[0]) as usize..][..columns];
                // A point has no distance from itself, at any finite scale.
                let own = pairs.is_symmetric() && sums[row] == T::NOTHING;
                let (before, behind) = if own { (row, row + 1) } else { (columns, columns) };
                let same = |columns: Range<usize>| {
                    level.run(Unchanged { sums: &sums[columns.clone()], scales: &scales[columns] })
                };
                if !same(0..before) || !same(behind..columns) || own && scales[row] * T::NOTHING != T::NOTHING {
                    return changed.store(true, Ordering::Relaxed);
                }
            }
        }
    });
    if changed.into_inner() { None } else { values[squares as usize].clone() }
}

/// Whether sums are such as are scaled afterwards, and scales are 1.
struct Unchanged<'a, T> {
    sums: &'a [T],
    scales: &'a [T],
}

impl<T: Lane> Kernel for Unchanged<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> bool {
        let (low, high, one) = (T::SQUARES.0.bits(), T::SQUARES.1.bits(), T::UNIT.bits());
        let none = T::Bits::default();
        let (beyond, other) = self.sums.iter().zip(self.scales).fold((none, none), |(beyond, other), (sum, scale)| {
            (beyond.max(sum.bits() - low), other | (scale.bits() ^ one))
        });
        beyond <= high - low && other == none
    }
}

/// Matrices of one operand, one for each item of the batch.
struct Matrices<'a, T: Lane> {
    values: Values<'a, T>,
    starts: Vec<isize>,
    row: isize,
    column: isize,
}

enum Values<'a, T: Lane> {
    Where(&'a [T]),
    Ordered(Buffer<T>),
}

impl<T: Lane> Matrices<'_, T> {
    /// The matrix of an item.
    fn item(&self, item: usize) -> Matrix<'_, T> {
        let values = match &self.values {
            Values::Where(values) => values,
            Values::Ordered(values) => &values[..],
        };
        Matrix { values, start: self.starts[item], row: self.row, column: self.column }
    }
}

impl<'a, T: Lane + Scalar> Matrices<'a, T> {
    /// The same with contiguous rows, in a buffer where they are not.
    fn ordered(self, level: Level, rows: usize, columns: usize) -> Matrices<'a, T> {
        if self.column == 1 {
            return self;
        }
        let (items, size) = (self.starts.len(), rows * columns);
        // Room behind what is gathered, so that runs may be moved in whole vectors.
        let mut to = Buffer::of(items * size + 16);
        for item in 0..items {
            let Matrix { values, start, row, column } = self.item(item);
            let to = &mut to[item * size..];
            if row == 1 {
                transposed(level, &self.item(item), [rows, columns], &mut to[..size]);
            } else {
                gather(level, values, start, &joined(&[(columns, column)], &[(rows, row)]), to);
            }
        }
        let starts = (0..items).map(|item| (item * size) as isize).collect();
        Matrices { values: Values::Ordered(to), starts, row: columns as isize, column: 1 }
    }
}

/// The operands of the tiles.
struct Operands<'a, T: Lane> {
    pairs: &'a Pairs,
    level: Level,
    /// Rows and columns of the result, and terms of each entry.
    sizes: [usize; 3],
    /// What is broadcast, by rows and terms; what is read as vectors, by terms and columns.
    broadcast: Matrices<'a, T>,
    vectors: Matrices<'a, T>,
    /// What is subtracted where the sums have weights, by rows and columns of the result.
    own: Option<Matrices<'a, T>>,
    /// What the differences are multiplied by before they are squared.
    scale: Option<Matrices<'a, T>>,
    /// The sums of their squares without it, where they have been computed.
    squares: Option<&'a [T]>,
    outside: f64,
}

impl<'a, T: Lane + Scalar> Operands<'a, T> {
    fn new(pairs: &'a Pairs, values: &'a [Option<Arc<Storage>>], level: Level) -> Option<Operands<'a, T>> {
        let matrices = |operand: &PairOperand| {
            let PairOperand { strides: [row, column], .. } = *operand;
            Matrices { values: Values::Where(values_of(values, operand)), starts: starts(pairs, operand), row, column }
        };
        let turned = |matrices: Matrices<'a, T>| Matrices { row: matrices.column, column: matrices.row, ..matrices };
        let Pairs { rows, columns, depth, outside, .. } = *pairs;
        let (left, right) = (matrices(&pairs.left), matrices(&pairs.right));
        if pairs.reduced == Reduced::Depth {
            return Some(Operands {
                pairs,
                level,
                sizes: [rows, columns, depth],
                broadcast: left,
                vectors: turned(right).ordered(level, depth, columns),
                own: None,
                scale: pairs.factors.first().map(matrices),
                squares: pairs.squares.map(|value| whole(values, value)),
                outside,
            });
        }
        let weights = match &pairs.factors[..] {
            [] => Matrices {
                values: Values::Ordered(Buffer::filled(1, T::UNIT)),
                starts: vec![0; left.starts.len()],
                row: 0,
                column: 0,
            },
            [factor] => matrices(factor),
            // In the order in which they lie.
            [PairOperand { strides: [1, along], .. }, ..] if *along != 1 => {
                let turned_over = |factor: &PairOperand| {
                    let [row, column] = factor.strides;
                    PairOperand { strides: [column, row], ..factor.clone() }
                };
                let factors: SmallVec<[PairOperand; 3]> = pairs.factors.iter().map(turned_over).collect();
                turned(multiplied(pairs, &factors, [columns, rows], values, level)?)
            }
            factors => multiplied(pairs, factors, [rows, columns], values, level)?,
        };
        // A difference is one of the left operand and the right one; that of the tiles, one of what is reduced and what is kept.
        Some(match pairs.reduced {
            Reduced::Columns => Operands {
                pairs,
                level,
                sizes: [rows, depth, columns],
                broadcast: weights,
                vectors: right.ordered(level, columns, depth),
                own: Some(left.ordered(level, rows, depth)),
                scale: None,
                squares: None,
                outside: -outside,
            },
            _ => Operands {
                pairs,
                level,
                sizes: [columns, depth, rows],
                broadcast: turned(weights),
                vectors: left.ordered(level, rows, depth),
                own: Some(right.ordered(level, columns, depth)),
                scale: None,
                squares: None,
                outside,
            },
        })
    }

    /// Computes the result in parts, which the sizes alone decide.
    fn share<F: TileFunction>(&self, out: &mut [T]) {
        let [rows, columns, terms] = self.sizes;
        let length = PART.div_ceil(columns * terms).next_multiple_of(ROWS);
        let parts = rows.div_ceil(length);
        let results = Results::of(out);
        let each = |work: &(dyn Fn(usize, Range<usize>) + Sync)| {
            share_out(parts * self.pairs.batch.elements(), |next| {
                while let Some(number) = next() {
                    let first = number % parts * length;
                    work(number / parts, first..(first + length).min(rows));
                }
            });
        };
        if self.squares.is_none() {
            each(&|item, rows| self.part::<F>(item, rows, &results));
        }
        if let Some(scale) = &self.scale {
            each(&|item, part| {
                let start = (item * rows + part.start) * columns;
                // SAFETY: no two parts have a row in common, and all sums are there or will be copied.
                let out = unsafe { results.slice(start..start + part.len() * columns) };
                if let Some(squares) = self.squares {
                    out.copy_from_slice(&squares[start..][..out.len()]);
                }
                for (row, out) in part.zip(out.chunks_mut(columns)) {
                    self.scaled(item, row, &scale.item(item), out);
                }
            });
        }
    }

    /// Some rows of the result of an item. Where it is symmetric, only those columns that begin with the first of them, and the other way
    /// round what lies beyond the last.
    fn part<F: TileFunction>(&self, item: usize, part: Range<usize>, results: &Results<'_, T>) {
        let [rows, all_columns, terms] = self.sizes;
        let column = if self.pairs.is_symmetric() { part.start } else { 0 };
        let columns = all_columns - column;
        let from = |matrices: &Matrices<'_, T>, rows: usize, columns: usize, row: usize| {
            matrices.item(item).first(rows, columns).wrapping_offset(row as isize * matrices.row)
        };
        let start = (item * rows + part.start) * all_columns + column;
        let out = results.at(start, (part.len(), all_columns), (columns, 1));
        let tiles = Tiles {
            sizes: [part.len(), columns, terms],
            broadcast: from(&self.broadcast, rows, terms, part.start),
            broadcast_strides: (self.broadcast.row, self.broadcast.column),
            vectors: from(&self.vectors, terms, all_columns, 0).wrapping_add(column),
            vectors_stride: self.vectors.row,
            own: self.own.as_ref().map_or(std::ptr::null(), |own| from(own, rows, all_columns, part.start)),
            own_stride: self.own.as_ref().map_or(0, |own| own.row),
            out,
            out_stride: all_columns,
            outside: if self.scale.is_some() { 1.0 } else { self.outside },
            function: PhantomData::<F>,
        };
        // SAFETY: `first` has shown that all operands lie within what they borrow, `at` that the rows lie within the result. Each is computed
        // once, and no two parts have an entry in common.
        unsafe { self.level.run_vectors(tiles) };
        if self.pairs.is_symmetric() && part.end < rows {
            let beyond = rows - part.end;
            let start = (item * rows + part.end) * all_columns + part.start;
            let mirrored = Transposition {
                rows: part.len(),
                columns: beyond,
                from: out.wrapping_add(part.len()),
                stride: all_columns as isize,
                to: results.at(start, (beyond, all_columns), (part.len(), 1)),
                out_stride: all_columns,
                add: false,
            };
            // SAFETY: as above: the part that is read has been computed, and the one that is written is no other part's.
            unsafe { self.level.run_vectors(mirrored) };
        }
    }

    /// Squares of scaled differences in place of sums of squares: those times the square of the scale, where they are normal numbers.
    fn scaled(&self, item: usize, row: usize, scale: &Matrix<'_, T>, sums: &mut [T]) {
        let outside = T::narrow(self.outside);
        let rest = self.level.run(Abnormal { sums });
        if scale.column == 1 {
            let start = (scale.start + row as isize * scale.row) as usize;
            let factors = &scale.values[start..start + sums.len()];
            self.level.run(Scale { sums, factors, outside });
        } else {
            for (column, sum) in sums.iter_mut().enumerate() {
                let factor = scale.at(row, column);
                *sum = *sum * factor * factor * outside;
            }
        }
        let (broadcast, vectors) = (self.broadcast.item(item), self.vectors.item(item));
        for column in rest {
            // Each difference of a point from itself is 0, or NaN and the sum with it.
            if self.pairs.is_symmetric() && column == row && sums[column] == T::NOTHING {
                continue;
            }
            let factor = scale.at(row, column);
            let terms = (0..self.sizes[2]).map(|term| {
                let scaled = (broadcast.at(row, term) - vectors.at(term, column)) * factor;
                (scaled * scaled).widen()
            });
            sums[column] = T::narrow(terms.sum::<f64>() * self.outside);
        }
    }
}

/// Finds the sums that are too small or too large to be scaled afterwards, or NaN.
struct Abnormal<'a, T> {
    sums: &'a [T],
}

impl<T: Lane> Kernel for Abnormal<'_, T> {
    type Output = SmallVec<[usize; 8]>;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> Self::Output {
        let (low, high) = T::SQUARES;
        let mut found = SmallVec::new();
        // Chunk by chunk: nearly all have none.
        for (number, sums) in self.sums.chunks(CHUNK).enumerate() {
            let normal = |sum: &T| low <= *sum && *sum <= high;
            if !sums.iter().fold(true, |all, sum| all & normal(sum)) {
                let abnormal = (0..sums.len()).filter(|&at| !normal(&sums[at]));
                found.extend(abnormal.map(|at| number * CHUNK + at));
            }
        }
        found
    }
}

/// Multiplies sums by the squares of factors, and by a number.
struct Scale<'a, T> {
    sums: &'a mut [T],
    factors: &'a [T],
    outside: T,
}

impl<T: Lane> Kernel for Scale<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        for (sum, &factor) in self.sums.iter_mut().zip(self.factors) {
            *sum = *sum * factor * factor * self.outside;
        }
    }
}

/// The products of each pair's factors, row by row; none where one is no normal number, though none of its factors is 0.
fn multiplied<'a, T: Lane + Scalar>(
    pairs: &Pairs,
    factors: &[PairOperand],
    [rows, columns]: [usize; 2],
    values: &[Option<Arc<Storage>>],
    level: Level,
) -> Option<Matrices<'a, T>> {
    let items = pairs.batch.elements();
    let factors = factors_of::<T>(pairs, factors, [rows, columns], values, level);
    let mut products = Buffer::of(items * rows * columns);
    let length = (PART / 8).div_ceil(columns);
    let parts = rows.div_ceil(length);
    let is_normal = AtomicBool::new(true);
    let results = Results::of(&mut products);
    share_out(parts * items, |next| {
        while let Some(number) = next() {
            let (item, first) = (number / parts, number % parts * length);
            for row in first..(first + length).min(rows) {
                let start = (item * rows + row) * columns;
                // SAFETY: no two parts have a row in common.
                let out = unsafe { results.slice(start..start + columns) };
                let factors: [&[T]; 3] = [0, 1, 2].map(|at| {
                    factors.get(at).map_or(&[][..], |factors: &Factors<'_, T>| factors.row(item, row, columns))
                });
                if !level.run(Multiply { factors, out }) {
                    is_normal.store(false, Ordering::Relaxed);
                }
            }
        }
    });
    let starts = (0..items).map(|item| (item * rows * columns) as isize).collect();
    is_normal.into_inner().then_some(Matrices {
        values: Values::Ordered(products),
        starts,
        row: columns as isize,
        column: 1,
    })
}

/// Products of two or three factors, in their order; whether all are normal, or 0 because a factor is.
struct Multiply<'a, T> {
    factors: [&'a [T]; 3],
    out: &'a mut [T],
}

impl<T: Lane> Kernel for Multiply<'_, T> {
    type Output = bool;

    #[inline(always)]
    fn run<A: Arithmetic>(self) -> bool {
        let [a, b, c] = self.factors;
        let (low, high) = T::SQUARES;
        let normal = |product: T, factor: T, other: T| {
            let size = product.abs();
            low <= size && size <= high || factor == T::NOTHING || other == T::NOTHING
        };
        let mut all = true;
        for ((out, &a), &b) in self.out.iter_mut().zip(a).zip(b) {
            *out = a * b;
            all &= normal(*out, a, b);
        }
        for (out, &c) in self.out.iter_mut().zip(c) {
            let product = *out * c;
            all &= normal(product, *out, c);
            *out = product;
        }
        all
    }
}
