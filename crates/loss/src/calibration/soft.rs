//! Calibration errors to train with: bins with soft edges, and a kernel instead of bins.

use minimand_tensor::Tensor;

use super::forecasts::{Forecasts, check_bins};
use crate::labels::Labels;
use crate::numbers::{check_divisor, numbers};

/// Options of [`soft_expected_calibration_error`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftCalibrationErrorOptions {
    /// Number of bins M, at least 1.
    pub bins: usize,
    /// Temperature T of membership, above 0: sharp bins as T → 0.
    pub temperature: f64,
    /// Order p of the mean of the gaps, at least 1.
    pub order: f64,
}

impl Default for SoftCalibrationErrorOptions {
    /// 15 bins, temperature 0.01, order 1.
    fn default() -> SoftCalibrationErrorOptions {
        SoftCalibrationErrorOptions { bins: 15, temperature: 0.01, order: 1.0 }
    }
}

/// The expected calibration error with bins whose edges are soft, so that confidence has a gradient through them.
///
/// ```text
/// ℓ = (Σₘ Sₘ |Gₘ/Sₘ|ᵖ / N)^(1/p)
/// Gₘ = Σᵢ uᵢₘ (cᵢ − aᵢ)
/// Sₘ = Σᵢ uᵢₘ
/// uᵢₘ = exp(−(cᵢ − ξₘ)²/T) / Σₙ exp(−(cᵢ − ξₙ)²/T)
/// ξₘ = (m − ½)/M,  m = 1 … M
/// cᵢ = maxₖ probabilitiesᵢₖ
/// aᵢ = 1 where the likeliest class is the label, else 0
/// M = bins
/// T = temperature
/// p = order
/// ```
///
/// # Shapes
/// `probabilities` of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one number for
/// all N examples together, shape `[]`. Ignored labels do not count; of nothing it is 0. Panics when the shapes do not fit or an
/// option is out of its range.
///
/// # Gradient
/// By the probability of the likeliest class, through `cᵢ` and the memberships `uᵢₘ`; 0 by the others. `aᵢ` is a step, whose
/// derivative is 0. At `Gₘ = 0` a kink, with gradient 0 there.
///
/// # Estimates
/// Least, 0, where in each soft bin confidence is accuracy; from 0 to 1. For order 1 and T → 0 it is
/// [`expected_calibration_error`](crate::expected_calibration_error).
///
/// # Stability
/// Memberships by [`Tensor::softmax`], which never divides 0 by 0. With order 1 nothing is divided by `Sₘ`; for others a bin that
/// nobody is in contributes 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, soft_expected_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = soft_expected_calibration_error(&probabilities, &labels, Default::default());
/// assert_eq!(format!("{loss:.4}"), "0.3208");
/// assert_eq!(format!("{:.4}", loss.grad(&probabilities)), "[[-0.1131, -0.0000],\n [0.0000, 0.5844],\n [0.2256, 0.0000],\n [-0.0000, -0.4809]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside cross-entropy, weighted, over batches of a hundred or more. It misleads alone: it is 0 for a model that knows nothing
/// but the frequency of its own successes. With small batches it punishes luck.
///
/// # Reference
/// Karandikar et al. 2021, "Soft calibration objectives for neural networks", equations 7 to 9 (SB-ECE). Usual: 15 bins,
/// T from 0.0001 to 0.01, order 1 or 2.
///
/// # See also
/// [`expected_calibration_error`](crate::expected_calibration_error), [`maximum_mean_calibration_error`].
#[doc(alias = "SB-ECE")]
#[track_caller]
pub fn soft_expected_calibration_error(
    probabilities: &Tensor,
    labels: &Labels,
    options: SoftCalibrationErrorOptions,
) -> Tensor {
    let SoftCalibrationErrorOptions { bins, temperature, order } = options;
    check_bins("soft_expected_calibration_error", bins);
    check_divisor("soft_expected_calibration_error", ("temperature", temperature), probabilities.dtype());
    assert!(
        order >= 1.0 && order.is_finite(),
        "soft_expected_calibration_error: order is {order} and must be at least 1"
    );
    let forecasts = Forecasts::of_likeliest_class("soft_expected_calibration_error", probabilities, labels);
    let total = forecasts.total();
    let (confidence, excess, counting) = forecasts.parts();
    let centres = numbers((0..bins).map(|m| (m as f64 + 0.5) / bins as f64), confidence.dtype());
    let memberships = ((confidence.unsqueeze(-1) - centres).square() / -temperature).softmax(-1);
    let gap = (&memberships * excess.unsqueeze(-1)).sum_axis(-2).abs();
    if order == 1.0 {
        return gap.sum_axis(-1) / total;
    }
    let mass = (memberships * counting.unsqueeze(-1)).sum_axis(-2);
    let void = mass.eq(0) | gap.eq(0);
    let gap = void.select(0, gap / void.select(1, &mass));
    let mean = (mass * gap.pow(order)).sum_axis(-1) / total;
    let none = mean.eq(0);
    none.select(0, none.select(1, mean).pow(1.0 / order))
}

