//! Pooling of pictures: one number for each window.

use minimand_tensor::Tensor;

use super::windows::Windows;
use crate::module::{Module, Parts};

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
    /// The windows of so many rows and columns.
    #[track_caller]
    fn windows(self, operation: &'static str, kernel: [usize; 2]) -> Windows<2> {
        Windows::new(operation, kernel, self.stride, self.padding)
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
/// For the greatest entry of the whole picture take `x.max_axis([2, 3])`; for a result of a given size
/// [`adaptive_max_pool_2d`](crate::adaptive_max_pool_2d).
///
/// # Panics
/// When `x` has not four axes, a side of the kernel or a stride is 0, the padding is more than half of the kernel, the padded picture
/// is smaller than a window, or a picture of no entries is padded.
#[doc(alias = "max_pool2d")]
#[track_caller]
pub fn max_pool_2d(x: &Tensor, kernel: [usize; 2], options: Pool2dOptions) -> Tensor {
    options.windows("max_pool_2d", kernel).max(x)
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
/// For the mean of the whole picture take `x.mean_axis([2, 3])`; for a result of a given size
/// [`adaptive_avg_pool_2d`](crate::adaptive_avg_pool_2d).
///
/// # Panics
/// As [`max_pool_2d`].
#[doc(alias = "avg_pool2d")]
#[doc(alias = "average_pool")]
#[track_caller]
pub fn avg_pool_2d(x: &Tensor, kernel: [usize; 2], options: Pool2dOptions) -> Tensor {
    options.windows("avg_pool_2d", kernel).mean(x)
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
        let _ = options.windows("max_pool_2d", kernel);
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
        let _ = options.windows("avg_pool_2d", kernel);
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
