//! Convolution of rows of numbers: sequences, signals.

use minimand_tensor::Tensor;

use super::layer::convolution_layer;
use super::{Steps, convolved};

/// How the windows of [`conv_1d`], and of the layer [`Conv1d`], lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv1dOptions {
    /// Distance between neighbouring windows. Default: 1.
    pub stride: usize,
    /// Zeros added on either side of the row. Default: none.
    pub padding: usize,
    /// Distance between neighbouring entries of one window. Default: 1.
    pub dilation: usize,
    /// The channels are cut into so many groups, and each is convolved for itself; as many as channels makes a depthwise
    /// convolution. Default: 1.
    pub groups: usize,
}

impl Default for Conv1dOptions {
    fn default() -> Conv1dOptions {
        Conv1dOptions { stride: 1, padding: 0, dilation: 1, groups: 1 }
    }
}

impl Conv1dOptions {
    fn steps(&self) -> Steps<1> {
        let Conv1dOptions { stride, padding, dilation, groups } = *self;
        Steps { stride: [stride], padding: [padding], dilation: [dilation], groups }
    }
}

/// Convolution of a batch of rows with a kernel, plus a bias: each output channel is a sum of the input channels under a window that moves
/// along the row.
///
/// ```text
/// yₙₒᵢ = bₒ + Σ_cu wₒ_cu xₙ_c,(i·stride + u·dilation − padding)
/// ```
///
/// with 0 for x outside of the row. As in PyTorch, the kernel is not mirrored.
///
/// # Shapes
/// `x` is `[batch, channels, length]`, `weight` is `[outputs, channels / groups, kernel]`, `bias` is `[outputs]`, the result is
/// `[batch, outputs, places]` with `places = ⌊(length + 2·padding − dilation·(kernel − 1) − 1) / stride⌋ + 1`.
///
/// ```
/// use minimand_nn::{Conv1dOptions, conv_1d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 2.0, 4.0, 8.0]).reshape([1, 1, 4]);
/// let difference = Tensor::from([-1.0, 1.0]).reshape([1, 1, 2]);
/// assert_eq!(conv_1d(&x, &difference, None, Conv1dOptions::default()).to_string(), "[[[1, 2, 4]]]");
/// let two_apart = Conv1dOptions { dilation: 2, ..Default::default() };
/// assert_eq!(conv_1d(&x, &difference, None, two_apart).to_string(), "[[[3, 6]]]");
/// ```
///
/// # Panics
/// When `x` or `weight` has not three axes, the channels or the bias do not fit the weight, the groups do not divide the outputs, an option
/// other than the padding is 0, or the padded row is shorter than a window.
#[doc(alias = "conv1d")]
#[track_caller]
pub fn conv_1d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: Conv1dOptions) -> Tensor {
    convolved("conv_1d", x, weight, bias, options.steps())
}

convolution_layer! {
    /// A layer that convolves rows, `[batch, inputs, length]` to `[batch, outputs, places]`: see [`conv_1d`].
    ///
    /// The weight is `[outputs, inputs / groups, kernel]`. That is PyTorch's layout, so its checkpoints fit.
    ///
    /// A causal convolution pads the past only: [`Tensor::pad`] the input's last axis by `dilation · (kernel − 1)` before it, and the layer
    /// by nothing.
    ///
    /// ```
    /// use minimand_nn::{Conv1d, Conv1dOptions, Module};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let options = Conv1dOptions { dilation: 4, ..Default::default() };
    /// let layer = Conv1d::with_options(8, 16, 3, options, &mut Rng::seed(7));
    /// let x = Tensor::zeros([5, 8, 100]);
    /// assert_eq!(layer.forward(&x.pad(-1, 8, 0)).shape().to_string(), "[5, 16, 100]");
    /// ```
    #[doc(alias = "Conv1D")]
    Conv1d(Direct), conv_1d, Conv1dOptions, usize as |side| [side];
    weight: "[outputs, inputs / groups, kernel]";
    input: "[batch, inputs, length]";
    spread: "±1/√(inputs · kernel / groups)";
}
