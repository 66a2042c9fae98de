//! Who paints pictures: one perceptron, one training; only the loss differs.

use minimand::prelude::*;

use super::{BlurLoss, classifier::Classifier, fashion::SIDE, judge::feature_weights};
use crate::tour::{chapter::Watch, training::TrainingError};

/// Pictures in a step.
pub(super) const BATCH: usize = 50;

/// Of the painter and of the critic; it falls to 0 along a cosine.
pub(super) const LEARNING_RATE: f64 = 5e-3;

/// Weight of the critic's word beside the squared error.
pub(super) const CRITIC_WEIGHT: f64 = 0.1;

/// Weight of the penalty on the critic's slope at true pictures.
const PENALTY: f64 = 1.0;

/// The penalty counts in one of so many steps, as many times as much: its second derivative takes long.
const PENALTY_EVERY: u64 = 8;

/// Pixels across the window of structural similarity while painters learn: small pictures do not need the usual 11.
const WINDOW: usize = 7;

/// Channels of the critic's two convolutions.
const CRITIC_CHANNELS: [usize; 2] = [8, 16];

/// What is painted, from what.
pub(super) struct Task<'a> {
    /// What the painter sees: `[pictures, numbers]`.
    pub(super) input: Tensor,
    /// The true pictures, `[pictures, 1, 28, 28]`.
    pub(super) truth: &'a Tensor,
    /// The first row that is painted; those above are given.
    pub(super) first: usize,
    /// Widths of the hidden layers.
    pub(super) hidden: &'a [usize],
}

impl<'a> Task<'a> {
    /// To paint a picture from itself, through few numbers.
    pub(super) fn reconstruction(truth: &'a Tensor, hidden: &'a [usize]) -> Self {
        Self { input: truth.reshape([truth.shape()[0], SIDE * SIDE]).computed(), truth, first: 0, hidden }
    }

    /// To paint the lower half from the upper one.
    pub(super) fn completion(truth: &'a Tensor, hidden: &'a [usize]) -> Self {
        let first = SIDE / 2;
        let upper = truth.slice(2, ..first).reshape([truth.shape()[0], first * SIDE]).computed();
        Self { input: upper, truth, first, hidden }
    }

    fn pixels(&self) -> usize {
        (SIDE - self.first) * SIDE
    }

    /// Steps of a training of so many epochs.
    pub(super) fn steps(&self, epochs: usize) -> u64 {
        (epochs * self.truth.shape()[0].div_ceil(BATCH)) as u64
    }

    /// What a painter makes of these inputs: `[pictures, 1, rows, 28]`, from 0 to 1.
    pub(super) fn painted(&self, painter: &Mlp, input: &Tensor) -> Tensor {
        painter.forward(input).sigmoid().reshape([input.shape()[0], 1, SIDE - self.first, SIDE])
    }

