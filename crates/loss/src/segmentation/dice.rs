//! Dice losses: overlap of two regions relative to their sizes.

use minimand_tensor::Tensor;

use crate::segmentation::region::{Overlap, check_regions, distance, log_distance, more, over_pixels, probabilities};

/// Options of [`dice`], [`dice_with_logits`] and [`log_dice`].
#[derive(Clone, Copy, Debug)]
pub struct DiceOptions {
    /// What is added to numerator and denominator, at least 0.
    pub smooth: f64,
    /// Whether sizes are sums of squares, as in V-Net, instead of sums.
    pub squared: bool,
    /// What is added to the denominator only, at least 0.
    pub epsilon: f64,
}

impl Default for DiceOptions {
    fn default() -> DiceOptions {
        DiceOptions { smooth: 1.0, squared: false, epsilon: 0.0 }
    }
}

/// What counts as common, `2I + s`, and as apart, `P + T − 2I + ε`.
#[track_caller]
fn parts(loss: &str, prediction: &Tensor, target: &Tensor, options: DiceOptions) -> (Tensor, Tensor) {
    let DiceOptions { smooth, squared, epsilon } = options;
    assert!(smooth >= 0.0, "{loss}: smooth is {smooth} and must not be below 0");
    assert!(epsilon >= 0.0, "{loss}: epsilon is {epsilon} and must not be below 0");
    if squared {
        let apart = over_pixels(&(prediction - target).square());
        return (2.0 * over_pixels(&(prediction * target)) + smooth, more(apart, epsilon));
    }
    let Overlap { common, excess, missed } = Overlap::by_product(prediction, target);
    (2.0 * common + smooth, more(excess + missed, epsilon))
}

/// Share of two regions that they do not have in common, per image and class.
///
/// ```text
/// ℓᵢⱼ = 1 − (2 Iᵢⱼ + s) / (Pᵢⱼ + Tᵢⱼ + s + ε)
/// Iᵢⱼ = Σₖ predictionᵢₖⱼ targetᵢₖⱼ
/// Pᵢⱼ = Σₖ predictionᵢₖⱼ^q
/// Tᵢⱼ = Σₖ targetᵢₖⱼ^q
/// q = 2 if squared = 1 else 1
/// s = smooth
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[batch, pixels…, classes]`, any number of pixel axes; one loss per image
/// and class, shape `[batch, classes]`. Probabilities, 0 to 1; a one-hot target is [`Labels::one_hot`](crate::Labels).
/// PyTorch's (B, C, H, W) is [B, H, W, C] here; a mask of one class has a last axis of 1. Pixels without a label count
/// nowhere when prediction and target are both multiplied by 0 there. Panics when the shapes differ or `smooth` is below 0.
///
/// # Gradient
/// `∂ℓ/∂p = −(2 t D − (2 I + s)) / D²` with `D = P + T + s`. No kinks.
///
/// # Estimates
/// No statistic of the pixels: it favours the region of greatest expected overlap, and so predictions near 0 and 1. From
/// 0, where both regions agree, to 1.
///
/// # Stability
/// Computed as `A/(2 I + s + A)` from what the regions have apart, `A = Σ p (1 − t) + t (1 − p)`, so that agreement
/// loses no digits. **Empty regions**: both empty give 0; an empty target costs `P/(P + s)`, which pulls the prediction down
/// as long as s > 0. With s = 0 that is 1 with gradient 0, and 0/0 is 0.
///
/// # Example
/// ```
/// use minimand_loss::{DiceOptions, dice};
/// use minimand_tensor::Tensor;
///
/// // Two images of two pixels and one class; the second has no foreground.
/// let prediction = Tensor::from([[[0.5], [0.0]], [[1.0], [0.0]]]);
/// let target = Tensor::from([[[1.0], [0.0]], [[0.0], [0.0]]]);
/// let loss = dice(&prediction, &target, DiceOptions::default());
/// assert_eq!(loss.to_string(), "[[0.2],\n [0.5]]");
/// assert_eq!(format!("{:.2}", loss.sum().grad(&prediction).flatten()), "[-0.48, 0.32, 0.25, 0.25]");
/// ```
///
/// # When to use
/// When the foreground is a small part of the image and cross-entropy would be content with none. It misleads where
/// regions are tiny or absent: the loss of one image jumps with a pixel, and the probabilities are not calibrated.
///
/// # Reference
/// Milletari et al. 2016, "V-Net", section 3 (squared sizes); Dice 1945. Usual: s = 1, or 1e-5. Optax and
/// segmentation_models_pytorch add s to `I / (I + ½ (P + T) − I)`, which is 2 s here. Keras has s = 0 and
/// ε = 10⁻⁷, which gives 1 for two empty regions. On purpose otherwise: segmentation_models_pytorch drops classes that the target lacks, so
/// that false positives cost nothing there.
///
/// # See also
/// [`dice_with_logits`], [`log_dice`], [`jaccard`](crate::jaccard), [`tversky`](crate::tversky).
#[doc(alias = "dice_loss")]
#[doc(alias = "Dice")]
#[doc(alias = "DiceLoss")]
#[track_caller]
pub fn dice(prediction: &Tensor, target: &Tensor, options: DiceOptions) -> Tensor {
    check_regions("dice", ("prediction", prediction), target);
    let (common, apart) = parts("dice", prediction, target, options);
    distance(&common, &apart)
}

