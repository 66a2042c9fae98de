//! The autoencoder of example 08 is that of PyTorch: step by step with the same draws, and in the end with draws of its own.
//!
//! `fixtures/record_variational_autoencoder.py` says how it was recorded.

use approx::assert_relative_eq;
use minimand::prelude::*;
use serde_json::Value;

use super::{BATCH, Bound, EPOCHS, LATENT, LEARNING_RATE, Vae, pictures, train};

fn recorded() -> Value {
    serde_json::from_str(include_str!("../fixtures/variational_autoencoder.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

/// The generator of the recording: the same bits.
struct Draws(u64);

impl Draws {
    fn even(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 * 0.5f64.powi(53)
    }

    fn tensor(&mut self, shape: impl Into<Shape>, mut draw: impl FnMut(&mut Self) -> f64) -> Tensor {
        let shape = shape.into();
        Tensor::from_vec((0..shape.elements()).map(|_| draw(self)).collect::<Vec<f64>>(), shape)
    }

    fn normals(&mut self, rows: usize) -> Tensor {
        self.tensor([rows, LATENT], |draws| (0..12).map(|_| draws.even()).sum::<f64>() - 6.0)
    }
}

#[test]
fn with_the_same_draws_it_is_that_of_pytorch() {
    let expected = &recorded()["same_draws"];
    let [train, test] = pictures().unwrap().map(|x| x.cast(DType::F64));
    let mut draws = Draws(20240606);
    let vae = Vae::new(DType::F64, &mut Rng::seed(1));
    for layer in vae.parameters().chunks(2) {
        let inputs = layer[0].value().shape()[1] as f64;
        for parameter in layer {
            parameter.set(draws.tensor(parameter.value().shape(), |draws| (2.0 * draws.even() - 1.0) / inputs.sqrt()));
        }
    }
    let rows = train.shape()[0];
    let each = rows.div_ceil(BATCH);
    let schedule = Schedule::Cosine { period: EPOCHS * each as u64, minimum: 0.0 };
    let options = AdamOptions { learning_rate: LEARNING_RATE, ..Default::default() };
    let mut adam = Adam::new(vae.parameters(), options).with_schedule(schedule);
    let mut losses = Vec::new();
    for step in 0..EPOCHS as usize * each {
        let of_step: Vec<i64> = (0..BATCH).map(|_| (rows as f64 * draws.even()) as i64).collect();
        let x = train.index_select(0, Tensor::from(of_step)).computed();
        let loss = adam.step(&vae.bound(&x, &draws.normals(BATCH)).negative_elbo.mean()).unwrap().loss();
        if step % each == 0 {
            losses.push(loss);
        }
    }
    let expected_losses = numbers(&expected["losses"]);
    assert_eq!(losses.len(), expected_losses.len());
    for (found, expected) in losses.iter().zip(expected_losses) {
        assert_relative_eq!(*found, expected, max_relative = 1e-6);
    }
    let Bound { reconstruction, divergence, .. } = vae.bound(&test, &draws.normals(test.shape()[0]));
    let divergence = divergence.sum_axis(-1);
    for (part, name) in [(reconstruction, "reconstruction"), (divergence, "divergence")] {
        assert_relative_eq!(part.mean().item(), expected[name].as_f64().unwrap(), max_relative = 1e-6);
    }
}

#[test]
fn with_draws_of_its_own_its_bound_is_within_3_percent_of_pytorchs() {
    let of_pytorch = numbers(&recorded()["own_draws"]["negative_elbo"]);
    let mean = of_pytorch.iter().sum::<f64>() / of_pytorch.len() as f64;
    assert!(of_pytorch.iter().all(|bound| (bound / mean - 1.0).abs() < 0.02), "{of_pytorch:?}");
    for seed in [7, 8] {
        let found = train(EPOCHS, seed).unwrap().1;
        assert_relative_eq!(found, mean, max_relative = 0.03);
    }
}
