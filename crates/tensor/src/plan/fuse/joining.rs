//! Operations put into passes, and passes joined for the sake of an operation that needs both.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::plan::fuse::fitting::Fit;
use crate::plan::fuse::{Class, Fusion, Group, Home};

impl Fusion<'_> {
    /// Puts an operation into the pass of its operands, or into a new one.
    pub(super) fn join(&mut self, value: u32) -> Home {
        let mut candidates: SmallVec<[u32; 4]> = SmallVec::new();
        for which in 0..self.instruction(value).inputs.len() {
            if let Home::Pass(group, class) = self.homes[self.operand(value, which).base as usize]
                && class != Class::Whole
            {
                let group = self.group(group);
                if !candidates.contains(&group) {
                    candidates.push(group);
                }
            }
        }
        candidates.sort_by_key(|&group| std::cmp::Reverse(self.groups[group as usize].level));
        for at in 0..candidates.len() {
            let group = candidates[at];
            if self.groups[group as usize].joined.is_some() || self.fit(value, group).is_none() {
                continue;
            }
            for &other in &candidates[at + 1..] {
                if self.groups[other as usize].joined.is_none() && self.can_merge(group, other, value) {
                    self.merge(group, other);
                }
            }
            self.repeat_cheap_operands(value, group);
            let (Some(fit), Some(level)) = (self.fit(value, group), self.level_for(value, group)) else { continue };
            return self.enter(value, group, fit, level);
        }
        let (entries, _) = self.extent(value);
        let new = self.groups.len() as u32;
        self.groups.push(Group {
            lane: None,
            entries,
            columns: None,
            level: 1,
            first_consumer: u32::MAX,
            values: Vec::new(),
            repeated: FxHashSet::default(),
            joined: None,
        });
        self.repeat_cheap_operands(value, new);
        let fit = self.fit(value, new).unwrap_or_else(|| {
            // What would be computed again is also seen in another order: then it is read from memory.
            self.groups[new as usize].repeated.clear();
            self.fit(value, new).expect("an operation fits into a pass of its own")
        });
        let level = self.level_for(value, new).expect("nobody reads from a new pass");
        self.enter(value, new, fit, level)
    }

    fn enter(&mut self, value: u32, group: u32, fit: Fit, level: u32) -> Home {
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            if self.class_in(base, group).is_none() {
                self.read_from_memory(base, level);
            }
        }
        let lane = self.lane(value);
        let entered = &mut self.groups[group as usize];
        entered.level = level;
        entered.columns = fit.columns;
        entered.lane = entered.lane.or(lane);
        entered.values.push(value);
        Home::Pass(group, fit.class)
    }

    /// Whether `other` can become part of `group`, of at least its level, for the sake of an operation that needs both.
    fn can_merge(&self, group: u32, other: u32, value: u32) -> bool {
        let (a, b) = (&self.groups[group as usize], &self.groups[other as usize]);
        let columns_agree = a.columns.is_none() || b.columns.is_none() || a.columns == b.columns;
        let lanes_agree = a.lane.is_none() || b.lane.is_none() || a.lane == b.lane;
        let (extent, _) = self.extent(value);
        // A level is raised only if nobody has read results at a level in between.
        let in_time = a.level == b.level || b.first_consumer > a.level;
        a.entries == b.entries && columns_agree && lanes_agree && in_time && extent <= a.entries
    }

    fn merge(&mut self, group: u32, other: u32) {
        let (values, repeated, columns, lane, first_consumer) = {
            let other = &mut self.groups[other as usize];
            other.joined = Some(group);
            let values = std::mem::take(&mut other.values);
            (values, std::mem::take(&mut other.repeated), other.columns, other.lane, other.first_consumer)
        };
        let merged = &mut self.groups[group as usize];
        if merged.values.len() < values.len() {
            let fewer = std::mem::replace(&mut merged.values, values);
            merged.values.extend(fewer);
        } else {
            merged.values.extend(values);
        }
        merged.repeated.extend(repeated);
        merged.columns = merged.columns.or(columns);
        merged.lane = merged.lane.or(lane);
        merged.first_consumer = merged.first_consumer.min(first_consumer);
        let own: Vec<u32> = self.groups[group as usize].repeated.iter().copied().collect();
        for value in own {
            if matches!(self.homes[value as usize], Home::Pass(home, _) if self.group(home) == group) {
                self.groups[group as usize].repeated.remove(&value);
            }
        }
    }
}
