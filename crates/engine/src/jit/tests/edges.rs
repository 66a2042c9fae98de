//! Nothing is written beyond a row or a buffer, and nothing read.
#![allow(unsafe_code)]

use std::ptr::null_mut;

use smallvec::SmallVec;

use super::super::{Bases, TileRows};
use super::{FLOATS, levels, noisy, passes, plan_of};
use crate::dtype::DType;
use crate::exec::tiles::Lane;
use crate::formula::Formula;
use crate::plan::{Advance, Source};

/// Entries around what belongs to a tile.
const GUARD: usize = 100;
const MARK: f64 = -777.0;

/// Runs the only segment of a pass of plain arithmetic on some of three rows, in buffers of its own, and checks that the others and
/// what is around them keep their marks. The inputs are marked, too: what is read beyond an end would be seen.
fn written<T: Lane + Into<f64>>(
    tensors: &[Formula],
    columns: usize,
    level: crate::exec::Level,
    rows: std::ops::Range<usize>,
) {
    let plan = level.force(|| plan_of(tensors));
    let pass = passes(&plan).next().expect("a pass");
    let code = plan.code[0].as_ref().expect("plain arithmetic has code");
    assert!(code.segments.len() == 1 && code.segments[0].interface.row_sources.is_empty());
    let mut buffers: Vec<Vec<T>> = pass
        .memory
        .iter()
        .map(|memory| {
            let length = match memory.advance {
                Advance::Full => 3 * columns,
                Advance::Row => 3,
                Advance::Column | Advance::Fixed => columns,
            };
            let value = |at: usize| if at < length { T::narrow(1.0 + at as f64) } else { T::narrow(f64::NAN) };
            match memory.source {
                Source::Input(..) => (0..length + GUARD).map(value).collect(),
                Source::Output(_) => vec![T::narrow(MARK); length + GUARD],
            }
        })
        .collect();
    let mut scratch = vec![T::narrow(0.0); pass.scratch + 1];
    let memory: SmallVec<[*mut T; 12]> = buffers.iter_mut().map(|buffer| buffer.as_mut_ptr()).collect();
    let tile = TileRows { rows: rows.clone(), columns };
    let bases = Bases { registers: scratch.as_mut_ptr(), carried: null_mut(), memory: &memory, operands: &[] };
    // SAFETY: the buffers are longer than three rows, the pass keeps nothing for whole rows, and the processor has the level.
    unsafe { code.run(0, tile, bases, |_, _, _| ()) };
    for (memory, buffer) in pass.memory.iter().zip(&buffers) {
        if matches!(memory.source, Source::Input(..)) {
            continue;
        }
        let size = if memory.advance == Advance::Full { columns } else { 1 };
        for (at, &value) in buffer.iter().enumerate() {
            let is_written = (rows.start * size..rows.end * size).contains(&at);
            let value: f64 = value.into();
            assert!(
                !value.is_nan() && (value != MARK) == is_written,
                "{level:?} rows {rows:?} of {columns} entries: entry {at} is {value}"
            );
        }
    }
}

fn written_in(
    dtype: DType,
    tensors: &[Formula],
    columns: usize,
    level: crate::exec::Level,
    rows: std::ops::Range<usize>,
) {
    match dtype {
        DType::F32 => written::<f32>(tensors, columns, level, rows),
        _ => written::<f64>(tensors, columns, level, rows),
    }
}

/// The end of a buffer.
#[test]
fn one_row() {
    for (level, _) in levels() {
        for dtype in FLOATS {
            for columns in 1..=140 {
                let x = noisy(1, &[1000], dtype);
                written_in(dtype, &[&x * 2.0, (&x + 1.0).abs()], columns, level, 0..1);
            }
        }
    }
}

/// The ends of rows, by a loop over rows whose length is known.
#[test]
fn one_of_several_rows() {
    for (level, _) in levels() {
        for dtype in FLOATS {
            for columns in (5..=140).chain([255, 256, 257, 500, 600]) {
                let (x, row) = (noisy(1, &[3, columns], dtype), noisy(2, &[3, 1], dtype));
                let y = &x * &row;
                for rows in [1..2, 2..3, 0..1, 0..2, 0..3] {
                    let results = [y.abs(), &row + &x, y.max_axis(-1), (&x + 1.0).sum_axis(-1)];
                    written_in(dtype, &results, columns, level, rows);
                }
            }
        }
    }
}
