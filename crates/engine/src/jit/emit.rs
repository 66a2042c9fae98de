//! The instructions for one vector of entries: registers are handed out as they are needed, by the distance to the next use.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::graph::{Id, Node};
use super::operations::Question;
use super::order::{Schedule, Scheduled};
use super::reduce::Accumulator;
use super::side_by_side::{Company, Turn, VectorPart};
use super::translate::{Body, Effect};
use crate::jit::assembler::{Address, ArithmeticOpcode, Assembler, General, Isa, Mask, Operand, Precision, Vector};

/// The mask of the entries at the end of a row, where there are mask registers.
pub(super) const TAIL: Mask = Mask(1);
/// The mask of the present comparison.
pub(super) const CHOICE: Mask = Mask(2);
/// A general register for a moment.
pub(super) const BRIEF: General = General::R11;
/// The byte that the loop has come to.
pub(super) const POSITION: General = General::RAX;

/// Where vectors on the stack begin, from the stack pointer.
pub(super) const SLOTS: i32 = 256;
/// How many of them there are room for.
pub(super) const MOST_SLOTS: i32 = 56;

/// Where the pointer that a stream or a store starts from is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pointer {
    Register(General),
    /// On the stack, so many bytes from the stack pointer.
    Stack(i32),
}

/// Where a value is at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ValueLocation {
    /// Where it was given, or not computed yet.
    Origin,
    Register(Vector),
    Slot(i32),
}

/// What does not change from one vector to the next.
pub(super) struct Emitter<'a> {
    pub(super) code: &'a mut Assembler,
    pub(super) body: &'a Body,
    pub(super) schedule: &'a Schedule,
    pub(super) element: Precision,
    /// The size of a row, if it is always the same.
    pub(super) row_bytes: Option<usize>,
    /// Values that stay in a register.
    pub(super) fixed: FxHashMap<Id, Vector>,
    /// The vectors on the stack that hold uniforms.
    pub(super) uniform_slots: Vec<i32>,
    /// The pointer of each stream.
    pub(super) streams: Vec<(Pointer, i32)>,
    /// The pointer of each store, by the number of its effect.
    pub(super) stores: FxHashMap<usize, (Pointer, i32)>,
    /// What to ask the memory for, ahead of its use.
    pub(super) ahead: Vec<(Pointer, i32)>,
    /// Stores that go past the caches, by the numbers of their effects.
    pub(super) past_caches: Vec<usize>,
    /// The pointer of the sums of each reduction across rows, by the number of its effect.
    pub(super) sums: FxHashMap<usize, Pointer>,
    /// Masks for comparisons.
    pub(super) choices: SmallVec<[Mask; 5]>,
    pub(super) accumulators: FxHashMap<usize, Accumulator>,
    /// Registers for values, as bits.
    pub(super) registers: u32,
    /// A register for a moment.
    pub(super) temporary: Vector,
    /// Another, for the ends of rows that are added to sums.
    pub(super) across_spare: Vector,
    /// The entries at the end of a row, where masks are vectors.
    pub(super) tail: Vector,
    /// The first vector on the stack that is free.
    pub(super) first_slot: i32,
    /// How many steps a vector is behind the one before it.
    pub(super) stagger: usize,
    /// Set when there was no room: the code is of no use.
    pub(super) failed: bool,
    pub(super) present: Present,
}

