//! Random graphs over all primitives: the executor against the reference evaluator, which computes every node by its definition.
//!
//! The environment variable `MINIMAND_RANDOM_GRAPHS` sets the number of graphs (20,000 if it is not set).

mod build;
mod kinds;
mod not_finite;
mod picking;
mod pictures;
mod refused;
mod views;

use approx::relative_eq;
use build::{Graph, Numbers, build};
use minimand_tensor::{DType, Tensor, eval, grad, reference};
use proptest::prelude::*;

fn cases() -> u32 {
    std::env::var("MINIMAND_RANDOM_GRAPHS")
        .map_or(20_000, |number| number.parse().expect("MINIMAND_RANDOM_GRAPHS: a count"))
}

/// How many steps a graph is made by: fewer than so many, or now and then up to three times as many.
fn steps(most: usize) -> impl Strategy<Value = usize> {
    prop_oneof![15 => 1..most, 1 => most..3 * most]
}

/// The graph's results, a scalar of them that weighs every entry differently, and its gradients.
fn roots(graph: &Graph) -> Vec<Tensor> {
    let mut loss = Tensor::scalar(0.0f64);
    for (which, result) in graph.results.iter().enumerate() {
        let weight = |entry: usize| (1.0 + which as f64 + entry as f64 * 1.3).sin();
        loss += (result.cast(DType::F64) * weights(graph, which, result, weight)).sum();
    }
    let gradients = grad(&loss, &graph.leaves);
    let second = if graph.twice { second_derivatives(graph, &gradients) } else { Vec::new() };
    graph.results.iter().cloned().chain([loss]).chain(gradients).chain(second).collect()
}

/// A weight for each entry; among exact numbers, exact ones.
fn weights(graph: &Graph, which: usize, of: &Tensor, weight: impl Fn(usize) -> f64) -> Tensor {
    let exact = |entry: usize| [1.0, -0.5, 2.0, -1.0, 0.5][(entry * 3 + which) % 5];
    let all = (0..of.elements()).map(|entry| match graph.numbers {
        Numbers::Of(_) | Numbers::OfKinds(_) => weight(entry),
        Numbers::NotFinite(_) => exact(entry),
    });
    Tensor::from_vec(all.collect::<Vec<f64>>(), of.shape())
}

/// The gradients of a scalar of the gradients that weighs every entry differently.
fn second_derivatives(graph: &Graph, gradients: &[Tensor]) -> Vec<Tensor> {
    let mut sum = Tensor::scalar(0.0f64);
    for (which, gradient) in gradients.iter().enumerate() {
        let weight = |entry: usize| (0.5 + which as f64 * 0.7 + entry as f64 * 2.1).cos();
        sum += (gradient.cast(DType::F64) * weights(graph, which, gradient, weight)).sum();
    }
    grad(&sum, &graph.leaves)
}

/// Whether values agree; NaN agrees with NaN. Errors are measured against the largest entry, since rounding errors of what was
/// cancelled on the way are. With `any_sign`, so may the sign of what is not finite.
fn agree(found: &Tensor, expected: &[f64], scale: f64, any_sign: bool) -> Result<(), String> {
    let tolerance = if found.dtype() == DType::F32 { 1e-3 } else { 1e-9 } * scale;
    let found = found.to_vec::<f64>();
    for (entry, (a, b)) in found.iter().zip(expected).enumerate() {
        let close = relative_eq!(a, b, epsilon = tolerance, max_relative = 0.0) || a.is_nan() && b.is_nan();
        let close = close || any_sign && !a.is_finite() && !b.is_finite();
        if !close {
            return Err(format!("entry {entry}: {a} and not {b}\n{found:?}\n{expected:?}"));
        }
    }
    if found.len() == expected.len() {
        Ok(())
    } else {
        Err(format!("{} entries and not {}", found.len(), expected.len()))
    }
}

