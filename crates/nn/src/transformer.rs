//! Transformers: blocks of attention and a perceptron, above each other.

use minimand_tensor::{DType, Rng, Tensor};

use crate::activation::Activation;
use crate::attention::AttentionMask;
use crate::dropout::Dropout;
use crate::linear::Linear;
use crate::module::{Module, Parts};
use crate::multi_head::{MultiHeadAttention, MultiHeadAttentionOptions};
use crate::normalisation::{LayerNorm, NormOptions};
use crate::parameters::ParameterOptions;
use crate::summary::noted;

/// What may be chosen in a [`TransformerBlock`] or a [`TransformerEncoder`].
///
/// ```
/// use minimand_nn::{Activation, TransformerOptions};
///
/// // The block of GPT-2.
/// let gpt = TransformerOptions {
///     activation: Activation::GeluTanh,
///     norm_first: true,
///     causal: true,
///     dropout: 0.1,
///     ..Default::default()
/// };
/// assert_eq!(gpt.hidden, None); // four times the size
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct TransformerOptions {
    /// Entries of the hidden layer of the perceptron. Default: `None`, four times as many as a vector has.
    #[doc(alias = "dim_feedforward")]
    pub hidden: Option<usize>,
    /// Between the two layers of the perceptron. Default: ReLU.
    pub activation: Activation,
    /// Probability with which a weight of the attention, a hidden entry of the perceptron, and an entry of what is added to the vectors, is
    /// dropped in training: see [`Dropout`]. Default: 0; PyTorch's is 0.1.
    pub dropout: f64,
    /// Whether the vectors are normalised before attention and perceptron (pre-norm: GPT-2, easier to train deep), not after what they give was
    /// added (post-norm: Vaswani et al. 2017). Default: false.
    pub norm_first: bool,
    /// Whether a place sees only those up to its own: what makes a language model. Default: false.
    pub causal: bool,
    /// Whether queries and keys are turned by their places, and the base of the frequencies: see
    /// [`rotate_by_position`](crate::rotate_by_position). Default: `None`.
    pub rotary_base: Option<f64>,
    /// What is added to the variance in the normalisations. Default: 1e-5.
    pub epsilon: f64,
    /// Whether attention, perceptron and normalisations have biases. Default: true.
    pub bias: bool,
    /// Element type of the parameters, f32 or f64.
    pub dtype: DType,
    /// Written before the names of the parameters in messages: `encoder` makes `encoder.linear1.weight`.
    pub name: String,
}

impl Default for TransformerOptions {
    fn default() -> TransformerOptions {
        TransformerOptions {
            hidden: None,
            activation: Activation::Relu,
            dropout: 0.0,
            norm_first: false,
            causal: false,
            rotary_base: None,
            epsilon: 1e-5,
            bias: true,
            dtype: DType::F32,
            name: String::new(),
        }
    }
}

impl TransformerOptions {
    /// The name of a part, in messages.
    fn named(&self, part: &str) -> String {
        if self.name.is_empty() { part.to_owned() } else { format!("{}.{part}", self.name) }
    }

    #[track_caller]
    fn norm(&self, size: usize, part: &str) -> LayerNorm {
        let options = NormOptions {
            epsilon: self.epsilon,
            bias: self.bias,
            dtype: self.dtype,
            name: self.named(part),
            ..NormOptions::default()
        };
        LayerNorm::with_options(size, options)
    }

    #[track_caller]
    fn linear(&self, inputs: usize, outputs: usize, part: &str, rng: &mut Rng) -> Linear {
        let options = ParameterOptions {
            bias: self.bias,
            dtype: self.dtype,
            name: self.named(part),
            ..ParameterOptions::default()
        };
        Linear::with_options(inputs, outputs, options, rng)
    }
}

