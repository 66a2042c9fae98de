//! Bounds on the likelihood of models with latent variables.

use minimand_tensor::Tensor;

use crate::divergence::gaussian_kl_to_standard_normal;
use crate::excess::exp_excess;
use crate::shape::same_shapes;

/// Panics unless there is one reconstruction loss for each row of the latent distribution.
#[track_caller]
fn check(loss: &str, reconstruction: &Tensor, mean: &Tensor, log_variance: &Tensor) {
    same_shapes(loss, ("mean", mean), ("log_variance", log_variance));
    let fits = mean.shape().split_last().is_some_and(|(_, rest)| *rest == **reconstruction.shape());
    assert!(
        fits,
        "{loss}: mean {} must have the shape of reconstruction {} and the latent variables as last axis",
        mean.shape(),
        reconstruction.shape()
    );
}

/// Negative evidence lower bound of a variational autoencoder: what the reconstruction costs, and what the code does.
///
/// ```text
/// ℓ = reconstruction + ½ Σⱼ (exp(log_varianceⱼ) − 1 − log_varianceⱼ + meanⱼ²)
/// ```
///
/// # Shapes
/// `reconstruction`, the negative log-likelihood of each example summed over its pixels, is `[…]`; `mean` and `log_variance` of
/// the code are `[…, latent]`; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// 1 by the reconstruction; `mean` and `½ (e^log_variance − 1)` by the code's parameters, to which comes what flows through the
/// sampled code: `mean + e^(½ log_variance) noise`.
///
/// # Estimates
/// A bound: **minus the log-likelihood is at most** its expectation, with equality where the code's distribution is the true
/// posterior.
///
/// # Stability
/// The divergence as `½ (e^s − 1 − s + mean²)`, with all its digits near 0. A log-variance beyond the type's exponentials costs ∞.
///
/// # Example
/// ```
/// use minimand_loss::negative_elbo;
/// use minimand_tensor::Tensor;
///
/// let reconstruction = Tensor::from([2.0, 3.0]);
/// let mean = Tensor::from([[1.0, 0.0], [0.0, 0.0]]);
/// let log_variance = Tensor::from([[0.0, 0.0], [0.0, 1.0]]);
/// let loss = negative_elbo(&reconstruction, &mean, &log_variance);
/// assert_eq!(format!("{loss:.4}"), "[2.5000, 3.3591]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_variance)), "[[0.0000, 0.0000],\n [0.0000, 0.8591]]");
/// ```
///
/// # When to use
/// To train a VAE: with [`gaussian_nll`](crate::gaussian_nll) or
/// [`binary_cross_entropy_with_logits`](crate::binary_cross_entropy_with_logits), summed over pixels, as the reconstruction. It
/// misleads when the reconstruction is averaged over pixels: the code then weighs hundreds of times too much and collapses.
/// It misleads too as a measure of the pictures: a bound is not a likelihood.
///
/// # Reference
/// Kingma and Welling, *Auto-Encoding Variational Bayes*, ICLR 2014, equation 10.
///
/// # See also
/// [`beta_vae`], [`free_bits_elbo`], [`importance_weighted_elbo`];
/// [`gaussian_kl_to_standard_normal`](crate::gaussian_kl_to_standard_normal), its second part.
#[doc(alias = "ELBO")]
#[doc(alias = "Trace_ELBO")]
#[track_caller]
pub fn negative_elbo(reconstruction: &Tensor, mean: &Tensor, log_variance: &Tensor) -> Tensor {
    check("negative_elbo", reconstruction, mean, log_variance);
    reconstruction + gaussian_kl_to_standard_normal(mean, log_variance)
}

