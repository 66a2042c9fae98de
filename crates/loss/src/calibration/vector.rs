//! An affine map of the logits: a factor and a shift per class, or a whole matrix.

use minimand_tensor::Tensor;

use super::fit::{FitError, minimise};
use super::temperature::checked_logits;
use crate::labels::Labels;

/// Cross-entropy of logits with a factor and a shift for each class.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = exp zⱼ / Σₖ exp zₖ
/// zⱼ = scaleⱼ xⱼ + biasⱼ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` of shape `[…]` with C classes, `scale` and `bias` of shape
/// `[C]`; one loss per label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when
/// the shapes do not fit.
///
/// # Gradient
/// With `gⱼ = pⱼ − [y = j]`: `∂ℓ/∂xⱼ = scaleⱼ gⱼ`, `∂ℓ/∂scaleⱼ = xⱼ gⱼ`, `∂ℓ/∂biasⱼ = gⱼ`; 0 where the label is ignored. No kinks.
///
/// # Estimates
/// The factors and shifts under which the class probabilities are likeliest; the shifts up to a common constant. Convex in both.
/// From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy).
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, vector_scaled_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[4.0, 0.0, 2.0], [0.0, 0.0, 0.0]]);
/// let scale = Tensor::from([0.5, 0.5, 0.5]);
/// let bias = Tensor::from([0.0, 0.0, 0.0]);
/// let loss = vector_scaled_cross_entropy(&logits, &Labels::new([0, 2], 3)?, &scale, &bias);
/// assert_eq!(format!("{loss:.4}"), "[0.4076, 1.0986]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&bias)), "[-0.0014, 0.4234, -0.4219]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// When some classes are too sure and others not sure enough; [`VectorScaling::fit`] does it, on examples that were not trained
/// with. It misleads with few examples of a class, whose shift then fits noise; and unlike a temperature it changes which class is
/// the likeliest.
///
/// # Reference
/// Guo et al. 2017, "On calibration of modern neural networks", section 4.2. No parameters.
///
/// # See also
/// [`temperature_scaled_cross_entropy`](crate::temperature_scaled_cross_entropy), [`matrix_scaled_cross_entropy`].
#[doc(alias = "vector_scaling")]
#[track_caller]
pub fn vector_scaled_cross_entropy(logits: &Tensor, labels: &Labels, scale: &Tensor, bias: &Tensor) -> Tensor {
    labels.check_scores("vector_scaled_cross_entropy", "logits", logits);
    let classes = labels.classes();
    for (name, tensor) in [("scale", scale), ("bias", bias)] {
        let shape = tensor.shape();
        assert!(
            *shape == [classes],
            "vector_scaled_cross_entropy: {name} {shape} does not have one number per class, [{classes}]"
        );
    }
    labels.surprisal(&(labels.without_ignored(logits) * scale + bias))
}

/// Cross-entropy of logits under a linear map of them and a shift: multinomial logistic regression on logits.
///
/// ```text
/// ℓ = −ln p_y
/// pⱼ = exp zⱼ / Σₖ exp zₖ
/// zⱼ = biasⱼ + Σₖ weightⱼₖ xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, `labels` of shape `[…]` with C classes, `weight` of shape `[C, C]`, a row
/// for each new logit, `bias` of shape `[C]`; one loss per label, shape `[…]`. Where a label is ignored the loss is 0; take the mean
/// with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// With `gⱼ = pⱼ − [y = j]`: `∂ℓ/∂weightⱼₖ = gⱼ xₖ`, `∂ℓ/∂biasⱼ = gⱼ`, `∂ℓ/∂xₖ = Σⱼ gⱼ weightⱼₖ`; 0 where the label is ignored. No
/// kinks.
///
/// # Estimates
/// The map under which the class probabilities are likeliest, up to the same row added to all. Convex. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy`](crate::cross_entropy).
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, matrix_scaled_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 1.0]]);
/// let weight = Tensor::from([[0.0, 1.0], [1.0, 0.0]]); // swaps the classes
/// let bias = Tensor::from([0.0, 0.0]);
/// let loss = matrix_scaled_cross_entropy(&logits, &Labels::new([0], 2)?, &weight, &bias);
/// assert_eq!(format!("{loss:.4}"), "[1.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&weight)), "[[-1.4621, -0.7311],\n [1.4621, 0.7311]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For a handful of classes that are confused in a pattern, with thousands of examples to fit to. It misleads with many classes:
/// C² numbers overfit, and calibration on new data gets worse than before (Guo et al., table 1); a penalty on what is off the
/// diagonal helps (Kull et al. 2019).
///
/// # Reference
/// Guo et al. 2017, "On calibration of modern neural networks", section 4.2. No parameters.
///
/// # See also
/// [`vector_scaled_cross_entropy`], [`temperature_scaled_cross_entropy`](crate::temperature_scaled_cross_entropy).
#[doc(alias = "matrix_scaling")]
#[track_caller]
pub fn matrix_scaled_cross_entropy(logits: &Tensor, labels: &Labels, weight: &Tensor, bias: &Tensor) -> Tensor {
    labels.check_scores("matrix_scaled_cross_entropy", "logits", logits);
    let classes = labels.classes();
    let (found, beside) = (weight.shape(), bias.shape());
    assert!(
        *found == [classes, classes] && *beside == [classes],
        "matrix_scaled_cross_entropy: weight {found} and bias {beside} must be [{classes}, {classes}] and [{classes}]"
    );
    let x = labels.without_ignored(logits);
    let mapped = x.reshape([labels.len(), classes]).matmul(&weight.transpose()).reshape(x.shape());
    labels.surprisal(&(mapped + bias))
}

