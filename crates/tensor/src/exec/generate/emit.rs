//! The instructions for one vector of entries: registers are handed out as they are needed, by the distance to the next use.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::graph::{Id, Node, One, Predicate, Two};
use super::reduce::Accumulator;
use super::translate::{Body, Effect, Spot, Stream};
use crate::exec::code::{
    self, Address, Arithmetic, Assembler, Element, Fused, General, Isa, Mask, Operand, Order, Vector,
};
use crate::op::Reduction;

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

/// Which entries the instructions are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// So many vectors after the present position.
    pub(super) vector: u8,
    /// Whether it is less than a vector.
    pub(super) is_tail: bool,
}

impl Part {
    /// Some vectors from the present position on, the last of which may be less than one.
    pub(super) fn run(from: usize, count: usize, tail: bool) -> SmallVec<[Part; 8]> {
        (from..from + count)
            .map(|vector| Part { vector: vector as u8, is_tail: tail && vector + 1 == from + count })
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

/// Where the pointer that a stream or a store starts from is kept.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pointer {
    Register(General),
    /// On the stack, so many bytes from the stack pointer.
    Stack(i32),
}

/// Where a value is at present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Home {
    /// Where it was given, or not computed yet.
    Origin,
    Register(Vector),
    Slot(i32),
}

/// A step of the straight code.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Brings an input into a register before something is written over it.
    Secure(Id),
    Compute(Id),
    Effect(usize),
}

/// The steps of a body and when each value is used.
pub(super) struct Schedule {
    steps: Vec<Step>,
    /// The steps that use each value, in order.
    uses: Vec<Vec<u32>>,
    /// Inputs that are written over: they cannot be read again.
    secured: Vec<bool>,
    /// The factors of products that are only added up, by the numbers of the effects.
    products: FxHashMap<usize, [Id; 2]>,
    /// The most values that are needed at a time.
    pub(super) pressure: usize,
}

impl Schedule {
    pub(super) fn of(body: &Body) -> Schedule {
        let nodes = &body.graph.nodes;
        let mut needed = vec![false; nodes.len()];
        body.effects.iter().for_each(|effect| needed[effect.id() as usize] = true);
        for id in (0..nodes.len()).rev() {
            if needed[id] {
                nodes[id].operands().for_each(|operand| needed[operand as usize] = true);
            }
        }
        // A product that is only added up is multiplied by the addition.
        let mut count = vec![0; nodes.len()];
        let operands = nodes.iter().enumerate().filter(|&(id, _)| needed[id]).flat_map(|(_, node)| node.operands());
        operands.chain(body.effects.iter().map(|effect| effect.id())).for_each(|id| count[id as usize] += 1);
        let mut products = FxHashMap::default();
        for (number, effect) in body.effects.iter().enumerate() {
            if let (Effect::Reduce { reduction: Reduction::Sum, id, .. }, 1) = (*effect, count[effect.id() as usize])
                && let Node::Two(Two::Multiply, a, b) = nodes[id as usize]
            {
                products.insert(number, [a, b]);
            }
        }
        let mut secured = vec![false; nodes.len()];
        let mut steps = Vec::new();
        let stored: Vec<Spot> = body.effects.iter().filter_map(|effect| effect.spot()).collect();
        for (id, node) in nodes.iter().enumerate() {
            if let Node::Input(stream) = *node
                && let Stream::Tile(spot) = body.streams[stream as usize]
                && needed[id]
                && stored.contains(&spot)
            {
                secured[id] = true;
                steps.push(Step::Secure(id as Id));
            }
        }
        let effects_of = |id: usize, steps: &mut Vec<Step>| {
            let own = body.effects.iter().enumerate().filter(|(_, effect)| effect.id() as usize == id);
            steps.extend(own.map(|(number, _)| Step::Effect(number)));
        };
        for (id, node) in nodes.iter().enumerate() {
            let is_added_up = products.keys().any(|&number| body.effects[number].id() as usize == id);
            if needed[id] && !node.is_given() && !is_added_up {
                steps.push(Step::Compute(id as Id));
            }
            effects_of(id, &mut steps);
        }
        let mut uses = vec![Vec::new(); nodes.len()];
        for (at, step) in steps.iter().enumerate() {
            match *step {
                Step::Secure(_) => {}
                Step::Compute(id) => {
                    let mut operands: SmallVec<[Id; 4]> = nodes[id as usize].operands().collect();
                    operands.sort_unstable();
                    operands.dedup();
                    operands.iter().for_each(|&operand| uses[operand as usize].push(at as u32));
                }
                Step::Effect(number) => match products.get(&number) {
                    Some(&[a, b]) if a != b => [a, b].into_iter().for_each(|id| uses[id as usize].push(at as u32)),
                    Some(&[a, _]) => uses[a as usize].push(at as u32),
                    None => uses[body.effects[number].id() as usize].push(at as u32),
                },
            }
        }
        // Each value is held from where it is made, or first used, to its last use.
        let mut change = vec![0isize; steps.len() + 1];
        let mut hold = |from: usize, to: usize| {
            change[from] += 1;
            change[to] -= 1;
        };
        for (at, step) in steps.iter().enumerate() {
            if let Step::Secure(id) | Step::Compute(id) = *step {
                hold(at, uses[id as usize].last().map_or(at, |&last| last as usize));
            }
        }
        for (id, node) in nodes.iter().enumerate() {
            if let (Node::Input(_), [first, .., last], false) = (node, &uses[id][..], secured[id]) {
                hold(*first as usize, *last as usize);
            }
        }
        let mut live = 0;
        let pressure = change.iter().fold(0, |most, by| {
            live += by;
            most.max(live)
        }) as usize;
        Schedule { steps, uses, secured, products, pressure }
    }

