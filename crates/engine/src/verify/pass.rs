//! What a well-formed pass satisfies: what it reads and writes is there, with the shape and the type of its value; instructions have the
//! operands that they take; registers are read where they were written, before anything else is; everything promised is computed, once.

use std::fmt;
use std::ops::Range;

use crate::dtype::DType;
use crate::op::Reduction;
use crate::plan::Lookup;
use crate::plan::pass::{
    Advance, Assembly, LogisticKinds, Operation, Pass, Piece, Place, Region, Source, Spread, TileInstruction, Window,
};
use crate::program::Instruction;

/// A pass that is not well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MalformedPass {
    /// The list and the number in it of the instruction at fault, if one is.
    at: Option<(List, usize)>,
    /// What is wrong.
    reason: String,
}

impl fmt::Display for MalformedPass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some((List::Prologue, number)) => write!(f, "once, {number}: ")?,
            Some((List::Rows(phase), number)) => write!(f, "rows of phase {phase}, {number}: ")?,
            Some((List::Sweep(phase), number)) => write!(f, "phase {phase}, {number}: ")?,
            None => {}
        }
        f.write_str(&self.reason)
    }
}

/// A list of instructions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum List {
    /// Run once by each worker.
    Prologue,
    /// For the rows of a tile, before the sweep of a phase.
    Rows(usize),
    /// For each tile of a phase.
    Sweep(usize),
}

fn refuse<T>(reason: String) -> Result<T, MalformedPass> {
    Err(MalformedPass { at: None, reason })
}

/// Looks at a pass of a program whose values have these shapes and types.
pub(crate) fn verify_pass(pass: &Pass, values: &[Instruction]) -> Result<(), MalformedPass> {
    loop_is_cut(pass)?;
    memory_is_there(pass, values)?;
    results_fit(pass, values)?;
    for (list, instructions) in lists(pass) {
        for (number, instruction) in instructions.iter().enumerate() {
            let at = |fault: MalformedPass| MalformedPass { at: Some((list, number)), ..fault };
            instruction_is_defined(pass, list, instruction).map_err(at)?;
        }
    }
    everything_is_computed(pass)?;
    ReachingDefinitions::new(pass).run()
}

/// All lists, in the order in which they run.
fn lists(pass: &Pass) -> impl Iterator<Item = (List, &[TileInstruction])> {
    let phases = pass.phases.iter().enumerate();
    let phases = phases
        .flat_map(|(number, phase)| [(List::Rows(number), &phase.rows[..]), (List::Sweep(number), &phase.full[..])]);
    std::iter::once((List::Prologue, &pass.prologue[..])).chain(phases)
}

/// Whether one tile holds whole rows.
fn holds_whole_rows(pass: &Pass) -> bool {
    pass.tile_columns >= pass.columns
}

/// The loop is cut into blocks of whole tiles, which cover it.
fn loop_is_cut(pass: &Pass) -> Result<(), MalformedPass> {
    let Pass { lane, rows, columns, tile_rows, tile_columns, by_rows, block, blocks, .. } = *pass;
    if !lane.is_float() {
        return refuse(format!("it computes in {lane}"));
    }
    if [rows, columns, tile_rows, tile_columns, block].contains(&0) || tile_rows > rows || !by_rows && rows > 1 {
        return refuse(format!("tiles of {tile_rows} × {tile_columns} of {rows} × {columns} entries"));
    }
    if tile_rows > 1 && tile_columns != columns {
        return refuse("a tile of several rows does not hold them whole".into());
    }
    let (extent, unit) = if by_rows { (rows, tile_rows) } else { (columns, tile_columns) };
    if block % unit != 0 || blocks != extent.div_ceil(block) {
        return refuse(format!("{blocks} blocks of {block} for {extent} in tiles of {unit}"));
    }
    Ok(())
}

/// How many entries of memory a loop passes by.
fn extent(pass: &Pass, advance: Advance) -> usize {
    match advance {
        Advance::Full => pass.rows * pass.columns,
        Advance::Row => pass.rows,
        Advance::Column => pass.columns,
        Advance::Fixed => 1,
    }
}

