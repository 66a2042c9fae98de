//! One step of a recurrence, for those who write the loop themselves.

use minimand_tensor::{Rng, Tensor};

use super::weights::{Formula, Weights};
use crate::activation::Activation;
use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;
use crate::summary::noted;

/// The state of an LSTM: for a cell `[batch, hidden]` each, for an [`Lstm`](crate::Lstm) `[layers · directions, batch, hidden]`.
#[derive(Clone, Debug)]
pub struct LstmState {
    /// What is given out, h.
    pub hidden: Tensor,
    /// What is kept, c.
    pub cell: Tensor,
}

impl LstmState {
    pub(super) fn of(states: Vec<Tensor>) -> LstmState {
        let [hidden, cell] = <[Tensor; 2]>::try_from(states).expect("an LSTM has two states");
        LstmState { hidden, cell }
    }

    pub(super) fn tensors(&self) -> [Tensor; 2] {
        [self.hidden.clone(), self.cell.clone()]
    }
}

/// The next state of a cell.
#[track_caller]
fn step(weights: &Weights, input: &Tensor, state: Option<&[Tensor]>) -> Vec<Tensor> {
    let (name, inputs, hidden) = (weights.formula().name(), weights.inputs(), weights.hidden());
    assert!(
        input.rank() == 2 && input.shape()[1] == inputs,
        "{name}: input {} of a cell must be [batch, {inputs}]",
        input.shape()
    );
    let batch = input.shape()[0];
    for state in state.unwrap_or_default() {
        assert!(*state.shape() == [batch, hidden], "{name}: state {} must be [{batch}, {hidden}]", state.shape());
    }
    let zeros = || weights.zeros(batch);
    weights.next(&weights.of_input(input), &state.map_or_else(zeros, <[Tensor]>::to_vec))
}

/// One step of an [`Rnn`](crate::Rnn): `h' = f(W(ih) x + b(ih) + W(hh) h + b(hh))`, with the activation f, usually tanh. Elman 1990.
///
/// The parameters are `weight_ih` `[hidden, inputs]`, `weight_hh` `[hidden, hidden]`, `bias_ih` and `bias_hh` `[hidden]`, as in PyTorch.
///
/// ```
/// use minimand_nn::{Activation, ParameterOptions, RnnCell};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let cell = RnnCell::new(3, 4, Activation::Tanh, ParameterOptions::default(), &mut rng);
/// let mut state = Tensor::zeros([5, 4]);
/// for _ in 0..6 {
///     state = cell.step(&Tensor::normal([5, 3], &mut rng), &state);
/// }
/// assert_eq!(state.shape().to_string(), "[5, 4]");
/// ```
#[derive(Clone, Debug)]
pub struct RnnCell(Weights);

/// One step of a [`Gru`](crate::Gru), in PyTorch's form (Cho et al. 2014 reset the state before the product, not after it):
///
/// ```text
/// r = σ(W(ir) x + b(ir) + W(hr) h + b(hr))             reset
/// z = σ(W(iz) x + b(iz) + W(hz) h + b(hz))             update
/// n = tanh(W(in) x + b(in) + r (W(hn) h + b(hn)))      candidate
/// h' = (1 - z) n + z h
/// ```
///
/// The parameters are `weight_ih` `[3 · hidden, inputs]`, `weight_hh` `[3 · hidden, hidden]`, `bias_ih` and `bias_hh` `[3 · hidden]`, with r, z, n
/// one below the other, as in PyTorch.
///
/// ```
/// use minimand_nn::{GruCell, ParameterOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// let cell = GruCell::new(3, 4, ParameterOptions::default(), &mut Rng::seed(7));
/// let state = cell.step(&Tensor::ones([5, 3]), &Tensor::zeros([5, 4]));
/// assert_eq!(state.shape().to_string(), "[5, 4]");
/// ```
#[derive(Clone, Debug)]
pub struct GruCell(Weights);

