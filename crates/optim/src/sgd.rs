//! Gradient descent with momentum.

use minimand_tensor::Tensor;

use crate::descent::Descent;
use crate::rule::{OptionsError, StepContext, Update, UpdateRule, require_fraction, require_non_negative};

/// Stochastic gradient descent, with momentum and weight decay.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁, momentum μ, dampening τ, weight decay λ and learning rate α:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁
/// b₁ = g,  bₜ = μ bₜ₋₁ + (1 − τ) g        when μ ≠ 0
/// d = bₜ                                   momentum
/// d = g + μ bₜ                             Nesterov momentum
/// d = g                                    when μ = 0
/// θₜ = θₜ₋₁ − α d
/// ```
///
/// The velocity b holds gradients, and α multiplies it when it is used: PyTorch's form. Sutskever et al. 2013 (equations 1 to 4) put α
/// into the velocity instead, v = −α b; the two differ when α changes along the way. Their Nesterov momentum takes the gradient at θ + μ v;
/// the form here is the same method in the variable they differentiate at. The first velocity is the first gradient, not dampened.
///
/// ```
/// use minimand_optim::{Optimizer, Sgd, SgdOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, 2.0]));
/// let mut sgd = Sgd::new([&w], SgdOptions { learning_rate: 0.25, momentum: 0.5, ..Default::default() });
/// sgd.step(&w.value().square().sum())?; // g = [2, 4], b = [2, 4]
/// assert_eq!(w.value().to_string(), "[0.5, 1]");
/// sgd.step(&w.value().square().sum())?; // g = [1, 2], b = [2, 4]
/// assert_eq!(w.value().to_string(), "[0, 0]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `velocity` when μ ≠ 0, else none.
///
/// Paper: I. Sutskever, J. Martens, G. Dahl, G. Hinton, *On the importance of initialization and momentum in deep learning*, ICML 2013.
#[doc(alias = "SGD")]
#[doc(alias = "momentum")]
pub type Sgd = Descent<SgdOptions>;

/// Options of [`Sgd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SgdOptions {
    /// α, at least 0. Default 1e-3; usual 1e-3 to 1e-1.
    pub learning_rate: f64,
    /// μ, at least 0 and below 1: the share of the velocity that is kept. Default 0; usual 0.9.
    pub momentum: f64,
    /// τ, from 0 to 1: the share of each later gradient that is left out of the velocity. Default 0.
    pub dampening: f64,
    /// Nesterov momentum; needs a momentum and no dampening. Default no.
    pub nesterov: bool,
    /// λ, at least 0: adds λθ to the gradient, which is the gradient of λ‖θ‖²/2. Default 0; usual 1e-4.
    pub weight_decay: f64,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for SgdOptions {
    fn default() -> SgdOptions {
        SgdOptions {
            learning_rate: 1e-3,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0,
            maximize: false,
        }
    }
}

impl UpdateRule for SgdOptions {
    fn name(&self) -> &'static str {
        "Sgd"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("Sgd", "momentum", self.momentum)?;
        OptionsError::unless(
            (0.0..=1.0).contains(&self.dampening),
            "Sgd",
            "dampening",
            self.dampening,
            "between 0 and 1",
        )?;
        if self.nesterov {
            let (momentum, dampening) = (self.momentum, self.dampening);
            OptionsError::unless(momentum > 0.0, "Sgd", "momentum", momentum, "above 0 for Nesterov momentum")?;
            OptionsError::unless(dampening == 0.0, "Sgd", "dampening", dampening, "0 for Nesterov momentum")?;
        }
        require_non_negative("Sgd", "weight_decay", self.weight_decay)
    }

    fn state_names(&self) -> &'static [&'static str] {
        if self.momentum == 0.0 { &[] } else { &["velocity"] }
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (alpha, tau) = (context.alpha(), self.dampening);
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let [b] = state else {
            return Update { theta: theta - alpha * g, state: vec![] };
        };
        // The first velocity is the first gradient: b₀ is zero, and nothing is dampened at t = 1.
        let kept = context.scalar(if context.t() == 1 { 1.0 } else { 1.0 - tau });
        let mu = context.scalar(context.momentum(self.momentum));
        let b = &mu * b + kept * &g;
        let d = if self.nesterov { g + mu * &b } else { b.clone() };
        Update { theta: theta - alpha * d, state: vec![b] }
    }
}

/// The gradient whose descent is wanted: that of the loss, or of its negative.
pub(crate) fn descending(g: &Tensor, maximize: bool) -> Tensor {
    if maximize { -g } else { g.clone() }
}

/// The gradient with that of λ‖θ‖²/2 added.
pub(crate) fn decayed(g: Tensor, lambda: f64, theta: &Tensor) -> Tensor {
    if lambda == 0.0 { g } else { g + lambda * theta }
}
