//! Proxies that stand for the examples of their class: neighbourhood components, anchors, several centres.

use minimand_tensor::Tensor;

use super::cosine::{check, check_margin, cosines};
use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::numbers::{check_divisor, check_finite, check_positive};

/// Cross-entropy of finding the label's proxy among all proxies by squared distance on the sphere.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp(−s dᵢⱼ)) + s d[i, yᵢ]
/// dᵢⱼ = 2 − 2 Σₖ uᵢₖ vⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = proxiesⱼₖ / √(Σₗ proxiesⱼₗ²)
/// yᵢ = labelsᵢ
/// s = scale
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `proxies` `[classes, dimensions]`, or it panics; the loss is `[examples]`. They need not
/// be normalised; a zero row has cosine 0 to everything. `scale` is positive.
///
/// # Gradient
/// With p the softmax of −s d, by the squared distances `s ([j = y] − pⱼ)`: towards the label's proxy and away from those it is mistaken for. 0 for a zero
/// row, and where the label is ignored.
///
/// # Estimates
/// The **probabilities** of the classes, as far as distances on the sphere can express them: none above `1/(1 + (C − 1) e^(−4 s))`.
///
/// # Stability
/// [`cross_entropy`] on the distances. pytorch-metric-learning takes the logarithm of a softmax and leaves out the examples whose probability underflows:
/// the hardest.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, proxy_nca};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let proxies = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let loss = proxy_nca(&embeddings, &Labels::new([0, 1], 2)?, &proxies, 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.1839]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.0894, 0.1789],\n [0.0224, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For metric learning without choosing pairs: as many comparisons as classes. It misleads with scale 1, at which no example is ever found with certainty:
/// take about 9. The proxies want a learning rate of their own, a hundred times that of the network.
///
/// # Reference
/// Teh, DeVries, Taylor, *ProxyNCA++*, ECCV 2020, equation 5 with s = 1/T; pytorch-metric-learning has s = 1. Movshovitz-Attias et al., *No Fuss Distance
/// Metric Learning using Proxies*, ICCV 2017, equation 4, leave the label's own proxy out of the sum, which makes a loss without a lower bound that
/// matters.
///
/// # See also
/// [`proxy_anchor`], [`normalised_softmax`](crate::normalised_softmax), which is this with `τ = 1/(2 s)`.
#[doc(alias = "ProxyNCALoss")]
#[doc(alias = "ProxyNCA++")]
#[track_caller]
pub fn proxy_nca(embeddings: &Tensor, labels: &Labels, proxies: &Tensor, scale: f64) -> Tensor {
    check("proxy_nca", embeddings, labels, ("proxies", proxies), 2);
    check_positive("proxy_nca", ("scale", scale), embeddings.dtype());
    check_finite("proxy_nca", ("scale", scale), embeddings.dtype());
    cross_entropy(&(2.0 * scale * cosines(&labels.without_ignored(embeddings), proxies)), labels)
}

/// Each proxy draws the examples of its class nearer than a margin and pushes the others away, the hardest ones most.
///
/// ```text
/// ℓ = Σⱼ ln(1 + Σ{i : yᵢ = j} exp(−α (cᵢⱼ − δ))) / present + Σⱼ ln(1 + Σ{i : yᵢ ≠ j} exp(α (cᵢⱼ + δ))) / Σⱼ 1
/// present = Σⱼ min(Σᵢ [yᵢ = j], 1)
/// cᵢⱼ = Σₖ uᵢₖ vⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = proxiesⱼₖ / √(Σₗ proxiesⱼₗ²)
/// yᵢ = labelsᵢ
/// δ = margin
/// α = alpha
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `proxies` `[classes, dimensions]`, or it panics; the loss is of the batch, one number.
/// `margin` and `alpha` are those of the options. Ignored examples count on neither side; a batch of nothing else has a first term of 0.
///
/// # Gradient
/// By a cosine of the proxy's own class `−α hᵢ/present`, of another `α hᵢ/C`, with `hᵢ` the example's share of `1 + Σ exp`: the softmax over the examples of
/// the batch. 0 for a zero row.
///
/// # Estimates
/// No statistic. In (0, ∞), small when examples lie within δ of their proxy's direction and beyond −δ of the others'.
///
/// # Stability
/// `softplus(ln Σ exp)`; a proxy without examples on a side has the term ln 1 = 0 with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, ProxyAnchorOptions, proxy_anchor};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let proxies = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = ProxyAnchorOptions { margin: 0.1, alpha: 4.0 };
/// let loss = proxy_anchor(&embeddings, &Labels::new([0, 1], 2)?, &proxies, options);
/// assert_eq!(format!("{loss:.4}"), "2.5046");
/// assert_eq!(format!("{:.4}", loss.grad(&embeddings)), "[[-0.1828, 0.3655],\n [0.3762, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval: fast as proxies, and still using how the examples of a batch lie. It misleads with small batches, in which most classes have no example
/// and their proxies are only pushed away.
///
/// # Reference
/// Kim et al., *Proxy Anchor Loss for Deep Metric Learning*, CVPR 2020, equation 4. Usual: δ = 0.1, α = 32.
///
/// # See also
/// [`proxy_nca`], [`soft_triple`].
#[doc(alias = "ProxyAnchorLoss")]
#[track_caller]
pub fn proxy_anchor(embeddings: &Tensor, labels: &Labels, proxies: &Tensor, options: ProxyAnchorOptions) -> Tensor {
    let ProxyAnchorOptions { margin, alpha } = options;
    check("proxy_anchor", embeddings, labels, ("proxies", proxies), 2);
    check_finite("proxy_anchor", ("margin", margin), embeddings.dtype());
    check_positive("proxy_anchor", ("alpha", alpha), embeddings.dtype());
    check_finite("proxy_anchor", ("alpha", alpha), embeddings.dtype());
    let cosines = cosines(&labels.without_ignored(embeddings), proxies);
    let own = labels.truth();
    let others = match labels.kept() {
        Some(kept) => !&own & kept.unsqueeze(-1),
        None => !&own,
    };
    let term = |side: &Tensor, x: Tensor| side.select(x, f64::NEG_INFINITY).logsumexp_axis(0).softplus();
    let present = own.cast(cosines.dtype()).max_axis(0).sum().clamp(1.0, f64::INFINITY);
    let drawn = term(&own, alpha * (margin - &cosines)).sum() / present;
    drawn + term(&others, alpha * (cosines + margin)).mean()
}

