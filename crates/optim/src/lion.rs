//! Lion.

use minimand_tensor::Tensor;

use crate::descent::Descent;
use crate::rule::{OptionsError, StepContext, Update, UpdateRule, require_fraction, require_non_negative};
use crate::sgd::{decayed, descending};

/// Lion: the sign of an average of the gradients, with decoupled weight decay.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and m₀ = 0:
///
/// ```text
/// cₜ = β₁ mₜ₋₁ + (1 − β₁) gₜ
/// mₜ = β₂ mₜ₋₁ + (1 − β₂) gₜ
/// θₜ = θₜ₋₁ − α ( sign(cₜ) + λ θₜ₋₁ )
/// ```
///
/// Every entry moves by α. One tensor is remembered, where Adam remembers two. Use a rate 3 to 10 times smaller than Adam's and a weight
/// decay as much larger (section 5 of the paper).
///
/// ```
/// use minimand_optim::{Lion, LionOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut lion = Lion::new([&w], LionOptions { learning_rate: 0.25, ..Default::default() });
/// lion.step(&w.value().square().sum())?;
/// assert_eq!(w.value().to_string(), "[0.75, -999.75]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `momentum` m.
///
/// Paper: X. Chen et al., *Symbolic discovery of optimization algorithms*, NeurIPS 2023, Algorithm 2.
pub type Lion = Descent<LionOptions>;

/// Options of [`Lion`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LionOptions {
    /// α, at least 0. Default 1e-4, the authors'.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the past is in the step, and in what is remembered. Default 0.9 and 0.99.
    pub betas: (f64, f64),
    /// λ, at least 0: a step shrinks the parameter by αλ of itself. Default 0.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for LionOptions {
    fn default() -> LionOptions {
        LionOptions { learning_rate: 1e-4, betas: (0.9, 0.99), weight_decay: 0.0, maximize: false }
    }
}

impl UpdateRule for LionOptions {
    fn name(&self) -> &'static str {
        "Lion"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("Lion", "betas.0", self.betas.0)?;
        require_fraction("Lion", "betas.1", self.betas.1)?;
        require_non_negative("Lion", "weight_decay", self.weight_decay)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["momentum"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (beta_1, beta_2) = (context.momentum(self.betas.0), self.betas.1);
        let (g, m) = (descending(g, self.maximize), &state[0]);
        let c = context.scalar(beta_1) * m + context.scalar(1.0 - beta_1) * &g;
        let next = beta_2 * m + (1.0 - beta_2) * g;
        let direction = decayed(c.sign(), self.weight_decay, theta);
        Update { theta: theta - context.alpha() * direction, state: vec![next] }
    }
}
