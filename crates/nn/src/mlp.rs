//! The multilayer perceptron.

use minimand_tensor::{Rng, Tensor};

use crate::activation::Activation;
use crate::dropout::Dropout;
use crate::linear::Linear;
use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;
use crate::summary::{apply, noted};

/// A multilayer perceptron: linear layers with an activation between each two. The last layer has none: its outputs are
/// logits, or values in the units of the target.
///
/// The parameters are `layers.0.weight`, `layers.0.bias`, `layers.1.weight`, ….
///
/// ```
/// use minimand_nn::{Activation, Mlp, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let model = Mlp::new([2, 16, 16, 1], Activation::Gelu, &mut Rng::seed(7));
/// assert_eq!(model.forward(&Tensor::zeros([256, 2])).shape().to_string(), "[256, 1]");
/// let count: usize = model.parameters().iter().map(|parameter| parameter.value().elements()).sum();
/// assert_eq!(count, 337); // (2+1)·16 + (16+1)·16 + (16+1)·1
/// ```
///
/// A clone is an independent copy: the weights of one can be trained without changing the other's.
#[derive(Clone, Debug)]
pub struct Mlp {
    layers: Vec<Linear>,
    activation: Activation,
    dropout: Option<Dropout>,
}

/// What may be chosen in an [`Mlp`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MlpOptions {
    /// Applied after every layer but the last.
    pub activation: Activation,
    /// Probability with which an activation is dropped in training: see [`Dropout`].
    pub dropout: f64,
    /// The weights and biases of each layer. A name is written before those of the layers, as in `encoder.layers.0`.
    pub parameters: ParameterOptions,
}

impl Mlp {
    /// A perceptron with the given sizes, from the inputs to the outputs, f32.
    ///
    /// # Panics
    /// When there are fewer than two sizes, or one is 0.
    #[track_caller]
    pub fn new(sizes: impl AsRef<[usize]>, activation: Activation, rng: &mut Rng) -> Mlp {
        Mlp::with_options(sizes, MlpOptions { activation, ..MlpOptions::default() }, rng)
    }

    /// A perceptron with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Mlp::new), and when `dropout` is not in `0.0..1.0` or the element type is no floating-point type.
    #[track_caller]
    pub fn with_options(sizes: impl AsRef<[usize]>, options: MlpOptions, rng: &mut Rng) -> Mlp {
        let sizes = sizes.as_ref();
        assert!(sizes.len() >= 2, "mlp: the sizes {sizes:?} must name the inputs and the outputs");
        let mut layers = Vec::with_capacity(sizes.len() - 1);
        for (index, size) in sizes.windows(2).enumerate() {
            let prefix = &options.parameters.name;
            let dot = if prefix.is_empty() { "" } else { "." };
            let options =
                ParameterOptions { name: format!("{prefix}{dot}layers.{index}"), ..options.parameters.clone() };
            layers.push(Linear::with_options(size[0], size[1], options, rng));
        }
        // Without dropout nothing is drawn from `rng`: a model does not change with an option that it does not use.
        let dropout = (options.dropout != 0.0).then(|| Dropout::new(options.dropout, rng));
        Mlp { layers, activation: options.activation, dropout }
    }

    /// The linear layers, first to last.
    pub fn layers(&self) -> &[Linear] {
        &self.layers
    }
}

impl Module for Mlp {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let mut output = apply(&self.layers[0], input);
        for layer in &self.layers[1..] {
            output = self.activation.forward(&output);
            if let Some(dropout) = &self.dropout {
                output = apply(dropout, &output);
            }
            output = apply(layer, &output);
        }
        noted(self, output)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        for (index, layer) in self.layers.iter().enumerate() {
            parts.module(format!("layers.{index}"), layer);
        }
        if let Some(dropout) = &self.dropout {
            parts.module("dropout", dropout);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
