//! Agreement of shapes. A loss never broadcasts its prediction against its target: `[n, 1]` against `[n]` would
//! silently be a matrix of n² losses.

use minimand_tensor::Tensor;

/// Panics unless a prediction and its target have the same shape.
#[track_caller]
pub(crate) fn same_shape(loss: &str, prediction: &Tensor, target: &Tensor) {
    same_shapes(loss, ("prediction", prediction), ("target", target));
}

/// Panics unless two named arguments of a loss have the same shape.
#[track_caller]
pub(crate) fn same_shapes(loss: &str, first: (&str, &Tensor), second: (&str, &Tensor)) {
    let ((name, a), (other, b)) = (first, second);
    assert!(a.shape() == b.shape(), "{loss}: {name} {} and {other} {} must have the same shape", a.shape(), b.shape());
}

/// Panics unless an argument can be repeated to the shape of another: each of its axes has the same size, or 1, or is
/// missing in front.
#[track_caller]
pub(crate) fn repeats_to(loss: &str, repeated: (&str, &Tensor), whole: (&str, &Tensor)) {
    let ((name, a), (other, b)) = (repeated, whole);
    assert!(
        a.shape().broadcast(b.shape()).as_ref() == Some(b.shape()),
        "{loss}: {name} {} does not repeat to the shape of {other} {}",
        a.shape(),
        b.shape()
    );
}
