//! Convolution of pictures.

use minimand_tensor::{Parameter, Rng, Shape, Tensor};

use crate::initializer::fans;
use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;
use crate::picture::{Window, sizes_of_pictures};

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
    /// The windows along height and width.
    fn windows(&self, kernel: [usize; 2]) -> [Window; 2] {
        [0, 1].map(|axis| Window {
            size: kernel[axis],
            stride: self.stride[axis],
            padding: self.padding[axis],
            dilation: self.dilation[axis],
        })
    }

    #[track_caller]
    fn check(&self, kernel: [usize; 2], outputs: usize) {
        let Conv2dOptions { stride, dilation, groups, .. } = *self;
        assert!(
            ![kernel, stride, dilation].as_flattened().contains(&0) && groups > 0,
            "conv_2d: kernel {kernel:?}, stride {stride:?}, dilation {dilation:?}, groups {groups}: none may be 0"
        );
        assert!(outputs.is_multiple_of(groups), "conv_2d: {groups} groups do not divide {outputs} outputs");
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
    let [n, channels, ..] = sizes_of_pictures("conv_2d", x);
    let [outputs, inputs, kh, kw] = sizes_of_kernel(weight);
    let groups = options.groups;
    options.check([kh, kw], outputs);
    let wanted = groups as u128 * inputs as u128;
    assert!(
        channels as u128 == wanted,
        "conv_2d: input {} and {} {}, groups {groups}: axis 1 of the input must be {wanted}",
        x.shape(),
        weight.name().as_deref().unwrap_or("weight"),
        weight.shape()
    );
    let [down, across] = options.windows([kh, kw]);
    let (rows, columns) = (down.count("conv_2d", x, 2), across.count("conv_2d", x, 3));

    // No product of sizes below is beyond the range: all of them are axes of the windows or of the weight together.
    let padded = x.pad(2, down.padding, down.padding).pad(3, across.padding, across.padding);
    let windows = padded.windows(2, kh, down.stride, down.dilation).windows(3, kw, across.stride, across.dilation);
    // From [n, channels, rows, columns, kh, kw]: a matrix for each picture, with a column for each window.
    let (entries, places) = (inputs * kh * kw, rows * columns);
    let by_entry = windows.permute([0, 1, 4, 5, 2, 3]);
    let product = if groups == 1 {
        weight.reshape([outputs, entries]).matmul(&by_entry.reshape([n, entries, places]))
    } else {
        let weight = weight.reshape([groups, outputs / groups, entries]);
        weight.matmul(&by_entry.reshape([n, groups, entries, places]))
    };
    let product = product.reshape([n, outputs, rows, columns]);
    let Some(bias) = bias else { return product };
    assert!(
        *bias.shape() == [outputs],
        "conv_2d: {} {} must be [{outputs}]",
        bias.name().as_deref().unwrap_or("bias"),
        bias.shape()
    );
    product + bias.reshape([outputs, 1, 1])
}

#[track_caller]
fn sizes_of_kernel(weight: &Tensor) -> [usize; 4] {
    match *weight.shape().sizes() {
        [outputs, inputs, height, width] => [outputs, inputs, height, width],
        _ => panic!(
            "conv_2d: {} {} must be [outputs, inputs, height, width]",
            weight.name().as_deref().unwrap_or("weight"),
            weight.shape()
        ),
    }
}

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
#[derive(Debug)]
pub struct Conv2d {
    weight: Parameter,
    bias: Option<Parameter>,
    options: Conv2dOptions,
}

impl Conv2d {
    /// A layer with stride 1, no padding and a bias, f32, with weight and bias evenly distributed in `±1/√(inputs · height · width)`,
    /// as in PyTorch. The kernel is `[height, width]`.
    ///
    /// # Panics
    /// When `inputs`, `outputs` or a side of the kernel is 0.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, kernel: [usize; 2], rng: &mut Rng) -> Conv2d {
        Conv2d::with_options(inputs, outputs, kernel, Conv2dOptions::default(), rng)
    }

    /// A layer whose windows lie as chosen; weight and bias as with [`new`](Conv2d::new).
    ///
    /// # Panics
    /// As [`new`](Conv2d::new); when a stride, a dilation or the number of groups is 0; when the groups do not divide inputs and
    /// outputs.
    #[track_caller]
    pub fn with_options(
        inputs: usize,
        outputs: usize,
        kernel: [usize; 2],
        options: Conv2dOptions,
        rng: &mut Rng,
    ) -> Conv2d {
        Conv2d::with_parameters(inputs, outputs, kernel, options, ParameterOptions::default(), rng)
    }

    /// A layer with everything chosen: how the windows lie, and how weight and bias are made.
    ///
    /// # Panics
    /// As [`with_options`](Conv2d::with_options), and when the type of the parameters is no floating-point type.
    #[track_caller]
    pub fn with_parameters(
        inputs: usize,
        outputs: usize,
        kernel: [usize; 2],
        options: Conv2dOptions,
        parameters: ParameterOptions,
        rng: &mut Rng,
    ) -> Conv2d {
        assert!(inputs > 0 && outputs > 0, "conv_2d: a layer from {inputs} inputs to {outputs} outputs");
        options.check(kernel, outputs);
        let groups = options.groups;
        assert!(inputs.is_multiple_of(groups), "conv_2d: {groups} groups do not divide {inputs} inputs");
        let shape = Shape::from([outputs, inputs / groups, kernel[0], kernel[1]]);
        let fans = fans(&shape);
        let (weight, bias) = parameters.draw(shape, fans, rng);
        Conv2d { weight, bias, options }
    }

    /// The weight, `[outputs, inputs / groups, kernel height, kernel width]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }

    /// Number of input channels.
    pub fn inputs(&self) -> usize {
        self.options.groups * self.weight.value().shape()[1]
    }

    /// Number of output channels.
    pub fn outputs(&self) -> usize {
        self.weight.value().shape()[0]
    }

    /// How the windows lie.
    pub fn options(&self) -> Conv2dOptions {
        self.options
    }
}

impl Clone for Conv2d {
    /// An independent copy: the weights of one can be trained without changing the other's.
    fn clone(&self) -> Conv2d {
        Conv2d { weight: self.weight.copied(), bias: self.bias.as_ref().map(Parameter::copied), options: self.options }
    }
}

impl Module for Conv2d {
    /// # Panics
    /// When the input is not `[batch, inputs, height, width]`, or smaller than a window.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let bias = self.bias.as_ref().map(Parameter::value);
        conv_2d(input, &self.weight.value(), bias.as_ref(), self.options)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("weight", &self.weight);
        if let Some(bias) = &self.bias {
            parts.parameter("bias", bias);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
