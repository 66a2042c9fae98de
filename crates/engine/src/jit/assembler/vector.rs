//! Vector and mask instructions. Unless a method says otherwise it works on full vectors, for both instruction sets.

use super::bytes::Assembler;
use super::encoding::{Form, Map, Prefix, RegisterOrMemory};
use super::registers::{Address, Isa, Mask, Operand, Precision, Selection, Vector, Width};

/// ArithmeticOpcode and logic on floats, `a ∘ b`; the value is the opcode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArithmeticOpcode {
    Add = 0x58,
    Multiply = 0x59,
    Subtract = 0x5c,
    /// `a < b ? a : b`: b if either is NaN or both are zero.
    Minimum = 0x5d,
    Divide = 0x5e,
    /// `a > b ? a : b`: b if either is NaN or both are zero.
    Maximum = 0x5f,
    And = 0x54,
    Or = 0x56,
    Xor = 0x57,
}

/// A product and a sum with one rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FusedOpcode {
    /// `x * y + z`.
    MultiplyAdd = 0x8,
    /// `x * y - z`.
    MultiplySubtract = 0xa,
    /// `-(x * y) + z`.
    NegativeMultiplyAdd = 0xc,
    /// `-(x * y) - z`.
    NegativeMultiplySubtract = 0xe,
}

/// Which operands of a fused instruction, counted (destination, a, b), are the factors and, last, the summand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// `destination * b ± a`.
    F132 = 0x90,
    /// `a * destination ± b`.
    F213 = 0xa0,
    /// `a * b ± destination`.
    F231 = 0xb0,
}

/// What a comparison asks of `a` and `b`. Whatever is not `Not…` or `Unordered` is false for NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparePredicate {
    Equal = 0x00,
    Unordered = 0x03,
    NotEqual = 0x04,
    Ordered = 0x07,
    Less = 0x11,
    LessOrEqual = 0x12,
    NotLess = 0x15,
    NotLessOrEqual = 0x16,
}

/// ArithmeticOpcode.
impl Assembler {
    /// `destination = a ∘ b`.
    pub(crate) fn arithmetic(
        &mut self,
        operation: ArithmeticOpcode,
        element: Precision,
        destination: Vector,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        self.arithmetic_width(self.isa.width(), operation, element, destination, a, b);
    }

    /// `destination = a ∘ b` on the lower bits; the bits above them become zero.
    pub(crate) fn arithmetic_width(
        &mut self,
        width: Width,
        operation: ArithmeticOpcode,
        element: Precision,
        destination: Vector,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        self.vector(Form::packed(operation as u8, element, width), destination.0, a.0, b);
    }

    /// `destination = ±(x * y) ± z`, the order saying which operand is which.
    pub(crate) fn fused(
        &mut self,
        operation: FusedOpcode,
        order: Order,
        element: Precision,
        destination: Vector,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        let byte = order as u8 | operation as u8;
        self.vector(Form::new(Map::M0F38, Prefix::P66, byte, element, self.isa.width()), destination.0, a.0, b);
    }

    /// AVX-512: `destination = a 2^⌊b⌋`, rounded once.
    pub(crate) fn scale(&mut self, element: Precision, destination: Vector, a: Vector, b: impl Into<Operand>) {
        self.require(Isa::Avx512);
        self.vector(Form::new(Map::M0F38, Prefix::P66, 0x2c, element, self.isa.width()), destination.0, a.0, b);
    }

    /// AVX-512: the destination is changed where the table says so for the kind of number that `a` is: four bits for each of eight kinds.
    pub(crate) fn fix_up(&mut self, element: Precision, destination: Vector, a: Vector, table: impl Into<Operand>) {
        self.require(Isa::Avx512);
        let form = Form::new(Map::M0F3A, Prefix::P66, 0x54, element, self.isa.width()).immediate(0);
        self.vector(form, destination.0, a.0, table);
    }

    /// `destination = √operand`.
    pub(crate) fn square_root(&mut self, element: Precision, destination: Vector, operand: impl Into<Operand>) {
        self.vector(Form::packed(0x51, element, self.isa.width()), destination.0, 0, operand);
    }

    /// `destination = ⌊operand⌋`.
    pub(crate) fn floor(&mut self, element: Precision, destination: Vector, operand: impl Into<Operand>) {
        // Towards minus infinity, and no exception for an inexact result.
        self.vector(self.by_byte(Map::M0F3A, 0x08, element).immediate(0b1001), destination.0, 0, operand);
    }