/// What is read lies within the buffers of its values, and has their type.
fn memory_is_there(pass: &Pass, values: &[Instruction]) -> Result<(), MalformedPass> {
    let within = |value: u32, dtype: DType, first: isize, last: isize| {
        let Some(Instruction { shape, dtype: own, .. }) = values.get(value as usize) else {
            return refuse(format!("there is no %{value}"));
        };
        if *own != dtype {
            return refuse(format!("%{value} is {own}, and read as {dtype}"));
        }
        if first < 0 || last >= shape.elements() as isize {
            return refuse(format!("entries {first} to {last} of %{value}, which has {}", shape.elements()));
        }
        Ok(())
    };
    for memory in &pass.memory {
        let count = extent(pass, memory.advance);
        match memory.source {
            Source::Input(value, offset) => within(value, pass.lane, offset, offset + count as isize - 1)?,
            Source::Output(number) => match pass.outputs.get(number as usize) {
                None => return refuse(format!("there is no result {number}")),
                Some(output) if output.dtype != pass.lane || output.length != count => {
                    return refuse(format!(
                        "%{}, {} × {}, is written as {count} × {}",
                        output.value, output.length, output.dtype, pass.lane
                    ));
                }
                Some(_) => {}
            },
        }
    }
    for load in &pass.loads {
        let (mut first, mut last) = (load.offset, load.offset);
        for &(size, stride) in &load.steps {
            let way = (size as isize - 1) * stride;
            (first, last) = (first + way.min(0), last + way.max(0));
        }
        within(load.value, load.dtype, first, last)?;
        let covered: usize = load.steps.iter().map(|step| step.0).product();
        let fits = match load.advance {
            Advance::Full | Advance::Row => covered == extent(pass, load.advance),
            Advance::Column | Advance::Fixed => load.is_same() || covered == extent(pass, Advance::Full),
        };
        if !fits {
            return refuse(format!("a load of %{} covers {covered} entries", load.value));
        }
    }
    for Assembly { pieces, is_covered, advance } in &pass.assemblies {
        let extent = extent(pass, *advance);
        for Piece { value, offset, windows } in pieces {
            let (mut first, mut last) = (*offset, *offset);
            for &Window { count, stride, .. } in windows {
                let way = (count as isize - 1) * stride;
                (first, last) = (first + way.min(0), last + way.max(0));
            }
            within(*value, pass.lane, first, last)?;
            let inside = windows.iter().all(|window| window.count > 0 && window.first + window.count <= window.size);
            let covered: usize = windows.iter().map(|window| window.size).product();
            if windows.is_empty() || !inside || covered != extent {
                return refuse(format!("a piece, %{value}, lies beside what it is a piece of"));
            }
        }
        let covered: usize = pieces.iter().map(Piece::entries).sum();
        if *is_covered != (covered == extent) || !matches!(advance, Advance::Full | Advance::Row) {
            return refuse(format!("pieces of {covered} entries make {extent}"));
        }
    }
    for lookup in &pass.lookups {
        let Lookup { table, offset, index, index_offset, run, size, stride, advance, .. } = *lookup;
        // What the strides reach, to either side.
        let reach = |ways: &mut dyn Iterator<Item = (usize, isize)>, first: isize, run: usize| {
            ways.fold((first, first + run as isize - 1), |(first, last), (size, stride)| {
                let way = (size as isize - 1) * stride;
                (first + way.min(0), last + way.max(0))
            })
        };
        let along = lookup.axes.iter().map(|axis| (axis.size, axis.stride));
        let (first, last) = reach(&mut along.chain([(size, stride)]), offset, run);
        within(table, pass.lane, first, last)?;
        let along = lookup.axes.iter().map(|axis| (axis.size, axis.index_stride));
        let (first, last) = reach(&mut { along }, index_offset, 1);
        within(index, DType::I64, first, last)?;
        let covered = lookup.runs() * run;
        if size == 0
            || covered == 0
            || !matches!(advance, Advance::Full | Advance::Row)
            || covered != extent(pass, advance)
        {
            return refuse(format!("a look-up in %{table} brings {covered} entries"));
        }
    }
    for index in &pass.indices {
        within(index.value, DType::I64, index.offset, index.offset + pass.rows as isize - 1)?;
    }
    Ok(())
}

