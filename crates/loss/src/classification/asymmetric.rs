//! Several labels at once, mostly absent ones.

use minimand_tensor::Tensor;

use super::focal::{check_gamma, power_of_exp};
use crate::numbers::in_type;
use crate::shape::same_shapes;

/// Options of [`asymmetric`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AsymmetricOptions {
    /// How strongly present labels that are found easily fade, at least 0.
    pub gamma_positive: f64,
    /// How strongly absent labels that are found easily fade, at least 0.
    pub gamma_negative: f64,
    /// The probability below which an absent label counts as found, in [0, 1).
    pub clip: f64,
}

impl Default for AsymmetricOptions {
    /// γ₊ = 1, γ₋ = 4 and a margin of 0.05, those of the published code.
    fn default() -> AsymmetricOptions {
        AsymmetricOptions { gamma_positive: 1.0, gamma_negative: 4.0, clip: 0.05 }
    }
}

/// Binary cross-entropy that fades easy outcomes, absent labels more than present ones, and drops those that are very easy.
///
/// ```text
/// ℓ = −y (1 − p)^a ln p − (1 − y) q^b ln(1 − q)
/// p = σ(x)
/// q = max(p − clip, 0)
/// x = logits
/// y = target
/// a = gamma_positive
/// b = gamma_negative
/// ```
///
/// # Shapes
/// `logits` x and `target` y of the same shape, one loss per element: labels side by side. x is any finite number, y lies in [0,
/// 1]. Panics when the shapes differ or an option is out of its range.
///
/// # Gradient
/// That of the formula, through the fading factors too: for y = 1 `∂ℓ/∂x = (1 − p)^a (a p ln p − (1 − p))`; for y = 0
/// `p (1 − p) (q^b / (1 − q) − b q^(b − 1) ln(1 − q))` where `p > clip`, and 0 elsewhere, the kink included. The published code
/// can hold the factors fixed, and does so by default.
///
/// # Estimates
/// No probability: absent labels count less, so the minimiser lies above the frequency. From 0 to ∞.
///
/// # Stability
/// `(1 − p)^a` is `exp(a ln σ(−x))`, `ln p` is `−softplus(−x)`, and `1 − q` is `σ(−x) + clip`: no logarithm of 0 and no power of 0,
/// whose slope may be infinite. The code clamps at 10⁻⁸ instead.
///
/// # Example
/// ```
/// use minimand_loss::asymmetric;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 2.0, -3.0]);
/// let target = Tensor::from([1.0, 0.0, 0.0]);
/// let loss = asymmetric(&logits, &target, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.3466, 0.8464, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.4233, 0.7235, 0.0000]");
/// ```
///
/// # When to use
/// For many labels of which few are present, some of the present ones forgotten by the annotators. It misleads as a source of
/// probabilities, and where absent labels matter: what is below the clip is never learnt from.
///
/// # Reference
/// Ridnik et al. 2021, "Asymmetric loss for multi-label classification", equations 4 to 7. Usual: γ₊ = 0 (paper) or 1 (code), γ₋ =
/// 4, clip 0.05.
///
/// # See also
/// [`binary_focal`](crate::binary_focal), [`zlpr`], [`multi_label_soft_margin`](crate::multi_label_soft_margin).
#[doc(alias = "AsymmetricLossMultiLabel")]
#[doc(alias = "ASL")]
#[track_caller]
pub fn asymmetric(logits: &Tensor, target: &Tensor, options: AsymmetricOptions) -> Tensor {
    let AsymmetricOptions { gamma_positive, gamma_negative, clip } = options;
    same_shapes("asymmetric", ("logits", logits), ("target", target));
    check_gamma("asymmetric", gamma_positive, logits.dtype());
    check_gamma("asymmetric", gamma_negative, logits.dtype());
    assert!((0.0..1.0).contains(&clip), "asymmetric: clip must be at least 0 and less than 1, not {clip}");
    let (x, y) = (logits, target);
    let positive = power_of_exp(&(-x).log_sigmoid(), gamma_positive) * (-x).softplus();
    if in_type(clip, x.dtype()) == 0.0 {
        let negative = power_of_exp(&x.log_sigmoid(), gamma_negative) * x.softplus();
        return y * positive + (1.0 - y) * negative;
    }
    let p = x.sigmoid();
    let counts = p.gt(clip);
    let q = counts.select(&p - clip, 0.5);
    let negative = q.pow(gamma_negative) * -((-x).sigmoid() + clip).ln();
    y * positive + (1.0 - y) * counts.select(negative, 0)
}

/// Softmax cross-entropy of any number of right classes: each scored above 0, and 0 above each wrong one.
///
/// ```text
/// ℓ = ln(1 + Σ{j : tⱼ = 0} exp xⱼ) + ln(1 + Σ{j : tⱼ = 1} exp(−xⱼ))
/// xⱼ = scoresⱼ
/// tⱼ = targetⱼ
/// ```
///
/// # Shapes
/// `scores` x and `target` t of the same shape `[…, C]`, the last axis over the classes; one loss per row. x is any finite number,
/// t is 0 or 1. A row may have no right class, or no wrong one. Panics when the shapes differ.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = exp xⱼ / (1 + Σ{k wrong} exp xₖ)` for a wrong class, `−exp(−xⱼ) / (1 + Σ{k right} exp(−xₖ))` for a right one: each side
/// shares less than 1, however many classes there are. No kinks.
///
/// # Estimates
/// For one class its log-odds; for several an order, right before wrong with 0 between, and no probabilities. From 0 to ∞.
///
/// # Stability
/// `softplus` of a [`Tensor::logsumexp`] in which the classes of the other side are −∞: nothing overflows, and an empty side is
/// exactly 0.
///
/// # Example
/// ```
/// use minimand_loss::zlpr;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let target = Tensor::from([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]);
/// let loss = zlpr(&scores, &target);
/// assert_eq!(format!("{loss:.4}"), "[1.6784, 1.3863]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&scores)),
///     "[[-0.1192, 0.2119, 0.5761],\n [0.2500, 0.2500, 0.2500]]"
/// );
/// ```
///
/// # When to use
/// For many labels of which few are present, without weights to tune. It misleads as probabilities: σ(x) is not one, though the
/// decision at 0 is sound.
///
/// # Reference
/// Su et al. 2022, "ZLPR: a novel loss for multi-label classification", equation 5. No parameters.
///
/// # See also
/// [`asymmetric`], [`multi_label_margin`](crate::multi_label_margin),
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits).
#[doc(alias = "multilabel_categorical_crossentropy")]
#[track_caller]
pub fn zlpr(scores: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("zlpr", ("scores", scores), ("target", target));
    assert!(scores.rank() > 0, "zlpr: scores [] has no axis of classes");
    let (x, right) = (scores, target.ne(0));
    let wrong_side = right.select(f64::NEG_INFINITY, x).logsumexp_axis(-1).softplus();
    let right_side = right.select(-x, f64::NEG_INFINITY).logsumexp_axis(-1).softplus();
    wrong_side + right_side
}
