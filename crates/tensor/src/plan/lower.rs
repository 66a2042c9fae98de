//! From the values of a pass to the instructions of its loop: registers are assigned, common pairs joined, and what is the same for all
//! rows or columns taken out of the loop.

use rustc_hash::FxHashMap;
use smallvec::{SmallVec, smallvec};

use crate::dtype::DType;
use crate::op::{Binary, Op, Reduction, Unary};
use crate::plan::fuse::{Class, Fusion, Home, Scope, is_full, is_row, is_same};
use crate::plan::layout::{Layout, Steps};
use crate::plan::pass::{
    Across, Advance, Index, Load, LogisticKinds, Memory, Operation, Output, Pair, Pass, Source, Spread, Total,
};
use crate::plan::schedule::REGISTER;

/// Rows up to this many bytes are held in registers as a whole.
const WHOLE_ROW: usize = 8192;

/// An operand of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ref {
    Node(u32),
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
pub(super) struct Node {
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
    pub(super) group: u32,
    pub(super) lane: DType,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) by_rows: bool,
    pub(super) whole_rows: bool,
    pub(super) tile_rows: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) values: FxHashMap<u32, Ref>,
    pub(super) memory: Vec<Memory>,
    pub(super) loads: Vec<Load>,
    pub(super) indices: Vec<Index>,
    pub(super) row_sums: Vec<Reduction>,
    pub(super) totals: Vec<Total>,
    pub(super) across: Vec<Across>,
    pub(super) outputs: Vec<Output>,
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
pub(super) fn lower(fusion: &Fusion<'_>, group: u32) -> Pass {
    let mut members: Vec<u32> = fusion.groups[group as usize].values.clone();
    members.extend(&fusion.groups[group as usize].repeated);
    members.sort_unstable();
    let found = &fusion.groups[group as usize];
    let entries = found.entries;
    let mut lowering = Lowering {
        fusion,
        group,
        lane: found.lane.unwrap_or(DType::F32),
        rows: 1,
        columns: entries,
        by_rows: false,
        whole_rows: false,
        tile_rows: 1,
        nodes: Vec::new(),
        values: FxHashMap::default(),
        memory: Vec::new(),
        loads: Vec::new(),
        indices: Vec::new(),
        row_sums: Vec::new(),
        totals: Vec::new(),
        across: Vec::new(),
        outputs: Vec::new(),
        brought: FxHashMap::default(),
        uses: FxHashMap::default(),
        logistic: FxHashMap::default(),
    };
    if let Some(columns) = found.columns.or_else(|| lowering.natural_columns(&members, entries)) {
        lowering.by_rows = true;
        lowering.columns = columns;
        lowering.rows = entries / columns;
        lowering.whole_rows = columns * lowering.lane.size() <= WHOLE_ROW;
        if lowering.whole_rows {
            lowering.tile_rows = (REGISTER / lowering.lane.size() / columns).clamp(1, lowering.rows);
        }
    }
    lowering.count_uses(&members);
    for &value in &members {
        lowering.value(value);
    }
    lowering.finish()
}

impl Lowering<'_, '_> {
    /// The length of the rows that operands repeat, where one is the same for all rows.
    fn natural_columns(&self, members: &[u32], entries: usize) -> Option<usize> {
        let mut columns: Option<usize> = None;
        for &value in members {
            for which in 0..self.fusion.instruction(value).inputs.len() {
                let steps = self.fusion.steps(value, which);
                if let [(length, 0 | 1), .., (_, 0 | 1)] = steps.as_slice()
                    && steps.len() == 2
                    && *length >= 8
                    && entries.is_multiple_of(*length)
                    && columns.is_none_or(|columns| *length < columns)
                {
                    columns = Some(*length);
                }
            }
        }
        columns
    }

    fn in_group(&self, base: u32) -> bool {
        self.fusion.class_in(base, self.group).is_some()
    }

    /// A view that an elementwise operation reads, if it is a value of the pass.
    fn internal(&self, value: u32, which: usize) -> Option<u32> {
        let base = self.fusion.operand(value, which).base;
        self.in_group(base).then_some(base)
    }

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

