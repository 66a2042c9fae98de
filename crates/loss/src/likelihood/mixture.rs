//! Negative log-likelihoods of mixtures.

use minimand_tensor::Tensor;

use super::scale::{HALF_LN_2PI, exp_bounded};
use crate::shape::same_shapes;

/// Negative log-likelihood of a mixture of normal distributions: a mixture density network.
///
/// ```text
/// ℓ = ln(Σₖ exp logitsₖ) − ln(Σₖ exp aₖ)
/// aₖ = logitsₖ − Σⱼ (½ ((targetⱼ − meansₖⱼ) exp(−sₖⱼ))² + sₖⱼ + ½ ln(2 π))
/// sₖⱼ = log_scalesₖⱼ
/// ```
///
/// # Shapes
/// `logits` of the components' shares is `[…, components]`, `means` and `log_scales` are `[…, components, dimensions]`, `target` is
/// `[…, dimensions]`; the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// With the responsibilities `πₖ = exp aₖ / Σ exp a` : by the logits `softmax − π`, by a mean `−πₖ (target − mean) e^(−2 s)`:
/// each component is pulled as far as it is responsible. No kinks.
///
/// # Estimates
/// The **conditional distribution**, with several bulks if there are several. Not bounded below: a component may shrink onto
/// one target.
///
/// # Stability
/// In logarithms throughout, the dimensions summed before the components: no density is formed. `e^(−s)` is bounded by the
/// greatest number's.
///
/// # Example
/// ```
/// use minimand_loss::mixture_density_nll;
/// use minimand_tensor::Tensor;
///
/// let (logits, means) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[[0.0], [4.0]]]));
/// let loss = mixture_density_nll(&logits, &means, &Tensor::from([[[0.0], [0.0]]]), &Tensor::from([[1.0]]));
/// assert_eq!(format!("{loss:.4}"), "[2.0939]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.4820, 0.4820]]");
/// ```
///
/// # When to use
/// When one input has several right answers (inverse kinematics, traffic) and their mean is none. It misleads when the
/// likelihood is raised by a component that collapses onto repeated values: bound the scales, or count such rows; and a mean
/// of the mixture is again the mean.
///
/// # Reference
/// Bishop, *Mixture Density Networks*, 1994, equation 29.
///
/// # See also
/// [`gaussian_nll_log_variance`](crate::gaussian_nll_log_variance) for one component; [`discretised_logistic_mixture_nll`] for pixels.
#[doc(alias = "MDN")]
#[track_caller]
pub fn mixture_density_nll(logits: &Tensor, means: &Tensor, log_scales: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("mixture_density_nll", ("means", means), ("log_scales", log_scales));
    let (rank, shape) = (means.rank(), means.shape());
    let fits = rank >= 2
        && shape[..rank - 1] == **logits.shape()
        && shape[..rank - 2] == target.shape()[..target.rank().saturating_sub(1)]
        && target.shape().last() == shape.last();
    assert!(
        fits,
        "mixture_density_nll: logits {}, means {} and target {} do not fit: […, components], […, components, dimensions] and […, dimensions]",
        logits.shape(),
        means.shape(),
        target.shape()
    );
    let z = (target.unsqueeze(-2) - means) * exp_bounded(&-log_scales);
    let log_density = -(0.5 * z.square() + log_scales + HALF_LN_2PI).sum_axis(-1);
    -(logits.log_softmax(-1) + log_density).logsumexp_axis(-1)
}

