//! Accumulation of cotangents: what flows back into one tensor from all its uses, added up.
//!
//! A use of a part (a slice, one entry of an axis, a look-up) sends back a whole that is zero elsewhere. A sum of such wholes would take time
//! and memory in the square of their number, as in a recurrence along an axis. So parts are put together instead: those that do not overlap
//! become one concatenation, with zeros in the gaps.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::tensor::Tensor;
use minimand_engine::{AxisList, Shape};
use minimand_engine::{Op, Scalar};

/// So many movements are looked through to find where a part lies.
const MOST_MOVEMENTS: usize = 16;

/// From this many look-ups of one tensor on, their entries are scattered together.
const MANY_LOOKUPS: usize = 8;

/// The cotangents of the nodes of a graph, by the nodes' numbers, while they come in.
#[derive(Default)]
pub(crate) struct Cotangents {
    contributions: FxHashMap<u64, Vec<Tensor>>,
}

impl Cotangents {
    /// Adds a contribution to the cotangent of `node`.
    pub(crate) fn add(&mut self, node: &Tensor, contribution: Tensor) {
        self.contributions.entry(node.id()).or_default().push(contribution);
    }

    /// The cotangent of `node`, to which nothing is added any more; `None` where it is zero.
    ///
    /// Contributions are added in the order in which they came; parts of the tensor after those to all of it.
    pub(crate) fn complete(&mut self, node: &Tensor) -> Option<Tensor> {
        let contributions = self.contributions.get_mut(&node.id())?;
        if contributions.len() > 1 {
            let contributions_of_all = std::mem::take(contributions);
            // Credited to the line that a contribution comes from.
            let last = contributions_of_all[contributions_of_all.len() - 1].clone();
            *contributions = vec![last.derive(|| total(contributions_of_all, node.shape()))];
        }
        contributions.first().cloned()
    }
}

/// Parts of parts of a tensor, as parts of that tensor: a loop that cuts the first row off what is left would otherwise send a whole back
/// through every rest, in the square of their number.
#[derive(Default)]
pub(crate) struct Cuts {
    /// By the number of a slice: what it is a part of in the end, and where its entries lie there.
    cuts: FxHashMap<u64, Cut>,
}

/// The tensor that a slice is cut from in the end; the first entry along each axis, and the steps.
struct Cut {
    whole: Tensor,
    starts: AxisList,
    steps: AxisList,
}

impl Cuts {
    /// The slices among the nodes of a graph, inputs first, but those cut from a target: its own cotangent is asked for.
    pub(crate) fn among(nodes: &[Tensor], is_target: impl Fn(&Tensor) -> bool) -> Cuts {
        let mut cuts: FxHashMap<u64, Cut> = FxHashMap::default();
        for node in nodes {
            let Op::Slice { starts, steps } = &node.0.op else { continue };
            let input = &node.0.inputs[0];
            let cut = match cuts.get(&input.id()) {
                Some(former) if !is_target(input) => {
                    let axes = 0..starts.len();
                    Cut {
                        whole: former.whole.clone(),
                        starts: axes
                            .clone()
                            .map(|axis| former.starts[axis] + starts[axis] * former.steps[axis])
                            .collect(),
                        steps: axes.map(|axis| former.steps[axis] * steps[axis]).collect(),
                    }
                }
                _ => Cut { whole: input.clone(), starts: starts.clone(), steps: steps.clone() },
            };
            cuts.insert(node.id(), cut);
        }
        Cuts { cuts }
    }

    /// What the cotangent of a slice contributes to that of the tensor it is cut from in the end; `None` of anything else.
    pub(crate) fn contribution(&self, node: &Tensor, cotangent: &Tensor) -> Option<(&Tensor, Tensor)> {
        let Cut { whole, starts, steps } = self.cuts.get(&node.id())?;
        Some((whole, cotangent.pad_by(starts, steps, whole.shape())))
    }
}

fn sum(terms: impl IntoIterator<Item = Tensor>) -> Option<Tensor> {
    terms.into_iter().reduce(|sum, term| term.derive(|| sum + &term))
}

