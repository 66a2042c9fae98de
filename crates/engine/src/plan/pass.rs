//! A pass: what its loop reads, computes and writes, ready to run.

use std::ops::Range;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::{Binary, Comparison, Reduction, Unary};
use crate::plan::lookup::Lookup;
use crate::plan::views::{Layout, Steps, by_rows};
use crate::shape::Shape;

/// One loop over `rows × columns` entries, in tiles of some rows and columns that stay in the cache.
#[derive(Debug)]
pub(crate) struct Pass {
    /// The type that everything is computed in; truth values are 0 and 1 of it.
    pub(crate) lane: DType,
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) tile_rows: usize,
    pub(crate) tile_columns: usize,
    /// Whether blocks are of rows. Otherwise there is one row, and blocks are of columns.
    pub(crate) by_rows: bool,
    /// Rows or columns of a block. Blocks are cut by size, never by the number of threads.
    pub(crate) block: usize,
    pub(crate) blocks: usize,
    /// Runs of numbers that instructions read and write where they lie.
    pub(crate) memory: Vec<Memory>,
    /// What has to be brought into a register first.
    pub(crate) loads: Vec<Load>,
    /// What has to be put together in a register from pieces.
    pub(crate) assemblies: Vec<Assembly>,
    /// What is read from a table where indices say.
    pub(crate) lookups: Vec<Lookup>,
    /// Positions in rows, as i64: values of the program.
    pub(crate) indices: Vec<Index>,
    /// What is computed once.
    pub(crate) prologue: Vec<TileInstruction>,
    pub(crate) phases: Vec<Phase>,
    /// Size of the registers, in elements.
    pub(crate) scratch: usize,
    /// Where the registers that hold whole rows begin.
    pub(crate) carried: usize,
    /// Reductions along rows, while a row is walked through.
    pub(crate) row_sums: Vec<Reduction>,
    pub(crate) totals: Vec<Total>,
    pub(crate) across: Vec<Across>,
    pub(crate) outputs: Vec<PassOutput>,
}

/// A walk through the columns, then what is made of its results once for each row.
#[derive(Debug, Default)]
pub(crate) struct Phase {
    pub(crate) full: Vec<TileInstruction>,
    pub(crate) rows: Vec<TileInstruction>,
}

/// Rows that generated code reads where they lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(not(all(target_arch = "x86_64", target_os = "linux")), allow(dead_code))]
pub(crate) enum RowSource {
    /// Of a load.
    Load(u16),
    /// Of the pieces of an assembly that have whole rows; zeros where none of them lies.
    Pieces(u16),
    /// Of one piece of an assembly, with whatever lies beside it; zeros where it has nothing of a row.
    Piece(u16, u16),
    /// What a piece has of each row, as bits.
    Window(u16, u16),
    /// Of a look-up: each row has a pointer of its own.
    Lookup(u16),
}

/// How a place in memory moves with the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Advance {
    /// One entry for each row and column.
    Full,
    /// One for each row.
    Row,
    /// One for each column.
    Column,
    /// Not at all.
    Fixed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// A value of the program, from an entry on.
    Input(u32, isize),
    /// A result of the pass.
    Output(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Memory {
    pub(crate) source: Source,
    pub(crate) advance: Advance,
}

/// A strided or converted operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Load {
    pub(crate) value: u32,
    pub(crate) dtype: DType,
    pub(crate) offset: isize,
    /// How the loop steps through it, in row-major order.
    pub(crate) steps: Steps,
    pub(crate) advance: Advance,
}

impl Load {
    /// The stride along rows of so many entries, and how rows are stepped through, if an even walk along each row is what the steps
    /// are.
    pub(crate) fn by_rows(&self, columns: usize) -> Option<(isize, Steps)> {
        by_rows(&self.steps, columns)
    }

    /// Whether it is one number.
    pub(crate) fn is_same(&self) -> bool {
        self.steps.len() == 1 && self.steps[0].1 == 0
    }

    /// Whether a loop in the given type, over rows of so many entries, can read it where it lies.
    pub(crate) fn has_rows(&self, lane: DType, columns: usize) -> bool {
        self.dtype == lane && matches!(self.by_rows(columns), Some((0 | 1, _)))
    }

