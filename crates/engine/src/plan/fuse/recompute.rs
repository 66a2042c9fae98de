//! Values that are computed again, where that is cheaper than to store and to read them.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Op, Unary};
use crate::plan::fuse::levels::Visit;
use crate::plan::fuse::{Class, Fusion, Home, is_full};

/// What is this much smaller than what is computed stays in the cache while it is read again and again.
const LITTLE: usize = 8;

/// So many bytes leave the cache before they are read. Of less, a sum reads what is stored in less time than it takes to compute it again.
const LARGE: usize = 8 << 20;

/// What values that are computed again are made of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ChainSource {
    /// Anything in memory.
    Memory,
    /// Numbers that repeat over the entries of the pass.
    Little,
}

/// Values to be computed again, inputs first.
struct Chain {
    source: ChainSource,
    lane: Option<DType>,
    values: SmallVec<[u32; 8]>,
}

impl Fusion<'_> {
    /// Operands that another pass computes from what is in memory anyway, in a few quick operations, are computed again.
    pub(super) fn repeat_cheap_operands(&mut self, value: u32, group: u32) {
        let entries = self.groups[group as usize].entries;
        let (extent, scope) = self.extent(value);
        if extent != entries || matches!(self.instruction(value).op, Op::ScatterAdd { .. } | Op::Gather { .. }) {
            return;
        }
        // What is reduced is often wanted elsewhere too: only what is large and made of little is worth being made twice.
        let sources: &[ChainSource] = match scope {
            None => &[ChainSource::Memory, ChainSource::Little],
            Some(_) if self.is_large(value, entries) => &[ChainSource::Little],
            Some(_) => return,
        };
        let lane = self.groups[group as usize].lane.or(self.lane(value));
        for which in 0..self.instruction(value).inputs.len() {
            let operand = self.operand(value, which);
            let (base, offset) = (operand.base, operand.offset);
            if self.in_memory(base) || self.class_in(base, group).is_some() || offset != 0 {
                continue;
            }
            // Every view of it that is needed must be the whole of it.
            let all_full = (0..self.instruction(value).inputs.len())
                .filter(|&other| self.operand(value, other).base == base)
                .all(|other| self.operand(value, other).offset == 0 && is_full(&self.steps(value, other), entries));
            if !all_full {
                continue;
            }
            for &source in sources {
                let mut chain = Chain { source, lane, values: SmallVec::new() };
                if self.is_cheap(base, group, &mut chain, 1) {
                    self.repeat(group, &chain.values);
                    break;
                }
            }
        }
    }

    fn is_large(&self, value: u32, entries: usize) -> bool {
        entries.saturating_mul(self.instruction(value).dtype.size()) >= LARGE
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
            self.read_from_memory(base, Visit::Pass(group));
        }
        self.groups[group as usize].repeated.extend(chain.iter().copied());
    }

    /// Whether a value can be computed from memory in a few quick operations, or from so little that even slow ones cost less than to store
    /// their result and to read it; they are put into `chain`, of which the value is so many operations from the end.
    fn is_cheap(&self, value: u32, group: u32, chain: &mut Chain, depth: usize) -> bool {
        let entries = self.groups[group as usize].entries;
        let instruction = self.instruction(value);
        let most = match chain.source {
            ChainSource::Memory => 4,
            ChainSource::Little => 8,
        };
        let quick = match instruction.op {
            Op::Unary(Unary::Negate | Unary::Abs | Unary::Sign) | Op::Select => true,
            // Slow: what they give is kept, as long as a cache holds it.
            Op::Unary(Unary::Exp | Unary::Sigmoid | Unary::Softplus | Unary::Tanh) | Op::Binary(Binary::Divide) => {
                chain.source == ChainSource::Little && self.is_large(value, entries)
            }
            Op::Binary(Binary::Equal) => self.instruction(instruction.inputs[0]).dtype != DType::I64,
            Op::Binary(binary) => binary != Binary::Power,
            _ => false,
        };
        let lane = self.lane(value);
        let lanes_agree = chain.lane.is_none() || lane.is_none() || chain.lane == lane;
        if !quick || !lanes_agree || instruction.dtype == DType::I64 || instruction.shape.elements() != entries {
            return false;
        }
        if !matches!(self.homes[value as usize], Home::Pass(_, Class::Full)) {
            return false;
        }
        for which in 0..instruction.inputs.len() {
            let operand = self.operand(value, which);
            let base = operand.base;
            let full = operand.offset == 0 && is_full(&self.steps(value, which), entries);
            let present = chain.values.contains(&base) || self.class_in(base, group) == Some(Class::Full);
            let little = LITTLE.saturating_mul(self.instruction(base).shape.elements()) <= entries;
            // Sums of rows are complete only when another pass has ended; those of this pass have their rows alone.
            let by_row = matches!(self.homes[base as usize], Home::Pass(_, Class::Row));
            let given = self.class_in(base, group).is_none()
                && match chain.source {
                    ChainSource::Memory => self.in_memory(base),
                    ChainSource::Little => little && (self.in_memory(base) || by_row && self.is_large(value, entries)),
                };
            if given || full && present {
                continue;
            }
            // Deeper there would be more than the most.
            if !full || chain.values.len().max(depth) >= most || !self.is_cheap(base, group, chain, depth + 1) {
                return false;
            }
        }
        chain.values.push(value);
        chain.values.len() <= most
    }
}
