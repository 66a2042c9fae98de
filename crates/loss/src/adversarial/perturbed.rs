//! Predictions that shall withstand a change of the input: adversarial, virtual, mixed, augmented.

use minimand_tensor::Tensor;

use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// Cross-entropy on the clean input plus the divergence of the prediction on an adversarial input from that on the clean one.
///
/// ```text
/// ℓᵢ = −ln p[i, yᵢ] + β Σⱼ pᵢⱼ (ln pᵢⱼ − ln qᵢⱼ)
/// pᵢⱼ = exp logitsᵢⱼ / Σₖ exp logitsᵢₖ
/// qᵢⱼ = exp adversarial_logitsᵢⱼ / Σₖ exp adversarial_logitsᵢₖ
/// yᵢ = labelsᵢ
/// β = beta
/// ```
///
/// # Shapes
/// `logits` and `adversarial_logits` are `[examples, classes]` with one label per example, or it panics; the loss is `[examples]`.
///
/// # Gradient
/// By the adversarial logits `β (q − p)`; by the clean ones `p − [y]` and that of the divergence, `β p (ln p − ln q − KL)`. 0 where the label is ignored.
///
/// # Estimates
/// A compromise of the **probabilities** of the classes and robustness, weighted by β. In (0, ∞).
///
/// # Stability
/// Log-softmax on both sides; logits of ±1e4 keep value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, trades};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0], [0.0, 1.0]]);
/// let adversarial_logits = Tensor::from([[0.5, 0.0], [0.5, 0.0]]);
/// let loss = trades(&logits, &adversarial_logits, &Labels::new([0, 1], 2)?, 6.0);
/// assert_eq!(format!("{loss:.4}"), "[1.1370, 1.8577]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&adversarial_logits)), "[[-1.5500, 1.5500],\n [2.1211, -2.1211]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// To train classifiers that withstand small changes; find the adversarial input by ten steps up the same divergence within a ball. It misleads as a measure of
/// robustness: only a stronger attack than that of training shows it.
///
/// # Reference
/// Zhang et al., *Theoretically Principled Trade-off between Robustness and Accuracy* (TRADES), ICML 2019, equation 5, with the direction of the divergence of
/// its authors' code. Usual: β = 6.
///
/// # See also
/// [`virtual_adversarial`], [`cross_entropy`].
#[doc(alias = "trades_loss")]
#[track_caller]
pub fn trades(logits: &Tensor, adversarial_logits: &Tensor, labels: &Labels, beta: f64) -> Tensor {
    same_shapes("trades", ("logits", logits), ("adversarial_logits", adversarial_logits));
    check_finite("trades", ("beta", beta), logits.dtype());
    check_logits("trades", logits);
    let clean = labels.without_ignored(logits);
    let divergence = divergence(&clean, &labels.without_ignored(adversarial_logits));
    cross_entropy(&clean, labels) + beta * divergence
}

/// Divergence of the prediction on a perturbed input from that on the clean one, which is held fixed: local distributional smoothness.
///
/// ```text
/// ℓᵢ = Σⱼ pᵢⱼ (ln pᵢⱼ − ln qᵢⱼ)
/// pᵢⱼ = exp logitsᵢⱼ / Σₖ exp logitsᵢₖ
/// qᵢⱼ = exp perturbed_logitsᵢⱼ / Σₖ exp perturbed_logitsᵢₖ
/// ```
///
/// # Shapes
/// `logits` and `perturbed_logits` are `[examples, classes]`, or it panics; the loss is `[examples]`. No labels: examples without any serve as well.
///
/// # Gradient
/// By the perturbed logits `q − p`. The clean prediction is held fixed and receives none.
///
/// # Estimates
/// The **probabilities** that the network itself gives to the clean input. In [0, ∞), 0 where the change makes no difference.
///
/// # Stability
/// Log-softmax on both sides.
///
/// # Example
/// ```
/// use minimand_loss::virtual_adversarial;
/// use minimand_tensor::Tensor;
///
/// let (logits, perturbed) = (Tensor::from([[2.0, 0.0]]), Tensor::from([[0.5, 0.0]]));
/// let loss = virtual_adversarial(&logits, &perturbed);
/// assert_eq!(format!("{loss:.4}"), "[0.1683]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&perturbed)), "[[-0.2583, 0.2583]]");
/// ```
///
/// # When to use
/// Beside cross-entropy when few examples have labels. The perturbation is ε times the direction of this loss's gradient by the input at a tiny random
/// change (one step of the power method). It misleads when ε crosses the boundary between classes: the network is then smoothed where it should turn.
///
/// # Reference
/// Miyato et al., *Virtual Adversarial Training*, TPAMI 2019, equations 5 and 6.
///
/// # See also
/// [`trades`], [`fix_match`], [`kl_divergence`](crate::kl_divergence).
#[doc(alias = "VAT")]
#[track_caller]
pub fn virtual_adversarial(logits: &Tensor, perturbed_logits: &Tensor) -> Tensor {
    same_shapes("virtual_adversarial", ("logits", logits), ("perturbed_logits", perturbed_logits));
    check_logits("virtual_adversarial", logits);
    divergence(&logits.detach(), perturbed_logits)
}

