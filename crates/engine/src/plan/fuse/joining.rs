//! Operations put into passes, and passes joined: for the sake of an operation that needs both, or because both read the same.

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::op::Op;
use crate::plan::fuse::fitting::Fit;
use crate::plan::fuse::levels::{Rise, Visit};
use crate::plan::fuse::{Class, Fusion, Group, Home, MOST_VALUES, is_full, is_row, is_same};
use crate::plan::views::{Layout, Steps};

/// Passes that read the same are looked through so far for one that can be joined.
const NEARBY: usize = 8;

/// To start a pass over at most so many entries takes a good part of its time.
const SMALL: usize = 1 << 18;

/// More values than this over the rows of a pass are not taken into it.
const MOST_TAKEN_IN: usize = 256;

/// Passes with a common trait are worth to be joined.
#[derive(PartialEq, Eq, Hash)]
enum Trait {
    /// Single numbers.
    OneNumber,
    /// A value read from memory, from an entry on, and how the loop steps through it.
    Reads(u32, isize, Steps),
    /// Few entries, the length of their rows, and the level: none has to wait for the other.
    Shape(usize, Option<usize>, u32),
}

impl Fusion<'_> {
    /// Puts an operation into the pass of its operands, or into a new one.
    pub(super) fn join(&mut self, value: u32) -> Home {
        let mut candidates: SmallVec<[u32; 4]> = SmallVec::new();
        for which in 0..self.instruction(value).inputs.len() {
            if let Home::Pass(group, class) = self.homes[self.operand(value, which).base as usize]
                && class != Class::Whole
            {
                let group = self.group(group);
                // The entries may be those of the rows whose sums the operand is made of.
                let of_sums = self.groups[group as usize].of_sums.map(|group| self.group(group));
                for candidate in of_sums.into_iter().chain([group]) {
                    if !candidates.contains(&candidate) {
                        candidates.push(candidate);
                    }
                }
            }
        }
        // First the passes over as many entries; those over others can at most be taken in.
        let (extent, _) = self.extent(value);
        candidates.sort_by_key(|&group| {
            let Group { entries, level, .. } = self.groups[group as usize];
            (entries != extent, Reverse(entries), Reverse(level))
        });
        for at in 0..candidates.len() {
            let group = candidates[at];
            if self.groups[group as usize].joined.is_some() {
                continue;
            }
            for &other in &candidates[at + 1..] {
                if self.groups[other as usize].joined.is_none()
                    && let Some((columns, rise)) = self.together(group, other, value)
                {
                    self.lift(rise);
                    self.merge(group, other, columns);
                }
            }
            if self.fit(value, group).is_none() {
                continue;
            }
            self.repeat_cheap_operands(value, group);
            if let (Some(fit), Some(rise)) = (self.fit(value, group), self.rise_for(value, group)) {
                return self.enter(value, group, fit, rise);
            }
        }
        let (entries, _) = self.extent(value);
        let new = self.groups.len() as u32;
        self.groups.push(Group {
            lane: None,
            entries,
            columns: None,
            level: 1,
            values: Vec::new(),
            repeated: FxHashSet::default(),
            of_sums: None,
            joined: None,
        });
        self.repeat_cheap_operands(value, new);
        let fit = self.fit(value, new).unwrap_or_else(|| {
            // What would be computed again is also seen in another order: then it is read from memory.
            self.groups[new as usize].repeated.clear();
            self.fit(value, new).expect("an operation fits into a pass of its own")
        });
        let rise = self.rise_for(value, new).expect("nobody waits for a new pass");
        self.enter(value, new, fit, rise)
    }

    fn enter(&mut self, value: u32, group: u32, fit: Fit, rise: Rise) -> Home {
        self.lift(rise);
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            if self.class_in(base, group).is_none() {
                self.read_from_memory(base, Visit::Pass(group));
                if let Home::Pass(home, Class::Row) = self.homes[base as usize] {
                    self.groups[group as usize].of_sums = Some(home);
                }
            }
        }
        let lane = self.lane(value);
        let entered = &mut self.groups[group as usize];
        entered.columns = fit.columns;
        entered.lane = entered.lane.or(lane);
        entered.values.push(value);
        Home::Pass(group, fit.class)
    }

    /// How two passes can be one, for the sake of an operation that needs both: its columns, and what has to rise.
    fn together(&self, group: u32, other: u32, value: u32) -> Option<(Option<usize>, Rise)> {
        let (a, b) = (&self.groups[group as usize], &self.groups[other as usize]);
        let (extent, _) = self.extent(value);
        if a.size() + b.size() > MOST_VALUES {
            return None;
        }
        if a.entries == b.entries {
            return if extent > a.entries { None } else { self.side_by_side(group, other) };
        }
        // One over rows is taken in where the entries of the rows need it; what is only made of their sums is quicker by itself.
        let lanes_agree = a.lane.is_none() || b.lane.is_none() || a.lane == b.lane;
        let by_rows = b.columns.is_none() && b.repeated.is_empty() && b.entries > 1 && a.entries % b.entries == 0;
        let columns = a.entries / b.entries;
        let few = b.values.len() <= MOST_TAKEN_IN;
        if extent != a.entries || !lanes_agree || !by_rows || !few || a.columns.is_some_and(|own| own != columns) {
            return None;
        }
        for which in 0..self.instruction(value).inputs.len() {
            let steps = self.steps(value, which);
            let as_row = match self.instruction(value).op {
                Op::ScatterAdd { .. } => is_full(&steps, b.entries),
                _ => is_row(&steps, a.entries, columns),
            };
            if self.step_of(self.operand(value, which).base) == Some(Visit::Pass(other)) && !as_row {
                return None;
            }
        }
        // What it reads of the rows it then has at hand; all else it reads must not wait for them.
        let mut read: SmallVec<[u32; 16]> = SmallVec::new();
        for &member in &b.values {
            for which in 0..self.instruction(member).inputs.len() {
                let operand = self.operand(member, which);
                match self.homes[operand.base as usize] {
                    Home::Pass(home, class) if self.group(home) == group => {
                        let as_row = operand.offset == 0 && is_full(&self.steps(member, which), b.entries);
                        if class != Class::Row || !as_row {
                            return None;
                        }
                    }
                    Home::Pass(home, _) if self.group(home) == other => {}
                    _ if a.repeated.contains(&operand.base) => return None,
                    _ => read.push(operand.base),
                }
            }
        }
        let mut rise = self.rise_above(group, &read)?;
        // What reads the other's results has to come later than both, and must not be waited for.
        let level = read.iter().map(|&base| 1 + self.level(base)).fold(a.level, u32::max);
        rise.extend(self.rise(Visit::Pass(other), level, &[Visit::Pass(group)])?);
        Some((Some(columns), rise))
    }

    /// How two passes over as many entries can be one.
    fn side_by_side(&self, group: u32, other: u32) -> Option<(Option<usize>, Rise)> {
        let (a, b) = (&self.groups[group as usize], &self.groups[other as usize]);
        let lanes_agree = a.lane.is_none() || b.lane.is_none() || a.lane == b.lane;
        let columns_agree = a.columns.is_none() || b.columns.is_none() || a.columns == b.columns;
        if a.entries != b.entries || !lanes_agree || !columns_agree || a.size() + b.size() > MOST_VALUES {
            return None;
        }
        let (low, high) = if a.level < b.level { (group, other) } else { (other, group) };
        let level = self.groups[high as usize].level;
        let rise = self.rise(Visit::Pass(low), level, &[Visit::Pass(high)])?;
        let agree = self.sees_as_computed(group, other) && self.sees_as_computed(other, group);
        agree.then_some((a.columns.or(b.columns), rise))
    }

    /// Whether a pass reads what the other computes again entry by entry: together, it would no longer be read from memory.
    fn sees_as_computed(&self, group: u32, other: u32) -> bool {
        let (reader, repeated) = (&self.groups[group as usize], &self.groups[other as usize].repeated);
        repeated.is_empty()
            || reader.values.iter().chain(&reader.repeated).all(|&value| {
                (0..self.instruction(value).inputs.len()).all(|which| {
                    let operand = self.operand(value, which);
                    !repeated.contains(&operand.base)
                        || self.extent(value).0 == reader.entries
                            && operand.offset == 0
                            && is_full(&self.steps(value, which), reader.entries)
                })
            })
    }

    /// Makes `other` part of `group`.
    fn merge(&mut self, group: u32, other: u32, columns: Option<usize>) {
        let over_rows = self.groups[other as usize].entries != self.groups[group as usize].entries;
        let other_group = &mut self.groups[other as usize];
        other_group.joined = Some(group);
        let values = std::mem::take(&mut other_group.values);
        let repeated = std::mem::take(&mut other_group.repeated);
        let lane = other_group.lane;
        if over_rows {
            for &value in &values {
                if let Home::Pass(_, class @ Class::Full) = &mut self.homes[value as usize] {
                    *class = Class::Row;
                }
            }
        }
        let merged = &mut self.groups[group as usize];
        if merged.values.len() < values.len() {
            let fewer = std::mem::replace(&mut merged.values, values);
            merged.values.extend(fewer);
        } else {
            merged.values.extend(values);
        }
        merged.repeated.extend(repeated);
        merged.columns = columns;
        merged.lane = merged.lane.or(lane);
        let own: Vec<u32> = self.groups[group as usize].repeated.iter().copied().collect();
        for value in own {
            if matches!(self.homes[value as usize], Home::Pass(home, _) if self.group(home) == group) {
                self.groups[group as usize].repeated.remove(&value);
            }
        }
        if let Some(readers) = self.readers.remove(&Visit::Pass(other)) {
            self.readers.entry(Visit::Pass(group)).or_default().extend(readers);
        }
    }

    /// Joins passes that read the same, so that it is read once, and small ones that are alike, so that fewer start. This comes when all else
    /// is decided: an operation that needs two passes is a better reason to join them.
    pub(super) fn join_the_alike(&mut self) {
        let mut known: FxHashMap<Trait, SmallVec<[u32; 4]>> = FxHashMap::default();
        let (single, many): (Vec<u32>, Vec<u32>) =
            (0..self.groups.len() as u32).partition(|&group| self.groups[group as usize].entries == 1);
        // Steps of single numbers last, and with each other: a pass must not wait for a number that it does not need.
        for group in many.into_iter().chain(single) {
            if self.groups[group as usize].joined.is_some() {
                continue;
            }
            let mut into = group;
            for quality in self.traits(group) {
                let others: SmallVec<[u32; NEARBY]> =
                    known.get(&quality).into_iter().flatten().rev().take(NEARBY).copied().collect();
                for other in others {
                    let other = self.group(other);
                    if other != into
                        && let Some((columns, rise)) = self.side_by_side(other, into)
                    {
                        self.lift(rise);
                        self.merge(other, into, columns);
                        into = other;
                        break;
                    }
                }
                let alike = known.entry(quality).or_default();
                if alike.last() != Some(&into) {
                    alike.push(into);
                }
            }
        }
    }

    /// By what another pass is recognised as one to be joined with.
    fn traits(&self, group: u32) -> Vec<Trait> {
        let Group { entries, columns, level, .. } = self.groups[group as usize];
        if entries == 1 {
            return vec![Trait::OneNumber];
        }
        let found = &self.groups[group as usize];
        let mut traits = Vec::new();
        let mut seen: FxHashSet<(u32, isize, Steps)> = FxHashSet::default();
        for &value in found.values.iter().chain(&found.repeated) {
            for which in 0..self.instruction(value).inputs.len() {
                let Layout { base, offset, .. } = *self.operand(value, which);
                let steps = self.steps(value, which);
                let from_memory = !is_same(&steps) && self.class_in(base, group).is_none();
                if from_memory && seen.insert((base, offset, steps.clone())) {
                    traits.push(Trait::Reads(base, offset, steps));
                }
            }
        }
        if entries <= SMALL {
            traits.push(Trait::Shape(entries, columns, level));
        }
        traits
    }
}