    /// What a logistic function is a function of (a value, seen at an offset that only slices have), and whether it is negated.
    fn logit(&self, value: u32) -> ((u32, usize), bool) {
        let operand = self.fusion.operand(value, 0);
        let instruction = self.fusion.instruction(operand.base);
        let key = |layout: &Layout, entries: usize| (layout.base, entries);
        let entries = self.fusion.instruction(value).shape.elements();
        if instruction.op == Op::Unary(Unary::Negate) && self.in_group(operand.base) {
            let inner = self.fusion.operand(operand.base, 0);
            if self.is_plain(inner) && self.is_plain(operand) {
                return (key(inner, entries), true);
            }
        }
        if self.is_plain(operand) {
            return (key(operand, entries), false);
        }
        // Another view: shared with nobody.
        ((value, usize::MAX), false)
    }

    fn is_plain(&self, layout: &Layout) -> bool {
        layout.offset == 0
            && layout.is_row_major()
            && self.fusion.instruction(layout.base).shape.elements() == layout.shape.elements()
    }

    fn is_stored(&self, value: u32) -> bool {
        let home = self.fusion.homes[value as usize];
        let own = matches!(home, Home::Pass(group, _) if self.fusion.group(group) == self.group);
        own && self.fusion.stored[value as usize]
    }

    /// Whether a comparison is computed by each choice that depends on it.
    fn is_absorbed_comparison(&self, value: u32) -> bool {
        let uses = self.uses.get(&value).copied().unwrap_or_default();
        matches!(self.fusion.instruction(value).op, Op::Binary(binary) if binary.is_comparison())
            && !self.is_one_hot(value)
            && !self.is_stored(value)
            && uses.all > 0
            && uses.as_condition == uses.all
            && self.fusion.class_in(value, self.group) == Some(Class::Full)
    }

    /// The comparison that makes a choice one of a single entry of each row, the others being 0.
    fn choice_of_one(&self, value: u32) -> Option<u32> {
        let instruction = self.fusion.instruction(value);
        let condition = (instruction.op == Op::Select).then(|| self.fusion.operand(value, 0))?;
        let whole = condition.offset == 0 && is_full(&self.fusion.steps(value, 0), self.rows * self.columns);
        let zero = matches!(self.fusion.instruction(self.fusion.operand(value, 2).base).op, Op::Constant(_));
        let full = self.fusion.class_in(value, self.group) == Some(Class::Full);
        (zero && whole && full && self.in_group(condition.base) && self.is_one_hot(condition.base))
            .then_some(condition.base)
    }

    fn is_one_hot(&self, value: u32) -> bool {
        let instruction = self.fusion.instruction(value);
        instruction.op == Op::Binary(Binary::Equal)
            && self.fusion.instruction(instruction.inputs[0]).dtype == DType::I64
            && self.fusion.one_hot(value).is_some()
    }

    /// Whether every use of a comparison with positions is a choice of one entry.
    fn is_absorbed_one_hot(&self, value: u32) -> bool {
        self.is_one_hot(value) && !self.is_stored(value) && {
            let group = &self.fusion.groups[self.group as usize];
            let users = || group.values.iter().chain(&group.repeated);
            let uses = |user: &&u32| {
                (0..self.fusion.instruction(**user).inputs.len())
                    .any(|which| self.fusion.operand(**user, which).base == value)
            };
            users().filter(uses).all(|&user| {
                self.choice_of_one(user) == Some(value) && {
                    let instruction = self.fusion.instruction(user);
                    (1..instruction.inputs.len()).all(|which| self.fusion.operand(user, which).base != value)
                }
            })
        }
    }

    /// The number of the index that a comparison with positions finds its numbers with.
    fn one_hot_index(&mut self, value: u32) -> u16 {
        let (numbers, _) = self.fusion.one_hot(value).expect("asked before");
        self.index(value, numbers, None)
    }

