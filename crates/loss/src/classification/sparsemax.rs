//! Losses whose probabilities can be exactly 0: sparsemax, entmax, and the family that they and the cross-entropy belong to.

use minimand_tensor::Tensor;

use super::regulariser::Sparse;
use crate::labels::Labels;
use crate::shape::same_shapes;

/// The loss of sparsemax, the Euclidean projection of the scores onto the probabilities: of several classes.
///
/// ```text
/// ℓ = ½ Σⱼ pⱼ² + τ + ½ − x_y
/// pⱼ = max(xⱼ − τ, 0)
/// τ = maxₖ (Σⱼ [xⱼ ≥ xₖ] xⱼ − 1) / Σⱼ [xⱼ ≥ xₖ]
/// xⱼ = scoresⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `scores` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded: the loss is ∞ if the label itself is. Where a label is ignored the loss is
/// 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − [y = j]`. Continuous; the second derivatives, `[j = k] − 1/|S|` within the support S of p and 0 outside,
/// jump where the support changes.
///
/// # Estimates
/// The conditional probability of each class, by p, classes of probability 0 included. From 0, where the right class leads by
/// 1 or more, to ∞.
///
/// # Stability
/// The threshold τ is found by sorting, cut off from the graph; the derivatives are those of `τ = (Σ{j ∈ S} xⱼ − 1)/|S|` on the
/// support found. The greatest score is taken off first, and the loss is summed as `½ Σ{j ≠ y} pⱼ² + ½ (Σ{j ≠ y} pⱼ)² + max(τ −
/// x_y, 0)`, in which nothing cancels.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, sparsemax};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.5], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = sparsemax(&scores, &labels);
/// assert_eq!(format!("{loss:.4}"), "[0.0625, 0.3333]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&scores)),
///     "[[-0.2500, 0.0000, 0.2500],\n [0.3333, 0.3333, -0.6667]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where most of many classes are impossible for an example and probabilities of exactly 0 are wanted, as in attention. It
/// misleads the optimizer where the right class has left the support and others tie: a class outside gets no gradient, and
/// its score drifts.
///
/// # Reference
/// Martins and Astudillo 2016, "From softmax to sparsemax", equations 2 and 16, gradient 17. No parameters.
///
/// # See also
/// [`binary_sparsemax`], [`entmax`], [`fenchel_young`], [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "multiclass_sparsemax_loss")]
#[doc(alias = "SparsemaxLoss")]
#[track_caller]
pub fn sparsemax(scores: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("sparsemax", "scores", scores);
    let x = labels.without_ignored(scores);
    let Sparse { u, tau, support, p, .. } = Sparse::of(&x, 2.0);
    let truth = labels.truth();
    let others = truth.select(0, p);
    let lead = (&truth & support.logical_not()).select(tau - u, 0).sum_axis(-1); // τ − x_y where y is not in the support
    labels.zero_if_ignored(0.5 * (others.square().sum_axis(-1) + others.sum_axis(-1).square()) + lead)
}

/// The loss of sparsemax for yes-or-no outcomes: 0 from a margin of 1 on, linear for errors, quadratic between.
///
/// ```text
/// ℓ = ¼ (c + 1)² + max(x − 1, 0) − y x
/// c = min(max(x, −1), 1)
/// x = logits
/// y = target
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element. x is any number, y lies in [0, 1]. Panics when the shapes
/// differ.
///
/// # Gradient
/// `∂ℓ/∂x = p − y` with `p = min(max((x + 1)/2, 0), 1)`. Continuous; the second derivative is ½ for `|x| ≤ 1` and 0 beyond.
///
/// # Estimates
/// The **mean** of y by p, reached exactly at 0 and 1, too. From 0 to ∞.
///
/// # Stability
/// As `y h(−x) + (1 − y) h(x)` with `h(x) = ¼ (c + 1)² + max(x − 1, 0)`, in which nothing cancels: no square of a large score.
///
/// # Example
/// ```
/// use minimand_loss::binary_sparsemax;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.5, 2.0]);
/// let target = Tensor::from([1.0, 1.0, 0.0]);
/// let loss = binary_sparsemax(&logits, &target);
/// assert_eq!(loss.to_string(), "[0.25, 0.0625, 2]");
/// assert_eq!(loss.sum().grad(&logits).to_string(), "[-0.5, -0.25, 1]");
/// ```
///
/// # When to use
/// As a Huberised hinge whose scores are probabilities after a line. It misleads on rare events: a probability below what the
/// line resolves is 0, and one such event then costs only linearly.
///
/// # Reference
/// Blondel et al. 2020, "Learning with Fenchel-Young losses", section 4.4; as the modified Huber loss Zhang 2004. No
/// parameters.
///
/// # See also
/// [`sparsemax`], [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits),
/// [`squared_hinge`](crate::squared_hinge).
#[doc(alias = "sparsemax_loss")]
#[track_caller]
pub fn binary_sparsemax(logits: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("binary_sparsemax", ("logits", logits), ("target", target));
    let h = |x: &Tensor| 0.25 * (x.clamp(-1, 1) + 1.0).square() + (x - 1.0).relu();
    target * h(&-logits) + (1.0 - target) * h(logits)
}

