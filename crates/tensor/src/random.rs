//! Random tensors from an explicit generator: the same seed gives the same numbers on every machine.

use std::ops::RangeBounds;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rand::rngs::ChaCha8Rng;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};

use crate::tensor::Tensor;
use crate::trace::{self, Generator};
use minimand_engine::{Categories, DType, Element, NoDistribution, Shape, vector, whole_numbers};

/// A seeded generator of random numbers (ChaCha with 8 rounds): the same seed gives the same sequence everywhere.
/// A clone goes on with the same sequence as the original; for one of its own, [`split`](Rng::split).
///
/// A function that is traced by [`compile`](crate::compile()) may draw tensors: every replay draws them anew, as the function itself would. Single
/// numbers cannot be drawn in it, nor can the generator be cloned, unless it was seeded there and so gives the same numbers at every call.
#[doc(alias("manual_seed", "generator"))]
#[derive(Debug)]
pub struct Rng {
    /// Shared with the traces that draw from it.
    state: Generator,
    birth: Birth,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Birth {
    /// Its numbers go on from call to call of a function that is being traced.
    Before,
    /// It was seeded while the trace of this number was recorded: every call would seed it again.
    InTrace(u64),
    /// It lends its state to a single draw, which a trace records as a whole.
    ForADraw,
}

fn shared(generator: ChaCha8Rng) -> Generator {
    Arc::new(Mutex::new(generator))
}

/// Draws from a generator that a function is given for the time being.
fn lend<R>(generator: &mut ChaCha8Rng, draw: impl FnOnce(&mut Rng) -> R) -> R {
    /// Gives the generator back, also when the function panics.
    struct Lent<'a>(&'a mut ChaCha8Rng, Rng);
    impl Drop for Lent<'_> {
        fn drop(&mut self) {
            std::mem::swap(self.0, &mut self.1.lock());
        }
    }
    let lent = shared(std::mem::replace(generator, ChaCha8Rng::from_seed([0; 32])));
    draw(&mut Lent(generator, Rng { state: lent, birth: Birth::ForADraw }).1)
}

impl Clone for Rng {
    #[track_caller]
    fn clone(&self) -> Rng {
        let state = self.single("clone").serialize_state();
        Rng { state: shared(ChaCha8Rng::deserialize_state(&state)), birth: self.birth }
    }
}

impl Rng {
    /// A generator from a seed.
    pub fn seed(seed: u64) -> Rng {
        let birth = if trace::is_tracing() { Birth::InTrace(trace::current()) } else { Birth::Before };
        Rng { state: shared(ChaCha8Rng::seed_from_u64(seed)), birth }
    }

    /// A new generator whose sequence is independent of what this one gives later: one for each layer, epoch or thread.
    #[must_use]
    pub fn split(&mut self) -> Rng {
        let split = |generator: &mut ChaCha8Rng| ChaCha8Rng::from_seed(generator.random());
        let child = shared(split(&mut self.lock()));
        if !self.is_recorded() {
            return Rng { state: child, birth: self.birth };
        }
        let split_again = Arc::clone(&child);
        let again = move |generator: &mut ChaCha8Rng| {
            *split_again.lock().unwrap_or_else(PoisonError::into_inner) = split(generator);
            None
        };
        trace::draw(&self.state, Box::new(again));
        Rng { state: child, birth: Birth::Before }
    }

    /// The state, to be stored: a generator [set to it](Rng::set_state) gives the same numbers as this one from here on. Panics as
    /// [`uniform`](Rng::uniform) does.
    #[doc(alias = "get_rng_state")]
    #[track_caller]
    pub fn state(&self) -> [u8; 49] {
        self.single("state").serialize_state()
    }

    /// Goes on from a [state](Rng::state), and so do the traced functions that draw from this generator. Panics as [`uniform`](Rng::uniform) does.
    #[doc(alias = "set_rng_state")]
    #[track_caller]
    pub fn set_state(&mut self, state: &[u8; 49]) {
        *self.single("set_state") = ChaCha8Rng::deserialize_state(state);
    }

    /// A number evenly distributed in `0.0..1.0`.
    ///
    /// # Panics
    /// In a function that is being traced, as every replay would go on with the number of the first call: see [`Rng`].
    #[track_caller]
    pub fn uniform(&mut self) -> f64 {
        self.single("uniform").random()
    }

