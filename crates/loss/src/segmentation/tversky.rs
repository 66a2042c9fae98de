//! Tversky losses: overlap of regions where excess and omission cost differently.

use minimand_tensor::Tensor;

use crate::segmentation::region::{Overlap, check_regions, distance, more};

/// Options of [`tversky`].
#[derive(Clone, Copy, Debug)]
pub struct TverskyOptions {
    /// The weight of false positives, at least 0.
    pub alpha: f64,
    /// The weight of false negatives, at least 0.
    pub beta: f64,
    /// What is added to numerator and denominator, at least 0.
    pub smooth: f64,
    /// What is added to the denominator only, at least 0.
    pub epsilon: f64,
}

impl Default for TverskyOptions {
    fn default() -> TverskyOptions {
        TverskyOptions { alpha: 0.5, beta: 0.5, smooth: 1.0, epsilon: 0.0 }
    }
}

/// Options of [`focal_tversky`].
#[derive(Clone, Copy, Debug)]
pub struct FocalTverskyOptions {
    /// The weight of false positives, at least 0.
    pub alpha: f64,
    /// The weight of false negatives, at least 0.
    pub beta: f64,
    /// The exponent of the loss, greater than 0.
    pub gamma: f64,
    /// What is added to numerator and denominator, at least 0.
    pub smooth: f64,
}

impl Default for FocalTverskyOptions {
    fn default() -> FocalTverskyOptions {
        FocalTverskyOptions { alpha: 0.3, beta: 0.7, gamma: 0.75, smooth: 1.0 }
    }
}

#[track_caller]
fn index_distance(loss: &str, prediction: &Tensor, target: &Tensor, options: TverskyOptions) -> Tensor {
    check_regions(loss, ("prediction", prediction), target);
    let TverskyOptions { alpha, beta, smooth, epsilon } = options;
    for (name, option) in [("alpha", alpha), ("beta", beta), ("smooth", smooth), ("epsilon", epsilon)] {
        assert!(option >= 0.0, "{loss}: {name} is {option} and must not be below 0");
    }
    let Overlap { common, excess, missed } = Overlap::by_product(prediction, target);
    distance(&(common + smooth), &more(alpha * excess + beta * missed, epsilon))
}

/// Overlap of two regions where false positives and false negatives have weights of their own, per image and class.
///
/// ```text
/// ℓᵢⱼ = 1 − (Iᵢⱼ + s) / (Iᵢⱼ + α FPᵢⱼ + β FNᵢⱼ + s + ε)
/// Iᵢⱼ = Σₖ predictionᵢₖⱼ targetᵢₖⱼ
/// FPᵢⱼ = Σₖ predictionᵢₖⱼ (1 − targetᵢₖⱼ)
/// FNᵢⱼ = Σₖ (1 − predictionᵢₖⱼ) targetᵢₖⱼ
/// α = alpha
/// β = beta
/// s = smooth
/// ε = epsilon
/// ```
///
/// # Shapes
/// `prediction` and `target` of the same shape `[batch, pixels…, classes]`; one loss per image and class, shape
/// `[batch, classes]`. Probabilities, 0 to 1; the layout is that of [`dice`](crate::dice). Panics when the shapes differ or
/// an option is below 0.
///
/// # Gradient
/// With `D = I + α FP + β FN + s`: `∂ℓ/∂p = −t/D + (I + s) (t + α (1 − t) − β t)/D²`. No kinks.
///
/// # Estimates
/// No statistic of the pixels; β > α favours regions that miss less and exceed more. From 0 to 1.
///
/// # Stability
/// Computed as `(α FP + β FN)/D`: agreement loses no digits. **Empty regions** as [`dice`](crate::dice): both empty give 0,
/// an empty target costs `α P/(α P + s)`; 0/0 is 0.
///
/// # Example
/// ```
/// use minimand_loss::{TverskyOptions, tversky};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [0.5]]]);
/// let target = Tensor::from([[[1.0], [0.0]]]);
/// let options = TverskyOptions { alpha: 0.3, beta: 0.7, smooth: 0.0, epsilon: 0.0 };
/// let loss = tversky(&prediction, &target, options);
/// assert_eq!(format!("{loss:.4}"), "[[0.5000]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-0.8500, 0.1500]");
/// ```
///
/// # When to use
/// When missing a lesion is worse than marking too much, or the other way round. It misleads when read as an overlap: with
/// α + β ≠ 1 it is neither Dice (both ½) nor Jaccard (both 1).
///
/// # Reference
/// Salehi et al. 2017, "Tversky loss function for image segmentation using 3D fully convolutional deep networks",
/// equation 3: α 0.3, β 0.7. As there, α belongs to false positives; in Keras it belongs to false negatives, despite its
/// documentation, with s = 0 and ε = 10⁻⁷.
///
/// # See also
/// [`dice`](crate::dice): the same with both weights ½ and twice the `smooth`. [`jaccard`](crate::jaccard), [`focal_tversky`].
#[doc(alias = "Tversky")]
#[doc(alias = "tversky_loss")]
#[doc(alias = "TverskyLoss")]
#[track_caller]
pub fn tversky(prediction: &Tensor, target: &Tensor, options: TverskyOptions) -> Tensor {
    index_distance("tversky", prediction, target, options)
}

