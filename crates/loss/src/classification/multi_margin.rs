//! Margins between the score of the right class and those of the others.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// Options of [`multi_margin`].
#[derive(Clone, Debug)]
pub struct MultiMarginOptions {
    /// By how much the right class should lead.
    pub margin: f64,
    /// The power of the shortfall: 1 or 2.
    pub power: f64,
    /// A weight per class, shape `[C]`, at least 0; `None`: 1.
    pub class_weights: Option<Tensor>,
}

impl Default for MultiMarginOptions {
    /// Margin 1, power 1, no class weights.
    fn default() -> MultiMarginOptions {
        MultiMarginOptions { margin: 1.0, power: 1.0, class_weights: None }
    }
}

/// By how much each other class comes nearer to the right one than a margin, on average over the classes (Weston and
/// Watkins).
///
/// ```text
/// ℓ = w_y Σ{j ≠ y} max(m − x_y + xⱼ, 0)^power / C
/// xⱼ = scoresⱼ
/// y = labels
/// m = margin
/// wⱼ = class_weightsⱼ
/// C = classes
/// ```
///
/// # Shapes
/// `scores` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. w are the class weights of the options (1 without). Panics when the shapes do not fit, or the power is
/// neither 1 nor 2.
///
/// # Gradient
/// With power 1 `∂ℓ/∂xⱼ = w_y [m − x_y + xⱼ > 0] / C` for the other classes and minus their sum for the right one; 0 at the
/// kinks. With power 2 each is times `2 (m − x_y + xⱼ)`.
///
/// # Estimates
/// No probability, and with power 1 not even always the likeliest class: where no class has half of the probability the
/// sum over the others may favour another. From 0 to ∞.
///
/// # Stability
/// Differences of scores are taken first; nothing can overflow before the loss does.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, multi_margin};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.5], [0.0, 1.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = multi_margin(&scores, &labels, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.1667, 1.0000]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&scores)),
///     "[[-0.3333, 0.0000, 0.3333],\n [0.3333, 0.3333, -0.6667]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For scores that only rank, where all wrong classes that come near should be pushed away at once. It misleads with many
/// classes: the divisor is C, not the number of violations, so one violation among 1000 classes hardly counts.
///
/// # Reference
/// Weston and Watkins, *Support Vector Machines for Multi-Class Pattern Recognition*, ESANN 1999, equation 3; the divisor C
/// and the powers are PyTorch's. Usual: margin 1, power 1.
///
/// # See also
/// [`multiclass_hinge`](crate::multiclass_hinge) counts the greatest violation only,
/// [`multi_label_margin`](crate::multi_label_margin).
#[doc(alias = "MultiMarginLoss")]
#[doc(alias = "multi_margin_loss")]
#[track_caller]
pub fn multi_margin(scores: &Tensor, labels: &Labels, options: MultiMarginOptions) -> Tensor {
    let MultiMarginOptions { margin, power, class_weights } = options;
    labels.check_scores("multi_margin", "scores", scores);
    check_finite("multi_margin", ("margin", margin), scores.dtype());
    assert!(power == 1.0 || power == 2.0, "multi_margin: power must be 1 or 2, not {power}");
    let x = labels.without_ignored(scores);
    let excess = x.eq(f64::NEG_INFINITY) | labels.truth();
    let own = labels.pick(&x).unsqueeze(-1);
    let shortfall = excess.select(0, (margin + (excess.select(&own, &x) - &own)).relu());
    let sum = if power == 2.0 { shortfall.square() } else { shortfall }.sum_axis(-1);
    let loss = labels.zero_if_ignored(sum / labels.classes() as f64);
    let Some(w) = class_weights else { return loss };
    labels.check_class_weights("multi_margin", &w);
    labels.pick(&w.cast(x.dtype())) * loss
}

/// By how much the best of the other classes comes nearer to the right one than a margin of 1 (Crammer and Singer).
///
/// ```text
/// ℓ = maxⱼ (xⱼ + [j ≠ y]) − x_y
/// xⱼ = scoresⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `scores` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// 1 for the class that attains the maximum, less 1 for the right one; classes that tie share the 1 evenly, the right one
/// among them where the margin is exactly 1.
///
/// # Estimates
/// The **likeliest class** where it has more than half of the probability; where none has, all scores are driven to be
/// equal. From 0 to ∞.
///
/// # Stability
/// Scores are compared as they are; nothing can overflow.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, multiclass_hinge};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.5], [0.0, 1.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = multiclass_hinge(&scores, &labels);
/// assert_eq!(loss.to_string(), "[0.5, 2]");
/// assert_eq!(loss.sum().grad(&scores).to_string(), "[[-1, 0, 1],\n [0, 1, -1]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For decisions among several classes without probabilities. It misleads where classes overlap much: with three equally
/// likely classes its minimum is a tie.
///
/// # Reference
/// Crammer and Singer, *On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines*, Journal of Machine
/// Learning Research 2, 2001, equation 3. No parameters.
///
/// # See also
/// [`categorical_hinge`] for targets of 0 and 1 per class, [`multi_margin`], [`hinge`](crate::hinge).
#[doc(alias = "multiclass_hinge_loss")]
#[track_caller]
pub fn multiclass_hinge(scores: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("multiclass_hinge", "scores", scores);
    let x = labels.without_ignored(scores);
    let rivals = labels.truth().select(&x, &x + 1.0);
    labels.zero_if_ignored(rivals.max_axis(-1) - labels.pick(&x))
}