    /// Whether it is truth values, those of each row of so many entries side by side.
    pub(crate) fn has_rows_of_truths(&self, columns: usize) -> bool {
        self.dtype == DType::Bool && matches!(self.by_rows(columns), Some((1, _)))
    }
}

/// An operand whose entries lie in several values, with zeros where they lie in none.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Assembly {
    pub(crate) pieces: SmallVec<[Piece; 1]>,
    /// Whether each entry lies in a piece.
    pub(crate) is_covered: bool,
    pub(crate) advance: Advance,
}

/// A box of entries of an operand.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Piece {
    pub(crate) value: u32,
    /// Where its first entry lies in the value.
    pub(crate) offset: isize,
    /// The axes of the loop, innermost first; at least one.
    pub(crate) windows: SmallVec<[Window; 4]>,
}

/// Which entries of an axis of the loop a piece has, and how they lie in its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Window {
    pub(crate) size: usize,
    pub(crate) first: usize,
    pub(crate) count: usize,
    pub(crate) stride: isize,
}

impl Window {
    /// Whether the piece has an entry at this place of the axis.
    pub(crate) fn covers(&self, index: usize) -> bool {
        (self.first..self.first + self.count).contains(&index)
    }

    /// How far the entry at this place of the axis lies from the piece's first.
    pub(crate) fn way(&self, index: usize) -> isize {
        (index - self.first) as isize * self.stride
    }
}

impl Assembly {
    /// Whether code that loops over rows of so many entries can read each row where it lies, though at its ends something else lies there.
    pub(crate) fn has_rows(&self, columns: usize) -> bool {
        self.pieces.iter().all(|piece| piece.has_rows(columns))
    }
}

impl Piece {
    /// Whether what it has of each row of so many entries lies side by side.
    pub(crate) fn has_rows(&self, columns: usize) -> bool {
        self.by_rows(columns).is_some_and(|(along, _)| along.stride == 1)
    }

    /// What it has of each row of so many entries, and which rows it lies in, if it has the same of all of them.
    pub(crate) fn by_rows(&self, columns: usize) -> Option<(Window, SmallVec<[Window; 4]>)> {
        let Window { size, first, count, stride } = self.windows[0];
        let rest = &self.windows[1..];
        if size == columns {
            return Some((self.windows[0], rest.into()));
        }
        if ![size, first, count].iter().all(|extent| extent.is_multiple_of(columns)) {
            return None;
        }
        let (size, first, count) = (size / columns, first / columns, count / columns);
        let mut rows: SmallVec<[Window; 4]> = SmallVec::new();
        rows.push(Window { size, first, count, stride: stride * columns as isize });
        rows.extend_from_slice(rest);
        Some((Window { size: columns, first: 0, count: columns, stride }, rows))
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> usize {
        self.windows.iter().map(|window| window.count).product()
    }

    /// The box that begins at `starts` under a shape and has the entries of a layout.
    pub(crate) fn of(layout: &Layout, starts: &[usize], shape: &Shape) -> Piece {
        let mut windows: SmallVec<[Window; 4]> = SmallVec::new();
        for axis in (0..shape.rank()).rev().filter(|&axis| shape[axis] != 1) {
            let (size, first, count, stride) = (shape[axis], starts[axis], layout.shape[axis], layout.strides[axis]);
            match windows.last_mut() {
                // A whole inner axis is a part of the steps along the one around it.
                Some(inner) if inner.count == inner.size && stride == inner.stride * inner.size as isize => {
                    *inner = Window {
                        size: size * inner.size,
                        first: first * inner.size,
                        count: count * inner.size,
                        stride: inner.stride,
                    };
                }
                _ => windows.push(Window { size, first, count, stride }),
            }
        }
        Piece { value: layout.base, offset: layout.offset, windows }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) value: u32,
    pub(crate) offset: isize,
    /// The instruction of the original program, for its location.
    pub(crate) origin: u32,
    /// What the operation is called in messages; `None` if an index out of range names nothing.
    pub(crate) operation: Option<&'static str>,
}

/// A sum or an extreme over everything.
#[derive(Clone, Debug)]
pub(crate) struct Total {
    pub(crate) reduction: Reduction,
    pub(crate) value: u32,
    pub(crate) dtype: DType,
}

/// A reduction across rows: each row is added to a row of the result.
#[derive(Clone, Debug)]
pub(crate) struct Across {
    pub(crate) reduction: Reduction,
    pub(crate) value: u32,
    pub(crate) dtype: DType,
    /// Entries of the result.
    pub(crate) length: usize,
    /// Where the row of the result begins: for each kept axis `(row / divisor % size) * stride`.
    pub(crate) place: SmallVec<[(usize, usize, usize); 2]>,
}

impl Across {
    /// Where the row of the result begins that a row is added to.
    pub(crate) fn place_of(&self, row: usize) -> usize {
        self.place.iter().map(|&(divisor, size, stride)| row / divisor % size * stride).sum()
    }

