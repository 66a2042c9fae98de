//! The multilayer perceptron against a plain loop, PyTorch and finite differences.

use approx::{assert_relative_eq, relative_eq};
use minimand_nn::{Activation, Checkpoint, Mlp, MlpOptions, Module, ParameterOptions};
use minimand_tensor::{DType, Parameter, Rng, Tensor, grad};
use serde_json::Value;

const ALL: [Activation; 11] = [
    Activation::Identity,
    Activation::Relu,
    Activation::LeakyRelu { slope: 0.1 },
    Activation::Elu { alpha: 0.7 },
    Activation::Gelu,
    Activation::GeluTanh,
    Activation::Silu,
    Activation::Mish,
    Activation::Softplus,
    Activation::Tanh,
    Activation::Sigmoid,
];

/// Those that are compared with PyTorch one by one, in `activations.rs`.
const MORE: [Activation; 10] = [
    Activation::LogSigmoid,
    Activation::Selu,
    Activation::Celu { alpha: 0.7 },
    Activation::Hardtanh { low: -0.5, high: 0.8 },
    Activation::Relu6,
    Activation::Hardsigmoid,
    Activation::Hardswish,
    Activation::Softsign,
    Activation::Tanhshrink,
    Activation::Softshrink { threshold: 0.3 },
];

fn fixture(name: &str) -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn recorded() -> Value {
    serde_json::from_str(&std::fs::read_to_string(fixture("recorded.json")).unwrap()).unwrap()
}

/// The numbers in nested lists, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn matrix(value: &Value) -> Tensor {
    let rows = value.as_array().unwrap().len();
    let values = numbers(value);
    let columns = values.len() / rows;
    Tensor::from_vec(values, [rows, columns])
}

fn assert_close(found: &Tensor, expected: &[f64], what: &str) {
    let found = found.to_vec::<f64>();
    assert_eq!(found.len(), expected.len(), "{what}");
    for (a, b) in found.iter().zip(expected) {
        assert!(relative_eq!(a, b, epsilon = 1e-12, max_relative = 1e-10), "{what}: {a} and {b}");
    }
}

fn model(activation: Activation) -> Mlp {
    let options = MlpOptions {
        activation,
        parameters: ParameterOptions { dtype: DType::F64, ..Default::default() },
        ..Default::default()
    };
    Mlp::with_options([3, 5, 4, 2], options, &mut Rng::seed(11))
}

/// The activation as a number, from its definition; Φ by the integral of its density.
fn plain(activation: Activation, x: f64) -> f64 {
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    match activation {
        Activation::Identity => x,
        Activation::Relu => x.max(0.0),
        Activation::LeakyRelu { slope } => x.max(0.0) + slope * x.min(0.0),
        Activation::Elu { alpha } => x.max(0.0) + alpha * (x.min(0.0).exp() - 1.0),
        Activation::Gelu => {
            let steps = 4000;
            let width = x / f64::from(steps);
            let density = |t: f64| (-t * t / 2.0).exp() / std::f64::consts::TAU.sqrt();
            let simpson: f64 = (0..steps)
                .map(|k| {
                    let t = width * f64::from(k);
                    (density(t) + 4.0 * density(t + width / 2.0) + density(t + width)) * width / 6.0
                })
                .sum();
            x * (0.5 + simpson)
        }
        Activation::GeluTanh => {
            0.5 * x * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (x + 0.044715 * x.powi(3))).tanh())
        }
        Activation::Silu => x * sigmoid(x),
        Activation::Mish => x * (1.0 + x.exp()).ln().tanh(),
        Activation::Softplus => (1.0 + x.exp()).ln(),
        Activation::Tanh => x.tanh(),
        Activation::Sigmoid => sigmoid(x),
        Activation::LogSigmoid => sigmoid(x).ln(),
        Activation::Selu => 1.0507009873554805 * (x.max(0.0) + 1.6732632423543772 * (x.min(0.0).exp() - 1.0)),
        Activation::Celu { alpha } => x.max(0.0) + alpha * ((x.min(0.0) / alpha).exp() - 1.0),
        Activation::Hardtanh { low, high } => x.clamp(low, high),
        Activation::Relu6 => x.clamp(0.0, 6.0),
        Activation::Hardsigmoid => ((x + 3.0) / 6.0).clamp(0.0, 1.0),
        Activation::Hardswish => x * ((x + 3.0) / 6.0).clamp(0.0, 1.0),
        Activation::Softsign => x / (1.0 + x.abs()),
        Activation::Tanhshrink => x - x.tanh(),
        Activation::Softshrink { threshold } => x.signum() * (x.abs() - threshold).max(0.0),
    }
}

