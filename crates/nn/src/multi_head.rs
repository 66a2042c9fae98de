//! The attention layer: several attentions beside each other, each in a subspace of its own.

use minimand_tensor::{DType, Parameter, Rng, Shape, Tensor};

use crate::attention::{AttentionMask, Weighing};
use crate::dropout::Dropout;
use crate::initializer::Initializer;
use crate::linear::Linear;
use crate::module::{Module, Parts};
use crate::parameters::ParameterOptions;
use crate::position::rotate_by_position;
use crate::summary::noted;

/// What may be chosen in a [`MultiHeadAttention`].
#[derive(Clone, Debug, PartialEq)]
pub struct MultiHeadAttentionOptions {
    /// Entries of a key. Default: `None`, as many as a query has.
    #[doc(alias = "kdim")]
    pub key_size: Option<usize>,
    /// Entries of a value. Default: `None`, as many as a query has.
    #[doc(alias = "vdim")]
    pub value_size: Option<usize>,
    /// Probability with which a weight of the attention is dropped in training: see [`Dropout`]. Default: 0.
    pub dropout: f64,
    /// Whether queries and keys are turned by their places before they are compared, and the base of the frequencies: see
    /// [`rotate_by_position`]. Default: `None`.
    pub rotary_base: Option<f64>,
    /// Whether the projections have biases. Default: true.
    pub bias: bool,
    /// Element type of the parameters, f32 or f64.
    pub dtype: DType,
    /// Written before the names of the parameters in messages: `attention` makes `attention.in_proj_weight`.
    pub name: String,
}

impl Default for MultiHeadAttentionOptions {
    fn default() -> MultiHeadAttentionOptions {
        MultiHeadAttentionOptions {
            key_size: None,
            value_size: None,
            dropout: 0.0,
            rotary_base: None,
            bias: true,
            dtype: DType::F32,
            name: String::new(),
        }
    }
}

/// The weights that make queries, keys and values of the inputs.
#[derive(Debug)]
enum Projections {
    /// `[3 · size, size]`: those of the queries, then of the keys, then of the values.
    Joint(Parameter),
    /// `[size, …]` each.
    Separate([Parameter; 3]),
}

const SEPARATE: [&str; 3] = ["q_proj_weight", "k_proj_weight", "v_proj_weight"];

/// Several attentions (heads) beside each other, each between projections of its own; their results are joined and projected back.
/// Vaswani et al. 2017, section 3.2.2.
///
/// ```text
/// headᵢ = softmax(Q Wᵢ(query)ᵀ (K Wᵢ(key)ᵀ)ᵀ / √(size / heads)) V Wᵢ(value)ᵀ
/// output = concatenate(head₁, head₂, …) W(out)ᵀ + b
/// ```
///
/// As a [`Module`] it is self-attention: queries, keys and values are all made of the one input, `[batch, length, size]`. With
/// [`attend`](MultiHeadAttention::attend) they may be made of different ones, and some of the keys hidden.
///
/// The parameters have PyTorch's names and layouts, so its checkpoints fit: `in_proj_weight`, `in_proj_bias`, `out_proj.weight`,
/// `out_proj.bias`; and `q_proj_weight`, `k_proj_weight`, `v_proj_weight` where keys or values have a size of their own. They start as PyTorch's:
/// projections by [`xavier_uniform`](crate::xavier_uniform), biases 0.
///
/// ```
/// use minimand_nn::{AttentionMask, Module, MultiHeadAttention};
/// use minimand_tensor::{Rng, Tensor};
///
/// let mut rng = Rng::seed(7);
/// let attention = MultiHeadAttention::new(8, 2, &mut rng);
/// let x = Tensor::normal([3, 5, 8], &mut rng);
/// assert_eq!(attention.forward(&x).shape().to_string(), "[3, 5, 8]");
///
/// let (output, weights) = attention.attend(&x, &x, &x, &AttentionMask::causal());
/// assert_eq!(output.shape().to_string(), "[3, 5, 8]");
/// assert_eq!(weights.shape().to_string(), "[3, 2, 5, 5]"); // for each head; not computed unless it is read
/// ```
#[doc(alias = "MultiheadAttention")]
#[derive(Debug)]
pub struct MultiHeadAttention {
    projections: Projections,
    bias: Option<Parameter>,
    output: Linear,
    dropout: Option<Dropout>,
    heads: usize,
    rotary_base: Option<f64>,
}

