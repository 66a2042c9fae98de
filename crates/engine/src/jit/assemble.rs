//! The loop around the code for a vector: pointers, rows, accumulators.

use smallvec::SmallVec;

use super::emit::{BRIEF, Emitter, MOST_SLOTS, POSITION, Pointer, SLOTS, TAIL};
use super::frame::{
    Base, FRAME, OPERANDS, RESULTS, ROW, ROWS, START, START_ROW, TAIL_BITS, TAIL_SIGNS, base_of, load_base,
};
use super::graph::{Id, Node};
use super::order::Schedule;
use super::reduce::Accumulator;
use super::side_by_side::{self, Company, IN_LOOP, SHORT, VectorPart, needed};
use super::streaming::OfSegment;
use super::translate::{Body, Destination, Effect, Spot, Stream, Uniform};
use crate::jit::assembler::{Address, Assembler, Condition, General, Mask, Precision};
use crate::op::Reduction;
use crate::plan::{Region, RowSource};

/// The byte at which a row ends.
const ROW_END: General = General::RCX;
/// The byte of the row's own numbers.
const ROW_NUMBER: General = General::RDX;
/// The last position from which the present loop goes on.
const LIMIT: General = General::RSI;
/// Registers for pointers.
const POINTERS: [General; 9] = [
    General::R8,
    General::R9,
    General::R10,
    General::RBX,
    General::RBP,
    General::R12,
    General::R13,
    General::R14,
    General::R15,
];
const SAVED: [General; 6] = [General::RBX, General::RBP, General::R12, General::R13, General::R14, General::R15];
/// Where pointers without a register are kept, from the stack pointer.
const POINTER_SLOTS: i32 = 64;
const MOST_POINTER_SLOTS: usize = 24;
/// Rows of so many vectors are computed without a loop.
const MOST_UNROLLED: usize = 16;
/// So many vectors of a row without a loop are added up as they are.
const TOGETHER: usize = 8;
/// The displacement of an operand, in bytes: with that of a vector in a loop of several it fits into 32 bits.
pub(super) const MOST_DISPLACEMENT: usize = 1 << 30;
/// Rows are computed without a loop only if that takes no more steps than this.
const MOST_STEPS: usize = 600;

/// What the caller must know of a segment's code.
#[derive(Debug)]
pub(super) struct Interface {
    /// Whether the code loops over rows.
    pub(super) by_row: bool,
    /// The rows that it reads.
    pub(super) row_sources: SmallVec<[RowSource; 2]>,
    /// The reductions across rows that it adds to; their operands come after those of the rows.
    pub(super) across: SmallVec<[u16; 2]>,
    /// What the results of the frame belong to.
    pub(super) results: SmallVec<[(Destination, Reduction); 2]>,
}