#[test]
fn the_output_is_that_of_a_plain_loop() {
    let x: Vec<Vec<f64>> = vec![vec![0.3, -1.2, 2.0], vec![-0.7, 0.1, 0.0], vec![1.5, 1.5, -3.0]];
    for activation in ALL.into_iter().chain(MORE) {
        let model = model(activation);
        let mut expected = Vec::new();
        for row in &x {
            let mut values = row.clone();
            for (index, layer) in model.layers().iter().enumerate() {
                let weight = layer.weight().value().to_vec::<f64>();
                let bias = layer.bias().unwrap().value().to_vec::<f64>();
                let mut next = bias.clone();
                for (output, value) in next.iter_mut().enumerate() {
                    for (input, x) in values.iter().enumerate() {
                        *value += weight[output * values.len() + input] * x;
                    }
                    if index + 1 < model.layers().len() {
                        *value = plain(activation, *value);
                    }
                }
                values = next;
            }
            expected.extend(values);
        }
        let input = Tensor::from_vec(x.concat(), [3, 3]);
        assert_close(&model.forward(&input), &expected, &format!("{activation:?}"));
    }
}

#[test]
fn outputs_and_gradients_are_those_of_pytorch() {
    let recorded = recorded();
    let (x, y) = (matrix(&recorded["x"]), matrix(&recorded["y"]));
    let runs = recorded["activations"].as_array().unwrap();
    assert_eq!(runs.len(), ALL.len());
    for (run, activation) in runs.iter().zip(ALL) {
        let name = run["activation"].as_str().unwrap();
        assert!(format!("{activation:?}").starts_with(name));
        let model = model(activation);
        Checkpoint::load(fixture("torch_mlp.safetensors")).unwrap().restore(&model).unwrap();
        for (path, parameter) in model.named_parameters() {
            assert_close(&parameter.value(), &numbers(&recorded["parameters"][&path]), &path);
        }
        let output = model.forward(&x);
        let loss = (&output - &y).square().mean();
        assert_close(&output, &numbers(&run["output"]), name);
        assert_close(&loss, &numbers(&run["loss"]), name);
        for (path, parameter) in model.named_parameters() {
            let gradient = loss.grad(&parameter.value());
            assert_close(&gradient, &numbers(&run["gradients"][&path]), &format!("{name} {path}"));
        }
        let slope = loss.grad(&x);
        assert_close(&slope, &numbers(&run["gradient_x"]), name);
        let curvature = loss.hessian_vector_product(&x, &x.ones_like());
        assert_close(&curvature, &numbers(&run["curvature_x"]), name);
    }
}

/// The fourth-order central difference of `function` in one entry of a parameter.
fn difference<T>(
    parameter: &Parameter,
    entry: usize,
    function: impl Fn() -> T,
    combine: impl Fn([T; 4], f64) -> f64,
) -> f64 {
    let (original, step) = (parameter.value(), 1e-3);
    let at = |distance: f64| {
        let mut values = original.to_vec::<f64>();
        values[entry] += distance;
        parameter.set(Tensor::from_vec(values, original.shape()));
        function()
    };
    let values = [at(-2.0 * step), at(-step), at(step), at(2.0 * step)];
    parameter.set(original.clone());
    combine(values, 12.0 * step)
}

/// Smooth activations only: differences across a kink say nothing. ReLU is compared with PyTorch above.
#[test]
fn derivatives_of_first_and_second_order_are_finite_differences() {
    let mut rng = Rng::seed(3);
    let x = Tensor::normal([6, 3], &mut rng).cast(DType::F64);
    let y = Tensor::normal([6, 2], &mut rng).cast(DType::F64);
    for activation in [Activation::Gelu, Activation::Silu, Activation::Tanh, Activation::Softplus, Activation::Mish] {
        let model = model(activation);
        let parameters = model.parameters();
        let loss = || (model.forward(&x) - &y).square().mean();
        let values = || parameters.iter().map(Parameter::value).collect::<Vec<_>>();
        let directions: Vec<Tensor> = parameters
            .iter()
            .map(|parameter| Tensor::normal(parameter.value().shape(), &mut rng).cast(DType::F64))
            .collect();
        // The slope in a random direction; its gradient is the Hessian times the direction.
        let slope = || {
            let gradients = grad(&loss(), &values());
            let slopes = gradients.iter().zip(&directions).map(|(gradient, direction)| (gradient * direction).sum());
            slopes.reduce(|a, b| a + b).unwrap()
        };
        let (first, second) = {
            let now = values();
            (grad(&loss(), &now), grad(&slope(), &now))
        };
        for (which, parameter) in parameters.iter().enumerate() {
            for entry in 0..parameter.value().elements() {
                let fourth_order = |[a, b, c, d]: [f64; 4], width: f64| (8.0 * (c - b) - (d - a)) / width;
                let measured = difference(parameter, entry, || loss().item(), fourth_order);
                let derived = first[which].to_vec::<f64>()[entry];
                assert_relative_eq!(derived, measured, epsilon = 1e-9, max_relative = 1e-7);
                let measured = difference(parameter, entry, || slope().item(), fourth_order);
                let derived = second[which].to_vec::<f64>()[entry];
                assert_relative_eq!(derived, measured, epsilon = 1e-8, max_relative = 1e-7);
            }
        }
    }
}
