//! Objectives of policies that act for a reward.

use minimand_tensor::Tensor;

use crate::numbers::{check_finite, check_positive};
use crate::regression::huber;
use crate::shape::same_shapes;

/// Negative logarithm of the probability of an action, weighted by its advantage: the surrogate whose gradient is that of the expected reward,
/// REINFORCE.
///
/// ```text
/// ℓ = −advantages log_probabilities
/// ```
///
/// # Shapes
/// `log_probabilities` of the actions taken and their `advantages` have the same shape, and so has the loss. Any numbers. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂log_probabilities = −advantages`. The advantages have no gradient, whatever they were computed from.
///
/// # Estimates
/// Nothing by its value, which means nothing: its **gradient**, averaged over actions drawn from the policy, is minus that of the expected reward.
///
/// # Stability
/// A product.
///
/// # Example
/// ```
/// use minimand_loss::policy_gradient;
/// use minimand_tensor::Tensor;
///
/// let (log_probabilities, advantages) = (Tensor::from([-0.1, -2.0, -1.0]), Tensor::from([1.0, -0.5, 2.0]));
/// let loss = policy_gradient(&log_probabilities, &advantages);
/// assert_eq!(format!("{loss:.4}"), "[0.1000, -1.0000, 2.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_probabilities)), "[-1.0000, 0.5000, -2.0000]");
/// ```
///
/// # When to use
/// For one step on actions that the present policy has taken; take rewards less a baseline for advantages. It misleads when actions are used twice: after
/// the first step they are not the policy's own any more, for which there is [`ppo_clip`].
///
/// # Reference
/// Williams, *Simple Statistical Gradient-Following Algorithms for Connectionist Reinforcement Learning*, Machine Learning 8, 1992, equation 5. Actor and
/// critic: with [`temporal_difference`] for the critic (Mnih et al. 2016).
///
/// # See also
/// [`ppo_clip`]; [`entropy_bonus`]; [`temporal_difference`].
#[doc(alias = "REINFORCE")]
#[doc(alias = "A2C")]
#[track_caller]
pub fn policy_gradient(log_probabilities: &Tensor, advantages: &Tensor) -> Tensor {
    same_shapes("policy_gradient", ("log_probabilities", log_probabilities), ("advantages", advantages));
    -advantages.detach() * log_probabilities
}

