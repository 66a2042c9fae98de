//! Where the formulas of the losses of distributions are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::Example;

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    vec![
        ("kl_divergence", (0..4).map(|seed| divergence(seed, false)).collect()),
        ("kl_divergence_log_target", (0..4).map(|seed| divergence(seed, true)).collect()),
        ("gaussian_nll_log_variance", (0..4).map(by_log_variance).collect()),
        ("gaussian_nll", (0..4).flat_map(|seed| [by_variance(seed, false), by_variance(seed, true)]).collect()),
        ("poisson_nll", [false, true].map(|full| of_counts(false, full)).into()),
        ("poisson_nll_log_rate", [false, true].map(|full| of_counts(true, full)).into()),
        ("gaussian_kl_to_standard_normal", (0..4).map(latent).collect()),
    ]
}

fn divergence(seed: u64, by_logarithm: bool) -> Example {
    let log_q = normal(seed, [5]).log_softmax(-1);
    let logits = (normal(seed + 10, [5]) * 2.0).detach();
    // One class that the target rules out.
    let logits = Tensor::from([true, false, false, false, false]).select(f64::NEG_INFINITY, &logits);
    let log_p = logits.log_softmax(-1);
    let p = log_p.exp();
    let value = if by_logarithm { kl_divergence_log_target(&log_q, &log_p) } else { kl_divergence(&log_q, &p) };
    let (symbol, target) = if by_logarithm { ("log_p", &log_p) } else { ("p", &p) };
    Example::of(&value).with("log_q", &log_q).with(symbol, target).range("j", 5)
}

fn by_log_variance(seed: u64) -> Example {
    let (mean, target, log_variance) = (normal(seed, [9]), normal(seed + 10, [9]), normal(seed + 20, [9]) * 2.0);
    Example::of(&gaussian_nll_log_variance(&mean, &target, &log_variance))
        .with("mean", &mean)
        .with("target", &target)
        .with("log_variance", &log_variance)
}

fn by_variance(seed: u64, full: bool) -> Example {
    let (mean, target, variance) = (normal(seed, [9]), normal(seed + 10, [9]), normal(seed + 20, [9]).square());
    let options = GaussianNllOptions { full, epsilon: 0.2 }; // a part of the variances lies below
    Example::of(&gaussian_nll(&mean, &target, &variance, options))
        .with("mean", &mean)
        .with("target", &target)
        .with("variance", &variance)
        .number("epsilon", options.epsilon)
        .number("full", f64::from(u8::from(full)))
}

fn latent(seed: u64) -> Example {
    let (mean, log_variance) = (normal(seed, [6]), normal(seed + 10, [6]));
    Example::of(&gaussian_kl_to_standard_normal(&mean, &log_variance))
        .with("mean", &mean)
        .with("log_variance", &log_variance)
        .range("j", 6)
}

fn of_counts(by_logarithm: bool, full: bool) -> Example {
    let (logarithm, target) = (normal(1, [9]), Tensor::from([0.0, 1.0, 2.0, 3.0, 0.0, 7.0, 1.0, 0.0, 20.0]));
    let rate = logarithm.relu(); // 0 among them
    let example = if by_logarithm {
        Example::of(&poisson_nll_log_rate(&logarithm, &target, full)).with("log_rate", &logarithm)
    } else {
        Example::of(&poisson_nll(&rate, &target, full)).with("rate", &rate)
    };
    example.with("target", &target).number("full", f64::from(u8::from(full))).range("k", 21)
}