/// Results have the shape and the type of their values.
fn results_fit(pass: &Pass, values: &[Instruction]) -> Result<(), MalformedPass> {
    let outputs = pass.outputs.iter().map(|output| (output.value, output.dtype, output.length));
    let totals = pass.totals.iter().map(|total| (total.value, total.dtype, 1));
    let across = pass.across.iter().map(|across| (across.value, across.dtype, across.length));
    for (value, dtype, length) in outputs.chain(totals).chain(across) {
        let Some(Instruction { shape, dtype: own, .. }) = values.get(value as usize) else {
            return refuse(format!("there is no %{value}"));
        };
        if (dtype, length) != (*own, shape.elements()) || dtype != pass.lane && dtype != DType::Bool {
            return refuse(format!("%{value}, {} × {own}, is computed as {length} × {dtype}", shape.elements()));
        }
    }
    for across in &pass.across {
        let last: usize = across.place.iter().map(|&(_, size, stride)| (size - 1) * stride).sum();
        if last + pass.columns > across.length {
            return refuse(format!("rows of %{} end behind it", across.value));
        }
    }
    Ok(())
}

/// Operands and results that an operation has.
fn arity(operation: Operation) -> (usize, Range<usize>) {
    match operation {
        Operation::Load(_) | Operation::Assemble(_) | Operation::LookUp(_) => (0, 1..2),
        Operation::FinishRow(_) | Operation::OneHot(_) => (0, 1..2),
        Operation::Spread
        | Operation::Copy
        | Operation::Truth
        | Operation::Unary(_)
        | Operation::WithinRow(_)
        | Operation::Pick(_)
        | Operation::Place(_) => (1, 1..2),
        Operation::Binary(_) | Operation::AddPlaced(_) => (2, 1..2),
        Operation::Pair(_) | Operation::Select => (3, 1..2),
        Operation::CompareSelect(_) => (4, 1..2),
        Operation::Logistic(kinds) => {
            let LogisticKinds { softplus, softplus_of_negative, sigmoid, sigmoid_of_negative } = kinds;
            let wanted = [softplus, softplus_of_negative, sigmoid, sigmoid_of_negative];
            let count = wanted.into_iter().filter(|&wanted| wanted).count();
            (1, count..count + 1)
        }
        Operation::ReduceRow(..) => (1, 0..2),
        Operation::DotRow(_) => (2, 0..2),
        Operation::ReduceTotal(_) | Operation::Across(_) | Operation::Store(_) => (1, 0..1),
        Operation::DotTotal(_) => (2, 0..1),
    }
}

/// An instruction stands in a list that can run it, has the operands that its operation takes, spread as it takes them, and names what there is.
fn instruction_is_defined(pass: &Pass, list: List, instruction: &TileInstruction) -> Result<(), MalformedPass> {
    let TileInstruction { operation, inputs, outputs } = instruction;
    let (takes, makes) = arity(*operation);
    if inputs.len() != takes || !makes.contains(&outputs.len()) {
        return refuse(format!("{operation:?} with {} operands and {} results", inputs.len(), outputs.len()));
    }
    let numbers = |number: u16, count: usize, what: &str| {
        if (number as usize) < count { Ok(()) } else { refuse(format!("there is no {what} {number}")) }
    };
    match *operation {
        Operation::Load(number) => numbers(number, pass.loads.len(), "load")?,
        Operation::Assemble(number) => numbers(number, pass.assemblies.len(), "assembly")?,
        Operation::LookUp(number) => numbers(number, pass.lookups.len(), "look-up")?,
        Operation::ReduceRow(_, number) | Operation::DotRow(number) | Operation::FinishRow(number) => {
            numbers(number, pass.row_sums.len(), "accumulator")?;
        }
        Operation::ReduceTotal(number) | Operation::DotTotal(number) => numbers(number, pass.totals.len(), "total")?,
        Operation::Across(number) => numbers(number, pass.across.len(), "reduction across rows")?,
        Operation::OneHot(number)
        | Operation::WithinRow(number)
        | Operation::Pick(number)
        | Operation::Place(number)
        | Operation::AddPlaced(number) => numbers(number, pass.indices.len(), "index")?,
        Operation::Store(number) => numbers(number, pass.outputs.len(), "result")?,
        _ => {}
    }
    let fits = match (list, *operation) {
        (List::Prologue, Operation::Load(_) | Operation::Spread) => true,
        (List::Prologue, _) => false,
        (List::Rows(_), Operation::ReduceRow(..) | Operation::DotRow(_) | Operation::Across(_)) => false,
        (List::Rows(_), Operation::OneHot(_) | Operation::Pick(_)) => false,
        (List::Rows(_), Operation::Place(_) | Operation::AddPlaced(_) | Operation::Pair(_)) => false,
        (List::Sweep(_), Operation::FinishRow(_) | Operation::WithinRow(_)) => false,
        (List::Rows(_) | List::Sweep(_), _) => true,
    };
    if !fits {
        return refuse(format!("{operation:?} does not stand here"));
    }
    // Distinct lengths tell what an operand is one entry for: everything, each row, each entry.
    let (rows, entries) = (2, if matches!(list, List::Rows(_)) { 2 } else { 3 });
    for (which, &place) in inputs.iter().enumerate() {
        place_is_there(pass, list, place, instruction.read(which, rows, entries))?;
    }
    for &place in outputs {
        // The sum of a row that is a tile is one entry, and one for each row.
        let is_row = matches!(operation, Operation::FinishRow(_));
        place_is_there(pass, list, place, if is_row { rows } else { pass.written(*operation, rows, entries) })?;
    }
    spreads_fit(instruction, list)
}

