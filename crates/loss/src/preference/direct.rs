//! Preferences between two answers, against a reference policy.

use minimand_tensor::Tensor;

use crate::numbers::{check_divisor, check_finite, check_positive};
use crate::shape::same_shapes;

/// Logistic loss of the difference between the rewards of a chosen and a rejected answer: the likelihood of Bradley and Terry.
///
/// ```text
/// ℓ = softplus(−(chosen − rejected))
/// ```
///
/// and with a `margin` m, `softplus(−(chosen − rejected − m))`.
///
/// # Shapes
/// `chosen`, `rejected` and, if there is one, the `margin` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂chosen = −σ(rejected − chosen + m)`, the opposite by `rejected`. Smooth everywhere.
///
/// # Estimates
/// The **log-odds** that the chosen answer is preferred: the minimiser has `chosen − rejected = ln P/(1 − P)`; the level of the rewards is free.
/// From 0, never reached, to ∞.
///
/// # Stability
/// `softplus` neither overflows nor loses the small losses of settled pairs.
///
/// # Example
/// ```
/// use minimand_loss::bradley_terry;
/// use minimand_tensor::Tensor;
///
/// let (chosen, rejected) = (Tensor::from([2.0, 0.0, -1.0]), Tensor::from([0.0, 0.0, 1.0]));
/// let loss = bradley_terry(&chosen, &rejected, None);
/// assert_eq!(format!("{loss:.4}"), "[0.1269, 0.6931, 2.1269]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&chosen)), "[-0.1192, -0.5000, -0.8808]");
/// ```
///
/// # When to use
/// To train a reward model from comparisons, or ratings of players from results; the margin says how much better the chosen one was. It
/// misleads where preferences are no order (stone, paper, scissors): no rewards explain them. The level of the rewards drifts, since nothing holds
/// it.
///
/// # Reference
/// Bradley, Terry, *Rank Analysis of Incomplete Block Designs*, Biometrika 39, 1952; Ouyang et al., *Training language models to follow
/// instructions with human feedback*, NeurIPS 2022, equation 1; the margin Touvron et al., *Llama 2*, 2023, equation 2.
///
/// # See also
/// [`dpo`], where the reward is that of a policy; [`bpr`](crate::bpr) and [`pairwise_logistic`](crate::pairwise_logistic), the same for items.
#[doc(alias = "BradleyTerry")]
#[doc(alias = "RewardTrainer")]
#[track_caller]
pub fn bradley_terry(chosen: &Tensor, rejected: &Tensor, margin: Option<&Tensor>) -> Tensor {
    same_shapes("bradley_terry", ("chosen", chosen), ("rejected", rejected));
    let behind = rejected - chosen;
    match margin {
        Some(margin) => {
            same_shapes("bradley_terry", ("chosen", chosen), ("margin", margin));
            (behind + margin).softplus()
        }
        None => behind.softplus(),
    }
}

/// What [`dpo`] and [`robust_dpo`] take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DpoOptions {
    /// How closely the policy is held to the reference.
    pub beta: f64,
    /// The share of preferences that are taken to be the wrong way round.
    pub label_smoothing: f64,
}

impl Default for DpoOptions {
    fn default() -> DpoOptions {
        DpoOptions { beta: 0.1, label_smoothing: 0.0 }
    }
}

