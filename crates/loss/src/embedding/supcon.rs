//! Supervised contrastive loss.

use minimand_tensor::{Operand, Tensor};

use crate::embedding::info_nce::cosine_similarities;
use crate::embedding::pairs::{Pairs, count, embedded, log_sum};
use crate::embedding::reduction::ratio;
use crate::labels::Labels;

/// Cross-entropy of finding the other examples of one's label among all of a batch, averaged over them.
///
/// ```text
/// ℓᵢ = ln(Σ{j : j ≠ i} exp sᵢⱼ) − Σ{j : yⱼ = yᵢ and j ≠ i} sᵢⱼ / pᵢ if pᵢ > 0 and nᵢ > 0 else 0
/// pᵢ = Σ{j : yⱼ = yᵢ and j ≠ i} 1
/// nᵢ = Σ{j : yⱼ ≠ yᵢ} 1
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ / temperature
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`. `temperature` is a number or a tensor as for
/// [`info_nce`](crate::info_nce). Anything else panics. An example with an ignored label is nobody's positive or negative.
///
/// # Gradient
/// By `sᵢⱼ`: the share `exp sᵢⱼ / Σ exp sᵢₖ`, minus `1/pᵢ` for positives. An anchor without positive, or a batch of one class, has loss 0 and
/// gradient 0; so has a zero row.
///
/// # Estimates
/// The **density ratio** of two examples being of one class rather than any two. From 0 to ∞; with P positives of one similarity at least `ln P`,
/// so a number other than 0 may be the best there is.
///
/// # Stability
/// The sum over the others is a logarithm of a sum of exponentials with the anchor left out by −∞; no ε anywhere.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, supcon};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = supcon(&embeddings, &labels, 0.5);
/// assert_eq!(format!("{loss:.3}"), "[1.027, 1.514, 1.514, 1.027]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.809],\n [-2.243, 1.682],\n [1.682, -2.243],\n [-0.809, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For pretraining with labels in large batches, before a linear classifier. It misleads with few classes per batch, whose positives crowd out the
/// negatives, and with wrong labels, which it pulls together as firmly as right ones.
///
/// # Reference
/// Khosla et al., *Supervised Contrastive Learning*, NeurIPS 2020, equation 2 (the mean outside the logarithm). Usual: temperature 0.1, as in
/// pytorch-metric-learning, whose mean is over the anchors with a loss greater than 0.
///
/// # See also
/// [`nt_xent`](crate::nt_xent) without labels; [`nca`](crate::nca), the sum inside the logarithm.
#[doc(alias = "SupConLoss")]
#[doc(alias = "SupervisedContrastiveLoss")]
#[track_caller]
pub fn supcon(embeddings: &Tensor, labels: &Labels, temperature: impl Operand) -> Tensor {
    let z = embedded("supcon", embeddings, labels);
    let s = cosine_similarities("supcon", &z, &z, temperature);
    let pairs = Pairs::of(labels, z.dtype());
    let (positive, negative) = pairs.found();
    let mean = ratio(pairs.positive.select(&s, 0).sum_axis(-1), count(&pairs.positive, s.dtype()));
    let all = log_sum(&(&pairs.positive | &pairs.negative), &s);
    (positive & negative).select(all - mean, 0)
}
