//! From tile instructions to a [`Graph`]: what each entry of a tile becomes, and where it goes.

use rustc_hash::{FxHashMap, FxHashSet};

use super::assembler::Isa;
use super::graph::{Graph, Id, Node, Predicate, Two};
use super::symbol::{BitPattern, Symbol, record};
use crate::dtype::DType;
use crate::exec::functions::{self, Float, Fused};
use crate::op::{Binary, Comparison, Reduction};
use crate::plan::{
    Load, LogisticKinds, Numbered, Operation, Pair, Pass, Piece, Place, Region, RowSource, Spread, TileInstruction,
};

/// A place of the pass, whatever spread it is read with.
pub(crate) type Spot = (Region, usize);

pub(super) fn spot(place: Place) -> Spot {
    (place.region, place.offset)
}

/// Where [`Node::Input`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stream {
    /// A tile.
    Tile(Spot),
    /// Rows of an operand, each where it lies.
    Rows(RowSource),
    /// The same of truth values, which become 0 and 1.
    Truths(RowSource),
}

/// Where [`Node::Uniform`] comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Uniform {
    /// One number for all.
    Same(Spot),
    /// One for each row.
    PerRow(Spot),
    /// One for each row, where it lies.
    Rows(RowSource),
}

/// Where a reduction's result goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    /// One for each row.
    PerRow(Spot),
    /// `Pass::row_sums`.
    RowSum(u16),
    /// `Pass::totals`.
    Total(u16),
}

/// What is done with a node.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    Store {
        spot: Spot,
        id: Id,
    },
    Reduce {
        reduction: Reduction,
        id: Id,
        target: Destination,
    },
    /// Added to the sums of a reduction across rows, one of `Pass::across`.
    Across {
        id: Id,
        number: u16,
    },
}

impl Effect {
    pub(super) fn id(self) -> Id {
        match self {
            Effect::Store { id, .. } | Effect::Reduce { id, .. } | Effect::Across { id, .. } => id,
        }
    }

    /// The place that is written, entry by entry.
    pub(super) fn spot(self) -> Option<Spot> {
        match self {
            Effect::Store { spot, .. } => Some(spot),
            Effect::Reduce { .. } | Effect::Across { .. } => None,
        }
    }
}

/// What the code of a segment does with the entries of a tile.
#[derive(Debug, Default)]
pub(super) struct Body {
    pub(super) graph: Graph,
    pub(super) streams: Vec<Stream>,
    pub(super) uniforms: Vec<Uniform>,
    pub(super) effects: Vec<Effect>,
}

impl Body {
    /// Whether anything depends on where a row begins.
    pub(super) fn is_by_row(&self) -> bool {
        self.streams.iter().any(|stream| !matches!(stream, Stream::Tile(_)))
            || self.uniforms.iter().any(|uniform| !matches!(uniform, Uniform::Same(_)))
            || self.effects.iter().any(|effect| match effect {
                Effect::Reduce { target, .. } => !matches!(target, Destination::Total(_)),
                Effect::Across { .. } => true,
                Effect::Store { .. } => false,
            })
    }
}

impl Body {
    /// The memory that it reads and writes tile by tile.
    pub(super) fn memory(&self) -> FxHashSet<u16> {
        let streams = self.streams.iter().filter_map(|stream| match *stream {
            Stream::Tile(spot) => Some(spot),
            Stream::Rows(_) | Stream::Truths(_) => None,
        });
        let spots = streams.chain(self.effects.iter().filter_map(|effect| effect.spot()));
        let memory = spots.filter_map(|(region, _)| match region {
            Region::Memory(number) => Some(number),
            Region::Scratch | Region::Carried => None,
        });
        memory.collect()
    }

    /// The greatest distance, in elements, between a place that is read or written and the beginning of its region.
    pub(super) fn reach(&self) -> usize {
        let streams = self.streams.iter().filter_map(|stream| match *stream {
            Stream::Tile(spot) => Some(spot),
            Stream::Rows(_) | Stream::Truths(_) => None,
        });
        let uniforms = self.uniforms.iter().filter_map(|uniform| match *uniform {
            Uniform::Same(spot) | Uniform::PerRow(spot) => Some(spot),
            Uniform::Rows(_) => None,
        });
        let effects = self.effects.iter().filter_map(|effect| match *effect {
            Effect::Store { spot, .. } | Effect::Reduce { target: Destination::PerRow(spot), .. } => Some(spot),
            Effect::Reduce { target: Destination::RowSum(_) | Destination::Total(_), .. } | Effect::Across { .. } => {
                None
            }
        });
        streams.chain(uniforms).chain(effects).map(|(_, offset)| offset).max().unwrap_or(0)
    }
}

