//! The order of steps: what a step reads from memory was written by steps of lower levels. A step can rise later, and lifts what reads its
//! results: so it does not matter in which order the values of a program come.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::plan::fuse::{Fusion, Home};

/// Something that runs by itself: a pass, or the kernel of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Visit {
    Pass(u32),
    Kernel(u32),
}

/// Levels that steps have to rise to.
pub(super) type Rise = SmallVec<[(Visit, u32); 4]>;

/// So many steps rise for the sake of one; more would take longer than they save.
const MOST_RISING: usize = 128;

impl Fusion<'_> {
    /// The step that computes a value.
    pub(super) fn step_of(&self, base: u32) -> Option<Visit> {
        match self.homes[base as usize] {
            Home::Slot | Home::Constant | Home::View => None,
            Home::Kernel(_) => Some(Visit::Kernel(base)),
            Home::Pass(group, _) => Some(Visit::Pass(self.group(group))),
        }
    }

    /// The level of the step that computes a value; 0 if it is there from the start.
    pub(super) fn level(&self, base: u32) -> u32 {
        self.step_of(base).map_or(0, |step| self.level_of(step))
    }

    fn level_of(&self, step: Visit) -> u32 {
        match step {
            Visit::Pass(group) => self.groups[self.group(group) as usize].level,
            Visit::Kernel(value) => match self.homes[value as usize] {
                Home::Kernel(level) => level,
                _ => unreachable!("a kernel stays one"),
            },
        }
    }

    /// Notes that a step reads a value from memory.
    pub(super) fn read_from_memory(&mut self, base: u32, reader: Visit) {
        self.stored[base as usize] = true;
        if let Some(step) = self.step_of(base) {
            let readers = self.readers.entry(step).or_default();
            if readers.last() != Some(&reader) {
                readers.push(reader);
            }
        }
    }

    /// What has to rise so that a step comes at a level or later; `None` if one of `before`, which have to come earlier, waits for it.
    pub(super) fn rise(&self, step: Visit, level: u32, before: &[Visit]) -> Option<Rise> {
        let mut rise: FxHashMap<Visit, u32> = FxHashMap::default();
        let mut pending: SmallVec<[(Visit, u32); 8]> = SmallVec::from_slice(&[(step, level)]);
        while let Some((step, level)) = pending.pop() {
            let known = rise.get(&step).copied().unwrap_or_else(|| self.level_of(step));
            if known >= level {
                continue;
            }
            if before.contains(&step) || rise.len() >= MOST_RISING {
                return None;
            }
            rise.insert(step, level);
            for &reader in self.readers.get(&step).into_iter().flatten() {
                let reader = match reader {
                    Visit::Pass(group) => Visit::Pass(self.group(group)),
                    Visit::Kernel(_) => reader,
                };
                // A pass that has taken in a reader of its own no longer reads itself.
                if reader != step {
                    pending.push((reader, level + 1));
                }
            }
        }
        Some(rise.into_iter().collect())
    }

    /// Lets steps rise.
    pub(super) fn lift(&mut self, rise: Rise) {
        for (step, level) in rise {
            let level = level.max(self.level_of(step));
            match step {
                Visit::Pass(group) => self.groups[group as usize].level = level,
                Visit::Kernel(value) => self.homes[value as usize] = Home::Kernel(level),
            }
        }
    }
}
