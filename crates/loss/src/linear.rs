//! Linear equations of small symmetric positive definite matrices, by elimination written out step by step: derivatives of any order come
//! of themselves.

use minimand_tensor::Tensor;

/// `A⁻¹ B` and `ln det A` for matrices along the last two axes, A symmetric and positive definite: Gauss–Jordan elimination, which needs
/// no pivoting then. The logarithm is NaN where A is not positive definite.
pub(crate) fn solve_positive_definite(a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    let n = a.shape()[a.rank() - 1];
    let columns = a.rank() as isize - 1;
    let mut rows = Tensor::concatenate([a, b], columns);
    let mut log_determinant = Vec::with_capacity(n);
    let place = Tensor::iota(n).unsqueeze(-1);
    for k in 0..n {
        let row = rows.slice(-2, k..k + 1);
        let pivot = row.slice(-1, k..k + 1);
        let scaled = row / &pivot;
        let column = rows.slice(-1, k..k + 1);
        // Each row loses its part of the pivot's; the pivot's own row becomes the scaled one.
        let part = place.eq(k as i64).select(&pivot - 1.0, column);
        rows -= part * scaled;
        log_determinant.push(pivot.squeeze([-2, -1]).ln());
    }
    let total = log_determinant.into_iter().reduce(|sum, term| sum + term);
    let total = total.unwrap_or_else(|| Tensor::zeros(&a.shape()[..a.rank() - 2]).cast(a.dtype()));
    (rows.slice(-1, n..), total)
}
