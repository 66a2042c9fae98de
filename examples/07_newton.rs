//! Second derivatives of a whole model: products with the Hessian, what they say about a learning rate, and Newton's method.
//!
//! `cargo run --release --example 07_newton`

use minimand::prelude::*;
use minimand_examples::digits;

/// "Is this an 8?", as a logistic regression: a weight for each of 64 pixels, and an offset.
struct Eight {
    pixels: Tensor,
    is_eight: Tensor,
    weight: Parameter,
    offset: Parameter,
}

impl Eight {
    fn new() -> Result<Eight, Box<dyn std::error::Error>> {
        let (pixels, labels) = digits()?;
        Ok(Eight {
            pixels: pixels.cast(DType::F64),
            is_eight: labels.index().eq(8).cast(DType::F64),
            weight: Parameter::new("weight", Tensor::zeros([64]).cast(DType::F64)),
            offset: Parameter::new("offset", Tensor::from(0.0)),
        })
    }

    fn logits(&self) -> Tensor {
        self.pixels.matmul(&self.weight.value().reshape([64, 1])).flatten() + self.offset.value()
    }

    /// Convex; the small penalty makes the minimum one point.
    fn loss(&self) -> Tensor {
        binary_cross_entropy_with_logits(&self.logits(), &self.is_eight).mean()
            + 1e-3 * self.weight.value().square().sum()
    }

    fn accuracy(&self) -> f64 {
        self.logits().gt(0.0).cast(DType::F64).eq(&self.is_eight).cast(DType::F64).mean().item()
    }
}

/// The greatest curvature of the loss: the largest eigenvalue of its Hessian, by power iteration.
///
/// Only products `H v` are needed. Each is the gradient of the number `⟨gradient, v⟩`: as cheap as two gradients, where the Hessian itself would
/// have an entry for every pair of parameters.
fn greatest_curvature(eight: &Eight) -> f64 {
    let mut direction = vec![Tensor::ones([64]).cast(DType::F64), Tensor::from(1.0)];
    let mut curvature = 0.0;
    for _ in 0..50 {
        let at = [eight.weight.value(), eight.offset.value()];
        let product = hessian_vector_product(&eight.loss(), &at, &direction);
        let norm = global_norm(&product);
        curvature = norm.item();
        direction = product.iter().map(|part| (part / &norm).computed()).collect();
    }
    curvature
}

/// How many times as far from the minimum gradient descent is after 200 steps, in units of the loss.
///
/// It starts a little off the minimum, where the loss is all but the parabola that its second derivatives say.
fn drift(eight: &Eight, learning_rate: f64) -> Result<f64, StepError> {
    let (weight, offset) = (eight.weight.value(), eight.offset.value());
    let least = eight.loss().item();
    eight.weight.set(&weight + 1e-4);
    let before = eight.loss().item() - least;
    let mut sgd = Sgd::new([&eight.weight, &eight.offset], SgdOptions { learning_rate, ..Default::default() });
    for _ in 0..200 {
        sgd.step(&eight.loss())?;
    }
    let after = eight.loss().item() - least;
    eight.weight.set(weight);
    eight.offset.set(offset);
    Ok(after / before)
}

/// Newton's method, one iteration at a time: the loss and the steepest slope before and after each.
fn newton(eight: &Eight) -> Result<Vec<(f64, f64)>, StepError> {
    let options = NewtonOptions { iterations: 1, ..Default::default() };
    let mut newton = Newton::new([&eight.weight, &eight.offset], options);
    let slopes = [eight.weight.value(), eight.offset.value()];
    let start = grad(&eight.loss(), &slopes).iter().map(|slope| slope.abs().max().item()).fold(0.0, f64::max);
    let mut seen = vec![(eight.loss().item(), start)];
    loop {
        let minimum = newton.minimise(|| eight.loss())?;
        if minimum.iterations() == 0 {
            return Ok(seen); // nothing left to do
        }
        seen.push((minimum.loss(), minimum.steepest()));
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("Newton's method goes to the bottom of the parabola that touches the loss.");
    println!("Near the minimum each step about doubles the right digits:\n");
    println!("  step        loss   steepest slope");
    let eight = Eight::new()?;
    for (step, (loss, steepest)) in newton(&eight)?.into_iter().enumerate() {
        println!("  {step:4} {loss:11.8} {steepest:16.1e}");
    }
    println!("\nIt reads {:.1} % of the digits right as 8 or another.\n", 100.0 * eight.accuracy());

    let curvature = greatest_curvature(&eight);
    let stable = 2.0 / curvature;
    println!("At the minimum the loss bends by at most {curvature:.4}, whatever direction the 65 parameters take.");
    println!(
        "Gradient descent is therefore stable for learning rates below 2/{curvature:.4} = {stable:.3}, and no further:"
    );
    for share in [0.5, 0.95, 1.05] {
        let times = drift(&eight, share * stable)?;
        println!("  200 steps at {share:4} of that: {times:.1e} times as far above it");
    }

    let eight = Eight::new()?;
    let options = LbfgsOptions { gradient_tolerance: 1e-8, change_tolerance: 0.0, memory: 10, ..Default::default() };
    let minimum = Lbfgs::new([&eight.weight, &eight.offset], options).minimise(|| eight.loss())?;
    let (steps, steepest) = (minimum.iterations(), minimum.steepest());
    println!(
        "\nL-BFGS learns the curvature from gradients alone: {steps} steps to a slope of {steepest:.1e}, but cheaper ones."
    );
    Ok(())
}

#[test]
fn the_curvature_bounds_the_learning_rate_and_newton_doubles_the_digits() {
    let eight = Eight::new().unwrap();
    let seen = newton(&eight).unwrap();
    assert!(seen.len() < 10 && seen.last().unwrap().1 < 1e-10, "{seen:?}");
    // Where it is near, the slope is about squared.
    let near: Vec<f64> = seen.iter().map(|seen| seen.1).filter(|slope| (1e-9..2e-3).contains(slope)).collect();
    assert!(near.len() >= 3 && near.windows(2).all(|pair| pair[1] < pair[0].powf(1.5)), "{near:?}");
    assert!(eight.accuracy() > 0.95);

    let stable = 2.0 / greatest_curvature(&eight);
    assert!(drift(&eight, 0.95 * stable).unwrap() < 1.0);
    assert!(drift(&eight, 1.05 * stable).unwrap() > 100.0);
}
