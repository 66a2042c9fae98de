//! Windows that are reduced, and one number for each that is added back to where it was taken from: both as operations on shifted parts, which
//! a pass reads where they lie, all at once. As rows of a few entries each they would be walked through one window at a time.

use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Reduction, Scalar, Unary};
use crate::plan::simplify::Rewriter;
use crate::plan::simplify::slices::{Terms, is_quick};
use crate::program::Instruction;
use crate::shape::{AxisList, Shape};

/// Up to so many entries of a window are read one after the other, along one axis.
const MOST_ENTRIES: usize = 16;

/// Up to so many are along all axes at once. Of more, the windows are reduced one axis after the other, where that is possible.
const MOST_AT_ONCE: usize = 9;

/// Values looked at to find out what a window's entries are made of.
const MOST_VALUES: usize = 16;

/// Windows along an axis.
#[derive(Clone, Copy)]
struct Window {
    axis: usize,
    step: usize,
    dilation: usize,
    size: usize,
    count: usize,
    /// The axis that a window's entries lie along.
    within: usize,
}

impl Window {
    /// Whether parts are read faster than rows, where so many entries are reduced to one: neighbours are neighbours again, or, along one axis,
    /// every other one is.
    fn is_shifted(&self, count: usize) -> bool {
        self.step == 1 || self.step == 2 && self.size > 2 && count == self.size
    }
}

impl Rewriter {
    /// The reduction of windows along the axes of their entries, if those are few.
    pub(super) fn reduced_windows(
        &mut self,
        instruction: &Instruction,
        reduction: Reduction,
        axes: &AxisList,
        origin: u32,
    ) -> Option<u32> {
        let (input, dtype) = (instruction.inputs[0], instruction.dtype);
        let shape = self.of(input).shape.clone();
        let count: usize = axes.iter().map(|&axis| shape[axis]).product();
        if !dtype.is_float() || count == 0 || instruction.shape.elements() <= count {
            return None;
        }
        let (source, windows) = self.windows_of(input);
        let reduced = |window: &&Window| axes.contains(&window.within);
        let is_window = |axis: &usize| {
            windows
                .iter()
                .any(|window| window.within == *axis && window.size <= MOST_ENTRIES && window.is_shifted(count))
        };
        if windows.is_empty() || !axes.iter().all(is_window) {
            let few = count <= MOST_ENTRIES && self.is_made_of_windows(input, axes);
            return few.then(|| self.unrolled(input, reduction, axes, true, origin));
        }
        if count <= MOST_AT_ONCE {
            return Some(self.unrolled(input, reduction, axes, true, origin));
        }
        // One axis after the other, each of the source: what is reduced along one is read by the windows along the next.
        let rank = self.of(source).shape.rank();
        let of_source = windows.iter().all(|window| window.axis < rank);
        let apart = (1..windows.len()).all(|at| windows[..at].iter().all(|other| other.axis != windows[at].axis));
        if !of_source || !apart {
            return None;
        }
        let mut whole = source;
        for window in windows.iter().filter(reduced) {
            let part = self.of(whole).shape.with(window.axis, window.count);
            let mut terms = Terms::of(reduction, window.size);
            for entry in 0..window.size {
                let mut starts: AxisList = SmallVec::from_elem(0, rank);
                let mut steps: AxisList = SmallVec::from_elem(1, rank);
                (starts[window.axis], steps[window.axis]) = (entry * window.dilation, window.step);
                let op = Op::Slice { starts, steps };
                let entries = self.make(op, smallvec![whole], part.clone(), dtype, origin);
                self.reduce_with(&mut terms, entries, origin);
            }
            whole = self.reduced(terms, origin);
        }
        for window in windows.iter().filter(|window| !axes.contains(&window.within)) {
            let Window { axis, step, dilation, size, count, .. } = *window;
            let mut shape: AxisList = self.of(whole).shape.with(axis, count).iter().copied().collect();
            shape.push(size);
            let op = Op::Windows { axis, step, dilation };
            whole = self.make(op, smallvec![whole], Shape::from(&shape[..]), dtype, origin);
        }
        Some(self.make(Op::Reshape, smallvec![whole], instruction.shape.clone(), dtype, origin))
    }

    /// What windows of windows are taken of, and the windows, the first ones first.
    fn windows_of(&self, mut number: u32) -> (u32, SmallVec<[Window; 3]>) {
        let mut windows = SmallVec::new();
        while let Instruction { op: Op::Windows { axis, step, dilation }, inputs, shape, .. } = self.of(number) {
            let (size, within) = (shape[shape.rank() - 1], shape.rank() - 1);
            let (axis, step, dilation) = (*axis, *step, *dilation);
            windows.insert(0, Window { axis, step, dilation, size, count: shape[axis], within });
            number = inputs[0];
        }
        (number, windows)
    }

    /// Whether the entries along some axes are those of windows, with quick operations done to them.
    fn is_made_of_windows(&self, input: u32, axes: &AxisList) -> bool {
        let shape = &self.of(input).shape;
        let count = axes.iter().map(|&axis| shape[axis]).product();
        let mut found = false;
        let mut pending: SmallVec<[u32; MOST_VALUES]> = smallvec![input];
        let mut seen = 0;
        while let Some(number) = pending.pop() {
            seen += 1;
            let Instruction { op, inputs, shape: own, .. } = self.of(number);
            if own.rank() == shape.rank() && matches!(op, Op::Windows { .. }) {
                let (_, windows) = self.windows_of(number);
                let is_window =
                    |&axis: &usize| windows.iter().any(|window| window.within == axis && window.is_shifted(count));
                found |= axes.iter().all(is_window);
            } else if is_quick(op) {
                if seen + pending.len() + inputs.len() > MOST_VALUES {
                    return false;
                }
                pending.extend(inputs.iter().copied());
            }
        }
        found
    }

