//! Triplet margin loss.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// Options of [`triplet_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripletOptions {
    /// By how much the negative must be farther away than the positive, at least 0.
    pub margin: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether the negative is compared with the nearer one of anchor and positive, instead of with the anchor.
    pub swap: bool,
}

impl Default for TripletOptions {
    /// Margin 1, Euclidean distance, no swap.
    fn default() -> TripletOptions {
        TripletOptions { margin: 1.0, distance: Distance::Euclidean, swap: false }
    }
}

/// Options of [`triplet_margin_with_distance`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TripletWithDistanceOptions {
    /// By how much the negative must be farther away than the positive, at least 0.
    pub margin: f64,
    /// Whether the negative is compared with the nearer one of anchor and positive, instead of with the anchor.
    pub swap: bool,
}

impl Default for TripletWithDistanceOptions {
    /// Margin 1, no swap.
    fn default() -> TripletWithDistanceOptions {
        TripletWithDistanceOptions { margin: 1.0, swap: false }
    }
}

/// By how much the negative fails to be farther from the anchor than the positive is, with a margin.
///
/// ```text
/// ℓ = max(d_ap − far + m, 0)
/// far = min(d_an, d_pn) if swap else d_an
/// d_ap = √(Σₖ (anchorₖ − positiveₖ)²)
/// d_an = √(Σₖ (anchorₖ − negativeₖ)²)
/// d_pn = √(Σₖ (positiveₖ − negativeₖ)²)
/// m = margin
/// ```
///
/// This is [`Distance::Euclidean`]; [`Distance`] lists the others, [`triplet_margin_with_distance`] takes any.
///
/// # Shapes
/// `anchor`, `positive` and `negative` are embeddings of one shape `[…, dimensions]`; the loss is `[…]`. Any numbers;
/// `margin ≥ 0` and finite, in the unit of the distance. Anything else panics.
///
/// # Gradient
/// Where `ℓ > 0`, with û = (anchor − positive)/d_ap and v̂ = (anchor − negative)/d_an: `û − v̂` by the anchor, `−û` by
/// the positive, `v̂` by the negative; with a swap that compares with the positive, v̂ = (positive − negative)/d_pn
/// moves from the anchor to the positive. 0 where `ℓ = 0`, the seam `d_ap + m = far` included. A distance of 0 has
/// gradient 0, and so has every component that is equal in [`Distance::Manhattan`]. Where `d_an = d_pn`, a swap lets
/// both share the gradient evenly.
///
/// # Estimates
/// An **order**, no number: it is 0 for every embedding that has each negative farther away than the positive by the
/// margin, and knows no best one among them. From 0 to ∞ (to `2 + m` for the cosine). An embedding that has collapsed
/// to one point costs exactly the margin: a mean loss at the margin has learned nothing.
///
/// # Stability
/// Distances come from differences, without ε: PyTorch adds 10⁻⁶ to every difference (Optax under the root), which
/// makes the distance of a vector from itself 10⁻⁶ √dimensions with a gradient. The root's gradient at 0 is 0 by
/// definition, so equal embeddings give no NaN. Neither long nor short vectors overflow or vanish on the way to their
/// Euclidean distance; in f32 a squared one is ∞ beyond 10¹⁹ (and two of them leave no difference but NaN), and a
/// cosine is exact to about 10⁻⁷.
///
/// # Example
/// ```
/// use minimand_loss::{TripletOptions, triplet_margin};
/// use minimand_tensor::Tensor;
///
/// let anchor = Tensor::from([[0.0, 0.0], [0.0, 0.0]]);
/// let positive = Tensor::from([[3.0, 4.0], [3.0, 4.0]]);
/// let negative = Tensor::from([[0.0, 5.5], [0.0, 8.0]]);
/// let loss = triplet_margin(&anchor, &positive, &negative, TripletOptions::default());
/// assert_eq!(loss.to_string(), "[0.5, 0]");
/// assert_eq!(format!("{:.1}", loss.sum().grad(&anchor).at(0, 0)), "[-0.6, 0.2]");
///
/// // The second negative is only 5 from the positive: a swap sees that.
/// let options = TripletOptions { swap: true, ..Default::default() };
/// let loss = triplet_margin(&anchor, &positive, &negative, options);
/// assert_eq!(format!("{loss:.4}"), "[2.6459, 1.0000]");
/// ```
///
/// # When to use
/// For retrieval and re-identification, when examples come as "this is nearer than that", and with a rule that picks
/// hard triplets: the mean over random ones soon consists of zeros and says nothing about those that matter. The
/// hardest negatives from the start tend to collapse the embedding; semi-hard ones, farther than the positive but
/// within the margin, do not. With large batches [`info_nce`](crate::info_nce) uses all negatives at once and needs no
/// such rule. It misleads with unnormalised embeddings, with which the network can satisfy any margin by growing them.
///
/// # Reference
/// Schroff, Kalenichenko, Philbin, *FaceNet: A Unified Embedding for Face Recognition and Clustering*, CVPR 2015,
/// section 3.1: squared distances of normalised embeddings, margin 0.2. The swap: Balntas, Riba, Ponsa, Mikolajczyk,
/// *Learning local feature descriptors with triplets and shallow convolutional neural networks*, BMVC 2016. Usual:
/// margin 1 (PyTorch), 0.1 to 0.5 for normalised embeddings.
///
/// # See also
/// [`triplet_margin_with_distance`]; [`contrastive`](crate::contrastive) for labelled pairs;
/// [`info_nce`](crate::info_nce) for many negatives; [`pairwise_logistic`](crate::pairwise_logistic), smooth, for
/// scores instead of distances.
#[doc(alias = "TripletMarginLoss")]
#[doc(alias = "triplet_margin_loss")]
#[doc(alias = "triplet_loss")]
#[track_caller]
pub fn triplet_margin(anchor: &Tensor, positive: &Tensor, negative: &Tensor, options: TripletOptions) -> Tensor {
    let TripletOptions { margin, distance, swap } = options;
    check("triplet_margin", anchor, positive, negative, margin);
    let options = TripletWithDistanceOptions { margin, swap };
    triplet_margin_with_distance(anchor, positive, negative, |a, b| distance.between(a, b), options)
}

