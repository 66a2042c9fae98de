//! Log-probabilities of sequences of tokens.

use minimand_tensor::Tensor;

use crate::classification::cross_entropy;
use crate::labels::Labels;

/// Logarithms of the probabilities that a language model gives to the tokens of texts, where some tokens (the prompt, the padding) do not count.
///
/// [`dpo`](crate::dpo), [`kto`](crate::kto), [`cpo`](crate::cpo) and [`slic`](crate::slic) take their [`sum`](TokenLogProbabilities::sum), the
/// logarithm of the probability of the text; [`simpo`](crate::simpo), [`orpo`](crate::orpo) and [`ipo`](crate::ipo) their
/// [`mean`](TokenLogProbabilities::mean), which does not fall with the length.
///
/// ```
/// use minimand_loss::{LabelError, Labels, TokenLogProbabilities};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::zeros([2, 3, 4]); // texts, places, vocabulary
/// let tokens = Labels::with_ignored([3, 1, -100, 2, -100, -100], 4, -100)?.reshape([2, 3]);
/// let tokens = TokenLogProbabilities::of(&logits, &tokens);
/// assert_eq!(format!("{:.4}", tokens.sum()), "[-2.7726, -1.3863]");
/// assert_eq!(format!("{:.4}", tokens.mean()), "[-1.3863, -1.3863]");
/// # Ok::<(), LabelError>(())
/// ```
#[derive(Clone, Debug)]
pub struct TokenLogProbabilities {
    /// 0 where a token does not count.
    each: Tensor,
    /// bool; none when all count.
    kept: Option<Tensor>,
}

impl TokenLogProbabilities {
    /// From the scores `[…, places, vocabulary]` of the tokens that stand at the places, not of those after them; ignored labels do not count.
    ///
    /// # Panics
    /// When the shapes do not fit, or the labels have no axis.
    #[track_caller]
    pub fn of(logits: &Tensor, tokens: &Labels) -> TokenLogProbabilities {
        assert!(!tokens.shape().is_empty(), "tokens: there must be an axis for the places");
        TokenLogProbabilities { each: 0.0 - cross_entropy(logits, tokens), kept: tokens.kept().cloned() }
    }

    /// From log-probabilities `[…, places]` and a mask (bool) of the tokens that count, in their shape; what stands elsewhere, even NaN, has no
    /// influence.
    ///
    /// # Panics
    /// When the shapes differ or there is no axis.
    #[track_caller]
    pub fn from_tensor(log_probabilities: &Tensor, mask: Option<&Tensor>) -> TokenLogProbabilities {
        let shape = log_probabilities.shape();
        assert!(!shape.is_empty(), "tokens: log-probabilities {shape} must have an axis for the places");
        if let Some(mask) = mask {
            assert!(
                mask.shape() == shape,
                "tokens: log-probabilities {shape} and mask {} differ in shape",
                mask.shape()
            );
        }
        let each = mask.map_or_else(|| log_probabilities.clone(), |kept| kept.select(log_probabilities, 0));
        TokenLogProbabilities { each, kept: mask.cloned() }
    }

    /// The logarithm of the probability of each token, 0 where it does not count.
    pub fn each(&self) -> &Tensor {
        &self.each
    }

    /// The number of tokens that count, text by text.
    pub fn lengths(&self) -> Tensor {
        match &self.kept {
            Some(kept) => kept.cast(self.each.dtype()).sum_axis(-1),
            None => self.each.ones_like().sum_axis(-1),
        }
    }

    /// The logarithm of the probability of each text: 0 for one without tokens that count.
    pub fn sum(&self) -> Tensor {
        self.each.sum_axis(-1)
    }

    /// The mean over the tokens that count: 0 for a text without any.
    pub fn mean(&self) -> Tensor {
        self.sum() / self.lengths().clamp_min(1)
    }
}
