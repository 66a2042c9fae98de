//! Depth is no limit: long chains and heavily shared graphs are built, differentiated, evaluated, explained and dropped in a
//! loop, never by recursion. Every test runs on a thread with a stack of 512 KB.

use approx::{assert_abs_diff_eq, assert_relative_eq};
use minimand_tensor::{Tensor, eval, grad};

/// Runs `test` with little stack.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(test).expect("a thread");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

const LENGTH: usize = 300_000;

#[test]
fn a_chain_of_300_000_operations() {
    on_a_small_stack(|| {
        let factor = 1.0 - 1e-5;
        let x = Tensor::from([1.0, -2.0]);
        let mut y = x.clone();
        let mut expected = [1.0, -2.0];
        for _ in 0..LENGTH / 3 {
            y = -(&y * -factor) + 1e-6;
            expected = expected.map(|value| value * factor + 1e-6);
        }
        let loss = y.sum();
        assert_eq!(loss.explain().lines().filter(|line| line.starts_with('%')).count(), 1 + LENGTH / 3 * 5 + 2);
        let slope = loss.grad(&x);
        eval([&loss, &slope]);
        assert_abs_diff_eq!(loss.item(), expected[0] + expected[1], epsilon = 1e-12);
        for entry in slope.to_vec::<f64>() {
            assert_abs_diff_eq!(entry, factor.powi(LENGTH as i32 / 3), epsilon = 1e-12);
        }
    });
}

#[test]
fn an_unread_chain_and_its_gradient_are_dropped() {
    on_a_small_stack(|| {
        let x = Tensor::from([0.5]);
        let mut y = x.clone();
        for _ in 0..LENGTH {
            y = y.sin();
        }
        let slope = y.sum().grad(&x);
        drop(y);
        assert!(!slope.is_evaluated());
    });
}

/// Each node is made of the two before it: visited along every path, 10,000 of them would take 2^7000 steps.
#[test]
fn shared_expressions_are_visited_once() {
    on_a_small_stack(|| {
        const DEPTH: usize = 10_000;
        let x = Tensor::from([1.0, 0.5]);
        let (mut before, mut last) = (x.clone(), x.clone());
        let (mut a, mut b) = (1.0, 1.0);
        for _ in 0..DEPTH {
            (before, last) = (last.clone(), 0.6 * &before + 0.39 * &last);
            (a, b) = (b, 0.6 * a + 0.39 * b);
        }
        let loss = (&last * &last).sum();
        assert_eq!(loss.explain().lines().filter(|line| line.starts_with('%')).count(), 1 + 5 * DEPTH + 3);
        assert_eq!(loss.explain_dot().matches("label=").count(), 1 + 5 * DEPTH + 3);
        let slope = loss.grad(&x);
        assert!(slope.explain().lines().count() < 30 * DEPTH);
        // last = c · x, so the loss is c² Σx² and its gradient 2 c² x.
        let scale = b * b;
        assert_relative_eq!(loss.item(), scale * 1.25, epsilon = 0.0, max_relative = 1e-9);
        for (found, x) in slope.to_vec::<f64>().into_iter().zip([1.0, 0.5]) {
            assert_relative_eq!(found, 2.0 * scale * x, epsilon = 0.0, max_relative = 1e-9);
        }
    });
}

/// Doubling: 2^2000 paths, and 2^1000 of them in the second derivative.
#[test]
fn doubling_a_thousand_times() {
    on_a_small_stack(|| {
        let x = Tensor::scalar(1.0);
        let mut y = x.clone();
        for _ in 0..1000 {
            y = 0.5 * (&y + &y) + 1e-4 * &y * &y;
        }
        let first = y.grad(&x);
        let second = first.grad(&x);
        let (mut value, mut slope, mut curvature) = (1.0f64, 1.0f64, 0.0f64);
        for _ in 0..1000 {
            (value, slope, curvature) = (
                value + 1e-4 * value * value,
                slope * (1.0 + 2e-4 * value),
                curvature * (1.0 + 2e-4 * value) + 2e-4 * slope * slope,
            );
        }
        for (found, expected) in [(y, value), (first, slope), (second, curvature)] {
            assert_relative_eq!(found.item(), expected, epsilon = 0.0, max_relative = 1e-9);
        }
    });
}

#[test]
fn a_wide_graph() {
    on_a_small_stack(|| {
        let leaves: Vec<Tensor> = (0..10_000).map(|k| Tensor::from([f64::from(k)])).collect();
        let joined = Tensor::concatenate(&leaves, 0);
        let loss = (&joined * &joined).sum();
        let gradients = grad(&loss, &leaves);
        eval(&gradients);
        for (k, gradient) in gradients.iter().enumerate() {
            assert_eq!(gradient.item(), 2.0 * k as f64);
        }
    });
}
