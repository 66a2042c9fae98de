//! Normalisation: values brought to mean 0 and variance 1, and what all its layers share.

mod batch_norm;
mod group_norm;
mod layer_norm;
mod rms_norm;

pub use batch_norm::{BatchNorm, BatchNormOptions};
pub use group_norm::{GroupNorm, group_norm};
pub use layer_norm::{LayerNorm, layer_norm};
use minimand_tensor::{Axes, DType, Parameter, Shape, Tensor};
pub use rms_norm::{RmsNorm, RmsNormOptions, rms_norm};

use crate::module::Parts;

/// What may be chosen for [`LayerNorm`] and [`GroupNorm`].
///
/// ```
/// use minimand_nn::{LayerNorm, Module, NormOptions};
///
/// let without_bias = LayerNorm::with_options([512], NormOptions { bias: false, ..Default::default() });
/// assert_eq!(without_bias.parameters().len(), 1);
/// ```
#[doc(alias = "elementwise_affine")]
#[derive(Clone, Debug, PartialEq)]
pub struct NormOptions {
    /// ε, added to the variance before its root is taken. Default 1e-5.
    pub epsilon: f64,
    /// Whether the normalised values are multiplied by a weight, which starts as 1. Default: yes.
    pub weight: bool,
    /// Whether a bias is added, which starts as 0. Default: yes.
    pub bias: bool,
    /// Element type of the parameters, f32 or f64.
    pub dtype: DType,
    /// Written before the names of the parameters in messages and in [`Tensor::explain`].
    pub name: String,
}

impl Default for NormOptions {
    fn default() -> NormOptions {
        NormOptions { epsilon: 1e-5, weight: true, bias: true, dtype: DType::F32, name: String::new() }
    }
}

impl NormOptions {
    #[track_caller]
    fn affine(&self, operation: &str, shape: Shape) -> Affine {
        check_epsilon(operation, self.epsilon);
        Affine::new(operation, shape, self.weight, self.bias, self.dtype, &self.name)
    }
}

/// The weight and the bias after a normalisation, of one shape.
#[derive(Debug)]
struct Affine {
    weight: Option<Parameter>,
    bias: Option<Parameter>,
}

impl Affine {
    #[track_caller]
    fn new(operation: &str, shape: Shape, weight: bool, bias: bool, dtype: DType, name: &str) -> Affine {
        assert!(dtype.is_float(), "{operation}: parameters of {dtype} cannot be trained");
        let parameter = |own: &str, value: f64| {
            let named = if name.is_empty() { own.to_owned() } else { format!("{name}.{own}") };
            Parameter::new(named, Tensor::full(&shape, value).cast(dtype))
        };
        Affine { weight: weight.then(|| parameter("weight", 1.0)), bias: bias.then(|| parameter("bias", 0.0)) }
    }

    /// Both applied, in a shape that broadcasts with the values.
    #[track_caller]
    fn apply(&self, values: Tensor, shape: &Shape) -> Tensor {
        let values = match &self.weight {
            Some(weight) => values * weight.value().reshape(shape),
            None => values,
        };
        match &self.bias {
            Some(bias) => values + bias.value().reshape(shape),
            None => values,
        }
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        if let Some(weight) = &self.weight {
            parts.parameter("weight", weight);
        }
        if let Some(bias) = &self.bias {
            parts.parameter("bias", bias);
        }
    }
}

impl Clone for Affine {
    /// An independent copy.
    fn clone(&self) -> Affine {
        Affine { weight: self.weight.as_ref().map(Parameter::copied), bias: self.bias.as_ref().map(Parameter::copied) }
    }
}

#[track_caller]
fn check_epsilon(operation: &str, epsilon: f64) {
    assert!(epsilon >= 0.0 && epsilon.is_finite(), "{operation}: ε is {epsilon}: it must be a number of at least 0");
}

#[track_caller]
fn check_float(operation: &str, x: &Tensor) {
    assert!(x.dtype().is_float(), "{operation}: input {}{} must be f32 or f64", x.dtype(), x.shape());
}

/// The shape `[…]` of one entry for each channel of `[batch, channels, …]`, to broadcast with it.
fn along_channels(channels: usize, rank: usize) -> Shape {
    std::iter::once(channels).chain(std::iter::repeat_n(1, rank.saturating_sub(2))).collect()
}

/// Values less their mean, over their standard deviation, with the biased variance.
#[track_caller]
fn standardised(x: &Tensor, axes: impl Axes + Copy, epsilon: f64) -> Tensor {
    // Centre and scale are cut off from the graph: the result does not depend on them.
    let numbers = x.detach();
    // Halves first: nothing overflows. Of equal values the centre is exactly their value, and they come out as exactly 0.
    let (high, low) = (0.5 * numbers.max_keepdim(axes), 0.5 * numbers.min_keepdim(axes));
    let scale = scale(&(&high - &low), epsilon);
    let scaled = (x - (high + low)) * scale.reciprocal();
    let deviation = &scaled - scaled.mean_keepdim(axes);
    let variance = deviation.square().mean_keepdim(axes);
    deviation * rsqrt_with(&variance, epsilon, &scale)
}

/// A size as the nearest power of two, so that dividing by it rounds nothing; within bounds that keep a square of it over ε, and a cotangent
/// multiplied by it, from overflow.
#[track_caller]
fn scale(size: &Tensor, epsilon: f64) -> Tensor {
    let (least, greatest, digits) = if size.dtype() == DType::F32 { (-100, 96, 24) } else { (-900, 900, 53) };
    let size = size.clamp(epsilon.sqrt().max(2f64.powi(least)), 2f64.powi(greatest));
    // All digits but the first are rounded away.
    let shifted = 2f64.powi(digits - 1) * &size;
    (size + &shifted) - shifted
}

/// `1 / √(v + ε / scale²)`, for a mean square `v` of scaled values.
#[track_caller]
fn rsqrt_with(mean_square: &Tensor, epsilon: f64, scale: &Tensor) -> Tensor {
    (mean_square + (epsilon.sqrt() / scale).square()).rsqrt()
}
