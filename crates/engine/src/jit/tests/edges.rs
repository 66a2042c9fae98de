//! Nothing is written beyond a row or a buffer, and nothing read.
#![allow(unsafe_code)]

use std::ptr::null_mut;

use smallvec::SmallVec;

use super::super::{Bases, RowOperand, TileRows};
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

/// Truth values that end where the memory does: what lies behind them may not even be looked at.
#[test]
fn truths_at_the_end_of_memory() {
    const PAGE: usize = 4096;
    // SAFETY: two pages of our own, the second of which nobody may touch; they are given back below.
    let pages = unsafe {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let pages = libc::mmap(null_mut(), 2 * PAGE, access, kind, -1, 0);
        assert_ne!(pages, libc::MAP_FAILED);
        assert_eq!(libc::mprotect(pages.byte_add(PAGE), PAGE, libc::PROT_NONE), 0);
        pages.cast::<u8>()
    };
    for (level, isa) in levels().into_iter().filter(|&(_, isa)| crate::jit::reads_truths(isa)) {
        for columns in 5..=70 {
            let (x, mask) = (noisy(1, &[columns], DType::F32), Formula::from_vec(vec![true; columns], [columns]));
            let plan = level.force(|| plan_of(&[mask.select(&(&x + 1.0), &x)]));
            let pass = passes(&plan).next().expect("a pass");
            let code = plan.code[0].as_ref().expect("a choice has code");
            assert_eq!((code.segments.len(), code.segments[0].interface.row_sources.len()), (1, 1), "{isa:?}");
            let mut buffers = vec![vec![1.0_f32; columns]; pass.memory.len()];
            let memory: SmallVec<[*mut f32; 12]> = buffers.iter_mut().map(|buffer| buffer.as_mut_ptr()).collect();
            let mut scratch = vec![0.0_f32; pass.scratch + 1];
            // SAFETY: within the first page, of which the last bytes become truth values.
            let first = unsafe {
                let first = pages.add(PAGE - columns);
                first.write_bytes(1, columns);
                first
            };
            let operands = [RowOperand { first, step: 0 }];
            let bases =
                Bases { registers: scratch.as_mut_ptr(), carried: null_mut(), memory: &memory, operands: &operands };
            // SAFETY: the buffers have an entry for each column, and so have the truth values; the processor has the level.
            unsafe { code.run(0, TileRows { rows: 0..1, columns }, bases, |_, _, _| ()) };
            assert!(buffers.iter().any(|buffer| *buffer == vec![2.0; columns]), "{isa:?} {columns}: {buffers:?}");
        }
    }
    // SAFETY: they were ours, and nothing points there any more.
    unsafe { libc::munmap(pages.cast(), 2 * PAGE) };
}