    /// Windows that are added back, each made of one number, or of that and one for each of its entries, as their product: as a sum of parts,
    /// each shifted to its place between zeros. `None` if they are many, or go by more than single steps.
    pub(super) fn added_back(&mut self, instruction: &Instruction, origin: u32) -> Option<u32> {
        let Instruction { op: Op::OverlapAdd { axis, step, dilation }, inputs, shape, dtype } = instruction else {
            return None;
        };
        let (input, axis, dilation, dtype) = (inputs[0], *axis, *dilation, *dtype);
        let windows = self.of(input).shape.clone();
        let last = windows.rank() - 1;
        let (size, count) = (windows[last], windows[axis]);
        let few = (1..=MOST_ENTRIES).contains(&size) && 2 * count >= shape[axis];
        if *step != 1 || !few || !dtype.is_float() || shape.elements() == 0 {
            return None;
        }
        let found = self.of(input).clone();
        let (number, weights) = match (&found.op, found.inputs.as_slice()) {
            (Op::Unary(Unary::Negate), &[x]) => {
                // Subtracted from 0, as everywhere: a sum of nothing but zeros is 0, not -0.
                let sum = self.added_back(&Instruction { inputs: smallvec![x], ..instruction.clone() }, origin)?;
                let zero = self.make(Op::Constant(Scalar::Integer(0)), SmallVec::new(), Shape::scalar(), dtype, origin);
                return Some(self.make(
                    Op::Binary(Binary::Subtract),
                    smallvec![zero, sum],
                    shape.clone(),
                    dtype,
                    origin,
                ));
            }
            (Op::Expand, &[x]) if self.size_in(x, &windows, last) == 1 => (x, None),
            (Op::Binary(Binary::Multiply), &[a, b]) => {
                let is_product = |a, b| self.size_in(a, &windows, last) == 1 && self.size_in(b, &windows, axis) == 1;
                if is_product(a, b) {
                    (a, Some(b))
                } else if is_product(b, a) {
                    (b, Some(a))
                } else {
                    return None;
                }
            }
            _ => return None,
        };
        let number = self.along(number, &windows, (axis, count), origin);
        // Between zeros once: the parts are then read as they lie.
        let reach = (size - 1) * dilation;
        let padded = self.between_zeros(number, (axis, reach, shape[axis] + reach), origin);
        let part = self.of(padded).shape.with(axis, shape[axis]);
        let mut terms = Terms::of(Reduction::Sum, size);
        for entry in 0..size {
            let mut starts: AxisList = SmallVec::from_elem(0, part.rank());
            starts[axis] = reach - entry * dilation;
            let slice = Op::Slice { starts, steps: SmallVec::from_elem(1, part.rank()) };
            let mut term = self.make(slice, smallvec![padded], part.clone(), dtype, origin);
            if let Some(weights) = weights {
                // Zeros beside the weights, too, so that nothing that is not finite meets a zero.
                let own = self.of(weights).shape.clone();
                let weight = if self.size_in(weights, &windows, last) == 1 {
                    weights
                } else {
                    let mut starts: AxisList = SmallVec::from_elem(0, own.rank());
                    starts[own.rank() - 1] = entry;
                    let slice = Op::Slice { starts, steps: SmallVec::from_elem(1, own.rank()) };
                    self.make(slice, smallvec![weights], own.with(own.rank() - 1, 1), dtype, origin)
                };
                let weight = self.along(weight, &windows, (axis, count), origin);
                let weight = self.between_zeros(weight, (axis, entry * dilation, shape[axis]), origin);
                let both = self.of(term).shape.broadcast(&self.of(weight).shape)?;
                term = self.make(Op::Binary(Binary::Multiply), smallvec![term, weight], both, dtype, origin);
            }
            self.reduce_with(&mut terms, term, origin);
        }
        let sum = self.reduced(terms, origin);
        Some(self.expanded(sum, shape, origin))
    }

    /// The size of an axis of a shape in a value that repeats over it.
    fn size_in(&self, number: u32, whole: &Shape, axis: usize) -> usize {
        let own = &self.of(number).shape;
        (axis + own.rank()).checked_sub(whole.rank()).map_or(1, |axis| own[axis])
    }

    /// Numbers, one for each window, without the axis of the windows' entries: as many along an axis as there are windows.
    fn along(&mut self, number: u32, windows: &Shape, (axis, count): (usize, usize), origin: u32) -> u32 {
        let dtype = self.of(number).dtype;
        let own: Shape = (0..windows.rank() - 1).map(|axis| self.size_in(number, windows, axis)).collect();
        let number = self.make(Op::Reshape, smallvec![number], own.clone(), dtype, origin);
        self.expanded(number, &own.with(axis, count), origin)
    }

    /// A value between zeros along an axis.
    fn between_zeros(&mut self, number: u32, (axis, by, whole): (usize, usize, usize), origin: u32) -> u32 {
        let Instruction { shape, dtype, .. } = self.of(number).clone();
        let rank = shape.rank();
        let mut before: AxisList = SmallVec::from_elem(0, rank);
        before[axis] = by;
        let op = Op::Pad { before, between: SmallVec::from_elem(0, rank) };
        self.make(op, smallvec![number], shape.with(axis, whole), dtype, origin)
    }
}
