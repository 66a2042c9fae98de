//! Contrastive losses over all pairs of a batch.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded};
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`contrastive_pairs`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ContrastivePairsOptions {
    /// The distance up to which like things no longer attract each other.
    pub positive_margin: f64,
    /// The distance from which on unlike things no longer repel each other.
    pub negative_margin: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for ContrastivePairsOptions {
    /// Margins 0 and 1, Euclidean distance of normalised embeddings.
    fn default() -> ContrastivePairsOptions {
        ContrastivePairsOptions {
            positive_margin: 0.0,
            negative_margin: 1.0,
            distance: Distance::Euclidean,
            normalize: true,
        }
    }
}

/// Options of [`snr_contrastive`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SnrContrastiveOptions {
    /// The noise up to which like things no longer attract each other.
    pub positive_margin: f64,
    /// The noise from which on unlike things no longer repel each other.
    pub negative_margin: f64,
}

impl Default for SnrContrastiveOptions {
    /// Margins 0 and 1.
    fn default() -> SnrContrastiveOptions {
        SnrContrastiveOptions { positive_margin: 0.0, negative_margin: 1.0 }
    }
}

/// The distance of every two examples of one label beyond a margin, and what that of every two of different labels lacks to another.
///
/// ```text
/// ℓᵢⱼ = 0 if i = j else max(dᵢⱼ − positive_margin, 0) if labelsᵢ = labelsⱼ else max(negative_margin − dᵢⱼ, 0)
/// dᵢⱼ = √(Σₖ (uᵢₖ − uⱼₖ)²)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// ```
///
/// This is [`Distance::Euclidean`]; [`Distance`] lists the others.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples, examples]`. Anything else panics. Pairs with an ignored
/// label are 0.
///
/// # Gradient
/// By `dᵢⱼ`: 1 for like pairs beyond their margin, −1 for unlike pairs within theirs, else 0, at the margin too; from there as of the distance, 0
/// where two embeddings coincide.
///
/// # Estimates
/// **Whether two things are alike**: 0 when all like pairs are within one margin and all others beyond the other. From 0 to ∞.
///
/// # Stability
/// Distances come from differences, never from `a² − 2ab + b²`, without ε; a zero vector stays zero when normalised, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{ContrastivePairsOptions, LabelError, Labels, Masked, contrastive_pairs};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6]]);
/// let labels = Labels::new([0, 0, 1], 2)?;
/// let loss = contrastive_pairs(&embeddings, &labels, ContrastivePairsOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 0.894, 0.368],\n [0.894, 0.000, 0.717],\n [0.368, 0.717, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, 0.109],\n [0.153, -0.115],\n [-0.050, 0.066]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For batches with labels, as the plainest loss of all pairs. It misleads by its mean: most unlike pairs are soon beyond the margin, so
/// average like and unlike pairs apart, each over those that are not 0 ([`Masked::mean_nonzero`](crate::Masked::mean_nonzero)).
///
/// # Reference
/// Hadsell, Chopra, LeCun, CVPR 2006, equation 4, but unsquared, as pytorch-metric-learning has it, whose mean is that of the pairs greater than
/// 0, of like and of unlike ones, added. Usual: margins 0 and 1. There, similarities have margins of their own sign: those of a cosine, c, are distances
/// `1 − c` here, those of a product −c; and `LpDistance(p=1)` scales embeddings to a sum of 1, where here their length is 1 whatever the distance.
///
/// # See also
/// [`contrastive`](crate::contrastive) for given pairs, squared; [`batch_hard_triplet`](crate::batch_hard_triplet).
#[doc(alias = "ContrastiveLoss")]
#[track_caller]
pub fn contrastive_pairs(embeddings: &Tensor, labels: &Labels, options: ContrastivePairsOptions) -> Tensor {
    let ContrastivePairsOptions { positive_margin, negative_margin, distance, normalize } = options;
    let z = scaled(&embedded("contrastive_pairs", embeddings, labels), normalize);
    check_finite("contrastive_pairs", ("positive_margin", positive_margin), z.dtype());
    check_finite("contrastive_pairs", ("negative_margin", negative_margin), z.dtype());
    hinges(&Pairs::of(labels, z.dtype()), &distance.matrix(&z, &z), positive_margin, negative_margin)
}

fn hinges(pairs: &Pairs, d: &Tensor, positive_margin: f64, negative_margin: f64) -> Tensor {
    let repulsion = pairs.negative.select((negative_margin - d).relu(), 0);
    pairs.positive.select((d - positive_margin).relu(), repulsion)
}

/// The contrastive loss of all pairs by the variance of their difference over that of the anchor: noise over signal.
///
/// ```text
/// ℓᵢⱼ = 0 if i = j else max(dᵢⱼ − positive_margin, 0) if labelsᵢ = labelsⱼ else max(negative_margin − dᵢⱼ, 0)
/// dᵢⱼ = Σₖ (cᵢₖ − cⱼₖ)² / (Σₖ cᵢₖ²)
/// cᵢₖ = uᵢₖ − Σₗ uᵢₗ / (Σₗ 1)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ```
///
/// # Shapes
/// As [`contrastive_pairs`]; the loss is `[examples, examples]`, anchors in rows: it is not symmetric.
///
/// # Gradient
/// By `dᵢⱼ` 1 for like pairs beyond their margin, −1 for unlike pairs within theirs, else 0; the anchor receives also that of its own variance.
///
/// # Estimates
/// **Whether two things are alike**, by the share of noise; from 0 to ∞. The expected noise of two independent embeddings of one variance is 2.
///
/// # Stability
/// Variances of differences of centred rows. A constant embedding has no signal: its distances as an anchor are 0, with gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, SnrContrastiveOptions, snr_contrastive};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0, 0.5], [0.6, 0.8, 0.2], [0.8, 0.1, 0.6]]);
/// let labels = Labels::new([0, 0, 1], 2)?;
/// let loss = snr_contrastive(&embeddings, &labels, SnrContrastiveOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 1.887, 0.914],\n [4.206, 0.000, 0.000],\n [0.866, 0.000, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[-2.300, -6.068, 4.600],\n [-6.684, 2.354, 10.635],\n [1.439, -1.132, -1.730]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Where the scale of features differs between examples. It misleads with few dimensions, whose variance says little, and it does not see the
/// mean of an embedding.
///
/// # Reference
/// Yuan, Deng, Tang, Tang, Chen, *Signal-to-Noise Ratio: A Robust Distance Metric for Deep Metric Learning*, CVPR 2019, equation 8, without its
/// regulariser of the means; margins as pytorch-metric-learning.
///
/// # See also
/// [`contrastive_pairs`]; [`Distance::SignalToNoise`] for other losses.
#[doc(alias = "SignalToNoiseRatioContrastiveLoss")]
#[track_caller]
pub fn snr_contrastive(embeddings: &Tensor, labels: &Labels, options: SnrContrastiveOptions) -> Tensor {
    let SnrContrastiveOptions { positive_margin, negative_margin } = options;
    let z = scaled(&embedded("snr_contrastive", embeddings, labels), true);
    check_finite("snr_contrastive", ("positive_margin", positive_margin), z.dtype());
    check_finite("snr_contrastive", ("negative_margin", negative_margin), z.dtype());
    hinges(&Pairs::of(labels, z.dtype()), &Distance::SignalToNoise.matrix(&z, &z), positive_margin, negative_margin)
}
