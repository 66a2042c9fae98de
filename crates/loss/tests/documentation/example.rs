//! A point at which the formula of a loss is compared with its function.

use std::collections::HashMap;

use approx::relative_ne;
use minimand_loss::catalog::{Entry, Expression, Formula, Value};
use minimand_tensor::Tensor;

use crate::common::{normal, sample_with_parameters, values};
use crate::formula::{Array, Scope, evaluate};

/// What the symbols of a formula stand for, and what the function gave for the same numbers.
///
/// Where `ℓ` has no index, arrays whose axes begin with those of the function's value are taken entry by entry.
pub struct Example {
    symbols: HashMap<String, Array>,
    ranges: HashMap<String, usize>,
    value: Tensor,
}

impl Example {
    /// An example in which the function gave `value`.
    pub fn of(value: &Tensor) -> Example {
        Example { symbols: HashMap::new(), ranges: HashMap::new(), value: value.clone() }
    }

    /// Says what a symbol stands for.
    pub fn with(mut self, symbol: &str, tensor: &Tensor) -> Example {
        let array = Array { shape: tensor.shape().to_vec(), data: values(tensor) };
        self.symbols.insert(symbol.into(), array);
        self
    }

    /// Says which number a symbol stands for.
    pub fn number(mut self, symbol: &str, value: f64) -> Example {
        self.symbols.insert(symbol.into(), Array { shape: vec![], data: vec![value] });
        self
    }

    /// Says how many values an index has.
    pub fn range(mut self, index: &str, size: usize) -> Example {
        self.ranges.insert(index.into(), size);
        self
    }

    /// An example of random inputs from the domains of a loss, and of parameters around their defaults.
    pub fn sampled(entry: &'static Entry, formula: &Formula, seed: u64) -> Example {
        let arguments = sample_with_parameters(entry, seed);
        let given = arguments.complete(entry).unwrap_or_else(|error| panic!("{error}"));
        let value = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
        let mut example = Example::of(&value);
        for input in entry.inputs {
            if let Some(tensor) = given.optional(input.name) {
                example = example.with(input.name, tensor);
            }
        }
        // A size by its name: `classes`.
        for input in entry.inputs {
            let axes: Vec<&str> = input.shape.trim_matches(['[', ']']).split(", ").collect();
            if let (Some(tensor), false) = (given.optional(input.name), axes.contains(&"…") && axes[0] != "…") {
                for (axis, &size) in axes.iter().rev().zip(tensor.shape().iter().rev()) {
                    if axis.chars().all(char::is_alphabetic) {
                        example = example.number(axis, size as f64);
                    }
                }
            }
        }
        for (name, value) in given.values() {
            example = match value {
                Value::Number(number) => example.number(name, *number),
                Value::Flag(flag) => example.number(name, f64::from(u8::from(*flag))),
                Value::Numbers(numbers) => example.with(name, &Tensor::from(numbers.clone())),
                Value::Text(_) | Value::Absent => example,
            };
        }
        let value_rank = if formula.indices().is_empty() { value.rank() } else { 0 };
        for definition in &formula.definitions {
            example.learn_ranges(&definition.body, value_rank);
        }
        // And that of an index of a definition in its place: `sⱼ` where `sᵢ = scoresᵢ`. Definitions use those below them.
        for definition in formula.definitions.iter().rev().chain(&formula.definitions) {
            example.learn_from_definitions(&definition.body, formula);
        }
        for (letter, &size) in formula.indices().iter().zip(value.shape().iter()) {
            example.ranges.entry(letter.clone()).or_insert(size);
        }
        example
    }

