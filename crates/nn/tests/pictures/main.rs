//! Convolution, pooling, normalisation, activations, and models of pictures: against PyTorch, plain loops, finite differences and laws.

mod activations;
mod batch_norm;
mod convolution;
mod layers;
mod models;
mod normalisation;
mod pooling;
mod resampling;
mod residual;
mod transposed;

use approx::relative_eq;
use minimand_nn::Module;
use minimand_tensor::{Rng, Tensor, grad};
use serde_json::Value;

/// A recorded file: see the script beside it, `record_` before its name.
fn recorded(file: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(file);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|number| number.as_f64().unwrap()).collect()
}

fn pair(value: &Value) -> [usize; 2] {
    [0, 1].map(|axis| value[axis].as_u64().unwrap() as usize)
}

/// A recorded tensor, or `None` where null is recorded.
fn tensor(value: &Value) -> Option<Tensor> {
    let shape: Vec<usize> =
        value.get("shape")?.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    Some(Tensor::from_vec(numbers(&value["values"]), shape))
}

/// Compares a function, its gradients and its second derivatives with a recorded case: `fixtures/recording.py` says what it holds.
#[track_caller]
fn compare(case: &Value, function: impl Fn(&[Tensor]) -> Tensor) {
    let inputs = tensors(&case["inputs"]);
    compare_output(case, &inputs, &function(&inputs));
}

/// Compares a layer, as a function of its input and its parameters in their order.
#[track_caller]
fn compare_layer(case: &Value, layer: &dyn Module) {
    let mut inputs = tensors(&case["inputs"]);
    let parameters = layer.parameters();
    assert_eq!(parameters.len() + 1, inputs.len());
    for (parameter, input) in parameters.iter().zip(&mut inputs[1..]) {
        parameter.set(input.clone());
        *input = parameter.value();
    }
    compare_output(case, &inputs, &layer.forward(&inputs[0]));
}

#[track_caller]
fn compare_output(case: &Value, inputs: &[Tensor], y: &Tensor) {
    let expected = |name: &str| tensor(&case[name]).unwrap();
    let what = |name: &str| format!("{name} of {} by {}", case["options"], inputs[0].shape());
    let loss = (expected("weights") * y.square()).sum();
    let slopes = grad(&loss, inputs);
    let slope_of_ones = slopes.iter().map(Tensor::sum).reduce(|a, b| a + b).unwrap();
    let curvatures = grad(&slope_of_ones, inputs);
    assert_close(y, &expected("y"), &what("y"));
    for (name, found) in [("slopes", slopes), ("curvatures", curvatures)] {
        let expected = tensors(&case[name]);
        assert_eq!(found.len(), expected.len());
        for (number, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_near(found, expected, 1e-10, &what(&format!("{name} {number}")));
        }
    }
}

fn tensors(values: &Value) -> Vec<Tensor> {
    values.as_array().unwrap().iter().map(|value| tensor(value).unwrap()).collect()
}

/// The recorded cases of a function, so many.
fn cases(file: &str, function: &str, count: usize) -> Vec<Value> {
    let cases = recorded(file)[function].as_array().unwrap().clone();
    assert_eq!(cases.len(), count, "{function}");
    cases
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

/// f64 values of a normal distribution.
fn normal(shape: impl Into<minimand_tensor::Shape>, rng: &mut Rng) -> Tensor {
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
    assert_near(found, expected, 1e-12, what);
}

#[track_caller]
fn assert_near(found: &Tensor, expected: &Tensor, tolerance: f64, what: &str) {
    assert_eq!(found.shape(), expected.shape(), "{what}");
    assert_numbers(found, &expected.to_vec::<f64>(), tolerance, what);
}

/// Where a panic of `function` with a message that starts as given is said to be, and the whole message.
fn panic_of(start: &'static str, function: impl FnOnce() + std::panic::UnwindSafe) -> (String, String, u32) {
    use std::sync::{Mutex, PoisonError};
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    static LAST: Mutex<Option<(String, String, u32)>> = Mutex::new(None);
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    std::panic::set_hook(Box::new(move |panic| {
        let (text, at) = (panic.payload_as_str().unwrap_or_default(), panic.location().unwrap());
        // Other tests panic at the same time.
        if text.starts_with(start) {
            *LAST.lock().unwrap() = Some((text.to_owned(), at.file().to_owned(), at.line()));
        }
    }));
    let outcome = std::panic::catch_unwind(function);
    let _ = std::panic::take_hook();
    assert!(outcome.is_err(), "{start}: no panic");
    LAST.lock().unwrap().take().expect(start)
}
