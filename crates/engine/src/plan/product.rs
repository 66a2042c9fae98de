//! Matrix products whose operands are gathered from a view, block by block, instead of being copied as a whole; and what becomes of the
//! product without its being stored: a sum over the batch, or the sum of overlapping windows.
//!
//! Such are convolutions: the windows of a picture, as a matrix, hold every pixel many times. A block of them stays in the cache.

pub(super) mod recognise;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::plan::views::{Steps, Strides};
use crate::shape::Shape;

/// The bytes of a gathered block: what stays in the second-level cache beside the other operand and the result.
const BLOCK: usize = 512 << 10;

/// Multiplications that make a part of a sum worth a thread.
const PART: usize = 1 << 20;

/// A batch of matrix products, and what is made of them.
#[derive(Debug)]
pub(crate) struct Product {
    /// The value computed, and how many entries it has.
    pub(crate) value: u32,
    pub(crate) elements: usize,
    pub(crate) dtype: DType,
    /// Sizes of the leading axes; never none.
    pub(crate) batch: SmallVec<[usize; 2]>,
    pub(crate) sizes: Sizes,
    pub(crate) left: Matrices,
    pub(crate) right: Matrices,
    /// Where a matrix is too large to be gathered at once: how it is cut.
    pub(crate) cut: Option<Cut>,
    pub(crate) finish: Finish,
}

/// The left operand has `m × k` entries, the right one `k × n`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sizes {
    pub(crate) m: usize,
    pub(crate) n: usize,
    pub(crate) k: usize,
}

/// The matrices of an operand: the entry in row `r` and column `c` of one lies where the steps of rows and columns lead, counted as in
/// a mixed-radix number.
#[derive(Clone, Debug)]
pub(crate) struct Matrices {
    /// The buffer read from.
    pub(crate) base: u32,
    pub(crate) offset: isize,
    /// Stride along each axis of the batch; 0 along the first where it goes through padded items.
    pub(crate) batch: Strides,
    pub(crate) rows: Steps,
    pub(crate) columns: Steps,
    /// Where the matrices are views of a padded picture: how one is made.
    pub(crate) padding: Option<Padding>,
}

/// An item of the batch with zeros around it. The operand's offset and steps then lie within the padded item.
#[derive(Clone, Debug)]
pub(crate) struct Padding {
    /// The item without its zeros: its axes, where it lies in the buffer, and the stride from item to item.
    pub(crate) shape: Shape,
    pub(crate) strides: Strides,
    pub(crate) offset: isize,
    pub(crate) item: isize,
    /// Where its entries lie among the zeros.
    pub(crate) padded_strides: Strides,
    pub(crate) start: usize,
    /// Entries of the padded item.
    pub(crate) length: usize,
}

/// How many overlapping entries may be added in their own type, as the terms of a matrix product are.
const MEETING: usize = 25;

/// What becomes of the products.
#[derive(Debug)]
pub(crate) enum Finish {
    /// Each is a matrix of the result.
    Each,
    /// Those along so many leading axes of the batch are added up.
    Sum { axes: usize },
    /// The entries of each are added to the entries of the result where the steps lead.
    Overlap(Box<Overlap>),
}

/// Where the entries of a product are added to.
#[derive(Debug)]
pub(crate) struct Overlap {
    /// Strides along the axes of the batch but the first: each item of that has a part of the result to itself.
    pub(crate) batch: Strides,
    pub(crate) rows: Steps,
    pub(crate) columns: Steps,
    /// Entries that an item is added up in.
    pub(crate) length: usize,
    /// The part of them that is the result, if it is not all.
    pub(crate) crop: Option<Crop>,
}

/// A part of an item.
#[derive(Debug)]
pub(crate) struct Crop {
    pub(crate) shape: Shape,
    pub(crate) strides: Strides,
    pub(crate) offset: isize,
}

/// A dimension of the products that is cut into blocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cut {
    pub(crate) dimension: Dimension,
    /// The length of a block, but perhaps the last.
    pub(crate) length: usize,
}

/// A dimension of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dimension {
    M,
    N,
    K,
}

impl Sizes {
    pub(crate) fn of(&self, dimension: Dimension) -> usize {
        match dimension {
            Dimension::M => self.m,
            Dimension::N => self.n,
            Dimension::K => self.k,
        }
    }
}

impl Matrices {
    /// Whether the matrices must be gathered, because rows or columns do not lie evenly.
    pub(crate) fn is_gathered(&self) -> bool {
        self.padding.is_some() || self.rows.len() > 1 || self.columns.len() > 1
    }

    /// Whether a gathered matrix is better stored column by column: where neighbours lie side by side for longer.
    pub(crate) fn by_columns(&self) -> bool {
        prefers_columns(&self.rows, &self.columns)
    }
}

/// Whether a walk along the columns meets longer runs of neighbours than one along the rows.
pub(crate) fn prefers_columns(rows: &Steps, columns: &Steps) -> bool {
    let run = |steps: &Steps| if steps[0].1 == 1 { steps[0].0 } else { 0 };
    run(rows) > run(columns)
}