/// Assembles the function of a body at the end of `code`; `None` if there are too few registers for it, or they lie too far apart.
/// `row_bytes` is the size of a row if it is always the same.
pub(super) fn assemble(
    code: &mut Assembler,
    body: &Body,
    element: Precision,
    row_bytes: Option<usize>,
    streaming: &OfSegment,
) -> Option<Interface> {
    // The registers of rows so long that a displacement does not reach from one to the next are left to the interpreter.
    if body.reach() > MOST_DISPLACEMENT / element.bytes() {
        return None;
    }
    let schedule = Schedule::of(body);
    let mut bases: Vec<Base> = Vec::new();
    let mut row_sources: SmallVec<[RowSource; 2]> = SmallVec::new();
    let mut rows_of = |source: RowSource| {
        let at = row_sources.iter().position(|&known| known == source).unwrap_or_else(|| {
            row_sources.push(source);
            row_sources.len() - 1
        });
        Base::Rows(at)
    };
    let mut number = |base: Base| {
        bases.iter().position(|&known| known == base).unwrap_or_else(|| {
            bases.push(base);
            bases.len() - 1
        })
    };
    let bytes = element.bytes() as i32;
    let displacement = |spot: Spot| spot.1 as i32 * bytes;
    let streams: Vec<(usize, i32)> = body
        .streams
        .iter()
        .map(|stream| match *stream {
            Stream::Tile(spot) => (number(base_of(spot)), displacement(spot)),
            Stream::Rows(source) | Stream::Truths(source) => (number(rows_of(source)), 0),
        })
        .collect();
    let stores: Vec<(usize, usize, i32)> = body
        .effects
        .iter()
        .enumerate()
        .filter_map(|(at, effect)| effect.spot().map(|spot| (at, number(base_of(spot)), displacement(spot))))
        .collect();
    for uniform in &body.uniforms {
        if let Uniform::Rows(source) = *uniform {
            number(rows_of(source));
        }
    }
    let mut across: SmallVec<[u16; 2]> = SmallVec::new();
    let mut sums: Vec<(usize, usize)> = Vec::new();
    for (at, effect) in body.effects.iter().enumerate() {
        if let Effect::Across { number: own, .. } = *effect {
            sums.push((at, number(Base::Sums(across.len()))));
            across.push(own);
        }
    }
    let ahead: Vec<(usize, i32)> =
        streaming.ahead.iter().map(|&(memory, distance)| (number(Base::Memory(memory)), distance)).collect();
    if bases.len() > POINTERS.len() + MOST_POINTER_SLOTS {
        return None;
    }
    let pointers: Vec<Pointer> = (0..bases.len())
        .map(|at| match POINTERS.get(at) {
            Some(&register) => Pointer::Register(register),
            None => Pointer::Stack(POINTER_SLOTS + 8 * (at - POINTERS.len()) as i32),
        })
        .collect();

    let mut emitter = Emitter::new(code, body, &schedule, element);
    emitter.row_bytes = row_bytes;
    emitter.streams = streams.into_iter().map(|(base, by)| (pointers[base], by)).collect();
    emitter.stores = stores.into_iter().map(|(at, base, by)| (at, (pointers[base], by))).collect();
    emitter.ahead = ahead.into_iter().map(|(base, by)| (pointers[base], by)).collect();
    emitter.past_caches = body
        .effects
        .iter()
        .enumerate()
        .filter(|(_, effect)| matches!(effect.spot(), Some((Region::Memory(memory), _)) if streaming.past.contains(&memory)))
        .map(|(at, _)| at)
        .collect();
    emitter.sums = sums.into_iter().map(|(at, base)| (at, pointers[base])).collect();
    if !across.is_empty() {
        emitter.across_spare = emitter.reserve()?;
    }
    let mut masks = 2;
    for (at, effect) in body.effects.iter().enumerate() {
        if let Effect::Reduce { reduction, target, .. } = *effect {
            let of_row = matches!(target, Destination::PerRow(_));
            let accumulator = emitter.accumulator(reduction, of_row, &mut masks)?;
            emitter.accumulators.insert(at, accumulator);
        }
    }
    let by_row = body.is_by_row();
    emitter.choices = (masks + 1..8).map(Mask).collect();
    let mut function = SegmentFunction { emitter, bases, pointers, row_sources, by_row, side_by_side: 1 };
    function.place_uniforms()?;
    function.write();
    let failed = function.emitter.failed;
    let results = body.effects.iter().filter_map(|effect| match *effect {
        Effect::Reduce { target: Destination::PerRow(_), .. } | Effect::Store { .. } | Effect::Across { .. } => None,
        Effect::Reduce { reduction, target, .. } => Some((target, reduction)),
    });
    (!failed).then(|| Interface { by_row, row_sources: function.row_sources, across, results: results.collect() })
}

struct SegmentFunction<'a> {
    emitter: Emitter<'a>,
    bases: Vec<Base>,
    pointers: Vec<Pointer>,
    /// The rows that are read, in the order of their pointers in the frame.
    row_sources: SmallVec<[RowSource; 2]>,
    by_row: bool,
    /// How many vectors are computed side by side.
    side_by_side: usize,
}

