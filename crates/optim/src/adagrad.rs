//! Adagrad.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{OptionsError, StepContext, Update, UpdateRule, require_kept, require_non_negative};
use crate::sgd::{decayed, descending};

/// Adagrad: each entry's gradient over the root of the sum of all its squares so far.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁, initial accumulator s₀ and decay η of the learning rate:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁
/// sₜ = sₜ₋₁ + g²
/// θₜ = θₜ₋₁ − α / (1 + (t − 1) η) · g / (√sₜ + ε)
/// ```
///
/// The sum never falls: the rate of an entry shrinks like 1/√t, and faster for entries whose gradients are often large. That suits convex
/// problems with rare features; networks are mostly trained with averages that forget, as in [`RmsProp`](crate::RmsProp).
///
/// ```
/// use minimand_optim::{Adagrad, AdagradOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut adagrad = Adagrad::new([&w], AdagradOptions { learning_rate: 0.5, ..Default::default() });
/// adagrad.step(&w.value().square().sum())?; // the first step is α in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.500000, -999.500000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `sum_of_squares` s.
///
/// Paper: J. Duchi, E. Hazan, Y. Singer, *Adaptive subgradient methods for online learning and stochastic optimization*, JMLR 2011,
/// Figure 1 (diagonal matrices).
pub type Adagrad = Descent<AdagradOptions>;

/// Options of [`Adagrad`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdagradOptions {
    /// α, at least 0. Default 1e-2.
    pub learning_rate: f64,
    /// η, at least 0: α is divided by 1 + (t − 1) η. Default 0.
    #[doc(alias = "lr_decay")]
    pub learning_rate_decay: f64,
    /// s₀, at least 0: what every sum starts as. Default 0.
    #[doc(alias = "initial_accumulator_value")]
    pub initial_accumulator: f64,
    /// ε, at least 0, added to √s; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-10. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the gradient. Default 0.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for AdagradOptions {
    fn default() -> AdagradOptions {
        AdagradOptions {
            learning_rate: 1e-2,
            learning_rate_decay: 0.0,
            initial_accumulator: 0.0,
            epsilon: 1e-10,
            weight_decay: 0.0,
            maximize: false,
        }
    }
}

impl UpdateRule for AdagradOptions {
    fn name(&self) -> &'static str {
        "Adagrad"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_non_negative("Adagrad", "learning_rate_decay", self.learning_rate_decay)?;
        require_non_negative("Adagrad", "initial_accumulator", self.initial_accumulator)?;
        require_non_negative("Adagrad", "epsilon", self.epsilon)?;
        require_non_negative("Adagrad", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Adagrad", "initial_accumulator", self.initial_accumulator, dtype)?;
        require_kept("Adagrad", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["sum_of_squares"]
    }

    fn initial_state(&self, _name: &str) -> f64 {
        self.initial_accumulator
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let s = &state[0] + g.square();
        let slowed = context.scalar(1.0 / (1.0 + (context.t() - 1) as f64 * self.learning_rate_decay));
        let theta = theta - context.alpha() * slowed * g / (s.sqrt() + self.epsilon);
        Update { theta, state: vec![s] }
    }
}
