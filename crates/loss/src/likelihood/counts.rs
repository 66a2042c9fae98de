//! Negative log-likelihoods of counts that a Poisson distribution does not fit: spread wider than it, or with more zeros.

use minimand_tensor::{DType, Tensor};

use super::scale::{exp_bounded, ln_gamma_ratio};
use crate::shape::{repeats_to, same_shapes};

/// Negative log-likelihood of a negative binomial distribution by the logarithms of its mean and its size: counts with a
/// variance of `mean + mean²/size`.
///
/// ```text
/// ℓ = lnΓ(r) + lnΓ(target + 1) − lnΓ(target + r) + r softplus(m − s) + target softplus(s − m)
/// r = exp s
/// m = log_mean
/// s = log_size
/// ```
///
/// # Shapes
/// `log_mean` and `target` have the same shape, and so has the loss; `log_size` has it too or repeats to it. Targets of at least
/// 0, whole or not. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_mean = (mean − target) r / (r + mean)`. No kinks.
///
/// # Estimates
/// **Mean**: `e^m`, for any fixed size; and the size, by which the variance exceeds the mean. As size → ∞ it is
/// [`poisson_nll_log_rate`](crate::poisson_nll_log_rate) with its constant.
///
/// # Stability
/// `ln(r/(r + mean))` as a softplus; `ln Γ(target + r) − ln Γ(r)` by Stirling's series for r ≥ 32, in f64, so that the Poisson
/// limit is reached and not lost in a difference of large logarithms.
///
/// # Example
/// ```
/// use minimand_loss::negative_binomial_nll;
/// use minimand_tensor::Tensor;
///
/// let log_mean = Tensor::from([0.0, 0.0]);
/// let loss = negative_binomial_nll(&log_mean, &Tensor::from([0.0, 3.0]), &Tensor::from([0.0, 0.0]));
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 2.7726]");
/// assert_eq!(loss.sum().grad(&log_mean).to_string(), "[0.5, -1]");
/// ```
///
/// # When to use
/// For counts that spread wider than their mean, as most do: visits, claims, reads of genes. It misleads when the extra spread
/// is extra zeros ([`zero_inflated_poisson_nll`]), and a size learned for each row can explain any one count by noise.
///
/// # Reference
/// Cameron and Trivedi, *Regression Analysis of Count Data*, 1998, equation 3.26 (NB2; size = 1/α). PyTorch's distribution has
/// `total_count` (size) and `logits` (log_mean − log_size). Usual: one size for all.
///
/// # See also
/// [`poisson_nll_log_rate`](crate::poisson_nll_log_rate), [`zero_inflated_negative_binomial_nll`].
#[doc(alias = "NegativeBinomial")]
#[track_caller]
pub fn negative_binomial_nll(log_mean: &Tensor, target: &Tensor, log_size: &Tensor) -> Tensor {
    same_shapes("negative_binomial_nll", ("log_mean", log_mean), ("target", target));
    repeats_to("negative_binomial_nll", ("log_size", log_size), ("log_mean", log_mean));
    negative_binomial(log_mean, &target.cast(log_mean.dtype()), log_size)
}

fn negative_binomial(log_mean: &Tensor, target: &Tensor, log_size: &Tensor) -> Tensor {
    // In f64: the terms are large where their sum is not.
    let (m, y, s) = (log_mean.cast(DType::F64), target.cast(DType::F64), log_size.cast(DType::F64));
    let r = s.clamp(-80.0, 80.0).exp();
    let loss = (&y + 1.0).lgamma() - ln_gamma_ratio(&r, &y) + zero_count(&m, &s) + y * (s - m).softplus();
    loss.cast(log_mean.dtype())
}

/// Minus the logarithm of the probability of 0: `r ln(1 + mean/r)`.
fn zero_count(log_mean: &Tensor, log_size: &Tensor) -> Tensor {
    log_size.clamp(-80.0, 80.0).exp() * (log_mean - log_size).softplus()
}

