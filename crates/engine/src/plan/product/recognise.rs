//! Finds the matrix products that run without a copy of their operands, or without being stored: see [`Product`].

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::{SmallVec, smallvec};

use crate::op::{Op, Reduction};
use crate::plan::product::{Crop, Finish, Matrices, Overlap, Padding, Product, Sizes};
use crate::plan::simplify::Simplified;
use crate::plan::views::{Layout, Steps, Strides};
use crate::shape::Shape;

/// The products found.
#[derive(Default)]
pub(crate) struct Contractions {
    /// By the value that each computes.
    pub(crate) products: FxHashMap<u32, Product>,
    /// Values that nobody needs any more, since a product does what they would do.
    pub(crate) absorbed: Vec<u32>,
}

struct Finder<'a> {
    program: &'a Simplified,
    layouts: Vec<Layout>,
    /// Whether a value is a reshaping that no view can be.
    copied: Vec<bool>,
    users: Vec<SmallVec<[u32; 2]>>,
    is_output: Vec<bool>,
}

/// The axes of a view grouped as another shape groups them: evenly stepped axes of a batch, and the rows and columns of a matrix.
struct Grouped {
    batch: Strides,
    rows: Steps,
    columns: Steps,
}

impl Contractions {
    pub(crate) fn of(program: &Simplified, needed: &[bool]) -> Contractions {
        let windowed = |op: &Op| matches!(op, Op::Windows { .. } | Op::OverlapAdd { .. });
        if !program.instructions.iter().any(|instruction| windowed(&instruction.op)) {
            return Contractions::default();
        }
        Finder::of(program, needed).find(needed)
    }
}

/// Takes steps that make up `size` entries from the end of a list of axes.
fn take(axes: &mut SmallVec<[(usize, isize); 8]>, size: usize) -> Option<Steps> {
    let mut steps = Steps::new();
    let mut left = size;
    while left > 1 {
        let (available, stride) = axes.pop()?;
        let taken = if left.is_multiple_of(available) {
            available
        } else if available.is_multiple_of(left) {
            axes.push((available / left, stride * left as isize));
            left
        } else {
            return None;
        };
        left /= taken;
        match steps.last_mut() {
            Some((inner, step)) if stride == *step * *inner as isize => *inner *= taken,
            _ => steps.push((taken, stride)),
        }
    }
    if steps.is_empty() {
        steps.push((1, 0));
    }
    Some(steps)
}

/// The axes of a view, grouped as the axes of `shape`, of which the last two are those of matrices.
fn grouped(view_shape: &Shape, strides: &Strides, shape: &Shape) -> Option<Grouped> {
    let mut axes: SmallVec<[(usize, isize); 8]> = (0..view_shape.rank())
        .filter(|&axis| view_shape[axis] != 1)
        .map(|axis| (view_shape[axis], strides[axis]))
        .collect();
    let rank = shape.rank();
    let columns = take(&mut axes, shape[rank - 1])?;
    let rows = take(&mut axes, shape[rank - 2])?;
    let mut batch: Strides = SmallVec::from_elem(0, rank - 2);
    for axis in (0..rank - 2).rev() {
        let [(_, stride)] = take(&mut axes, shape[axis])?[..] else { return None };
        batch[axis] = stride;
    }
    Some(Grouped { batch, rows, columns })
}

/// Whether a permutation swaps the last two axes and nothing else.
fn transposes(order: &[usize]) -> bool {
    let rank = order.len();
    rank >= 2
        && order[..rank - 2].iter().copied().eq(0..rank - 2)
        && (order[rank - 2], order[rank - 1]) == (rank - 1, rank - 2)
}

