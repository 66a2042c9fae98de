//! Pooling of rows of numbers: one number for each window.

use minimand_tensor::Tensor;

use super::windows::Windows;
use crate::module::{Module, Parts};

/// How the windows of [`max_pool_1d`] and [`avg_pool_1d`], and of their layers, lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pool1dOptions {
    /// Distance between neighbouring windows. Default: `None`, as far as they are long, so that none overlap.
    pub stride: Option<usize>,
    /// Entries added on either side of the row, at most half a window: 0 for the average, and nothing that the maximum could be.
    /// Default: none.
    pub padding: usize,
}

impl Pool1dOptions {
    /// The windows of so many entries.
    #[track_caller]
    fn windows(self, operation: &'static str, kernel: usize) -> Windows<1> {
        Windows::new(operation, [kernel], self.stride.map(|stride| [stride]), [self.padding])
    }
}

/// The greatest entry of each window of a batch of rows, `[batch, channels, length]` to `[batch, channels, places]` with
/// `places = ⌊(length + 2·padding − kernel) / stride⌋ + 1`.
///
/// What is left over at the end, too little for a window, is not looked at. Padding, integers and ties are as with
/// [`max_pool_2d`](crate::max_pool_2d): ties share the gradient evenly.
///
/// ```
/// use minimand_nn::{Pool1dOptions, max_pool_1d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 4.0, 3.0, 2.0, 9.0]).reshape([1, 1, 5]);
/// assert_eq!(max_pool_1d(&x, 2, Pool1dOptions::default()).to_string(), "[[[4, 3]]]");
/// let dense = Pool1dOptions { stride: Some(1), padding: 1 };
/// assert_eq!(max_pool_1d(&x, 3, dense).to_string(), "[[[4, 4, 4, 9, 9]]]");
/// ```
///
/// # Panics
/// When `x` has not three axes, the kernel or the stride is 0, the padding is more than half of the kernel, the padded row is shorter than a
/// window, or a row of no entries is padded.
#[doc(alias = "max_pool1d")]
#[track_caller]
pub fn max_pool_1d(x: &Tensor, kernel: usize, options: Pool1dOptions) -> Tensor {
    options.windows("max_pool_1d", kernel).max(x)
}

/// The mean of each window of a batch of rows, in the shapes of [`max_pool_1d`]. Padding counts, as with
/// [`avg_pool_2d`](crate::avg_pool_2d).
///
/// ```
/// use minimand_nn::{Pool1dOptions, avg_pool_1d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 4.0, 3.0, 2.0, 9.0]).reshape([1, 1, 5]);
/// assert_eq!(avg_pool_1d(&x, 2, Pool1dOptions::default()).to_string(), "[[[2.5, 2.5]]]");
/// ```
///
/// # Panics
/// As [`max_pool_1d`].
#[doc(alias = "avg_pool1d")]
#[doc(alias = "average_pool")]
#[track_caller]
pub fn avg_pool_1d(x: &Tensor, kernel: usize, options: Pool1dOptions) -> Tensor {
    options.windows("avg_pool_1d", kernel).mean(x)
}

/// [`max_pool_1d`] as a module.
///
/// ```
/// use minimand_nn::{MaxPool1d, Module};
/// use minimand_tensor::Tensor;
///
/// let pool = MaxPool1d::new(2);
/// assert_eq!(pool.forward(&Tensor::zeros([5, 16, 28])).shape().to_string(), "[5, 16, 14]");
/// ```
#[doc(alias = "MaxPooling1D")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaxPool1d {
    kernel: usize,
    options: Pool1dOptions,
}

impl MaxPool1d {
    /// Windows of the given length, which do not overlap; no padding.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn new(kernel: usize) -> MaxPool1d {
        MaxPool1d::with_options(kernel, Pool1dOptions::default())
    }

    /// Windows of the given length that lie as chosen.
    ///
    /// # Panics
    /// When the kernel or the stride is 0, or the padding is more than half of the kernel.
    #[track_caller]
    pub fn with_options(kernel: usize, options: Pool1dOptions) -> MaxPool1d {
        let _ = options.windows("max_pool_1d", kernel);
        MaxPool1d { kernel, options }
    }
}

impl Module for MaxPool1d {
    /// # Panics
    /// When the input has not three axes, or is shorter than a window.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        max_pool_1d(input, self.kernel, self.options)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

/// [`avg_pool_1d`] as a module.
///
/// ```
/// use minimand_nn::{AvgPool1d, Module};
/// use minimand_tensor::Tensor;
///
/// let pool = AvgPool1d::new(2);
/// assert_eq!(pool.forward(&Tensor::zeros([5, 16, 28])).shape().to_string(), "[5, 16, 14]");
/// ```
#[doc(alias = "AveragePooling1D")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AvgPool1d {
    kernel: usize,
    options: Pool1dOptions,
}

impl AvgPool1d {
    /// Windows of the given length, which do not overlap; no padding.
    ///
    /// # Panics
    /// When it is 0.
    #[track_caller]
    pub fn new(kernel: usize) -> AvgPool1d {
        AvgPool1d::with_options(kernel, Pool1dOptions::default())
    }

    /// Windows of the given length that lie as chosen.
    ///
    /// # Panics
    /// When the kernel or the stride is 0, or the padding is more than half of the kernel.
    #[track_caller]
    pub fn with_options(kernel: usize, options: Pool1dOptions) -> AvgPool1d {
        let _ = options.windows("avg_pool_1d", kernel);
        AvgPool1d { kernel, options }
    }
}

impl Module for AvgPool1d {
    /// # Panics
    /// When the input has not three axes, or is shorter than a window.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        avg_pool_1d(input, self.kernel, self.options)
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}