/// What was put into a place once and for all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Alias {
    /// The same rows as a load.
    Rows(u16),
    /// One number.
    Same(Spot),
}

/// Whether rows of an operand can be read where they lie: entries side by side, or the same number.
fn has_rows(pass: &Pass, load: &Load, isa: Isa) -> bool {
    pass.by_rows && load.has_rows(pass.lane, pass.columns) || reads_truths(isa) && load.has_rows_of_truths(pass.columns)
}

/// Whether code reads truth values where they lie: it takes a mask to leave alone those behind the end of a row.
pub(crate) fn reads_truths(isa: Isa) -> bool {
    isa == Isa::Avx512
}

/// What the prologue leaves behind that need not be read from registers.
pub(super) fn aliases(pass: &Pass, isa: Isa) -> FxHashMap<Spot, Alias> {
    let mut aliases = FxHashMap::default();
    for instruction in &pass.prologue {
        match instruction.operation {
            Operation::Load(number) if has_rows(pass, &pass.loads[number as usize], isa) => {
                aliases.insert(spot(instruction.outputs[0]), Alias::Rows(number));
            }
            Operation::Spread if instruction.inputs[0].spread == Spread::Same => {
                aliases.insert(spot(instruction.outputs[0]), Alias::Same(spot(instruction.inputs[0])));
            }
            _ => {}
        }
    }
    aliases
}

/// Whether code can be generated for an instruction of a pass.
pub(super) fn is_supported(pass: &Pass, operation: Operation, for_rows: bool, isa: Isa) -> bool {
    match operation {
        Operation::Load(number) => !for_rows && has_rows(pass, &pass.loads[number as usize], isa),
        Operation::Assemble(number) => {
            !for_rows && pass.by_rows && pass.assemblies[number as usize].has_rows(pass.columns)
        }
        Operation::LookUp(number) => !for_rows && pass.by_rows && pass.lookups[number as usize].has_rows(pass.columns),
        Operation::Across(number) => pass.across[number as usize].reduction == Reduction::Sum,
        operation => is_generated(operation),
    }
}

/// Whether code can be generated for an operation; a load depends on how its operand lies, and across rows there are only sums.
pub(crate) fn is_generated(operation: Operation) -> bool {
    match operation {
        Operation::Load(_) | Operation::Assemble(_) | Operation::LookUp(_) => false,
        Operation::Unary(unary) => unary.has_code(),
        Operation::Binary(binary) => match binary {
            Binary::Add
            | Binary::Subtract
            | Binary::Multiply
            | Binary::Divide
            | Binary::Maximum
            | Binary::Minimum
            | Binary::Less
            | Binary::LessOrEqual
            | Binary::Equal => true,
            Binary::Power => false,
        },
        Operation::Spread
        | Operation::Copy
        | Operation::Truth
        | Operation::Pair(_)
        | Operation::CompareSelect(_)
        | Operation::Select
        | Operation::Logistic(_)
        | Operation::ReduceRow(..)
        | Operation::DotRow(_)
        | Operation::ReduceTotal(_)
        | Operation::DotTotal(_) => true,
        Operation::FinishRow(_)
        | Operation::Across(_)
        | Operation::OneHot(_)
        | Operation::WithinRow(_)
        | Operation::Pick(_)
        | Operation::Place(_)
        | Operation::AddPlaced(_)
        | Operation::Store(_) => false,
    }
}

/// Translates a run of instructions for an instruction set. `is_live` says which of their results somebody else reads.
pub(super) fn translate<N: BitPattern>(
    pass: &Pass,
    aliases: &FxHashMap<Spot, Alias>,
    instructions: &[&TileInstruction],
    for_rows: bool,
    isa: Isa,
    is_live: impl Fn(usize, Spot) -> bool,
) -> Body {
    let mut body = Body::default();
    let mut graph = Graph::new(isa == Isa::Avx512);
    record(&mut graph, || {
        let (streams, uniforms) = (Numbered::default(), Numbered::default());
        let mut reader = Reader { body: &mut body, streams, uniforms, aliases, values: FxHashMap::default(), for_rows };
        for (position, &instruction) in instructions.iter().enumerate() {
            reader.instruction::<N>(pass, instruction, &|spot| is_live(position, spot));
        }
        let Reader { streams, uniforms, .. } = reader;
        (body.streams, body.uniforms) = (streams.into_list(), uniforms.into_list());
    });
    body.graph = graph;
    body
}

