//! Convolution and its adjoint, along one axis or two: what their functions and layers share.

mod conv_1d;
mod conv_2d;
mod conv_transpose_1d;
mod conv_transpose_2d;
mod layer;

pub use conv_1d::{Conv1d, Conv1dOptions, conv_1d};
pub use conv_2d::{Conv2d, Conv2dOptions, conv_2d};
pub use conv_transpose_1d::{ConvTranspose1d, ConvTranspose1dOptions, conv_transpose_1d};
pub use conv_transpose_2d::{ConvTranspose2d, ConvTranspose2dOptions, conv_transpose_2d};
use minimand_tensor::{Shape, Tensor};

use crate::picture::{Window, counts, names_of_axes, sizes_of_batch};

/// How windows lie along each of the axes, and into how many groups the channels are cut.
#[derive(Clone, Copy)]
struct Steps<const D: usize> {
    stride: [usize; D],
    padding: [usize; D],
    dilation: [usize; D],
    groups: usize,
}

impl<const D: usize> Steps<D> {
    fn windows(&self, kernel: [usize; D]) -> [Window; D] {
        std::array::from_fn(|axis| Window {
            size: kernel[axis],
            stride: self.stride[axis],
            padding: self.padding[axis],
            dilation: self.dilation[axis],
        })
    }

    #[track_caller]
    fn check(&self, operation: &str, kernel: [usize; D]) {
        let Steps { stride, dilation, groups, .. } = *self;
        assert!(
            ![kernel, stride, dilation].as_flattened().contains(&0) && groups > 0,
            "{operation}: kernel {kernel:?}, stride {stride:?}, dilation {dilation:?}, groups {groups}: none may be 0"
        );
    }

    #[track_caller]
    fn check_divides(&self, operation: &str, channels: usize, what: &str) {
        let groups = self.groups;
        assert!(channels.is_multiple_of(groups), "{operation}: {groups} groups do not divide {channels} {what}");
    }
}

/// The convolution of `[batch, channels, …]` with a kernel `[outputs, channels / groups, …]`.
#[track_caller]
fn convolved<const D: usize>(
    operation: &str,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    steps: Steps<D>,
) -> Tensor {
    let (n, channels, _) = sizes_of_batch::<D>(operation, x);
    let (outputs, inputs, kernel) = sizes_of_kernel::<D>(operation, weight, "outputs, inputs");
    let groups = steps.groups;
    steps.check(operation, kernel);
    steps.check_divides(operation, outputs, "outputs");
    let wanted = groups as u128 * inputs as u128;
    check_channels(operation, x, weight, groups, channels as u128 == wanted, wanted);
    let windows = steps.windows(kernel);
    let places = counts(windows, operation, x);

    // No product of sizes below is beyond the range: all of them are axes of the windows or of the weight together.
    let mut cut = x.clone();
    for (axis, window) in (2..).zip(windows) {
        cut = cut.pad(axis, window.padding, window.padding);
    }
    for (axis, window) in (2..).zip(windows) {
        cut = cut.windows(axis, window.size, window.stride, window.dilation);
    }
    // From [n, channels, places…, kernel…]: a matrix for each example, with a column for each window.
    let (entries, count) = (inputs * kernel.iter().product::<usize>(), places.iter().product::<usize>());
    let columns = entries_before_places::<D>(&cut);
    let product = if groups == 1 {
        weight.reshape([outputs, entries]).matmul(&columns.reshape([n, entries, count]))
    } else {
        let weight = weight.reshape([groups, outputs / groups, entries]);
        weight.matmul(&columns.reshape([n, groups, entries, count]))
    };
    with_bias(operation, product.reshape(batch_of(n, outputs, places)), bias, outputs)
}

