//! Losses that train for accuracy and calibration at once.

use minimand_tensor::Tensor;

use super::forecasts::Forecasts;
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Cross-entropy weighted by how little the label's probability stands out from the next smaller one.
///
/// ```text
/// ℓ = −(1 − p_y + r)^γ ln p_y
/// r = maxⱼ ([pⱼ < p_y] pⱼ)
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// γ = gamma
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` y of shape `[…]` with C classes, one loss per label;
/// `gamma ≥ 0`. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. Panics when the shapes do not fit.
///
/// # Gradient
/// With `w = 1 − p_y + r`: `∂ℓ/∂xⱼ = w^γ (pⱼ − [y = j]) − γ w^(γ − 1) ln p_y (∂r/∂xⱼ − ∂p_y/∂xⱼ)`; 0 where the label is ignored. Where
/// another class becomes the next smaller one is a kink; equal ones share the gradient. Where no class is smaller r is 0.
///
/// # Estimates
/// No probability, but nearer to it than [`categorical_focal`](crate::categorical_focal): the weight sharpens what focal loss flattens too
/// much. From 0 to ∞.
///
/// # Stability
/// `1 − p_y` and `ln p_y` from the log-odds, nothing subtracted from 1. A weight of 0, at `p_y = 1`, has value and gradient 0 for every γ.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, dual_focal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [2.0, 0.0, 1.0]]);
/// let loss = dual_focal(&logits, &Labels::new([0, 2], 3)?, 5.0);
/// assert_eq!(format!("{loss:.4}"), "[0.0266, 0.6075]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.1105, 0.0146, 0.0959],\n [0.6569, 0.4124, -1.0693]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// In place of focal loss where confidence is to be trusted without a fit afterwards. It misleads where a validation set is at hand:
/// cross-entropy and [`TemperatureScaling`](crate::TemperatureScaling) are simpler, and reach as far.
///
/// # Reference
/// Tao, Dong, Xu 2023, "Dual focal loss for calibration", equation 5. Usual: γ = 5.
///
/// # See also
/// [`categorical_focal`](crate::categorical_focal), [`expected_calibration_error`](crate::expected_calibration_error).
#[doc(alias = "DualFocalLoss")]
#[track_caller]
pub fn dual_focal(logits: &Tensor, labels: &Labels, gamma: f64) -> Tensor {
    labels.check_scores("dual_focal", "logits", logits);
    assert!(gamma >= 0.0, "dual_focal: gamma is {gamma} and must not be below 0");
    check_finite("dual_focal", ("gamma", gamma), logits.dtype());
    let x = labels.without_ignored(logits);
    let against = labels.log_odds_against(&x);
    let smaller = x.lt(labels.pick(&x).unsqueeze(-1));
    let next = smaller.select(x.softmax(-1), 0).max_axis(-1);
    let weight = against.sigmoid() + next;
    let sure = weight.eq(0);
    labels.zero_if_ignored(sure.select(0, sure.select(1, weight).pow(gamma)) * against.softplus())
}

/// How far the mean probability of each class is from its share in the batch, averaged over the classes.
///
/// ```text
/// ℓ = Σₖ |Σᵢ (pᵢₖ − [labelsᵢ = k])| / (N K)
/// N = Σᵢ 1
/// K = classes
/// pᵢₖ = probabilitiesᵢₖ
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, K]`, the last axis over the classes, and `labels` of shape `[…]` with K classes; one number for all N
/// examples together, shape `[]`. Ignored labels do not count; of nothing it is 0. Panics when the shapes do not fit.
///
/// # Gradient
/// By `pᵢₖ` it is `sign(Σⱼ (pⱼₖ − [labelsⱼ = k]))/(N K)`; 0 where a class is exact, which is a kink.
///
/// # Estimates
/// Least, 0, where every class has as much probability in the batch as it has examples. From 0 to `2/K`.
///
/// # Stability
/// A sum of differences: a class that does not occur is no division by 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, mdca};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.75, 0.25], [0.5, 0.5]]);
/// let loss = mdca(&probabilities, &Labels::new([0, 0], 2)?);
/// assert_eq!(loss.to_string(), "0.375");
/// assert_eq!(loss.grad(&probabilities).to_string(), "[[-0.25, 0.25],\n [-0.25, 0.25]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside cross-entropy or focal loss, weighted, for all classes' calibration. It misleads alone: predicting the frequencies of the
/// classes makes it 0; and in batches smaller than a few times K it punishes chance.
///
/// # Reference
/// Hebbalaguppe et al. 2022, "A stitch in time saves nine: a train-time regularizing loss for improved neural network calibration",
/// equation 4. Usual: weight 1 to 10.
///
/// # See also
/// [`static_calibration_error`](crate::static_calibration_error), which this is with one bin.
#[doc(alias = "MDCA")]
#[doc(alias = "ClassificationAndMDCA")]
#[track_caller]
pub fn mdca(probabilities: &Tensor, labels: &Labels) -> Tensor {
    Forecasts::of_every_class("mdca", probabilities, labels).in_equal_widths(1).expected_gap().mean()
}

/// Options of [`margin_label_smoothing`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarginLabelSmoothingOptions {
    /// How far logits may lie below the greatest for nothing, at least 0.
    pub margin: f64,
    /// The weight of what lies farther, at least 0.
    pub alpha: f64,
}

impl Default for MarginLabelSmoothingOptions {
    /// Margin 10, α = 0.1.
    fn default() -> MarginLabelSmoothingOptions {
        MarginLabelSmoothingOptions { margin: 10.0, alpha: 0.1 }
    }
}

/// Cross-entropy, and a penalty for logits that lie farther below the greatest than a margin.
///
/// ```text
/// ℓ = −ln p_y + α Σⱼ max(maxₖ xₖ − xⱼ − m, 0) / C
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// C = classes
/// xⱼ = logitsⱼ
/// y = labels
/// m = margin
/// α = alpha
/// ```
///
/// # Shapes
/// As [`cross_entropy`](crate::cross_entropy): `logits` x of shape `[…, C]`, `labels` y of shape `[…]` with C classes, one loss per label.
/// `margin ≥ 0` and `alpha ≥ 0`, finite. A class excluded by -∞ takes no part, in C neither. Where a label is ignored the loss is 0; take
/// the mean with [`Labels::mean`]. Panics when the shapes or options do not fit.
///
/// # Gradient
/// That of cross-entropy; besides `−α/C` for each class that lies farther than the margin, and `α/C` for each of those for the greatest,
/// which equal ones share. At the margin, a kink, nothing is added. 0 where the label is ignored.
///
/// # Estimates
/// The probabilities, as long as no log-odds of the best class exceed the margin; flatter ones beyond. With margin 0 it is label
/// smoothing up to a factor. From 0 to ∞.
///
/// # Stability
/// Linear besides cross-entropy: no overflow before the loss itself.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, MarginLabelSmoothingOptions, margin_label_smoothing};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0]]);
/// let options = MarginLabelSmoothingOptions { margin: 1.5, alpha: 0.3 };
/// let loss = margin_label_smoothing(&logits, &Labels::new([0], 3)?, options);
/// assert_eq!(format!("{loss:.4}"), "[0.4576]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.2348, -0.0100, 0.2447]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Against overconfidence, where label smoothing costs too much of what sets the likely classes apart. It misleads with a margin below what
/// the data warrant: true certainties are then flattened as label smoothing flattens them.
///
/// # Reference
/// Liu et al. 2022, "The devil is in the margin: margin-based label smoothing for network calibration", equation 8, with the mean over
/// the classes that their code takes. Usual: margin 6 to 10, α = 0.1.
///
/// # See also
/// [`cross_entropy_with`](crate::cross_entropy_with) for label smoothing, [`confidence_penalty`](crate::confidence_penalty).
#[doc(alias = "MbLS")]
#[doc(alias = "LogitMarginL1")]
#[track_caller]
pub fn margin_label_smoothing(logits: &Tensor, labels: &Labels, options: MarginLabelSmoothingOptions) -> Tensor {
    let MarginLabelSmoothingOptions { margin, alpha } = options;
    labels.check_scores("margin_label_smoothing", "logits", logits);
    for (name, option) in [("margin", margin), ("alpha", alpha)] {
        assert!(option >= 0.0, "margin_label_smoothing: {name} is {option} and must not be below 0");
        check_finite("margin_label_smoothing", (name, option), logits.dtype());
    }
    let x = labels.without_ignored(logits);
    let possible = x.gt(f64::NEG_INFINITY);
    let excess = possible.select((x.max_keepdim(-1) - &x) - margin, 0).relu();
    let mean = excess.sum_axis(-1) / possible.cast(x.dtype()).sum_axis(-1).clamp_min(1);
    labels.surprisal(&x) + labels.zero_if_ignored(alpha * mean)
}

