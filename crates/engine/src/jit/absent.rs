//! No machine code is generated for this processor or system: the interpreter runs everything.
#![allow(unsafe_code)]

use std::ops::Range;

use crate::op::Reduction;
use crate::plan::{Operation, Pass, RowSource};

/// An instruction set that code is generated for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Isa {
    Avx2,
    Avx512,
}

/// Whether code is generated at all.
pub(crate) const AVAILABLE: bool = false;

/// The machine code of a pass: there is none.
#[derive(Debug)]
pub(crate) enum Code {}

/// What a worker does next.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Item {
    /// Runs the code of a segment.
    Run(u32),
    /// Interprets an instruction, by its number in the list of its phase.
    Interpret(u32),
}

/// Where a reduction's result goes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Destination {
    PerRow(()),
    RowSum(u16),
    Total(u16),
}

/// The tile that a segment is run on.
pub(crate) struct TileRows {
    pub(crate) rows: Range<usize>,
    pub(crate) columns: usize,
}

/// The lists of a phase.
pub(crate) struct PhaseCode {
    pub(crate) full: Vec<Item>,
    pub(crate) rows: Vec<Item>,
}

/// The rows of an operand that is read where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RowOperand {
    /// The beginning of the first row.
    pub(crate) first: *const u8,
    /// Bytes from row to row.
    pub(crate) step: isize,
}

/// Where what a segment reads and writes begins.
pub(crate) struct Bases<'a, T> {
    pub(crate) registers: *mut T,
    pub(crate) carried: *mut T,
    pub(crate) memory: &'a [*mut T],
    pub(crate) operands: &'a [RowOperand],
}

/// The machine code of each pass, and how many bytes its pages have: there is none.
pub(crate) fn generate<'a>(passes: impl Iterator<Item = &'a Pass>, _: Isa) -> (Vec<Option<Code>>, usize) {
    (passes.map(|_| None).collect(), 0)
}

impl Code {
    pub(crate) fn isa(&self) -> Isa {
        match *self {}
    }

    pub(crate) fn bytes(&self) -> usize {
        match *self {}
    }

    pub(crate) fn phase(&self, _: usize) -> &PhaseCode {
        match *self {}
    }

    pub(crate) fn row_sources(&self, _: u32) -> &[RowSource] {
        match *self {}
    }

    pub(crate) fn across(&self, _: u32) -> &[u16] {
        match *self {}
    }

    /// # Safety
    /// It cannot be called.
    pub(crate) unsafe fn run<T>(
        &self,
        _: u32,
        _: TileRows,
        _: Bases<'_, T>,
        _: impl FnMut(Destination, Reduction, f64),
    ) {
        match *self {}
    }
}

/// Whether code can be generated for an operation.
pub(crate) fn reads_truths(_: Isa) -> bool {
    false
}

/// Whether code can be generated for an operation.
pub(crate) fn is_generated(_: Operation) -> bool {
    false
}

/// How many sums are read and written behind the last of a row.
pub(crate) const BEHIND_SUMS: usize = 0;
