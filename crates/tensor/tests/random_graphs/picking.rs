//! Entries picked, placed, put in order and added up along any axis, by positions that are given or computed; whole numbers among themselves.

use minimand_tensor::{DType, Tensor};

use super::build::{Builder, Entry};

impl Builder<'_> {
    /// An axis, counted from the front or from the end.
    fn signed_axis(&mut self, axis: usize, x: &Tensor) -> isize {
        axis as isize - if self.chance(2) { x.rank() as isize } else { 0 }
    }

    /// Positions below a size: given, or computed from values, from other positions or by counting.
    fn positions(&mut self, shape: &[usize], size: usize) -> Option<Tensor> {
        let count: usize = shape.iter().product();
        if size == 0 {
            return (count == 0).then(|| Tensor::zeros(shape).cast(DType::I64));
        }
        let last = size as i64 - 1;
        let listed = match self.structure.below(8) {
            0 => Tensor::iota(count).minimum(last),
            1 => (last - Tensor::iota(count)).maximum(0),
            2 => {
                let x = self.exact().tensor;
                if x.elements() < count {
                    return self.index(shape, size);
                }
                x.flatten().slice(0, ..count).clamp(0, last).cast(DType::I64)
            }
            3 => {
                let list = self.index(&[count + 3], size)?;
                list.index_select(0, self.index(&[count], count + 3)?)
            }
            4 => self.index(&[count], 2)?.cumulative_sum(0).minimum(last),
            _ => return self.index(shape, size),
        };
        Some(listed.reshape(shape))
    }

    /// A shape beside an axis: of the tensor, or of size 1 where one position is for all; where the tensor has size 1, perhaps more.
    fn beside(&mut self, x: &Tensor, axis: usize, entries: usize) -> Vec<usize> {
        let mut shape = x.shape().to_vec();
        for size in &mut shape {
            match self.structure.below(4) {
                0 => *size = 1,
                1 if *size == 1 => *size = 3,
                _ => {}
            }
        }
        shape[axis] = entries;
        shape
    }

    /// The order of an axis, or ranks in it, or the greatest entry's position along it.
    fn order(&mut self, x: &Tensor, axis: usize) -> Tensor {
        let along = self.signed_axis(axis, x);
        let order = match self.structure.below(6) {
            0 if x.shape()[axis] > 0 => x.argmax_axis(along).unsqueeze(axis as isize),
            1 if x.shape()[axis] > 0 => x.argmin_axis(along).unsqueeze(axis as isize),
            2 => x.argsort(along).argsort(along),
            3 => x.argsort_descending(along).flip(axis),
            4 => x.argsort_descending(along),
            _ => x.argsort(along),
        };
        self.whole.push(order.clone());
        order
    }

    pub(super) fn picking(&mut self) -> Option<Entry> {
        match self.structure.below(12) {
            0..=2 => self.ordered(),
            3..=5 => self.picked(),
            6..=8 => self.placed(),
            9 => self.picked_by_two(),
            10 => self.placed_by_two(),
            _ => self.back_and_forth(),
        }
    }

    /// What an order does: sorts, takes others along, or sends entries to their ranks.
    fn ordered(&mut self) -> Option<Entry> {
        let x = self.exact().tensor;
        let axis = self.axis(&x)?;
        let size = x.shape()[axis];
        let along = self.signed_axis(axis, &x);
        let sorted = match self.structure.below(6) {
            0 => x.sort(along),
            1 => x.sort_descending(along),
            2 => x.top_k(along, self.structure.below(size + 1)),
            choice => {
                let order = self.order(&x, axis);
                let Entry { tensor: other, exact } = self.any();
                let (other, exact) = if other.shape() == x.shape() { (other, exact) } else { (-&x, true) };
                if choice == 3 && order.shape() == x.shape() {
                    return Some(Entry { tensor: other.scatter_add(along, &order, size + 1), exact: false });
                }
                return Some(Entry { tensor: other.take_along_axis(along, &order), exact });
            }
        };
        self.whole.push(sorted.1);
        Some(Entry { tensor: sorted.0, exact: true })
    }

    /// Entries by their positions along an axis, which may repeat, or be none.
    fn picked(&mut self) -> Option<Entry> {
        let Entry { tensor: x, exact } = self.any();
        let axis = self.axis(&x)?;
        let size = x.shape()[axis];
        let along = self.signed_axis(axis, &x);
        let count = [0, 1, 2, 3, 5, size][self.structure.below(6)];
        let tensor = match self.structure.below(6) {
            0 => x.index_select(along, &self.positions(&[], size)?),
            1 => x.index_select(along, &self.positions(&[2, count], size)?),
            2 => x.at(along, &self.positions(&[], size)?),
            3 => x.index_select(along, &self.positions(&[count], size)?),
            _ => {
                let shape = self.beside(&x, axis, count);
                x.take_along_axis(along, &self.positions(&shape, size)?)
            }
        };
        Some(Entry { tensor, exact })
    }

    /// Entries added where positions along an axis say: each by its own, or many by one.
    fn placed(&mut self) -> Option<Entry> {
        let x = self.any().tensor;
        let axis = self.axis(&x)?;
        let size = x.shape()[axis];
        let along = self.signed_axis(axis, &x);
        // One entry may go to many places.
        let entries = if size == 1 { 1 + self.structure.below(4) } else { size };
        let length = [1, 2, 3, 7, size, 100][self.structure.below(6)];
        let mut shape = self.beside(&x, axis, entries);
        if self.chance(4) {
            shape = vec![1; x.rank()];
            shape[axis] = entries;
        }
        let index = self.positions(&shape, length)?;
        Some(Entry { tensor: x.scatter_add(along, &index, length), exact: false })
    }

    /// Entries by their positions along two axes at once, or along one after the other.
    fn picked_by_two(&mut self) -> Option<Entry> {
        let Entry { tensor: x, exact } = self.any();
        let [rows, .., columns] = *x.shape().sizes() else { return None };
        let count = self.structure.below(5);
        let (row, column) = (self.positions(&[count], rows)?, self.positions(&[count], columns)?);
        let tensor = match self.structure.below(3) {
            0 if x.rank() == 2 => x.flatten().index_select(0, row * columns as i64 + column),
            1 => x.index_select(0, &row).index_select(-1, &column),
            _ => {
                let last: Vec<usize> = (1..x.rank()).map(|_| 1).chain([count]).collect();
                x.index_select(0, &row).take_along_axis(-1, column.reshape(last))
            }
        };
        Some(Entry { tensor, exact })
    }

    /// Entries added at positions along two axes.
    fn placed_by_two(&mut self) -> Option<Entry> {
        let x = self.any().tensor.flatten();
        let (count, rows, columns) = (x.elements(), 1 + self.structure.below(3), 1 + self.structure.below(4));
        let (row, column) = (self.positions(&[count], rows)?, self.positions(&[count], columns)?);
        let placed = x.scatter_add(0, row * columns as i64 + column, rows * columns);
        Some(Entry { tensor: placed.reshape([rows, columns]), exact: false })
    }

    /// Entries that are picked more than once, sent back to where they come from.
    fn back_and_forth(&mut self) -> Option<Entry> {
        let x = self.any().tensor;
        let axis = self.axis(&x)?;
        let (size, count) = (x.shape()[axis], self.structure.below(6));
        let along = self.signed_axis(axis, &x);
        let index = self.positions(&[count], size)?;
        let mut shape = vec![1; x.rank()];
        shape[axis] = count;
        let picked = x.index_select(along, &index);
        let weighed = if self.chance(2) { &picked * &picked.detach() } else { picked };
        Some(Entry { tensor: weighed.scatter_add(along, index.reshape(shape), size), exact: false })
    }

    /// Sums along an axis from either end, of values as they lie, of a view, or of sums.
    pub(super) fn cumulative(&mut self) -> Option<Entry> {
        let mut x = self.any().tensor;
        for _ in 0..1 + self.structure.below(2) {
            let axis = self.axis(&x)?;
            let along = self.signed_axis(axis, &x);
            if self.chance(3) {
                x = if self.chance(2) { x.flip(axis) } else { self.permuted(&x) };
            }
            x = if self.chance(2) { x.cumulative_sum(along) } else { x.cumulative_sum_reverse(along) };
        }
        Some(Entry { tensor: x, exact: false })
    }

    fn small_whole(&mut self, x: &Tensor) -> Tensor {
        if self.chance(3) { x.gt(0) } else { x.clamp(-4, 4).cast(DType::I64) }
    }

    /// Whole numbers and truth values among themselves, and beside real numbers at the end.
    pub(super) fn whole_numbers(&mut self) -> Option<Entry> {
        let x = self.exact().tensor;
        let mut whole = self.small_whole(&x);
        for _ in 0..1 + self.structure.below(5) {
            let other = self.exact().tensor;
            let other = self.small_whole(&other);
            if other.shape().broadcast(whole.shape()).is_some() && self.chance(2) {
                let (a, b) = (whole.cast(DType::I64), other.cast(DType::I64));
                whole = match self.structure.below(8) {
                    0 => a + b,
                    1 => a - b,
                    2 => a * b,
                    3 => a.maximum(b),
                    4 => a.minimum(b),
                    5 => a.lt(b),
                    6 => a.eq(b),
                    _ => other.cast(DType::Bool).select(a, -b),
                };
            } else if let Some(axis) = self.axis(&whole) {
                let size = whole.shape()[axis];
                let along = self.signed_axis(axis, &whole);
                whole = match self.structure.below(9) {
                    0 => whole.cumulative_sum(along),
                    1 => whole.sum_keepdim(axis),
                    2 => whole.max_keepdim(axis).maximum(whole.cast(DType::I64)),
                    3 => whole.flip(axis),
                    4 => whole.pad(along, 1, self.structure.below(2)),
                    5 => whole.sort(along).0,
                    6 => whole.argsort_descending(along),
                    7 => {
                        let shape = self.beside(&whole, axis, size);
                        let index = self.positions(&shape, 3)?;
                        whole.scatter_add(along, &index, 3)
                    }
                    _ => whole.index_select(along, &self.positions(&[3], size)?),
                };
            }
            // The greatest of nothing is the least whole number.
            whole = if whole.dtype() == DType::I64 { whole.clamp(-1000, 1000) } else { whole };
            if whole.elements() > self.largest {
                whole = whole.sum();
            }
        }
        self.whole.push(whole.clone());
        let Entry { tensor: a, exact } = self.any();
        if a.shape().broadcast(whole.shape()).is_none() {
            return Some(Entry { tensor: whole.cast(self.dtype), exact: true });
        }
        Some(match self.structure.below(3) {
            0 => Entry { tensor: (whole * a).cast(self.dtype), exact: false },
            1 => Entry { tensor: (a - whole).cast(self.dtype), exact: false },
            _ => Entry { tensor: whole.gt(0).select(&a, -&a), exact },
        })
    }

    /// Data of the other precision, moved or picked, beside values of the graph's own.
    pub(super) fn other_precision(&mut self) -> Option<Entry> {
        let a = self.any().tensor;
        // A tensor without axes would take the other's precision.
        if a.rank() == 0 || a.dtype() != self.dtype {
            return None;
        }
        self.mixed = true;
        let other = if self.dtype == DType::F32 { DType::F64 } else { DType::F32 };
        let leaf = self.data_of(other, a.shape(), true);
        let axis = self.structure.below(a.rank());
        let size = a.shape()[axis];
        let b = match self.structure.below(5) {
            0 => leaf.flip(axis),
            1 => leaf.max_keepdim(axis),
            2 => leaf.sort(axis as isize).0,
            3 => leaf.index_select(axis as isize, &self.positions(&[size], size)?),
            _ => leaf,
        };
        let b = if a.elements() == 0 { b.clamp(-1, 1) } else { b };
        let tensor = match self.structure.below(4) {
            0 => a + b,
            1 => a * b,
            2 => b.gt(0).select(&a, &b),
            _ => b - a,
        };
        Some(Entry { tensor, exact: false })
    }
}
