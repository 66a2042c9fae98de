//! Losses from histograms of distances, whose bins are soft.

use minimand_tensor::{DType, Tensor};

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, count, embedded};
use crate::embedding::reduction::ratio;
use crate::labels::Labels;

/// One minus the average precision of each example's neighbours, ranked by bins of their distances.
///
/// ```text
/// ℓᵢ = 1 − Σ_b h⁺ᵢ_b H⁺ᵢ_b / H_i_b / N⁺ᵢ if N⁺ᵢ > 0 else 0
/// H the running sums over the bins of h = h⁺ + h⁻
/// h⁺ᵢ_b = Σ{j : yⱼ = yᵢ and j ≠ i} max(1 − |dᵢⱼ − 4 b / bins| bins / 4, 0), b = 0 … bins
/// h⁻ᵢ_b the same over yⱼ ≠ yᵢ
/// dᵢⱼ = Σₖ (uᵢₖ − uⱼₖ)², u = embeddings / ‖embeddings‖
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples]`. At least one bin. Anything else panics.
///
/// # Gradient
/// That of the formula: each distance moves its share between the two centres beside it; 0 at a centre itself and outside. An anchor without positive has none.
///
/// # Estimates
/// The **average precision** of retrieval; from 0 (all like things first) to nearly 1. Within one bin all orders are the same.
///
/// # Stability
/// Empty bins contribute 0, not 0/0. A distance on the edge of a bin has gradient 0. Each pair is added to the two bins that it is
/// in, so that nothing larger than the pairs is stored.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, fast_ap};
/// use minimand_tensor::{DType, Tensor};
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = fast_ap(&embeddings, &labels, 7);
/// assert_eq!(format!("{loss:.3}"), "[0.575, 0.728, 0.728, 0.575]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.516],\n [-0.413, 0.310],\n [0.310, -0.413],\n [-0.516, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval with large batches of few classes, judged by average precision. It misleads in small batches, where precision is a matter of few neighbours, and where all
/// distances fall in one bin: its gradient is small then.
///
/// # Reference
/// Cakir, He, Xia, Kulis, Sclaroff, *Deep Metric Learning to Rank*, CVPR 2019, equations 10 and 13. Usual: 10 bins. The mean is over the anchors with a positive.
///
/// # See also
/// [`histogram`]; [`pnp`](crate::pnp), [`smooth_ap`](crate::smooth_ap).
#[doc(alias = "FastAPLoss")]
#[track_caller]
pub fn fast_ap(embeddings: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    let z = embedded("fast_ap", embeddings, labels).normalize(-1);
    assert!(bins > 0, "fast_ap: there must be at least one bin");
    let pairs = Pairs::of(labels, z.dtype());
    let place = Place::of(&z.pairwise_squared_distances(&z), 0.0, 4.0, bins);
    let (like, unlike) = (place.counts(&pairs.positive, -1), place.counts(&pairs.negative, -1));
    let like_before = like.cumulative_sum(-1);
    let precision = ratio(&like_before * &like, &like_before + unlike.cumulative_sum(-1)).sum_axis(-1);
    let positives = count(&pairs.positive, z.dtype());
    positives.gt(0).select(1.0 - ratio(precision, positives), 0)
}

/// The probability that an unlike pair is more similar than a like one, by histograms of both.
///
/// ```text
/// ℓ = Σ_b p⁻_b Σ_{c ≤ b} p⁺_c
/// p⁺_b = mean{i, j : yᵢ = yⱼ and i ≠ j} max(1 − |sᵢⱼ − t_b| bins / 2, 0), t_b = 2 b / bins − 1, b = 0 … bins
/// p⁻_b the same over yᵢ ≠ yⱼ
/// sᵢⱼ the cosine of embeddingsᵢ and embeddingsⱼ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[]`, one for the batch. At least one bin. Anything else panics.
///
/// # Gradient
/// By the cosine of a like pair between the nodes b and b + 1: `−bins p⁻_b / (2 n⁺)`; by that of an unlike one `bins p⁺_{b + 1} / (2 n⁻)`; 0 on a node.
///
/// # Estimates
/// The **probability of a wrong order**, of a random like and a random unlike pair; from 0 to 1. Without pairs of either kind it is 0.
///
/// # Stability
/// Cosines never leave ±1, so that no pair falls outside the bins: identical embeddings stand in the last one. Each pair is added to
/// the two bins that it is in, so that nothing larger than the pairs is stored.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, histogram};
/// use minimand_tensor::{DType, Tensor};
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = histogram(&embeddings, &labels, 100);
/// assert_eq!(format!("{loss:.3}"), "0.750");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, 0.000],\n [0.000, 0.000],\n [0.000, 0.000],\n [0.000, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where no margin is to be chosen, with batches of hundreds of pairs of both kinds. It misleads in small batches: two histograms that do not meet have loss 0 and
/// gradient 0, though the next batch may differ.
///
/// # Reference
/// Ustinova, Lempitsky, *Learning Deep Embeddings with Histogram Loss*, NeurIPS 2016, equations 3 to 5. Usual: 100 to 200 bins. pytorch-metric-learning fails for
/// identical embeddings, and leaves out unlike pairs neither of which has a like one.
///
/// # See also
/// [`fast_ap`]; [`supcon`](crate::supcon).
#[doc(alias = "HistogramLoss")]
#[track_caller]
pub fn histogram(embeddings: &Tensor, labels: &Labels, bins: usize) -> Tensor {
    let z = embedded("histogram", embeddings, labels);
    assert!(bins > 0, "histogram: there must be at least one bin");
    let pairs = Pairs::of(labels, z.dtype());
    let place = Place::of(&cosines(&z, &z).flatten(), -1.0, 1.0, bins);
    let density = |mask: &Tensor| {
        let mask = mask.flatten();
        ratio(place.counts(&mask, 0), mask.cast(z.dtype()).sum())
    };
    (density(&pairs.negative) * density(&pairs.positive).cumulative_sum(-1)).sum()
}

/// Where numbers stand among the evenly spaced edges of soft bins: each counts for the edge below it and the one above, by how near they are.
struct Place {
    below: Tensor,
    share_above: Tensor,
    edges: usize,
}

impl Place {
    fn of(x: &Tensor, low: f64, high: f64, bins: usize) -> Place {
        let u = ((x - low) * (bins as f64 / (high - low))).clamp(0.0, bins as f64);
        let below = u.detach().floor().clamp_max(bins as f64 - 1.0);
        let below = below.is_nan().select(0, below); // the share is NaN then, and comes out
        let share = &u - &below;
        // On an edge a number is at a kink of two bins: no gradient.
        let share_above = u.detach().eq(u.detach().floor()).select(share.detach(), share);
        Place { below: below.cast(DType::I64).detach(), share_above, edges: bins + 1 }
    }

    /// How many of those that count stand at each edge, along an axis.
    fn counts(&self, mask: &Tensor, axis: isize) -> Tensor {
        let above = mask.select(&self.share_above, 0);
        let below = mask.select(1.0 - &self.share_above, 0);
        below.scatter_add(axis, &self.below, self.edges) + above.scatter_add(axis, &self.below + 1, self.edges)
    }
}
