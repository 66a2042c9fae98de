//! Kullback–Leibler divergence of a normal distribution from the standard one.

use minimand_tensor::Tensor;

use crate::excess::exp_excess;
use crate::shape::same_shapes;

/// Kullback–Leibler divergence of a diagonal normal distribution from the standard normal one: the price of information
/// in a variational autoencoder, the second term of its evidence lower bound (ELBO).
///
/// ```text
/// ℓ = ½ Σⱼ (μⱼ² + exp sⱼ − 1 − sⱼ)
/// μⱼ = meanⱼ
/// sⱼ = log_varianceⱼ
/// ```
///
/// # Shapes
/// `mean` and `log_variance` are `[…, latent]` of one shape, the loss is `[…]`: one divergence per example, summed over
/// the latent axes, in nats. Any finite numbers. Other shapes panic. For the terms of the sum (free bits, collapsed
/// dimensions) make each its own row: `gaussian_kl_to_standard_normal(&mean.unsqueeze(-1),
/// &log_variance.unsqueeze(-1))`.
///
/// # Gradient
/// `∂ℓ/∂meanⱼ = μⱼ`, `∂ℓ/∂log_varianceⱼ = ½ (exp sⱼ − 1)`. No kinks.
///
/// # Estimates
/// The **standard normal distribution**: it pulls every mean to 0 and every variance to 1, where it is 0 and the latent
/// code says nothing. Up to ∞.
///
/// # Stability
/// `exp s − 1 − s` is taken as one function, by its series near 0, so that near the minimum neither value nor gradient
/// loses digits: in f32 the slope at `s = 10⁻⁸` is 5·10⁻⁹, and the value 2.5·10⁻¹⁷. Beyond `s ≈ 88` in f32 `exp s`
/// overflows and the loss is ∞; towards -∞ it grows like `½ |s|`.
///
/// # Example
/// ```
/// use minimand_loss::gaussian_kl_to_standard_normal;
/// use minimand_tensor::Tensor;
///
/// let mean = Tensor::from([[0.0, 0.0], [1.0, -2.0]]);
/// let log_variance = Tensor::from([[0.0, 0.0], [0.0, -1.0]]);
/// let loss = gaussian_kl_to_standard_normal(&mean, &log_variance);
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 2.6839]");
/// assert_eq!(loss.sum().grad(&mean).to_string(), "[[0, 0],\n [1, -2]]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_variance)), "[[0.0000, 0.0000],\n [0.0000, -0.3161]]");
/// ```
///
/// # When to use
/// As the second term of a variational autoencoder: `(reconstruction + gaussian_kl_to_standard_normal(&mean,
/// &log_variance)).mean()`, with a reconstruction that is a log-likelihood **summed** over the entries of the example,
/// not averaged. It misleads when one of the two is averaged and the other summed: that multiplies the balance by the
/// number of pixels, silently, like a β that nobody chose. When it falls to 0 for a dimension, the decoder has stopped
/// listening to it.
///
/// # Reference
/// Kingma and Welling, *Auto-Encoding Variational Bayes*, 2013, equation 10 and appendix B. Usual weight: 1; other
/// weights make it a β-VAE.
///
/// # See also
/// [`kl_divergence`](crate::kl_divergence) for distributions over classes; [`gaussian_nll`](crate::gaussian_nll) as a
/// reconstruction.
#[doc(alias = "elbo")]
#[doc(alias = "vae")]
#[track_caller]
pub fn gaussian_kl_to_standard_normal(mean: &Tensor, log_variance: &Tensor) -> Tensor {
    same_shapes("gaussian_kl_to_standard_normal", ("mean", mean), ("log_variance", log_variance));
    assert!(mean.rank() > 0, "gaussian_kl_to_standard_normal: mean [] has no latent axis");
    let (mu, s) = (mean, log_variance);
    // The half inside the sum: a mean over examples is then one sum over everything.
    (0.5 * mu * mu + 0.5 * exp_excess(s)).sum_axis(-1)
}
