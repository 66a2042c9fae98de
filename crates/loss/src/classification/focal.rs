//! Focal losses: cross-entropy in which well-classified examples fade.

use minimand_tensor::{DType, Tensor};

use crate::labels::Labels;
use crate::numbers::{check_finite, in_type};
use crate::shape::same_shapes;

/// Options of [`binary_focal`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FocalOptions {
    /// The weight α of positive outcomes, in [0, 1]; negative ones weigh `1 - α`. `None`: both weigh 1.
    pub alpha: Option<f64>,
    /// How strongly well-classified examples fade, γ ≥ 0; 0 is cross-entropy.
    pub gamma: f64,
}

impl Default for FocalOptions {
    /// γ = 2, no α. (The detection paper's α = 0.25 belongs to its 100,000 anchors per image, see [`binary_focal`].)
    fn default() -> FocalOptions {
        FocalOptions { alpha: None, gamma: 2.0 }
    }
}

/// Options of [`categorical_focal`].
#[derive(Clone, Debug)]
pub struct CategoricalFocalOptions {
    /// A weight per class, shape `[C]`, at least 0; `None`: 1. See [`Labels::balanced_class_weights`].
    pub class_weights: Option<Tensor>,
    /// How strongly well-classified examples fade, γ ≥ 0; 0 is cross-entropy.
    pub gamma: f64,
}

impl Default for CategoricalFocalOptions {
    /// γ = 2, no class weights.
    fn default() -> CategoricalFocalOptions {
        CategoricalFocalOptions { class_weights: None, gamma: 2.0 }
    }
}

#[track_caller]
pub(super) fn check_gamma(loss: &str, gamma: f64, dtype: DType) {
    assert!(gamma >= 0.0 && gamma.is_finite(), "{loss}: gamma must be at least 0 and finite, not {gamma}");
    check_finite(loss, ("gamma", gamma), dtype);
}

/// `uᵞ` for u = exp(log_u): no derivative of it is infinite, as that of a power with γ < 1 is at u = 0.
pub(super) fn power_of_exp(log_u: &Tensor, gamma: f64) -> Tensor {
    (gamma * log_u).exp()
}

/// Whether all derivatives of `u^γ` are finite at u = 0, so that the power can be taken of u itself.
fn is_whole(gamma: f64) -> bool {
    gamma.fract() == 0.0
}

/// The factor that fades, without a derivative where the sigmoid of the logit has settled to 0 or 1: there it is constant, but its
/// derivative would be γ times the cross-entropy, which may overflow, times 0.
fn settled(fading: &Tensor, logit: &Tensor) -> Tensor {
    logit.abs().gt(1000.0).select(fading.detach(), fading)
}

/// `ln y`, -∞ at 0 with derivative 0 there: a target of exactly 0 leaves no NaN behind.
fn ln_or_none(y: &Tensor) -> Tensor {
    let zero = y.eq(0);
    zero.select(f64::NEG_INFINITY, zero.select(1, y).ln())
}

/// `(1 - p_t)^γ` for logits and targets: `(y σ(−x) + (1 − y) σ(x))^γ`.
pub(super) fn binary_fading(logits: &Tensor, target: &Tensor, gamma: f64) -> Tensor {
    let (x, y, not_y) = (logits, target, &(1.0 - target));
    let gamma = in_type(gamma, x.dtype());
    let fading = if is_whole(gamma) {
        (y * (-x).sigmoid() + not_y * x.sigmoid()).pow(gamma)
    } else {
        let (log_p, log_not_p) = (x.log_sigmoid(), (-x).log_sigmoid());
        power_of_exp(&(ln_or_none(y) + log_not_p).logaddexp(ln_or_none(not_y) + log_p), gamma)
    };
    settled(&fading, x)
}

