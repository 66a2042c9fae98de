//! Adam, and its variant AMSGrad.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// Adam: each entry's gradient, averaged, over the root of its mean square.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and m₀ = v₀ = 0:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁                          weight decay as a penalty (L2)
/// mₜ = β₁ mₜ₋₁ + (1 − β₁) g
/// vₜ = β₂ vₜ₋₁ + (1 − β₂) g²
/// m̂ = mₜ / (1 − β₁ᵗ)
/// v̂ = vₜ / (1 − β₂ᵗ)
/// θₜ = θₜ₋₁ − α m̂ / (√v̂ + ε)
/// ```
///
/// With `amsgrad`, v̂ is the greatest of v₁ … vₜ, entry by entry, over (1 − β₂ᵗ): the rate of an entry can then only fall. The greatest
/// is taken before the correction, as in PyTorch; the paper has no correction.
///
/// A step moves an entry by about α at most, whatever the scale of its gradient: scaling the loss changes nothing but the weight of ε.
/// Weight decay inside the gradient is scaled down with it; [`AdamW`](crate::AdamW) keeps it apart.
///
/// ```
/// use minimand_optim::{Adam, AdamOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut adam = Adam::new([&w], AdamOptions { learning_rate: 0.5, ..Default::default() });
/// adam.step(&w.value().square().sum())?; // the first step is α in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.500000, -999.500000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `first_moment` m, `second_moment` v, and with `amsgrad` also `largest_second_moment`.
///
/// Papers: D. Kingma, J. Ba, *Adam: a method for stochastic optimization*, ICLR 2015, Algorithm 1. S. Reddi, S. Kale, S. Kumar, *On the
/// convergence of Adam and beyond*, ICLR 2018, Algorithm 2 (AMSGrad).
#[doc(alias = "AMSGrad")]
pub type Adam = Descent<AdamOptions>;

/// Options of [`Adam`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamOptions {
    /// α, at least 0. Default 1e-3; usual 1e-4 to 1e-2.
    pub learning_rate: f64,
    /// β₁ and β₂, each at least 0 and below 1: how much of the mean and of the mean square is kept. Default 0.9 and 0.999.
    pub betas: (f64, f64),
    /// ε, at least 0, added to √v̂; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the gradient. Default 0.
    pub weight_decay: f64,
    /// Divides by the greatest mean square so far. Default no.
    pub amsgrad: bool,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for AdamOptions {
    fn default() -> AdamOptions {
        AdamOptions {
            learning_rate: 1e-3,
            betas: (0.9, 0.999),
            epsilon: 1e-8,
            weight_decay: 0.0,
            amsgrad: false,
            maximize: false,
        }
    }
}

impl UpdateRule for AdamOptions {
    fn name(&self) -> &'static str {
        "Adam"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        self.moments().validate("Adam")?;
        require_non_negative("Adam", "weight_decay", self.weight_decay)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Adam", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        self.moments().names()
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let (direction, state) = self.moments().direction(&g, state, context);
        Update { theta: theta - context.alpha() * direction, state }
    }
}

impl AdamOptions {
    fn moments(&self) -> Moments {
        Moments { betas: self.betas, epsilon: self.epsilon, amsgrad: self.amsgrad }
    }
}

/// The part that Adam and AdamW share: the direction of a step from the moments of the gradient.
pub(crate) struct Moments {
    pub(crate) betas: (f64, f64),
    pub(crate) epsilon: f64,
    pub(crate) amsgrad: bool,
}

impl Moments {
    pub(crate) fn validate(&self, owner: &'static str) -> Result<(), OptionsError> {
        require_fraction(owner, "betas.0", self.betas.0)?;
        require_fraction(owner, "betas.1", self.betas.1)?;
        require_non_negative(owner, "epsilon", self.epsilon)
    }

    pub(crate) fn names(&self) -> &'static [&'static str] {
        if self.amsgrad {
            &["first_moment", "second_moment", "largest_second_moment"]
        } else {
            &["first_moment", "second_moment"]
        }
    }

    /// `m̂ / (√v̂ + ε)`, and the new moments.
    pub(crate) fn direction(&self, g: &Tensor, state: &[Tensor], context: &StepContext) -> (Tensor, Vec<Tensor>) {
        let beta_2 = self.betas.1;
        let (m, m_hat) = first_moment(self.betas.0, g, &state[0], context);
        let v = beta_2 * &state[1] + (1.0 - beta_2) * g.square();
        let largest = self.amsgrad.then(|| state[2].maximum(&v));

        let v_hat = largest.as_ref().unwrap_or(&v) * context.bias_correction(beta_2);
        let direction = m_hat / (v_hat.sqrt() + self.epsilon);
        (direction, [m, v].into_iter().chain(largest).collect())
    }
}

/// `m ← β₁ m + (1 − β₁) g` and `m̂ = m / (1 − β₁ᵗ)`, where β₁ is what a schedule may cycle as momentum.
pub(crate) fn first_moment(beta_1: f64, g: &Tensor, m: &Tensor, context: &StepContext) -> (Tensor, Tensor) {
    let beta_1 = context.momentum(beta_1);
    let m = context.scalar(beta_1) * m + context.scalar(1.0 - beta_1) * g;
    let m_hat = &m * context.bias_correction(beta_1);
    (m, m_hat)
}
