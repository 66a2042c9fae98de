//! Adam with decoupled weight decay.

use minimand_tensor::{DType, Tensor};

use crate::adam::Moments;
use crate::descent::Descent;
use crate::rule::{OptionsError, StepContext, Update, UpdateRule, require_kept, require_non_negative};
use crate::sgd::descending;

/// Adam with decoupled weight decay: parameters shrink by the same share whatever the scale of their gradients.
///
/// With m̂ and v̂ as in [`Adam`](crate::Adam), from the gradient alone:
///
/// ```text
/// θₜ = θₜ₋₁ − α ( m̂ / (√v̂ + ε) + λ θₜ₋₁ )
/// ```
///
/// The decay is multiplied by the learning rate α, as in PyTorch. The paper (line 12 of Algorithm 2) multiplies it by the schedule's
/// factor only: its λ is the λ here times the base learning rate.
///
/// ```
/// use minimand_optim::{AdamW, AdamWOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut adamw = AdamW::new([&w], AdamWOptions { learning_rate: 0.5, weight_decay: 0.1, ..Default::default() });
/// adamw.step(&w.value().square().sum())?; // α in every entry, and 5 % of it
/// assert_eq!(format!("{:.6}", w.value()), "[0.450000, -949.500000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: that of [`Adam`](crate::Adam), under the same names.
///
/// Paper: I. Loshchilov, F. Hutter, *Decoupled weight decay regularization*, ICLR 2019, Algorithm 2.
pub type AdamW = Descent<AdamWOptions>;

/// Options of [`AdamW`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamWOptions {
    /// α, at least 0. Default 1e-3; usual 1e-4 to 1e-2.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the mean square is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to √v̂; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: a step shrinks the parameter by αλ of itself. Default 0.01.
    pub weight_decay: f64,
    /// Divides by the greatest mean square so far. Default no.
    pub amsgrad: bool,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for AdamWOptions {
    fn default() -> AdamWOptions {
        AdamWOptions {
            learning_rate: 1e-3,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            weight_decay: 0.01,
            amsgrad: false,
            maximize: false,
        }
    }
}

impl UpdateRule for AdamWOptions {
    fn name(&self) -> &'static str {
        "AdamW"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        self.moments().validate("AdamW")?;
        require_non_negative("AdamW", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("AdamW", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        self.moments().names()
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (alpha, lambda) = (context.alpha(), self.weight_decay);
        let (direction, state) = self.moments().direction(&descending(g, self.maximize), state, context);
        let direction = if lambda == 0.0 { direction } else { direction + lambda * theta };
        Update { theta: theta - alpha * direction, state }
    }
}

impl AdamWOptions {
    fn moments(&self) -> Moments {
        Moments { betas: self.betas, epsilon: self.epsilon, amsgrad: self.amsgrad }
    }
}
