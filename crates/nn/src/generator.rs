//! Random numbers that a module draws in its forward pass, as a part of its training state.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use minimand_tensor::{Rng, Tensor};

/// A random generator that a module draws from in its forward pass, such as the masks of a [`Dropout`](crate::Dropout).
///
/// A module that names it in [`parts`](crate::Module::parts) has it stored and restored with the rest of the training state, so that training goes on
/// to the same bits: see [`Checkpoint::of_training`](crate::Checkpoint::of_training).
///
/// ```
/// use minimand_nn::{Generator, Module, Parts};
/// use minimand_tensor::{Rng, Tensor};
///
/// /// Adds noise to its input.
/// struct Noise(Generator);
///
/// impl Module for Noise {
///     fn forward(&self, input: &Tensor) -> Tensor {
///         input + self.0.draw(|rng| Tensor::normal(input.shape(), rng))
///     }
///     fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
///         parts.generator("generator", &self.0);
///     }
/// }
///
/// let noise = Noise(Generator::new(&mut Rng::seed(7)));
/// let x = Tensor::zeros([3]);
/// assert_ne!(noise.forward(&x).to_vec::<f32>(), noise.forward(&x).to_vec::<f32>());
/// ```
pub struct Generator(Mutex<Rng>);

impl Generator {
    /// A generator of its own, split off from `rng`.
    pub fn new(rng: &mut Rng) -> Generator {
        Generator(Mutex::new(rng.split()))
    }

    /// Draws from the generator.
    pub fn draw<R>(&self, draw: impl FnOnce(&mut Rng) -> R) -> R {
        draw(&mut self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, Rng> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[track_caller]
    pub(crate) fn state(&self) -> Tensor {
        stored(&self.lock())
    }

    #[track_caller]
    pub(crate) fn set_state(&self, state: &[u8; 49]) {
        self.lock().set_state(state);
    }
}

impl Clone for Generator {
    /// An independent copy, which gives the same numbers as the original would from here on.
    fn clone(&self) -> Generator {
        Generator(Mutex::new(self.lock().clone()))
    }
}

impl fmt::Debug for Generator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Generator")
    }
}

/// The words of a stored state.
pub(crate) const WORDS: usize = 7;

/// The state of a generator as a tensor: 49 bytes and 7 zeros in seven words.
#[track_caller]
pub(crate) fn stored(rng: &Rng) -> Tensor {
    let mut bytes = [0; 8 * WORDS];
    bytes[..49].copy_from_slice(&rng.state());
    let words = bytes.as_chunks::<8>().0.iter().copied().map(i64::from_le_bytes);
    Tensor::from(words.collect::<Vec<_>>())
}

/// The state that a tensor of seven words holds.
pub(crate) fn state_of(words: &Tensor) -> [u8; 49] {
    let bytes: Vec<u8> = words.to_vec::<i64>().into_iter().flat_map(i64::to_le_bytes).collect();
    *bytes.first_chunk().expect("seven words are 56 bytes")
}