/// Advantage times the ratio of an action's probabilities under the present and the former policy, without a reward for going far: the clipped surrogate
/// of proximal policy optimisation, negative.
///
/// ```text
/// ℓ = −min(ρ advantages, c advantages)
/// ρ = exp(log_probabilities − old_log_probabilities)
/// c = min(max(ρ, 1 − epsilon), 1 + epsilon)
/// ```
///
/// # Shapes
/// `log_probabilities` and `old_log_probabilities` of the actions taken and their `advantages` have the same shape, and so has the loss: one per action or
/// token. Other shapes panic, and so does an `epsilon` that is not greater than 0 and less than 1.
///
/// # Gradient
/// `∂ℓ/∂log_probabilities = −ρ advantages`, and 0 where the ratio has gone farther than epsilon in the direction that the advantage wants. The corner
/// belongs to the slope. Advantages and old probabilities have no gradient.
///
/// # Estimates
/// By its **gradient**, at the old policy, that of the expected reward, as [`policy_gradient`].
///
/// # Stability
/// Which branch holds is decided by the difference of the logarithms, and only the exponential that is used is formed: where the surrogate is flat no
/// ratio overflows. A probability that has grown by more than `e⁸⁸` against a negative advantage costs ∞ in f32, as it would.
///
/// # Example
/// ```
/// use minimand_loss::ppo_clip;
/// use minimand_tensor::Tensor;
///
/// let (now, before) = (Tensor::from([-0.1, -2.0, -1.0]), Tensor::from([-0.5, -2.0, -0.5]));
/// let loss = ppo_clip(&now, &before, &Tensor::from([1.0, -0.5, 2.0]), 0.2);
/// assert_eq!(format!("{loss:.4}"), "[-1.2000, 0.5000, -1.2131]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&now)), "[0.0000, 0.5000, -1.2131]");
/// ```
///
/// # When to use
/// For several steps on the same actions, in games and with language models; with advantages that are normalised within the answers to one prompt it is the
/// surrogate of GRPO. It misleads as a bound on the step: a ratio that is already outside is not brought back.
///
/// # Reference
/// Schulman, Wolski, Dhariwal, Radford, Klimov, *Proximal Policy Optimization Algorithms*, 2017, equation 7; Shao et al., *DeepSeekMath*, 2024, equation 3.
/// Usual: epsilon = 0.2.
///
/// # See also
/// [`policy_gradient`]; [`entropy_bonus`], added with a small weight; [`temporal_difference`] for the critic.
#[doc(alias = "PPO")]
#[doc(alias = "ClipPPOLoss")]
#[doc(alias = "GRPO")]
#[track_caller]
pub fn ppo_clip(
    log_probabilities: &Tensor,
    old_log_probabilities: &Tensor,
    advantages: &Tensor,
    epsilon: f64,
) -> Tensor {
    let now = ("log_probabilities", log_probabilities);
    same_shapes("ppo_clip", now, ("old_log_probabilities", old_log_probabilities));
    same_shapes("ppo_clip", now, ("advantages", advantages));
    assert!(
        epsilon > 0.0 && epsilon < 1.0,
        "ppo_clip: epsilon is {epsilon} and must be greater than 0 and less than 1"
    );
    let advantages = advantages.detach();
    let difference = log_probabilities - old_log_probabilities.detach();
    let gained = advantages.gt(0) & difference.gt(epsilon.ln_1p());
    let lost = advantages.lt(0) & difference.lt((-epsilon).ln_1p());
    let flat = &gained | &lost | advantages.eq(0);
    let bound = gained.select(1.0 + epsilon, lost.select(difference.full_like(1.0 - epsilon), 1.0));
    let ratio = flat.select(bound, flat.select(0, difference).exp());
    0.0 - advantages * ratio
}

/// Negative entropy of the actions of a policy, to be added with a small weight so that it goes on exploring.
///
/// ```text
/// ℓ = Σⱼ pⱼ ln pⱼ
/// pⱼ = exp logitsⱼ / Σₖ exp logitsₖ
/// ```
///
/// # Shapes
/// `logits` are `[…, actions]`, any numbers, or −∞ for actions that are not allowed; the loss is `[…]`. No axis panics.
///
/// # Gradient
/// `∂ℓ/∂logitsⱼ = pⱼ (ln pⱼ − ℓ)`. They sum to 0; an action that is not allowed has gradient 0. Smooth everywhere.
///
/// # Estimates
/// The **even choice**: least, `−ln actions`, where all actions are equally likely; 0 where one is certain.
///
/// # Stability
/// Logarithms come from differences to the greatest logit; `0 · ∞ = 0`.
///
/// # Example
/// ```
/// use minimand_loss::entropy_bonus;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0], [2.0, 0.0]]);
/// let loss = entropy_bonus(&logits);
/// assert_eq!(format!("{loss:.4}"), "[-0.6931, -0.3653]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[0.0000, 0.0000],\n [0.2100, -0.2100]]");
/// ```
///
/// # When to use
/// Beside [`policy_gradient`] and [`ppo_clip`], with a weight of 0.001 to 0.05. It misleads with many actions of which few make sense: it pushes towards
/// all of them.
///
/// # Reference
/// Williams, Peng, *Function Optimization using Connectionist Reinforcement Learning Algorithms*, Connection Science 3, 1991; Mnih et al., *Asynchronous
/// Methods for Deep Reinforcement Learning*, ICML 2016. Usual weight: 0.01.
///
/// # See also
/// [`policy_gradient`]; [`ppo_clip`].
#[doc(alias = "entropy_loss")]
#[track_caller]
pub fn entropy_bonus(logits: &Tensor) -> Tensor {
    assert!(logits.rank() > 0, "entropy_bonus: logits {} must have an axis for the actions", logits.shape());
    let p = logits.softmax(-1);
    let log_p = logits.log_softmax(-1);
    let impossible = log_p.eq(f64::NEG_INFINITY);
    (p * impossible.select(0, log_p)).sum_axis(-1)
}