/// By how much the best class scores above the right one: the perceptron of several classes.
///
/// ```text
/// ℓ = maxⱼ xⱼ − x_y
/// xⱼ = scoresⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `scores` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]`; one loss per label. x is any
/// finite number, or −∞ for a class that is excluded. Where a label is ignored the loss is 0; take the mean with
/// [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// 1 for the class of the greatest score, less 1 for the right one: 0 where they are the same. Classes that tie share the 1
/// evenly.
///
/// # Estimates
/// Nothing: equal scores are perfect. From 0 to ∞.
///
/// # Stability
/// Nothing can overflow before the loss does.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, multiclass_perceptron};
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.5], [0.0, 1.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = multiclass_perceptron(&scores, &labels);
/// assert_eq!(loss.to_string(), "[0, 1]");
/// assert_eq!(loss.sum().grad(&scores).to_string(), "[[0, 0, 0],\n [0, 1, -1]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For structured prediction, where the maximum is found by search and no margin is wanted. It misleads by its minimum: a
/// model whose scores are all equal has loss 0.
///
/// # Reference
/// Collins, *Discriminative Training Methods for Hidden Markov Models*, EMNLP 2002; as a Fenchel–Young loss without
/// regularisation Blondel et al. 2020, "Learning with Fenchel-Young losses", table 1. No parameters.
///
/// # See also
/// [`multiclass_hinge`], [`perceptron`](crate::perceptron), [`fenchel_young`](crate::fenchel_young).
#[doc(alias = "multiclass_perceptron_loss")]
#[track_caller]
pub fn multiclass_perceptron(scores: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("multiclass_perceptron", "scores", scores);
    let x = labels.without_ignored(scores);
    labels.zero_if_ignored(x.max_axis(-1) - labels.pick(&x))
}

/// By how much the best of the wrong classes comes nearer to the right one than a margin of 1, for targets of 0 and 1.
///
/// ```text
/// ℓ = max(1 + max{j : tⱼ = 0} xⱼ − Σⱼ tⱼ xⱼ, 0)
/// xⱼ = scoresⱼ
/// tⱼ = targetⱼ
/// ```
///
/// # Shapes
/// `scores` x and `target` t of the same shape `[…, C]`, the last axis over the classes; one loss per row. x is any finite
/// number; t is 1 for the right class and 0 for the others. Without a wrong class the loss is 0. Panics when the shapes
/// differ.
///
/// # Gradient
/// Where the loss is above 0, 1 for the best wrong class and −1 for the right one; wrong classes that tie share the 1
/// evenly. 0 at the kink.
///
/// # Estimates
/// As [`multiclass_hinge`]. From 0 to ∞.
///
/// # Stability
/// The right class is left out of the maximum by −∞. Keras multiplies by `1 − t`, which puts a 0 in its place: for scores
/// −2 and −5 of which the first is right it gives 3, where the loss is 0.
///
/// # Example
/// ```
/// use minimand_loss::categorical_hinge;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[-2.0, -5.0], [0.0, 1.0]]);
/// let target = Tensor::from([[1.0, 0.0], [1.0, 0.0]]);
/// let loss = categorical_hinge(&scores, &target);
/// assert_eq!(loss.to_string(), "[0, 2]");
/// assert_eq!(loss.sum().grad(&scores).to_string(), "[[0, 0],\n [-1, 1]]");
/// ```
///
/// # When to use
/// Where targets are one-hot already; with labels use [`multiclass_hinge`]. It misleads with several right classes: their
/// scores are added up, so that one high score makes up for a low one.
///
/// # Reference
/// Crammer and Singer, *On the Algorithmic Implementation of Multiclass Kernel-based Vector Machines*, Journal of Machine
/// Learning Research 2, 2001, equation 3. Differs from Keras where all wrong scores are below 0, see Stability.
///
/// # See also
/// [`multiclass_hinge`], [`multi_margin`].
#[doc(alias = "CategoricalHinge")]
#[track_caller]
pub fn categorical_hinge(scores: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("categorical_hinge", ("scores", scores), ("target", target));
    assert!(scores.rank() > 0, "categorical_hinge: scores [] has no axis of classes");
    let wrong = target.eq(0).select(scores, f64::NEG_INFINITY).max_axis(-1);
    (1.0 + (wrong - (target * scores).sum_axis(-1))).relu()
}
