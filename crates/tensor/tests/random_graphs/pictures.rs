//! What convolutions, poolings and their relatives are made of: padded and squeezed values, windows, reshapes and products, in any order.

use minimand_tensor::{DType, Tensor};

use super::build::{Builder, Entry};

impl Builder<'_> {
    /// A random shape of so many entries.
    pub(super) fn factors(&mut self, mut entries: usize) -> Vec<usize> {
        let mut sizes = Vec::new();
        while entries > 1 && sizes.len() < 4 {
            let divisors: Vec<usize> = (2..=entries).filter(|divisor| entries.is_multiple_of(*divisor)).collect();
            let size = divisors[self.structure.below(divisors.len())];
            sizes.insert(self.structure.below(sizes.len() + 1), size);
            entries /= size;
        }
        sizes.push(entries);
        if entries == 0 {
            sizes.extend((0..self.structure.below(3)).map(|_| self.structure.below(4)));
            let first = self.structure.below(sizes.len());
            sizes.rotate_left(first);
        }
        if self.chance(3) {
            sizes.insert(self.structure.below(sizes.len() + 1), 1);
        }
        sizes
    }

    /// The same entries under another shape.
    pub(super) fn reshaped(&mut self) -> Option<Entry> {
        let Entry { tensor: x, exact } = self.any();
        if x.rank() == 0 {
            return None;
        }
        let sizes = self.factors(x.elements());
        Some(Entry { tensor: x.reshape(sizes), exact })
    }

    /// An axis of size 1 that is no axis any more, and was one by itself, or became one by an index or a sum.
    fn squeezed(&mut self, x: &Tensor) -> Option<Tensor> {
        let axis = self.axis(x)?;
        let size = x.shape()[axis];
        let along = axis as isize;
        Some(match (size, self.structure.below(3)) {
            (0, _) => return None,
            (1, 0) => x.squeeze(along),
            (_, 1) => x.sum_axis(axis),
            _ => x.at(along, self.structure.below(size)),
        })
    }

    pub(super) fn padded(&mut self, x: &Tensor) -> Option<Tensor> {
        let axis = self.axis(x)? as isize;
        Some(x.pad(axis, self.structure.below(3), self.structure.below(2)))
    }

    pub(super) fn permuted(&mut self, x: &Tensor) -> Tensor {
        let order: Vec<isize> = self.structure.permutation(x.rank()).into_iter().map(|axis| axis as isize).collect();
        x.permute(order)
    }

    /// Overlapping windows, or windows apart.
    pub(super) fn windowed(&mut self, x: &Tensor) -> Option<Tensor> {
        let axis = self.axis(x)?;
        let size = x.shape()[axis];
        if size == 0 || x.rank() > 5 {
            return None;
        }
        let (width, step) = (1 + self.structure.below(size.min(3)), 1 + self.structure.below(2));
        let dilation = if (width - 1) * 2 < size { 1 + self.structure.below(2) } else { 1 };
        Some(x.windows(axis as isize, width, step, dilation))
    }

    /// The axes joined to matrices: neighbours become rows, columns, and a batch that may be there.
    fn matrices(&mut self, x: &Tensor) -> Option<Tensor> {
        if x.rank() < 2 || x.elements() == 0 {
            return None;
        }
        let columns_from = 1 + self.structure.below(x.rank() - 1);
        let rows_from = self.structure.below(columns_from);
        let size = |axes: &[usize]| axes.iter().product::<usize>();
        let (rows, columns) = (size(&x.shape()[rows_from..columns_from]), size(&x.shape()[columns_from..]));
        let batch = x.shape()[..rows_from].to_vec();
        let batch = if self.chance(2) && !batch.is_empty() { vec![size(&batch)] } else { batch };
        Some(x.reshape([batch, vec![rows, columns]].concat()))
    }

    /// Matrices times weights: on either side, one for all of the batch or one for each.
    fn weighted(&mut self, x: &Tensor) -> Tensor {
        let [.., rows, columns] = *x.shape().sizes() else { unreachable!("matrices have rows and columns") };
        let batch = x.shape()[..x.rank() - 2].to_vec();
        let n = [1, 2, 3, 5][self.structure.below(4)];
        let own = if self.chance(2) { batch } else { vec![] };
        if self.chance(2) {
            let weights = self.leaf(&[own, vec![columns, n]].concat(), false).tensor;
            if self.chance(3) { weights.transpose().matmul(&x.transpose()) } else { x.matmul(&weights) }
        } else {
            let weights = self.leaf(&[own, vec![n, rows]].concat(), false).tensor;
            weights.matmul(x)
        }
    }

    /// Windows of a product's result added back, as a transposed convolution does it, and perhaps a part of that.
    fn added_back(&mut self, y: &Tensor) -> Option<Tensor> {
        let width = *y.shape().last()?;
        if y.elements() == 0 {
            return None;
        }
        // The entries of windows: the last axis, or a part of it.
        let divisors: Vec<usize> = (1..=width.min(4)).filter(|part| width.is_multiple_of(*part)).collect();
        let part = divisors[self.structure.below(divisors.len())];
        let sizes = [&y.shape()[..y.rank() - 1], &[width / part, part]].concat();
        let split = y.reshape(sizes);
        let axis = self.structure.below(split.rank() - 1);
        let (step, dilation) = (1 + self.structure.below(2), 1 + self.structure.below(2));
        let reach = (split.shape()[axis] - 1) * step + (part - 1) * dilation + 1;
        let length = reach + self.structure.below(2);
        let added = split.overlap_add(axis as isize, step, dilation, length);
        if length > 2 && self.chance(2) {
            return Some(added.slice(axis as isize, 1..length - self.structure.below(2)));
        }
        Some(added)
    }

    /// A chain of such steps that ends in a product, and perhaps goes on behind it.
    pub(super) fn picture(&mut self) -> Option<Entry> {
        let mut x = self.any().tensor;
        if x.elements() == 0 {
            return None;
        }
        if x.rank() < 2 || self.chance(3) {
            x = x.reshape(self.factors(x.elements()));
        }
        for _ in 0..1 + self.structure.below(5) {
            let next = match self.structure.below(8) {
                0 | 1 => self.padded(&x),
                2 => self.squeezed(&x),
                3 => Some(self.permuted(&x)),
                4 => self.axis(&x).map(|axis| x.flip(axis)),
                _ => self.windowed(&x),
            };
            x = next.filter(|next| next.elements() > 0 && next.elements() <= self.largest).unwrap_or(x);
        }
        if self.chance(2) {
            x = self.permuted(&x);
        }
        let matrices = self.matrices(&x)?;
        let mut y = self.weighted(&matrices);
        if self.chance(3) {
            y = y.sum_axis(0);
        }
        if self.chance(2) {
            y = self.added_back(&y).unwrap_or(y);
        }
        Some(Entry { tensor: y, exact: false })
    }

    /// The greatest or least truth value, or whole number, along axes.
    pub(super) fn reduced_decision(&mut self) -> Option<Entry> {
        let (a, b) = (self.exact().tensor, self.exact().tensor);
        a.shape().broadcast(b.shape())?;
        let whole = match self.structure.below(4) {
            0 => a.lt(&b),
            1 => a.eq(&b),
            2 => a.le(&b) & b.lt(0.5),
            _ => a.cast(DType::I64),
        };
        let axes: Vec<usize> = (0..whole.rank()).filter(|_| self.chance(2)).collect();
        let axes = axes.as_slice();
        let reduced = match self.structure.below(5) {
            0 => whole.max_axis(axes),
            1 => whole.min_axis(axes),
            2 => whole.max_keepdim(axes),
            3 => whole.min_keepdim(axes),
            _ => whole.sum_keepdim(axes),
        };
        // Nothing has no greatest whole number that a float could hold exactly.
        let reduced = reduced.cast(self.dtype).clamp(-100, 100);
        let tensor = match reduced.shape().broadcast(a.shape()) {
            Some(_) if self.chance(2) => reduced.gt(0).select(&a, &reduced),
            _ => reduced,
        };
        Some(Entry { tensor, exact: true })
    }
}