    pub(super) fn length(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn count(&self, id: Id) -> usize {
        self.uses[id as usize].len()
    }

    /// The first use of a value after a step.
    fn next_use(&self, id: Id, step: usize) -> Option<u32> {
        let uses = &self.uses[id as usize];
        uses.get(uses.partition_point(|&at| at as usize <= step)).copied()
    }
}

/// What does not change from one vector to the next.
pub(super) struct Emitter<'a> {
    pub(super) code: &'a mut Assembler,
    pub(super) body: &'a Body,
    pub(super) schedule: &'a Schedule,
    pub(super) element: Element,
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
    /// Set when there was no room: the code is of no use.
    pub(super) failed: bool,
    present: Present,
}

/// The values of the vector that is being computed.
#[derive(Default)]
struct Present {
    step: usize,
    /// Of how many vectors.
    copies: usize,
    /// Which of them.
    copy: usize,
    /// Of each value of each vector.
    homes: Vec<Home>,
    /// The values in registers, each with the place of its home.
    owners: [Option<(Id, usize)>; 32],
    free: u32,
    free_slots: Vec<i32>,
    /// Free from the next step on: the present one may still read them.
    ended_slots: Vec<i32>,
    next_slot: i32,
    /// Registers of the operands of the present step.
    pinned: u32,
    displacement: i32,
    is_tail: bool,
}

