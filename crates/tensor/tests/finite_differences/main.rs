//! Every derivative rule, and every operation composed from them, against finite differences of first and second order in f64.

mod activations;
mod composites;
mod kinks;
mod orders;
mod primitives;

use minimand_tensor::{CheckOptions, Rng, Tensor, check_gradient, check_second_order};

/// Random f64 values in `low..high`.
fn random(seed: u64, shape: &[usize], low: f64, high: f64) -> Tensor {
    let mut rng = Rng::seed(seed);
    let count: usize = shape.iter().product();
    Tensor::from_vec((0..count).map(|_| low + (high - low) * rng.uniform()).collect::<Vec<f64>>(), shape)
}

/// A scalar of a result that weighs every entry differently, and whose second derivative does not vanish for linear operations.
fn probe(result: &Tensor) -> Tensor {
    let weight = |entry: usize| 1.0 + 0.7 * (entry as f64 * 2.3 + 0.4).cos();
    let weights = Tensor::from_vec((0..result.elements()).map(weight).collect::<Vec<f64>>(), result.shape());
    let weighted = result * weights;
    (&weighted + 0.5 * weighted.square()).sum()
}

/// First and second order, or a panic that names the case.
fn check(name: &str, inputs: &[Tensor], function: impl Fn(&[Tensor]) -> Tensor) {
    check_with(CheckOptions::default(), name, inputs, function);
}

fn check_with(options: CheckOptions, name: &str, inputs: &[Tensor], function: impl Fn(&[Tensor]) -> Tensor) {
    let probed = |inputs: &[Tensor]| probe(&function(inputs));
    let entries: usize = inputs.iter().map(Tensor::elements).sum();
    for checked in [check_gradient(probed, inputs, options), check_second_order(probed, inputs, options)] {
        match checked {
            Ok(report) => assert_eq!(report.compared, entries, "{name}: not every derivative was compared"),
            Err(error) => panic!("{name}: {error}"),
        }
    }
}
