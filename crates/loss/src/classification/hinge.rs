//! Losses of a signed margin: hinge, its square, the perceptron's, the logistic.

use minimand_tensor::Tensor;

use crate::shape::same_shape;

/// How far a score falls short of a margin of 1 on its own side of 0: the support vector machine's loss.
///
/// ```text
/// ℓ = max(1 − y x, 0)
/// x = prediction
/// y = target
/// ```
///
/// # Shapes
/// `prediction` x and `target` y of the same shape, one loss per element. x is any number, y is −1 or 1: with 0 for "no"
/// those examples would have loss 1 whatever the score is. Panics when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = −y` where `y x < 1`, 0 elsewhere, the kink `y x = 1` included.
///
/// # Estimates
/// The **mode**: the sign of the minimiser is the likelier sign, and x = ±1 says nothing of how likely. From 0, for
/// `y x ≥ 1`, to ∞.
///
/// # Stability
/// Nothing can overflow before the loss itself does.
///
/// # Example
/// ```
/// use minimand_loss::hinge;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -1.0]);
/// let target = Tensor::from([1.0, 1.0, 1.0]);
/// let loss = hinge(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.5, 0, 2]");
/// assert_eq!(loss.sum().grad(&prediction).to_vec::<f64>(), [-1.0, 0.0, -1.0]);
/// ```
///
/// # When to use
/// For decisions alone, with a penalty on the weights: only the examples near the boundary count, so the solution is
/// sparse in them. It misleads whoever reads its scores as confidence: all of 0.6 and 0.99 probability are pushed to the
/// same 1, and thresholds other than 0 have no meaning.
///
/// # Reference
/// Cortes and Vapnik, *Support-Vector Networks*, Machine Learning 20, 1995, equation 21. Keras turns targets of 0 into −1
/// when it sees them; here the target says what it is. Optax shares the gradient at the kink: −y/2 there.
///
/// # See also
/// [`squared_hinge`], [`perceptron`], [`soft_margin`], [`multiclass_hinge`](crate::multiclass_hinge).
#[doc(alias = "hinge_loss")]
#[doc(alias = "Hinge")]
#[track_caller]
pub fn hinge(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("hinge", prediction, target);
    (1.0 - target * prediction).relu()
}

/// The square of how far a score falls short of a margin of 1 on its own side of 0.
///
/// ```text
/// ℓ = max(1 − y x, 0)²
/// x = prediction
/// y = target
/// ```
///
/// # Shapes
/// `prediction` x and `target` y of the same shape, one loss per element. x is any number, y is −1 or 1. Panics when the
/// shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = −2 y max(1 − y x, 0)`: continuous. The second derivative is 2 where `y x < 1` and 0 elsewhere, the seam
/// included.
///
/// # Estimates
/// The **mean** of the target, `2 p − 1` for the probability p of 1, so that `(x + 1) / 2` is a probability where the
/// model can reach it. From 0, for `y x ≥ 1`, to ∞.
///
/// # Stability
/// Nothing can overflow before the loss itself does.
///
/// # Example
/// ```
/// use minimand_loss::squared_hinge;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, 2.0, -1.0]);
/// let target = Tensor::from([1.0, 1.0, 1.0]);
/// let loss = squared_hinge(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0.25, 0, 4]");
/// assert_eq!(loss.sum().grad(&prediction).to_vec::<f64>(), [-1.0, 0.0, -4.0]);
/// ```
///
/// # When to use
/// For linear classifiers with second-order solvers (liblinear's default), which need a continuous gradient. It misleads
/// where labels are wrong: a confident error counts with its square, as in least squares.
///
/// # Reference
/// Rosasco et al., *Are Loss Functions All the Same?*, Neural Computation 16, 2004, table 1 (with the minimiser). Keras
/// turns targets of 0 into −1 when it sees them. No parameters.
///
/// # See also
/// [`hinge`], [`soft_margin`].
#[doc(alias = "SquaredHinge")]
#[track_caller]
pub fn squared_hinge(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("squared_hinge", prediction, target);
    (1.0 - target * prediction).relu().square()
}

