//! Which entries of its operands an entry of a value is made of.

use crate::op::{Op, Reduction};
use crate::program::Program;
use crate::reference::{indices, plain_position, position};
use crate::shape::Shape;

/// The index that a position in row-major order stands for.
pub(super) fn index_of(shape: &Shape, mut position: usize) -> Vec<usize> {
    let mut index = vec![0; shape.rank()];
    for axis in (0..shape.rank()).rev() {
        index[axis] = position % shape[axis];
        position /= shape[axis];
    }
    index
}

fn with(index: &[usize], axis: usize, entry: usize) -> Vec<usize> {
    let mut index = index.to_vec();
    index[axis] = entry;
    index
}

/// The entry that a view shows: the operand and the position there; `None` where it shows a zero, and for operations that compute.
pub(super) fn seen(program: &Program, value: u32, entry: usize) -> Option<(u32, usize)> {
    let instruction = &program.instructions[value as usize];
    let shape_of = |which: usize| &program.instructions[instruction.inputs[which] as usize].shape;
    let from = |at: usize| (instruction.inputs[0], at);
    let index = || index_of(&instruction.shape, entry);
    Some(match &instruction.op {
        Op::Reshape | Op::Detach => from(entry),
        Op::Permute(order) => {
            let index = index();
            let mut there = vec![0; index.len()];
            order.iter().enumerate().for_each(|(to, &axis)| there[axis] = index[to]);
            from(plain_position(shape_of(0), &there))
        }
        Op::Expand => from(position(shape_of(0), &index())),
        Op::Slice { starts, steps } => {
            let there: Vec<usize> =
                index().iter().enumerate().map(|(axis, i)| starts[axis] + i * steps[axis]).collect();
            from(plain_position(shape_of(0), &there))
        }
        Op::Pad { before, between } => {
            let there = index().into_iter().enumerate().map(|(axis, i)| {
                let beyond = i.checked_sub(before[axis])?;
                let step = between[axis] + 1;
                (beyond % step == 0 && beyond / step < shape_of(0)[axis]).then_some(beyond / step)
            });
            from(plain_position(shape_of(0), &there.collect::<Option<Vec<usize>>>()?))
        }
        Op::Flip(axes) => {
            let mut index = index();
            axes.iter().for_each(|&axis| index[axis] = instruction.shape[axis] - 1 - index[axis]);
            from(plain_position(shape_of(0), &index))
        }
        Op::Concatenate(axis) => {
            let (mut index, mut which) = (index(), 0);
            while index[*axis] >= shape_of(which)[*axis] {
                index[*axis] -= shape_of(which)[*axis];
                which += 1;
            }
            (instruction.inputs[which], plain_position(shape_of(which), &index))
        }
        Op::Windows { axis, step, dilation } => {
            let index = index();
            let (last, start) = (index[index.len() - 1], &index[..index.len() - 1]);
            from(plain_position(shape_of(0), &with(start, *axis, index[*axis] * step + last * dilation)))
        }
        Op::Data
        | Op::Constant(_)
        | Op::Iota
        | Op::Unary(_)
        | Op::Binary(_)
        | Op::Select
        | Op::Cast
        | Op::Reduce(..)
        | Op::CumulativeSum { .. }
        | Op::ArgMax { .. }
        | Op::ArgSort { .. }
        | Op::OverlapAdd { .. }
        | Op::Gather { .. }
        | Op::ScatterAdd { .. }
        | Op::Accumulate
        | Op::MatrixMultiply => return None,
    })
}

/// The entries that an entry is made of: operands and positions there. `whole` reads an entry of a value of integers or truth values.
pub(super) fn sources(
    program: &Program,
    value: u32,
    entry: usize,
    whole: impl Fn(u32, usize) -> i64,
) -> Vec<(u32, usize)> {
    let instruction = &program.instructions[value as usize];
    let shape = &instruction.shape;
    let shape_of = |which: usize| &program.instructions[instruction.inputs[which] as usize].shape;
    let index = index_of(shape, entry);
    let at = |which: usize, index: &[usize]| (instruction.inputs[which], position(shape_of(which), index));
    match &instruction.op {
        Op::Data | Op::Constant(_) | Op::Iota | Op::ArgMax { .. } | Op::ArgSort { .. } => Vec::new(),
        Op::Unary(_) | Op::Cast | Op::Binary(_) | Op::Accumulate => {
            (0..instruction.inputs.len()).map(|which| at(which, &index)).collect()
        }
        Op::Select => {
            let (condition, place) = at(0, &index);
            vec![at(if whole(condition, place) != 0 { 1 } else { 2 }, &index)]
        }
        Op::Reduce(Reduction::Sum | Reduction::Max | Reduction::Min, axes) => {
            let along: Shape = axes.iter().map(|&axis| shape_of(0)[axis]).collect();
            let entries = indices(&along).map(|along| {
                let mut there = index.clone();
                axes.iter().zip(along).for_each(|(&axis, entry)| there[axis] = entry);
                (instruction.inputs[0], plain_position(shape_of(0), &there))
            });
            entries.collect()
        }
        Op::CumulativeSum { axis, reverse } => {
            let range = if *reverse { index[*axis]..shape[*axis] } else { 0..index[*axis] + 1 };
            range.map(|k| at(0, &with(&index, *axis, k))).collect()
        }
        Op::Gather { axis } => {
            let (indices, place) = at(1, &index);
            let picked = usize::try_from(whole(indices, place)).unwrap_or(0);
            vec![at(0, &with(&index, *axis, picked))]
        }
        Op::ScatterAdd { axis } => {
            let over = shape.with(*axis, shape_of(1)[*axis]);
            let lands = |from: &Vec<usize>| {
                let (indices, place) = at(1, from);
                let to = usize::try_from(whole(indices, place)).unwrap_or(0);
                plain_position(shape, &with(from, *axis, to)) == entry
            };
            indices(&over).filter(lands).map(|from| at(0, &from)).collect()
        }
        Op::OverlapAdd { axis, step, dilation } => {
            let lands = |from: &Vec<usize>| {
                let (last, start) = (from[from.len() - 1], &from[..from.len() - 1]);
                plain_position(shape, &with(start, *axis, from[*axis] * step + last * dilation)) == entry
            };
            let all = indices(shape_of(0)).filter(lands);
            all.map(|from| (instruction.inputs[0], plain_position(shape_of(0), &from))).collect()
        }
        Op::MatrixMultiply => {
            let (rank, left) = (shape.rank(), shape_of(0));
            let along = 0..left[left.rank() - 1];
            along.flat_map(|k| [at(0, &with(&index, rank - 1, k)), at(1, &with(&index, rank - 2, k))]).collect()
        }
        Op::Detach
        | Op::Reshape
        | Op::Permute(_)
        | Op::Expand
        | Op::Slice { .. }
        | Op::Pad { .. }
        | Op::Flip(_)
        | Op::Concatenate(_)
        | Op::Windows { .. } => seen(program, value, entry).into_iter().collect(),
    }
}