impl MultiHeadAttention {
    /// Attention between vectors of `size` entries, f32, without dropout.
    ///
    /// # Panics
    /// When `size` or `heads` is 0, or the heads do not divide the size.
    #[track_caller]
    pub fn new(size: usize, heads: usize, rng: &mut Rng) -> MultiHeadAttention {
        MultiHeadAttention::with_options(size, heads, MultiHeadAttentionOptions::default(), rng)
    }

    /// Attention with everything chosen.
    ///
    /// # Panics
    /// As [`new`](MultiHeadAttention::new); when keys or values have size 0, the dropout is not in `0.0..1.0`, or `dtype` is no floating-point
    /// type; when queries are turned by their places and a head has an odd size.
    #[track_caller]
    pub fn with_options(
        size: usize,
        heads: usize,
        options: MultiHeadAttentionOptions,
        rng: &mut Rng,
    ) -> MultiHeadAttention {
        let MultiHeadAttentionOptions { key_size, value_size, dropout, rotary_base, bias, dtype, name } = options;
        let sizes = [size, key_size.unwrap_or(size), value_size.unwrap_or(size)];
        assert!(
            heads > 0 && !sizes.contains(&0),
            "multi_head_attention: {heads} heads for queries, keys and values of size {sizes:?}"
        );
        assert!(size.is_multiple_of(heads), "multi_head_attention: {heads} heads do not divide the size {size}");
        assert!(
            rotary_base.is_none() || (size / heads).is_multiple_of(2),
            "multi_head_attention: heads of size {}: pairs of entries are turned, so it must be even",
            size / heads
        );
        let named = |part: &str| if name.is_empty() { part.to_owned() } else { format!("{name}.{part}") };
        let xavier = Initializer::XavierUniform { gain: 1.0 };
        let mut draw = |part: &str, outputs: usize, inputs: usize| {
            Parameter::new(named(part), xavier.draw([outputs, inputs], dtype, rng))
        };
        let projections = if sizes == [size; 3] {
            Projections::Joint(draw("in_proj_weight", 3 * size, size))
        } else {
            Projections::Separate([0, 1, 2].map(|index| draw(SEPARATE[index], size, sizes[index])))
        };
        let zeros = || Tensor::zeros([3 * size]).cast(dtype);
        let of_output = ParameterOptions {
            bias,
            bias_initializer: Initializer::Constant(0.0),
            dtype,
            name: named("out_proj"),
            ..ParameterOptions::default()
        };
        MultiHeadAttention {
            projections,
            bias: bias.then(|| Parameter::new(named("in_proj_bias"), zeros())),
            output: Linear::with_options(size, size, of_output, rng),
            dropout: (dropout != 0.0).then(|| Dropout::new(dropout, rng)),
            heads,
            rotary_base,
        }
    }

    /// Number of heads.
    pub fn heads(&self) -> usize {
        self.heads
    }

    /// Number of entries of a query and of the output.
    pub fn size(&self) -> usize {
        self.output.inputs()
    }

    /// What each query gathers, `[batch, queries, size]`, and the weights it does so with, `[batch, heads, queries, keys]`, before dropout.
    ///
    /// `query` is `[batch, queries, size]`, `key` `[batch, keys, key size]`, `value` `[batch, keys, value size]`. The mask of the scores broadcasts
    /// with the weights. The weights are computed only if they are read; PyTorch returns their mean over the heads, `mean_axis(1)`.
    ///
    /// A query that may look at nothing has weights 0; its output is the bias of the last projection.
    ///
    /// # Panics
    /// When the inputs or the mask do not fit.
    #[track_caller]
    pub fn attend(&self, query: &Tensor, key: &Tensor, value: &Tensor, mask: &AttentionMask) -> (Tensor, Tensor) {
        let [q, k, v] = self.project([query, key, value]);
        let weighing = Weighing::of(&q, &k, mask);
        let weights = weighing.weights();
        let gathered = weighing.gather(&v, |weights| match &self.dropout {
            Some(dropout) => dropout.forward(weights),
            None => weights.clone(),
        });
        // [batch, heads, queries, size / heads], and the heads beside each other again.
        let gathered = gathered.swap_axes(1, 2).reshape(query.shape());
        (noted(self, self.output.forward(&gathered)), weights)
    }

