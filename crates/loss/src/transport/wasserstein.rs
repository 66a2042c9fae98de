//! Optimal transport on a line, and along many lines.

use minimand_tensor::Tensor;

use super::check_points;

/// Cost of moving one sample of numbers onto another: both sorted, the i-th goes to the i-th.
///
/// ```text
/// ℓ = ∫₀¹ |F⁻¹(u) − G⁻¹(u)|^power du
/// F⁻¹, G⁻¹ = the quantile functions of first and second: for samples of one size the mean of |first₍ᵢ₎ − second₍ᵢ₎|^power
/// ```
///
/// # Shapes
/// `first` is `[…, points]`, `second` `[…, others]` with the same leading axes; the loss is `[…]`. The sizes may differ: quantiles are
/// then matched by parts. `power ≥ 1`; anything else panics.
///
/// # Gradient
/// `power |d|^(power − 1) sign d` over the number of points, d the way of each point; 0 where `d = 0`. Equal points are ordered by
/// their position.
///
/// # Estimates
/// The **power-th power of the Wasserstein distance** of two distributions on a line: 0 only if they are the same. With power 1 the
/// area between the distribution functions.
///
/// # Stability
/// By sorting; no matrix of pairs.
///
/// # Example
/// ```
/// use minimand_loss::wasserstein_1d;
/// use minimand_tensor::Tensor;
///
/// let (first, second) = (Tensor::from([0.0, 2.0]), Tensor::from([3.0, 1.0]));
/// let loss = wasserstein_1d(&first, &second, 1.0);
/// assert_eq!(loss.to_string(), "1");
/// assert_eq!(loss.grad(&first).to_string(), "[-0.5, -0.5]");
/// ```
///
/// # When to use
/// To match the distribution of one number: colours, scores of two groups, returns. It misleads about pairs: which point belongs to
/// which does not matter here.
///
/// # Reference
/// Villani, *Topics in Optimal Transportation*, 2003, theorem 2.18. SciPy's `wasserstein_distance` is power 1.
///
/// # See also
/// [`sliced_wasserstein`] for points in space; [`squared_error`](crate::squared_error), where pairs are known.
#[doc(alias = "wasserstein_distance")]
#[track_caller]
pub fn wasserstein_1d(first: &Tensor, second: &Tensor, power: f64) -> Tensor {
    let sizes = |x: &Tensor| x.shape().split_last().map(|(&last, rest)| (last, rest.to_vec()));
    let (Some((n, front)), Some((m, others))) = (sizes(first), sizes(second)) else {
        panic!("wasserstein_1d: first {} and second {} must have an axis of points", first.shape(), second.shape());
    };
    assert!(
        front == others && n > 0 && m > 0,
        "wasserstein_1d: first {} and second {} must have the same axes but for the last, and a point at least",
        first.shape(),
        second.shape()
    );
    assert!(power >= 1.0 && power.is_finite(), "wasserstein_1d: power is {power} and must be at least 1 and finite");
    let (x, y) = (first.sort(-1).0, second.sort(-1).0);
    if n == m {
        return powered(&(x - y), power).mean_axis(-1);
    }
    // Each part of [0, 1] between two steps of either quantile function has one point of each.
    let (mut parts, mut from) = ((vec![], vec![], vec![]), 0);
    let (mut i, mut j) = (0, 0);
    while i < n && j < m {
        let to = ((i + 1) * m).min((j + 1) * n);
        parts.0.push(i as i64);
        parts.1.push(j as i64);
        parts.2.push((to - from) as f64 / (n * m) as f64);
        from = to;
        i += usize::from(to == (i + 1) * m);
        j += usize::from(to == (j + 1) * n);
    }
    let way = x.index_select(-1, Tensor::from(parts.0)) - y.index_select(-1, Tensor::from(parts.1));
    (powered(&way, power) * Tensor::from(parts.2).cast(way.dtype())).sum_axis(-1)
}

fn powered(way: &Tensor, power: f64) -> Tensor {
    match power {
        1.0 => way.abs(),
        2.0 => way.square(),
        _ => way.abs().pow(power),
    }
}

/// Mean cost of moving one sample of points onto another along many directions, on each of which it is a matter of sorting.
///
/// ```text
/// ℓ = mean over directions v of W(first v, second v)
/// W(a, b) = ∫₀¹ |F⁻¹(u) − G⁻¹(u)|^power du, the quantile functions of the two projected samples
/// ```
///
/// # Shapes
/// `first` is `[points, dimensions]`, `second` `[others, dimensions]`, `directions` `[projections, dimensions]`, of any lengths but 0;
/// the loss is one number. `power ≥ 1`. Others panic.
///
/// # Gradient
/// That of [`wasserstein_1d`] along each direction, averaged. Directions count by their angle: their lengths have no influence.
///
/// # Estimates
/// The **power-th power of the sliced Wasserstein distance** for directions drawn evenly: 0 only if the distributions are the same.
///
/// # Stability
/// By sorting; no matrix of pairs. A direction of zeros projects everything to 0.
///
/// # Example
/// ```
/// use minimand_loss::sliced_wasserstein;
/// use minimand_tensor::{Rng, Tensor};
///
/// let (first, second) = (Tensor::from([[0.0, 1.0], [2.0, 1.0]]), Tensor::from([[3.0, 1.0], [1.0, 1.0]]));
/// let along_the_axes = Tensor::from([[1.0, 0.0], [0.0, 1.0]]);
/// let loss = sliced_wasserstein(&first, &second, &along_the_axes, 2.0);
/// assert_eq!(loss.to_string(), "0.5"); // 1 along the first, 0 along the second
/// assert_eq!(loss.grad(&first).to_string(), "[[-0.5, 0],\n [-0.5, 0]]");
///
/// let anywhere = Tensor::normal([64, 2], &mut Rng::seed(7)); // draw anew for each step
/// assert!(sliced_wasserstein(&first, &second, &anywhere, 2.0).item() > 0.0);
/// ```
///
/// # When to use
/// To match point clouds or features in n log n. It misleads in many dimensions with few directions: most directions see nothing.
///
/// # Reference
/// Bonneel, Rabin, Peyré, Pfister, *Sliced and Radon Wasserstein Barycenters of Measures*, Journal of Mathematical Imaging and Vision
/// 51, 2015, equation 8. Usual: 50 to 1000 directions, power 2.
///
/// # See also
/// [`wasserstein_1d`], [`sinkhorn_divergence`](crate::sinkhorn_divergence).
#[doc(alias = "SWD")]
#[track_caller]
pub fn sliced_wasserstein(first: &Tensor, second: &Tensor, directions: &Tensor, power: f64) -> Tensor {
    check_points("sliced_wasserstein", first, second);
    assert!(
        directions.rank() == 2 && directions.shape()[1] == first.shape()[1],
        "sliced_wasserstein: directions {} must be [projections, dimensions], as many dimensions as first {}",
        directions.shape(),
        first.shape()
    );
    let v = directions.normalize(-1);
    wasserstein_1d(&v.matmul(&first.transpose()), &v.matmul(&second.transpose()), power).mean()
}
