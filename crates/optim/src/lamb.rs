//! LAMB.

use minimand_tensor::{DType, Tensor};

use crate::adam::Moments;
use crate::descent::Descent;
use crate::rule::{OptionsError, StepContext, Update, UpdateRule, require_kept, require_non_negative};
use crate::sgd::{decayed, descending};

/// LAMB: Adam's direction with decoupled weight decay, scaled for each parameter so that a step is α times the parameter's own norm.
///
/// With m̂ and v̂ as in [`Adam`](crate::Adam), from the gradient alone:
///
/// ```text
/// uₜ = m̂ / (√v̂ + ε) + λ θₜ₋₁
/// θₜ = θₜ₋₁ − α ‖θₜ₋₁‖ / ‖uₜ‖ · uₜ
/// ```
///
/// The quotient of the norms, over all entries of the parameter, is the trust ratio; it is 1 where one of the norms is 0. It is made for very
/// large batches. Biases and gains, which are small, are often kept from it: give them to an [`AdamW`](crate::AdamW), or to a
/// [group](crate::Mixed) of its own.
///
/// ```
/// use minimand_optim::{Lamb, LambOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([3.0, 4.0]));
/// let mut lamb = Lamb::new([&w], LambOptions { learning_rate: 0.1, ..Default::default() });
/// lamb.step(&w.value().sum())?; // the direction is [1, 1], as long as 0.1 ‖w‖ = 0.5
/// assert_eq!(format!("{:.4}", w.value()), "[2.6464, 3.6464]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `first_moment` m and `second_moment` v.
///
/// Paper: Y. You et al., *Large batch optimization for deep learning: training BERT in 76 minutes*, ICLR 2020, Algorithm 2, with φ(z) = z.
pub type Lamb = Descent<LambOptions>;

/// Options of [`Lamb`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LambOptions {
    /// α, at least 0: the share of its own norm by which a parameter moves. Default 1e-3.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the mean square is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to √v̂; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-6. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the direction. Default 0; the paper's 0.01.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for LambOptions {
    fn default() -> LambOptions {
        LambOptions { learning_rate: 1e-3, betas: (0.9, 0.999), epsilon: 1e-6, weight_decay: 0.0, maximize: false }
    }
}

impl UpdateRule for LambOptions {
    fn name(&self) -> &'static str {
        "Lamb"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        self.moments().validate("Lamb")?;
        require_non_negative("Lamb", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Lamb", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        self.moments().names()
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (direction, state) = self.moments().direction(&descending(g, self.maximize), state, context);
        let u = decayed(direction, self.weight_decay, theta);
        let (of_theta, of_u) = (theta.norm(), u.norm());
        let ratio = (&of_theta * &of_u).gt(0.0).select(of_theta / of_u, 1.0);
        Update { theta: theta - context.alpha() * ratio * u, state }
    }
}

impl LambOptions {
    fn moments(&self) -> Moments {
        Moments { betas: self.betas, epsilon: self.epsilon, amsgrad: false }
    }
}