struct Reader<'a> {
    body: &'a mut Body,
    streams: Numbered<Stream>,
    uniforms: Numbered<Uniform>,
    aliases: &'a FxHashMap<Spot, Alias>,
    /// What the instructions so far have put into places.
    values: FxHashMap<Spot, Id>,
    for_rows: bool,
}

impl Reader<'_> {
    fn rows<N: BitPattern>(&mut self, pass: &Pass, load: u16) -> Symbol<N> {
        let (source, Load { dtype, steps, .. }) = (RowSource::Load(load), &pass.loads[load as usize]);
        Symbol::of_node(match (dtype, steps[0].1) {
            (DType::Bool, _) => Node::Input(self.streams.number(Stream::Truths(source))),
            (_, 0) => Node::Uniform(self.uniforms.number(Uniform::Rows(source))),
            _ => return self.row_stream(source),
        })
    }

    fn row_stream<N: BitPattern>(&mut self, source: RowSource) -> Symbol<N> {
        Symbol::of_node(Node::Input(self.streams.number(Stream::Rows(source))))
    }

    /// The rows of an assembly: of pieces that lie beside others only the bits within their windows.
    fn assembled<N: BitPattern>(&mut self, pass: &Pass, number: u16) -> Symbol<N> {
        let pieces = &pass.assemblies[number as usize].pieces;
        let is_partial =
            |piece: &Piece| piece.by_rows(pass.columns).is_some_and(|(along, _)| along.count != along.size);
        let mut parts: smallvec::SmallVec<[Symbol<N>; 4]> = smallvec::SmallVec::new();
        if !pieces.iter().all(is_partial) {
            parts.push(self.row_stream(RowSource::Pieces(number)));
        }
        for (which, _) in pieces.iter().enumerate().filter(|(_, piece)| is_partial(piece)) {
            let which = which as u16;
            let (entries, window) = (RowSource::Piece(number, which), RowSource::Window(number, which));
            let entries: Symbol<N> = self.row_stream(entries);
            parts.push(entries.two(Two::And, self.row_stream(window)));
        }
        let both = |a: Symbol<N>, b| a.two(Two::Or, b);
        parts.into_iter().reduce(both).expect("an assembly has a piece")
    }

    fn uniform<N: BitPattern>(&mut self, uniform: Uniform) -> Symbol<N> {
        Symbol::of_node(Node::Uniform(self.uniforms.number(uniform)))
    }

    fn read<N: BitPattern>(&mut self, pass: &Pass, place: Place) -> Symbol<N> {
        let from = spot(place);
        if let Some(&id) = self.values.get(&from) {
            return Symbol::Node(id);
        }
        match place.spread {
            Spread::Same => self.uniform(Uniform::Same(from)),
            Spread::PerRow if !self.for_rows => self.uniform(Uniform::PerRow(from)),
            Spread::PerRow | Spread::Tile => match self.aliases.get(&from) {
                Some(&Alias::Rows(load)) if !self.for_rows => self.rows(pass, load),
                Some(&Alias::Same(number)) => self.uniform(Uniform::Same(number)),
                _ => Symbol::of_node(Node::Input(self.streams.number(Stream::Tile(from)))),
            },
        }
    }

    fn write<N: BitPattern>(&mut self, place: Place, value: Symbol<N>, is_live: &dyn Fn(Spot) -> bool) {
        let (spot, id) = (spot(place), value.id());
        self.values.insert(spot, id);
        if matches!(spot.0, Region::Memory(_)) || is_live(spot) {
            self.body.effects.push(Effect::Store { spot, id });
        }
    }

    fn instruction<N: BitPattern>(
        &mut self,
        pass: &Pass,
        instruction: &TileInstruction,
        is_live: &dyn Fn(Spot) -> bool,
    ) {
        let TileInstruction { operation, inputs, outputs } = instruction;
        let x: smallvec::SmallVec<[Symbol<N>; 4]> = inputs.iter().map(|&place| self.read(pass, place)).collect();
        let value = match *operation {
            Operation::Load(number) => self.rows(pass, number),
            Operation::Assemble(number) => self.assembled(pass, number),
            Operation::LookUp(number) => self.row_stream(RowSource::Lookup(number)),
            Operation::Spread | Operation::Copy => x[0],
            Operation::Truth => {
                Symbol::where_holds(Predicate::NotEqual, [x[0], Symbol::ZERO], Symbol::ONE, Symbol::ZERO)
            }
            Operation::Unary(kind) => functions::of_entry(kind, x[0]),
            Operation::Binary(kind) => binary(kind, x[0], x[1]),
            Operation::Pair(Pair { first, second, on_the_right }) => {
                let (first, second) = (Binary::from(first), Binary::from(second));
                let inner = binary(first, x[0], x[1]);
                if on_the_right { binary(second, x[2], inner) } else { binary(second, inner, x[2]) }
            }
            Operation::CompareSelect(kind) => Symbol::where_holds(predicate(kind), [x[0], x[1]], x[2], x[3]),
            Operation::Select => Symbol::where_holds(Predicate::NotEqual, [x[0], Symbol::ZERO], x[1], x[2]),
            Operation::Logistic(kinds) => {
                let results = logistic(kinds, x[0]);
                for (&place, value) in outputs.iter().zip(results) {
                    self.write(place, value, is_live);
                }
                return;
            }
            Operation::ReduceRow(reduction, number) => {
                let target =
                    outputs.first().map_or(Destination::RowSum(number), |&place| Destination::PerRow(spot(place)));
                return self.reduce(reduction, x[0], target);
            }
            Operation::DotRow(number) => {
                let target =
                    outputs.first().map_or(Destination::RowSum(number), |&place| Destination::PerRow(spot(place)));
                return self.reduce(Reduction::Sum, x[0] * x[1], target);
            }
            Operation::ReduceTotal(number) => {
                let reduction = pass.totals[number as usize].reduction;
                return self.reduce(reduction, x[0], Destination::Total(number));
            }
            Operation::DotTotal(number) => {
                return self.reduce(Reduction::Sum, x[0] * x[1], Destination::Total(number));
            }
            Operation::Across(number) => {
                let id = x[0].id();
                return self.body.effects.push(Effect::Across { id, number });
            }
            Operation::FinishRow(_)
            | Operation::OneHot(_)
            | Operation::WithinRow(_)
            | Operation::Pick(_)
            | Operation::Place(_)
            | Operation::AddPlaced(_)
            | Operation::Store(_) => unreachable!("not among the supported operations"),
        };
        self.write(outputs[0], value, is_live);
    }

    fn reduce<N: BitPattern>(&mut self, reduction: Reduction, value: Symbol<N>, target: Destination) {
        self.body.effects.push(Effect::Reduce { reduction, id: value.id(), target });
    }
}

