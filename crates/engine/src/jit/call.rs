//! The call of a segment's code.
#![allow(unsafe_code)]

use super::frame::Frame;
use super::{Bases, Code, Destination, Segment, TileRows};
use crate::op::Reduction;

impl Code {
    /// Runs a segment; `visit` is given the results of reductions that are not for each row.
    ///
    /// # Safety
    /// The pointers must be those of the pass that the code was made for, at a tile of its memory: all of it valid for so many rows and
    /// columns; the operands those of [`row_sources`](Code::row_sources), each with as many entries as a row of the tile has, and then the
    /// rows of the sums of [`across`](Code::across), after each of which [`BEHIND_SUMS`] more can be written. No other thread may
    /// write to it, or read what the segment writes. The processor must have the instruction set that the code was made for.
    pub(crate) unsafe fn run<T>(
        &self,
        segment: u32,
        tile: TileRows,
        bases: Bases<'_, T>,
        mut visit: impl FnMut(Destination, Reduction, f64),
    ) {
        const MOST: usize = 16;
        let Segment { entry, interface } = &self.segments[segment as usize];
        let Bases { registers, carried, memory, operands } = bases;
        #[cfg(test)]
        super::tests::RUNS.set(super::tests::RUNS.get() + 1);
        let TileRows { rows, columns } = if interface.by_row {
            tile
        } else {
            debug_assert!(tile.rows.start == 0);
            TileRows { rows: 0..1, columns: tile.rows.end * tile.columns }
        };
        let mut results = [0.0f64; MOST];
        assert!(
            interface.results.len() <= MOST && operands.len() == interface.row_sources.len() + interface.across.len()
        );
        // What does not fill a vector of 512 bits, or of 256.
        let fits = 64 / size_of::<T>();
        let tail = columns % fits;
        let tail_signs = signs(columns % (fits / 2), size_of::<T>());
        let mut frame = Frame {
            registers: registers.cast(),
            carried: carried.cast(),
            memory: memory.as_ptr().cast(),
            rows_end: rows.end * size_of::<T>(),
            row: columns * size_of::<T>(),
            operands: operands.as_ptr().cast(),
            results: results.as_mut_ptr(),
            tail_bits: (1 << tail) - 1,
            tail_signs,
            start: [rows.start * columns * size_of::<T>(), rows.start * size_of::<T>()],
        };
        // SAFETY: the entry is the beginning of a function of this signature, made by `assemble`, whose memory lives as long as
        // `self`. It touches the frame, its stack, and what the caller vouches for.
        unsafe {
            let function: extern "sysv64" fn(*mut Frame) = std::mem::transmute(self.executable.entry().add(*entry));
            function(&mut frame);
        }
        for (&(target, reduction), &result) in interface.results.iter().zip(&results) {
            visit(target, reduction, result);
        }
    }
}

/// All bits of the first so many elements of 256 bits.
fn signs(count: usize, size: usize) -> [u64; 4] {
    let bytes = count * size;
    std::array::from_fn(|word| match bytes.saturating_sub(8 * word) {
        0 => 0,
        4 => u64::from(u32::MAX),
        _ => u64::MAX,
    })
}