impl<'a> Emitter<'a> {
    pub(super) fn new(
        code: &'a mut Assembler,
        body: &'a Body,
        schedule: &'a Schedule,
        element: Element,
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
            accumulators: FxHashMap::default(),
            registers,
            temporary,
            across_spare: temporary,
            tail,
            first_slot: 0,
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
    /// the one before it, the processor works on the others. `group` says where they stand among those whose sums are added up together.
    pub(super) fn vectors(&mut self, parts: &[Part], group: Turn) {
        self.present = Present {
            homes: vec![Home::Origin; self.body.graph.nodes.len() * parts.len()],
            free: self.registers,
            next_slot: self.first_slot,
            copies: parts.len(),
            ..Present::default()
        };
        for step in 0..self.schedule.steps.len() {
            for (copy, &part) in parts.iter().enumerate() {
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
                    Step::Secure(id) => {
                        self.register(id);
                    }
                    Step::Compute(id) => self.compute(id),
                    Step::Effect(number) => {
                        let is_first = group.is_first && copy == 0;
                        let is_last = group.is_last && copy + 1 == parts.len();
                        self.effect(number, Turn { is_first, is_last, is_tail: part.is_tail, ..group });
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
        let shared = matches!(self.body.graph.of(id), Node::Constant(_) | Node::Uniform(_));
        if shared { id as usize } else { self.present.copy * self.body.graph.nodes.len() + id as usize }
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
                self.code.arithmetic(Arithmetic::And, element, spare, value, self.tail);
            }
            value = spare;
        }
        if element == Element::Double {
            self.code.arithmetic(Arithmetic::Add, element, temporary, value, low);
            return self.code.store(Element::Double, low, temporary);
        }
        let high = low.offset(self.width());
        self.code.widen_low(temporary, value);
        self.code.arithmetic(Arithmetic::Add, Element::Double, temporary, temporary, low);
        self.code.store(Element::Double, low, temporary);
        self.code.extract_high(temporary, value);
        self.code.widen_low(temporary, temporary);
        self.code.arithmetic(Arithmetic::Add, Element::Double, temporary, temporary, high);
        self.code.store(Element::Double, high, temporary);
    }

    /// Whether a value is not used after the present step.
    fn ends(&self, id: Id) -> bool {
        let others = matches!(self.body.graph.of(id), Node::Constant(_) | Node::Uniform(_))
            && self.present.copy + 1 < self.present.copies;
        !others && self.schedule.next_use(id, self.present.step).is_none()
    }

    /// Frees what holds a value that is not used any more.
    fn let_go(&mut self, id: Id) {
        if !self.ends(id) {
            return;
        }
        let note = self.note(id);
        match std::mem::replace(&mut self.present.homes[note], Home::Origin) {
            Home::Register(register) => {
                self.present.free |= 1 << register.0;
                self.present.owners[register.0 as usize] = None;
            }
            Home::Slot(slot) => self.present.ended_slots.push(slot),
            Home::Origin => {}
        }
    }

    fn pin(&mut self, register: Vector) {
        self.present.pinned |= 1 << register.0;
    }

    /// A register that holds nothing that is needed.
    fn take(&mut self) -> Vector {
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
            let (id, _) = self.present.owners[register as usize].expect("filtered");
            (self.schedule.next_use(id, self.present.step).unwrap_or(u32::MAX), self.is_at_hand(id))
        });
        let Some(victim) = victim else {
            self.failed = true;
            return self.temporary;
        };
        let (id, note) = self.present.owners[victim as usize].take().expect("filtered");
        let register = Vector(victim);
        if self.is_at_hand(id) {
            self.present.homes[note] = Home::Origin;
        } else {
            let slot = self.present.free_slots.pop().unwrap_or_else(|| {
                self.present.next_slot += 1;
                self.present.next_slot - 1
            });
            self.failed |= slot >= MOST_SLOTS;
            let address = self.slot_address(slot);
            self.code.store(self.element, address, register);
            self.present.homes[note] = Home::Slot(slot);
        }
        register
    }

    /// Whether a value can be read again from where it was given.
    fn is_at_hand(&self, id: Id) -> bool {
        self.body.graph.of(id).is_given() && !self.schedule.secured[id as usize]
    }

    fn hold(&mut self, id: Id, register: Vector) {
        let note = self.note(id);
        self.present.homes[note] = Home::Register(register);
        self.present.owners[register.0 as usize] = Some((id, note));
        self.pin(register);
    }

    /// The register that a value is in, if it is in one.
    fn present_register(&self, id: Id) -> Option<Vector> {
        match self.present.homes[self.note(id)] {
            Home::Register(register) => Some(register),
            _ => self.fixed.get(&id).copied(),
        }
    }

    /// A value in a register.
    fn register(&mut self, id: Id) -> Vector {
        if let Some(register) = self.present_register(id) {
            self.pin(register);
            return register;
        }
        let register = self.take();
        match self.in_memory(id) {
            Some(operand) => self.load(register, operand),
            None => {
                let Node::Input(stream) = self.body.graph.of(id) else { unreachable!("all else is in memory") };
                let address = self.address(self.streams[stream as usize]);
                if self.has_masks() {
                    self.code.load_masked_zero(self.element, register, TAIL, address);
                } else {
                    self.code.load_masked_zero(self.element, register, self.tail, address);
                }
            }
        }
        if let Home::Slot(slot) = self.present.homes[self.note(id)] {
            self.present.ended_slots.push(slot);
        }
        self.hold(id, register);
        register
    }

    /// Where a value that is in no register lies, as an operand.
    fn in_memory(&mut self, id: Id) -> Option<Operand> {
        if let Home::Slot(slot) = self.present.homes[self.note(id)] {
            return Some(Operand::Memory(self.slot_address(slot)));
        }
        match self.body.graph.of(id) {
            Node::Constant(bits) => Some(self.constant(bits)),
            Node::Uniform(number) => Some(Operand::Memory(self.slot_address(self.uniform_slots[number as usize]))),
            Node::Input(stream) if !self.present.is_tail => {
                Some(Operand::Memory(self.address(self.streams[stream as usize])))
            }
            Node::Input(_) => None,
            Node::One(..) | Node::Two(..) | Node::Fused { .. } | Node::Choose { .. } => {
                unreachable!("a value that was computed is somewhere")
            }
        }
    }

