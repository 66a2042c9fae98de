//! Similarity by a random walk over embeddings and proxies.

use minimand_tensor::Tensor;

use super::cosine::{check, cosines};
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Softplus of by how much other proxies are nearer than the label's own, where near means that a random walk over the batch and the proxies gets there.
///
/// ```text
/// ℓᵢ = ln(1 + Σⱼ exp aᵢⱼ) + λ ln(1 + Σⱼ exp bᵢⱼ),   both over the j ≠ yᵢ with aᵢⱼ ≥ 0, bᵢⱼ ≥ 0
/// aᵢⱼ = F[i, N + j] − F[i, N + yᵢ] + δ
/// bᵢⱼ = cos(Fᵢ, F[N + j]) − cos(Fᵢ, F[N + yᵢ]) + δ
/// F = (1 − α) (I − α D^(−½) S D^(−½))⁻¹,   D = the sums of the rows of S
/// Sₘₙ = exp(2 max(cos(xₘ, xₙ), 0)) for m ≠ n, 0 for m = n
/// x = the N rows of embeddings, then the rows of proxies
/// y = labels, λ = context_weight, α = alpha, δ = margin
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]`, each with the label of its proxy, `proxies` `[classes, dimensions]`, or it panics; the loss is `[examples]`.
/// `alpha` is from 0, exclusive, to 1, exclusive; `context_weight` is at least 0.
///
/// # Gradient
/// Derived through the walk: every example and proxy receives some. A proxy farther than the margin has none; at the seam, the proxy counts. 0 where a
/// cosine is negative, for a zero row, and where the label is ignored.
///
/// # Estimates
/// No statistic. From 0, where all other proxies are farther than the label's by the margin.
///
/// # Stability
/// The inverse is the series `Σ αᵏ Sᵏ`, summed by doubling: `Πₖ (1 + (α S)^(2ᵏ))`, to the last digit, since no eigenvalue of S exceeds 1. Matrix products
/// only, and differentiable to any order; the gradient keeps each power, about 30 matrices of examples and proxies at a time. pytorch-metric-learning inverts
/// in single precision.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, ManifoldOptions, manifold};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let proxies = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let loss = manifold(&embeddings, &Labels::new([1, 0], 2)?, &proxies, ManifoldOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.0000, 1.4559]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.0008, 0.0016],\n [0.0092, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For ensembles whose members learn to tell groups of classes apart, as in its paper, and for retrieval by diffusion. It misleads as a number: entries of F
/// are probabilities of a walk among all nodes, and shrink with the batch while the margin does not. Its cost grows with the cube of examples and proxies.
///
/// # Reference
/// Aziere and Todorovic, *Ensemble Deep Manifold Similarity Learning using Hard Proxies*, CVPR 2019, equations 3 to 7. Usual: α = 0.8, δ = 5e-4, λ = 1, 50
/// proxies at random; pytorch-metric-learning draws the labels when it is given none.
///
/// # See also
/// [`proxy_anchor`](crate::proxy_anchor), [`proxy_nca`](crate::proxy_nca).
#[doc(alias = "ManifoldLoss")]
#[track_caller]
pub fn manifold(embeddings: &Tensor, labels: &Labels, proxies: &Tensor, options: ManifoldOptions) -> Tensor {
    check("manifold", embeddings, labels, ("proxies", proxies), 2);
    options.check(embeddings);
    let examples = embeddings.shape()[0];
    let nodes = Tensor::concatenate([&labels.without_ignored(embeddings), proxies], 0);
    let walk = options.walk(&(2.0 * cosines(&nodes, &nodes).relu()).exp());
    let (from_examples, from_proxies) = (walk.slice(0, ..examples), walk.slice(0, examples..));
    let intrinsic = options.farther(labels, &from_examples.slice(1, examples..));
    let context = options.farther(labels, &cosines(&from_examples, &from_proxies));
    labels.zero_if_ignored(intrinsic + options.context_weight * context)
}

/// Options of [`manifold`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ManifoldOptions {
    /// The share of a walk that goes on at each step, α. Usual: 0.8.
    pub alpha: f64,
    /// By how much other proxies shall be farther, δ. Usual: 5e-4.
    pub margin: f64,
    /// The weight of the similarity of whole walks, λ. Usual: 1.
    pub context_weight: f64,
}

impl Default for ManifoldOptions {
    fn default() -> ManifoldOptions {
        ManifoldOptions { alpha: 0.8, margin: 5e-4, context_weight: 1.0 }
    }
}

impl ManifoldOptions {
    #[track_caller]
    fn check(&self, embeddings: &Tensor) {
        let ManifoldOptions { alpha, margin, context_weight } = *self;
        assert!(alpha > 0.0 && alpha < 1.0, "manifold: alpha is {alpha} and must be between 0 and 1");
        assert!(context_weight >= 0.0, "manifold: context_weight is {context_weight} and must not be below 0");
        check_finite("manifold", ("context_weight", context_weight), embeddings.dtype());
        check_finite("manifold", ("margin", margin), embeddings.dtype());
    }

    /// Where walks from each node end that stop with probability 1 − α at each step.
    fn walk(&self, similarities: &Tensor) -> Tensor {
        let unity = Tensor::eye(similarities.shape()[0]).cast(similarities.dtype());
        let s = unity.ne(0).select(0, similarities);
        let scale = s.sum_axis(-1).rsqrt();
        let mut power = self.alpha * s * scale.unsqueeze(-1) * scale;
        let mut sum = &unity + &power;
        // αⁿ below the last digit.
        let mut exponent = 1.0;
        while exponent * self.alpha.ln() > -40.0 {
            power = power.matmul(&power);
            sum = &sum + sum.matmul(&power);
            exponent *= 2.0;
        }
        (1.0 - self.alpha) * sum
    }

    /// `ln(1 + Σ exp)` of by how much other proxies are more similar than the label's, where they are within the margin.
    fn farther(&self, labels: &Labels, similarities: &Tensor) -> Tensor {
        let excess = similarities - labels.pick(similarities).unsqueeze(-1) + self.margin;
        let counts = excess.ge(0) & !labels.truth();
        counts.select(excess, f64::NEG_INFINITY).logsumexp_axis(-1).softplus()
    }
}
