//! Values that are computed again, where that is cheaper than to store and to read them.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Op, Unary};
use crate::plan::fuse::levels::Step;
use crate::plan::fuse::{Class, Fusion, Home, is_full};

impl Fusion<'_> {
    /// Operands that another pass computes from what is in memory anyway, in a few quick operations, are computed again.
    pub(super) fn repeat_cheap_operands(&mut self, value: u32, group: u32) {
        let entries = self.groups[group as usize].entries;
        let (extent, scope) = self.extent(value);
        if extent != entries || matches!(self.instruction(value).op, Op::ScatterAdd { .. }) || scope.is_some() {
            return;
        }
        let lane = self.groups[group as usize].lane.or(self.lane(value));
        for which in 0..self.instruction(value).inputs.len() {
            let operand = self.operand(value, which);
            let (base, offset) = (operand.base, operand.offset);
            if self.in_memory(base) || self.class_in(base, group).is_some() || offset != 0 {
                continue;
            }
            let mut chain = SmallVec::<[u32; 8]>::new();
            // Every view of it that is needed must be the whole of it.
            let all_full = (0..self.instruction(value).inputs.len())
                .filter(|&other| self.operand(value, other).base == base)
                .all(|other| self.operand(value, other).offset == 0 && is_full(&self.steps(value, other), entries));
            if all_full && self.is_cheap(base, lane, group, &mut chain) {
                self.repeat(group, &chain);
            }
        }
    }

    /// Computes values again in a group, if it may come late enough for what they are made of.
    fn repeat(&mut self, group: u32, chain: &[u32]) {
        let mut bases: SmallVec<[u32; 8]> = SmallVec::new();
        for &value in chain {
            for which in 0..self.instruction(value).inputs.len() {
                let base = self.operand(value, which).base;
                if !chain.contains(&base) && self.class_in(base, group).is_none() {
                    bases.push(base);
                }
            }
        }
        let Some(rise) = self.rise_above(group, &bases) else { return };
        self.lift(rise);
        for base in bases {
            self.read_from_memory(base, Step::Pass(group));
        }
        self.groups[group as usize].repeated.extend(chain.iter().copied());
    }

    /// Whether a value can be computed from memory in a few quick operations, which are put into `chain`.
    fn is_cheap(&self, value: u32, lane: Option<DType>, group: u32, chain: &mut SmallVec<[u32; 8]>) -> bool {
        let entries = self.groups[group as usize].entries;
        let instruction = self.instruction(value);
        let quick = match instruction.op {
            Op::Unary(unary) => matches!(unary, Unary::Negate | Unary::Abs | Unary::Sign),
            Op::Binary(Binary::Equal) => self.instruction(instruction.inputs[0]).dtype != DType::I64,
            Op::Binary(binary) => !matches!(binary, Binary::Power | Binary::Divide),
            Op::Select => true,
            _ => false,
        };
        let lanes_agree = lane.is_none() || self.lane(value).is_none() || lane == self.lane(value);
        if !quick || !lanes_agree || instruction.dtype == DType::I64 || instruction.shape.elements() != entries {
            return false;
        }
        if !matches!(self.homes[value as usize], Home::Pass(_, Class::Full)) {
            return false;
        }
        for which in 0..instruction.inputs.len() {
            let operand = self.operand(value, which);
            let full = operand.offset == 0 && is_full(&self.steps(value, which), entries);
            let present = chain.contains(&operand.base) || self.class_in(operand.base, group) == Some(Class::Full);
            if self.in_memory(operand.base) && !present || full && present {
                continue;
            }
            if !full || chain.len() >= 4 || !self.is_cheap(operand.base, lane, group, chain) {
                return false;
            }
        }
        chain.push(value);
        chain.len() <= 4
    }
}
