//! Choices: comparisons that they compute themselves, the one entry of each row that is picked, and the one that is placed.

use smallvec::smallvec;

use crate::dtype::DType;
use crate::op::{Binary, Comparison, Op};
use crate::plan::fuse::{Class, is_full};
use crate::plan::lower::{Holds, Lowering, Ref, Stage};
use crate::plan::pass::{Operation, Ring};

impl Lowering<'_, '_> {
    /// The comparison, if a value is one and is computed by each choice that depends on it.
    pub(super) fn absorbed_comparison(&self, value: u32) -> Option<Comparison> {
        let Op::Binary(binary) = self.fusion.instruction(value).op else { return None };
        let uses = self.uses.get(&value).copied().unwrap_or_default();
        let absorbed = !self.is_one_hot(value)
            && !self.is_stored(value)
            && uses.all > 0
            && uses.as_condition == uses.all
            && self.fusion.class_in(value, self.group) == Some(Class::Full);
        binary.comparison().filter(|_| absorbed)
    }

    /// The comparison that makes a choice one of a single entry of each row, the others being 0.
    pub(super) fn choice_of_one(&self, value: u32) -> Option<u32> {
        let instruction = self.fusion.instruction(value);
        let condition = (instruction.op == Op::Select).then(|| self.fusion.operand(value, 0))?;
        let whole = condition.offset == 0 && is_full(&self.fusion.steps(value, 0), self.rows * self.columns);
        let zero = matches!(self.fusion.instruction(self.fusion.operand(value, 2).base).op, Op::Constant(_));
        let full = self.fusion.class_in(value, self.group) == Some(Class::Full);
        (zero && whole && full && self.in_group(condition.base) && self.is_one_hot(condition.base))
            .then_some(condition.base)
    }

    pub(super) fn is_one_hot(&self, value: u32) -> bool {
        let instruction = self.fusion.instruction(value);
        instruction.op == Op::Binary(Binary::Equal)
            && self.fusion.instruction(instruction.inputs[0]).dtype == DType::I64
            && self.fusion.one_hot(value).is_some()
    }

    /// Whether every use of a comparison with positions is a choice of one entry.
    pub(super) fn is_absorbed_one_hot(&self, value: u32) -> bool {
        self.is_one_hot(value) && !self.is_stored(value) && {
            let group = &self.fusion.groups[self.group as usize];
            let users = || group.values.iter().chain(&group.repeated);
            let uses = |user: &&u32| {
                (0..self.fusion.instruction(**user).inputs.len())
                    .any(|which| self.fusion.operand(**user, which).base == value)
            };
            users().filter(uses).all(|&user| {
                self.choice_of_one(user) == Some(value) && {
                    let instruction = self.fusion.instruction(user);
                    (1..instruction.inputs.len()).all(|which| self.fusion.operand(user, which).base != value)
                }
            })
        }
    }

    /// The number of the index that a comparison with positions finds its numbers with.
    pub(super) fn one_hot_index(&mut self, value: u32) -> u16 {
        let (numbers, _) = self.fusion.one_hot(value).expect("asked before");
        self.index(value, numbers, None)
    }

    /// Whether a value is 0 but for one entry of each row that is the same for the whole row: what is put there, and by which operand.
    pub(super) fn is_placement(&self, value: u32) -> bool {
        match self.fusion.instruction(value).op {
            Op::ScatterAdd { .. } => true,
            Op::Select => self.choice_of_one(value).is_some() && self.is_row_number(value, 1),
            _ => false,
        }
    }

    /// What a placement puts into a row, and the index of where.
    pub(super) fn placed(&mut self, value: u32) -> (Ref, u16) {
        match self.choice_of_one(value) {
            Some(one_hot) => {
                let number = self.operand(value, 1, Class::Full);
                (number, self.one_hot_index(one_hot))
            }
            None => {
                let number = self.operand(value, 0, Class::Row);
                (number, self.index(value, 1, Some("scatter_add")))
            }
        }
    }

