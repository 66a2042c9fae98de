//! Squares with a different price for too little and too much.

use minimand_tensor::Tensor;

use super::huber::smooth_l1;
use crate::numbers::{check_finite, in_type};
use crate::shape::same_shape;

/// Squared residual with different prices for too little (`tau`) and too much (`1 − tau`): the loss of an expectile.
///
/// ```text
/// ℓ = τ r² if r < 0 else (1 − τ) r²
/// r = prediction − target
/// τ = tau
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `0 < tau < 1`. Anything else
/// panics.
///
/// # Gradient
/// `∂ℓ/∂prediction = 2 τ r` where the prediction is too low, `2 (1 − τ) r` where it is too high: continuous. The second
/// derivative jumps at 0, where it is `2 (1 − τ)`.
///
/// # Estimates
/// The **τ-expectile** e, at which `τ E[y − e]₊ = (1 − τ) E[e − y]₊`; the mean for τ = ½. From 0, at `prediction =
/// target`, to ∞.
///
/// # Stability
/// The square overflows in f32 beyond `|r| ≈ 1.8e19`, as that of [`squared_error`](crate::squared_error).
///
/// # Example
/// ```
/// use minimand_loss::expectile;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0, 5.0]);
/// let target = Tensor::from([3.0, 2.0, 3.0]);
/// let loss = expectile(&prediction, &target, 0.75);
/// assert_eq!(loss.to_string(), "[3, 0, 1]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[-3, 0, 1]");
/// ```
///
/// # When to use
/// For a risk measure that sees how far the tail reaches, not only how often; in reinforcement learning to approach a
/// maximum over actions (implicit Q-learning, τ = 0.7 to 0.9). It misleads when read as a quantile: the share of
/// targets below the 0.9-expectile is not 0.9, and outliers move it as they move the mean.
///
/// # Reference
/// Newey and Powell, *Asymmetric Least Squares Estimation and Testing*, Econometrica 55, 1987, equation 1.2. Kostrikov,
/// Nair and Levine, *Offline Reinforcement Learning with Implicit Q-Learning*, ICLR 2022, equation 5. Usual: 0.5, 0.7,
/// 0.9.
///
/// # See also
/// [`quantile`](crate::quantile), its like for absolute errors; [`squared_error`](crate::squared_error).
#[doc(alias = "asymmetric_least_squares")]
#[track_caller]
pub fn expectile(prediction: &Tensor, target: &Tensor, tau: f64) -> Tensor {
    same_shape("expectile", prediction, target);
    let r = prediction - target;
    price("expectile", &r, tau) * r.square()
}

/// Quantile loss with its kink rounded off over the width `kappa`.
///
/// ```text
/// ℓ = w h
/// w = τ if r < 0 else 1 − τ
/// h = r² / (2 κ) if |r| < κ else |r| − ½ κ
/// r = prediction − target
/// τ = tau
/// κ = kappa
/// ```
///
/// # Shapes
/// `prediction` and `target` have the same shape, and so has the loss. Any numbers; `0 < tau < 1`, `kappa ≥ 0` and
/// finite, in the unit of the target. Anything else panics. With `kappa = 0` it is [`quantile`](crate::quantile).
///
/// # Gradient
/// `∂ℓ/∂prediction = w min(max(r/κ, −1), 1)`: continuous, 0 at r = 0. The second derivative jumps at 0, where it is `(1
/// − τ)/κ`, and at `|r| = κ`.
///
/// # Estimates
/// About the **τ-quantile**, exactly as κ → 0, and towards the τ-expectile as κ grows. From 0, at `prediction =
/// target`, to ∞.
///
/// # Stability
/// As [`smooth_l1`](crate::smooth_l1).
///
/// # Example
/// ```
/// use minimand_loss::huberised_quantile;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([1.0, 2.0, 3.5]);
/// let target = Tensor::from([3.0, 2.0, 3.0]);
/// let loss = huberised_quantile(&prediction, &target, 0.75, 1.0);
/// assert_eq!(format!("{loss:.5}"), "[1.12500, 0.00000, 0.03125]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&prediction)), "[-0.750, 0.000, 0.125]");
/// ```
///
/// # When to use
/// For quantiles by gradient descent where the restless kink hurts, as in quantile regression DQN: there of all pairs
/// of predicted and target quantiles (`prediction.unsqueeze(-1)`, `target.unsqueeze(-2)`, both expanded). It misleads
/// where κ is not small against the spread: it is then no quantile, but between one and an expectile.
///
/// # Reference
/// Dabney et al., *Distributional Reinforcement Learning with Quantile Regression*, AAAI 2018, equations 9 and 10,
/// whose formula is κ times this one, as in Dopamine it is divided. Usual: κ = 1.
///
/// # See also
/// [`quantile`](crate::quantile); [`expectile`]; [`smooth_l1`](crate::smooth_l1), twice this loss for τ = ½.
#[doc(alias = "quantile_huber_loss")]
#[doc(alias = "QuantileHuberLoss")]
#[track_caller]
pub fn huberised_quantile(prediction: &Tensor, target: &Tensor, tau: f64, kappa: f64) -> Tensor {
    same_shape("huberised_quantile", prediction, target);
    assert!(kappa >= 0.0, "huberised_quantile: kappa is {kappa} and must not be below 0");
    let r = prediction - target;
    check_finite("huberised_quantile", ("kappa", kappa), r.dtype());
    price("huberised_quantile", &r, tau) * smooth_l1(prediction, target, kappa)
}

/// The price of a residual without its sign: `tau` below 0, `1 − tau` from 0 on.
#[track_caller]
fn price(loss: &str, r: &Tensor, tau: f64) -> Tensor {
    assert!(0.0 < tau && tau < 1.0, "{loss}: tau is {tau} and must lie between 0 and 1");
    assert!(
        in_type(tau, r.dtype()) > 0.0,
        "{loss}: tau is {tau:e}, which is 0 in {}, and must be greater than 0",
        r.dtype()
    );
    r.lt(0).select(tau, (1.0 - tau) * r.ones_like())
}
