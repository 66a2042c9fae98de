//! Adadelta.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// Adadelta: a step in the units of the parameter, from the mean squares of the gradients and of the steps before.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and v₀ = u₀ = 0:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁
/// vₜ = ρ vₜ₋₁ + (1 − ρ) g²
/// δₜ = √(uₜ₋₁ + ε) / √(vₜ + ε) · g
/// uₜ = ρ uₜ₋₁ + (1 − ρ) δₜ²
/// θₜ = θₜ₋₁ − α δₜ
/// ```
///
/// The paper has no learning rate, which is α = 1. The first steps are about √(ε/(1 − ρ)) long, and grow from there: ε decides how fast it
/// starts.
///
/// ```
/// use minimand_optim::{Adadelta, AdadeltaOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut adadelta = Adadelta::new([&w], AdadeltaOptions::default());
/// adadelta.step(&w.value().square().sum())?; // √(1e-6 / 0.1) in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.996838, -999.996838]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `second_moment` v and `squared_steps` u.
///
/// Paper: M. Zeiler, *Adadelta: an adaptive learning rate method*, 2012, Algorithm 1.
pub type Adadelta = Descent<AdadeltaOptions>;

/// Options of [`Adadelta`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdadeltaOptions {
    /// α, at least 0. Default 1, the paper's.
    pub learning_rate: f64,
    /// ρ, at least 0 and below 1: how much of the mean squares is kept. Default 0.9.
    pub rho: f64,
    /// ε, above 0, in f32 as well: what both roots start from. Default 1e-6.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the gradient. Default 0.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for AdadeltaOptions {
    fn default() -> AdadeltaOptions {
        AdadeltaOptions { learning_rate: 1.0, rho: 0.9, epsilon: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

impl UpdateRule for AdadeltaOptions {
    fn name(&self) -> &'static str {
        "Adadelta"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("Adadelta", "rho", self.rho)?;
        let positive = self.epsilon.is_finite() && self.epsilon > 0.0;
        OptionsError::unless(
            positive,
            "Adadelta",
            "epsilon",
            self.epsilon,
            "finite and above 0: no step would be taken",
        )?;
        require_non_negative("Adadelta", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Adadelta", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["second_moment", "squared_steps"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (rho, epsilon) = (self.rho, self.epsilon);
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let v = rho * &state[0] + (1.0 - rho) * g.square();
        let delta = (&state[1] + epsilon).sqrt() / (&v + epsilon).sqrt() * g;
        let u = rho * &state[1] + (1.0 - rho) * delta.square();
        Update { theta: theta - context.alpha() * delta, state: vec![v, u] }
    }
}
