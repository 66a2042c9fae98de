//! A student learns from a teacher: from its logits, or from its features.

use minimand_tensor::Tensor;

use crate::divergence::kl_divergence_log_target;
use crate::numbers::check_divisor;
use crate::shape::same_shapes;

/// Divergence of a student's softened probabilities from its teacher's, times the square of the temperature.
///
/// ```text
/// ℓ = T² Σⱼ qⱼ (ln qⱼ − ln pⱼ)
/// qⱼ = exp(tⱼ / T) / Σₖ exp(tₖ / T)
/// pⱼ = exp(xⱼ / T) / Σₖ exp(xₖ / T)
/// xⱼ = logitsⱼ
/// tⱼ = teacher_logitsⱼ
/// T = temperature
/// ```
///
/// # Shapes
/// `logits` x and `teacher_logits` t of the same shape `[…, C]`, the last axis over the classes; one loss per row. Any finite
/// numbers, or −∞ for classes that both exclude. `temperature` T > 0. Panics when the shapes differ or T is not positive and
/// finite.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = T (pⱼ − qⱼ)`. For large T it tends to `(xⱼ − tⱼ)/C` for logits of mean 0, whatever T is: that is what T² is for. No
/// gradient reaches the teacher.
///
/// # Estimates
/// The teacher's probabilities, for any T: softmax(x) = softmax(t). From 0, there, to ∞.
///
/// # Stability
/// Both sides by [`Tensor::log_softmax`], as [`kl_divergence_log_target`]. Keras multiplies by T² for this loss but for no
/// other, so that changing the loss changes the scale of the gradients; without T² they shrink by 1/T².
///
/// # Example
/// ```
/// use minimand_loss::distillation;
/// use minimand_tensor::Tensor;
///
/// let student = Tensor::from([[1.0, 0.0, 1.0]]);
/// let teacher = Tensor::from([[3.0, 0.0, 0.0]]);
/// let loss = distillation(&student, &teacher, 2.0);
/// assert_eq!(format!("{loss:.4}"), "[0.8133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&student)), "[[-0.6156, 0.1568, 0.4587]]");
/// ```
///
/// # When to use
/// To train a small model on a large one's answers, wrong classes included; with labels as `0.1 * cross_entropy + 0.9 *
/// distillation`. It misleads as far as the teacher does: the student inherits its mistakes and its overconfidence, and the
/// loss says nothing of the truth.
///
/// # Reference
/// Hinton et al. 2015, "Distilling the knowledge in a neural network", equations 1 to 4; as a divergence, whose gradient by the
/// student is the same. Usual: T from 2 to 5 (Keras 3).
///
/// # See also
/// [`feature_distillation`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities),
/// [`kl_divergence_log_target`].
#[doc(alias = "LogitsDistillation")]
#[doc(alias = "knowledge_distillation")]
#[track_caller]
pub fn distillation(logits: &Tensor, teacher_logits: &Tensor, temperature: f64) -> Tensor {
    same_shapes("distillation", ("logits", logits), ("teacher_logits", teacher_logits));
    assert!(logits.rank() > 0, "distillation: logits [] has no axis of classes");
    check_divisor("distillation", ("temperature", temperature), logits.dtype());
    let log_q = (teacher_logits.detach() / temperature).log_softmax(-1);
    let log_p = (logits / temperature).log_softmax(-1);
    temperature * temperature * kl_divergence_log_target(&log_p, &log_q)
}

/// Squared difference of a student's features from its teacher's.
///
/// ```text
/// ℓ = (x − t)²
/// x = features
/// t = teacher_features
/// ```
///
/// # Shapes
/// `features` x and `teacher_features` t of the same shape, and so is the loss; any numbers. A student of another width is
/// mapped to the teacher's by a layer of its own first. Panics when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂x = 2 (x − t)`. No gradient reaches the teacher.
///
/// # Estimates
/// The **mean** of the teacher's features given the student's input. From 0 to ∞.
///
/// # Stability
/// Nothing can overflow before the square itself does.
///
/// # Example
/// ```
/// use minimand_loss::feature_distillation;
/// use minimand_tensor::Tensor;
///
/// let features = Tensor::from([0.5, 2.0]);
/// let teacher = Tensor::from([1.0, 2.0]);
/// let loss = feature_distillation(&features, &teacher);
/// assert_eq!(loss.to_string(), "[0.25, 0]");
/// assert_eq!(loss.sum().grad(&features).to_string(), "[-1, 0]");
/// ```
///
/// # When to use
/// To guide a hidden layer of a deep, thin student before or beside [`distillation`]. It misleads where the features have
/// scales of their own: a few large ones make up the loss. Normalise them first.
///
/// # Reference
/// Romero et al. 2015, "FitNets: hints for thin deep nets", equation 3, without its factor ½. No parameters.
///
/// # See also
/// [`distillation`], [`squared_error`](crate::squared_error).
#[doc(alias = "FeatureDistillation")]
#[doc(alias = "FitNets")]
#[track_caller]
pub fn feature_distillation(features: &Tensor, teacher_features: &Tensor) -> Tensor {
    same_shapes("feature_distillation", ("features", features), ("teacher_features", teacher_features));
    (features - teacher_features.detach()).square()
}
