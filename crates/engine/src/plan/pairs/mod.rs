//! Reductions over pairs: a difference of two arrays that broadcast against each other, `[n, 1, d]` and `[1, m, d]`, reduced over one of the
//! three axes. No array of `n × m × d` is made: the differences live in registers, tile by tile, as the terms of a matrix product do.
//!
//! Such are distances between all points of two sets (reduced over `d`), and their gradients (reduced over `n` or `m`). The differences are
//! computed as they are written, never as a product of matrices, which would cancel.

pub(super) mod recognise;

use smallvec::SmallVec;

use crate::dtype::DType;
use crate::op::Reduction;
use crate::plan::views::Layout;
use crate::shape::Shape;

/// At most so many factors after the function of a difference.
pub(crate) const MOST_FACTORS: usize = 3;

/// A reduction over pairs: of `r[…, i, k] - l[…, j, k]`, perhaps scaled, a function, perhaps multiplied by numbers of the pair `(i, j)`.
#[derive(Debug)]
pub(crate) struct Pairs {
    /// The value computed.
    pub(crate) value: u32,
    pub(crate) dtype: DType,
    /// Sizes of the axes before those of the pair.
    pub(crate) batch: Shape,
    /// How many `i`, `j` and `k` there are.
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) depth: usize,
    pub(crate) reduced: Reduced,
    /// What is reduced, and by what.
    pub(crate) term: Term,
    pub(crate) reduction: Reduction,
    /// A power of two, or its negative, that every term is multiplied by; it is taken out of the sum.
    pub(crate) outside: f64,
    /// The left operand, which has no `j`: strides along the batch, `i` and `k`.
    pub(crate) left: PairOperand,
    /// The right operand, which has no `i`: strides along the batch, `j` and `k`.
    pub(crate) right: PairOperand,
    /// A number of each pair that the difference is multiplied by before the function, if the term has one; then those that multiply its
    /// value. None has a `k`: strides along the batch, `i` and `j`.
    pub(crate) factors: SmallVec<[PairOperand; 2]>,
    /// The value that holds the sums of the same differences' squares, in the order of this one, where a scaled one can be made of it.
    pub(crate) squares: Option<u32>,
}

/// Where the entries of an operand lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PairOperand {
    pub(crate) base: u32,
    pub(crate) offset: isize,
    /// Along the axes of the batch.
    pub(crate) batch: SmallVec<[isize; 2]>,
    /// Along its own two axes.
    pub(crate) strides: [isize; 2],
}

/// The axis that is reduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reduced {
    /// `k`: the result has a number for each pair.
    Depth,
    /// `j`: the result is like the left operand.
    Columns,
    /// `i`: the result is like the right operand.
    Rows,
}

/// A term of the reduction, in a difference `d` and factors `p` of its pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    /// `d²`.
    Square,
    /// `(d p)²`.
    ScaledSquare,
    /// `|d|`.
    Magnitude,
    /// `d p₁ … `.
    Difference,
    /// `sign(d) p₁ …`.
    Sign,
}

impl Pairs {
    /// What it is called in a summary.
    pub(crate) fn name(&self) -> &'static str {
        match self.reduction {
            Reduction::Sum if self.squares.is_some() => "pairs, scaled",
            Reduction::Sum => "pairs, summed",
            Reduction::Max => "pairs, greatest",
            Reduction::Min => "pairs, least",
        }
    }

    /// The buffers read.
    pub(crate) fn operands(&self) -> impl Iterator<Item = &PairOperand> {
        [&self.left, &self.right].into_iter().chain(&self.factors)
    }

    /// The sizes of the result but for the batch.
    pub(crate) fn kept(&self) -> [usize; 2] {
        match self.reduced {
            Reduced::Depth => [self.rows, self.columns],
            Reduced::Columns => [self.rows, self.depth],
            Reduced::Rows => [self.columns, self.depth],
        }
    }

    /// Entries of the result.
    pub(crate) fn elements(&self) -> usize {
        self.kept().iter().product::<usize>() * self.batch.elements()
    }

    /// Whether a pair's number is that of the pair in the other order, to the bit: both operands are the same.
    pub(crate) fn is_symmetric(&self) -> bool {
        self.reduced == Reduced::Depth && self.rows == self.columns && self.left == self.right
    }

    /// The values whose buffers are read.
    pub(crate) fn values_read(&self) -> impl Iterator<Item = u32> {
        self.operands().map(|operand| operand.base).chain(self.squares)
    }

    /// Differences that are computed.
    pub(crate) fn work(&self) -> usize {
        [self.rows, self.columns, self.depth]
            .iter()
            .fold(self.batch.elements(), |work, &size| work.saturating_mul(size))
    }

    /// Entries that are read, each once.
    pub(crate) fn entries_read(&self) -> usize {
        let of = |operand: &PairOperand, sizes: [usize; 2]| {
            let axes = self.batch.iter().zip(&operand.batch).chain(sizes.iter().zip(&operand.strides));
            axes.filter(|(_, stride)| **stride != 0).map(|(size, _)| *size).product::<usize>()
        };
        let factors = self.factors.iter().map(|factor| of(factor, [self.rows, self.columns]));
        let squares = if self.squares.is_some() { self.elements() } else { 0 };
        let points = of(&self.left, [self.rows, self.depth]) + of(&self.right, [self.columns, self.depth]);
        points + factors.sum::<usize>() + squares
    }
}

impl PairOperand {
    /// An operand whose layout, seen under the whole shape, has these axes: the batch, then its own.
    pub(super) fn of(layout: &Layout, shape: &Shape, batch: &[usize], own: [usize; 2]) -> PairOperand {
        let strides = layout.strides_in(shape);
        PairOperand {
            base: layout.base,
            offset: layout.offset,
            batch: batch.iter().map(|&axis| strides[axis]).collect(),
            strides: own.map(|axis| strides[axis]),
        }
    }
}
