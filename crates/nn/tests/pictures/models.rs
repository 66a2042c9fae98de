//! A convolutional network and a variational autoencoder, written with the public API: values, all gradients and ten steps of
//! training, as PyTorch has them. `fixtures/record_models.py` says how they are made.

use approx::relative_eq;
use minimand_loss::{Labels, binary_cross_entropy_with_logits, cross_entropy, gaussian_kl_to_standard_normal};
use minimand_nn::{
    Activation, Conv2d, Conv2dOptions, Flatten, Linear, MaxPool2d, Module, ParameterOptions, Parts, Sequential,
};
use minimand_optim::{Adam, AdamOptions, Optimizer};
use minimand_tensor::{DType, Parameter, Rng, Tensor, grad};
use serde_json::Value;

use crate::{assert_numbers, numbers, recorded};

/// The generator of the recording: the same bits.
struct Draws(u64);

impl Draws {
    fn draw(&mut self, shape: impl Into<minimand_tensor::Shape>) -> Tensor {
        let shape = shape.into();
        let mut next = || {
            self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (self.0 >> 11) as f64 * 0.5f64.powi(53)
        };
        Tensor::from_vec((0..shape.elements()).map(|_| next()).collect::<Vec<f64>>(), shape)
    }

    /// Weights and biases in turn, both by the number of entries that the weight has for each output.
    fn initialise(&mut self, model: &dyn Module) {
        for layer in model.parameters().chunks(2) {
            let weight = layer[0].value();
            let bound = (weight.elements() as f64 / weight.shape()[0] as f64).sqrt().recip();
            for parameter in layer {
                parameter.set(bound * (2.0 * self.draw(parameter.value().shape()) - 1.0));
            }
        }
    }
}

/// A vector without an entry 0.
fn direction(length: usize) -> Tensor {
    Tensor::from((0..length).map(|index| 1.0 + (index * 7 % 11) as f64 / 16.0).collect::<Vec<f64>>())
}

/// Compares the model, its output and gradients, and ten steps of Adam, with a recording.
fn compare(recorded: &Value, model: &dyn Module, output_and_loss: impl Fn() -> (Tensor, Tensor)) {
    let named = model.named_parameters();
    let names: Vec<&str> = recorded["names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert_eq!(named.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), names);

    let values: Vec<Tensor> = named.iter().map(|(_, parameter)| parameter.value()).collect();
    let (output, loss) = output_and_loss();
    assert_numbers(&output, &numbers(&recorded["output"]), 1e-11, "output");
    assert_numbers(&loss, &[recorded["loss"].as_f64().unwrap()], 1e-12, "loss");
    for ((name, _), gradient) in named.iter().zip(grad(&loss, &values)) {
        let outputs = gradient.shape()[0];
        let gradient = gradient.reshape([outputs, gradient.elements() / outputs]);
        let expected = &recorded["gradients"][name];
        let rows = gradient.matmul(&direction(gradient.shape()[1]));
        assert_numbers(&rows, &numbers(&expected["rows"]), 1e-10, &format!("{name}, rows"));
        let columns = direction(outputs).matmul(&gradient);
        assert_numbers(&columns, &numbers(&expected["columns"]), 1e-10, &format!("{name}, columns"));
    }

    let mut adam = Adam::new(model.parameters(), AdamOptions { learning_rate: 1e-3, ..Default::default() });
    let losses = numbers(&recorded["losses"]);
    for (step, expected) in losses.iter().enumerate() {
        let found = adam.step(&output_and_loss().1).unwrap().loss();
        assert!(
            relative_eq!(found, *expected, epsilon = 0.0, max_relative = 1e-8),
            "loss of step {step}: {found} and {expected}"
        );
    }
    assert_eq!(losses.len(), 10);
    assert!(losses[9] < 0.6 * losses[0], "the recorded model learns: {losses:?}");
}

fn f64_linear(inputs: usize, outputs: usize) -> Linear {
    let options = ParameterOptions { dtype: DType::F64, ..Default::default() };
    Linear::with_options(inputs, outputs, options, &mut Rng::seed(1))
}

#[test]
fn a_convolutional_network_is_that_of_pytorch() {
    let convolution = |inputs, outputs| {
        let options = Conv2dOptions { padding: [1, 1], ..Default::default() };
        let parameters = ParameterOptions { dtype: DType::F64, ..Default::default() };
        Conv2d::with_parameters(inputs, outputs, [3, 3], options, parameters, &mut Rng::seed(1))
    };
    let model = Sequential::new()
        .then(convolution(1, 16))
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2]))
        .then(convolution(16, 32))
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten)
        .then(f64_linear(32 * 7 * 7, 10));
    let mut draws = Draws(20240604);
    draws.initialise(&model);
    let x = draws.draw([4, 1, 28, 28]);
    let labels = Labels::new([3, 1, 4, 1], 10).unwrap();
    compare(&recorded("models.json")["network"], &model, || {
        let logits = model.forward(&x);
        let loss = cross_entropy(&logits, &labels).mean();
        (logits, loss)
    });
}