    /// The entries of the result that some rows are added to, or more.
    pub(crate) fn touched(&self, rows: Range<usize>, columns: usize) -> Range<usize> {
        let Some(&(divisor, size, stride)) = self.place.last() else { return 0..columns };
        let (first, last) = (rows.start / divisor, (rows.end - 1) / divisor);
        let begins_again = last - first >= size || first % size > last % size;
        if begins_again {
            0..self.length
        } else {
            first % size * stride..(last % size * stride + stride).min(self.length)
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PassOutput {
    pub(crate) value: u32,
    pub(crate) dtype: DType,
    pub(crate) length: usize,
}

/// Where an operand or a result of an instruction is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) region: Region,
    /// In elements, from the start of the region at the present tile.
    pub(crate) offset: usize,
    pub(crate) spread: Spread,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Region {
    /// A register.
    Scratch,
    /// A register that holds whole rows: it moves with the column.
    Carried,
    /// `Pass::memory`.
    Memory(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Spread {
    /// An entry for each entry of the tile.
    Tile,
    /// A number for each row.
    PerRow,
    /// One number.
    Same,
}

/// One instruction: a kernel over a tile.
#[derive(Clone, Debug)]
pub(crate) struct TileInstruction {
    pub(crate) operation: Operation,
    pub(crate) inputs: SmallVec<[Place; 4]>,
    pub(crate) outputs: SmallVec<[Place; 2]>,
}

impl TileInstruction {
    /// How many entries of an operand are read, where the tile has so many rows and the loop so many entries.
    pub(crate) fn read(&self, which: usize, rows: usize, entries: usize) -> usize {
        // The operand that is one number for each row, however it is spread.
        let numbers = match self.operation {
            Operation::Spread | Operation::WithinRow(_) | Operation::Place(_) => Some(0),
            Operation::AddPlaced(_) => Some(1),
            _ => None,
        };
        match self.inputs[which].spread {
            Spread::Same => 1,
            Spread::Tile if numbers != Some(which) => entries,
            Spread::PerRow | Spread::Tile => rows,
        }
    }
}

impl Pass {
    /// Whether it computes a few numbers from numbers.
    pub(crate) fn is_few_scalars(&self) -> bool {
        /// So many instructions take no longer than it takes to call generated code.
        const FEW: usize = 8;
        self.rows * self.columns == 1
            && self.phases.len() == 1
            && self.phases[0].full.len() + self.prologue.len() <= FEW
            && self.phases[0].rows.is_empty()
            && self.assemblies.is_empty()
            && self.lookups.is_empty()
            && self.indices.is_empty()
            && self.row_sums.is_empty()
            && self.totals.is_empty()
            && self.across.is_empty()
    }

    /// How many entries an instruction writes to each of its results, where the tile has so many rows and the loop so many entries.
    pub(crate) fn written(&self, operation: Operation, rows: usize, entries: usize) -> usize {
        match operation {
            Operation::ReduceRow(..) | Operation::DotRow(_) | Operation::Pick(_) => rows,
            Operation::FinishRow(_) => 1,
            Operation::Load(number) => {
                let load = &self.loads[number as usize];
                match load.advance {
                    Advance::Full => entries,
                    Advance::Row => rows,
                    Advance::Column | Advance::Fixed if load.is_same() => 1,
                    Advance::Column | Advance::Fixed => entries,
                }
            }
            Operation::Assemble(number) => match self.assemblies[number as usize].advance {
                Advance::Row => rows,
                Advance::Full | Advance::Column | Advance::Fixed => entries,
            },
            Operation::LookUp(number) => match self.lookups[number as usize].advance {
                Advance::Row => rows,
                Advance::Full | Advance::Column | Advance::Fixed => entries,
            },
            Operation::Spread
            | Operation::Copy
            | Operation::Truth
            | Operation::Unary(_)
            | Operation::Binary(_)
            | Operation::Pair(_)
            | Operation::CompareSelect(_)
            | Operation::Select
            | Operation::Logistic(_)
            | Operation::OneHot(_)
            | Operation::WithinRow(_)
            | Operation::Place(_)
            | Operation::AddPlaced(_) => entries,
            Operation::ReduceTotal(_) | Operation::DotTotal(_) | Operation::Across(_) | Operation::Store(_) => 0,
        }
    }
}

/// What an instruction computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Brings an operand into a register.
    Load(u16),
    /// Puts an operand together in a register.
    Assemble(u16),
    /// Brings what indices name into a register.
    LookUp(u16),
    /// Repeats a number, one for each row or one for all, over the tile.
    Spread,
    Copy,
    /// Whether a number differs from 0.
    Truth,
    Unary(Unary),
    Binary(Binary),
    /// `(a ∘ b) ∘ c`, or `c ∘ (a ∘ b)`.
    Pair(Pair),
    /// `a ∘ b ? c : d`.
    CompareSelect(Comparison),
    Select,
    /// Functions of one logit that share their exponential; each kind has its output.
    Logistic(LogisticKinds),
    /// Reduction along the row, into an accumulator; into the output where the tile holds whole rows.
    ReduceRow(Reduction, u16),
    /// Sum of products along the row.
    DotRow(u16),
    /// What an accumulator holds at the end of the row.
    FinishRow(u16),
    ReduceTotal(u16),
    DotTotal(u16),
    Across(u16),
    /// Whether the position in the row is the one that an index names.
    OneHot(u16),
    /// The input of each row, or 0 where an index names no position in the row.
    WithinRow(u16),
    /// The entry of each row that an index names; 0 if it names none and may do so.
    Pick(u16),
    /// Zeros, and a number where the index says.
    Place(u16),
    /// The input, and a number added where the index says.
    AddPlaced(u16),
    /// Truth values as bytes.
    Store(u16),
}

/// Two operations in one instruction: what is between them needs no register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) first: Ring,
    pub(crate) second: Ring,
    /// Whether the result of the first is the right operand of the second.
    pub(crate) on_the_right: bool,
}

/// The operations of a ring: quick enough that two of them are worth an instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ring {
    Add,
    Subtract,
    Multiply,
}

impl Ring {
    /// The operation, if it is one of these.
    pub(crate) fn of(binary: Binary) -> Option<Ring> {
        match binary {
            Binary::Add => Some(Ring::Add),
            Binary::Subtract => Some(Ring::Subtract),
            Binary::Multiply => Some(Ring::Multiply),
            Binary::Divide
            | Binary::Power
            | Binary::Maximum
            | Binary::Minimum
            | Binary::Less
            | Binary::LessOrEqual
            | Binary::Equal => None,
        }
    }
}

impl From<Ring> for Binary {
    fn from(ring: Ring) -> Binary {
        match ring {
            Ring::Add => Binary::Add,
            Ring::Subtract => Binary::Subtract,
            Ring::Multiply => Binary::Multiply,
        }
    }
}

impl From<Comparison> for Binary {
    fn from(comparison: Comparison) -> Binary {
        match comparison {
            Comparison::Less => Binary::Less,
            Comparison::LessOrEqual => Binary::LessOrEqual,
            Comparison::Equal => Binary::Equal,
        }
    }
}

/// Which functions of a logit are computed together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LogisticKinds {
    /// `softplus(x)`.
    pub(crate) softplus: bool,
    /// `softplus(-x)`.
    pub(crate) softplus_of_negative: bool,
    /// `σ(x)`.
    pub(crate) sigmoid: bool,
    /// `σ(-x)`.
    pub(crate) sigmoid_of_negative: bool,
}
