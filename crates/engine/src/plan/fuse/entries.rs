//! Over which entries an operation loops, and how it steps through its operands.

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Op};
use crate::plan::fuse::{Fusion, Scope, is_row};
use crate::plan::views::{Layout, Steps};
use crate::program::Instruction;
use crate::shape::Shape;

impl<'a> Fusion<'a> {
    /// Over which entries an operation loops, and how a reduction combines them.
    pub(in crate::plan) fn extent(&self, value: u32) -> (usize, Option<Scope>) {
        let instruction = self.instruction(value);
        match &instruction.op {
            Op::Reduce(_, axes) => {
                let shape = &self.instruction(instruction.inputs[0]).shape;
                let entries = shape.elements();
                let kept: usize =
                    (0..shape.rank()).rev().take_while(|axis| !axes.contains(axis)).map(|axis| shape[axis]).product();
                let left = instruction.shape.elements();
                let row = entries.checked_div(left).unwrap_or(0);
                let scope = if left == 1 {
                    Scope::Everything
                } else if kept == 1 && self.reduces_the_end(value) {
                    Scope::Row(row)
                } else {
                    Scope::Across(kept)
                };
                (entries, Some(scope))
            }
            Op::Gather { axis } if !self.looked_up[value as usize] => {
                let shape = &self.instruction(instruction.inputs[0]).shape;
                (shape.elements(), Some(Scope::Row(shape[*axis])))
            }
            _ => (instruction.shape.elements(), None),
        }
    }

    /// Whether the axes that a reduction combines are the last ones, beside axes of size 1.
    fn reduces_the_end(&self, value: u32) -> bool {
        let Instruction { op: Op::Reduce(_, axes), inputs, .. } = self.instruction(value) else { return false };
        let shape = &self.instruction(inputs[0]).shape;
        let real = (0..shape.rank()).filter(|&axis| shape[axis] != 1);
        let flags: SmallVec<[bool; 6]> = real.map(|axis| axes.contains(&axis)).collect();
        flags.is_sorted()
    }

    /// The shape that an operand is read in.
    fn reading_shape(&self, value: u32, which: usize) -> &'a Shape {
        let instruction = self.instruction(value);
        match instruction.op {
            Op::Reduce(..) | Op::Gather { .. } if which == 0 => &self.instruction(instruction.inputs[0]).shape,
            Op::Gather { .. } => &self.instruction(instruction.inputs[1]).shape,
            Op::ScatterAdd { .. } => &self.instruction(instruction.inputs[1]).shape,
            // Pieces are read in their own.
            Op::Pad { .. } | Op::Concatenate(_) => &self.instruction(instruction.inputs[which]).shape,
            // A copy reads its input where it lies.
            Op::Reshape if self.copied[value as usize] => &self.instruction(instruction.inputs[0]).shape,
            _ => &instruction.shape,
        }
    }

    /// How the loop over an operation's entries steps through an operand.
    pub(in crate::plan) fn steps(&self, value: u32, which: usize) -> Steps {
        if self.looked_up[value as usize] {
            // Where indices say: as no loop does.
            return Steps::from_slice(&[(0, 0), (0, 0)]);
        }
        self.copy_layout(value)
            .unwrap_or_else(|| self.operand(value, which).clone())
            .steps_in(self.reading_shape(value, which))
    }

    /// What a copy copies: the view that it was not allowed to be, or its input in another order.
    pub(in crate::plan) fn copy_layout(&self, value: u32) -> Option<Layout> {
        let instruction = self.instruction(value);
        if !self.copied[value as usize] || instruction.op == Op::Reshape {
            return None;
        }
        self.operand(value, 0).moved(&instruction.op, &instruction.shape)
    }

    /// Where a comparison of positions in a row with one number for each row finds the numbers: the operand, and the length of a row.
    pub(in crate::plan) fn one_hot(&self, value: u32) -> Option<(usize, usize)> {
        let instruction = self.instruction(value);
        if instruction.op != Op::Binary(Binary::Equal) {
            return None;
        }
        let entries = instruction.shape.elements();
        for (positions, numbers) in [(0, 1), (1, 0)] {
            let layout = self.operand(value, positions);
            let counts = self.instruction(layout.base).op == Op::Iota && layout.offset == 0;
            let steps = self.steps(value, positions);
            let [(columns, 1), (rows, 0)] = steps.as_slice() else { continue };
            let found = self.operand(value, numbers);
            let every = *columns == self.instruction(layout.base).shape.elements();
            if counts
                && every
                && rows * columns == entries
                && is_row(&self.steps(value, numbers), entries, *columns)
                && self.in_memory(found.base)
            {
                return Some((numbers, *columns));
            }
        }
        None
    }

    /// The row length that an operation on rows asks for by itself.
    pub(super) fn own_columns(&self, value: u32) -> Option<usize> {
        match self.instruction(value).op {
            Op::ScatterAdd { .. } => self.instruction(value).shape.iter().rfind(|&&size| size != 1).copied(),
            Op::Binary(Binary::Equal) if self.instruction(self.instruction(value).inputs[0]).dtype == DType::I64 => {
                self.one_hot(value).map(|(_, columns)| columns)
            }
            _ => None,
        }
    }
}
