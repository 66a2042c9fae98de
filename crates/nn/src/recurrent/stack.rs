//! Layers of a recurrence above each other, in one direction or both.

use minimand_tensor::{Rng, Tensor};

use super::RecurrentOptions;
use super::weights::{Formula, Weights};
use crate::dropout::Dropout;
use crate::module::{Module, Parts};

#[derive(Clone, Debug)]
pub(super) struct Stack {
    /// For each layer: forwards, and backwards if there are two directions.
    layers: Vec<Vec<Weights>>,
    dropout: Option<Dropout>,
}

/// What stands after the name of a parameter.
fn suffix(layer: usize, direction: usize) -> String {
    format!("_l{layer}{}", if direction == 0 { "" } else { "_reverse" })
}

impl Stack {
    #[track_caller]
    pub(super) fn new(
        formula: Formula,
        inputs: usize,
        hidden: usize,
        options: RecurrentOptions,
        rng: &mut Rng,
    ) -> Stack {
        let RecurrentOptions { layers, bidirectional, dropout, parameters } = options;
        assert!(layers > 0, "{}: there must be at least one layer", formula.name());
        let directions = 1 + usize::from(bidirectional);
        let mut built = Vec::with_capacity(layers);
        for layer in 0..layers {
            let inputs = if layer == 0 { inputs } else { directions * hidden };
            let mut both = Vec::with_capacity(directions);
            for direction in 0..directions {
                both.push(Weights::draw(formula, [inputs, hidden], &suffix(layer, direction), &parameters, rng));
            }
            built.push(both);
        }
        // Without dropout nothing is drawn from `rng`: a model does not change with an option that it does not use.
        let dropout = (dropout != 0.0).then(|| Dropout::new(dropout, rng));
        Stack { layers: built, dropout }
    }

    fn weights(&self) -> &Weights {
        &self.layers[0][0]
    }

    /// The outputs, `[batch, length, directions · hidden]`, and the last states, `[layers · directions, batch, hidden]` each.
    #[track_caller]
    pub(super) fn run(&self, input: &Tensor, initial: Option<&[Tensor]>) -> (Tensor, Vec<Tensor>) {
        let (name, inputs, hidden) =
            (self.weights().formula().name(), self.weights().inputs(), self.weights().hidden());
        assert!(
            input.rank() == 3 && input.shape()[2] == inputs && input.shape()[1] > 0,
            "{name}: input {} must be [batch, length, {inputs}], with a length of at least 1",
            input.shape()
        );
        let (batch, length) = (input.shape()[0], input.shape()[1]);
        let directions = self.layers[0].len();
        let rows = self.layers.len() * directions;
        for state in initial.unwrap_or_default() {
            assert!(
                *state.shape() == [rows, batch, hidden],
                "{name}: state {} must be [{rows}, {batch}, {hidden}]: layers · directions, batch, hidden",
                state.shape()
            );
        }
        let mut output = input.clone();
        let mut last = Vec::with_capacity(rows);
        for (index, layer) in self.layers.iter().enumerate() {
            if let (1.., Some(dropout)) = (index, &self.dropout) {
                output = dropout.forward(&output);
            }
            let mut outputs = Vec::with_capacity(directions);
            for (direction, weights) in layer.iter().enumerate() {
                let row = index * directions + direction;
                let mut state = match initial {
                    Some(initial) => initial.iter().map(|state| state.at(0, row)).collect(),
                    None => weights.zeros(batch),
                };
                // One product for all steps.
                let size = output.shape()[2];
                let projected = weights.of_input(&output.reshape([batch * length, size]));
                let projected = projected.reshape([batch, length, projected.shape()[1]]);
                let mut steps = vec![None; length];
                for step in 0..length {
                    let place = if direction == 0 { step } else { length - 1 - step };
                    state = weights.next(&projected.at(1, place), &state);
                    steps[place] = Some(state[0].clone());
                }
                outputs.push(Tensor::stack(steps.iter().flatten(), 1));
                last.push(state);
            }
            output = Tensor::concatenate(&outputs, -1);
        }
        let states = self.weights().formula().states();
        let last = (0..states).map(|index| Tensor::stack(last.iter().map(|state| &state[index]), 0)).collect();
        (output, last)
    }

    pub(super) fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        for (layer, both) in self.layers.iter().enumerate() {
            for (direction, weights) in both.iter().enumerate() {
                weights.parts(&suffix(layer, direction), parts);
            }
        }
        if let Some(dropout) = &self.dropout {
            parts.module("dropout", dropout);
        }
    }
}
