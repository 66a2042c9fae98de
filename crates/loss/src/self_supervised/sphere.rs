//! Where embeddings lie on the sphere: near their partners, far from everything else.

use minimand_tensor::Tensor;

use super::views::check_views;
use crate::numbers::check_positive;
use crate::shape::same_shapes;

/// Minus the cosine between a prediction and the other view's embedding, which is held fixed.
///
/// ```text
/// ℓᵢ = −Σₖ predictionᵢₖ targetᵢₖ / √(Σₗ predictionᵢₗ² Σₘ targetᵢₘ²)
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, dimensions]`, of one shape, or it panics; the loss has the shape without the last axis. A zero row has cosine 0.
///
/// # Gradient
/// By the prediction, at right angles to it, `−(v − cos u)/‖prediction‖` for the unit vectors u and v. The target is held fixed and receives none: without
/// that, everything collapses into one point. 0 for a zero row.
///
/// # Estimates
/// The **mean direction** of the targets given the other view. From −1 to 1.
///
/// # Stability
/// [`Tensor::cosine_similarity`]: no ε, no overflow.
///
/// # Example
/// ```
/// use minimand_loss::negative_cosine_similarity;
/// use minimand_tensor::Tensor;
///
/// let (prediction, target) = (Tensor::from([[1.0, 0.0], [1.0, 1.0]]), Tensor::from([[3.0, 4.0], [2.0, 2.0]]));
/// let loss = negative_cosine_similarity(&prediction, &target);
/// assert_eq!(format!("{loss:.4}"), "[-0.6000, -1.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&prediction)), "[[0.0000, -0.8000],\n [-0.0000, -0.0000]]");
/// ```
///
/// # When to use
/// As SimSiam does, half of each direction: prediction of the first view against the embedding of the second, and the reverse. BYOL's loss is 2 plus twice
/// this, its target from a network of averaged weights. It misleads as a measure of progress: a collapsed network reaches −1. Watch the spread of the
/// embeddings.
///
/// # Reference
/// Chen and He, *Exploring Simple Siamese Representation Learning*, CVPR 2021, equations 1 and 3; Grill et al., *Bootstrap Your Own Latent*, NeurIPS 2020,
/// equation 2.
///
/// # See also
/// [`alignment`], [`vicreg`](crate::vicreg), [`dino`](crate::dino).
#[doc(alias = "NegativeCosineSimilarity")]
#[doc(alias = "SimSiam")]
#[doc(alias = "BYOL")]
#[track_caller]
pub fn negative_cosine_similarity(prediction: &Tensor, target: &Tensor) -> Tensor {
    same_shapes("negative_cosine_similarity", ("prediction", prediction), ("target", target));
    assert!(prediction.rank() > 0, "negative_cosine_similarity: prediction [] must have an axis of dimensions");
    -prediction.cosine_similarity(&target.detach(), -1)
}

/// A power of the distance on the sphere between two views of one thing.
///
/// ```text
/// ℓᵢ = (Σₖ (uᵢₖ − vᵢₖ)²)^(½ α)
/// uᵢₖ = first_viewsᵢₖ / √(Σₗ first_viewsᵢₗ²)
/// vᵢₖ = second_viewsᵢₖ / √(Σₗ second_viewsᵢₗ²)
/// α = alpha
/// ```
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, or it panics; the loss is `[things]`. `alpha` is at least 1.
///
/// # Gradient
/// By the unit vector u `α d^(α − 2) (u − v)` with the distance d; 0 where the views are in one place; at right angles to the row. 0 for a zero row.
///
/// # Estimates
/// No statistic. From 0 to `2^α`.
///
/// # Stability
/// For α ≥ 2 a power of the squared distance, below a power of [`Tensor::norm`]: finite slope at distance 0.
///
/// # Example
/// ```
/// use minimand_loss::alignment;
/// use minimand_tensor::Tensor;
///
/// let (first_views, second_views) = (Tensor::from([[1.0, 0.0], [1.0, 1.0]]), Tensor::from([[3.0, 4.0], [2.0, 2.0]]));
/// let loss = alignment(&first_views, &second_views, 2.0);
/// assert_eq!(format!("{loss:.4}"), "[0.8000, 0.0000]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&first_views)), "[[0.0000, -1.6000],\n [0.0000, 0.0000]]");
/// ```
///
/// # When to use
/// With [`uniformity`], as a pair that says what contrastive losses do; or to measure embeddings. It misleads alone: one point for everything has loss 0.
///
/// # Reference
/// Wang and Isola, *Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere*, ICML 2020, section 4.1. Usual: α = 2.
///
/// # See also
/// [`uniformity`], [`negative_cosine_similarity`].
#[doc(alias = "HypersphereLoss")]
#[track_caller]
pub fn alignment(first_views: &Tensor, second_views: &Tensor, alpha: f64) -> Tensor {
    check_views("alignment", ("first_views", first_views), ("second_views", second_views));
    assert!(alpha >= 1.0 && alpha.is_finite(), "alignment: alpha is {alpha} and must be at least 1, and finite");
    let difference = first_views.normalize(-1) - second_views.normalize(-1);
    if alpha >= 2.0 { difference.square().sum_axis(-1).pow(0.5 * alpha) } else { difference.norm_axis(-1).pow(alpha) }
}

