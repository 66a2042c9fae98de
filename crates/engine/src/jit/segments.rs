//! Which instructions of a pass are run together.

use rustc_hash::{FxHashMap, FxHashSet};

use super::assembler::Isa;
use super::symbol::BitPattern;
use super::translate::{Alias, Body, Spot, aliases, is_supported, spot, translate};
use crate::plan::{Operation, Pass, Region, TileInstruction};

/// What a worker does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Item {
    /// Runs the code of a segment.
    Run(u32),
    /// Interprets an instruction, by its number in the list of its phase.
    Interpret(u32),
}

/// Segments and interpreted instructions, in order.
#[derive(Debug, Default)]
pub(crate) struct PhaseCode {
    pub(crate) full: Vec<Item>,
    pub(crate) rows: Vec<Item>,
}

/// The most results of reductions that a segment may have: there are registers for so many at best.
const MOST_REDUCTIONS: usize = 8;

/// The most operands and results in memory that a segment may have, each of which has a pointer; a few others have one as well.
pub(super) const MOST_POINTED: usize = 24;

/// What a segment has a pointer to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Pointed {
    Memory(u16),
    Load(u16),
    Lookup(u16),
    /// A piece of an assembly, or its window.
    Piece(u16, usize, bool),
}

/// An instruction with the spots that it reads and writes.
struct Known<'a> {
    instruction: &'a TileInstruction,
    reads: Vec<Spot>,
    writes: Vec<Spot>,
}

impl Known<'_> {
    fn of(instruction: &TileInstruction) -> Known<'_> {
        let spots = |places: &[crate::plan::Place]| places.iter().map(|&place| spot(place)).collect();
        Known { instruction, reads: spots(&instruction.inputs), writes: spots(&instruction.outputs) }
    }
}

/// Instructions that are run together.
pub(super) struct Candidate {
    pub(super) body: Body,
    /// Their numbers in the list of their phase.
    instructions: Vec<u32>,
    /// Whether they are for the entries of tiles, not for the numbers of rows.
    pub(super) full: bool,
}

/// Divides the lists of a pass into segments and instructions to interpret. [`Item::Run`] is the number of a candidate.
pub(super) fn divide<N: BitPattern>(pass: &Pass, isa: Isa) -> (Vec<PhaseCode>, Vec<Candidate>) {
    // All instructions in the order in which they run on a tile.
    let lists = pass.phases.iter().flat_map(|phase| [&phase.rows, &phase.full]);
    let all: Vec<Known<'_>> = lists.flatten().map(Known::of).collect();
    let aliases = aliases(pass, isa);
    let mut uses: FxHashMap<Spot, Vec<usize>> = FxHashMap::default();
    for (at, known) in all.iter().enumerate() {
        for &spot in known.reads.iter().chain(&known.writes) {
            let uses = uses.entry(spot).or_default();
            if uses.last() != Some(&at) {
                uses.push(at);
            }
        }
    }
    let mut division = Division { pass, isa, all: &all, uses: &uses, aliases: &aliases, candidates: Vec::new() };
    let mut first = 0;
    let mut phases = Vec::new();
    for phase in &pass.phases {
        let rows = division.list::<N>(first, phase.rows.len(), true);
        first += phase.rows.len();
        let full = division.list::<N>(first, phase.full.len(), false);
        first += phase.full.len();
        phases.push(PhaseCode { full, rows });
    }
    (phases, division.candidates)
}

/// Gives segments the numbers of their code; those that have none are interpreted after all.
pub(super) fn settle(items: &mut Vec<Item>, candidates: &[Candidate], code: &[Option<u32>]) {
    let settled = items.drain(..).flat_map(|item| match item {
        Item::Run(number) => match code[number as usize] {
            Some(segment) => vec![Item::Run(segment)],
            None => candidates[number as usize].instructions.iter().map(|&at| Item::Interpret(at)).collect(),
        },
        Item::Interpret(at) => vec![Item::Interpret(at)],
    });
    *items = settled.collect();
}

struct Division<'a> {
    pass: &'a Pass,
    isa: Isa,
    all: &'a [Known<'a>],
    /// The instructions that read or write a spot, in their order.
    uses: &'a FxHashMap<Spot, Vec<usize>>,
    aliases: &'a FxHashMap<Spot, Alias>,
    candidates: Vec<Candidate>,
}

