//! First and second derivatives of every loss against finite differences, at random points of its domains.

use minimand_loss::catalog::{Arguments, Entry};
use minimand_tensor::{CheckOptions, Tensor, check_gradient, check_second_order};

use crate::common::{catalog, sample_with_parameters};

/// The loss as a function of what it is differentiable by; each of its entries with a weight of its own, so that errors do not
/// cancel in the sum.
fn weighted(entry: &'static Entry, arguments: &Arguments, names: &[&'static str], x: &[Tensor]) -> Tensor {
    let arguments =
        names.iter().zip(x).fold(arguments.clone(), |arguments, (name, x)| arguments.tensor(name, x.clone()));
    let loss = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
    let weight = |index: usize| 1.0 + 0.37 * (index as f64 * 2.3 + 0.4).sin();
    let weights = (0..loss.elements()).map(weight).collect::<Vec<f64>>();
    (&loss * Tensor::from_vec(weights, loss.shape())).sum()
}

/// Losses that hold a part of themselves fixed, whose derivative is therefore not that of their value; their own tests compare it
/// with the documented one.
fn holds_something_fixed(entry: &Entry) -> bool {
    entry.documentation().gradient.contains("held fixed")
}

#[test]
fn derivatives_of_both_orders_are_right() {
    let mut faults = Vec::new();
    for entry in catalog().filter(|entry| !holds_something_fixed(entry)) {
        let mut failed = Vec::new();
        for seed in 0..5 {
            let arguments = sample_with_parameters(entry, seed);
            let names: Vec<&'static str> = entry
                .inputs
                .iter()
                .filter(|input| input.differentiable && arguments.find(input.name).is_some())
                .map(|input| input.name)
                .collect();
            let inputs: Vec<Tensor> = names.iter().map(|name| arguments.find(name).unwrap().clone()).collect();
            let loss = |x: &[Tensor]| weighted(entry, &arguments, &names, x);
            let options = CheckOptions::default();
            let found = check_gradient(loss, &inputs, options).and_then(|_| check_second_order(loss, &inputs, options));
            if let Err(error) = found {
                failed.push(format!("{}, seed {seed}: {error}", entry.name));
            }
        }
        // A point drawn at random may lie beside a kink: once in five.
        if failed.len() > 1 {
            faults.extend(failed);
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
