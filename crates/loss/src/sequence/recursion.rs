//! What recursions over paths share: sums in log space, and lattices read by their diagonals.

use minimand_tensor::Tensor;

/// `ln Σ eˣ` of a few tensors of one shape, entry by entry; -∞ with gradient 0 where all are.
#[track_caller]
pub(super) fn log_sum<const N: usize>(terms: [Tensor; N]) -> Tensor {
    let (first, others) = terms.split_first().expect("there is a term");
    // Cut off from the graph: its derivative cancels.
    let greatest = others.iter().fold(first.clone(), |greatest, term| greatest.maximum(term)).detach();
    let none = greatest.eq(f64::NEG_INFINITY);
    let shift = none.select(0, &greatest);
    let exponentials = others.iter().fold((first - &shift).exp(), |sum, term| sum + (term - &shift).exp());
    none.select(f64::NEG_INFINITY, none.select(1, exponentials).ln() + shift)
}

/// The entries of the last axis moved back by some places: entry s is what s − by was, and -∞ where there was none.
#[track_caller]
pub(super) fn delayed(x: &Tensor, by: usize) -> Tensor {
    let length = x.shape()[x.rank() - 1];
    let by = by.min(length);
    let moved = x.slice(-1, ..length - by).pad(-1, by, 0);
    Tensor::iota(length).lt(by).select(f64::NEG_INFINITY, moved)
}

/// The diagonals of a lattice `[batch, rows, columns]`: `[rows + columns − 1, batch, rows]`, entry `(d, b, r)` is `(b, r, d − r)` of the
/// lattice, and 0 where that lies outside.
#[track_caller]
pub(super) fn diagonals(lattice: &Tensor) -> Tensor {
    let &[batch, rows, columns] = lattice.shape().sizes() else { panic!("{} is no lattice", lattice.shape()) };
    let count = rows + columns - 1;
    // Behind each row as many zeros as there are rows: read with one column less, every row starts one place later than the one before.
    let padded = lattice.pad(-1, 0, rows).reshape([batch, rows * (columns + rows)]);
    padded.slice(-1, ..rows * count).reshape([batch, rows, count]).permute([2, 0, 1])
}

/// Where the entries of [`diagonals`] lie inside the lattice: `[rows + columns − 1, rows]`.
pub(super) fn inside(rows: usize, columns: usize) -> Tensor {
    let within = |diagonal: usize, row: usize| row <= diagonal && diagonal - row < columns;
    let count = rows + columns - 1;
    let mask = (0..count).flat_map(|diagonal| (0..rows).map(move |row| within(diagonal, row)));
    Tensor::from_vec(mask.collect::<Vec<bool>>(), [count, rows])
}

/// `active` where an example still runs at a step, by the number of steps of each: `[steps, batch, 1]`; none where all run to the end.
pub(super) fn running(last: &[usize], steps: usize) -> Option<Tensor> {
    if last.iter().all(|&last| last >= steps) {
        return None;
    }
    let mask = (0..steps).flat_map(|step| last.iter().map(move |&last| step < last));
    Some(Tensor::from_vec(mask.collect::<Vec<bool>>(), [steps, last.len(), 1]))
}

/// Truth values, one per example.
pub(super) fn flags(flags: impl Iterator<Item = bool>) -> Tensor {
    Tensor::from(flags.collect::<Vec<bool>>())
}

/// Positions, one per example, along the last of two axes.
pub(super) fn positions(positions: impl Iterator<Item = usize>) -> Tensor {
    let positions: Vec<i64> = positions.map(|position| position as i64).collect();
    let batch = positions.len();
    Tensor::from_vec(positions, [batch, 1])
}