    /// A number from the standard normal distribution. Panics as [`uniform`](Rng::uniform) does.
    #[track_caller]
    pub fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut *self.single("normal"))
    }

    /// A whole number evenly distributed in `0..end`. Panics when `end` is 0, and as [`uniform`](Rng::uniform) does.
    #[track_caller]
    pub fn below(&mut self, end: usize) -> usize {
        assert!(end > 0, "below: there is no number below 0");
        self.single("below").random_range(0..end as u64) as usize
    }

    /// The numbers `0..length` in random order. Panics as [`uniform`](Rng::uniform) does.
    #[track_caller]
    pub fn permutation(&mut self, length: usize) -> Vec<usize> {
        let mut generator = self.single("permutation");
        let mut order: Vec<usize> = vector(length);
        order.extend(0..length);
        order.shuffle(&mut *generator);
        order
    }

    /// The generator as the crate `rand` knows it, for its distributions. Panics as [`uniform`](Rng::uniform) does.
    #[track_caller]
    pub fn generator(&mut self) -> impl rand::Rng + '_ {
        self.single("generator")
    }

    fn lock(&self) -> MutexGuard<'_, ChaCha8Rng> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a function is being traced at whose next call this generator gives other numbers.
    fn is_recorded(&self) -> bool {
        trace::is_tracing() && self.birth != Birth::ForADraw && self.birth != Birth::InTrace(trace::current())
    }

    /// The generator for numbers that no replay draws anew.
    #[track_caller]
    fn single(&self, operation: &str) -> MutexGuard<'_, ChaCha8Rng> {
        assert!(
            !self.is_recorded(),
            "{operation}: numbers are drawn while a function is traced, and every replay would go on with those of the first call: draw a tensor \
             (Tensor::drawn, uniform, normal, bernoulli, permutation), or draw outside and pass the numbers as an argument"
        );
        self.lock()
    }
}

impl Tensor {
    /// Entries that a function draws one after the other, in row-major order: a distribution of one's own. In a function that is traced by
    /// [`compile`](crate::compile()), every replay draws anew.
    ///
    /// ```
    /// # use minimand_tensor::{Rng, Tensor};
    /// let two_dice = Tensor::drawn([1000], &mut Rng::seed(7), |rng| (2 + rng.below(6) + rng.below(6)) as i64);
    /// assert_eq!((two_dice.min().item(), two_dice.max().item()), (2.0, 12.0));
    /// ```
    #[track_caller]
    pub fn drawn<T: Element>(
        shape: impl Into<Shape>,
        rng: &mut Rng,
        draw: impl Fn(&mut Rng) -> T + Send + Sync + 'static,
    ) -> Tensor {
        let shape = shape.into();
        let of = shape.clone();
        Tensor::all_drawn("drawn", shape, rng, move |generator| lend(generator, |rng| filled(&of, || draw(rng))))
    }

    #[track_caller]
    fn each_drawn<T: Element>(
        operation: &str,
        shape: Shape,
        rng: &mut Rng,
        draw: impl Fn(&mut ChaCha8Rng) -> T + Send + Sync + 'static,
    ) -> Tensor {
        let of = shape.clone();
        Tensor::all_drawn(operation, shape, rng, move |generator| filled(&of, || draw(generator)))
    }

    /// A leaf of numbers that are drawn now, and at every replay anew.
    #[track_caller]
    fn all_drawn<T: Element>(
        operation: &str,
        shape: Shape,
        rng: &mut Rng,
        draw: impl Fn(&mut ChaCha8Rng) -> Vec<T> + Send + Sync + 'static,
    ) -> Tensor {
        shape.check(T::DTYPE, operation);
        let values = draw(&mut rng.lock());
        if !rng.is_recorded() {
            return Tensor::from_vec(values, shape);
        }
        let leaf = Tensor::leaf(Arc::new(T::storage(values.into())), shape, true);
        trace::draw_leaf(&leaf, &rng.state, move |generator| Arc::new(T::storage(draw(generator).into())));
        leaf
    }
}

/// As many values as a shape has entries, one after the other.
fn filled<T>(shape: &Shape, mut draw: impl FnMut() -> T) -> Vec<T> {
    let mut values = vector(shape.elements());
    values.extend((0..shape.elements()).map(|_| draw()));
    values
}

/// Draws labels for rows of weights, or of their logarithms.
#[track_caller]
fn labels(operation: &str, [argument, entry]: [&str; 2], rows: &Tensor, count: usize, rng: &mut Rng) -> Tensor {
    let shape = rows.shape();
    assert!(rows.rank() > 0, "{operation}: {argument} {shape} must be […, classes]");
    let (last, classes) = (rows.rank() - 1, shape[rows.rank() - 1]);
    let result = shape.with(last, count);
    result.check(DType::I64, operation);
    let categories = match Categories::of(rows.to_vec(), classes, entry == "logit") {
        // Without classes there is none to draw, for any row.
        Ok(_) if classes == 0 && result.elements() > 0 => Err(NoDistribution { row: 0, class: None, number: 0.0 }),
        found => found,
    };
    let categories = match categories {
        Ok(categories) => categories,
        Err(wrong) => panic!("{operation}: {}", wrong.in_words(shape, argument, entry)),
    };
    Tensor::all_drawn(operation, result, rng, move |generator| categories.draw(count, || generator.random()))
}