    /// Whether a value is better read from memory by the instruction that uses it.
    fn is_folded(&self, id: Id) -> bool {
        if self.present_register(id).is_some() {
            return false;
        }
        match self.body.graph.of(id) {
            Node::Constant(_) | Node::Uniform(_) => true,
            // What is used again is loaded once.
            Node::Input(_) => !self.present.is_tail && self.ends(id),
            _ => true,
        }
    }

    /// A value as the last operand of an instruction. At most one operand of an instruction may be folded, since its address may need
    /// the brief register.
    fn operand(&mut self, id: Id) -> Operand {
        if self.is_folded(id)
            && let Some(operand) = self.in_memory(id)
        {
            return operand;
        }
        Operand::Register(self.register(id))
    }

    /// The register for the result of the present step, after the operands were let go.
    fn result(&mut self, id: Id) -> Vector {
        let register = self.take();
        self.hold(id, register);
        register
    }

    fn compute(&mut self, id: Id) {
        match self.body.graph.of(id) {
            Node::Input(_) | Node::Uniform(_) | Node::Constant(_) => unreachable!("it is given"),
            Node::One(one, a) => self.one(id, one, a),
            Node::Two(two, a, b) => self.two(id, two, a, b),
            Node::Fused { negative_product, negative_sum, a, b, c } => {
                let operation = match (negative_product, negative_sum) {
                    (false, false) => Fused::MultiplyAdd,
                    (false, true) => Fused::MultiplySubtract,
                    (true, false) => Fused::NegativeMultiplyAdd,
                    (true, true) => Fused::NegativeMultiplySubtract,
                };
                self.fused(id, operation, [a, b, c]);
            }
            Node::Choose { predicate, a, b, then, otherwise } => self.choose(id, predicate, [a, b], then, otherwise),
        }
    }

    fn one(&mut self, id: Id, one: One, a: Id) {
        let element = self.element;
        match one {
            One::SquareRoot | One::Floor | One::FromInteger => {
                let operand = self.operand(a);
                self.let_go(a);
                let to = self.result(id);
                match one {
                    One::SquareRoot => self.code.square_root(element, to, operand),
                    One::Floor => self.code.floor(element, to, operand),
                    _ => self.code.integer_to_float(to, operand),
                }
            }
            One::ShiftLeft(_) | One::ShiftRight(_) | One::ShiftRightSigned(_) => {
                let from = self.register(a);
                self.let_go(a);
                let to = self.result(id);
                match one {
                    One::ShiftLeft(by) => self.code.shift_left_logical(element, to, from, by),
                    One::ShiftRight(by) => self.code.shift_right_logical(element, to, from, by),
                    One::ShiftRightSigned(by) => self.code.shift_right_arithmetic(to, from, by),
                    One::SquareRoot | One::Floor | One::FromInteger => unreachable!("matched above"),
                }
            }
        }
    }

    fn two(&mut self, id: Id, two: Two, mut a: Id, mut b: Id) {
        let commutes = matches!(two, Two::Add | Two::Multiply | Two::And | Two::Or | Two::Xor | Two::IntegerAdd);
        if commutes && self.is_folded(a) && !self.is_folded(b) {
            std::mem::swap(&mut a, &mut b);
        }
        let left = self.register(a);
        let right = self.operand(b);
        self.let_go(a);
        self.let_go(b);
        let to = self.result(id);
        let arithmetic = match two {
            Two::IntegerAdd => return self.code.integer_add(self.element, to, left, right),
            Two::IntegerSubtract => return self.code.integer_subtract(self.element, to, left, right),
            Two::Add => Arithmetic::Add,
            Two::Subtract => Arithmetic::Subtract,
            Two::Multiply => Arithmetic::Multiply,
            Two::Divide => Arithmetic::Divide,
            Two::Lesser => Arithmetic::Minimum,
            Two::Greater => Arithmetic::Maximum,
            Two::And => Arithmetic::And,
            Two::Or => Arithmetic::Or,
            Two::Xor => Arithmetic::Xor,
        };
        self.code.arithmetic(arithmetic, self.element, to, left, right);
    }

