//! Kullback–Leibler divergence of normal distributions with full covariances.

use minimand_tensor::Tensor;

use crate::linear::solve_positive_definite;
use crate::shape::same_shapes;

/// Kullback–Leibler divergence of two normal distributions with full covariance matrices.
///
/// ```text
/// ℓ = ½ (tr(S₂⁻¹ S₁) − n + (m₂ − m₁)ᵀ S₂⁻¹ (m₂ − m₁) + ln det S₂ − ln det S₁)
/// m₁, S₁ = first_mean, first_covariance
/// m₂, S₂ = second_mean, second_covariance
/// ```
///
/// # Shapes
/// The means are `[…, dimensions]`, the covariances `[…, dimensions, dimensions]`, symmetric and positive definite (not checked: the
/// loss is NaN where they are not); the loss is `[…]`. Other shapes panic.
///
/// # Gradient
/// By the second mean `S₂⁻¹ (m₂ − m₁)`, by the first covariance `½ (S₂⁻¹ − S₁⁻¹)`, each entry taken for itself. No kinks.
///
/// # Estimates
/// By the second: **mean and covariance** of the first. From 0.
///
/// # Stability
/// By elimination of S₂ with S₁ and the difference on its right side: no inverse. Of the digits as many are lost as the ratio of
/// greatest to least variance has. A singular second covariance costs ∞ or NaN: add a little to the diagonal.
///
/// # Example
/// ```
/// use minimand_loss::multivariate_gaussian_kl;
/// use minimand_tensor::Tensor;
///
/// let (mean, zero) = (Tensor::from([[1.0, 1.0]]), Tensor::from([[0.0, 0.0]]));
/// let one = Tensor::from([[[1.0, 0.0], [0.0, 1.0]]]);
/// let loss = multivariate_gaussian_kl(&mean, &one, &zero, &Tensor::from([[[2.0, 0.0], [0.0, 1.0]]]));
/// assert_eq!(format!("{loss:.4}"), "[0.8466]");
/// assert_eq!(format!("{:.4}", loss.sum().grad(&mean)), "[[0.5000, 1.0000]]");
/// ```
///
/// # When to use
/// For posteriors with correlations, Gaussian processes at a few points, and the comparison of fitted distributions. It misleads with
/// covariances estimated from few samples, which are nearly singular: what they call impossible costs without bound.
///
/// # Reference
/// Penny, *KL-Divergences of Normal, Gamma, Dirichlet and Wishart Densities*, 2001, equation 4.
///
/// # See also
/// [`gaussian_kl`](crate::gaussian_kl) for independent coordinates.
#[doc(alias = "kl_multivariate_normal")]
#[track_caller]
pub fn multivariate_gaussian_kl(
    first_mean: &Tensor,
    first_covariance: &Tensor,
    second_mean: &Tensor,
    second_covariance: &Tensor,
) -> Tensor {
    const NAME: &str = "multivariate_gaussian_kl";
    same_shapes(NAME, ("first_mean", first_mean), ("second_mean", second_mean));
    same_shapes(NAME, ("first_covariance", first_covariance), ("second_covariance", second_covariance));
    let fits = first_covariance.shape().split_last().is_some_and(|(&last, rest)| {
        *rest == **first_mean.shape() && first_mean.shape().last() == Some(&last) && last > 0
    });
    assert!(
        fits,
        "{NAME}: first_covariance {} must be […, dimensions, dimensions] for first_mean {}",
        first_covariance.shape(),
        first_mean.shape()
    );
    let n = first_mean.shape()[first_mean.rank() - 1];
    let difference = (second_mean - first_mean).unsqueeze(-1);
    let right = Tensor::concatenate([first_covariance, &difference], first_covariance.rank() as isize - 1);
    let (solved, second_log) = solve_positive_definite(second_covariance, &right);
    let (_, first_log) = solve_positive_definite(first_covariance, &difference);
    let trace = (solved.slice(-1, ..n) * Tensor::eye(n).cast(solved.dtype())).sum_axis([-2, -1]);
    let distance = (difference * solved.slice(-1, n..)).sum_axis([-2, -1]);
    0.5 * (trace - n as f64 + distance + second_log - first_log)
}