/// Evidence bound whose code costs `beta` times as much: a beta-VAE.
///
/// ```text
/// ℓ = reconstruction + ½ beta Σⱼ (exp(log_varianceⱼ) − 1 − log_varianceⱼ + meanⱼ²)
/// ```
///
/// # Shapes
/// As [`negative_elbo`]; `beta ≥ 0`, or it panics.
///
/// # Gradient
/// As [`negative_elbo`], the code's part times beta.
///
/// # Estimates
/// For `beta > 1` a looser bound with an emptier code, of which each coordinate has to earn more; for `beta < 1` **no bound**.
///
/// # Stability
/// As [`negative_elbo`]: ∞ for log-variances beyond the type's exponentials.
///
/// # Example
/// ```
/// use minimand_loss::beta_vae;
/// use minimand_tensor::Tensor;
///
/// let reconstruction = Tensor::from([2.0, 3.0]);
/// let mean = Tensor::from([[1.0, 0.0], [0.0, 0.0]]);
/// let log_variance = Tensor::from([[0.0, 0.0], [0.0, 1.0]]);
/// let loss = beta_vae(&reconstruction, &mean, &log_variance, 4.0);
/// assert_eq!(format!("{loss:.4}"), "[4.0000, 4.4366]");
/// assert_eq!(loss.sum().grad(&mean).to_string(), "[[4, 0],\n [0, 0]]");
/// ```
///
/// # When to use
/// To trade detail of the reconstruction for a code with separate meanings, or (below 1, or rising from 0) against a code that
/// collapses. It misleads when models of different beta are compared by it.
///
/// # Reference
/// Higgins and others, *beta-VAE*, ICLR 2017, equation 4. Usual: 4; annealed from 0 to 1 against collapse.
///
/// # See also
/// [`negative_elbo`] (beta 1), [`capacity_vae`].
#[doc(alias = "BetaVAE")]
#[track_caller]
pub fn beta_vae(reconstruction: &Tensor, mean: &Tensor, log_variance: &Tensor, beta: f64) -> Tensor {
    check("beta_vae", reconstruction, mean, log_variance);
    assert!(beta >= 0.0 && beta.is_finite(), "beta_vae: beta is {beta} and must be at least 0 and finite");
    reconstruction + beta * gaussian_kl_to_standard_normal(mean, log_variance)
}

/// Evidence bound whose code is held to a capacity: it costs by how far its divergence is from that.
///
/// ```text
/// ℓ = reconstruction + gamma |½ Σⱼ (exp(log_varianceⱼ) − 1 − log_varianceⱼ + meanⱼ²) − capacity|
/// ```
///
/// # Shapes
/// As [`negative_elbo`]; `capacity`, in nats, and `gamma` are at least 0, or it panics.
///
/// # Gradient
/// As [`negative_elbo`], the code's part times gamma and the sign of what it has too much; 0 at the capacity itself.
///
/// # Estimates
/// The best reconstruction with a code of **about that many nats** for each example.
///
/// # Stability
/// As [`negative_elbo`]: ∞ for log-variances beyond the type's exponentials.
///
/// # Example
/// ```
/// use minimand_loss::capacity_vae;
/// use minimand_tensor::Tensor;
///
/// let reconstruction = Tensor::from([2.0, 3.0]);
/// let mean = Tensor::from([[1.0, 0.0], [0.0, 0.0]]);
/// let log_variance = Tensor::from([[0.0, 0.0], [0.0, 1.0]]);
/// let loss = capacity_vae(&reconstruction, &mean, &log_variance, 10.0, 0.2);
/// assert_eq!(format!("{loss:.4}"), "[5.0000, 4.5914]");
/// assert_eq!(loss.sum().grad(&mean).to_string(), "[[10, 0],\n [0, 0]]");
/// ```
///
/// # When to use
/// With a capacity that rises during training, so that coordinates of the code find their meaning one after the other. It misleads
/// as a bound: it is none.
///
/// # Reference
/// Burgess and others, *Understanding Disentangling in β-VAE*, 2018, equation 8. Usual: gamma 1000, capacity from 0 to 25 nats.
///
/// # See also
/// [`beta_vae`], [`free_bits_elbo`].
#[doc(alias = "CCI-VAE")]
#[track_caller]
pub fn capacity_vae(
    reconstruction: &Tensor,
    mean: &Tensor,
    log_variance: &Tensor,
    gamma: f64,
    capacity: f64,
) -> Tensor {
    check("capacity_vae", reconstruction, mean, log_variance);
    for (name, number) in [("gamma", gamma), ("capacity", capacity)] {
        assert!(
            number >= 0.0 && number.is_finite(),
            "capacity_vae: {name} is {number} and must be at least 0 and finite"
        );
    }
    reconstruction + gamma * (gaussian_kl_to_standard_normal(mean, log_variance) - capacity).abs()
}

