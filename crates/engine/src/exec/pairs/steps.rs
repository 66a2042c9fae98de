//! The loops of a reduction over pairs, one for each axis that is reduced, and their steps: some sums and some terms at a time.

use std::ops::Range;

use crate::buffer::Buffer;
use crate::exec::functions::Arithmetic;
use crate::exec::pairs::function::{Function, Lane};
use crate::exec::pairs::packed::Packed;
use crate::exec::pairs::{DEPTHS, LANES, Part, RUN, RUNS, SUMS, TERMS, WIDTH};

/// Sums that begin where a line of the cache does.
#[repr(align(64))]
struct Lines<T, const N: usize>([[T; N]; SUMS]);

/// Calls `$step` with so many terms at a time, then one by one: `$at` is the first of them.
macro_rules! in_steps {
    ($terms:ident of $range:expr, |$at:ident| $step:ident::<$($fixed:ty),+>($($argument:expr),* $(,)?)) => {{
        let range: Range<usize> = $range;
        let mut $at = range.start;
        while range.end - $at >= $terms {
            $step::<$($fixed),+, $terms>($($argument),*);
            $at += $terms;
        }
        while range.end > $at {
            $step::<$($fixed),+, 1>($($argument),*);
            $at += 1;
        }
    }};
}

impl<T: Lane> Part<'_, '_, T> {
    /// A row of the left operand.
    #[inline(always)]
    fn left(&self, row: usize) -> &[T] {
        let Packed { pairs, depth, left, .. } = self.packed;
        &left[(self.item * pairs.rows + row) * depth..][..*depth]
    }

    /// The columns of the right operand at a depth.
    #[inline(always)]
    fn right(&self, at: usize) -> &[T] {
        let Packed { pairs, depth, right, .. } = self.packed;
        &right[(self.item * depth + at) * pairs.columns..][..pairs.columns]
    }

    /// Some factors of a row.
    #[inline(always)]
    fn factors<F: Function<T>>(&self, row: usize, columns: Range<usize>) -> [&[T]; 3] {
        let mut factors: [&[T]; 3] = [&[]; 3];
        for (which, own) in self.packed.factors.iter().enumerate().take(F::FACTORS) {
            factors[which] = &own.row(self.item, row, self.packed.pairs.columns)[columns.clone()];
        }
        factors
    }

    /// What a sum is, rounded.
    #[inline(always)]
    fn rounded(&self, sum: f64) -> T {
        T::narrow(sum * self.packed.pairs.outside)
    }

    /// The result has pairs: some rows and columns at a time.
    #[inline(always)]
    pub(super) fn along_depth<A: Arithmetic, F: Function<T>>(&self, out: &mut [T]) {
        let (depth, columns) = (self.packed.pairs.depth, self.packed.pairs.columns);
        let run = if F::IS_SUM { RUN } else { depth };
        let mut sums = Lines([[T::NOTHING; WIDTH]; SUMS]);
        let mut totals = Lines([[0.0; WIDTH]; SUMS]);
        for column in (0..columns).step_by(WIDTH) {
            let there = column..(column + WIDTH).min(columns);
            let width = there.len();
            for first in self.range.clone().step_by(SUMS) {
                let mut rows = [first; SUMS];
                rows.iter_mut().enumerate().for_each(|(at, row)| *row = (first + at).min(self.range.end - 1));
                let factors = rows.map(|row| self.factors::<F>(row, there.clone()));
                let left = rows.map(|row| self.left(row));
                sums.0.iter_mut().for_each(|sums| sums[..width].fill(T::NOTHING));
                for first in (0..depth).step_by(run) {
                    let range = first..(first + run).min(depth);
                    in_steps!(TERMS of range, |at| step_along_depth::<A, T, F>(left, at, self, &there, factors, &mut sums.0));
                    if depth > run {
                        if first == 0 {
                            totals.0.iter_mut().for_each(|totals| totals[..width].fill(0.0));
                        }
                        totals.0.iter_mut().zip(&mut sums.0).for_each(|(totals, sums)| add(totals, sums, width));
                    }
                }
                for (number, row) in (first..self.range.end).take(SUMS).enumerate() {
                    let at = (row - self.range.start) * columns + column;
                    let out = &mut out[at..at + width];
                    if !F::IS_SUM {
                        out.copy_from_slice(&sums.0[number][..width]);
                    } else if depth > run {
                        out.iter_mut().zip(&totals.0[number]).for_each(|(out, &sum)| *out = self.rounded(sum));
                    } else {
                        let outside = T::narrow(self.packed.pairs.outside);
                        out.iter_mut().zip(&sums.0[number]).for_each(|(out, &sum)| *out = sum * outside);
                    }
                }
            }
        }
    }

