//! Dropout: noise in training, nothing in evaluation.

use std::sync::{Mutex, PoisonError};

use minimand_tensor::{Rng, Tensor};

use crate::module::{Mode, Module, Parts};

/// Sets each entry to 0 with a given probability while training, and divides the others by the probability of staying, so
/// that the mean is kept; in evaluation it is the identity. Srivastava et al. 2014.
///
/// Every call of `forward` in training draws a new mask from the module's own generator: the same seed and the same sequence of calls give
/// the same masks, in a function that is traced ([`compile`](minimand_tensor::compile())) as well. The generator's state is not part of a
/// checkpoint.
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
#[derive(Debug)]
pub struct Dropout {
    probability: f64,
    rng: Mutex<Rng>,
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
        Dropout { probability, rng: Mutex::new(rng.split()), mode: Mode::default() }
    }

    /// The probability of dropping an entry.
    pub fn probability(&self) -> f64 {
        self.probability
    }
}

impl Clone for Dropout {
    /// An independent copy, which draws the same masks as the original would from here on.
    fn clone(&self) -> Dropout {
        let rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner).clone();
        Dropout { probability: self.probability, rng: Mutex::new(rng), mode: self.mode.clone() }
    }
}

impl Module for Dropout {
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        if !self.mode.is_training() || self.probability == 0.0 {
            return input.clone();
        }
        let stays = 1.0 - self.probability;
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        Tensor::drawn(input.shape(), &mut rng, move |rng| rng.uniform() < stays).select(input / stays, 0)
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.mode(&self.mode);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
