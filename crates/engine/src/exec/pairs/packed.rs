//! The operands of a reduction over pairs, as its loops read them.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::exec::dispatch::Level;
use crate::exec::pairs::SUMS;
use crate::exec::pairs::function::Lane;
use crate::exec::strided::{gather, joined};
use crate::plan::{PairOperand, Pairs, Reduced};
use crate::storage::Storage;

/// Room behind what is gathered, so that runs may be moved in whole vectors.
const ROOM: usize = 16;

/// The operands as the loops read them.
pub(super) struct Packed<'a, T: Lane> {
    pub(super) pairs: &'a Pairs,
    /// Entries along the depth, in fours.
    pub(super) depth: usize,
    /// Of each item of the batch: rows of the left operand.
    pub(super) left: Buffer<T>,
    /// Of each item: the right operand with its columns side by side.
    pub(super) right: Buffer<T>,
    pub(super) factors: SmallVec<[Factors<'a, T>; 3]>,
}

/// The factors of all pairs: that of the pair `(i, j)` of an item lies at `start[item] + i row + j`.
pub(super) struct Factors<'a, T: Lane> {
    values: FactorValues<'a, T>,
    starts: Vec<usize>,
    row: usize,
}

enum FactorValues<'a, T: Lane> {
    Where(&'a [T]),
    Gathered(Buffer<T>),
}

impl<T: Lane> Factors<'_, T> {
    /// The factors of a row of an item, from its first column on.
    pub(super) fn row(&self, item: usize, row: usize, columns: usize) -> &[T] {
        let values = match &self.values {
            FactorValues::Where(values) => values,
            FactorValues::Gathered(values) => &values[..],
        };
        &values[self.starts[item] + row * self.row..][..columns]
    }
}

/// What an operand is a view of.
pub(super) fn values_of<'a, T: Lane>(values: &'a [Option<Arc<Storage>>], operand: &PairOperand) -> &'a [T] {
    whole(values, operand.base)
}

/// All entries of a value.
pub(super) fn whole<T: Lane>(values: &[Option<Arc<Storage>>], value: u32) -> &[T] {
    values[value as usize].as_deref().expect("operands are computed before and released after").typed::<T>()
}

/// The factors of all pairs, row by row.
pub(super) fn factors_of<'a, T: Lane>(
    pairs: &Pairs,
    factors: &[PairOperand],
    [rows, columns]: [usize; 2],
    values: &'a [Option<Arc<Storage>>],
    level: Level,
) -> SmallVec<[Factors<'a, T>; 3]> {
    let items = pairs.batch.elements();
    let factors = factors.iter().map(|factor| {
        let starts = starts(pairs, factor);
        match factor.strides {
            [row, 1] if row >= 0 && starts.iter().all(|&start| start >= 0) => Factors {
                values: FactorValues::Where(values_of(values, factor)),
                starts: starts.into_iter().map(|start| start as usize).collect(),
                row: row as usize,
            },
            [row, column] => {
                let size = rows * columns;
                let mut to = Buffer::of(items * size + ROOM);
                for (item, &start) in starts.iter().enumerate() {
                    let steps = joined(&[(columns, column)], &[(rows, row)]);
                    gather(level, values_of(values, factor), start, &steps, &mut to[item * size..]);
                }
                let starts = (0..items).map(|item| item * size).collect();
                Factors { values: FactorValues::Gathered(to), starts, row: columns }
            }
        }
    });
    factors.collect()
}

/// Where each item of the batch begins.
pub(super) fn starts(pairs: &Pairs, operand: &PairOperand) -> Vec<isize> {
    let mut starts = vec![operand.offset];
    for (&size, &stride) in pairs.batch.iter().zip(&operand.batch) {
        starts = starts.iter().flat_map(|start| (0..size as isize).map(move |index| start + index * stride)).collect();
    }
    starts
}

impl<'a, T: Lane> Packed<'a, T> {
    pub(super) fn new(pairs: &'a Pairs, values: &'a [Option<Arc<Storage>>]) -> Packed<'a, T> {
        let level = Level::current();
        let (depth, columns) = (pairs.depth.next_multiple_of(SUMS), pairs.columns);
        let items = pairs.batch.elements();
        // Item by item, line by line; what lies between the lines is 0.
        let packed =
            |operand: &PairOperand, lines: (usize, isize), length: (usize, isize), all: usize, padded: usize| {
                let mut to = Buffer::filled(items * all * padded + ROOM, T::NOTHING);
                for (item, start) in starts(pairs, operand).into_iter().enumerate() {
                    let to = &mut to[item * all * padded..];
                    if length.0 == padded {
                        gather(level, values_of(values, operand), start, &joined(&[length], &[lines]), to);
                    } else {
                        let mut line = Buffer::filled(length.0 + ROOM, T::NOTHING);
                        for number in 0..lines.0 {
                            let start = start + number as isize * lines.1;
                            gather(level, values_of(values, operand), start, &joined(&[length], &[]), &mut line);
                            to[number * padded..][..length.0].copy_from_slice(&line[..length.0]);
                        }
                    }
                }
                to
            };
        let [row, along] = pairs.left.strides;
        let left = packed(&pairs.left, (pairs.rows, row), (pairs.depth, along), pairs.rows, depth);
        let [column, along] = pairs.right.strides;
        let right = packed(&pairs.right, (pairs.depth, along), (pairs.columns, column), depth, columns);
        let mut factors = factors_of(pairs, &pairs.factors, [pairs.rows, pairs.columns], values, level);
        if factors.is_empty() && pairs.reduced != Reduced::Depth {
            // A term without factors is one with the factor 1.
            let ones = FactorValues::Gathered(Buffer::filled(pairs.columns, T::UNIT));
            factors.push(Factors { values: ones, starts: vec![0; items], row: 0 });
        }
        Packed { pairs, depth, left, right, factors }
    }
}