/// Binary cross-entropy in which well-classified examples fade: by the factor `(1 - p_t)ᵞ`, for the probability p_t of
/// what happened.
///
/// ```text
/// ℓ = −a u^γ (y ln p + (1 − y) ln(1 − p))
/// u = y (1 − p) + (1 − y) p
/// a = α y + (1 − α) (1 − y)
/// p = σ(x)
/// x = logits
/// y = target
/// α = alpha
/// γ = gamma
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element. x is any finite number, y lies in [0, 1]; for
/// soft targets the formula is torchvision's, as written above. Panics when the shapes differ, γ is negative or not
/// finite, or α is outside of [0, 1].
///
/// # Gradient
/// For labels `∂ℓ/∂x = (2 y - 1) α_t (1 - p_t)^γ (γ p_t ln p_t + p_t - 1)`. No kinks. By y it is what the formula
/// gives strictly between 0 and 1; at y = 0 and 1 the part through `(1 - p_t)^γ` is taken as 0.
///
/// # Estimates
/// No probability: for γ > 0 the minimiser is drawn towards ½. With γ = 2, a true probability of 0.01 becomes σ(x) =
/// 0.154, 0.1 becomes 0.306 and 0.9 becomes 0.694. The order is kept, and ½ is crossed where the true probability is
/// `1 - α` (½ without α). The values are in [0, ∞).
///
/// # Stability
/// `1 - p_t = y σ(-x) + (1 - y) σ(x)`, which never subtracts from 1: exact where p_t rounds to 1. Where γ is no whole
/// number the power is `exp(γ ln(1 - p_t))`, with `ln σ(-x)` and `ln σ(x)` by [`Tensor::log_sigmoid`]: a power of 0
/// would have infinite derivatives (NaN in torchvision); here value and gradient are 0, which is their limit. Whole γ
/// are quicker.
///
/// # Example
/// ```
/// use minimand_loss::{FocalOptions, binary_focal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 2.0, -2.0, 1e4]);
/// let target = Tensor::from([1.0, 1.0, 1.0, 1.0]);
/// let loss = binary_focal(&logits, &target, FocalOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.1733, 0.0018, 1.6501, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.2983, -0.0049, -1.0767, 0.0000]");
/// ```
///
/// # When to use
/// Where easy negatives outnumber everything else by thousands and their gradients would swamp the rest, as in
/// one-stage object detection. Elsewhere compare it with class weights and a tuned threshold first. It misleads with α < ½ on a
/// rare positive class: ½ is then crossed only at a true probability of `1 - α`. On medical costs with 1 % of
/// the years positive, a linear model with γ = 2 and the paper's α = 0.25 caught none of 55 positives, α = 0.75 caught
/// 2, as cross-entropy did, and α = 0.99 caught 46 with 1,760 flagged; all ranked the years alike, and
/// flagging the top 5 % by cross-entropy caught 20. Focal loss put the mean probability at 0.10 to 0.45 there,
/// cross-entropy at 0.011, which is right. On proteins of yeast, 2.4 % positive, α = 0.75 helped: recall rose from 0.29
/// to 0.54 and F1 from 0.40 to 0.49.
///
/// # Reference
/// Lin et al. 2017, "Focal loss for dense object detection", equation 5 (equation 4 without α). Usual: γ = 2, and α =
/// 0.25 for detection; α lower as γ is raised. That the minimiser is no probability: Charoenphakdee et al. 2021, "On
/// focal loss for class-posterior probability estimation".
///
/// # See also
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits),
/// [`weighted_binary_cross_entropy_with_logits`](crate::weighted_binary_cross_entropy_with_logits),
/// [`categorical_focal`].
#[doc(alias = "sigmoid_focal_loss")]
#[doc(alias = "BinaryFocalCrossentropy")]
#[doc(alias = "focal_loss")]
#[track_caller]
pub fn binary_focal(logits: &Tensor, target: &Tensor, options: FocalOptions) -> Tensor {
    let FocalOptions { alpha, gamma } = options;
    same_shapes("binary_focal", ("logits", logits), ("target", target));
    check_gamma("binary_focal", gamma, logits.dtype());
    let (x, y, not_y) = (logits, target, &(1.0 - target));
    // softplus(-x) = -ln σ(x)
    let cross_entropy = y * (-x).softplus() + not_y * x.softplus();
    let loss = binary_fading(x, y, gamma) * cross_entropy;
    let Some(alpha) = alpha else { return loss };
    assert!((0.0..=1.0).contains(&alpha), "binary_focal: alpha must be in [0, 1], not {alpha}");
    (alpha * y + (1.0 - alpha) * not_y) * loss
}