impl<'a> Finder<'a> {
    fn of(program: &'a Simplified, needed: &[bool]) -> Finder<'a> {
        let count = program.instructions.len();
        let mut finder = Finder {
            program,
            layouts: Vec::with_capacity(count),
            copied: vec![false; count],
            users: vec![SmallVec::new(); count],
            is_output: vec![false; count],
        };
        for &output in &program.outputs {
            finder.is_output[output as usize] = true;
        }
        for (value, instruction) in program.instructions.iter().enumerate().filter(|(value, _)| needed[*value]) {
            for &input in &instruction.inputs {
                finder.users[input as usize].push(value as u32);
            }
        }
        let stored = finder.overlap_results(needed);
        for (value, instruction) in program.instructions.iter().enumerate() {
            let view = match instruction.inputs.first() {
                Some(&input) if !stored.contains(&(value as u32)) => {
                    finder.layouts[input as usize].moved(&instruction.op, &instruction.shape)
                }
                _ => None,
            };
            finder.copied[value] = instruction.op == Op::Reshape && view.is_none();
            // As the passes see it: what is asked for is a buffer of its own.
            let view = view.filter(|layout| {
                let base_elements = program.instructions[layout.base as usize].shape.elements();
                let is_buffer =
                    layout.is_row_major() && layout.offset == 0 && base_elements == instruction.shape.elements();
                is_buffer || !finder.is_output[value]
            });
            finder.layouts.push(
                view.unwrap_or_else(|| Layout::whole(value as u32, instruction.shape.clone(), instruction.dtype)),
            );
        }
        finder
    }

    /// The values that products add overlapping windows up to. A product stores them, though by themselves they may be views (parts of
    /// sums that are then never made), and it is their buffers that others read.
    fn overlap_results(&self, needed: &[bool]) -> FxHashSet<u32> {
        let values = (0..self.program.instructions.len() as u32).filter(|&value| needed[value as usize]);
        values
            .filter(|&value| *self.op(value) == Op::MatrixMultiply && self.is_product(value))
            .filter_map(|value| match self.finish(value) {
                (Finish::Overlap(_), result, _) => Some(result),
                _ => None,
            })
            .collect()
    }

    /// Whether a matrix product multiplies anything.
    fn is_product(&self, value: u32) -> bool {
        let inner = self.shape(self.input(value)).last().copied();
        self.shape(value).elements() > 0 && inner.is_some_and(|k| k > 0)
    }

    fn op(&self, value: u32) -> &'a Op {
        &self.program.instructions[value as usize].op
    }

