//! A tensor, a formula, its gradient, and the gradient of the gradient.
//!
//! `cargo run --release --example 01_first_gradient`

use minimand::prelude::*;

/// The formula: `ln(1 + x²)`. As a loss it is called Cauchy's: a bowl near 0, nearly flat far away.
fn cauchy(x: &Tensor) -> Tensor {
    (1.0 + x.square()).ln()
}

/// The value and its first two derivatives at each point. All derivatives are derived: nobody wrote them.
fn derivatives(x: &Tensor) -> [Tensor; 3] {
    let value = cauchy(x);
    // A gradient is that of a scalar. Each entry of `x` acts on its own term of the sum only, so the gradient of the sum
    // holds each term's derivative.
    let slope = value.sum().grad(x);
    // A gradient is a tensor like any other, so it has a gradient, too.
    let curvature = slope.sum().grad(x);
    [value, slope, curvature]
}

fn main() {
    let x = Tensor::from([-3.0, -1.0, 0.0, 0.5, 1.0, 3.0]).named("x");
    let [value, slope, curvature] = derivatives(&x);
    // Nothing has been computed so far: a tensor is a handle on a formula. This computes all three in one pass, once.
    eval([&value, &slope, &curvature]);

    println!("      x   ln(1+x²)      slope    by hand  curvature    by hand");
    let columns = [&x, &value, &slope, &curvature].map(Tensor::to_vec::<f64>);
    for row in 0..x.elements() {
        let [x, value, slope, curvature] = columns.each_ref().map(|column| column[row]);
        let slope_by_hand = 2.0 * x / (1.0 + x * x);
        let curvature_by_hand = 2.0 * (1.0 - x * x) / (1.0 + x * x).powi(2);
        println!("{x:7.2} {value:10.5} {slope:10.5} {slope_by_hand:10.5} {curvature:10.5} {curvature_by_hand:10.5}");
    }

    println!("\nHow the slope was derived from the formula:\n");
    // A fresh one: what has been computed already is a value, and shows no formula any more.
    println!("{}", derivatives(&x)[1].explain());
}

#[test]
fn derivatives_are_those_found_by_hand() {
    let x = Tensor::linspace(-4.0, 4.0, 33).cast(DType::F64);
    let [_, slope, curvature] = derivatives(&x).map(|tensor| tensor.to_vec::<f64>());
    for (row, x) in x.to_vec::<f64>().into_iter().enumerate() {
        approx::assert_abs_diff_eq!(slope[row], 2.0 * x / (1.0 + x * x), epsilon = 1e-14);
        approx::assert_abs_diff_eq!(curvature[row], 2.0 * (1.0 - x * x) / (1.0 + x * x).powi(2), epsilon = 1e-14);
    }
}
