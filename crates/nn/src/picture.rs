//! What convolution and pooling ask of their input: a batch of rows or pictures that a window fits into.

use minimand_tensor::{DType, Tensor};

/// The sizes of a batch of pictures, `[batch, channels, height, width]`. Panics when the tensor is none.
#[track_caller]
pub(crate) fn sizes_of_pictures(operation: &str, x: &Tensor) -> [usize; 4] {
    let (batch, channels, [height, width]) = sizes_of_batch(operation, x);
    [batch, channels, height, width]
}

/// The sizes of a batch of rows, `[batch, channels, length]`, or of pictures, `[batch, channels, height, width]`.
#[track_caller]
pub(crate) fn sizes_of_batch<const D: usize>(operation: &str, x: &Tensor) -> (usize, usize, [usize; D]) {
    let sizes = x.shape().sizes();
    match sizes.split_at_checked(2).map(|(batch, sides)| (batch, <[usize; D]>::try_from(sides))) {
        Some((&[batch, channels], Ok(sides))) => (batch, channels, sides),
        _ => panic!("{operation}: input {} must be [batch, channels, {}]", x.shape(), names_of_axes::<D>()),
    }
}

/// What the last axes of a batch are called.
pub(crate) fn names_of_axes<const D: usize>() -> &'static str {
    if D == 1 { "length" } else { "height, width" }
}

/// A window along one axis, and what is added to either end of the axis before windows are cut.
#[derive(Clone, Copy)]
pub(crate) struct Window {
    pub(crate) size: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) dilation: usize,
}

impl Window {
    /// How many fit along an axis. Panics when not even one does.
    #[track_caller]
    pub(crate) fn count(self, operation: &str, x: &Tensor, axis: usize) -> usize {
        // No product of sizes is beyond 128 bits.
        let [size, padding, dilation] = [self.size, self.padding, self.dilation].map(|size| size as u128);
        let (length, span) = (x.shape()[axis] as u128 + 2 * padding, dilation * (size - 1) + 1);
        assert!(
            span <= length,
            "{operation}: input {}: axis {axis} has {length} entries with padding, and a window spans {span}",
            x.shape()
        );
        let count = (length - span) / self.stride as u128 + 1;
        usize::try_from(count).unwrap_or_else(|_| {
            panic!("{operation}: input {}: {count} windows along axis {axis}: too many to be counted", x.shape())
        })
    }

    /// How long an axis is whose windows are as many as an axis of `x` has entries, with some more at its end. Panics when there is no such.
    #[track_caller]
    pub(crate) fn length(self, operation: &str, x: &Tensor, axis: usize, more: usize) -> usize {
        let [size, stride, padding, dilation] =
            [self.size, self.stride, self.padding, self.dilation].map(|n| n as u128);
        let count = x.shape()[axis] as u128;
        assert!(count > 0, "{operation}: input {}: axis {axis} is empty", x.shape());
        let whole = (count - 1) * stride + dilation * (size - 1) + 1 + more as u128;
        assert!(
            whole > 2 * padding,
            "{operation}: input {}: axis {axis} of the result has {whole} entries, and padding takes {} off",
            x.shape(),
            2 * padding
        );
        // With the padding, since the windows are added up before it is taken off.
        assert!(
            usize::try_from(whole).is_ok(),
            "{operation}: input {}: {whole} entries along axis {axis} of the result: too many to be counted",
            x.shape()
        );
        (whole - 2 * padding) as usize
    }

    /// The size of each window along an axis of `length` entries, over how many of those are in it.
    #[track_caller]
    pub(crate) fn size_to_entries(self, length: usize) -> Tensor {
        let entries = Tensor::ones([length]).cast(DType::F64).pad(0, self.padding, self.padding);
        self.size as f64 / entries.windows(0, self.size, self.stride, self.dilation).sum_axis(-1)
    }
}

/// How many windows fit along each of the last axes.
#[track_caller]
pub(crate) fn counts<const D: usize>(windows: [Window; D], operation: &str, x: &Tensor) -> [usize; D] {
    let mut counts = [0; D];
    for (axis, window) in windows.into_iter().enumerate() {
        counts[axis] = window.count(operation, x, 2 + axis);
    }
    counts
}