/// The sum of at least one contribution to a tensor of this shape.
fn total(contributions: Vec<Tensor>, shape: &Shape) -> Tensor {
    let is_scattered = |contribution: &&Tensor| matches!(contribution.0.op, Op::ScatterAdd { .. });
    let many_scattered = contributions.iter().filter(is_scattered).count() >= MANY_LOOKUPS;
    let found: Vec<Option<Part>> = contributions.iter().map(Part::of).collect();
    let several_parts = found.iter().flatten().count() > 1;
    let (mut whole, mut parts, mut scattered) = (Vec::new(), Vec::new(), Vec::new());
    for (contribution, part) in contributions.into_iter().zip(found) {
        match part {
            Some(part) if several_parts => parts.push(part),
            _ if many_scattered && is_scattered(&&contribution) => scattered.push(contribution),
            _ => whole.push(contribution),
        }
    }
    if several_parts {
        whole.push(put_together(parts, shape, 0));
    }
    whole.extend(scattered_together(scattered));
    sum(whole).expect("there is a contribution")
}

/// Which entries of an axis a part lies on: `count` of them from `start`, `step` apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Interval {
    start: usize,
    step: usize,
    count: usize,
}

/// Entries of a tensor that is zero elsewhere.
#[derive(Debug)]
struct Part {
    /// For each axis of the whole, where the entries lie.
    intervals: SmallVec<[Interval; 4]>,
    entries: Tensor,
}

/// Sizes other than 1.
fn real_sizes(shape: &Shape) -> impl Iterator<Item = usize> {
    shape.iter().copied().filter(|&size| size != 1)
}

impl Part {
    /// What a tensor consists of, if it is padded and then at most moved.
    fn of(whole: &Tensor) -> Option<Part> {
        let mut movements: SmallVec<[&Tensor; 4]> = SmallVec::new();
        let mut padded = 0;
        let mut node = whole;
        while movements.len() < MOST_MOVEMENTS {
            match node.0.op {
                Op::Pad { .. } | Op::Flip(_) | Op::Permute(_) => {}
                Op::Reshape if real_sizes(node.shape()).eq(real_sizes(node.0.inputs[0].shape())) => {}
                _ => break,
            }
            movements.push(node);
            if matches!(node.0.op, Op::Pad { .. }) {
                padded = movements.len();
            }
            node = &node.0.inputs[0];
        }
        let entries = movements[..padded].last()?.0.inputs[0].clone();
        if entries.elements() == 0 {
            return None;
        }
        let all = entries.shape().iter().map(|&count| Interval { start: 0, step: 1, count }).collect();
        let mut part = Part { intervals: all, entries };
        for movement in movements[..padded].iter().rev() {
            part = part.moved(movement);
        }
        Some(part)
    }

    /// The part after a movement of the whole.
    fn moved(mut self, movement: &Tensor) -> Part {
        let shape = movement.shape();
        match &movement.0.op {
            Op::Pad { before, between } => {
                for (axis, interval) in self.intervals.iter_mut().enumerate() {
                    let step = between[axis] + 1;
                    interval.start = before[axis] + interval.start * step;
                    interval.step = if interval.count == 1 { 1 } else { interval.step * step };
                }
            }
            Op::Flip(axes) => {
                for &axis in axes {
                    let Interval { start, step, count } = self.intervals[axis];
                    self.intervals[axis].start = shape[axis] - 1 - start - step * (count - 1);
                }
                self.entries = self.entries.flip_by(axes);
            }
            Op::Permute(order) => {
                self.intervals = order.iter().map(|&axis| self.intervals[axis]).collect();
                self.entries = self.entries.permute_by(order);
            }
            Op::Reshape => {
                // Only axes of size 1 come and go.
                let old = movement.0.inputs[0].shape();
                let mut kept = self.intervals.iter().zip(old.iter()).filter(|(_, size)| **size != 1);
                let one = Interval { start: 0, step: 1, count: 1 };
                let next = |&size: &usize| if size == 1 { one } else { *kept.next().expect("as many as before").0 };
                self.intervals = shape.iter().map(next).collect();
                let counts: Shape = self.intervals.iter().map(|interval| interval.count).collect();
                self.entries = self.entries.reshape(counts);
            }
            _ => unreachable!("only movements are looked through"),
        }
        self
    }
}

