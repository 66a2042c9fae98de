//! RMSprop.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// RMSprop: each entry's gradient over the root of its mean square.
///
/// At step t, with gradient gₜ of the loss at θₜ₋₁ and v₀ = a₀ = b₀ = 0:
///
/// ```text
/// g ← gₜ + λ θₜ₋₁
/// vₜ = ρ vₜ₋₁ + (1 − ρ) g²
/// aₜ = ρ aₜ₋₁ + (1 − ρ) g,  ṽ = vₜ − aₜ²       centered: the variance; otherwise ṽ = vₜ
/// bₜ = μ bₜ₋₁ + g / (√ṽ + ε)                    with momentum μ = 0 it is the quotient alone
/// θₜ = θₜ₋₁ − α bₜ
/// ```
///
/// The averages start at zero and are not corrected for it, so that the first steps are longer than α, by 1/√(1 − ρ): 10 times by default.
/// ε is added to the root, as in PyTorch. A variance that rounding makes negative counts as 0, where PyTorch's is NaN.
///
/// ```
/// use minimand_optim::{Optimizer, RmsProp, RmsPropOptions};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([1.0, -1000.0]));
/// let mut rmsprop = RmsProp::new([&w], RmsPropOptions { learning_rate: 0.05, ..Default::default() });
/// rmsprop.step(&w.value().square().sum())?; // the first step is 10 α in every entry
/// assert_eq!(format!("{:.6}", w.value()), "[0.500000, -999.500000]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `second_moment` v, with `centered` also `gradient_average` a, with momentum also `velocity` b.
///
/// Papers: T. Tieleman, G. Hinton, *Lecture 6.5: rmsprop*, Coursera, 2012. A. Graves, *Generating sequences with recurrent neural networks*,
/// 2013, equations 38 to 41 (centered, with momentum; ε is inside the root there).
#[doc(alias = "RMSprop")]
pub type RmsProp = Descent<RmsPropOptions>;

/// Options of [`RmsProp`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RmsPropOptions {
    /// α, at least 0. Default 1e-2; usual 1e-4 to 1e-2.
    pub learning_rate: f64,
    /// ρ, at least 0 and below 1: how much of the mean square is kept; PyTorch's `alpha`. Default 0.99; usual 0.9 to 0.99.
    #[doc(alias = "alpha")]
    pub decay: f64,
    /// ε, at least 0, added to √ṽ; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-8. With 0, an entry whose gradients were all zero is 0/0.
    pub epsilon: f64,
    /// λ, at least 0: adds λθ to the gradient. Default 0.
    pub weight_decay: f64,
    /// μ, at least 0 and below 1: the share of the velocity that is kept. Default 0; usual 0.9.
    pub momentum: f64,
    /// Divides by the root of the variance instead of the mean square. Default no.
    pub centered: bool,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

impl Default for RmsPropOptions {
    fn default() -> RmsPropOptions {
        RmsPropOptions {
            learning_rate: 1e-2,
            decay: 0.99,
            epsilon: 1e-8,
            weight_decay: 0.0,
            momentum: 0.0,
            centered: false,
            maximize: false,
        }
    }
}

impl UpdateRule for RmsPropOptions {
    fn name(&self) -> &'static str {
        "RmsProp"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("RmsProp", "decay", self.decay)?;
        require_non_negative("RmsProp", "epsilon", self.epsilon)?;
        require_non_negative("RmsProp", "weight_decay", self.weight_decay)?;
        require_fraction("RmsProp", "momentum", self.momentum)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("RmsProp", "epsilon", self.epsilon, dtype)
    }

    fn state_names(&self) -> &'static [&'static str] {
        match (self.centered, self.momentum == 0.0) {
            (false, true) => &["second_moment"],
            (false, false) => &["second_moment", "velocity"],
            (true, true) => &["second_moment", "gradient_average"],
            (true, false) => &["second_moment", "gradient_average", "velocity"],
        }
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (alpha, rho) = (context.alpha(), self.decay);
        let g = decayed(descending(g, self.maximize), self.weight_decay, theta);
        let v = rho * &state[0] + (1.0 - rho) * g.square();
        let average = self.centered.then(|| rho * &state[1] + (1.0 - rho) * &g);

        let spread = average.as_ref().map_or_else(|| v.clone(), |a| (&v - a.square()).maximum(0.0));
        let quotient = g / (spread.sqrt() + self.epsilon);
        let velocity = (self.momentum > 0.0).then(|| {
            let b = state.last().expect("the velocity is the last");
            context.scalar(context.momentum(self.momentum)) * b + &quotient
        });
        let theta = theta - alpha * velocity.as_ref().unwrap_or(&quotient);
        Update { theta, state: [v].into_iter().chain(average).chain(velocity).collect() }
    }
}
