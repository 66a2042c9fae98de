//! Objectives of a batch whose examples belong to groups.

use minimand_tensor::{DType, Tensor, grad};

use crate::labels::Labels;
use crate::numbers::check_finite;

/// Mean loss of the group that fares worst.
///
/// ```text
/// ℓ = maxᵢ mᵢ
/// mᵢ = Σ{j : groupsⱼ = groupsᵢ} lossesⱼ / nᵢ
/// nᵢ = Σⱼ [groupsⱼ = groupsᵢ]
/// ```
///
/// # Shapes
/// `losses` is `[batch]`, one loss per example, `groups` has one label per example, and the result is one number. Any
/// numbers. Other shapes panic. Groups without an example do not count, nor do examples whose label is ignored; of no
/// example at all it is 0.
///
/// # Gradient
/// `∂ℓ/∂lossesᵢ = 1/nᵢ` in the worst group, 0 elsewhere; groups that are equally bad share it.
///
/// # Estimates
/// The **minimax** model over mixtures of the groups. From the mean loss to the greatest.
///
/// # Stability
/// The maximum is of groups that occur; nothing is divided by a count of 0.
///
/// # Example
/// ```
/// use minimand_loss::{Labels, worst_group};
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([1.0, 3.0, 2.5, 0.0]);
/// let groups = Labels::new([0, 1, 1, 0], 3)?;
/// let loss = worst_group(&losses, &groups);
/// assert_eq!(loss.item(), 2.75);
/// assert_eq!(loss.grad(&losses).to_string(), "[0, 0.5, 0.5, 0]");
/// # Ok::<(), minimand_loss::LabelError>(())
/// ```
///
/// # When to use
/// To report, and for full batches, when no group may be left behind. It misleads in small batches: the worst group
/// jumps from step to step, and with a model that fits every training example all groups are equally good, so that it
/// needs strong regularisation.
///
/// # Reference
/// Sagawa et al., *Distributionally Robust Neural Networks for Group Shifts*, ICLR 2020, equation 4. No parameters.
///
/// # See also
/// [`group_dro`], which follows the worst group slowly; [`conditional_value_at_risk`](crate::conditional_value_at_risk)
/// without groups.
#[doc(alias = "worst_group_loss")]
#[track_caller]
pub fn worst_group(losses: &Tensor, groups: &Labels) -> Tensor {
    let Risks { means, present } = Risks::of("worst_group", losses, groups);
    if means.elements() == 0 {
        return means.sum();
    }
    let none = present.cast(means.dtype()).sum().eq(0);
    none.select(0, present.select(means, f64::NEG_INFINITY).max())
}

/// Mean losses of groups under weights that grow with them, step by step: the online algorithm for the worst group.
///
/// ```text
/// ℓ = Σₖ qₖ mₖ
/// qₖ = weightsₖ exp(η mₖ) / Σₗ weightsₗ exp(η mₗ)
/// mₖ = Σᵢ [groupsᵢ = k] lossesᵢ / max(nₖ, 1)
/// nₖ = Σᵢ [groupsᵢ = k]
/// η = step
/// ```
///
/// # Shapes
/// `losses` is `[batch]`, one loss per example, `groups` has one label per example, `weights` is `[groups]` with
/// numbers of at least 0, and the result is one number. `step ≥ 0`. Anything else panics. A group without an example
/// has the mean 0.
///
/// # Gradient
/// `∂ℓ/∂lossesᵢ = qₖ/nₖ` for the group k of the example: the weights q are held fixed.
///
/// # Estimates
/// Towards the **minimax** model over mixtures of the groups, as the steps go on.
///
/// # Stability
/// The weights are a softmax of their logarithms: no exponential overflows, and a weight of 0 stays 0.
///
/// # Example
/// ```
/// use minimand_loss::{GroupWeights, Labels, group_dro};
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([1.0, 3.0]);
/// let groups = Labels::new([0, 1], 2)?;
/// let weights = GroupWeights::uniform(2);
/// let loss = group_dro(&losses, &groups, weights.tensor(), 0.5);
/// assert_eq!(format!("{loss:.4}"), "2.4621");
/// assert_eq!(format!("{:.4}", loss.grad(&losses)), "[0.2689, 0.7311]");
/// let weights = weights.updated(&losses, &groups, 0.5); // for the next batch
/// assert_eq!(format!("{:.4}", weights.tensor()), "[0.2689, 0.7311]");
/// # Ok::<(), minimand_loss::LabelError>(())
/// ```
///
/// # When to use
/// For training with known groups (background and bird, dialect and topic), with strong weight decay or early stopping.
/// It misleads when losses of groups differ by noise alone: labels that are wrong more often in one group draw all the
/// weight to it.
///
/// # Reference
/// Sagawa et al., *Distributionally Robust Neural Networks for Group Shifts*, ICLR 2020, algorithm 1. Usual: step 0.01.
///
/// # See also
/// [`worst_group`], the limit of large steps; [`tilted`](crate::tilted) without groups.
#[doc(alias = "GroupDRO")]
#[track_caller]
pub fn group_dro(losses: &Tensor, groups: &Labels, weights: &Tensor, step: f64) -> Tensor {
    let Risks { means, .. } = Risks::of("group_dro", losses, groups);
    let q = updated("group_dro", &means, weights, step);
    (q * means).sum()
}

