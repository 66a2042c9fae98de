//! How an instruction becomes bytes: VEX, EVEX, ModRM, compressed displacements.

use super::bytes::{Assembler, FixupTarget};
use super::registers::{Address, General, Isa, Mask, Operand, Precision, Vector, Width};

/// The prefix that an opcode implies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    None = 0,
    P66 = 1,
    PF3 = 2,
    PF2 = 3,
}

/// The table that an opcode's byte is looked up in, named by the bytes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Map {
    M0F = 1,
    M0F38 = 2,
    M0F3A = 3,
}

/// All of a vector instruction but its operands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Form {
    map: Map,
    prefix: Prefix,
    byte: u8,
    width: Width,
    /// EVEX.W; in VEX the opcodes here ignore it or want 0, except the fused ones.
    wide: bool,
    mask: u8,
    zeroing: bool,
    /// How many bytes a memory operand has: the unit of compressed displacements.
    memory: usize,
    immediate: Option<u8>,
}

impl Form {
    /// A form given by each of its parts.
    pub(super) fn new(map: Map, prefix: Prefix, byte: u8, element: Precision, width: Width) -> Form {
        let (wide, memory) = (element == Precision::Double, width.bytes());
        Form { map, prefix, byte, width, wide, mask: 0, zeroing: false, memory, immediate: None }
    }

    /// One of the many whose prefix tells ps from pd.
    pub(super) fn packed(byte: u8, element: Precision, width: Width) -> Form {
        let prefix = match element {
            Precision::Single => Prefix::None,
            Precision::Double => Prefix::P66,
        };
        Form::new(Map::M0F, prefix, byte, element, width)
    }

    /// One of the many whose prefix tells ss from sd.
    pub(super) fn scalar(byte: u8, element: Precision) -> Form {
        let prefix = match element {
            Precision::Single => Prefix::PF3,
            Precision::Double => Prefix::PF2,
        };
        Form::new(Map::M0F, prefix, byte, element, Width::Bits128).memory(element.bytes())
    }

    pub(super) fn memory(self, memory: usize) -> Form {
        Form { memory, ..self }
    }

    pub(super) fn immediate(self, immediate: u8) -> Form {
        Form { immediate: Some(immediate), ..self }
    }

    /// Only the elements that the mask selects; the others keep their value.
    pub(super) fn masked(self, mask: Mask) -> Form {
        assert!((1..8).contains(&mask.0), "k0 selects everything");
        Form { mask: mask.0, ..self }
    }

    /// Only the elements that the mask selects; the others become zero.
    pub(super) fn masked_zero(self, mask: Mask) -> Form {
        Form { zeroing: true, ..self.masked(mask) }
    }

    /// Whether a single element of memory can stand for all: not in scalar instructions and in moves.
    fn repeats(&self) -> bool {
        matches!(self.prefix, Prefix::None | Prefix::P66) && !(self.map == Map::M0F && self.byte == 0x10)
    }

    fn wide_in_vex(&self) -> bool {
        self.wide && self.map == Map::M0F38 && (0x96..=0xbf).contains(&self.byte)
    }
}

/// The operand that ModRM's lower field describes: a register of any kind, or memory.
#[derive(Clone, Copy)]
pub(super) enum RegisterOrMemory {
    Register(u8),
    Memory(Address),
}

impl RegisterOrMemory {
    /// Bits 3 of the base and the index; for a register bits 3 and 4.
    pub(super) fn high_bits(self) -> (u8, u8) {
        match self {
            RegisterOrMemory::Register(register) => (register >> 3 & 1, register >> 4 & 1),
            RegisterOrMemory::Memory(Address::Based { base, index, .. }) => {
                (base.0 >> 3, index.map_or(0, |(index, _)| index.0 >> 3))
            }
            RegisterOrMemory::Memory(Address::Constant(_)) => (0, 0),
        }
    }
}

impl Assembler {
    /// A vector instruction: EVEX for AVX-512, VEX for AVX2. `register` goes to ModRM's upper field, `second` to vvvv
    /// (0 if there is none).
    pub(super) fn vector(&mut self, form: Form, register: u8, second: u8, operand: impl Into<Operand>) {
        let operand = operand.into();
        let last = if let Operand::Register(Vector(last)) = operand { last } else { 0 };
        assert!(register.max(second).max(last) < self.isa.vectors(), "no such vector register");
        match self.isa {
            Isa::Avx2 => {
                let place = match operand {
                    Operand::Register(Vector(register)) => RegisterOrMemory::Register(register),
                    Operand::Memory(address) => RegisterOrMemory::Memory(address),
                    Operand::Broadcast(_) => unreachable!("AVX2 has no embedded broadcast"),
                };
                self.vex(form, register, second, place);
            }
            Isa::Avx512 => self.evex(form, register, second, operand),
        }
    }