/// Logarithm of the mean Gaussian potential between all pairs of a batch on the sphere.
///
/// ```text
/// ℓ = ln(Σ{i, j : i < j} exp(−t Σₖ (uᵢₖ − uⱼₖ)²) / Σ{i, j : i < j} 1)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ```
///
/// # Shapes
/// `embeddings` is `[things, dimensions]`, or it panics; the loss is of the batch, one number, 0 for one thing alone. `t` is positive.
///
/// # Gradient
/// By the squared distances −t times their shares of the sum: near pairs push each other apart. 0 for a zero row, and between two rows in one place.
///
/// # Estimates
/// No statistic: the uniform distribution on the sphere is its minimiser. From −4 t to 0, 0 when all is in one place.
///
/// # Stability
/// A logarithm of a sum of exponentials, less the logarithm of the number of pairs: no underflow for t in the hundreds.
///
/// # Example
/// ```
/// use minimand_loss::uniformity;
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [3.0, 4.0], [0.0, -2.0]]);
/// let loss = uniformity(&embeddings, 2.0);
/// assert_eq!(format!("{loss:.4}"), "-2.6084");
/// assert_eq!(format!("{:.4}", loss.grad(&embeddings)), "[[0.0000, 2.5924],\n [0.4691, -0.3518],\n [0.1698, 0.0000]]");
/// ```
///
/// # When to use
/// With [`alignment`], or to measure embeddings: a value near 0 is collapse. It misleads in comparisons of different dimensions: the best value depends on them.
///
/// # Reference
/// Wang and Isola, *Understanding Contrastive Representation Learning through Alignment and Uniformity on the Hypersphere*, ICML 2020, section 4.1. Usual: t = 2;
/// lightly has 1.
///
/// # See also
/// [`alignment`], [`koleo`].
#[doc(alias = "HypersphereLoss")]
#[track_caller]
pub fn uniformity(embeddings: &Tensor, t: f64) -> Tensor {
    check_views("uniformity", ("embeddings", embeddings), ("embeddings", embeddings));
    check_positive("uniformity", ("t", t), embeddings.dtype());
    let n = embeddings.shape()[0];
    let u = embeddings.normalize(-1);
    let potential = -t * u.pairwise_squared_distances(&u);
    if n < 2 {
        return potential.sum().zeros_like();
    }
    // All pairs in both orders: the mean is that of each pair once.
    let others = Tensor::eye(n).ne(0).select(f64::NEG_INFINITY, potential);
    others.logsumexp() - (n as f64 * (n - 1) as f64).ln()
}

/// Minus the logarithm of the distance to the nearest other embedding on the sphere: the Kozachenko-Leonenko estimate of entropy.
///
/// ```text
/// ℓᵢ = −ln(min{j ≠ i} √(Σₖ (uᵢₖ − uⱼₖ)²) + ε)
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// ε = epsilon
/// ```
///
/// # Shapes
/// `embeddings` is `[things, dimensions]`, or it panics; the loss is `[things]`, 0 for one thing alone. `epsilon` is positive.
///
/// # Gradient
/// With the nearest neighbour j at distance d, by the unit vectors `−(uᵢ − uⱼ)/(d (d + ε))` and its opposite; of equally near ones the first counts. 0 where
/// the neighbour is in the same place, which has no direction.
///
/// # Estimates
/// Its mean is minus the **entropy** of the embeddings' distribution over the dimension, up to a constant. From −ln 2 to −ln ε.
///
/// # Stability
/// The distance is the length of a difference, not the root of `2 − 2 cos`, which loses near neighbours to rounding. ε bounds the loss where two are in one
/// place; here it is not added to the differences, too, as lightly does.
///
/// # Example
/// ```
/// use minimand_loss::koleo;
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [3.0, 4.0], [0.0, -2.0]]);
/// let loss = koleo(&embeddings, 1e-8);
/// assert_eq!(format!("{loss:.4}"), "[0.1116, 0.1116, -0.3466]");
/// assert_eq!(format!("{:.4}", loss.mean().grad(&embeddings)), "[[0.0000, 0.5000],\n [0.1067, -0.0800],\n [0.0833, 0.0000]]");
/// ```
///
/// # When to use
/// With a small weight beside another loss, as DINOv2 does, to spread the embeddings of a batch. It misleads when the batch holds the same thing twice: true
/// neighbours are pushed apart.
///
/// # Reference
/// Sablayrolles et al., *Spreading Vectors for Similarity Search*, ICLR 2019, equation 3. Usual: ε = 1e-8, weight 0.1 (Oquab et al., *DINOv2*, 2023).
///
/// # See also
/// [`uniformity`], [`dino`](crate::dino).
#[doc(alias = "KoLeoLoss")]
#[track_caller]
pub fn koleo(embeddings: &Tensor, epsilon: f64) -> Tensor {
    check_views("koleo", ("embeddings", embeddings), ("embeddings", embeddings));
    check_positive("koleo", ("epsilon", epsilon), embeddings.dtype());
    let n = embeddings.shape()[0];
    let u = embeddings.normalize(-1);
    if n < 2 {
        return u.sum_axis(-1).zeros_like();
    }
    let fixed = u.detach();
    let order = Tensor::eye(n).ne(0).select(f64::INFINITY, fixed.pairwise_squared_distances(&fixed));
    let nearest = u.index_select(0, order.argmin_axis(-1));
    -((u - nearest).norm_axis(-1) + epsilon).ln()
}
