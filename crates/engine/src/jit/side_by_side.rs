//! Which vectors are computed side by side. An operation waits for the one before it, and the processor looks only so far ahead for others to
//! do meanwhile: they stand beside it. Vectors at different steps, software pipelining within the body of a loop, keep all of its units busy.

use smallvec::SmallVec;

use super::emit::MOST_SLOTS;
use super::order::Schedule;

/// Bodies up to this length are repeated four times in the loop, whatever they do, and step by step: they wait for memory most.
pub(super) const SHORT: usize = 14;
/// So many vectors in a loop are added up as they are.
pub(super) const IN_LOOP: usize = 4;
/// The most vectors that are computed side by side.
const MOST_SIDE_BY_SIDE: usize = 8;
/// They are fewer where that would take more steps than this.
const MOST_STEPS_IN_LOOP: usize = 1000;
/// The most values without a register that are worth it: an instruction reads them where they are put aside.
const MOST_SPILLED: usize = 12;

/// The registers that vectors side by side need, with some more for what is loaded.
pub(super) fn needed(schedule: &Schedule, vectors: usize, stagger: usize) -> usize {
    schedule.pressure(vectors, stagger) + 3
}

/// How many vectors are computed side by side with so many free registers, and how many steps each is behind the one before it. The more
/// there are, the less they wait; but too many values at a time cost more than waiting.
pub(super) fn choose(schedule: &Schedule, uniforms: usize, free: usize) -> (usize, usize) {
    let steps = schedule.length();
    let (vectors, least) = match steps {
        ..=SHORT => (IN_LOOP, 0),
        _ if MOST_SIDE_BY_SIDE * steps <= MOST_STEPS_IN_LOOP => (MOST_SIDE_BY_SIDE, steps.div_ceil(MOST_SIDE_BY_SIDE)),
        _ => (IN_LOOP, steps.div_ceil(IN_LOOP)),
    };
    // Values that make room for others find it on the stack, beside uniforms.
    let slots = (MOST_SLOTS as usize).saturating_sub(uniforms) / 2;
    let room = free + (free / 2).min(MOST_SPILLED).min(slots);
    // A few of the possible ones will do.
    let mut staggers = (least..=steps).step_by((least / 4).max(1));
    let stagger = staggers.find(|&stagger| needed(schedule, vectors, stagger) <= room);
    stagger.map_or((1, 0), |stagger| (vectors, stagger))
}

/// Which entries the instructions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct VectorPart {
    /// So many vectors after the present position.
    pub(super) vector: u8,
    /// Whether it is less than a vector.
    pub(super) is_tail: bool,
}

impl VectorPart {
    /// Some vectors from the present position on, the last of which may be less than one.
    pub(super) fn run(from: usize, count: usize, tail: bool) -> SmallVec<[VectorPart; 8]> {
        (from..from + count)
            .map(|vector| VectorPart { vector: vector as u8, is_tail: tail && vector + 1 == from + count })
            .collect()
    }
}

/// Where a vector stands among those whose sums are added up as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) is_first: bool,
    pub(super) is_last: bool,
    /// Whether the sums of rows begin with what these add up to.
    pub(super) begins_rows: bool,
    pub(super) is_tail: bool,
}

/// Where some vectors stand among a few, of which so many at a time are added up as they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Company {
    pub(super) first: usize,
    pub(super) count: usize,
    pub(super) together: usize,
    /// Whether the sums of rows begin with the first of them.
    pub(super) begins_rows: bool,
}

impl Company {
    /// The turn of one of the vectors that are computed side by side.
    pub(super) fn turn(self, vector: usize, is_tail: bool) -> Turn {
        let at = self.first + vector;
        let is_last = (at + 1).is_multiple_of(self.together) || at + 1 == self.count;
        Turn { is_first: at.is_multiple_of(self.together), is_last, begins_rows: self.begins_rows, is_tail }
    }
}