constructors! {
    /// Independent numbers from the standard normal distribution, f32.
    #[doc(alias = "randn")]
    pub normal(shape: impl Into<Shape>, rng: &mut Rng) = {
        Tensor::each_drawn("normal", shape.into(), rng, |generator| {
            let number: f64 = StandardNormal.sample(generator);
            number as f32
        })
    }; {
        /// let x = Tensor::normal([1000], &mut Rng::seed(7));
        /// assert!(x.mean().item().abs() < 0.1);
    }
    /// Independent numbers evenly distributed in `low..high`, f32.
    ///
    /// # Panics
    /// When `low` is above `high`, or one of them is not finite.
    #[doc(alias = "rand")]
    pub uniform(shape: impl Into<Shape>, low: f64, high: f64, rng: &mut Rng) = {
        assert!(low <= high && low.is_finite() && high.is_finite(), "uniform: from {low} to {high}");
        let greatest = high as f32;
        Tensor::each_drawn("uniform", shape.into(), rng, move |generator| {
            let value = (low + (high - low) * generator.random::<f64>()) as f32;
            // Rounding to f32 may reach the excluded end.
            if value >= greatest && low < high { greatest.next_down().max(low as f32) } else { value }
        })
    };
    /// Independent ones with the given probability, else zeros, f32.
    ///
    /// # Panics
    /// When the probability is not within `0..=1`.
    pub bernoulli(shape: impl Into<Shape>, probability: f64, rng: &mut Rng) = {
        assert!((0.0..=1.0).contains(&probability), "bernoulli: {probability} is not a probability");
        let is_one = move |generator: &mut ChaCha8Rng| generator.random::<f64>() < probability;
        Tensor::each_drawn("bernoulli", shape.into(), rng, move |generator| f32::from(is_one(generator)))
    };
    /// Independent whole numbers evenly distributed in a range, i64.
    ///
    /// # Panics
    /// When the range is empty.
    #[doc(alias("randint", "integers"))]
    pub random_integers(shape: impl Into<Shape>, range: impl RangeBounds<i64>, rng: &mut Rng) = {
        let range = match whole_numbers(range) {
            Ok(range) => range,
            Err(wrong) => panic!("random_integers: {wrong}"),
        };
        Tensor::each_drawn("random_integers", shape.into(), rng, move |generator| generator.random_range(range.clone()))
    }; {
        /// let dice = Tensor::random_integers([1000], 1..=6, &mut Rng::seed(7));
        /// assert_eq!((dice.min().item(), dice.max().item()), (1.0, 6.0));
    }
    /// Independent class labels, i64: `count` for each row of `weights`, `[…, classes]` to `[…, count]`. A class is drawn as often as its
    /// share in the sum of its row says: weights are probabilities, or anything proportional to them.
    ///
    /// # Panics
    /// When `weights` has no axis, or a row holds a weight that is negative, infinite or NaN, or nothing but zeros: the message names the row.
    #[doc(alias = "multinomial")]
    pub categorical(weights: &Tensor, count: usize, rng: &mut Rng) = labels("categorical", ["weights", "weight"], weights, count, rng); {
        /// let weights = Tensor::from([[0.0, 1.0, 0.0], [2.0, 0.0, 2.0]]);
        /// let labels = Tensor::categorical(&weights, 1000, &mut Rng::seed(7));
        /// assert_eq!(labels.at(0, 0).eq(1).sum().item(), 1000.0);
        /// assert!((labels.at(0, 1).eq(2).sum().item() - 500.0).abs() < 50.0);
    }
    /// [`categorical`](Tensor::categorical) with the logarithms of the weights: the classes are drawn with the probabilities
    /// [`softmax`](Tensor::softmax)`(-1)`, without overflow. -∞ excludes a class.
    ///
    /// # Panics
    /// When `logits` has no axis, or a row holds NaN or ∞, or nothing but -∞: the message names the row.
    pub categorical_with_logits(logits: &Tensor, count: usize, rng: &mut Rng) = {
        labels("categorical_with_logits", ["logits", "logit"], logits, count, rng)
    }; {
        /// let logits = Tensor::from([1e4, f64::NEG_INFINITY, -1e4]);
        /// let labels = Tensor::categorical_with_logits(&logits, 3, &mut Rng::seed(7));
        /// assert_eq!(labels.to_string(), "[0, 0, 0]");
    }
    /// The whole numbers `0..length` in random order, i64.
    pub permutation(length: usize, rng: &mut Rng) = {
        Tensor::all_drawn("permutation", Shape::from(length), rng, move |generator| {
            let order = lend(generator, |rng| rng.permutation(length));
            order.into_iter().map(|index| index as i64).collect()
        })
    };
}
