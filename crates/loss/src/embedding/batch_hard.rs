//! Triplet loss with the hardest triplets of a batch.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::embedding::pairs::Pairs;
use crate::labels::Labels;
use crate::numbers::check_finite;

/// What the loss asks of a triplet beyond the right order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Margin {
    /// `max(Δ + m, 0)`: the negative must be farther away than the positive by m, at least 0; then the triplet is done.
    Hard(f64),
    /// `softplus(Δ)`: never done, ever less pull; there is no margin to choose.
    Soft,
}

/// Options of [`batch_hard_triplet`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BatchHardOptions {
    /// By how much the negative must be farther away than the positive.
    pub margin: Margin,
    /// How far apart two embeddings are, for the choice of the triplets and for their loss.
    pub distance: Distance,
}

impl Default for BatchHardOptions {
    /// Margin 1, Euclidean distance, as [`triplet_margin`](crate::triplet_margin).
    fn default() -> BatchHardOptions {
        BatchHardOptions { margin: Margin::Hard(1.0), distance: Distance::Euclidean }
    }
}

/// Triplet loss of each example of a batch with its farthest positive and its nearest negative: batch hard.
///
/// ```text
/// ℓᵢ = softplus(Δᵢ) if soft = 1 else max(Δᵢ + m, 0)
/// Δᵢ = max{j : yⱼ = yᵢ and j ≠ i} dᵢⱼ − min{j : yⱼ ≠ yᵢ} dᵢⱼ
/// dᵢⱼ = √(Σₖ (embeddingsᵢₖ − embeddingsⱼₖ)²)
/// yᵢ = labelsᵢ
/// m = margin
/// ```
///
/// This is [`Distance::Euclidean`]; [`Distance`] lists the others. The maximum over nothing is −∞, the minimum +∞.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with at least one example, `labels` has one label per example; the loss is
/// `[examples]`, each of them once the anchor. A margin is at least 0 and finite, in the unit of the distance. Anything else
/// panics. An ignored label makes its example neither anchor nor positive nor negative, whatever its embedding holds.
///
/// # Gradient
/// That of [`triplet_margin`](crate::triplet_margin) for the chosen triplets, times `σ(Δᵢ)` with the soft margin: an
/// example is moved as an anchor and by every anchor that chose it. The choice itself has no gradient; of equally
/// far positives, and of equally near negatives, the first takes the gradient whole. An anchor without positive or
/// without negative has loss 0 and gradient 0. At the seam `Δᵢ + m = 0` the gradient is 0, and so is that of a distance
/// of 0.
///
/// # Estimates
/// An **order**, no number: the loss is 0 (with the soft margin: near 0) for every embedding that has all negatives
/// farther away than all positives by the margin. From 0 to ∞. An embedding that has collapsed to one point costs
/// exactly the margin, or `ln 2` with the soft one: a mean loss that stays there has learned nothing.
///
/// # Stability
/// The triplets are chosen by distances from differences, never from `a² − 2ab + b²`, which cancels just where the
/// nearest negative is sought, and which are scaled where their squares would overflow or vanish; the cosine by products of
/// normalised embeddings. Value and gradient are computed for the chosen pairs alone, from differences and without ε, and the root has
/// gradient 0 at 0.
///
/// # Example
/// ```
/// use minimand_loss::{BatchHardOptions, LabelError, Labels, batch_hard_triplet};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[0.0, 0.0], [3.0, 4.0], [0.0, 5.5], [0.0, 8.0]]);
/// let labels = Labels::new([0, 0, 1, 2], 3)?;
/// let loss = batch_hard_triplet(&embeddings, &labels, BatchHardOptions::default());
/// assert_eq!(format!("{loss:.4}"), "[0.5000, 2.6459, 0.0000, 0.0000]"); // the last two have no positive
/// assert_eq!(
///     format!("{:.3}", loss.sum().grad(&embeddings)),
///     "[[-1.200, -0.600],\n [0.306, 2.047],\n [0.894, -1.447],\n [0.000, 0.000]]"
/// );
///
/// // They count in `loss.mean()`. The mean over the anchors with a positive: weigh the classes that occur once by 0.
/// let paired: Vec<f64> = labels.counts().iter().map(|&count| f64::from(count > 1)).collect();
/// assert_eq!(format!("{:.4}", labels.mean(&loss, Some(&Tensor::from(paired)))), "1.5729");
/// assert_eq!(format!("{:.4}", loss.mean()), "0.7865");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval and re-identification with labelled classes, in batches of P classes times K examples each (K of at
/// least 2, or there are no positives): moderate triplets of the whole data, because they are the hardest only of a
/// small batch. It misleads with wrong labels and outliers: one mislabelled example becomes the hardest positive of its
/// whole class. Early in training it may collapse to a point, the mean loss then rests at the margin: a smaller
/// learning rate, or a start with [`info_nce`](crate::info_nce), helps. With unnormalised embeddings a margin can be
/// met by growing them.
///
/// # Reference
/// Hermans, Beyer, Leibe, *In Defense of the Triplet Loss for Person Re-Identification*, arXiv 1703.07737, 2017,
/// equation 5, summed there and unreduced here; the soft margin is from the same paper. Usual: Euclidean
/// distances, K = 4, the soft margin or a margin from 0.1 to 1. pytorch-metric-learning's `BatchHardMiner` leaves out the
/// anchors without a positive, also from the mean, and `TripletMarginLoss(smooth_loss=True)` keeps the margin inside the
/// softplus.
///
/// # See also
/// [`triplet_margin`](crate::triplet_margin) for triplets that were chosen elsewhere;
/// [`nt_xent`](crate::nt_xent), which weighs all negatives of the batch instead of choosing one.
#[doc(alias = "BatchHardMiner")]
#[doc(alias = "BatchHardTripletLoss")]
#[doc(alias = "TripletHardLoss")]
#[track_caller]
pub fn batch_hard_triplet(embeddings: &Tensor, labels: &Labels, options: BatchHardOptions) -> Tensor {
    let BatchHardOptions { margin, distance } = options;
    check(embeddings, labels, margin);
    let z = labels.without_ignored(embeddings);
    let order = distance.order(&z.detach());
    let Pairs { positive, negative } = Pairs::of(labels, z.dtype());
    let (far, near) = (positive.select(&order, f64::NEG_INFINITY), negative.select(&order, f64::INFINITY));
    let to = |chosen: &Tensor| distance.between(&z, &z.index_select(0, chosen));
    let delta = to(&far.argmax_axis(-1)) - to(&near.argmin_axis(-1));
    let loss = match margin {
        Margin::Hard(m) => (delta + m).relu(),
        Margin::Soft => delta.softplus(),
    };
    // Where there was nothing to choose, the extreme is what stands for no such pair.
    let found = far.max_axis(-1).ne(f64::NEG_INFINITY) & near.min_axis(-1).ne(f64::INFINITY);
    found.select(loss, 0)
}

#[track_caller]
fn check(embeddings: &Tensor, labels: &Labels, margin: Margin) {
    let (found, labelled) = (embeddings.shape(), labels.shape());
    assert!(
        embeddings.rank() == 2 && labelled[..] == found[..1],
        "batch_hard_triplet: embeddings {found} and labels {labelled} do not fit: embeddings must be [examples, dimensions], \
         with one label per example"
    );
    assert!(!labels.is_empty(), "batch_hard_triplet: embeddings {found} hold no example");
    if let Margin::Hard(m) = margin {
        assert!(m >= 0.0, "batch_hard_triplet: margin is {m} and must not be below 0");
        check_finite("batch_hard_triplet", ("margin", m), embeddings.dtype());
    }
}