/// Evidence bound in which each coordinate of the code has some nats for free.
///
/// ```text
/// ℓᵢ = reconstructionᵢ + Σⱼ max(kⱼ, free_nats)
/// kⱼ = ½ Σₘ (exp(log_varianceₘⱼ) − 1 − log_varianceₘⱼ + meanₘⱼ²) / Σₘ 1
/// ```
///
/// # Shapes
/// `reconstruction` is `[batch]`, `mean` and `log_variance` are `[batch, latent]`, and the loss is `[batch]`; every example bears the
/// code's mean cost over the batch. `free_nats ≥ 0`. Anything else panics.
///
/// # Gradient
/// As [`negative_elbo`] on the mean, but 0 for coordinates that cost, on the mean over the batch, no more than is free; at
/// equality half.
///
/// # Estimates
/// A bound, looser by at most `latent · free_nats`.
///
/// # Stability
/// As [`negative_elbo`]: ∞ for log-variances beyond the type's exponentials. That nothing pulls below the limit is meant.
///
/// # Example
/// ```
/// use minimand_loss::free_bits_elbo;
/// use minimand_tensor::Tensor;
///
/// let reconstruction = Tensor::from([2.0, 3.0]);
/// let mean = Tensor::from([[1.0, 0.0], [0.0, 0.0]]);
/// let log_variance = Tensor::from([[0.0, 0.0], [0.0, 1.0]]);
/// let loss = free_bits_elbo(&reconstruction, &mean, &log_variance, 0.2);
/// assert_eq!(format!("{loss:.4}"), "[2.4500, 3.4500]"); // 0.25 and, for the second coordinate, the free 0.2
/// assert_eq!(loss.sum().grad(&mean).to_string(), "[[1, 0],\n [0, 0]]");
/// ```
///
/// # When to use
/// Against codes that collapse under strong decoders (text, autoregressive pixels). It misleads about how much is in the code: a
/// coordinate just at the limit may hold nothing.
///
/// # Reference
/// Kingma and others, *Improving Variational Inference with Inverse Autoregressive Flow*, NeurIPS 2016, equation 15. Usual: 0.25 nats.
///
/// # See also
/// [`negative_elbo`] (nothing free), [`capacity_vae`].
#[doc(alias = "free_bits")]
#[track_caller]
pub fn free_bits_elbo(reconstruction: &Tensor, mean: &Tensor, log_variance: &Tensor, free_nats: f64) -> Tensor {
    check("free_bits_elbo", reconstruction, mean, log_variance);
    assert!(mean.rank() == 2, "free_bits_elbo: mean {} must be [batch, latent]", mean.shape());
    assert!(
        free_nats >= 0.0 && free_nats.is_finite(),
        "free_bits_elbo: free_nats is {free_nats} and must be at least 0 and finite"
    );
    let per_coordinate = (0.5 * mean.square() + 0.5 * exp_excess(log_variance)).mean_axis(0);
    reconstruction + per_coordinate.maximum(free_nats).sum()
}

/// Importance-weighted bound of several samples of the code: the tighter, the more there are.
///
/// ```text
/// ℓ = −ln(Σₖ exp log_weightsₖ / Σₖ 1)
/// ```
///
/// # Shapes
/// `log_weights`, `ln p(x, zₖ) − ln q(zₖ | x)` for each sampled code, is `[…, samples]`; the loss is `[…]`. At least one sample, or it
/// panics.
///
/// # Gradient
/// `−softmax(log_weights)`: samples that explain the example best count most. No kinks.
///
/// # Estimates
/// A bound on **minus the log-likelihood**, from above in expectation; with one sample the evidence bound, with infinitely many the
/// likelihood itself.
///
/// # Stability
/// A log-sum-exp.
///
/// # Example
/// ```
/// use minimand_loss::importance_weighted_elbo;
/// use minimand_tensor::Tensor;
///
/// let log_weights = Tensor::from([[0.0, 3f64.ln()], [1.0, 1.0]]);
/// let loss = importance_weighted_elbo(&log_weights);
/// assert_eq!(format!("{loss:.4}"), "[-0.6931, -1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&log_weights)), "[[-0.2500, -0.7500],\n [-0.5000, -0.5000]]");
/// ```
///
/// # When to use
/// To train or judge a VAE by a tighter bound: 5 to 50 samples to train, thousands to judge. It misleads the encoder: its gradient
/// has the less signal the more samples there are.
///
/// # Reference
/// Burda, Grosse, Salakhutdinov, *Importance Weighted Autoencoders*, ICLR 2016, equation 8; the encoder's signal: Rainforth and
/// others, *Tighter Variational Bounds are Not Necessarily Better*, ICML 2018.
///
/// # See also
/// [`negative_elbo`]; [`renyi_divergence`](crate::renyi_divergence) for the bounds between.
#[doc(alias = "IWAE")]
#[track_caller]
pub fn importance_weighted_elbo(log_weights: &Tensor) -> Tensor {
    let samples = log_weights.shape().last().copied().unwrap_or(0);
    assert!(samples > 0, "importance_weighted_elbo: log_weights {} must have an axis of samples", log_weights.shape());
    (samples as f64).ln() - log_weights.logsumexp_axis(-1)
}
