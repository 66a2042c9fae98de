//! Muon.

use minimand_tensor::{DType, Tensor};

use crate::descent::Descent;
use crate::rule::{
    OptionsError, StepContext, Update, UpdateRule, require_fraction, require_kept, require_non_negative,
};
use crate::sgd::{decayed, descending};

/// Muon, for matrices: momentum whose singular values are all brought near 1.
///
/// At step t, with gradient Gₜ of the loss at Θₜ₋₁, an m by n matrix, and B₀ = 0:
///
/// ```text
/// Bₜ = μ Bₜ₋₁ + (1 − μ) Gₜ
/// D = μ Bₜ + (1 − μ) Gₜ                     Nesterov momentum; otherwise D = Bₜ
/// X ← D / max(‖D‖, ε)
/// X ← a X + (b X Xᵀ + c (X Xᵀ)²) X          so many times: Newton–Schulz, with (a, b, c) = (3.4445, −4.7750, 2.0315)
/// Θₜ = Θₜ₋₁ − α s X − α λ Θₜ₋₁
/// ```
///
/// With D = U Σ Vᵀ the orthogonal matrix next to it is U Vᵀ. The iteration has the same U and V, and takes every singular value that is not
/// tiny to between about 0.7 and 1.2 in five steps, by products of matrices alone. s adjusts the step to the matrix's shape:
/// [`MuonScale`]. It is computed in the parameter's element type; PyTorch and the author do so in bfloat16.
///
/// It is made for the inner matrices of a network. Biases, gains, embeddings and the last layer are usually given to AdamW; both as one
/// optimizer is [`Mixed`](crate::Mixed). A parameter that is no matrix is refused.
///
/// ```
/// use minimand_optim::{Muon, MuonOptions, Optimizer};
/// use minimand_tensor::{Parameter, Tensor};
///
/// let w = Parameter::new("w", Tensor::from([[3.0, 0.0], [0.0, -400.0]]));
/// let options = MuonOptions { learning_rate: 0.5, weight_decay: 0.0, ..Default::default() };
/// let mut muon = Muon::new([&w], options);
/// muon.step(&w.value().square().sum())?; // about α along each singular vector, however large the gradient there
/// assert_eq!(format!("{:.2}", w.value()), "[[2.60, 0.00],\n [0.00, -399.65]]");
/// # Ok::<(), minimand_optim::StepError>(())
/// ```
///
/// State, for each parameter: `velocity` B.
///
/// Source: K. Jordan et al., *Muon: an optimizer for hidden layers in neural networks*, 2024. J. Liu et al., *Muon is scalable for LLM
/// training*, 2025 (weight decay; [`MuonScale::MatchAdamW`], equation 4).
pub type Muon = Descent<MuonOptions>;

/// Options of [`Muon`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MuonOptions {
    /// α, at least 0. Default 1e-3; usual 0.02 with [`MuonScale::Original`], AdamW's with [`MuonScale::MatchAdamW`].
    pub learning_rate: f64,
    /// μ, at least 0 and below 1: the share of the velocity that is kept. Default 0.95.
    pub momentum: f64,
    /// Nesterov momentum. Default yes.
    pub nesterov: bool,
    /// λ, at least 0: a step shrinks the parameter by αλ of itself. Default 0.1.
    pub weight_decay: f64,
    /// (a, b, c) of the iteration. Default (3.4445, −4.7750, 2.0315).
    pub coefficients: (f64, f64, f64),
    /// Iterations, at least 1 and below 100. Default 5.
    #[doc(alias = "ns_steps")]
    pub iterations: u32,
    /// ε, at least 0: the least norm that D is divided by; in f32 neither 0 nor infinite unless it is given as 0. Default 1e-7. With 0, a gradient of zeros is 0/0.
    pub epsilon: f64,
    /// How the step depends on the shape. Default [`MuonScale::Original`].
    #[doc(alias = "adjust_lr_fn")]
    pub scale: MuonScale,
    /// Ascends the loss instead: the gradient changes its sign, weight decay does not. Default no.
    pub maximize: bool,
}

