//! Binary cross-entropy of logits.

use minimand_tensor::{Operand, Tensor};

use crate::shape::{repeats_to, same_shapes};

/// Negative log-likelihood of yes-or-no outcomes under the probabilities `σ(x)` of logits: logistic regression's loss.
///
/// ```text
/// ℓ = −y ln σ(x) − (1 − y) ln σ(−x)
/// x = logits
/// y = target
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element. x is any finite number, y lies in [0, 1]: 0 and
/// 1 are labels, numbers between are probabilities ("soft" targets). Labels of several tasks may stand side by side:
/// every element is an outcome of its own. Panics when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = σ(x) - y`, `∂ℓ/∂y = -x`. No kinks. The second derivative by x is `σ(x) σ(-x)`, 1/4 at 0.
///
/// # Estimates
/// The probability: the minimiser is the log-odds `x = ln(p / (1 - p))` of the mean p of y, so that σ(x) is
/// calibrated. The values are in [0, ∞) and the least possible mean is the entropy `-p ln p - (1 - p) ln(1 - p)` for
/// labels, at σ(x) = p.
///
/// # Stability
/// `ln σ(x) = -softplus(-x)`, by a primitive: no overflow, no logarithm of 0, and the full relative precision for
/// confident right answers, whose loss `exp(-|x|)` would vanish in `softplus(x) - x y`.
///
/// # Example
/// ```
/// use minimand_loss::binary_cross_entropy_with_logits;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 2.0, -1e4, 1.0]);
/// let target = Tensor::from([1.0, 1.0, 1.0, 0.25]);
/// let loss = binary_cross_entropy_with_logits(&logits, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.1269, 10000.0000, 1.0633]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.5000, -0.1192, -1.0000, 0.4811]");
/// ```
///
/// # When to use
/// The first choice for two classes and for several labels at once, rare ones included. Where positives are rare it is
/// not the loss that misleads but the threshold ½ and accuracy: on medical costs, with 1 % of the years positive, a
/// linear model is right for 99.1 % of the rows and catches 2 of 55 positives; flagging the 5 % with the highest
/// scores of that same model catches 20, and its mean probability stays right (0.011). It misleads where labels are
/// wrong: the loss of a confident error grows without bound.
///
/// # Reference
/// Cox 1958, "The regression analysis of binary sequences"; Bishop 2006, "Pattern Recognition and Machine Learning",
/// equation 4.90, gradient 4.91. No parameters.
///
/// # See also
/// [`weighted_binary_cross_entropy_with_logits`], [`binary_focal`](crate::binary_focal),
/// [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "BCEWithLogitsLoss")]
#[doc(alias = "BinaryCrossentropy")]
#[doc(alias = "sigmoid_binary_cross_entropy")]
#[doc(alias = "logistic_loss")]
#[track_caller]
pub fn binary_cross_entropy_with_logits(logits: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("binary_cross_entropy_with_logits", ("logits", logits), ("target", target));
    let (x, y) = (logits, target);
    // softplus(-x) = -ln σ(x)
    y * (-x).softplus() + (1.0 - y) * x.softplus()
}

/// [`binary_cross_entropy_with_logits`] in which a positive outcome counts `w` times.
///
/// ```text
/// ℓ = −w y ln σ(x) − (1 − y) ln σ(−x)
/// x = logits
/// y = target
/// w = positive_weight
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element; `positive_weight` w is a number or a tensor that
/// broadcasts to that shape (one per column for labels side by side), at least 0. x is any finite number, y lies in
/// [0, 1]. Panics when the shapes of logits and target differ, or the weight does not broadcast to them.
///
/// # Gradient
/// `∂ℓ/∂x = (1 - y) σ(x) - w y σ(-x)`. No kinks.
///
/// # Estimates
/// Odds that are `w` times too high, on purpose: the minimiser is `x = ln(w p / (1 - p))` for the mean p of y.
/// Subtract `ln w` from the logits to get the probability back. The values are in [0, ∞).
///
/// # Stability
/// As [`binary_cross_entropy_with_logits`].
///
/// # Example
/// ```
/// use minimand_loss::weighted_binary_cross_entropy_with_logits;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0]);
/// let target = Tensor::from([1.0, 0.0]);
/// let loss = weighted_binary_cross_entropy_with_logits(&logits, &target, 3.0);
/// assert_eq!(format!("{loss:.4}"), "[2.0794, 0.6931]");
/// assert_eq!(loss.sum().grad(&logits).to_string(), "[-1.5, 0.5]");
/// ```
///
/// # When to use
/// When a missed positive costs w times a false alarm and the decision is to stay at ½: that threshold then is the
/// true probability `1 / (1 + w)`. The same decisions come from the unweighted loss with the threshold at `1 / (1 +
/// w)`, and its probabilities stay calibrated; weights change what a model learns only where it lacks the capacity to
/// be right everywhere. `loss.mean()` is not divided by the weights. It misleads when σ(x) is read as the probability: that
/// is `σ(x − ln w)`.
///
/// # Reference
/// King & Zeng 2001, "Logistic regression in rare events data" (the weighted log-likelihood). Usual: number of
/// negatives over number of positives, which makes both classes count the same, or its square root.
///
/// # See also
/// [`binary_cross_entropy_with_logits`], [`binary_focal`](crate::binary_focal).
#[doc(alias = "pos_weight")]
#[doc(alias = "weighted_cross_entropy_with_logits")]
#[track_caller]
pub fn weighted_binary_cross_entropy_with_logits(
    logits: &Tensor,
    target: &Tensor,
    positive_weight: impl Operand,
) -> Tensor {
    same_shapes("weighted_binary_cross_entropy_with_logits", ("logits", logits), ("target", target));
    let (x, y, w) = (logits, target, positive_weight.operand(logits.dtype()).cast(logits.dtype()));
    repeats_to("weighted_binary_cross_entropy_with_logits", ("positive_weight", &w), ("logits", x));
    w * y * (-x).softplus() + (1.0 - y) * x.softplus()
}
