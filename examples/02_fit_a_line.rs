//! Training is going downhill: first by hand, then by an optimizer.
//!
//! `cargo run --release --example 02_fit_a_line`

use minimand::prelude::*;

/// A hundred points around the line `y = 3x - 1`.
fn points(rng: &mut Rng) -> (Tensor, Tensor) {
    let x = Tensor::uniform([100], -2.0, 2.0, rng);
    let y = 3.0 * &x - 1.0 + 0.3 * Tensor::normal([100], rng);
    (x, y)
}

/// How far the line is from the points: the mean squared error.
fn mean_squared_error(slope: &Tensor, offset: &Tensor, x: &Tensor, y: &Tensor) -> Tensor {
    squared_error(&(slope * x + offset), y).mean()
}

/// The line of least squares has a formula; so there is a truth to arrive at.
fn least_squares(x: &Tensor, y: &Tensor) -> (f64, f64) {
    let (centred_x, centred_y) = (x - x.mean(), y - y.mean());
    let slope = (&centred_x * centred_y).sum() / centred_x.square().sum();
    let offset = y.mean() - &slope * x.mean();
    (slope.item(), offset.item())
}

/// Gradient descent in full: the gradient points uphill, so go a little way against it.
fn by_hand(x: &Tensor, y: &Tensor) -> (f64, f64) {
    let (mut slope, mut offset) = (Tensor::zeros([]), Tensor::zeros([]));
    for step in 0..=40 {
        let loss = mean_squared_error(&slope, &offset, x, y);
        let (value, gradient) = value_and_grad(&loss, [&slope, &offset]);
        if step % 10 == 0 {
            println!("  step {step:2}   loss {value:8.4}   y = {slope:.4} x {:+.4}", offset.item());
        }
        slope -= 0.2 * &gradient[0];
        offset -= 0.2 * &gradient[1];
        // Compute the new values, and forget how they came about: else the formula would grow with every step.
        eval([&slope, &offset]);
        (slope, offset) = (slope.detach(), offset.detach());
    }
    (slope.item(), offset.item())
}

/// The same with an optimizer. A parameter is a cell with a name, whose value the optimizer replaces in each step; loss,
/// gradients and new values are computed in one pass.
fn by_optimizer(x: &Tensor, y: &Tensor) -> Result<(f64, f64), StepError> {
    let slope = Parameter::new("slope", Tensor::zeros([]));
    let offset = Parameter::new("offset", Tensor::zeros([]));
    let mut sgd = Sgd::new([&slope, &offset], SgdOptions { learning_rate: 0.1, momentum: 0.5, ..Default::default() });
    for _ in 0..=40 {
        let loss = mean_squared_error(&slope.value(), &offset.value(), x, y);
        let step = sgd.step(&loss)?;
        if step.number() % 10 == 1 {
            println!(
                "  step {:2}   loss {:8.4}   gradient {:.1e}",
                step.number() - 1,
                step.loss(),
                step.gradient_norm()
            );
        }
    }
    Ok((slope.value().item(), offset.value().item()))
}

fn main() -> Result<(), StepError> {
    let (x, y) = points(&mut Rng::seed(7));
    println!("gradient descent by hand:");
    let (slope, offset) = by_hand(&x, &y);
    println!("  arrived at   y = {slope:.5} x {offset:+.5}\n\nwith an optimizer (SGD with momentum):");
    let (slope, offset) = by_optimizer(&x, &y)?;
    println!("  arrived at   y = {slope:.5} x {offset:+.5}\n");
    let (slope, offset) = least_squares(&x, &y);
    println!("least squares  y = {slope:.5} x {offset:+.5}, from its formula");
    Ok(())
}

#[test]
fn both_arrive_at_the_line_of_least_squares() {
    let (x, y) = points(&mut Rng::seed(7));
    let expected = least_squares(&x, &y);
    for (slope, offset) in [by_hand(&x, &y), by_optimizer(&x, &y).unwrap()] {
        approx::assert_abs_diff_eq!(slope, expected.0, epsilon = 1e-4);
        approx::assert_abs_diff_eq!(offset, expected.1, epsilon = 1e-4);
    }
}