    /// `a b + c`: the result takes the register of an operand that ends here, if there is one.
    fn fused(&mut self, id: Id, operation: Fused, [mut a, mut b, c]: [Id; 3]) {
        let element = self.element;
        // The factor that is in a register comes first.
        if self.is_folded(a) && !self.is_folded(b) {
            std::mem::swap(&mut a, &mut b);
        }
        let first = self.register(a);
        let given = |this: &Self, id: Id| this.fixed.contains_key(&id);
        if self.is_folded(c) {
            let second = self.register(b);
            let dying = [(a, first, second), (b, second, first)]
                .into_iter()
                .find(|&(id, ..)| self.ends(id) && !given(self, id));
            if let Some((dying, own, other)) = dying {
                let operand = self.operand(c);
                self.fused_into(id, dying, [a, b, c], own);
                return self.code.fused(operation, Order::F213, element, own, other, operand);
            }
            let operand = self.operand(c);
            self.let_go(c);
            let to = self.result(id);
            self.load(to, operand);
            return self.code.fused(operation, Order::F231, element, to, first, second);
        }
        let summand = self.register(c);
        if self.ends(c) && !given(self, c) && c != a && c != b {
            let operand = self.operand(b);
            self.fused_into(id, c, [a, b, c], summand);
            return self.code.fused(operation, Order::F231, element, summand, first, operand);
        }
        if self.ends(a) && !given(self, a) && c != a {
            let operand = self.operand(b);
            self.fused_into(id, a, [a, b, c], first);
            return self.code.fused(operation, Order::F132, element, first, summand, operand);
        }
        let operand = self.operand(b);
        if let Operand::Register(second) = operand
            && self.ends(b)
            && !given(self, b)
            && c != b
        {
            self.fused_into(id, b, [a, b, c], second);
            return self.code.fused(operation, Order::F132, element, second, summand, first);
        }
        // The brief register may hold the address of the operand: no store of a value that makes room comes between.
        let to = self.take();
        self.code.move_register(to, summand);
        [a, b, c].into_iter().for_each(|operand| self.let_go(operand));
        self.hold(id, to);
        self.code.fused(operation, Order::F231, element, to, first, operand);
    }

    /// Lets the result have the register of an operand.
    fn fused_into(&mut self, id: Id, dying: Id, operands: [Id; 3], register: Vector) {
        self.let_go(dying);
        operands.into_iter().for_each(|operand| self.let_go(operand));
        self.present.free &= !(1 << register.0);
        self.hold(id, register);
    }

    fn choose(&mut self, id: Id, predicate: Predicate, [a, b]: [Id; 2], mut then: Id, mut otherwise: Id) {
        let element = self.element;
        // The one that is in a register is what the other is blended into.
        let mut inverted = false;
        let zero = Node::Constant(0);
        let nothing = self.body.graph.of(otherwise) == zero;
        if !nothing && self.is_folded(otherwise) && !self.is_folded(then) {
            std::mem::swap(&mut then, &mut otherwise);
            inverted = true;
        }
        let left = self.register(a);
        let right = self.operand(b);
        let asked = asked(predicate, inverted);
        if self.has_masks() {
            self.code.compare_mask(element, asked, CHOICE, left, right);
        } else {
            self.code.compare_vector(element, asked, self.temporary, left, right);
        }
        if nothing {
            // A masked move repeats no element of memory.
            let repeated = self.has_masks() && matches!(self.body.graph.of(then), Node::Constant(_));
            let chosen = if repeated { Operand::Register(self.register(then)) } else { self.operand(then) };
            [a, b, then, otherwise].into_iter().for_each(|operand| self.let_go(operand));
            let to = self.result(id);
            if self.has_masks() {
                self.code.move_masked_zero(element, to, CHOICE, chosen);
            } else {
                self.code.arithmetic(Arithmetic::And, element, to, self.temporary, chosen);
            }
            return;
        }
        let base = self.register(otherwise);
        let chosen = self.operand(then);
        [a, b, then, otherwise].into_iter().for_each(|operand| self.let_go(operand));
        let to = self.result(id);
        if self.has_masks() {
            self.code.blend_mask(element, to, CHOICE, base, chosen);
        } else {
            self.code.blend_vector(element, to, base, chosen, self.temporary);
        }
    }
}

/// The processor's question, or its opposite.
fn asked(predicate: Predicate, inverted: bool) -> code::Predicate {
    match (predicate, inverted) {
        (Predicate::Equal, false) | (Predicate::NotEqual, true) => code::Predicate::Equal,
        (Predicate::NotEqual, false) | (Predicate::Equal, true) => code::Predicate::NotEqual,
        (Predicate::Less, false) => code::Predicate::Less,
        (Predicate::Less, true) => code::Predicate::NotLess,
        (Predicate::LessOrEqual, false) => code::Predicate::LessOrEqual,
        (Predicate::LessOrEqual, true) => code::Predicate::NotLessOrEqual,
        (Predicate::Unordered, false) => code::Predicate::Unordered,
        (Predicate::Unordered, true) => code::Predicate::Ordered,
    }
}
