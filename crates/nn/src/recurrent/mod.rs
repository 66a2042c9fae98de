//! Recurrent layers: a state that is carried from step to step of a sequence.

mod cell;
mod gru;
mod lstm;
mod rnn;
mod stack;
mod weights;

pub use cell::{GruCell, LstmCell, LstmState, RnnCell};
pub use gru::Gru;
pub use lstm::Lstm;
pub use rnn::Rnn;

use crate::parameters::ParameterOptions;

/// What may be chosen in a recurrent layer: [`Rnn`], [`Gru`], [`Lstm`].
///
/// ```
/// use minimand_nn::{Gru, Module, RecurrentOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// let options = RecurrentOptions { layers: 2, bidirectional: true, ..Default::default() };
/// let layer = Gru::with_options(3, 4, options, &mut Rng::seed(7));
/// assert_eq!(layer.forward(&Tensor::zeros([5, 6, 3])).shape().to_string(), "[5, 6, 8]");
/// let names: Vec<String> = layer.named_parameters().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names[4..6], ["weight_ih_l0_reverse", "weight_hh_l0_reverse"]);
/// ```
#[doc(alias = "num_layers")]
#[derive(Clone, Debug, PartialEq)]
pub struct RecurrentOptions {
    /// Number of layers, each of which reads the outputs of the one before it. Default: 1.
    pub layers: usize,
    /// Whether each layer also reads the sequence from its end, with parameters of its own; the outputs of both directions stand beside each
    /// other. Default: false.
    pub bidirectional: bool,
    /// Probability with which an output of a layer, but not of the last, is dropped in training: see [`Dropout`](crate::Dropout). Default: 0.
    pub dropout: f64,
    /// The weights and biases. For the initialisers as many connections flow in and out as the state has entries: by default all are evenly
    /// distributed in `±1/√hidden`, as in PyTorch.
    pub parameters: ParameterOptions,
}

impl Default for RecurrentOptions {
    fn default() -> RecurrentOptions {
        RecurrentOptions { layers: 1, bidirectional: false, dropout: 0.0, parameters: ParameterOptions::default() }
    }
}
