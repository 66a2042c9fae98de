//! The interpreter of passes: one walk over memory in tiles that stay in the cache, each instruction a SIMD kernel over a tile.

mod kernels;
mod load;
mod places;
mod reductions;
mod worker;

use std::ops::Range;
use std::panic::Location;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::dtype::{DType, Element};
use crate::exec::dispatch::Level;
use crate::jit::{BEHIND_SUMS, Code};
use crate::op::Reduction;
use crate::plan::{Advance, Pass, Source};
use crate::storage::Storage;
pub(crate) use kernels::Lane;
use places::Span;
pub(super) use reductions::greatest;
use worker::add_up;

/// The values of a running plan.
pub(super) type Values = [Option<Arc<Storage>>];

/// A pass with the memory it works on.
struct Bound<'a, T: Lane> {
    pass: &'a Pass,
    /// `Pass::memory`.
    memory: SmallVec<[Span<T>; 12]>,
    loads: SmallVec<[&'a Storage; 4]>,
    /// The indices of each row.
    indices: SmallVec<[&'a [i64]; 2]>,
    /// Results that are truth values, in the place that they have among all.
    truths: SmallVec<[Span<bool>; 4]>,
    locations: &'a [&'static Location<'static>],
    level: Level,
    /// The machine code, where there is some.
    code: Option<&'a Code>,
}

/// What a block has added up.
struct Partial {
    totals: SmallVec<[f64; 4]>,
    /// Reductions across rows, one after the other, and some room behind them.
    across: Buffer<f64>,
    /// What of each was added to; the rest holds anything.
    touched: SmallVec<[Range<usize>; 2]>,
}

/// Runs a pass, by its machine code on a level that it was made for.
pub(super) fn run(pass: &Pass, code: Option<&Code>, values: &mut Values, locations: &[&'static Location<'static>]) {
    match pass.lane {
        DType::F32 => run_in::<f32>(pass, code, values, locations),
        DType::F64 => run_in::<f64>(pass, code, values, locations),
        DType::I64 | DType::Bool => unreachable!("passes compute in floating point"),
    }
}

fn present(values: &Values, value: u32) -> &Storage {
    values[value as usize].as_deref().expect("what a pass reads was computed before and is released after")
}

/// The part of a buffer from an entry on, if so many entries follow.
fn part<T>(values: &[T], offset: isize, length: usize) -> &[T] {
    &values[offset as usize..][..length]
}

fn run_in<T: Lane>(pass: &Pass, code: Option<&Code>, values: &mut Values, locations: &[&'static Location<'static>]) {
    let mut results: SmallVec<[Storage; 4]> = SmallVec::new();
    for output in &pass.outputs {
        results.push(match output.dtype {
            DType::Bool => Storage::Bool(Buffer::of(output.length)),
            DType::F32 | DType::F64 => T::storage(Buffer::of(output.length)),
            DType::I64 => unreachable!("passes compute no integers"),
        });
    }
    let entries = pass.rows * pass.columns;
    let length = |advance: Advance| match advance {
        Advance::Full => entries,
        Advance::Row => pass.rows,
        Advance::Column => pass.columns,
        Advance::Fixed => 1,
    };
    let level = Level::current();
    // Slicing checks that all that the pass will touch is there.
    let mut bound = Bound::<T> {
        pass,
        memory: SmallVec::new(),
        loads: pass.loads.iter().map(|load| present(values, load.value)).collect(),
        indices: SmallVec::new(),
        truths: SmallVec::new(),
        locations,
        level,
        code: code.filter(|code| level.isa() == Some(code.isa())),
    };
    let mut numbers: SmallVec<[Span<T>; 4]> = SmallVec::new();
    for result in &mut results {
        numbers.push(Span::of_result(T::slice_mut(result).unwrap_or_default()));
        bound.truths.push(Span::of_result(bool::slice_mut(result).unwrap_or_default()));
    }
    for memory in &pass.memory {
        bound.memory.push(match memory.source {
            Source::Input(value, offset) => {
                Span::of_input(present(values, value).typed::<T>(), offset, length(memory.advance))
            }
            Source::Output(number) => {
                assert!(pass.outputs[number as usize].length == length(memory.advance), "a result of another size");
                numbers[number as usize]
            }
        });
    }
    for index in &pass.indices {
        bound.indices.push(part(present(values, index.value).typed::<i64>(), index.offset, pass.rows));
    }

    let partial = add_up(&bound);
    drop(bound);
    for (output, result) in pass.outputs.iter().zip(results) {
        values[output.value as usize] = Some(Arc::new(result));
    }
    let scalar = |dtype: DType, value: f64| match dtype {
        DType::Bool => Storage::Bool(Buffer::filled(1, value != 0.0)),
        DType::F32 | DType::F64 => T::storage(Buffer::filled(1, T::narrow(value))),
        DType::I64 => unreachable!("passes compute no integers"),
    };
    for (total, sum) in pass.totals.iter().zip(partial.totals) {
        values[total.value as usize] = Some(Arc::new(scalar(total.dtype, sum)));
    }
    let mut sums = &partial.across[..];
    for across in &pass.across {
        let (own, rest) = sums.split_at(across.length);
        sums = rest;
        let storage = match across.dtype {
            DType::Bool => Storage::Bool(own.iter().map(|&sum| sum != 0.0).collect::<Vec<bool>>().into()),
            DType::F32 | DType::F64 => {
                let mut result = Buffer::<T>::of(across.length);
                result.iter_mut().zip(own).for_each(|(to, &sum)| *to = T::narrow(sum));
                T::storage(result)
            }
            DType::I64 => unreachable!("passes compute no integers"),
        };
        values[across.value as usize] = Some(Arc::new(storage));
    }
}

/// What a reduction starts from.
fn start(reduction: Reduction) -> f64 {
    match reduction {
        Reduction::Sum => 0.0,
        Reduction::Max => f64::NEG_INFINITY,
        Reduction::Min => f64::INFINITY,
    }
}

/// Two parts of a reduction; NaN wins.
fn combine(reduction: Reduction, a: f64, b: f64) -> f64 {
    match reduction {
        Reduction::Sum => a + b,
        Reduction::Max if b > a || b.is_nan() => b,
        Reduction::Min if b < a || b.is_nan() => b,
        Reduction::Max | Reduction::Min => a,
    }
}

impl Partial {
    /// Nothing, not even room for sums.
    fn none() -> Partial {
        Partial { totals: SmallVec::new(), across: Vec::new().into(), touched: SmallVec::new() }
    }

    /// Where the reductions of a pass start from; of those across rows only what the given rows are added to.
    fn of_rows(pass: &Pass, rows: Range<usize>) -> Partial {
        let totals = pass.totals.iter().map(|total| start(total.reduction)).collect();
        if pass.across.is_empty() {
            return Partial { totals, ..Partial::none() };
        }
        let length = pass.across.iter().fold(BEHIND_SUMS, |sum, across| sum.saturating_add(across.length));
        let mut across = Buffer::of(length);
        let mut touched = SmallVec::new();
        let mut at = 0;
        for reduction in &pass.across {
            let own = reduction.touched(rows.clone(), pass.columns);
            let own = at + own.start..at + own.end;
            across[own.clone()].fill(start(reduction.reduction));
            touched.push(own);
            at += reduction.length;
        }
        Partial { totals, across, touched }
    }

    fn add(&mut self, pass: &Pass, other: &Partial) {
        for ((total, sum), &part) in pass.totals.iter().zip(&mut self.totals).zip(&other.totals) {
            *sum = combine(total.reduction, *sum, part);
        }
        for (across, touched) in pass.across.iter().zip(&other.touched) {
            let sums = self.across[touched.clone()].iter_mut().zip(&other.across[touched.clone()]);
            match across.reduction {
                Reduction::Sum => sums.for_each(|(sum, &part)| *sum += part),
                reduction => sums.for_each(|(sum, &part)| *sum = combine(reduction, *sum, part)),
            }
        }
    }
}
