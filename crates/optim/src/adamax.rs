//! Adamax.

use minimand_tensor::{DType, Tensor};

use crate::adam::first_moment;
use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// Adamax: Adam with the greatest magnitude of the gradients, slowly forgotten, in place of their mean square.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and m₀ = u₀ = 0:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁
/// mₜ = β₁ mₜ₋₁ + (1 − β₁) g
/// uₜ = max(β₂ uₜ₋₁, |g| + ε)
/// θₜ = θₜ₋₁ − α / (1 − β₁ᵗ) · mₜ / uₜ
/// ```
///
/// No entry moves by more than α in a step. One rare, huge gradient holds an entry back for about 1/(1 − β₂) steps. The paper has no ε;
/// it stands where PyTorch has it.
///
/// ```
/// use minimand_optim::{Adamax, AdamaxOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut adamax = Adamax::new([&w], AdamaxOptions { learning_rate: 0.5, ..Default::default() });
/// adamax.step(&w.value().square().sum())?; // the first step is α in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.500000, -999.500000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `first_moment` m and `infinity_norm` u.
///
/// Paper: D. Kingma, J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, Algorithm 2.
pub type Adamax = Descent<AdamaxOptions>;

/// Options of [`Adamax`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamaxOptions {
    /// α, at least 0. Default 2e-3.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the greatest magnitude is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to |g|; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the gradient. Default 0.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for AdamaxOptions {
    fn default() -> AdamaxOptions {
        AdamaxOptions { learning_rate: 2e-3, betas: (0.9, 0.999), epsilon: 1e-8, weight_decay: 0.0, maximize: false }
    }
}

impl UpdateRule for AdamaxOptions {
    fn name(&self) -> &'static str {
        "Adamax"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("Adamax", "betas.0", self.betas.0)?;
        require_fraction("Adamax", "betas.1", self.betas.1)?;
        require_non_negative("Adamax", "epsilon", self.epsilon)?;
        require_non_negative("Adamax", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Adamax", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["first_moment", "infinity_norm"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let (m, m_hat) = first_moment(self.betas.0, &g, &state[0], context);
        let u = (self.betas.1 * &state[1]).maximum(g.abs() + self.epsilon);
        Update { theta: theta - context.alpha() * (m_hat / &u), state: vec![m, u] }
    }
}
