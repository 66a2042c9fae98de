//! Softmax over the cosines to one representative per class, with and without a margin on the cosine.

use minimand_tensor::{Operand, Tensor};

use super::cosine::{check, check_margin, cosines};
use crate::classification::cross_entropy;
use crate::labels::Labels;
use crate::numbers::check_divisor;

/// Cross-entropy over the cosines between an embedding and one learned direction per class.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = Σₖ uᵢₖ vⱼₖ / τ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = weightsⱼₖ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// τ = temperature
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, `weights` `[classes, dimensions]`, or it panics; the loss is `[examples]`. They need not
/// be normalised; a zero row has cosine 0 to everything. `temperature` is a positive number or a tensor of one.
///
/// # Gradient
/// With p the softmax of z, by the cosines `(pⱼ − [j = y])/τ`, and from there at right angles to the embedding and to the weights: lengths are not
/// learned. 0 for a zero row, and where the label is ignored.
///
/// # Estimates
/// The **probabilities** of the classes, as far as cosines can express them: no class has more than `1/(1 + (C − 1) e^(−2/τ))`. The values begin a little
/// above 0.
///
/// # Stability
/// [`cross_entropy`] on the cosines: never the logarithm of a probability.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, normalised_softmax};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let loss = normalised_softmax(&embeddings, &Labels::new([0, 1], 2)?, &weights, 0.1);
/// assert_eq!(format!("{loss:.4}"), "[0.6931, 0.0003]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.4472, 0.8944],\n [0.0002, -0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As the first thing to try for retrieval with labels: it matches most losses of pairs. It misleads with τ = 1, at which no class can become likely; and
/// with millions of classes the weights outgrow the network.
///
/// # Reference
/// Zhai and Wu, *Classification is a Strong Baseline for Deep Metric Learning*, BMVC 2019, equation 2; Wang et al., *NormFace*, 2017. Usual: τ = 0.05.
///
/// # See also
/// [`cos_face`], [`arc_face`](crate::arc_face), [`proxy_nca`](crate::proxy_nca).
#[doc(alias = "NormalizedSoftmaxLoss")]
#[doc(alias = "NormFace")]
#[track_caller]
pub fn normalised_softmax(embeddings: &Tensor, labels: &Labels, weights: &Tensor, temperature: impl Operand) -> Tensor {
    check("normalised_softmax", embeddings, labels, ("weights", weights), 2);
    if let Some(number) = temperature.number() {
        check_divisor("normalised_softmax", ("temperature", number), embeddings.dtype());
    }
    let embeddings = labels.without_ignored(embeddings);
    cross_entropy(&(cosines(&embeddings, weights) / temperature.operand(embeddings.dtype())), labels)
}

/// Cross-entropy over scaled cosines of which the label's is first made less by a margin: the large margin cosine loss.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp zᵢⱼ) − z[i, yᵢ]
/// zᵢⱼ = s (Σₖ uᵢₖ vⱼₖ − m [j = yᵢ])
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = weightsⱼₖ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// m = margin
/// s = scale
/// ```
///
/// # Shapes
/// As [`normalised_softmax`]; `margin` and `scale` are those of the options. Panics when the margin is negative or the scale not positive.
///
/// # Gradient
/// With p the softmax of z, by the cosines `s (pⱼ − [j = y])`; the margin moves p. 0 for a zero row, and where the label is ignored. No kinks.
///
/// # Estimates
/// No probabilities: the margin makes the label's own look smaller than it is, so that training goes on until the classes lie m apart. In (0, ∞).
///
/// # Stability
/// [`cross_entropy`] on the cosines: a loss of `s (2 + m)` keeps value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::{CosFaceOptions, LabelError, Labels, cos_face};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let options = CosFaceOptions { margin: 0.35, scale: 10.0 };
/// let loss = cos_face(&embeddings, &Labels::new([0, 1], 2)?, &weights, options);
/// assert_eq!(format!("{loss:.4}"), "[3.5298, 0.0110]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.8682, 1.7364],\n [0.0073, -0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For faces and other retrieval among many classes with few examples each. It misleads with wrong labels: the margin pulls hardest at what does not fit,
/// and with a scale too small for the number of classes the loss cannot fall.
///
/// # Reference
/// Wang et al., *CosFace: Large Margin Cosine Loss for Deep Face Recognition*, CVPR 2018, equation 4. Usual: m = 0.35, s = 64.
///
/// # See also
/// [`normalised_softmax`], without a margin; [`arc_face`](crate::arc_face), with a margin on the angle.
#[doc(alias = "CosFaceLoss")]
#[doc(alias = "AM-Softmax")]
#[track_caller]
pub fn cos_face(embeddings: &Tensor, labels: &Labels, weights: &Tensor, options: CosFaceOptions) -> Tensor {
    let CosFaceOptions { margin, scale } = options;
    check("cos_face", embeddings, labels, ("weights", weights), 2);
    check_margin("cos_face", embeddings, margin, scale);
    let cosines = cosines(&labels.without_ignored(embeddings), weights);
    cross_entropy(&(scale * (&cosines - labels.truth().select(cosines.full_like(margin), 0))), labels)
}

