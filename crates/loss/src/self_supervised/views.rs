//! What the losses of two views share: agreement of shapes and similarities.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Panics unless two named arguments are matrices of one shape.
#[track_caller]
pub(super) fn check_views(loss: &str, first: (&str, &Tensor), second: (&str, &Tensor)) {
    let (name, matrix) = first;
    assert!(matrix.rank() == 2, "{loss}: {name} {} must have two axes, [things, dimensions]", matrix.shape());
    assert!(matrix.shape()[0] > 0, "{loss}: {name} {} hold nothing", matrix.shape());
    same_shapes(loss, first, second);
}

/// The scaled cosines of each view, first and then second ones, to its partner, `[2 · things]`, and to all views of other things, `[2 · things, 2 · things]`
/// with −∞ at the views of its own.
pub(super) fn partners_and_rivals(first_views: &Tensor, second_views: &Tensor, scale: f64) -> (Tensor, Tensor) {
    let (a, b) = (first_views.normalize(-1), second_views.normalize(-1));
    let views = Tensor::concatenate([&a, &b], 0);
    let partners = scale * (a * b).sum_axis(-1);
    let thing = Tensor::eye(first_views.shape()[0]);
    let thing = Tensor::concatenate([&thing, &thing], 0);
    let own = Tensor::concatenate([&thing, &thing], 1).ne(0);
    let rivals = own.select(f64::NEG_INFINITY, scale * views.matmul(&views.transpose()));
    (Tensor::concatenate([&partners, &partners], 0), rivals)
}