    /// Whether every use of a placement adds it to something or sums it along the row: then nobody needs it as such.
    pub(super) fn is_absorbed_placement(&self, value: u32) -> bool {
        if self.is_stored(value) || !self.is_placement(value) {
            return false;
        }
        let group = &self.fusion.groups[self.group as usize];
        let absorbing = group.values.iter().chain(&group.repeated).filter(|&&user| {
            let count = self.fusion.instruction(user).inputs.len();
            let uses = (0..count).filter(|&which| self.fusion.operand(user, which).base == value).count();
            uses == 1 && (self.sums_row_of(user, value) || self.addition(user, value).is_some())
        });
        self.uses.get(&value).is_some_and(|uses| uses.all as usize == absorbing.count())
    }

    /// The sum of each row of a value with one entry in each, which is that entry, if the value is computed for nothing else.
    pub(super) fn only_entry(&mut self, value: u32) -> Option<Ref> {
        if self.is_absorbed_placement(value) {
            let (number, index) = self.placed(value);
            return Some(self.node(Operation::WithinRow(index), smallvec![number], Class::Row));
        }
        let only = self.choice_of_one(value).is_some() && self.is_absorbed_by_only_use(value);
        only.then(|| self.picked(value))
    }

    /// The entry that a choice of one entry of each row chooses.
    pub(super) fn picked(&mut self, value: u32) -> Ref {
        let one_hot = self.choice_of_one(value).expect("it is one");
        let index = self.one_hot_index(one_hot);
        self.pick(value, 1, index, false)
    }

    /// The entry of each row of an operand that an index names: as it is where the index is certain to name one, else as a sum of nothing or
    /// of it.
    pub(super) fn pick(&mut self, value: u32, which: usize, index: u16, certain: bool) -> Ref {
        let base = self.fusion.operand(value, which).base;
        if let Some((binary, full)) = self.shifted_memory(base) {
            // Of a difference, say, between memory and one number for each row only the entry is computed.
            let input = self.tile_operand(base, full, Class::Full);
            let pick = self.push(Operation::Pick(index), smallvec![input], Stage::Sweep, 0, Holds::PerRow);
            let number = self.operand(base, 1 - full, Class::Full);
            let inputs = if full == 0 { [Ref::Lowered(pick), number] } else { [number, Ref::Lowered(pick)] };
            let made = self.node(Operation::Binary(binary), inputs.into_iter().collect(), Class::Row);
            return if certain { made } else { self.node(Operation::WithinRow(index), smallvec![made], Class::Row) };
        }
        let input = self.tile_operand(value, which, Class::Full);
        let phase = self.phase_of(input);
        Ref::Lowered(self.push(Operation::Pick(index), smallvec![input], Stage::Sweep, phase, Holds::PerRow))
    }

    /// The operation, and which operand is in memory, if a value combines memory with one number for each row.
    fn shifted_memory(&self, value: u32) -> Option<(Binary, usize)> {
        let Op::Binary(binary) = self.fusion.instruction(value).op else { return None };
        if Ring::of(binary).is_none()
            || !self.in_group(value)
            || self.fusion.class_in(value, self.group) != Some(Class::Full)
        {
            return None;
        }
        let in_memory = |which: usize| {
            let layout = self.fusion.operand(value, which);
            !self.in_group(layout.base)
                && self.fusion.instruction(layout.base).dtype == self.lane
                && is_full(&self.fusion.steps(value, which), self.rows * self.columns)
        };
        (0..2).find(|&which| in_memory(which) && self.is_row_number(value, 1 - which)).map(|which| (binary, which))
    }

    /// Whether the only use of a value is to be summed along the row.
    pub(super) fn is_summed(&self, value: u32) -> bool {
        let group = &self.fusion.groups[self.group as usize];
        group.values.iter().any(|&user| self.sums_row_of(user, value))
    }

    /// The other operand, where `user` adds the placement `value` to it, or subtracts it.
    pub(super) fn addition(&self, user: u32, value: u32) -> Option<usize> {
        let sides = match self.fusion.instruction(user).op {
            Op::Binary(Binary::Add) => 0..2,
            Op::Binary(Binary::Subtract) => 1..2,
            _ => return None,
        };
        let which = sides.into_iter().find(|&which| self.fusion.operand(user, which).base == value)?;
        let other = self.internal(user, 1 - which)?;
        (!self.is_placement(other) && self.fusion.class_in(other, self.group) == Some(Class::Full)).then_some(1 - which)
    }
}
