//! What is no longer held is let go: thousands of training steps do not grow the process.

#![cfg(target_os = "linux")]

use minimand_tensor::{Parameter, Rng, Tensor, value_and_grad};

/// Resident memory of this process, in bytes; pages are counted as 4 KB.
fn resident() -> usize {
    let statistics = std::fs::read_to_string("/proc/self/statm").expect("Linux has it");
    statistics.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok()).expect("pages") * 4096
}

#[test]
fn training_does_not_grow() {
    let mut rng = Rng::seed(1);
    let x = Tensor::normal([64, 32], &mut rng);
    let y = x.sum_keepdim(1);
    let weights = [
        Parameter::new("first", 0.1 * Tensor::normal([32, 64], &mut rng)),
        Parameter::new("second", 0.1 * Tensor::normal([64, 1], &mut rng)),
    ];
    let step = || {
        let [first, second] = weights.each_ref().map(Parameter::value);
        let loss = (x.matmul(&first).tanh().matmul(&second) - &y).square().mean();
        let (value, gradients) = value_and_grad(&loss, [&first, &second]);
        for (weight, gradient) in weights.iter().zip(gradients) {
            weight.set(weight.value() - 1e-3 * gradient);
        }
        value
    };
    let first = step();
    for _ in 0..200 {
        step();
    }
    let before = resident();
    let mut last = first;
    (0..2000).for_each(|_| last = step());
    assert!(last < first, "{last} after, {first} before");
    // One step's graph holds about 100 KB of values: had each stayed, this would be 200 MB.
    let grown = resident().saturating_sub(before);
    assert!(grown < 8 << 20, "{grown} bytes more after 2,000 steps");
}

/// A gradient and its loss know of each other; neither keeps the other alive.
#[test]
fn a_loss_and_its_gradient_are_let_go() {
    let step = || {
        let x = Tensor::from_vec(vec![1.0; 10_000], [10_000]);
        let loss = x.square().sum();
        let slope = loss.grad(&x);
        assert_eq!(loss.item(), 10_000.0);
        assert!(slope.is_evaluated());
    };
    (0..20).for_each(|_| step());
    let before = resident();
    (0..1000).for_each(|_| step());
    let grown = resident().saturating_sub(before);
    assert!(grown < 16 << 20, "{grown} bytes more after 1,000 graphs of 160 KB");
}

/// After its first steps a training loop takes every buffer from the pool: the system is asked for nothing, and the pool does not grow.
/// Other tests of this file run beside it and use the pool too, with sizes of their own; the loop here is long enough to be sure.
#[test]
fn buffers_are_used_again() {
    use minimand_tensor::memory_statistics;
    let mut rng = Rng::seed(2);
    let x = Tensor::normal([300, 500], &mut rng);
    let y = x.sum_keepdim(1);
    let weight = Parameter::new("weight", 0.1 * Tensor::normal([500, 1], &mut rng));
    let step = || {
        let value = weight.value();
        let loss = (x.matmul(&value) - &y).square().mean();
        let (_, gradients) = value_and_grad(&loss, [&value]);
        weight.set(&value - 1e-3 * &gradients[0]);
    };
    // The least that any hundred steps asked for: what the neighbours ask for meanwhile does not count.
    let mut least = u64::MAX;
    for _ in 0..50 {
        let before = memory_statistics().system_allocations;
        (0..100).for_each(|_| step());
        least = least.min(memory_statistics().system_allocations - before);
    }
    assert_eq!(least, 0, "a hundred steps asked the system for {least} blocks");
    let statistics = memory_statistics();
    assert!(statistics.in_use > 0 && statistics.peak >= statistics.in_use, "{statistics:?}");
}
