//! The neighbours of pixels.

use minimand_tensor::Tensor;

/// The pixels moved one place forwards or backwards along an axis; 0 where one comes in from outside.
pub(super) fn shifted(x: &Tensor, axis: isize, by: isize) -> Tensor {
    let size = x.shape()[axis as usize];
    if by > 0 { x.pad(axis, 1, 0).slice(axis, 0..size) } else { x.pad(axis, 0, 1).slice(axis, 1..size + 1) }
}

/// The same, but what comes in from outside is the pixel at the edge.
fn repeated(x: &Tensor, axis: isize, by: isize) -> Tensor {
    let size = x.shape()[axis as usize];
    let (first, last) = (x.slice(axis, 0..1), x.slice(axis, size - 1..size));
    if by > 0 {
        Tensor::concatenate([&first, &x.slice(axis, 0..size - 1)], axis)
    } else {
        Tensor::concatenate([&x.slice(axis, 1..size), &last], axis)
    }
}

/// The greatest of a pixel and its two neighbours along an axis.
pub(super) fn greatest(x: &Tensor, axis: isize) -> Tensor {
    repeated(x, axis, 1).maximum(x).maximum(repeated(x, axis, -1))
}

/// The least of a pixel and its two neighbours along an axis.
pub(super) fn least(x: &Tensor, axis: isize) -> Tensor {
    repeated(x, axis, 1).minimum(x).minimum(repeated(x, axis, -1))
}
