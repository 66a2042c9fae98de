//! LSGAN: the sides of the game as least squares.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Halved squared errors of a discriminator whose scores shall be one number for real and another for generated examples.
///
/// ```text
/// ℓ = ½ (real − b)² + ½ (fake − a)²
/// a = fake_target
/// b = real_target
/// ```
///
/// # Shapes
/// `real` and `fake` are raw scores (no sigmoid) of real and of generated examples, of one shape, or it panics; the loss has that shape. `real_target`
/// and `fake_target` are those of the options.
///
/// # Gradient
/// `∂ℓ/∂real = real − b`, `∂ℓ/∂fake = fake − a`: proportional to the distance, for examples on the right side, too. No kinks.
///
/// # Estimates
/// At a point x the best score is the **mean** of the targets, `(b p_data + a p_generator)/(p_data + p_generator)`. With `b − c = 1` and `b − a = 2`
/// (for a = −1, b = 1, c = 0) the generator then minimises a Pearson χ² divergence. In [0, ∞).
///
/// # Stability
/// A square of a difference; overflows only where the squares themselves do.
///
/// # Example
/// ```
/// use minimand_loss::{LeastSquaresOptions, least_squares_discriminator};
/// use minimand_tensor::Tensor;
///
/// let (real, fake) = (Tensor::from([0.5, 2.0]), Tensor::from([-1.0, 0.0]));
/// let loss = least_squares_discriminator(&real, &fake, LeastSquaresOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.6250, 0.5000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&real)), "[-0.5000, 1.0000]");
/// ```
///
/// # When to use
/// Where the classifying discriminator grows certain too soon: the squares pull examples towards the boundary however well they are told apart. CycleGAN
/// uses it, on patches. It misleads when scores are outliers: they dominate the batch; and its values say nothing of the quality of the examples.
///
/// # Reference
/// Mao et al., *Least Squares Generative Adversarial Networks*, ICCV 2017, equations 2 and 9. Usual: a = 0, b = c = 1.
///
/// # See also
/// [`least_squares_generator`]; [`relativistic_average_least_squares`](crate::relativistic_average_least_squares).
#[doc(alias = "LSGAN")]
#[track_caller]
pub fn least_squares_discriminator(real: &Tensor, fake: &Tensor, options: LeastSquaresOptions) -> Tensor {
    same_shapes("least_squares_discriminator", ("real", real), ("fake", fake));
    let LeastSquaresOptions { real_target, fake_target } = options;
    0.5 * (real - real_target).square() + 0.5 * (fake - fake_target).square()
}

/// What [`least_squares_discriminator`] wants its scores to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LeastSquaresOptions {
    /// The score that real examples shall have, b. Usual: 1.
    pub real_target: f64,
    /// The score that generated examples shall have, a. Usual: 0.
    pub fake_target: f64,
}

impl Default for LeastSquaresOptions {
    fn default() -> LeastSquaresOptions {
        LeastSquaresOptions { real_target: 1.0, fake_target: 0.0 }
    }
}

/// Halved squared error of the scores of generated examples against what the generator wants the discriminator to say.
///
/// ```text
/// ℓ = ½ (fake − c)²
/// c = target
/// ```
///
/// # Shapes
/// `fake` are raw scores of generated examples, of any shape; the loss has that shape. `target` is a number.
///
/// # Gradient
/// `∂ℓ/∂fake = fake − c`; it does not saturate. No kinks.
///
/// # Estimates
/// Nothing of its own; see [`least_squares_discriminator`]. In [0, ∞), 0 where the score is c.
///
/// # Stability
/// A square of a difference.
///
/// # Example
/// ```
/// use minimand_loss::least_squares_generator;
/// use minimand_tensor::Tensor;
///
/// let fake = Tensor::from([-1.0, 0.5, 3.0]);
/// let loss = least_squares_generator(&fake, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[2.0000, 0.1250, 2.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&fake)), "[-2.0000, -0.5000, 2.0000]");
/// ```
///
/// # When to use
/// Beside [`least_squares_discriminator`]. It misleads in that it punishes an example that the discriminator finds more real than real, as the third one
/// above.
///
/// # Reference
/// Mao et al., *Least Squares Generative Adversarial Networks*, ICCV 2017, equations 2 and 9. Usual: c = 1, or c = 0 with a = −1 and b = 1.
///
/// # See also
/// [`least_squares_discriminator`], [`non_saturating_generator`](crate::non_saturating_generator).
#[doc(alias = "LSGAN")]
#[track_caller]
pub fn least_squares_generator(fake: &Tensor, target: f64) -> Tensor {
    0.5 * (fake - target).square()
}