/// One step of an [`Lstm`](crate::Lstm). Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000:
///
/// ```text
/// i = σ(W(ii) x + b(ii) + W(hi) h + b(hi))         what enters
/// f = σ(W(if) x + b(if) + W(hf) h + b(hf))         what stays
/// g = tanh(W(ig) x + b(ig) + W(hg) h + b(hg))      the new values
/// o = σ(W(io) x + b(io) + W(ho) h + b(ho))         what is given out
/// c' = f c + i g
/// h' = o tanh(c')
/// ```
///
/// The parameters are `weight_ih` `[4 · hidden, inputs]`, `weight_hh` `[4 · hidden, hidden]`, `bias_ih` and `bias_hh` `[4 · hidden]`, with
/// i, f, g, o one below the other, as in PyTorch.
///
/// ```
/// use minimand_nn::{LstmCell, LstmState, ParameterOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// let cell = LstmCell::new(3, 4, ParameterOptions::default(), &mut Rng::seed(7));
/// let state = LstmState { hidden: Tensor::zeros([5, 4]), cell: Tensor::zeros([5, 4]) };
/// let state = cell.step(&Tensor::ones([5, 3]), &state);
/// assert_eq!(state.hidden.shape().to_string(), "[5, 4]");
/// ```
#[derive(Clone, Debug)]
pub struct LstmCell(Weights);

impl RnnCell {
    /// A cell from `inputs` to a state of `hidden` entries. For the initialisers as many connections flow in and out as the state has entries.
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn new(
        inputs: usize,
        hidden: usize,
        activation: Activation,
        parameters: ParameterOptions,
        rng: &mut Rng,
    ) -> RnnCell {
        RnnCell(Weights::draw(Formula::Rnn(activation), [inputs, hidden], "", &parameters, rng))
    }

    /// The next state, `[batch, hidden]`, for an input `[batch, inputs]`.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn step(&self, input: &Tensor, state: &Tensor) -> Tensor {
        step(&self.0, input, Some(std::slice::from_ref(state))).swap_remove(0)
    }
}

impl GruCell {
    /// A cell from `inputs` to a state of `hidden` entries. For the initialisers as many connections flow in and out as the state has entries.
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, parameters: ParameterOptions, rng: &mut Rng) -> GruCell {
        GruCell(Weights::draw(Formula::Gru, [inputs, hidden], "", &parameters, rng))
    }

    /// The next state, `[batch, hidden]`, for an input `[batch, inputs]`.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn step(&self, input: &Tensor, state: &Tensor) -> Tensor {
        step(&self.0, input, Some(std::slice::from_ref(state))).swap_remove(0)
    }
}

impl LstmCell {
    /// A cell from `inputs` to a state of `hidden` entries. For the initialisers as many connections flow in and out as the state has entries.
    ///
    /// # Panics
    /// When `inputs` or `hidden` is 0, or the parameters' type is no floating-point type.
    #[track_caller]
    pub fn new(inputs: usize, hidden: usize, parameters: ParameterOptions, rng: &mut Rng) -> LstmCell {
        LstmCell(Weights::draw(Formula::Lstm, [inputs, hidden], "", &parameters, rng))
    }

    /// The next state for an input `[batch, inputs]`. Its `hidden` is the output.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn step(&self, input: &Tensor, state: &LstmState) -> LstmState {
        LstmState::of(step(&self.0, input, Some(&state.tensors())))
    }
}

macro_rules! module_of_cell {
    ($($cell:ident),*) => {$(
        impl Module for $cell {
            /// One step from a state of zeros: the new state's hidden part.
            ///
            /// # Panics
            /// When the input is not `[batch, inputs]`.
            #[track_caller]
            fn forward(&self, input: &Tensor) -> Tensor {
                noted(self, step(&self.0, input, None).swap_remove(0))
            }

            fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
                self.0.parts("", parts);
            }

            fn clone_boxed(&self) -> Option<Box<dyn Module>> {
                Some(Box::new(self.clone()))
            }
        }
    )*};
}
module_of_cell!(RnnCell, GruCell, LstmCell);
