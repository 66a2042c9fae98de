//! A point at which the formula of a loss is compared with its function.

use std::collections::HashMap;

use approx::relative_ne;
use minimand_loss::catalog::Formula;
use minimand_tensor::Tensor;

use crate::common::{normal, values};
use crate::formula::{Array, Scope, evaluate};

/// What the symbols of a formula stand for, and what the function gave for the same numbers.
///
/// Where `ℓ` has no index, arrays in the shape of the function's value are taken element by element.
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
                for array in symbols.values_mut().filter(|array| array.shape == shape) {
                    *array = Array { shape: vec![], data: vec![array.data[element]] };
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
