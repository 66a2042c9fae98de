//! A layer and an optimizer of your own: each is its formula, and fits wherever the library's do.
//!
//! `cargo run --release --example 18_custom_optimizer`

use minimand::optim::OptionsError;
use minimand::prelude::*;

/// Snake: `x + sin²(a x)/a`, with a frequency a of its own for each feature, which is learnt (Ziyin, Hartwig, Ueda 2020).
///
/// A network of it can go on with a wave where there are no data; one of GELUs goes on in a straight line.
struct Snake {
    frequency: Parameter,
}

impl Snake {
    fn new(features: usize) -> Snake {
        Snake { frequency: Parameter::new("frequency", Tensor::ones([features])) }
    }
}

impl Module for Snake {
    fn forward(&self, input: &Tensor) -> Tensor {
        let a = self.frequency.value();
        input + (&a * input).sin().square() / a
    }

    /// What is named here is trained, listed and stored.
    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("frequency", &self.frequency);
    }
}

/// AdaBelief (Zhuang et al. 2020): Adam, but it divides by how far gradients are from what was expected of them.
#[derive(Clone, Copy)]
struct AdaBelief {
    learning_rate: f64,
    betas: (f64, f64),
    epsilon: f64,
}

impl UpdateRule for AdaBelief {
    fn name(&self) -> &'static str {
        "AdaBelief"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        let expected = "at least 0 and below 1";
        OptionsError::unless((0.0..1.0).contains(&self.betas.0), "AdaBelief", "betas.0", self.betas.0, expected)?;
        OptionsError::unless((0.0..1.0).contains(&self.betas.1), "AdaBelief", "betas.1", self.betas.1, expected)?;
        OptionsError::unless(self.epsilon > 0.0, "AdaBelief", "epsilon", self.epsilon, "above 0")
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["mean", "surprise"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (beta_1, beta_2) = self.betas;
        let m = beta_1 * &state[0] + (1.0 - beta_1) * g;
        let s = beta_2 * &state[1] + (1.0 - beta_2) * (g - &m).square() + self.epsilon;
        // What changes from step to step comes from the context, so that no step needs a new plan.
        let (m_hat, s_hat) = (&m * context.bias_correction(beta_1), &s * context.bias_correction(beta_2));
        Update { theta: theta - context.alpha() * m_hat / (s_hat.sqrt() + self.epsilon), state: vec![m, s] }
    }
}

const RULE: AdaBelief = AdaBelief { learning_rate: 5e-3, betas: (0.9, 0.999), epsilon: 1e-12 };

/// A wave on a slope, and a little noise, from `from` to `to`.
fn wave(from: f64, to: f64, noise: f64, rng: &mut Rng) -> (Tensor, Tensor) {
    let x = Tensor::linspace(from, to, 256).cast(DType::F32).reshape([256, 1]);
    let y = (2.0 * &x).sin() + 0.3 * &x + noise * Tensor::normal([256, 1], rng);
    (x, y)
}

fn network(layer: impl Fn() -> Box<dyn Module>, rng: &mut Rng) -> Sequential {
    Sequential::new().then(Linear::new(1, 32, rng)).then(layer()).then(Linear::new(32, 1, rng))
}

/// Trains on −5 to 5; gives the mean squared errors there, and beyond, from 5 to 8.
fn train(layer: impl Fn() -> Box<dyn Module>, seed: u64) -> Result<[f64; 2], StepError> {
    const STEPS: u64 = 3000;
    let mut rng = Rng::seed(seed);
    let model = std::sync::Arc::new(network(layer, &mut rng));
    let (x, y) = wave(-5.0, 5.0, 0.1, &mut rng);
    // Schedules, clipping, saved states and traced steps work with every rule.
    let optimizer = Descent::new(model.parameters(), RULE)
        .with_schedule(Schedule::Cosine { period: STEPS, minimum: 0.0 })
        .with_clipping(Clipping::GlobalNorm(1.0));
    let trained = std::sync::Arc::clone(&model);
    let mut training =
        CompiledStep::new(optimizer, move |data| squared_error(&trained.forward(&data[0]), &data[1]).mean());
    for _ in 0..STEPS {
        training.step([&x, &y])?;
    }
    let error = |(x, y): (Tensor, Tensor)| squared_error(&model.forward(&x), &y).mean().item();
    Ok([error(wave(-5.0, 5.0, 0.0, &mut rng)), error(wave(5.0, 8.0, 0.0, &mut rng))])
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = network(|| Box::new(Snake::new(32)), &mut Rng::seed(7));
    println!("A layer of your own names its parts, and its parameters are among the model's:\n");
    for (name, parameter) in model.named_parameters() {
        println!("  {name:<12} {}", parameter.value().shape());
    }

    println!("\nMean squared error of sin 2x + 0.3 x, learnt from -5 to 5 by an optimizer of your own:\n");
    println!("              -5 to 5     5 to 8");
    let [inside, beyond] = train(|| Box::new(Activation::Gelu), 7)?;
    println!("  GELU     {inside:10.4} {beyond:10.4}");
    let [inside, beyond] = train(|| Box::new(Snake::new(32)), 7)?;
    println!("  Snake    {inside:10.4} {beyond:10.4}");
    println!("\nWithin the data both fit. Beyond them the layer decides what is expected.");
    Ok(())
}

#[test]
fn the_rule_is_adabelief() {
    // The paper's Algorithm 2 once more, in plain numbers, on θ⁴/4 + θ.
    let w = Parameter::new("w", Tensor::from(1.5));
    let mut optimizer = Descent::new([&w], AdaBelief { learning_rate: 0.1, ..RULE });
    let (mut theta, mut m, mut s) = (1.5f64, 0.0, 0.0);
    for t in 1..=20 {
        optimizer.step(&(w.value().pow(4) / 4.0 + w.value())).unwrap();
        let g = theta.powi(3) + 1.0;
        m = 0.9 * m + 0.1 * g;
        s = 0.999 * s + 0.001 * (g - m) * (g - m) + 1e-12;
        theta -= 0.1 * (m / (1.0 - 0.9f64.powi(t))) / ((s / (1.0 - 0.999f64.powi(t))).sqrt() + 1e-12);
        approx::assert_relative_eq!(w.value().item(), theta, max_relative = 1e-10);
    }
}

#[test]
fn the_layer_goes_on_with_the_wave() {
    for seed in [7, 8, 9] {
        let [inside_gelu, beyond_gelu] = train(|| Box::new(Activation::Gelu), seed).unwrap();
        let [inside, beyond] = train(|| Box::new(Snake::new(32)), seed).unwrap();
        println!("{inside_gelu} {inside} {beyond_gelu} {beyond}");
        assert!(inside < 0.01 && inside_gelu < 0.01, "{inside} {inside_gelu}");
        assert!(beyond < 0.2 * beyond_gelu, "{beyond} {beyond_gelu}");
    }
}