/// The factor s of a step of [`Muon`] on an m by n matrix, as PyTorch's `adjust_lr_fn`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MuonScale {
    /// `√max(1, m/n)`, the author's for weights that are multiplied from the left.
    #[default]
    Original,
    /// `0.2 √max(m, n)`: a step about as large as AdamW's, whose rates then suit.
    #[doc(alias = "match_rms_adamw")]
    MatchAdamW,
    /// `√(m/n)`: the update's norm as a map is the same for every shape.
    #[doc(alias = "spectral_unclamped")]
    Spectral,
}

impl MuonScale {
    fn factor(self, shape: &[usize]) -> f64 {
        let (m, n) = (shape[0] as f64, shape[1] as f64);
        match self {
            MuonScale::Original => (m / n).max(1.0).sqrt(),
            MuonScale::MatchAdamW => 0.2 * m.max(n).sqrt(),
            MuonScale::Spectral => (m / n).sqrt(),
        }
    }
}

impl Default for MuonOptions {
    fn default() -> MuonOptions {
        MuonOptions {
            learning_rate: 1e-3,
            momentum: 0.95,
            nesterov: true,
            weight_decay: 0.1,
            coefficients: (3.4445, -4.7750, 2.0315),
            iterations: 5,
            epsilon: 1e-7,
            scale: MuonScale::Original,
            maximize: false,
        }
    }
}

impl UpdateRule for MuonOptions {
    fn name(&self) -> &'static str {
        "Muon"
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn validate(&self) -> Result<(), OptionsError> {
        require_fraction("Muon", "momentum", self.momentum)?;
        require_non_negative("Muon", "weight_decay", self.weight_decay)?;
        let (a, b, c) = self.coefficients;
        for (option, value) in [("coefficients.0", a), ("coefficients.1", b), ("coefficients.2", c)] {
            OptionsError::unless(value.is_finite(), "Muon", option, value, "finite")?;
        }
        let iterations = f64::from(self.iterations);
        OptionsError::unless((1..100).contains(&self.iterations), "Muon", "iterations", iterations, "from 1 to 99")?;
        require_non_negative("Muon", "epsilon", self.epsilon)
    }

    fn validate_for(&self, dtype: DType) -> Result<(), OptionsError> {
        require_kept("Muon", "epsilon", self.epsilon, dtype)
    }

    fn required_rank(&self) -> Option<usize> {
        Some(2)
    }

    fn state_names(&self) -> &'static [&'static str] {
        &["velocity"]
    }

    fn update(&self, theta: &Tensor, g: &Tensor, state: &[Tensor], context: &StepContext) -> Update {
        let (g, mu) = (descending(g, self.maximize), context.momentum(self.momentum));
        let (mu, rest) = (context.scalar(mu), context.scalar(1.0 - mu));
        let b = &mu * &state[0] + &rest * &g;
        let d = if self.nesterov { mu * &b + rest * g } else { b.clone() };
        let direction = self.scale.factor(theta.shape()) * self.orthogonalized(&d);
        let direction = decayed(direction, self.weight_decay, theta);
        Update { theta: theta - context.alpha() * direction, state: vec![b] }
    }
}

impl MuonOptions {
    /// A matrix with the singular vectors of `d` and singular values near 1: Newton–Schulz iteration.
    fn orthogonalized(&self, d: &Tensor) -> Tensor {
        let (a, b, c) = self.coefficients;
        // X Xᵀ is smaller, and the result the same, with the shorter side first.
        let is_tall = d.shape()[0] > d.shape()[1];
        let mut x = if is_tall { d.transpose() } else { d.clone() };
        x = &x / x.norm().maximum(self.epsilon);
        for _ in 0..self.iterations {
            let gram = x.matmul(&x.transpose());
            let polynomial = b * &gram + c * gram.matmul(&gram);
            x = a * &x + polynomial.matmul(&x);
        }
        if is_tall { x.transpose() } else { x }
    }
}
