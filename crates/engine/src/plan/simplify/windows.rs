//! Windows that are reduced, and one number for each that is added back to where it was taken from: both as operations on shifted parts, which
//! a pass reads where they lie, all at once. As rows of a few entries each they would be walked through one window at a time.

use smallvec::{SmallVec, smallvec};

use crate::op::{Binary, Op, Reduction};
use crate::plan::simplify::{COMPUTED_IN_PARTS, Rewriter, is_quick};
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
        let is_window =
            |axis: &usize| windows.iter().any(|window| window.within == *axis && window.size <= MOST_ENTRIES);
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
            let mut reduced = None;
            for entry in 0..window.size {
                let mut starts: AxisList = SmallVec::from_elem(0, rank);
                let mut steps: AxisList = SmallVec::from_elem(1, rank);
                (starts[window.axis], steps[window.axis]) = (entry * window.dilation, window.step);
                let op = Op::Slice { starts, steps };
                let entries = self.make(op, smallvec![whole], part.clone(), dtype, origin);
                reduced = Some(self.reduced_with(reduced, entries, reduction, origin));
            }
            whole = reduced?;
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

    /// A reduction with one more term.
    pub(super) fn reduced_with(&mut self, before: Option<u32>, term: u32, reduction: Reduction, origin: u32) -> u32 {
        let Some(before) = before else { return term };
        // Of equal ones, zeros of two signs, the first is the extreme: an operation gives the second operand then.
        let (binary, inputs) = match reduction {
            Reduction::Sum => (Binary::Add, smallvec![before, term]),
            Reduction::Max => (Binary::Maximum, smallvec![term, before]),
            Reduction::Min => (Binary::Minimum, smallvec![term, before]),
        };
        let Instruction { shape, dtype, .. } = self.of(term).clone();
        self.make(Op::Binary(binary), inputs, shape, dtype, origin)
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
        let mut found = false;
        let mut pending: SmallVec<[u32; MOST_VALUES]> = smallvec![input];
        let mut seen = 0;
        while let Some(number) = pending.pop() {
            seen += 1;
            let Instruction { op, inputs, shape: own, .. } = self.of(number);
            if own.rank() == shape.rank() && matches!(op, Op::Windows { .. }) {
                let (_, windows) = self.windows_of(number);
                found |= axes.iter().all(|&axis| windows.iter().any(|window| window.within == axis));
            } else if is_quick(op) {
                if seen + pending.len() + inputs.len() > MOST_VALUES {
                    return false;
                }
                pending.extend(inputs.iter().copied());
            }
        }
        found
    }

    /// Windows of a value's entry each, or quickly made from such, that are added back: as a sum of parts, each shifted to its place between
    /// zeros. `None` if they are many, or go by more than single steps.
    pub(super) fn added_back(&mut self, instruction: &Instruction, origin: u32) -> Option<u32> {
        let Instruction { op: Op::OverlapAdd { axis, step, dilation }, inputs, shape, dtype } = instruction else {
            return None;
        };
        let (input, axis, dilation) = (inputs[0], *axis, *dilation);
        let windows = self.of(input).shape.clone();
        let (size, count) = (windows[windows.rank() - 1], windows[axis]);
        let few = (1..=MOST_ENTRIES).contains(&size) && 2 * count >= shape[axis];
        if *step != 1 || !few || !dtype.is_float() || shape.elements() == 0 {
            return None;
        }
        let last = windows.rank() - 1;
        let mut sum = None;
        if let Instruction { op: Op::Expand, inputs, .. } = self.of(input) {
            // What all of a window's entries are, without what else is repeated.
            let inner = inputs[0];
            let own = self.of(inner).shape.clone();
            let offset = windows.rank() - own.rank();
            let size_of = |axis: usize| axis.checked_sub(offset).map_or(1, |axis| own[axis]);
            if size_of(last) != 1 {
                return None;
            }
            let sizes =
                |count: usize| -> Shape { (0..last).map(|at| if at == axis { count } else { size_of(at) }).collect() };
            let (one, whole) = (sizes(size_of(axis)), sizes(shape[axis]));
            let one = self.make(Op::Reshape, smallvec![inner], one, *dtype, origin);
            let one = self.expanded(one, &sizes(count), origin);
            for entry in 0..size {
                let term = self.shifted(one, (axis, entry * dilation), &whole, origin);
                sum = Some(self.reduced_with(sum, term, Reduction::Sum, origin));
            }
            return sum.map(|sum| self.expanded(sum, shape, origin));
        }
        if !self.is_made_of_repeated(input) {
            return None;
        }
        for entry in 0..size {
            let mut starts: AxisList = SmallVec::from_elem(0, windows.rank());
            starts[last] = entry;
            let slice = Op::Slice { starts, steps: SmallVec::from_elem(1, windows.rank()) };
            let mut most = COMPUTED_IN_PARTS;
            let part = self.part(input, &[(slice, windows.with(last, 1))], &mut most, origin);
            let part = self.make(Op::Reshape, smallvec![part], windows.without(&[last]), *dtype, origin);
            let term = self.shifted(part, (axis, entry * dilation), shape, origin);
            sum = Some(self.reduced_with(sum, term, Reduction::Sum, origin));
        }
        sum
    }

    /// A value between zeros along an axis.
    fn shifted(&mut self, number: u32, (axis, by): (usize, usize), whole: &Shape, origin: u32) -> u32 {
        let (rank, dtype) = (whole.rank(), self.of(number).dtype);
        let mut before: AxisList = SmallVec::from_elem(0, rank);
        before[axis] = by;
        let op = Op::Pad { before, between: SmallVec::from_elem(0, rank) };
        self.make(op, smallvec![number], whole.clone(), dtype, origin)
    }

    /// Whether a value is a product, or another quick operation, of values that are the same for all entries of a window, and of values that
    /// are the same for all windows.
    fn is_made_of_repeated(&self, input: u32) -> bool {
        let shape = &self.of(input).shape;
        let mut pending: SmallVec<[u32; MOST_VALUES]> = smallvec![input];
        let mut seen = 0;
        while let Some(number) = pending.pop() {
            seen += 1;
            let Instruction { op, inputs, shape: own, .. } = self.of(number);
            let is_repeated = own.last().is_none_or(|&size| size == 1) || own.last() == Some(&own.elements());
            if is_repeated {
                continue;
            }
            let whole = *own == *shape && (is_quick(op) || *op == Op::Expand);
            if !whole || seen + pending.len() + inputs.len() > COMPUTED_IN_PARTS {
                return false;
            }
            pending.extend(inputs.iter().copied());
        }
        true
    }
}
