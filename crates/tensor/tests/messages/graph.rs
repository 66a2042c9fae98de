//! The graphs that `explanations.rs` prints. Line numbers of this file appear there.

use minimand_tensor::Tensor;

/// The mean Huber loss of a line through two points, and its gradient.
pub(crate) fn huber() -> (Tensor, Tensor) {
    let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]).named("x");
    let w = Tensor::from([[0.5f32], [-0.5]]).named("w");
    let r = x.matmul(&w).abs().named("residual");
    let q = r.clamp_max(1.0);
    let loss = (0.5 * q.square() + (r - &q)).mean().named("loss");
    let slope = loss.grad(&w);
    (loss, slope)
}

/// One node of each kind that has details of its own to tell.
pub(crate) fn kinds() -> Tensor {
    let x = Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]);
    let moved = x.transpose().flip(0).pad(0, 1, 0).slice_step(0, 1.., 2).windows(0, 1, 1, 1);
    let folded = moved.overlap_add(0, 1, 1, 2).cumulative_sum_reverse(1).polygamma(1);
    let picked = folded.take_along_axis(0, folded.argsort_descending(0));
    let joined = Tensor::concatenate([&picked, &picked.scatter_add(0, picked.argmax_axis(1).unsqueeze(1), 2)], 0);
    Tensor::triangular_mask(4, 2, 0).select(joined, 1.5).detach().max_axis([0, 1])
}