    /// `destination = a + b` on integers.
    pub(crate) fn integer_add(&mut self, element: Precision, destination: Vector, a: Vector, b: impl Into<Operand>) {
        let byte = if element == Precision::Single { 0xfe } else { 0xd4 };
        self.vector(self.integer_form(byte, element), destination.0, a.0, b);
    }

    /// `destination = a - b` on integers.
    pub(crate) fn integer_subtract(
        &mut self,
        element: Precision,
        destination: Vector,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        let byte = if element == Precision::Single { 0xfa } else { 0xfb };
        self.vector(self.integer_form(byte, element), destination.0, a.0, b);
    }

    /// `destination = source << amount` on integers.
    pub(crate) fn shift_left_logical(&mut self, element: Precision, destination: Vector, source: Vector, amount: u8) {
        self.shift(6, element, destination, source, amount);
    }

    /// `destination = source >> amount` on unsigned integers.
    pub(crate) fn shift_right_logical(&mut self, element: Precision, destination: Vector, source: Vector, amount: u8) {
        self.shift(2, element, destination, source, amount);
    }

    /// `destination = source >> amount` on signed integers of 32 bits.
    pub(crate) fn shift_right_arithmetic(&mut self, destination: Vector, source: Vector, amount: u8) {
        self.shift(4, Precision::Single, destination, source, amount);
    }

    /// Signed integers of 32 bits to singles.
    pub(crate) fn integer_to_float(&mut self, destination: Vector, operand: impl Into<Operand>) {
        self.vector(Form::packed(0x5b, Precision::Single, self.isa.width()), destination.0, 0, operand);
    }

    /// AVX-512: bytes of memory, as many as a vector has elements, as unsigned integers of the elements' size; with a mask those that it
    /// selects, zero for the others, whose memory is not touched.
    pub(crate) fn bytes_to_integers(
        &mut self,
        element: Precision,
        destination: Vector,
        mask: Option<Mask>,
        address: Address,
    ) {
        self.require(Isa::Avx512);
        let byte = if element == Precision::Single { 0x31 } else { 0x32 };
        let width = self.isa.width();
        // The size of the elements is in the opcode.
        let form =
            Form::new(Map::M0F38, Prefix::P66, byte, Precision::Single, width).memory(width.bytes() / element.bytes());
        self.vector(mask.map_or(form, |mask| form.masked_zero(mask)), destination.0, 0, address);
    }

    /// AVX-512: signed integers of the elements' size to floats.
    pub(crate) fn integers_to_floats(&mut self, element: Precision, destination: Vector, source: Vector) {
        match element {
            Precision::Single => self.integer_to_float(destination, source),
            Precision::Double => {
                self.require(Isa::Avx512);
                let form = Form::new(Map::M0F, Prefix::PF3, 0xe6, element, self.isa.width());
                self.vector(form, destination.0, 0, source);
            }
        }
    }

    fn shift(&mut self, operation: u8, element: Precision, destination: Vector, source: Vector, amount: u8) {
        let byte = if element == Precision::Single { 0x72 } else { 0x73 };
        // The opcode takes up the place of the first operand.
        self.vector(self.integer_form(byte, element).immediate(amount), operation, destination.0, source);
    }

    fn integer_form(&self, byte: u8, element: Precision) -> Form {
        Form::new(Map::M0F, Prefix::P66, byte, element, self.isa.width())
    }

    /// One of those whose byte, too, tells ps from pd.
    fn by_byte(&self, map: Map, single: u8, element: Precision) -> Form {
        let byte = single + u8::from(element == Precision::Double);
        Form::new(map, Prefix::P66, byte, element, self.isa.width())
    }
}

/// Comparison and choice.
impl Assembler {
    /// AVX-512: the mask of the elements for which the predicate holds.
    pub(crate) fn compare_mask(
        &mut self,
        element: Precision,
        predicate: ComparePredicate,
        destination: Mask,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        self.require(Isa::Avx512);
        assert!(destination.0 < 8, "no such mask register");
        let form = Form::packed(0xc2, element, self.isa.width()).immediate(predicate as u8);
        self.vector(form, destination.0, a.0, b);
    }

    /// AVX2: all bits set in the elements for which the predicate holds, none in the others.
    pub(crate) fn compare_vector(
        &mut self,
        element: Precision,
        predicate: ComparePredicate,
        destination: Vector,
        a: Vector,
        b: impl Into<Operand>,
    ) {
        self.require(Isa::Avx2);
        let form = Form::packed(0xc2, element, self.isa.width()).immediate(predicate as u8);
        self.vector(form, destination.0, a.0, b);
    }

