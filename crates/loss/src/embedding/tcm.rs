//! Threshold-consistent margin loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, embedded};
use crate::embedding::reduction::Masked;
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`tcm`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TcmOptions {
    /// Weight of the like pairs.
    pub positive_weight: f64,
    /// Weight of the unlike pairs.
    pub negative_weight: f64,
    /// The cosine that like pairs should reach.
    pub positive_margin: f64,
    /// The cosine that unlike pairs should stay below.
    pub negative_margin: f64,
}

impl Default for TcmOptions {
    /// Weights 1, margins 0.9 and 0.5.
    fn default() -> TcmOptions {
        TcmOptions { positive_weight: 1.0, negative_weight: 1.0, positive_margin: 0.9, negative_margin: 0.5 }
    }
}

/// The mean shortfall of the like pairs whose cosine is below one level, and the mean excess of the unlike pairs above another.
///
/// ```text
/// ℓ = positive_weight P + negative_weight N
/// P = Σ{i, j : aᵢⱼ > 0 and sᵢⱼ < positive_margin} (positive_margin − sᵢⱼ) / max(p, 1)
/// N = Σ{i, j : aᵢⱼ < 0 and sᵢⱼ > negative_margin} (sᵢⱼ − negative_margin) / max(n, 1)
/// p = Σ{i, j : aᵢⱼ > 0 and sᵢⱼ < positive_margin} 1
/// n = Σ{i, j : aᵢⱼ < 0 and sᵢⱼ > negative_margin} 1
/// aᵢⱼ = 0 if i = j else 1 if labelsᵢ = labelsⱼ else −1
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[]`, one for the batch. With `references`, embeddings `[references, dimensions]` and their labels, the pairs are
/// those of an example and a reference, instead of two examples. Anything else panics.
///
/// # Gradient
/// By the cosine of a like pair that violates: `−positive_weight / p`; of an unlike one `negative_weight / n`; 0 elsewhere. The numbers of violators are constants.
///
/// # Estimates
/// **One threshold for all classes**: 0 when every like pair is above the one level and every unlike pair below the other.
///
/// # Stability
/// Linear in the cosines; without violators it is 0, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, TcmOptions, tcm};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = tcm(&embeddings, &labels, None, TcmOptions::default());
/// assert_eq!(format!("{loss:.3}"), "0.653");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.200],\n [-0.405, 0.304],\n [0.304, -0.405],\n [-0.200, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As a regulariser of a retrieval loss when one threshold of similarity must serve every class. It misleads alone: few hard pairs decide all of it, mislabelled ones too.
///
/// # Reference
/// Zhang et al., *Threshold-Consistent Margin Loss for Open-World Deep Metric Learning*, ICLR 2024, equation 4. Usual: margins 0.9 and 0.5, weights 1.
/// pytorch-metric-learning takes the positives and negatives from the embeddings even where references are given; here they are the references.
///
/// # See also
/// [`contrastive_pairs`](crate::contrastive_pairs); [`intra_pair_variance`](crate::intra_pair_variance).
#[doc(alias = "ThresholdConsistentMarginLoss")]
#[doc(alias = "TCM")]
#[track_caller]
pub fn tcm(
    embeddings: &Tensor,
    labels: &Labels,
    references: Option<(&Tensor, &Labels)>,
    options: TcmOptions,
) -> Tensor {
    let TcmOptions { positive_weight, negative_weight, positive_margin, negative_margin } = options;
    let z = embedded("tcm", embeddings, labels);
    for (name, number) in [
        ("positive_weight", positive_weight),
        ("negative_weight", negative_weight),
        ("positive_margin", positive_margin),
        ("negative_margin", negative_margin),
    ] {
        check_finite("tcm", (name, number), z.dtype());
    }
    let (s, pairs) = match references {
        None => (cosines(&z, &z), Pairs::of(labels, z.dtype())),
        Some((references, named)) => {
            let others = embedded("tcm", references, named);
            assert!(
                z.shape()[1] == others.shape()[1],
                "tcm: embeddings {} and references {} must have the same dimensions",
                z.shape(),
                others.shape()
            );
            (cosines(&z, &others), Pairs::between(labels, named, z.dtype()))
        }
    };
    let lacking = Masked::new(&(positive_margin - &s), &pairs.positive).mean_nonzero();
    let excess = Masked::new(&(&s - negative_margin), &pairs.negative).mean_nonzero();
    positive_weight * lacking + negative_weight * excess
}