/// The distance between confidence and success in a reproducing-kernel space: calibration without bins.
///
/// ```text
/// ℓ = √(Σᵢⱼ (cᵢ − aᵢ) (cⱼ − aⱼ) exp(−|cᵢ − cⱼ| / w)) / N
/// aᵢ = [p[i, labelsᵢ] = cᵢ]
/// cᵢ = maxₖ pᵢₖ
/// N = Σᵢ 1
/// pᵢₖ = probabilitiesᵢₖ
/// w = width
/// ```
///
/// # Shapes
/// `probabilities` p of shape `[…, C]`, the last axis over the classes, and `labels` of shape `[…]` with C classes; one number for
/// all N examples together, shape `[]`. Compares all pairs. Ignored labels do not count; of nothing it is 0. `width > 0`. Panics
/// when the shapes do not fit.
///
/// # Gradient
/// By the probability of the likeliest class; 0 by the others. `aᵢ` is a step, whose derivative is 0. Equal confidences are a
/// kink of the kernel, with slope 0; where the loss is 0 its gradient is 0.
///
/// # Estimates
/// Least, 0, where at every confidence the share of successes is that confidence. From 0 to 1.
///
/// # Stability
/// The root of a sum that is at least 0, and rounded to 0 where it falls below; [`Tensor::safe_sqrt`] keeps the gradient at 0
/// finite.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, maximum_mean_calibration_error};
/// use minimand_tensor::Tensor;
///
/// let probabilities = Tensor::from([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.3, 0.7]]);
/// let labels = Labels::new([0, 1, 1, 0], 2)?;
/// let loss = maximum_mean_calibration_error(&probabilities, &labels, 0.4);
/// assert_eq!(format!("{loss:.4}"), "0.2598");
/// assert_eq!(format!("{:.4}", loss.grad(&probabilities)), "[[0.1420, 0.0000],\n [0.0000, 0.2705],\n [0.3708, 0.0000],\n [-0.0000, -0.0591]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside cross-entropy, weighted by 1 to 10, over batches of a hundred or more. It misleads alone, and as a number to report:
/// its size depends on the kernel, and on finite data it is above 0 for the true probabilities.
///
/// # Reference
/// Kumar, Sarawagi, Jain 2018, "Trainable calibration measures for neural networks from kernel mean embeddings", equation 4,
/// with their Laplacian kernel. Usual: width 0.4. Their code weights right and wrong examples apart (MMCE-w), this does not.
///
/// # See also
/// [`soft_expected_calibration_error`], [`expected_calibration_error`](crate::expected_calibration_error).
#[doc(alias = "MMCE")]
#[track_caller]
pub fn maximum_mean_calibration_error(probabilities: &Tensor, labels: &Labels, width: f64) -> Tensor {
    check_divisor("maximum_mean_calibration_error", ("width", width), probabilities.dtype());
    let forecasts = Forecasts::of_likeliest_class("maximum_mean_calibration_error", probabilities, labels);
    let total = forecasts.total();
    let (confidence, excess, _) = forecasts.parts();
    let kernel = ((confidence.unsqueeze(-1) - confidence.unsqueeze(-2)).abs() / -width).exp();
    let pairs = excess.unsqueeze(-1) * excess.unsqueeze(-2) * kernel;
    pairs.sum().relu().safe_sqrt() / total
}
