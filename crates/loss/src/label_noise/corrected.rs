//! Cross-entropy that knows how labels go wrong.

use minimand_tensor::Tensor;

use crate::labels::Labels;

/// Cross-entropy of labels that went wrong in a known way: the true class is predicted, the label compared with what becomes of it.
///
/// ```text
/// ℓ = −ln Σᵢ pᵢ T[i, y]
/// pᵢ = exp xᵢ / Σₖ exp xₖ
/// xᵢ = logitsᵢ
/// y = labels
/// Tᵢⱼ = transitionᵢⱼ
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the true classes, `labels` of shape `[…]` with C classes, and `transition` T of shape
/// `[C, C]`: `Tᵢⱼ` is the probability that class i is labelled j, so its rows sum to 1. One loss per label, shape `[…]`. Where a label is
/// ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xᵢ = pᵢ − qᵢ` with the probability `qᵢ = pᵢ T[i, y]/Σₖ pₖ T[k, y]` of true class i given the label; 0 where the label is ignored.
/// By T it is `−qᵢ/T[i, y]`, taken as 0 where an entry is 0: what is impossible stays so.
///
/// # Estimates
/// The probabilities of the **true** classes, where T is right and can be inverted: the minimiser is the same as cross-entropy's on
/// clean labels. From 0 to ∞; ∞ for a label that T says cannot occur.
///
/// # Stability
/// `ln Σ exp(xᵢ + ln T[i, y]) − ln Σ exp xᵢ`, in which entries of 0 are left out: the mixture may be as small as it likes, nothing
/// underflows. A label that T says cannot occur costs ∞, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, forward_corrected_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0], [0.0, 0.0]]);
/// let transition = Tensor::from([[0.9, 0.1], [0.2, 0.8]]);
/// let loss = forward_corrected_cross_entropy(&logits, &Labels::new([0, 1], 2)?, &transition);
/// assert_eq!(format!("{loss:.4}"), "[0.2027, 0.7985]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.0900, 0.0900],\n [0.3889, -0.3889]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where the confusion of the annotators is known, from a clean sample or a model's predictions on sure examples. It misleads where T
/// is wrong: it then corrects errors that nobody made; and it takes errors to depend on the class alone, while people err on hard
/// examples.
///
/// # Reference
/// Patrini et al. 2017, "Making deep neural networks robust to label noise: a loss correction approach", theorem 2. With T the identity it is
/// [`cross_entropy`](crate::cross_entropy).
///
/// # See also
/// [`backward_corrected_cross_entropy`], [`TransitionMatrix`](crate::TransitionMatrix), [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "forward_correction")]
#[track_caller]
pub fn forward_corrected_cross_entropy(logits: &Tensor, labels: &Labels, transition: &Tensor) -> Tensor {
    labels.check_scores("forward_corrected_cross_entropy", "logits", logits);
    check_square("forward_corrected_cross_entropy", "transition", labels, transition);
    let x = labels.without_ignored(logits);
    let none = transition.le(0);
    let log_t = none.select(f64::NEG_INFINITY, none.select(1, transition).ln());
    // ln T[·, y] for each label: the row y of the transposed matrix.
    let log_t = log_t.transpose().index_select(0, labels.index().reshape([labels.len()])).reshape(x.shape());
    labels.zero_if_ignored(x.logsumexp_axis(-1) - (&x + log_t).logsumexp_axis(-1))
}

/// Cross-entropies of all classes, weighted so that their mean over the ways in which labels go wrong is that of the true labels.
///
/// ```text
/// ℓ = −Σⱼ R[y, j] ln pⱼ
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// Rᵢⱼ = inverseᵢⱼ
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` of shape `[…]` with C classes, and `inverse` R of shape `[C, C]`: the
/// inverse of the transition matrix, whose rows sum to 1; see [`TransitionMatrix::inverse`](crate::TransitionMatrix::inverse). One loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − R[y, j]` for rows that sum to 1; 0 where the label is ignored. `∂ℓ/∂R[y, j] = −ln pⱼ`.
///
/// # Estimates
/// The probabilities of the **true** classes: the mean is that of cross-entropy on clean labels. Single losses may be negative, and are
/// bounded neither above nor below: entries of R are.
///
/// # Stability
/// By log-softmax. `0 · ∞` counts as 0 for an excluded class.
///
/// # Example
/// ```
/// use minimand_loss::{Labels, TransitionMatrix, backward_corrected_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let transition = TransitionMatrix::new(vec![vec![0.9, 0.1], vec![0.2, 0.8]])?;
/// let logits = Tensor::from([[2.0, 0.0], [0.0, 0.0]]);
/// let inverse = transition.inverse()?;
/// let loss = backward_corrected_cross_entropy(&logits, &Labels::new([0, 1], 2)?, &inverse);
/// assert_eq!(format!("{loss:.4}"), "[-0.1588, 0.6931]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.2621, 0.2621],\n [0.7857, -0.7857]]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # When to use
/// Where an unbiased estimate of the clean loss is needed, for evaluation above all. It misleads in training deep networks: losses
/// without a lower bound are driven to -∞ on labels learnt by heart, and an almost singular T makes enormous weights; use
/// [`forward_corrected_cross_entropy`].
///
/// # Reference
/// Patrini et al. 2017, "Making deep neural networks robust to label noise: a loss correction approach", theorem 1.
///
/// # See also
/// [`forward_corrected_cross_entropy`], [`TransitionMatrix`](crate::TransitionMatrix).
#[doc(alias = "backward_correction")]
#[track_caller]
pub fn backward_corrected_cross_entropy(logits: &Tensor, labels: &Labels, inverse: &Tensor) -> Tensor {
    labels.check_scores("backward_corrected_cross_entropy", "logits", logits);
    check_square("backward_corrected_cross_entropy", "inverse", labels, inverse);
    let x = labels.without_ignored(logits);
    let weights = inverse.index_select(0, labels.index().reshape([labels.len()])).reshape(x.shape());
    let log_p = x.log_softmax(-1);
    let void = weights.eq(0) & log_p.eq(f64::NEG_INFINITY);
    labels.zero_if_ignored(0.0 - (weights * void.select(0, log_p)).sum_axis(-1))
}

#[track_caller]
fn check_square(loss: &str, name: &str, labels: &Labels, matrix: &Tensor) {
    let (shape, classes) = (matrix.shape(), labels.classes());
    assert!(
        *shape == [classes, classes],
        "{loss}: {name} {shape} must be [{classes}, {classes}], a row for each class"
    );
}
