//! Where the formulas of the regression losses are compared with their functions.

use minimand_loss::*;
use minimand_tensor::Tensor;

use crate::common::normal;
use crate::example::{Example, residuals};

pub fn examples() -> Vec<(&'static str, Vec<Example>)> {
    let of_delta = |delta| residuals(|a, b| huber(a, b, delta), &[("delta", delta)]);
    let of_beta = |beta| residuals(|a, b| smooth_l1(a, b, beta), &[("beta", beta)]);
    let of_tau = |tau| residuals(|a, b| quantile(a, b, tau), &[("tau", tau)]);
    vec![
        ("squared_error", vec![residuals(squared_error, &[])]),
        ("absolute_error", vec![residuals(absolute_error, &[])]),
        ("huber", vec![of_delta(1.0), of_delta(0.3), of_delta(4.0)]),
        ("smooth_l1", vec![of_beta(1.0), of_beta(0.3), of_beta(4.0), of_beta(0.0)]),
        ("log_cosh", vec![residuals(log_cosh, &[])]),
        ("quantile", vec![of_tau(0.5), of_tau(0.1), of_tau(0.8)]),
        ("quantiles", (0..4).map(several_quantiles).collect()),
    ]
}

fn several_quantiles(seed: u64) -> Example {
    let taus = [0.1, 0.5, 0.75];
    let (prediction, target) = (normal(seed, [3]), normal(seed + 10, []));
    Example::of(&quantiles(&prediction, &target, &taus))
        .with("prediction", &prediction)
        .with("target", &target)
        .with("taus", &Tensor::from(taus))
}
