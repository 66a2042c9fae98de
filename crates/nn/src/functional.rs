//! A model as a function of its weights.

use minimand_tensor::{Tensor, with_values};

use crate::module::Module;

/// Runs a function in which the parameters of a model have other values: one for each of
/// [`parameters`](Module::parameters), in their order. The values may be made of anything, and gradients of any order flow to that; the model itself
/// keeps its weights. PyTorch's `functional_call`, but for any function: a forward pass, several, a loss.
///
/// For learning through a training step (MAML, Finn et al. 2017), weights that another network makes, moving averages of weights, the curvature of a
/// loss. Some parameters only: [`with_values`] of the tensor crate. Buffers are not replaced: a forward pass in training goes on
/// with the model's running statistics.
///
/// ```
/// use minimand_nn::{Linear, Module, with_parameters};
/// use minimand_optim::{Optimizer, Sgd, SgdOptions};
/// use minimand_tensor::{Rng, Tensor, grad};
///
/// let model = Linear::new(2, 1, &mut Rng::seed(7));
/// let x = Tensor::from([[1.0f32, 2.0], [3.0, 1.0], [0.0, 1.0]]);
/// let loss = |slope: f64| (model.forward(&x) - slope * x.at(1, 0).unsqueeze(-1)).square().mean();
///
/// // Weights from which one step of gradient descent does well, for two tasks (MAML).
/// let weights: Vec<Tensor> = model.parameters().iter().map(|parameter| parameter.value()).collect();
/// let after_a_step = |slope: f64| {
///     let slopes = grad(&loss(slope), &weights);
///     let stepped: Vec<Tensor> = weights.iter().zip(&slopes).map(|(weight, slope)| weight - 0.1 * slope).collect();
///     with_parameters(&model, &stepped, || loss(slope))
/// };
/// let meta = after_a_step(1.0) + after_a_step(-1.0);
/// let mut sgd = Sgd::new(model.parameters(), SgdOptions { learning_rate: 0.01, ..Default::default() });
/// sgd.step(&meta)?; // the gradient goes through the inner steps
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// # Panics
/// When there are not as many values as parameters, or one has another shape or element type than its parameter; where the function does.
#[doc(alias = "functional_call")]
#[doc(alias = "stateless")]
#[track_caller]
pub fn with_parameters<M: Module + ?Sized, R>(model: &M, values: &[Tensor], function: impl FnOnce() -> R) -> R {
    let parameters = model.parameters();
    let (given, wanted) = (values.len(), parameters.len());
    assert!(given == wanted, "with_parameters: {given} values for a model of {wanted} parameters");
    with_values(parameters.iter().zip(values), function)
}