fn against_reference(graph: &Graph, roots: &[Tensor]) -> Result<(), TestCaseError> {
    let expected = reference::evaluate(&roots.iter().collect::<Vec<_>>());
    // In single precision a gradient carries the rounding errors of the whole graph.
    let largest = expected.iter().flatten().filter(|value| value.is_finite()).fold(1.0f64, |a, b| a.max(b.abs()));
    for (which, (root, expected)) in roots.iter().zip(&expected).enumerate() {
        let single = graph.dtype == DType::F32;
        let any_sign = graph.rounded_beside_infinities && which >= graph.results.len();
        let scale = if single { largest * if root.dtype() == DType::F64 { 1e6 } else { 1.0 } } else { largest };
        if let Err(error) = agree(root, expected, scale, any_sign) {
            return Err(TestCaseError::fail(format!("root {which} {root:?}: {error}\n{}", root.explain())));
        }
    }
    Ok(())
}

fn bits(tensor: &Tensor) -> Vec<u64> {
    // NaN may have any payload, and 0 any sign: what is added to a row of zeros is added where it is not zero.
    let bits = |value: f64| if value.is_nan() { f64::NAN.to_bits() } else { (value + 0.0).to_bits() };
    tensor.to_vec::<f64>().into_iter().map(bits).collect()
}

/// Whether the executor agrees with the reference on a graph and its gradients, and with itself whatever is asked for together.
fn check(seed: u64, steps: usize, numbers: Numbers) -> Result<(), TestCaseError> {
    let graph = build(seed, steps, numbers, seed ^ 1, None);
    let all = roots(&graph);
    // All at once; then the same graph again, with other data in the plan that is now cached.
    eval(&all);
    against_reference(&graph, &all)?;
    let again = build(seed, steps, numbers, seed ^ 2, Some(&graph.scales));
    let other = roots(&again);
    eval(&other);
    against_reference(&again, &other)?;
    // One by one, and last first: the same bits. Only sums and matrix products may add up in another order where an operand, a view
    // before, is now known and laid out afresh.
    let graph = build(seed, steps, numbers, seed ^ 1, Some(&graph.scales));
    let single = roots(&graph);
    single.iter().rev().for_each(|root| eval([root]));
    let adds_up = |root: &Tensor| ["= matmul", "= sum"].iter().any(|name| root.explain().contains(name));
    against_reference(&graph, &single)?;
    for (which, (one, together)) in single.iter().zip(&all).enumerate() {
        if bits(one) != bits(together) {
            prop_assert!(
                adds_up(one),
                "root {} alone and with others: {} and {}\n{}",
                which,
                one,
                together,
                one.explain()
            );
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn executor_and_reference_agree(seed in any::<u64>(), steps in steps(14), single in any::<bool>()) {
        check(seed, steps, Numbers::Of(if single { DType::F32 } else { DType::F64 }))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn executor_and_reference_agree_on_shifts_and_pairs(seed in any::<u64>(), steps in steps(6), single in any::<bool>()) {
        check(seed, steps, Numbers::OfKinds(if single { DType::F32 } else { DType::F64 }))?;
    }

    #[test]
    fn executor_and_reference_agree_on_what_is_not_finite(seed in any::<u64>(), steps in steps(9), single in any::<bool>()) {
        check(seed, steps, Numbers::NotFinite(if single { DType::F32 } else { DType::F64 }))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_index_out_of_range_is_refused(seed in any::<u64>(), steps in 0usize..6) {
        refused::check(seed, steps)?;
    }
}

/// A part without entries of a sum of windows of products, which begins behind its last entry: found by one graph among a million.
#[test]
fn a_part_without_entries_of_overlapping_products() {
    check(2865061474347766393, 12, Numbers::Of(DType::F64)).unwrap_or_else(|error| panic!("{error}"));
}

/// Windows that begin within each other along two axes of a product's columns, in vectors of four: found by a random graph.
#[test]
fn windows_of_products_that_begin_within_each_other() {
    check(13641138795434331504, 10, Numbers::Of(DType::F64)).unwrap_or_else(|error| panic!("{error}"));
}