/// The adjoint of the convolution, as a function of its output: `[batch, channels, …]` with a kernel `[channels, outputs / groups, …]`.
#[track_caller]
fn transposed<const D: usize>(
    operation: &str,
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    steps: Steps<D>,
    output_padding: [usize; D],
) -> Tensor {
    let (n, channels, places) = sizes_of_batch::<D>(operation, x);
    let (inputs, of_group, kernel) = sizes_of_kernel::<D>(operation, weight, "inputs, outputs");
    let groups = steps.groups;
    steps.check(operation, kernel);
    check_output_padding(operation, steps, output_padding);
    steps.check_divides(operation, inputs, "inputs");
    check_channels(operation, x, weight, groups, channels == inputs, inputs as u128);
    let windows = steps.windows(kernel);
    let mut lengths = [0; D];
    for axis in 0..D {
        lengths[axis] = windows[axis].length(operation, x, 2 + axis, output_padding[axis]);
    }

    // What each input entry adds to each entry of its window, as a matrix with a column for each window: [n, outputs, kernel…, places…].
    let (entries, count) = (of_group * kernel.iter().product::<usize>(), places.iter().product::<usize>());
    let weight = weight.reshape([groups, inputs / groups, entries]).transpose();
    let columns = weight.matmul(&x.reshape([n, groups, inputs / groups, count]));
    let outputs = groups * of_group;
    let columns = columns.reshape([n, outputs].into_iter().chain(kernel).chain(places).collect::<Shape>());
    // Each permutation that exchanges the two lists of axes is its own inverse.
    let mut sum = entries_before_places::<D>(&columns);
    for axis in (0..D).rev() {
        let Window { stride, padding, dilation, .. } = windows[axis];
        let (length, along) = (lengths[axis], 2 + axis as isize);
        sum = sum.overlap_add(along, stride, dilation, length + 2 * padding).slice(along, padding..padding + length);
    }
    with_bias(operation, sum, bias, outputs)
}

/// `[n, channels, places…, kernel…]` as `[n, channels, kernel…, places…]`, and the other way round.
#[track_caller]
fn entries_before_places<const D: usize>(windows: &Tensor) -> Tensor {
    let order: Vec<isize> = (0..2).chain(2 + D..2 + 2 * D).chain(2..2 + D).map(|axis| axis as isize).collect();
    windows.permute(order)
}

fn batch_of<const D: usize>(n: usize, channels: usize, sizes: [usize; D]) -> Shape {
    [n, channels].into_iter().chain(sizes).collect()
}

#[track_caller]
fn check_channels(operation: &str, x: &Tensor, weight: &Tensor, groups: usize, fit: bool, wanted: u128) {
    assert!(
        fit,
        "{operation}: input {} and {} {}, groups {groups}: axis 1 of the input must be {wanted}",
        x.shape(),
        weight.name().as_deref().unwrap_or("weight"),
        weight.shape()
    );
}

#[track_caller]
fn check_output_padding<const D: usize>(operation: &str, steps: Steps<D>, output_padding: [usize; D]) {
    let Steps { stride, dilation, .. } = steps;
    assert!(
        (0..D).all(|axis| output_padding[axis] < stride[axis].max(dilation[axis])),
        "{operation}: output padding {output_padding:?} must be less than stride {stride:?} or dilation {dilation:?}"
    );
}

#[track_caller]
fn with_bias(operation: &str, product: Tensor, bias: Option<&Tensor>, outputs: usize) -> Tensor {
    let Some(bias) = bias else { return product };
    assert!(
        *bias.shape() == [outputs],
        "{operation}: {} {} must be [{outputs}]",
        bias.name().as_deref().unwrap_or("bias"),
        bias.shape()
    );
    let column = std::iter::once(outputs).chain(std::iter::repeat_n(1, product.rank() - 2));
    product + bias.reshape(column.collect::<Shape>())
}

/// The two numbers of channels and the sides of a kernel.
#[track_caller]
fn sizes_of_kernel<const D: usize>(operation: &str, weight: &Tensor, channels: &str) -> (usize, usize, [usize; D]) {
    let sizes = weight.shape().sizes();
    match sizes.split_at_checked(2).map(|(channels, kernel)| (channels, <[usize; D]>::try_from(kernel))) {
        Some((&[first, second], Ok(kernel))) => (first, second, kernel),
        _ => panic!(
            "{operation}: {} {} must be [{channels}, {}]",
            weight.name().as_deref().unwrap_or("weight"),
            weight.shape(),
            names_of_axes::<D>()
        ),
    }
}
