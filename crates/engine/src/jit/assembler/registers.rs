//! What instructions speak of: registers, addresses, operands, element types.

/// The instruction set that vector instructions are encoded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Isa {
    /// AVX2 with FMA: sixteen registers of 256 bits, VEX encodings, masks are vectors.
    Avx2,
    /// AVX-512 F, VL, DQ and BW: thirty-two registers of 512 bits, EVEX encodings, mask registers.
    Avx512,
}

impl Isa {
    /// The width of a full vector.
    pub(crate) fn width(self) -> Width {
        match self {
            Isa::Avx2 => Width::Bits256,
            Isa::Avx512 => Width::Bits512,
        }
    }

    /// How many vector registers there are.
    pub(crate) fn vectors(self) -> u8 {
        match self {
            Isa::Avx2 => 16,
            Isa::Avx512 => 32,
        }
    }
}

/// How many bits of the vector registers an instruction works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Width {
    Bits128,
    Bits256,
    Bits512,
}

impl Width {
    /// The width in bytes.
    pub(crate) fn bytes(self) -> usize {
        16 << self as usize
    }
}

/// What a vector is made of: floats of 32 or 64 bits, or integers of the same size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Precision {
    Single,
    Double,
}

impl Precision {
    /// The size in bytes.
    pub(crate) fn bytes(self) -> usize {
        match self {
            Precision::Single => 4,
            Precision::Double => 8,
        }
    }
}

/// A vector register: xmm, ymm or zmm, as the instruction says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Vector(pub(crate) u8);

/// A mask register of AVX-512, k1 to k7 (k0 can be computed with but selects everything).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Mask(pub(crate) u8);

/// A general-purpose register of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct General(pub(crate) u8);

impl General {
    pub(crate) const RAX: General = General(0);
    pub(crate) const RCX: General = General(1);
    pub(crate) const RDX: General = General(2);
    pub(crate) const RBX: General = General(3);
    pub(crate) const RSP: General = General(4);
    pub(crate) const RBP: General = General(5);
    pub(crate) const RSI: General = General(6);
    pub(crate) const RDI: General = General(7);
    pub(crate) const R8: General = General(8);
    pub(crate) const R9: General = General(9);
    pub(crate) const R10: General = General(10);
    pub(crate) const R11: General = General(11);
    pub(crate) const R12: General = General(12);
    pub(crate) const R13: General = General(13);
    pub(crate) const R14: General = General(14);
    pub(crate) const R15: General = General(15);

    /// The address `[self + displacement]`.
    pub(crate) fn at(self, displacement: i32) -> Address {
        Address::Based { base: self, index: None, displacement }
    }

    /// The address `[self + index * scale]`; the scale is 1, 2, 4 or 8.
    pub(crate) fn indexed(self, index: General, scale: u8) -> Address {
        Address::Based { base: self, index: Some((index, scale)), displacement: 0 }
    }
}

/// A place in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// `[base + index * scale + displacement]`; the index is any register but rsp.
    Based { base: General, index: Option<(General, u8)>, displacement: i32 },
    /// A slot of the assembler's pool of constants, made by [`Assembler::constant`](super::Assembler::constant).
    Constant(usize),
}

impl Address {
    /// The address so many bytes further on.
    ///
    /// # Panics
    /// If this is the address of a constant.
    pub(crate) fn offset(self, bytes: i32) -> Address {
        match self {
            Address::Based { base, index, displacement } => {
                Address::Based { base, index, displacement: displacement + bytes }
            }
            Address::Constant(_) => unreachable!("a constant is read where it is"),
        }
    }
}

/// The last operand of a vector instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operand {
    Register(Vector),
    /// As many bytes of memory as the instruction reads.
    Memory(Address),
    /// One element of memory, repeated: AVX-512 only.
    Broadcast(Address),
}

impl From<Vector> for Operand {
    fn from(vector: Vector) -> Operand {
        Operand::Register(vector)
    }
}

impl From<Address> for Operand {
    fn from(address: Address) -> Operand {
        Operand::Memory(address)
    }
}

/// Which elements a masked load or store touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selection {
    /// AVX-512: the elements whose bit is set.
    Mask(Mask),
    /// AVX2: the elements whose sign bit is set.
    Vector(Vector),
}

impl From<Mask> for Selection {
    fn from(mask: Mask) -> Selection {
        Selection::Mask(mask)
    }
}

impl From<Vector> for Selection {
    fn from(vector: Vector) -> Selection {
        Selection::Vector(vector)
    }
}
