//! Criterion benchmarks: `cargo bench`, or one group of them, `cargo bench --bench losses -- huber`.
//!
//! The cases are those of `peers/cases.py`, with other numbers in them.

use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, SamplingMode, Throughput};
use minimand::prelude::*;

/// Few samples, of a second together: the cases are many, and the slowest of them take half a second each.
pub fn settings() -> Criterion {
    let (warm_up, measurement) = (Duration::from_millis(200), Duration::from_secs(1));
    Criterion::default().sample_size(15).warm_up_time(warm_up).measurement_time(measurement)
}

/// A group whose throughput is counted in entries; long iterations are run no more often than samples are taken.
pub fn group<'a>(criterion: &'a mut Criterion, name: &str, entries: usize) -> BenchmarkGroup<'a, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(entries as u64)).sampling_mode(SamplingMode::Flat);
    group
}

/// The mean of a loss and its gradient by the given tensors, as a training step asks for them: inputs are in memory before,
/// results after, and the graph is built anew each time.
pub fn value_and_gradient(loss: &Tensor, by: &[&Tensor]) {
    let mean = loss.mean();
    let slopes = grad(&mean, by.iter().copied());
    eval(slopes.iter().chain([&mean]));
}

/// Random class labels.
pub fn labels(rows: usize, classes: usize, rng: &mut Rng) -> Labels {
    let drawn: Vec<usize> = (0..rows).map(|_| rng.below(classes)).collect();
    Labels::new(drawn, classes).expect("labels are drawn below the number of classes")
}

/// Random whole numbers: counts, degrees of relevance.
pub fn whole(shape: impl Into<Shape>, below: f64, rng: &mut Rng) -> Tensor {
    let drawn = Tensor::uniform(shape, 0.0, below, rng).floor();
    eval([&drawn]);
    drawn
}