/// What [`temporal_difference`] takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemporalDifferenceOptions {
    /// What a reward one step later is worth.
    pub discount: f64,
    /// Beyond which error the loss is linear.
    pub delta: f64,
}

impl Default for TemporalDifferenceOptions {
    fn default() -> TemporalDifferenceOptions {
        TemporalDifferenceOptions { discount: 0.99, delta: 1.0 }
    }
}

/// Huber's loss of a value against the reward and the discounted value of what follows, which is held fixed.
///
/// ```text
/// ℓ = ½ d² if |d| ≤ delta else delta (|d| − ½ delta)
/// d = value − (reward + (discount next_value if terminal = 0 else 0))
/// ```
///
/// # Shapes
/// `value`, `reward`, `next_value` and `terminal` (bool: nothing follows) have the same shape, and so has the loss. What `next_value` holds where nothing
/// follows, even NaN, has no influence. Other shapes panic, and so does a `discount` outside `[0, 1]` or a `delta` that is not greater than 0.
///
/// # Gradient
/// `∂ℓ/∂value = min(max(d, −delta), delta)`. The reward and the next value have no gradient: the semi-gradient of the method. Continuous.
///
/// # Estimates
/// A **robust mean of the returns**, as [`huber`](crate::huber) does: the expected return itself for a large delta. From 0 to ∞.
///
/// # Stability
/// As [`huber`](crate::huber).
///
/// # Example
/// ```
/// use minimand_loss::temporal_difference;
/// use minimand_tensor::Tensor;
///
/// let (value, reward) = (Tensor::from([1.0, 2.0]), Tensor::from([0.5, 5.0]));
/// let (next_value, terminal) = (Tensor::from([1.0, f64::NAN]), Tensor::from([false, true]));
/// let loss = temporal_difference(&value, &reward, &next_value, &terminal, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.1200, 2.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&value)), "[-0.4900, -1.0000]");
/// ```
///
/// # When to use
/// For critics and for Q-learning, where `value` is that of the action taken, picked with `take_along_axis`, and `next_value` the greatest of a second
/// network. It misleads as a measure of progress: the target moves with the values, and a loss of 0 may be the wrong fixed point.
///
/// # Reference
/// Sutton, *Learning to Predict by the Methods of Temporal Differences*, Machine Learning 3, 1988; Mnih et al., *Human-level control through deep
/// reinforcement learning*, Nature 518, 2015, for the linear part. Usual: discount = 0.99, delta = 1.
///
/// # See also
/// [`huber`](crate::huber); [`policy_gradient`].
#[doc(alias = "DQNLoss")]
#[doc(alias = "td_error")]
#[track_caller]
pub fn temporal_difference(
    value: &Tensor,
    reward: &Tensor,
    next_value: &Tensor,
    terminal: &Tensor,
    options: TemporalDifferenceOptions,
) -> Tensor {
    for other in [("reward", reward), ("next_value", next_value), ("terminal", terminal)] {
        same_shapes("temporal_difference", ("value", value), other);
    }
    let TemporalDifferenceOptions { discount, delta } = options;
    assert!(
        (0.0..=1.0).contains(&discount),
        "temporal_difference: discount is {discount} and must be at least 0 and at most 1"
    );
    check_positive("temporal_difference", ("delta", delta), value.dtype());
    check_finite("temporal_difference", ("delta", delta), value.dtype());
    let target = reward + terminal.select(0, discount * next_value);
    huber(value, &target.detach(), delta)
}
