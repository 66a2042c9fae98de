//! Where parts lie in a whole, and how they are laid side by side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::op::Op;
use crate::shape::{AxisList, Shape};

use super::Builder;

/// Which entries of an axis a part lies on: `count` of them from `start`, `step` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Interval {
    pub(super) start: usize,
    pub(super) step: usize,
    pub(super) count: usize,
}

/// Entries of a whole that is zero elsewhere.
pub(super) struct Part {
    /// For each axis of the whole, where the entries lie.
    pub(super) intervals: SmallVec<[Interval; 4]>,
    /// The value that holds them.
    pub(super) entries: u32,
}

/// Where the entries of a value lie in a whole that it is a part of: an affine map for each axis of the whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placement {
    axes: SmallVec<[Line; 4]>,
    is_whole: bool,
}

/// Along one axis of the whole: entry `i` of the value's axis lies at `start + i · step`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Line {
    start: isize,
    step: isize,
    /// The axis of the value; `None` where it has one entry and no axis for it.
    axis: Option<usize>,
}

impl Placement {
    /// Of the whole itself.
    pub(super) fn whole(shape: &Shape) -> Placement {
        let axes = (0..shape.rank()).map(|axis| Line { start: 0, step: 1, axis: Some(axis) }).collect();
        Placement { axes, is_whole: true }
    }

    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Of the operand of a movement, given that of its result: their shapes are `inner` and `shape`.
    pub(super) fn within(&self, op: &Op, shape: &Shape, inner: &Shape) -> Placement {
        let mut axes = self.axes.clone();
        for line in &mut axes {
            let Some(axis) = line.axis else { continue };
            match op {
                Op::Pad { before, between } => {
                    line.start += before[axis] as isize * line.step;
                    line.step *= between[axis] as isize + 1;
                }
                Op::Flip(flipped) if flipped.contains(&axis) => {
                    line.start += (shape[axis] as isize - 1) * line.step;
                    line.step = -line.step;
                }
                Op::Flip(_) => {}
                Op::Permute(order) => line.axis = Some(order[axis]),
                // Only axes of size 1 come and go.
                Op::Reshape => {
                    let real = |shape: &Shape, axis: usize| shape[..axis].iter().filter(|&&size| size != 1).count();
                    let same = |&other: &usize| inner[other] != 1 && real(inner, other) == real(shape, axis);
                    line.axis = (shape[axis] != 1).then(|| (0..inner.rank()).find(same)).flatten();
                }
                _ => unreachable!("only movements are looked through"),
            }
        }
        Placement { axes, is_whole: false }
    }

    /// The axes of a value that run backwards in the whole.
    pub(super) fn backwards(&self, own: &Shape) -> AxisList {
        let backwards = |line: &Line| line.axis.filter(|&axis| line.step < 0 && own[axis] > 1);
        let mut axes: AxisList = self.axes.iter().filter_map(backwards).collect();
        axes.sort_unstable();
        axes
    }

    /// The axes of a value in the order of the axes of the whole; what has none there comes last.
    pub(super) fn order(&self, rank: usize) -> AxisList {
        let mut order: AxisList = self.axes.iter().filter_map(|line| line.axis).collect();
        order.extend((0..rank).filter(|axis| self.axes.iter().all(|line| line.axis != Some(*axis))));
        order
    }

    /// Where a value of this shape lies, along each axis of the whole.
    pub(super) fn intervals(&self, own: &Shape) -> SmallVec<[Interval; 4]> {
        let interval = |line: &Line| {
            let count = line.axis.map_or(1, |axis| own[axis]);
            let last = line.start + (count as isize - 1) * line.step;
            let step = if count == 1 { 1 } else { line.step.unsigned_abs() };
            Interval { start: line.start.min(last) as usize, step, count }
        };
        self.axes.iter().map(interval).collect()
    }
}

