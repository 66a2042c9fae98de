//! What runs along with a pass, block by block.
#![allow(unsafe_code)]

use super::places::Span;

/// What is computed along with a pass, in units of some of its blocks.
pub(in crate::exec) trait Along<T>: Sync {
    /// How many blocks a unit has.
    fn blocks(&self) -> usize;

    /// The memory of a value that is computed before the pass reads it, unit by unit.
    fn value(&self, value: u32) -> Option<Span<T>>;

    /// Computes what the pass reads in a unit.
    ///
    /// # Safety
    /// Nobody else may be at the same unit.
    unsafe fn before(&self, unit: usize);

    /// Computes what is made of the results of the pass in a unit, whose memory is given: empty for truth values.
    ///
    /// # Safety
    /// As for `before`, and the pass must have computed the unit.
    unsafe fn behind(&self, unit: usize, results: &[Span<T>]);
}