/// A block of a transformer: attention among the places of a sequence, then a perceptron at each place, each added to what came in and
/// normalised. `[batch, length, size]` to the same. Vaswani et al. 2017, section 3.1.
///
/// ```text
/// x = norm1(x + attention(x))         or, with norm_first:    x = x + attention(norm1(x))
/// x = norm2(x + perceptron(x))                                x = x + perceptron(norm2(x))
/// ```
///
/// With [`causal`](TransformerOptions::causal) it is the block of a decoder without an encoder, a language model.
///
/// The parameters have PyTorch's names and layouts, so its checkpoints fit: `self_attn.in_proj_weight`, …, `linear1.weight`, `linear2.weight`,
/// `norm1.weight`, `norm2.weight`.
///
/// ```
/// use minimand_nn::{Module, TransformerBlock, TransformerOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// let options = TransformerOptions { causal: true, norm_first: true, ..Default::default() };
/// let block = TransformerBlock::with_options(8, 2, options, &mut Rng::seed(7));
/// let x = Tensor::zeros([3, 5, 8]);
/// assert_eq!(block.forward(&x).shape().to_string(), "[3, 5, 8]");
/// assert_eq!(block.parameter_count().total, 872); // (3 + 1) · 8 · 9, 8 · 33 + 32 · 9 … and 4 · 8 of the normalisations
/// ```
#[doc(alias = "TransformerEncoderLayer")]
#[derive(Clone, Debug)]
pub struct TransformerBlock {
    attention: MultiHeadAttention,
    linears: [Linear; 2],
    norms: [LayerNorm; 2],
    /// Of the hidden entries, and of what attention and perceptron add.
    dropouts: Option<[Dropout; 3]>,
    activation: Activation,
    norm_first: bool,
    causal: bool,
}

impl TransformerBlock {
    /// A block for vectors of `size` entries as in Vaswani et al. 2017, but without dropout: post-norm, with ReLU; f32.
    ///
    /// # Panics
    /// When `size` or `heads` is 0, or the heads do not divide the size.
    #[track_caller]
    pub fn new(size: usize, heads: usize, rng: &mut Rng) -> TransformerBlock {
        TransformerBlock::with_options(size, heads, TransformerOptions::default(), rng)
    }

    /// A block with everything chosen.
    ///
    /// # Panics
    /// As [`new`](TransformerBlock::new) and [`MultiHeadAttention::with_options`]; when the hidden layer is empty.
    #[track_caller]
    pub fn with_options(size: usize, heads: usize, options: TransformerOptions, rng: &mut Rng) -> TransformerBlock {
        let hidden = options.hidden.unwrap_or(4 * size);
        let of_attention = MultiHeadAttentionOptions {
            dropout: options.dropout,
            rotary_base: options.rotary_base,
            bias: options.bias,
            dtype: options.dtype,
            name: options.named("self_attn"),
            ..MultiHeadAttentionOptions::default()
        };
        let attention = MultiHeadAttention::with_options(size, heads, of_attention, rng);
        let linears = [options.linear(size, hidden, "linear1", rng), options.linear(hidden, size, "linear2", rng)];
        TransformerBlock {
            attention,
            linears,
            norms: ["norm1", "norm2"].map(|part| options.norm(size, part)),
            dropouts: (options.dropout != 0.0).then(|| [0, 1, 2].map(|_| Dropout::new(options.dropout, rng))),
            activation: options.activation,
            norm_first: options.norm_first,
            causal: options.causal,
        }
    }

    /// The attention among the places.
    pub fn attention(&self) -> &MultiHeadAttention {
        &self.attention
    }

    /// As [`forward`](Module::forward), with some places hidden from others. A causal block remains causal.
    ///
    /// # Panics
    /// When the input is not `[batch, length, size]`, or the mask does not fit.
    #[track_caller]
    pub fn forward_masked(&self, input: &Tensor, mask: &AttentionMask) -> Tensor {
        let mask = AttentionMask { causal: mask.causal || self.causal, ..mask.clone() };
        let [norm1, norm2] = &self.norms;
        let output = if self.norm_first {
            let x = input + self.attend(&norm1.forward(input), &mask);
            &x + self.perceive(&norm2.forward(&x))
        } else {
            let x = norm1.forward(&(input + self.attend(input, &mask)));
            norm2.forward(&(&x + self.perceive(&x)))
        };
        noted(self, output)
    }

    fn dropped(&self, index: usize, x: Tensor) -> Tensor {
        match &self.dropouts {
            Some(dropouts) => dropouts[index].forward(&x),
            None => x,
        }
    }

    #[track_caller]
    fn attend(&self, x: &Tensor, mask: &AttentionMask) -> Tensor {
        self.dropped(1, self.attention.attend(x, x, x, mask).0)
    }

    #[track_caller]
    fn perceive(&self, x: &Tensor) -> Tensor {
        let [first, second] = &self.linears;
        let hidden = self.activation.forward(&first.forward(x));
        self.dropped(2, second.forward(&self.dropped(0, hidden)))
    }
}

