//! Random tensors from an explicit generator: the same seed gives the same numbers on every machine.

use std::ops::{Bound, RangeBounds};

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

    /// Independent whole numbers evenly distributed in a range, i64.
    ///
    /// ```
    /// # use minimand_tensor::{Rng, Tensor};
    /// let dice = Tensor::random_integers([1000], 1..=6, &mut Rng::seed(7));
    /// assert_eq!((dice.min().item(), dice.max().item()), (1.0, 6.0));
    /// ```
    ///
    /// # Panics
    /// When the range is empty.
    #[doc(alias = "randint")]
    #[doc(alias = "integers")]
    #[track_caller]
    pub fn random_integers(shape: impl Into<Shape>, range: impl RangeBounds<i64>, rng: &mut Rng) -> Tensor {
        let low = match range.start_bound() {
            Bound::Included(&low) => Some(low),
            Bound::Excluded(&low) => low.checked_add(1),
            Bound::Unbounded => Some(i64::MIN),
        };
        let high = match range.end_bound() {
            Bound::Included(&high) => Some(high),
            Bound::Excluded(&high) => high.checked_sub(1),
            Bound::Unbounded => Some(i64::MAX),
        };
        let (Some(low), Some(high)) = (low, high) else { panic!("random_integers: the range is empty") };
        assert!(low <= high, "random_integers: from {low} to {high} there is no number");
        Tensor::drawn("random_integers", shape.into(), || rng.0.random_range(low..=high))
    }

    /// Independent class labels, i64: `count` for each row of `weights`, `[…, classes]` to `[…, count]`. A class is drawn as often as its
    /// share in the sum of its row says: weights are probabilities, or anything proportional to them.
    ///
    /// ```
    /// # use minimand_tensor::{Rng, Tensor};
    /// let weights = Tensor::from([[0.0, 1.0, 0.0], [2.0, 0.0, 2.0]]);
    /// let labels = Tensor::categorical(&weights, 1000, &mut Rng::seed(7));
    /// assert_eq!(labels.at(0, 0).eq(1).sum().item(), 1000.0);
    /// assert!((labels.at(0, 1).eq(2).sum().item() - 500.0).abs() < 50.0);
    /// ```
    ///
    /// # Panics
    /// When `weights` has no axis, or a row holds a weight that is negative, infinite or NaN, or nothing but zeros: the message names the row.
    #[doc(alias = "multinomial")]
    #[track_caller]
    pub fn categorical(weights: &Tensor, count: usize, rng: &mut Rng) -> Tensor {
        labels("categorical", "weights", weights, count, rng, |row| {
            let refused = row.iter().position(|&weight| weight < 0.0 || !weight.is_finite());
            if let Some(class) = refused {
                return Err(format!("holds {} for class {class}", row[class]));
            }
            let greatest = row.iter().copied().fold(0.0, f64::max);
            if greatest == 0.0 {
                return Err("holds no weight above 0".to_owned());
            }
            // So scaled, no sum overflows, and not all vanish.
            row.iter_mut().for_each(|weight| *weight /= greatest);
            Ok(())
        })
    }

    /// [`categorical`](Tensor::categorical) with the logarithms of the weights: the classes are drawn with the probabilities
    /// [`softmax`](Tensor::softmax)`(-1)`, without overflow. -∞ excludes a class.
    ///
    /// ```
    /// # use minimand_tensor::{Rng, Tensor};
    /// let logits = Tensor::from([1e4, f64::NEG_INFINITY, -1e4]);
    /// let labels = Tensor::categorical_with_logits(&logits, 3, &mut Rng::seed(7));
    /// assert_eq!(labels.to_string(), "[0, 0, 0]");
    /// ```
    ///
    /// # Panics
    /// When `logits` has no axis, or a row holds NaN or ∞, or nothing but -∞: the message names the row.
    #[track_caller]
    pub fn categorical_with_logits(logits: &Tensor, count: usize, rng: &mut Rng) -> Tensor {
        labels("categorical_with_logits", "logits", logits, count, rng, |row| {
            let refused = row.iter().position(|&logit| logit.is_nan() || logit == f64::INFINITY);
            if let Some(class) = refused {
                return Err(format!("holds {} for class {class}", row[class]));
            }
            let greatest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            if greatest == f64::NEG_INFINITY {
                return Err("holds no logit above -inf".to_owned());
            }
            row.iter_mut().for_each(|logit| *logit = libm::exp(*logit - greatest));
            Ok(())
        })
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

/// Draws labels by inverting the distribution function of each row, whose numbers `to_weights` turns into weights of which the greatest is 1.
#[track_caller]
fn labels(
    operation: &str,
    argument: &str,
    rows: &Tensor,
    count: usize,
    rng: &mut Rng,
    to_weights: impl Fn(&mut [f64]) -> Result<(), String>,
) -> Tensor {
    let shape = rows.shape();
    assert!(rows.rank() > 0, "{operation}: {argument} {shape} must be […, classes]");
    let (last, classes) = (rows.rank() - 1, shape[rows.rank() - 1]);
    let result = shape.with(last, count);
    result.check(DType::I64, operation);
    let mut drawn: Vec<i64> = vector(result.elements());
    let mut sums = rows.to_vec::<f64>();
    for number in 0..shape.without(&[last]).elements() {
        let row = &mut sums[number * classes..(number + 1) * classes];
        if let Err(fault) = to_weights(row) {
            panic!("{operation}: {} of {argument} {shape} {fault}", name_of_row(shape, number));
        }
        // In place: from weights to their sums, class by class.
        let mut sum = 0.0;
        for entry in row.iter_mut() {
            sum += *entry;
            *entry = sum;
        }
        // The class whose part of the sum a number falls into; rounding may make it the whole sum, which is nobody's part.
        let greatest = row.partition_point(|&below| below < sum);
        drawn.extend((0..count).map(|_| {
            let number = rng.uniform() * sum;
            row.partition_point(|&below| below <= number).min(greatest) as i64
        }));
    }
    Tensor::from_vec(drawn, result)
}

/// A row of the last axis, by its position along the others.
fn name_of_row(shape: &Shape, number: usize) -> String {
    match shape.rank() {
        1 => "the row".to_owned(),
        2 => format!("row {number}"),
        rank => {
            let mut left = number;
            let mut position: Vec<usize> = Vec::new();
            for &size in shape[..rank - 1].iter().rev() {
                position.push(left % size);
                left /= size;
            }
            position.reverse();
            format!("row {position:?}")
        }
    }
}
