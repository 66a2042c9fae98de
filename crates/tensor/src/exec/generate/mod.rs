//! Machine code for passes: runs of tile instructions become one loop over vectors, which keeps what is between them in the processor's
//! registers. The interpreter of tiles runs what has no code, and says what the code must compute.
//!
//! ```text
//! segments.rs    which instructions of a pass are run together, and what of theirs somebody else reads
//! translate.rs   from tile instructions to a graph of operations of the processor
//! symbol.rs      the elementary functions, recorded into that graph
//! order.rs       the steps of the code for a vector, and when each value is used
//! emit.rs        the code for some vectors, registers handed out
//! operations.rs  each operation as an instruction
//! reduce.rs      sums and extremes
//! assemble.rs    the loop around it
//! frame.rs       what the code is called with
//! streaming.rs   what is asked for ahead, and what is written past the caches
//! ```

mod assemble;
mod emit;
mod frame;
mod graph;
mod operations;
mod order;
mod reduce;
mod segments;
mod streaming;
mod symbol;
#[cfg(test)]
mod tests;
mod translate;

use std::ops::Range;

pub(crate) use super::code::Isa;
use super::code::{Assembler, Element, Executable};
use crate::dtype::DType;
use crate::op::Reduction;
use crate::plan::Pass;
use assemble::{Interface, assemble};
use frame::Frame;
pub(crate) use frame::RowOperand;
pub(crate) use segments::Item;
use streaming::Streaming;
pub(crate) use symbol::Number;
pub(crate) use translate::{Target, is_generated};

/// Whether code is generated at all.
pub(crate) const AVAILABLE: bool = true;

/// The machine code of a pass.
#[derive(Debug)]
pub(crate) struct Code {
    executable: Executable,
    segments: Vec<Segment>,
    phases: Vec<Phase>,
}

/// Segments and interpreted instructions, in order.
#[derive(Debug, Default)]
pub(super) struct Phase {
    pub(super) full: Vec<Item>,
    pub(super) rows: Vec<Item>,
}

#[derive(Debug)]
struct Segment {
    entry: usize,
    interface: Interface,
}

/// The rows of a tile that a segment is run on.
pub(super) struct Tile {
    pub(super) rows: Range<usize>,
    /// Entries of a row.
    pub(super) columns: usize,
}

/// Where what a segment reads and writes begins.
pub(super) struct Bases<'a, T> {
    /// The registers of the pass's scratch.
    pub(super) registers: *mut T,
    /// Those of whole rows, at the tile's first column.
    pub(super) carried: *mut T,
    /// `Pass::memory`, at the tile.
    pub(super) memory: &'a [*mut T],
    /// The rows of [`row_loads`](Code::row_loads).
    pub(super) operands: &'a [RowOperand],
}

impl Code {
    /// The code of a pass for an instruction set; `None` if nothing of it can be generated, or the system forbids it.
    pub(crate) fn of(pass: &Pass, isa: Isa) -> Option<Code> {
        match pass.lane {
            DType::F32 => Code::in_lane::<f32>(pass, isa, Element::Single),
            DType::F64 => Code::in_lane::<f64>(pass, isa, Element::Double),
            DType::I64 | DType::Bool => None,
        }
    }

    fn in_lane<N: Number>(pass: &Pass, isa: Isa, element: Element) -> Option<Code> {
        let (bytes, segments, phases) = assembled::<N>(pass, isa, element)?;
        Some(Code { executable: Executable::new(&bytes)?, segments, phases })
    }

    /// What a phase does, for its rows and for its tiles.
    pub(super) fn phase(&self, number: usize) -> &Phase {
        &self.phases[number]
    }

    /// The loads whose rows a segment reads where they lie.
    pub(super) fn row_loads(&self, segment: u32) -> &[u16] {
        &self.segments[segment as usize].interface.row_loads
    }

    /// The reductions across rows that a segment adds to.
    pub(super) fn across(&self, segment: u32) -> &[u16] {
        &self.segments[segment as usize].interface.across
    }