/// The length that a dimension must be cut in multiples of, for its steps to be cut between two of the outermost only.
fn unit(steps: &Steps) -> usize {
    steps[..steps.len() - 1].iter().map(|&(size, _)| size).product()
}

impl Product {
    /// How the products are cut: where a gathered operand is longer, if it does not fit into the cache.
    pub(super) fn cut_for(left: &Matrices, right: &Matrices, sizes: Sizes, dtype: DType) -> Option<Cut> {
        let Sizes { m, n, k } = sizes;
        let operands = [
            (left, (Dimension::M, m, &left.rows), (Dimension::K, k, &left.columns)),
            (right, (Dimension::K, k, &right.rows), (Dimension::N, n, &right.columns)),
        ];
        let large = operands
            .into_iter()
            .filter(|(operand, rows, columns)| operand.is_gathered() && rows.1 * columns.1 * dtype.size() > BLOCK);
        let (_, rows, columns) = large.max_by_key(|(_, rows, columns)| rows.1 * columns.1)?;
        let ((dimension, size, _), (_, other, _)) = if rows.1 > columns.1 { (rows, columns) } else { (columns, rows) };
        let units = match dimension {
            Dimension::M => [unit(&left.rows), 1],
            Dimension::N => [1, unit(&right.columns)],
            Dimension::K => [unit(&left.columns), unit(&right.rows)],
        };
        // Both operands are cut at the same places.
        let unit = units[0].max(units[1]);
        if units.iter().any(|&own| !unit.is_multiple_of(own)) {
            return None;
        }
        let wanted = BLOCK / dtype.size() / other;
        let length = (wanted / unit).max(1) * unit;
        (length < size).then_some(Cut { dimension, length })
    }

    /// What it is called in a summary.
    pub(crate) fn name(&self) -> &'static str {
        match self.finish {
            Finish::Each => "matmul of windows",
            Finish::Sum { .. } => "matmul of windows, summed",
            Finish::Overlap(_) => "matmul, overlap_add",
        }
    }

    /// Entries that are read, each once.
    pub(crate) fn entries_read(&self) -> usize {
        let distinct = |steps: &[(usize, isize)]| -> usize {
            steps.iter().filter(|step| step.1 != 0).map(|step| step.0).product()
        };
        [&self.left, &self.right]
            .into_iter()
            .map(|operand| {
                let batch = self.batch.iter().zip(&operand.batch).filter(|(_, stride)| **stride != 0);
                match &operand.padding {
                    Some(padding) => padding.shape.elements() * if padding.item == 0 { 1 } else { self.batch[0] },
                    None => {
                        batch.map(|(size, _)| size).product::<usize>()
                            * distinct(&operand.rows)
                            * distinct(&operand.columns)
                    }
                }
            })
            .sum()
    }

    /// The sizes of a block.
    pub(crate) fn block(&self) -> Sizes {
        let Sizes { mut m, mut n, mut k } = self.sizes;
        match self.cut {
            Some(Cut { dimension: Dimension::M, length }) => m = length,
            Some(Cut { dimension: Dimension::N, length }) => n = length,
            Some(Cut { dimension: Dimension::K, length }) => k = length,
            None => {}
        }
        Sizes { m, n, k }
    }

    /// Entries that a thread needs for itself while it computes.
    pub(crate) fn scratch(&self) -> usize {
        let Sizes { m, n, k } = self.block();
        let gathered = |operand: &Matrices, entries: usize| {
            operand.padding.as_ref().map_or(0, |padding| padding.length)
                + if operand.is_gathered() { entries } else { 0 }
        };
        let own = match &self.finish {
            Finish::Each => 0,
            Finish::Sum { axes } => self.elements * self.parts(self.batch[..*axes].iter().product()),
            Finish::Overlap(overlap) => {
                let sums = if self.meets_many(overlap) { 2 * overlap.length } else { 0 };
                m * n + sums + overlap.crop.as_ref().map_or(0, |_| overlap.length)
            }
        };
        gathered(&self.left, m * k) + gathered(&self.right, k * n) + own
    }

    /// Whether more entries meet in a place, on average, than may be added in their own type: more than a kernel of 5 × 5 has.
    pub(crate) fn meets_many(&self, overlap: &Overlap) -> bool {
        let entries = self.batch[1..].iter().product::<usize>() * self.sizes.m * self.sizes.n;
        entries > MEETING * overlap.length
    }

    /// How many blocks a product is cut into.
    pub(crate) fn blocks(&self) -> usize {
        self.cut.map_or(1, |cut| self.sizes.of(cut.dimension).div_ceil(cut.length))
    }

    /// The multiplications of the whole.
    pub(crate) fn work(&self) -> usize {
        let factors = self.batch.iter().chain([&self.sizes.m, &self.sizes.n, &self.sizes.k]);
        factors.fold(1, |work: usize, &size| work.saturating_mul(size))
    }

    /// Into how many parts a sum over so many items is cut: a number that the sizes alone decide.
    pub(crate) fn parts(&self, items: usize) -> usize {
        let kept = self.elements.max(1);
        let most = (1 << 22) / kept;
        (self.work() / PART).min(items).min(most).clamp(1, 16)
    }
}