/// The loss of entmax: cross-entropy for `alpha → 1`, [`sparsemax`] for `alpha = 2`, sparse probabilities between.
///
/// ```text
/// ℓ = Σⱼ pⱼ xⱼ − x_y + (1 − Σⱼ pⱼ^α) / (α (α − 1))
/// pⱼ = max((α − 1) xⱼ − τ, 0)^(1/(α − 1))
/// τ : Σⱼ pⱼ = 1
/// xⱼ = scoresⱼ
/// y = labels
/// α = alpha
/// ```
///
/// # Shapes
/// `scores` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded: the loss is ∞ if the label itself is. Where a label is ignored the loss is
/// 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit, or α is not in (1, 2].
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − [y = j]`. Derivatives up to the third order are right; the threshold τ has its first derivative from the
/// implicit function theorem, and the loss is stationary in it.
///
/// # Estimates
/// The conditional probability of each class, by p, classes of probability 0 included. From 0 to ∞.
///
/// # Stability
/// The greatest score is taken off, and τ found by halving and Newton's method, cut off from the graph, all with no power
/// of a number that is not positive.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, entmax};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.5], [0.0, 0.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = entmax(&scores, &labels, 1.5);
/// assert_eq!(format!("{loss:.4}"), "[0.1844, 0.5635]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&scores)),
///     "[[-0.3260, 0.0000, 0.3260],\n [0.3333, 0.3333, -0.6667]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For sequence models whose softmax leaks probability to the whole vocabulary: the wrong words get exactly 0. It misleads on
/// perplexity: an event of probability 0 makes that infinite though this loss stays finite.
///
/// # Reference
/// Peters, Niculae and Martins 2019, "Sparse sequence-to-sequence models", equations 6 to 8. Usual: α = 1.5. The entmax package
/// allows α > 2, too.
///
/// # See also
/// [`sparsemax`], [`cross_entropy`](crate::cross_entropy), [`fenchel_young`].
#[doc(alias = "entmax_bisect_loss")]
#[doc(alias = "Entmax15Loss")]
#[track_caller]
pub fn entmax(scores: &Tensor, labels: &Labels, alpha: f64) -> Tensor {
    labels.check_scores("entmax", "scores", scores);
    let x = labels.without_ignored(scores);
    let sparse = Sparse::of(&x, alpha);
    labels.zero_if_ignored(sparse.excess() + (sparse.shift.squeeze(-1) - labels.pick(&x)))
}

/// By how much the regularised maximum of the scores exceeds what the target makes of them.
///
/// ```text
/// ℓ = Ω*(x) − Σⱼ xⱼ tⱼ
/// Ω*(x) = max Σⱼ pⱼ xⱼ − Ω(p) over the probabilities p
/// xⱼ = scoresⱼ
/// tⱼ = targetⱼ
/// ```
///
/// # Shapes
/// `scores` x and `target` t of the same shape `[…, C]`, the last axis over the classes; one loss per row. x is any finite
/// number, the rows of t are probabilities. `maximum` gives Ω* of the scores, shape `[…]`: any convex function that moves along
/// when the same is added to all scores, [`Regulariser::maximum`](crate::Regulariser::maximum) among them. Panics when the
/// shapes do not fit.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = pⱼ − tⱼ` for the p that attains the maximum, `∂ℓ/∂tⱼ = −xⱼ`. What `maximum` makes of its kinks.
///
/// # Estimates
/// The **mean** of the target by p. The least value for a row is `−Ω(t)`: 0 for labels, and for other targets the entropy.
///
/// # Stability
/// That of `maximum`.
///
/// # Example
/// ```
/// use minimand_loss::{Regulariser, fenchel_young};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.0]]);
/// let target = Tensor::from([[0.5, 0.25, 0.25]]);
/// let loss = fenchel_young(&scores, &target, |x| Regulariser::Shannon.maximum(x)); // cross-entropy
/// assert_eq!(format!("{loss:.4}"), "[1.1576]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.1652, -0.1600, -0.0053]]");
/// ```
///
/// # When to use
/// To make the loss that belongs to a prediction rule of one's own: write the maximum, and its gradient is the prediction. It
/// misleads where Ω(t) is not 0: values of different regularisers cannot be compared, Ω(t) is left out.
///
/// # Reference
/// Blondel, Martins and Niculae 2020, "Learning with Fenchel-Young losses", equation 14, without Ω(t), as Optax.
///
/// # See also
/// [`sparsemax`], [`entmax`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities),
/// [`multiclass_perceptron`](crate::multiclass_perceptron) (Ω = 0).
#[doc(alias = "make_fenchel_young_loss")]
#[track_caller]
pub fn fenchel_young(scores: &Tensor, target: &Tensor, maximum: impl Fn(&Tensor) -> Tensor) -> Tensor {
    same_shapes("fenchel_young", ("scores", scores), ("target", target));
    assert!(scores.rank() > 0, "fenchel_young: scores [] has no axis of classes");
    let greatest = maximum(scores);
    let fitting = (scores * target).sum_axis(-1);
    same_shapes("fenchel_young", ("the maximum of the scores", &greatest), ("the rows", &fitting));
    greatest - fitting
}