    /// Runs a segment; `visit` is given the results of reductions that are not for each row.
    ///
    /// # Safety
    /// The pointers must be those of the pass that the code was made for, at a tile of its memory: all of it valid for so many rows and
    /// columns; the operands those of [`row_loads`](Code::row_loads), each with as many entries as a row of the tile has, and then the
    /// rows of the sums of [`across`](Code::across), after each of which [`BEHIND_SUMS`] more can be written. No other thread may
    /// write to it, or read what the segment writes. The processor must have the instruction set that the code was made for.
    pub(super) unsafe fn run<T>(
        &self,
        segment: u32,
        tile: Tile,
        bases: Bases<'_, T>,
        mut visit: impl FnMut(Target, Reduction, f64),
    ) {
        const MOST: usize = 16;
        let Segment { entry, interface } = &self.segments[segment as usize];
        let Bases { registers, carried, memory, operands } = bases;
        #[cfg(test)]
        tests::RUNS.set(tests::RUNS.get() + 1);
        let Tile { rows, columns } = if interface.by_row {
            tile
        } else {
            debug_assert!(tile.rows.start == 0);
            Tile { rows: 0..1, columns: tile.rows.end * tile.columns }
        };
        let mut results = [0.0f64; MOST];
        assert!(
            interface.results.len() <= MOST && operands.len() == interface.row_loads.len() + interface.across.len()
        );
        // What does not fill a vector of 512 bits, or of 256.
        let fits = 64 / size_of::<T>();
        let tail = columns % fits;
        let tail_signs = signs(columns % (fits / 2), size_of::<T>());
        let mut frame = Frame {
            registers: registers.cast(),
            carried: carried.cast(),
            memory: memory.as_ptr().cast(),
            rows_end: rows.end * size_of::<T>(),
            row: columns * size_of::<T>(),
            operands: operands.as_ptr().cast(),
            results: results.as_mut_ptr(),
            tail_bits: (1 << tail) - 1,
            tail_signs,
            start: [rows.start * columns * size_of::<T>(), rows.start * size_of::<T>()],
        };
        // SAFETY: the entry is the beginning of a function of this signature, made by `assemble`, whose memory lives as long as
        // `self`. It touches the frame, its stack, and what the caller vouches for.
        unsafe {
            let function: extern "sysv64" fn(*mut Frame) = std::mem::transmute(self.executable.entry().add(*entry));
            function(&mut frame);
        }
        for (&(target, reduction), &result) in interface.results.iter().zip(&results) {
            visit(target, reduction, result);
        }
    }
}

/// How many sums are read and written behind the last of a row.
pub(super) const BEHIND_SUMS: usize = 16;

/// The bytes of a pass's code, what they consist of, and what its phases do.
fn assembled<N: Number>(pass: &Pass, isa: Isa, element: Element) -> Option<(Vec<u8>, Vec<Segment>, Vec<Phase>)> {
    let mut assembler = Assembler::new(isa);
    let mut segments = Vec::new();
    let (mut phases, candidates) = segments::divide::<N>(pass);
    let streaming = Streaming::of(pass, &candidates);
    let mut code = Vec::with_capacity(candidates.len());
    for (number, candidate) in candidates.iter().enumerate() {
        let entry = assembler.position().next_multiple_of(64);
        // What a body that fails has written is never run.
        let whole_rows = pass.by_rows && pass.tile_columns == pass.columns && candidate.full;
        let row_bytes = whole_rows.then(|| pass.columns * pass.lane.size());
        let interface = assemble(&mut assembler, &candidate.body, element, row_bytes, &streaming.of_segment(number));
        code.push(interface.map(|interface| {
            segments.push(Segment { entry, interface });
            segments.len() as u32 - 1
        }));
    }
    if segments.is_empty() {
        return None;
    }
    for phase in &mut phases {
        segments::settle(&mut phase.rows, &candidates, &code);
        segments::settle(&mut phase.full, &candidates, &code);
    }
    Some((assembler.finish(), segments, phases))
}

/// All bits of the first so many elements of 256 bits.
fn signs(count: usize, size: usize) -> [u64; 4] {
    let bytes = count * size;
    std::array::from_fn(|word| match bytes.saturating_sub(8 * word) {
        0 => 0,
        4 => u64::from(u32::MAX),
        _ => u64::MAX,
    })
}