/// Kingma & Welling 2013, with the names of PyTorch's example.
struct Autoencoder {
    fc1: Linear,
    fc21: Linear,
    fc22: Linear,
    fc3: Linear,
    fc4: Linear,
}

impl Autoencoder {
    /// Mean and logarithm of the variance of the code.
    fn encode(&self, x: &Tensor) -> (Tensor, Tensor) {
        let hidden = self.fc1.forward(x).relu();
        (self.fc21.forward(&hidden), self.fc22.forward(&hidden))
    }

    /// Logits of the pixels.
    fn decode(&self, z: &Tensor) -> Tensor {
        self.fc4.forward(&self.fc3.forward(z).relu())
    }
}

impl Module for Autoencoder {
    /// The picture of the mean code.
    fn forward(&self, input: &Tensor) -> Tensor {
        self.decode(&self.encode(input).0).sigmoid()
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.module("fc1", &self.fc1).module("fc21", &self.fc21).module("fc22", &self.fc22);
        parts.module("fc3", &self.fc3).module("fc4", &self.fc4);
    }
}

#[test]
fn a_variational_autoencoder_is_that_of_pytorch() {
    let model = Autoencoder {
        fc1: f64_linear(784, 400),
        fc21: f64_linear(400, 20),
        fc22: f64_linear(400, 20),
        fc3: f64_linear(20, 400),
        fc4: f64_linear(400, 784),
    };
    let recorded = recorded("models.json");
    // The draws go on where those of the network ended: 16·9 + 16, 32·144 + 32, 10·1568 + 10, and the pictures.
    let mut draws = Draws(20240604);
    draws.draw([160 + 4640 + 15690 + 4 * 784]);
    draws.initialise(&model);
    let x = draws.draw([8, 784]).gt(0.7).cast(DType::F64);
    let noise = 6.0 * draws.draw([8, 20]) - 3.0;
    compare(&recorded["autoencoder"], &model, || {
        let (mean, log_variance) = model.encode(&x);
        let logits = model.decode(&(&mean + (0.5 * &log_variance).exp() * &noise));
        let reconstruction = binary_cross_entropy_with_logits(&logits, &x).sum();
        let divergence = gaussian_kl_to_standard_normal(&mean, &log_variance).sum();
        let output = [mean.flatten(), log_variance.flatten(), logits.matmul(&direction(784))];
        (Tensor::concatenate(&output, 0), reconstruction + divergence)
    });
    let pictures = model.forward(&x);
    assert_eq!(pictures.shape(), x.shape());
    let values: Vec<f64> = pictures.to_vec();
    assert!(values.iter().all(|value| (0.0..=1.0).contains(value)));
}

/// The same network in f32, the usual type, learns a small task by heart.
#[test]
fn an_f32_network_learns_where_the_bright_half_is() {
    let mut rng = Rng::seed(3);
    let model = (
        Conv2d::new(1, 4, [3, 3], &mut rng),
        Activation::Relu,
        MaxPool2d::new([2, 2]),
        Flatten,
        Linear::new(4 * 3 * 3, 4, &mut rng),
    );
    let half = Tensor::ones([4, 8]);
    let halves = [half.pad(0, 0, 4), half.pad(0, 4, 0), half.transpose().pad(1, 0, 4), half.transpose().pad(1, 4, 0)];
    let bright = Tensor::stack(&halves, 0).unsqueeze(1);
    let labels = Labels::new((0..32).map(|row| row % 4).collect::<Vec<i64>>(), 4).unwrap();
    let eight = Tensor::concatenate(&vec![bright; 8], 0);
    let x = eight + 0.3 * Tensor::normal([32, 1, 8, 8], &mut rng);
    let loss = || cross_entropy(&model.forward(&x), &labels).mean();
    let mut adam = Adam::new(model.parameters(), AdamOptions { learning_rate: 1e-2, ..Default::default() });
    let before = loss().item();
    for _ in 0..60 {
        adam.step(&loss()).unwrap();
    }
    let after = loss().item();
    assert!(before > 1.2 && after < 0.1, "{before} to {after}");
    assert!(model.parameters().iter().map(Parameter::value).all(|value| value.dtype() == DType::F32));
}
