//! Layers of sequences: against PyTorch, values and gradients, in f64 and f32; and laws. `fixtures/record_sequences.py` says how what is
//! recorded is made.

mod attention;
mod embedding;
mod language_model;
mod position;
mod recurrent;
mod row_table;
mod transformer;

use approx::relative_eq;
use minimand_nn::Module;
use minimand_tensor::{DType, Rng, Shape, Tensor, grad};
use serde_json::Value;

/// The cases of one kind.
fn recorded(kind: &str) -> Vec<Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/sequences.json");
    let recorded: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    recorded[kind].as_array().unwrap().clone()
}

/// The numbers in nested lists, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn size(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn sizes(value: &Value) -> Vec<usize> {
    value.as_array().unwrap().iter().map(size).collect()
}

/// A matrix of truth values.
fn truths(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap();
    let values: Vec<bool> =
        rows.iter().flat_map(|row| row.as_array().unwrap()).map(|entry| entry.as_bool().unwrap()).collect();
    let columns = values.len() / rows.len();
    Tensor::from_vec(values, [rows.len(), columns])
}

/// f64 values of a normal distribution.
fn normal(shape: impl Into<Shape>, rng: &mut Rng) -> Tensor {
    let shape = shape.into();
    Tensor::from_vec((0..shape.elements()).map(|_| rng.normal()).collect::<Vec<f64>>(), shape)
}

#[track_caller]
fn assert_numbers(found: &Tensor, expected: &[f64], tolerance: f64, what: &str) {
    let found = found.to_vec::<f64>();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (a, b)) in found.iter().zip(expected).enumerate() {
        let close = relative_eq!(a, b, epsilon = tolerance, max_relative = tolerance);
        assert!(close, "{what}, entry {place}: {a} and {b}");
    }
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &Tensor, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    assert_numbers(found, &expected.to_vec::<f64>(), 1e-12, what);
}

/// The generator of the recording: the same numbers, rounded to a type.
struct Draws(u64, DType);

impl Draws {
    fn new(dtype: DType) -> Draws {
        Draws(20240605, dtype)
    }

    fn draw(&mut self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        let mut next = || {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            2.0 * ((self.0 >> 11) as f64 * 0.5f64.powi(53)) - 1.0
        };
        Tensor::from_vec((0..shape.elements()).map(|_| next()).collect::<Vec<f64>>(), shape).cast(self.1)
    }

    fn initialise(&mut self, model: &dyn Module) {
        for parameter in model.parameters() {
            parameter.set(0.8 * self.draw(parameter.value().shape()));
        }
    }

    /// Compares outputs, and the gradients of their weighted squares, with a recording.
    fn compare(mut self, case: &Value, model: Option<&dyn Module>, inputs: &[Tensor], outputs: &[Tensor], what: &str) {
        let tolerance = if self.1 == DType::F64 { 1e-12 } else { 1e-5 };
        let recorded = case["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), recorded.len(), "{what}");
        let mut loss = Tensor::zeros([]).cast(self.1);
        for (index, (output, expected)) in outputs.iter().zip(recorded).enumerate() {
            assert_eq!(output.dtype(), self.1, "{what}");
            assert_numbers(output, &numbers(expected), tolerance, &format!("{what}, output {index}"));
            loss += (self.draw(output.shape()) * output.square()).sum();
        }
        let named = model.map(|model| model.named_parameters()).unwrap_or_default();
        let gradients = case["parameters"].as_object().unwrap();
        let mut names: Vec<&String> = named.iter().map(|(name, _)| name).collect();
        names.sort();
        assert_eq!(names, gradients.keys().collect::<Vec<_>>(), "{what}");
        let parameters: Vec<Tensor> = named.iter().map(|(_, parameter)| parameter.value()).collect();
        let found = grad(&loss, parameters.iter().chain(inputs));
        let (of_parameters, of_inputs) = found.split_at(parameters.len());
        for ((name, _), gradient) in named.iter().zip(of_parameters) {
            assert_numbers(gradient, &numbers(&gradients[name]), 4.0 * tolerance, &format!("{what}, {name}"));
        }
        let recorded = case["inputs"].as_array().unwrap();
        assert_eq!(of_inputs.len(), recorded.len(), "{what}");
        for (index, (gradient, expected)) in of_inputs.iter().zip(recorded).enumerate() {
            assert_numbers(gradient, &numbers(expected), 4.0 * tolerance, &format!("{what}, input {index}"));
        }
    }
}

/// The text of the panic of a function.
fn message(function: impl FnOnce() + std::panic::UnwindSafe) -> String {
    let panic = std::panic::catch_unwind(function).expect_err("a panic");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().unwrap()).to_owned(),
    }
}
