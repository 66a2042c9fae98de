//! Relativistic games: real examples shall look more real than generated ones, not real in themselves.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Surprisal of a real example's being more real than the generated one beside it: the relativistic pairing game.
///
/// ```text
/// ℓ = softplus(−(real − fake))
/// ```
///
/// # Shapes
/// `real` and `fake` are raw scores of real and of generated examples, of one shape, or it panics; the loss has that shape. The generator's side is the same
/// function with the two exchanged.
///
/// # Gradient
/// `∂ℓ/∂real = −σ(fake − real)`, `∂ℓ/∂fake = σ(fake − real)`. No kinks.
///
/// # Estimates
/// The difference estimates the **log-odds** that, of a real and a generated example, the first is the real one. In (0, ∞); ln 2 when nothing is told apart.
///
/// # Stability
/// `softplus` of a difference of scores.
///
/// # Example
/// ```
/// use minimand_loss::relativistic_logistic;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = relativistic_logistic(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[0.0486, 0.9741]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[-0.0474, -0.6225]");
/// ```
///
/// # When to use
/// With R1 and R2 penalties, where the plain game loses modes: each real example has to be beaten (R3GAN). It misleads without penalties: the difference may
/// grow without bound.
///
/// # Reference
/// Jolicoeur-Martineau, *The Relativistic Discriminator*, ICLR 2019, equation 4; Huang et al., *The GAN is dead; long live the GAN!*, NeurIPS 2024, equation 2.
///
/// # See also
/// [`relativistic_average_logistic`], [`minimax_discriminator`](crate::minimax_discriminator), [`r1_penalty`](crate::r1_penalty).
#[doc(alias = "RpGAN")]
#[doc(alias = "RSGAN")]
#[track_caller]
pub fn relativistic_logistic(real: &Tensor, fake: &Tensor) -> Tensor {
    same_shapes("relativistic_logistic", ("real", real), ("fake", fake));
    (fake - real).softplus()
}

/// Binary cross-entropy of real examples' being more real than generated ones on average, and the reverse.
///
/// ```text
/// ℓᵢ = softplus(−(realᵢ − f)) + softplus(fakeᵢ − r)
/// r = Σⱼ realⱼ / n
/// f = Σⱼ fakeⱼ / n
/// n = Σⱼ 1
/// ```
///
/// # Shapes
/// `real` and `fake` are raw scores of real and of generated examples, of one shape, or it panics; the loss has that shape, and the means are over everything.
/// The generator's side is the same function with the two exchanged.
///
/// # Gradient
/// That of the formula: through the means every example receives a part of all others' losses. No kinks.
///
/// # Estimates
/// The log-odds of an example against the average of the other kind. In (0, ∞); 2 ln 2 when nothing is told apart.
///
/// # Stability
/// `softplus` of differences of scores.
///
/// # Example
/// ```
/// use minimand_loss::relativistic_average_logistic;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = relativistic_average_logistic(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[0.2271, 1.0500]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&real)), "[-0.1719, -0.3431]");
/// ```
///
/// # When to use
/// For images of high resolution from small data; ESRGAN uses it. It misleads with small batches: the means are noise.
///
/// # Reference
/// Jolicoeur-Martineau, *The Relativistic Discriminator: a Key Element Missing from Standard GAN*, ICLR 2019, equations 8 and 9 (RaSGAN).
///
/// # See also
/// [`relativistic_logistic`], [`relativistic_average_least_squares`], [`relativistic_average_hinge`].
#[doc(alias = "RaGAN")]
#[doc(alias = "RaSGAN")]
#[track_caller]
pub fn relativistic_average_logistic(real: &Tensor, fake: &Tensor) -> Tensor {
    let (real, fake) = against_average("relativistic_average_logistic", real, fake);
    (-real).softplus() + fake.softplus()
}

/// Squared errors of scores that shall be 1 above the average of generated examples, or 1 below that of real ones.
///
/// ```text
/// ℓᵢ = (realᵢ − f − 1)² + (fakeᵢ − r + 1)²
/// r = Σⱼ realⱼ / n
/// f = Σⱼ fakeⱼ / n
/// n = Σⱼ 1
/// ```
///
/// # Shapes
/// As [`relativistic_average_logistic`]; the generator's side is the same function with `real` and `fake` exchanged.
///
/// # Gradient
/// That of the formula: linear in the scores, through the means too. No kinks.
///
/// # Estimates
/// The **mean** of ±1 given the example, as least squares do. In [0, ∞); 2 when nothing is told apart.
///
/// # Stability
/// Squares of differences.
///
/// # Example
/// ```
/// use minimand_loss::relativistic_average_least_squares;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = relativistic_average_least_squares(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[2.5625, 0.8125]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&real)), "[1.5000, -0.5000]");
/// ```
///
/// # When to use
/// As [`least_squares_discriminator`](crate::least_squares_discriminator), relativistic. It misleads with small batches, and with outliers among the scores.
///
/// # Reference
/// Jolicoeur-Martineau, *The Relativistic Discriminator*, ICLR 2019, appendix D (RaLSGAN).
///
/// # See also
/// [`relativistic_average_logistic`], [`least_squares_discriminator`](crate::least_squares_discriminator).
#[doc(alias = "RaLSGAN")]
#[track_caller]
pub fn relativistic_average_least_squares(real: &Tensor, fake: &Tensor) -> Tensor {
    let (real, fake) = against_average("relativistic_average_least_squares", real, fake);
    (real - 1.0).square() + (fake + 1.0).square()
}

/// Hinges of scores that shall be at least 1 above the average of generated examples, or 1 below that of real ones.
///
/// ```text
/// ℓᵢ = max(1 − (realᵢ − f), 0) + max(1 + (fakeᵢ − r), 0)
/// r = Σⱼ realⱼ / n
/// f = Σⱼ fakeⱼ / n
/// n = Σⱼ 1
/// ```
///
/// # Shapes
/// As [`relativistic_average_logistic`]; the generator's side is the same function with `real` and `fake` exchanged.
///
/// # Gradient
/// −1 or 1 within the margin, through the means too; 0 at the kinks.
///
/// # Estimates
/// A sign, as hinges do. In [0, ∞); 2 when nothing is told apart.
///
/// # Stability
/// Piecewise linear.
///
/// # Example
/// ```
/// use minimand_loss::relativistic_average_hinge;
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([2.0, 0.0]), Tensor::from([-1.0, 0.5]));
/// let loss = relativistic_average_hinge(&real, &fake);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 1.2500]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&real)), "[-0.2500, -0.7500]");
/// ```
///
/// # When to use
/// As [`hinge_discriminator`](crate::hinge_discriminator), relativistic. It misleads with small batches: the means are noise.
///
/// # Reference
/// Jolicoeur-Martineau, *The Relativistic Discriminator*, ICLR 2019, appendix D (RaHingeGAN).
///
/// # See also
/// [`relativistic_average_logistic`], [`hinge_discriminator`](crate::hinge_discriminator).
#[doc(alias = "RaHingeGAN")]
#[track_caller]
pub fn relativistic_average_hinge(real: &Tensor, fake: &Tensor) -> Tensor {
    let (real, fake) = against_average("relativistic_average_hinge", real, fake);
    (1.0 - real).relu() + (1.0 + fake).relu()
}

/// The scores of each kind, less the average of the other.
#[track_caller]
fn against_average(loss: &str, real: &Tensor, fake: &Tensor) -> (Tensor, Tensor) {
    same_shapes(loss, ("real", real), ("fake", fake));
    (real - fake.mean(), fake - real.mean())
}
