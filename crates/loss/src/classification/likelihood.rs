//! Negative log-likelihood of class labels.

use minimand_tensor::Tensor;

use crate::classification::CrossEntropyOptions;
use crate::labels::Labels;

/// Negative log-likelihood of class labels, given log-probabilities.
///
/// ```text
/// ℓ = −Σⱼ wⱼ qⱼ aⱼ
/// qⱼ = (1 − ε) [y = j] + ε / C
/// aⱼ = log_probabilitiesⱼ
/// y = labels
/// wⱼ = class_weightsⱼ
/// ε = label_smoothing
/// ```
///
/// # Shapes
/// `log_probabilities` a of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]` with C
/// classes; one loss per label, shape `[…]`. a is at most 0, and the exponentials of a row sum to 1; this is not
/// checked: probabilities instead of their logarithms give nonsense, silently. a = -∞ says that a class is impossible;
/// the loss is ∞ if it occurs. w are the class weights and ε the label smoothing of the options; impossible classes
/// get no share of ε. Where a label is ignored the loss is 0, whatever the log-probabilities are. Panics when the
/// shapes do not fit, or the label smoothing is outside of [0, 1].
///
/// # Gradient
/// `∂ℓ/∂aⱼ = −wⱼ qⱼ`; 0 where the label is ignored. Linear, no kinks.
///
/// # Estimates
/// The conditional probability of each class, when the rows are kept normalised: then as
/// [`cross_entropy`](crate::cross_entropy). Without that it has no minimum. The values are in [0, ∞).
///
/// # Stability
/// Nothing is computed that could overflow; `0 · ∞` counts as 0 in value and gradient. It is up to the caller to get
/// the log-probabilities without taking the logarithm of a softmax: [`Tensor::log_softmax`].
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, negative_log_likelihood};
/// use minimand_tensor::Tensor;
///
/// let log_probabilities = Tensor::from([[0.5, 0.25, 0.25], [0.0, 0.9, 0.1]]).ln();
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = negative_log_likelihood(&log_probabilities, &labels, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 2.3026]");
/// let slope = loss.sum().grad(&log_probabilities);
/// assert_eq!(slope.to_vec::<f64>(), [-1.0, 0.0, 0.0, 0.0, 0.0, -1.0]);
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For models that yield log-probabilities by themselves: mixtures, hidden Markov models, beam search. With logits use
/// [`cross_entropy`](crate::cross_entropy), which this is after `log_softmax`. It misleads when it is given probabilities in
/// place of their logarithms: the loss is then from −1 to 0, and training looks as if it worked.
///
/// # Reference
/// Fisher 1922, "On the mathematical foundations of theoretical statistics" (maximum likelihood). Label smoothing as
/// in [`cross_entropy_with`](crate::cross_entropy_with).
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy), [`cross_entropy_with`](crate::cross_entropy_with), [`Labels::mean`].
#[doc(alias = "NLLLoss")]
#[doc(alias = "nll_loss")]
#[track_caller]
pub fn negative_log_likelihood(log_probabilities: &Tensor, labels: &Labels, options: CrossEntropyOptions) -> Tensor {
    labels.check_scores("negative_log_likelihood", "log_probabilities", log_probabilities);
    options.check("negative_log_likelihood", log_probabilities);
    options.surprisal_of_labels(labels, &labels.without_ignored(log_probabilities))
}
