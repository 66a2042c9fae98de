//! Division of a program into steps: passes over memory, which compute many operations at once, and operations that need a kernel of
//! their own.
//!
//! A pass is a loop over `rows × columns` entries. A value in it is *full* (one entry each) or a *row value* (one number for each row:
//! a sum or a maximum along the row, and what is made of it). What the loop adds up over all rows is complete when the pass ends.
//! Every step has a level: what it reads from memory was written by steps of lower levels. An operation joins the pass of its operands
//! unless one of them is complete only later.

use rustc_hash::FxHashSet;
use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Op, Unary};
use crate::plan::canonical::Instruction;
use crate::plan::contract::Contractions;
use crate::plan::layout::{Layout, Steps};
use crate::plan::simplify::Simplified;

/// How a value stands in its pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// One entry for each row and column.
    Full,
    /// One number for each row.
    Row,
    /// Complete when the pass has ended.
    Whole,
}

/// How the entries that a reduction combines lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All of them.
    Everything,
    /// Rows of so many.
    Row(usize),
    /// Anything else; so many neighbours at the end are kept apart.
    Across(usize),
}

/// Who computes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// It is given.
    Slot,
    /// It is a number of the program.
    Constant,
    /// Nobody: it is a view of another.
    View,
    /// A kernel of its own, at this level.
    Kernel(u32),
    /// A pass.
    Pass(u32, Class),
}

/// The values of one pass, before it is lowered.
#[derive(Debug)]
pub(super) struct Group {
    /// The element type it computes in; truth values go with both.
    pub(super) lane: Option<DType>,
    /// Entries of a full value.
    pub(super) entries: usize,
    /// The length of a row, where it matters.
    pub(super) columns: Option<usize>,
    pub(super) level: u32,
    /// The lowest level of a step that reads its results from memory.
    first_consumer: u32,
    pub(super) values: Vec<u32>,
    /// Values of other passes that are computed here again, because that is cheaper than to store and to read them.
    pub(super) repeated: FxHashSet<u32>,
    /// Where its values went, once it has been joined to another.
    joined: Option<u32>,
}

pub(super) struct Fusion<'a> {
    pub(super) program: &'a Simplified,
    pub(super) layouts: Vec<Layout>,
    pub(super) homes: Vec<Home>,
    pub(super) groups: Vec<Group>,
    /// Values that a movement operation copies, because they are no view of their input.
    pub(super) copied: Vec<bool>,
    /// Values that have to be in memory when their step ends.
    pub(super) stored: Vec<bool>,
    /// Matrix products that gather their operands, or whose results are not stored.
    pub(super) contractions: Contractions,
}

/// How an operation would join a group.
struct Fit {
    class: Class,
    columns: Option<usize>,
}

/// The entries along rows that a view repeats or steps through.
pub(super) fn is_full(steps: &Steps, entries: usize) -> bool {
    steps.as_slice() == [(entries, 1)] || entries == 1 && steps[0].0 == 1
}

/// Whether a view has one number for each row of so many columns.
pub(super) fn is_row(steps: &Steps, entries: usize, columns: usize) -> bool {
    let rows = entries / columns.max(1);
    steps.as_slice() == [(columns, 0), (rows, 1)] || rows == 1 && steps.as_slice() == [(columns, 0)]
}

/// Whether a view repeats one number.
pub(super) fn is_same(steps: &Steps) -> bool {
    steps.len() == 1 && steps[0].1 == 0
}

