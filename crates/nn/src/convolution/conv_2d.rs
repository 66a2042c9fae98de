//! Convolution of pictures.

use minimand_tensor::Tensor;

use super::layer::convolution_layer;
use super::{Steps, convolved};

/// How the windows of [`conv_2d`], and of the layer [`Conv2d`], lie. Pairs are `[height, width]`.
///
/// ```
/// use minimand_nn::Conv2dOptions;
///
/// let same_size = Conv2dOptions { padding: [1, 1], ..Default::default() }; // for a kernel of 3 by 3
/// assert_eq!((same_size.stride, same_size.dilation, same_size.groups), ([1, 1], [1, 1], 1));
/// ```
#[doc(alias = "ConvolutionOptions")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2dOptions {
    /// Distance between neighbouring windows. Default: 1.
    pub stride: [usize; 2],
    /// Zeros added on either side of the picture. Default: none.
    pub padding: [usize; 2],
    /// Distance between neighbouring entries of one window. Default: 1.
    pub dilation: [usize; 2],
    /// The channels are cut into so many groups, and each is convolved for itself; as many as channels makes a depthwise
    /// convolution. Default: 1.
    pub groups: usize,
}

impl Default for Conv2dOptions {
    fn default() -> Conv2dOptions {
        Conv2dOptions { stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1 }
    }
}

impl Conv2dOptions {
    fn steps(&self) -> Steps<2> {
        let Conv2dOptions { stride, padding, dilation, groups } = *self;
        Steps { stride, padding, dilation, groups }
    }
}

/// Convolution of a batch of pictures with a kernel, plus a bias: each output channel is a sum of the input channels under a
/// window that moves over the picture.
///
/// ```text
/// yₙₒᵢⱼ = bₒ + Σ_cuv wₒ_cuv xₙ_c,(i·stride + u·dilation − padding),(j·stride + v·dilation − padding)
/// ```
///
/// with 0 for x outside of the picture. As in PyTorch, and all of deep learning, the kernel is not mirrored: strictly,
/// this is a cross-correlation.
///
/// # Shapes
/// `x` is `[batch, channels, height, width]`, `weight` is `[outputs, channels / groups, kernel height, kernel width]`, `bias` is
/// `[outputs]`, the result is `[batch, outputs, rows, columns]` with
/// `rows = ⌊(height + 2·padding − dilation·(kernel height − 1) − 1) / stride⌋ + 1`, and columns likewise.
///
/// # How it is computed
/// The windows are the columns of a matrix, one for each place of the picture, and the kernel is multiplied with them. The
/// derivatives are those of the matrix product and of taking windows; none is written by hand. The matrix, in which a pixel stands once for
/// each window it is in, is never stored: evaluation gathers a part of it at a time, which stays in the cache, and so do the derivatives.
///
/// ```
/// use minimand_nn::{Conv2dOptions, conv_2d};
/// use minimand_tensor::Tensor;
///
/// // Where does a picture grow brighter from left to right?
/// let x = Tensor::from([[0.0, 0.0, 1.0, 1.0], [0.0, 0.0, 1.0, 1.0]]).reshape([1, 1, 2, 4]);
/// let edge = Tensor::from([[-1.0, 1.0]]).reshape([1, 1, 1, 2]);
/// let y = conv_2d(&x, &edge, None, Conv2dOptions::default());
/// assert_eq!(y.to_string(), "[[[[0, 1, 0],\n   [0, 1, 0]]]]");
/// // The derivative by an entry of the kernel is the sum of the pixels that it meets.
/// assert_eq!(y.sum().grad(&edge).to_string(), "[[[[2, 4]]]]");
/// ```
///
/// # Panics
/// When `x` or `weight` has not four axes, the channels or the bias do not fit the weight, the groups do not divide the outputs,
/// an option other than the padding is 0, or the padded picture is smaller than a window.
///
/// # See also
/// [`Conv2d`], the layer with a weight and a bias of its own; [`max_pool_2d`](crate::max_pool_2d).
#[doc(alias = "conv2d")]
#[doc(alias = "cross_correlation")]
#[track_caller]
pub fn conv_2d(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>, options: Conv2dOptions) -> Tensor {
    convolved("conv_2d", x, weight, bias, options.steps())
}

convolution_layer! {
    /// A layer that convolves pictures, `[batch, inputs, height, width]` to `[batch, outputs, rows, columns]`: see [`conv_2d`].
    ///
    /// The weight is `[outputs, inputs / groups, kernel height, kernel width]`. That is PyTorch's layout, so its checkpoints fit.
    ///
    /// ```
    /// use minimand_nn::{Activation, Conv2d, Conv2dOptions, Flatten, Linear, MaxPool2d, Module, Sequential};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let mut rng = Rng::seed(7);
    /// let same_size = Conv2dOptions { padding: [1, 1], ..Default::default() };
    /// let model = Sequential::new()
    ///     .then(Conv2d::with_options(1, 16, [3, 3], same_size, &mut rng)) // [5, 16, 28, 28]
    ///     .then(Activation::Relu)
    ///     .then(MaxPool2d::new([2, 2])) // [5, 16, 14, 14]
    ///     .then(Conv2d::new(16, 32, [3, 3], &mut rng)) // [5, 32, 12, 12]
    ///     .then(Activation::Relu)
    ///     .then(MaxPool2d::new([2, 2])) // [5, 32, 6, 6]
    ///     .then(Flatten)
    ///     .then(Linear::new(32 * 6 * 6, 10, &mut rng));
    /// assert_eq!(model.forward(&Tensor::zeros([5, 1, 28, 28])).shape().to_string(), "[5, 10]");
    /// assert_eq!(model.named_parameters()[2].0, "3.weight");
    /// ```
    #[doc(alias = "Conv2D")]
    Conv2d(Direct), conv_2d, Conv2dOptions, [usize; 2] as |sides| sides;
    weight: "[outputs, inputs / groups, kernel height, kernel width]";
    input: "[batch, inputs, height, width]";
    spread: "±1/√(inputs · height · width / groups)";
}
