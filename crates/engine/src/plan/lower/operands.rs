//! What stands for an operand: memory read as it lies, a load, or a number spread over the entries of the loop.

use smallvec::{SmallVec, smallvec};

use crate::op::Op;
use crate::plan::fuse::{Class, Home, is_full, is_row, is_same};
use crate::plan::lookup::Lookup;
use crate::plan::lower::{Brought, Holds, Lowering, Ref, Stage, short};
use crate::plan::pass::{Advance, Assembly, Index, Load, Memory, Operation, Piece, Source, Spread};
use crate::plan::views::{Layout, Steps, by_rows};

/// To start a shorter row takes longer than to bring its entries.
const LEAST_EVEN: usize = 32;

impl Lowering<'_, '_> {
    /// The length of the rows that operands repeat, where one is the same for all rows.
    pub(super) fn natural_columns(&self, members: &[u32], entries: usize) -> Option<usize> {
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

    /// The length of rows along which each operand that has to be brought lies evenly, so that generated code reads all where they lie.
    pub(super) fn even_columns(&self, members: &[u32], entries: usize) -> Option<usize> {
        let (mut strided, mut assembled, mut runs): (Vec<Steps>, Vec<u32>, Vec<usize>) = Default::default();
        for &value in members {
            let (extent, _) = self.fusion.extent(value);
            if self.fusion.assembled[value as usize] {
                if extent == entries {
                    assembled.push(value);
                }
                continue;
            }
            if let Op::Gather { axis } = self.fusion.instruction(value).op
                && self.fusion.looked_up[value as usize]
            {
                if extent == entries {
                    runs.push(self.looked_up(value, axis, Advance::Full).run);
                }
                continue;
            }
            for which in 0..self.fusion.instruction(value).inputs.len() {
                let steps = self.fusion.steps(value, which);
                let is_brought = !self.in_group(self.fusion.operand(value, which).base) && extent == entries;
                if is_brought && !is_same(&steps) && !is_full(&steps, entries) && !strided.contains(&steps) {
                    strided.push(steps);
                }
            }
        }
        let last = |&value: &u32| self.fusion.instruction(value).shape.iter().rfind(|&&size| size != 1).copied();
        let lengths = strided.iter().map(|steps| steps[0].0).chain(assembled.iter().filter_map(last));
        let columns = lengths.chain(runs.iter().copied()).min()?;
        let even = |steps: &Steps| matches!(by_rows(steps, columns), Some((0 | 1, _)));
        let has_rows = |&value: &u32| self.pieces(value).iter().all(|piece| piece.has_rows(columns));
        let all = entries.is_multiple_of(columns)
            && strided.iter().all(even)
            && assembled.iter().all(has_rows)
            && runs.iter().all(|run| run.is_multiple_of(columns));
        (columns >= LEAST_EVEN && all).then_some(columns)
    }

    pub(super) fn in_group(&self, base: u32) -> bool {
        self.fusion.class_in(base, self.group).is_some()
    }

    /// A view that an elementwise operation reads, if it is a value of the pass.
    pub(super) fn internal(&self, value: u32, which: usize) -> Option<u32> {
        let base = self.fusion.operand(value, which).base;
        self.in_group(base).then_some(base)
    }

    pub(super) fn is_plain(&self, layout: &Layout) -> bool {
        layout.offset == 0
            && layout.is_row_major()
            && self.fusion.instruction(layout.base).shape.elements() == layout.shape.elements()
    }

    pub(super) fn is_stored(&self, value: u32) -> bool {
        let home = self.fusion.homes[value as usize];
        let own = matches!(home, Home::Pass(group, _) if self.fusion.group(group) == self.group);
        own && self.fusion.stored[value as usize]
    }

    /// Whether an operand of a full value has one number for each row, or one in all.
    pub(super) fn is_row_number(&self, value: u32, which: usize) -> bool {
        let steps = self.fusion.steps(value, which);
        is_same(&steps) || is_row(&steps, self.rows * self.columns, self.columns)
    }

    pub(super) fn index(&mut self, value: u32, which: usize, operation: Option<&'static str>) -> u16 {
        let layout = self.fusion.operand(value, which);
        let origin = self.fusion.program.origins[value as usize];
        self.indices.push(Index { value: layout.base, offset: layout.offset, origin, operation });
        short(self.indices.len() - 1)
    }

    /// The first phase in which a node can be used.
    pub(super) fn phase_of(&self, reference: Ref) -> u32 {
        match reference {
            Ref::Lowered(node) => {
                let node = &self.nodes[node as usize];
                // What is gathered while a row is walked through is there for the next walk.
                node.phase + u32::from(node.stage == Stage::Sweep && node.holds == Holds::PerRow)
            }
            Ref::Memory(..) => 0,
        }
    }

    /// How an operand spreads over the entries of a loop over `over`.
    pub(super) fn spread_of(&self, reference: Ref, over: Class) -> Spread {
        match reference {
            Ref::Memory(_, spread) => spread,
            Ref::Lowered(node) => match self.nodes[node as usize].holds {
                Holds::One => Spread::Same,
                Holds::PerRow if over != Class::Row => Spread::PerRow,
                Holds::PerRow | Holds::Tile => Spread::Tile,
                Holds::Nothing => unreachable!("nobody reads what is not kept"),
            },
        }
    }

    /// An operand with one entry for each entry of the loop.
    pub(super) fn tile_operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
        let operand = self.operand(value, which, over);
        self.spread(operand, over)
    }

