//! Reductions: along the rows, across them, and over everything.

use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Reduction};
use crate::plan::fuse::{Class, Scope};
use crate::plan::lower::{Holds, Lowering, Ref, Stage, short};
use crate::plan::pass::{Across, Operation, Spread, Total};

impl Lowering<'_, '_> {
    pub(super) fn sums_row_of(&self, user: u32, value: u32) -> bool {
        let instruction = self.fusion.instruction(user);
        matches!(instruction.op, Op::Reduce(Reduction::Sum, _))
            && self.fusion.operand(user, 0).base == value
            && matches!(self.fusion.extent(user), (_, Some(Scope::Row(_))))
    }

    pub(super) fn reduce(&mut self, value: u32, reduction: Reduction, scope: Scope, over: Class) {
        let base = self.fusion.operand(value, 0).base;
        let along_rows = reduction == Reduction::Sum && matches!(scope, Scope::Row(_)) && self.in_group(base);
        if along_rows && let Some(made) = self.only_entry(base) {
            self.values.insert(value, made);
            if self.is_stored(value) {
                self.store(value, made, Class::Row);
            }
            return;
        }
        let mut inputs: SmallVec<[Ref; 4]> = smallvec![];
        // A sum of products needs no register for the products.
        if reduction == Reduction::Sum
            && !matches!(scope, Scope::Across(_))
            && self.in_group(base)
            && self.is_absorbed_by_only_use(base)
            && let Some(Ref::Lowered(product)) = self.values.get(&base).copied()
        {
            let factors = self.nodes[product as usize].inputs.clone();
            let multiplies = self.nodes[product as usize].operation == Operation::Binary(Binary::Multiply);
            if multiplies && factors.iter().all(|&factor| self.spread_of(factor, over) == Spread::Tile) {
                self.nodes[product as usize].silent = true;
                inputs = factors;
            }
        }
        let dot = inputs.len() == 2;
        if !dot {
            inputs = smallvec![self.tile_operand(value, 0, over)];
        }
        let phase = inputs.iter().map(|&input| self.phase_of(input)).max().unwrap_or(0);
        let stage = if over == Class::Row { Stage::Rows } else { Stage::Sweep };
        match scope {
            Scope::Row(_) => {
                let accumulator = short(self.row_sums.len());
                self.row_sums.push(reduction);
                let operation =
                    if dot { Operation::DotRow(accumulator) } else { Operation::ReduceRow(reduction, accumulator) };
                let made = if self.whole_rows {
                    self.push(operation, inputs, Stage::Sweep, phase, Holds::PerRow)
                } else {
                    self.push(operation, inputs, Stage::Sweep, phase, Holds::Nothing);
                    self.push(Operation::FinishRow(accumulator), smallvec![], Stage::Rows, phase + 1, Holds::PerRow)
                };
                self.values.insert(value, Ref::Lowered(made));
                if self.is_stored(value) {
                    self.store(value, Ref::Lowered(made), Class::Row);
                }
            }
            Scope::Everything => {
                let total = short(self.totals.len());
                let dtype = self.fusion.instruction(value).dtype;
                self.totals.push(Total { reduction, value, dtype });
                let operation = if dot { Operation::DotTotal(total) } else { Operation::ReduceTotal(total) };
                self.push(operation, inputs, stage, phase, Holds::Nothing);
            }
            Scope::Across(_) => {
                let number = short(self.across.len());
                let across = self.across_rows(value, reduction);
                self.across.push(across);
                self.push(Operation::Across(number), inputs, Stage::Sweep, phase, Holds::Nothing);
            }
        }
    }

    /// Where the rows of a reduction across rows go.
    fn across_rows(&self, value: u32, reduction: Reduction) -> Across {
        let instruction = self.fusion.instruction(value);
        let Op::Reduce(_, axes) = &instruction.op else { unreachable!("a reduction") };
        let shape = &self.fusion.instruction(instruction.inputs[0]).shape;
        let strides = instruction.shape.strides();
        let mut place: SmallVec<[(usize, usize, usize); 2]> = SmallVec::new();
        let (mut inner, mut divisor) = (1, 1);
        for axis in (0..shape.rank()).rev() {
            if inner < self.columns {
                inner *= shape[axis];
                continue;
            }
            if !axes.contains(&axis) && shape[axis] != 1 {
                place.push((divisor, shape[axis], strides[axis] as usize));
            }
            divisor *= shape[axis];
        }
        Across { reduction, value, dtype: instruction.dtype, length: instruction.shape.elements(), place }
    }
}
