//! What convolution and pooling ask of their input: a batch of pictures that a window fits into.

use minimand_tensor::Tensor;

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
        let (length, span) = (x.shape()[axis] + 2 * self.padding, self.dilation * (self.size - 1) + 1);
        assert!(
            span <= length,
            "{operation}: input {}: axis {axis} has {length} entries with padding, and a window spans {span}",
            x.shape()
        );
        (length - span) / self.stride + 1
    }
}