/// Cross-entropy against the labels of the two examples that an input was mixed from, in their shares.
///
/// ```text
/// ℓᵢ = λ (ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]) + (1 − λ) (ln(Σⱼ exp zᵢⱼ) − z[i, tᵢ])
/// zᵢⱼ = logitsᵢⱼ
/// yᵢ = labelsᵢ
/// tᵢ = other_labelsᵢ
/// λ = share
/// ```
///
/// # Shapes
/// `logits` are `[examples, classes]` with one label of each kind per example, or it panics; the loss is `[examples]`. `share`, from 0 to 1, is that of the
/// first example in the input: for CutMix, of its area.
///
/// # Gradient
/// `p − λ [y] − (1 − λ) [t]` by the logits, with p their softmax. A label that is ignored has no part.
///
/// # Estimates
/// The **probabilities** of the classes of a mixed input. In (0, ∞).
///
/// # Stability
/// [`cross_entropy`] twice.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, mixup_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0], [0.0, 1.0]]);
/// let (labels, other_labels) = (Labels::new([0, 1], 2)?, Labels::new([1, 1], 2)?);
/// let loss = mixup_cross_entropy(&logits, &labels, &other_labels, 0.7);
/// assert_eq!(format!("{loss:.4}"), "[0.7269, 0.3133]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[0.1808, -0.1808],\n [0.2689, -0.2689]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With inputs `λ x + (1 − λ) x′`, λ from Beta(α, α) anew for each batch. It misleads in calibration: a network trained on mixtures is less sure of clean
/// inputs than it could be.
///
/// # Reference
/// Zhang et al., *mixup: Beyond Empirical Risk Minimization*, ICLR 2018, section 2; Yun et al., *CutMix*, ICCV 2019, equation 1. Usual: α = 0.2 to 1.
///
/// # See also
/// [`cross_entropy`], [`cross_entropy_with_probabilities`](crate::cross_entropy_with_probabilities).
#[doc(alias = "mixup_criterion")]
#[doc(alias = "CutMix")]
#[track_caller]
pub fn mixup_cross_entropy(logits: &Tensor, labels: &Labels, other_labels: &Labels, share: f64) -> Tensor {
    assert!((0.0..=1.0).contains(&share), "mixup_cross_entropy: share is {share} and must be from 0 to 1");
    share * cross_entropy(logits, labels) + (1.0 - share) * cross_entropy(logits, other_labels)
}

/// Cross-entropy of the prediction on a strongly changed input against the likeliest class on a weakly changed one, where that is likely enough.
///
/// ```text
/// ℓᵢ = (ln(Σⱼ exp zᵢⱼ) − Σⱼ [aᵢⱼ = mᵢ] zᵢⱼ) if exp mᵢ / Σⱼ exp aᵢⱼ ≥ threshold else 0
/// mᵢ = maxⱼ aᵢⱼ
/// aᵢⱼ = weak_logitsᵢⱼ
/// zᵢⱼ = strong_logitsᵢⱼ
/// ```
///
/// # Shapes
/// `weak_logits` and `strong_logits` are `[examples, classes]`, or it panics; the loss is `[examples]`, 0 for the unsure. Take the mean over the whole batch,
/// as the paper does: with no sure example it is 0.
///
/// # Gradient
/// By the strong logits `p − [ŷ]` for sure examples, else 0. The weak prediction is held fixed. Of equally likely classes the first counts.
///
/// # Estimates
/// The **probabilities** of the classes, as far as its own guesses are right. In [0, ∞).
///
/// # Stability
/// [`cross_entropy`] on the strong side.
///
/// # Example
/// ```
/// use minimand_loss::fix_match;
/// use minimand_tensor::Tensor;
///
/// let weak = Tensor::from([[4.0, 0.0], [0.0, 1.0]]);
/// let strong = Tensor::from([[1.0, 0.0], [0.5, 0.0]]);
/// let loss = fix_match(&weak, &strong, 0.95);
/// assert_eq!(format!("{loss:.4}"), "[0.3133, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&strong)), "[[-0.1345, 0.1345],\n [0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// On the examples without labels of a semi-supervised batch, beside cross-entropy on those with. It misleads when the network is sure and wrong: its errors
/// confirm themselves.
///
/// # Reference
/// Sohn et al., *FixMatch: Simplifying Semi-Supervised Learning with Consistency and Confidence*, NeurIPS 2020, equation 4. Usual: threshold 0.95.
///
/// # See also
/// [`cross_entropy`], [`virtual_adversarial`].
#[doc(alias = "FixMatch")]
#[doc(alias = "pseudo_label")]
#[track_caller]
pub fn fix_match(weak_logits: &Tensor, strong_logits: &Tensor, threshold: f64) -> Tensor {
    same_shapes("fix_match", ("weak_logits", weak_logits), ("strong_logits", strong_logits));
    check_logits("fix_match", strong_logits);
    let weak = weak_logits.detach();
    let guess = Tensor::iota(weak.shape()[1]).eq(weak.argmax_axis(-1).unsqueeze(-1));
    let sure = weak.softmax(-1).max_axis(-1).ge(threshold);
    let own = guess.select(strong_logits, 0).sum_axis(-1);
    let rivals = guess.select(f64::NEG_INFINITY, strong_logits);
    sure.select(crate::odds::log_odds_against(&own, &rivals, -1).softplus(), 0)
}

/// KL(softmax(logits) ‖ softmax(others)).
fn divergence(logits: &Tensor, others: &Tensor) -> Tensor {
    let (log_p, log_q) = (logits.log_softmax(-1), others.log_softmax(-1));
    (log_p.exp() * (log_p - log_q)).sum_axis(-1)
}

#[track_caller]
fn check_logits(loss: &str, logits: &Tensor) {
    assert!(logits.rank() == 2, "{loss}: logits {} must be [examples, classes]", logits.shape());
}
