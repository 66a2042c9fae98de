//! Holding on to what was learnt before wrong labels were learnt by heart.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;
use crate::numbers::check_finite;

/// Cross-entropy, and a reward for agreeing with what the model believed over the past epochs.
///
/// ```text
/// ℓ = −ln p_y + λ ln(1 − Σⱼ pⱼ tⱼ)
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// tⱼ = targetsⱼ
/// y = labels
/// λ = lambda
/// ```
///
/// # Shapes
/// `logits` x and `targets` t of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. t are running means of the model's probabilities: rows of at least 0 that sum to 1 at most; see
/// [`EarlyLearningTargets`]. `lambda ≥ 0`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the
/// shapes do not fit.
///
/// # Gradient
/// With `u = Σₖ pₖ tₖ`: `∂ℓ/∂xⱼ = pⱼ − [j = y] + λ pⱼ (u − tⱼ)/(1 − u)`; 0 where the label is ignored. By t it is `−λ pⱼ/(1 − u)`; detach
/// t where it depends on the same model.
///
/// # Estimates
/// No statistic of the labels: where the past is sure of another class than the label says, the second part outweighs the first. From -∞,
/// where p and t are sure of the same class, to ∞.
///
/// # Stability
/// `1 − Σ pⱼ tⱼ = Σⱼ pⱼ (1 − tⱼ)` in log space, so that nothing is subtracted from 1 and nothing has to be clipped; the authors' code clips p
/// to [0.0001, 0.9999]. Where t is exactly 1 for one class, the loss falls linearly in its logit, without end.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, early_learning_regularisation};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0]]);
/// let targets = Tensor::from([[0.7, 0.1, 0.2]]);
/// let loss = early_learning_regularisation(&logits, &Labels::new([2], 3)?, &targets, 3.0);
/// assert_eq!(format!("{loss:.4}"), "[-0.8170]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.0737, 0.3302, -0.2565]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With a large share of wrong labels and a network able to learn them all by heart: what it learns first is mostly right, and is kept.
/// It misleads with too great a λ or targets begun too early, which keep first errors for good; and its value is no measure of
/// progress, being unbounded below.
///
/// # Reference
/// Liu et al. 2020, "Early-learning regularization prevents memorization of noisy labels", equation 6. Usual: λ = 3, targets with
/// momentum 0.7, for ten classes; λ = 7 and 0.9 for a hundred.
///
/// # See also
/// [`bootstrapped_cross_entropy`](crate::bootstrapped_cross_entropy), [`symmetric_cross_entropy`](crate::symmetric_cross_entropy),
/// [`EarlyLearningTargets`].
#[doc(alias = "ELR")]
#[doc(alias = "elr_loss")]
#[track_caller]
pub fn early_learning_regularisation(logits: &Tensor, labels: &Labels, targets: &Tensor, lambda: f64) -> Tensor {
    labels.check_scores("early_learning_regularisation", "logits", logits);
    labels.check_scores("early_learning_regularisation", "targets", targets);
    assert!(lambda >= 0.0, "early_learning_regularisation: lambda is {lambda} and must not be below 0");
    check_finite("early_learning_regularisation", ("lambda", lambda), logits.dtype());
    let (x, t) = (labels.without_ignored(logits), labels.without_ignored(targets));
    let sure = t.ge(1);
    let log_rest = sure.select(f64::NEG_INFINITY, (-sure.select(0, t)).ln_1p());
    let disagreement = (&x + log_rest).logsumexp_axis(-1) - x.logsumexp_axis(-1);
    labels.surprisal(&x) + labels.zero_if_ignored(lambda * disagreement)
}

/// Running means of a model's probabilities for each example: the targets of [`early_learning_regularisation`].
///
/// ```
/// use minimand_loss::EarlyLearningTargets;
/// use minimand_tensor::Tensor;
///
/// let mut targets = EarlyLearningTargets::new(3, 2, 0.5); // three examples, two classes
/// let batch = targets.update(&[2, 0], &Tensor::from([[0.8, 0.2], [0.5, 0.5]]));
/// assert_eq!(batch.to_string(), "[[0.4, 0.1],\n [0.25, 0.25]]");
/// let batch = targets.update(&[2], &Tensor::from([[1.0, 0.0]]));
/// assert_eq!(batch.to_string(), "[[0.7, 0.05]]");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct EarlyLearningTargets {
    classes: usize,
    momentum: f64,
    means: Vec<f64>,
}

impl EarlyLearningTargets {
    /// Zeros for so many examples and classes. `momentum` is the share of the old mean that stays at an update; usual: 0.7.
    ///
    /// # Panics
    /// When the momentum is not in [0, 1).
    #[track_caller]
    pub fn new(examples: usize, classes: usize, momentum: f64) -> EarlyLearningTargets {
        assert!((0.0..1.0).contains(&momentum), "EarlyLearningTargets: momentum is {momentum} and must be in [0, 1)");
        EarlyLearningTargets { classes, momentum, means: vec![0.0; examples * classes] }
    }

    /// Takes the probabilities `[batch, classes]` of the examples at some positions into their means, and returns those, f64. The
    /// probabilities are normalised first; a row of zeros leaves the mean shrunk.
    ///
    /// # Panics
    /// When there is no such example, or the probabilities have another shape.
    #[track_caller]
    pub fn update(&mut self, examples: &[usize], probabilities: &Tensor) -> Tensor {
        let (count, shape) = (self.means.len() / self.classes.max(1), probabilities.shape());
        assert!(
            *shape == [examples.len(), self.classes],
            "EarlyLearningTargets: probabilities {shape} must be [{}, {}]",
            examples.len(),
            self.classes
        );
        let rows: Vec<f64> = probabilities.to_vec();
        let mut batch = Vec::with_capacity(rows.len());
        for (&example, row) in examples.iter().zip(rows.chunks(self.classes.max(1))) {
            assert!(example < count, "EarlyLearningTargets: there is no example {example} among {count}");
            let total: f64 = row.iter().sum();
            let share = if total > 0.0 { (1.0 - self.momentum) / total } else { 0.0 };
            let means = &mut self.means[example * self.classes..(example + 1) * self.classes];
            means.iter_mut().zip(row).for_each(|(mean, p)| *mean = self.momentum * *mean + share * p);
            batch.extend_from_slice(means);
        }
        Tensor::from_vec(batch, shape).cast(DType::F64)
    }
}
