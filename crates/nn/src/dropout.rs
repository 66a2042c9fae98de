//! Dropout: noise in training, nothing in evaluation.

use minimand_tensor::{Rng, Tensor};

use crate::generator::Generator;
use crate::module::{Mode, Module, Parts};

/// Sets each entry to 0 with a given probability while training, and divides the others by the probability of staying, so
/// that the mean is kept; in evaluation it is the identity. Srivastava et al. 2014.
///
/// Every call of `forward` in training draws a new mask from the module's own generator: the same seed and the same sequence of calls give
/// the same masks, in a function that is traced ([`compile`](minimand_tensor::compile())) as well. The generator's state is part of
/// the [training state](crate::Checkpoint::of_training).
///
/// ```
/// use minimand_nn::{Dropout, Module};
/// use minimand_tensor::{Rng, Tensor};
///
/// let dropout = Dropout::new(0.5, &mut Rng::seed(7));
/// let x = Tensor::ones([6]);
/// assert_eq!(dropout.forward(&x).to_string(), "[0, 2, 2, 0, 2, 2]");
/// dropout.eval();
/// assert_eq!(dropout.forward(&x).to_string(), "[1, 1, 1, 1, 1, 1]");
/// ```
///
/// A clone is an independent copy, which draws the same masks as the original would from here on.
#[derive(Clone, Debug)]
pub struct Dropout {
    probability: f64,
    generator: Generator,
    mode: Mode,
}

impl Dropout {
    /// Drops with the given probability; the generator is split off from `rng`.
    ///
    /// # Panics
    /// When the probability is not in `0.0..1.0`.
    #[track_caller]
    pub fn new(probability: f64, rng: &mut Rng) -> Dropout {
        assert!((0.0..1.0).contains(&probability), "dropout: the probability {probability} is not in 0.0..1.0");
        Dropout { probability, generator: Generator::new(rng), mode: Mode::default() }
    }

    /// The probability of dropping an entry.
    pub fn probability(&self) -> f64 {
        self.probability
    }
}

impl Module for Dropout {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        if !self.mode.is_training() || self.probability == 0.0 {
            return input.clone();
        }
        let stays = 1.0 - self.probability;
        let draw = |rng: &mut Rng| Tensor::drawn(input.shape(), rng, move |rng| rng.uniform() < stays);
        self.generator.draw(draw).select(input / stays, 0)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.mode(&self.mode).generator("generator", &self.generator);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
