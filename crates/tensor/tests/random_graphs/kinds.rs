//! Kinds of formulas with a mechanism of their own in the engine: shifted reads of one array that meet, and reductions over pairs.

use minimand_tensor::Tensor;

use super::build::{Builder, Entry};

impl Builder<'_> {
    /// Data of two or three axes, one of them longer than a vector.
    fn picture_like(&mut self, exact: bool) -> Tensor {
        const LONG: [usize; 6] = [32, 33, 40, 63, 64, 70];
        let mut shape: Vec<usize> = (0..2 + self.structure.below(2)).map(|_| 2 + self.structure.below(3)).collect();
        // Mostly the last, which is read in rows.
        let axis = if self.chance(4) { self.structure.below(shape.len()) } else { shape.len() - 1 };
        shape[axis] = LONG[self.structure.below(LONG.len())];
        self.leaf(&shape, exact).tensor
    }

    /// A part of the tensor, shorter by its room along each axis, from some place on.
    fn shifted(&mut self, x: &Tensor, room: &[usize]) -> Tensor {
        let mut part = x.clone();
        for (axis, &room) in room.iter().enumerate() {
            let start = self.structure.below(room + 1);
            part = part.slice(axis as isize, start..start + x.shape()[axis] - room);
        }
        part
    }

    /// One array, read at several places of one expression, and what is made of it moved among zeros once more.
    pub(super) fn shifts(&mut self) -> Entry {
        let exact = self.chance(2);
        let x = if self.chance(4) { self.any().tensor } else { self.picture_like(exact) };
        let room: Vec<usize> =
            x.shape().iter().map(|&size| self.structure.below(3).min(size.saturating_sub(1))).collect();
        let mut sum = self.shifted(&x, &room);
        for _ in 0..1 + self.structure.below(3) {
            let term = self.shifted(&x, &room);
            sum = match self.structure.below(4) {
                0 => sum + 0.5 * term,
                1 => sum * term.tanh(),
                _ => sum - term,
            };
        }
        if exact && self.chance(2) && x.dtype() == self.dtype {
            sum = sum.square();
        }
        for (axis, &room) in room.iter().enumerate() {
            let axis = axis as isize;
            match self.structure.below(4) {
                0 => sum = sum.pad(axis, room, 0) - sum.pad(axis, 0, room),
                1 if sum.shape()[axis as usize] > 1 => {
                    let first = self.structure.below(sum.shape()[axis as usize]);
                    let rolled = Tensor::concatenate([&sum.slice(axis, first..), &sum.slice(axis, ..first)], axis);
                    sum = if self.chance(2) { sum * rolled } else { sum + rolled.square() };
                }
                2 => sum = Tensor::concatenate([&sum.slice(axis, ..room.min(1)), &sum], axis).sigmoid(),
                _ => {}
            }
        }
        Entry { tensor: sum, exact: false }
    }

    /// A reduction over all pairs of rows, and one number for each.
    pub(super) fn pairs(&mut self) -> Entry {
        let [n, m, d] = [16, 17, 3].map(|least| least + self.structure.below(8));
        let exact = true;
        let (a, b) = (self.leaf(&[n, d], exact).tensor, self.leaf(&[m, d], exact).tensor);
        let b = if self.chance(4) { a.clone() } else { b };
        let (left, right) = (a.unsqueeze(1), b.unsqueeze(0));
        let difference = if self.chance(2) { &left - &right } else { &right - &left };
        let weights = |builder: &mut Self| {
            let m = b.shape()[0];
            builder.leaf(&[n, m, 1], false).tensor
        };
        let tensor = match self.structure.below(7) {
            0 => difference.square().sum_axis(-1),
            1 => (difference * weights(self)).square().sum_axis(-1),
            2 => difference.abs().sum_axis(-1),
            3 => difference.abs().max_axis(-1),
            4 => (difference * weights(self)).sum_axis(0),
            5 => (difference.sign() * weights(self)).sum_axis(1),
            _ => (difference.square().sum_axis(-1) + 0.5).sqrt(),
        };
        Entry { tensor, exact: false }
    }
}
