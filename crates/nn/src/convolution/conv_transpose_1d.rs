//! Transposed convolution of rows of numbers: the adjoint of convolution, to make rows longer.

use minimand_tensor::Tensor;

use super::layer::convolution_layer;
use super::{Steps, transposed};

/// How the windows of [`conv_transpose_1d`], and of the layer [`ConvTranspose1d`], lie in the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvTranspose1dOptions {
    /// Distance between neighbouring windows. Default: 1.
    pub stride: usize,
    /// Entries taken off on either side of the result. Default: none.
    pub padding: usize,
    /// Entries added at the end of the result, fewer than stride or dilation: a convolution with stride leaves open how long its
    /// input was. Default: none.
    pub output_padding: usize,
    /// Distance between neighbouring entries of one window. Default: 1.
    pub dilation: usize,
    /// The channels are cut into so many groups, and each is convolved for itself. Default: 1.
    pub groups: usize,
}

impl Default for ConvTranspose1dOptions {
    fn default() -> ConvTranspose1dOptions {
        ConvTranspose1dOptions { stride: 1, padding: 0, output_padding: 0, dilation: 1, groups: 1 }
    }
}

impl ConvTranspose1dOptions {
    fn steps(&self) -> Steps<1> {
        let ConvTranspose1dOptions { stride, padding, dilation, groups, .. } = *self;
        Steps { stride: [stride], padding: [padding], dilation: [dilation], groups }
    }
}

/// The adjoint of [`conv_1d`](crate::conv_1d) with the same weight and options, plus a bias: what each input entry is worth is added to every
/// entry of its window. It maps the shape of a convolution's output to that of its input, and so makes a row longer.
///
/// ```text
/// yₙₒⱼ = bₒ + Σ_cui w_cₒu xₙ_c_i    over all i and u with  i·stride + u·dilation − padding = j
/// ```
///
/// # Shapes
/// `x` is `[batch, channels, length]`, `weight` is `[channels, outputs / groups, kernel]`, `bias` is `[outputs]`, the result is
/// `[batch, outputs, places]` with `places = (length − 1)·stride − 2·padding + dilation·(kernel − 1) + output padding + 1`.
///
/// # How it is computed
/// A matrix product gives what each input entry adds to each entry of its window, and [`Tensor::overlap_add`] adds that up. The derivatives are
/// those of the two; none is written by hand.
///
/// ```
/// use minimand_nn::{ConvTranspose1dOptions, conv_transpose_1d};
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([1.0, 2.0, 4.0]).reshape([1, 1, 3]);
/// let kernel = Tensor::from([1.0, 10.0]).reshape([1, 1, 2]);
/// assert_eq!(conv_transpose_1d(&x, &kernel, None, ConvTranspose1dOptions::default()).to_string(), "[[[1, 12, 24, 40]]]");
/// let apart = ConvTranspose1dOptions { stride: 2, ..Default::default() };
/// assert_eq!(conv_transpose_1d(&x, &kernel, None, apart).to_string(), "[[[1, 10, 2, 20, 4, 40]]]");
/// ```
///
/// # Panics
/// When `x` or `weight` has not three axes, the channels or the bias do not fit the weight, the groups do not divide the channels, stride, dilation
/// or a side of the kernel is 0, the output padding is too much, or nothing is left of the result.
#[doc(alias("conv_transpose1d", "deconvolution"))]
#[track_caller]
pub fn conv_transpose_1d(
    x: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    options: ConvTranspose1dOptions,
) -> Tensor {
    transposed("conv_transpose_1d", x, weight, bias, options.steps(), [options.output_padding])
}

convolution_layer! {
    /// A layer of transposed convolution, `[batch, inputs, length]` to `[batch, outputs, places]`: see [`conv_transpose_1d`].
    ///
    /// The weight is `[inputs, outputs / groups, kernel]`. That is PyTorch's layout, so its checkpoints fit.
    ///
    /// ```
    /// use minimand_nn::{ConvTranspose1d, ConvTranspose1dOptions, Module};
    /// use minimand_tensor::{Rng, Tensor};
    ///
    /// let doubles = ConvTranspose1dOptions { stride: 2, padding: 1, ..Default::default() };
    /// let layer = ConvTranspose1d::with_options(16, 8, 4, doubles, &mut Rng::seed(7));
    /// assert_eq!(layer.forward(&Tensor::zeros([5, 16, 50])).shape().to_string(), "[5, 8, 100]");
    /// ```
    #[doc(alias = "Conv1DTranspose")]
    ConvTranspose1d(Transposed), conv_transpose_1d, ConvTranspose1dOptions, usize as |side| [side];
    weight: "[inputs, outputs / groups, kernel]";
    input: "[batch, inputs, length]";
    spread: "±1/√(outputs · kernel / groups)";
}
