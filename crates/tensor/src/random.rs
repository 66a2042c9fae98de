//! Random tensors from an explicit generator: the same seed gives the same numbers on every machine.

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::dtype::{DType, Element};
use crate::exec::vector;
use crate::shape::Shape;
use crate::tensor::Tensor;

/// A seeded generator of random numbers (ChaCha with 8 rounds): the same seed gives the same sequence everywhere.
/// A clone goes on with the same sequence as the original; for one of its own, [`split`](Rng::split).
#[doc(alias = "manual_seed")]
#[doc(alias = "generator")]
#[derive(Debug)]
pub struct Rng(ChaCha8Rng);

impl Clone for Rng {
    fn clone(&self) -> Rng {
        Rng(ChaCha8Rng::deserialize_state(&self.0.serialize_state()))
    }
}

impl Rng {
    /// A generator from a seed.
    pub fn seed(seed: u64) -> Rng {
        Rng(ChaCha8Rng::seed_from_u64(seed))
    }

    /// A new generator whose sequence is independent of what this one gives later: one for each layer, epoch or thread.
    #[must_use]
    pub fn split(&mut self) -> Rng {
        Rng(ChaCha8Rng::from_seed(self.0.random()))
    }

    /// A number evenly distributed in `0.0..1.0`.
    pub fn uniform(&mut self) -> f64 {
        self.0.random()
    }

    /// A number from the standard normal distribution.
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A whole number evenly distributed in `0..end`.
    ///
    /// # Panics
    /// When `end` is 0.
    #[track_caller]
    pub fn below(&mut self, end: usize) -> usize {
        assert!(end > 0, "below: there is no number below 0");
        self.0.random_range(0..end as u64) as usize
    }

    /// The numbers `0..length` in random order.
    pub fn permutation(&mut self, length: usize) -> Vec<usize> {
        let mut order: Vec<usize> = vector(length);
        order.extend(0..length);
        order.shuffle(&mut self.0);
        order
    }

    /// The generator as the crate `rand` knows it, for its distributions.
    pub fn generator(&mut self) -> &mut impl rand::Rng {
        &mut self.0
    }
}

impl Tensor {
    /// Independent numbers from the standard normal distribution, f32.
    ///
    /// ```
    /// # use minimand_tensor::{Rng, Tensor};
    /// let x = Tensor::normal([1000], &mut Rng::seed(7));
    /// assert!(x.mean().item().abs() < 0.1);
    /// ```
    #[doc(alias = "randn")]
    #[track_caller]
    pub fn normal(shape: impl Into<Shape>, rng: &mut Rng) -> Tensor {
        Tensor::drawn("normal", shape.into(), || rng.normal() as f32)
    }

    /// Independent numbers evenly distributed in `low..high`, f32.
    ///
    /// # Panics
    /// When `low` is above `high`, or one of them is not finite.
    #[doc(alias = "rand")]
    #[track_caller]
    pub fn uniform(shape: impl Into<Shape>, low: f64, high: f64, rng: &mut Rng) -> Tensor {
        assert!(low <= high && low.is_finite() && high.is_finite(), "uniform: from {low} to {high}");
        let greatest = high as f32;
        Tensor::drawn("uniform", shape.into(), || {
            let value = (low + (high - low) * rng.uniform()) as f32;
            // Rounding to f32 may reach the excluded end.
            if value >= greatest && low < high { greatest.next_down().max(low as f32) } else { value }
        })
    }

    /// Independent ones with the given probability, else zeros, f32.
    ///
    /// # Panics
    /// When the probability is not within `0..=1`.
    #[track_caller]
    pub fn bernoulli(shape: impl Into<Shape>, probability: f64, rng: &mut Rng) -> Tensor {
        assert!((0.0..=1.0).contains(&probability), "bernoulli: {probability} is not a probability");
        Tensor::drawn("bernoulli", shape.into(), || f32::from(u8::from(rng.uniform() < probability)))
    }

    /// The whole numbers `0..length` in random order, i64.
    #[track_caller]
    pub fn permutation(length: usize, rng: &mut Rng) -> Tensor {
        Shape::from(length).check(DType::I64, "permutation");
        let mut order: Vec<i64> = vector(length);
        order.extend(rng.permutation(length).into_iter().map(|index| index as i64));
        Tensor::from(order)
    }

    #[track_caller]
    pub(super) fn drawn<T: Element>(operation: &str, shape: Shape, mut draw: impl FnMut() -> T) -> Tensor {
        shape.check(T::DTYPE, operation);
        let mut values = vector(shape.elements());
        values.extend((0..shape.elements()).map(|_| draw()));
        Tensor::from_vec(values, shape)
    }
}