    /// AVX-512: `destination = mask ? if_true : if_false`.
    pub(crate) fn blend_mask(
        &mut self,
        element: Precision,
        destination: Vector,
        mask: Mask,
        if_false: Vector,
        if_true: impl Into<Operand>,
    ) {
        self.require(Isa::Avx512);
        let form = Form::new(Map::M0F38, Prefix::P66, 0x65, element, self.isa.width()).masked(mask);
        self.vector(form, destination.0, if_false.0, if_true);
    }

    /// AVX2: `destination = mask ? if_true : if_false`, by the sign bit of each element of the mask.
    pub(crate) fn blend_vector(
        &mut self,
        element: Precision,
        destination: Vector,
        if_false: Vector,
        if_true: impl Into<Operand>,
        mask: Vector,
    ) {
        self.require(Isa::Avx2);
        assert!(mask.0 < 16, "no such vector register");
        self.vector(self.by_byte(Map::M0F3A, 0x4a, element).immediate(mask.0 << 4), destination.0, if_false.0, if_true);
    }

    /// AVX-512: `destination = mask ? operand : 0`.
    pub(crate) fn move_masked_zero(
        &mut self,
        element: Precision,
        destination: Vector,
        mask: Mask,
        operand: impl Into<Operand>,
    ) {
        self.require(Isa::Avx512);
        self.vector(Form::packed(0x10, element, self.isa.width()).masked_zero(mask), destination.0, 0, operand);
    }

    /// AVX-512, sixteen bits: `destination = a | b`.
    pub(crate) fn mask_or(&mut self, destination: Mask, a: Mask, b: Mask) {
        self.mask(0x45, Width::Bits256, destination.0, a.0, RegisterOrMemory::Register(b.0));
    }

    /// AVX-512, sixteen bits: `destination = a ^ b`.
    pub(crate) fn mask_xor(&mut self, destination: Mask, a: Mask, b: Mask) {
        self.mask(0x47, Width::Bits256, destination.0, a.0, RegisterOrMemory::Register(b.0));
    }

    /// AVX-512: a mask from two bytes of memory.
    pub(crate) fn load_mask(&mut self, destination: Mask, address: Address) {
        self.mask(0x90, Width::Bits128, destination.0, 0, RegisterOrMemory::Memory(address));
    }

    /// AVX-512: a mask to two bytes of memory.
    pub(crate) fn store_mask(&mut self, address: Address, source: Mask) {
        self.mask(0x91, Width::Bits128, source.0, 0, RegisterOrMemory::Memory(address));
    }

    fn mask(&mut self, byte: u8, width: Width, register: u8, second: u8, place: RegisterOrMemory) {
        self.require(Isa::Avx512);
        assert!(register.max(second) < 8, "no such mask register");
        self.vex(Form::new(Map::M0F, Prefix::None, byte, Precision::Single, width), register, second, place);
    }

    fn require(&self, isa: Isa) {
        assert_eq!(self.isa, isa, "an instruction of the other set");
    }
}

/// Moves, loads and stores.
impl Assembler {
    /// `destination = source`.
    pub(crate) fn move_register(&mut self, destination: Vector, source: Vector) {
        self.vector(Form::packed(0x28, Precision::Single, self.isa.width()), destination.0, 0, source);
    }

    /// All bits zero.
    pub(crate) fn zero(&mut self, destination: Vector) {
        // 128 bits written are the others cleared. Registers from 16 need EVEX, and the short form of the others is VEX.
        if destination.0 < 16 {
            let form = Form::packed(0x57, Precision::Single, Width::Bits128);
            self.vex(form, destination.0, destination.0, RegisterOrMemory::Register(destination.0));
        } else {
            let form = Form::new(Map::M0F, Prefix::P66, 0xef, Precision::Single, Width::Bits128);
            self.vector(form, destination.0, destination.0, destination);
        }
    }

    /// A vector from memory of any alignment.
    pub(crate) fn load(&mut self, element: Precision, destination: Vector, address: Address) {
        self.vector(Form::packed(0x10, element, self.isa.width()), destination.0, 0, address);
    }

    /// A vector to memory of any alignment.
    pub(crate) fn store(&mut self, element: Precision, address: Address, source: Vector) {
        self.vector(Form::packed(0x11, element, self.isa.width()), source.0, 0, address);
    }

