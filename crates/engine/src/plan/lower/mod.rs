//! From the values of a pass to the instructions of its loop: registers are assigned, common pairs joined, and what is the same for all
//! rows or columns taken out of the loop.

mod choices;
mod joining;
mod operands;
mod reductions;

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::dtype::DType;
use crate::op::{Op, Reduction, Unary};
use crate::plan::fuse::{Class, Fusion, Home};
use crate::plan::lookup::Lookup;
use crate::plan::numbered::Numbered;
use crate::plan::pass::{
    Across, Advance, Assembly, Index, Load, Memory, Operation, Pass, PassOutput, Source, Spread, Total,
};
use crate::plan::schedule::REGISTER;
use crate::plan::steps::Machine;

/// Rows up to this many bytes are held in registers as a whole.
const WHOLE_ROW: usize = 8192;

/// An operand of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ref {
    Lowered(u32),
    Memory(u16, Spread),
}

/// When a node is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Once.
    Prologue,
    /// Once for the rows of a tile, before the walk through the columns of its phase.
    Rows,
    /// For each tile.
    Sweep,
}

/// What a node leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Tile,
    PerRow,
    One,
    Nothing,
}

/// An instruction before registers are assigned.
#[derive(Debug)]
pub(super) struct Lowered {
    pub(super) operation: Operation,
    pub(super) inputs: SmallVec<[Ref; 4]>,
    pub(super) stage: Stage,
    pub(super) phase: u32,
    pub(super) holds: Holds,
    /// Whether no instruction is made of it: another computes it, or nobody needs it any more.
    pub(super) silent: bool,
    /// The nodes that this one computes together.
    pub(super) results: SmallVec<[u32; 4]>,
    /// The memory it is written to.
    pub(super) output: Option<u16>,
    /// The node whose register it takes over, because it changes what is in it.
    pub(super) in_place_of: Option<u32>,
}

pub(super) struct Lowering<'a, 'b> {
    pub(super) fusion: &'b Fusion<'a>,
    pub(super) machine: Machine,
    pub(super) group: u32,
    pub(super) lane: DType,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) by_rows: bool,
    pub(super) whole_rows: bool,
    pub(super) tile_rows: usize,
    pub(super) nodes: Vec<Lowered>,
    pub(super) values: FxHashMap<u32, Ref>,
    pub(super) memory: Numbered<Memory>,
    pub(super) loads: Numbered<Load>,
    pub(super) assemblies: Numbered<Assembly>,
    pub(super) lookups: Numbered<Lookup>,
    pub(super) indices: Vec<Index>,
    pub(super) row_sums: Vec<Reduction>,
    pub(super) totals: Vec<Total>,
    pub(super) across: Vec<Across>,
    pub(super) outputs: Vec<PassOutput>,
    /// The nodes that bring an operand into a register.
    pub(super) brought: FxHashMap<Brought, u32>,
    /// How often a value is used in the pass.
    pub(super) uses: FxHashMap<u32, Uses>,
    pub(super) logistic: FxHashMap<(u32, usize), SmallVec<[u32; 4]>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Brought {
    /// A load, by its number, for the rows of a tile or for its entries.
    Load(u16, bool),
    Spread(Ref),
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    all: u32,
    as_condition: u32,
    as_logit: u32,
}

/// Brings the values of a group into the form that is executed.
pub(super) fn lower(fusion: &Fusion<'_>, group: u32, machine: Machine) -> Pass {
    let mut members: Vec<u32> = fusion.groups[group as usize].values.clone();
    members.extend(&fusion.groups[group as usize].repeated);
    members.sort_unstable();
    let found = &fusion.groups[group as usize];
    let entries = found.entries;
    let mut lowering = Lowering {
        fusion,
        machine,
        group,
        lane: found.lane.unwrap_or(DType::F32),
        rows: 1,
        columns: entries,
        by_rows: false,
        whole_rows: false,
        tile_rows: 1,
        nodes: Vec::new(),
        values: FxHashMap::default(),
        memory: Numbered::default(),
        loads: Numbered::default(),
        assemblies: Numbered::default(),
        lookups: Numbered::default(),
        indices: Vec::new(),
        row_sums: Vec::new(),
        totals: Vec::new(),
        across: Vec::new(),
        outputs: Vec::new(),
        brought: FxHashMap::default(),
        uses: FxHashMap::default(),
        logistic: FxHashMap::default(),
    };
    let natural = || lowering.natural_columns(&members, entries);
    if let Some(columns) = found.columns.or_else(natural).or_else(|| lowering.even_columns(&members, entries)) {
        lowering.by_rows = true;
        lowering.columns = columns;
        lowering.rows = entries / columns;
        lowering.whole_rows = columns <= WHOLE_ROW / lowering.lane.size();
        if lowering.whole_rows {
            lowering.tile_rows = (REGISTER / lowering.lane.size() / columns).clamp(1, lowering.rows);
        }
    }
    lowering.count_uses(&members);
    for &value in &members {
        lowering.value(value);
    }
    lowering.silence_the_unread();
    lowering.finish()
}

