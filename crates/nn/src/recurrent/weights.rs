//! What all recurrent layers share: weights for the input and for the state, and the formula of one step.

use minimand_tensor::{DType, Parameter, Rng, Shape, Tensor};

use crate::activation::Activation;
use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;

/// Which formula makes the next state.
#[derive(Clone, Copy, Debug)]
pub(super) enum Formula {
    Rnn(Activation),
    Gru,
    Lstm,
}

impl Formula {
    /// Rows of the weights for each entry of the state.
    pub(super) fn gates(self) -> usize {
        match self {
            Formula::Rnn(_) => 1,
            Formula::Gru => 3,
            Formula::Lstm => 4,
        }
    }

    /// Tensors that make up the state. The first of them is the output.
    pub(super) fn states(self) -> usize {
        match self {
            Formula::Rnn(_) | Formula::Gru => 1,
            Formula::Lstm => 2,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Formula::Rnn(_) => "rnn",
            Formula::Gru => "gru",
            Formula::Lstm => "lstm",
        }
    }

    /// The next state, from what the weights make of the input and of the state: `[batch, gates · hidden]` each.
    fn next(self, input: &Tensor, hidden: &Tensor, state: &[Tensor]) -> Vec<Tensor> {
        let size = state[0].shape()[1];
        let gate = |of: &Tensor, index: usize| of.slice(-1, index * size..(index + 1) * size);
        match self {
            Formula::Rnn(activation) => vec![activation.forward(&(input + hidden))],
            Formula::Gru => {
                let [reset, update] = [0, 1].map(|index| (gate(input, index) + gate(hidden, index)).sigmoid());
                let candidate = (gate(input, 2) + reset * gate(hidden, 2)).tanh();
                // (1 - update) · candidate + update · state
                vec![&candidate + update * (&state[0] - &candidate)]
            }
            Formula::Lstm => {
                let sum = input + hidden;
                let [enter, forget, output] = [0, 1, 3].map(|index| gate(&sum, index).sigmoid());
                let cell = forget * &state[1] + enter * gate(&sum, 2).tanh();
                vec![output * cell.tanh(), cell]
            }
        }
    }
}

/// The parameters of one layer in one direction, or of one cell.
#[derive(Debug)]
pub(super) struct Weights {
    /// `[gates · hidden, inputs]`
    input: Parameter,
    /// `[gates · hidden, hidden]`
    hidden: Parameter,
    /// `[gates · hidden]` each
    biases: Option<[Parameter; 2]>,
    formula: Formula,
}

impl Weights {
    #[track_caller]
    pub(super) fn draw(
        formula: Formula,
        [inputs, hidden]: [usize; 2],
        suffix: &str,
        options: &ParameterOptions,
        rng: &mut Rng,
    ) -> Weights {
        let name = formula.name();
        assert!(inputs > 0 && hidden > 0, "{name}: a layer from {inputs} inputs to a state of {hidden}");
        let rows = formula.gates() * hidden;
        let dot = if options.name.is_empty() { "" } else { "." };
        let mut draw = |kind: &str, shape: Shape| {
            let initializer = if shape.rank() == 2 { options.weight_initializer } else { options.bias_initializer };
            let values = initializer.draw_for(shape, (hidden, hidden), options.dtype, rng);
            Parameter::new(format!("{}{dot}{kind}{suffix}", options.name), values)
        };
        let input = draw("weight_ih", Shape::from([rows, inputs]));
        let weight = draw("weight_hh", Shape::from([rows, hidden]));
        let biases = options.bias.then(|| ["bias_ih", "bias_hh"].map(|kind| draw(kind, Shape::from([rows]))));
        Weights { input, hidden: weight, biases, formula }
    }

    pub(super) fn formula(&self) -> Formula {
        self.formula
    }

    pub(super) fn inputs(&self) -> usize {
        self.input.value().shape()[1]
    }

    pub(super) fn hidden(&self) -> usize {
        self.hidden.value().shape()[1]
    }

    /// What the weights make of inputs `[rows, inputs]`: `[rows, gates · hidden]`.
    pub(super) fn of_input(&self, rows: &Tensor) -> Tensor {
        self.with_bias(rows.matmul(&self.input.value().transpose()), 0)
    }

    fn with_bias(&self, product: Tensor, index: usize) -> Tensor {
        match &self.biases {
            Some(biases) => product + biases[index].value(),
            None => product,
        }
    }

    /// The next state, from [`of_input`](Weights::of_input) for a batch and the state, `[batch, hidden]`.
    pub(super) fn next(&self, of_input: &Tensor, state: &[Tensor]) -> Vec<Tensor> {
        let of_hidden = self.with_bias(state[0].matmul(&self.hidden.value().transpose()), 1);
        self.formula.next(of_input, &of_hidden, state)
    }

    /// A state of zeros, in the parameters' type.
    pub(super) fn zeros(&self, batch: usize) -> Vec<Tensor> {
        let zeros = Tensor::zeros([batch, self.hidden()]).cast(self.dtype());
        vec![zeros; self.formula.states()]
    }

    fn dtype(&self) -> DType {
        self.hidden.value().dtype()
    }

    pub(super) fn parts<'a>(&'a self, suffix: &str, parts: &mut Parts<'a>) {
        parts
            .parameter(format!("weight_ih{suffix}"), &self.input)
            .parameter(format!("weight_hh{suffix}"), &self.hidden);
        if let Some([input, hidden]) = &self.biases {
            parts.parameter(format!("bias_ih{suffix}"), input).parameter(format!("bias_hh{suffix}"), hidden);
        }
    }
}

impl Clone for Weights {
    /// An independent copy.
    fn clone(&self) -> Weights {
        Weights {
            input: self.input.copied(),
            hidden: self.hidden.copied(),
            biases: self.biases.as_ref().map(|biases| biases.each_ref().map(Parameter::copied)),
            formula: self.formula,
        }
    }
}
