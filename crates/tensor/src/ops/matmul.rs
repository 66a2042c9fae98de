//! The matrix product.

use crate::tensor::Tensor;
use minimand_engine::{Op, Shape};

formulas! {
    /// Matrix product over the last two axes, `[…, m, k]` with `[…, k, n]` gives `[…, m, n]`; leading axes broadcast. A tensor with one axis is a
    /// row on the left and a column on the right, and its axis vanishes from the result, as in NumPy.
    ///
    /// # Panics
    /// When the inner sizes differ, the leading axes do not broadcast, or an operand is a scalar or not floating point.
    pub matmul(x, right: &Tensor) = {
        let (left_shape, right_shape) = (x.shape(), right.shape());
        assert!(
            x.rank() > 0 && right.rank() > 0,
            "matmul: {left_shape} and {right_shape}: a scalar has no rows or columns; use * instead"
        );
        let dtype = x.dtype().max(right.dtype());
        assert!(
            dtype.is_float(),
            "matmul: of {} and {}: cast them to a floating-point type first",
            x.dtype(),
            right.dtype()
        );
        // A right operand with one axis is a column: its only axis is the inner one.
        let (k, inner) = (left_shape[x.rank() - 1], right_shape[right.rank().max(2) - 2]);
        let inner_axis = if right.rank() == 1 { -1 } else { -2 };
        assert!(
            k == inner,
            "matmul: {left_shape} and {right_shape}: axis -1 of the left is {k} and axis {inner_axis} of the right is {inner}"
        );
        if x.rank() == 1 {
            return x.unsqueeze(0).matmul(right).squeeze(if right.rank() == 1 { 0 } else { -2 });
        }
        if right.rank() == 1 {
            return x.matmul(&right.unsqueeze(-1)).squeeze(-1);
        }
        let (m, n) = (left_shape[x.rank() - 2], right_shape[right.rank() - 1]);
        let batch_of = |shape: &Shape| shape.with(shape.rank() - 2, 1).with(shape.rank() - 1, 1);
        let (left_batch, right_batch) = (batch_of(left_shape), batch_of(right_shape));
        let Some(batch) = left_batch.broadcast(&right_batch) else {
            let conflict = left_batch.conflict(&right_batch);
            panic!("matmul: {left_shape} and {right_shape} do not broadcast: {conflict}");
        };
        let shape = batch.with(batch.rank() - 2, m).with(batch.rank() - 1, n);
        Tensor::node(Op::MatrixMultiply, [x.cast(dtype), right.cast(dtype)], shape, dtype)
    }; {
        /// let a = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
        /// assert_eq!(a.matmul(&a).to_string(), "[[7, 10],\n [15, 22]]");
        /// assert_eq!(a.matmul(&Tensor::from([1.0, 1.0])).to_string(), "[3, 7]");
    }
}
