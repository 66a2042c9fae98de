//! A pass with its memory.

use std::panic::Location;

use smallvec::SmallVec;

use super::kernels::Lane;
use super::places::Span;
use crate::exec::dispatch::Level;
use crate::jit::Code;
use crate::plan::Pass;
use crate::storage::Storage;

/// A pass with the memory it works on.
pub(super) struct Bound<'a, T: Lane> {
    pub(super) pass: &'a Pass,
    /// `Pass::memory`.
    pub(super) memory: SmallVec<[Span<T>; 12]>,
    pub(super) loads: SmallVec<[&'a Storage; 4]>,
    /// Those of the pieces of `Pass::assemblies`.
    pub(super) pieces: SmallVec<[SmallVec<[&'a Storage; 2]>; 2]>,
    /// Tables and indices of `Pass::lookups`.
    pub(super) lookups: SmallVec<[(&'a [T], &'a [i64]); 2]>,
    /// The indices of each row.
    pub(super) indices: SmallVec<[&'a [i64]; 2]>,
    /// Results that are truth values, in the place that they have among all.
    pub(super) truths: SmallVec<[Span<bool>; 4]>,
    pub(super) locations: &'a [&'static Location<'static>],
    pub(super) level: Level,
    /// The machine code, where there is some.
    pub(super) code: Option<&'a Code>,
}
