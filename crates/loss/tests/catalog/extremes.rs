//! Every loss in single precision at the ends of its domains: value and gradient are finite, or infinite where the limit is, and never NaN.

use minimand_loss::catalog::{Arguments, Domain, Entry};
use minimand_tensor::{DType, Tensor, grad};

use crate::common::catalog;

/// What may stand at a position, at one of the ends.
fn extreme(domain: Domain, which: usize, position: usize, columns: usize) -> Option<f64> {
    let alternating = if position.is_multiple_of(2) { 1.0 } else { -1.0 };
    Some(match (domain, which) {
        (Domain::Real, 0) => 0.0,
        (Domain::Real, 1) => 1e4 * alternating,
        (Domain::Real, 2) => 1e4,
        (Domain::Real, 3) => 1.0,
        (Domain::Real, _) => 1e4 * [1.0, -1.0, -1.0, 0.0, 1.0][position % 5],
        (Domain::Unit, 0 | 3) => 0.0,
        (Domain::Unit, 1) => f64::from(u8::from(position.is_multiple_of(2))),
        (Domain::Unit, _) => 1.0,
        (Domain::Distribution, 0 | 1) => f64::from(u8::from(position.is_multiple_of(columns))),
        (Domain::Distribution, _) => f64::from(u8::from(position % columns == columns - 1)),
        (Domain::LogDistribution, 0 | 1) if position.is_multiple_of(columns) => 0.0,
        (Domain::LogDistribution, 0 | 1) => f64::NEG_INFINITY,
        (Domain::NonNegative | Domain::Counts, 0) => 0.0,
        _ => return None,
    })
}

fn at_an_end(entry: &'static Entry, which: usize) -> Arguments {
    let mut arguments = entry.sample(which as u64);
    for input in entry.inputs {
        let Some(tensor) = arguments.find(input.name).cloned() else { continue };
        if !tensor.dtype().is_float() {
            continue;
        }
        let columns = tensor.shape().last().copied().unwrap_or(1).max(1);
        let numbers: Vec<f64> = tensor.to_vec();
        // What is the logarithm of a scale or a mean goes as far as its exponential has a meaning.
        let limit = if input.name.starts_with("log_") || input.name.contains("_log_") { 30.0 } else { f64::INFINITY };
        let at_end = |(position, &number): (usize, &f64)| {
            extreme(input.domain, which, position, columns).map_or(number, |x| x.clamp(-limit, limit))
        };
        let numbers = numbers.iter().enumerate().map(at_end);
        let changed = Tensor::from_vec(numbers.collect::<Vec<f64>>(), tensor.shape());
        arguments = arguments.tensor(input.name, changed.cast(DType::F32).computed().detach());
    }
    arguments
}

#[test]
fn nothing_is_nan_at_the_ends_of_the_domains() {
    let mut faults = Vec::new();
    for entry in catalog().filter(|entry| !entry.draws_its_own()) {
        for which in 0..5 {
            let arguments = at_an_end(entry, which);
            let loss = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}"));
            if loss.dtype() != DType::F32 {
                faults.push(format!("{}: the loss of f32 is {}", entry.name, loss.dtype()));
            }
            let differentiable: Vec<&Tensor> = entry
                .inputs
                .iter()
                .filter(|input| input.differentiable)
                .filter_map(|input| arguments.find(input.name))
                .collect();
            let gradients = grad(&loss.sum(), differentiable);
            for (what, tensor) in std::iter::once(("loss", &loss)).chain(gradients.iter().map(|g| ("gradient", g))) {
                let numbers: Vec<f64> = tensor.to_vec();
                let infinite = entry.documentation().stability.contains('∞'); // where it says so
                if let Some(number) = numbers.iter().find(|n| n.is_nan() || (n.is_infinite() && !infinite)) {
                    faults.push(format!(
                        "{}, end {which}: {number} in the {what}: {:?}",
                        entry.name,
                        &numbers[..numbers.len().min(8)]
                    ));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