/// How far a score lies on the wrong side of 0: Rosenblatt's perceptron.
///
/// ```text
/// ℓ = max(−y x, 0)
/// x = prediction
/// y = target
/// ```
///
/// # Shapes
/// `prediction` x and `target` y of the same shape, one loss per element. x is any number, y is −1 or 1. Panics when the
/// shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = −y` where `y x < 0`, 0 elsewhere, the kink `x = 0` included. A model that starts at 0 therefore never moves
/// (Optax shares the gradient there: −y/2).
///
/// # Estimates
/// Nothing: the expected loss is least at x = 0, whatever the probabilities are. From 0 to ∞.
///
/// # Stability
/// Nothing can overflow.
///
/// # Example
/// ```
/// use minimand_loss::perceptron;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.5, -1.0, 2.0]);
/// let target = Tensor::from([1.0, 1.0, -1.0]);
/// let loss = perceptron(&prediction, &target);
/// assert_eq!(loss.to_string(), "[0, 1, 2]");
/// assert_eq!(loss.sum().grad(&prediction).to_vec::<f64>(), [0.0, -1.0, 1.0]);
/// ```
///
/// # When to use
/// For separable data, and to see where [`hinge`] came from. It misleads by its minimum: without a margin all scores of 0
/// are perfect, and on data that overlap the weights shrink to that.
///
/// # Reference
/// Rosenblatt, *The Perceptron*, Psychological Review 65, 1958; as a loss Bishop 2006, "Pattern Recognition and Machine
/// Learning", equation 4.54. No parameters.
///
/// # See also
/// [`hinge`], [`multiclass_perceptron`](crate::multiclass_perceptron).
#[doc(alias = "perceptron_loss")]
#[track_caller]
pub fn perceptron(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("perceptron", prediction, target);
    (-(target * prediction)).relu()
}

/// Logistic loss of a score on its own side of 0: a hinge without a kink.
///
/// ```text
/// ℓ = ln(1 + exp(−y x))
/// x = prediction
/// y = target
/// ```
///
/// # Shapes
/// `prediction` x and `target` y of the same shape, one loss per element. x is any number, y is −1 or 1. Panics when the
/// shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = −y σ(−y x)`. No kinks. The second derivative is `σ(x) σ(−x)`.
///
/// # Estimates
/// The log-odds of 1 against −1: `tanh(x/2)` is the **mean** of the target. From 0 to ∞.
///
/// # Stability
/// By [`Tensor::softplus`]: no exponential overflows. PyTorch takes the exponential first and has loss ∞ and gradient NaN
/// at x = −1000; here they are 1000 and −1.
///
/// # Example
/// ```
/// use minimand_loss::soft_margin;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([0.0, 2.0, -1000.0]);
/// let target = Tensor::from([1.0, 1.0, 1.0]);
/// let loss = soft_margin(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.1269, 1000.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[-0.5000, -0.1192, -1.0000]");
/// ```
///
/// # When to use
/// Where targets are ±1 already; it is [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits) with
/// another name for the labels. It misleads when targets of 0 and 1 are passed: those of 0 then have loss ln 2 always.
///
/// # Reference
/// Cox 1958, "The regression analysis of binary sequences"; in this form Friedman et al., *Additive Logistic Regression*,
/// Annals of Statistics 28, 2000, equation 16. No parameters.
///
/// # See also
/// [`hinge`], [`squared_hinge`], [`multi_label_soft_margin`](crate::multi_label_soft_margin).
#[doc(alias = "SoftMarginLoss")]
#[doc(alias = "soft_margin_loss")]
#[track_caller]
pub fn soft_margin(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shape("soft_margin", prediction, target);
    (-(target * prediction)).softplus()
}