fn predicate(comparison: Comparison) -> Predicate {
    match comparison {
        Comparison::Less => Predicate::Less,
        Comparison::LessOrEqual => Predicate::LessOrEqual,
        Comparison::Equal => Predicate::Equal,
    }
}

fn truth<N: BitPattern>(comparison: Comparison, a: Symbol<N>, b: Symbol<N>) -> Symbol<N> {
    Symbol::where_holds(predicate(comparison), [a, b], Symbol::ONE, Symbol::ZERO)
}

/// The same as [`Binary::apply`].
fn binary<N: BitPattern>(binary: Binary, a: Symbol<N>, b: Symbol<N>) -> Symbol<N> {
    match binary {
        Binary::Add => a.two(Two::Add, b),
        Binary::Subtract => a.two(Two::Subtract, b),
        Binary::Multiply => a.two(Two::Multiply, b),
        Binary::Divide => a.two(Two::Divide, b),
        // The processor's take the second where one is NaN.
        Binary::Maximum => Symbol::where_holds(Predicate::Unordered, [a, a], a, a.two(Two::Greater, b)),
        Binary::Minimum => Symbol::where_holds(Predicate::Unordered, [a, a], a, a.two(Two::Lesser, b)),
        Binary::Less => truth(Comparison::Less, a, b),
        Binary::LessOrEqual => truth(Comparison::LessOrEqual, a, b),
        Binary::Equal => truth(Comparison::Equal, a, b),
        Binary::Power => unreachable!("not among the supported operations"),
    }
}

/// The wanted functions of one logit, in the order of [`LogisticKinds`].
fn logistic<N: BitPattern>(kinds: LogisticKinds, x: Symbol<N>) -> impl Iterator<Item = Symbol<N>> {
    let LogisticKinds { softplus, softplus_of_negative, sigmoid, sigmoid_of_negative } = kinds;
    let exponential = functions::exp_minus_abs::<Fused, _>(x);
    let functions = [
        softplus.then(|| exponential.softplus::<Fused>(x)),
        softplus_of_negative.then(|| exponential.softplus::<Fused>(-x)),
        sigmoid.then(|| exponential.sigmoid::<Fused>(x)),
        sigmoid_of_negative.then(|| exponential.sigmoid_of_negative::<Fused>(x)),
    ];
    functions.into_iter().flatten()
}