impl SegmentFunction<'_> {
    /// Decides which uniforms and constants stay in registers; uniforms have a place on the stack besides.
    fn place_uniforms(&mut self) -> Option<()> {
        let Emitter { body, schedule, .. } = self.emitter;
        let free = self.emitter.registers.count_ones() as usize;
        if free < 6 {
            return None;
        }
        let (side_by_side, stagger) = side_by_side::choose(schedule, body.uniforms.len(), free);
        (self.side_by_side, self.emitter.stagger) = (side_by_side, stagger);
        let spare = free.saturating_sub(needed(schedule, side_by_side, stagger));
        let mut wanted: Vec<(usize, Id)> = (0..body.graph.nodes.len() as Id)
            .filter(|&id| matches!(body.graph.of(id), Node::Uniform(_) | Node::Constant(_)))
            .map(|id| (schedule.count(id), id))
            .filter(|&(count, _)| count > 0)
            .collect();
        wanted.sort_by_key(|&(count, id)| (std::cmp::Reverse(count), id));
        for &(_, id) in wanted.iter().take(spare) {
            let register = self.emitter.reserve()?;
            self.emitter.fixed.insert(id, register);
        }
        let count = body.uniforms.len() as i32;
        self.emitter.uniform_slots = (0..count).collect();
        self.emitter.first_slot = count;
        (count < MOST_SLOTS).then_some(())
    }

    fn write(&mut self) {
        let code = &mut *self.emitter.code;
        code.align(64);
        SAVED.into_iter().for_each(|register| code.push(register));
        code.move_general(POSITION, General::RSP);
        let size = SLOTS + MOST_SLOTS * code.isa().width().bytes() as i32;
        code.subtract(General::RSP, size);
        code.and(General::RSP, -64);
        code.store_general(General::RSP.at(0), POSITION);
        for (&base, &pointer) in self.bases.iter().zip(&self.pointers) {
            match pointer {
                Pointer::Register(register) => load_base(code, register, base),
                Pointer::Stack(offset) => {
                    load_base(code, BRIEF, base);
                    code.store_general(General::RSP.at(offset), BRIEF);
                }
            }
        }
        code.load_general(POSITION, FRAME.at(START));
        code.load_general(ROW_NUMBER, FRAME.at(START_ROW));
        self.operands(false);
        if self.emitter.has_masks() {
            self.emitter.code.load_mask(TAIL, FRAME.at(TAIL_BITS));
        } else {
            let tail = self.emitter.tail;
            self.emitter.code.load(Precision::Single, tail, FRAME.at(TAIL_SIGNS));
        }
        self.constants();
        self.uniforms(false);
        self.start(false);
        let rows = self.emitter.code.new_label();
        if self.by_row {
            self.emitter.code.align(16);
            self.emitter.code.bind(rows);
            self.uniforms(true);
            self.start(true);
        }
        self.emitter.code.load_general(ROW_END, FRAME.at(ROW));
        self.emitter.code.add(ROW_END, POSITION);
        self.row();
        if self.by_row {
            self.finish_row();
            let code = &mut *self.emitter.code;
            code.add(ROW_NUMBER, self.emitter.element.bytes() as i32);
            self.operands(true);
            let code = &mut *self.emitter.code;
            code.compare(ROW_NUMBER, FRAME.at(ROWS));
            code.jump_if(Condition::Below, rows);
        }
        self.finish_all();
        let code = &mut *self.emitter.code;
        code.load_general(General::RSP, General::RSP.at(0));
        SAVED.into_iter().rev().for_each(|register| code.pop(register));
        code.zero_upper();
        code.ret();
    }

    fn constants(&mut self) {
        let mut fixed: Vec<_> = self.emitter.fixed.iter().map(|(&id, &register)| (id, register)).collect();
        fixed.sort_unstable_by_key(|&(id, _)| id);
        for (id, register) in fixed {
            if let Node::Constant(bits) = self.emitter.body.graph.of(id) {
                let operand = self.emitter.constant(bits);
                self.emitter.load(register, operand);
            }
        }
    }

    /// Brings uniforms to where they stay: those of a row, or those of all.
    fn uniforms(&mut self, of_row: bool) {
        let body = self.emitter.body;
        for (number, &uniform) in body.uniforms.iter().enumerate() {
            if of_row == matches!(uniform, Uniform::Same(_)) {
                continue;
            }
            let from = match uniform {
                Uniform::Same(spot) => self.number_of(spot, false),
                Uniform::PerRow(spot) => self.number_of(spot, true),
                Uniform::Rows(source) => {
                    let rows = self.rows_base(source);
                    let base = self.emitter.general(rows);
                    base.indexed(POSITION, 1)
                }
            };
            let node = body.graph.nodes.iter().position(|&node| node == Node::Uniform(number as u16));
            let fixed = node.and_then(|id| self.emitter.fixed.get(&(id as Id)).copied());
            let register = fixed.unwrap_or(self.emitter.temporary);
            let element = self.emitter.element;
            self.emitter.code.broadcast(element, register, from);
            if fixed.is_none() {
                let slot = self.emitter.slot_address(self.emitter.uniform_slots[number]);
                self.emitter.code.store(element, slot, register);
            }
        }
    }

    fn rows_base(&self, source: RowSource) -> Pointer {
        let at = self.row_sources.iter().position(|&known| known == source).expect("all rows have a pointer");
        let base = self.bases.iter().position(|&base| base == Base::Rows(at)).expect("all rows have a pointer");
        self.pointers[base]
    }

    /// The address of one number, or of the row's number.
    fn number_of(&mut self, spot: Spot, of_row: bool) -> Address {
        let base = base_of(spot);
        let known = self.bases.iter().position(|&known| known == base).map(|at| self.pointers[at]);
        let register = match known {
            Some(Pointer::Register(register)) => register,
            _ => {
                load_base(self.emitter.code, BRIEF, base);
                BRIEF
            }
        };
        let displacement = spot.1 as i32 * self.emitter.element.bytes() as i32;
        if of_row { register.indexed(ROW_NUMBER, 1).offset(displacement) } else { register.at(displacement) }
    }

    /// Brings the pointers of operands' rows to their first row, or to the next. From the pointers the position is taken off, since it
    /// goes on from row to row.
    fn operands(&mut self, next: bool) {
        let body = self.emitter.body;
        let is_of_truths = |source: RowSource| body.streams.contains(&Stream::Truths(source));
        let code = &mut *self.emitter.code;
        for (&base, &pointer) in self.bases.iter().zip(&self.pointers) {
            // Sums are in double precision: their bytes are so many times those of the entries.
            let (number, times) = match base {
                Base::Rows(number) => (number, 1),
                Base::Sums(number) => {
                    (self.row_sources.len() + number, size_of::<f64>() / self.emitter.element.bytes())
                }
                Base::Registers | Base::Carried | Base::Memory(_) => continue,
            };
            let (first, step) = (16 * number as i32, 16 * number as i32 + 8);
            let (register, stack) = match pointer {
                Pointer::Register(register) => (register, None),
                Pointer::Stack(offset) => (LIMIT, Some(General::RSP.at(offset))),
            };
            code.load_general(BRIEF, FRAME.at(OPERANDS));
            if matches!(base, Base::Rows(number) if matches!(self.row_sources[number], RowSource::Lookup(_))) {
                // From the list of pointers to all rows.
                code.load_general(BRIEF, BRIEF.at(first));
                code.load_general(register, BRIEF.indexed(ROW_NUMBER, (8 / self.emitter.element.bytes()) as u8));
                code.subtract(register, POSITION);
            } else if matches!(base, Base::Rows(number) if is_of_truths(self.row_sources[number])) {
                // A byte each: so many times fewer than the entries have.
                if next {
                    if let Some(address) = stack {
                        code.load_general(register, address);
                    }
                    code.add(register, BRIEF.at(step));
                    code.load_general(BRIEF, FRAME.at(ROW));
                } else {
                    code.load_general(register, BRIEF.at(first));
                    code.move_general(BRIEF, POSITION);
                }
                code.shift_right(BRIEF, self.emitter.element.bytes().trailing_zeros() as u8);
                code.subtract(register, BRIEF);
            } else if !next {
                code.load_general(register, BRIEF.at(first));
                (0..times).for_each(|_| code.subtract(register, POSITION));
            } else {
                if let Some(address) = stack {
                    code.load_general(register, address);
                }
                code.add(register, BRIEF.at(step));
                (0..times).for_each(|_| code.subtract(register, FRAME.at(ROW)));
            }
            if let Some(address) = stack {
                code.store_general(address, register);
            }
        }
    }

    fn reductions(&self) -> SmallVec<[(usize, Destination, Accumulator); 4]> {
        let effects = self.emitter.body.effects.iter().enumerate();
        effects
            .filter_map(|(at, effect)| match *effect {
                Effect::Reduce { target, .. } => Some((at, target, self.emitter.accumulators[&at])),
                Effect::Store { .. } | Effect::Across { .. } => None,
            })
            .collect()
    }

    fn start(&mut self, of_row: bool) {
        for (_, target, accumulator) in self.reductions() {
            // Sums of rows without a loop start with their first vectors.
            let starts_itself =
                of_row && self.few_vectors().is_some() && matches!(accumulator, Accumulator::Sum { .. });
            if of_row == matches!(target, Destination::PerRow(_)) && !starts_itself {
                self.emitter.start(accumulator);
            }
        }
    }

    /// The vectors of a row: one by one where they are few, else in loops.
    fn row(&mut self) {
        if let Some((count, tail)) = self.few_vectors() {
            for from in (0..count).step_by(TOGETHER) {
                let parts = VectorPart::run(from, (count - from).min(TOGETHER), tail && from + TOGETHER >= count);
                self.run(&parts, parts.len(), from == 0);
            }
            return self.emitter.code.move_general(POSITION, ROW_END);
        }
        let sums = self.emitter.accumulators.values().any(|accumulator| matches!(accumulator, Accumulator::Sum { .. }));
        if sums || self.side_by_side > 1 || self.emitter.schedule.length() <= SHORT {
            if self.side_by_side > IN_LOOP {
                self.loop_over(self.side_by_side);
            }
            self.loop_over(IN_LOOP);
        }
        self.loop_over(1);
        let done = self.emitter.code.new_label();
        self.emitter.code.compare(POSITION, ROW_END);
        self.emitter.code.jump_if(Condition::GreaterOrEqual, done);
        self.run(&VectorPart::run(0, 1, true), 1, false);
        self.emitter.code.move_general(POSITION, ROW_END);
        self.emitter.code.bind(done);
    }

    /// The vectors of a row, and whether the last is less than one, if they are always as many and few.
    fn few_vectors(&self) -> Option<(usize, bool)> {
        let width = self.emitter.width() as usize;
        let row = self.emitter.row_bytes.filter(|_| self.by_row)?;
        let count = row.div_ceil(width);
        let few = count <= MOST_UNROLLED && count * self.emitter.schedule.length() <= MOST_STEPS;
        few.then(|| (count, !row.is_multiple_of(width)))
    }

    /// A few vectors, of which so many at a time are added up as they are.
    fn run(&mut self, parts: &[VectorPart], together: usize, begins_rows: bool) {
        for (number, group) in parts.chunks(self.side_by_side).enumerate() {
            self.emitter.vectors(
                group,
                Company { first: number * self.side_by_side, count: parts.len(), together, begins_rows },
            );
        }
    }

    fn loop_over(&mut self, count: usize) {
        let (again, end) = (self.emitter.code.new_label(), self.emitter.code.new_label());
        let step = count as i32 * self.emitter.width();
        let code = &mut *self.emitter.code;
        code.load_address(LIMIT, ROW_END.at(-step));
        code.compare(POSITION, LIMIT);
        code.jump_if(Condition::Greater, end);
        code.align(32);
        code.bind(again);
        self.run(&VectorPart::run(0, count, false), count.min(IN_LOOP), false);
        let code = &mut *self.emitter.code;
        code.add(POSITION, step);
        code.compare(POSITION, LIMIT);
        code.jump_if(Condition::LessOrEqual, again);
        code.bind(end);
    }

    fn finish_row(&mut self) {
        for (_, target, accumulator) in self.reductions() {
            if let Destination::PerRow(spot) = target {
                let to = self.number_of(spot, true);
                self.emitter.finish(accumulator, to, false);
            }
        }
    }

    fn finish_all(&mut self) {
        let results = self.reductions().into_iter().filter(|(_, target, _)| !matches!(target, Destination::PerRow(_)));
        for (number, (_, _, accumulator)) in results.enumerate() {
            self.emitter.code.load_general(BRIEF, FRAME.at(RESULTS));
            self.emitter.finish(accumulator, BRIEF.at(8 * number as i32), true);
        }
    }
}