    /// An index letter runs over the axis of an input that it indexes.
    fn learn_ranges(&mut self, expression: &Expression, value_rank: usize) {
        match expression {
            Expression::Number(_) => {}
            Expression::Symbol(name, indices) => {
                let shape = self.symbols.get(name).map(|array| array.shape.clone()).unwrap_or_default();
                let skipped = if shape.len() == indices.len() { 0 } else { value_rank };
                for (position, index) in indices.iter().enumerate() {
                    if let (Expression::Symbol(letter, inner), Some(&size)) = (index, shape.get(skipped + position))
                        && inner.is_empty()
                        && letter.chars().count() == 1
                        && "ijklmn".contains(letter.as_str())
                    {
                        self.ranges.entry(letter.clone()).or_insert(size);
                    }
                    self.learn_ranges(index, value_rank);
                }
            }
            Expression::Apply(_, parts) => parts.iter().for_each(|part| self.learn_ranges(part, value_rank)),
            Expression::Binary(_, sides) => sides.iter().for_each(|side| self.learn_ranges(side, value_rank)),
            Expression::Negate(inner) => self.learn_ranges(inner, value_rank),
            Expression::If(parts) => parts.iter().for_each(|part| self.learn_ranges(part, value_rank)),
            Expression::Fold(_, _, condition, body) => {
                condition.iter().for_each(|condition| self.learn_ranges(condition, value_rank));
                self.learn_ranges(body, value_rank);
            }
        }
    }

    /// An index letter runs over what the index in its place runs over where its symbol is defined.
    fn learn_from_definitions(&mut self, expression: &Expression, formula: &Formula) {
        match expression {
            Expression::Number(_) => {}
            Expression::Symbol(name, indices) => {
                let Some(definition) = formula.definitions.iter().find(|definition| definition.name == *name) else {
                    return;
                };
                for (own, index) in definition.indices.iter().zip(indices) {
                    if let (Some(&size), Expression::Symbol(letter, _)) = (self.ranges.get(own), index) {
                        self.ranges.entry(letter.clone()).or_insert(size);
                    }
                }
            }
            Expression::Apply(_, parts) => parts.iter().for_each(|part| self.learn_from_definitions(part, formula)),
            Expression::Binary(_, sides) => sides.iter().for_each(|side| self.learn_from_definitions(side, formula)),
            Expression::Negate(inner) => self.learn_from_definitions(inner, formula),
            Expression::If(parts) => parts.iter().for_each(|part| self.learn_from_definitions(part, formula)),
            Expression::Fold(_, _, condition, body) => {
                condition.iter().for_each(|condition| self.learn_from_definitions(condition, formula));
                self.learn_from_definitions(body, formula);
            }
        }
    }

    /// Compares the formula with the function; the difference is the error.
    pub fn compare(&self, formula: &Formula) -> Result<(), String> {
        let shape = self.value.shape().to_vec();
        if !formula.indices().is_empty() && formula.indices().len() != shape.len() {
            return Err(format!("ℓ has {} indices, the value the shape {shape:?}", formula.indices().len()));
        }
        for (element, actual) in values(&self.value).into_iter().enumerate() {
            let mut symbols = self.symbols.clone();
            let mut indices = HashMap::new();
            if formula.indices().is_empty() {
                for array in symbols.values_mut().filter(|array| array.shape.starts_with(&shape)) {
                    let rest: usize = array.shape[shape.len()..].iter().product();
                    let data = array.data[element * rest..(element + 1) * rest].to_vec();
                    *array = Array { shape: array.shape[shape.len()..].to_vec(), data };
                }
            } else {
                let mut rest = element;
                for (letter, size) in formula.indices().iter().zip(&shape).rev() {
                    indices.insert(letter.clone(), rest % size);
                    rest /= size;
                }
            }
            let expected = evaluate(formula, &Scope { arrays: &symbols, ranges: &self.ranges, indices });
            if relative_ne!(expected, actual, epsilon = 1e-10, max_relative = 1e-10) {
                return Err(format!("the formula gives {expected} and the function {actual}, entry {element}"));
            }
        }
        Ok(())
    }
}

/// Examples for a loss of prediction and target, element by element, on residuals small, large and zero.
pub fn residuals(loss: impl Fn(&Tensor, &Tensor) -> Tensor, parameters: &[(&str, f64)]) -> Example {
    let (prediction, target) = (normal(1, [64]) * 3.0, normal(2, [64]));
    let prediction = Tensor::concatenate([&prediction, &target], 0);
    let target = Tensor::concatenate([&target, &target], 0);
    let example = Example::of(&loss(&prediction, &target)).with("prediction", &prediction).with("target", &target);
    parameters.iter().fold(example, |example, (name, value)| example.number(name, *value))
}
