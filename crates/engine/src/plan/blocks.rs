//! How a pass is cut into the blocks that threads share: by what its entries cost, never by how many threads there are.

use crate::op::{Binary, Unary};
use crate::plan::pass::Operation;

/// Entries of quick operations, or as much work, that make a block worth a thread.
const BLOCK: usize = 1 << 15;
const MOST_BLOCKS: usize = 64;

/// Where a pass is cut, along its rows or along its only row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// Rows or columns of a tile.
    pub(super) tile: usize,
    /// Rows or columns of a block: whole tiles.
    pub(super) block: usize,
}

/// A pass, before it is cut.
pub(super) struct Uncut {
    pub(super) entries: usize,
    /// The work of the slow operations, in entries of quick ones.
    pub(super) slow: usize,
    /// The entries of all that it accumulates across its rows, which each block has a copy of.
    pub(super) accumulated: usize,
    /// Rows, or columns of the only row.
    pub(super) extent: usize,
    /// The most of them that fit into a tile.
    pub(super) tile: usize,
    /// Tiles begin at multiples of so many of them.
    pub(super) unit: usize,
}

impl Uncut {
    /// As many blocks as are worth it, of whole tiles.
    pub(super) fn cut(&self) -> Cut {
        let &Uncut { entries, slow, accumulated, extent, tile, unit } = self;
        let most = entries.checked_div(accumulated.saturating_mul(2)).unwrap_or(MOST_BLOCKS).min(MOST_BLOCKS);
        let blocks = (entries.max(slow) / BLOCK).min(most).max(1);
        let block = extent.div_ceil(blocks);
        if slow <= entries {
            return Cut { tile, block: block.next_multiple_of(tile) };
        }
        // Of slow entries a full tile can be more than a block should have: smaller ones, which fit evenly.
        let tiles = block.div_ceil(tile);
        let tile = block.div_ceil(tiles).next_multiple_of(unit).min(tile);
        Cut { tile, block: tiles * tile }
    }
}

/// What an operation takes for one entry, in entries of a pass of quick operations; 0 of those that such a pass has.
pub(super) fn weight(operation: Operation) -> usize {
    match operation {
        Operation::Binary(Binary::Power) => 16,
        Operation::Unary(Unary::LnGamma | Unary::Polygamma(0)) => 4,
        // A sum of powers, each with a logarithm and an exponential.
        Operation::Unary(Unary::Polygamma(_)) => 256,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::pass::Pass;
    use crate::plan::steps::Work;
    use crate::plan::tests::planned;

    /// The first pass of a program.
    fn pass(text: &str) -> Pass {
        let (plan, _) = planned(text);
        let mut passes = plan.steps.into_iter().filter_map(|step| match step.work {
            Work::Pass(pass) => Some(*pass),
            _ => None,
        });
        passes.next().expect("a pass")
    }

    fn of_vector(entries: usize, function: &str) -> Pass {
        pass(&format!("%0 = data : f32[{entries}]\n%1 = {function} %0 : f32[{entries}]\n-> %1"))
    }

    #[test]
    fn slow_entries_make_more_blocks_than_quick_ones() {
        assert_eq!(of_vector(20_000, "exp").blocks, 1);
        let slow = of_vector(20_000, "lgamma");
        assert_eq!(slow.blocks, 20_000 * weight(Operation::Unary(Unary::LnGamma)) / BLOCK);
        // Evenly, though a register would hold more than a block.
        assert_eq!(slow.blocks, 20_000_usize.div_ceil(slow.block));
        assert!(slow.block.is_multiple_of(slow.tile_columns) && slow.tile_columns.is_multiple_of(16));
        assert_eq!(of_vector(500, "lgamma").blocks, 1);
        assert_eq!(of_vector(100_000_000, "lgamma").blocks, MOST_BLOCKS);
    }

    #[test]
    fn quick_entries_are_cut_by_their_number() {
        for (entries, blocks) in [(1, 1), (65_535, 1), (65_536, 2), (10_000_000, 64)] {
            let quick = of_vector(entries, "exp");
            assert_eq!((quick.blocks, quick.tile_columns), (blocks, entries.min(2048)), "{entries}");
        }
    }

    /// Functions of sums of rows are computed once for each row.
    #[test]
    fn what_is_done_for_rows_counts_once_for_each() {
        let of_rows = |columns: usize, function: &str| {
            pass(&format!(
                "%0 = data : f32[20000, {columns}]\n%1 = sum %0 over axes [1] : f32[20000, 1]\n%2 = {function} %1 : f32[20000, 1]\n\
                %3 = multiply %0 %2 : f32[20000, {columns}]\n-> %3"
            ))
        };
        let few = of_rows(2, "lgamma");
        assert_eq!((few.by_rows, few.rows), (true, 20_000));
        assert_eq!(few.blocks, 20_000 * weight(Operation::Unary(Unary::LnGamma)) / BLOCK);
        let (many, quick) = (of_rows(100, "lgamma"), of_rows(100, "exp"));
        assert_eq!((many.blocks, many.tile_rows), (quick.blocks, quick.tile_rows));
    }

    #[test]
    fn blocks_are_of_whole_tiles() {
        for extent in [1, 15, 16, 17, 999, 20_000, 65_537] {
            for (tile, unit) in [(1, 1), (7, 1), (204, 1), (2048, 16)] {
                for slow in [0, extent * 4, extent * 77] {
                    let tile = tile.min(extent);
                    let Cut { tile: cut, block } =
                        Uncut { entries: extent, slow, accumulated: 0, extent, tile, unit }.cut();
                    assert!(cut > 0 && cut <= tile && block.is_multiple_of(cut), "{extent} {tile} {slow}");
                    assert!(cut == tile || cut.is_multiple_of(unit));
                }
            }
        }
    }
}