    /// Whether a value is 0 but for one entry of each row that is the same for the whole row: what is put there, and by which operand.
    fn is_placement(&self, value: u32) -> bool {
        match self.fusion.instruction(value).op {
            Op::ScatterAdd { .. } => true,
            Op::Select => self.choice_of_one(value).is_some() && self.is_row_number(value, 1),
            _ => false,
        }
    }

    /// Whether an operand of a full value has one number for each row, or one in all.
    fn is_row_number(&self, value: u32, which: usize) -> bool {
        let steps = self.fusion.steps(value, which);
        is_same(&steps) || is_row(&steps, self.rows * self.columns, self.columns)
    }

    /// What a placement puts into a row, and the index of where.
    fn placed(&mut self, value: u32) -> (Ref, u16) {
        match self.choice_of_one(value) {
            Some(one_hot) => {
                let number = self.operand(value, 1, Class::Full);
                (number, self.one_hot_index(one_hot))
            }
            None => {
                let number = self.operand(value, 0, Class::Row);
                (number, self.index(value, 1, Some("scatter_add")))
            }
        }
    }

    fn is_absorbed_negation(&self, value: u32) -> bool {
        let uses = self.uses.get(&value).copied().unwrap_or_default();
        uses.as_logit > 0 && uses.as_logit == uses.all && !self.is_stored(value)
    }

    /// Whether a product is computed by the sum over it, or a placement by the addition of it.
    fn is_absorbed_by_only_use(&self, value: u32) -> bool {
        !self.is_stored(value) && self.uses.get(&value).is_some_and(|uses| uses.all == 1)
    }

    /// Whether every use of a placement adds it to something or sums it along the row: then nobody needs it as such.
    fn is_absorbed_placement(&self, value: u32) -> bool {
        if self.is_stored(value) || !self.is_placement(value) {
            return false;
        }
        let group = &self.fusion.groups[self.group as usize];
        let absorbing = group.values.iter().chain(&group.repeated).filter(|&&user| {
            let count = self.fusion.instruction(user).inputs.len();
            let uses = (0..count).filter(|&which| self.fusion.operand(user, which).base == value).count();
            uses == 1 && (self.sums_row_of(user, value) || self.addition(user, value).is_some())
        });
        self.uses.get(&value).is_some_and(|uses| uses.all as usize == absorbing.count())
    }

