//! The papers' algorithms once more, entry by entry in plain f64, against the optimizers on functions with known gradients.

mod common;

use common::assert_close;
use minimand_optim::{Adam, AdamOptions, AdamW, AdamWOptions, Optimizer, Sgd, SgdOptions};
use minimand_tensor::{Parameter, Tensor};
use proptest::prelude::*;

/// The function minimised: `Σ aᵢ xᵢ²/2 + sin xᵢ`.
fn loss(x: &Tensor, a: &[f64]) -> Tensor {
    (Tensor::from(a) * x.square() / 2.0 + x.sin()).sum()
}

fn gradient(x: f64, a: f64) -> f64 {
    a * x + x.cos()
}

/// PyTorch's documented SGD, for one entry.
fn sgd(mut x: f64, a: f64, steps: u64, o: &SgdOptions) -> f64 {
    let mut velocity = None;
    for _ in 0..steps {
        let mut g = gradient(x, a) * if o.maximize { -1.0 } else { 1.0 } + o.weight_decay * x;
        if o.momentum != 0.0 {
            let b = velocity.map_or(g, |b: f64| o.momentum * b + (1.0 - o.dampening) * g);
            velocity = Some(b);
            g = if o.nesterov { g + o.momentum * b } else { b };
        }
        x -= o.learning_rate * g;
    }
    x
}

/// Kingma & Ba, Algorithm 1, for one entry; with `decoupled`, Loshchilov & Hutter, Algorithm 2.
fn adam(mut x: f64, a: f64, steps: u64, o: &AdamOptions, decoupled: bool) -> f64 {
    let (b1, b2) = o.betas;
    let (mut m, mut v, mut largest) = (0.0, 0.0, 0.0f64);
    let (mut b1_t, mut b2_t) = (1.0, 1.0);
    for _ in 0..steps {
        let mut g = gradient(x, a) * if o.maximize { -1.0 } else { 1.0 };
        if decoupled {
            x *= 1.0 - o.learning_rate * o.weight_decay;
        } else {
            g += o.weight_decay * x;
        }
        m = b1 * m + (1.0 - b1) * g;
        v = b2 * v + (1.0 - b2) * g * g;
        (b1_t, b2_t) = (b1_t * b1, b2_t * b2);
        largest = largest.max(v);
        let second = if o.amsgrad { largest } else { v };
        x -= o.learning_rate * (m / (1.0 - b1_t)) / ((second / (1.0 - b2_t)).sqrt() + o.epsilon);
    }
    x
}

fn run(optimizer: &mut dyn Optimizer, x: &Parameter, a: &[f64], steps: u64) -> Vec<f64> {
    for _ in 0..steps {
        optimizer.step(&loss(&x.value(), a)).unwrap();
    }
    x.value().to_vec()
}

fn points() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    (1usize..6).prop_flat_map(|n| (prop::collection::vec(-3.0..3.0, n), prop::collection::vec(0.1..2.0, n)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..Default::default() })]

    #[test]
    fn sgd_is_its_algorithm(
        (start, a) in points(),
        steps in 1u64..30,
        learning_rate in 0.001..0.3,
        momentum in prop_oneof![Just(0.0), 0.1..0.95],
        dampening in prop_oneof![Just(0.0), 0.0..1.0],
        nesterov: bool,
        weight_decay in prop_oneof![Just(0.0), 0.0..0.5],
    ) {
        let nesterov = nesterov && momentum > 0.0;
        let dampening = if nesterov { 0.0 } else { dampening };
        let options = SgdOptions { learning_rate, momentum, dampening, nesterov, weight_decay, maximize: false };
        let x = Parameter::new("x", Tensor::from(start.clone()));
        let found = run(&mut Sgd::new([&x], options), &x, &a, steps);
        let expected: Vec<f64> = start.iter().zip(&a).map(|(&x, &a)| sgd(x, a, steps, &options)).collect();
        assert_close("sgd", &found, &expected, 1e-11);
    }

    #[test]
    fn adam_and_adamw_are_their_algorithms(
        (start, a) in points(),
        steps in 1u64..30,
        learning_rate in 0.001..0.3,
        betas in (0.0..0.99, 0.5..0.9999),
        weight_decay in prop_oneof![Just(0.0), 0.0..0.5],
        amsgrad: bool,
        maximize: bool,
    ) {
        // Where a gradient changes its sign the quotient m/√v is sensitive to rounding: ε keeps that from the comparison.
        let epsilon = 1e-4;
        let options = AdamOptions { learning_rate, betas, epsilon, weight_decay, amsgrad, maximize };
        let decoupled = AdamWOptions { learning_rate, betas, epsilon, weight_decay, amsgrad, maximize };
        let (x, y) = (Parameter::new("x", start.clone().into()), Parameter::new("y", start.clone().into()));
        let by_adam = run(&mut Adam::new([&x], options), &x, &a, steps);
        let by_adamw = run(&mut AdamW::new([&y], decoupled), &y, &a, steps);
        let expected = |decoupled| -> Vec<f64> {
            start.iter().zip(&a).map(|(&x, &a)| adam(x, a, steps, &options, decoupled)).collect()
        };
        assert_close("adam", &by_adam, &expected(false), 1e-10);
        assert_close("adamw", &by_adamw, &expected(true), 1e-10);
    }
}