    /// An operand with one entry for each entry of the loop, or one number for all.
    pub(super) fn even_operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
        let operand = self.operand(value, which, over);
        if self.spread_of(operand, over) == Spread::PerRow { self.spread(operand, over) } else { operand }
    }

    pub(super) fn spread(&mut self, operand: Ref, over: Class) -> Ref {
        let spread = self.spread_of(operand, over);
        if spread == Spread::Tile {
            return operand;
        }
        if let Some(&node) = self.brought.get(&Brought::Spread(operand)) {
            return Ref::Lowered(node);
        }
        let stage = if spread == Spread::Same { Stage::Prologue } else { Stage::Sweep };
        let phase = if spread == Spread::Same { 0 } else { self.phase_of(operand) };
        let node = self.push(Operation::Spread, smallvec![operand], stage, phase, Holds::Tile);
        self.brought.insert(Brought::Spread(operand), node);
        Ref::Lowered(node)
    }

    /// What stands for an operand of a value, as it lies.
    pub(super) fn operand(&mut self, value: u32, which: usize, over: Class) -> Ref {
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
        Ref::Memory(self.memory.number(Memory { source, advance }), spread)
    }

    /// What puts a value together from its pieces.
    pub(super) fn assembly(&mut self, value: u32, over: Class, class: Class) -> Ref {
        let shape = &self.fusion.instruction(value).shape;
        let pieces = self.pieces(value);
        let covered: usize = pieces.iter().map(Piece::entries).sum();
        let advance = if over == Class::Row { Advance::Row } else { Advance::Full };
        let number = self.assemblies.number(Assembly { is_covered: covered == shape.elements(), pieces, advance });
        self.node(Operation::Assemble(number), smallvec![], class)
    }

    fn pieces(&self, value: u32) -> SmallVec<[Piece; 1]> {
        let shape = &self.fusion.instruction(value).shape;
        let place = |(which, starts): (usize, Vec<usize>)| Piece::of(self.fusion.operand(value, which), &starts, shape);
        self.fusion.pieces(value).into_iter().map(place).collect()
    }

    /// What brings the entries of a value that indices name.
    pub(super) fn lookup(&mut self, value: u32, axis: usize, over: Class, class: Class) -> Ref {
        let advance = if over == Class::Row { Advance::Row } else { Advance::Full };
        let lookup = self.looked_up(value, axis, advance);
        let number = self.lookups.number(lookup);
        self.node(Operation::LookUp(number), smallvec![], class)
    }

    fn looked_up(&self, value: u32, axis: usize, advance: Advance) -> Lookup {
        let [table, index] = [0, 1].map(|which| self.fusion.operand(value, which));
        let origin = self.fusion.program.origins[value as usize];
        Lookup::of(table, index, axis, &self.fusion.instruction(value).shape, (origin, advance))
    }

    fn load(&mut self, layout: &Layout, steps: Steps, advance: Advance, stage: Stage, holds: Holds) -> Ref {
        let load = Load { value: layout.base, dtype: layout.dtype, offset: layout.offset, steps, advance };
        let number = self.loads.number(load);
        let key = Brought::Load(number, stage == Stage::Rows);
        if let Some(&node) = self.brought.get(&key) {
            return Ref::Lowered(node);
        }
        let node = self.push(Operation::Load(number), smallvec![], stage, 0, holds);
        self.brought.insert(key, node);
        Ref::Lowered(node)
    }
}