impl<'a> Fusion<'a> {
    pub(super) fn of(program: &'a Simplified) -> Fusion<'a> {
        let count = program.instructions.len();
        let mut fusion = Fusion {
            program,
            layouts: Vec::with_capacity(count),
            homes: vec![Home::View; count],
            groups: Vec::new(),
            copied: vec![false; count],
            stored: vec![false; count],
            contractions: Contractions::default(),
        };
        let mut needed = program.needed();
        fusion.contractions = Contractions::of(program, &needed);
        for &value in &fusion.contractions.absorbed {
            needed[value as usize] = false;
        }
        for value in 0..count as u32 {
            let layout = fusion.layout_of(value, needed[value as usize]);
            fusion.layouts.push(layout);
            if needed[value as usize] {
                fusion.place(value);
            }
        }
        fusion
    }

    pub(super) fn instruction(&self, value: u32) -> &'a Instruction {
        &self.program.instructions[value as usize]
    }

    /// The layout of an input of a value.
    pub(super) fn operand(&self, value: u32, which: usize) -> &Layout {
        &self.layouts[self.instruction(value).inputs[which] as usize]
    }

    fn layout_of(&mut self, value: u32, needed: bool) -> Layout {
        let Instruction { op, inputs, shape, dtype } = self.instruction(value);
        if !self.contractions.products.contains_key(&value)
            && matches!(
                op,
                Op::Detach
                    | Op::Expand
                    | Op::Permute(_)
                    | Op::Reshape
                    | Op::Slice { .. }
                    | Op::Flip(_)
                    | Op::Windows { .. }
            )
        {
            if let Some(layout) = self.layouts[inputs[0] as usize].moved(op, shape) {
                // What is asked for must be a buffer of its own.
                let base_elements = self.instruction(layout.base).shape.elements();
                let is_buffer = layout.is_row_major() && layout.offset == 0 && base_elements == shape.elements();
                if is_buffer || !self.program.outputs.contains(&value) {
                    return layout;
                }
            }
            self.copied[value as usize] = needed;
        }
        Layout::whole(value, shape.clone(), *dtype)
    }

    /// Decides who computes a value.
    fn place(&mut self, value: u32) {
        let home = if self.instruction(value).op == Op::Data {
            Home::Slot
        } else if matches!(self.instruction(value).op, Op::Constant(_)) {
            Home::Constant
        } else if self.layouts[value as usize].base != value {
            Home::View
        } else if let Some(product) = self.contractions.products.get(&value) {
            let bases = [product.left.base, product.right.base];
            let level = 1 + bases.iter().map(|&base| self.level(base)).max().unwrap_or(0);
            bases.into_iter().for_each(|base| self.read_from_memory(base, level));
            Home::Kernel(level)
        } else if self.is_fusable(value) {
            self.join(value)
        } else {
            let mut level = 0;
            for which in 0..self.instruction(value).inputs.len() {
                level = level.max(self.level(self.operand(value, which).base));
            }
            let level = level + 1;
            for which in 0..self.instruction(value).inputs.len() {
                self.read_from_memory(self.operand(value, which).base, level);
            }
            Home::Kernel(level)
        };
        self.homes[value as usize] = home;
        if self.program.outputs.contains(&value) {
            let base = self.layouts[value as usize].base;
            self.stored[base as usize] = true;
        }
    }

    /// The group that holds what was put into this one.
    pub(super) fn group(&self, mut group: u32) -> u32 {
        while let Some(joined) = self.groups[group as usize].joined {
            group = joined;
        }
        group
    }

    fn level(&self, base: u32) -> u32 {
        match self.homes[base as usize] {
            Home::Slot | Home::Constant | Home::View => 0,
            Home::Kernel(level) => level,
            Home::Pass(group, _) => self.groups[self.group(group) as usize].level,
        }
    }

    fn read_from_memory(&mut self, base: u32, level: u32) {
        self.stored[base as usize] = true;
        if let Home::Pass(group, _) = self.homes[base as usize] {
            let group = self.group(group) as usize;
            self.groups[group].first_consumer = self.groups[group].first_consumer.min(level);
        }
    }

