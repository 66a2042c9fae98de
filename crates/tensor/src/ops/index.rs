//! Primitives that pick entries by an index tensor, and their adjoint.

use super::movement::per_axis;
use crate::positions::Index;
use crate::tensor::Tensor;
use minimand_engine::{Op, Shape};

/// The shape of values and indices broadcast against each other beside `axis`, with the index's size on `axis`.
#[track_caller]
fn aligned(values: &Shape, index: &Shape, axis: usize, operation: &str) -> Shape {
    assert!(
        values.rank() == index.rank(),
        "{operation}: {values} and its index {index} must have the same number of axes"
    );
    let beside = values.with(axis, 1).broadcast_for(&index.with(axis, 1), operation);
    beside.with(axis, index[axis])
}

formulas! {
    /// The entries of an axis that positions name, in their order: rows of a table, embeddings of words. The axes of the index take the place of
    /// the axis: a list of positions gives one axis, a single position none, and words `[batch, length]` pick `[batch, length, …]` from the rows
    /// of a table. As `numpy.take`.
    ///
    /// # Panics
    /// When the index is not i64; when it is computed, if an index is out of range.
    #[doc(alias("take", "embedding"))]
    pub index_select(x, axis: isize, index: impl Into<Index>) = {
        let axis = x.axis(axis, "index_select");
        let index = index.into().tensor_for("index_select");
        let column = per_axis(x.rank(), 1, axis, index.elements());
        let picked = x.gather_from(axis, &index.reshape(column.as_slice()));
        if index.rank() == 1 {
            return picked;
        }
        let (before, after) = (&x.shape()[..axis], &x.shape()[axis + 1..]);
        let shape: Shape = before.iter().chain(index.shape().iter()).chain(after).copied().collect();
        picked.reshape(shape)
    }; {
        /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        /// assert_eq!(x.index_select(0, [1, 1, 0]).to_string(), "[[3, 4],\n [3, 4],\n [1, 2]]");
        /// let words = Tensor::from([[0i64, 1], [1, 1]]);
        /// assert_eq!(x.index_select(0, &words).shape().to_string(), "[2, 2, 2]");
    }
    pub(crate) scatter_add_into(x, axis: usize, index: &Tensor, length: usize) = {
        let x = x.as_number();
        let beside = aligned(x.shape(), index.shape(), axis, "scatter_add");
        let (entries, indices) = (x.shape()[axis], index.shape()[axis]);
        assert!(
            entries == indices || entries == 1,
            "scatter_add: {entries} entries and {indices} indices along axis {axis}"
        );
        let dtype = x.dtype();
        // What is added: an entry for each index, along the other axes of both.
        beside.check(dtype, "scatter_add");
        Tensor::node(Op::ScatterAdd { axis }, [x, index.clone()], beside.with(axis, length), dtype)
    };
    /// Picks entries along an axis: entry `[…, i, …]` of the result is entry `[…, index[…, i, …], …]` of this tensor. The index (i64) has the
    /// same number of axes; its other axes broadcast with this tensor's. As `numpy.take_along_axis`.
    ///
    /// # Panics
    /// When the shapes do not fit or the index is not i64; when it is computed, if an index is out of range.
    #[doc(alias = "gather")]
    pub take_along_axis(x, axis: isize, index: impl Into<Index>) = {
        x.gather_from(x.axis(axis, "take_along_axis"), &index.into().tensor_for("take_along_axis"))
    }; {
        /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        /// let picked = x.take_along_axis(1, &Tensor::from([[1i64], [0]]));
        /// assert_eq!(picked.to_string(), "[[2],\n [3]]");
    }
    pub(crate) gather_from(x, axis: usize, index: &Tensor) = {
        let shape = aligned(x.shape(), index.shape(), axis, "take_along_axis");
        Tensor::node(Op::Gather { axis }, [x.clone(), index.clone()], shape, x.dtype())
    };
    /// Adds entries along an axis to the places an index names: starting from zeros with `length` entries along the axis, entry `[…, i, …]` of
    /// this tensor is added to entry `[…, index[…, i, …], …]`. The adjoint of [`take_along_axis`](Tensor::take_along_axis).
    ///
    /// # Panics
    /// When the shapes do not fit or the index is not i64; when it is computed, if an index is out of range.
    pub scatter_add(x, axis: isize, index: impl Into<Index>, length: usize) = {
        x.scatter_add_into(x.axis(axis, "scatter_add"), &index.into().tensor_for("scatter_add"), length)
    }; {
        /// let x = Tensor::from([1.0, 2.0, 3.0]);
        /// assert_eq!(x.scatter_add(0, [0, 2, 0], 3).to_string(), "[4, 0, 2]");
    }
}