/// A place is one of the memory, which moves with the loop as the operand does: 1 entry for all, 2 for rows, 3 for entries.
fn place_is_there(pass: &Pass, list: List, place: Place, length: usize) -> Result<(), MalformedPass> {
    let Region::Memory(number) = place.region else { return Ok(()) };
    let Some(memory) = pass.memory.get(number as usize) else {
        return refuse(format!("there is no memory {number}"));
    };
    if list == List::Prologue && (memory.advance != Advance::Fixed || matches!(memory.source, Source::Output(_))) {
        return refuse(format!("memory {number} moves with the tile, and is used before there is one"));
    }
    let fits = match (length, memory.advance) {
        (1, Advance::Fixed) | (2, Advance::Row) | (3, Advance::Full) => true,
        (3, Advance::Column) => pass.tile_rows == 1,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        refuse(format!("memory {number} advances by {:?}, read as {:?}", memory.advance, place.spread))
    }
}

/// Operands are spread over the entries as the operation takes them.
fn spreads_fit(instruction: &TileInstruction, list: List) -> Result<(), MalformedPass> {
    let TileInstruction { operation, inputs, outputs } = instruction;
    let spread = |which: usize| inputs[which].spread;
    let all = |allowed: &[Spread]| inputs.iter().all(|place| allowed.contains(&place.spread));
    let fits = match operation {
        Operation::Binary(_) => (0..2).any(|which| spread(which) == Spread::Tile),
        Operation::Pair(_) => all(&[Spread::Tile, Spread::Same]) && (0..3).any(|which| spread(which) == Spread::Tile),
        Operation::CompareSelect(_) => {
            all(&[Spread::Tile, Spread::Same]) && (0..2).any(|which| spread(which) == Spread::Tile)
        }
        Operation::Spread | Operation::WithinRow(_) | Operation::Place(_) => true,
        Operation::AddPlaced(_) => spread(0) == Spread::Tile,
        _ => all(&[Spread::Tile]),
    };
    let by_row = matches!(list, List::Rows(_)) && inputs.iter().any(|place| place.spread == Spread::PerRow);
    if !fits || by_row || outputs.iter().any(|place| place.spread != Spread::Tile) {
        return refuse(format!("{operation:?} takes no operands spread like these"));
    }
    Ok(())
}