impl Lowering<'_, '_> {
    fn count_uses(&mut self, members: &[u32]) {
        for &value in members {
            let instruction = self.fusion.instruction(value);
            let logit = matches!(instruction.op, Op::Unary(Unary::Softplus | Unary::Sigmoid));
            for which in 0..instruction.inputs.len() {
                if let Some(base) = self.internal(value, which) {
                    let uses = self.uses.entry(base).or_default();
                    uses.all += 1;
                    uses.as_condition += u32::from(instruction.op == Op::Select && which == 0);
                }
            }
            if logit {
                let (key, _) = self.logit(value);
                self.logistic.entry(key).or_default().push(value);
            }
        }
        // Alone there is nothing to share.
        self.logistic.retain(|_, members| members.len() > 1);
        // A negation that only they look through is not computed at all.
        let mut looked_through: FxHashMap<u32, u32> = FxHashMap::default();
        for &member in self.logistic.values().flatten() {
            if self.logit(member).1 {
                *looked_through.entry(self.fusion.operand(member, 0).base).or_default() += 1;
            }
        }
        for (value, uses) in &mut self.uses {
            uses.as_logit = looked_through.get(value).copied().unwrap_or(0);
        }
    }

    /// Makes the nodes of a value, and remembers what stands for it.
    fn value(&mut self, value: u32) {
        if self.absorbed_comparison(value).is_some()
            || self.is_absorbed_negation(value)
            || self.is_absorbed_one_hot(value)
        {
            return;
        }
        let is_placement = self.is_placement(value);
        if self.is_absorbed_placement(value) {
            return;
        }
        if self.choice_of_one(value).is_some() && self.is_absorbed_by_only_use(value) && self.is_summed(value) {
            return;
        }
        let instruction = self.fusion.instruction(value);
        let home = self.fusion.homes[value as usize];
        let class = if self.fusion.groups[self.group as usize].repeated.contains(&value) {
            Class::Full
        } else {
            match home {
                Home::Pass(_, class) => class,
                _ => Class::Full,
            }
        };
        let (extent, scope) = self.fusion.extent(value);
        let in_rows = self.by_rows && extent != self.rows * self.columns;
        let over = if in_rows { Class::Row } else { Class::Full };
        let made = match &instruction.op {
            _ if self.fusion.assembled[value as usize] => self.assembly(value, over, class),
            Op::Gather { axis } if self.fusion.looked_up[value as usize] => self.lookup(value, *axis, over, class),
            _ if self.fusion.copied[value as usize] => {
                let input = self.tile_operand(value, 0, over);
                self.node(Operation::Copy, smallvec![input], class)
            }
            Op::Unary(Unary::Softplus | Unary::Sigmoid) if self.is_shared_logistic(value) => {
                self.logistic(value, over, class)
            }
            Op::Unary(unary) => {
                let input = self.tile_operand(value, 0, over);
                self.node(Operation::Unary(*unary), smallvec![input], class)
            }
            Op::Binary(_) if self.is_one_hot(value) => {
                let index = self.one_hot_index(value);
                self.node(Operation::OneHot(index), smallvec![], Class::Full)
            }
            Op::Binary(binary) => self.binary(value, *binary, over, class),
            Op::Select if self.choice_of_one(value).is_some() => {
                if is_placement {
                    let (number, index) = self.placed(value);
                    self.node(Operation::Place(index), smallvec![number], Class::Full)
                } else {
                    let picked = self.picked(value);
                    let index = self.one_hot_index(self.choice_of_one(value).expect("asked above"));
                    self.node(Operation::Place(index), smallvec![picked], Class::Full)
                }
            }
            Op::Select => {
                let condition = self.fusion.operand(value, 0).base;
                let absorbed = self.in_group(condition).then(|| self.absorbed_comparison(condition)).flatten();
                if let Some(comparison) = absorbed {
                    let sides = [(condition, 0), (condition, 1), (value, 1), (value, 2)];
                    let [a, b, c, d] = sides.map(|(value, which)| self.even_operand(value, which, over));
                    // One of those compared is a tile, so that something says how many entries there are.
                    let a = if self.spread_of(b, over) == Spread::Tile { a } else { self.spread(a, over) };
                    self.node(Operation::CompareSelect(comparison), smallvec![a, b, c, d], class)
                } else {
                    let inputs = (0..3).map(|which| self.tile_operand(value, which, over)).collect();
                    self.node(Operation::Select, inputs, class)
                }
            }
            Op::Cast if instruction.dtype == DType::Bool => {
                let input = self.tile_operand(value, 0, over);
                self.node(Operation::Truth, smallvec![input], class)
            }
            Op::Cast => {
                // Loading converts, and a truth value is a number already.
                let input = self.tile_operand(value, 0, over);
                if self.is_stored(value) || !matches!(input, Ref::Lowered(_)) {
                    self.node(Operation::Copy, smallvec![input], class)
                } else {
                    input
                }
            }
            Op::Reduce(reduction, _) => {
                self.reduce(value, *reduction, scope.expect("a reduction has a scope"), over);
                return;
            }
            Op::Gather { .. } => {
                let index = self.index(value, 1, Some("take_along_axis"));
                self.pick(value, 0, index, true)
            }
            Op::ScatterAdd { .. } => {
                let (number, index) = self.placed(value);
                self.node(Operation::Place(index), smallvec![number], Class::Full)
            }
            Op::Data
            | Op::Constant(_)
            | Op::Iota
            | Op::CumulativeSum { .. }
            | Op::ArgMax { .. }
            | Op::ArgSort { .. }
            | Op::Detach
            | Op::Reshape
            | Op::Permute(_)
            | Op::Expand
            | Op::Slice { .. }
            | Op::Pad { .. }
            | Op::Flip(_)
            | Op::Concatenate(_)
            | Op::Accumulate
            | Op::Windows { .. }
            | Op::OverlapAdd { .. }
            | Op::MatrixMultiply => unreachable!("only operations that passes can compute are put into one"),
        };
        self.values.insert(value, made);
        if self.is_stored(value) {
            self.store(value, made, class);
        }
    }

