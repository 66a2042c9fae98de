//! Instance loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::info_nce::{against, parted};
use crate::embedding::pairs::embedded;
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Cross-entropy of finding, among the embeddings of a batch, the one that stands for an example's instance.
///
/// ```text
/// ℓᵢ = ln(Σⱼ exp(gamma sᵢⱼ)) − gamma s[i, rᵢ]
/// rᵢ = Σ{j : labelsⱼ < labelsᵢ and fⱼ = 0} 1
/// fⱼ = Σ{n : n < j and labelsₙ = labelsⱼ} 1
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ```
///
/// The instances are numbered by their labels in order: row r of the batch stands for the r-th of the distinct labels.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples]`. Anything else panics; ignored labels have loss 0 and stand for nothing.
///
/// # Gradient
/// By `sᵢⱼ`: `gamma` times the share `exp(gamma sᵢⱼ)/Σ` minus `[j = rᵢ]`.
///
/// # Estimates
/// The **probability** of each instance, a softmax of cosines. From 0 to ∞.
///
/// # Stability
/// The softplus of the log-odds of all others: γ of thousands keeps value and gradient.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, instance};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = instance(&embeddings, &labels, 4.0);
/// assert_eq!(format!("{loss:.3}"), "[0.513, 2.518, 1.078, 1.313]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -1.390],\n [-1.271, 0.953],\n [0.473, -0.631],\n [-0.590, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With labels 0, 1, 2, … that name the rows themselves, each example an instance of its own, to spread them; for two views of a thing take [`info_nce`](crate::info_nce). It misleads with labels that repeat: an example is
/// drawn to the row of its label's rank, which may show another class.
///
/// # Reference
/// Zheng et al., *Dual-Path Convolutional Image-Text Embeddings with Instance Loss*, ACM TOMM 2020, equation 6, where the rows are a shared classifier; with rows of the batch as
/// pytorch-metric-learning. Usual: γ = 64.
///
/// # See also
/// [`info_nce`](crate::info_nce); [`supcon`](crate::supcon).
#[doc(alias = "InstanceLoss")]
#[track_caller]
pub fn instance(embeddings: &Tensor, labels: &Labels, gamma: f64) -> Tensor {
    let z = embedded("instance", embeddings, labels);
    check_finite("instance", ("gamma", gamma), z.dtype());
    let named: Vec<i64> = labels.index().to_vec();
    let kept = labels.kept().map_or_else(|| vec![true; named.len()], Tensor::to_vec::<bool>);
    let mut distinct: Vec<i64> = named.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(label, _)| *label).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let rank = |label: &i64| distinct.binary_search(label).unwrap_or(0) as i64;
    let row = Tensor::from(named.iter().map(rank).collect::<Vec<i64>>());
    let (positive, rivals) = parted(&(gamma * cosines(&z, &z)), &row);
    let rivals = labels.kept().map_or_else(|| rivals.clone(), |kept| kept.select(&rivals, f64::NEG_INFINITY));
    labels.zero_if_ignored(against(&positive, &rivals, -1))
}
