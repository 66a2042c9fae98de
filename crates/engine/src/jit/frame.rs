//! What the code of a segment is called with, and where it finds it.

use super::translate::Spot;
use crate::jit::assembler::{Assembler, General};
use crate::plan::Region;

/// What the code of a segment is called with.
#[repr(C)]
pub(super) struct Frame {
    pub(super) registers: *mut u8,
    pub(super) carried: *mut u8,
    /// `Pass::memory` at the present tile.
    pub(super) memory: *const *mut u8,
    /// Where the numbers of rows, one for each, end: in bytes from the tile's first.
    pub(super) rows_end: usize,
    /// Bytes of a row, or of all rows where nothing depends on them.
    pub(super) row: usize,
    /// [`RowOperand`]s, one for each load of rows and each reduction across rows.
    pub(super) operands: *const u8,
    /// The results of reductions that are not for each row.
    pub(super) results: *mut f64,
    /// The entries at the end of a row that do not fill a vector, as bits.
    pub(super) tail_bits: u64,
    /// The same as a vector of signs.
    pub(super) tail_signs: [u64; 4],
    /// The byte of the tile's entries, and of its rows' numbers, to begin with.
    pub(super) start: [usize; 2],
}

/// The rows of an operand that is read where it lies, or of sums.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowOperand {
    /// The beginning of the first row.
    pub(crate) first: *const u8,
    /// Bytes from row to row.
    pub(crate) step: isize,
}

pub(super) const REGISTERS: i32 = 0;
pub(super) const CARRIED: i32 = 8;
pub(super) const MEMORY: i32 = 16;
pub(super) const ROWS: i32 = 24;
pub(super) const ROW: i32 = 32;
pub(super) const OPERANDS: i32 = 40;
pub(super) const RESULTS: i32 = 48;
pub(super) const TAIL_BITS: i32 = 56;
pub(super) const TAIL_SIGNS: i32 = 64;
pub(super) const START: i32 = 96;
pub(super) const START_ROW: i32 = 104;

/// The frame.
pub(super) const FRAME: General = General::RDI;

/// What a pointer points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Base {
    Registers,
    Carried,
    Memory(u16),
    /// Rows of an operand, by its position among those of the segment.
    Rows(usize),
    /// Sums across rows, by their position among those of the segment.
    Sums(usize),
}

pub(super) fn base_of((region, _): Spot) -> Base {
    match region {
        Region::Scratch => Base::Registers,
        Region::Carried => Base::Carried,
        Region::Memory(number) => Base::Memory(number),
    }
}

/// Brings a pointer of the frame into a register. Rows get theirs with each row.
pub(super) fn load_base(code: &mut Assembler, register: General, base: Base) {
    match base {
        Base::Registers => code.load_general(register, FRAME.at(REGISTERS)),
        Base::Carried => code.load_general(register, FRAME.at(CARRIED)),
        Base::Memory(number) => {
            code.load_general(register, FRAME.at(MEMORY));
            code.load_general(register, register.at(8 * i32::from(number)));
        }
        Base::Rows(_) | Base::Sums(_) => {}
    }
}
