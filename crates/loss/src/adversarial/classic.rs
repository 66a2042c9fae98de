//! The first losses of generative adversarial networks: a discriminator that classifies, a generator that deceives it.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Binary cross-entropy of a discriminator that tells real examples from generated ones: the discriminator's side of the minimax and of the
/// non-saturating game.
///
/// ```text
/// ℓ = softplus(−real) + softplus(fake)
/// ```
///
/// # Shapes
/// `real` and `fake` are the discriminator's logits of real and of generated examples, of one shape, or it panics; the loss has that shape (one number
/// per patch, for a discriminator of patches).
///
/// # Gradient
/// `∂ℓ/∂real = −σ(−real)`, `∂ℓ/∂fake = σ(fake)`: the probabilities of the wrong answers. Detach the generated examples in this step. No kinks.
///
/// # Estimates
/// At a point x the best logit is the **log-odds** `ln p_data(x)/p_generator(x)`. The least mean is `2 ln 2 − 2 JS(data, generator)`, with the
/// Jensen-Shannon divergence: `2 ln 2`, the value of a discriminator that knows nothing, is the generator's success. In (0, ∞).
///
/// # Stability
/// `softplus` on logits: neither `ln(1 − σ)` nor a probability is ever formed, so that logits of ±1e4 keep value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::minimax_discriminator;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = minimax_discriminator(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[0.4402, 1.6672]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[-0.1192, -0.5000]");
/// ```
///
/// # When to use
/// As the discriminator's loss, with [`non_saturating_generator`] on the other side and [`r1_penalty`](crate::r1_penalty) beside it. It misleads as a
/// measure of progress: both sides move, and a low value may mean a good discriminator or a bad generator. Without a penalty it becomes certain where
/// the two distributions do not overlap, and then teaches the generator nothing.
///
/// # Reference
/// Goodfellow et al., *Generative Adversarial Nets*, NeurIPS 2014, equation 1, with its sign changed.
///
/// # See also
/// [`hinge_discriminator`](crate::hinge_discriminator), [`least_squares_discriminator`](crate::least_squares_discriminator),
/// [`wasserstein_critic`](crate::wasserstein_critic); [`relativistic_logistic`](crate::relativistic_logistic).
#[doc(alias = "GANLoss")]
#[doc(alias = "vanilla_gan")]
#[track_caller]
pub fn minimax_discriminator(real: &Tensor, fake: &Tensor) -> Tensor {
    same_shapes("minimax_discriminator", ("real", real), ("fake", fake));
    (-real).softplus() + fake.softplus()
}

/// Log-probability that the discriminator sees through a generated example: the generator's side of the minimax game.
///
/// ```text
/// ℓ = −softplus(fake)
/// ```
///
/// # Shapes
/// `fake` are the discriminator's logits of generated examples, of any shape; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂fake = −σ(fake)`: it vanishes just where the discriminator is sure that the example is generated, at the beginning of training. No kinks.
///
/// # Estimates
/// Nothing of its own: against the best discriminator, its mean is that of the Jensen-Shannon divergence, up to what the generator does not change. In
/// (−∞, 0), least when the discriminator is deceived.
///
/// # Stability
/// `ln(1 − σ(fake))` as `−softplus(fake)`: right for logits of ±1e4.
///
/// # Example
/// ```
/// use minimand_loss::minimax_generator;
/// use minimand_tensor::Tensor;
///
/// let fake = Tensor::from([-4.0, 0.0, 2.0]);
/// let loss = minimax_generator(&fake);
/// assert_eq!(format!("{loss:.4}"), "[-0.0181, -0.6931, -2.1269]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&fake)), "[-0.0180, -0.5000, -0.8808]");
/// ```
///
/// # When to use
/// To study the game as it is analysed. It misleads in practice: a generator that is bad learns slowly, for its gradient saturates; train with
/// [`non_saturating_generator`] instead.
///
/// # Reference
/// Goodfellow et al., *Generative Adversarial Nets*, NeurIPS 2014, equation 1.
///
/// # See also
/// [`minimax_discriminator`], [`non_saturating_generator`].
#[doc(alias = "saturating_generator")]
#[track_caller]
pub fn minimax_generator(fake: &Tensor) -> Tensor {
    -fake.softplus()
}

/// Surprisal of the discriminator's taking a generated example for real: the generator's loss that most networks are trained by.
///
/// ```text
/// ℓ = softplus(−fake)
/// ```
///
/// # Shapes
/// `fake` are the discriminator's logits of generated examples, of any shape; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂fake = −σ(−fake)`: near −1 where the discriminator is sure that the example is generated, and gone where it is deceived. No kinks.
///
/// # Estimates
/// Nothing of its own: against the best discriminator its gradient is that of `KL(generator, data) − 2 JS`. In (0, ∞), least when the discriminator is
/// deceived.
///
/// # Stability
/// `−ln σ(fake)` as `softplus(−fake)`: right for logits of ±1e4.
///
/// # Example
/// ```
/// use minimand_loss::non_saturating_generator;
/// use minimand_tensor::Tensor;
///
/// let fake = Tensor::from([-4.0, 0.0, 2.0]);
/// let loss = non_saturating_generator(&fake);
/// assert_eq!(format!("{loss:.4}"), "[4.0181, 0.6931, 0.1269]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&fake)), "[-0.9820, -0.5000, -0.1192]");
/// ```
///
/// # When to use
/// As the generator's loss beside [`minimax_discriminator`]; with [`r1_penalty`](crate::r1_penalty) it trains StyleGAN. It misleads in that it favours
/// examples that look real over variety: a generator that repeats a few good ones is not punished (mode collapse).
///
/// # Reference
/// Goodfellow et al., *Generative Adversarial Nets*, NeurIPS 2014, section 3; Arjovsky and Bottou, *Towards Principled Methods for Training GANs*, ICLR
/// 2017, theorem 2.5, on its gradient.
///
/// # See also
/// [`minimax_generator`], [`wasserstein_generator`](crate::wasserstein_generator).
#[doc(alias = "logistic_generator")]
#[track_caller]
pub fn non_saturating_generator(fake: &Tensor) -> Tensor {
    (-fake).softplus()
}