impl Module for TransformerBlock {
    /// Without a mask but the causal one, if the block is causal.
    ///
    /// # Panics
    /// When the input is not `[batch, length, size]`.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        self.forward_masked(input, &AttentionMask::default())
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        parts.module("self_attn", &self.attention);
        for (name, linear) in ["linear1", "linear2"].into_iter().zip(&self.linears) {
            parts.module(name, linear);
        }
        for (name, norm) in ["norm1", "norm2"].into_iter().zip(&self.norms) {
            parts.module(name, norm);
        }
        for (name, dropout) in ["dropout", "dropout1", "dropout2"].into_iter().zip(self.dropouts.iter().flatten()) {
            parts.module(name, dropout);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}

/// [Blocks](TransformerBlock) of a transformer above each other: `layers.0`, `layers.1`, …, and a last normalisation, `norm`, if the blocks
/// normalise before what they add. `[batch, length, size]` to the same.
///
/// Causal, it is the decoder of a language model. It does not know the order of the places by itself, unless it is causal or
/// [rotary](TransformerOptions::rotary_base): add an encoding of them first, such as [`SinusoidalPositions`](crate::SinusoidalPositions).
///
/// ```
/// use minimand_nn::{Embedding, Linear, Module, Sequential, SinusoidalPositions, TransformerEncoder, TransformerOptions};
/// use minimand_tensor::{Rng, Tensor};
///
/// // A language model: for each place the logits of what comes next, of 50 words.
/// let mut rng = Rng::seed(7);
/// let options = TransformerOptions { causal: true, norm_first: true, ..Default::default() };
/// let model = Sequential::new()
///     .then(Embedding::new(50, 16, &mut rng))
///     .then(SinusoidalPositions)
///     .then(TransformerEncoder::new(16, 4, 2, options, &mut rng))
///     .then(Linear::new(16, 50, &mut rng));
/// let text = Tensor::random_integers([3, 7], 0..50, &mut rng);
/// assert_eq!(model.forward(&text).shape().to_string(), "[3, 7, 50]");
/// assert_eq!(model.named_parameters()[1].0, "2.layers.0.self_attn.in_proj_weight");
/// ```
#[derive(Clone, Debug)]
pub struct TransformerEncoder {
    blocks: Vec<TransformerBlock>,
    norm: Option<LayerNorm>,
}

impl TransformerEncoder {
    /// So many blocks with `heads` heads each, for vectors of `size` entries.
    ///
    /// # Panics
    /// As [`TransformerBlock::with_options`], and when there is no block.
    #[track_caller]
    pub fn new(
        size: usize,
        heads: usize,
        blocks: usize,
        options: TransformerOptions,
        rng: &mut Rng,
    ) -> TransformerEncoder {
        assert!(blocks > 0, "transformer_encoder: there must be at least one block");
        let mut built = Vec::with_capacity(blocks);
        for index in 0..blocks {
            let of_block = TransformerOptions { name: options.named(&format!("layers.{index}")), ..options.clone() };
            built.push(TransformerBlock::with_options(size, heads, of_block, rng));
        }
        TransformerEncoder { blocks: built, norm: options.norm_first.then(|| options.norm(size, "norm")) }
    }

    /// The blocks, first to last.
    pub fn blocks(&self) -> &[TransformerBlock] {
        &self.blocks
    }

    /// As [`forward`](Module::forward), with some places hidden from others in every block.
    ///
    /// # Panics
    /// When the input is not `[batch, length, size]`, or the mask does not fit.
    #[track_caller]
    pub fn forward_masked(&self, input: &Tensor, mask: &AttentionMask) -> Tensor {
        let mut output = input.clone();
        for block in &self.blocks {
            output = block.forward_masked(&output, mask);
        }
        let output = match &self.norm {
            Some(norm) => norm.forward(&output),
            None => output,
        };
        noted(self, output)
    }
}

impl Module for TransformerEncoder {
    /// Without a mask but the causal one, if the blocks are causal.
    ///
    /// # Panics
    /// When the input is not `[batch, length, size]`.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        self.forward_masked(input, &AttentionMask::default())
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        for (index, block) in self.blocks.iter().enumerate() {
            parts.module(format!("layers.{index}"), block);
        }
        if let Some(norm) = &self.norm {
            parts.module("norm", norm);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