/// Negative log-likelihood of counts that are 0 for a reason of their own with probability `σ(logits)`, and Poisson otherwise.
///
/// ```text
/// ℓ = softplus(z) − ln(exp z + exp(−exp s)) if target = 0 else softplus(z) + exp s − target s + lnΓ(target + 1)
/// z = logits
/// s = log_rate
/// ```
///
/// # Shapes
/// `logits`, `log_rate` and `target` have the same shape, and so has the loss. Targets of at least 0. Other shapes panic.
///
/// # Gradient
/// With π the probability that a 0 is one of the extra ones, `π = σ(z + e^s)`: at a target of 0 by logits `σ(z) − π`, by
/// log_rate `(1 − π) e^s`; elsewhere `σ(z)` and `e^s − target`.
///
/// # Estimates
/// The **share of extra zeros** and the **rate** of the rest; the mean of the target is `(1 − σ(z)) e^s`.
///
/// # Stability
/// In logarithms throughout: the mixture at 0 is a log-sum-exp. `0 · ∞ = 0`.
///
/// # Example
/// ```
/// use minimand_loss::zero_inflated_poisson_nll;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0]);
/// let loss = zero_inflated_poisson_nll(&logits, &Tensor::from([0.0, 0.0]), &Tensor::from([0.0, 2.0]));
/// assert_eq!(format!("{loss:.4}"), "[0.3799, 2.3863]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.2311, 0.5000]");
/// ```
///
/// # When to use
/// When some rows could not have had an event at all (no policy, never visited) and nobody recorded which. It misleads where
/// zeros are merely frequent: a Poisson with a low rate, or a negative binomial, has many, too, and fits with fewer parameters;
/// and the mean needs both heads.
///
/// # Reference
/// Lambert, *Zero-Inflated Poisson Regression, with an Application to Defects in Manufacturing*, Technometrics 34, 1992, equation 2.
///
/// # See also
/// [`zero_inflated_negative_binomial_nll`], [`poisson_nll_log_rate`](crate::poisson_nll_log_rate).
#[doc(alias = "ZIP")]
#[track_caller]
pub fn zero_inflated_poisson_nll(logits: &Tensor, log_rate: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("zero_inflated_poisson_nll", ("logits", logits), ("target", target));
    same_shapes("zero_inflated_poisson_nll", ("log_rate", log_rate), ("target", target));
    let y = target.cast(log_rate.dtype());
    let rate = exp_bounded(log_rate);
    let at_zero = logits.logaddexp(-&rate);
    let elsewhere = &y * log_rate - rate - (&y + 1.0).lgamma();
    logits.softplus() - y.eq(0).select(at_zero, elsewhere)
}

/// Negative log-likelihood of counts that are 0 for a reason of their own with probability `σ(logits)`, and negative binomial
/// otherwise.
///
/// ```text
/// ℓ = softplus(z) − ln(exp z + exp(−r softplus(m − s))) if target = 0 else
///   softplus(z) + lnΓ(r) + lnΓ(target + 1) − lnΓ(target + r) + r softplus(m − s) + target softplus(s − m)
/// z = logits
/// r = exp s
/// m = log_mean
/// s = log_size
/// ```
///
/// # Shapes
/// `logits`, `log_mean` and `target` have the same shape, and so has the loss; `log_size` has it too or repeats to it. Targets of
/// at least 0. Other shapes panic.
///
/// # Gradient
/// As [`zero_inflated_poisson_nll`], with the slopes of [`negative_binomial_nll`] in place of the Poisson's.
///
/// # Estimates
/// The **share of extra zeros**, and mean and size of the rest; the mean of the target is `(1 − σ(z)) e^m`.
///
/// # Stability
/// As [`negative_binomial_nll`], and a log-sum-exp at 0.
///
/// # Example
/// ```
/// use minimand_loss::zero_inflated_negative_binomial_nll;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([0.0, 0.0]);
/// let zeros = Tensor::from([0.0, 0.0]);
/// let loss = zero_inflated_negative_binomial_nll(&logits, &zeros, &Tensor::from([0.0, 2.0]), &zeros);
/// assert_eq!(format!("{loss:.4}"), "[0.2877, 2.7726]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[-0.1667, 0.5000]");
/// ```
///
/// # When to use
/// When zeros have a cause of their own and the other counts still spread wider than their mean (reads of single cells). It
/// misleads because three heads can explain the same zeros in many ways: the share is weakly identified.
///
/// # Reference
/// Greene, *Accounting for Excess Zeros and Sample Selection in Poisson and Negative Binomial Regression Models*, 1994; in deep
/// learning: Lopez and others, *Deep Generative Modeling for Single-Cell Transcriptomics*, Nature Methods 15, 2018.
///
/// # See also
/// [`negative_binomial_nll`], [`zero_inflated_poisson_nll`].
#[doc(alias = "ZINB")]
#[track_caller]
pub fn zero_inflated_negative_binomial_nll(
    logits: &Tensor,
    log_mean: &Tensor,
    target: &Tensor,
    log_size: &Tensor,
) -> Tensor {
    const NAME: &str = "zero_inflated_negative_binomial_nll";
    same_shapes(NAME, ("logits", logits), ("target", target));
    same_shapes(NAME, ("log_mean", log_mean), ("target", target));
    repeats_to(NAME, ("log_size", log_size), ("log_mean", log_mean));
    let y = target.cast(log_mean.dtype());
    let at_zero = logits.logaddexp(-zero_count(log_mean, log_size));
    logits.softplus() - y.eq(0).select(at_zero, -negative_binomial(log_mean, &y, log_size))
}
