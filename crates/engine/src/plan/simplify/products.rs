//! Matrix products: transposed, and joined where many are added up.

use smallvec::{SmallVec, smallvec};

use crate::op::Op;
use crate::plan::simplify::Rewriter;
use crate::plan::views::Layout;
use crate::program::Instruction;
use crate::shape::{AxisList, Shape};

impl Rewriter {
    /// The matrices of a value, transposed.
    pub(super) fn transposed(&mut self, number: u32, origin: u32) -> u32 {
        let Instruction { shape, dtype, .. } = self.of(number).clone();
        let rank = shape.rank();
        let mut order: AxisList = (0..rank).collect();
        order.swap(rank - 2, rank - 1);
        let shape = order.iter().map(|&axis| shape[axis]).collect();
        self.make(Op::Permute(order), smallvec![number], shape, dtype, origin)
    }

    /// `Σ aᵢᵀ bᵢ` over all of a batch as `aᵀ b`, with the matrices of either one below the other, if they lie so in memory.
    pub(super) fn joined_products(&mut self, product: u32, shape: &Shape, axes: &AxisList, origin: u32) -> Option<u32> {
        let Instruction { inputs, shape: whole, dtype, .. } = self.of(product).clone();
        let rank = whole.rank();
        let batch = Shape::from(&whole[..rank - 2]);
        let all = (0..rank - 2).filter(|&axis| batch[axis] != 1);
        if !all.eq(axes.iter().copied()) || self.of(inputs[0]).shape.rank() != rank {
            return None;
        }
        let (transposed, right) = (self.of(inputs[0]).clone(), inputs[1]);
        let Op::Permute(order) = &transposed.op else { return None };
        let swaps = order[..rank - 2].iter().copied().eq(0..rank - 2) && order[rank - 2] == rank - 1;
        let left = transposed.inputs[0];
        let [left_shape, right_shape] = [left, right].map(|side| self.of(side).shape.clone());
        let has_batch = |shape: &Shape| shape.rank() == rank && shape[..rank - 2] == *batch;
        if !swaps || !has_batch(&left_shape) || !has_batch(&right_shape) {
            return None;
        }
        let sides = [(left, left_shape), (right, right_shape)].map(|(side, own)| {
            let below = Shape::from([batch.elements() * own[rank - 2], own[rank - 1]]);
            let lies_so = self.view_of(side).moved(&Op::Reshape, &below).is_some();
            lies_so.then(|| self.make(Op::Reshape, smallvec![side], below, dtype, origin))
        });
        let [left, right] = [sides[0]?, sides[1]?];
        let inputs = smallvec![self.transposed(left, origin), right];
        let joined = Shape::from(&whole[rank - 2..]);
        let product = self.make(Op::MatrixMultiply, inputs, joined, dtype, origin);
        Some(self.make(Op::Reshape, smallvec![product], shape.clone(), dtype, origin))
    }

    /// Where a value lies, as far as a few views tell.
    fn view_of(&self, number: u32) -> Layout {
        const MOST_VIEWS: usize = 16;
        let mut views: SmallVec<[u32; MOST_VIEWS]> = smallvec![number];
        let is_view = |op: &Op| {
            matches!(
                op,
                Op::Expand | Op::Permute(_) | Op::Reshape | Op::Slice { .. } | Op::Flip(_) | Op::Windows { .. }
            )
        };
        while let Some(&last) = views.last()
            && is_view(&self.of(last).op)
            && views.len() < MOST_VIEWS
        {
            views.push(self.of(last).inputs[0]);
        }
        let whole = |number: u32| {
            let Instruction { shape, dtype, .. } = self.of(number);
            Layout::whole(number, shape.clone(), *dtype)
        };
        let base = whole(views.pop().expect("the value itself"));
        views.iter().rev().fold(base, |layout, &view| {
            let Instruction { op, shape, .. } = self.of(view);
            layout.moved(op, shape).unwrap_or_else(|| whole(view))
        })
    }
}
