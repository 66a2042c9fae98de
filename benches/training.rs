//! Whole training steps, update included: `cargo bench --bench training`.

use criterion::{Criterion, criterion_group, criterion_main};
use minimand::prelude::*;
use minimand_benches::{group, labels, settings};

fn measure(
    criterion: &mut Criterion,
    name: &str,
    examples: usize,
    mut optimizer: impl Optimizer,
    loss: impl Fn() -> Tensor,
) {
    group(criterion, "step", examples).bench_function(name, |bencher| {
        bencher.iter(|| optimizer.step(&loss()).expect("the loss is finite").loss());
    });
}

fn adam(parameters: impl IntoIterator<Item = Parameter>) -> Adam {
    Adam::new(parameters, AdamOptions { learning_rate: 1e-3, ..Default::default() })
}

/// 2-16-16-1 with SGD: how much of a step is not arithmetic.
fn tiny_mlp(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let model = Mlp::new([2, 16, 16, 1], Activation::Relu, &mut rng);
    let (x, y) = (Tensor::normal([32, 2], &mut rng), Tensor::normal([32, 1], &mut rng));
    let sgd = Sgd::new(model.parameters(), SgdOptions { learning_rate: 0.01, ..Default::default() });
    measure(criterion, "tiny MLP", 32, sgd, || squared_error(&model.forward(&x), &y).mean());
}

fn mlp(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let model = Mlp::new([784, 256, 128, 10], Activation::Relu, &mut rng);
    let (x, y) = (Tensor::normal([128, 784], &mut rng), labels(128, 10, &mut rng));
    measure(criterion, "MLP", 128, adam(model.parameters()), || cross_entropy(&model.forward(&x), &y).mean());
}

fn cnn(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let same_size = Conv2dOptions { padding: [1, 1], ..Default::default() };
    let model = Sequential::new()
        .then(Conv2d::with_options(1, 16, [3, 3], same_size, &mut rng))
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2]))
        .then(Conv2d::with_options(16, 32, [3, 3], same_size, &mut rng))
        .then(Activation::Relu)
        .then(MaxPool2d::new([2, 2]))
        .then(Flatten)
        .then(Linear::new(32 * 7 * 7, 10, &mut rng));
    let (x, y) = (Tensor::normal([64, 1, 28, 28], &mut rng), labels(64, 10, &mut rng));
    measure(criterion, "CNN", 64, adam(model.parameters()), || cross_entropy(&model.forward(&x), &y).mean());
}

fn vae(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let encoder = Linear::new(784, 400, &mut rng);
    let (to_mean, to_log_variance) = (Linear::new(400, 20, &mut rng), Linear::new(400, 20, &mut rng));
    let decoder = Mlp::new([20, 400, 784], Activation::Relu, &mut rng);
    let (x, noise) = (Tensor::bernoulli([128, 784], 0.2, &mut rng), Tensor::normal([128, 20], &mut rng));
    let parts: [&dyn Module; 4] = [&encoder, &to_mean, &to_log_variance, &decoder];
    measure(criterion, "VAE", 128, adam(parts.iter().flat_map(|part| part.parameters())), || {
        let hidden = encoder.forward(&x).relu();
        let (mean, log_variance) = (to_mean.forward(&hidden), to_log_variance.forward(&hidden));
        let logits = decoder.forward(&(&mean + (0.5 * &log_variance).exp() * &noise));
        let pixels = binary_cross_entropy_with_logits(&logits, &x).sum_axis(-1);
        (pixels + gaussian_kl_to_standard_normal(&mean, &log_variance)).mean()
    });
}

criterion_group!(name = benches; config = settings(); targets = tiny_mlp, mlp, cnn, vae);
criterion_main!(benches);