    /// Queries, keys and values, each `[batch, heads, length, size / heads]`.
    #[track_caller]
    fn project(&self, inputs: [&Tensor; 3]) -> [Tensor; 3] {
        let size = self.size();
        let wanted = match &self.projections {
            Projections::Joint(_) => [size; 3],
            Projections::Separate(weights) => weights.each_ref().map(|weight| weight.value().shape()[1]),
        };
        let [query, key, value] = inputs.map(Tensor::shape);
        let fits = inputs.iter().zip(wanted).all(|(x, size)| x.rank() == 3 && x.shape()[2] == size);
        assert!(
            fits && query[0] == key[0] && key[..2] == value[..2],
            "multi_head_attention: query {query}, key {key} and value {value} must be [batch, length, size] with sizes {wanted:?}, of one batch, \
             and with one value for each key"
        );
        let joint = match &self.projections {
            Projections::Joint(weight) => Some(weight.value()),
            Projections::Separate(_) => None,
        };
        let bias = self.bias.as_ref().map(Parameter::value);
        let same = inputs[0].id() == inputs[1].id() && inputs[1].id() == inputs[2].id();
        let project = |x: &Tensor, weight: &Tensor, bias: Option<Tensor>| {
            let rows = x.elements() / x.shape()[2];
            let shape = Shape::from([x.shape()[0], x.shape()[1], weight.shape()[0]]);
            let product = x.reshape([rows, x.shape()[2]]).matmul(&weight.transpose()).reshape(shape);
            bias.into_iter().fold(product, |product, bias| product + bias)
        };
        let third = |index: usize| index * size..(index + 1) * size;
        let projected = match (&self.projections, joint) {
            // One product makes all three.
            (Projections::Joint(_), Some(weight)) if same => {
                let all = project(inputs[0], &weight, bias);
                [0, 1, 2].map(|index| all.slice(-1, third(index)))
            }
            (Projections::Joint(_), weight) => {
                let weight = weight.expect("the joint weight");
                let part = |whole: &Tensor, index| whole.slice(0, third(index));
                [0, 1, 2].map(|i| project(inputs[i], &part(&weight, i), bias.as_ref().map(|bias| part(bias, i))))
            }
            (Projections::Separate(weights), _) => [0, 1, 2]
                .map(|i| project(inputs[i], &weights[i].value(), bias.as_ref().map(|bias| bias.slice(0, third(i))))),
        };
        let (heads, each) = (self.heads, size / self.heads);
        let [q, k, v] = projected.map(|x| {
            let (batch, length) = (x.shape()[0], x.shape()[1]);
            x.reshape([batch, length, heads, each]).swap_axes(1, 2)
        });
        match self.rotary_base {
            Some(base) => [rotate_by_position(&q, 0, base), rotate_by_position(&k, 0, base), v],
            None => [q, k, v],
        }
    }
}

impl Clone for MultiHeadAttention {
    /// An independent copy: the weights of one can be trained without changing the other's.
    fn clone(&self) -> MultiHeadAttention {
        MultiHeadAttention {
            projections: match &self.projections {
                Projections::Joint(weight) => Projections::Joint(weight.copied()),
                Projections::Separate(weights) => Projections::Separate(weights.each_ref().map(Parameter::copied)),
            },
            bias: self.bias.as_ref().map(Parameter::copied),
            output: self.output.clone(),
            dropout: self.dropout.clone(),
            heads: self.heads,
            rotary_base: self.rotary_base,
        }
    }
}

impl Module for MultiHeadAttention {
    /// Self-attention without a mask.
    ///
    /// # Panics
    /// When the input is not `[batch, length, size]`; when keys or values have a size of their own.
    #[track_caller]
    fn forward(&self, input: &Tensor) -> Tensor {
        self.attend(input, input, input, &AttentionMask::default()).0
    }

    fn parts<'a>(&'a self, parts: &mut Parts<'a>) {
        match &self.projections {
            Projections::Joint(weight) => {
                parts.parameter("in_proj_weight", weight);
            }
            Projections::Separate(weights) => {
                for (name, weight) in SEPARATE.into_iter().zip(weights) {
                    parts.parameter(name, weight);
                }
            }
        }
        if let Some(bias) = &self.bias {
            parts.parameter("in_proj_bias", bias);
        }
        parts.module("out_proj", &self.output);
        if let Some(dropout) = &self.dropout {
            parts.module("dropout", dropout);
        }
    }

    fn clone_boxed(&self) -> Option<Box<dyn Module>> {
        Some(Box::new(self.clone()))
    }
}
