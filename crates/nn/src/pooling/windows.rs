//! Windows along one axis or two, at equal distances, and what is taken of each.

use minimand_tensor::{DType, Tensor};

use crate::picture::{Window, counts, sizes_of_batch};

/// The windows of a pooling, which lie as its options say.
pub(super) struct Windows<const D: usize> {
    operation: &'static str,
    along: [Window; D],
    padding: [usize; D],
}

impl<const D: usize> Windows<D> {
    /// Windows of the given sides; without a stride they do not overlap.
    #[track_caller]
    pub(super) fn new(
        operation: &'static str,
        kernel: [usize; D],
        stride: Option<[usize; D]>,
        padding: [usize; D],
    ) -> Windows<D> {
        let stride = stride.unwrap_or(kernel);
        assert!(
            ![kernel, stride].as_flattened().contains(&0),
            "{operation}: kernel {kernel:?}, stride {stride:?}: none may be 0"
        );
        // A window of nothing but padding would have no greatest entry.
        assert!(
            (0..D).all(|axis| padding[axis] <= kernel[axis] / 2),
            "{operation}: padding {padding:?} is more than half of the kernel {kernel:?}"
        );
        let along = std::array::from_fn(|axis| Window {
            size: kernel[axis],
            stride: stride[axis],
            padding: padding[axis],
            dilation: 1,
        });
        Windows { operation, along, padding }
    }

    /// The greatest entry of each window.
    #[track_caller]
    pub(super) fn max(&self, x: &Tensor) -> Tensor {
        let (_, _, sides) = sizes_of_batch::<D>(self.operation, x);
        let padded = self.padding != [0; D];
        assert!(
            !padded || !sides.contains(&0),
            "{}: input {}: there is no greatest entry of nothing but padding",
            self.operation,
            x.shape()
        );
        let (windows, entries) = self.cut(x, true);
        let greatest = windows.max_axis(entries.as_slice());
        if !padded || !x.dtype().is_float() {
            return greatest;
        }
        // Where every entry is −∞ the padding ties with them, and its share of the gradient is lost: theirs are made up for it.
        let mut missing = Tensor::ones([]).cast(DType::F64);
        for (window, side) in self.along.into_iter().zip(sides) {
            missing = missing.unsqueeze(-1) * window.size_to_entries(side);
        }
        greatest.eq(f64::NEG_INFINITY).select(missing.cast(x.dtype()), 1) * greatest
    }

    /// The mean of each window, over its whole size.
    #[track_caller]
    pub(super) fn mean(&self, x: &Tensor) -> Tensor {
        let (windows, entries) = self.cut(x, false);
        windows.mean_axis(entries.as_slice())
    }

    /// The windows of an input, and which axes the entries of a window lie along. Padding is 0, or the `least` value of the type.
    #[track_caller]
    fn cut(&self, x: &Tensor, least: bool) -> (Tensor, Vec<usize>) {
        let (n, channels, sides) = sizes_of_batch::<D>(self.operation, x);
        let places = counts(self.along, self.operation, x);
        let padded = self.padding != [0; D];
        if !padded && self.along.iter().all(|window| window.stride == window.size) {
            // No entry is in two windows: the windows are the input, read another way.
            let mut covered = x.clone();
            let mut shape = vec![n, channels];
            for (axis, (places, window)) in (2..).zip(places.into_iter().zip(self.along)) {
                covered = covered.slice(axis, ..places * window.size);
                shape.extend([places, window.size]);
            }
            return (covered.reshape(shape), (0..D).map(|axis| 3 + 2 * axis).collect());
        }
        let mut whole = x.clone();
        for (axis, padding) in (2..).zip(self.padding) {
            whole = whole.pad(axis, padding, padding);
        }
        if padded && least && x.dtype() != DType::Bool {
            let mut inside = Tensor::ones(sides).cast(DType::Bool);
            for (axis, padding) in (0..).zip(self.padding) {
                inside = inside.pad(axis, padding, padding);
            }
            whole = match x.dtype() {
                DType::I64 | DType::Bool => inside.select(whole, i64::MIN),
                DType::F32 | DType::F64 => inside.select(whole, f64::NEG_INFINITY),
            };
        }
        for (axis, window) in (2..).zip(self.along) {
            whole = whole.windows(axis, window.size, window.stride, 1);
        }
        (whole, (2 + D..2 + 2 * D).collect())
    }
}