/// Every accumulator and every result is computed by one instruction, and accumulators of rows are read when the row has ended.
fn everything_is_computed(pass: &Pass) -> Result<(), MalformedPass> {
    let mut row_sums = vec![0; pass.row_sums.len()];
    let mut totals = vec![0; pass.totals.len()];
    let mut across = vec![0; pass.across.len()];
    let mut outputs = vec![0; pass.outputs.len()];
    // The phase whose sweep fills an accumulator that is still to be read.
    let mut filled: Vec<Option<usize>> = vec![None; pass.row_sums.len()];
    for (list, instructions) in lists(pass) {
        for (number, instruction) in instructions.iter().enumerate() {
            let fault = |reason: String| Err(MalformedPass { at: Some((list, number)), reason });
            let mut length = None;
            match instruction.operation {
                Operation::ReduceRow(_, number) | Operation::DotRow(number) => {
                    let number = number as usize;
                    row_sums[number] += 1;
                    let reduction = match instruction.operation {
                        Operation::ReduceRow(reduction, _) => reduction,
                        _ => Reduction::Sum,
                    };
                    if pass.row_sums[number] != reduction {
                        return fault(format!("accumulator {number} is one of {:?}", pass.row_sums[number]));
                    }
                    let of_rows =
                        if instruction.outputs.is_empty() { pass.tile_rows == 1 } else { holds_whole_rows(pass) };
                    if !of_rows {
                        return fault(format!(
                            "a tile of {} × {} entries is no row",
                            pass.tile_rows, pass.tile_columns
                        ));
                    }
                    if let (List::Sweep(phase), true) = (list, instruction.outputs.is_empty()) {
                        filled[number] = Some(phase);
                    }
                }
                Operation::FinishRow(number) => {
                    let List::Rows(now) = list else { unreachable!("looked at before") };
                    if filled[number as usize].is_none_or(|phase| phase >= now) {
                        return fault(format!("accumulator {number} is read before its row has ended"));
                    }
                }
                Operation::ReduceTotal(number) => totals[number as usize] += 1,
                Operation::DotTotal(number) => {
                    totals[number as usize] += 1;
                    if pass.totals[number as usize].reduction != Reduction::Sum {
                        return fault(format!("total {number} is no sum"));
                    }
                }
                Operation::Across(number) => across[number as usize] += 1,
                Operation::Store(number) => {
                    outputs[number as usize] += 1;
                    length = Some(number as usize);
                    if pass.outputs[number as usize].dtype != DType::Bool {
                        return fault("only truth values are stored as bytes".into());
                    }
                }
                _ => {}
            }
            if let Some(output) = length {
                let extent = if matches!(list, List::Rows(_)) { pass.rows } else { pass.rows * pass.columns };
                if pass.outputs[output].length != extent {
                    return fault(format!("{extent} entries are stored in {}", pass.outputs[output].length));
                }
            }
            for place in &instruction.outputs {
                let Region::Memory(memory) = place.region else { continue };
                match pass.memory[memory as usize].source {
                    Source::Input(value, _) => return fault(format!("%{value} is written, an input")),
                    // What is changed in place was computed before.
                    Source::Output(_) if instruction.inputs.contains(place) => {}
                    Source::Output(output) => outputs[output as usize] += 1,
                }
            }
        }
    }
    let counts = [("accumulator", row_sums), ("total", totals), ("reduction across rows", across), ("result", outputs)];
    for (what, counts) in counts {
        if let Some(number) = counts.iter().position(|&count| count != 1) {
            return refuse(format!("{what} {number} is computed {} times", counts[number]));
        }
    }
    Ok(())
}

/// The part of a load's or an instruction's memory: registers, or one of the memory.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Extent {
    memory: Option<u16>,
    entries: Range<usize>,
}

impl Extent {
    fn overlaps(&self, other: &Extent) -> bool {
        self.memory == other.memory && self.entries.start < other.entries.end && other.entries.start < self.entries.end
    }
}

/// A result that was written, and is still there.
#[derive(Clone, Debug)]
struct Definition {
    extent: Extent,
    /// The number of the result among all.
    result: usize,
    list: List,
    /// Whether it is gathered while a row is walked through.
    is_gathered: bool,
}

/// The lists are run with numbers of results in the place of numbers.
struct ReachingDefinitions<'a> {
    pass: &'a Pass,
    present: Vec<Definition>,
    /// Which results are read, and where they are computed.
    results: Vec<(bool, List, usize)>,
}