/// Tversky loss to a power, which shifts attention between hard and easy regions.
///
/// ```text
/// ℓᵢⱼ = (1 − (Iᵢⱼ + s) / (Iᵢⱼ + α FPᵢⱼ + β FNᵢⱼ + s))^γ
/// Iᵢⱼ = Σₖ predictionᵢₖⱼ targetᵢₖⱼ
/// FPᵢⱼ = Σₖ predictionᵢₖⱼ (1 − targetᵢₖⱼ)
/// FNᵢⱼ = Σₖ (1 − predictionᵢₖⱼ) targetᵢₖⱼ
/// α = alpha
/// β = beta
/// γ = gamma
/// s = smooth
/// ```
///
/// # Shapes
/// As [`tversky`]; `gamma > 0`.
///
/// # Gradient
/// `γ ℓ^(1 − 1/γ)` times that of [`tversky`]. For γ < 1 it grows without bound towards agreement; at agreement itself, a
/// kink, it is 0.
///
/// # Estimates
/// As [`tversky`]. From 0 to 1.
///
/// # Stability
/// The power of 0 is set to 0 with derivatives 0 where γ < 1: no NaN at agreement.
///
/// # Example
/// ```
/// use minimand_loss::{FocalTverskyOptions, focal_tversky};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[[0.5], [0.5]], [[1.0], [0.0]]]);
/// let target = Tensor::from([[[1.0], [0.0]], [[1.0], [0.0]]]);
/// let loss = focal_tversky(&prediction, &target, FocalTverskyOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[[0.3536],\n [0.0000]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction).flatten()), "[-0.4110, 0.1193, 0.0000, 0.0000]");
/// ```
///
/// # When to use
/// For small structures that [`tversky`] still misses: γ < 1 keeps the pull up until the region is found. It misleads for
/// γ < 1 near the end, where the gradient does not fade as agreement comes near; γ > 1 fades early instead.
///
/// # Reference
/// Abraham & Khan 2019, "A novel focal Tversky loss function with improved attention U-Net for lesion segmentation",
/// equation 4, which has the exponent 1/γ with γ = 4/3: 0.75 here; 0.3 and 0.7. segmentation_models_pytorch takes the
/// power of the mean over the classes.
///
/// # See also
/// [`tversky`], [`binary_focal`](crate::binary_focal).
#[doc(alias = "FocalTverskyLoss")]
#[doc(alias = "TverskyLoss(gamma)")]
#[track_caller]
pub fn focal_tversky(prediction: &Tensor, target: &Tensor, options: FocalTverskyOptions) -> Tensor {
    let FocalTverskyOptions { alpha, beta, gamma, smooth } = options;
    assert!(gamma > 0.0, "focal_tversky: gamma is {gamma} and must be greater than 0");
    let loss =
        index_distance("focal_tversky", prediction, target, TverskyOptions { alpha, beta, smooth, epsilon: 0.0 });
    if gamma >= 1.0 {
        return loss.pow(gamma);
    }
    let agree = loss.eq(0);
    agree.select(0, agree.select(1, loss).pow(gamma))
}
