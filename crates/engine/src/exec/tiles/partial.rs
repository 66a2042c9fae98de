//! What reductions add up, block by block.

use std::ops::Range;

use smallvec::SmallVec;

use crate::buffer::Buffer;
use crate::jit::BEHIND_SUMS;
use crate::op::Reduction;
use crate::plan::Pass;

/// What a block has added up.
pub(super) struct Partial {
    pub(super) totals: SmallVec<[f64; 4]>,
    /// Reductions across rows, one after the other, and some room behind them.
    pub(super) across: Buffer<f64>,
    /// What of each was added to; the rest holds anything.
    pub(super) touched: SmallVec<[Range<usize>; 2]>,
}

/// What a reduction starts from.
#[inline]
pub(super) fn start(reduction: Reduction) -> f64 {
    match reduction {
        Reduction::Sum => 0.0,
        Reduction::Max => f64::NEG_INFINITY,
        Reduction::Min => f64::INFINITY,
    }
}

/// Two parts of a reduction; NaN wins.
#[inline]
pub(super) fn combine(reduction: Reduction, a: f64, b: f64) -> f64 {
    match reduction {
        Reduction::Sum => a + b,
        Reduction::Max if b > a || b.is_nan() => b,
        Reduction::Min if b < a || b.is_nan() => b,
        Reduction::Max | Reduction::Min => a,
    }
}

impl Partial {
    /// Nothing, not even room for sums.
    pub(super) fn none() -> Partial {
        Partial { totals: SmallVec::new(), across: Vec::new().into(), touched: SmallVec::new() }
    }

    /// Where the reductions of a pass start from; of those across rows only what the given rows are added to.
    pub(super) fn of_rows(pass: &Pass, rows: Range<usize>) -> Partial {
        let totals = pass.totals.iter().map(|total| start(total.reduction)).collect();
        if pass.across.is_empty() {
            return Partial { totals, ..Partial::none() };
        }
        let length = pass.across.iter().fold(BEHIND_SUMS, |sum, across| sum.saturating_add(across.length));
        let mut across = Buffer::of(length);
        let mut touched = SmallVec::new();
        let mut at = 0;
        for reduction in &pass.across {
            let own = reduction.touched(rows.clone(), pass.columns);
            let own = at + own.start..at + own.end;
            across[own.clone()].fill(start(reduction.reduction));
            touched.push(own);
            at += reduction.length;
        }
        Partial { totals, across, touched }
    }

    pub(super) fn add(&mut self, pass: &Pass, other: &Partial) {
        for ((total, sum), &part) in pass.totals.iter().zip(&mut self.totals).zip(&other.totals) {
            *sum = combine(total.reduction, *sum, part);
        }
        for (across, touched) in pass.across.iter().zip(&other.touched) {
            let sums = self.across[touched.clone()].iter_mut().zip(&other.across[touched.clone()]);
            match across.reduction {
                Reduction::Sum => sums.for_each(|(sum, &part)| *sum += part),
                reduction => sums.for_each(|(sum, &part)| *sum = combine(reduction, *sum, part)),
            }
        }
    }
}
