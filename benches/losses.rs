//! Value and gradient of losses, inputs and results in memory: `cargo bench --bench losses`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use minimand::prelude::*;

/// Evaluates the mean of a loss and its gradient with respect to the prediction, as a training step does.
fn value_and_gradient(loss: &Tensor, prediction: &Tensor) {
    let mean = loss.mean();
    let slope = mean.grad(prediction);
    eval([&mean, &slope]);
}

/// Losses of one number and one target.
fn elementwise(criterion: &mut Criterion) {
    type Loss = fn(&Tensor, &Tensor) -> Tensor;
    let losses: [(&str, Loss); 4] = [
        ("squared_error", |x, y| squared_error(x, y)),
        ("absolute_error", |x, y| absolute_error(x, y)),
        ("huber", |x, y| huber(x, y, 1.0)),
        ("binary_cross_entropy_with_logits", |x, y| binary_cross_entropy_with_logits(x, y)),
    ];
    let mut rng = Rng::seed(7);
    for (name, loss) in losses {
        let mut group = criterion.benchmark_group(name);
        for size in [1_000, 100_000, 1_000_000] {
            let (x, y) = (Tensor::normal([size], &mut rng), Tensor::bernoulli([size], 0.5, &mut rng));
            group.throughput(Throughput::Elements(size as u64));
            group.bench_with_input(BenchmarkId::from_parameter(size), &(x, y), |bencher, (x, y)| {
                bencher.iter(|| value_and_gradient(&loss(x, y), x));
            });
        }
        group.finish();
    }
}

/// Cross-entropy with class labels.
fn classes(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let mut group = criterion.benchmark_group("cross_entropy");
    for [rows, classes] in [[32, 10], [256, 1000]] {
        let logits = Tensor::normal([rows, classes], &mut rng);
        let drawn: Vec<usize> = (0..rows).map(|_| rng.below(classes)).collect();
        let labels = Labels::new(drawn, classes).expect("labels are drawn below the number of classes");
        group.throughput(Throughput::Elements((rows * classes) as u64));
        group.bench_function(BenchmarkId::from_parameter(format!("{rows}x{classes}")), |bencher| {
            bencher.iter(|| value_and_gradient(&cross_entropy(&logits, &labels), &logits));
        });
    }
    group.finish();
}

criterion_group!(benches, elementwise, classes);
criterion_main!(benches);
