//! Long short-term memory.

use minimand_tensor::{Rng, Tensor};

use super::RecurrentOptions;
use super::cell::LstmState;
use super::stack::Stack;
use super::weights::Formula;
use crate::module::{Module, Parts};
use crate::summary::noted;

/// A recurrent layer with a memory: reads sequences `[batch, length, inputs]` step by step and gives the hidden state after each,
/// `[batch, length, directions · hidden]`. [`LstmCell`](crate::LstmCell) has the formula. Hochreiter & Schmidhuber 1997.
///
/// The parameters have PyTorch's names and layouts, so its checkpoints fit: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`, `bias_hh_l0`, with
/// `_reverse` after them for the way back. The batch always comes first (`batch_first=True`).
///
/// ```
/// use minimand_nn::{Lstm, Module, RecurrentOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let options = RecurrentOptions { layers: 2, dropout: 0.1, ..Default::default() };
/// let layer = Lstm::with_options(3, 4, options, &mut rng);
/// let x = Tensor::normal([5, 6, 3], &mut rng);
/// let (outputs, last) = layer.forward_with_state(&x, None);
/// assert_eq!(outputs.shape().to_string(), "[5, 6, 4]");
/// assert_eq!(last.cell.shape().to_string(), "[2, 5, 4]");
///
/// // To carry a state over to the next part of a long text, cut it off: the gradient ends there.
/// let state = minimand_nn::LstmState { hidden: last.hidden.detach(), cell: last.cell.detach() };
/// let (_, _next) = layer.forward_with_state(&x, Some(&state));
/// ```
#[doc(alias = "LSTM")]
#[derive(Clone, Debug)]
pub struct Lstm(Stack);

impl Lstm {
    /// One layer in one direction, f32, with a state of `hidden` entries, and all parameters evenly distributed in `±1/√hidden`, as in PyTorch.
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, rng: &mut Rng) -> Lstm {
        Lstm::with_options(inputs, hidden, RecurrentOptions::default(), rng)
    }

    /// Layers with everything chosen.
    ///
    /// # Panics
    /// As [`new`](Lstm::new); when there is no layer, the dropout is not in `0.0..1.0`, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn with_options(inputs: usize, hidden: usize, options: RecurrentOptions, rng: &mut Rng) -> Lstm {
        Lstm(Stack::new(Formula::Lstm, inputs, hidden, options, rng))
    }

    /// The outputs of the last layer, `[batch, length, directions · hidden]`, and the last state of every layer and direction,
    /// `[layers · directions, batch, hidden]` each, from a state in the same shape; `None` is zeros.
    ///
    /// # Panics
    /// When the shapes do not fit, or the length is 0.
    #[track_caller]
    pub fn forward_with_state(&self, input: &Tensor, initial: Option<&LstmState>) -> (Tensor, LstmState) {
        let initial = initial.map(LstmState::tensors);
        let (outputs, last) = self.0.run(input, initial.as_ref().map(<[Tensor; 2]>::as_slice));
        (outputs, LstmState::of(last))
    }
}

impl Module for Lstm {
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
