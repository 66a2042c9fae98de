//! The order of a pass's instructions and the places of their operands.

use smallvec::{SmallVec, smallvec};

use crate::op::Reduction;
use crate::plan::blocks::{Cut, Uncut, weight};
use crate::plan::lower::{Holds, Lowered, Lowering, Ref, Stage};
use crate::plan::pass::{Operation, Pass, Phase, Spread, TileInstruction};
use crate::plan::registers::{Allocation, RegisterSizes, Registers};

/// The bytes of a register where instructions are interpreted: each reads what the one before has written, near the processor.
pub(super) const REGISTER: usize = 8192;
/// The same where code keeps in the processor what is within a walk: what is made of sums of rows is then computed for more rows at a time.
const WALK: usize = 32768;
/// Registers and tiles begin at multiples of so many entries.
const PADDING: usize = 16;

/// An instruction whose operands have spots.
struct Placed {
    operation: Operation,
    inputs: SmallVec<[(Allocation, Spread); 4]>,
    outputs: SmallVec<[(Allocation, Spread); 4]>,
}

#[derive(Default)]
struct PlacedPhase {
    full: Vec<Placed>,
    rows: Vec<Placed>,
}

struct Scheduler<'a> {
    nodes: &'a [Lowered],
    /// Rows that do not fit into a tile are walked through again in each phase.
    whole_rows: bool,
    spots: Vec<Option<Allocation>>,
    /// The position of the last use of each node, in the schedule.
    last_use: Vec<usize>,
    /// The phase of the last use.
    last_phase: Vec<u32>,
    tiles: Registers,
    rows: Registers,
    carried: Registers,
}

impl Lowering<'_, '_> {
    pub(super) fn finish(self) -> Pass {
        let count = self.nodes.len();
        let mut scheduler = Scheduler {
            nodes: &self.nodes,
            whole_rows: self.whole_rows || !self.by_rows,
            spots: vec![None; count],
            last_use: vec![0; count],
            last_phase: vec![0; count],
            tiles: Registers::default(),
            rows: Registers::default(),
            carried: Registers::default(),
        };
        let order = scheduler.order();
        scheduler.find_last_uses(&order);
        let (prologue, phases) = scheduler.assign(&order);

        let (tiles, rows, carried) = (scheduler.tiles.count, scheduler.rows.count, scheduler.carried.count);
        let element = self.lane.size();
        // What code computes in a walk needs no tile; one is for what is kept from walk to walk.
        let generated = |has_code: fn(Operation) -> bool, node: &Lowered| match node.operation {
            _ if node.stage != Stage::Sweep => true,
            Operation::Load(number) => {
                let load = &self.loads.list()[number as usize];
                let truths = self.machine.reads_truths && load.has_rows_of_truths(self.columns);
                self.by_rows && load.has_rows(self.lane, self.columns) || truths
            }
            Operation::Assemble(number) => {
                self.by_rows && self.assemblies.list()[number as usize].has_rows(self.columns)
            }
            Operation::LookUp(number) => self.by_rows && self.lookups.list()[number as usize].has_rows(self.columns),
            Operation::Pick(_) | Operation::Place(_) | Operation::AddPlaced(_) => true,
            Operation::Across(number) => self.across[number as usize].reduction == Reduction::Sum,
            operation => has_code(operation),
        };
        let all_generated = self
            .machine
            .has_code
            .is_some_and(|has_code| self.nodes.iter().all(|node| node.silent || generated(has_code, node)));
        let fits = if all_generated { WALK } else { REGISTER } / element;
        let (tile_rows, tile_columns) = if !self.by_rows {
            (1, fits.min(self.columns))
        } else if self.whole_rows && self.tile_rows > 1 {
            ((fits / self.columns).clamp(1, self.rows), self.columns)
        } else if self.whole_rows {
            (1, self.columns)
        } else {
            (1, fits)
        };
        let work = |node: &Lowered| match node.stage {
            _ if node.silent => 0,
            Stage::Prologue => 0,
            Stage::Rows => weight(node.operation).saturating_mul(self.rows),
            Stage::Sweep => weight(node.operation).saturating_mul(self.rows * self.columns),
        };
        let uncut = Uncut {
            entries: self.rows * self.columns,
            slow: self.nodes.iter().map(work).fold(0, usize::saturating_add),
            accumulated: self.across.iter().fold(0, |sum, across| sum.saturating_add(across.length)),
            extent: if self.by_rows { self.rows } else { self.columns },
            tile: if self.by_rows { tile_rows } else { tile_columns },
            unit: if self.by_rows { 1 } else { PADDING },
        };
        let Cut { tile, block } = uncut.cut();
        let (tile_rows, tile_columns) = if self.by_rows { (tile, tile_columns) } else { (1, tile) };
        let padded = |length: usize| length.next_multiple_of(PADDING) + PADDING;
        let tile = padded(tile_rows * tile_columns);
        let row = padded(tile_rows);
        let rows_start = tiles as usize * tile;
        let sizes = RegisterSizes {
            tile,
            row,
            carried: padded(self.columns),
            rows_start,
            carried_start: rows_start + rows as usize * row,
        };
        let place = |placed: Placed| TileInstruction {
            operation: placed.operation,
            inputs: placed.inputs.into_iter().map(|(spot, spread)| sizes.place(spot, spread)).collect(),
            outputs: placed.outputs.into_iter().map(|(spot, spread)| sizes.place(spot, spread)).collect(),
        };
        let all = |list: Vec<Placed>| list.into_iter().map(place).collect::<Vec<_>>();

        Pass {
            lane: self.lane,
            rows: self.rows,
            columns: self.columns,
            tile_rows,
            tile_columns,
            by_rows: self.by_rows,
            block,
            blocks: uncut.extent.div_ceil(block),
            memory: self.memory.into_list(),
            loads: self.loads.into_list(),
            assemblies: self.assemblies.into_list(),
            lookups: self.lookups.into_list(),
            indices: self.indices,
            prologue: all(prologue),
            phases: phases.into_iter().map(|phase| Phase { full: all(phase.full), rows: all(phase.rows) }).collect(),
            // More than there is, of rows that are too long: refused when it is asked for.
            scratch: (carried as usize).saturating_mul(sizes.carried).saturating_add(sizes.carried_start),
            carried: sizes.carried_start,
            row_sums: self.row_sums,
            totals: self.totals,
            across: self.across,
            outputs: self.outputs,
        }
    }
}

