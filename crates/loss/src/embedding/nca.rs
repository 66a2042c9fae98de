//! Neighbourhood components analysis.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;
use crate::numbers::check_positive;

/// Options of [`nca`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NcaOptions {
    /// The factor of the distances: one over a temperature.
    pub scale: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for NcaOptions {
    /// Scale 1, squared Euclidean distance of normalised embeddings.
    fn default() -> NcaOptions {
        NcaOptions { scale: 1.0, distance: Distance::SquaredEuclidean, normalize: true }
    }
}

/// Minus the logarithm of the probability that a neighbour, drawn by its distance, has one's own label.
///
/// ```text
/// ℓᵢ = −ln(Σ{j : yⱼ = yᵢ and j ≠ i} exp(−scale dᵢⱼ) / (Σ{j : j ≠ i} exp(−scale dᵢⱼ))) if pᵢ > 0 else 0
/// pᵢ = Σ{j : yⱼ = yᵢ and j ≠ i} 1
/// dᵢⱼ = Σₖ (uᵢₖ − uⱼₖ)²
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// yᵢ = labelsᵢ
/// ```
///
/// This is [`Distance::SquaredEuclidean`]; [`Distance`] lists the others.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`, 0 for an anchor without positive. The scale is greater than 0. Anything else
/// panics.
///
/// # Gradient
/// By `dᵢⱼ`: `scale (qᵢⱼ − pᵢⱼ)` with `pᵢⱼ` the share among all, and `qᵢⱼ` that among the positives (0 for negatives).
///
/// # Estimates
/// The **error of a stochastic nearest neighbour**: `1 − e^(−ℓ)`. From 0 to ∞.
///
/// # Stability
/// The softplus of a difference of logarithms of sums: an anchor whose probability underflows keeps its loss of hundreds and its gradient.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, NcaOptions, nca};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = nca(&embeddings, &labels, NcaOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[1.027, 1.514, 1.514, 1.027]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.809],\n [-2.243, 1.682],\n [1.682, -2.243],\n [-0.809, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For nearest-neighbour classification: one near positive is enough, so a class may lie in several clusters. It misleads in the mean when single examples have no
/// positive: average over those that have.
///
/// # Reference
/// Goldberger, Roweis, Hinton, Salakhutdinov, *Neighbourhood Components Analysis*, NeurIPS 2004, equation 6 (the logarithm). Usual: scale 1.
/// pytorch-metric-learning drops anchors whose probability is 0 in its arithmetic, the hardest; here they count. Without like things its mean is
/// NaN, here 0.
///
/// # See also
/// [`supcon`](crate::supcon), the mean outside the logarithm.
#[doc(alias = "NCALoss")]
#[doc(alias = "NeighborhoodComponentsAnalysis")]
#[track_caller]
pub fn nca(embeddings: &Tensor, labels: &Labels, options: NcaOptions) -> Tensor {
    let NcaOptions { scale, distance, normalize } = options;
    let z = scaled(&embedded("nca", embeddings, labels), normalize);
    check_positive("nca", ("scale", scale), z.dtype());
    let (pairs, nearness) = (Pairs::of(labels, z.dtype()), -scale * distance.matrix(&z, &z));
    let (found, _) = pairs.found();
    let own = found.select(log_sum(&pairs.positive, &nearness), 0);
    found.select((log_sum(&pairs.negative, &nearness) - own).softplus(), 0)
}
