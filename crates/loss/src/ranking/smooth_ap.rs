//! Average precision with every rank smooth.

use minimand_tensor::Tensor;

use crate::labels::Labels;
use crate::numbers::{check_finite, check_positive};
use crate::ranking::{check, filled, ranks};

/// Average precision with smooth ranks among all items and among the relevant ones, as a cost.
///
/// ```text
/// ℓ = Σ{i : yᵢ ≥ 1} (1 − aᵢ / rᵢ) / max(Σᵢ [yᵢ ≥ 1], 1)
/// aᵢ = 1 + Σ{j : j ≠ i and yⱼ ≥ 1} σ((sⱼ − sᵢ) / temperature)
/// rᵢ = 1 + Σ{j ≠ i} σ((sⱼ − sᵢ) / temperature)
/// sᵢ = scoresᵢ
/// yᵢ = relevanceᵢ
/// ```
///
/// # Shapes
/// `scores` and `relevance` have one shape `[…, items]`; the loss is `[…]`, one per list. Items of relevance 1 and more are relevant, floats
/// or integers. A `mask` (bool) of the same shape tells which items exist; what masked items hold, even NaN, has no influence. Anything else
/// panics, and so does a `temperature` that is not greater than 0 and finite.
///
/// # Gradient
/// By way of both ranks: a relevant item and an irrelevant one nearby pull apart, relevant ones among themselves do not lose. A list without
/// relevant items, or masked wholly, has loss 0 and gradient 0. Smooth everywhere.
///
/// # Estimates
/// An **order** with the relevant items first. From 0, approached as all relevant items leave the others behind, to less than 1. As the
/// temperature falls it tends to 1 − average precision.
///
/// # Stability
/// Computed as `(r − a)/r`, where `r − a` is summed over the irrelevant items alone: a small loss keeps its digits. σ saturates at the
/// usual temperature of 0.01 for gaps of cosines above 0.4, in f32; the gradient is then 0.
///
/// # Example
/// ```
/// use minimand_loss::smooth_ap;
/// use minimand_tensor::Tensor;
///
/// let scores = Tensor::from([[2.0, 1.0, 0.0], [0.0, 0.0, 5.0]]);
/// let relevance = Tensor::from([[0i64, 1, 1], [1, 0, 0]]);
/// let mask = Tensor::from([[true, true, true], [true, true, false]]);
/// let loss = smooth_ap(&scores, &relevance, Some(&mask), 1.0);
/// assert_eq!(format!("{loss:.4}"), "[0.3514, 0.3333]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&scores)), "[[0.0445, -0.0259, -0.0186],\n [-0.1111, 0.1111, 0.0000]]");
/// ```
///
/// # When to use
/// For retrieval judged by mean average precision, with many relevant items per query. It misleads at the usual temperature on scores
/// that are no cosines: on a scale of tens everything is saturated, and nothing is learned.
///
/// # Reference
/// Brown, Xie, Kalogeiton, Zisserman, *Smooth-AP: Smoothing the Path Towards Large-Scale Image Retrieval*, ECCV 2020, equation
/// 7. Usual: temperature = 0.01 for cosines.
///
/// # See also
/// [`smooth_ap_of_embeddings`] of a batch of embeddings; [`approx_average_precision`](crate::approx_average_precision), with a hard count.
#[doc(alias = "SmoothAP")]
#[track_caller]
pub fn smooth_ap(scores: &Tensor, relevance: &Tensor, mask: Option<&Tensor>, temperature: f64) -> Tensor {
    check("smooth_ap", scores, relevance, mask);
    check_positive("smooth_ap", ("temperature", temperature), scores.dtype());
    check_finite("smooth_ap", ("temperature", temperature), scores.dtype());
    let s = filled(scores, mask, 0.0);
    let relevant = filled(&relevance.ge(1).cast(s.dtype()), mask, 0.0);
    let irrelevant = relevance.ge(1).logical_not();
    let irrelevant = mask.map_or_else(|| irrelevant.clone(), |exists| exists & &irrelevant);
    // r − a, and a, each with its own 1.
    let beaten = ranks::smooth(&s, Some(&irrelevant), temperature, Tensor::sigmoid) - 1.0;
    let among = ranks::smooth(&s, Some(&relevant.gt(0)), temperature, Tensor::sigmoid);
    let n = relevant.sum_axis(-1).clamp_min(1);
    (&relevant * &beaten / (among + &beaten)).sum_axis(-1) / n
}

