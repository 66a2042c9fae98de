//! Memory that does not stay in the caches: what is asked for before it is needed, and what is written past them.

use super::assemble::MOST_DISPLACEMENT;
use super::segments::{Candidate, MOST_POINTED};
use crate::plan::{Advance, Operation, Pass, Region, Source};

/// Bytes up to which a pass finds its memory in the second-level cache anyway.
const NEAR: usize = 512 << 10;
/// A result from this size on is out of the caches before anybody reads it.
const FAR: usize = 32 << 20;
/// How far ahead the memory of a single walk is asked for.
const AHEAD: usize = 2048;
/// Bytes of a cache line.
const LINE: usize = 64;

/// What the segments of a pass do about memory.
pub(super) struct Streaming {
    /// The segment that computes most: memory arrives while it does.
    heaviest: Option<usize>,
    ahead: Vec<(u16, i32)>,
    past: Vec<u16>,
}

/// What one segment does about memory.
#[derive(Default)]
pub(super) struct OfSegment {
    /// Numbers in `Pass::memory`, and so many bytes ahead.
    pub(super) ahead: Vec<(u16, i32)>,
    /// Numbers in `Pass::memory` that are written past the caches.
    pub(super) past: Vec<u16>,
}

impl Streaming {
    pub(super) fn of(pass: &Pass, candidates: &[Candidate]) -> Streaming {
        let size = pass.lane.size();
        let whole = (pass.rows * pass.columns).saturating_mul(size);
        let full = |number: usize| pass.memory[number].advance == Advance::Full;
        let streams = (0..pass.memory.len()).filter(|&number| full(number)).count();
        let heaviest = (0..candidates.len())
            .filter(|&number| candidates[number].full)
            .max_by_key(|&number| candidates[number].body.graph.nodes.len());
        let mut streaming = Streaming { heaviest, ahead: Vec::new(), past: Vec::new() };
        let Some(heaviest) = heaviest.filter(|_| whole.saturating_mul(streams) > NEAR) else { return streaming };

        let aligned = !pass.by_rows || (pass.columns * size).is_multiple_of(LINE);
        if whole >= FAR && aligned {
            let is_output = |number: &u16| matches!(pass.memory[*number as usize].source, Source::Output(_));
            let numbers = (0..pass.memory.len() as u16).filter(|&number| full(number as usize)).filter(is_output);
            streaming.past = numbers.filter(|&number| !is_read(pass, number)).collect();
        }
        // Rows that are walked through several times are next needed as a whole.
        let walks = pass.phases.iter().filter(|phase| !phase.full.is_empty()).count();
        let long = pass.by_rows && pass.tile_columns < pass.columns;
        let next = match (walks > 1, long) {
            (true, true) => pass.columns.saturating_mul(size),
            (true, false) => pass.tile_rows * pass.tile_columns * size,
            (false, _) => AHEAD,
        };
        // Of more than there are pointers for, what the segment itself touches.
        let touched = candidates[heaviest].body.memory();
        let few = pass.memory.len() <= MOST_POINTED;
        let asked = |&number: &u16| full(number as usize) && (few || touched.contains(&number));
        for number in (0..pass.memory.len() as u16).filter(asked) {
            let stored_here = candidates[heaviest]
                .body
                .effects
                .iter()
                .any(|effect| matches!(effect.spot(), Some((Region::Memory(memory), _)) if memory == number));
            // A result is written later in this tile, unless it is written here.
            let distance = match pass.memory[number as usize].source {
                Source::Output(_) if !stored_here => 0,
                _ => next,
            };
            if !streaming.past.contains(&number) {
                // Rows of more than a displacement reaches are asked for as if they were walked through once.
                let distance = if distance > MOST_DISPLACEMENT { AHEAD } else { distance };
                streaming.ahead.push((number, distance as i32));
            }
        }
        streaming
    }

    pub(super) fn of_segment(&self, number: usize) -> OfSegment {
        let ahead = if self.heaviest == Some(number) { self.ahead.clone() } else { Vec::new() };
        OfSegment { ahead, past: self.past.clone() }
    }
}

/// Whether an instruction of the pass reads a result again, other than to add to a few entries of it.
fn is_read(pass: &Pass, memory: u16) -> bool {
    let phases = pass.phases.iter().flat_map(|phase| phase.full.iter().chain(&phase.rows));
    phases
        .filter(|instruction| !matches!(instruction.operation, Operation::AddPlaced(_)))
        .any(|instruction| instruction.inputs.iter().any(|place| place.region == Region::Memory(memory)))
}
