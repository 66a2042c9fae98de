//! The maximum mean discrepancy.

use minimand_tensor::Tensor;

use super::check_points;

/// Maximum mean discrepancy of two samples under a sum of Gaussian kernels: how much more alike points of one sample are than
/// points of different samples.
///
/// ```text
/// ℓ = (Σᵢⱼ aᵢⱼ − u Σᵢ aᵢᵢ) / (n (n − u)) + (Σₘₙ bₘₙ − u Σₘ bₘₘ) / (N (N − u)) − 2 Σᵢₘ cᵢₘ / (n N)
/// aᵢⱼ = Σₗ exp(−Σₖ (firstᵢₖ − firstⱼₖ)² / (2 bandwidthsₗ²))
/// bₘₙ = Σₗ exp(−Σₖ (secondₘₖ − secondₙₖ)² / (2 bandwidthsₗ²))
/// cᵢₘ = Σₗ exp(−Σₖ (firstᵢₖ − secondₘₖ)² / (2 bandwidthsₗ²))
/// n = Σᵢ 1
/// N = Σₘ 1
/// u = unbiased
/// ```
///
/// # Shapes
/// `first` is `[points, dimensions]`, `second` `[others, dimensions]`; the loss is one number. Each of the `bandwidths`, in the unit
/// of the points, is greater than 0; there is one at least. `unbiased` leaves out each point's likeness to itself and
/// needs two points a side. Anything else panics.
///
/// # Gradient
/// Points are drawn to those of the other sample and pushed from those of their own, each with the slope of its kernel. No kinks.
///
/// # Estimates
/// The **squared distance of the two distributions** in the kernel's space: 0 only if they are the same. Biased, it is at least 0
/// and too large by about 1/n; unbiased it may be below 0.
///
/// # Stability
/// Squared distances by differences of coordinates, never below 0.
///
/// # Example
/// ```
/// use minimand_loss::maximum_mean_discrepancy;
/// use minimand_tensor::Tensor;
///
/// let (first, second) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
/// let loss = maximum_mean_discrepancy(&first, &second, &[1.0], false);
/// assert_eq!(format!("{loss:.4}"), "0.4944");
/// assert_eq!(format!("{:.4}", loss.grad(&first)), "[[-0.0167],\n [-0.4386]]");
/// ```
///
/// # When to use
/// To match distributions without a critic: domain adaptation, generators, latent codes. It misleads with one bandwidth of the wrong
/// size: far too small or too large, all samples look alike. Take several around the median distance; in many dimensions
/// whole batches are needed.
///
/// # Reference
/// Gretton and others, *A Kernel Two-Sample Test*, Journal of Machine Learning Research 13, 2012, equations 3 (unbiased) and 5
/// (biased). Usual: the median distance times ½, 1 and 2.
///
/// # See also
/// [`energy_distance`](crate::energy_distance), which has no bandwidth; [`sinkhorn_divergence`](crate::sinkhorn_divergence).
#[doc(alias = "MMD")]
#[track_caller]
pub fn maximum_mean_discrepancy(first: &Tensor, second: &Tensor, bandwidths: &[f64], unbiased: bool) -> Tensor {
    check_points("maximum_mean_discrepancy", first, second);
    assert!(
        !bandwidths.is_empty() && bandwidths.iter().all(|width| *width > 0.0 && width.is_finite()),
        "maximum_mean_discrepancy: bandwidths {bandwidths:?} must be greater than 0 and finite, one at least"
    );
    let few = first.shape()[0].min(second.shape()[0]);
    assert!(!unbiased || few > 1, "maximum_mean_discrepancy: unbiased needs two points a side, not {few}");
    let likeness = |a: &Tensor, b: &Tensor| {
        let squares = a.pairwise_squared_distances(b);
        let kernel = |width: &f64| (&squares * (-0.5 / (width * width))).exp();
        bandwidths.iter().map(kernel).reduce(|sum, kernel| sum + kernel).expect("there is a bandwidth")
    };
    let within = |points: &Tensor| {
        let n = points.shape()[0] as f64;
        let all = likeness(points, points).sum();
        // A point is like itself by 1 under each kernel.
        if unbiased { (all - n * bandwidths.len() as f64) / (n * (n - 1.0)) } else { all / (n * n) }
    };
    within(first) + within(second) - 2.0 * likeness(first, second).mean()
}