    /// Makes the nodes of a value, and remembers what stands for it.
    fn value(&mut self, value: u32) {
        if self.is_absorbed_comparison(value) || self.is_absorbed_negation(value) || self.is_absorbed_one_hot(value) {
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
                if self.in_group(condition) && self.is_absorbed_comparison(condition) {
                    let Op::Binary(binary) = self.fusion.instruction(condition).op else {
                        unreachable!("a comparison")
                    };
                    let sides = [(condition, 0), (condition, 1), (value, 1), (value, 2)];
                    let [a, b, c, d] = sides.map(|(value, which)| self.even_operand(value, which, over));
                    // One of those compared is a tile, so that something says how many entries there are.
                    let a = if self.spread_of(b, over) == Spread::Tile { a } else { self.spread(a, over) };
                    self.node(Operation::CompareSelect(binary), smallvec![a, b, c, d], class)
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
                if self.is_stored(value) || !matches!(input, Ref::Node(_)) {
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
                self.pick(value, 0, index)
            }
            Op::ScatterAdd { .. } => {
                let (number, index) = self.placed(value);
                self.node(Operation::Place(index), smallvec![number], Class::Full)
            }
            _ => unreachable!("only operations that passes can compute are put into one"),
        };
        self.values.insert(value, made);
        if self.is_stored(value) {
            self.store(value, made, class);
        }
    }

    /// The entry that a choice of one entry of each row chooses.
    fn picked(&mut self, value: u32) -> Ref {
        let one_hot = self.choice_of_one(value).expect("it is one");
        let index = self.one_hot_index(one_hot);
        self.pick(value, 1, index)
    }

    /// The entry of each row of an operand that an index names, 0 if it names none.
    fn pick(&mut self, value: u32, which: usize, index: u16) -> Ref {
        let base = self.fusion.operand(value, which).base;
        if let Some((binary, full)) = self.shifted_memory(base) {
            // Of a difference, say, between memory and one number for each row only the entry is computed.
            let input = self.tile_operand(base, full, Class::Full);
            let pick = self.push(Operation::Pick(index), smallvec![input], Stage::Sweep, 0, Holds::PerRow);
            let number = self.operand(base, 1 - full, Class::Full);
            let inputs = if full == 0 { [Ref::Node(pick), number] } else { [number, Ref::Node(pick)] };
            let made = self.node(Operation::Binary(binary), inputs.into_iter().collect(), Class::Row);
            return self.node(Operation::WithinRow(index), smallvec![made], Class::Row);
        }
        let input = self.tile_operand(value, which, Class::Full);
        let phase = self.phase_of(input);
        Ref::Node(self.push(Operation::Pick(index), smallvec![input], Stage::Sweep, phase, Holds::PerRow))
    }

    /// The operation, and which operand is in memory, if a value combines memory with one number for each row.
    fn shifted_memory(&self, value: u32) -> Option<(Binary, usize)> {
        let Op::Binary(binary) = self.fusion.instruction(value).op else { return None };
        let simple = matches!(binary, Binary::Add | Binary::Subtract | Binary::Multiply);
        if !simple || !self.in_group(value) || self.fusion.class_in(value, self.group) != Some(Class::Full) {
            return None;
        }
        let in_memory = |which: usize| {
            let layout = self.fusion.operand(value, which);
            !self.in_group(layout.base)
                && self.fusion.instruction(layout.base).dtype == self.lane
                && is_full(&self.fusion.steps(value, which), self.rows * self.columns)
        };
        (0..2).find(|&which| in_memory(which) && self.is_row_number(value, 1 - which)).map(|which| (binary, which))
    }

    /// Whether the only use of a value is to be summed along the row.
    fn is_summed(&self, value: u32) -> bool {
        let group = &self.fusion.groups[self.group as usize];
        group.values.iter().any(|&user| self.sums_row_of(user, value))
    }

    fn sums_row_of(&self, user: u32, value: u32) -> bool {
        let instruction = self.fusion.instruction(user);
        matches!(instruction.op, Op::Reduce(Reduction::Sum, _))
            && self.fusion.operand(user, 0).base == value
            && matches!(self.fusion.extent(user), (_, Some(Scope::Row(_))))
    }

    /// The other operand, where `user` adds the placement `value` to it, or subtracts it.
    fn addition(&self, user: u32, value: u32) -> Option<usize> {
        let sides = match self.fusion.instruction(user).op {
            Op::Binary(Binary::Add) => 0..2,
            Op::Binary(Binary::Subtract) => 1..2,
            _ => return None,
        };
        let which = sides.into_iter().find(|&which| self.fusion.operand(user, which).base == value)?;
        let other = self.internal(user, 1 - which)?;
        (!self.is_placement(other) && self.fusion.class_in(other, self.group) == Some(Class::Full)).then_some(1 - which)
    }

    fn is_shared_logistic(&self, value: u32) -> bool {
        self.logistic.contains_key(&self.logit(value).0)
    }

    /// All logistic functions of one logit, when the first of them is met.
    fn logistic(&mut self, value: u32, over: Class, class: Class) -> Ref {
        let (key, _) = self.logit(value);
        let members = self.logistic[&key].clone();
        if members[0] != value {
            return self.values[&value];
        }
        // The one that is not negated knows the logit; else look through the negation.
        let negation = self.fusion.operand(value, 0).base;
        let (of, which) = if self.logit(value).1 { (negation, 0) } else { (value, 0) };
        let input = self.tile_operand(of, which, over);
        let mut kinds = LogisticKinds::default();
        let mut found: SmallVec<[(usize, u32); 4]> = SmallVec::new();
        for member in members {
            let negated = self.logit(member).1;
            let softplus = self.fusion.instruction(member).op == Op::Unary(Unary::Softplus);
            let (flag, rank) = match (softplus, negated) {
                (true, false) => (&mut kinds.softplus, 0),
                (true, true) => (&mut kinds.softplus_of_negative, 1),
                (false, false) => (&mut kinds.sigmoid, 2),
                (false, true) => (&mut kinds.sigmoid_of_negative, 3),
            };
            *flag = true;
            found.push((rank, member));
        }
        found.sort_unstable();
        let head = self.node(Operation::Logistic(kinds), smallvec![input], class);
        let Ref::Node(head) = head else { unreachable!("a new node") };
        let mut last: Option<(usize, Ref)> = None;
        for (rank, member) in found {
            // Views of one logit in several shapes have one result.
            let result = match last {
                Some((same, result)) if same == rank => result,
                _ => {
                    let result = self.node(Operation::Copy, smallvec![Ref::Node(head)], class);
                    let Ref::Node(node) = result else { unreachable!("a new node") };
                    self.nodes[node as usize].silent = true;
                    self.nodes[head as usize].results.push(node);
                    result
                }
            };
            last = Some((rank, result));
            self.values.insert(member, result);
        }
        // The results have registers; the node that computes them has none.
        self.nodes[head as usize].holds = Holds::Nothing;
        self.values[&value]
    }

    fn binary(&mut self, value: u32, binary: Binary, over: Class, class: Class) -> Ref {
        if matches!(binary, Binary::Add | Binary::Subtract) && class == Class::Full {
            for which in 0..2 {
                let Some(placed) = self.internal(value, which) else { continue };
                let absorbed = self.is_absorbed_placement(placed);
                if absorbed && self.addition(value, placed).is_some() {
                    let other = self.tile_operand(value, 1 - which, over);
                    let (mut number, index) = self.placed(placed);
                    if binary == Binary::Subtract {
                        let one = self.spread_of(number, Class::Row) == Spread::Same;
                        let each = if one { self.spread(number, Class::Row) } else { number };
                        number = self.node(Operation::Unary(Unary::Negate), smallvec![each], Class::Row);
                    }
                    let made = self.node(Operation::AddPlaced(index), smallvec![other, number], class);
                    self.change_in_place(value, 1 - which, other, made);
                    return made;
                }
            }
        }
        if let Some(pair) = self.pair(value, binary, over, class) {
            return pair;
        }
        let a = self.operand(value, 0, over);
        let b = self.operand(value, 1, over);
        let spread = |this: &Self, r: Ref| this.spread_of(r, over);
        // One side may be a number for each row; otherwise both are tiles.
        let (a, b) = match (spread(self, a), spread(self, b)) {
            (Spread::Tile, _) | (_, Spread::Tile) => (a, b),
            _ => (self.spread(a, over), b),
        };
        self.node(Operation::Binary(binary), smallvec![a, b], class)
    }

    /// An operation together with the one that made one of its operands, if nobody else needs that.
    fn pair(&mut self, value: u32, second: Binary, over: Class, class: Class) -> Option<Ref> {
        let joins = |binary: Binary| matches!(binary, Binary::Add | Binary::Subtract | Binary::Multiply);
        if !joins(second) || class != Class::Full {
            return None;
        }
        for which in [0, 1] {
            let Some(base) = self.internal(value, which) else { continue };
            let Some(&Ref::Node(inner)) = self.values.get(&base) else { continue };
            let node = &self.nodes[inner as usize];
            let Operation::Binary(first) = node.operation else { continue };
            if !joins(first) || !self.is_absorbed_by_only_use(base) || node.stage != Stage::Sweep || node.silent {
                continue;
            }
            let mut inputs = node.inputs.clone();
            let other = self.operand(value, 1 - which, over);
            inputs.push(other);
            // Entries, or one number for all.
            let spreads: SmallVec<[Spread; 4]> = inputs.iter().map(|&input| self.spread_of(input, over)).collect();
            let tiles = spreads.iter().filter(|&&spread| spread == Spread::Tile).count();
            if spreads.contains(&Spread::PerRow) || tiles == 0 {
                continue;
            }
            self.nodes[inner as usize].silent = true;
            let pair = Pair { first, second, on_the_right: which == 1 };
            return Some(self.node(Operation::Pair(pair), inputs, class));
        }
        None
    }

    /// Lets a node write over its first input, if nobody else needs that.
    fn change_in_place(&mut self, value: u32, which: usize, input: Ref, made: Ref) {
        let (Ref::Node(input), Ref::Node(made)) = (input, made) else { return };
        let base = self.fusion.operand(value, which).base;
        let only = self.uses.get(&base).is_some_and(|uses| uses.all == 1) && !self.is_stored(base);
        let node = &self.nodes[input as usize];
        let computed = !matches!(node.operation, Operation::Load(_) | Operation::Spread) && !node.silent;
        if only && computed && node.stage == Stage::Sweep && node.phase == self.nodes[made as usize].phase {
            self.nodes[made as usize].in_place_of = Some(input);
        }
    }

    fn reduce(&mut self, value: u32, reduction: Reduction, scope: Scope, over: Class) {
        let base = self.fusion.operand(value, 0).base;
        // The sum of a row with one entry is that entry.
        let single = reduction == Reduction::Sum && matches!(scope, Scope::Row(_)) && self.in_group(base);
        let absorbed = self.is_absorbed_placement(base) || self.is_absorbed_by_only_use(base);
        if single && self.choice_of_one(base).is_some() && absorbed {
            let made = if self.is_placement(base) {
                let (number, index) = self.placed(base);
                self.node(Operation::WithinRow(index), smallvec![number], Class::Row)
            } else {
                self.picked(base)
            };
            self.values.insert(value, made);
            if self.is_stored(value) {
                self.store(value, made, Class::Row);
            }
            return;
        }
        let mut inputs: SmallVec<[Ref; 4]> = smallvec![];
        // A sum of products needs no register for the products.
        if reduction == Reduction::Sum
            && !matches!(scope, Scope::Across(_))
            && self.in_group(base)
            && self.is_absorbed_by_only_use(base)
            && let Some(Ref::Node(product)) = self.values.get(&base).copied()
        {
            let factors = self.nodes[product as usize].inputs.clone();
            let multiplies = self.nodes[product as usize].operation == Operation::Binary(Binary::Multiply);
            if multiplies && factors.iter().all(|&factor| self.spread_of(factor, over) == Spread::Tile) {
                self.nodes[product as usize].silent = true;
                inputs = factors;
            }
        }
        let dot = inputs.len() == 2;
        if !dot {
            inputs = smallvec![self.tile_operand(value, 0, over)];
        }
        let phase = inputs.iter().map(|&input| self.phase_of(input)).max().unwrap_or(0);
        let stage = if over == Class::Row { Stage::Rows } else { Stage::Sweep };
        match scope {
            Scope::Row(_) => {
                let accumulator = self.row_sums.len() as u16;
                self.row_sums.push(reduction);
                let operation =
                    if dot { Operation::DotRow(accumulator) } else { Operation::ReduceRow(reduction, accumulator) };
                let made = if self.whole_rows {
                    self.push(operation, inputs, Stage::Sweep, phase, Holds::PerRow)
                } else {
                    self.push(operation, inputs, Stage::Sweep, phase, Holds::Nothing);
                    self.push(Operation::FinishRow(accumulator), smallvec![], Stage::Rows, phase + 1, Holds::PerRow)
                };
                self.values.insert(value, Ref::Node(made));
                if self.is_stored(value) {
                    self.store(value, Ref::Node(made), Class::Row);
                }
            }
            Scope::Everything => {
                let total = self.totals.len() as u16;
                let dtype = self.fusion.instruction(value).dtype;
                self.totals.push(Total { reduction, value, dtype });
                let operation = if dot { Operation::DotTotal(total) } else { Operation::ReduceTotal(total) };
                self.push(operation, inputs, stage, phase, Holds::Nothing);
            }
            Scope::Across(_) => {
                let number = self.across.len() as u16;
                let across = self.across_rows(value, reduction);
                self.across.push(across);
                self.push(Operation::Across(number), inputs, Stage::Sweep, phase, Holds::Nothing);
            }
        }
    }

    /// Where the rows of a reduction across rows go.
    fn across_rows(&self, value: u32, reduction: Reduction) -> Across {
        let instruction = self.fusion.instruction(value);
        let Op::Reduce(_, axes) = &instruction.op else { unreachable!("a reduction") };
        let shape = &self.fusion.instruction(instruction.inputs[0]).shape;
        let strides = instruction.shape.strides();
        let mut place: SmallVec<[(usize, usize, usize); 2]> = SmallVec::new();
        let (mut inner, mut divisor) = (1, 1);
        for axis in (0..shape.rank()).rev() {
            if inner < self.columns {
                inner *= shape[axis];
                continue;
            }
            if !axes.contains(&axis) && shape[axis] != 1 {
                place.push((divisor, shape[axis], strides[axis] as usize));
            }
            divisor *= shape[axis];
        }
        Across { reduction, value, dtype: instruction.dtype, length: instruction.shape.elements(), place }
    }

    fn index(&mut self, value: u32, which: usize, operation: Option<&'static str>) -> u16 {
        let layout = self.fusion.operand(value, which);
        let origin = self.fusion.program.origins[value as usize];
        self.indices.push(Index { value: layout.base, offset: layout.offset, origin, operation });
        self.indices.len() as u16 - 1
    }

    fn store(&mut self, value: u32, made: Ref, class: Class) {
        let Output { dtype, length, .. } = Output {
            value,
            dtype: self.fusion.instruction(value).dtype,
            length: self.fusion.instruction(value).shape.elements(),
        };
        let output = self.outputs.len() as u16;
        self.outputs.push(Output { value, dtype, length });
        let Ref::Node(mut node) = made else { unreachable!("what is stored has a node") };
        if dtype == self.lane {
            let kept = &self.nodes[node as usize];
            if kept.stage == Stage::Prologue || kept.output.is_some() {
                // Two values of one number: each has a place of its own.
                let Ref::Node(copy) = self.node(Operation::Copy, smallvec![made], class) else {
                    unreachable!("a new node")
                };
                node = copy;
            }
            let advance = if class == Class::Row { Advance::Row } else { Advance::Full };
            self.memory.push(Memory { source: Source::Output(output), advance });
            self.nodes[node as usize].output = Some(self.memory.len() as u16 - 1);
        } else {
            let phase = self.nodes[node as usize].phase;
            let stage = if class == Class::Row { Stage::Rows } else { Stage::Sweep };
            self.push(Operation::Store(output), smallvec![made], stage, phase, Holds::Nothing);
        }
    }

    /// A node of the given class, as early as its inputs allow.
    fn node(&mut self, operation: Operation, inputs: SmallVec<[Ref; 4]>, class: Class) -> Ref {
        let phase = inputs.iter().map(|&input| self.phase_of(input)).max().unwrap_or(0);
        let (stage, holds) =
            if class == Class::Row { (Stage::Rows, Holds::PerRow) } else { (Stage::Sweep, Holds::Tile) };
        Ref::Node(self.push(operation, inputs, stage, phase, holds))
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
        self.nodes.push(Node { operation, inputs, stage, phase, holds, silent, results, output, in_place_of });
        self.nodes.len() as u32 - 1
    }

    /// The first phase in which a node can be used.
    fn phase_of(&self, reference: Ref) -> u32 {
        match reference {
            Ref::Node(node) => {
                let node = &self.nodes[node as usize];
                // What is gathered while a row is walked through is there for the next walk.
                node.phase + u32::from(node.stage == Stage::Sweep && node.holds == Holds::PerRow)
            }
            Ref::Memory(..) => 0,
        }
    }

    /// How an operand spreads over the entries of a loop over `over`.
    fn spread_of(&self, reference: Ref, over: Class) -> Spread {
        match reference {
            Ref::Memory(_, spread) => spread,
            Ref::Node(node) => match self.nodes[node as usize].holds {
                Holds::One => Spread::Same,
                Holds::PerRow if over != Class::Row => Spread::PerRow,
                Holds::PerRow | Holds::Tile => Spread::Tile,
                Holds::Nothing => unreachable!("nobody reads what is not kept"),
            },
        }
    }

    /// An operand with one entry for each entry of the loop.
    fn tile_operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
        let operand = self.operand(value, which, over);
        self.spread(operand, over)
    }

