//! The gated recurrent unit.

use minimand_tensor::{Rng, Tensor};

use super::RecurrentOptions;
use super::stack::Stack;
use super::weights::Formula;
use crate::module::{Module, Parts};
use crate::summary::noted;

/// A recurrent layer of gated units: reads sequences `[batch, length, inputs]` step by step and gives the state after each,
/// `[batch, length, directions · hidden]`. [`GruCell`](crate::GruCell) has the formula. Cho et al. 2014.
///
/// The parameters have PyTorch's names and layouts, so its checkpoints fit: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with
/// `_reverse` after them for the way back. The batch always comes first (`batch_first=True`).
///
/// ```
/// use minimand_nn::{Gru, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let layer = Gru::new(3, 4, &mut rng);
/// let x = Tensor::normal([5, 6, 3], &mut rng);
/// let (outputs, last) = layer.forward_with_state(&x, None);
/// assert_eq!((outputs.shape().to_string(), last.shape().to_string()), ("[5, 6, 4]".into(), "[1, 5, 4]".into()));
///
/// // A sequence in two parts, the state carried over, is the sequence.
/// let (_, middle) = layer.forward_with_state(&x.slice(1, ..2), None);
/// let (rest, _) = layer.forward_with_state(&x.slice(1, 2..), Some(&middle));
/// assert!((rest - outputs.slice(1, 2..)).abs().max().item() < 1e-6);
/// ```
#[doc(alias = "GRU")]
#[derive(Clone, Debug)]
pub struct Gru(Stack);

impl Gru {
    /// One layer in one direction, f32, with a state of `hidden` entries, and all parameters evenly distributed in `±1/√hidden`, as in PyTorch.
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Rng) -> Gru {
        Gru::with_options(inputs, hidden, RecurrentOptions::default(), rng)
    }

    /// Layers with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Gru::new); when there is no layer, the dropout is not in `0.0..1.0`, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn with_options(inputs: usize, hidden: usize, options: RecurrentOptions, rng: &mut Rng) -> Gru {
        Gru(Stack::new(Formula::Gru, inputs, hidden, options, rng))
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

impl Module for Gru {
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
