//! What convolution and pooling ask of their input: a batch of pictures that a window fits into.

use minimand_tensor::{DType, Tensor};

/// The sizes of a batch of pictures, `[batch, channels, height, width]`. Panics when the tensor is none.
#[track_caller]
pub(crate) fn sizes_of_pictures(operation: &str, x: &Tensor) -> [usize; 4] {
    match *x.shape().sizes() {
        [batch, channels, height, width] => [batch, channels, height, width],
        _ => panic!("{operation}: input {} must be [batch, channels, height, width]", x.shape()),
    }
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

    /// The size of each window along an axis of `length` entries, over how many of those are in it.
    pub(crate) fn size_to_entries(self, length: usize) -> Tensor {
        let entries = Tensor::ones([length]).cast(DType::F64).pad(0, self.padding, self.padding);
        self.size as f64 / entries.windows(0, self.size, self.stride, self.dilation).sum_axis(-1)
    }
}