    /// Whether a pass can compute this operation. Integers have kernels of their own.
    fn is_fusable(&self, value: u32) -> bool {
        let instruction = self.instruction(value);
        let of = |which: usize| self.instruction(instruction.inputs[which]);
        let entries = match instruction.op {
            Op::Reduce(..) | Op::Gather { .. } => of(0).shape.elements(),
            _ => instruction.shape.elements(),
        };
        if entries == 0 || instruction.dtype == DType::I64 {
            return false;
        }
        match &instruction.op {
            _ if self.copied[value as usize] => true,
            Op::Unary(_) => true,
            Op::Binary(Binary::Equal) if of(0).dtype == DType::I64 => self.one_hot(value).is_some(),
            Op::Binary(_) | Op::Reduce(..) => of(0).dtype != DType::I64,
            Op::Select => true,
            Op::Cast => instruction.dtype.is_float() || of(0).dtype.is_float(),
            Op::Gather { axis } | Op::ScatterAdd { axis } => {
                let row = if matches!(instruction.op, Op::Gather { .. }) { &of(0).shape } else { &instruction.shape };
                let index = of(1);
                let rows = entries / row[*axis];
                instruction.dtype.is_float()
                    && row[*axis] > 1
                    && row[*axis + 1..].iter().all(|&size| size == 1)
                    && index.shape[*axis] == 1
                    && index.shape.elements() == rows
                    && instruction.shape.elements()
                        == if matches!(instruction.op, Op::Gather { .. }) { rows } else { entries }
                    && self.operand(value, 1).is_row_major()
                    && self.in_memory(self.operand(value, 1).base)
            }
            _ => false,
        }
    }

