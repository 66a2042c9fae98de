//! Pooling: one number for each window of a picture. And what comes after it: pictures as rows.

use minimand_tensor::{DType, Shape, Tensor};

use crate::module::{Module, Parts};
use crate::picture::{Window, sizes_of_pictures};

/// How the windows of [`max_pool_2d`] and [`avg_pool_2d`], and of their layers, lie. Pairs are `[height, width]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool2dOptions {
    /// Distance between neighbouring windows. Default: `None`, as far as they are long, so that none overlap.
    pub stride: Option<[usize; 2]>,
    /// Entries added on either side of the picture, at most half a window: 0 for the average, and nothing that the maximum could be.
    /// Default: none.
    pub padding: [usize; 2],
}

impl Pool2dOptions {
    #[track_caller]
    fn check(&self, operation: &str, kernel: [usize; 2]) {
        let padding = self.padding;
        let stride = self.stride.unwrap_or(kernel);
        assert!(
            ![kernel, stride].as_flattened().contains(&0),
            "{operation}: kernel {kernel:?}, stride {stride:?}: none may be 0"
        );
        // A window of nothing but padding would have no greatest entry.
        assert!(
            padding[0] <= kernel[0] / 2 && padding[1] <= kernel[1] / 2,
            "{operation}: padding {padding:?} is more than half of the kernel {kernel:?}"
        );
    }

    /// The windows along height and width.
    fn windows(&self, kernel: [usize; 2]) -> [Window; 2] {
        let stride = self.stride.unwrap_or(kernel);
        [0, 1].map(|axis| Window { size: kernel[axis], stride: stride[axis], padding: self.padding[axis], dilation: 1 })
    }

    /// The windows of the pictures, and which two axes the entries of a window lie along. Padding is 0, or the `least` value of the type.
    #[track_caller]
    fn cut(&self, operation: &str, x: &Tensor, kernel: [usize; 2], least: bool) -> (Tensor, [usize; 2]) {
        let [n, channels, height, width] = sizes_of_pictures(operation, x);
        self.check(operation, kernel);
        let [down, across] = self.windows(kernel);
        let (rows, columns) = (down.count(operation, x, 2), across.count(operation, x, 3));
        let padded = self.padding != [0, 0];
        if !padded && (down.stride, across.stride) == (down.size, across.size) {
            // No entry is in two windows: the windows are the picture, read another way.
            let covered = x.slice(2, ..rows * down.size).slice(3, ..columns * across.size);
            return (covered.reshape([n, channels, rows, down.size, columns, across.size]), [3, 5]);
        }
        let mut picture = x.pad(2, down.padding, down.padding).pad(3, across.padding, across.padding);
        if padded && least && x.dtype() != DType::Bool {
            let inside = Tensor::ones([height, width]).cast(DType::Bool);
            let inside = inside.pad(0, down.padding, down.padding).pad(1, across.padding, across.padding);
            picture = match x.dtype() {
                DType::I64 | DType::Bool => inside.select(picture, i64::MIN),
                DType::F32 | DType::F64 => inside.select(picture, f64::NEG_INFINITY),
            };
        }
        (picture.windows(2, down.size, down.stride, 1).windows(3, across.size, across.stride, 1), [4, 5])
    }
}

/// The greatest entry of each window of a batch of pictures, `[batch, channels, height, width]` to
/// `[batch, channels, rows, columns]` with `rows = ⌊(height + 2·padding − kernel height) / stride⌋ + 1`, and columns likewise.
///
/// What is left over at the lower and right edge, too little for a window, is not looked at. Padding is never the greatest and has no
/// share of the gradient, whatever the entries are. Integers and truth values stay what they are.
///
/// # Gradient
/// It flows to the greatest entry; **ties share it evenly**, as in [`Tensor::max`]. PyTorch gives it to the first of them. After
/// ReLU this makes no difference, since its derivative at the ties, which are zeros, is 0.
///
/// ```
/// use minimand_nn::{Pool2dOptions, max_pool_2d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 5.0, 5.0], [4.0, 3.0, 0.0, 0.0]]).reshape([1, 1, 2, 4]);
/// let y = max_pool_2d(&x, [2, 2], Pool2dOptions::default());
/// assert_eq!(y.to_string(), "[[[[4, 5]]]]");
/// assert_eq!(y.sum().grad(&x).to_string(), "[[[[0, 0, 0.5, 0.5],\n   [1, 0, 0, 0]]]]");
/// ```
///
/// For the greatest entry of the whole picture take `x.max_axis([2, 3])`.
///
/// # Panics
/// When `x` has not four axes, a side of the kernel or a stride is 0, the padding is more than half of the kernel, the padded picture
/// is smaller than a window, or a picture of no entries is padded.
#[doc(alias = "max_pool2d")]
#[track_caller]
pub fn max_pool_2d(x: &Tensor, kernel: [usize; 2], options: Pool2dOptions) -> Tensor {
    let [_, _, height, width] = sizes_of_pictures("max_pool_2d", x);
    assert!(
        options.padding == [0, 0] || height > 0 && width > 0,
        "max_pool_2d: input {}: there is no greatest entry of nothing but padding",
        x.shape()
    );
    let (windows, entries) = options.cut("max_pool_2d", x, kernel, true);
    let greatest = windows.max_axis(entries);
    if options.padding == [0, 0] || !x.dtype().is_float() {
        return greatest;
    }
    // Where every entry is −∞ the padding ties with them, and its share of the gradient is lost: theirs are made up for it.
    let [down, across] = options.windows(kernel);
    let missing = down.size_to_entries(height).unsqueeze(-1) * across.size_to_entries(width);
    greatest.eq(f64::NEG_INFINITY).select(missing.cast(x.dtype()), 1) * greatest
}

