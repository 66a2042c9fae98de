//! Circle loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;
use crate::numbers::{check_finite, check_positive};

/// Options of [`circle`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CircleOptions {
    /// The relaxation: positives should reach `1 − margin`, negatives stay below `margin`.
    pub margin: f64,
    /// The scale of all exponents.
    pub gamma: f64,
}

impl Default for CircleOptions {
    /// Margin 0.4, γ = 80.
    fn default() -> CircleOptions {
        CircleOptions { margin: 0.4, gamma: 80.0 }
    }
}

/// All positives of an example against all its negatives, each similarity weighted by how far it is from its best.
///
/// ```text
/// ℓᵢ = softplus(ln Pᵢ + ln Nᵢ) if Pᵢ > 0 and Nᵢ > 0 else 0
/// Pᵢ = Σ{j : yⱼ = yᵢ and j ≠ i} exp(−gamma max(1 + margin − sᵢⱼ, 0) (sᵢⱼ − 1 + margin))
/// Nᵢ = Σ{j : yⱼ ≠ yᵢ} exp(gamma max(sᵢⱼ + margin, 0) (sᵢⱼ − margin))
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples]`. γ is greater than 0. Anything else panics.
///
/// # Gradient
/// The weights `max(1 + m − s, 0)` and `max(s + m, 0)` are held fixed, as in the paper. By `sᵢⱼ` then: `σ γ w` times the share of the pair in its sum,
/// positive for negatives and negative for positives, with σ that of the whole exponent. An anchor without positive or without negative has none.
///
/// # Estimates
/// An **order** of similarities about the circle `s_n² + (1 − s_p)² = 2 m²`. From 0 to ∞.
///
/// # Stability
/// Softplus of the sum of two logarithms of sums; γ = 256 and opposite embeddings stay finite. Empty sets give 0.
///
/// # Example
/// ```
/// use minimand_loss::{CircleOptions, LabelError, Labels, circle};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = circle(&embeddings, &labels, CircleOptions { margin: 0.4, gamma: 4.0 });
/// assert_eq!(format!("{loss:.3}"), "[2.122, 3.362, 3.362, 2.122]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -1.489],\n [-4.430, 3.323],\n [3.323, -4.430],\n [-1.489, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For faces and fine-grained retrieval, where pairs that are done should stop pulling. It misleads in its number: the great γ makes losses of hundreds
/// that only tell the hardest pair.
///
/// # Reference
/// Sun et al., *Circle Loss: A Unified Perspective of Pair Similarity Optimization*, CVPR 2020, equation 6. Usual: m = 0.25, γ = 256 (faces); m = 0.4, γ = 80
/// (retrieval; pytorch-metric-learning, whose mean is over losses greater than 0). Keras differentiates the weights too, takes its input as
/// normalised and computes in f32.
///
/// # See also
/// [`multi_similarity`](crate::multi_similarity); [`supcon`](crate::supcon).
#[doc(alias = "CircleLoss")]
#[track_caller]
pub fn circle(embeddings: &Tensor, labels: &Labels, options: CircleOptions) -> Tensor {
    let CircleOptions { margin, gamma } = options;
    let z = embedded("circle", embeddings, labels);
    check_finite("circle", ("margin", margin), z.dtype());
    check_positive("circle", ("gamma", gamma), z.dtype());
    let (pairs, s) = (Pairs::of(labels, z.dtype()), cosines(&z, &z));
    let attraction = (1.0 + margin - &s).relu().detach() * (1.0 - margin - &s);
    let repulsion = (&s + margin).relu().detach() * (&s - margin);
    let (positive, negative) = pairs.found();
    let odds = log_sum(&pairs.positive, &(gamma * attraction)) + log_sum(&pairs.negative, &(gamma * repulsion));
    (positive & negative).select(odds.softplus(), 0)
}