    /// Where a comparison of positions in a row with one number for each row finds the numbers: the operand, and the length of a row.
    pub(super) fn one_hot(&self, value: u32) -> Option<(usize, usize)> {
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
    fn own_columns(&self, value: u32) -> Option<usize> {
        match self.instruction(value).op {
            Op::ScatterAdd { .. } => self.instruction(value).shape.iter().rfind(|&&size| size != 1).copied(),
            Op::Binary(Binary::Equal) if self.instruction(self.instruction(value).inputs[0]).dtype == DType::I64 => {
                self.one_hot(value).map(|(_, columns)| columns)
            }
            _ => None,
        }
    }

    /// Whether a value is in memory without anybody asking for it.
    fn in_memory(&self, base: u32) -> bool {
        match self.homes[base as usize] {
            Home::Slot | Home::Constant | Home::Kernel(_) | Home::Pass(_, Class::Whole) => true,
            Home::View | Home::Pass(..) => self.stored[base as usize],
        }
    }

    /// The element type that an operation is computed in, if that matters.
    fn lane(&self, value: u32) -> Option<DType> {
        let instruction = self.instruction(value);
        if instruction.dtype.is_float() {
            return Some(instruction.dtype);
        }
        // A comparison of numbers, or a number cast to a truth value.
        let inputs = instruction.inputs.iter().map(|&input| self.instruction(input).dtype);
        inputs.filter(|dtype| dtype.is_float()).max()
    }

    /// Over which entries an operation loops, and how a reduction combines them.
    pub(super) fn extent(&self, value: u32) -> (usize, Option<Scope>) {
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
            Op::Gather { axis } => {
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
    fn reading_shape(&self, value: u32, which: usize) -> &'a crate::shape::Shape {
        let instruction = self.instruction(value);
        match instruction.op {
            Op::Reduce(..) | Op::Gather { .. } if which == 0 => &self.instruction(instruction.inputs[0]).shape,
            Op::Gather { .. } => &self.instruction(instruction.inputs[1]).shape,
            Op::ScatterAdd { .. } => &self.instruction(instruction.inputs[1]).shape,
            // A copy reads its input where it lies.
            Op::Reshape if self.copied[value as usize] => &self.instruction(instruction.inputs[0]).shape,
            _ => &instruction.shape,
        }
    }

    /// How the loop over an operation's entries steps through an operand.
    pub(super) fn steps(&self, value: u32, which: usize) -> Steps {
        self.copy_layout(value)
            .unwrap_or_else(|| self.operand(value, which).clone())
            .steps_in(self.reading_shape(value, which))
    }

    /// What a copy copies: the view that it was not allowed to be, or its input in another order.
    pub(super) fn copy_layout(&self, value: u32) -> Option<Layout> {
        let instruction = self.instruction(value);
        if !self.copied[value as usize] || instruction.op == Op::Reshape {
            return None;
        }
        self.operand(value, 0).moved(&instruction.op, &instruction.shape)
    }

    /// Whether and how an operation could be part of a group, and its class there.
    fn fit(&self, value: u32, group: u32) -> Option<Fit> {
        let Group { lane, entries, columns, .. } = self.groups[group as usize];
        if let (Some(a), Some(b)) = (lane, self.lane(value))
            && a != b
        {
            return None;
        }
        let (extent, scope) = self.extent(value);
        let (mut class, columns) = match scope {
            Some(Scope::Everything) => (Class::Whole, columns),
            Some(Scope::Row(length)) => (Class::Row, Some(length)),
            Some(Scope::Across(kept)) => (Class::Whole, Some(kept)),
            None => (Class::Full, self.own_columns(value).or(columns)),
        };
        if let (Some(a), Some(b)) = (self.groups[group as usize].columns, columns)
            && a != b
        {
            return None;
        }
        if extent != entries {
            // One operation for each row, or a sum over such.
            let rows = entries / columns?;
            if extent != rows || !matches!(scope, None | Some(Scope::Everything)) || entries % columns? != 0 {
                return None;
            }
            if scope.is_none() {
                class = Class::Row;
            }
        }
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            let Some(class) = self.class_in(base, group) else { continue };
            let steps = self.steps(value, which);
            let copy = self.copy_layout(value);
            let offset = copy.as_ref().unwrap_or(self.operand(value, which)).offset;
            let in_rows = matches!(self.instruction(value).op, Op::ScatterAdd { .. }) || extent != entries;
            let fits = match class {
                Class::Full => !in_rows && is_full(&steps, entries),
                Class::Row if in_rows => is_full(&steps, entries / columns?),
                Class::Row => is_row(&steps, entries, columns?),
                Class::Whole => false,
            };
            if !fits || offset != 0 {
                return None;
            }
        }
        Some(Fit { class, columns })
    }

    /// The class of a value in a group, if the group computes it and its results can be used there.
    pub(super) fn class_in(&self, base: u32, group: u32) -> Option<Class> {
        if self.groups[group as usize].repeated.contains(&base) {
            return Some(Class::Full);
        }
        match self.homes[base as usize] {
            Home::Pass(home, class) if class != Class::Whole && self.group(home) == group => Some(class),
            _ => None,
        }
    }

    /// The level that a group must have to compute an operation; `None` if something that reads the group's results would be too early.
    fn level_for(&self, value: u32, group: u32) -> Option<u32> {
        let mut level = self.groups[group as usize].level;
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            if self.class_in(base, group).is_none() {
                if let Home::Pass(home, _) = self.homes[base as usize]
                    && self.group(home) == group
                {
                    return None;
                }
                level = level.max(1 + self.level(base));
            }
        }
        let Group { level: present, first_consumer, .. } = self.groups[group as usize];
        (level == present || first_consumer > level).then_some(level)
    }

