//! Cross-entropy of a linear layer's logits, computed piece by piece.

use minimand_tensor::Tensor;

use crate::classification::{CrossEntropyOptions, cross_entropy_with};
use crate::labels::Labels;

/// Options of [`linear_cross_entropy`].
#[derive(Clone, Debug)]
pub struct LinearCrossEntropyOptions {
    /// How many examples have their logits in memory at the same time, at least 1.
    pub chunk: usize,
    /// A weight per class, shape `[C]`, at least 0; `None`: 1.
    pub class_weights: Option<Tensor>,
    /// The share ε of the target's probability that is spread evenly over the classes, in [0, 1].
    pub label_smoothing: f64,
}

impl Default for LinearCrossEntropyOptions {
    /// 1024 examples at a time, no class weights, no smoothing.
    fn default() -> LinearCrossEntropyOptions {
        LinearCrossEntropyOptions { chunk: 1024, class_weights: None, label_smoothing: 0.0 }
    }
}

/// Cross-entropy of the logits `h Wᵀ + b` of a last layer, a chunk of the examples at a time.
///
/// ```text
/// ℓᵢ = −Σⱼ wⱼ qᵢⱼ ln pᵢⱼ
/// qᵢⱼ = (1 − ε) [yᵢ = j] + ε / C
/// pᵢⱼ = exp xᵢⱼ / Σₖ exp xᵢₖ
/// xᵢⱼ = Σₗ hiddenᵢₗ weightⱼₗ + biasⱼ
/// yᵢ = labelsᵢ
/// wⱼ = class_weightsⱼ
/// ε = label_smoothing
/// C = classes
/// ```
///
/// # Shapes
/// `hidden` h of shape `[…, D]`, `weight` W of shape `[C, D]`, `bias` b of shape `[C]` or none, and `labels` y of shape `[…]` with C
/// classes; one loss per label. Any finite numbers. Where a label is ignored the loss is 0; take the mean with [`Labels::mean`]. w
/// and ε as in [`cross_entropy_with`]. Panics when the shapes do not fit, the chunk is 0 or the smoothing outside of [0, 1].
///
/// # Gradient
/// With `gᵢⱼ = pᵢⱼ Σₖ wₖ qᵢₖ − wⱼ qᵢⱼ`: `∂ℓ/∂h = g W`, `∂ℓ/∂W = gᵀ h`, `∂ℓ/∂b = Σᵢ gᵢ`. No kinks.
///
/// # Estimates
/// As [`cross_entropy_with`]. From 0 to ∞.
///
/// # Stability
/// As [`cross_entropy_with`] on each chunk. There is no tensor of all logits, and a chunk waits for the losses of the one before:
/// the value needs memory for one chunk's logits. So do the gradients of `loss.sum()` over a number, asked for together with the
/// value; besides, a gradient of W per chunk is kept until they are added up: the least is held with chunks near `√(rows · D / 2)`.
/// [`Labels::mean`] divides by a number unless labels are ignored or weighted; what is then computed first makes the chunks' logits
/// wait for it.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, linear_cross_entropy};
/// use minimand_tensor::Tensor;
///
/// let hidden = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let weight = Tensor::from([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]);
/// let bias = Tensor::from([0.0, 0.0, -1.0]);
/// let labels = Labels::new([0, 2], 3)?;
/// let loss = linear_cross_entropy(&hidden, &weight, Some(&bias), &labels, Default::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5514, 1.5514]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&hidden)), "[[-0.2119, 0.4239],\n [-0.5761, -0.2119]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For language models, whose logits of a batch are larger than everything else in memory. It misleads with small
/// vocabularies: the chunks are then many small products, slower than one large one.
///
/// # Reference
/// Wijmans et al. 2024, "Cut your losses in large-vocabulary language models", section 4 (which also chunks over the classes);
/// PyTorch's `LinearCrossEntropyLoss`. Usual: chunks of some hundred to some thousand examples.
///
/// # See also
/// [`cross_entropy_with`], [`adaptive_softmax`](crate::adaptive_softmax).
#[doc(alias = "LinearCrossEntropyLoss")]
#[doc(alias = "fused_linear_cross_entropy")]
#[track_caller]
pub fn linear_cross_entropy(
    hidden: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    labels: &Labels,
    options: LinearCrossEntropyOptions,
) -> Tensor {
    let LinearCrossEntropyOptions { chunk, class_weights, label_smoothing } = options;
    let (h, y, classes) = (hidden.shape(), labels.shape(), labels.classes());
    let fits = h.split_last().is_some_and(|(&width, rest)| *rest == **y && *weight.shape() == [classes, width]);
    assert!(
        fits,
        "linear_cross_entropy: hidden {h}, weight {} and labels {y} of {classes} classes do not fit",
        weight.shape()
    );
    if let Some(b) = bias {
        assert!(*b.shape() == [classes], "linear_cross_entropy: bias {} must be [{classes}]", b.shape());
    }
    assert!(chunk > 0, "linear_cross_entropy: chunk must be at least 1, not 0");
    let (rows, width) = (labels.len(), h[h.len() - 1]);
    let (h, y) = (hidden.reshape([rows, width]), labels.reshape([rows]));
    let w = weight.transpose();
    let mut losses: Vec<Tensor> = Vec::new();
    for start in (0..rows.max(1)).step_by(chunk) {
        let end = rows.min(start + chunk);
        let product = after(losses.last(), &h.slice(0, start..end)).matmul(&w);
        let logits = bias.map_or_else(|| product.clone(), |b| &product + b);
        let options = CrossEntropyOptions { class_weights: class_weights.clone(), label_smoothing };
        losses.push(cross_entropy_with(&logits, &y.slice(start..end), options));
    }
    Tensor::concatenate(&losses, 0).reshape(labels.shape())
}

/// A chunk's examples as they are, but not before the former chunk's losses are known: all chunks at once would be all logits.
fn after(former: Option<&Tensor>, h: &Tensor) -> Tensor {
    let Some(former) = former else { return h.clone() };
    let never = former.detach().sum().lt(-1.0); // no loss is negative, and NaN is not less
    never.select(0, h)
}
