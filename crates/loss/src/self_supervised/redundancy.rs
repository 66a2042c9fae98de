//! Two views made alike without collapse, by what the dimensions of a batch have in common: VICReg and Barlow Twins.

use minimand_tensor::Tensor;

use super::views::check_views;

/// Squared distance of two views, plus hinges that keep every dimension's standard deviation at 1, plus squared covariances between dimensions.
///
/// ```text
/// ℓ = λ Σᵢⱼ (aᵢⱼ − bᵢⱼ)² / (n d) + ½ μ Σⱼ (max(1 − sⱼ, 0) + max(1 − tⱼ, 0)) / d + ν Σ{j, k : j ≠ k} (vⱼₖ² + wⱼₖ²) / d
/// sⱼ = √(vⱼⱼ + ε)
/// tⱼ = √(wⱼⱼ + ε)
/// vⱼₖ = Σᵢ (aᵢⱼ − Σₗ aₗⱼ / n) (aᵢₖ − Σₗ aₗₖ / n) / (n − 1)
/// wⱼₖ = Σᵢ (bᵢⱼ − Σₗ bₗⱼ / n) (bᵢₖ − Σₗ bₗₖ / n) / (n − 1)
/// aᵢⱼ = first_viewsᵢⱼ
/// bᵢⱼ = second_viewsᵢⱼ
/// n = Σᵢ 1
/// d = Σⱼ 1
/// λ = invariance
/// μ = variance
/// ν = covariance
/// ε = epsilon
/// ```
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, row i of both showing thing i, or it panics; the loss is of the batch, one number. The
/// weights and ε are those of the options.
///
/// # Gradient
/// Of the first term `2 λ (a − b)/(n d)`; of the second `−½ μ (a − ā)/((n − 1) s d)` where s < 1, 0 at the kink; of the third `4 ν Σₖ vⱼₖ (aᵢₖ − āₖ)/((n − 1) d)`
/// over the other dimensions.
///
/// # Estimates
/// No statistic of a target: embeddings whose dimensions are spread and uncorrelated, and that the change of view leaves alone. In [0, ∞).
///
/// # Stability
/// ε keeps the slope of the root finite for a dimension that is constant. One thing alone has no variance: only the first term remains, where PyTorch's
/// unbiased variance makes libraries give NaN.
///
/// # Example
/// ```
/// use minimand_loss::{VicregOptions, vicreg};
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 0.0], [0.0, 1.0], [0.5, 0.2]]);
/// let second_views = Tensor::from([[0.8, 0.1], [0.1, 0.9], [0.5, 0.5]]);
/// let loss = vicreg(&first_views, &second_views, VicregOptions::default());
/// assert_eq!(format!("{loss:.4}"), "14.6188");
/// assert_eq!(format!("{:.4}", loss.grad(&first_views)), "[[-1.3577, 1.4035],\n [2.1410, -2.5845],\n [0.0500, -1.3191]]");
/// ```
///
/// # When to use
/// For self-supervised learning without negatives, momentum or large batches, on an expanded output of thousands of dimensions. It misleads as a number to
/// compare runs by: the three terms trade against each other.
///
/// # Reference
/// Bardes, Ponce, LeCun, *VICReg*, ICLR 2022, equations 1 to 6, with the halves and means of its authors' code, which the libraries share: the paper sums
/// the squared distance over dimensions and does not halve the hinges. Usual: λ = μ = 25, ν = 1, ε = 1e-4.
///
/// # See also
/// [`barlow_twins`], [`nt_xent`](crate::nt_xent), [`negative_cosine_similarity`](crate::negative_cosine_similarity).
#[doc(alias = "VICRegLoss")]
#[track_caller]
pub fn vicreg(first_views: &Tensor, second_views: &Tensor, options: VicregOptions) -> Tensor {
    check_views("vicreg", ("first_views", first_views), ("second_views", second_views));
    let VicregOptions { invariance, variance, covariance, epsilon } = options;
    let alike = invariance * (first_views - second_views).square().mean();
    if first_views.shape()[0] < 2 {
        return alike;
    }
    let views = [first_views, second_views];
    let hinges = views.map(|z| (1.0 - (z.var_axis(0, 1) + epsilon).sqrt()).relu().mean());
    let shared = views.map(|z| {
        let centred = z - z.mean_keepdim(0);
        let matrix = centred.transpose().matmul(&centred) / (z.shape()[0] - 1);
        off_diagonal(&matrix).square().sum() / z.shape()[1]
    });
    alike + 0.5 * variance * (&hinges[0] + &hinges[1]) + covariance * (&shared[0] + &shared[1])
}