impl<'a> ReachingDefinitions<'a> {
    fn new(pass: &'a Pass) -> ReachingDefinitions<'a> {
        ReachingDefinitions { pass, present: Vec::new(), results: Vec::new() }
    }

    /// Runs two rounds of tiles of two tiles each, where there may be several: what must outlive a tile is then seen to.
    fn run(mut self) -> Result<(), MalformedPass> {
        let pass = self.pass;
        let mut firsts = Vec::new();
        for (list, instructions) in lists(pass) {
            firsts.push(self.results.len());
            for (number, instruction) in instructions.iter().enumerate() {
                // A phase may load again what another has loaded, and be the only one to read it.
                let is_load = matches!(instruction.operation, Operation::Load(_));
                self.results.extend(instruction.outputs.iter().map(|_| (is_load, list, number)));
            }
        }
        self.list(List::Prologue, &pass.prologue, firsts[0])?;
        let several = if pass.by_rows { !holds_whole_rows(pass) } else { pass.block > pass.tile_columns };
        for _ in 0..2 {
            self.present.retain(|definition| definition.list == List::Prologue);
            for (number, phase) in pass.phases.iter().enumerate() {
                self.list(List::Rows(number), &phase.rows, firsts[1 + 2 * number])?;
                for _ in 0..1 + usize::from(several) {
                    if several {
                        self.end_tile();
                    }
                    self.list(List::Sweep(number), &phase.full, firsts[2 + 2 * number])?;
                }
            }
        }
        // Of the results of one instruction some may be read, or none.
        let unread =
            self.results.chunk_by(|a, b| (a.1, a.2) == (b.1, b.2)).find(|all| all.iter().all(|(read, ..)| !read));
        match unread {
            Some(&[(_, list, number), ..]) => {
                Err(MalformedPass { at: Some((list, number)), reason: "nobody reads what it computes".into() })
            }
            _ => Ok(()),
        }
    }

    /// ReachingDefinitions of a tile are those of another when the walk goes on.
    fn end_tile(&mut self) {
        let carried = self.pass.carried;
        self.present.retain(|definition| {
            let outlives = definition.extent.memory.is_some() || definition.extent.entries.start >= carried;
            outlives || definition.is_gathered || !matches!(definition.list, List::Sweep(_))
        });
    }

    fn list(&mut self, list: List, instructions: &[TileInstruction], first: usize) -> Result<(), MalformedPass> {
        let mut result = first;
        for (number, instruction) in instructions.iter().enumerate() {
            self.instruction(list, instruction, result)
                .map_err(|fault| MalformedPass { at: Some((list, number)), ..fault })?;
            result += instruction.outputs.len();
        }
        Ok(())
    }

    fn instruction(&mut self, list: List, instruction: &TileInstruction, first: usize) -> Result<(), MalformedPass> {
        let pass = self.pass;
        let rows = pass.tile_rows;
        let entries = if matches!(list, List::Rows(_)) { rows } else { rows * pass.tile_columns };
        let TileInstruction { operation, inputs, outputs } = instruction;
        let mut read = Vec::new();
        for (which, &place) in inputs.iter().enumerate() {
            let extent = self.extent(place, instruction.read(which, rows, entries))?;
            self.read(list, &extent)?;
            read.push(extent);
        }
        let mut written: Vec<Extent> = Vec::new();
        for &place in outputs {
            let extent = self.extent(place, pass.written(*operation, rows, entries))?;
            let in_place = |which: usize| which == 0 && matches!(operation, Operation::AddPlaced(_));
            let mut others = read.iter().enumerate().filter(|(which, _)| !in_place(*which)).map(|(_, extent)| extent);
            if others.any(|other| other.overlaps(&extent)) || written.iter().any(|other| other.overlaps(&extent)) {
                return refuse("a result lies over what it is made of, or over another".into());
            }
            written.push(extent);
        }
        for (which, extent) in written.into_iter().enumerate() {
            self.present.retain(|definition| !definition.extent.overlaps(&extent));
            // What is in memory is a result of the pass, whether or not it is read here.
            self.results[first + which].0 |= extent.memory.is_some();
            let is_gathered = matches!(list, List::Sweep(_))
                && matches!(operation, Operation::ReduceRow(..) | Operation::DotRow(_) | Operation::Pick(_));
            self.present.push(Definition { extent, result: first + which, list, is_gathered });
        }
        Ok(())
    }

    /// The entries of a place; within the registers, if it is one.
    fn extent(&self, place: Place, length: usize) -> Result<Extent, MalformedPass> {
        let pass = self.pass;
        let (memory, start, length, end) = match place.region {
            Region::Memory(number) => (Some(number), place.offset, 1, usize::MAX),
            Region::Scratch => (None, place.offset, length, pass.carried),
            Region::Carried => (None, pass.carried.saturating_add(place.offset), pass.columns, pass.scratch),
        };
        // Rows so long that they saturate have no memory, and are refused when it is asked for.
        let entries = start..start.saturating_add(length);
        if entries.end > end {
            return refuse(format!("registers {} to {} of {end}", entries.start, entries.end));
        }
        Ok(Extent { memory, entries })
    }

    fn read(&mut self, list: List, extent: &Extent) -> Result<(), MalformedPass> {
        if let Some(number) = extent.memory
            && matches!(self.pass.memory[number as usize].source, Source::Input(..))
        {
            return Ok(());
        }
        let found = self.present.iter().find(|definition| {
            let Extent { memory, entries } = &definition.extent;
            *memory == extent.memory && entries.start == extent.entries.start && entries.end >= extent.entries.end
        });
        let Some(definition) = found else {
            return refuse("it reads what is not computed yet, or no longer there".into());
        };
        if definition.is_gathered && definition.list == list {
            return refuse("it reads what is complete only when the walk has ended".into());
        }
        self.results[definition.result].0 = true;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
