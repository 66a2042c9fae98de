//! General-purpose instructions and jumps. All work on 64 bits.

use super::bytes::{Assembler, FixupTarget, Label};
use super::encoding::RegisterOrMemory;
use super::registers::{Address, General};

/// The second operand of an integer instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GeneralOperand {
    Register(General),
    Immediate(i32),
    Memory(Address),
}

impl From<General> for GeneralOperand {
    fn from(register: General) -> GeneralOperand {
        GeneralOperand::Register(register)
    }
}

impl From<i32> for GeneralOperand {
    fn from(immediate: i32) -> GeneralOperand {
        GeneralOperand::Immediate(immediate)
    }
}

impl From<Address> for GeneralOperand {
    fn from(address: Address) -> GeneralOperand {
        GeneralOperand::Memory(address)
    }
}

/// When a jump is taken, after a comparison `compare(a, b)`; `Below` is unsigned, those with `Less` and `Greater` are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Condition {
    Below = 0x2,
    Equal = 0x4,
    GreaterOrEqual = 0xd,
    LessOrEqual = 0xe,
    Greater = 0xf,
}

impl Assembler {
    /// `destination = source`.
    pub(crate) fn move_general(&mut self, destination: General, source: General) {
        self.general(&[0x89], source.0, RegisterOrMemory::Register(destination.0), 0);
    }

    /// `destination = value`, in the shortest form that leaves the flags alone.
    pub(crate) fn move_immediate(&mut self, destination: General, value: u64) {
        if let Ok(value) = u32::try_from(value) {
            self.short(0xb8, destination);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        } else if let Ok(value) = i32::try_from(value as i64) {
            self.general(&[0xc7], 0, RegisterOrMemory::Register(destination.0), 4);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        } else {
            self.bytes.extend_from_slice(&[0x48 | destination.0 >> 3, 0xb8 | destination.0 & 7]);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// `destination = *address`, 64 bits.
    pub(crate) fn load_general(&mut self, destination: General, address: Address) {
        self.general(&[0x8b], destination.0, RegisterOrMemory::Memory(address), 0);
    }

    /// `*address = source`, 64 bits.
    pub(crate) fn store_general(&mut self, address: Address, source: General) {
        self.general(&[0x89], source.0, RegisterOrMemory::Memory(address), 0);
    }

    /// `destination = address`, what is there is not read.
    pub(crate) fn load_address(&mut self, destination: General, address: Address) {
        self.general(&[0x8d], destination.0, RegisterOrMemory::Memory(address), 0);
    }

    /// `destination += source`.
    pub(crate) fn add(&mut self, destination: General, source: impl Into<GeneralOperand>) {
        self.integer(0, destination, source.into());
    }

    /// `destination -= source`.
    pub(crate) fn subtract(&mut self, destination: General, source: impl Into<GeneralOperand>) {
        self.integer(5, destination, source.into());
    }

    /// `destination &= source`.
    pub(crate) fn and(&mut self, destination: General, source: impl Into<GeneralOperand>) {
        self.integer(4, destination, source.into());
    }

    /// `destination >>= amount`, unsigned.
    pub(crate) fn shift_right(&mut self, destination: General, amount: u8) {
        self.general(&[0xc1], 5, RegisterOrMemory::Register(destination.0), 1);
        self.bytes.push(amount);
    }

    /// Sets the flags by `a - b`.
    pub(crate) fn compare(&mut self, a: General, b: impl Into<GeneralOperand>) {
        self.integer(7, a, b.into());
    }

    /// Sets the flags by `a & b`.
    pub(crate) fn test(&mut self, a: General, b: General) {
        self.general(&[0x85], b.0, RegisterOrMemory::Register(a.0), 0);
    }

    /// Pushes the register on the stack.
    pub(crate) fn push(&mut self, register: General) {
        self.short(0x50, register);
    }

    /// Pops the register from the stack.
    pub(crate) fn pop(&mut self, register: General) {
        self.short(0x58, register);
    }

    /// Returns from the function.
    pub(crate) fn ret(&mut self) {
        self.bytes.push(0xc3);
    }

    /// Goes on at the label if the flags say so.
    pub(crate) fn jump_if(&mut self, condition: Condition, label: Label) {
        self.bytes.extend_from_slice(&[0x0f, 0x80 | condition as u8]);
        self.distance(FixupTarget::Label(label), 0);
    }

    /// Asks for the memory to be brought into all levels of the cache.
    pub(crate) fn prefetch(&mut self, address: Address) {
        self.optional_rex(0, RegisterOrMemory::Memory(address));
        self.bytes.extend_from_slice(&[0x0f, 0x18]);
        self.modrm(1, RegisterOrMemory::Memory(address), 1, 0);
    }

    /// One of the eight arithmetic instructions that share their encodings.
    fn integer(&mut self, operation: u8, destination: General, source: GeneralOperand) {
        match source {
            GeneralOperand::Register(source) => {
                self.general(&[operation << 3 | 1], source.0, RegisterOrMemory::Register(destination.0), 0);
            }
            GeneralOperand::Memory(address) => {
                self.general(&[operation << 3 | 3], destination.0, RegisterOrMemory::Memory(address), 0)
            }
            GeneralOperand::Immediate(value) => self.with_immediate(0x83, 0x81, operation, destination, value),
        }
    }

    /// An instruction that has one opcode for an immediate of one byte, another for four.
    fn with_immediate(&mut self, short: u8, long: u8, register: u8, last: General, value: i32) {
        if let Ok(value) = i8::try_from(value) {
            self.general(&[short], register, RegisterOrMemory::Register(last.0), 1);
            self.bytes.push(value as u8);
        } else {
            self.general(&[long], register, RegisterOrMemory::Register(last.0), 4);
            self.bytes.extend_from_slice(&value.to_le_bytes());
        }
    }

    /// An instruction of 64 bits.
    fn general(&mut self, opcode: &[u8], register: u8, place: RegisterOrMemory, trailing: usize) {
        let (base, index) = place.high_bits();
        self.bytes.push(0x48 | register >> 3 << 2 | index << 1 | base);
        self.bytes.extend_from_slice(opcode);
        self.modrm(register, place, 1, trailing);
    }

    /// The prefix that registers 8 to 15 need, if they occur.
    fn optional_rex(&mut self, register: u8, place: RegisterOrMemory) {
        let (base, index) = place.high_bits();
        let bits = register >> 3 << 2 | index << 1 | base;
        self.bytes.extend((bits != 0).then_some(0x40 | bits));
    }

    /// An instruction whose opcode holds its register.
    fn short(&mut self, opcode: u8, register: General) {
        self.optional_rex(0, RegisterOrMemory::Register(register.0));
        self.bytes.push(opcode | register.0 & 7);
    }
}
