//! Machine code for passes: runs of tile instructions become one loop over vectors, which keeps what is between them in the processor's
//! registers. The interpreter of tiles runs what has no code, and says what the code must compute.
//!
//! ```text
//! segments.rs    which instructions of a pass are run together, and what of theirs somebody else reads
//! translate.rs   from tile instructions to a graph of operations of the processor
//! symbol.rs      the elementary functions, recorded into that graph
//! order.rs       the steps of the code for a vector, and when each value is used
//! side_by_side.rs which vectors are computed side by side
//! emit.rs        the code for some vectors, registers handed out
//! operations.rs  each operation as an instruction
//! reduce.rs      sums and extremes
//! assemble.rs    the loop around it
//! assembler/     the bytes of the instructions
//! frame.rs       what the code is called with
//! streaming.rs   what is asked for ahead, and what is written past the caches
//! call.rs        the call
//! ```

mod assemble;
pub(crate) mod assembler;
mod call;
mod emit;
mod frame;
mod graph;
mod operations;
mod order;
mod reduce;
mod segments;
mod side_by_side;
mod streaming;
mod symbol;
#[cfg(test)]
mod tests;
mod translate;

use std::ops::Range;
use std::sync::Arc;

use crate::dtype::DType;
use crate::plan::{Pass, RowSource};
use assemble::{Interface, assemble};
pub(crate) use assembler::Isa;
use assembler::{Assembler, Executable, Precision};
pub(crate) use frame::RowOperand;
pub(crate) use segments::{Item, PhaseCode};
use streaming::Streaming;
pub(crate) use symbol::BitPattern;
pub(crate) use translate::{Destination, is_generated, reads_truths};

/// Whether code is generated at all.
pub(crate) const AVAILABLE: bool = true;

/// The machine code of a pass.
#[derive(Debug)]
pub(crate) struct Code {
    /// The pages, which the passes of a plan share.
    executable: Arc<Executable>,
    isa: Isa,
    segments: Vec<Segment>,
    phases: Vec<PhaseCode>,
}

#[derive(Debug)]
struct Segment {
    entry: usize,
    interface: Interface,
}

/// The rows of a tile that a segment is run on.
pub(crate) struct TileRows {
    pub(crate) rows: Range<usize>,
    /// Entries of a row.
    pub(crate) columns: usize,
}

/// Where what a segment reads and writes begins.
pub(crate) struct Bases<'a, T> {
    /// The registers of the pass's scratch.
    pub(crate) registers: *mut T,
    /// Those of whole rows, at the tile's first column.
    pub(crate) carried: *mut T,
    /// `Pass::memory`, at the tile.
    pub(crate) memory: &'a [*mut T],
    /// The rows of [`row_sources`](Code::row_sources).
    pub(crate) operands: &'a [RowOperand],
}

/// The machine code of each pass for an instruction set, in pages that they share, and how many bytes the pages have. Passes of which
/// nothing can be generated have none; nor has any if the system forbids it.
pub(crate) fn generate<'a>(passes: impl Iterator<Item = &'a Pass>, isa: Isa) -> (Vec<Option<Code>>, usize) {
    let mut bytes: Vec<u8> = Vec::new();
    let generated: Vec<_> = passes
        .map(|pass| {
            let code = if pass.is_few_scalars() { None } else { in_lane(pass, isa) };
            let (own, mut segments, phases) = code?;
            bytes.resize(bytes.len().next_multiple_of(ALIGNMENT), 0);
            segments.iter_mut().for_each(|segment| segment.entry += bytes.len());
            bytes.extend(own);
            Some((segments, phases))
        })
        .collect();
    let pages = if bytes.is_empty() { None } else { Executable::new(&bytes).map(Arc::new) };
    let code = generated.into_iter().map(|generated| {
        let ((segments, phases), executable) = (generated?, Arc::clone(pages.as_ref()?));
        Some(Code { executable, isa, segments, phases })
    });
    (code.collect(), pages.as_ref().map_or(0, |pages| pages.bytes()))
}

/// The bytes of a pass's code, in the type that it computes in.
fn in_lane(pass: &Pass, isa: Isa) -> Option<(Vec<u8>, Vec<Segment>, Vec<PhaseCode>)> {
    match pass.lane {
        DType::F32 => assembled::<f32>(pass, isa, Precision::Single),
        DType::F64 => assembled::<f64>(pass, isa, Precision::Double),
        DType::I64 | DType::Bool => None,
    }
}

impl Code {
    /// The instruction set that it consists of.
    pub(crate) fn isa(&self) -> Isa {
        self.isa
    }

    /// The bytes of what describes the code; its pages are counted by whoever shares them out.
    pub(crate) fn bytes(&self) -> usize {
        let items: usize = self.phases.iter().map(|phase| phase.full.len() + phase.rows.len()).sum();
        self.segments.len() * size_of::<Segment>()
            + self.phases.len() * size_of::<PhaseCode>()
            + items * size_of::<Item>()
    }

    /// What a phase does, for its rows and for its tiles.
    pub(crate) fn phase(&self, number: usize) -> &PhaseCode {
        &self.phases[number]
    }

    /// The rows that a segment reads where they lie.
    pub(crate) fn row_sources(&self, segment: u32) -> &[RowSource] {
        &self.segments[segment as usize].interface.row_sources
    }

    /// The reductions across rows that a segment adds to.
    pub(crate) fn across(&self, segment: u32) -> &[u16] {
        &self.segments[segment as usize].interface.across
    }
}

/// Where functions and their constants may begin.
const ALIGNMENT: usize = 64;

/// How many sums are read and written behind the last of a row.
pub(crate) const BEHIND_SUMS: usize = 16;

/// The bytes of a pass's code, what they consist of, and what its phases do.
fn assembled<N: BitPattern>(
    pass: &Pass,
    isa: Isa,
    element: Precision,
) -> Option<(Vec<u8>, Vec<Segment>, Vec<PhaseCode>)> {
    let mut assembler = Assembler::new(isa);
    let mut segments = Vec::new();
    let (mut phases, candidates) = segments::divide::<N>(pass, isa);
    let streaming = Streaming::of(pass, &candidates);
    let mut code = Vec::with_capacity(candidates.len());
    for (number, candidate) in candidates.iter().enumerate() {
        let entry = assembler.position().next_multiple_of(ALIGNMENT);
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
