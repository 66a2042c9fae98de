//! Ranked list loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded};
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`ranked_list`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankedListOptions {
    /// The width between the distance of positives and that of negatives.
    pub margin: f64,
    /// The distance that negatives should have.
    pub boundary: f64,
    /// The share of the negatives in the loss; the positives have the rest.
    pub imbalance: f64,
    /// How sharply far positives are preferred.
    pub positive_temperature: f64,
    /// How sharply near negatives are preferred.
    pub negative_temperature: f64,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for RankedListOptions {
    /// Margin 0.4, boundary 1.2, both sides half, temperatures 0 and 10.
    fn default() -> RankedListOptions {
        RankedListOptions {
            margin: 0.4,
            boundary: 1.2,
            imbalance: 0.5,
            positive_temperature: 0.0,
            negative_temperature: 10.0,
            normalize: true,
        }
    }
}

/// Weighted means of what positives are beyond one distance and negatives within another.
///
/// ```text
/// ℓᵢ = (1 − imbalance) p[i] + imbalance n[i]
/// pᵢ = Σⱼ aᵢⱼ (dᵢⱼ − boundary + margin) / (Σⱼ aᵢⱼ) if Σⱼ aᵢⱼ > 0 else 0
/// nᵢ = Σⱼ bᵢⱼ (boundary − dᵢⱼ) / (Σⱼ bᵢⱼ) if Σⱼ bᵢⱼ > 0 else 0
/// aᵢⱼ = exp(positive_temperature (dᵢⱼ − boundary + margin)) if yⱼ = yᵢ and j ≠ i and dᵢⱼ > boundary − margin else 0
/// bᵢⱼ = exp(negative_temperature (boundary − dᵢⱼ)) if yⱼ ≠ yᵢ and dᵢⱼ < boundary else 0
/// dᵢⱼ = √(Σₖ (uᵢₖ − uⱼₖ)²)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`. Numbers finite, the imbalance from 0 to 1. Anything else panics.
///
/// # Gradient
/// The weights are held fixed: by a distance its weight over their sum, times `1 − imbalance` for positives and `−imbalance` for negatives. Empty sets have none.
///
/// # Estimates
/// A **sphere**: like things within `boundary − margin`, all others beyond `boundary`. 0 there, up to the greatest violation.
///
/// # Stability
/// The weights are a softmax, so that no temperature overflows; nothing is added to their sum.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, RankedListOptions, ranked_list};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = ranked_list(&embeddings, &labels, RankedListOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[0.331, 0.501, 0.501, 0.331]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.406],\n [-0.338, 0.253],\n [0.253, -0.338],\n [-0.406, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval, when classes should keep their spread instead of shrinking to a point. It misleads with boundaries far from the distances that occur: normalised embeddings are at
/// about 1.4 at random.
///
/// # Reference
/// Wang, Hua, Kodirov, Hu, Garnier, Robertson, *Ranked List Loss for Deep Metric Learning*, CVPR 2019, equations 3 to 8. Usual: m = 0.4, boundary 1.2, temperature 10 for negatives, 0 for positives.
/// pytorch-metric-learning (boundary `1 + m/2`) differentiates the weights too, adds 1e-5 to each and leaves out negatives at distance 0.
///
/// # See also
/// [`beta_margin`](crate::beta_margin), whose boundary is learned; [`contrastive_pairs`](crate::contrastive_pairs).
#[doc(alias = "RankedListLoss")]
#[track_caller]
pub fn ranked_list(embeddings: &Tensor, labels: &Labels, options: RankedListOptions) -> Tensor {
    let z = scaled(&embedded("ranked_list", embeddings, labels), options.normalize);
    let RankedListOptions { margin, boundary, imbalance, positive_temperature, negative_temperature, .. } = options;
    for (name, number) in [
        ("margin", margin),
        ("boundary", boundary),
        ("positive_temperature", positive_temperature),
        ("negative_temperature", negative_temperature),
    ] {
        check_finite("ranked_list", (name, number), z.dtype());
    }
    assert!((0.0..=1.0).contains(&imbalance), "ranked_list: imbalance is {imbalance} and must be from 0 to 1");
    let (pairs, d) = (Pairs::of(labels, z.dtype()), z.pairwise_distances(&z));
    let far = weighted(&pairs.positive, &(&d - (boundary - margin)), positive_temperature);
    let near = weighted(&pairs.negative, &(boundary - d), negative_temperature);
    (1.0 - imbalance) * far + imbalance * near
}

/// The mean of the violations greater than 0 of each row, weighed by their softmax, which is held fixed.
fn weighted(mask: &Tensor, violation: &Tensor, temperature: f64) -> Tensor {
    let violated = mask & violation.gt(0);
    let weight = violated.select(temperature * violation, f64::NEG_INFINITY).detach();
    let greatest = weight.max_keepdim(-1);
    let weight = (weight - greatest.is_finite().select(&greatest, 0)).exp();
    let total = weight.sum_keepdim(-1);
    let share = &weight / total.eq(0).select(1, &total);
    (share * violated.select(violation, 0)).sum_axis(-1)
}
