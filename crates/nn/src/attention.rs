//! Attention: each query gathers values, weighted by how well their keys answer it.

use minimand_tensor::{DType, Tensor};

/// Which keys a query may attend to. All that are set hold together.
///
/// **A truth value says "takes part"**, here and in the other masks: `true` where a query may look. (PyTorch's `MultiheadAttention` and
/// `TransformerEncoder` have it the other way round, its `scaled_dot_product_attention` as it is here.)
///
/// ```
/// use minimand_nn::{AttentionMask, attention_weights};
/// use minimand_tensor::Tensor;
///
/// let (query, key) = (Tensor::zeros([1, 3, 2]), Tensor::zeros([1, 3, 2])); // all scores are 0
/// let weights = attention_weights(&query, &key, &AttentionMask::causal());
/// assert_eq!(format!("{weights:.2}"), "[[[1.00, 0.00, 0.00],\n  [0.50, 0.50, 0.00],\n  [0.33, 0.33, 0.33]]]");
///
/// let padded = AttentionMask { keys: Some(Tensor::from([[true, true, false]])), ..Default::default() };
/// assert_eq!(attention_weights(&query, &key, &padded).at(-2, 0).to_string(), "[[0.5, 0.5, 0]]");
/// ```
#[derive(Clone, Debug, Default)]
pub struct AttentionMask {
    /// Broadcasts with the scores `[…, queries, keys]`. Of type bool: true where the query may look at the key. Of a floating-point type: a
    /// number that is added to the score, such as [`alibi_bias`](crate::alibi_bias); it has a gradient.
    #[doc(alias = "attn_mask")]
    pub scores: Option<Tensor>,
    /// Which keys there are, bool `[batch, keys]`: false where a sequence is only filled up to the length of the others.
    #[doc(alias = "key_padding_mask")]
    pub keys: Option<Tensor>,
    /// Whether query i sees keys 0 to i alone: no look into the future.
    #[doc(alias = "is_causal")]
    pub causal: bool,
}

impl AttentionMask {
    /// Each query sees the keys up to its own place.
    pub fn causal() -> AttentionMask {
        AttentionMask { causal: true, ..AttentionMask::default() }
    }

    /// The scores `[batch, …, queries, keys]` with -∞ where a query may not look.
    #[track_caller]
    fn apply(&self, mut scores: Tensor) -> Tensor {
        let rank = scores.rank();
        let (queries, keys) = (scores.shape()[rank - 2], scores.shape()[rank - 1]);
        let hidden = f64::NEG_INFINITY;
        if let Some(mask) = &self.scores {
            let fits = mask.rank() <= rank
                && mask.shape().iter().rev().zip(scores.shape().iter().rev()).all(|(&m, &s)| m == s || m == 1);
            assert!(fits, "attention: mask {} does not broadcast to the scores {}", mask.shape(), scores.shape());
            scores = match mask.dtype() {
                DType::Bool => mask.select(scores, hidden),
                DType::F32 | DType::F64 => scores + mask,
                DType::I64 => panic!("attention: mask i64{} must be bool or of a floating-point type", mask.shape()),
            };
        }
        if let Some(there) = &self.keys {
            assert!(
                rank > 2 && *there.shape() == [scores.shape()[0], keys] && there.dtype() == DType::Bool,
                "attention: mask of keys {}{} for scores {}: it must be bool [batch, keys]",
                there.dtype(),
                there.shape(),
                scores.shape()
            );
            let mut shape = vec![1; rank];
            (shape[0], shape[rank - 1]) = (scores.shape()[0], keys);
            scores = there.reshape(shape).select(scores, hidden);
        }
        if self.causal {
            scores = Tensor::triangular_mask(queries, keys, 0).select(scores, hidden);
        }
        scores
    }
}

/// How much each query attends to each key: `softmax(Q Kᵀ / √size)` over the keys, with `query` `[…, queries, size]`, `key`
/// `[…, keys, size]` and the result `[…, queries, keys]`. Vaswani et al. 2017, equation 1.
///
/// A query that may look at nothing has the weight 0 everywhere, and the gradient 0.
///
/// # Panics
/// When query or key has fewer than two axes, they differ in size, or the mask does not fit.
#[track_caller]
pub fn attention_weights(query: &Tensor, key: &Tensor, mask: &AttentionMask) -> Tensor {
    checked(query, key);
    Weighing::of(query, key, mask).weights()
}