/// The triplet margin loss for a distance of one's own.
///
/// ```text
/// ℓ = max(d_ap − far + margin, 0)
/// far = min(d_an, d_pn) if swap else d_an
/// ```
///
/// with `d_ap = distance(anchor, positive)`, `d_an = distance(anchor, negative)`, `d_pn = distance(positive,
/// negative)`.
///
/// # Shapes
/// `anchor`, `positive` and `negative` have one shape `[…, dimensions]`, or they panic; `margin ≥ 0` and finite, or it panics.
/// `distance` gets two of them and gives `[…]`, the shape of the loss; any tensor operations will do, also with
/// parameters that are learned.
///
/// # Gradient
/// Where `ℓ > 0`, that of `d_ap` minus that of `far`, each derived from `distance` as it was written; 0 where `ℓ = 0`,
/// the seam `d_ap + margin = far` included. Where `d_an = d_pn`, a swap lets both share the gradient evenly.
///
/// # Estimates
/// An **order** of distances, as [`triplet_margin`]; from 0 to ∞, and 0 wherever each negative is farther away than the
/// positive by the margin.
///
/// # Stability
/// As stable as `distance` is. A root of a sum of squares has an infinite slope at 0: take
/// [`norm`](minimand_tensor::Tensor::norm), whose gradient there is 0.
///
/// # Example
/// The greatest difference of a component, Chebyshev's distance:
/// ```
/// use minimand_loss::{TripletWithDistanceOptions, triplet_margin_with_distance};
/// use minimand_tensor::Tensor;
///
/// let anchor = Tensor::from([[0.0, 0.0]]);
/// let positive = Tensor::from([[3.0, 4.0]]);
/// let negative = Tensor::from([[4.5, 1.0]]);
/// let chebyshev = |a: &Tensor, b: &Tensor| (a - b).abs().max_axis(-1);
/// let options = TripletWithDistanceOptions::default();
/// let loss = triplet_margin_with_distance(&anchor, &positive, &negative, chebyshev, options);
/// assert_eq!(loss.to_string(), "[0.5]");
/// assert_eq!(loss.sum().grad(&anchor).to_string(), "[[1, -1]]");
/// ```
///
/// # When to use
/// When none of the distances in [`Distance`] is the one by which embeddings will be searched: a learned metric, the
/// angle, a distance of sequences. It misleads when training and search use different distances. `swap` supposes a
/// symmetric distance.
///
/// # Reference
/// As [`triplet_margin`]; for a learned linear metric Weinberger and Saul, *Distance Metric Learning for Large Margin
/// Nearest Neighbor Classification*, JMLR 10, 2009. Usual: margin 1, or a fraction of the distances that occur.
///
/// # See also
/// [`triplet_margin`] for the usual distances.
#[doc(alias = "TripletMarginWithDistanceLoss")]
#[doc(alias = "triplet_margin_with_distance_loss")]
#[track_caller]
pub fn triplet_margin_with_distance(
    anchor: &Tensor,
    positive: &Tensor,
    negative: &Tensor,
    distance: impl Fn(&Tensor, &Tensor) -> Tensor,
    options: TripletWithDistanceOptions,
) -> Tensor {
    let TripletWithDistanceOptions { margin, swap } = options;
    check("triplet_margin_with_distance", anchor, positive, negative, margin);
    let near = distance(anchor, positive);
    let mut far = distance(anchor, negative);
    if swap {
        far = far.minimum(distance(positive, negative));
    }
    (near - far + margin).relu()
}

#[track_caller]
fn check(loss: &str, anchor: &Tensor, positive: &Tensor, negative: &Tensor, margin: f64) {
    same_shapes(loss, ("anchor", anchor), ("positive", positive));
    same_shapes(loss, ("anchor", anchor), ("negative", negative));
    assert!(anchor.rank() > 0, "{loss}: anchor {} must have an axis for the embedding", anchor.shape());
    assert!(margin >= 0.0, "{loss}: margin is {margin} and must not be below 0");
    check_finite(loss, ("margin", margin), anchor.dtype());
}
