//! The Brier score: squared error of probabilities.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::shape::same_shapes;

/// Squared distance of predicted class probabilities from the class that was right.
///
/// ```text
/// ℓ = Σⱼ (pⱼ − [labels = j])²
/// pⱼ = probabilitiesⱼ
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one loss per
/// label, shape `[…]`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not
/// fit.
///
/// # Gradient
/// `∂ℓ/∂pⱼ = 2 (pⱼ − [labels = j])`; 0 where the label is ignored.
///
/// # Estimates
/// The probability of each class: a strictly proper score. From 0 to 2, the original range; for two classes it is **twice**
/// [`binary_brier_score`](crate::binary_brier_score).
///
/// # Stability
/// A polynomial: nothing overflows. Certain and wrong costs 2, not ∞.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, brier_score};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = brier_score(&probabilities, &labels);
/// assert_eq!(loss.to_string(), "[0.375, 2]");
/// assert_eq!(loss.sum().grad(&probabilities).to_string(), "[[-1, 0.5, 0.5],\n [0, 2, -2]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To compare forecasts, calibration and sharpness in one bounded number, and as a loss that outliers cannot drive. It misleads
/// where rare events matter: 0.001 and 0.0001 for something that happened score alike, though one is ten times better. Through
/// a softmax its gradient vanishes for confident errors; train with cross-entropy.
///
/// # Reference
/// Brier 1950, "Verification of forecasts expressed in terms of probability", equation 2. No parameters. scikit-learn's
/// brier_score_loss with `scale_by_half=False` for several classes.
///
/// # See also
/// [`binary_brier_score`], [`BrierDecomposition`](crate::BrierDecomposition), [`cross_entropy`](crate::cross_entropy),
/// [`spherical_score`](crate::spherical_score).
#[doc(alias = "brier")]
#[doc(alias = "brier_score_loss")]
#[doc(alias = "quadratic_score")]
#[track_caller]
pub fn brier_score(probabilities: &Tensor, labels: &Labels) -> Tensor {
    labels.check_scores("brier_score", "probabilities", probabilities);
    let p = labels.without_ignored(probabilities);
    (&p - labels.truth().cast(p.dtype())).square().sum_axis(-1)
}

/// Squared error of the predicted probability of an event.
///
/// ```text
/// ℓ = (p − y)²
/// p = probabilities
/// y = target
/// ```
///
/// # Shapes
/// `probabilities` p and `target` y of the same shape, one loss per element; p and y lie in [0, 1]. Panics when the shapes
/// differ.
///
/// # Gradient
/// `∂ℓ/∂p = 2 (p − y)`, `∂ℓ/∂y = 2 (y − p)`.
///
/// # Estimates
/// The **probability** of the event: the minimiser is the mean of y. From 0 to 1, **half** of what [`brier_score`] gives for the
/// two classes.
///
/// # Stability
/// A polynomial: nothing overflows. Certain and wrong costs 1.
///
/// # Example
/// ```
/// use minimand_loss::binary_brier_score;
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([0.5, 1.0, 0.25]);
/// let target = Tensor::from([1.0, 1.0, 1.0]);
/// let loss = binary_brier_score(&probabilities, &target);
/// assert_eq!(loss.to_string(), "[0.25, 0, 0.5625]");
/// assert_eq!(loss.sum().grad(&probabilities).to_string(), "[-1, 0, -1.5]");
/// ```
///
/// # When to use
/// To compare forecasts of one event. It misleads when compared between data sets: always forecasting the frequency f scores
/// `f (1 − f)`, which for a rare event looks excellent; [`BrierDecomposition::skill`](crate::BrierDecomposition::skill) relates it to
/// that.
///
/// # Reference
/// Brier 1950, "Verification of forecasts expressed in terms of probability"; Murphy 1973 for the half that is usual today. No
/// parameters. scikit-learn's brier_score_loss.
///
/// # See also
/// [`brier_score`], [`BrierDecomposition`](crate::BrierDecomposition),
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits).
#[doc(alias = "brier_score_loss")]
#[track_caller]
pub fn binary_brier_score(probabilities: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("binary_brier_score", ("probabilities", probabilities), ("target", target));
    (probabilities - target).square()
}