/// Options of [`cos_face`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CosFaceOptions {
    /// By how much the label's cosine is made less, m. Usual: 0.35.
    pub margin: f64,
    /// What the cosines are multiplied by, s. Usual: 64.
    pub scale: f64,
}

impl Default for CosFaceOptions {
    fn default() -> CosFaceOptions {
        CosFaceOptions { margin: 0.35, scale: 64.0 }
    }
}

/// Mean squared distance of the cosines from 1 for the label's class and 0 for the others.
///
/// ```text
/// ℓᵢ = Σⱼ (Σₖ uᵢₖ vⱼₖ − [j = yᵢ])² / Σⱼ 1
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// vⱼₖ = weightsⱼₖ / √(Σₗ weightsⱼₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// As [`normalised_softmax`]: embeddings `[examples, dimensions]`, weights `[classes, dimensions]`, loss `[examples]`.
///
/// # Gradient
/// By the cosines `2 (cosⱼ − [j = y])/C`: proportional to the error, with no probability between. 0 for a zero row, and where the label is ignored.
///
/// # Estimates
/// The **frequencies** of the classes by the cosines, as squared errors do. From 0, where the label's direction is met and the others are orthogonal, to
/// 4 and less.
///
/// # Stability
/// A sum of squares of numbers from −2 to 1.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, p2s_grad};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[2.0, 1.0], [0.0, 3.0]]);
/// let weights = Tensor::from([[1.0, 0.0], [0.6, 0.8]]);
/// let loss = p2s_grad(&embeddings, &Labels::new([0, 1], 2)?, &weights);
/// assert_eq!(format!("{loss:.4}"), "[0.4056, 0.0200]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[-0.0447, 0.0894],\n [-0.0200, 0.0000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where scale and margin are not to be tuned; used in speaker verification and detection of forged speech. It misleads with many classes: the one term of
/// the label is lost among the others, which cannot all be orthogonal.
///
/// # Reference
/// Zhang et al., *P2SGrad: Refined Gradients for Optimizing Deep Face Models*, CVPR 2019, equation 11, as the loss with that gradient (Wang and Yamagishi,
/// 2021, equation 3).
///
/// # See also
/// [`normalised_softmax`], [`cos_face`].
#[doc(alias = "P2SGradLoss")]
#[track_caller]
pub fn p2s_grad(embeddings: &Tensor, labels: &Labels, weights: &Tensor) -> Tensor {
    check("p2s_grad", embeddings, labels, ("weights", weights), 2);
    let cosines = cosines(&labels.without_ignored(embeddings), weights);
    let truth = labels.truth().cast(cosines.dtype());
    labels.zero_if_ignored((cosines - truth).square().mean_axis(-1))
}
