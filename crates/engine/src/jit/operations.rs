//! One operation of the graph as one instruction of the processor, or two: the operand in memory is read by the instruction itself, and
//! the result takes the register of an operand that ends.

use super::emit::{BRIEF, CHOICE, Emitter, POSITION, Pointer, TAIL};
use super::graph::{Id, Node, One, Predicate, Two};
use super::translate::Stream;
use crate::jit::assembler::{ArithmeticOpcode, ComparePredicate, FusedOpcode, General, Mask, Operand, Order, Vector};

/// A comparison of two values of a vector, given by its number.
pub(super) type Question = (usize, ComparePredicate, Id, Id);

impl Emitter<'_> {
    pub(super) fn compute(&mut self, id: Id) {
        match self.body.graph.of(id) {
            Node::Input(_) | Node::Uniform(_) | Node::Constant(_) => unreachable!("it is given"),
            Node::One(one, a) => self.one(id, one, a),
            Node::Two(two, a, b) => self.two(id, two, a, b),
            Node::Fused { negative_product, negative_sum, a, b, c } => {
                let operation = match (negative_product, negative_sum) {
                    (false, false) => FusedOpcode::MultiplyAdd,
                    (false, true) => FusedOpcode::MultiplySubtract,
                    (true, false) => FusedOpcode::NegativeMultiplyAdd,
                    (true, true) => FusedOpcode::NegativeMultiplySubtract,
                };
                self.fused(id, operation, [a, b, c]);
            }
            Node::Choose { predicate, a, b, then, otherwise } => self.choose(id, predicate, [a, b], then, otherwise),
        }
    }

    /// Whether a stream is one of truth values.
    pub(super) fn is_of_truths(&self, stream: u16) -> bool {
        matches!(self.body.streams[stream as usize], Stream::Truths(_))
    }

    /// Truth values, one byte each, as 0 and 1.
    pub(super) fn truths(&mut self, to: Vector, stream: u16) {
        let element = self.element;
        let (pointer, displacement) = self.streams[stream as usize];
        let bytes = element.bytes() as i32;
        self.code.move_general(BRIEF, POSITION);
        self.code.shift_right(BRIEF, element.bytes().trailing_zeros() as u8);
        let place = match pointer {
            Pointer::Register(base) => base.indexed(BRIEF, 1),
            Pointer::Stack(offset) => {
                self.code.add(BRIEF, General::RSP.at(offset));
                BRIEF.at(0)
            }
        };
        let address = place.offset(displacement + self.present.displacement / bytes);
        self.code.bytes_to_integers(element, to, self.present.is_tail.then_some(TAIL), address);
        self.code.integers_to_floats(element, to, to);
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
                    One::FromInteger => self.code.integer_to_float(to, operand),
                    One::ShiftLeft(_) | One::ShiftRight(_) | One::ShiftRightSigned(_) => unreachable!("matched below"),
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
        if two == Two::LogarithmLimits {
            return self.logarithm_limits(id, a, b);
        }
        let left = self.register(a);
        let right = self.operand(b);
        self.let_go(a);
        self.let_go(b);
        let to = self.result(id);
        let arithmetic = match two {
            Two::LogarithmLimits => unreachable!("it has been dealt with"),
            Two::Scale => return self.code.scale(self.element, to, left, right),
            Two::IntegerAdd => return self.code.integer_add(self.element, to, left, right),
            Two::IntegerSubtract => return self.code.integer_subtract(self.element, to, left, right),
            Two::Add => ArithmeticOpcode::Add,
            Two::Subtract => ArithmeticOpcode::Subtract,
            Two::Multiply => ArithmeticOpcode::Multiply,
            Two::Divide => ArithmeticOpcode::Divide,
            Two::Lesser => ArithmeticOpcode::Minimum,
            Two::Greater => ArithmeticOpcode::Maximum,
            Two::And => ArithmeticOpcode::And,
            Two::Or => ArithmeticOpcode::Or,
            Two::Xor => ArithmeticOpcode::Xor,
        };
        self.code.arithmetic(arithmetic, self.element, to, left, right);
    }

    /// The result of a logarithm is overwritten where its argument is not positive and finite.
    fn logarithm_limits(&mut self, id: Id, result: Id, argument: Id) {
        let (from, argument_register) = (self.register(result), self.register(argument));
        let to = if self.ends(result) && result != argument && !self.fixed.contains_key(&result) {
            self.fused_into(id, result, [result, argument, argument], from);
            from
        } else {
            let to = self.take();
            self.code.move_register(to, from);
            [result, argument].into_iter().for_each(|operand| self.let_go(operand));
            self.hold(id, to);
            to
        };
        let table = self.constant(u64::from(LOGARITHM_LIMITS));
        self.code.fix_up(self.element, to, argument_register, table);
    }

    /// `a b + c`: the result takes the register of an operand that ends here, if there is one.
    fn fused(&mut self, id: Id, operation: FusedOpcode, [mut a, mut b, c]: [Id; 3]) {
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

    /// A mask for the answer to a question, which is kept until all other masks have been used.
    fn answer(&mut self, question: Question) -> Mask {
        let answers = &mut self.present.answers;
        let mask = match self.choices.get(answers.len()) {
            Some(&mask) => mask,
            None if answers.is_empty() => return CHOICE,
            None => answers.remove(0).1,
        };
        answers.push((question, mask));
        mask
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
        let question = |inverted| (self.present.copy, asked(predicate, inverted), a, b);
        let (wanted, opposite) = (question(inverted), question(!inverted));
        let known = |this: &Self, question| {
            this.present.answers.iter().find(|answer| answer.0 == question).map(|answer| answer.1)
        };
        let mut choice = known(self, wanted);
        if choice.is_none()
            && !nothing
            && let Some(mask) = known(self, opposite)
        {
            std::mem::swap(&mut then, &mut otherwise);
            choice = Some(mask);
        }
        let choice = choice.unwrap_or_else(|| {
            let (left, right) = (self.register(a), self.operand(b));
            if !self.has_masks() {
                self.code.compare_vector(element, wanted.1, self.temporary, left, right);
                return CHOICE;
            }
            let mask = self.answer(wanted);
            self.code.compare_mask(element, wanted.1, mask, left, right);
            mask
        });
        if nothing {
            // A masked move repeats no element of memory.
            let repeated = self.has_masks() && matches!(self.body.graph.of(then), Node::Constant(_));
            let chosen = if repeated { Operand::Register(self.register(then)) } else { self.operand(then) };
            [a, b, then, otherwise].into_iter().for_each(|operand| self.let_go(operand));
            let to = self.result(id);
            if self.has_masks() {
                self.code.move_masked_zero(element, to, choice, chosen);
            } else {
                self.code.arithmetic(ArithmeticOpcode::And, element, to, self.temporary, chosen);
            }
            return;
        }
        let base = self.register(otherwise);
        let chosen = self.operand(then);
        [a, b, then, otherwise].into_iter().for_each(|operand| self.let_go(operand));
        let to = self.result(id);
        if self.has_masks() {
            self.code.blend_mask(element, to, choice, base, chosen);
        } else {
            self.code.blend_vector(element, to, base, chosen, self.temporary);
        }
    }
}

/// What becomes of a logarithm, by the kind of its argument, four bits for each kind. From the lowest bits on: that argument's NaN for a
/// quiet and for a signalling one; minus infinity for zero; nothing for one; NaN and infinity for the infinities, NaN for what is negative,
/// nothing for what is positive.
const LOGARITHM_LIMITS: u32 = 0x0353_0422;

/// The processor's question, or its opposite.
fn asked(predicate: Predicate, inverted: bool) -> ComparePredicate {
    match (predicate, inverted) {
        (Predicate::Equal, false) | (Predicate::NotEqual, true) => ComparePredicate::Equal,
        (Predicate::NotEqual, false) | (Predicate::Equal, true) => ComparePredicate::NotEqual,
        (Predicate::Less, false) => ComparePredicate::Less,
        (Predicate::Less, true) => ComparePredicate::NotLess,
        (Predicate::LessOrEqual, false) => ComparePredicate::LessOrEqual,
        (Predicate::LessOrEqual, true) => ComparePredicate::NotLessOrEqual,
        (Predicate::Unordered, false) => ComparePredicate::Unordered,
        (Predicate::Unordered, true) => ComparePredicate::Ordered,
    }
}
