//! What is no model: single tensors, counts and random generators in a checkpoint.

use minimand_tensor::{DType, Rng, Shape, Tensor};

use super::Checkpoint;
use super::error::CheckpointError;
use crate::generator;

impl Checkpoint {
    /// Adds a tensor.
    ///
    /// # Panics
    /// When the name is already taken.
    #[must_use]
    #[track_caller]
    pub fn and(mut self, name: &str, tensor: Tensor) -> Checkpoint {
        assert!(!self.tensors.contains_key(name), "and: the checkpoint already holds a tensor called {name}");
        self.tensors.insert(name.to_owned(), tensor);
        self
    }

    /// Adds a count, such as that of epochs, as an i64 scalar: read it with [`count`](Checkpoint::count).
    ///
    /// # Panics
    /// When the name is already taken, or the count is beyond i64.
    #[must_use]
    #[track_caller]
    pub fn and_count(self, name: &str, count: u64) -> Checkpoint {
        self.and(name, Tensor::from(i64::try_from(count).expect("and_count: a count that i64 holds")))
    }

    /// Adds the state of a random generator: read it with [`rng`](Checkpoint::rng).
    ///
    /// ```
    /// # use minimand_nn::Checkpoint;
    /// # use minimand_tensor::Rng;
    /// let mut rng = Rng::seed(7);
    /// let checkpoint = Checkpoint::new().and_rng("rng", &rng);
    /// let number = rng.uniform();
    /// assert_eq!(checkpoint.rng("rng")?.uniform(), number);
    /// # Ok::<(), minimand_nn::CheckpointError>(())
    /// ```
    ///
    /// # Panics
    /// When the name is already taken; in a function that is being traced.
    #[must_use]
    #[track_caller]
    pub fn and_rng(self, name: &str, rng: &Rng) -> Checkpoint {
        self.and(name, generator::stored(rng))
    }

    /// A count that was stored.
    ///
    /// # Errors
    /// When it is missing, is no i64 scalar, or negative.
    pub fn count(&self, name: &str) -> Result<u64, CheckpointError> {
        let count = self.integers(name, "i64[]", |shape| shape.rank() == 0)?.to_vec::<i64>()[0];
        u64::try_from(count).map_err(|_| self.unsuitable(name, count, "at least 0"))
    }

    /// A random generator that goes on from a state that was stored.
    ///
    /// # Errors
    /// When it is missing, or no state of a generator.
    pub fn rng(&self, name: &str) -> Result<Rng, CheckpointError> {
        let expected = "i64[7], the state of a generator";
        let state = self.integers(name, expected, |shape| shape[..] == [generator::WORDS])?;
        let mut rng = Rng::seed(0);
        rng.set_state(&generator::state_of(state));
        Ok(rng)
    }

    /// The tensor of a name, which must be i64 and of a suitable shape.
    pub(crate) fn integers(
        &self,
        name: &str,
        expected: &str,
        is_suitable: impl Fn(&Shape) -> bool,
    ) -> Result<&Tensor, CheckpointError> {
        let Some(tensor) = self.tensors.get(name) else {
            return Err(CheckpointError::Missing { path: self.origin.clone(), name: self.full_name(name) });
        };
        if tensor.dtype() == DType::I64 && is_suitable(tensor.shape()) {
            return Ok(tensor);
        }
        Err(self.unsuitable(name, format!("{}{}", tensor.dtype(), tensor.shape()), expected))
    }

    pub(crate) fn unsuitable(&self, name: &str, found: impl ToString, expected: &str) -> CheckpointError {
        let (found, expected) = (found.to_string(), expected.to_owned());
        CheckpointError::Unsuitable { path: self.origin.clone(), name: self.full_name(name), found, expected }
    }

    fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.scope)
    }
}
