//! Pictures blurred, padded and differenced along an axis.

use minimand_tensor::Tensor;

use crate::numbers::numbers;

/// A normal distribution on `size` places, an odd number, that sums to 1.
pub(super) fn gaussian(size: usize, sigma: f64) -> Vec<f64> {
    let half = (size / 2) as f64;
    let weights: Vec<f64> = (0..size).map(|n| (-(n as f64 - half).powi(2) / (2.0 * sigma * sigma)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / sum).collect()
}

/// Mirrored at both ends of an axis, the ends themselves not repeated.
#[track_caller]
pub(super) fn reflected(picture: &Tensor, axis: isize, by: usize) -> Tensor {
    if by == 0 {
        return picture.clone();
    }
    let size = picture.shape()[(picture.rank() as isize + axis) as usize];
    let before = picture.slice(axis, 1..by + 1).flip(axis);
    let after = picture.slice(axis, size - by - 1..size - 1).flip(axis);
    Tensor::concatenate([&before, picture, &after], axis)
}

/// Weighted means over windows along each of the given axes, counted from the back; each axis loses a window less one.
#[track_caller]
pub(super) fn blurred(picture: &Tensor, axes: &[isize], window: &[f64]) -> Tensor {
    let weights = numbers(window.iter().copied(), picture.dtype());
    let blur = |picture: Tensor, &axis: &isize| (picture.windows(axis, window.len(), 1, 1) * &weights).sum_axis(-1);
    axes.iter().fold(picture.clone(), blur)
}

/// Each entry less the one before it, along an axis, which loses one.
#[track_caller]
pub(super) fn differences(picture: &Tensor, axis: isize) -> Tensor {
    let size = picture.shape()[(picture.rank() as isize + axis) as usize];
    picture.slice(axis, 1.min(size)..) - picture.slice(axis, ..size.saturating_sub(1))
}

/// The mean over some axes, 0 where they are empty.
#[track_caller]
pub(super) fn mean_or_zero(x: &Tensor, axes: &[isize]) -> Tensor {
    let count: usize = axes.iter().map(|&axis| x.shape()[(x.rank() as isize + axis) as usize]).product();
    x.sum_axis(axes) / count.max(1) as f64
}

/// Panics unless a tensor has the axes of a picture.
#[track_caller]
pub(super) fn check_picture(loss: &str, (name, picture): (&str, &Tensor)) {
    let shape = picture.shape();
    assert!(picture.rank() == 4, "{loss}: {name} {shape} must have four axes, [batch, channels, height, width]");
}