    /// Puts an operation into the pass of its operands, or into a new one.
    fn join(&mut self, value: u32) -> Home {
        let mut candidates: SmallVec<[u32; 4]> = SmallVec::new();
        for which in 0..self.instruction(value).inputs.len() {
            if let Home::Pass(group, class) = self.homes[self.operand(value, which).base as usize]
                && class != Class::Whole
            {
                let group = self.group(group);
                if !candidates.contains(&group) {
                    candidates.push(group);
                }
            }
        }
        candidates.sort_by_key(|&group| std::cmp::Reverse(self.groups[group as usize].level));
        for at in 0..candidates.len() {
            let group = candidates[at];
            if self.groups[group as usize].joined.is_some() || self.fit(value, group).is_none() {
                continue;
            }
            for &other in &candidates[at + 1..] {
                if self.groups[other as usize].joined.is_none() && self.can_merge(group, other, value) {
                    self.merge(group, other);
                }
            }
            self.repeat_cheap_operands(value, group);
            let (Some(fit), Some(level)) = (self.fit(value, group), self.level_for(value, group)) else { continue };
            return self.enter(value, group, fit, level);
        }
        let (entries, _) = self.extent(value);
        let new = self.groups.len() as u32;
        self.groups.push(Group {
            lane: None,
            entries,
            columns: None,
            level: 1,
            first_consumer: u32::MAX,
            values: Vec::new(),
            repeated: FxHashSet::default(),
            joined: None,
        });
        self.repeat_cheap_operands(value, new);
        let fit = self.fit(value, new).unwrap_or_else(|| {
            // What would be computed again is also seen in another order: then it is read from memory.
            self.groups[new as usize].repeated.clear();
            self.fit(value, new).expect("an operation fits into a pass of its own")
        });
        let level = self.level_for(value, new).expect("nobody reads from a new pass");
        self.enter(value, new, fit, level)
    }

    fn enter(&mut self, value: u32, group: u32, fit: Fit, level: u32) -> Home {
        for which in 0..self.instruction(value).inputs.len() {
            let base = self.operand(value, which).base;
            if self.class_in(base, group).is_none() {
                self.read_from_memory(base, level);
            }
        }
        let lane = self.lane(value);
        let entered = &mut self.groups[group as usize];
        entered.level = level;
        entered.columns = fit.columns;
        entered.lane = entered.lane.or(lane);
        entered.values.push(value);
        Home::Pass(group, fit.class)
    }

    /// Whether `other` can become part of `group`, of at least its level, for the sake of an operation that needs both.
    fn can_merge(&self, group: u32, other: u32, value: u32) -> bool {
        let (a, b) = (&self.groups[group as usize], &self.groups[other as usize]);
        let columns_agree = a.columns.is_none() || b.columns.is_none() || a.columns == b.columns;
        let lanes_agree = a.lane.is_none() || b.lane.is_none() || a.lane == b.lane;
        let (extent, _) = self.extent(value);
        // A level is raised only if nobody has read results at a level in between.
        let in_time = a.level == b.level || b.first_consumer > a.level;
        a.entries == b.entries && columns_agree && lanes_agree && in_time && extent <= a.entries
    }

    fn merge(&mut self, group: u32, other: u32) {
        let (values, repeated, columns, lane, first_consumer) = {
            let other = &mut self.groups[other as usize];
            other.joined = Some(group);
            let values = std::mem::take(&mut other.values);
            (values, std::mem::take(&mut other.repeated), other.columns, other.lane, other.first_consumer)
        };
        let merged = &mut self.groups[group as usize];
        if merged.values.len() < values.len() {
            let fewer = std::mem::replace(&mut merged.values, values);
            merged.values.extend(fewer);
        } else {
            merged.values.extend(values);
        }
        merged.repeated.extend(repeated);
        merged.columns = merged.columns.or(columns);
        merged.lane = merged.lane.or(lane);
        merged.first_consumer = merged.first_consumer.min(first_consumer);
        let own: Vec<u32> = self.groups[group as usize].repeated.iter().copied().collect();
        for value in own {
            if matches!(self.homes[value as usize], Home::Pass(home, _) if self.group(home) == group) {
                self.groups[group as usize].repeated.remove(&value);
            }
        }
    }

