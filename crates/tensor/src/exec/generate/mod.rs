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
//! call.rs        the call
//! ```

mod assemble;
mod call;
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
use crate::plan::Pass;
use assemble::{Interface, assemble};
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
