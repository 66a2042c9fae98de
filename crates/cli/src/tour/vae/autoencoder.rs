//! The variational autoencoder, linear or deep, and what it is trained by.

use minimand::prelude::*;

use super::{VaeNetwork, VaeObjective};
use crate::tour::{chapter::Watch, digits::INK, training::TrainingError};

/// Units of a code.
pub(super) const LATENT: usize = 32;

/// Width of the deep network's hidden layers.
pub(super) const WIDTH: usize = 128;

/// Standard deviation of a pixel around what the decoder says, in steps of ink.
pub(super) const DEVIATION: f64 = 4.0;

/// Pictures in a step.
pub(super) const BATCH: usize = 64;

/// Encoder and decoder. A picture of the code is the mean of a normal law with one variance for all pixels.
pub(super) struct Autoencoder {
    /// The mean of the training pictures, `[1, pixels]`: both networks are about what is different from it.
    centre: Tensor,
    encoder: Encoder,
    decoder: Mlp,
}

/// Says which codes may stand for a picture.
enum Encoder {
    Linear { mean: Mlp, log_variance: Parameter },
    Deep(Mlp),
}

/// A normal law of codes for each picture, `[pictures, units]`.
pub(super) struct Code {
    pub(super) mean: Tensor,
    pub(super) log_variance: Tensor,
}

impl Code {
    /// Codes drawn by the reparametrisation trick.
    fn drawn(&self, noise: &Tensor) -> Tensor {
        &self.mean + (0.5 * &self.log_variance).exp() * noise
    }
}

impl VaeNetwork {
    /// At the start of a training; it falls to 0 along a cosine.
    pub(super) fn learning_rate(self) -> f64 {
        match self {
            Self::Linear => 1e-2,
            Self::Deep => 3e-3,
        }
    }
}

impl Autoencoder {
    /// Untrained, for `[pictures, pixels]`.
    fn new(network: VaeNetwork, pictures: &Tensor, rng: &mut Rng) -> Self {
        let (centre, pixels) = (pictures.mean_keepdim(0).computed(), pictures.shape()[1]);
        let mut perceptron = |sizes: &[usize]| Mlp::new(sizes, Activation::Relu, rng);
        match network {
            VaeNetwork::Linear => Self {
                centre,
                encoder: Encoder::Linear {
                    mean: perceptron(&[pixels, LATENT]),
                    log_variance: Parameter::new("log_variance", Tensor::zeros([LATENT])),
                },
                decoder: perceptron(&[LATENT, pixels]),
            },
            VaeNetwork::Deep => Self {
                centre,
                encoder: Encoder::Deep(perceptron(&[pixels, WIDTH, 2 * LATENT])),
                decoder: perceptron(&[LATENT, WIDTH, pixels]),
            },
        }
    }

    /// Trains one by an objective; `pictures` is `[pictures, pixels]` with inks from 0 to 1.
    ///
    /// # Errors
    /// Where a number is not finite, or somebody stops it.
    pub(super) fn trained(
        network: VaeNetwork,
        objective: VaeObjective,
        pictures: &Tensor,
        epochs: usize,
        seed: u64,
        watch: &Watch<'_>,
    ) -> Result<Self, TrainingError> {
        let mut rng = Rng::seed(seed);
        let model = Self::new(network, pictures, &mut rng);
        let batches = Batches::new([pictures], BATCH);
        let schedule = Schedule::Cosine { period: (epochs * batches.len()) as u64, minimum: 0.0 };
        let options = AdamOptions { learning_rate: network.learning_rate(), ..AdamOptions::default() };
        let mut adam = Adam::new(model.parameters(), options).with_schedule(schedule);
        for epoch in 1..=epochs {
            for [x] in batches.shuffled(&mut rng) {
                let loss = model.loss(objective, &x, &mut rng).mean();
                adam.step(&loss).map_err(|error| TrainingError::Diverged {
                    loss: objective.in_words(),
                    epoch,
                    cause: error.to_string(),
                })?;
                watch.step()?;
            }
        }
        Ok(model)
    }

    fn parameters(&self) -> Vec<Parameter> {
        let mut parameters = match &self.encoder {
            Encoder::Linear { mean, log_variance } => [mean.parameters(), vec![log_variance.clone()]].concat(),
            Encoder::Deep(both) => both.parameters(),
        };
        parameters.extend(self.decoder.parameters());
        parameters
    }

    /// Which codes may stand for the pictures.
    pub(super) fn encode(&self, x: &Tensor) -> Code {
        let x = x - &self.centre;
        match &self.encoder {
            Encoder::Linear { mean, log_variance } => {
                Code { mean: mean.forward(&x), log_variance: log_variance.value().expand([x.shape()[0], LATENT]) }
            }
            Encoder::Deep(both) => {
                let halves = both.forward(&x).split(-1, &[LATENT, LATENT]);
                let [mean, log_variance] = halves.try_into().expect("two halves");
                Code { mean, log_variance }
            }
        }
    }

    /// The pictures of codes: means of what the pixels may be.
    pub(super) fn decode(&self, z: &Tensor) -> Tensor {
        &self.centre + self.decoder.forward(z)
    }

    /// −log p(x | z), a density in steps of ink; `z` may have axes before the pictures'.
    pub(super) fn reconstruction(&self, x: &Tensor, z: &Tensor) -> Tensor {
        let mean = self.decode(z);
        let variance = Tensor::scalar((DEVIATION / INK).powi(2)).cast(mean.dtype());
        let density = GaussianNllOptions { full: true, ..GaussianNllOptions::default() };
        (gaussian_nll(&mean, &x.expand(mean.shape()), &variance, density) + INK.ln()).sum_axis(-1)
    }

    /// log p(x, z) − log q(z | x) of a code for each of the `noise`, `[codes, pictures, units]`; `[pictures, codes]`.
    pub(super) fn log_weights(&self, x: &Tensor, code: &Code, noise: &Tensor) -> Tensor {
        let z = code.drawn(noise);
        // log p(z) − log q(z | x): what is the same in both normal densities is gone.
        let prior_to_posterior = (0.5 * (noise.square() + &code.log_variance - z.square())).sum_axis(-1);
        (prior_to_posterior - self.reconstruction(x, &z)).transpose()
    }

    /// One loss for each picture.
    fn loss(&self, objective: VaeObjective, x: &Tensor, rng: &mut Rng) -> Tensor {
        let code = self.encode(x);
        let mut noise = |codes: usize| Tensor::normal([codes, x.shape()[0], LATENT], rng);
        let mut one_code = || self.reconstruction(x, &code.drawn(&noise(1).squeeze(0)));
        let Code { mean, log_variance } = &code;
        match objective {
            VaeObjective::Beta { beta } => beta_vae(&one_code(), mean, log_variance, beta),
            VaeObjective::FreeBits { nats } => free_bits_elbo(&one_code(), mean, log_variance, nats),
            VaeObjective::ImportanceWeighted { codes } => {
                importance_weighted_elbo(&self.log_weights(x, &code, &noise(codes)))
            }
        }
    }
}
