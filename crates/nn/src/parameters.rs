//! How the weight and the bias of a layer are made.

use minimand_tensor::{DType, Parameter, Rng, Shape};

use crate::initializer::Initializer;

/// What may be chosen for the weight and the bias of a layer: [`Linear`](crate::Linear), [`Conv2d`](crate::Conv2d).
///
/// ```
/// use minimand_nn::{Linear, Module, ParameterOptions};
/// use minimand_tensor::{DType, Rng};
///
/// let options = ParameterOptions { bias: false, dtype: DType::F64, ..Default::default() };
/// let layer = Linear::with_options(3, 2, options, &mut Rng::seed(7));
/// assert_eq!(layer.parameters().len(), 1);
/// assert_eq!(layer.weight().value().dtype(), DType::F64);
/// ```
#[doc(alias = "LinearOptions")]
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterOptions {
    /// Whether there is a bias.
    pub bias: bool,
    /// How the weight is drawn. Default: PyTorch's, evenly distributed in `±1/√connections`, where as many inputs as connections flow into one
    /// output.
    pub weight_initializer: Initializer,
    /// How the bias is drawn; connections are counted as for the weight. Default: PyTorch's, as the weight.
    pub bias_initializer: Initializer,
    /// Element type of the parameters, f32 or f64. Numbers are drawn alike for both.
    pub dtype: DType,
    /// Written before the names of the parameters in messages and in [`Tensor::explain`](minimand_tensor::Tensor::explain): `hidden` makes
    /// `hidden.weight`.
    pub name: String,
}

impl Default for ParameterOptions {
    fn default() -> ParameterOptions {
        ParameterOptions {
            bias: true,
            weight_initializer: Initializer::of_pytorch(),
            bias_initializer: Initializer::of_pytorch(),
            dtype: DType::F32,
            name: String::new(),
        }
    }
}

impl ParameterOptions {
    /// The weight in a shape that begins with the number of outputs, and the bias, if there is one.
    #[track_caller]
    pub(crate) fn draw(&self, weight: Shape, fans: (usize, usize), rng: &mut Rng) -> (Parameter, Option<Parameter>) {
        let outputs = weight[0];
        self.draw_with(weight, outputs, fans, rng)
    }

    /// The weight in any shape, and the bias for so many outputs, if there is one.
    #[track_caller]
    pub(crate) fn draw_with(
        &self,
        weight: Shape,
        outputs: usize,
        fans: (usize, usize),
        rng: &mut Rng,
    ) -> (Parameter, Option<Parameter>) {
        let weight = self.weight_initializer.draw_for(weight, fans, self.dtype, rng);
        let bias = self.bias.then(|| self.bias_initializer.draw_for(Shape::from([outputs]), fans, self.dtype, rng));
        let named = |name: &str| if self.name.is_empty() { name.to_owned() } else { format!("{}.{name}", self.name) };
        (Parameter::new(named("weight"), weight), bias.map(|bias| Parameter::new(named("bias"), bias)))
    }
}