impl Builder {
    /// The sum of parts that agree on the axes before `axis`, with zeros between them from that axis on.
    pub(super) fn parts_from(&mut self, parts: Vec<Part>, shape: &Shape, axis: usize) -> u32 {
        if axis == shape.rank() {
            return self.sum(parts.into_iter().map(|part| part.entries));
        }
        // In the order in which they came, so that the result does not depend on hashes.
        let mut places: FxHashMap<Interval, usize> = FxHashMap::default();
        let mut groups: Vec<(Interval, Vec<Part>)> = Vec::new();
        for part in parts {
            let interval = part.intervals[axis];
            let at = *places.entry(interval).or_insert(groups.len());
            if at == groups.len() {
                groups.push((interval, Vec::new()));
            }
            groups[at].1.push(part);
        }
        let mut by_step: BTreeMap<usize, Vec<(usize, u32)>> = BTreeMap::new();
        for (Interval { start, step, .. }, group) in groups {
            let entries = self.parts_from(group, shape, axis + 1);
            by_step.entry(step).or_default().push((start, entries));
        }
        let length = shape[axis];
        let mut sums = Vec::with_capacity(by_step.len());
        for (step, placed) in by_step {
            sums.push(match step {
                1 => self.laid_out(placed, axis, length),
                _ => self.interleaved(placed, step, axis, length),
            });
        }
        self.sum(sums)
    }

    /// Values from the given positions of an axis on, added where they overlap, with zeros in the gaps.
    fn laid_out(&mut self, mut placed: Vec<(usize, u32)>, axis: usize, length: usize) -> u32 {
        placed.sort_by_key(|&(start, _)| start);
        // Each layer holds what does not overlap; a new one begins where no earlier one has ended.
        let mut layers: Vec<(usize, Vec<u32>)> = Vec::new();
        let mut ends: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
        for (start, piece) in placed {
            let layer = match ends.peek() {
                Some(&Reverse((end, layer))) if end <= start => {
                    ends.pop();
                    layer
                }
                _ => {
                    layers.push((0, Vec::new()));
                    layers.len() - 1
                }
            };
            let (end, pieces) = &mut layers[layer];
            pieces.extend(self.zeros(piece, axis, start - *end));
            *end = start + self.shape(piece)[axis];
            ends.push(Reverse((*end, layer)));
            pieces.push(piece);
        }
        let mut sums = Vec::with_capacity(layers.len());
        for (end, mut pieces) in layers {
            pieces.extend(self.zeros(pieces[0], axis, length - end));
            sums.push(self.concatenated(pieces, axis));
        }
        self.sum(sums)
    }

    /// Values whose entries lie `step` apart on an axis, from the given positions on.
    fn interleaved(&mut self, placed: Vec<(usize, u32)>, step: usize, axis: usize, length: usize) -> u32 {
        let mut by_first: BTreeMap<usize, Vec<(usize, u32)>> = BTreeMap::new();
        for (start, piece) in placed {
            by_first.entry(start % step).or_default().push((start / step, piece));
        }
        if by_first.len() == 1 {
            let (first, placed) = by_first.pop_first().expect("there is one");
            let every = self.laid_out(placed, axis, (length - first).div_ceil(step));
            return self.padded(every, axis, first, step, length);
        }
        // Axis `axis` counts the steps, a new one after it what lies within one.
        let rows = length.div_ceil(step);
        let mut columns = Vec::with_capacity(by_first.len());
        for (first, placed) in by_first {
            let every = self.laid_out(placed, axis, rows);
            let column = self.shape(every).insert(axis + 1, 1);
            columns.push((first, self.make(Op::Reshape, [every], column)));
        }
        let both = self.laid_out(columns, axis + 1, step);
        let joined = self.shape(both).without(&[axis + 1]).with(axis, rows * step);
        let joined = self.make(Op::Reshape, [both], joined);
        let shape = self.shape(joined).with(axis, length);
        let (starts, steps) = (AxisList::from_elem(0, shape.rank()), AxisList::from_elem(1, shape.rank()));
        self.shaped(Op::Slice { starts, steps }, joined, &shape)
    }
}