/// The weights of the groups in [`group_dro`], from one batch to the next.
#[derive(Clone, Debug)]
pub struct GroupWeights(Tensor);

impl GroupWeights {
    /// The same weight for each of so many groups, f32.
    pub fn uniform(groups: usize) -> GroupWeights {
        GroupWeights(Tensor::full([groups], 1.0 / groups.max(1) as f64).cast(DType::F32).computed().detach())
    }

    /// `[groups]`; they sum to 1.
    pub fn tensor(&self) -> &Tensor {
        &self.0
    }

    /// The weights after a batch of losses: each times the exponential of its group's mean loss, as [`group_dro`] has them.
    ///
    /// # Panics
    /// As [`group_dro`].
    #[track_caller]
    #[must_use]
    pub fn updated(&self, losses: &Tensor, groups: &Labels, step: f64) -> GroupWeights {
        let Risks { means, .. } = Risks::of("group_dro", losses, groups);
        GroupWeights(updated("group_dro", &means, &self.0, step).computed().detach())
    }
}

#[track_caller]
fn updated(loss: &str, means: &Tensor, weights: &Tensor, step: f64) -> Tensor {
    assert!(
        weights.shape() == means.shape(),
        "{loss}: weights {} must have one number for each of the {} groups",
        weights.shape(),
        means.elements()
    );
    assert!(step >= 0.0, "{loss}: step is {step} and must not be below 0");
    check_finite(loss, ("step", step), means.dtype());
    (weights.ln() + step * means).softmax(-1).detach()
}

/// Sum of the environments' mean losses, and `beta` times the variance of these means.
///
/// ```text
/// ℓ = E r + β Σᵢ ((mᵢ − r)² / nᵢ) / E
/// r = Σᵢ (mᵢ / nᵢ) / E
/// E = Σᵢ (1 / nᵢ)
/// mᵢ = Σ{j : groupsⱼ = groupsᵢ} lossesⱼ / nᵢ
/// nᵢ = Σⱼ [groupsⱼ = groupsᵢ]
/// β = beta
/// ```
///
/// # Shapes
/// `losses` is `[batch]`, one loss per example, `groups` has the environment of each example, and the result is one
/// number; `beta ≥ 0`. Anything else panics. Environments without an example do not count; of no example at all it is
/// 0.
///
/// # Gradient
/// `∂ℓ/∂lossesᵢ = (1 + 2 β (mᵢ − r)/E)/nᵢ`; below 0 for environments that fare much better than the others, whose loss
/// it raises.
///
/// # Estimates
/// For `β → ∞` a model with **equal risk** in all environments.
///
/// # Stability
/// The variance is of deviations, never a difference of squares; one environment has the variance 0.
///
/// # Example
/// ```
/// use minimand_loss::{Labels, risk_extrapolation};
/// use minimand_tensor::Tensor;
///
/// let losses = Tensor::from([1.0, 2.0, 4.5]);
/// let environments = Labels::new([0, 0, 1], 2)?;
/// let loss = risk_extrapolation(&losses, &environments, 0.5);
/// assert_eq!(loss.item(), 7.125);
/// assert_eq!(loss.grad(&losses).to_string(), "[0.125, 0.125, 1.75]");
/// # Ok::<(), minimand_loss::LabelError>(())
/// ```
///
/// # When to use
/// For prediction in environments that differ more than those of the training, as other hospitals. It misleads with few
/// environments or different noise in them: equal risks are then no sign of invariance.
///
/// # Reference
/// Krueger et al., *Out-of-Distribution Generalization via Risk Extrapolation*, ICML 2021, equation 8 (V-REx).
/// DomainBed has the mean of the risks where the paper has the sum. Usual: β = 1 at first, then 10 to 10,000.
///
/// # See also
/// [`invariant_risk_penalty`]; [`group_dro`], which cares for the worst.
#[doc(alias = "VREx")]
#[track_caller]
pub fn risk_extrapolation(losses: &Tensor, groups: &Labels, beta: f64) -> Tensor {
    let Risks { means, present } = Risks::of("risk_extrapolation", losses, groups);
    assert!(beta >= 0.0, "risk_extrapolation: beta is {beta} and must not be below 0");
    check_finite("risk_extrapolation", ("beta", beta), means.dtype());
    let count = present.cast(means.dtype()).sum().clamp_min(1.0);
    let mean = means.sum() / &count;
    let variance = present.select(&means - mean, 0).square().sum() / count;
    means.sum() + beta * variance
}

