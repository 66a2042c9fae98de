//! Sums and extremes: accumulators that live in registers while the loop runs, and their ends.

use super::emit::{CHOICE, Emitter, TAIL};
use super::side_by_side::Turn;
use crate::jit::assembler::{
    Address, ArithmeticOpcode, ComparePredicate, FusedOpcode, General, Mask, Operand, Order, Precision, Vector, Width,
};
use crate::op::Reduction;

/// The registers of a reduction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Accumulator {
    /// The sum in double precision, in two halves where the numbers are single; a few vectors are first added up as they are.
    Sum {
        low: Vector,
        high: Option<Vector>,
        pending: Vector,
        of_row: bool,
    },
    Extreme {
        extreme: Vector,
        spare: Vector,
        reduction: Reduction,
        nan: Nan,
    },
}

/// Whether NaN was met: the processor's extremes do not say so.
#[derive(Clone, Copy, Debug)]
pub(super) enum Nan {
    Mask(Mask),
    Vector(Vector),
}

impl Emitter<'_> {
    /// Registers for a reduction, if there are any left; `masks` counts the mask registers in use.
    pub(super) fn accumulator(&mut self, reduction: Reduction, of_row: bool, masks: &mut u8) -> Option<Accumulator> {
        Some(match reduction {
            Reduction::Sum => Accumulator::Sum {
                low: self.reserve()?,
                high: if self.element == Precision::Single { Some(self.reserve()?) } else { None },
                pending: self.reserve()?,
                of_row,
            },
            Reduction::Max | Reduction::Min => {
                let (extreme, spare) = (self.reserve()?, self.reserve()?);
                let nan = if self.has_masks() {
                    *masks += 1;
                    if *masks > 7 {
                        return None;
                    }
                    Nan::Mask(Mask(*masks))
                } else {
                    Nan::Vector(self.reserve()?)
                };
                Accumulator::Extreme { extreme, spare, reduction, nan }
            }
        })
    }

    /// Starts a reduction.
    pub(super) fn start(&mut self, accumulator: Accumulator) {
        match accumulator {
            Accumulator::Sum { low, high, .. } => {
                self.code.zero(low);
                if let Some(high) = high {
                    self.code.zero(high);
                }
            }
            Accumulator::Extreme { extreme, nan, reduction, .. } => {
                let start = if reduction == Reduction::Max { f64::NEG_INFINITY } else { f64::INFINITY };
                let bits = self.bits(start);
                let start = self.constant(bits);
                self.load(extreme, start);
                match nan {
                    Nan::Mask(mask) => self.code.mask_xor(mask, mask, mask),
                    Nan::Vector(vector) => self.code.zero(vector),
                }
            }
        }
    }

    /// The bits of a number in the element type.
    fn bits(&self, number: f64) -> u64 {
        match self.element {
            Precision::Single => u64::from((number as f32).to_bits()),
            Precision::Double => number.to_bits(),
        }
    }

    /// Adds the product of two vectors to a sum.
    pub(super) fn accumulate_product(&mut self, number: usize, a: Vector, b: Operand, turn: Turn) {
        let Accumulator::Sum { pending, .. } = self.accumulators[&number] else { unreachable!("only sums multiply") };
        let element = self.element;
        if !turn.is_first && !turn.is_tail {
            self.code.fused(FusedOpcode::MultiplyAdd, Order::F231, element, pending, a, b);
            return self.flush(number, pending, turn);
        }
        let to = if turn.is_first { pending } else { self.temporary };
        self.code.arithmetic(ArithmeticOpcode::Multiply, element, to, a, b);
        self.accumulate(number, to, turn);
    }

    /// Adds a vector to a reduction.
    pub(super) fn accumulate(&mut self, number: usize, value: Vector, turn: Turn) {
        let element = self.element;
        match self.accumulators[&number] {
            Accumulator::Sum { pending, .. } => {
                // The entries beyond the end count as 0.
                let mut value = value;
                if turn.is_tail {
                    let masked = if turn.is_first { pending } else { self.temporary };
                    if self.has_masks() {
                        self.code.move_masked_zero(element, masked, TAIL, value);
                    } else {
                        self.code.arithmetic(ArithmeticOpcode::And, element, masked, value, self.tail);
                    }
                    value = masked;
                }
                let alone = turn.is_first && turn.is_last;
                if !alone && turn.is_first && value != pending {
                    self.code.move_register(pending, value);
                } else if !turn.is_first {
                    self.code.arithmetic(ArithmeticOpcode::Add, element, pending, pending, value);
                }
                self.flush(number, if alone { value } else { pending }, turn);
            }
            Accumulator::Extreme { extreme, spare, reduction, nan } => {
                let mut value = value;
                if turn.is_tail {
                    // Beyond the end stands what is known already.
                    if self.has_masks() {
                        self.code.blend_mask(element, spare, TAIL, extreme, value);
                    } else {
                        self.code.blend_vector(element, spare, extreme, value, self.tail);
                    }
                    value = spare;
                }
                // The second operand is the result where one is NaN, and the extreme never is.
                self.code.arithmetic(operation(reduction), element, extreme, value, extreme);
                match nan {
                    Nan::Mask(mask) => {
                        self.code.compare_mask(element, ComparePredicate::Unordered, CHOICE, value, value);
                        self.code.mask_or(mask, mask, CHOICE);
                    }
                    Nan::Vector(vector) => {
                        self.code.compare_vector(element, ComparePredicate::Unordered, self.temporary, value, value);
                        self.code.arithmetic(ArithmeticOpcode::Or, element, vector, vector, self.temporary);
                    }
                }
            }
        }
    }

    /// Adds what some vectors have added up to, to their sum in double precision, when the last of them is there.
    fn flush(&mut self, number: usize, from: Vector, turn: Turn) {
        let Accumulator::Sum { low, high, of_row, .. } = self.accumulators[&number] else {
            unreachable!("only sums are flushed")
        };
        if !turn.is_last {
            return;
        }
        let temporary = self.temporary;
        match high {
            None if turn.begins_rows && of_row => self.code.move_register(low, from),
            Some(high) if turn.begins_rows && of_row => {
                self.code.extract_high(high, from);
                self.code.widen_low(high, high);
                self.code.widen_low(low, from);
            }
            None => self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, low, low, from),
            Some(high) => {
                self.code.extract_high(temporary, from);
                self.code.widen_low(temporary, temporary);
                self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, high, high, temporary);
                self.code.widen_low(temporary, from);
                self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, low, low, temporary);
            }
        }
    }

    /// Combines the entries of a vector into its lowest one. Both registers are changed.
    fn fold(&mut self, arithmetic: ArithmeticOpcode, element: Precision, vector: Vector, spare: Vector) {
        let mut width = self.code.isa().width();
        if width == Width::Bits512 {
            self.code.extract_high(spare, vector);
            width = Width::Bits256;
            self.code.arithmetic_width(width, arithmetic, element, vector, vector, spare);
        }
        self.code.extract_upper_quarter(spare, vector);
        let width = Width::Bits128;
        self.code.arithmetic_width(width, arithmetic, element, vector, vector, spare);
        // The upper two of four, or the upper of two.
        self.code.permute(width, Precision::Double, spare, vector, 0b01);
        self.code.arithmetic_width(width, arithmetic, element, vector, vector, spare);
        if element == Precision::Single {
            self.code.permute(width, Precision::Single, spare, vector, 0b01);
            self.code.arithmetic_width(width, arithmetic, element, vector, vector, spare);
        }
    }

    /// Ends a reduction: its result goes to memory, in the element type or in double precision.
    pub(super) fn finish(&mut self, accumulator: Accumulator, to: Address, as_double: bool) {
        let element = self.element;
        let result = match accumulator {
            Accumulator::Sum { low, high, pending, .. } => {
                if let Some(high) = high {
                    self.code.arithmetic(ArithmeticOpcode::Add, Precision::Double, low, low, high);
                }
                self.fold(ArithmeticOpcode::Add, Precision::Double, low, pending);
                if element == Precision::Single && !as_double {
                    self.code.narrow_scalar(low, low, low);
                }
                low
            }
            Accumulator::Extreme { extreme, spare, reduction, nan } => {
                self.fold(operation(reduction), element, extreme, spare);
                let met = General::RSI;
                let flags = General::RSP.at(NAN_FLAGS);
                match nan {
                    Nan::Mask(mask) => {
                        self.code.move_immediate(met, 0);
                        self.code.store_general(flags, met);
                        self.code.store_mask(flags, mask);
                        self.code.load_general(met, flags);
                    }
                    Nan::Vector(vector) => {
                        self.code.extract_upper_quarter(spare, vector);
                        let (width, or) = (Width::Bits128, ArithmeticOpcode::Or);
                        self.code.arithmetic_width(width, or, element, vector, vector, spare);
                        self.code.permute(width, Precision::Double, spare, vector, 0b01);
                        self.code.arithmetic_width(width, or, element, vector, vector, spare);
                        self.code.store_scalar(Precision::Double, flags, vector);
                        self.code.load_general(met, flags);
                    }
                }
                let none = self.code.new_label();
                self.code.test(met, met);
                self.code.jump_if(crate::jit::assembler::Condition::Equal, none);
                let bits = self.bits(f64::NAN);
                let nan = self.constant(bits);
                self.load(extreme, nan);
                self.code.bind(none);
                if element == Precision::Single && as_double {
                    self.code.widen_scalar(extreme, extreme, extreme);
                }
                extreme
            }
        };
        self.code.store_scalar(if as_double { Precision::Double } else { element }, to, result);
    }
}

/// Where flags are looked at, from the stack pointer.
const NAN_FLAGS: i32 = 8;

fn operation(reduction: Reduction) -> ArithmeticOpcode {
    match reduction {
        Reduction::Sum => ArithmeticOpcode::Add,
        Reduction::Max => ArithmeticOpcode::Maximum,
        Reduction::Min => ArithmeticOpcode::Minimum,
    }
}