    /// The result is like the left operand: some entries along the depth at a time, whose lanes are added up in the end.
    #[inline(always)]
    pub(super) fn along_columns<A: Arithmetic, F: Function<T>>(&self, out: &mut [T]) {
        let Packed { pairs, depth, .. } = *self.packed;
        let mut sums = Lines([[T::NOTHING; LANES]; SUMS]);
        for first in (0..depth).step_by(SUMS) {
            let right: [&[T]; SUMS] = [0, 1, 2, 3].map(|at| self.right(first + at));
            for row in self.range.clone() {
                let left: &[T; SUMS] = self.left(row)[first..].first_chunk().expect("fours");
                let factors = self.factors::<F>(row, 0..pairs.columns);
                let mut totals = [0.0; SUMS];
                for run in (0..pairs.columns).step_by(RUN * LANES) {
                    let there = run..(run + RUN * LANES).min(pairs.columns);
                    sums.0 = [[T::NOTHING; LANES]; SUMS];
                    let whole = there.len() / LANES;
                    in_steps!(RUNS of 0..whole, |at| step_along_columns::<A, T, F>(
                        left,
                        right,
                        factors,
                        there.start + at * LANES,
                        LANES,
                        &mut sums.0
                    ));
                    let rest = there.start + whole * LANES;
                    if rest < there.end {
                        let length = there.end - rest;
                        step_along_columns::<A, T, F, 1>(left, right, factors, rest, length, &mut sums.0);
                    }
                    totals.iter_mut().zip(&sums.0).for_each(|(total, sums)| *total += joined_lanes(sums).widen());
                }
                let there = SUMS.min(pairs.depth - first);
                let at = (row - self.range.start) * pairs.depth + first;
                out[at..at + there].iter_mut().zip(totals).for_each(|(out, total)| *out = self.rounded(total));
            }
        }
    }

    /// The result is like the right operand: some columns and entries along the depth at a time.
    #[inline(always)]
    pub(super) fn along_rows<A: Arithmetic, F: Function<T>>(&self, out: &mut [T]) {
        let Packed { pairs, depth, .. } = *self.packed;
        let mut sums = Lines([[T::NOTHING; WIDTH]; SUMS]);
        let mut totals = Buffer::<f64>::of(depth.min(DEPTHS) * WIDTH);
        for column in self.range.clone().step_by(WIDTH) {
            let there = column..(column + WIDTH).min(self.range.end);
            for block in (0..depth).step_by(DEPTHS) {
                let end = (block + DEPTHS).min(depth);
                totals.fill(0.0);
                for run in (0..pairs.rows).step_by(RUN) {
                    for (first, totals) in (block..end).step_by(SUMS).zip(totals.chunks_mut(SUMS * WIDTH)) {
                        let right: [&[T]; SUMS] = [0, 1, 2, 3].map(|at| &self.right(first + at)[there.clone()]);
                        let range = run..(run + RUN).min(pairs.rows);
                        in_steps!(TERMS of range, |row| step_along_rows::<A, T, F>(
                            self, row, first, right, &there, &mut sums.0
                        ));
                        let totals = totals.as_chunks_mut::<WIDTH>().0;
                        totals.iter_mut().zip(&mut sums.0).for_each(|(totals, sums)| add(totals, sums, there.len()));
                    }
                }
                for lane in 0..there.len() {
                    let at = (column + lane - self.range.start) * pairs.depth;
                    let out = &mut out[at + block..at + end.min(pairs.depth)];
                    for (depth, out) in out.iter_mut().enumerate() {
                        *out = self.rounded(totals[depth * WIDTH + lane]);
                    }
                }
            }
        }
    }
}

/// Adds terms of some depths to sums of some rows.
#[inline(always)]
fn step_along_depth<A: Arithmetic, T: Lane, F: Function<T>, const STEP: usize>(
    left: [&[T]; SUMS],
    first: usize,
    part: &Part<'_, '_, T>,
    columns: &Range<usize>,
    factors: [[&[T]; 3]; SUMS],
    sums: &mut [[T; WIDTH]; SUMS],
) {
    let left: [&[T; STEP]; SUMS] = left.map(|left| left[first..].first_chunk().expect("as many as there are"));
    let mut right: [&[T]; STEP] = [&[]; STEP];
    for (at, right) in right.iter_mut().enumerate() {
        *right = &part.right(first + at)[columns.clone()];
    }
    let length = columns.len().min(WIDTH);
    let right = right.map(|right| &right[..length]);
    let factors = factors.map(|factors| factors.map(|factors| &factors[..length.min(factors.len())]));
    for lane in 0..length {
        let right = right.map(|right| right[lane]);
        for row in 0..SUMS {
            let own = factors_at::<T, F>(factors[row], lane);
            let mut sum = sums[row][lane];
            for at in 0..STEP {
                sum = F::added::<A>(left[row][at] - right[at], own, sum);
            }
            sums[row][lane] = sum;
        }
    }
}

