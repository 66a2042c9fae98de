//! Objectives between the mean and the worst of a batch of losses.

use minimand_tensor::Tensor;

use crate::numbers::check_finite;

/// Mean of the worst losses, a share `tail` of them: conditional value at risk, or expected shortfall.
///
/// ```text
/// ℓ = minᵢ (lossesᵢ + Σⱼ max(lossesⱼ − lossesᵢ, 0) / (τ n))
/// n = batch
/// τ = tail
/// ```
///
/// # Shapes
/// `losses` is `[…, batch]`, and the result is `[…]`. Any numbers; `0 < tail ≤ 1`. Anything else panics. Of no loss it
/// is 0.
///
/// # Gradient
/// `1/(τ n)` for each of the worst, 0 for the others; the one, or the equal ones, at the border share what is left of a
/// total of 1.
///
/// # Estimates
/// The model that is best on the hardest share τ of the examples, whatever groups they form. From the mean (τ = 1) to
/// the greatest loss (`τ ≤ 1/n`).
///
/// # Stability
/// A weighted mean of the sorted losses, which is where the minimum of the formula is: exact for shares that are no
/// whole number of losses.
///
/// # Example
/// ```
/// use minimand_loss::conditional_value_at_risk;
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([1.0, 5.0, 2.0, 4.0]);
/// let loss = conditional_value_at_risk(&losses, 0.5);
/// assert_eq!(loss.item(), 4.5);
/// assert_eq!(loss.grad(&losses).to_string(), "[0, 0.5, 0, 0.5]");
/// ```
///
/// # When to use
/// When the hard cases count and nobody knows their groups; for risk in money. It misleads with wrong labels, which are
/// the hardest examples of all; and in small batches it is biased: the worst tenth of 32 is milder than that of the
/// data.
///
/// # Reference
/// Rockafellar and Uryasev, *Optimization of Conditional Value-at-Risk*, Journal of Risk 2, 2000, theorem 1. Levy et
/// al., *Large-Scale Methods for Distributionally Robust Optimization*, NeurIPS 2020. In finance the level is 1 − τ.
/// Usual: τ = 0.05, 0.1.
///
/// # See also
/// [`tilted`], smooth; [`worst_group`](crate::worst_group) with known groups.
#[doc(alias = "CVaR")]
#[doc(alias = "expected_shortfall")]
#[track_caller]
pub fn conditional_value_at_risk(losses: &Tensor, tail: f64) -> Tensor {
    let n = batch("conditional_value_at_risk", losses);
    assert!(tail > 0.0 && tail <= 1.0, "conditional_value_at_risk: tail is {tail} and must be above 0 and at most 1");
    if n == 0 {
        return losses.sum_axis(-1);
    }
    // How many losses the tail holds, and at least a part of one.
    let held = (tail * n as f64).max(f64::MIN_POSITIVE);
    let last = ((held * (1.0 - 1e-15)).ceil() as usize).clamp(1, n);
    let border = losses.detach().top_k(-1, last).0.slice(-1, last - 1..last);
    let (worse, equal) = (losses.gt(&border), losses.eq(&border));
    let count = |which: &Tensor| which.cast(losses.dtype()).sum_keepdim(-1);
    let left = (held.max(1.0) - count(&worse)) / count(&equal).clamp_min(1.0);
    let weights = worse.select(1, equal.select(left, 0)) * (1.0 / held.max(1.0));
    (weights.gt(0).select(losses, 0) * weights.detach()).sum_axis(-1)
}

/// Mean of the losses in which each weighs the more the greater it is, exponentially: the tilted mean.
///
/// ```text
/// ℓ = ln(Σᵢ exp(t lossesᵢ) / n) / t if t ≠ 0 else Σᵢ lossesᵢ / n
/// n = batch
/// t = tilt
/// ```
///
/// # Shapes
/// `losses` is `[…, batch]`, and the result is `[…]`. Any numbers; `tilt` any finite number. Anything else panics. Of
/// no loss it is 0.
///
/// # Gradient
/// The softmax of `t losses`: weights that sum to 1.
///
/// # Estimates
/// Between the best (`t → −∞`), the mean (`t = 0`) and the worst loss (`t → ∞`); for negative tilts outliers are let go
/// of.
///
/// # Stability
/// By `logsumexp`; where all losses are within 1/t of their mean by what they deviate from it, so that a tiny tilt is
/// no division of a rounding error.
///
/// # Example
/// ```
/// use minimand_loss::tilted;
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([0.0, 1.0, 3.0]);
/// let loss = tilted(&losses, 2.0);
/// assert_eq!(format!("{loss:.4}"), "2.4610");
/// assert_eq!(format!("{:.4}", loss.grad(&losses)), "[0.0024, 0.0179, 0.9796]");
/// ```
///
/// # When to use
/// To move smoothly from the average to the worst case (t > 0), or to robustness against wrong labels (t < 0), with one
/// number. It misleads about its size: the tilt is in units of 1/loss, and 1 is mild for losses of 0.1 and nearly the
/// maximum for losses of 10.
///
/// # Reference
/// Li et al., *Tilted Empirical Risk Minimization*, ICLR 2021, equation 1. Usual: −2 to 10.
///
/// # See also
/// [`conditional_value_at_risk`], which counts; [`group_dro`](crate::group_dro).
#[doc(alias = "TERM")]
#[doc(alias = "entropic_risk")]
#[track_caller]
pub fn tilted(losses: &Tensor, tilt: f64) -> Tensor {
    let n = batch("tilted", losses);
    check_finite("tilted", ("tilt", tilt), losses.dtype());
    if n == 0 {
        return losses.sum_axis(-1);
    }
    let mean = losses.mean_keepdim(-1);
    // What is nearer to 0 rounds to the mean.
    if tilt.abs() < 1e-30 {
        return mean.squeeze(-1);
    }
    let deviations = tilt * (losses - &mean);
    let near = deviations.abs().max_keepdim(-1).le(1);
    let beyond = near.select(deviations, 0).exp_m1().mean_keepdim(-1).ln_1p();
    let sum = (tilt * near.select(0, losses)).logsumexp_keepdim(-1) - (n as f64).ln();
    (near.select(mean, 0) + near.select(beyond, sum) / tilt).squeeze(-1)
}

/// The number of losses along the last axis.
#[track_caller]
fn batch(loss: &str, losses: &Tensor) -> usize {
    assert!(losses.rank() > 0, "{loss}: losses [] must have an axis");
    losses.shape()[losses.rank() - 1]
}
