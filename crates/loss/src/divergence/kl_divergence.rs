//! Kullback–Leibler divergence between distributions over classes.

use minimand_tensor::{DType, Tensor};

use crate::excess::{is_near_zero, near_zero};
use crate::shape::same_shapes;

/// Kullback–Leibler divergence `D(p ‖ q)` of a predicted distribution `q`, given by its logarithms, from the true `p`.
///
/// ```text
/// ℓ = Σⱼ pⱼ (ln pⱼ − log_qⱼ)
/// ```
///
/// # Shapes
/// `log_q` and `p` are `[…, classes]` of one shape, the loss is `[…]`: one divergence per distribution, in nats. Other
/// shapes panic. `log_q` are log-probabilities (`logits.log_softmax(-1)`; -∞ is allowed), `p` probabilities from 0 to
/// 1; each row should sum to 1. The order of arguments is (prediction, target), as in PyTorch: the reverse of how `D(p
/// ‖ q)` is written. For the terms of the sum, one per class, make each its own row:
/// `kl_divergence(&log_q.unsqueeze(-1), &p.unsqueeze(-1))`.
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −pⱼ` (through a log-softmax: `∂ℓ/∂logitⱼ = qⱼ − pⱼ`), `∂ℓ/∂pⱼ = ln pⱼ + 1 − log_qⱼ`. Where `pⱼ = 0`
/// the term is 0 and both are 0, although the second tends to -∞.
///
/// # Estimates
/// The **distribution** itself: over many examples the mean of the `p`. From 0, at `q = p`, to ∞, which is reached
/// where `log_qⱼ = −∞` and `pⱼ > 0`. It covers: q must give mass wherever p has some, and is a mixture's blur rather
/// than one of its modes.
///
/// # Stability
/// `0 ln 0 = 0`, also against `log_q = −∞` (a masked class), in value and gradient; multiplying would make it NaN. Where
/// both rows sum to 1 over the same classes, but for rounding, the value is computed as `Σ p (q/p − 1 − ln(q/p))`, the
/// same for distributions: no term is below 0, and so near `q = p` the sum keeps its digits and is never below 0.
///
/// # Example
/// ```
/// use minimand_loss::kl_divergence;
/// use minimand_tensor::Tensor;
///
/// let q = Tensor::from([[0.5, 0.25, 0.25], [1.0, 0.0, 0.0]]);
/// let p = Tensor::from([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]]);
/// let log_q = q.ln();
/// let loss = kl_divergence(&log_q, &p);
/// assert_eq!(format!("{loss:.4}"), "[0.3466, 0.0000]");
/// assert_eq!(loss.sum().grad(&log_q).to_string(), "[[-0.5, -0.5, 0],\n [-1, 0, 0]]"); // -p
/// ```
///
/// # When to use
/// When the target is a distribution: a teacher's answer, several annotators, smoothed labels. For fixed `p` it is
/// cross-entropy less the entropy of `p`: the same gradient, and a value that is 0 when all is learnt. It misleads when
/// means are compared: PyTorch's `kl_div` with `reduction="mean"` divides by the classes too; `.mean()` of this loss is
/// its `"batchmean"`, the mathematical one. It is not symmetric, and no distance: swapping the arguments asks another
/// question, and answers with one mode instead of all.
///
/// # Reference
/// Kullback and Leibler, *On Information and Sufficiency*, Annals of Mathematical Statistics 22, 1951. No parameters.
///
/// # See also
/// [`kl_divergence_log_target`] when `p` is known by its logarithms;
/// [`gaussian_kl_to_standard_normal`](crate::gaussian_kl_to_standard_normal) for normal distributions.
#[doc(alias = "kl_div")]
#[doc(alias = "KLDivLoss")]
#[doc(alias = "KLDivergence")]
#[doc(alias = "relative_entropy")]
#[track_caller]
pub fn kl_divergence(log_q: &Tensor, p: &Tensor) -> Tensor {
    same_shapes("kl_divergence", ("log_q", log_q), ("p", p));
    assert!(p.rank() > 0, "kl_divergence: log_q [] has no axis of classes");
    divergence(p, &p.eq(0).select(1, p).ln(), log_q)
}

