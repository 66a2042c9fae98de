//! Strided views: how moving entries without computing costs nothing, and how kernels walk over several operands at once.

use std::sync::Arc;

use smallvec::SmallVec;

use crate::buffer::{Buffer, Filling};
use crate::dtype::DType;
use crate::plan::{Layout, is_row_major, repeated};
use crate::shape::Shape;
use crate::storage::Element;
use crate::storage::{Storage, with_values};

pub(super) use crate::plan::Strides;

/// Values in memory, seen under a shape: entry `[i, j, …]` is at `offset + i·strides[0] + j·strides[1] + …`.
#[derive(Clone)]
pub(super) struct View {
    pub(super) storage: Arc<Storage>,
    pub(super) shape: Shape,
    pub(super) strides: Strides,
    pub(super) offset: isize,
}

impl View {
    /// A layout over the buffer of its value.
    pub(super) fn of(layout: &Layout, values: &[Option<Arc<Storage>>]) -> View {
        let storage = values[layout.base as usize].clone().expect("inputs are computed before and released after");
        View { storage, shape: layout.shape.clone(), strides: layout.strides.clone(), offset: layout.offset }
    }

    /// All of a buffer, in row-major order.
    #[cfg(test)]
    pub(super) fn contiguous(storage: Arc<Storage>, shape: Shape) -> View {
        View { storage, strides: shape.strides(), shape, offset: 0 }
    }

    pub(super) fn dtype(&self) -> DType {
        self.storage.dtype()
    }

    /// Whether the view is the whole of its buffer in row-major order.
    fn is_whole(&self) -> bool {
        self.offset == 0 && self.storage.len() == self.shape.elements() && self.is_row_major()
    }

    /// Whether neighbouring entries of the view are neighbours in memory.
    pub(super) fn is_row_major(&self) -> bool {
        is_row_major(&self.shape, &self.strides)
    }

    /// The values as a buffer of their own; without a copy if they are one already.
    pub(super) fn to_storage(&self) -> Arc<Storage> {
        if self.is_whole() {
            return Arc::clone(&self.storage);
        }
        with_values!(&*self.storage, values => Arc::new(Element::storage(self.copied(values))))
    }

    /// The entries in row-major order.
    fn copied<T: Element>(&self, values: &[T]) -> Buffer<T> {
        let mut copy = Filling::of(self.shape.elements());
        walk(&self.shape, [(&self.strides, self.offset)], |length, [start], [stride]| {
            if stride == 1 {
                copy.next(length).copy_from_slice(&values[start as usize..start as usize + length]);
            } else {
                copy.extend((0..length).map(|i| values[(start + i as isize * stride) as usize]));
            }
        });
        copy.finish()
    }

    /// The strides under which this view repeats over a larger shape.
    pub(super) fn strides_in(&self, shape: &Shape) -> Strides {
        repeated(&self.shape, &self.strides, shape)
    }
}

/// Walks over the entries of `shape` in row-major order, for `N` operands with strides of their own. Neighbouring axes that all operands
/// step through evenly are joined; `visit(length, starts, strides)` gets one innermost run at a time.
pub(super) fn walk<const N: usize>(
    shape: &Shape,
    operands: [(&Strides, isize); N],
    mut visit: impl FnMut(usize, [isize; N], [isize; N]),
) {
    if shape.elements() == 0 {
        return;
    }
    // Joined axes, innermost first: size and strides.
    let mut axes: SmallVec<[(usize, [isize; N]); 6]> = SmallVec::new();
    for axis in (0..shape.rank()).rev().filter(|&axis| shape[axis] != 1) {
        let strides = operands.map(|(strides, _)| strides[axis]);
        match axes.last_mut() {
            Some((size, inner)) if (0..N).all(|k| strides[k] == inner[k] * *size as isize) => *size *= shape[axis],
            _ => axes.push((shape[axis], strides)),
        }
    }
    let mut starts = operands.map(|(_, offset)| offset);
    let (length, inner) = axes.first().copied().unwrap_or((1, [1; N]));
    let outer = axes.get(1..).unwrap_or_default();
    let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
    loop {
        visit(length, starts, inner);
        let mut axis = 0;
        loop {
            let Some(&(size, strides)) = outer.get(axis) else { return };
            index[axis] += 1;
            for k in 0..N {
                starts[k] += strides[k];
            }
            if index[axis] < size {
                break;
            }
            index[axis] = 0;
            for k in 0..N {
                starts[k] -= strides[k] * size as isize;
            }
            axis += 1;
        }
    }
}
