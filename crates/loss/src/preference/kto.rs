//! Answers that were liked or disliked one by one.

use minimand_tensor::{DType, Tensor};

use crate::numbers::{check_finite, check_positive};
use crate::shape::same_shapes;

/// What [`kto`] takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KtoOptions {
    /// How closely the policy is held to the reference.
    pub beta: f64,
    /// Weight of liked answers.
    pub desirable_weight: f64,
    /// Weight of disliked answers.
    pub undesirable_weight: f64,
}

impl Default for KtoOptions {
    fn default() -> KtoOptions {
        KtoOptions { beta: 0.1, desirable_weight: 1.0, undesirable_weight: 1.0 }
    }
}

/// Smooth cost of an answer whose log-ratio to a reference is on the wrong side of the mean divergence, from likes and dislikes without pairs:
/// Kahneman-Tversky optimisation.
///
/// ```text
/// ℓ = desirable_weight σ(−beta (r − z)) if desirable = 1 else undesirable_weight σ(beta (r − z))
/// r = policy − reference
/// z = max(divergence, 0)
/// ```
///
/// # Shapes
/// `policy` and `reference`, logarithms of the probabilities of whole answers, and `desirable` (bool: whether the answer was liked) have one shape,
/// and so has the loss; `divergence` is one number, `[]`: an estimate of the divergence of the policy from the reference, the mean of `policy −
/// reference` over answers to other prompts of the batch. Anything else panics, and so do a `beta` or weights that are not greater than 0 and finite.
///
/// # Gradient
/// `∂ℓ/∂policy = −beta λ v` for liked answers and `beta λ v` for disliked ones, with `v = σ(x) σ(−x)` at `x = beta (r − z)` and λ the weight. Reference and
/// divergence have no gradient. Smooth everywhere.
///
/// # Estimates
/// The **sign of approval**: the policy moves up where likes, weighted, outnumber dislikes. From 0 to the weight.
///
/// # Stability
/// `σ` of both signs, not `1 − σ`: small losses keep their digits.
///
/// # Example
/// ```
/// use minimand_loss::kto;
/// use minimand_tensor::Tensor;
///
/// let (policy, reference) = (Tensor::from([-10.0, -20.0, -5.0]), Tensor::from([-12.0, -18.0, -5.0]));
/// let desirable = Tensor::from([true, false, true]);
/// let loss = kto(&policy, &reference, &desirable, &Tensor::scalar(0.5), Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.4626, 0.4378, 0.5125]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&policy)), "[-0.0249, 0.0246, -0.0250]");
/// ```
///
/// # When to use
/// When answers were rated alone, thumbs up and down, perhaps many more of the one than of the other: choose the weights so that both sides weigh
/// about the same. It misleads with tiny batches, whose divergence is noise, and for answers far from the reference, whose slope is gone.
///
/// # Reference
/// Ethayarajh, Xu, Muennighoff, Jurafsky, Kiela, *KTO: Model Alignment as Prospect Theoretic Optimization*, ICML 2024, equation 8. Usual: beta = 0.1,
/// weights 1.
///
/// # See also
/// [`dpo`](crate::dpo), with pairs.
#[doc(alias = "KTO")]
#[doc(alias = "KTOTrainer")]
#[track_caller]
pub fn kto(
    policy: &Tensor,
    reference: &Tensor,
    desirable: &Tensor,
    divergence: &Tensor,
    options: KtoOptions,
) -> Tensor {
    same_shapes("kto", ("policy", policy), ("reference", reference));
    same_shapes("kto", ("policy", policy), ("desirable", desirable));
    assert!(desirable.dtype() == DType::Bool, "kto: desirable must be bool, not {}", desirable.dtype());
    assert!(divergence.rank() == 0, "kto: divergence {} must be one number", divergence.shape());
    let KtoOptions { beta, desirable_weight, undesirable_weight } = options;
    for option in [("beta", beta), ("desirable_weight", desirable_weight), ("undesirable_weight", undesirable_weight)] {
        check_positive("kto", option, policy.dtype());
        check_finite("kto", option, policy.dtype());
    }
    let x = beta * (policy - reference.detach() - divergence.detach().clamp_min(0));
    desirable.select(x.full_like(desirable_weight), undesirable_weight) * desirable.select(-&x, &x).sigmoid()
}
