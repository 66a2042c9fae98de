//! Padding that continues what is there. With zeros: [`Tensor::pad`].

use minimand_tensor::{Shape, Tensor};

/// `before` and `after` entries around an axis, mirrored at its first and last entry, which are not repeated.
///
/// ```
/// use minimand_nn::pad_reflect;
/// use minimand_tensor::Tensor;
///
/// assert_eq!(pad_reflect(&Tensor::from([1.0, 2.0, 3.0]), 0, 2, 1).to_string(), "[3, 2, 1, 2, 3, 2]");
/// ```
///
/// # Panics
/// When the axis is out of range, or not longer than `before` and `after`.
#[doc(alias("ReflectionPad1d", "ReflectionPad2d"))]
#[track_caller]
pub fn pad_reflect(x: &Tensor, axis: isize, before: usize, after: usize) -> Tensor {
    let (axis, length) = check("pad_reflect", x, axis, before.max(after), |length| length.saturating_sub(1));
    // An axis of no entries has no entry to begin beside.
    let (first, last) = (length.min(1), length.saturating_sub(1));
    let (front, back) = (x.slice(axis, first..first + before), x.slice(axis, last - after..last));
    between(&front.flip(axis), x, &back.flip(axis), axis)
}

/// `before` and `after` entries around an axis, equal to its first and its last.
///
/// ```
/// use minimand_nn::pad_replicate;
/// use minimand_tensor::Tensor;
///
/// assert_eq!(pad_replicate(&Tensor::from([1.0, 2.0, 3.0]), 0, 2, 1).to_string(), "[1, 1, 1, 2, 3, 3]");
/// ```
///
/// # Panics
/// When the axis is out of range, or there is nothing to repeat.
#[doc(alias("ReplicationPad1d", "ReplicationPad2d"))]
#[track_caller]
pub fn pad_replicate(x: &Tensor, axis: isize, before: usize, after: usize) -> Tensor {
    let most = |length| if length == 0 { 0 } else { usize::MAX };
    let (axis, length) = check("pad_replicate", x, axis, before.max(after), most);
    let (front, back) = (x.slice(axis, ..length.min(1)), x.slice(axis, length.saturating_sub(1)..));
    between(&repeated(&front, axis, before), x, &repeated(&back, axis, after), axis)
}

/// `before` and `after` entries around an axis, those of its other end: as if it were a circle.
///
/// ```
/// use minimand_nn::pad_circular;
/// use minimand_tensor::Tensor;
///
/// assert_eq!(pad_circular(&Tensor::from([1.0, 2.0, 3.0]), 0, 2, 1).to_string(), "[2, 3, 1, 2, 3, 1]");
/// ```
///
/// # Panics
/// When the axis is out of range, or shorter than `before` or `after`.
#[doc(alias("CircularPad1d", "CircularPad2d"))]
#[track_caller]
pub fn pad_circular(x: &Tensor, axis: isize, before: usize, after: usize) -> Tensor {
    let (axis, length) = check("pad_circular", x, axis, before.max(after), |length| length);
    between(&x.slice(axis, length - before..), x, &x.slice(axis, ..after), axis)
}

/// The axis counted from the front, and its length, which must be enough for so many entries on one side.
#[track_caller]
fn check(operation: &str, x: &Tensor, axis: isize, entries: usize, most: impl Fn(usize) -> usize) -> (isize, usize) {
    let rank = x.rank() as isize;
    assert!((-rank..rank).contains(&axis), "{operation}: axis {axis} is out of range for {}", x.shape());
    let axis = axis.rem_euclid(rank);
    let length = x.shape()[axis as usize];
    assert!(
        entries <= most(length),
        "{operation}: {entries} entries beside axis {axis} of {}: more than it can give",
        x.shape()
    );
    (axis, length)
}

/// An axis of one entry, or of none, with that entry so many times.
#[track_caller]
fn repeated(x: &Tensor, axis: isize, times: usize) -> Tensor {
    if x.shape()[axis as usize] == 0 {
        return x.clone();
    }
    let sizes = x.shape().iter().enumerate();
    let shape = sizes.map(|(of, &size)| if of as isize == axis { times } else { size });
    x.expand(shape.collect::<Shape>())
}

/// A tensor between two others, of which those without entries are left out.
#[track_caller]
fn between(front: &Tensor, x: &Tensor, back: &Tensor, axis: isize) -> Tensor {
    let beside = |part: &&Tensor| part.shape()[axis as usize] > 0;
    Tensor::concatenate([front].into_iter().filter(beside).chain([x]).chain([back].into_iter().filter(beside)), axis)
}