/// The mean of each window of a batch of pictures, in the shapes of [`max_pool_2d`].
///
/// Padding counts: a window at the edge is the sum of its entries over its whole size, as is PyTorch's default. To leave it out
/// (`count_include_pad=False`), divide by the average of ones.
///
/// ```
/// use minimand_nn::{Pool2dOptions, avg_pool_2d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0, 2.0, 5.0, 5.0], [4.0, 3.0, 0.0, 0.0]]).reshape([1, 1, 2, 4]);
/// assert_eq!(avg_pool_2d(&x, [2, 2], Pool2dOptions::default()).to_string(), "[[[[2.5, 2.5]]]]");
///
/// let padded = Pool2dOptions { padding: [1, 1], ..Default::default() };
/// let y = avg_pool_2d(&x, [2, 2], padded);
/// assert_eq!(y.to_string(), "[[[[0.25, 1.75, 1.25],\n   [1, 0.75, 0]]]]");
/// let y = y / avg_pool_2d(&x.ones_like(), [2, 2], padded);
/// assert_eq!(y.to_string(), "[[[[1, 3.5, 5],\n   [4, 1.5, 0]]]]");
/// ```
///
/// For the mean of the whole picture take `x.mean_axis([2, 3])`.
///
/// # Panics
/// As [`max_pool_2d`].
#[doc(alias = "avg_pool2d")]
#[doc(alias = "average_pool")]
#[track_caller]
pub fn avg_pool_2d(x: &Tensor, kernel: [usize; 2], options: Pool2dOptions) -> Tensor {
    let (windows, entries) = options.cut("avg_pool_2d", x, kernel, false);
    windows.mean_axis(entries)
}

/// [`max_pool_2d`] as a module.
///
/// ```
/// use minimand_nn::{MaxPool2d, Module};
/// use minimand_tensor::Tensor;
///
/// let pool = MaxPool2d::new([2, 2]);
/// assert_eq!(pool.forward(&Tensor::zeros([5, 16, 28, 28])).shape().to_string(), "[5, 16, 14, 14]");
/// ```
#[doc(alias = "MaxPooling2D")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool2d {
    kernel: [usize; 2],
    options: Pool2dOptions,
}

impl MaxPool2d {
    /// Windows of the given height and width, which do not overlap; no padding.
    ///
    /// # Panics
    /// When a side is 0.
    #[track_caller]
    pub fn new(kernel: [usize; 2]) -> MaxPool2d {
        MaxPool2d::with_options(kernel, Pool2dOptions::default())
    }

    /// Windows of the given height and width that lie as chosen.
    ///
    /// # Panics
    /// When a side of the kernel or a stride is 0, or the padding is more than half of the kernel.
    #[track_caller]
    pub fn with_options(kernel: [usize; 2], options: Pool2dOptions) -> MaxPool2d {
        options.check("max_pool_2d", kernel);
        MaxPool2d { kernel, options }
    }
}

impl Module for MaxPool2d {
    /// # Panics
    /// When the input has not four axes, or is smaller than a window.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        max_pool_2d(input, self.kernel, self.options)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// [`avg_pool_2d`] as a module.
///
/// ```
/// use minimand_nn::{AvgPool2d, Module};
/// use minimand_tensor::Tensor;
///
/// let pool = AvgPool2d::new([2, 2]);
/// assert_eq!(pool.forward(&Tensor::zeros([5, 16, 28, 28])).shape().to_string(), "[5, 16, 14, 14]");
/// ```
#[doc(alias = "AveragePooling2D")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool2d {
    kernel: [usize; 2],
    options: Pool2dOptions,
}

impl AvgPool2d {
    /// Windows of the given height and width, which do not overlap; no padding.
    ///
    /// # Panics
    /// When a side is 0.
    #[track_caller]
    pub fn new(kernel: [usize; 2]) -> AvgPool2d {
        AvgPool2d::with_options(kernel, Pool2dOptions::default())
    }

    /// Windows of the given height and width that lie as chosen.
    ///
    /// # Panics
    /// When a side of the kernel or a stride is 0, or the padding is more than half of the kernel.
    #[track_caller]
    pub fn with_options(kernel: [usize; 2], options: Pool2dOptions) -> AvgPool2d {
        options.check("avg_pool_2d", kernel);
        AvgPool2d { kernel, options }
    }
}

impl Module for AvgPool2d {
    /// # Panics
    /// When the input has not four axes, or is smaller than a window.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        avg_pool_2d(input, self.kernel, self.options)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// All axes but the first as one: `[batch, channels, height, width]` to `[batch, channels · height · width]`, for a
/// [`Linear`](crate::Linear) layer after the convolutions.
///
/// ```
/// use minimand_nn::{Flatten, Module};
/// use minimand_tensor::Tensor;
///
/// assert_eq!(Flatten.forward(&Tensor::zeros([5, 32, 7, 7])).shape().to_string(), "[5, 1568]");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl Module for Flatten {
    /// # Panics
    /// When the input has fewer than two axes.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        assert!(input.rank() >= 2, "flatten: input {} must be [batch, …]", input.shape());
        let (batch, rest) = input.shape().split_at(1);
        input.reshape(Shape::from([batch[0], rest.iter().product()]))
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
