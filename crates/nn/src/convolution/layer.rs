//! The layers of convolution: a function with a weight and a bias of its own.

use minimand_tensor::{Parameter, Rng, Shape};

use super::Steps;
use crate::initializer::fans;
use crate::parameters::ParameterOptions;

/// What every layer of convolution holds.
#[derive(Debug)]
pub(super) struct Convolution<O> {
    pub(super) weight: Parameter,
    pub(super) bias: Option<Parameter>,
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    pub(super) options: O,
}

/// Which of the two numbers of channels comes first in a weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `[outputs, inputs / groups, …]`
    Direct,
    /// `[inputs, outputs / groups, …]`
    Transposed,
}

impl<O> Convolution<O> {
    #[track_caller]
    pub(super) fn new<const D: usize>(
        (operation, layout): (&str, Layout),
        (inputs, outputs): (usize, usize),
        kernel: [usize; D],
        steps: Steps<D>,
        options: O,
        parameters: ParameterOptions,
        rng: &mut Rng,
    ) -> Convolution<O> {
        assert!(inputs > 0 && outputs > 0, "{operation}: a layer from {inputs} inputs to {outputs} outputs");
        steps.check(operation, kernel);
        steps.check_divides(operation, outputs, "outputs");
        steps.check_divides(operation, inputs, "inputs");
        let channels = match layout {
            Layout::Direct => [outputs, inputs / steps.groups],
            Layout::Transposed => [inputs, outputs / steps.groups],
        };
        let shape: Shape = channels.into_iter().chain(kernel).collect();
        let fans = fans(&shape);
        let (weight, bias) = parameters.draw_with(shape, outputs, fans, rng);
        Convolution { weight, bias, inputs, outputs, options }
    }
}

impl<O: Copy> Clone for Convolution<O> {
    /// An independent copy.
    fn clone(&self) -> Convolution<O> {
        Convolution { weight: self.weight.copied(), bias: self.bias.as_ref().map(Parameter::copied), ..*self }
    }
}

/// A layer with its constructors: its options have a method `steps`, and its function is called with input, weight, bias and options.
macro_rules! convolution_layer {
    (
        $(#[$documentation:meta])*
        $layer:ident($layout:ident), $function:ident, $options:ident, $kernel:ty as $sides:expr;
        weight: $weight:literal;
        input: $input:literal;
        spread: $spread:literal;
    ) => {
        $(#[$documentation])*
        ///
        /// A clone is an independent copy: the weights of one can be trained without changing the other's.
        #[derive(Clone, Debug)]
        pub struct $layer($crate::convolution::layer::Convolution<$options>);

        impl $layer {
            #[doc = concat!("A layer with stride 1, no padding and a bias, f32, with weight and bias evenly distributed in `", $spread, "`, as in PyTorch.")]
            ///
            /// # Panics
            /// When `inputs`, `outputs` or a side of the kernel is 0.
            #[track_caller]
            pub fn new(inputs: usize, outputs: usize, kernel: $kernel, rng: &mut minimand_tensor::Rng) -> $layer {
                $layer::with_options(inputs, outputs, kernel, $options::default(), rng)
            }

            #[doc = concat!("A layer whose windows lie as chosen; weight and bias as with [`new`](", stringify!($layer), "::new).")]
            ///
            /// # Panics
            #[doc = concat!("As [`new`](", stringify!($layer), "::new); when a stride, a dilation or the number of groups is 0; when the groups do not divide inputs and outputs.")]
            #[track_caller]
            pub fn with_options(
                inputs: usize,
                outputs: usize,
                kernel: $kernel,
                options: $options,
                rng: &mut minimand_tensor::Rng,
            ) -> $layer {
                $layer::with_parameters(inputs, outputs, kernel, options, $crate::ParameterOptions::default(), rng)
            }

            /// A layer with everything chosen: how the windows lie, and how weight and bias are made.
            ///
            /// # Panics
            #[doc = concat!("As [`with_options`](", stringify!($layer), "::with_options), and when the type of the parameters is no floating-point type.")]
            #[track_caller]
            pub fn with_parameters(
                inputs: usize,
                outputs: usize,
                kernel: $kernel,
                options: $options,
                parameters: $crate::ParameterOptions,
                rng: &mut minimand_tensor::Rng,
            ) -> $layer {
                let kind = (stringify!($function), $crate::convolution::layer::Layout::$layout);
                let kernel = ($sides)(kernel);
                $layer($crate::convolution::layer::Convolution::new(
                    kind, (inputs, outputs), kernel, options.steps(), options, parameters, rng,
                ))
            }

            #[doc = concat!("The weight, `", $weight, "`.")]
            pub fn weight(&self) -> &minimand_tensor::Parameter {
                &self.0.weight
            }

            /// The bias, `[outputs]`, if there is one.
            pub fn bias(&self) -> Option<&minimand_tensor::Parameter> {
                self.0.bias.as_ref()
            }

            /// Number of input channels.
            pub fn inputs(&self) -> usize {
                self.0.inputs
            }

            /// Number of output channels.
            pub fn outputs(&self) -> usize {
                self.0.outputs
            }

            /// How the windows lie.
            pub fn options(&self) -> $options {
                self.0.options
            }
        }

        impl $crate::Module for $layer {
            /// # Panics
            #[doc = concat!("When the input is not `", $input, "`, or there is no output.")]
            #[track_caller]
            fn forward(&self, input: &minimand_tensor::Tensor) -> minimand_tensor::Tensor {
                let bias = self.0.bias.as_ref().map(minimand_tensor::Parameter::value);
                $function(input, &self.0.weight.value(), bias.as_ref(), self.0.options)
            }

            fn parts<'a>(&'a self, parts: &mut $crate::Parts<'a>) {
                parts.parameter("weight", &self.0.weight);
                if let Some(bias) = &self.0.bias {
                    parts.parameter("bias", bias);
                }
            }

            fn clone_boxed(&self) -> Option<Box<dyn $crate::Module>> {
                Some(Box::new(self.clone()))
            }
        }
    };
}
pub(super) use convolution_layer;