impl Scheduler<'_> {
    /// All nodes in the order they are computed in.
    fn order(&self) -> Vec<u32> {
        let mut order: Vec<u32> =
            (0..self.nodes.len() as u32).filter(|&node| !self.nodes[node as usize].silent).collect();
        order.sort_by_key(|&node| {
            let Lowered { stage, phase, .. } = self.nodes[node as usize];
            match stage {
                Stage::Prologue => (0, 0),
                Stage::Rows => (phase + 1, 0),
                Stage::Sweep => (phase + 1, 1),
            }
        });
        order
    }

    fn find_last_uses(&mut self, order: &[u32]) {
        for (position, &node) in order.iter().enumerate() {
            let user = &self.nodes[node as usize];
            for &input in &user.inputs {
                if let Ref::Lowered(input) = input {
                    self.last_use[input as usize] = position;
                    // What is done for the rows of a phase comes after the walk of the phase before.
                    let phase = if user.stage == Stage::Sweep { user.phase } else { user.phase.saturating_sub(1) };
                    self.last_phase[input as usize] = self.last_phase[input as usize].max(phase);
                }
            }
        }
        // What is brought again in a later phase needs its own input as long.
        for &node in order.iter().rev() {
            if !self.is_brought(node) {
                continue;
            }
            for &input in &self.nodes[node as usize].inputs {
                if let Ref::Lowered(input) = input {
                    let last_use = self.last_use[node as usize];
                    self.last_use[input as usize] = self.last_use[input as usize].max(last_use);
                }
            }
        }
    }

    /// Whether a node only brings something into a register, and can do so again.
    fn is_brought(&self, node: u32) -> bool {
        matches!(self.nodes[node as usize].operation, Operation::Load(_) | Operation::Spread)
            && self.nodes[node as usize].stage == Stage::Sweep
    }

    /// A spot for what a node computes.
    fn spot_for(&mut self, node: u32) -> Allocation {
        let Lowered { stage, phase, holds, output, .. } = self.nodes[node as usize];
        if let Some(memory) = output {
            return Allocation::Memory(memory);
        }
        match holds {
            Holds::Tile => {
                let outlives = !self.whole_rows && stage == Stage::Sweep && self.last_phase[node as usize] > phase;
                if outlives && !self.is_brought(node) {
                    Allocation::Carried(self.carried.take())
                } else {
                    Allocation::Tile(self.tiles.take())
                }
            }
            Holds::PerRow | Holds::One => Allocation::Row(self.rows.take()),
            Holds::Nothing => unreachable!("it has no result"),
        }
    }

    fn assign(&mut self, order: &[u32]) -> (Vec<Placed>, Vec<PlacedPhase>) {
        let mut prologue = Vec::new();
        let mut phases: Vec<PlacedPhase> = Vec::new();
        // The node that changes another's result in place gets its spot when that is made.
        let mut changed_by: Vec<Option<u32>> = vec![None; self.nodes.len()];
        for &node in order {
            if let Some(input) = self.nodes[node as usize].in_place_of {
                changed_by[input as usize] = Some(node);
            }
        }
        // Registers that are free when the phase ends.
        let mut late: Vec<Allocation> = Vec::new();
        let mut brought: Vec<u32> = Vec::new();
        let mut present = (0, false);
        for (position, &node) in order.iter().enumerate() {
            let Lowered { stage, phase, .. } = self.nodes[node as usize];
            if stage != Stage::Prologue && (phase, stage == Stage::Sweep) != present {
                if phase != present.0 || stage == Stage::Sweep {
                    for spot in late.drain(..) {
                        self.free(spot);
                    }
                }
                if phase != present.0 && !self.whole_rows {
                    // The walk begins anew: what was brought for the former one is gone.
                    for old in brought.drain(..) {
                        if let Some(spot) = self.spots[old as usize].take() {
                            self.free(spot);
                        }
                    }
                }
                present = (phase, stage == Stage::Sweep);
            }
            if phases.len() <= phase as usize {
                phases.resize_with(phase as usize + 1, PlacedPhase::default);
            }
            let inputs = self.nodes[node as usize].inputs.clone();
            for &input in &inputs {
                if let Ref::Lowered(input) = input
                    && self.spots[input as usize].is_none()
                {
                    // Brought in an earlier phase, and again now. What a spread repeats has stayed.
                    let again = self.place(input, &changed_by);
                    brought.push(input);
                    phases[phase as usize].full.push(again);
                }
            }
            let placed = self.place(node, &changed_by);
            if self.is_brought(node) {
                brought.push(node);
            }
            match stage {
                Stage::Prologue => prologue.push(placed),
                Stage::Rows => phases[phase as usize].rows.push(placed),
                Stage::Sweep => phases[phase as usize].full.push(placed),
            }
            self.release(node, position, &mut late);
        }
        (prologue, phases)
    }

    /// The instruction of a node, with spots for its results.
    fn place(&mut self, node: u32, changed_by: &[Option<u32>]) -> Placed {
        let Lowered { operation, inputs, stage, holds, results, in_place_of, .. } = &self.nodes[node as usize];
        let spread = |this: &Self, input: Ref| match input {
            Ref::Memory(memory, Spread::PerRow) if *stage == Stage::Rows => (Allocation::Memory(memory), Spread::Tile),
            Ref::Memory(memory, spread) => (Allocation::Memory(memory), spread),
            Ref::Lowered(input) => {
                let spread = match this.nodes[input as usize].holds {
                    Holds::One => Spread::Same,
                    Holds::PerRow if *stage == Stage::Sweep => Spread::PerRow,
                    _ => Spread::Tile,
                };
                (this.spots[input as usize].expect("inputs come first"), spread)
            }
        };
        let inputs = inputs.iter().map(|&input| spread(self, input)).collect();
        let mut outputs = smallvec![];
        if !results.is_empty() {
            for &result in results {
                let spot = self.spot_for(result);
                self.spots[result as usize] = Some(spot);
                outputs.push((spot, Spread::Tile));
            }
        } else if *holds != Holds::Nothing {
            let spot = match (in_place_of, changed_by[node as usize]) {
                (Some(input), _) => self.spots[*input as usize].take().expect("inputs come first"),
                (None, Some(mut last)) => {
                    // Changed several times in a row: where it ends up.
                    while let Some(user) = changed_by[last as usize] {
                        last = user;
                    }
                    self.spot_for(last)
                }
                (None, None) => self.spot_for(node),
            };
            self.spots[node as usize] = Some(spot);
            outputs.push((spot, Spread::Tile));
        }
        Placed { operation: *operation, inputs, outputs }
    }

    /// Frees the registers of what is not needed after this position.
    fn release(&mut self, node: u32, position: usize, late: &mut Vec<Allocation>) {
        let Lowered { inputs, results, stage, .. } = &self.nodes[node as usize];
        let own = [node];
        let made = if results.is_empty() { &own[..] } else { results };
        let nodes_of = |inputs: &[Ref]| -> SmallVec<[u32; 4]> {
            inputs.iter().filter_map(|input| if let Ref::Lowered(node) = input { Some(*node) } else { None }).collect()
        };
        let read = nodes_of(inputs);
        // A spread that ends here lets go of what it repeats.
        let behind: SmallVec<[u32; 4]> = read
            .iter()
            .filter(|&&input| self.is_brought(input))
            .flat_map(|&input| nodes_of(&self.nodes[input as usize].inputs))
            .collect();
        for candidate in read.into_iter().chain(behind).chain(made.iter().copied()) {
            if self.last_use[candidate as usize] > position || self.nodes[candidate as usize].stage == Stage::Prologue {
                continue;
            }
            let Some(spot) = self.spots[candidate as usize] else { continue };
            self.spots[candidate as usize] = None;
            match spot {
                Allocation::Memory(_) => {}
                // The walk comes back to this instruction with the next tile: what belongs to the rows must still be there.
                Allocation::Row(_) if *stage == Stage::Sweep => late.push(spot),
                Allocation::Carried(_) => late.push(spot),
                _ => self.free(spot),
            }
        }
    }

    fn free(&mut self, spot: Allocation) {
        match spot {
            Allocation::Memory(_) => {}
            Allocation::Tile(number) => self.tiles.give(number),
            Allocation::Row(number) => self.rows.give(number),
            Allocation::Carried(number) => self.carried.give(number),
        }
    }
}