/// Adds terms of some runs of columns to sums of some depths.
#[inline(always)]
fn step_along_columns<A: Arithmetic, T: Lane, F: Function<T>, const STEP: usize>(
    left: &[T; SUMS],
    right: [&[T]; SUMS],
    factors: [&[T]; 3],
    first: usize,
    length: usize,
    sums: &mut [[T; LANES]; SUMS],
) {
    let length = length.min(LANES);
    let right = right.map(|right| &right[first..first + (STEP - 1) * LANES + length]);
    let factors = factors.map(|factors| match factors.is_empty() {
        true => factors,
        false => &factors[first..first + (STEP - 1) * LANES + length],
    });
    for lane in 0..length {
        let mut own = [[T::NOTHING; 3]; STEP];
        for (at, own) in own.iter_mut().enumerate() {
            *own = factors_at::<T, F>(factors, at * LANES + lane);
        }
        for depth in 0..SUMS {
            let mut sum = sums[depth][lane];
            for at in 0..STEP {
                sum = F::added::<A>(left[depth] - right[depth][at * LANES + lane], own[at], sum);
            }
            sums[depth][lane] = sum;
        }
    }
}

/// Adds terms of some rows to sums of some depths.
#[inline(always)]
fn step_along_rows<A: Arithmetic, T: Lane, F: Function<T>, const STEP: usize>(
    part: &Part<'_, '_, T>,
    first: usize,
    depth: usize,
    right: [&[T]; SUMS],
    columns: &Range<usize>,
    sums: &mut [[T; WIDTH]; SUMS],
) {
    let length = columns.len().min(WIDTH);
    let right = right.map(|right| &right[..length]);
    let mut left = [[T::NOTHING; SUMS]; STEP];
    let mut factors: [[&[T]; 3]; STEP] = [[&[]; 3]; STEP];
    for at in 0..STEP {
        left[at] = *part.left(first + at)[depth..].first_chunk().expect("fours");
        factors[at] = part.factors::<F>(first + at, columns.clone());
    }
    let factors = factors.map(|factors| factors.map(|factors| &factors[..length.min(factors.len())]));
    for lane in 0..length {
        let mut own = [[T::NOTHING; 3]; STEP];
        for at in 0..STEP {
            own[at] = factors_at::<T, F>(factors[at], lane);
        }
        for depth in 0..SUMS {
            let right = right[depth][lane];
            let mut sum = sums[depth][lane];
            for at in 0..STEP {
                sum = F::added::<A>(left[at][depth] - right, own[at], sum);
            }
            sums[depth][lane] = sum;
        }
    }
}

/// The factors of a column, as many as the function has.
#[inline(always)]
fn factors_at<T: Lane, F: Function<T>>(factors: [&[T]; 3], lane: usize) -> [T; 3] {
    let mut own = [T::NOTHING; 3];
    for which in 0..F::FACTORS {
        own[which] = factors[which][lane];
    }
    own
}

/// The sum of neighbours, half by half.
#[inline(always)]
fn joined_lanes<T: Lane>(lanes: &[T; LANES]) -> T {
    #[inline(always)]
    fn halved<T: Lane, const N: usize>(lanes: &[T]) -> [T; N] {
        let mut sums = [T::NOTHING; N];
        for (lane, sum) in sums.iter_mut().enumerate() {
            *sum = lanes[lane] + lanes[lane + N];
        }
        sums
    }
    let [a, b] = halved::<T, 2>(&halved::<T, 4>(&halved::<T, 8>(&halved::<T, 16>(&halved::<T, 32>(lanes)))));
    a + b
}

/// Adds sums of runs to their totals; they begin anew.
#[inline(always)]
fn add<T: Lane>(totals: &mut [f64; WIDTH], sums: &mut [T; WIDTH], width: usize) {
    for (total, sum) in totals[..width].iter_mut().zip(&mut sums[..width]) {
        *total += sum.widen();
        *sum = T::NOTHING;
    }
}
