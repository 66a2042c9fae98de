//! The interpreter of passes: one walk over memory in tiles that stay in the cache, each instruction a SIMD kernel over a tile.

mod along;
mod assemble;
mod bound;
mod each;
mod kernels;
mod load;
mod lookup;
mod partial;
mod places;
mod reductions;
mod scalars;
mod shifts;
mod worker;

use std::panic::Location;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::dtype::DType;
use crate::exec::dispatch::Level;
use crate::jit::Code;
use crate::plan::{Advance, Pass, Source};
use crate::storage::Element;
use crate::storage::Storage;
pub(super) use along::Along;
use bound::Bound;
pub(crate) use kernels::Lane;
pub(super) use places::Span;
use places::part;
pub(super) use reductions::greatest;
use worker::add_up;

/// The values of a running plan.
pub(super) type Values = [Option<Arc<Storage>>];

/// Runs a pass, by its machine code on a level that it was made for.
pub(super) fn run(pass: &Pass, code: Option<&Code>, values: &mut Values, locations: &[&'static Location<'static>]) {
    match pass.lane {
        DType::F32 => run_along::<f32>(pass, code, values, locations, None),
        DType::F64 => run_along::<f64>(pass, code, values, locations, None),
        DType::I64 | DType::Bool => unreachable!("passes compute in floating point"),
    }
}

fn present(values: &Values, value: u32) -> &Storage {
    values[value as usize].as_deref().expect("what a pass reads was computed before and is released after")
}

/// Runs a pass, perhaps with what is computed along with it.
pub(super) fn run_along<T: Lane>(
    pass: &Pass,
    code: Option<&Code>,
    values: &mut Values,
    locations: &[&'static Location<'static>],
    along: Option<&dyn Along<T>>,
) {
    if along.is_none() && pass.is_few_scalars() {
        return scalars::run::<T>(pass, values);
    }
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
        pieces: SmallVec::new(),
        lookups: SmallVec::new(),
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
            Source::Input(value, offset) => match along.and_then(|along| along.value(value)) {
                Some(span) => {
                    let whole = offset == 0 && memory.advance == Advance::Full && span.length() == entries;
                    assert!(whole, "rows of another size");
                    span.as_input()
                }
                None => Span::of_input(present(values, value).typed::<T>(), offset, length(memory.advance)),
            },
            Source::Output(number) => {
                assert!(pass.outputs[number as usize].length == length(memory.advance), "a result of another size");
                numbers[number as usize]
            }
        });
    }
    for assembly in &pass.assemblies {
        bound.pieces.push(assembly.pieces.iter().map(|piece| present(values, piece.value)).collect());
    }
    for lookup in &pass.lookups {
        let indices = present(values, lookup.index).typed::<i64>();
        lookup::check(lookup, indices, locations[lookup.origin as usize]);
        bound.lookups.push((present(values, lookup.table).typed::<T>(), indices));
    }
    for index in &pass.indices {
        bound.indices.push(part(present(values, index.value).typed::<i64>(), index.offset, pass.rows));
    }

    let partial = add_up(&bound, along.map(|along| (along, &numbers[..])));
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