/// Negative log-likelihood of levels, such as those of a pixel, under a mixture of logistic distributions cut into bins.
///
/// ```text
/// ℓ = ln(Σₖ exp logitsₖ) − ln(Σₖ exp(logitsₖ) pₖ)
/// pₖ = σ(aₖ) if target < −1 + h else 1 − σ(bₖ) if target > 1 − h else σ(aₖ) − σ(bₖ)
/// aₖ = (target + h − meansₖ) exp(−log_scalesₖ)
/// bₖ = (target − h − meansₖ) exp(−log_scalesₖ)
/// h = 1 / (levels − 1)
/// ```
///
/// # Shapes
/// `logits`, `means` and `log_scales` are `[…, components]`, `target` and the loss `[…]`. Targets are the levels scaled to [−1, 1];
/// `levels` is at least 2 (256 for bytes). Other shapes and levels panic.
///
/// # Gradient
/// That of the log-probability of the bin, shared among components by responsibility. No kinks: the two outer bins reach to
/// ∓∞.
///
/// # Estimates
/// The **distribution over the levels**, as a smooth mixture: neighbouring levels get similar probabilities. From 0.
///
/// # Stability
/// The difference of two logistic functions is `σ(a) σ(−b) (1 − e^(b − a))`, with `a − b = 2 h e^(−s)` without cancellation: its
/// logarithm is a sum of softplus terms and `ln(1 − e^(b − a))`, exact also far from the mean, where the published
/// implementation changes to the density times the width and so is off.
///
/// # Example
/// ```
/// use minimand_loss::discretised_logistic_mixture_nll;
/// use minimand_tensor::Tensor;
///
/// let logits = Tensor::from([[0.0, 0.0], [0.0, 0.0]]);
/// let (means, log_scales) = (Tensor::from([[0.0, 0.5], [0.0, 0.5]]), Tensor::from([[-2.0, -2.0], [-2.0, -2.0]]));
/// let loss = discretised_logistic_mixture_nll(&logits, &means, &log_scales, &Tensor::from([0.0, 1.0]), 256);
/// assert_eq!(format!("{loss:.4}"), "[4.8372, 4.3588]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&logits)), "[[-0.4135, 0.4135],\n [0.4752, -0.4752]]");
/// ```
///
/// # When to use
/// For autoregressive models of pixels or audio: fewer outputs than one per level, and near levels known to be near. It misleads
/// when compared with densities: this is a probability, bits per dimension are `ℓ / ln 2`.
///
/// # Reference
/// Salimans, Karpathy, Chen, Kingma, *PixelCNN++*, ICLR 2017, equation 2. Usual: 10 components, 256 levels.
///
/// # See also
/// [`mixture_density_nll`] for numbers; [`cross_entropy`](crate::cross_entropy) for levels without an order.
#[doc(alias = "discretized_mix_logistic_loss")]
#[track_caller]
pub fn discretised_logistic_mixture_nll(
    logits: &Tensor,
    means: &Tensor,
    log_scales: &Tensor,
    target: &Tensor,
    levels: usize,
) -> Tensor {
    const NAME: &str = "discretised_logistic_mixture_nll";
    same_shapes(NAME, ("logits", logits), ("means", means));
    same_shapes(NAME, ("logits", logits), ("log_scales", log_scales));
    assert!(
        logits.shape().split_last().is_some_and(|(_, rest)| *rest == **target.shape()),
        "{NAME}: logits {} must have the shape of target {} and the components as last axis",
        logits.shape(),
        target.shape()
    );
    assert!(levels >= 2, "{NAME}: levels is {levels} and must be at least 2");
    let h = 1.0 / (levels - 1) as f64;
    let (y, weight) = (target.unsqueeze(-1), exp_bounded(&-log_scales));
    let a = (&y + h - means) * &weight;
    let b = (&y - h - means) * &weight;
    // ln(1 − e^(b − a)), which is the logarithm of a − b itself where that is small.
    let gap = 2.0 * h * weight;
    let small = gap.lt(1e-7);
    let log_gap = small.select((2.0 * h).ln() - log_scales - 0.5 * &gap, (-small.select(1, &gap)).log1mexp());
    let between = log_gap - (-&a).softplus() - b.softplus();
    let log_probability = y.lt(h - 1.0).select(-(-a).softplus(), y.gt(1.0 - h).select(-b.softplus(), between));
    -(logits.log_softmax(-1) + log_probability).logsumexp_axis(-1)
}