    /// Operands that another pass computes from what is in memory anyway, in a few quick operations, are computed again.
    fn repeat_cheap_operands(&mut self, value: u32, group: u32) {
        let entries = self.groups[group as usize].entries;
        let (extent, scope) = self.extent(value);
        if extent != entries || matches!(self.instruction(value).op, Op::ScatterAdd { .. }) || scope.is_some() {
            return;
        }
        let lane = self.groups[group as usize].lane.or(self.lane(value));
        for which in 0..self.instruction(value).inputs.len() {
            let operand = self.operand(value, which);
            let (base, offset) = (operand.base, operand.offset);
            if self.in_memory(base) || self.class_in(base, group).is_some() || offset != 0 {
                continue;
            }
            let mut chain = SmallVec::<[u32; 8]>::new();
            // Every view of it that is needed must be the whole of it.
            let all_full = (0..self.instruction(value).inputs.len())
                .filter(|&other| self.operand(value, other).base == base)
                .all(|other| self.operand(value, other).offset == 0 && is_full(&self.steps(value, other), entries));
            if all_full && self.is_cheap(base, lane, group, &mut chain) {
                self.repeat(group, &chain);
            }
        }
    }

    /// Computes values again in a group, if it may come late enough for what they are made of.
    fn repeat(&mut self, group: u32, chain: &[u32]) {
        let read = |fusion: &Fusion<'_>, visit: &mut dyn FnMut(u32)| {
            for &value in chain {
                for which in 0..fusion.instruction(value).inputs.len() {
                    let base = fusion.operand(value, which).base;
                    if !chain.contains(&base) && fusion.class_in(base, group).is_none() {
                        visit(base);
                    }
                }
            }
        };
        let mut bases: SmallVec<[u32; 8]> = SmallVec::new();
        read(self, &mut |base| bases.push(base));
        let needed = bases.iter().map(|&base| 1 + self.level(base)).max().unwrap_or(0);
        let Group { level, first_consumer, .. } = self.groups[group as usize];
        let level = level.max(needed);
        let same = |base: u32| matches!(self.homes[base as usize], Home::Pass(home, _) if self.group(home) == group);
        if level != self.groups[group as usize].level && first_consumer <= level || bases.iter().any(|&base| same(base))
        {
            return;
        }
        for base in bases {
            self.read_from_memory(base, level);
        }
        let group = &mut self.groups[group as usize];
        group.level = level;
        group.repeated.extend(chain.iter().copied());
    }

    /// Whether a value can be computed from memory in a few quick operations, which are put into `chain`.
    fn is_cheap(&self, value: u32, lane: Option<DType>, group: u32, chain: &mut SmallVec<[u32; 8]>) -> bool {
        let entries = self.groups[group as usize].entries;
        let instruction = self.instruction(value);
        let quick = match instruction.op {
            Op::Unary(unary) => matches!(unary, Unary::Negate | Unary::Abs | Unary::Sign),
            Op::Binary(Binary::Equal) => self.instruction(instruction.inputs[0]).dtype != DType::I64,
            Op::Binary(binary) => !matches!(binary, Binary::Power | Binary::Divide),
            Op::Select => true,
            _ => false,
        };
        let lanes_agree = lane.is_none() || self.lane(value).is_none() || lane == self.lane(value);
        if !quick || !lanes_agree || instruction.dtype == DType::I64 || instruction.shape.elements() != entries {
            return false;
        }
        if !matches!(self.homes[value as usize], Home::Pass(_, Class::Full)) {
            return false;
        }
        for which in 0..instruction.inputs.len() {
            let operand = self.operand(value, which);
            let full = operand.offset == 0 && is_full(&self.steps(value, which), entries);
            let present = chain.contains(&operand.base) || self.class_in(operand.base, group) == Some(Class::Full);
            if self.in_memory(operand.base) && !present || full && present {
                continue;
            }
            if !full || chain.len() >= 4 || !self.is_cheap(operand.base, lane, group, chain) {
                return false;
            }
        }
        chain.push(value);
        chain.len() <= 4
    }
}
