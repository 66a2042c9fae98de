//! What a loss estimates is tested, not claimed: the minimiser of its expected value over random distributions is the statistic.

use minimand_loss::catalog::{Arguments, Domain, Entry, Estimate, Link, Statistic};
use minimand_tensor::{Rng, Tensor};

use crate::common::{catalog, sample_with_parameters};

/// A random distribution of a few values from a domain.
fn distribution(domain: Domain, rng: &mut Rng) -> Vec<(f64, f64)> {
    let values: Vec<f64> = match domain {
        Domain::Binary | Domain::Unit => vec![0.0, 1.0],
        Domain::Signs => vec![-1.0, 1.0],
        Domain::Counts => vec![0.0, 1.0, 2.0, 5.0, 9.0],
        Domain::Positive | Domain::NonNegative => (0..5).map(|_| rng.normal().exp()).collect(),
        Domain::Above(least) => (0..5).map(|_| least + rng.normal().exp()).collect(),
        _ => (0..5).map(|_| rng.normal()).collect(),
    };
    let weights: Vec<f64> = values.iter().map(|_| 0.1 + rng.uniform()).collect();
    let total: f64 = weights.iter().sum();
    values.into_iter().zip(weights.iter().map(|weight| weight / total)).collect()
}

/// The expected loss at each of the predictions.
fn expected(entry: &'static Entry, estimate: Estimate, at: &[f64], of: &[(f64, f64)], others: &Arguments) -> Vec<f64> {
    let mut total = vec![0.0; at.len()];
    for &(value, probability) in of {
        let mut arguments = Arguments::new();
        for input in entry.inputs.iter().filter(|input| !input.optional) {
            let tensor = match input.name {
                name if name == estimate.prediction => Tensor::from(at.to_vec()),
                name if name == estimate.target => Tensor::from(vec![value; at.len()]),
                _ => Tensor::from(vec![1.0; at.len()]),
            };
            arguments = arguments.tensor(input.name, tensor);
        }
        for parameter in entry.parameters {
            if let Some(value) = others.parameter(parameter.name) {
                arguments = arguments.value(parameter.name, value.clone());
            }
        }
        let losses: Vec<f64> = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{error}")).to_vec();
        total.iter_mut().zip(losses).for_each(|(total, loss)| *total += probability * loss);
    }
    total
}

/// The minimiser on a grid that closes in.
fn minimiser(entry: &'static Entry, estimate: Estimate, of: &[(f64, f64)], others: &Arguments) -> f64 {
    let (least, greatest) = of.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &(y, _)| (a.min(y), b.max(y)));
    let domain = entry.input(estimate.prediction).expect("an input").domain;
    let (mut low, mut high) = match (estimate.link, domain) {
        (Link::Exponential, _) => (least.max(1e-3).ln() - 1.0, greatest.ln() + 1.0),
        (Link::Logistic | Link::HalfTangent, _) => (-6.0, 6.0),
        (Link::Sign, _) => (-1.5, 1.5),
        (Link::Identity, Domain::Unit) => (1e-9, 1.0 - 1e-9),
        (Link::Identity, Domain::Positive | Domain::NonNegative) => (least.max(1e-3) * 0.5, greatest * 1.5),
        _ => (least - 0.1, greatest + 0.1),
    };
    let mut best = f64::NAN;
    for _ in 0..12 {
        let at: Vec<f64> = (0..=400).map(|step| low + (high - low) * f64::from(step) / 400.0).collect();
        let losses = expected(entry, estimate, &at, of, others);
        let (position, _) = losses.iter().enumerate().min_by(|a, b| a.1.total_cmp(b.1)).expect("there are some");
        best = at[position];
        (low, high) = (at[position.saturating_sub(2)], at[(position + 2).min(400)]);
    }
    best
}

#[test]
fn every_loss_estimates_its_statistic() {
    let mut faults = Vec::new();
    let mut tested = 0;
    for entry in catalog() {
        let Some(estimate) = entry.estimates else { continue };
        tested += 1;
        for seed in 0..4 {
            let others = sample_with_parameters(entry, seed);
            let given = others.complete(entry).unwrap_or_else(|error| panic!("{error}"));
            let domain = entry.input(estimate.target).expect("an input").domain;
            let distribution = distribution(domain, &mut Rng::seed(seed + 5));
            let found = estimate.link.apply(minimiser(entry, estimate, &distribution, &others));
            let expected = estimate.statistic.of(&distribution, &given);
            let tolerance = if estimate.statistic == Statistic::Mode { 0.05 } else { 2e-5 };
            if (found - expected).abs() > tolerance * (1.0 + expected.abs()) {
                let name = estimate.statistic.name();
                faults.push(format!("{}, seed {seed}: the minimiser is {found}, the {name} {expected}", entry.name));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(tested > 0 || std::env::var("LOSS").is_ok(), "no loss states what it estimates");
}
