//! The fully connected layer.

use minimand_tensor::{Parameter, Rng, Shape, Tensor};

use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;
use crate::summary::noted;

/// A fully connected layer: `x Wᵀ + b`, from `[…, inputs]` to `[…, outputs]`.
///
/// The weight is `[outputs, inputs]`: a row holds what one output weighs its inputs with. That is PyTorch's layout, so its
/// checkpoints fit.
///
/// ```
/// use minimand_nn::{Linear, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let layer = Linear::new(3, 2, &mut Rng::seed(7));
/// layer.weight().set(Tensor::from([[1.0f32, 0.0, -1.0], [2.0, 2.0, 2.0]]));
/// layer.bias().unwrap().set(Tensor::from([0.5f32, 0.0]));
/// let x = Tensor::from([[1.0f32, 2.0, 3.0]]);
/// assert_eq!(layer.forward(&x).to_string(), "[[-1.5, 12]]");
/// ```
#[derive(Debug)]
pub struct Linear {
    weight: Parameter,
    bias: Option<Parameter>,
}

impl Linear {
    /// A layer with a bias, f32, with weight and bias evenly distributed in `±1/√inputs`, as in PyTorch.
    ///
    /// # Panics
    /// When `inputs` or `outputs` is 0.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, rng: &mut Rng) -> Linear {
        Linear::with_options(inputs, outputs, ParameterOptions::default(), rng)
    }

    /// A layer with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Linear::new), and when `dtype` is no floating-point type.
    #[track_caller]
    pub fn with_options(inputs: usize, outputs: usize, options: ParameterOptions, rng: &mut Rng) -> Linear {
        assert!(inputs > 0 && outputs > 0, "linear: a layer from {inputs} inputs to {outputs} outputs");
        let (weight, bias) = options.draw(Shape::from([outputs, inputs]), (inputs, outputs), rng);
        Linear { weight, bias }
    }

    /// A layer of parameters that there are already. A handle on another layer's weight ties the two: they are one parameter, which is trained, counted
    /// and stored once, as the vectors of an [`Embedding`](crate::Embedding) and the layer that gives back words' logits.
    ///
    /// A clone of a model with tied weights has a copy for each place, and they are tied no more: build it anew, and restore a checkpoint.
    ///
    /// ```
    /// use minimand_nn::{Activation, Linear, Module};
    /// use minimand_tensor::Rng;
    ///
    /// let first = Linear::new(3, 3, &mut Rng::seed(7));
    /// let last = Linear::from_parameters(first.weight().clone(), None);
    /// let model = (first, Activation::Tanh, last);
    /// let names: Vec<String> = model.named_parameters().into_iter().map(|(name, _)| name).collect();
    /// assert_eq!(names, ["0.weight", "0.bias"]);
    /// assert_eq!(model.parameter_count().total, 12);
    /// ```
    ///
    /// # Panics
    /// When the weight is not `[outputs, inputs]` with at least one of each, the bias is not `[outputs]`, their element types differ, or are no
    /// floating-point type.
    #[doc(alias = "tie_weights")]
    #[track_caller]
    pub fn from_parameters(weight: Parameter, bias: Option<Parameter>) -> Linear {
        let value = weight.value();
        let (shape, dtype) = (value.shape(), value.dtype());
        assert!(
            value.rank() == 2 && value.elements() > 0 && dtype.is_float(),
            "linear: a weight of {dtype}{shape} is not [outputs, inputs]"
        );
        if let Some(bias) = bias.as_ref().map(Parameter::value) {
            let (kind, found) = (bias.dtype(), bias.shape());
            assert!(
                kind == dtype && found[..] == shape[..1],
                "linear: a bias of {kind}{found} does not go with a weight of {dtype}{shape}"
            );
        }
        Linear { weight, bias }
    }

    /// The weight, `[outputs, inputs]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }

    /// The bias, `[outputs]`, if there is one.
    pub fn bias(&self) -> Option<&Parameter> {
        self.bias.as_ref()
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.weight.value().shape()[1]
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.weight.value().shape()[0]
    }
}

impl Clone for Linear {
    /// An independent copy: the weights of one can be trained without changing the other's.
    fn clone(&self) -> Linear {
        Linear { weight: self.weight.copied(), bias: self.bias.as_ref().map(Parameter::copied) }
    }
}

impl Module for Linear {
    /// # Panics
    /// When the last axis of the input does not have the size that the layer takes.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let weight = self.weight.value();
        let (outputs, inputs) = (weight.shape()[0], weight.shape()[1]);
        assert!(
            input.shape().last() == Some(&inputs),
            "linear: input {} and {} {}: axis -1 of the input must be {inputs}",
            input.shape(),
            weight.name().as_deref().unwrap_or("weight"),
            weight.shape()
        );
        let product = if input.rank() > 2 {
            // One large product instead of a small one for each leading index.
            let rows = input.elements() / inputs;
            let leading = &input.shape()[..input.rank() - 1];
            let shape: Shape = leading.iter().copied().chain([outputs]).collect();
            input.reshape([rows, inputs]).matmul(&weight.transpose()).reshape(shape)
        } else {
            input.matmul(&weight.transpose())
        };
        let output = match &self.bias {
            Some(bias) => product + bias.value(),
            None => product,
        };
        noted(self, output)
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
