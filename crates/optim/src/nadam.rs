//! NAdam.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// NAdam: Adam with Nesterov's momentum, whose weight grows over the first steps.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁, m₀ = v₀ = 0 and momentum decay ψ:
///
/// ```text
/// μₜ = β₁ (1 − ½ · 0.96^(t ψ))
/// g ← gₜ + λ θₜ₋₁                          weight decay as a penalty (L2)
/// mₜ = β₁ mₜ₋₁ + (1 − β₁) g
/// vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
/// m̂ = μₜ₊₁ mₜ / (1 − μ₁ ⋯ μₜ₊₁) + (1 − μₜ) g / (1 − μ₁ ⋯ μₜ)
/// v̂ = vₜ / (1 − β₂ᵗ)
/// θₜ = θₜ₋₁ − α m̂ / (√v̂ + ε)               decoupled: − α λ θₜ₋₁ as well, and nothing is added to g
/// ```
///
/// The product of the μ is a function of t alone, so that nothing but the moments is remembered. A schedule that cycles the momentum leaves
/// the μ as they are.
///
/// ```
/// use minimand_optim::{NAdam, NAdamOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut nadam = NAdam::new([&w], NAdamOptions { learning_rate: 0.5, ..Default::default() });
/// nadam.step(&w.value().square().sum())?; // a little more than α in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.471774, -999.471774]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `first_moment` m and `second_moment` v.
///
/// Paper: T. Dozat, *Incorporating Nesterov momentum into Adam*, ICLR workshop 2016, Algorithm 2; the μ are those of its section 2.3, with
/// PyTorch's ψ.
pub type NAdam = Descent<NAdamOptions>;

/// Options of [`NAdam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NAdamOptions {
    /// α, at least 0. Default 2e-3.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the mean square is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to √v̂; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// ψ, at least 0: how fast the momentum grows from half of β₁ to β₁. Default 4e-3; with 0 it stays at the half.
    pub momentum_decay: f64,
    /// λ, at least 0. Default 0.
    pub weight_decay: f64,
    /// Whether a step shrinks the parameter by αλ of itself, as [`AdamW`](crate::AdamW)'s, instead of adding λθ to the gradient. Default no.
    #[doc(alias = "decoupled_weight_decay")]
    pub decoupled: bool,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for NAdamOptions {
    fn default() -> NAdamOptions {
        NAdamOptions {
            learning_rate: 2e-3,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            momentum_decay: 4e-3,
            weight_decay: 0.0,
            decoupled: false,
            maximize: false,
        }
    }
}

impl UpdateRule for NAdamOptions {
    fn name(&self) -> &'static str {
        "NAdam"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("NAdam", "betas.0", self.betas.0)?;
        require_fraction("NAdam", "betas.1", self.betas.1)?;
        require_non_negative("NAdam", "epsilon", self.epsilon)?;
        require_non_negative("NAdam", "momentum_decay", self.momentum_decay)?;
        require_non_negative("NAdam", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("NAdam", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["first_moment", "second_moment"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let ((beta_1, beta_2), lambda) = (self.betas, self.weight_decay);
        let g = descending(g, self.maximize);
        let g = if self.decoupled { g } else { decayed(g, lambda, theta) };
        let m = beta_1 * &state[0] + (1.0 - beta_1) * &g;
        let v = beta_2 * &state[1] + (1.0 - beta_2) * g.square();

        let (mu, next, product) = self.momenta(context.t());
        let of_m = context.scalar(next / (1.0 - product * next));
        let of_g = context.scalar((1.0 - mu) / (1.0 - product));
        let v_hat = &v * context.bias_correction(beta_2);
        let direction = (of_m * &m + of_g * g) / (v_hat.sqrt() + self.epsilon);
        let direction = if self.decoupled { decayed(direction, lambda, theta) } else { direction };
        Update { theta: theta - context.alpha() * direction, state: vec![m, v] }
    }
}

impl NAdamOptions {
    /// μₜ, μₜ₊₁ and μ₁ ⋯ μₜ.
    fn momenta(&self, t: u64) -> (f64, f64, f64) {
        let mu = |t: u64| self.betas.0 * (1.0 - 0.5 * 0.96f64.powf(t as f64 * self.momentum_decay));
        let mut product = 1.0;
        for i in 1..=t {
            product *= mu(i);
            // 1 less than this is 1 in f64.
            if product < 1e-20 {
                break;
            }
        }
        (mu(t), mu(t + 1), product)
    }
}