/// Options of [`proxy_anchor`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ProxyAnchorOptions {
    /// The cosine beyond which an example is near enough, and below whose negative far enough, δ. Usual: 0.1.
    pub margin: f64,
    /// How much the hardest examples count, α. Usual: 32.
    pub alpha: f64,
}

impl Default for ProxyAnchorOptions {
    fn default() -> ProxyAnchorOptions {
        ProxyAnchorOptions { margin: 0.1, alpha: 32.0 }
    }
}

/// Cross-entropy over the similarities to several centres per class, each class's a soft maximum of the cosines.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = λ (Σₙ exp(cᵢⱼₙ / γ) cᵢⱼₙ / Σₘ exp(cᵢⱼₘ / γ) − δ [j = yᵢ])
/// cᵢⱼₙ = Σₖ uᵢₖ vⱼₙₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₙₖ = centersⱼₙₖ / √(Σₗ centersⱼₙₗ²)
/// yᵢ = labelsᵢ
/// λ = scale
/// γ = gamma
/// δ = margin
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `centers` `[classes, per_class, dimensions]`, or it panics; the loss is `[examples]`.
///
/// # Gradient
/// With p the softmax of z, by the similarity of class j `λ (pⱼ − [j = y])`; from there to its centres by their softmax q: `qₙ (1 + (cₙ − Σ q c)/γ)`. 0 for
/// a zero row, and where the label is ignored.
///
/// # Estimates
/// No probabilities when the margin is above 0. In (0, ∞).
///
/// # Stability
/// A softmax and [`cross_entropy`]; γ of 0.01 does not overflow.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, SoftTripleOptions, soft_triple};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let centers = Tensor::from([[[1.0, 0.0], [0.0, -1.0]], [[0.6, 0.8], [-1.0, 0.0]]]);
/// let options = SoftTripleOptions { scale: 5.0, ..Default::default() };
/// let loss = soft_triple(&embeddings, &Labels::new([0, 1], 2)?, &centers, options);
/// assert_eq!(format!("{loss:.4}"), "[0.7185, 0.0191]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.2292, 0.4584],\n [0.0063, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For classes that have several appearances. It misleads when given more centres than a class has: add the paper's penalty `Σ √(2 − 2 cos)` on the
/// distances between the centres of a class, times 0.2, which merges them; it is not part of this loss.
///
/// # Reference
/// Qian et al., *SoftTriple Loss: Deep Metric Learning Without Triplet Sampling*, ICCV 2019, equations 9 and 10. Usual: 10 centres, λ = 20, γ = 0.1, δ = 0.01.
///
/// # See also
/// [`sub_center_arc_face`](crate::sub_center_arc_face), [`normalised_softmax`](crate::normalised_softmax), [`proxy_anchor`].
#[doc(alias = "SoftTripleLoss")]
#[track_caller]
pub fn soft_triple(embeddings: &Tensor, labels: &Labels, centers: &Tensor, options: SoftTripleOptions) -> Tensor {
    let SoftTripleOptions { scale, gamma, margin } = options;
    check("soft_triple", embeddings, labels, ("centers", centers), 3);
    check_margin("soft_triple", embeddings, margin, scale);
    check_divisor("soft_triple", ("gamma", gamma), embeddings.dtype());
    let cosines = cosines(&labels.without_ignored(embeddings), centers);
    let similarities = ((&cosines / gamma).softmax(-1) * cosines).sum_axis(-1);
    let own = labels.truth().select(similarities.full_like(margin), 0);
    cross_entropy(&(scale * (similarities - own)), labels)
}

/// Options of [`soft_triple`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoftTripleOptions {
    /// What the similarities are multiplied by, λ. Usual: 20.
    pub scale: f64,
    /// How soft the maximum over the centres is, γ. Usual: 0.1.
    pub gamma: f64,
    /// By how much the similarity to the label is made less, δ. Usual: 0.01.
    pub margin: f64,
}

impl Default for SoftTripleOptions {
    fn default() -> SoftTripleOptions {
        SoftTripleOptions { scale: 20.0, gamma: 0.1, margin: 0.01 }
    }
}
