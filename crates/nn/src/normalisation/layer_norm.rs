//! Layer normalisation: each example by its own mean and variance.

use minimand_tensor::{Axes, Parameter, Shape, Tensor};

use super::{Affine, NormOptions, check_epsilon, check_float, standardised};
use crate::module::{Module, Parts};

/// Values less their mean, over their standard deviation, along the given axes: `(x − mean) / √(variance + ε)`, with the biased variance.
/// Ba, Kiros & Hinton 2016, "Layer normalization", equation 3, without gain and bias: multiply and add what you like.
///
/// Equal values become exactly 0. Values of any finite size, also the greatest of f32, give finite results and gradients: they are first brought
/// to sizes of about 1, by a power of two. With ε = 0 values that are all equal give NaN.
///
/// ```
/// use minimand_nn::layer_norm;
/// use minimand_tensor::Tensor;
///
/// let x = Tensor::from([[1.0f32, 3.0, 3.0], [1e38, 3e38, 3e38], [7.0, 7.0, 7.0]]);
/// let y = layer_norm(&x, -1, 1e-5);
/// assert_eq!(format!("{y:.2}"), "[[-1.41, 0.71, 0.71],\n [-1.41, 0.71, 0.71],\n [0.00, 0.00, 0.00]]");
/// ```
///
/// # Panics
/// When an axis is out of range, ε is negative or not finite, or the input is no floating-point tensor.
#[track_caller]
pub fn layer_norm(x: &Tensor, axes: impl Axes + Copy, epsilon: f64) -> Tensor {
    check_float("layer_norm", x);
    check_epsilon("layer_norm", epsilon);
    standardised(x, axes, epsilon)
}

/// A layer that normalises the last axes of its input, `[…, shape]` to the same shape, and then applies a weight and a bias for each of their
/// entries: see [`layer_norm`].
///
/// The parameters are called `weight` and `bias`, both of the normalised shape, as in PyTorch.
///
/// ```
/// use minimand_nn::{LayerNorm, Module};
/// use minimand_tensor::Tensor;
///
/// let norm = LayerNorm::new([4]);
/// let x = Tensor::from([[1.0f32, 1.0, 3.0, 3.0], [0.0, 0.0, 0.0, 8.0]]);
/// assert_eq!(format!("{:.3}", norm.forward(&x)), "[[-1.000, -1.000, 1.000, 1.000],\n [-0.577, -0.577, -0.577, 1.732]]");
/// ```
#[doc(alias = "LayerNormalization")]
#[derive(Clone, Debug)]
pub struct LayerNorm {
    shape: Shape,
    epsilon: f64,
    affine: Affine,
}

impl LayerNorm {
    /// A layer for inputs that end in the given shape, with weight 1, bias 0 and ε = 1e-5, f32.
    ///
    /// # Panics
    /// When the shape has no axes or no entries.
    #[track_caller]
    pub fn new(shape: impl Into<Shape>) -> LayerNorm {
        LayerNorm::with_options(shape, NormOptions::default())
    }

    /// A layer with everything chosen.
    ///
    /// # Panics
    /// As [`new`](LayerNorm::new); when ε is negative or not finite, or the type of the parameters is no floating-point type.
    #[track_caller]
    pub fn with_options(shape: impl Into<Shape>, options: NormOptions) -> LayerNorm {
        let shape = normalised_shape("layer_norm", shape.into());
        let affine = options.affine("layer_norm", shape.clone());
        LayerNorm { shape, epsilon: options.epsilon, affine }
    }

    /// The shape that is normalised: the last axes of the input.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// The weight, of the normalised shape, if there is one.
    pub fn weight(&self) -> Option<&Parameter> {
        self.affine.weight.as_ref()
    }

    /// The bias, of the normalised shape, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.affine.bias.as_ref()
    }
}

impl Module for LayerNorm {
    /// # Panics
    /// When the last axes of the input are not those that the layer normalises.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let axes = last_axes("layer_norm", input, &self.shape);
        self.affine.apply(layer_norm(input, axes.as_slice(), self.epsilon), &self.shape)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.affine.parts(parts);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// A shape that has something to be normalised.
#[track_caller]
pub(super) fn normalised_shape(operation: &str, shape: Shape) -> Shape {
    assert!(shape.rank() > 0 && shape.elements() > 0, "{operation}: there is nothing to normalise in {shape}");
    shape
}

/// The last axes of an input, which must have the given shape.
#[track_caller]
pub(super) fn last_axes(operation: &str, input: &Tensor, shape: &Shape) -> Vec<isize> {
    assert!(input.shape().ends_with(shape), "{operation}: the last axes of input {} must be {shape}", input.shape());
    (-(shape.rank() as isize)..0).collect()
}
