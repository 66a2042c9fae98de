//! Transposed convolution of pictures: the adjoint of convolution, to make pictures larger.

use minimand_tensor::Tensor;

use super::layer::convolution_layer;
use super::{Steps, transposed};

/// How the windows of [`conv_transpose_2d`], and of the layer [`ConvTranspose2d`], lie in the result. Pairs are `[height, width]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose2dOptions {
    /// Distance between neighbouring windows. Default: 1.
    pub stride: [usize; 2],
    /// Entries taken off on either side of the result. Default: none.
    pub padding: [usize; 2],
    /// Entries added at the lower and right edge of the result, fewer than stride or dilation: a convolution with stride leaves open how long its
    /// input was. Default: none.
    pub output_padding: [usize; 2],
    /// Distance between neighbouring entries of one window. Default: 1.
    pub dilation: [usize; 2],
    /// The channels are cut into so many groups, and each is convolved for itself. Default: 1.
    pub groups: usize,
}

impl Default for ConvTranspose2dOptions {
    fn default() -> ConvTranspose2dOptions {
        ConvTranspose2dOptions { stride: [1, 1], padding: [0, 0], output_padding: [0, 0], dilation: [1, 1], groups: 1 }
    }
}

impl ConvTranspose2dOptions {
    fn steps(&self) -> Steps<2> {
        let ConvTranspose2dOptions { stride, padding, dilation, groups, .. } = *self;
        Steps { stride, padding, dilation, groups }
    }
}

/// The adjoint of [`conv_2d`](crate::conv_2d) with the same weight and options, plus a bias: what each input entry is worth is added to every
/// entry of its window. It maps the shape of a convolution's output to that of its input, and so makes a picture larger.
///
/// ```text
/// yₙₒⱼₗ = bₒ + Σ_cuvik w_cₒuv xₙ_cik    over all i, u with  i·stride + u·dilation − padding = j, and k, v with l likewise
/// ```
///
/// # Shapes
/// `x` is `[batch, channels, height, width]`, `weight` is `[channels, outputs / groups, kernel height, kernel width]`, `bias` is
/// `[outputs]`, the result is `[batch, outputs, rows, columns]` with
/// `rows = (height − 1)·stride − 2·padding + dilation·(kernel height − 1) + output padding + 1`, and columns likewise.
///
/// # How it is computed
/// A matrix product gives what each input entry adds to each entry of its window, and [`Tensor::overlap_add`] adds that up. The derivatives are
/// those of the two; none is written by hand.
///
/// ```
/// use minimand_nn::{ConvTranspose2dOptions, conv_transpose_2d};
/// use minimand_tensor::Tensor;
///
/// // Each pixel puts a kernel into the result.
/// let x = Tensor::from([[1.0, 2.0]]).reshape([1, 1, 1, 2]);
/// let kernel = Tensor::from([[1.0, 1.0], [0.0, 1.0]]).reshape([1, 1, 2, 2]);
/// let y = conv_transpose_2d(&x, &kernel, None, ConvTranspose2dOptions { stride: [2, 2], ..Default::default() });
/// assert_eq!(y.to_string(), "[[[[1, 1, 2, 2],\n   [0, 1, 0, 2]]]]");
/// ```
///
/// # Panics
/// When `x` or `weight` has not four axes, the channels or the bias do not fit the weight, the groups do not divide the channels, stride, dilation
/// or a side of the kernel is 0, the output padding is too much, or nothing is left of the result.
#[doc(alias("conv_transpose2d", "deconvolution"))]
#[track_caller]
pub fn conv_transpose_2d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: ConvTranspose2dOptions,
) -> Tensor {
    transposed("conv_transpose_2d", x, weight, bias, options.steps(), options.output_padding)
}

convolution_layer! {
    /// A layer of transposed convolution, `[batch, inputs, height, width]` to `[batch, outputs, rows, columns]`: see [`conv_transpose_2d`].
    ///
    /// The weight is `[inputs, outputs / groups, kernel height, kernel width]`. That is PyTorch's layout, so its checkpoints fit.
    ///
    /// ```
    /// use minimand_nn::{ConvTranspose2d, ConvTranspose2dOptions, Module};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let doubles = ConvTranspose2dOptions { stride: [2, 2], padding: [1, 1], ..Default::default() };
    /// let layer = ConvTranspose2d::with_options(16, 8, [4, 4], doubles, &mut Rng::seed(7));
    /// assert_eq!(layer.forward(&Tensor::zeros([5, 16, 7, 7])).shape().to_string(), "[5, 8, 14, 14]");
    /// ```
    #[doc(alias = "Conv2DTranspose")]
    ConvTranspose2d(Transposed), conv_transpose_2d, ConvTranspose2dOptions, [usize; 2] as |sides| sides;
    weight: "[inputs, outputs / groups, kernel height, kernel width]";
    input: "[batch, inputs, height, width]";
    spread: "±1/√(outputs · height · width / groups)";
}
