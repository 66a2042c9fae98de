//! Division of a program into steps: passes over memory, which compute many operations at once, and operations that need a kernel of
//! their own.
//!
//! A pass is a loop over `rows × columns` entries. A value in it is *full* (one entry each) or a *row value* (one number for each row:
//! a sum or a maximum along the row, and what is made of it). What the loop adds up over all rows is complete when the pass ends.
//! An operation joins the pass of its operands unless one of them is complete only later; passes that then still read the same are joined.

mod assembly;
mod entries;
mod fitting;
mod joining;
mod kernels;
mod levels;
mod lookups;
mod masked;
mod recompute;

use std::cmp::Reverse;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::Op;
use crate::plan::fuse::kernels::Calls;
use crate::plan::fuse::levels::Visit;
use crate::plan::fuse::masked::Masks;
use crate::plan::pairs::recognise::Found;
use crate::plan::product::recognise::Contractions;
use crate::plan::simplify::Simplified;
use crate::plan::views::{Layout, Steps};
use crate::program::Instruction;

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
    pub(super) values: Vec<u32>,
    /// Values of other passes that are computed here again, because that is cheaper than to store and to read them.
    pub(super) repeated: FxHashSet<u32>,
    /// A pass whose sums of rows it reads.
    of_sums: Option<u32>,
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
    /// Values that a pass puts together from pieces in memory.
    pub(super) assembled: Vec<bool>,
    /// Values that a pass reads from a table, where indices say.
    pub(super) looked_up: Vec<bool>,
    /// Values that have to be in memory when their step ends.
    pub(super) stored: Vec<bool>,
    /// Values that are asked for.
    wanted: Vec<bool>,
    /// Matrix products that gather their operands, or whose results are not stored.
    pub(super) contractions: Contractions,
    /// Kernels that do the operation before theirs as well.
    pub(super) calls: Calls,
    /// Reductions over pairs, which compute their terms for themselves.
    pub(super) pairs: Found,
    /// Products of which only some entries are read, and the masks that say which.
    masked: FxHashMap<u32, Masks>,
    /// The steps that read from memory what a step computes.
    readers: FxHashMap<Visit, SmallVec<[Visit; 2]>>,
}

/// A pass computes at most so many values: all it reads and writes, at most four places for each, can then be numbered with 16 bits.
pub(super) const MOST_VALUES: usize = 16_000;

impl Group {
    /// How many values it computes.
    fn size(&self) -> usize {
        self.values.len() + self.repeated.len()
    }
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
            assembled: Vec::new(),
            looked_up: Vec::new(),
            stored: vec![false; count],
            wanted: vec![false; count],
            contractions: Contractions::default(),
            calls: Calls::default(),
            pairs: Found::default(),
            masked: FxHashMap::default(),
            readers: FxHashMap::default(),
        };
        program.outputs.iter().for_each(|&output| fusion.wanted[output as usize] = true);
        let mut needed = program.needed();
        fusion.pairs = Found::of(program, &needed);
        if !fusion.pairs.is_empty() {
            needed = fusion.pairs.needed(program);
        }
        fusion.contractions = Contractions::of(program, &needed);
        for &value in &fusion.contractions.absorbed {
            needed[value as usize] = false;
        }
        fusion.calls = Calls::of(program, &mut needed);
        fusion.masked = masked::masked(program, &needed);
        fusion.assembled = assembly::assembled(program, &needed);
        fusion.looked_up = lookups::looked_up(program, &needed);
        for value in 0..count as u32 {
            let layout = fusion.layout_of(value, needed[value as usize]);
            fusion.layouts.push(layout);
            if needed[value as usize] {
                fusion.place(value);
            }
        }
        fusion.join_the_alike();
        fusion.store_what_is_read();
        fusion
    }

    /// Stores what other steps read, and what is wanted. A pass that has taken in another needs no memory between them, and what is
    /// computed again where it is needed need not be computed where it was.
    fn store_what_is_read(&mut self) {
        self.stored.fill(false);
        for &output in &self.program.outputs {
            self.stored[self.layouts[output as usize].base as usize] = true;
        }
        let mut members: Vec<(u32, u32)> = Vec::with_capacity(self.homes.len());
        for (number, group) in self.groups.iter().enumerate() {
            members.extend(group.values.iter().chain(&group.repeated).map(|&value| (value, number as u32)));
        }
        let kernels = self.homes.iter().enumerate().filter(|(_, home)| matches!(home, Home::Kernel(_)));
        members.extend(kernels.map(|(value, _)| (value as u32, u32::MAX)));
        // Whoever uses a value comes after it.
        members.sort_unstable_by_key(|&(value, _)| Reverse(value));
        let mut used: FxHashSet<(u32, u32)> = FxHashSet::default();
        let mut idle: FxHashSet<(u32, u32)> = FxHashSet::default();
        for (value, number) in members {
            if number != u32::MAX && !used.contains(&(value, number)) {
                let again = self.groups[number as usize].repeated.contains(&value);
                if again || !self.stored[value as usize] {
                    idle.insert((value, number));
                    continue;
                }
            }
            for base in self.read_by(value) {
                if number != u32::MAX && self.class_in(base, number).is_some() {
                    used.insert((base, number));
                } else {
                    self.stored[base as usize] = true;
                }
            }
        }
        for (number, group) in self.groups.iter_mut().enumerate().filter(|_| !idle.is_empty()) {
            let is_idle = |value: u32| idle.contains(&(value, number as u32));
            group.values.retain(|&value| !is_idle(value));
            group.repeated.retain(|&value| !is_idle(value));
        }
    }

    pub(super) fn instruction(&self, value: u32) -> &'a Instruction {
        &self.program.instructions[value as usize]
    }

    /// The buffers that the operation which makes a value reads.
    fn read_by(&self, value: u32) -> SmallVec<[u32; 4]> {
        if let Some(operands) = self.pairs.read_by(value) {
            return operands.iter().map(|&operand| self.layouts[operand as usize].base).collect();
        }
        if let Some(call) = self.calls.get(value) {
            return call.inputs.iter().map(|&input| self.layouts[input as usize].base).collect();
        }
        match self.contractions.products.get(&value) {
            Some(product) => [product.left.base, product.right.base].into_iter().collect(),
            None => {
                let inputs = (0..self.instruction(value).inputs.len()).map(|which| self.operand(value, which).base);
                inputs.chain(self.read_where(value).into_iter().map(|read| read.mask.base)).collect()
            }
        }
    }

    /// The layout of an input of a value.
    pub(super) fn operand(&self, value: u32, which: usize) -> &Layout {
        &self.layouts[self.instruction(value).inputs[which] as usize]
    }

    fn layout_of(&mut self, value: u32, needed: bool) -> Layout {
        let Instruction { op, inputs, shape, dtype } = self.instruction(value);
        if !self.contractions.products.contains_key(&value)
            && self.calls.get(value).is_none()
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
                if is_buffer || !self.wanted[value as usize] {
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
        } else if !self.contractions.products.contains_key(&value)
            && !self.pairs.contains(value)
            && self.calls.get(value).is_none()
            && self.is_fusable(value)
        {
            self.join(value)
        } else {
            let bases = self.read_by(value);
            let level = 1 + bases.iter().map(|&base| self.level(base)).max().unwrap_or(0);
            for base in bases {
                self.read_from_memory(base, Visit::Kernel(value));
            }
            Home::Kernel(level)
        };
        self.homes[value as usize] = home;
        if self.wanted[value as usize] {
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
}
