//! Whether a pass can compute an operation, and when.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Op};
use crate::plan::fuse::levels::{Rise, Visit};
use crate::plan::fuse::{Class, Fusion, Group, MOST_VALUES, Scope, is_full, is_row};

/// How an operation would join a group.
pub(super) struct Fit {
    pub(super) class: Class,
    pub(super) columns: Option<usize>,
}

impl Fusion<'_> {
    /// Whether a pass can compute this operation. Integers have kernels of their own.
    pub(super) fn is_fusable(&self, value: u32) -> bool {
        let instruction = self.instruction(value);
        let of = |which: usize| self.instruction(instruction.inputs[which]);
        let entries = match instruction.op {
            Op::Reduce(..) => of(0).shape.elements(),
            Op::Gather { .. } if !self.looked_up[value as usize] => of(0).shape.elements(),
            _ => instruction.shape.elements(),
        };
        if entries == 0 || instruction.dtype == DType::I64 {
            return false;
        }
        match &instruction.op {
            _ if self.copied[value as usize] || self.assembled[value as usize] || self.looked_up[value as usize] => {
                true
            }
            Op::Unary(_) => true,
            Op::Binary(Binary::Equal) if of(0).dtype == DType::I64 => self.one_hot(value).is_some(),
            Op::Binary(_) => of(0).dtype != DType::I64,
            // Truth values are masks in a pass, which no row of numbers holds the greatest of.
            Op::Reduce(..) => of(0).dtype.is_float(),
            Op::Select => true,
            Op::Cast => instruction.dtype.is_float() || of(0).dtype.is_float(),
            Op::Gather { axis } | Op::ScatterAdd { axis } => {
                let row = if matches!(instruction.op, Op::Gather { .. }) { &of(0).shape } else { &instruction.shape };
                let index = of(1);
                let rows = entries / row[*axis];
                instruction.dtype.is_float()
                    && row[*axis] > 1
                    && row[*axis + 1..].iter().all(|&size| size == 1)
                    && index.shape[*axis] == 1
                    && index.shape.elements() == rows
                    && instruction.shape.elements()
                        == if matches!(instruction.op, Op::Gather { .. }) { rows } else { entries }
                    && self.operand(value, 1).is_row_major()
                    && self.in_memory(self.operand(value, 1).base)
            }
            _ => false,
        }
    }

    /// Whether and how an operation could be part of a group, and its class there.
    pub(super) fn fit(&self, value: u32, group: u32) -> Option<Fit> {
        let Group { lane, entries, columns, .. } = self.groups[group as usize];
        if self.groups[group as usize].size() >= MOST_VALUES {
            return None;
        }
        if let (Some(a), Some(b)) = (lane, self.lane(value))
            && a != b
        {
            return None;
        }
        let (extent, scope) = self.extent(value);
        let (mut class, columns) = match scope {
            Some(Scope::Everything) => (Class::Whole, columns),
            Some(Scope::Row(length)) => (Class::Row, Some(length)),
            Some(Scope::Across(kept)) => (Class::Whole, Some(kept)),
            None => (Class::Full, self.own_columns(value).or(columns)),
        };
        if let (Some(a), Some(b)) = (self.groups[group as usize].columns, columns)
            && a != b
        {
            return None;
        }
        if extent != entries {
            // One operation for each row, or a sum over such.
            let rows = entries / columns?;
            if extent != rows || !matches!(scope, None | Some(Scope::Everything)) || entries % columns? != 0 {
                return None;
            }
            if scope.is_none() {
                class = Class::Row;
            }
        }
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            let Some(class) = self.class_in(base, group) else { continue };
            let steps = self.steps(value, which);
            let copy = self.copy_layout(value);
            let offset = copy.as_ref().unwrap_or(self.operand(value, which)).offset;
            let in_rows = matches!(self.instruction(value).op, Op::ScatterAdd { .. }) || extent != entries;
            let fits = match class {
                Class::Full => !in_rows && is_full(&steps, entries),
                Class::Row if in_rows => is_full(&steps, entries / columns?),
                Class::Row => is_row(&steps, entries, columns?),
                Class::Whole => false,
            };
            if !fits || offset != 0 {
                return None;
            }
        }
        Some(Fit { class, columns })
    }

    /// What has to rise so that a group can compute an operation; `None` if something that the operation reads waits for the group.
    pub(super) fn rise_for(&self, value: u32, group: u32) -> Option<Rise> {
        let inputs = 0..self.instruction(value).inputs.len();
        let bases = inputs.map(|which| self.operand(value, which).base);
        let read: SmallVec<[u32; 4]> = bases.filter(|&base| self.class_in(base, group).is_none()).collect();
        self.rise_above(group, &read)
    }

    /// What has to rise so that a group can read values from memory; `None` if one of them is computed by it, or waits for it.
    pub(super) fn rise_above(&self, group: u32, read: &[u32]) -> Option<Rise> {
        let own = Visit::Pass(group);
        let before: SmallVec<[Visit; 4]> = read.iter().filter_map(|&base| self.step_of(base)).collect();
        let level = read.iter().map(|&base| 1 + self.level(base)).max().unwrap_or(0);
        if before.contains(&own) { None } else { self.rise(own, level, &before) }
    }
}