/// The Dice loss of the probabilities of logits.
///
/// ```text
/// ℓᵢⱼ = 1 − (2 Iᵢⱼ + s) / (Pᵢⱼ + Tᵢⱼ + s + ε)
/// Iᵢⱼ = Σₖ pᵢₖⱼ targetᵢₖⱼ
/// Pᵢⱼ = Σₖ pᵢₖⱼ^q
/// Tᵢⱼ = Σₖ targetᵢₖⱼ^q
/// pᵢₖⱼ = exp logitsᵢₖⱼ / Σₗ exp logitsᵢₖₗ
/// q = 2 if squared = 1 else 1
/// s = smooth
/// ε = epsilon
/// ```
///
/// # Shapes
/// As [`dice`], with `logits` for the prediction: any numbers. Their probabilities are softmax over the last axis, or
/// the logistic function when there is one class. For labels that do not exclude each other take
/// `dice(&logits.sigmoid(), …)`.
///
/// # Gradient
/// That of [`dice`] through softmax: `∂ℓ/∂xⱼ = pⱼ (gⱼ − Σₗ pₗ gₗ)` for `g = ∂ℓ/∂p`. It fades where softmax saturates.
///
/// # Estimates
/// As [`dice`]. From 0 to 1.
///
/// # Stability
/// Softmax subtracts the greatest logit; the rest as [`dice`].
///
/// # Example
/// ```
/// use minimand_loss::{DiceOptions, dice_with_logits};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[[0.0, 0.0], [100.0, -100.0]]]);
/// let target = Tensor::from([[[1.0, 0.0], [1.0, 0.0]]]);
/// let loss = dice_with_logits(&logits, &target, DiceOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[[0.1111, 0.3333]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits).flatten()), "[-0.1728, 0.1728, 0.0000, 0.0000]");
/// ```
///
/// # When to use
/// For networks that end in logits, as all should. It misleads as [`dice`] does; with a cross-entropy beside it
/// ([`dice_cross_entropy`](crate::dice_cross_entropy)) saturated errors keep a gradient.
///
/// # Reference
/// As [`dice`]. Optax's `dice_loss` is this with `smooth` twice as large, after a mean over the classes.
///
/// # See also
/// [`dice`], [`dice_cross_entropy`](crate::dice_cross_entropy).
#[doc(alias = "dice_loss")]
#[doc(alias = "binary_dice_loss")]
#[track_caller]
pub fn dice_with_logits(logits: &Tensor, target: &Tensor, options: DiceOptions) -> Tensor {
    check_regions("dice_with_logits", ("logits", logits), target);
    let (common, apart) = parts("dice_with_logits", &probabilities(logits), target, options);
    distance(&common, &apart)
}

/// Negative logarithm of the Dice coefficient, per image and class.
///
/// ```text
/// ℓᵢⱼ = −ln((2 Iᵢⱼ + s) / (Pᵢⱼ + Tᵢⱼ + s + ε))
/// Iᵢⱼ = Σₖ predictionᵢₖⱼ targetᵢₖⱼ
/// Pᵢⱼ = Σₖ predictionᵢₖⱼ^q
/// Tᵢⱼ = Σₖ targetᵢₖⱼ^q
/// q = 2 if squared = 1 else 1
/// s = smooth
/// ε = epsilon
/// ```
///
/// # Shapes
/// As [`dice`].
///
/// # Gradient
/// That of [`dice`] over the coefficient: a small overlap pulls hard, `∂ℓ/∂p = 1/D − 2 t/(2 I + s)`. No kinks.
///
/// # Estimates
/// As [`dice`], with more weight on images of little overlap. From 0 to ∞.
///
/// # Stability
/// Computed as `ln(1 + A/(2 I + s))` with A as in [`dice`]: exact near agreement, and no bound that would take the
/// gradient from a small overlap. With s = 0: both regions empty give 0; without overlap it is ∞, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{DiceOptions, log_dice};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [0.0]]]);
/// let target = Tensor::from([[[1.0], [0.0]]]);
/// let loss = log_dice(&prediction, &target, DiceOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[[0.2231]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-0.6000, 0.4000]");
/// ```
///
/// # When to use
/// When some images have almost no overlap yet and the flat end of [`dice`] would leave them. It misleads with small s
/// and wrong masks: an image that cannot overlap dominates the batch.
///
/// # Reference
/// Wong et al. 2018, "3D segmentation with exponential logarithmic loss for highly unbalanced object sizes", equation 2.
/// segmentation_models_pytorch (`log_loss=True`) clamps the coefficient at 1e-7, where the gradient ends.
///
/// # See also
/// [`dice`], [`log_jaccard`](crate::log_jaccard).
#[doc(alias = "DiceLoss(log_loss=True)")]
#[track_caller]
pub fn log_dice(prediction: &Tensor, target: &Tensor, options: DiceOptions) -> Tensor {
    check_regions("log_dice", ("prediction", prediction), target);
    let (common, apart) = parts("log_dice", prediction, target, options);
    log_distance(&common, &apart)
}