/// The values of the vector that is being computed.
#[derive(Default)]
pub(super) struct Present {
    /// The step that the first vector has come to, or would have.
    time: usize,
    step: usize,
    /// Of how many vectors.
    copies: usize,
    /// Which of them.
    pub(super) copy: usize,
    /// Of each value of each vector.
    locations: Vec<ValueLocation>,
    /// The values in registers, each with the place of its home.
    owners: [Option<(Id, usize)>; 32],
    pub(super) free: u32,
    free_slots: Vec<i32>,
    /// Free from the next step on: the present one may still read them.
    ended_slots: Vec<i32>,
    next_slot: i32,
    /// Comparisons whose masks are still there.
    pub(super) answers: Vec<(Question, Mask)>,
    /// Registers of the operands of the present step.
    pinned: u32,
    pub(super) displacement: i32,
    pub(super) is_tail: bool,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        code: &'a mut Assembler,
        body: &'a Body,
        schedule: &'a Schedule,
        element: Precision,
    ) -> Emitter<'a> {
        let vectors = code.isa().vectors();
        let (temporary, tail) = (Vector(vectors - 1), Vector(vectors - 2));
        // Mask registers do for the tail.
        let reserved = if code.isa() == Isa::Avx512 { 1 } else { 2 };
        let registers = (((1u64 << vectors) - 1) >> reserved) as u32;
        Emitter {
            code,
            body,
            schedule,
            element,
            row_bytes: None,
            fixed: FxHashMap::default(),
            uniform_slots: Vec::new(),
            streams: Vec::new(),
            stores: FxHashMap::default(),
            ahead: Vec::new(),
            past_caches: Vec::new(),
            sums: FxHashMap::default(),
            choices: SmallVec::new(),
            accumulators: FxHashMap::default(),
            registers,
            temporary,
            across_spare: temporary,
            tail,
            first_slot: 0,
            stagger: 0,
            failed: false,
            present: Present::default(),
        }
    }

    pub(super) fn width(&self) -> i32 {
        self.code.isa().width().bytes() as i32
    }

    pub(super) fn has_masks(&self) -> bool {
        self.code.isa() == Isa::Avx512
    }

    /// Keeps a register out of the allocation.
    pub(super) fn reserve(&mut self) -> Option<Vector> {
        let register = (self.registers != 0).then(|| self.registers.trailing_zeros())?;
        self.registers &= !(1 << register);
        Some(Vector(register as u8))
    }

    pub(super) fn slot_address(&self, slot: i32) -> Address {
        General::RSP.at(SLOTS + slot * self.width())
    }

    /// The operand of a constant in memory.
    pub(super) fn constant(&mut self, bits: u64) -> Operand {
        if self.has_masks() {
            return Operand::Broadcast(self.code.constant(self.element, bits));
        }
        let bytes = bits.to_le_bytes();
        let whole = bytes[..self.element.bytes()].repeat(self.width() as usize / self.element.bytes());
        Operand::Memory(self.code.constant_bytes(&whole))
    }

    /// Brings an operand in memory into a register.
    pub(super) fn load(&mut self, to: Vector, operand: Operand) {
        match operand {
            Operand::Register(from) => self.code.move_register(to, from),
            Operand::Memory(address) => self.code.load(self.element, to, address),
            Operand::Broadcast(address) => self.code.broadcast(self.element, to, address),
        }
    }

    /// Where a place begins at the present vector.
    fn address(&mut self, (pointer, displacement): (Pointer, i32)) -> Address {
        let base = self.general(pointer);
        base.indexed(POSITION, 1).offset(displacement + self.present.displacement)
    }

    /// A pointer in a general register.
    pub(super) fn general(&mut self, pointer: Pointer) -> General {
        match pointer {
            Pointer::Register(register) => register,
            Pointer::Stack(offset) => {
                self.code.load_general(BRIEF, General::RSP.at(offset));
                BRIEF
            }
        }
    }

    /// The code for some vectors, or for what is left of a row. Vectors are computed side by side: while an operation of one waits for
    /// the one before it, the processor works on the others. Each is some steps behind the one before it ([`stagger`](Self::stagger)).
    /// `company` says where they stand among those whose sums are added up together.
    pub(super) fn vectors(&mut self, parts: &[VectorPart], company: Company) {
        self.present = Present {
            locations: vec![ValueLocation::Origin; self.body.graph.nodes.len() * parts.len()],
            free: self.registers,
            next_slot: self.first_slot,
            copies: parts.len(),
            ..Present::default()
        };
        let steps = self.schedule.length();
        for time in 0..steps + self.stagger * (parts.len() - 1) {
            self.present.time = time;
            for (copy, &part) in parts.iter().enumerate() {
                let Some(step) = time.checked_sub(copy * self.stagger).filter(|&step| step < steps) else { continue };
                self.present.displacement = i32::from(part.vector) * self.width();
                self.present.is_tail = part.is_tail;
                self.present.step = step;
                self.present.copy = copy;
                self.present.pinned = 0;
                let ended = std::mem::take(&mut self.present.ended_slots);
                self.present.free_slots.extend(ended);
                if step == 0 {
                    self.ask_ahead();
                }
                match self.schedule.steps[step] {
                    Scheduled::Secure(id) => {
                        self.register(id);
                    }
                    Scheduled::Compute(id) => self.compute(id),
                    Scheduled::Effect(number) => {
                        self.effect(number, company.turn(copy, part.is_tail));
                    }
                }
            }
        }
    }

    fn ask_ahead(&mut self) {
        for at in 0..self.ahead.len() {
            let address = self.address(self.ahead[at]);
            self.code.prefetch(address);
        }
    }

    /// Where the home of a value of the present vector is noted. Constants and uniforms are the same for all.
    fn note(&self, id: Id) -> usize {
        if self.is_shared(id) { id as usize } else { self.present.copy * self.body.graph.nodes.len() + id as usize }
    }

    /// Whether a value is the same for all vectors.
    fn is_shared(&self, id: Id) -> bool {
        matches!(self.body.graph.of(id), Node::Constant(_) | Node::Uniform(_))
    }

    fn effect(&mut self, number: usize, turn: Turn) {
        let effect = self.body.effects[number];
        if let Some(&[a, b]) = self.schedule.products.get(&number) {
            let (first, second) = (self.register(a), self.operand(b));
            self.accumulate_product(number, first, second, turn);
            self.let_go(a);
            return self.let_go(b);
        }
        let register = self.register(effect.id());
        match effect {
            Effect::Store { .. } => {
                let address = self.address(self.stores[&number]);
                match (self.present.is_tail, self.has_masks()) {
                    (false, _) if self.past_caches.contains(&number) => {
                        self.code.store_non_temporal(self.element, address, register);
                    }
                    (false, _) => self.code.store(self.element, address, register),
                    (true, true) => self.code.store_masked(self.element, address, TAIL, register),
                    (true, false) => self.code.store_masked(self.element, address, self.tail, register),
                }
            }
            Effect::Reduce { .. } => self.accumulate(number, register, turn),
            Effect::Across { .. } => self.add_across(number, register),
        }
        self.let_go(effect.id());
    }

    /// Adds a vector to sums in double precision. They go on behind the end of a row: what lies there stays as it is.
    fn add_across(&mut self, number: usize, mut value: Vector) {
        let (element, temporary) = (self.element, self.temporary);
        let base = self.general(self.sums[&number]);
        let scale = (size_of::<f64>() / element.bytes()) as u8;
        let low = base.indexed(POSITION, scale).offset(i32::from(scale) * self.present.displacement);
        if self.present.is_tail {
            // A register for the moment: that of no value.
            let spare = self.across_spare;
            if self.has_masks() {
                self.code.move_masked_zero(element, spare, TAIL, value);
            } else {
                self.code.arithmetic(ArithmeticOpcode::And, element, spare, value, self.tail);
            }
            value = spare;
        }
        if element == Precision::Double {
            self.code.arithmetic(ArithmeticOpcode::Add, element, temporary, value, low);
            return self.code.store(Precision::Double, low, temporary);
        }
        let high = low.offset(self.width());
        self.code.widen_low(temporary, value);
        self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, temporary, temporary, low);
        self.code.store(Precision::Double, low, temporary);
        self.code.extract_high(temporary, value);
        self.code.widen_low(temporary, temporary);
        self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, temporary, temporary, high);
        self.code.store(Precision::Double, high, temporary);
    }

    /// Whether a value is not used after the present step.
    pub(super) fn ends(&self, id: Id) -> bool {
        let others = self.is_shared(id) && self.present.copy + 1 < self.present.copies;
        !others && self.schedule.next_use(id, self.present.step).is_none()
    }

    /// Frees what holds a value that is not used any more.
    pub(super) fn let_go(&mut self, id: Id) {
        if !self.ends(id) {
            return;
        }
        let note = self.note(id);
        match std::mem::replace(&mut self.present.locations[note], ValueLocation::Origin) {
            ValueLocation::Register(register) => {
                self.present.free |= 1 << register.0;
                self.present.owners[register.0 as usize] = None;
            }
            ValueLocation::Slot(slot) => self.present.ended_slots.push(slot),
            ValueLocation::Origin => {}
        }
    }

    fn pin(&mut self, register: Vector) {
        self.present.pinned |= 1 << register.0;
    }

    /// A register that holds nothing that is needed.
    pub(super) fn take(&mut self) -> Vector {
        if self.present.free != 0 {
            let register = Vector(self.present.free.trailing_zeros() as u8);
            self.present.free &= !(1 << register.0);
            return register;
        }
        // The value that is used last makes room; rather one that can be read again.
        let candidates = (0..32u8).filter(|&register| {
            self.present.pinned & (1 << register) == 0 && self.present.owners[register as usize].is_some()
        });
        let victim = candidates.max_by_key(|&register| {
            let (id, note) = self.present.owners[register as usize].expect("filtered");
            (self.next_use(id, note), self.is_at_hand(id))
        });
        let Some(victim) = victim else {
            self.failed = true;
            return self.temporary;
        };
        let (id, note) = self.present.owners[victim as usize].take().expect("filtered");
        let register = Vector(victim);
        if self.is_at_hand(id) {
            self.present.locations[note] = ValueLocation::Origin;
        } else {
            let slot = self.present.free_slots.pop().unwrap_or_else(|| {
                self.present.next_slot += 1;
                self.present.next_slot - 1
            });
            self.failed |= slot >= MOST_SLOTS;
            let address = self.slot_address(slot);
            self.code.store(self.element, address, register);
            self.present.locations[note] = ValueLocation::Slot(slot);
        }
        register
    }

    /// When a value is used next, in steps of the first vector.
    fn next_use(&self, id: Id, note: usize) -> usize {
        let of_copy = |copy: usize| {
            let behind = copy * self.stagger;
            let next = match self.present.time.checked_sub(behind) {
                // What has had its turn.
                Some(step) if copy <= self.present.copy => self.schedule.next_use(id, step),
                Some(0) | None => self.schedule.first_use(id),
                Some(step) => self.schedule.next_use(id, step - 1),
            };
            next.map_or(usize::MAX, |next| next as usize + behind)
        };
        if self.is_shared(id) {
            return (0..self.present.copies).map(of_copy).min().expect("there is a vector");
        }
        of_copy(note / self.body.graph.nodes.len())
    }

    /// Whether a value can be read again from where it was given.
    fn is_at_hand(&self, id: Id) -> bool {
        self.body.graph.of(id).is_given() && !self.schedule.secured[id as usize]
    }

    pub(super) fn hold(&mut self, id: Id, register: Vector) {
        let note = self.note(id);
        self.present.locations[note] = ValueLocation::Register(register);
        self.present.owners[register.0 as usize] = Some((id, note));
        self.pin(register);
    }

    /// The register that a value is in, if it is in one.
    fn present_register(&self, id: Id) -> Option<Vector> {
        match self.present.locations[self.note(id)] {
            ValueLocation::Register(register) => Some(register),
            _ => self.fixed.get(&id).copied(),
        }
    }

    /// A value in a register.
    pub(super) fn register(&mut self, id: Id) -> Vector {
        if let Some(register) = self.present_register(id) {
            self.pin(register);
            return register;
        }
        let register = self.take();
        match self.in_memory(id) {
            Some(operand) => self.load(register, operand),
            None => {
                let Node::Input(stream) = self.body.graph.of(id) else { unreachable!("all else is in memory") };
                if self.is_of_truths(stream) {
                    self.truths(register, stream);
                } else if self.has_masks() {
                    let address = self.address(self.streams[stream as usize]);
                    self.code.load_masked_zero(self.element, register, TAIL, address);
                } else {
                    let address = self.address(self.streams[stream as usize]);
                    self.code.load_masked_zero(self.element, register, self.tail, address);
                }
            }
        }
        if let ValueLocation::Slot(slot) = self.present.locations[self.note(id)] {
            self.present.ended_slots.push(slot);
        }
        self.hold(id, register);
        register
    }

    /// Where a value that is in no register lies, as an operand.
    fn in_memory(&mut self, id: Id) -> Option<Operand> {
        if let ValueLocation::Slot(slot) = self.present.locations[self.note(id)] {
            return Some(Operand::Memory(self.slot_address(slot)));
        }
        match self.body.graph.of(id) {
            Node::Constant(bits) => Some(self.constant(bits)),
            Node::Uniform(number) => Some(Operand::Memory(self.slot_address(self.uniform_slots[number as usize]))),
            Node::Input(stream) if !self.present.is_tail && !self.is_of_truths(stream) => {
                Some(Operand::Memory(self.address(self.streams[stream as usize])))
            }
            Node::Input(_) => None,
            Node::One(..) | Node::Two(..) | Node::Fused { .. } | Node::Choose { .. } => {
                unreachable!("a value that was computed is somewhere")
            }
        }
    }

    /// Whether a value is better read from memory by the instruction that uses it.
    pub(super) fn is_folded(&self, id: Id) -> bool {
        if self.present_register(id).is_some() {
            return false;
        }
        match self.body.graph.of(id) {
            Node::Constant(_) | Node::Uniform(_) => true,
            // What is used again is loaded once.
            Node::Input(stream) => !self.present.is_tail && !self.is_of_truths(stream) && self.ends(id),
            _ => true,
        }
    }

    /// A value as the last operand of an instruction. At most one operand of an instruction may be folded, since its address may need
    /// the brief register.
    pub(super) fn operand(&mut self, id: Id) -> Operand {
        if self.is_folded(id)
            && let Some(operand) = self.in_memory(id)
        {
            return operand;
        }
        Operand::Register(self.register(id))
    }

    /// The register for the result of the present step, after the operands were let go.
    pub(super) fn result(&mut self, id: Id) -> Vector {
        let register = self.take();
        self.hold(id, register);
        register
    }
}
