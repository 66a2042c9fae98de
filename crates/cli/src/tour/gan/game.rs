//! The game of two networks: one makes pictures, the other tells them from true ones.

use minimand::prelude::*;
use serde::Serialize;

use super::GanLoss;

/// Numbers that a picture is made of.
pub(super) const LATENT: usize = 16;

/// Width of the two hidden layers of either network.
const WIDTH: usize = 64;

/// Pictures in a step.
pub(super) const BATCH: usize = 64;

/// Steps of the generator for one of the critic where the generator is in a hurry.
pub(super) const HASTE: u64 = 10;

/// What is chosen on the validation pictures.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct GanSetting {
    /// Of both networks; it falls to 0 along a cosine.
    pub learning_rate: f64,
    /// Weight of the penalty on the critic's slope; 0 where there is none.
    pub penalty: f64,
}

impl GanLoss {
    /// What is tried, as many for each loss.
    pub(super) fn settings(self) -> Vec<GanSetting> {
        let all = |rates: &[f64], penalties: &[f64]| {
            let pairs = rates.iter().flat_map(|&rate| penalties.iter().map(move |&penalty| (rate, penalty)));
            pairs.map(|(learning_rate, penalty)| GanSetting { learning_rate, penalty }).collect()
        };
        match self {
            Self::NonSaturating | Self::Hinge => all(&[2e-3, 1e-2, 2e-2, 4e-2], &[0.0]),
            Self::Saturating | Self::Hasty => Vec::new(),
            Self::GradientPenalty | Self::RealPenalty => all(&[1e-2, 3e-2], &[1.0, 10.0]),
        }
    }
}

/// Two networks and what trains them.
pub(super) struct Game<'a> {
    loss: GanLoss,
    penalty: f64,
    real: &'a Tensor,
    generator: Mlp,
    critic: Mlp,
    generator_optimizer: Adam,
    critic_optimizer: Adam,
    rng: Rng,
}

impl<'a> Game<'a> {
    /// Before the first of so many steps of the generator; `real` is `[pictures, pixels]`.
    pub(super) fn new(loss: GanLoss, setting: GanSetting, real: &'a Tensor, steps: u64, seed: u64) -> Self {
        let mut rng = Rng::seed(seed);
        let pixels = real.shape()[1];
        let generator = Mlp::new([LATENT, WIDTH, WIDTH, pixels], Activation::Relu, &mut rng);
        let critic = Mlp::new([pixels, WIDTH, WIDTH, 1], Activation::LeakyRelu { slope: 0.2 }, &mut rng);
        let options =
            AdamOptions { learning_rate: setting.learning_rate, betas: (0.5, 0.99), ..AdamOptions::default() };
        let optimizer = |network: &Mlp, steps: u64| {
            Adam::new(network.parameters(), options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 })
        };
        Self {
            generator_optimizer: optimizer(&generator, steps),
            critic_optimizer: optimizer(&critic, steps / generator_steps(loss)),
            penalty: setting.penalty,
            loss,
            real,
            generator,
            critic,
            rng,
        }
    }

    /// The critic's step and the generator's; gives how many the generator took.
    pub(super) fn step(&mut self) -> Result<u64, StepError> {
        let rows: Vec<i64> = (0..BATCH).map(|_| self.rng.below(self.real.shape()[0]) as i64).collect();
        let real = self.real.index_select(0, Tensor::from(rows)).computed();
        let fake = self.fake().detach().computed();
        let critic = |pictures: &Tensor| self.critic.forward(pictures).squeeze(-1);
        let loss = match self.loss {
            GanLoss::NonSaturating | GanLoss::Saturating | GanLoss::Hasty => {
                minimax_discriminator(&critic(&real), &critic(&fake))
            }
            GanLoss::Hinge => hinge_discriminator(&critic(&real), &critic(&fake)),
            GanLoss::GradientPenalty => {
                let between = Interpolates::between(&real, &fake, &mut self.rng);
                wasserstein_critic(&critic(&real), &critic(&fake))
                    + gradient_penalty(&critic(&between), &between, self.penalty)
            }
            GanLoss::RealPenalty => {
                let scores = critic(&real);
                minimax_discriminator(&scores, &critic(&fake)) + r1_penalty(&scores, &real, self.penalty)
            }
        };
        self.critic_optimizer.step(&loss.mean())?;
        for _ in 0..generator_steps(self.loss) {
            let fake = self.fake();
            let scores = self.critic.forward(&fake);
            let loss = match self.loss {
                GanLoss::NonSaturating | GanLoss::Hasty | GanLoss::RealPenalty => non_saturating_generator(&scores),
                GanLoss::Saturating => minimax_generator(&scores),
                GanLoss::Hinge | GanLoss::GradientPenalty => wasserstein_generator(&scores),
            };
            self.generator_optimizer.step(&loss.mean())?;
        }
        Ok(generator_steps(self.loss))
    }

    fn fake(&mut self) -> Tensor {
        let latents = Tensor::normal([BATCH, LATENT], &mut self.rng);
        self.made(&latents)
    }

    /// The pictures of these latent vectors, inks from 0 to 1.
    pub(super) fn made(&self, latents: &Tensor) -> Tensor {
        self.generator.forward(latents).sigmoid()
    }
}

/// For one of the critic.
fn generator_steps(loss: GanLoss) -> u64 {
    match loss {
        GanLoss::NonSaturating
        | GanLoss::Hinge
        | GanLoss::GradientPenalty
        | GanLoss::RealPenalty
        | GanLoss::Saturating => 1,
        GanLoss::Hasty => HASTE,
    }
}
