//! Root mean square normalisation: layer normalisation without the mean.

use minimand_tensor::{Axes, DType, Parameter, Shape, Tensor};

use super::layer_norm::{last_axes, normalised_shape};
use super::{Affine, check_epsilon, check_float, rsqrt_with, scale};
use crate::module::{Module, Parts};

/// Values over their root mean square, along the given axes: `x / √(mean(x²) + ε)`. Zhang & Sennrich 2019, "Root mean square layer
/// normalization", equation 4, without gain.
///
/// Values of any finite size give finite results and gradients, as with [`layer_norm`](crate::layer_norm).
///
/// ```
/// use minimand_nn::rms_norm;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0f32, 7.0], [1e37, 7e37], [0.0, 0.0]]); // root mean squares 5, 5e37 and 0
/// assert_eq!(format!("{:.4}", rms_norm(&x, -1, 1e-6)), "[[0.2000, 1.4000],\n [0.2000, 1.4000],\n [0.0000, 0.0000]]");
/// ```
///
/// # Panics
/// When an axis is out of range, ε is negative or not finite, or the input is no floating-point tensor.
#[track_caller]
pub fn rms_norm(x: &Tensor, axes: impl Axes + Copy, epsilon: f64) -> Tensor {
    check_float("rms_norm", x);
    check_epsilon("rms_norm", epsilon);
    let scale = scale(&x.detach().abs().max_keepdim(axes), epsilon);
    let scaled = x * scale.reciprocal();
    let mean_square = scaled.square().mean_keepdim(axes);
    scaled * rsqrt_with(&mean_square, epsilon, &scale)
}

/// What may be chosen for an [`RmsNorm`].
#[derive(Clone, Debug, PartialEq)]
pub struct RmsNormOptions {
    /// ε, added to the mean square before its root is taken. Default: `None`, which is the distance from 1 to the next number of the input's
    /// type (1.2e-7 for f32), as in PyTorch.
    pub epsilon: Option<f64>,
    /// Whether the normalised values are multiplied by a weight, which starts as 1. Default: yes.
    pub weight: bool,
    /// Element type of the weight, f32 or f64.
    pub dtype: DType,
    /// Written before the name of the weight in messages and in [`Tensor::explain`].
    pub name: String,
}

impl Default for RmsNormOptions {
    fn default() -> RmsNormOptions {
        RmsNormOptions { epsilon: None, weight: true, dtype: DType::F32, name: String::new() }
    }
}

/// A layer that divides the last axes of its input by their root mean square, and then applies a weight for each of their entries: see
/// [`rms_norm`].
///
/// The parameter is called `weight`, of the normalised shape, as in PyTorch.
///
/// ```
/// use minimand_nn::{Module, RmsNorm};
/// use minimand_tensor::Tensor;
///
/// let norm = RmsNorm::new([2]);
/// norm.parameters()[0].set(Tensor::from([10.0f32, 1.0]));
/// assert_eq!(format!("{:.4}", norm.forward(&Tensor::from([[1.0f32, 7.0]]))), "[[2.0000, 1.4000]]");
/// ```
#[derive(Clone, Debug)]
pub struct RmsNorm {
    shape: Shape,
    epsilon: Option<f64>,
    affine: Affine,
}

impl RmsNorm {
    /// A layer for inputs that end in the given shape, with weight 1, f32.
    ///
    /// # Panics
    /// When the shape has no axes or no entries.
    #[track_caller]
    pub fn new(shape: impl Into<Shape>) -> RmsNorm {
        RmsNorm::with_options(shape, RmsNormOptions::default())
    }

    /// A layer with everything chosen.
    ///
    /// # Panics
    /// As [`new`](RmsNorm::new); when ε is negative or not finite, or the type of the weight is no floating-point type.
    #[track_caller]
    pub fn with_options(shape: impl Into<Shape>, options: RmsNormOptions) -> RmsNorm {
        let shape = normalised_shape("rms_norm", shape.into());
        check_epsilon("rms_norm", options.epsilon.unwrap_or(0.0));
        let affine = Affine::new("rms_norm", shape.clone(), options.weight, false, options.dtype, &options.name);
        RmsNorm { shape, epsilon: options.epsilon, affine }
    }

    /// The shape that is normalised: the last axes of the input.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weight, of the normalised shape, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }
}

impl Module for RmsNorm {
    /// # Panics
    /// When the last axes of the input are not those that the layer normalises.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let axes = last_axes("rms_norm", input, &self.shape);
        let of_type = if input.dtype() == DType::F64 { f64::EPSILON } else { f64::from(f32::EPSILON) };
        let values = rms_norm(input, axes.as_slice(), self.epsilon.unwrap_or(of_type));
        self.affine.apply(values, &self.shape)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.affine.parts(parts);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