/// Cross-entropy in which well-classified examples fade: by the factor `(1 - p_y)ᵞ`, for the probability of the right
/// class.
///
/// ```text
/// ℓ = −w_y (1 − p_y)^γ ln p_y
/// pⱼ = exp xⱼ / Σₖ exp xₖ
/// xⱼ = logitsⱼ
/// y = labels
/// wⱼ = class_weightsⱼ
/// γ = gamma
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes, and `labels` y of shape `[…]` with C classes; one
/// loss per label, shape `[…]`. x is any finite number, or -∞ for a class that is excluded: the loss is then that of
/// the remaining classes, and ∞ if the label itself is excluded. Where a label is ignored the loss is 0, whatever the
/// logits are; take the mean with [`Labels::mean`]. w are the class weights of the options. Panics when the shapes do
/// not fit, or γ is negative or not finite.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = w_y (1 - p_y)^(γ - 1) (1 - p_y - γ p_y ln p_y) (pⱼ - [y = j])`; 0 where the label is ignored and where
/// p_y is 1. No kinks.
///
/// # Estimates
/// No probability: for γ > 0 the minimiser is flatter than the true probabilities, as in [`binary_focal`], though the
/// greatest stays the greatest without class weights. The values are in [0, ∞).
///
/// # Stability
/// Computed from the log-odds `Δ = ln Σ{j ≠ y} exp xⱼ − x_y`: `−ln p_y = softplus(Δ)` and `1 - p_y = σ(Δ)` (libraries clip
/// the softmax and lose the gradient of confident errors). Nothing is subtracted from 1, so all of it is exact however
/// near p_y is to 0 or 1, and the other classes keep their shares of the gradient. Where γ is no whole number the power
/// is `exp(γ ln σ(Δ))`, whose derivative is 0, not ∞, at p_y = 1.
///
/// # Example
/// ```
/// use minimand_loss::{CategoricalFocalOptions, LabelError, Labels, categorical_focal};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1e4, 0.0, -1e4]]);
/// let labels = Labels::new([0, 2, 1], 3)?;
/// let loss = categorical_focal(&logits, &labels, CategoricalFocalOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0457, 0.4883, 10000.0000]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[-0.0983, 0.0264, 0.0719],\n [0.3109, 0.3109, -0.6218],\n [1.0000, -1.0000, 0.0000]]"
/// );
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As [`binary_focal`], for one of several classes; the imbalance itself is the business of the class weights. It misleads
/// when its probabilities are read as such: they are flatter than the truth.
///
/// # Reference
/// Lin et al. 2017, "Focal loss for dense object detection", equation 5, with softmax in place of the sigmoid; Mukhoti
/// et al. 2020, "Calibrating deep neural networks using focal loss". Usual: γ = 2, from 0.5 to 5.
///
/// # See also
/// [`binary_focal`], [`cross_entropy_with`](crate::cross_entropy_with), [`Labels::balanced_class_weights`].
#[doc(alias = "CategoricalFocalCrossentropy")]
#[doc(alias = "focal_loss")]
#[track_caller]
pub fn categorical_focal(logits: &Tensor, labels: &Labels, options: CategoricalFocalOptions) -> Tensor {
    let CategoricalFocalOptions { class_weights, gamma } = options;
    labels.check_scores("categorical_focal", "logits", logits);
    check_gamma("categorical_focal", gamma, logits.dtype());
    let gamma = in_type(gamma, logits.dtype());
    let x = labels.without_ignored(logits);
    let against = labels.log_odds_against(&x);
    let cross_entropy = against.softplus();
    let fading =
        if is_whole(gamma) { against.sigmoid().pow(gamma) } else { power_of_exp(&against.log_sigmoid(), gamma) };
    let loss = labels.zero_if_ignored(settled(&fading, &against) * cross_entropy);
    let Some(w) = class_weights else { return loss };
    labels.check_class_weights("categorical_focal", &w);
    labels.pick(&w.cast(x.dtype())) * loss
}
