//! Operands put together from pieces, brought into a register.

use smallvec::SmallVec;

use crate::plan::{Assembly, Piece};
use crate::storage::Storage;

use super::kernels::Lane;

/// Entries `position..` of what pieces make together, in the order of the loop; `storages` are those of the pieces.
pub(super) fn assemble<T: Lane>(assembly: &Assembly, storages: &[&Storage], position: usize, out: &mut [T]) {
    if !assembly.is_covered {
        out.fill(T::default());
    }
    for (piece, storage) in assembly.pieces.iter().zip(storages) {
        place(piece, storage.typed::<T>(), position, out);
    }
}

/// Writes what a piece has of the entries from `position` on.
fn place<T: Lane>(piece: &Piece, values: &[T], position: usize, out: &mut [T]) {
    let (inner, outer) = piece.windows.split_first().expect("a piece has an axis");
    let end = position + out.len();
    // Where the run along the innermost axis lies, in the loop and in the piece.
    let mut run = position / inner.size;
    let mut index: SmallVec<[usize; 4]> = SmallVec::new();
    let mut left = run;
    for window in outer {
        index.push(left % window.size);
        left /= window.size;
    }
    while run * inner.size < end {
        let inside = index.iter().zip(outer).all(|(&index, window)| window.covers(index));
        if inside {
            let start = run * inner.size;
            let first = (start + inner.first).max(position);
            let last = (start + inner.first + inner.count).min(end);
            if first < last {
                let along: isize = index.iter().zip(outer).map(|(&index, window)| window.way(index)).sum();
                let from = piece.offset + along + inner.way(first - start);
                let to = &mut out[first - position..last - position];
                match inner.stride {
                    1 => to.copy_from_slice(&values[from as usize..][..to.len()]),
                    0 => to.fill(values[from as usize]),
                    stride => {
                        for (k, to) in to.iter_mut().enumerate() {
                            *to = values[(from + k as isize * stride) as usize];
                        }
                    }
                }
            }
        }
        run += 1;
        for (index, window) in index.iter_mut().zip(outer) {
            *index += 1;
            if *index < window.size {
                break;
            }
            *index = 0;
        }
    }
}