/// Smooth average precision of each embedding of a batch as a query for those of its own class, by cosine.
///
/// ```text
/// ℓₖ = Σ{i : cᵢ = cₖ} (1 − aₖᵢ / rₖᵢ) / Σᵢ [cᵢ = cₖ]
/// aₖᵢ = 1 + Σ{j : j ≠ i and cⱼ = cₖ} σ((sₖⱼ − sₖᵢ) / temperature)
/// rₖᵢ = 1 + Σ{j ≠ i} σ((sₖⱼ − sₖᵢ) / temperature)
/// sₖᵢ = Σₗ embeddingsₖₗ embeddingsᵢₗ / (√(Σₗ embeddingsₖₗ²) √(Σₗ embeddingsᵢₗ²))
/// cᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` is `[batch, features]`, `labels` names a class for each row; the loss is `[batch]`, one per query. The query itself counts
/// among its relevant items. Anything else panics, and so does a `temperature` that is not greater than 0 and finite. Rows with an
/// ignored label take no part and have loss 0.
///
/// # Gradient
/// That of [`smooth_ap`] by way of the cosines, whose gradient at a row of zeros is 0. Smooth everywhere else.
///
/// # Estimates
/// **Neighbourhoods**: those of the same class nearer than all others. From 0 to less than 1; 0 where a batch holds one class only.
///
/// # Stability
/// As [`smooth_ap`].
///
/// # Example
/// ```
/// use minimand_loss::{Labels, smooth_ap_of_embeddings};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]]);
/// let labels = Labels::new([0, 1, 0], 2)?;
/// let loss = smooth_ap_of_embeddings(&embeddings, &labels, 0.5);
/// assert_eq!(format!("{loss:.4}"), "[0.2535, 0.4157, 0.2853]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&embeddings)), "[[0.0000, 0.1546],\n [0.0473, -0.0355],\n [0.0955, 0.0000]]");
/// # Ok::<(), minimand_loss::LabelError>(())
/// ```
///
/// # When to use
/// To train embeddings for retrieval, in batches of a few classes with many members each. It misleads in batches with hardly any
/// negatives, where it is near 0 from the start. Memory grows with the cube of the batch.
///
/// # Reference
/// Brown, Xie, Kalogeiton, Zisserman 2020, as [`smooth_ap`]. pytorch-metric-learning wants the same number of members in all classes, sorted by
/// class, and mixes classes up unless there are as many classes as members; here any labels will do.
///
/// # See also
/// [`smooth_ap`]; [`nt_xent`](crate::nt_xent); [`batch_hard_triplet`](crate::batch_hard_triplet).
#[doc(alias = "SmoothAPLoss")]
#[track_caller]
pub fn smooth_ap_of_embeddings(embeddings: &Tensor, labels: &Labels, temperature: f64) -> Tensor {
    assert!(
        embeddings.rank() == 2 && labels.shape().len() == 1 && embeddings.shape()[0] == labels.len(),
        "smooth_ap_of_embeddings: embeddings {} and labels {} do not fit: embeddings must be [batch, features] with a label for each row",
        embeddings.shape(),
        labels.shape()
    );
    let rows = labels.without_ignored(embeddings);
    let length = rows.norm_keepdim(-1);
    let unit = rows / length.eq(0).select(1, &length);
    let cosines = unit.matmul(&unit.swap_axes(0, 1));
    let class = labels.index();
    let same = class.unsqueeze(-1).eq(class);
    let mask = labels.kept().map(|kept| kept.unsqueeze(-1) & kept);
    smooth_ap(&cosines, &same.cast(cosines.dtype()), mask.as_ref(), temperature)
}