/// How many forecasts are sure and wrong or unsure and right, against those that are sure and right or unsure and wrong, softly
/// counted.
///
/// ```text
/// ℓ = ln(1 + bad / good)
/// bad = Σᵢ (rᵢ [uᵢ > θ] cᵢ tanh uᵢ + (1 − rᵢ) [uᵢ ≤ θ] (1 − cᵢ) (1 − tanh uᵢ))
/// good = Σᵢ (rᵢ [uᵢ ≤ θ] cᵢ (1 − tanh uᵢ) + (1 − rᵢ) [uᵢ > θ] (1 − cᵢ) tanh uᵢ)
/// uᵢ = −Σₖ pᵢₖ ln pᵢₖ
/// rᵢ = [p[i, labelsᵢ] = cᵢ]
/// cᵢ = maxₖ pᵢₖ
/// pᵢₖ = exp xᵢₖ / Σⱼ exp xᵢⱼ
/// xᵢₖ = logitsᵢₖ
/// θ = threshold
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one number for all examples
/// together, shape `[]`. u is the entropy of a forecast in nats; `threshold` θ is any number. Ignored labels do not count; of nothing it
/// is 0. Panics when the shapes do not fit.
///
/// # Gradient
/// Through c and u. What is right, and what is above the threshold, are steps, whose derivative is 0.
///
/// # Estimates
/// Least, 0, where all that is right is sure and all that is wrong is unsure. From 0 to ∞.
///
/// # Stability
/// `ln(good + bad) − ln good`. Where nothing is good it is ∞, with gradient 0; the authors' code divides by 1e-10 there. Entropies by
/// log-softmax.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, accuracy_versus_uncertainty};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.5, 0.0, 0.0]]);
/// let loss = accuracy_versus_uncertainty(&logits, &Labels::new([0, 0], 3)?, 0.9);
/// assert_eq!(format!("{loss:.4}"), "0.9872");
/// assert_eq!(
///     format!("{:.4}", loss.grad(&logits)),
///     "[[-0.5082, 0.2061, 0.3021],\n [0.3067, -0.1533, -0.1533]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside the evidence bound or cross-entropy, after a few epochs, where doubt is to be a sign of error. It misleads alone: with few
/// errors in a batch everything is pushed to be sure; and the threshold decides what counts as doubt.
///
/// # Reference
/// Krishnan & Tickoo 2020, "Improving model calibration with accuracy versus uncertainty optimization", equations 3 to 5. Usual: the
/// threshold halfway between the least and the greatest entropy of the first epochs; weight 3.
///
/// # See also
/// [`soft_expected_calibration_error`](crate::soft_expected_calibration_error),
/// [`maximum_mean_calibration_error`](crate::maximum_mean_calibration_error).
#[doc(alias = "AvUC")]
#[doc(alias = "AvULoss")]
#[track_caller]
pub fn accuracy_versus_uncertainty(logits: &Tensor, labels: &Labels, threshold: f64) -> Tensor {
    labels.check_scores("accuracy_versus_uncertainty", "logits", logits);
    let x = labels.without_ignored(logits);
    let (p, log_p) = (x.softmax(-1), x.log_softmax(-1));
    let entropy = 0.0 - (&p * log_p.eq(f64::NEG_INFINITY).select(0, log_p)).sum_axis(-1);
    let (confidence, right) = (p.max_axis(-1), x.argmax_axis(-1).eq(labels.index()));
    let unsure = entropy.gt(threshold);
    let doubt = entropy.tanh();
    let counted = right.select(&confidence, 1.0 - &confidence) * unsure.select(&doubt, 1.0 - &doubt);
    let agrees = right.ne(&unsure);
    let sum = |of: Tensor| labels.zero_if_ignored(of.select(&counted, 0)).sum();
    let (good, bad) = (sum(agrees.clone()), sum(agrees.logical_not()));
    let none = good.eq(0);
    let loss = none.select(1, &good + &bad).ln() - none.select(1, &good).ln();
    (&none & bad.gt(0)).select(f64::INFINITY, loss)
}
