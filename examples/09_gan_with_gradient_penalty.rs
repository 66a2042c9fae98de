//! A generator learns from a critic alone. The critic is kept honest by a penalty on its slope: a derivative inside the loss, to be differentiated
//! once more.
//!
//! `cargo run --release --example 09_gan_with_gradient_penalty`

use minimand::prelude::*;
use std::f64::consts::TAU;

/// What is to be imitated: eight small clouds on a ring.
const MODES: usize = 8;
const RADIUS: f64 = 2.0;
const SPREAD: f64 = 0.1;

const LATENT: usize = 4;
const BATCH: usize = 128;
/// Of the critic, for one of the generator: its score must be worth following.
const CRITIC_STEPS: usize = 4;

fn ring(count: usize, rng: &mut Rng) -> Tensor {
    let angles: Vec<f32> = (0..count).map(|_| (rng.below(MODES) as f64 * TAU / MODES as f64) as f32).collect();
    let angles = Tensor::from(angles);
    RADIUS * Tensor::stack(&[angles.cos(), angles.sin()], 1) + SPREAD * Tensor::normal([count, 2], rng)
}

/// What came of a game.
struct Game {
    /// Mean length of the critic's slope between true and made points.
    slope: f64,
    /// Of 1,000 made points the share that is on a cloud, within three of its standard deviations.
    on_a_mode: f64,
    /// Clouds that hold at least a quarter of the points that they should.
    modes: usize,
    samples: Vec<f64>,
}

/// Lets the two play; `weight` is that of the penalty.
fn play(weight: f64, steps: usize, seed: u64) -> Result<Game, StepError> {
    let mut rng = Rng::seed(seed);
    let generator = Mlp::new([LATENT, 64, 64, 2], Activation::Relu, &mut rng);
    let critic = Mlp::new([2, 64, 64, 1], Activation::Relu, &mut rng);
    let options = AdamOptions { learning_rate: 3e-3, betas: (0.0, 0.9), ..Default::default() };
    let schedule = |steps: usize| Schedule::Cosine { period: steps as u64, minimum: 0.0 };
    let mut generator_adam = Adam::new(generator.parameters(), options).with_schedule(schedule(steps));
    let mut critic_adam = Adam::new(critic.parameters(), options).with_schedule(schedule(steps * CRITIC_STEPS));

    println!("\n  step   distance that the critic sees   length of its slope   (penalty {weight})");
    let mut slope = 0.0;
    for step in 1..=steps {
        let mut distance = 0.0;
        for _ in 0..CRITIC_STEPS {
            let real = ring(BATCH, &mut rng);
            let fake = generator.forward(&Tensor::normal([BATCH, LATENT], &mut rng)).detach();
            let between = Interpolates::between(&real, &fake, &mut rng);
            // Equation 3 of Gulrajani et al. 2017. The penalty holds the critic's gradient by the points; `step` differentiates it by the weights.
            let scores = critic.forward(&between);
            let apart = wasserstein_critic(&critic.forward(&real), &critic.forward(&fake)).mean();
            let penalty = gradient_penalty(&scores, &between, weight).mean();
            critic_adam.step(&(&apart + penalty))?;
            slope = scores.sum().grad(&between).norm_axis(-1).mean().item();
            distance = -apart.item();
        }
        let fake = generator.forward(&Tensor::normal([BATCH, LATENT], &mut rng));
        generator_adam.step(&wasserstein_generator(&critic.forward(&fake)).mean())?;
        if step == 1 || step % (steps / 4) == 0 {
            println!("  {step:4} {distance:31.3} {slope:21.2}");
        }
    }

    let samples: Vec<f64> = generator.forward(&Tensor::normal([1000, LATENT], &mut rng)).to_vec();
    let mut on_mode = [0; MODES];
    for point in samples.chunks(2) {
        let mode = (point[1].atan2(point[0]) * MODES as f64 / TAU).round().rem_euclid(MODES as f64);
        let (sin, cos) = (mode * TAU / MODES as f64).sin_cos();
        if (point[0] - RADIUS * cos).hypot(point[1] - RADIUS * sin) < 3.0 * SPREAD {
            on_mode[mode as usize] += 1;
        }
    }
    let modes = on_mode.iter().filter(|&&count| 4 * count * MODES >= 1000).count();
    Ok(Game { slope, on_a_mode: on_mode.iter().sum::<usize>() as f64 / 1000.0, modes, samples })
}

/// Points of the plane, from -3 to 3, as characters.
fn drawn(points: &[f64]) -> String {
    let (columns, rows) = (48, 20);
    let mut counts = vec![0; columns * rows];
    for point in points.chunks(2) {
        let place = |value: f64, cells: usize| ((value + 3.0) / 6.0 * cells as f64) as usize;
        let (column, row) = (place(point[0], columns), place(-point[1], rows));
        if column < columns && row < rows && point.iter().all(|value| value.abs() < 3.0) {
            counts[row * columns + column] += 1;
        }
    }
    let letter = |&count: &usize| [' ', '.', ':', 'o', '#'][count.min(4)];
    counts.chunks(columns).map(|row| format!("    {}\n", row.iter().map(letter).collect::<String>())).collect()
}

fn main() -> Result<(), StepError> {
    println!("The generator never sees the points that it is to imitate. It goes where the critic's score rises.");
    let Game { slope, on_a_mode, modes, samples } = play(1.0, 1200, 7)?;
    println!("\n{}", drawn(&samples));
    println!("It makes {modes} of {MODES} clouds; {:.0} % of its points are on one.", 100.0 * on_a_mode);
    println!("The critic's slope is {slope:.2}: its scores tell a distance, in the plane's own unit.");

    let Game { slope, on_a_mode, modes, .. } = play(0.0, 1200, 7)?;
    println!(
        "\nWithout the penalty nothing keeps the critic from turning up its scores: its slope is {slope:.0}, and what it"
    );
    println!(
        "calls a distance means nothing. The generator makes {modes} of {MODES} clouds; {:.0} % are on one.",
        100.0 * on_a_mode
    );
    Ok(())
}

#[test]
fn the_penalty_holds_the_slope_at_1_and_the_modes_are_made() {
    for seed in [7, 8] {
        let Game { slope, on_a_mode, modes, .. } = play(1.0, 500, seed).unwrap();
        assert!((0.9..1.25).contains(&slope), "{seed}: {slope}");
        // Of points spread evenly over the ring's disc 18 % would be on one.
        assert!(modes >= 7 && on_a_mode > 0.3, "{seed}: {modes}, {on_a_mode}");
    }
    let Game { slope, modes, .. } = play(0.0, 100, 7).unwrap();
    assert!(slope > 5.0 && modes < 4, "{slope}, {modes}");
}