    /// An operand with one entry for each entry of the loop, or one number for all.
    fn even_operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
        let operand = self.operand(value, which, over);
        if self.spread_of(operand, over) == Spread::PerRow { self.spread(operand, over) } else { operand }
    }

    fn spread(&mut self, operand: Ref, over: Class) -> Ref {
        let spread = self.spread_of(operand, over);
        if spread == Spread::Tile {
            return operand;
        }
        if let Some(&node) = self.brought.get(&Brought::Spread(operand)) {
            return Ref::Node(node);
        }
        let stage = if spread == Spread::Same { Stage::Prologue } else { Stage::Sweep };
        let phase = if spread == Spread::Same { 0 } else { self.phase_of(operand) };
        let node = self.push(Operation::Spread, smallvec![operand], stage, phase, Holds::Tile);
        self.brought.insert(Brought::Spread(operand), node);
        Ref::Node(node)
    }

    /// What stands for an operand of a value, as it lies.
    fn operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
        let layout = self.fusion.copy_layout(value).unwrap_or_else(|| self.fusion.operand(value, which).clone());
        if self.in_group(layout.base) {
            return self.values[&layout.base];
        }
        let steps = self.fusion.steps(value, which);
        let entries = if over == Class::Row { self.rows } else { self.rows * self.columns };
        let direct = self.fusion.instruction(layout.base).dtype == self.lane;
        let source = Source::Input(layout.base, layout.offset);
        let by_rows = self.by_rows && over == Class::Full;
        let found = if is_same(&steps) {
            Some((Advance::Fixed, Spread::Same))
        } else if is_full(&steps, entries) {
            Some((if over == Class::Row { Advance::Row } else { Advance::Full }, Spread::Tile))
        } else if by_rows && is_row(&steps, entries, self.columns) {
            Some((Advance::Row, Spread::PerRow))
        } else if by_rows && steps.as_slice() == [(self.columns, 1), (self.rows, 0)] {
            Some((Advance::Column, Spread::Tile))
        } else {
            None
        };
        match found {
            Some((Advance::Column, _)) if direct && self.tile_rows == 1 => {
                self.memory_ref(source, Advance::Column, Spread::Tile)
            }
            Some((advance, spread)) if direct && advance != Advance::Column => self.memory_ref(source, advance, spread),
            Some((Advance::Fixed, _)) => self.load(&layout, steps, Advance::Fixed, Stage::Prologue, Holds::One),
            // Repeated for each row of the tile, once.
            Some((Advance::Column, _)) if self.tile_rows > 1 => {
                self.load(&layout, steps, Advance::Fixed, Stage::Prologue, Holds::Tile)
            }
            _ if over == Class::Row => self.load(&layout, steps, Advance::Row, Stage::Rows, Holds::PerRow),
            _ => self.load(&layout, steps, Advance::Full, Stage::Sweep, Holds::Tile),
        }
    }

    fn memory_ref(&mut self, source: Source, advance: Advance, spread: Spread) -> Ref {
        let memory = Memory { source, advance };
        let at = self.memory.iter().position(|known| *known == memory).unwrap_or_else(|| {
            self.memory.push(memory);
            self.memory.len() - 1
        });
        Ref::Memory(at as u16, spread)
    }

    fn load(&mut self, layout: &Layout, steps: Steps, advance: Advance, stage: Stage, holds: Holds) -> Ref {
        let load = Load { value: layout.base, dtype: layout.dtype, offset: layout.offset, steps, advance };
        let at = self.loads.iter().position(|known| *known == load).unwrap_or_else(|| {
            self.loads.push(load);
            self.loads.len() - 1
        });
        let key = Brought::Load(at as u16, stage == Stage::Rows);
        if let Some(&node) = self.brought.get(&key) {
            return Ref::Node(node);
        }
        let node = self.push(Operation::Load(at as u16), smallvec![], stage, 0, holds);
        self.brought.insert(key, node);
        Ref::Node(node)
    }
}