/// Logistic loss of preferences between two answers, with a policy's log-ratios to a reference for rewards: direct preference
/// optimisation.
///
/// ```text
/// ℓ = (1 − ε) softplus(−β h) + ε softplus(β h)
/// h = (policy_chosen − reference_chosen) − (policy_rejected − reference_rejected)
/// β = beta
/// ε = label_smoothing
/// ```
///
/// # Shapes
/// Logarithms of the probabilities of whole answers, sums over their tokens
/// ([`TokenLogProbabilities::sum`](crate::TokenLogProbabilities::sum)), under the policy and under the reference, all of one shape, and so is the
/// loss. Other shapes panic, and so does a `beta` that is not greater than 0 and finite, or a `label_smoothing` outside `[0, ½)`.
///
/// # Gradient
/// `∂ℓ/∂policy_chosen = −β (σ(−β h) − ε)`, the opposite by `policy_rejected`. The reference has no gradient. Smooth everywhere.
///
/// # Estimates
/// The **log-odds of preference**: at the minimiser `β h = ln P/(1 − P)` where ε = 0; with ε it stops at `ln (1 − ε)/ε` for preferences that
/// are never contradicted. From 0, or the entropy of ε, to ∞.
///
/// # Stability
/// Computed as `softplus(−β h) + ε β h`, without a logarithm of a rounded sigmoid. Log-ratios are taken before their difference.
///
/// # Example
/// ```
/// use minimand_loss::dpo;
/// use minimand_tensor::Tensor;
///
/// let (chosen, rejected) = (Tensor::from([-10.0, -20.0]), Tensor::from([-12.0, -15.0]));
/// let (of_chosen, of_rejected) = (Tensor::from([-11.0, -20.0]), Tensor::from([-11.0, -18.0]));
/// let loss = dpo(&chosen, &rejected, &of_chosen, &of_rejected, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5981, 0.8544]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&chosen)), "[-0.0450, -0.0574]");
/// ```
///
/// # When to use
/// To align a language model with comparisons without a reward model and without sampling. It misleads by its own success: the margin grows while
/// both answers get less likely, so watch the chosen one's log-probability. With preferences that are all certain β h has no finite
/// minimiser; [`ipo`] has one.
///
/// # Reference
/// Rafailov et al., *Direct Preference Optimization: Your Language Model is Secretly a Reward Model*, NeurIPS 2023, equation 7. Label smoothing
/// (cDPO): Mitchell, *A note on DPO with noisy preferences*, 2023. Usual: beta = 0.1 to 0.5, label_smoothing = 0.
///
/// # See also
/// [`robust_dpo`], unbiased under the same noise; [`ipo`]; [`kto`](crate::kto), without pairs; [`simpo`](crate::simpo), without reference.
#[doc(alias = "DPO")]
#[doc(alias = "cDPO")]
#[doc(alias = "DPOTrainer")]
#[track_caller]
pub fn dpo(
    policy_chosen: &Tensor,
    policy_rejected: &Tensor,
    reference_chosen: &Tensor,
    reference_rejected: &Tensor,
    options: DpoOptions,
) -> Tensor {
    let h = log_ratio("dpo", [policy_chosen, policy_rejected, reference_chosen, reference_rejected]);
    options.check("dpo", &h);
    let x = options.beta * h;
    let loss = (-&x).softplus();
    if options.label_smoothing == 0.0 { loss } else { loss + options.label_smoothing * x }
}

/// Direct preference optimisation with a correction for a known share of wrong preferences: its mean under the noise is the loss without.
///
/// ```text
/// ℓ = ((1 − ε) softplus(−β h) − ε softplus(β h)) / (1 − 2 ε)
/// h = (policy_chosen − reference_chosen) − (policy_rejected − reference_rejected)
/// β = beta
/// ε = label_smoothing
/// ```
///
/// # Shapes
/// As [`dpo`]: four tensors of log-probabilities of one shape, and so is the loss. Anything else panics, and so does a `label_smoothing` outside
/// `[0, ½)`.
///
/// # Gradient
/// `∂ℓ/∂policy_chosen = −β (σ(−β h) + ε/(1 − 2 ε))`, the opposite by `policy_rejected`. The reference has no gradient. Smooth everywhere.
///
/// # Estimates
/// The **log-odds of true preference**: `β h = ln P/(1 − P)` with P what it was before a share ε was turned round. From −∞ to ∞: it is not bounded
/// below.
///
/// # Stability
/// Computed as `softplus(−β h) − β h ε/(1 − 2 ε)`.
///
/// # Example
/// ```
/// use minimand_loss::{DpoOptions, robust_dpo};
/// use minimand_tensor::Tensor;
///
/// let (chosen, rejected) = (Tensor::from([-10.0, -20.0]), Tensor::from([-12.0, -15.0]));
/// let (of_chosen, of_rejected) = (Tensor::from([-11.0, -20.0]), Tensor::from([-11.0, -18.0]));
/// let options = DpoOptions { label_smoothing: 0.1, ..Default::default() };
/// let loss = robust_dpo(&chosen, &rejected, &of_chosen, &of_rejected, options);
/// assert_eq!(format!("{loss:.4}"), "[0.5731, 0.8919]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&chosen)), "[-0.0575, -0.0699]");
/// ```
///
/// # When to use
/// When the share of wrong preferences is known, from judges who rated twice. It misleads with a share that is too high: the loss then falls without
/// end for every pair, right or wrong.
///
/// # Reference
/// Chowdhury, Kini, Natarajan, *Provably Robust DPO: Aligning Language Models with Noisy Feedback*, ICML 2024, equation 12. Usual:
/// label_smoothing = 0.1.
///
/// # See also
/// [`dpo`], whose label smoothing is biased and bounded below.
#[doc(alias = "rDPO")]
#[track_caller]
pub fn robust_dpo(
    policy_chosen: &Tensor,
    policy_rejected: &Tensor,
    reference_chosen: &Tensor,
    reference_rejected: &Tensor,
    options: DpoOptions,
) -> Tensor {
    let h = log_ratio("robust_dpo", [policy_chosen, policy_rejected, reference_chosen, reference_rejected]);
    options.check("robust_dpo", &h);
    let x = options.beta * h;
    let epsilon = options.label_smoothing;
    let loss = (-&x).softplus();
    if epsilon == 0.0 { loss } else { loss - epsilon / (1.0 - 2.0 * epsilon) * x }
}

