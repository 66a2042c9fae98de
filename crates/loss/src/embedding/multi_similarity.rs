//! Multi-similarity loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;
use crate::numbers::{check_divisor, check_finite};

/// Options of [`multi_similarity`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiSimilarityOptions {
    /// How sharply the least similar positives are preferred.
    pub alpha: f64,
    /// How sharply the most similar negatives are preferred.
    pub beta: f64,
    /// The similarity that parts positives from negatives.
    pub base: f64,
}

impl Default for MultiSimilarityOptions {
    /// α = 2, β = 50, base 0.5.
    fn default() -> MultiSimilarityOptions {
        MultiSimilarityOptions { alpha: 2.0, beta: 50.0, base: 0.5 }
    }
}

/// Soft counts of the positives that are less, and of the negatives that are more similar than a base, each pair weighed against the others.
///
/// ```text
/// ℓᵢ = ln(1 + Σ{j : yⱼ = yᵢ and j ≠ i} exp(−alpha (sᵢⱼ − base))) / alpha
///     + ln(1 + Σ{j : yⱼ ≠ yᵢ} exp(beta (sᵢⱼ − base))) / beta
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`. α and β are greater than 0. Anything else panics.
///
/// # Gradient
/// By `sᵢⱼ` of a positive: `−e^(−α(sᵢⱼ − λ)) / (1 + Σ e^(−α(s − λ)))`; of a negative the same with β and the other sign. An empty set has loss 0.
///
/// # Estimates
/// An **order** of similarities on both sides of the base; greater than 0 as long as there is a pair, with both parts about the excess of the
/// hardest pair.
///
/// # Stability
/// Softplus of the logarithm of the masked sum; no ε, nothing overflows whatever α and β.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, MultiSimilarityOptions, multi_similarity};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = multi_similarity(&embeddings, &labels, MultiSimilarityOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[0.599, 0.759, 0.759, 0.599]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.120],\n [-0.609, 0.456],\n [0.456, -0.609],\n [-0.120, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval with several examples of each class in a batch, usually with the pairs of a [`MultiSimilarityMiner`](crate::MultiSimilarityMiner). It
/// misleads where negatives are often mislabelled positives: β = 50 looks at hardly more than the hardest.
///
/// # Reference
/// Wang, Han, Huang, Dong, Scott, *Multi-Similarity Loss with General Pair Weighting for Deep Metric Learning*, CVPR 2019, equation 15. Usual: α = 2,
/// β = 50, λ = 0.5 (pytorch-metric-learning) or 1.
///
/// # See also
/// [`circle`](crate::circle), whose pairs weigh themselves too; [`supcon`](crate::supcon).
#[doc(alias = "MultiSimilarityLoss")]
#[track_caller]
pub fn multi_similarity(embeddings: &Tensor, labels: &Labels, options: MultiSimilarityOptions) -> Tensor {
    let MultiSimilarityOptions { alpha, beta, base } = options;
    let z = embedded("multi_similarity", embeddings, labels);
    check_divisor("multi_similarity", ("alpha", alpha), z.dtype());
    check_divisor("multi_similarity", ("beta", beta), z.dtype());
    check_finite("multi_similarity", ("base", base), z.dtype());
    let (pairs, excess) = (Pairs::of(labels, z.dtype()), cosines(&z, &z) - base);
    let attraction = log_sum(&pairs.positive, &(-alpha * &excess)).softplus() / alpha;
    attraction + log_sum(&pairs.negative, &(beta * excess)).softplus() / beta
}
