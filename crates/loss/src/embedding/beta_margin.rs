//! Margin loss with a boundary that is learned.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded};
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`beta_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BetaMarginOptions {
    /// How far from the boundary a distance must stay.
    pub margin: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for BetaMarginOptions {
    /// Margin 0.2, Euclidean distance of normalised embeddings.
    fn default() -> BetaMarginOptions {
        BetaMarginOptions { margin: 0.2, distance: Distance::Euclidean, normalize: true }
    }
}

/// How far like things are beyond, and unlike things within, a learned distance and its margin.
///
/// ```text
/// ℓᵢⱼ = 0 if i = j else max(dᵢⱼ − beta + margin, 0) if labelsᵢ = labelsⱼ else max(beta − dᵢⱼ + margin, 0)
/// dᵢⱼ = √(Σₖ (uᵢₖ − uⱼₖ)²)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// ```
///
/// This is [`Distance::Euclidean`]; [`Distance`] lists the others.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; `beta` is a number `[]`, or one of each class, `[classes]`: that of the anchor. The loss is
/// `[examples, examples]`. Anything else panics.
///
/// # Gradient
/// Where the loss is greater than 0: for like pairs 1 by the distance and −1 by β, for unlike pairs the opposite; 0 elsewhere.
///
/// # Estimates
/// A **boundary**: β settles where as many like as unlike pairs are wrong. From 0 to ∞.
///
/// # Stability
/// Distances from differences, without ε; gradient 0 where two embeddings coincide.
///
/// # Example
/// ```
/// use minimand_loss::{BetaMarginOptions, LabelError, Labels, beta_margin};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = beta_margin(&embeddings, &labels, &Tensor::from(1.2), BetaMarginOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 0.000, 0.768, 0.000],\n [0.000, 0.000, 1.117, 0.768],\n [0.768, 1.117, 0.000, 0.000],\n [0.000, 0.768, 0.000, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, 1.897],\n [0.066, -0.050],\n [-0.050, 0.066],\n [1.897, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// With a [`DistanceWeightedMiner`](crate::DistanceWeightedMiner), whose negatives of every distance it was made for. It misleads with β alone per class: a class that is hard grows
/// its β instead of shrinking itself; add `ν β.sum()`.
///
/// # Reference
/// Wu, Manmatha, Smola, Krähenbühl, *Sampling Matters in Deep Embedding Learning*, ICCV 2017, equation 5. Usual: margin 0.2, β from 1.2 on, with a greater learning rate.
/// pytorch-metric-learning takes all triplets, each a like and an unlike pair of one anchor, and divides by the number of losses greater than 0.
///
/// # See also
/// [`contrastive_pairs`](crate::contrastive_pairs) with fixed boundaries.
#[doc(alias = "MarginLoss")]
#[track_caller]
pub fn beta_margin(embeddings: &Tensor, labels: &Labels, beta: &Tensor, options: BetaMarginOptions) -> Tensor {
    let BetaMarginOptions { margin, distance, normalize } = options;
    let z = scaled(&embedded("beta_margin", embeddings, labels), normalize);
    check_finite("beta_margin", ("margin", margin), z.dtype());
    assert!(
        beta.rank() == 0 || beta.shape()[..] == [labels.classes()],
        "beta_margin: beta {} must be a number, or one for each of {} classes",
        beta.shape(),
        labels.classes()
    );
    let boundary = if beta.rank() == 0 { beta.clone() } else { beta.index_select(0, labels.index()).unsqueeze(-1) };
    let (pairs, beyond) = (Pairs::of(labels, z.dtype()), distance.matrix(&z, &z) - boundary);
    let repulsion = pairs.negative.select((margin - &beyond).relu(), 0);
    pairs.positive.select((beyond + margin).relu(), repulsion)
}
