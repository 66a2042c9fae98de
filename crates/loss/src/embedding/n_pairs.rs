//! N-pair loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, any, embedded};
use crate::labels::Labels;
use crate::odds::log_odds_against;

/// Cross-entropy of finding the partner of each class's first example among the partners of all classes.
///
/// ```text
/// ℓᵢ = ln(Σ{j : aⱼ = 1} exp sᵢⱼ) − sᵢᵢ if aᵢ = 1 else 0
/// sᵢⱼ = Σₖ uᵢₖ u[pⱼ, k]
/// aᵢ = 1 if cᵢ = 0 and pᵢ < ∞ else 0
/// cᵢ = Σ{j : j < i and labelsⱼ = labelsᵢ} 1
/// pᵢ = min{j : j > i and labelsⱼ = labelsᵢ} j
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// ```
///
/// The anchor of a class is its first example in the batch, the partner its second.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`, that of a class at its anchor and 0 elsewhere. Anything
/// else panics.
///
/// # Gradient
/// By `sᵢⱼ`: the share `exp sᵢⱼ / Σ exp sᵢₖ` minus `[i = j]`. Classes of one example, and ignored ones, have none.
///
/// # Estimates
/// The **density ratio** of an example and its partner; from 0 to ∞, and `ln N` for N classes when nothing is told apart.
///
/// # Stability
/// A softplus of the log-odds of the other partners: it neither overflows nor saturates. One class alone has loss 0 and gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, n_pairs};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = n_pairs(&embeddings, &labels, false);
/// assert_eq!(format!("{loss:.3}"), "[0.437, 0.000, 0.889, 0.000]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[-0.213, 0.071],\n [0.117, 0.353],\n [0.353, -0.118],\n [-0.117, -0.353]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For batches of two examples of each of many classes. It misleads unnormalised, where a network lowers the loss by growing its embeddings: add a
/// weight times their squared length, or normalise and scale.
///
/// # Reference
/// Sohn, *Improved Deep Metric Learning with Multi-class N-pair Loss Objective*, NeurIPS 2016, equation 7, unnormalised with a regulariser 0.02 of the
/// lengths; pytorch-metric-learning normalises by default.
///
/// # See also
/// [`info_nce`](crate::info_nce) with a temperature; [`supcon`](crate::supcon) for more than one partner.
#[doc(alias = "NPairsLoss")]
#[doc(alias = "npairs_loss")]
#[track_caller]
pub fn n_pairs(embeddings: &Tensor, labels: &Labels, normalize: bool) -> Tensor {
    let z = scaled(&embedded("n_pairs", embeddings, labels), normalize);
    let n = labels.len();
    let later = Pairs::of(labels, z.dtype()).positive & Tensor::triangular_mask(n, n, 0).transpose();
    let earlier = later.transpose();
    let anchor = any(&later) & !any(&earlier);
    let partner = later.select(z.ones_like().sum_axis(-1).ones_like(), 0).argmax_axis(-1);
    let s = z.matmul(&z.index_select(0, &partner).transpose());
    let own = Tensor::iota(n).eq(Tensor::iota(n).unsqueeze(-1));
    let rivals = (!&own & &anchor).select(&s, f64::NEG_INFINITY);
    anchor.select(log_odds_against(&own.select(&s, 0).sum_axis(-1), &rivals, -1).softplus(), 0)
}