impl Division<'_> {
    /// Divides a list of instructions that begins at `first` of all.
    fn list<N: BitPattern>(&mut self, first: usize, length: usize, for_rows: bool) -> Vec<Item> {
        let mut items = Vec::new();
        // The segment that is being collected, and what it reads and writes.
        let mut open: Vec<usize> = Vec::new();
        let (mut reads, mut writes): (FxHashSet<Spot>, FxHashSet<Spot>) = Default::default();
        let mut pointed: FxHashSet<Pointed> = FxHashSet::default();
        for at in first..first + length {
            let known = &self.all[at];
            if is_supported(self.pass, known.instruction.operation, for_rows, self.isa) {
                let own = self.pointed(known);
                pointed.extend(&own);
                if pointed.len() > MOST_POINTED && !open.is_empty() {
                    self.close::<N>(first, for_rows, std::mem::take(&mut open), &mut items);
                    (reads, writes, pointed) = Default::default();
                    pointed.extend(own);
                }
                open.push(at);
                reads.extend(&known.reads);
                writes.extend(&known.writes);
                continue;
            }
            // What has nothing to do with the segment goes before it.
            let meets = known.reads.iter().any(|spot| writes.contains(spot))
                || known.writes.iter().any(|spot| writes.contains(spot) || reads.contains(spot));
            if meets {
                (reads, writes, pointed) = Default::default();
                self.close::<N>(first, for_rows, std::mem::take(&mut open), &mut items);
            }
            items.push(Item::Interpret((at - first) as u32));
        }
        self.close::<N>(first, for_rows, open, &mut items);
        items
    }

    /// What the code of an instruction has pointers to.
    fn pointed(&self, known: &Known<'_>) -> Vec<Pointed> {
        let memory = known.reads.iter().chain(&known.writes).filter_map(|&(region, _)| match region {
            Region::Memory(number) => Some(Pointed::Memory(number)),
            Region::Scratch | Region::Carried => None,
        });
        let mut pointed: Vec<Pointed> = memory.collect();
        match known.instruction.operation {
            Operation::Load(number) => pointed.push(Pointed::Load(number)),
            Operation::LookUp(number) => pointed.push(Pointed::Lookup(number)),
            Operation::Assemble(number) => {
                let pieces = 0..self.pass.assemblies[number as usize].pieces.len();
                pointed.extend(pieces.flat_map(|piece| [true, false].map(|own| Pointed::Piece(number, piece, own))));
            }
            _ => {}
        }
        pointed
    }

    fn close<N: BitPattern>(&mut self, first: usize, for_rows: bool, segment: Vec<usize>, items: &mut Vec<Item>) {
        if segment.is_empty() {
            return;
        }
        let instructions: Vec<&TileInstruction> = segment.iter().map(|&at| self.all[at].instruction).collect();
        let is_live = |position: usize, spot: Spot| self.is_live(&segment, segment[position], spot);
        let body = translate::<N>(self.pass, self.aliases, &instructions, for_rows, self.isa, is_live);
        let few = body.effects.iter().filter(|effect| effect.spot().is_none()).count() <= MOST_REDUCTIONS;
        // Rows of a few entries leave most of a vector empty: the interpreter does several at a time.
        let narrow = body.is_by_row() && self.pass.columns < NARROW;
        let own = segment.iter().map(|&at| (at - first) as u32);
        if few && !narrow {
            items.push(Item::Run(self.candidates.len() as u32));
            self.candidates.push(Candidate { body, instructions: own.collect(), full: !for_rows });
        } else {
            items.extend(own.map(Item::Interpret));
        }
    }

    /// Whether an instruction that is not of the segment reads what `from` writes.
    fn is_live(&self, segment: &[usize], from: usize, spot: Spot) -> bool {
        let uses = &self.uses[&spot];
        for &at in &uses[uses.partition_point(|&at| at <= from)..] {
            let known = &self.all[at];
            if known.reads.contains(&spot) && segment.binary_search(&at).is_err() {
                return true;
            }
            if known.writes.contains(&spot) {
                return false;
            }
        }
        false
    }
}

/// Rows from this length on are worth a vector.
const NARROW: usize = 5;