/// Squared distance of the difference of two log-ratios from `1/(2 β)`: identity preference optimisation.
///
/// ```text
/// ℓ = (h − 1 / (2 beta))²
/// h = (policy_chosen − reference_chosen) − (policy_rejected − reference_rejected)
/// ```
///
/// # Shapes
/// As [`dpo`]: four tensors of log-probabilities of one shape, and so is the loss; means over the tokens rather than sums, so that answers of any
/// length have one target. Other shapes panic, and so does a `beta` that is not greater than 0 and finite.
///
/// # Gradient
/// `∂ℓ/∂policy_chosen = 2 (h − 1/(2 β))`, the opposite by `policy_rejected`. The reference has no gradient. Smooth everywhere.
///
/// # Estimates
/// **Preference itself**: with comparisons in both directions the minimiser has `h = (P − ½)/β`. From 0, at `h = 1/(2 β)`, to ∞.
///
/// # Stability
/// A difference and a square.
///
/// # Example
/// ```
/// use minimand_loss::ipo;
/// use minimand_tensor::Tensor;
///
/// let (chosen, rejected) = (Tensor::from([-1.0, -2.0]), Tensor::from([-1.2, -1.5]));
/// let (of_chosen, of_rejected) = (Tensor::from([-1.1, -2.0]), Tensor::from([-1.1, -1.8]));
/// let loss = ipo(&chosen, &rejected, &of_chosen, &of_rejected, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.6400, 1.6900]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&chosen)), "[-1.6000, -2.6000]");
/// ```
///
/// # When to use
/// When most pairs are judged once, so that every preference looks certain: the margin has a finite target. It misleads with β as in [`dpo`]:
/// `1/(2 β) = 5` at 0.1 is a huge log-ratio per token.
///
/// # Reference
/// Azar et al., *A General Theoretical Paradigm to Understand Learning from Human Preferences*, AISTATS 2024, equation 17, with τ for β. TRL
/// averages log-probabilities over tokens; the paper has whole answers. Usual: beta = 0.1.
///
/// # See also
/// [`dpo`]; [`slic`](crate::slic), a hinge.
#[doc(alias = "IPO")]
#[track_caller]
pub fn ipo(
    policy_chosen: &Tensor,
    policy_rejected: &Tensor,
    reference_chosen: &Tensor,
    reference_rejected: &Tensor,
    beta: f64,
) -> Tensor {
    let h = log_ratio("ipo", [policy_chosen, policy_rejected, reference_chosen, reference_rejected]);
    check_divisor("ipo", ("beta", beta), h.dtype());
    (h - 0.5 / beta).square()
}

impl DpoOptions {
    #[track_caller]
    fn check(self, loss: &str, h: &Tensor) {
        check_positive(loss, ("beta", self.beta), h.dtype());
        check_finite(loss, ("beta", self.beta), h.dtype());
        let smoothing = self.label_smoothing;
        assert!(
            (0.0..0.5).contains(&smoothing),
            "{loss}: label_smoothing is {smoothing} and must be at least 0 and less than ½"
        );
    }
}

/// By how much more the policy prefers the chosen answer than the reference does, which has no gradient.
#[track_caller]
fn log_ratio(loss: &str, [chosen, rejected, of_chosen, of_rejected]: [&Tensor; 4]) -> Tensor {
    same_shapes(loss, ("policy_chosen", chosen), ("policy_rejected", rejected));
    same_shapes(loss, ("policy_chosen", chosen), ("reference_chosen", of_chosen));
    same_shapes(loss, ("policy_chosen", chosen), ("reference_rejected", of_rejected));
    (chosen - of_chosen.detach()) - (rejected - of_rejected.detach())
}