/// Squared slope of each environment's mean loss by a factor on the predictions, at 1: how much the environment would
/// like to rescale them.
///
/// ```text
/// ℓₖ = sₖ²
/// sₖ = slope at w = 1 of Σ{i : groupsᵢ = k} loss(w predictionᵢ)ᵢ / nₖ
/// nₖ = Σᵢ [groupsᵢ = k]
/// ```
///
/// # Shapes
/// `prediction` is `[batch]` or `[batch, …]`, `groups` has the environment of each example, `loss` makes of predictions
/// of the same shape the loss of each example, `[batch]`; the result is `[groups]`. Other shapes panic. An environment
/// without an example has the penalty 0.
///
/// # Gradient
/// The derivative of a derivative: `2 sₖ ∂sₖ/∂prediction`, exact.
///
/// # Estimates
/// Added to the mean loss with a great factor, a representation for which **one** last layer is the best in all
/// environments. From 0.
///
/// # Stability
/// As stable as the slope of the given loss: give it logits, not probabilities.
///
/// # Example
/// ```
/// use minimand_loss::{Labels, invariant_risk_penalty, squared_error};
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0]);
/// let target = Tensor::from([1.0, 1.0]);
/// let environments = Labels::new([0, 1], 2)?;
/// let penalty = invariant_risk_penalty(&prediction, &environments, |x| squared_error(x, &target));
/// assert_eq!(penalty.to_string(), "[0, 16]"); // (2 (x - y) x)²
/// assert_eq!(penalty.sum().grad(&prediction).to_string(), "[0, 48]");
/// # Ok::<(), minimand_loss::LabelError>(())
/// ```
///
/// # When to use
/// When a feature predicts well in each training environment, but differently in each, as the background of a
/// photograph. It misleads with few environments, and for overfitted networks: once every loss is nearly 0 so is its
/// slope.
///
/// # Reference
/// Arjovsky et al., *Invariant Risk Minimization*, 2019, equation IRMv1. Their code multiplies the slopes of two halves
/// of each environment, which is unbiased and may be below 0; this is the square of the whole. Usual: factor 1, then
/// 1,000 to 100,000.
///
/// # See also
/// [`risk_extrapolation`], without a derivative of a derivative.
#[doc(alias = "IRM")]
#[doc(alias = "irm_penalty")]
#[track_caller]
pub fn invariant_risk_penalty(prediction: &Tensor, groups: &Labels, loss: impl Fn(&Tensor) -> Tensor) -> Tensor {
    assert!(
        prediction.rank() > 0 && groups.shape().sizes() == &prediction.shape()[..1],
        "invariant_risk_penalty: groups {} must be one for each of the examples of prediction {}",
        groups.shape(),
        prediction.shape()
    );
    // One factor for each example: the slope by the factor of an environment is the sum of theirs.
    let mut shape = vec![1; prediction.rank()];
    shape[0] = prediction.shape()[0];
    let factors = Tensor::full(shape, 1.0).cast(prediction.dtype()).computed().detach();
    let losses = loss(&(prediction * &factors));
    let slopes = grad(&losses.sum(), [&factors]).remove(0).reshape([factors.elements()]);
    Risks::of("invariant_risk_penalty", &slopes, groups).means.square()
}

/// The mean loss of each group, `[groups]`, 0 where there is no example; and where there is one.
struct Risks {
    means: Tensor,
    present: Tensor,
}

impl Risks {
    #[track_caller]
    fn of(loss: &str, losses: &Tensor, groups: &Labels) -> Risks {
        assert!(
            losses.rank() == 1 && groups.shape() == losses.shape(),
            "{loss}: losses {} and groups {} must be one number and one label per example",
            losses.shape(),
            groups.shape()
        );
        let truth = groups.truth();
        let sums = truth.select(losses.unsqueeze(-1), 0).sum_axis(0);
        let counts = truth.cast(losses.dtype()).sum_axis(0);
        let present = counts.gt(0);
        Risks { means: sums / counts.clamp_min(1.0), present }
    }
}