/// The sum of parts that agree on the axes before `axis`, with zeros between them from that axis on.
fn put_together(parts: Vec<Part>, shape: &Shape, axis: usize) -> Tensor {
    if axis == shape.rank() {
        return sum(parts.into_iter().map(|part| part.entries)).expect("there is a part");
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
    let mut by_step: BTreeMap<usize, Vec<(usize, Tensor)>> = BTreeMap::new();
    for (Interval { start, step, .. }, group) in groups {
        by_step.entry(step).or_default().push((start, put_together(group, shape, axis + 1)));
    }
    let length = shape[axis];
    let sums = by_step.into_iter().map(|(step, placed)| match step {
        1 => laid_out(placed, axis, length),
        _ => interleaved(placed, step, axis, length),
    });
    sum(sums).expect("there is a part")
}

/// Tensors from the given positions of an axis on, added where they overlap, with zeros in the gaps.
fn laid_out(mut placed: Vec<(usize, Tensor)>, axis: usize, length: usize) -> Tensor {
    placed.sort_by_key(|&(start, _)| start);
    // Each layer holds what does not overlap; a new one begins where no earlier one has ended.
    let mut layers: Vec<(usize, Vec<Tensor>)> = Vec::new();
    let mut ends: BinaryHeap<Reverse<(usize, usize)>> = BinaryHeap::new();
    for (start, tensor) in placed {
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
        pieces.extend(zeros(&tensor, axis, start - *end));
        *end = start + tensor.shape()[axis];
        ends.push(Reverse((*end, layer)));
        pieces.push(tensor);
    }
    let layers = layers.into_iter().map(|(end, mut pieces)| {
        let rest = zeros(&pieces[0], axis, length - end);
        pieces.extend(rest);
        Tensor::concatenate(&pieces, axis as isize)
    });
    sum(layers).expect("there is a part")
}

/// So many zeros along an axis, shaped as a tensor beside it; none if there is no gap.
fn zeros(like: &Tensor, axis: usize, length: usize) -> Option<Tensor> {
    (length > 0).then(|| Tensor::filled(Scalar::Float(0.0), like.shape().with(axis, length), like.dtype()))
}

/// Tensors whose entries lie `step` apart on an axis, from the given positions on.
fn interleaved(placed: Vec<(usize, Tensor)>, step: usize, axis: usize, length: usize) -> Tensor {
    let mut by_first: BTreeMap<usize, Vec<(usize, Tensor)>> = BTreeMap::new();
    for (start, tensor) in placed {
        by_first.entry(start % step).or_default().push((start / step, tensor));
    }
    if by_first.len() == 1 {
        let (first, placed) = by_first.pop_first().expect("there is one");
        let every = laid_out(placed, axis, (length - first).div_ceil(step));
        let shape = every.shape().with(axis, length);
        let (mut starts, mut steps) = (AxisList::from_elem(0, shape.rank()), AxisList::from_elem(1, shape.rank()));
        (starts[axis], steps[axis]) = (first, step);
        return every.pad_by(&starts, &steps, &shape);
    }
    // Axis `axis` counts the steps, a new one after it what lies within one.
    let rows = length.div_ceil(step);
    let columns = by_first.into_iter().map(|(first, placed)| {
        let every = laid_out(placed, axis, rows);
        let column = every.shape().insert(axis + 1, 1);
        (first, every.reshape(column))
    });
    let both = laid_out(columns.collect(), axis + 1, step);
    let joined = both.shape().without(&[axis + 1]).with(axis, rows * step);
    both.reshape(joined).narrow(axis, 0, length)
}

/// Many scatters along one axis as one.
fn scattered_together(scattered: Vec<Tensor>) -> Vec<Tensor> {
    let mut alike: Vec<((usize, Shape), Vec<Tensor>)> = Vec::new();
    let mut places: FxHashMap<(usize, Shape), usize> = FxHashMap::default();
    for whole in scattered {
        let Op::ScatterAdd { axis } = whole.0.op else { unreachable!("only scatters are collected") };
        let (entries, index) = (&whole.0.inputs[0], &whole.0.inputs[1]);
        // Where one entry goes to many places, it has to be repeated first; the index may repeat beside the axis as well.
        let beside = entries.shape().with(axis, index.shape()[axis]);
        let key = (axis, beside.with(axis, 0));
        let at = *places.entry(key.clone()).or_insert(alike.len());
        if at == alike.len() {
            alike.push((key, Vec::new()));
        }
        alike[at].1.push(whole);
    }
    let mut sums = Vec::new();
    for ((axis, beside), group) in alike {
        if group.len() < MANY_LOOKUPS {
            sums.extend(group);
            continue;
        }
        let length = group[0].shape()[axis];
        let (mut entries, mut indices) = (Vec::new(), Vec::new());
        for whole in &group {
            let index = &whole.0.inputs[1];
            let shape = beside.with(axis, index.shape()[axis]);
            entries.push(whole.0.inputs[0].expand(shape.clone()));
            indices.push(index.expand(shape));
        }
        let (entries, indices) =
            (Tensor::concatenate(&entries, axis as isize), Tensor::concatenate(&indices, axis as isize));
        sums.push(entries.scatter_add_into(axis, &indices, length));
    }
    sums
}
