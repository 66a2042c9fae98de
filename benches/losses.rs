//! Value and gradient of losses: `cargo bench --bench losses`.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use minimand::prelude::*;
use minimand_benches::{group, labels, settings, value_and_gradient, whole};

/// Losses of one number and one target, from 10³ to 10⁷ of them.
fn elementwise(criterion: &mut Criterion) {
    type Loss = fn(&Tensor, &Tensor) -> Tensor;
    let focal: Loss = |x, y| binary_focal(x, y, FocalOptions { alpha: Some(0.25), gamma: 2.0 });
    let losses: [(&str, Loss); 5] = [
        ("squared_error", |x, y| squared_error(x, y)),
        ("absolute_error", |x, y| absolute_error(x, y)),
        ("huber", |x, y| huber(x, y, 1.0)),
        ("binary_cross_entropy_with_logits", |x, y| binary_cross_entropy_with_logits(x, y)),
        ("binary_focal", focal),
    ];
    let mut rng = Rng::seed(7);
    for size in [1_000, 10_000, 100_000, 1_000_000, 10_000_000] {
        let (x, y) = (Tensor::normal([size], &mut rng), Tensor::bernoulli([size], 0.5, &mut rng));
        for (name, loss) in losses {
            group(criterion, name, size).bench_function(BenchmarkId::from_parameter(size), |bencher| {
                bencher.iter(|| value_and_gradient(&loss(&x, &y), &[&x]));
            });
        }
    }
}

/// Losses of one number and one target that are measured at 10⁶ only.
fn million(criterion: &mut Criterion) {
    const SIZE: usize = 1_000_000;
    let mut rng = Rng::seed(7);
    let (x, y) = (Tensor::normal([SIZE], &mut rng), Tensor::normal([SIZE], &mut rng));
    let (spread, counts) = (Tensor::normal([SIZE], &mut rng), whole([SIZE], 8.0, &mut rng));
    let mut measure = |name: &str, by: &[&Tensor], loss: &dyn Fn() -> Tensor| {
        group(criterion, name, SIZE).bench_function(BenchmarkId::from_parameter(SIZE), |bencher| {
            bencher.iter(|| value_and_gradient(&loss(), by));
        });
    };
    measure("gaussian_nll_log_variance", &[&x, &spread], &|| gaussian_nll_log_variance(&x, &y, &spread));
    measure("poisson_nll", &[&x], &|| poisson_nll_log_rate(&x, &counts, false));
    measure("quantile", &[&x], &|| quantile(&x, &y, 0.9));
    measure("log_cosh", &[&x], &|| log_cosh(&x, &y));
    let [mean, log_variance] = [(); 2].map(|()| Tensor::normal([50_000, 20], &mut rng));
    measure("gaussian_kl_to_standard_normal", &[&mean, &log_variance], &|| {
        gaussian_kl_to_standard_normal(&mean, &log_variance)
    });
}

/// Losses of a row of logits.
fn classes(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let mut measure = |name: &str, x: &Tensor, loss: &dyn Fn() -> Tensor| {
        let size = format!("{}x{}", x.shape()[0], x.shape()[1]);
        group(criterion, name, x.elements()).bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| value_and_gradient(&loss(), &[x]));
        });
    };
    for [rows, classes] in [[32, 10], [256, 1000], [4096, 1000], [512, 32_000]] {
        let (x, y) = (Tensor::normal([rows, classes], &mut rng), labels(rows, classes, &mut rng));
        measure("cross_entropy", &x, &|| cross_entropy(&x, &y));
    }

    let (x, y) = (Tensor::normal([256, 1000], &mut rng), labels(256, 1000, &mut rng));
    let smoothed = CrossEntropyOptions { label_smoothing: 0.1, ..Default::default() };
    measure("cross_entropy_with, label_smoothing", &x, &|| cross_entropy_with(&x, &y, smoothed.clone()));

    let (x, y) = (Tensor::normal([4096, 1000], &mut rng), labels(4096, 1000, &mut rng));
    measure("categorical_focal", &x, &|| categorical_focal(&x, &y, CategoricalFocalOptions::default()));
    let p = Tensor::normal([4096, 1000], &mut rng).softmax(-1);
    eval([&p]);
    measure("kl_divergence", &x, &|| kl_divergence(&x.log_softmax(-1), &p));
}

/// Losses of embeddings of 128 numbers.
fn embeddings(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let mut measure = |name: &str, x: &[&Tensor], loss: &dyn Fn() -> Tensor| {
        let size = format!("{}x{}", x[0].shape()[0], x[0].shape()[1]);
        group(criterion, name, x[0].elements()).bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| value_and_gradient(&loss(), x));
        });
    };
    for rows in [256, 1024] {
        let (a, b) = (Tensor::normal([rows, 128], &mut rng), Tensor::normal([rows, 128], &mut rng));
        measure("info_nce_symmetric", &[&a, &b], &|| info_nce_symmetric(&a, &b, 0.1));
    }

    let [anchor, positive, negative] = [(); 3].map(|()| Tensor::normal([1024, 128], &mut rng));
    measure("triplet_margin", &[&anchor, &positive, &negative], &|| {
        triplet_margin(&anchor, &positive, &negative, TripletOptions::default())
    });

    let (z, y) = (Tensor::normal([512, 128], &mut rng), labels(512, 32, &mut rng));
    let options = BatchHardOptions { margin: Margin::Hard(0.2), ..Default::default() };
    measure("batch_hard_triplet", &[&z], &|| batch_hard_triplet(&z, &y, options));
}

/// Losses of 64 lists of 100 items.
fn lists(criterion: &mut Criterion) {
    let mut rng = Rng::seed(7);
    let (scores, relevance) = (Tensor::normal([64, 100], &mut rng), whole([64, 100], 5.0, &mut rng));
    let mut measure = |name: &str, loss: &dyn Fn() -> Tensor| {
        group(criterion, name, 6400).bench_function(BenchmarkId::from_parameter("64x100"), |bencher| {
            bencher.iter(|| value_and_gradient(&loss(), &[&scores]));
        });
    };
    measure("pairwise_logistic", &|| pairwise_logistic(&scores, &relevance, None));
    measure("list_net", &|| list_net(&scores, &relevance, None));
    measure("approx_ndcg", &|| approx_ndcg(&scores, &relevance, None, 1.0));
}

criterion_group!(name = benches; config = settings(); targets = elementwise, million, classes, embeddings, lists);
criterion_main!(benches);
