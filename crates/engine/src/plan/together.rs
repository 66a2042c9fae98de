//! Steps that run together, block of rows by block of rows: products whose rows a pass reads, the pass, and products of the rows that it makes.
//! A block stays in the cache from the first product to the last, and blocks are what threads share, as in tiled fusion of loop nests.

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::op::Op;
use crate::plan::pass::{Advance, Pass, Source};
use crate::plan::steps::{KernelCall, Step, Work};

/// Rows of a product that are multiplied in one go at least, where its matrices are cut: each time the right operand is brought into order.
const ROWS: usize = 64;

/// A matrix is cut into blocks of rows if it is so many times wider than the product is deep, or than what is made of it.
const WIDER: usize = 4;

/// Bytes of a result or a left operand from which on a product may run block by block of rows, together with the pass that it is read by or
/// comes from: less stays in the cache as a whole. From here on its sums have one order, however many rows are multiplied at a time.
pub(crate) const JOINED: usize = 512 << 10;

/// The bytes of a block: several of them stay in the second-level cache.
const BLOCK: usize = 256 << 10;

/// Whole matrices are units of work where there are so many of them: a product by itself is shared among threads.
const UNITS: usize = 4;

/// Multiplications up to which more terms of a sum than `DEPTH` are not added up alike for any number of rows.
const LITTLE: usize = 1 << 20;
const DEPTH: usize = 512;

/// So few rows or columns have kernels of their own.
const FEW: usize = 16;

/// Steps in their order, those together that are quicker so.
pub(super) fn brought_together(works: Vec<Work>) -> Vec<Step> {
    let mut finder = Finder::of(&works);
    if !finder.products.is_empty() {
        (0..works.len()).for_each(|at| finder.look_around(at));
    }
    let Finder { place, units, .. } = finder;
    let mut order: Vec<(Place, Work)> = place.into_iter().zip(works).collect();
    // Stable: what stays keeps its order.
    order.sort_by_key(|&(place, _)| place);
    let run_of = |at: usize| order.get(at).map(|&(place, _)| place.step).filter(|step| units.contains_key(step));
    let joined: Vec<bool> = (0..order.len()).map(|at| run_of(at).is_some() && run_of(at) == run_of(at + 1)).collect();
    let steps = order.into_iter().zip(joined);
    let step = |((place, work), joined): ((Place, Work), bool)| {
        let blocks = units.get(&place.step).copied().unwrap_or(1);
        Step { work, released: SmallVec::new(), joined, blocks }
    };
    steps.map(step).collect()
}

/// Where a step comes: with which, in the order before anything was moved, and before or behind that one.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    step: usize,
    side: Side,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Before,
    Itself,
    Behind,
}

struct Finder<'a> {
    works: &'a [Work],
    place: Vec<Place>,
    /// The step of each product that may be moved, by its value; and those that have a value as their left operand.
    products: FxHashMap<u32, usize>,
    multiplied: FxHashMap<u32, SmallVec<[usize; 2]>>,
    /// The step that writes a value, and those that read what such a product computes.
    writer: FxHashMap<u32, usize>,
    readers: FxHashMap<u32, SmallVec<[usize; 2]>>,
    /// How many blocks of a pass are computed in one go, by its step.
    units: FxHashMap<usize, usize>,
}

/// The matrices of a product: rows of so many entries, so many in a matrix, and what they are multiplied with or come from.
struct Matrices {
    rows: usize,
    columns: usize,
    other: usize,
    /// Terms of a sum.
    depth: usize,
    /// Whether the right operand is another one for each matrix.
    each: bool,
}

fn product(work: &Work) -> Option<&KernelCall> {
    match work {
        Work::Kernel(kernel) if kernel.op == Some(Op::MatrixMultiply) => Some(kernel),
        Work::Kernel(_) | Work::Pass(_) | Work::Product(_) | Work::Pairs(_) => None,
    }
}