/// A factor and a shift per class, fitted to logits and labels.
///
/// ```
/// use minimand_loss::{Labels, VectorScaling};
/// use minimand_tensor::Tensor;
///
/// let logits =
///     Tensor::from([[2.0, 0.0], [1.0, 0.5], [2.0, 1.0], [0.0, 1.0], [0.5, 1.0], [1.0, 0.0], [0.0, 0.5], [1.0, 1.5]]);
/// let labels = Labels::new([0, 1, 1, 1, 0, 0, 1, 0], 2)?;
/// let scaling = VectorScaling::fit(&logits, &labels)?;
/// assert_eq!(format!("{:.4?} {:.4?}", scaling.scale(), scaling.bias()), "[0.6982, 0.2998] [-0.2221, 0.2221]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Guo et al. 2017. Fit it on examples that the model was not trained with.
#[derive(Clone, Debug, PartialEq)]
pub struct VectorScaling {
    scale: Vec<f64>,
    bias: Vec<f64>,
}

impl VectorScaling {
    /// The factors and shifts that make the labels likeliest. The shifts sum to 0: a common one changes nothing.
    ///
    /// # Errors
    /// When there is nothing to fit, a logit is not finite, or there is no best fit because the classes can be told apart without
    /// error, or one of them does not occur.
    ///
    /// # Panics
    /// When the shapes do not fit.
    #[track_caller]
    pub fn fit(logits: &Tensor, labels: &Labels) -> Result<VectorScaling, FitError> {
        labels.check_scores("VectorScaling::fit", "logits", logits);
        let (x, classes) = (checked_logits(logits, labels)?, labels.classes());
        if labels.counts().contains(&0) {
            return Err(FitError::Unbounded { reason: "a class does not occur: the less likely it is, the better" });
        }
        let loss = |parameters: &Tensor| {
            let (scale, bias) = (parameters.slice(0, ..classes), parameters.slice(0, classes..));
            labels.mean(&vector_scaled_cross_entropy(&x, labels, &scale, &bias), None)
        };
        let start = (0..2 * classes).map(|entry| if entry < classes { 1.0 } else { 0.0 }).collect();
        let mut scale = minimise(loss, start)?;
        let mut bias = scale.split_off(classes);
        let mean = bias.iter().sum::<f64>() / classes as f64;
        bias.iter_mut().for_each(|shift| *shift -= mean);
        Ok(VectorScaling { scale, bias })
    }

    /// The factor of each class.
    pub fn scale(&self) -> &[f64] {
        &self.scale
    }

    /// The shift of each class.
    pub fn bias(&self) -> &[f64] {
        &self.bias
    }

    /// `scale · logits + bias`, in the type of the logits.
    ///
    /// # Panics
    /// When the last axis does not hold the classes.
    #[track_caller]
    pub fn apply(&self, logits: &Tensor) -> Tensor {
        let (shape, classes) = (logits.shape(), self.scale.len());
        assert!(
            shape.last() == Some(&classes),
            "VectorScaling::apply: the last axis of logits {shape} is not {classes}"
        );
        let of = |values: &[f64]| Tensor::from(values.to_vec()).cast(logits.dtype());
        logits * of(&self.scale) + of(&self.bias)
    }
}
