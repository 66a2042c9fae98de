//! Proper scores: the spherical and the logarithmic one of probabilities, and that of an interval.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::check_divisor;
use crate::shape::same_shapes;

/// The cosine between predicted class probabilities and the class that was right, negated.
///
/// ```text
/// ℓ = −p_labels / √(Σⱼ pⱼ²)
/// pⱼ = probabilitiesⱼ
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not
/// fit.
///
/// # Gradient
/// `∂ℓ/∂pⱼ = (p_y pⱼ/‖p‖² − [y = j])/‖p‖` for the label y; 0 at the zero vector and where the label is ignored.
///
/// # Estimates
/// The probability of each class, up to a common factor: strictly proper. From -1, certain and right, to 0, certain and wrong.
///
/// # Stability
/// [`Tensor::normalize`] neither overflows nor vanishes on the way; a row of zeros has loss and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, spherical_score};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.6, 0.4], [0.5, 0.5]]);
/// let labels = Labels::new([0, 1], 2)?;
/// let loss = spherical_score(&probabilities, &labels);
/// assert_eq!(format!("{loss:.4}"), "[-0.8321, -0.7071]");
/// let slope = loss.sum().grad(&probabilities);
/// assert_eq!(format!("{slope:.4}"), "[[-0.4267, 0.6400],\n [0.7071, -0.7071]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// A bounded proper score between Brier's and the logarithmic one. It misleads when read as a probability or averaged with
/// other scores: its scale means nothing by itself.
///
/// # Reference
/// Good 1971; Gneiting & Raftery 2007, "Strictly proper scoring rules, prediction, and estimation", example 2 with α = 2, there
/// to be maximised. No parameters.
///
/// # See also
/// [`brier_score`](crate::brier_score), [`logarithmic_score`].
#[doc(alias = "spherical_loss")]
#[track_caller]
pub fn spherical_score(probabilities: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("spherical_score", "probabilities", probabilities);
    0.0 - labels.pick(&labels.without_ignored(probabilities).normalize(-1))
}

/// Negative logarithm of the probability that was given to the class that was right.
///
/// ```text
/// ℓ = −ln p_labels
/// pⱼ = probabilitiesⱼ
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not
/// fit.
///
/// # Gradient
/// `∂ℓ/∂pⱼ = −[y = j]/pⱼ` for the label y; 0 where the label is ignored.
///
/// # Estimates
/// The probability of each class: strictly proper, and the only such score that looks at nothing but p_y. From 0 to ∞.
///
/// # Stability
/// Nothing is clipped: what was called impossible and happens costs ∞, with gradient -∞. Where the probabilities come from
/// logits, [`cross_entropy`](crate::cross_entropy) of those stays finite.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, logarithmic_score};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.5, 0.5], [0.0, 1.0]]);
/// let labels = Labels::new([0, 1], 2)?;
/// let loss = logarithmic_score(&probabilities, &labels);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.0000]");
/// assert_eq!(loss.sum().grad(&probabilities).to_string(), "[[-2, 0],\n [0, -1]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To score forecasts that come as probabilities. It misleads where someone rounds to 0: one such event makes the mean ∞, and
/// libraries that clip make it whatever their clip is.
///
/// # Reference
/// Good 1952, "Rational decisions"; Gneiting & Raftery 2007, example 3. No parameters. scikit-learn's log_loss clips at the
/// rounding error of the type.
///
/// # See also
/// [`negative_log_likelihood`](crate::negative_log_likelihood) of log-probabilities, [`brier_score`](crate::brier_score).
#[doc(alias = "log_loss")]
#[doc(alias = "ignorance_score")]
#[track_caller]
pub fn logarithmic_score(probabilities: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("logarithmic_score", "probabilities", probabilities);
    let others = labels.truth().logical_not();
    // 1 where it is not the label's own: no logarithm of what does not matter.
    0.0 - others.select(1, probabilities).ln().sum_axis(-1)
}

/// Width of a prediction interval, and a penalty for the target outside.
///
/// ```text
/// ℓ = (u − l) + 2 max(l − y, 0) / α + 2 max(y − u, 0) / α
/// l = lower
/// u = upper
/// y = target
/// α = alpha
/// ```
///
/// # Shapes
/// `lower` l, `upper` u and `target` y of the same shape, one loss per element. Any numbers; `0 < alpha < 1` is the share of
/// targets that may lie outside. Panics when the shapes differ or alpha is outside of its range.
///
/// # Gradient
/// `∂ℓ/∂l = −1 + 2/α [y < l]`, `∂ℓ/∂u = 1 − 2/α [y > u]`; at the ends of the interval, which are kinks, the part of the penalty is 0.
///
/// # Estimates
/// The **quantiles** α/2 (lower) and 1 − α/2 (upper): it is the sum of the two pinball losses, times 2/α. From 0 to ∞. An
/// interval the wrong way round is not forbidden, but never pays.
///
/// # Stability
/// Linear: no overflow before the loss itself. It is computed as written; the penalties are never both above 0 for `l ≤ u`.
///
/// # Example
/// ```
/// use minimand_loss::winkler_interval_score;
/// use minimand_tensor::Tensor;
///
/// let lower = Tensor::from([1.0, 1.0, 1.0]);
/// let upper = Tensor::from([3.0, 3.0, 3.0]);
/// let target = Tensor::from([2.0, 0.5, 3.5]);
/// let loss = winkler_interval_score(&lower, &upper, &target, 0.5);
/// assert_eq!(loss.to_string(), "[2, 4, 4]");
/// assert_eq!(loss.sum().grad(&lower).to_string(), "[-1, 3, -1]");
/// ```
///
/// # When to use
/// To fit or compare central prediction intervals: coverage and width in one number, which neither a wide nor a narrow interval
/// can cheat. It misleads where targets have heavy tails: a few misses far outside decide the mean.
///
/// # Reference
/// Winkler 1972, "A decision-theoretic approach to interval estimation"; Gneiting & Raftery 2007, equation 43. Usual: α = 0.1 or
/// 0.05.
///
/// # See also
/// [`quantile`](crate::quantile) for one of the ends.
#[doc(alias = "winkler_score")]
#[doc(alias = "interval_score")]
#[track_caller]
pub fn winkler_interval_score(lower: &Tensor, upper: &Tensor, target: &Tensor, alpha: f64) -> Tensor {
    same_shapes("winkler_interval_score", ("lower", lower), ("target", target));
    same_shapes("winkler_interval_score", ("upper", upper), ("target", target));
    check_divisor("winkler_interval_score", ("alpha", alpha), lower.dtype());
    assert!(alpha < 1.0, "winkler_interval_score: alpha is {alpha} and must be less than 1");
    let outside = (lower - target).relu() + (target - upper).relu();
    (upper - lower) + (2.0 / alpha) * outside
}
