//! What is asked of logits beside the labels: that they stay near 0, that they agree between views.

use minimand_tensor::Tensor;

/// The square of the logarithm of the softmax's normaliser: keeps logits from drifting.
///
/// ```text
/// ℓ = (ln Σⱼ exp xⱼ)²
/// xⱼ = logitsⱼ
/// ```
///
/// # Shapes
/// `logits` x of shape `[…, C]`, the last axis over the classes; one loss per row. x is any finite number, or −∞ for a class that is
/// excluded. Panics when there is no axis.
///
/// # Gradient
/// `∂ℓ/∂xⱼ = 2 z pⱼ` for `z = ln Σₖ exp xₖ` and softmax p. No kinks.
///
/// # Estimates
/// Nothing of the data: z = 0, at which the logits are logarithms of probabilities. From 0 to ∞.
///
/// # Stability
/// By [`Tensor::logsumexp`].
///
/// # Example
/// ```
/// use minimand_loss::z_loss;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]]);
/// let loss = z_loss(&logits);
/// assert_eq!(format!("{loss:.4}"), "[5.7966, 1.2069]");
/// assert_eq!(
///     format!("{:.4}", loss.sum().grad(&logits)),
///     "[[3.2033, 0.4335, 1.1784],\n [0.7324, 0.7324, 0.7324]]"
/// );
/// ```
///
/// # When to use
/// Beside the cross-entropy of large vocabularies and of routers in half precision, times 10⁻⁴ or 10⁻³. It misleads with a
/// larger factor: it then flattens the logits, not only their sum.
///
/// # Reference
/// Chowdhery et al. 2022, "PaLM: scaling language modeling with pathways", section 5; for routers Zoph et al. 2022, "ST-MoE",
/// equation 5. Usual: 10⁻⁴ (PaLM), 10⁻³ (routers).
///
/// # See also
/// [`cross_entropy`](crate::cross_entropy).
#[doc(alias = "router_z_loss")]
#[track_caller]
pub fn z_loss(logits: &Tensor) -> Tensor {
    assert!(logits.rank() > 0, "z_loss: logits [] has no axis of classes");
    logits.logsumexp_axis(-1).square()
}

/// Jensen–Shannon divergence of the probabilities that several views of the same example get.
///
/// ```text
/// ℓᵢ = Σₖⱼ pₖᵢⱼ (ln pₖᵢⱼ − ln mᵢⱼ) / V
/// mᵢⱼ = Σₖ pₖᵢⱼ / V
/// pₖᵢⱼ = exp logitsₖᵢⱼ / Σₗ exp logits[k, i, l]
/// V = views
/// ```
///
/// # Shapes
/// `logits` of shape `[V, batch, C]`: V views of each example, the last axis over the classes; one loss per example. Any finite
/// numbers, or −∞ for classes that are excluded in all views of an example. Panics unless there are three axes and at least one
/// view.
///
/// # Gradient
/// `∂ℓ/∂logitsₖⱼ = pₖⱼ (aₖⱼ − Σₗ pₖₗ aₖₗ) / V` with `aₖⱼ = ln pₖⱼ − ln mⱼ`. No kinks.
///
/// # Estimates
/// Nothing of the data: agreement of the views. From 0, where all are equal, to ln V.
///
/// # Stability
/// The mixture's logarithm is a [`Tensor::logsumexp`] over the views, not the logarithm of a sum that may underflow; where p is 0
/// the term is 0 in value and gradient. The published code clamps the mixture at 10⁻⁷.
///
/// # Example
/// ```
/// use minimand_loss::jensen_shannon_consistency;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[[2.0, 0.0, 1.0]], [[1.0, 0.0, 1.0]], [[0.0, 0.0, 0.0]]]);
/// let loss = jensen_shannon_consistency(&logits);
/// assert_eq!(format!("{loss:.4}"), "[0.0548]");
/// let slope = loss.sum().grad(&logits).slice(0, 0..1);
/// assert_eq!(format!("{slope:.4}"), "[[[0.0572, -0.0253, -0.0319]]]");
/// ```
///
/// # When to use
/// Beside the cross-entropy of the clean view, times 12, with two augmented views of each example. It misleads alone: a model
/// that ignores its input agrees with itself.
///
/// # Reference
/// Hendrycks et al. 2020, "AugMix: a simple data processing method to improve robustness and uncertainty", equation 2. Usual:
/// three views, weight 12.
///
/// # See also
/// [`kl_divergence_log_target`](crate::kl_divergence_log_target), [`distillation`](crate::distillation).
#[doc(alias = "JsdCrossEntropy")]
#[doc(alias = "AugMix")]
#[track_caller]
pub fn jensen_shannon_consistency(logits: &Tensor) -> Tensor {
    let fits = logits.rank() == 3 && logits.shape()[0] > 0;
    assert!(fits, "jensen_shannon_consistency: logits {} must have the axes views, batch, classes", logits.shape());
    let views = logits.shape()[0] as f64;
    let log_p = logits.log_softmax(-1);
    let log_m = log_p.logsumexp_keepdim(0) - views.ln();
    let p = log_p.exp();
    let ratio = p.eq(0).select(0, log_p) - p.eq(0).select(0, log_m);
    (p * ratio).sum_axis([0, -1]) / views
}