    /// An instruction with the VEX prefix, whatever the instruction set: mask instructions have it in AVX-512, too.
    pub(super) fn vex(&mut self, form: Form, register: u8, second: u8, place: RegisterOrMemory) {
        assert!(form.width != Width::Bits512 && form.mask == 0, "VEX knows neither 512 bits nor masks");
        let (base, index) = place.high_bits();
        let upper = !register >> 3 & 1;
        let rest = (!second & 15) << 3 | (form.width as u8) << 2 | form.prefix as u8;
        if base | index == 0 && form.map == Map::M0F && !form.wide_in_vex() {
            self.bytes.extend_from_slice(&[0xc5, upper << 7 | rest]);
        } else {
            let first = upper << 7 | (index ^ 1) << 6 | (base ^ 1) << 5 | form.map as u8;
            self.bytes.extend_from_slice(&[0xc4, first, u8::from(form.wide_in_vex()) << 7 | rest]);
        }
        self.bytes.push(form.byte);
        self.modrm(register, place, 1, usize::from(form.immediate.is_some()));
        self.bytes.extend(form.immediate);
    }

    fn evex(&mut self, form: Form, register: u8, second: u8, operand: Operand) {
        let (place, broadcast) = match operand {
            Operand::Register(Vector(register)) => (RegisterOrMemory::Register(register), false),
            Operand::Memory(address) => (RegisterOrMemory::Memory(address), false),
            Operand::Broadcast(address) => (RegisterOrMemory::Memory(address), true),
        };
        let (base, index) = place.high_bits();
        let first =
            (!register >> 3 & 1) << 7 | (index ^ 1) << 6 | (base ^ 1) << 5 | (!register >> 4 & 1) << 4 | form.map as u8;
        let middle = u8::from(form.wide) << 7 | (!second & 15) << 3 | 1 << 2 | form.prefix as u8;
        let last = u8::from(form.zeroing) << 7
            | (form.width as u8) << 5
            | u8::from(broadcast) << 4
            | (!second >> 4 & 1) << 3
            | form.mask;
        self.bytes.extend_from_slice(&[0x62, first, middle, last, form.byte]);
        let unit = match (broadcast, form.wide) {
            (false, _) => form.memory,
            (true, false) => 4,
            (true, true) => 8,
        };
        assert!(!broadcast || form.repeats(), "an instruction without embedded broadcast");
        self.modrm(register, place, unit, usize::from(form.immediate.is_some()));
        self.bytes.extend(form.immediate);
    }

    /// ModRM, and what describes memory after it. A displacement that is a small multiple of `unit` takes one byte;
    /// `trailing` bytes of the instruction follow.
    pub(super) fn modrm(&mut self, register: u8, place: RegisterOrMemory, unit: usize, trailing: usize) {
        let register = (register & 7) << 3;
        let (base, index, displacement) = match place {
            RegisterOrMemory::Register(last) => return self.bytes.push(0b11 << 6 | register | last & 7),
            RegisterOrMemory::Memory(Address::Constant(slot)) => {
                self.bytes.push(register | 0b101);
                return self.distance(FixupTarget::Constant(slot), trailing);
            }
            RegisterOrMemory::Memory(Address::Based { base, index, displacement }) => (base, index, displacement),
        };
        let unit = unit as i32;
        let short = i8::try_from(displacement / unit).ok().filter(|_| displacement % unit == 0);
        let mode = match short {
            // Without a displacement, rbp and r13 would mean something else.
            Some(0) if base.0 & 7 != General::RBP.0 => 0b00,
            Some(_) => 0b01,
            None => 0b10,
        };
        match index {
            Some((index, scale)) => {
                assert!(index != General::RSP && matches!(scale, 1 | 2 | 4 | 8), "not an index");
                let scale = scale.trailing_zeros() as u8;
                self.bytes
                    .extend_from_slice(&[mode << 6 | register | 0b100, scale << 6 | (index.0 & 7) << 3 | base.0 & 7]);
            }
            // In ModRM, rsp and r12 mean that more follows.
            None if base.0 & 7 == General::RSP.0 => {
                self.bytes.extend_from_slice(&[mode << 6 | register | 0b100, 0b100 << 3 | 0b100]);
            }
            None => self.bytes.push(mode << 6 | register | base.0 & 7),
        }
        match (mode, short) {
            (0b00, _) => {}
            (_, Some(short)) => self.bytes.push(short as u8),
            (_, None) => self.bytes.extend_from_slice(&displacement.to_le_bytes()),
        }
    }
}
