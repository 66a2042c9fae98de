//! Registers of a pass: each value of the loop gets a place that is free while it is needed.

use crate::plan::pass::{Place, Region, Spread};

/// A place before the size of registers is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Allocation {
    Memory(u16),
    /// A register for a tile.
    Tile(u32),
    /// A register for one number for each row, or for one.
    Row(u32),
    /// A register that holds whole rows.
    Carried(u32),
}

/// Hands out registers of one kind.
#[derive(Debug, Default)]
pub(super) struct Registers {
    free: Vec<u32>,
    pub(super) count: u32,
}

impl Registers {
    pub(super) fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }

    pub(super) fn give(&mut self, register: u32) {
        self.free.push(register);
    }
}

/// The sizes of registers, in elements.
#[derive(Clone, Copy, Debug)]
pub(super) struct RegisterSizes {
    pub(super) tile: usize,
    pub(super) row: usize,
    pub(super) carried: usize,
    pub(super) rows_start: usize,
    pub(super) carried_start: usize,
}

impl RegisterSizes {
    pub(super) fn place(&self, spot: Allocation, spread: Spread) -> Place {
        let (region, offset) = match spot {
            Allocation::Memory(number) => (Region::Memory(number), 0),
            Allocation::Tile(number) => (Region::Scratch, number as usize * self.tile),
            Allocation::Row(number) => (Region::Scratch, self.rows_start + number as usize * self.row),
            // Of rows so long that this saturates there is no memory for the first.
            Allocation::Carried(number) => (Region::Carried, (number as usize).saturating_mul(self.carried)),
        };
        Place { region, offset, spread }
    }
}