    fn store(&mut self, value: u32, made: Ref, class: Class) {
        let PassOutput { dtype, length, .. } = PassOutput {
            value,
            dtype: self.fusion.instruction(value).dtype,
            length: self.fusion.instruction(value).shape.elements(),
        };
        let output = short(self.outputs.len());
        self.outputs.push(PassOutput { value, dtype, length });
        let Ref::Lowered(mut node) = made else { unreachable!("what is stored has a node") };
        if dtype == self.lane {
            let kept = &self.nodes[node as usize];
            if kept.stage == Stage::Prologue || kept.output.is_some() {
                // Two values of one number: each has a place of its own.
                let Ref::Lowered(copy) = self.node(Operation::Copy, smallvec![made], class) else {
                    unreachable!("a new node")
                };
                node = copy;
            }
            let advance = if class == Class::Row { Advance::Row } else { Advance::Full };
            let memory = self.memory.number(Memory { source: Source::Output(output), advance });
            self.nodes[node as usize].output = Some(memory);
        } else {
            let phase = self.nodes[node as usize].phase;
            let stage = if class == Class::Row { Stage::Rows } else { Stage::Sweep };
            self.push(Operation::Store(output), smallvec![made], stage, phase, Holds::Nothing);
        }
    }

    /// Dead code: of some values only one entry of each row was asked for in the end.
    fn silence_the_unread(&mut self) {
        let mut read = vec![false; self.nodes.len()];
        for at in (0..self.nodes.len()).rev() {
            let node = &mut self.nodes[at];
            let has_effect = node.output.is_some() || node.holds == Holds::Nothing && node.results.is_empty();
            if !read[at] && !has_effect {
                node.silent = true;
                continue;
            }
            for &input in &node.inputs {
                if let Ref::Lowered(input) = input {
                    read[input as usize] = true;
                }
            }
        }
    }

    /// A node of the given class, as early as its inputs allow.
    fn node(&mut self, operation: Operation, inputs: SmallVec<[Ref; 4]>, class: Class) -> Ref {
        let phase = inputs.iter().map(|&input| self.phase_of(input)).max().unwrap_or(0);
        let (stage, holds) =
            if class == Class::Row { (Stage::Rows, Holds::PerRow) } else { (Stage::Sweep, Holds::Tile) };
        Ref::Lowered(self.push(operation, inputs, stage, phase, holds))
    }

    fn push(
        &mut self,
        operation: Operation,
        inputs: SmallVec<[Ref; 4]>,
        stage: Stage,
        phase: u32,
        holds: Holds,
    ) -> u32 {
        let (results, silent, output, in_place_of) = (SmallVec::new(), false, None, None);
        self.nodes.push(Lowered { operation, inputs, stage, phase, holds, silent, results, output, in_place_of });
        self.nodes.len() as u32 - 1
    }
}

/// A number of what a pass has few of: [`MOST_VALUES`](crate::plan::fuse::MOST_VALUES) bounds it.
fn short(number: usize) -> u16 {
    u16::try_from(number).expect("passes are bounded, and what they read and write with them")
}
