//! Operations that compute each entry from the entries of their operands at the same place.

use super::kernels::{
    BinaryRows, BinaryTiles, CompareSelect, Even, Lane, LogisticTile, PairTiles, Select, Side, SpreadRows, TruthTile,
    UnaryTile,
};
use super::places::Operands;
use crate::exec::dispatch::Level;
use crate::plan::{Operation, Place, Spread, TileInstruction};

/// Entries that are computed with, in rows of so many.
pub(super) struct EachEntry {
    pub(super) level: Level,
    pub(super) entries: usize,
    pub(super) columns: usize,
}

impl EachEntry {
    /// Runs one instruction on its operands.
    pub(super) fn compute<T: Lane>(&self, instruction: &TileInstruction, operands: Operands<'_, T>) {
        let (level, columns, places) = (self.level, self.columns, &instruction.inputs);
        let Operands { inputs, outputs } = operands;
        let even = |which: usize| match places[which].spread {
            Spread::Same => Even::Same(inputs[which][0]),
            Spread::Tile => Even::Tile(inputs[which]),
            Spread::PerRow => unreachable!("numbers of rows are spread over the tile before"),
        };
        let x = inputs[0];
        let [out, second, third, fourth] = outputs;
        match instruction.operation {
            Operation::Spread => match places[0].spread {
                Spread::Same => out.fill(x[0]),
                Spread::PerRow | Spread::Tile => level.run(SpreadRows { numbers: x, columns, out }),
            },
            Operation::Copy => out.copy_from_slice(x),
            Operation::Truth => level.run(TruthTile { x, out }),
            Operation::Unary(unary) => level.run(UnaryTile { unary, x, out }),
            Operation::Binary(binary) => {
                let [a, b, ..] = inputs;
                let columns = |place: Place| match place.spread {
                    Spread::Same => self.entries,
                    Spread::PerRow | Spread::Tile => columns,
                };
                match (places[0].spread, places[1].spread) {
                    (Spread::Tile, Spread::Tile) => level.run(BinaryTiles { binary, a, b, out }),
                    (Spread::Tile, Spread::Same | Spread::PerRow) => {
                        let columns = columns(places[1]);
                        level.run(BinaryRows { binary, tile: a, numbers: b, side: Side::Right, columns, out });
                    }
                    (Spread::Same | Spread::PerRow, _) => {
                        let columns = columns(places[0]);
                        level.run(BinaryRows { binary, tile: b, numbers: a, side: Side::Left, columns, out });
                    }
                }
            }
            Operation::Pair(pair) => level.run(PairTiles { pair, a: even(0), b: even(1), c: even(2), out }),
            Operation::CompareSelect(comparison) => {
                level.run(CompareSelect { comparison, a: even(0), b: even(1), c: even(2), d: even(3), out });
            }
            Operation::Select => level.run(Select { condition: x, a: inputs[1], b: inputs[2], out }),
            Operation::Logistic(kinds) => {
                let wanted = [kinds.softplus, kinds.softplus_of_negative, kinds.sigmoid, kinds.sigmoid_of_negative];
                let mut next = [out, second, third, fourth].into_iter();
                let outputs =
                    wanted.map(|wanted| if wanted { next.next().expect("one for each kind") } else { &mut [] });
                level.run(LogisticTile { kinds, x, outputs });
            }
            _ => unreachable!("done by the worker"),
        }
    }
}