impl<'a> Finder<'a> {
    fn of(works: &'a [Work]) -> Finder<'a> {
        let place = (0..works.len()).map(|step| Place { step, side: Side::Itself }).collect();
        let mut finder = Finder {
            works,
            place,
            products: FxHashMap::default(),
            multiplied: FxHashMap::default(),
            writer: FxHashMap::default(),
            readers: FxHashMap::default(),
            units: FxHashMap::default(),
        };
        for (at, work) in works.iter().enumerate() {
            if let Some(kernel) = product(work) {
                finder.products.insert(kernel.value, at);
                finder.multiplied.entry(kernel.inputs[0].base).or_default().push(at);
            }
        }
        if finder.products.is_empty() {
            return finder;
        }
        for (at, work) in works.iter().enumerate() {
            work.written(&mut |value| _ = finder.writer.insert(value, at));
            work.read(&mut |value| {
                if finder.products.contains_key(&value) {
                    finder.readers.entry(value).or_default().push(at);
                }
            });
        }
        finder
    }

    /// Brings products to a pass that reads their rows, or makes the rows that they multiply.
    fn look_around(&mut self, at: usize) {
        let Work::Pass(pass) = &self.works[at] else { return };
        let entries = pass.rows * pass.columns;
        if pass.blocks == 1 || entries.saturating_mul(pass.lane.size()) < JOINED {
            return;
        }
        let mut before: SmallVec<[usize; 2]> = SmallVec::new();
        for memory in &pass.memory {
            if let Source::Input(value, 0) = memory.source
                && let Some(&step) = self.products.get(&value)
                && !before.contains(&step)
                && self.comes_before(step, pass, at)
            {
                before.push(step);
            }
        }
        let mut behind: SmallVec<[usize; 2]> = SmallVec::new();
        for output in pass.outputs.iter().filter(|output| output.dtype == pass.lane) {
            for &step in self.multiplied.get(&output.value).into_iter().flatten() {
                if self.comes_behind(step, output.value, &before, pass, at) {
                    behind.push(step);
                }
            }
        }
        let products = before.iter().map(|&step| (step, true)).chain(behind.iter().map(|&step| (step, false)));
        let mut blocks = None;
        let mut moved: SmallVec<[(usize, Side); 4]> = SmallVec::new();
        for (step, first) in products {
            let kernel = product(&self.works[step]).expect("it is one");
            let matrices = Matrices::of(kernel, first);
            // The first decides, and the others go along if they can.
            let wanted = matrices.blocks(pass);
            if wanted.is_some() && (blocks.is_none() || blocks == wanted) {
                blocks = wanted;
                moved.push((step, if first { Side::Before } else { Side::Behind }));
            }
        }
        if let Some(blocks) = blocks {
            self.units.insert(at, blocks);
            moved.into_iter().for_each(|(step, side)| self.place[step] = Place { step: at, side });
        }
    }

    /// Whether a product may wait for the pass that reads its rows.
    fn comes_before(&self, step: usize, pass: &Pass, at: usize) -> bool {
        let kernel = product(&self.works[step]).expect("it is one");
        let value = kernel.value;
        let only_rows = pass
            .memory
            .iter()
            .all(|memory| !matches!(memory.source, Source::Input(base, offset) if base == value && (offset != 0 || memory.advance != Advance::Full)));
        let loads = pass.loads.iter().map(|load| load.value);
        let pieces = pass.assemblies.iter().flat_map(|assembly| &assembly.pieces).map(|piece| piece.value);
        let otherwise =
            loads.chain(pieces).chain(pass.indices.iter().map(|index| index.value)).any(|base| base == value);
        let alone = self.place[step].side == Side::Itself;
        kernel.dtype == pass.lane
            && only_rows
            && !otherwise
            && alone
            && self
                .readers
                .get(&value)
                .into_iter()
                .flatten()
                .all(|&reader| reader == at || self.place[reader].step > at)
    }

    /// Whether a product of what a pass makes may come right behind it, though others have waited for the pass.
    fn comes_behind(&self, step: usize, value: u32, waiting: &[usize], pass: &Pass, at: usize) -> bool {
        let kernel = product(&self.works[step]).expect("it is one");
        let (left, shape) = (&kernel.inputs[0], &kernel.shape);
        let rank = shape.rank();
        let whole = left.offset == 0 && left.is_row_major() && left.shape.elements() == pass.rows * pass.columns;
        let same_batch = left.shape.rank() == rank && left.shape[..rank - 2] == shape[..rank - 2];
        let there = |base: u32| {
            self.writer.get(&base).is_none_or(|&writer| self.place[writer].step < at && !waiting.contains(&writer))
        };
        let mut others =
            kernel.inputs[1..].iter().map(|layout| layout.base).chain(kernel.read.iter().map(|read| read.mask.base));
        whole
            && same_batch
            && kernel.dtype == pass.lane
            && self.place[step].side == Side::Itself
            && others.all(|base| base != value && there(base))
    }
}

impl Matrices {
    /// Those of the result of a product that comes first, or of the left operand of one that comes last.
    fn of(kernel: &KernelCall, first: bool) -> Matrices {
        let (left, right, rank) = (&kernel.inputs[0].shape, &kernel.inputs[1], kernel.shape.rank());
        let (rows, n, k) = (kernel.shape[rank - 2], kernel.shape[rank - 1], left[left.rank() - 1]);
        let (columns, other) = if first { (n, k) } else { (k, n) };
        let own = right.shape.rank();
        // Counted from the last axis, as they broadcast.
        let each =
            (3..=rank).all(|axis| kernel.shape[rank - axis] == 1 || axis <= own && right.strides[own - axis] != 0);
        Matrices { rows, columns, other, depth: k, each }
    }

    /// How many blocks of a pass belong together for them.
    fn blocks(&self, pass: &Pass) -> Option<usize> {
        let &Matrices { rows, columns, other, depth, each } = self;
        let entries = if pass.by_rows { pass.block * pass.columns } else { pass.block };
        // A product belongs to the pass over the larger of its matrices.
        if rows == 0 || columns < other || entries % columns != 0 {
            return None;
        }
        // A few rows or columns that are left over, or a few in all, would be added up in another order than by themselves.
        let even = |size: usize, unit: usize| size.is_multiple_of(unit) || size < unit || size % unit > FEW;
        if other <= FEW / 2 || !(even(rows, 96) && even(columns, 64) && even(other, 64)) {
            return None;
        }
        let (block, bytes) = (entries / columns, columns * pass.lane.size());
        // Parts of a matrix, as few rows as are worth it; or whole ones.
        let part = block * ROWS.div_ceil(block);
        if rows > part
            && rows.is_multiple_of(part)
            && columns >= WIDER * other
            && part * bytes <= BLOCK.max(ROWS * bytes)
            && (depth <= DEPTH || rows.saturating_mul(columns).saturating_mul(other) >= LITTLE)
        {
            return Some(part / block);
        }
        let whole = (1..=16).find(|blocks| (blocks * block).is_multiple_of(rows))?;
        let units = (pass.rows * pass.columns).div_ceil(whole * entries);
        (each && units >= UNITS && whole * block * bytes <= 2 * BLOCK).then_some(whole)
    }
}
