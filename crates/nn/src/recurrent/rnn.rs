//! The plain recurrent layer.

use minimand_tensor::{Rng, Tensor};

use super::RecurrentOptions;
use super::stack::Stack;
use super::weights::Formula;
use crate::activation::Activation;
use crate::module::{Module, Parts};
use crate::summary::noted;

/// A plain recurrent layer: reads sequences `[batch, length, inputs]` step by step and gives the state after each,
/// `[batch, length, directions · hidden]`. [`RnnCell`](crate::RnnCell) has the formula. Elman 1990.
///
/// It forgets fast, and its gradient fades or explodes with the length; [`Gru`](crate::Gru) and [`Lstm`](crate::Lstm) were made against that.
///
/// The parameters have PyTorch's names and layouts, so its checkpoints fit: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with
/// `_reverse` after them for the way back. The batch always comes first (`batch_first=True`).
///
/// ```
/// use minimand_nn::{Activation, Module, Rnn};
/// use minimand_tensor::{Rng, Tensor};
///
/// let layer = Rnn::new(1, 1, Activation::Identity, &mut Rng::seed(7));
/// for parameter in layer.parameters() {
///     let is_weight = parameter.name().starts_with("weight");
///     parameter.set(parameter.value().full_like(if is_weight { 1.0 } else { 0.0 }));
/// }
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]]]);
/// assert_eq!(layer.forward(&x).squeeze(-1).to_string(), "[[1, 3, 6]]"); // a running sum
/// ```
#[doc(alias = "RNN")]
#[derive(Clone, Debug)]
pub struct Rnn(Stack);

impl Rnn {
    /// One layer in one direction, f32, with a state of `hidden` entries, and all parameters evenly distributed in `±1/√hidden`, as in
    /// PyTorch. The activation is usually [`Tanh`](Activation::Tanh).
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, activation: Activation, rng: &mut Rng) -> Rnn {
        Rnn::with_options(inputs, hidden, activation, RecurrentOptions::default(), rng)
    }

    /// Layers with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Rnn::new); when there is no layer, the dropout is not in `0.0..1.0`, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn with_options(
        inputs: usize,
        hidden: usize,
        activation: Activation,
        options: RecurrentOptions,
        rng: &mut Rng,
    ) -> Rnn {
        Rnn(Stack::new(Formula::Rnn(activation), inputs, hidden, options, rng))
    }

    /// The outputs of the last layer, `[batch, length, directions · hidden]`, and the last state of every layer and direction,
    /// `[layers · directions, batch, hidden]`, from a state in the same shape; `None` is zeros.
    ///
    /// # Panics
    /// When the shapes do not fit, or the length is 0.
    #[track_caller]
    pub fn forward_with_state(&self, input: &Tensor, initial: Option<&Tensor>) -> (Tensor, Tensor) {
        let (outputs, mut last) = self.0.run(input, initial.map(std::slice::from_ref));
        (outputs, last.swap_remove(0))
    }
}

impl Module for Rnn {
    /// The outputs, from a state of zeros.
    ///
    /// # Panics
    /// When the input is not `[batch, length, inputs]`, or the length is 0.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        noted(self, self.0.run(input, None).0)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        self.0.parts(parts);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
