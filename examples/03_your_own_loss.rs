//! A loss of your own is its formula. Its derivative is derived; you can have it checked; and it may be just what your data needs.
//!
//! `cargo run --release --example 03_your_own_loss`

use minimand::prelude::*;
use minimand::tensor::{CheckError, CheckOptions, CheckReport, check_gradient, check_second_order};

/// Huber's loss: a parabola for residuals up to `delta`, a straight line beyond. (It is in the library as well.)
///
/// With `|r|` instead of `r` the values would be the same, but the kink of `|r|` at 0 would lose the second derivative there.
fn huber(prediction: &Tensor, target: &Tensor, delta: f64) -> Tensor {
    let r = prediction - target;
    let c = r.clamp(-delta, delta);
    &c * (r - 0.5 * &c)
}

/// Compares the derivatives with finite differences. The points lie on both sides of the seam at |r| = delta, and at 0.
fn check() -> Result<[CheckReport; 2], CheckError> {
    let points = [Tensor::from([0.0, -0.8, 1.7, -4.0]), Tensor::from([0.0, 0.1, 0.2, 0.3])];
    let loss = |inputs: &[Tensor]| huber(&inputs[0], &inputs[1], 1.0).sum();
    let options = CheckOptions::default();
    Ok([check_gradient(loss, &points, options)?, check_second_order(loss, &points, options)?])
}

/// Points around `y = 2x + 1`; every tenth was misread by the instrument.
fn points(rng: &mut Rng) -> (Tensor, Tensor) {
    let x = Tensor::uniform([200], 0.0, 4.0, rng);
    let y = 2.0 * &x + 1.0 + 0.2 * Tensor::normal([200], rng);
    let misread = Tensor::bernoulli([200], 0.1, rng).ne(0);
    (x, misread.select(-5, y))
}

/// The line with the smallest mean loss: slope and offset.
fn fit(x: &Tensor, y: &Tensor, loss: impl Fn(&Tensor, &Tensor) -> Tensor) -> Result<[f64; 2], StepError> {
    let line = Parameter::new("line", Tensor::zeros([2]));
    let mut adam = Adam::new([&line], AdamOptions { learning_rate: 0.1, ..Default::default() });
    for _ in 0..400 {
        let prediction = line.value().at(0, 0) * x + line.value().at(0, 1);
        adam.step(&loss(&prediction, y).mean())?;
    }
    let line = line.value().to_vec::<f64>();
    Ok([line[0], line[1]])
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("residual     loss  derivative      (delta = 1: the derivative is the residual, but at most 1)");
    let r = Tensor::from([-4.0, -1.0, -0.5, 0.0, 0.5, 1.0, 4.0]);
    let loss = huber(&r, &Tensor::from([0.0]), 1.0);
    let slope = loss.sum().grad(&r);
    for ((r, loss), slope) in r.to_vec::<f64>().iter().zip(loss.to_vec::<f64>()).zip(slope.to_vec::<f64>()) {
        println!("{r:8.1} {loss:8.3} {slope:11.1}");
    }

    let [first, second] = check()?;
    println!("\n{} first derivatives agree with finite differences, {} second.", first.compared, second.compared);

    let (x, y) = points(&mut Rng::seed(7));
    println!("\nTen percent of the points were misread. The true line is y = 2 x + 1.");
    for (name, [slope, offset]) in [
        ("squared error", fit(&x, &y, squared_error)?),
        ("your Huber loss", fit(&x, &y, |prediction, target| huber(prediction, target, 0.5))?),
    ] {
        println!("  {name:<16} y = {slope:.2} x + {offset:.2}");
    }
    println!("An outlier pulls on the squared error with its whole residual, on Huber's loss with delta at most.");
    Ok(())
}

#[test]
fn derivatives_are_right_and_outliers_pull_less() {
    let [first, second] = check().unwrap();
    assert_eq!((first.compared, second.compared), (8, 8));
    let (x, y) = points(&mut Rng::seed(7));
    let squared = fit(&x, &y, squared_error).unwrap();
    let robust = fit(&x, &y, |prediction, target| huber(prediction, target, 0.5)).unwrap();
    let error = |line: [f64; 2]| (line[0] - 2.0).abs().max((line[1] - 1.0).abs());
    assert!(error(robust) < 0.15 && error(squared) > 4.0 * error(robust), "{robust:?} {squared:?}");
}
