//! What the losses over class representatives share: agreement of shapes, and the cosines between embeddings and representatives.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::{check_finite, check_positive};

/// Panics unless embeddings are `[examples, dimensions]` with one label each, and the representatives begin with the classes and end with the
/// dimensions: `[classes, dimensions]`, or of three axes with several per class.
#[track_caller]
pub(super) fn check(
    loss: &str,
    embeddings: &Tensor,
    labels: &Labels,
    (name, representatives): (&str, &Tensor),
    rank: usize,
) {
    let (found, labelled, other) = (embeddings.shape(), labels.shape(), representatives.shape());
    assert!(
        embeddings.rank() == 2 && labelled[..] == found[..1],
        "{loss}: embeddings {found} and labels {labelled} do not fit: embeddings must be [examples, dimensions], with one label per example"
    );
    let wanted = if rank == 2 { "[classes, dimensions]" } else { "[classes, per_class, dimensions]" };
    let classes = labels.classes();
    assert!(
        other.len() == rank && other[0] == classes && other[rank - 1] == found[1],
        "{loss}: {name} {other}, embeddings {found} and labels of {classes} classes do not fit: {name} must be {wanted}"
    );
}

/// Panics unless a margin is finite and not negative, and a scale positive and finite.
#[track_caller]
pub(super) fn check_margin(loss: &str, embeddings: &Tensor, margin: f64, scale: f64) {
    assert!(margin >= 0.0, "{loss}: margin is {margin} and must not be below 0");
    check_finite(loss, ("margin", margin), embeddings.dtype());
    check_positive(loss, ("scale", scale), embeddings.dtype());
    check_finite(loss, ("scale", scale), embeddings.dtype());
}

/// The cosines of the angles between embeddings and representatives, `[examples, classes]` or `[examples, classes, centers]`; 0 where one is zero.
#[track_caller]
pub(super) fn cosines(embeddings: &Tensor, representatives: &Tensor) -> Tensor {
    let (shape, directions) = (representatives.shape(), representatives.normalize(-1));
    let (several, dimensions) = (&shape[..shape.len() - 1], shape[shape.len() - 1]);
    let rows: usize = several.iter().product();
    let cosines = embeddings.normalize(-1).matmul(&directions.reshape([rows, dimensions]).transpose());
    let mut whole = vec![embeddings.shape()[0]];
    whole.extend_from_slice(several);
    cosines.reshape(whole)
}

/// The cosine and the sine of the angle between two vectors along the last axis. The sine is the length of what of one is at right angles to the other,
/// which has all its digits near 0, and there gradient 0 instead of an infinite one; a zero vector is at right angles to everything.
#[track_caller]
pub(super) fn cosine_and_sine(a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    let (u, v) = (a.normalize(-1), b.normalize(-1));
    let cosine = (&u * &v).sum_axis(-1);
    let sine = (&u - cosine.unsqueeze(-1) * &v).norm_axis(-1);
    let void = a.abs().max_axis(-1).eq(0) | b.abs().max_axis(-1).eq(0);
    (cosine, void.select(1, sine))
}
