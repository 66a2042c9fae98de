//! A loss of pairs holds no more than a few matrices of pairs at a time, with its gradient: what is written over triples, or over pairs and
//! bins, or over pairs and dimensions, is summed as it is made.

use minimand_loss::catalog::{Arguments, Domain, Entry, Family, Kind, Value, catalog};
use minimand_tensor::{Rng, Tensor, explain_plan, grad};

/// The things of which there are pairs.
const THINGS: usize = 512;
/// Every other size, small beside it.
const OTHERS: usize = 32;

/// A matrix of pairs, in double precision.
const MATRIX: usize = THINGS * THINGS * size_of::<f64>();

fn size(name: &str) -> usize {
    match name {
        "examples" | "batch" | "pairs" | "items" | "shown" | "references" => THINGS,
        // Each in two views.
        "things" => THINGS / 2,
        "samples" => 1,
        "per_class" => 8,
        _ => OTHERS,
    }
}

fn shape(entry: &Entry, text: &str) -> Vec<usize> {
    // One list of things.
    let several = if entry.inputs.iter().any(|input| input.shape.contains("items")) { 1 } else { THINGS };
    let axes = text.trim_matches(['[', ']']).split(", ").filter(|axis| !axis.is_empty());
    axes.map(|axis| if axis == "…" { several } else { axis.parse().unwrap_or_else(|_| size(axis)) }).collect()
}

fn drawn(entry: &Entry, rng: &mut Rng) -> Arguments {
    entry.inputs.iter().filter(|input| !input.optional).fold(Arguments::new(), |arguments, input| {
        let shape = shape(entry, input.shape);
        let count = shape.iter().product();
        let mut floats = |of: &mut dyn FnMut(&mut Rng) -> f64| {
            Tensor::from_vec((0..count).map(|_| of(rng)).collect::<Vec<f64>>(), shape.clone())
        };
        let tensor = match input.domain {
            Domain::Real => floats(&mut Rng::normal),
            Domain::Positive | Domain::NonNegative | Domain::Above(_) => floats(&mut |rng| 2.0 + rng.uniform()),
            Domain::Signs => floats(&mut |rng| if rng.uniform() < 0.5 { -1.0 } else { 1.0 }),
            Domain::Binary | Domain::Counts => floats(&mut |rng| rng.below(2) as f64),
            Domain::Unit => floats(&mut Rng::uniform),
            Domain::Labels(_) | Domain::Index(_) | Domain::Integer => {
                Tensor::from_vec((0..count).map(|_| rng.below(OTHERS) as i64).collect::<Vec<i64>>(), shape)
            }
            Domain::Mask => Tensor::from_vec((0..count).map(|_| rng.below(2) > 0).collect::<Vec<bool>>(), shape),
            domain => panic!("{}: no numbers for {domain:?}", entry.name),
        };
        arguments.tensor(input.name, tensor)
    })
}

/// The arguments, once for each word of a parameter that is a choice.
fn each_choice(entry: &Entry, arguments: Arguments) -> Vec<(String, Arguments)> {
    let mut all = vec![(entry.name.to_string(), arguments.clone())];
    for parameter in entry.parameters {
        if let Kind::Choice(words) = parameter.kind {
            all.extend(words.iter().map(|word| {
                (format!("{} {word}", entry.name), arguments.clone().value(parameter.name, Value::Text((*word).into())))
            }));
        }
    }
    all
}

/// At most so many matrices of pairs, or of examples and representatives.
fn bound(entry: &Entry) -> usize {
    match entry.name {
        // Its random walk is squared eight times, and each power is needed by the gradient.
        "manifold" => 32,
        // Matrices of less than the cache are stored for the sums of its scalings: that is faster than to make them again.
        "neural_ndcg" => 24,
        _ => 10,
    }
}

#[test]
fn a_few_matrices_of_pairs_are_held_at_a_time() {
    let families = [Family::Embedding, Family::Ranking, Family::Proxy, Family::SelfSupervised];
    let mut faults = Vec::new();
    for entry in catalog().filter(|entry| families.contains(&entry.family())) {
        for (name, arguments) in each_choice(entry, drawn(entry, &mut Rng::seed(1))) {
            let loss = entry.evaluate(&arguments).unwrap_or_else(|error| panic!("{name}: {error}")).sum();
            let differentiable = entry.inputs.iter().filter(|input| input.differentiable);
            let mut wanted = grad(&loss, differentiable.filter_map(|input| arguments.find(input.name)));
            wanted.push(loss);
            let matrices = explain_plan(&wanted).peak_bytes as f64 / MATRIX as f64;
            if matrices > bound(entry) as f64 {
                faults.push(format!("{name}: {matrices:.1} matrices of pairs"));
            }
        }
    }
    assert!(faults.is_empty(), "more than a few at a time:\n{}", faults.join("\n"));
}
