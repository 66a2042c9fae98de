//! Where in a sequence: encodings of places, without which attention takes a sentence for a bag of words.

use minimand_tensor::{DType, Parameter, Rng, Tensor};

use crate::initializer::Initializer;
use crate::module::{Module, Parts};
use crate::summary::noted;

/// Angles `position / base^(2i/size)` of places `first..first + length`: `[length, size / 2]`, f64.
fn angles(first: usize, length: usize, size: usize, base: f64) -> Tensor {
    let places = (Tensor::iota(length) + first).cast(DType::F64);
    let frequencies = (Tensor::iota(size / 2).cast(DType::F64) * (-2.0 * base.ln() / size as f64)).exp();
    places.unsqueeze(-1) * frequencies
}

/// Each place of a sequence as sines and cosines of geometrically falling frequencies, `[length, size]`, f64:
///
/// ```text
/// P[p, 2i] = sin(p / 10000^(2i/size))      P[p, 2i+1] = cos(p / 10000^(2i/size))
/// ```
///
/// Vaswani et al. 2017, section 3.5. A shift by a number of places turns each pair of entries by an angle, whatever the place: so
/// distances can be read by a linear layer.
///
/// ```
/// let places = minimand_nn::sinusoidal_positions(3, 4);
/// assert_eq!(format!("{places:.2}"), "[[0.00, 1.00, 0.00, 1.00],\n [0.84, 0.54, 0.01, 1.00],\n [0.91, -0.42, 0.02, 1.00]]");
/// ```
///
/// # Panics
/// When `size` is odd or 0.
#[doc(alias = "positional_encoding")]
#[track_caller]
pub fn sinusoidal_positions(length: usize, size: usize) -> Tensor {
    assert!(
        size > 0 && size.is_multiple_of(2),
        "sinusoidal_positions: the size {size} must be even: sines and cosines"
    );
    let angles = angles(0, length, size, 10_000.0);
    Tensor::stack([&angles.sin(), &angles.cos()], -1).reshape([length, size])
}

/// Adds [`sinusoidal_positions`] to a batch of sequences, `[…, length, size]`. It has no parameters and no greatest length.
///
/// ```
/// use minimand_nn::{Module, SinusoidalPositions};
/// use minimand_tensor::Tensor;
///
/// let y = SinusoidalPositions.forward(&Tensor::zeros([1, 2, 2]));
/// assert_eq!(format!("{y:.2}"), "[[[0.00, 1.00],\n  [0.84, 0.54]]]");
/// ```
#[doc(alias = "PositionalEncoding")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SinusoidalPositions;

impl Module for SinusoidalPositions {
    /// # Panics
    /// When the input has fewer than two axes, or the last has an odd size.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let (length, size) = length_and_size("sinusoidal_positions", input);
        input + sinusoidal_positions(length, size).cast(input.dtype())
    }

    fn parts<'a>(&'a self, _parts: &mut Parts<'a>) {}

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(*self))
    }
}

#[track_caller]
fn length_and_size(operation: &str, input: &Tensor) -> (usize, usize) {
    assert!(input.rank() >= 2, "{operation}: input {} must be […, length, size]", input.shape());
    (input.shape()[input.rank() - 2], input.shape()[input.rank() - 1])
}

/// Adds a trained vector for each place to a batch of sequences, `[…, length, size]`, of up to a greatest length. Gehring et al. 2017; BERT and
/// GPT-2 have it.
///
/// The parameter is `weight`, `[greatest length, size]`, as of an [`Embedding`](crate::Embedding); it starts normal with standard
/// deviation 0.02, as in GPT-2.
///
/// ```
/// use minimand_nn::{LearnedPositions, Module};
/// use minimand_tensor::{DType, Rng, Tensor};
///
/// let positions = LearnedPositions::new(16, 4, DType::F32, &mut Rng::seed(7));
/// let y = positions.forward(&Tensor::zeros([3, 10, 4]));
/// assert_eq!(y.at(0, 2).to_vec::<f32>(), positions.weight().value().slice(0, ..10).to_vec::<f32>());
/// ```
#[derive(Debug)]
pub struct LearnedPositions {
    weight: Parameter,
}

impl LearnedPositions {
    /// Vectors for places `0..length`.
    ///
    /// # Panics
    /// When `length` or `size` is 0, or `dtype` is no floating-point type.
    #[track_caller]
    pub fn new(length: usize, size: usize, dtype: DType, rng: &mut Rng) -> LearnedPositions {
        assert!(length > 0 && size > 0, "learned_positions: {length} places of size {size}");
        let weight = Initializer::Normal { deviation: 0.02 }.draw([length, size], dtype, rng);
        LearnedPositions { weight: Parameter::new("weight", weight) }
    }

    /// The vectors, `[greatest length, size]`.
    pub fn weight(&self) -> &Parameter {
        &self.weight
    }
}

impl Clone for LearnedPositions {
    /// An independent copy: the vectors of one can be trained without changing the other's.
    fn clone(&self) -> LearnedPositions {
        LearnedPositions { weight: self.weight.copied() }
    }
}

