//! RAdam.

use minimand_tensor::{DType, Tensor};

use crate::adam::first_moment;
use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// Rectified Adam: a step is scaled down as long as too few gradients have been seen to trust their mean square.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and m₀ = v₀ = 0:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁                          weight decay as a penalty (L2)
/// mₜ = β₁ mₜ₋₁ + (1 − β₁) g,  m̂ = mₜ / (1 − β₁ᵗ)
/// vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
/// ρ∞ = 2/(1 − β₂) − 1,  ρₜ = ρ∞ − 2t β₂ᵗ / (1 − β₂ᵗ)
/// rₜ = √( (ρₜ − 4)(ρₜ − 2) ρ∞ / ((ρ∞ − 4)(ρ∞ − 2) ρₜ) )
/// θₜ = θₜ₋₁ − α rₜ m̂ √(1 − β₂ᵗ) / (√vₜ + ε)    where ρₜ > 5
/// θₜ = θₜ₋₁ − α m̂                              before
/// ```
///
/// That is warm-up by itself: with the default β₂, the first 5 steps are momentum's alone, and r reaches a half after about 700. ε is
/// added to the uncorrected √v, as in PyTorch; the threshold is PyTorch's 5, the paper's 4. Decoupled weight decay also takes α λ θₜ₋₁
/// away, and adds nothing to g.
///
/// ```
/// use minimand_optim::{Optimizer, RAdam, RAdamOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut radam = RAdam::new([&w], RAdamOptions { learning_rate: 0.25, ..Default::default() });
/// radam.step(&w.value().square().sum())?; // the first step is α times the gradient
/// assert_eq!(format!("{:.6}", w.value()), "[0.500000, -500.000000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `first_moment` m and `second_moment` v.
///
/// Paper: L. Liu et al., *On the variance of the adaptive learning rate and beyond*, ICLR 2020, Algorithm 2.
pub type RAdam = Descent<RAdamOptions>;

/// Options of [`RAdam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RAdamOptions {
    /// α, at least 0. Default 1e-3.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the mean square is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to √v; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0. Default 0.
    pub weight_decay: f64,
    /// Whether a step shrinks the parameter by αλ of itself, as [`AdamW`](crate::AdamW)'s, instead of adding λθ to the gradient. Default no.
    #[doc(alias = "decoupled_weight_decay")]
    pub decoupled: bool,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for RAdamOptions {
    fn default() -> RAdamOptions {
        RAdamOptions {
            learning_rate: 1e-3,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            weight_decay: 0.0,
            decoupled: false,
            maximize: false,
        }
    }
}

impl UpdateRule for RAdamOptions {
    fn name(&self) -> &'static str {
        "RAdam"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("RAdam", "betas.0", self.betas.0)?;
        require_fraction("RAdam", "betas.1", self.betas.1)?;
        require_non_negative("RAdam", "epsilon", self.epsilon)?;
        require_non_negative("RAdam", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("RAdam", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["first_moment", "second_moment"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (beta_2, lambda) = (self.betas.1, self.weight_decay);
        let g = descending(g, self.maximize);
        let g = if self.decoupled { g } else { decayed(g, lambda, theta) };
        let (m, m_hat) = first_moment(self.betas.0, &g, &state[0], context);
        let v = beta_2 * &state[1] + (1.0 - beta_2) * g.square();

        // Which of the two formulas holds is a run-time scalar as well: 0 before there is a rectification.
        let rectification = context.scalar(rectification(beta_2, context.t()).unwrap_or(0.0));
        let rectified = &rectification * &m_hat / (v.sqrt() + self.epsilon);
        let direction = rectification.gt(0.0).select(rectified, m_hat);
        let direction = if self.decoupled { decayed(direction, lambda, theta) } else { direction };
        Update { theta: theta - context.alpha() * direction, state: vec![m, v] }
    }
}

/// `rₜ √(1 − β₂ᵗ)`, once ρₜ is above 5.
fn rectification(beta_2: f64, t: u64) -> Option<f64> {
    let t = t as f64;
    let kept = beta_2.powf(t);
    let limit = 2.0 / (1.0 - beta_2) - 1.0;
    let rho = limit - 2.0 * t * kept / (1.0 - kept);
    let squared = (rho - 4.0) * (rho - 2.0) * limit / ((limit - 4.0) * (limit - 2.0) * rho);
    (rho > 5.0).then(|| squared.sqrt() * (1.0 - kept).sqrt())
}