/// Kullback–Leibler divergence `D(p ‖ q)` of a predicted distribution `q` from the true `p`, both given by their
/// logarithms.
///
/// ```text
/// ℓ = Σⱼ pⱼ (log_pⱼ − log_qⱼ)
/// pⱼ = exp log_pⱼ
/// ```
///
/// # Shapes
/// `log_q` and `log_p` are `[…, classes]` of one shape, the loss is `[…]`: one divergence per distribution, in nats.
/// Other shapes panic. Both are log-probabilities; -∞ is allowed. The order of arguments is (prediction, target).
///
/// # Gradient
/// `∂ℓ/∂log_qⱼ = −pⱼ`, `∂ℓ/∂log_pⱼ = pⱼ (log_pⱼ − log_qⱼ + 1)`. Where `pⱼ` is 0 (or underflows to it) the term and both
/// are 0.
///
/// # Estimates
/// The **distribution** itself, as [`kl_divergence`]. From 0, at `q = p`, to ∞.
///
/// # Stability
/// Probabilities too small to be numbers keep their logarithms, and `0 · ∞ = 0`: a class that is masked with -∞ in the
/// target, or in both, adds nothing to value and gradient. Differences of logarithms are taken before anything is
/// multiplied. Near `q = p` as [`kl_divergence`]: never below 0.
///
/// # Example
/// ```
/// use minimand_loss::kl_divergence_log_target;
/// use minimand_tensor::Tensor;
///
/// let student = Tensor::from([[2.0, 0.0, 0.0], [1.0, f64::NEG_INFINITY, 1.0]]);
/// let teacher = Tensor::from([[3.0, 0.0, 0.0], [1.0, f64::NEG_INFINITY, 0.0]]);
/// let loss = kl_divergence_log_target(&student.log_softmax(-1), &teacher.log_softmax(-1));
/// assert_eq!(format!("{loss:.4}"), "[0.0541, 0.1109]");
/// let slope = loss.sum().grad(&student); // q - p
/// assert_eq!(format!("{slope:.3}"), "[[-0.122, 0.061, 0.061],\n [-0.231, 0.000, 0.231]]");
/// ```
///
/// # When to use
/// When both sides come out of a log-softmax: distillation, consistency between two views, policies that must not
/// change much. It misleads as [`kl_divergence`] does. With a temperature T in both softmaxes gradients shrink by 1/T²:
/// multiply the loss by T².
///
/// # Reference
/// Kullback and Leibler, *On Information and Sufficiency*, Annals of Mathematical Statistics 22, 1951. No parameters.
///
/// # See also
/// [`kl_divergence`] for a target of probabilities.
#[doc(alias = "kl_div")]
#[doc(alias = "kl_divergence_with_log_targets")]
#[track_caller]
pub fn kl_divergence_log_target(log_q: &Tensor, log_p: &Tensor) -> Tensor {
    same_shapes("kl_divergence_log_target", ("log_q", log_q), ("log_p", log_p));
    assert!(log_p.rank() > 0, "kl_divergence_log_target: log_q [] has no axis of classes");
    let p = log_p.exp();
    divergence(&p, log_p, log_q)
}

/// `Σ p (ln p − ln q)`; between distributions by terms that are not below 0.
fn divergence(p: &Tensor, log_p: &Tensor, log_q: &Tensor) -> Tensor {
    // A term is 0 because p is, whatever `log_q` is; NaN stays.
    let ratio = log_q - log_p;
    let x = p.eq(0).select(log_q.le(f64::INFINITY).select(0, &ratio), &ratio);
    let formula = 0.0 - (p * &x).sum_axis(-1);
    // Where p and q sum to 1 over the same classes, Σ p (q/p − 1 − ln(q/p)) is the same: the value has no term below 0 then, and is
    // not what rounding leaves of large ones. The derivatives are those of the formula.
    let (p, x) = (p.detach(), x.detach());
    let u = x.exp_m1();
    let excess = is_near_zero(&x).select(near_zero(&x, &u), &u - &x);
    let small = |sum: Tensor| sum.abs().le(rounding(p.dtype()));
    let distributions = small(p.sum_axis(-1) - 1.0) & small((&p * u).sum_axis(-1)) & formula.is_finite();
    let passing = &formula - formula.detach(); // 0, with the formula's derivatives
    distributions.select((&p * excess).sum_axis(-1) + passing, &formula)
}

/// By how much the sum of a distribution may differ from 1: what the rounding of logarithms and exponentials leaves.
fn rounding(dtype: DType) -> f64 {
    32.0 * if dtype == DType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}