/// Options of [`vicreg`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VicregOptions {
    /// Weight of the distance of the views, λ. Usual: 25.
    pub invariance: f64,
    /// Weight of the hinges on standard deviations, μ. Usual: 25.
    pub variance: f64,
    /// Weight of the covariances, ν. Usual: 1.
    pub covariance: f64,
    /// What is added to variances, ε. Usual: 1e-4.
    pub epsilon: f64,
}

impl Default for VicregOptions {
    fn default() -> VicregOptions {
        VicregOptions { invariance: 25.0, variance: 25.0, covariance: 1.0, epsilon: 1e-4 }
    }
}

/// Squared distance of the correlations between the dimensions of two views from the unit matrix.
///
/// ```text
/// ℓ = Σⱼ (1 − cⱼⱼ)² + λ Σ{j, k : j ≠ k} cⱼₖ²
/// cⱼₖ = Σᵢ (aᵢⱼ − āⱼ) (bᵢₖ − b̄ₖ) / (n √((vⱼ + ε) (wₖ + ε)))
/// vⱼ = Σᵢ (aᵢⱼ − āⱼ)² / n
/// wⱼ = Σᵢ (bᵢⱼ − b̄ⱼ)² / n
/// āⱼ = Σₗ aₗⱼ / n
/// b̄ⱼ = Σₗ bₗⱼ / n
/// aᵢⱼ = first_viewsᵢⱼ
/// bᵢⱼ = second_viewsᵢⱼ
/// n = Σᵢ 1
/// λ = redundancy
/// ε = epsilon
/// ```
///
/// # Shapes
/// `first_views` and `second_views` are `[things, dimensions]`, row i of both showing thing i, or it panics; the loss is of the batch, one number.
///
/// # Gradient
/// By the correlations `2 (cⱼⱼ − 1)` and `2 λ cⱼₖ`; from there through the standardisation. A constant dimension has almost none.
///
/// # Estimates
/// No statistic of a target: an information bottleneck between a thing and its views, for normal embeddings. In [0, ∞).
///
/// # Stability
/// ε beside the variances: a dimension that is constant has correlations 0, not 0/0, and so has one thing alone.
///
/// # Example
/// ```
/// use minimand_loss::{BarlowTwinsOptions, barlow_twins};
/// use minimand_tensor::Tensor;
///
/// let first_views = Tensor::from([[1.0, 0.0], [0.0, 1.0], [0.5, 0.2]]);
/// let second_views = Tensor::from([[0.8, 0.1], [0.1, 0.9], [0.5, 0.5]]);
/// let loss = barlow_twins(&first_views, &second_views, BarlowTwinsOptions::default());
/// assert_eq!(format!("{loss:.4}"), "0.0127");
/// assert_eq!(format!("{:.4}", loss.grad(&first_views)), "[[0.0003, 0.0278],\n [0.0003, 0.0069],\n [-0.0007, -0.0347]]");
/// ```
///
/// # When to use
/// For self-supervised learning without negatives, on an output of thousands of dimensions. It misleads with fewer things than dimensions by far: the
/// correlations are then noise.
///
/// # Reference
/// Zbontar et al., *Barlow Twins: Self-Supervised Learning via Redundancy Reduction*, ICML 2021, equations 1 and 2, standardised as by batch
/// normalisation. Usual: λ = 5e-3, ε = 1e-5.
///
/// # See also
/// [`vicreg`], [`nt_xent`](crate::nt_xent).
#[doc(alias = "BarlowTwinsLoss")]
#[track_caller]
pub fn barlow_twins(first_views: &Tensor, second_views: &Tensor, options: BarlowTwinsOptions) -> Tensor {
    check_views("barlow_twins", ("first_views", first_views), ("second_views", second_views));
    let BarlowTwinsOptions { redundancy, epsilon } = options;
    let standard = |z: &Tensor| (z - z.mean_keepdim(0)) * (z.var_keepdim(0, 0) + epsilon).rsqrt();
    let [things, dimensions] = [0, 1].map(|axis| first_views.shape()[axis]);
    let c = standard(first_views).transpose().matmul(&standard(second_views)) / things;
    let unity = Tensor::eye(dimensions).cast(c.dtype());
    let own = (1.0 - (&c * &unity).sum_axis(0)).square().sum();
    own + redundancy * off_diagonal(&c).square().sum()
}

/// Options of [`barlow_twins`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BarlowTwinsOptions {
    /// Weight of the correlations between dimensions, λ. Usual: 5e-3.
    pub redundancy: f64,
    /// What is added to variances, ε. Usual: 1e-5.
    pub epsilon: f64,
}

impl Default for BarlowTwinsOptions {
    fn default() -> BarlowTwinsOptions {
        BarlowTwinsOptions { redundancy: 5e-3, epsilon: 1e-5 }
    }
}

/// A square matrix with 0 on its diagonal.
fn off_diagonal(matrix: &Tensor) -> Tensor {
    Tensor::eye(matrix.shape()[0]).ne(0).select(0, matrix)
}