impl Module for LearnedPositions {
    /// # Panics
    /// When the input has fewer than two axes, another size, or more places than there are vectors.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        let (length, size) = length_and_size("learned_positions", input);
        let weight = self.weight.value();
        assert!(
            length <= weight.shape()[0] && size == weight.shape()[1],
            "learned_positions: input {} and {} {}: too many places, or another size",
            input.shape(),
            weight.name().as_deref().unwrap_or("weight"),
            weight.shape()
        );
        noted(self, input + weight.slice(0, ..length))
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.parameter("weight", &self.weight);
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// Rotary encoding: turns each pair of neighbouring entries (2i, 2i+1) of the vector at place p by the angle `p / base^(2i/size)`,
/// with `x` `[…, length, size]` and p counted from `first`.
///
/// Su et al. 2021, "RoFormer", equation 34; base 10000. Queries and keys are turned before they are compared: their product then depends on the
/// distance of their places alone. (GPT-NeoX and Llama pair entry i with i + size/2 instead: the same with the entries in another order.)
///
/// ```
/// use minimand_nn::rotate_by_position;
/// use minimand_tensor::Tensor;
///
/// let (query, key) = (Tensor::from([[1.0, 2.0]]), Tensor::from([[0.5, -1.0]]));
/// let score = |q: usize, k: usize| {
///     (rotate_by_position(&query, q, 10_000.0) * rotate_by_position(&key, k, 10_000.0)).sum()
/// };
/// assert_eq!(format!("{:.6}", score(3, 1)), format!("{:.6}", score(12, 10)));
/// ```
///
/// # Panics
/// When `x` has fewer than two axes, or the last has an odd size.
#[doc(alias("RoPE", "rotary_embedding", "apply_rotary_pos_emb"))]
#[track_caller]
pub fn rotate_by_position(x: &Tensor, first: usize, base: f64) -> Tensor {
    let (length, size) = length_and_size("rotate_by_position", x);
    assert!(
        size.is_multiple_of(2),
        "rotate_by_position: {}: pairs of entries are turned: axis -1 must be even",
        x.shape()
    );
    let angles = angles(first, length, size, base);
    let [cos, sin] = [angles.cos(), angles.sin()].map(|of_angle| of_angle.cast(x.dtype()));
    let leading = &x.shape()[..x.rank() - 1];
    let pairs = x.reshape(leading.iter().copied().chain([size / 2, 2]).collect::<minimand_tensor::Shape>());
    let [a, b] = [pairs.at(-1, 0), pairs.at(-1, 1)];
    Tensor::stack([&(&a * &cos - &b * &sin), &(a * sin + b * cos)], -1).reshape(x.shape())
}

/// The slope of each head's [`alibi_bias`], `[heads]`, f64: `2^(-8/heads)`, its square, its cube, …. Press et al. 2022, "Train short, test long",
/// section 3. For numbers of heads that are no power of two: those of the next smaller power, then every second one of its double, as in the
/// authors' code.
///
/// ```
/// assert_eq!(minimand_nn::alibi_slopes(4).to_string(), "[0.25, 0.0625, 0.015625, 0.00390625]");
/// assert_eq!(minimand_nn::alibi_slopes(3).to_string(), "[0.0625, 0.00390625, 0.25]");
/// ```
///
/// # Panics
/// When `heads` is 0.
#[track_caller]
pub fn alibi_slopes(heads: usize) -> Tensor {
    assert!(heads > 0, "alibi_slopes: there are no heads");
    let power = 1usize << heads.ilog2();
    let series = |count: usize| (1..=count).map(move |head| (-8.0 * head as f64 / count as f64).exp2());
    Tensor::from(series(power).chain(series(2 * power).step_by(2)).take(heads).collect::<Vec<f64>>())
}

/// Attention with linear biases: what is added to the scores, `-slope · |distance|`, f64 `[heads, queries, keys]`, as the
/// [mask of the scores](crate::AttentionMask::scores). The farther a key, the less it counts; no place is encoded otherwise, so a model can read
/// longer sequences than it was trained on. Press et al. 2022.
///
/// ```
/// use minimand_nn::{AttentionMask, Module, MultiHeadAttention, alibi_bias};
/// use minimand_tensor::{DType, Rng, Tensor};
///
/// let bias = alibi_bias(2, 3, 3);
/// assert_eq!(bias.at(0, 0).to_string(), "[[0, -0.0625, -0.125],\n [-0.0625, 0, -0.0625],\n [-0.125, -0.0625, 0]]");
///
/// let attention = MultiHeadAttention::new(4, 2, &mut Rng::seed(7));
/// let mask = AttentionMask { scores: Some(bias.cast(DType::F32)), causal: true, ..Default::default() };
/// let x = Tensor::zeros([1, 3, 4]);
/// assert_eq!(attention.attend(&x, &x, &x, &mask).0.shape().to_string(), "[1, 3, 4]");
/// ```
///
/// # Panics
/// When `heads` is 0.
#[track_caller]
pub fn alibi_bias(heads: usize, queries: usize, keys: usize) -> Tensor {
    // Negated as integers, which have no -0.
    let distance = (Tensor::iota(queries).unsqueeze(-1) - Tensor::iota(keys)).abs();
    alibi_slopes(heads).reshape([heads, 1, 1]) * (-distance).cast(DType::F64)
}
