//! Reductions over pairs, register-blocked as a matrix product is: operands are packed, and the columns of the pair lie side by side in
//! registers, whichever axis is reduced.
//!
//! As in a product of matrices, terms are added up in their own type, here in runs of at most [`RUN`] for each lane; the runs are added up in
//! double precision.

mod direct;
mod function;
mod packed;
mod steps;
#[cfg(test)]
mod tests;
mod tiles;

use std::ops::Range;
use std::sync::Arc;

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::dispatch::{Kernel, Level};
use crate::exec::functions::Arithmetic;
use crate::exec::pairs::function::{Difference, Function, Greatest, Lane, Magnitude, ScaledSquare, Sign, Square};
use crate::exec::pairs::packed::Packed;
use crate::exec::threads::share_chunks;
use crate::exec::vectors::Scalar;
use crate::op::Reduction;
use crate::plan::{Pairs, Reduced, Term};
use crate::storage::Storage;

/// Columns of a tile: what is added to stays in the first-level cache.
const WIDTH: usize = 256;

/// Sums that grow side by side, while operands are in registers.
const SUMS: usize = 4;

/// Terms that are added to each before it goes back to memory, where there are so many.
const TERMS: usize = 4;

/// Terms that a sum of its own type takes.
const RUN: usize = 32;

/// Columns that are added up side by side where columns are reduced.
const LANES: usize = 64;

/// Runs of columns that are added to each sum before it goes back to memory.
const RUNS: usize = 4;

/// Depths that have totals at a time where rows are reduced: so many stay in the second-level cache, however deep the operands are.
const DEPTHS: usize = 64;

/// Differences that make a part worth a thread.
const PART: usize = 1 << 16;

pub(super) fn run(pairs: &Pairs, values: &[Option<Arc<Storage>>]) -> Arc<Storage> {
    match pairs.dtype {
        DType::F32 => storage_of::<f32>(pairs, values),
        DType::F64 => storage_of::<f64>(pairs, values),
        DType::I64 | DType::Bool => unreachable!("pairs are of floating-point numbers"),
    }
}

fn storage_of<T: Lane + Scalar>(pairs: &Pairs, values: &[Option<Arc<Storage>>]) -> Arc<Storage> {
    direct::unscaled::<T>(pairs, values).unwrap_or_else(|| Arc::new(T::storage(reduced::<T>(pairs, values))))
}

fn reduced<T: Lane + Scalar>(pairs: &Pairs, values: &[Option<Arc<Storage>>]) -> Buffer<T> {
    let mut out = Buffer::of(pairs.elements());
    if direct::reduce::<T>(pairs, values, &mut out) {
        return out;
    }
    let packed = Packed::<T>::new(pairs, values);
    let packed = &packed;
    let out_of = &mut out[..];
    match (pairs.reduced, pairs.term, packed.factors.len()) {
        (Reduced::Depth, Term::Square, _) => share(packed, AlongDepth(Square), out_of),
        (Reduced::Depth, Term::ScaledSquare, _) => share(packed, AlongDepth(ScaledSquare), out_of),
        (Reduced::Depth, Term::Magnitude, _) if pairs.reduction == Reduction::Sum => {
            share(packed, AlongDepth(Magnitude), out_of);
        }
        (Reduced::Depth, Term::Magnitude, _) => share(packed, AlongDepth(Greatest), out_of),
        (Reduced::Columns, Term::Difference, 1) => share(packed, AlongColumns(Difference::<1>), out_of),
        (Reduced::Columns, Term::Difference, 2) => share(packed, AlongColumns(Difference::<2>), out_of),
        (Reduced::Columns, Term::Difference, 3) => share(packed, AlongColumns(Difference::<3>), out_of),
        (Reduced::Columns, Term::Sign, 1) => share(packed, AlongColumns(Sign::<1>), out_of),
        (Reduced::Columns, Term::Sign, 2) => share(packed, AlongColumns(Sign::<2>), out_of),
        (Reduced::Rows, Term::Difference, 1) => share(packed, AlongRows(Difference::<1>), out_of),
        (Reduced::Rows, Term::Difference, 2) => share(packed, AlongRows(Difference::<2>), out_of),
        (Reduced::Rows, Term::Difference, 3) => share(packed, AlongRows(Difference::<3>), out_of),
        (Reduced::Rows, Term::Sign, 1) => share(packed, AlongRows(Sign::<1>), out_of),
        (Reduced::Rows, Term::Sign, 2) => share(packed, AlongRows(Sign::<2>), out_of),
        _ => unreachable!("no such reduction is recognised"),
    }
    out
}

/// Computes the result in parts, which the sizes alone decide.
fn share<T: Lane, W: Walk<T>>(packed: &Packed<'_, T>, walk: W, out: &mut [T]) {
    let pairs = packed.pairs;
    let [outer, inner] = pairs.kept();
    let unit = if pairs.reduced == Reduced::Rows { WIDTH } else { SUMS };
    let work = (pairs.work() / pairs.batch.elements() / outer).max(1);
    let length = PART.div_ceil(work).next_multiple_of(unit);
    let level = Level::current();
    let parts: Vec<(usize, Range<usize>)> = (0..pairs.batch.elements())
        .flat_map(|item| (0..outer).step_by(length).map(move |first| (item, first..(first + length).min(outer))))
        .collect();
    let chunks = out.chunks_mut(outer * inner).flat_map(|item| item.chunks_mut(length * inner));
    share_chunks(parts.len(), parts.iter().zip(chunks), |((item, range), out)| {
        level.run(Work { part: Part { packed, item: *item, range: range.clone() }, out, walk });
    });
}

/// Some rows of the result of an item.
struct Part<'a, 'b, T: Lane> {
    packed: &'a Packed<'b, T>,
    item: usize,
    range: Range<usize>,
}

/// How a part is computed.
trait Walk<T: Lane>: Copy + Sync {
    fn walk<A: Arithmetic>(self, part: &Part<'_, '_, T>, out: &mut [T]);
}

/// The axis that is reduced, and the function.
#[derive(Clone, Copy)]
struct AlongDepth<F>(F);
#[derive(Clone, Copy)]
struct AlongColumns<F>(F);
#[derive(Clone, Copy)]
struct AlongRows<F>(F);

impl<T: Lane, F: Function<T>> Walk<T> for AlongDepth<F> {
    #[inline(always)]
    fn walk<A: Arithmetic>(self, part: &Part<'_, '_, T>, out: &mut [T]) {
        part.along_depth::<A, F>(out);
    }
}

impl<T: Lane, F: Function<T>> Walk<T> for AlongColumns<F> {
    #[inline(always)]
    fn walk<A: Arithmetic>(self, part: &Part<'_, '_, T>, out: &mut [T]) {
        part.along_columns::<A, F>(out);
    }
}

impl<T: Lane, F: Function<T>> Walk<T> for AlongRows<F> {
    #[inline(always)]
    fn walk<A: Arithmetic>(self, part: &Part<'_, '_, T>, out: &mut [T]) {
        part.along_rows::<A, F>(out);
    }
}

/// A part with the instructions of a level.
struct Work<'a, 'b, T: Lane, W> {
    part: Part<'a, 'b, T>,
    out: &'a mut [T],
    walk: W,
}

impl<T: Lane, W: Walk<T>> Kernel for Work<'_, '_, T, W> {
    type Output = ();

    #[inline(always)]
    fn run<A: Arithmetic>(self) {
        self.walk.walk::<A>(&self.part, self.out);
    }
}
