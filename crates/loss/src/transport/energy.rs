//! The energy distance.

use minimand_tensor::Tensor;

use super::check_points;

/// Energy distance of two samples: how much farther points of different samples are from each other than points of one.
///
/// ```text
/// ℓ = 2 Σᵢₘ cᵢₘ / (n N) − Σᵢⱼ aᵢⱼ / n² − Σₘₙ bₘₙ / N²
/// aᵢⱼ = √(Σₖ (firstᵢₖ − firstⱼₖ)²)
/// bₘₙ = √(Σₖ (secondₘₖ − secondₙₖ)²)
/// cᵢₘ = √(Σₖ (firstᵢₖ − secondₘₖ)²)
/// n = Σᵢ 1
/// N = Σₘ 1
/// ```
///
/// # Shapes
/// `first` is `[points, dimensions]`, `second` `[others, dimensions]`; the loss is one number. Others panic.
///
/// # Gradient
/// Unit vectors towards the points of the other sample and away from those of one's own; 0 between points that coincide.
///
/// # Estimates
/// A **distance of the two distributions**: 0 only if they are the same. At least 0; in one dimension twice the squared distance of
/// the distribution functions.
///
/// # Stability
/// The norm has gradient 0 at 0, so that each point's distance to itself is harmless.
///
/// # Example
/// ```
/// use minimand_loss::energy_distance;
/// use minimand_tensor::Tensor;
///
/// let (first, second) = (Tensor::from([[0.0], [1.0]]), Tensor::from([[1.0], [3.0]]));
/// let loss = energy_distance(&first, &second);
/// assert_eq!(format!("{loss:.4}"), "1.5000");
/// assert_eq!(loss.grad(&first).to_string(), "[[-0.5],\n [-1]]");
/// ```
///
/// # When to use
/// To match distributions when no scale is known: it has no parameter. It misleads when coordinates have different units: scale
/// them first.
///
/// # Reference
/// Székely and Rizzo, *Energy Statistics*, Journal of Statistical Planning and Inference 143, 2013, equation 2.5. Geomloss's "energy"
/// is half of it.
///
/// # See also
/// [`maximum_mean_discrepancy`](crate::maximum_mean_discrepancy); [`ensemble_crps`](crate::ensemble_crps), its kin for one target.
#[doc(alias = "energy_score")]
#[track_caller]
pub fn energy_distance(first: &Tensor, second: &Tensor) -> Tensor {
    check_points("energy_distance", first, second);
    let mean = |a: &Tensor, b: &Tensor| a.pairwise_distances(b).mean();
    2.0 * mean(first, second) - mean(first, first) - mean(second, second)
}