/// Refuses a query and a key that cannot be multiplied.
#[track_caller]
fn checked(query: &Tensor, key: &Tensor) {
    assert!(
        query.rank() >= 2 && key.rank() >= 2 && query.shape().last() == key.shape().last(),
        "attention: query {} and key {}: both must be […, length, size], and of one size",
        query.shape(),
        key.shape()
    );
}

/// Weights before they are divided by their sum, which is done once for each output and not once for each key: the division deferred, as by
/// Milakov and Gimelshein 2018, "Online normalizer calculation for softmax".
pub(crate) struct Weighing {
    /// `exp(score - greatest score)`, `[…, queries, keys]`.
    exponentials: Tensor,
    /// Their sum, `[…, queries, 1]`, or 1 where a query may look at nothing.
    sum: Tensor,
}

impl Weighing {
    /// By how well the keys answer each query.
    #[track_caller]
    pub(crate) fn of(query: &Tensor, key: &Tensor, mask: &AttentionMask) -> Weighing {
        let size = query.shape()[query.rank() - 1] as f64;
        let scores = mask.apply((query / size.sqrt()).matmul(&key.swap_axes(-1, -2)));
        // Its derivative cancels, so it is cut off; where it is infinite nothing is shifted.
        let greatest = scores.max_keepdim(-1).detach();
        let exponentials = (scores - greatest.is_finite().select(&greatest, 0)).exp();
        let sum = exponentials.sum_keepdim(-1);
        Weighing { sum: sum.eq(0).select(1, &sum), exponentials }
    }

    /// The values, weighted, of those keys that are kept.
    #[track_caller]
    pub(crate) fn gather(&self, value: &Tensor, kept: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
        kept(&self.exponentials).matmul(value) / &self.sum
    }

    /// The weights, which add up to 1.
    pub(crate) fn weights(&self) -> Tensor {
        &self.exponentials / &self.sum
    }
}

/// The values, weighted for each query by how well their keys answer it: `softmax(Q Kᵀ / √size) V`. Vaswani et al. 2017, "Attention is all
/// you need", equation 1.
///
/// # Shapes
/// `query` is `[…, queries, size]`, `key` `[…, keys, size]`, `value` `[…, keys, outputs]`, the result `[…, queries, outputs]`. The leading
/// axes broadcast: batch, or batch and heads.
///
/// # Gradient
/// That of its formula. **A query that may look at nothing** (every key masked) gives zeros and has the gradient 0; NaN in other libraries.
///
/// # Numbers
/// A weight of 0 times an infinite value, or NaN, is NaN, also where the key is masked. The values are added up before they are divided by
/// the sum of the weights, so they may be as large as the greatest number divided by the number of keys.
///
/// ```
/// use minimand_nn::{AttentionMask, scaled_dot_product_attention};
/// use minimand_tensor::Tensor;
///
/// // A dictionary: the key that is like the query has nearly all the weight.
/// let key = Tensor::from([[9.0, 0.0], [0.0, 9.0]]);
/// let value = Tensor::from([[10.0], [20.0]]);
/// let query = Tensor::from([[0.0, 1.0]]);
/// let found = scaled_dot_product_attention(&query, &key, &value, &AttentionMask::default());
/// assert_eq!(format!("{found:.2}"), "[[19.98]]");
/// ```
///
/// # Panics
/// When an input has fewer than two axes, the sizes or the numbers of keys differ, or the mask does not fit.
///
/// # See also
/// [`attention_weights`], for the weights beside the values; [`MultiHeadAttention`](crate::MultiHeadAttention), the layer.
#[track_caller]
pub fn scaled_dot_product_attention(query: &Tensor, key: &Tensor, value: &Tensor, mask: &AttentionMask) -> Tensor {
    assert!(
        value.rank() >= 2 && key.rank() >= 2 && value.shape()[value.rank() - 2] == key.shape()[key.rank() - 2],
        "attention: key {} and value {}: there must be one value for each key, along axis -2",
        key.shape(),
        value.shape()
    );
    checked(query, key);
    Weighing::of(query, key, mask).gather(value, Tensor::clone)
}