    fn shape(&self, value: u32) -> &'a Shape {
        &self.program.instructions[value as usize].shape
    }

    fn input(&self, value: u32) -> u32 {
        self.program.instructions[value as usize].inputs[0]
    }

    fn find(&self, needed: &[bool]) -> Contractions {
        let mut found = Contractions::default();
        let count = self.program.instructions.len() as u32;
        let gathered: Vec<bool> = (0..count).map(|value| needed[value as usize] && self.is_gathered(value)).collect();
        let mut padded: FxHashMap<u32, Option<u32>> = FxHashMap::default();
        for value in (0..count).filter(|&value| needed[value as usize]) {
            if *self.op(value) == Op::MatrixMultiply
                && let Some((product, absorbed)) = self.product(value, &gathered, &mut padded)
            {
                found.absorbed.extend(absorbed);
                found.products.insert(product.value, product);
            }
        }
        found.absorbed.extend((0..count).filter(|&value| gathered[value as usize]));
        for (pad, unpadded) in padded {
            // Also what lies between: padding is added axis by axis.
            let mut inside = unpadded.map(|_| pad);
            while let Some(value) = inside.filter(|&value| Some(value) != unpadded) {
                found.absorbed.push(value);
                inside = Some(self.input(value));
            }
        }
        found
    }

    /// Whether a value is a matrix of windows that only matrix products read: then each product gathers them for itself.
    fn is_gathered(&self, value: u32) -> bool {
        if !self.copied[value as usize] || self.is_output[value as usize] || self.shape(value).rank() < 2 {
            return false;
        }
        let source = &self.layouts[self.input(value) as usize];
        // Only where entries are repeated: a mere reordering is copied once, by as many threads as there are.
        let distinct = self.shape(source.base).elements();
        self.shape(value).elements() > distinct
            && grouped(&source.shape, &source.strides, self.shape(value)).is_some()
            && self.only_multiplied(value)
    }

    fn only_multiplied(&self, value: u32) -> bool {
        self.users[value as usize].iter().all(|&user| match self.op(user) {
            Op::MatrixMultiply => self.shape(user).elements() > 0,
            Op::Permute(order) => transposes(order) && !self.is_output[user as usize] && self.only_multiplied(user),
            _ => false,
        })
    }

    fn product(
        &self,
        value: u32,
        gathered: &[bool],
        padded: &mut FxHashMap<u32, Option<u32>>,
    ) -> Option<(Product, SmallVec<[u32; 4]>)> {
        let instruction = &self.program.instructions[value as usize];
        let (shape, dtype) = (&instruction.shape, instruction.dtype);
        let rank = shape.rank();
        let (a, b) = (instruction.inputs[0], instruction.inputs[1]);
        let sizes = Sizes { m: shape[rank - 2], n: shape[rank - 1], k: *self.shape(a).last().expect("a matrix") };
        if !self.is_product(value) {
            return None;
        }
        let mut batch: SmallVec<[usize; 2]> = shape[..rank - 2].into();
        let (finish, result, absorbed) = self.finish(value);
        let uses_windows = self.windows_of(a, gathered).is_some() || self.windows_of(b, gathered).is_some();
        if !uses_windows && !matches!(finish, Finish::Overlap(_)) {
            return None;
        }
        let mut left = self.matrices(a, shape, gathered, padded);
        let mut right = self.matrices(b, shape, gathered, padded);
        if batch.is_empty() {
            batch.push(1);
            left.batch.push(0);
            right.batch.push(0);
        }
        let cut = Product::cut_for(&left, &right, sizes, dtype);
        let elements = self.shape(result).elements();
        Some((Product { value: result, elements, dtype, batch, sizes, left, right, cut, finish }, absorbed))
    }

    /// The matrix of windows that an operand is, and whether it is transposed.
    fn windows_of(&self, mut operand: u32, gathered: &[bool]) -> Option<(u32, bool)> {
        let mut transposed = false;
        while let Op::Permute(order) = self.op(operand) {
            if !transposes(order) {
                return None;
            }
            operand = self.input(operand);
            transposed = !transposed;
        }
        gathered[operand as usize].then_some((operand, transposed))
    }

    /// How an operand of a product of this shape is read.
    fn matrices(
        &self,
        operand: u32,
        shape: &Shape,
        gathered: &[bool],
        padded: &mut FxHashMap<u32, Option<u32>>,
    ) -> Matrices {
        let batch = &shape[..shape.rank() - 2];
        let own = &self.shape(operand)[..self.shape(operand).rank() - 2];
        // Strides of 0 where the operand is repeated along the batch.
        let repeated = |strides: &Strides| {
            let mut all: Strides = SmallVec::from_elem(0, batch.len());
            for axis in 0..own.len() {
                if own[axis] != 1 {
                    all[axis + batch.len() - own.len()] = strides[axis];
                }
            }
            all
        };
        let Some((windows, transposed)) = self.windows_of(operand, gathered) else {
            let layout = &self.layouts[operand as usize];
            let rank = layout.shape.rank();
            let step = |axis: usize| smallvec![(layout.shape[axis], layout.strides[axis])];
            return Matrices {
                base: layout.base,
                offset: layout.offset,
                batch: repeated(&layout.strides),
                rows: step(rank - 2),
                columns: step(rank - 1),
                padding: None,
            };
        };
        let view = &self.layouts[self.input(windows) as usize];
        let Grouped { batch: strides, mut rows, mut columns } =
            grouped(&view.shape, &view.strides, self.shape(windows)).expect("asked before");
        if transposed {
            std::mem::swap(&mut rows, &mut columns);
        }
        let mut matrices =
            Matrices { base: view.base, offset: view.offset, batch: repeated(&strides), rows, columns, padding: None };
        let unpadded = *padded.entry(view.base).or_insert_with(|| self.unpadded(view.base, gathered));
        if let Some(unpadded) = unpadded {
            self.pad(&mut matrices, unpadded, batch.first().copied().unwrap_or(1));
        }
        matrices
    }

    /// What a value is but for zeros around it, if only gathered windows of it are read, item by item.
    fn unpadded(&self, base: u32, gathered: &[bool]) -> Option<u32> {
        let mut inside = base;
        while let Op::Pad { before, between } = self.op(inside)
            && between.iter().all(|&zeros| zeros == 0)
            && !self.is_output[inside as usize]
            && (inside == base || self.users[inside as usize].len() == 1)
        {
            let input = self.input(inside);
            if before[0] != 0 || self.shape(input)[0] != self.shape(inside)[0] {
                break;
            }
            inside = input;
        }
        (inside != base && self.read_in_windows(base, base, gathered)).then_some(inside)
    }

    /// Whether all that is read of a value are gathered windows that stay within one item of its first axis.
    fn read_in_windows(&self, value: u32, base: u32, gathered: &[bool]) -> bool {
        self.users[value as usize].iter().all(|&user| {
            if gathered[user as usize] {
                let view = &self.layouts[self.input(user) as usize];
                let shape = self.shape(user);
                let items = self.shape(base)[0];
                let length = (self.shape(base).elements() / items) as isize;
                let Some(Grouped { batch, .. }) = grouped(&view.shape, &view.strides, shape) else { return false };
                let by_items = items == 1 || shape.rank() > 2 && shape[0] == items && batch[0] == length;
                // The first axis is the batch of every product: no other is put before it.
                let first_everywhere = items == 1 || self.multiplied_with(user, shape.rank());
                let others = |axis: &usize| items == 1 || *axis > 0;
                let reach = (0..view.shape.rank())
                    .filter(others)
                    .map(|axis| (view.shape[axis] as isize - 1) * view.strides[axis]);
                let (low, high) =
                    reach.fold((view.offset, view.offset), |(low, high), far| (low + far.min(0), high + far.max(0)));
                let first_axis = items == 1 || view.shape[0] == items && view.strides[0] == length;
                return by_items && first_axis && first_everywhere && low >= 0 && high < length;
            }
            self.layouts[user as usize].base == base
                && !self.is_output[user as usize]
                && self.read_in_windows(user, base, gathered)
        })
    }

    /// Whether all products that read a value have so many axes.
    fn multiplied_with(&self, value: u32, rank: usize) -> bool {
        self.users[value as usize].iter().all(|&user| match self.op(user) {
            Op::MatrixMultiply => self.shape(user).rank() == rank,
            _ => self.multiplied_with(user, rank),
        })
    }

    /// Reads the operand from an item that is padded when it is needed.
    fn pad(&self, matrices: &mut Matrices, unpadded: u32, items: usize) {
        let mut before = vec![0; self.shape(unpadded).rank()];
        let mut outer = matrices.base;
        while outer != unpadded {
            let Op::Pad { before: own, .. } = self.op(outer) else { unreachable!("only padding lies between") };
            before.iter_mut().zip(own).for_each(|(sum, own)| *sum += own);
            outer = self.input(outer);
        }
        let padded = self.shape(matrices.base);
        let natural = padded.strides();
        let source = &self.layouts[unpadded as usize];
        // Items that are not one by one in the batch are a single one.
        let by_items = usize::from(padded[0] > 1);
        debug_assert!(by_items == 0 || items == padded[0]);
        matrices.base = source.base;
        if by_items == 1 {
            matrices.batch[0] = 0;
        }
        matrices.padding = Some(Padding {
            shape: Shape::from(&source.shape[by_items..]),
            strides: source.strides[by_items..].into(),
            offset: source.offset,
            item: if by_items == 1 { source.strides[0] } else { 0 },
            padded_strides: natural[by_items..].into(),
            start: before.iter().zip(&natural).map(|(before, stride)| before * *stride as usize).sum(),
            length: padded.elements() / if by_items == 1 { padded[0] } else { 1 },
        });
    }

    /// What becomes of a product, the value that this gives, and the values in between.
    fn finish(&self, value: u32) -> (Finish, u32, SmallVec<[u32; 4]>) {
        let each = (Finish::Each, value, SmallVec::new());
        let only_user = |value: u32| match self.users[value as usize][..] {
            [user] if !self.is_output[value as usize] => Some(user),
            _ => None,
        };
        let Some(user) = only_user(value) else { return each };
        let shape = self.shape(value);
        let leading = shape.rank() - 2;
        if let Op::Reduce(Reduction::Sum, axes) = self.op(user) {
            // All of the first axes, but for those of size 1.
            let last = axes.iter().copied().max().expect("a reduction has axes");
            let covered = last < leading && (0..last).all(|axis| axes.contains(&axis) || shape[axis] == 1);
            return if covered { (Finish::Sum { axes: last + 1 }, user, smallvec![value]) } else { each };
        }
        // Views and sums of overlapping windows, up to the last such sum; then, perhaps, a part of it.
        let mut path: SmallVec<[u32; 4]> = smallvec![value];
        let mut next = Some(user);
        while let Some(user) = next
            && matches!(self.op(user), Op::Reshape | Op::Permute(_) | Op::OverlapAdd { .. })
        {
            path.push(user);
            next = only_user(user);
        }
        while !path.last().is_none_or(|&last| matches!(self.op(last), Op::OverlapAdd { .. })) {
            path.pop();
        }
        let Some(&added) = path.last() else { return each };
        let Some(overlap) = self.overlap(&path) else { return each };
        // The part of it that is read, if it is one.
        let mut result = added;
        let mut part = Layout::whole(added, self.shape(added).clone(), self.program.instructions[added as usize].dtype);
        while let Some(user) = only_user(result)
            && let Op::Slice { starts, steps } = self.op(user)
            && starts[0] == 0
            && steps[0] == 1
            && self.shape(user)[0] == self.shape(result)[0]
        {
            part = part.moved(self.op(user), self.shape(user)).expect("a slice is a view");
            path.push(user);
            result = user;
        }
        path.retain(|value| *value != result);
        let by_items = usize::from(shape.rank() > 2 && shape[0] > 1);
        let crop = (result != added).then(|| Crop {
            shape: Shape::from(&part.shape[by_items..]),
            strides: part.strides[by_items..].into(),
            offset: part.offset,
        });
        (Finish::Overlap(Box::new(Overlap { crop, ..overlap })), result, path)
    }

    /// Where the entries of the product at the beginning of a path are added to by the sum of windows at its end.
    fn overlap(&self, path: &[u32]) -> Option<Overlap> {
        let (&value, &added) = (path.first()?, path.last()?);
        let shape = self.shape(value);
        let mut target =
            Layout::whole(added, self.shape(added).clone(), self.program.instructions[added as usize].dtype);
        // Backwards: from where the entries of a result lie to where those of its input do.
        for step in path.windows(2).rev() {
            let (input, user) = (step[0], step[1]);
            let reached = self.shape(input).clone();
            let strides: Strides = match self.op(user) {
                Op::OverlapAdd { axis, step, dilation } => {
                    let mut strides = target.strides.clone();
                    strides.push(strides[*axis] * *dilation as isize);
                    strides[*axis] *= *step as isize;
                    strides
                }
                Op::Permute(order) => {
                    let mut strides = target.strides.clone();
                    for (to, &from) in order.iter().enumerate() {
                        strides[from] = target.strides[to];
                    }
                    strides
                }
                Op::Reshape if input == value => {
                    let Grouped { batch, rows, columns } = grouped(&target.shape, &target.strides, shape)?;
                    return self.overlap_of(added, shape, batch, rows, columns);
                }
                Op::Reshape => target.moved(&Op::Reshape, &reached)?.strides,
                _ => unreachable!("a path has no other operations"),
            };
            target.strides = strides;
            target.shape = reached;
        }
        let Grouped { batch, rows, columns } = grouped(&target.shape, &target.strides, shape)?;
        self.overlap_of(added, shape, batch, rows, columns)
    }

    fn overlap_of(
        &self,
        added: u32,
        shape: &Shape,
        mut batch: Strides,
        rows: Steps,
        columns: Steps,
    ) -> Option<Overlap> {
        let result = self.shape(added);
        let items = if shape.rank() > 2 { shape[0] } else { 1 };
        let length = result.elements() / items;
        // Each item of the first axis adds to a part of its own.
        if items > 1 && (result[0] != items || batch[0] != length as isize) {
            return None;
        }
        if !batch.is_empty() {
            batch.remove(0);
        }
        Some(Overlap { batch, rows, columns, length, crop: None })
    }
}
