//! Critics, whose scores are compared rather than classified: the hinge and the Wasserstein distance.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Hinges of a discriminator that shall score real examples above 1 and generated ones below −1.
///
/// ```text
/// ℓ = max(1 − real, 0) + max(1 + fake, 0)
/// ```
///
/// # Shapes
/// `real` and `fake` are raw scores of real and of generated examples, of one shape, or it panics; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂real = −[real < 1]`, `∂ℓ/∂fake = [fake > −1]`; 0 at the kinks. Examples beyond the margin teach the discriminator nothing.
///
/// # Estimates
/// At a point x the best score is the **sign** of `p_data − p_generator`, as that of a support vector machine. In [0, ∞); 2 where nothing is told apart.
///
/// # Stability
/// Piecewise linear.
///
/// # Example
/// ```
/// use minimand_loss::hinge_discriminator;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([0.5, 2.0]), Tensor::from([-3.0, 0.0]));
/// let loss = hinge_discriminator(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[0.5000, 1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[-1.0000, -0.0000]");
/// ```
///
/// # When to use
/// With spectral normalisation, for large images of many classes (SAGAN, BigGAN), and [`wasserstein_generator`] on the other side. It misleads without a
/// bound on the discriminator's slope: the margin of 1 has no meaning when scores may be scaled at will.
///
/// # Reference
/// Lim and Ye, *Geometric GAN*, 2017; Miyato et al., *Spectral Normalization for Generative Adversarial Networks*, ICLR 2018, equation 16.
///
/// # See also
/// [`wasserstein_generator`], [`minimax_discriminator`](crate::minimax_discriminator),
/// [`relativistic_average_hinge`](crate::relativistic_average_hinge).
#[doc(alias = "HingeGAN")]
#[doc(alias = "geometric_gan")]
#[track_caller]
pub fn hinge_discriminator(real: &Tensor, fake: &Tensor) -> Tensor {
    same_shapes("hinge_discriminator", ("real", real), ("fake", fake));
    (1.0 - real).relu() + (1.0 + fake).relu()
}

/// Score of generated minus score of real examples, by which a critic of bounded slope estimates how far apart the distributions are.
///
/// ```text
/// ℓ = fake − real
/// ```
///
/// # Shapes
/// `real` and `fake` are raw scores of real and of generated examples, of one shape, or it panics; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂real = −1`, `∂ℓ/∂fake = 1`, everywhere.
///
/// # Estimates
/// Over critics whose slope is at most 1, the least mean is minus the **Wasserstein distance** of data and generator: unlike the losses of classifying
/// discriminators, a measure of progress. Unbounded below without that condition.
///
/// # Stability
/// A difference.
///
/// # Example
/// ```
/// use minimand_loss::wasserstein_critic;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = wasserstein_critic(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[-3.0000, 0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[-1.0000, -1.0000]");
/// ```
///
/// # When to use
/// With [`gradient_penalty`](crate::gradient_penalty) added, or weights clipped to ±0.01 after each step, and several steps of the critic for each of
/// the generator. It misleads without them: it falls without bound and means nothing.
///
/// # Reference
/// Arjovsky, Chintala, Bottou, *Wasserstein Generative Adversarial Networks*, ICML 2017, equations 2 and 3.
///
/// # See also
/// [`wasserstein_generator`], [`gradient_penalty`](crate::gradient_penalty), [`hinge_discriminator`].
#[doc(alias = "WGAN")]
#[track_caller]
pub fn wasserstein_critic(real: &Tensor, fake: &Tensor) -> Tensor {
    same_shapes("wasserstein_critic", ("real", real), ("fake", fake));
    fake - real
}

/// Minus the critic's score of generated examples: the generator's side of the Wasserstein and of the hinge game.
///
/// ```text
/// ℓ = −fake
/// ```
///
/// # Shapes
/// `fake` are raw scores of generated examples, of any shape; the loss has that shape.
///
/// # Gradient
/// `∂ℓ/∂fake = −1`, everywhere: it never saturates, and what the generator learns is the critic's slope.
///
/// # Estimates
/// Nothing of its own: against the best critic its mean is the **Wasserstein distance**, up to the mean score of the data. Unbounded.
///
/// # Stability
/// A change of sign.
///
/// # Example
/// ```
/// use minimand_loss::wasserstein_generator;
/// use minimand_tensor::Tensor;
///
/// let fake = Tensor::from([-1.0, 0.5]);
/// let loss = wasserstein_generator(&fake);
/// assert_eq!(format!("{loss:.4}"), "[1.0000, -0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&fake)), "[-1.0000, -1.0000]");
/// ```
///
/// # When to use
/// Beside [`wasserstein_critic`] or [`hinge_discriminator`]. It misleads as a number: scores have no zero and no scale; only the critic's loss tells of
/// a distance.
///
/// # Reference
/// Arjovsky, Chintala, Bottou, *Wasserstein Generative Adversarial Networks*, ICML 2017, algorithm 1; Lim and Ye, *Geometric GAN*, 2017.
///
/// # See also
/// [`wasserstein_critic`], [`hinge_discriminator`], [`non_saturating_generator`](crate::non_saturating_generator).
#[doc(alias = "WGAN")]
#[doc(alias = "hinge_generator")]
#[track_caller]
pub fn wasserstein_generator(fake: &Tensor) -> Tensor {
    -fake
}
