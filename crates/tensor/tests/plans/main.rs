//! Graphs that the planner got wrong once, and their relatives: the executor against the reference evaluator.

use approx::relative_eq;
use minimand_tensor::{DType, Rng, Tensor, eval, grad, reference};

mod indices;
mod non_finite;
mod reductions;
mod windows;
mod zeros;

/// The values of all roots, asked for together, last first and one by one, are those of the reference.
#[track_caller]
fn agree(build: impl Fn() -> Vec<Tensor>) {
    for order in ["together", "backwards", "alone"] {
        let roots = build();
        let expected = reference::evaluate(&roots.iter().collect::<Vec<_>>());
        match order {
            "together" => eval(&roots),
            "backwards" => eval(roots.iter().rev()),
            _ => roots.iter().for_each(|root| eval([root])),
        }
        for (which, (root, expected)) in roots.iter().zip(&expected).enumerate() {
            let largest = expected.iter().filter(|value| value.is_finite()).fold(1.0f64, |a, b| a.max(b.abs()));
            let tolerance = if root.dtype() == DType::F32 { 1e-4 } else { 1e-10 } * largest;
            let found = root.to_vec::<f64>();
            assert_eq!(found.len(), expected.len(), "root {which}, {order}");
            for (entry, (a, b)) in found.iter().zip(expected).enumerate() {
                assert!(
                    relative_eq!(a, b, epsilon = tolerance, max_relative = 0.0) || a.is_nan() && b.is_nan(),
                    "root {which}, {order}, entry {entry}: {a} and not {b}\n{found:?}\n{expected:?}"
                );
            }
        }
    }
}

/// The value of a formula, the gradients of a loss of it, and gradients of these.
fn derivatives(y: &Tensor, leaves: &[Tensor]) -> Vec<Tensor> {
    let loss = (y * y.sin()).sum();
    let slopes = grad(&loss, leaves);
    let squares = slopes.iter().fold(Tensor::scalar(0.0f64), |sum, slope| sum + (slope * slope.cos()).sum());
    let second = grad(&squares, leaves);
    [y.clone(), loss].into_iter().chain(slopes).chain(second).collect()
}

fn normal(shape: &[usize], seed: u64) -> Tensor {
    Tensor::normal(shape, &mut Rng::seed(seed)).cast(DType::F64)
}

/// The gradient of an entry taken from each row, where nothing but the sums of its rows is asked for.
#[test]
fn a_scattered_row_that_is_only_summed() {
    for along in [0, 1] {
        agree(|| {
            let x = normal(&[4, 5], 1);
            let picked = x.take_along_axis(1, x.argmax_axis(1).unsqueeze(1));
            let slope = picked.square().sum().grad(&x);
            vec![slope.sum_axis(along)]
        });
    }
}
