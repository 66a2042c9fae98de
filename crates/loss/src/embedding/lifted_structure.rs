//! Lifted structured losses.

use minimand_tensor::Tensor;

use crate::embedding::Distance;
use crate::embedding::distance::scaled;
use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;
use crate::numbers::check_finite;

/// Options of [`lifted_structure`] and [`generalised_lifted_structure`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LiftedStructureOptions {
    /// What is taken off the distances of like things.
    pub positive_margin: f64,
    /// The distance up to which unlike things repel each other.
    pub negative_margin: f64,
    /// How far apart two embeddings are.
    pub distance: Distance,
    /// Whether embeddings are scaled to length 1 first.
    pub normalize: bool,
}

impl Default for LiftedStructureOptions {
    /// Margins 0 and 1, Euclidean distance of normalised embeddings.
    fn default() -> LiftedStructureOptions {
        LiftedStructureOptions {
            positive_margin: 0.0,
            negative_margin: 1.0,
            distance: Distance::Euclidean,
            normalize: true,
        }
    }
}

/// Each pair of like things against all unlike things of either, which repel within a margin.
///
/// ```text
/// ℓᵢⱼ = ½ max(ln(nᵢ + nⱼ) + dᵢⱼ − positive_margin, 0)² if yᵢ = yⱼ and i ≠ j and nᵢ > 0 else 0
/// nᵢ = Σ{k : yₖ ≠ yᵢ} exp(negative_margin − dᵢₖ)
/// dᵢⱼ = √(Σₘ (uᵢₘ − uⱼₘ)²)
/// uᵢₘ = embeddingsᵢₘ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₘ
/// yᵢ = labelsᵢ
/// ```
///
/// This is [`Distance::Euclidean`]; [`Distance`] lists the others.
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples, examples]`, each like pair twice, each time with half. Anything
/// else panics.
///
/// # Gradient
/// With `J` the term squared, `J` by `dᵢⱼ` and `−J` times the share of each negative by its distance; 0 where `J ≤ 0`. A batch of one class has none.
///
/// # Estimates
/// An **order** of distances: 0 where the like pair is nearer than the soft nearest unlike one by the margin. From 0 to ∞.
///
/// # Stability
/// Sums of exponentials in logarithms; distances from differences, gradient 0 where two embeddings coincide.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LiftedStructureOptions, lifted_structure};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = lifted_structure(&embeddings, &labels, LiftedStructureOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 3.424, 0.000, 0.000],\n [3.424, 0.000, 0.000, 0.000],\n [0.000, 0.000, 0.000, 3.424],\n [0.000, 0.000, 3.424, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -1.245],\n [-2.761, 2.070],\n [2.070, -2.761],\n [-1.245, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For batches with several examples of a class, when every negative should count. It misleads by its size, which grows with the logarithm of the number of
/// negatives: compare batches of one size only.
///
/// # Reference
/// Song, Xiang, Jegelka, Savarese, *Deep Metric Learning via Lifted Structured Feature Embedding*, CVPR 2016, equation 4; the mean is over the like pairs.
/// Usual: margin 1. Margins of pytorch-metric-learning's similarities are to be turned into distances, as for
/// [`contrastive_pairs`](crate::contrastive_pairs).
///
/// # See also
/// [`generalised_lifted_structure`] with all positives at once; [`batch_hard_triplet`](crate::batch_hard_triplet).
#[doc(alias = "LiftedStructureLoss")]
#[track_caller]
pub fn lifted_structure(embeddings: &Tensor, labels: &Labels, options: LiftedStructureOptions) -> Tensor {
    let (pairs, d) = distances("lifted_structure", embeddings, labels, options);
    let negatives = log_sum(&pairs.negative, &(options.negative_margin - &d));
    let (_, found) = pairs.found();
    let n = found.select(negatives, 0);
    let either = &n + (n.unsqueeze(-1) - &n).softplus();
    let excess = (either + d - options.positive_margin).relu();
    (pairs.positive & found.unsqueeze(-1) & found).select(0.5 * &excess * &excess, 0)
}

/// The soft farthest of all positives against the soft nearest of all negatives of each example.
///
/// ```text
/// ℓᵢ = max(p[i] + n[i], 0)
/// pᵢ = ln(Σ{j : yⱼ = yᵢ and j ≠ i} exp(dᵢⱼ − positive_margin)) if aᵢ > 0 else 0
/// nᵢ = ln(Σ{j : yⱼ ≠ yᵢ} exp(negative_margin − dᵢⱼ)) if bᵢ > 0 else 0
/// aᵢ = Σ{j : yⱼ = yᵢ and j ≠ i} 1
/// bᵢ = Σ{j : yⱼ ≠ yᵢ} 1
/// dᵢⱼ = √(Σₖ (uᵢₖ − uⱼₖ)²)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²) if normalize = 1 else embeddingsᵢₖ
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each; the loss is `[examples]`. Anything else panics. An empty set contributes 0, so that an
/// anchor without positive still repels its negatives.
///
/// # Gradient
/// Where the loss is greater than 0: the shares of the positives in their sum by their distances, minus those of the negatives.
///
/// # Estimates
/// An **order** of distances, as [`batch_hard_triplet`](crate::batch_hard_triplet), whose extremes are made smooth here. From 0 to ∞.
///
/// # Stability
/// Logarithms of masked sums of exponentials; an empty one is 0, not −∞.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, LiftedStructureOptions, generalised_lifted_structure};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = generalised_lifted_structure(&embeddings, &labels, LiftedStructureOptions::default());
/// assert_eq!(format!("{loss:.3}"), "[1.639, 2.145, 2.145, 1.639]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -0.302],\n [-1.337, 1.002],\n [1.002, -1.337],\n [-0.302, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// As [`lifted_structure`], with one loss per example. It misleads with large batches: `ln` of the number of examples is in it, so that the margin means
/// less the more there are.
///
/// # Reference
/// Hermans, Beyer, Leibe, *In Defense of the Triplet Loss for Person Re-Identification*, 2017, equation 4 of section 2. Usual: margin 1; of similarities
/// as for [`lifted_structure`].
///
/// # See also
/// [`lifted_structure`]; [`multi_similarity`](crate::multi_similarity).
#[doc(alias = "GeneralizedLiftedStructureLoss")]
#[track_caller]
pub fn generalised_lifted_structure(embeddings: &Tensor, labels: &Labels, options: LiftedStructureOptions) -> Tensor {
    let (pairs, d) = distances("generalised_lifted_structure", embeddings, labels, options);
    let (positive, negative) = pairs.found();
    let far = positive.select(log_sum(&pairs.positive, &(&d - options.positive_margin)), 0);
    let near = negative.select(log_sum(&pairs.negative, &(options.negative_margin - d)), 0);
    (far + near).relu()
}

#[track_caller]
fn distances(loss: &str, embeddings: &Tensor, labels: &Labels, options: LiftedStructureOptions) -> (Pairs, Tensor) {
    let LiftedStructureOptions { positive_margin, negative_margin, distance, normalize } = options;
    let z = scaled(&embedded(loss, embeddings, labels), normalize);
    check_finite(loss, ("positive_margin", positive_margin), z.dtype());
    check_finite(loss, ("negative_margin", negative_margin), z.dtype());
    (Pairs::of(labels, z.dtype()), distance.matrix(&z, &z))
}
