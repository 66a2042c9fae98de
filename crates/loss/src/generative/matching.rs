//! Matching of scores, noise and velocities: the losses of diffusion and flow models.

use minimand_tensor::Tensor;

use crate::shape::same_shapes;

/// Denoising score matching: the score of noisy data is where the noise came from.
///
/// ```text
/// ℓ = ½ Σⱼ (scales scoresⱼ + noiseⱼ)²
/// ```
///
/// # Shapes
/// `scores` at `data + scales · noise` and the standard normal `noise` are `[…, dimensions]`; `scales`, the noise's standard deviations,
/// are `[…]`, and so is the loss. Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂scores = scales (scales scores + noise)`. No kinks.
///
/// # Estimates
/// The **score** `∇ ln p` of the data blurred by that scale. At its minimum it is not 0: the noise cannot be told from the data's own
/// spread.
///
/// # Stability
/// Weighed by the squared scale, so that every scale of noise counts about the same and nothing is divided by a small one.
///
/// # Example
/// ```
/// use minimand_loss::denoising_score_matching;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[1.0, 0.0]]);
/// let loss = denoising_score_matching(&scores, &Tensor::from([[1.0, -1.0]]), &Tensor::from([2.0]));
/// assert_eq!(loss.to_string(), "[5]");
/// assert_eq!(loss.sum().grad(&scores).to_string(), "[[6, -2]]");
/// ```
///
/// # When to use
/// To train score-based generators. It misleads as a measure of samples: a lower loss at large scales says little of detail.
///
/// # Reference
/// Vincent, *A Connection Between Score Matching and Denoising Autoencoders*, Neural Computation 23, 2011, equation 11; weight and
/// form: Song and Ermon, *Generative Modeling by Estimating Gradients of the Data Distribution*, NeurIPS 2019, equation 6.
///
/// # See also
/// [`min_snr_diffusion`]: the same with the noise as what is predicted; [`flow_matching`].
#[doc(alias = "DSM")]
#[track_caller]
pub fn denoising_score_matching(scores: &Tensor, noise: &Tensor, scales: &Tensor) -> Tensor {
    same_shapes("denoising_score_matching", ("scores", scores), ("noise", noise));
    check_rows("denoising_score_matching", ("scores", scores), ("scales", scales));
    0.5 * (scales.unsqueeze(-1) * scores + noise).square().sum_axis(-1)
}

/// Flow matching along straight lines: the velocity from a sample of noise to one of data.
///
/// ```text
/// ℓ = Σⱼ (velocityⱼ − (targetⱼ − sourceⱼ))²
/// ```
///
/// # Shapes
/// `velocity`, at a point `source + t (target − source)` of the way, `source` and `target` are `[…, dimensions]`; the loss is `[…]`.
/// Other shapes panic.
///
/// # Gradient
/// `∂ℓ/∂velocity = 2 (velocity − (target − source))`. No kinks.
///
/// # Estimates
/// The **mean velocity** of all ways through a point: following it takes the source's distribution to the target's. At its minimum it
/// is not 0 where ways cross.
///
/// # Stability
/// Nothing but differences and squares.
///
/// # Example
/// ```
/// use minimand_loss::flow_matching;
/// use minimand_tensor::Tensor;
///
/// let velocity = Tensor::from([[1.0, 0.0]]);
/// let loss = flow_matching(&velocity, &Tensor::from([[0.0, 0.0]]), &Tensor::from([[2.0, 1.0]]));
/// assert_eq!(loss.to_string(), "[2]");
/// assert_eq!(loss.sum().grad(&velocity).to_string(), "[[-2, -2]]");
/// ```
///
/// # When to use
/// To train generators whose samples need few steps. It misleads as a measure of quality: its least value depends on the data.
///
/// # Reference
/// Lipman and others, *Flow Matching for Generative Modeling*, ICLR 2023, equation 23 with no least noise; Liu, Gong, Liu, *Flow
/// Straight and Fast* (rectified flow), ICLR 2023, equation 1.
///
/// # See also
/// [`denoising_score_matching`], [`min_snr_diffusion`].
#[doc(alias = "rectified_flow")]
#[doc(alias = "CFM")]
#[track_caller]
pub fn flow_matching(velocity: &Tensor, source: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("flow_matching", ("velocity", velocity), ("source", source));
    same_shapes("flow_matching", ("velocity", velocity), ("target", target));
    assert!(velocity.rank() > 0, "flow_matching: velocity [] has no axis of dimensions");
    (velocity - (target - source)).square().sum_axis(-1)
}

/// Squared error of a diffusion model's predicted noise, steps of little noise weighed down.
///
/// ```text
/// ℓ = min(signal_to_noise, gamma) / signal_to_noise Σⱼ (predictionⱼ − noiseⱼ)²
/// ```
///
/// # Shapes
/// `prediction` and `noise` are `[…, dimensions]`; `signal_to_noise`, the squared ratio of each example's step, is `[…]`, greater than 0,
/// and so is the loss. `gamma > 0`, ∞ for no weight. Anything else panics.
///
/// # Gradient
/// `2 w (prediction − noise)` with the weight w. No kinks but that of the weight at γ.
///
/// # Estimates
/// The **mean noise** in a noisy example, from which follow the mean of the data and the score.
///
/// # Stability
/// The weight is at most 1: clamped before anything is divided.
///
/// # Example
/// ```
/// use minimand_loss::min_snr_diffusion;
/// use minimand_tensor::Tensor;
///
/// let prediction = Tensor::from([[1.0, 0.0]]);
/// let loss = min_snr_diffusion(&prediction, &Tensor::from([[0.0, 0.0]]), &Tensor::from([10.0]), 5.0);
/// assert_eq!(loss.to_string(), "[0.5]");
/// assert_eq!(loss.sum().grad(&prediction).to_string(), "[[1, 0]]");
/// ```
///
/// # When to use
/// To train denoising diffusion models that predict the noise; with γ = ∞ the plain loss of DDPM. It misleads for models that
/// predict the data or a velocity: their weights are others.
///
/// # Reference
/// Hang and others, *Efficient Diffusion Training via Min-SNR Weighting Strategy*, ICCV 2023, section 3.4; Ho, Jain, Abbeel,
/// *Denoising Diffusion Probabilistic Models*, NeurIPS 2020, equation 14. Usual: γ = 5.
///
/// # See also
/// [`denoising_score_matching`], [`flow_matching`].
#[doc(alias = "DDPM")]
#[track_caller]
pub fn min_snr_diffusion(prediction: &Tensor, noise: &Tensor, signal_to_noise: &Tensor, gamma: f64) -> Tensor {
    same_shapes("min_snr_diffusion", ("prediction", prediction), ("noise", noise));
    check_rows("min_snr_diffusion", ("prediction", prediction), ("signal_to_noise", signal_to_noise));
    assert!(gamma > 0.0, "min_snr_diffusion: gamma is {gamma} and must be greater than 0");
    let weight = signal_to_noise.clamp_max(gamma) / signal_to_noise;
    weight * (prediction - noise).square().sum_axis(-1)
}

#[track_caller]
fn check_rows(loss: &str, whole: (&str, &Tensor), rows: (&str, &Tensor)) {
    let fits = whole.1.shape().split_last().is_some_and(|(_, rest)| *rest == **rows.1.shape());
    assert!(
        fits,
        "{loss}: {} {} must have the shape of {} {} and the dimensions as last axis",
        whole.0,
        whole.1.shape(),
        rows.0,
        rows.1.shape()
    );
}
