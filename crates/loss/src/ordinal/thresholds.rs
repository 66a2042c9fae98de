//! Logits that ask of each rank but the last: is it exceeded?

use minimand_tensor::Tensor;

use crate::labels::Labels;

impl Labels {
    /// Panics unless `logits` has one number per label and threshold: a last axis of one less than the classes.
    #[track_caller]
    pub(super) fn check_thresholds(&self, loss: &str, logits: &Tensor) {
        let (labels, classes, shape) = (self.shape(), self.classes(), logits.shape());
        let fits = shape.split_last().is_some_and(|(&last, rest)| last + 1 == classes && *rest == **labels);
        assert!(
            fits,
            "{loss}: logits {shape} and labels {labels} of {classes} classes do not fit: logits must have the shape of the labels and \
             one less than the classes as last axis"
        );
        assert!(logits.dtype().is_float(), "{loss}: logits must be floating point, not {}", logits.dtype());
    }

    /// Whether each label is above each rank but the last (bool).
    fn above(&self) -> Tensor {
        self.index().unsqueeze(-1).gt(Tensor::iota(self.classes() - 1))
    }
}

/// The cross-entropy of each yes-or-no question "is the label above rank k?".
fn questions(labels: &Labels, x: &Tensor) -> Tensor {
    labels.above().select(-x, x).softplus()
}

/// Cross-entropy of a yes-or-no question for each rank but the last, "is the class above it?", summed.
///
/// ```text
/// ℓ = −Σₖ ([y > k] ln σ(xₖ) + [y ≤ k] ln σ(−xₖ))
/// xₖ = logitsₖ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C − 1]`, the last axis over the ranks below the highest, and `labels` y of shape `[…]` with C classes in their
/// order; `importance_weights` w of shape `[C − 1]`, if any, multiply the terms. One loss per label, shape `[…]`. Where a label is ignored the
/// loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xₖ = wₖ (σ(xₖ) − [y > k])`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// `σ(xₖ)` is the probability that the class is above rank k. They decrease in k, as such probabilities must, where the logits are one score
/// with a shift for each rank, `xₖ = s + bₖ`: that is CORAL's last layer. The number of `σ(xₖ) > ½` is the **median** class. From 0 to ∞.
///
/// # Stability
/// `−ln σ(±x) = softplus(∓x)`: no overflow, no logarithm of 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, coral};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 1.0, -1.0], [0.5, 0.0, -2.0]]);
/// let loss = coral(&logits, &Labels::new([2, 0], 4)?, None);
/// assert_eq!(format!("{loss:.4}"), "[0.7535, 1.7942]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.1192, -0.2689, 0.2689],\n [0.6225, 0.5000, 0.1192]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For grades, stages, age groups: classes in an order whose distances are not known. It misleads with a separate score for each rank:
/// the probabilities may then cross, and what counts as the predicted class is no longer one thing; use [`corn`] there.
///
/// # Reference
/// Cao, Mirjalili, Raschka 2020, "Rank consistent ordinal regression for neural networks with application to age estimation", equation 4.
/// Usual: weights 1. coral-pytorch's `coral_loss` takes the answers ("levels") in place of the labels.
///
/// # See also
/// [`corn`], [`cumulative_link`](crate::cumulative_link), [`soft_ordinal`](crate::soft_ordinal).
#[doc(alias = "coral_loss")]
#[doc(alias = "CoralLoss")]
#[track_caller]
pub fn coral(logits: &Tensor, labels: &Labels, importance_weights: Option<&Tensor>) -> Tensor {
    labels.check_thresholds("coral", logits);
    let mut loss = questions(labels, &labels.without_ignored(logits));
    if let Some(weights) = importance_weights {
        let (shape, ranks) = (weights.shape(), labels.classes() - 1);
        assert!(*shape == [ranks], "coral: importance_weights {shape} does not have one number per rank, [{ranks}]");
        loss *= weights.cast(logits.dtype());
    }
    labels.zero_if_ignored(loss.sum_axis(-1))
}

/// Cross-entropy of the questions "is the class above rank k, given that it is at least k?", as far as they arise.
///
/// ```text
/// ℓ = −Σ{k : k ≤ y} ([y > k] ln σ(xₖ) + [y = k] ln σ(−xₖ))
/// xₖ = logitsₖ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C − 1]`, the last axis over the ranks below the highest, and `labels` y of shape `[…]` with C classes in their
/// order; one loss per label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the
/// shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xₖ = [k ≤ y] (σ(xₖ) − [y > k])`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// `σ(xₖ)` is the probability that the class is above k among those of at least k, so products of them are the probabilities of
/// the classes, and never cross. The loss is the negative log-likelihood of the label. From 0 to ∞.
///
/// # Stability
/// `−ln σ(±x) = softplus(∓x)`. Questions that do not arise count 0, in value and gradient; a rank that no label of a batch reaches is
/// no division by 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, corn};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 1.0, -1.0], [0.5, 0.0, -2.0]]);
/// let loss = corn(&logits, &Labels::new([2, 0], 4)?);
/// assert_eq!(format!("{loss:.4}"), "[0.7535, 0.9741]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.1192, -0.2689, 0.2689],\n [0.6225, 0.0000, 0.0000]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For classes in an order, with a score of its own for each rank: consistent without tying the scores together as [`coral`] does. It
/// misleads at the top of a long scale, where questions rarely arise and the scores fit few examples.
///
/// # Reference
/// Shi, Cao, Raschka 2023, "Deep neural networks for rank-consistent ordinal regression based on conditional probabilities", equation 8.
/// No parameters. coral-pytorch's `corn_loss` returns the sum over a batch divided by the number of questions that arise in it, where
/// the mean here is over the labels.
///
/// # See also
/// [`coral`], [`cumulative_link`](crate::cumulative_link), [`ordinal_emd`](crate::ordinal_emd).
#[doc(alias = "corn_loss")]
#[doc(alias = "CornLoss")]
#[doc(alias = "continuation_ratio")]
#[track_caller]
pub fn corn(logits: &Tensor, labels: &Labels) -> Tensor {
    labels.check_thresholds("corn", logits);
    let arises = labels.index().unsqueeze(-1).ge(Tensor::iota(labels.classes() - 1));
    let loss = arises.select(questions(labels, &labels.without_ignored(logits)), 0);
    labels.zero_if_ignored(loss.sum_axis(-1))
}