    /// Trains a painter.
    ///
    /// # Errors
    /// Where a number is not finite, or somebody stops it.
    pub(super) fn learn(
        &self,
        loss: BlurLoss,
        epochs: usize,
        seed: u64,
        teachers: &Teachers,
        watch: &Watch<'_>,
    ) -> Result<Mlp, TrainingError> {
        let mut rng = Rng::seed(seed);
        let sizes: Vec<usize> =
            [self.input.shape()[1]].into_iter().chain(self.hidden.iter().copied()).chain([self.pixels()]).collect();
        let painter = Mlp::new(&sizes, Activation::LeakyRelu { slope: 0.2 }, &mut rng);
        let mut critic = (loss == BlurLoss::Adversarial).then(|| Critic::new(self.steps(epochs), &mut rng));
        let batches = Batches::new([&self.input, self.truth], BATCH);
        let mut optimizer = optimizer(painter.parameters(), self.steps(epochs), (0.9, 0.999));
        for epoch in 1..=epochs {
            let diverged = |error: StepError| TrainingError::Diverged {
                loss: loss.in_words().into(),
                epoch,
                cause: error.to_string(),
            };
            for [input, truth] in batches.shuffled(&mut rng) {
                let made = self.painted(&painter, &input);
                let target = truth.slice(2, self.first..);
                let value = match loss {
                    BlurLoss::SquaredError => squared_error(&made, &target).mean(),
                    BlurLoss::AbsoluteError => absolute_error(&made, &target).mean(),
                    BlurLoss::Ssim => {
                        ssim(&made, &target, SsimOptions { window_size: WINDOW, ..SsimOptions::default() }).mean()
                    }
                    BlurLoss::Perceptual => {
                        let features = |pictures: &Tensor| teachers.classifier.features(pictures);
                        perceptual(&features(&made), &features(&target), &teachers.weights).mean()
                    }
                    BlurLoss::Adversarial => {
                        let critic = critic.as_mut().expect("it was made above");
                        let whole = if self.first == 0 {
                            made.clone()
                        } else {
                            Tensor::concatenate([&truth.slice(2, ..self.first), &made], 2)
                        };
                        critic.learn(&truth, &whole.detach().computed()).map_err(diverged)?;
                        let word = non_saturating_generator(&critic.scores(&whole)).mean();
                        squared_error(&made, &target).mean() + CRITIC_WEIGHT * word
                    }
                };
                optimizer.step(&value).map_err(diverged)?;
                watch.step()?;
            }
        }
        Ok(painter)
    }
}

/// Whose features the perceptual loss compares.
pub(super) struct Teachers {
    pub(super) classifier: Classifier,
    /// Of its layers.
    pub(super) weights: Vec<f64>,
}

impl Teachers {
    /// Each layer weighs as much as it varies over these pictures.
    pub(super) fn new(classifier: Classifier, pictures: &Tensor) -> Self {
        Self { weights: feature_weights(&classifier, pictures), classifier }
    }
}

/// Tells true pictures from painted ones.
struct Critic {
    network: Sequential,
    optimizer: Adam,
    taken: u64,
}

impl Critic {
    fn new(steps: u64, rng: &mut Rng) -> Self {
        let half_size = Conv2dOptions { stride: [2, 2], padding: [1, 1], ..Default::default() };
        let [few, many] = CRITIC_CHANNELS;
        let network = Sequential::new()
            .then(Conv2d::with_options(1, few, [4, 4], half_size, rng))
            .then(Activation::LeakyRelu { slope: 0.2 })
            .then(Conv2d::with_options(few, many, [4, 4], half_size, rng))
            .then(Activation::LeakyRelu { slope: 0.2 })
            .then(Flatten)
            .then(Linear::new(many * (SIDE / 4).pow(2), 1, rng));
        Self { optimizer: optimizer(network.parameters(), steps, (0.5, 0.99)), network, taken: 0 }
    }

    fn scores(&self, pictures: &Tensor) -> Tensor {
        self.network.forward(pictures).squeeze(-1)
    }

    /// One step: true pictures up, painted ones down, and no slope at true ones.
    fn learn(&mut self, truth: &Tensor, painted: &Tensor) -> Result<(), StepError> {
        let real = self.scores(truth);
        let loss = minimax_discriminator(&real, &self.scores(painted));
        let loss = if self.taken.is_multiple_of(PENALTY_EVERY) {
            loss + r1_penalty(&real, truth, PENALTY * PENALTY_EVERY as f64)
        } else {
            loss
        };
        self.taken += 1;
        self.optimizer.step(&loss.mean()).map(|_| ())
    }
}

fn optimizer(parameters: Vec<Parameter>, steps: u64, betas: (f64, f64)) -> Adam {
    let options = AdamOptions { learning_rate: LEARNING_RATE, betas, ..AdamOptions::default() };
    Adam::new(parameters, options).with_schedule(Schedule::Cosine { period: steps, minimum: 0.0 })
}
