//! Second derivatives of a network: a differential equation solved by training, without a single example of the solution.
//!
//! `cargo run --release --example 06_differential_equation`

use minimand::prelude::*;

/// The equation `u″ + 2γ u′ + ω² u = 0`: a spring with friction, pulled out by 1 and let go at t = 0.
const FRICTION: f64 = 0.25;
const FREQUENCY: f64 = 2.0;

/// Until when the spring is watched, and at how many moments.
const END: f64 = 6.0;
const MOMENTS: usize = 80;

/// How the network is told where the spring starts.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    /// `u = 1 + t² N(t)`: whatever N is, `u(0) = 1` and `u′(0) = 0`. Lagaris, Likas and Fotiadis 1998.
    Built,
    /// `u = N(t)`, and the loss holds so many times `(u(0) − 1)² + u′(0)²`. Raissi, Perdikaris and Karniadakis 2019.
    Penalised(f64),
}

/// The solution on paper.
fn exact(t: f64) -> f64 {
    let damped = (FREQUENCY * FREQUENCY - FRICTION * FRICTION).sqrt();
    (-FRICTION * t).exp() * ((damped * t).cos() + FRICTION / damped * (damped * t).sin())
}

/// A column of moments from 0 to the end.
fn moments(count: usize) -> Tensor {
    let last = (count - 1) as f64;
    Tensor::from_vec((0..count).map(|step| END * step as f64 / last).collect::<Vec<f64>>(), [count, 1])
}

struct Spring {
    network: Mlp,
    start: Start,
}

impl Spring {
    fn new(start: Start, seed: u64) -> Spring {
        let parameters = ParameterOptions { dtype: DType::F64, ..Default::default() };
        let options = MlpOptions { activation: Activation::Tanh, parameters, ..Default::default() };
        Spring { network: Mlp::with_options([1, 24, 24, 1], options, &mut Rng::seed(seed)), start }
    }

    /// `u` at a column of moments.
    fn at(&self, t: &Tensor) -> Tensor {
        let n = self.network.forward(&(t * (2.0 / END) - 1.0)); // inputs between −1 and 1
        match self.start {
            Start::Built => 1.0 + t.square() * n,
            Start::Penalised(_) => n,
        }
    }

    /// How far the network is from obeying the equation, and the start where that is not built in.
    fn loss(&self, t: &Tensor) -> Tensor {
        let u = self.at(t);
        // Each u depends on its own t alone, so the gradient of the sum is the column of all derivatives; and as a gradient is a
        // tensor like any other, it can be differentiated again.
        let velocity = u.sum().grad(t);
        let acceleration = velocity.sum().grad(t);
        let residual = acceleration + 2.0 * FRICTION * &velocity + FREQUENCY * FREQUENCY * &u;
        let off = residual.square().mean();
        match self.start {
            Start::Built => off,
            Start::Penalised(weight) => off + weight * ((u.at(0, 0) - 1.0).square() + velocity.at(0, 0).square()).sum(),
        }
    }

    /// L-BFGS until the loss moves no more: it comes much further than Adam where the loss has no noise.
    fn solve(&self) -> Result<Minimum, StepError> {
        let t = moments(MOMENTS);
        let options = LbfgsOptions { iterations: 1500, change_tolerance: 1e-14, memory: 50, ..Default::default() };
        Lbfgs::new(self.network.parameters(), options).minimise(|| self.loss(&t))
    }

    /// The greatest distance from the solution on paper, at ten times as many moments as it was trained at.
    fn greatest_error(&self) -> f64 {
        let t = moments(10 * MOMENTS);
        let (t, u) = (t.to_vec::<f64>(), self.at(&t).to_vec::<f64>());
        t.iter().zip(u).map(|(&t, u)| (u - exact(t)).abs()).fold(0.0, f64::max)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("A spring: u″ + {} u′ + {} u = 0, with u(0) = 1 and u′(0) = 0.", 2.0 * FRICTION, FREQUENCY * FREQUENCY);
    println!("The network has never seen u: its loss is by how much it breaks the equation.\n");
    let spring = Spring::new(Start::Built, 7);
    let minimum = spring.solve()?;
    println!("     t    network      exact      error");
    let t = moments(13);
    for (t, u) in t.to_vec::<f64>().into_iter().zip(spring.at(&t).to_vec::<f64>()) {
        println!("  {t:4.1} {u:10.6} {:10.6} {:10.1e}", exact(t), u - exact(t));
    }
    println!("\nThe start built in, u = 1 + t² N(t):");
    println!(
        "  {} steps, loss {:.1e}, greatest error {:.1e}",
        minimum.iterations(),
        minimum.loss(),
        spring.greatest_error()
    );
    println!("The start as a penalty, which the equation has to share the loss with:");
    for weight in [0.01, 1.0, 100.0] {
        let spring = Spring::new(Start::Penalised(weight), 7);
        let minimum = spring.solve()?;
        let (steps, loss, error) = (minimum.iterations(), minimum.loss(), spring.greatest_error());
        println!("  weight {weight:5}: {steps} steps, loss {loss:.1e}, greatest error {error:.1e}");
    }
    Ok(())
}

/// The exact solution obeys the equation, and the network obeys it and the start.
#[test]
fn the_network_is_the_solution() {
    let h = 1e-4;
    for t in [0.3, 1.7, 4.9] {
        let (before, now, after) = (exact(t - h), exact(t), exact(t + h));
        let residual = (after - 2.0 * now + before) / (h * h)
            + 2.0 * FRICTION * (after - before) / (2.0 * h)
            + FREQUENCY * FREQUENCY * now;
        assert!(residual.abs() < 1e-5, "{residual}");
    }
    for seed in [7, 8] {
        let spring = Spring::new(Start::Built, seed);
        assert!(spring.greatest_error() > 0.5, "an untrained network is no solution");
        spring.solve().unwrap();
        let error = spring.greatest_error();
        assert!(error < 1e-3, "seed {seed}: {error}");
    }
}