    /// A vector to memory past the caches; the address is aligned to the size of a vector.
    pub(crate) fn store_non_temporal(&mut self, element: Precision, address: Address, source: Vector) {
        self.vector(Form::packed(0x2b, element, self.isa.width()), source.0, 0, address);
    }

    /// The selected elements from memory, zero for the others, whose memory is not touched.
    pub(crate) fn load_masked_zero(
        &mut self,
        element: Precision,
        destination: Vector,
        selection: impl Into<Selection>,
        address: Address,
    ) {
        match selection.into() {
            Selection::Mask(mask) => self.move_masked_zero(element, destination, mask, address),
            Selection::Vector(mask) => {
                self.require(Isa::Avx2);
                self.vector(self.by_byte(Map::M0F38, 0x2c, element), destination.0, mask.0, address);
            }
        }
    }

    /// The selected elements to memory; that of the others is not touched.
    pub(crate) fn store_masked(
        &mut self,
        element: Precision,
        address: Address,
        selection: impl Into<Selection>,
        source: Vector,
    ) {
        match selection.into() {
            Selection::Mask(mask) => {
                self.require(Isa::Avx512);
                self.vector(Form::packed(0x11, element, self.isa.width()).masked(mask), source.0, 0, address);
            }
            Selection::Vector(mask) => {
                self.require(Isa::Avx2);
                self.vector(self.by_byte(Map::M0F38, 0x2e, element), source.0, mask.0, address);
            }
        }
    }

    /// One element of memory, repeated.
    pub(crate) fn broadcast(&mut self, element: Precision, destination: Vector, address: Address) {
        self.vector(self.by_byte(Map::M0F38, 0x18, element).memory(element.bytes()), destination.0, 0, address);
    }

    /// The lowest element to memory.
    pub(crate) fn store_scalar(&mut self, element: Precision, address: Address, source: Vector) {
        self.vector(Form::scalar(0x11, element), source.0, 0, address);
    }

    /// Ends the use of the upper halves, as callers of other code expect.
    pub(crate) fn zero_upper(&mut self) {
        self.bytes.extend_from_slice(&[0xc5, 0xf8, 0x77]);
    }
}

/// Conversions between widths, and moves within a register.
impl Assembler {
    /// The singles of the lower half (or of half as much memory) as a full vector of doubles.
    pub(crate) fn widen_low(&mut self, destination: Vector, operand: impl Into<Operand>) {
        let width = self.isa.width();
        let form = Form::packed(0x5a, Precision::Single, width).memory(width.bytes() / 2);
        self.vector(form, destination.0, 0, operand);
    }

    /// The lowest single as a double; the other of 128 bits comes from `a`.
    pub(crate) fn widen_scalar(&mut self, destination: Vector, a: Vector, b: impl Into<Operand>) {
        self.vector(Form::scalar(0x5a, Precision::Single), destination.0, a.0, b);
    }

    /// The lowest double as a single; the others of 128 bits come from `a`.
    pub(crate) fn narrow_scalar(&mut self, destination: Vector, a: Vector, b: impl Into<Operand>) {
        self.vector(Form::scalar(0x5a, Precision::Double), destination.0, a.0, b);
    }

    /// The upper half of a full vector as the lower half of the destination.
    pub(crate) fn extract_high(&mut self, destination: Vector, source: Vector) {
        match self.isa {
            Isa::Avx2 => self.extract_upper_quarter(destination, source),
            Isa::Avx512 => {
                let form = Form::new(Map::M0F3A, Prefix::P66, 0x1b, Precision::Double, Width::Bits512).immediate(1);
                self.vector(form, source.0, 0, destination);
            }
        }
    }

    /// Bits 128 to 255 as the lowest 128 of the destination.
    pub(crate) fn extract_upper_quarter(&mut self, destination: Vector, source: Vector) {
        let form = Form::new(Map::M0F3A, Prefix::P66, 0x19, Precision::Single, Width::Bits256).immediate(1);
        self.vector(form, source.0, 0, destination);
    }

    /// Within each 128 bits the elements that the immediate names: two bits for each single, one for each double.
    pub(crate) fn permute(
        &mut self,
        width: Width,
        element: Precision,
        destination: Vector,
        operand: impl Into<Operand>,
        choice: u8,
    ) {
        let byte = if element == Precision::Single { 0x04 } else { 0x05 };
        let form = Form::new(Map::M0F3A, Prefix::P66, byte, element, width).immediate(choice);
        self.vector(form, destination.0, 0, operand);
    }
}
