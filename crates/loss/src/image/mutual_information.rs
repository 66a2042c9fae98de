//! What one signal tells about another, by a soft histogram.

use minimand_tensor::Tensor;

use crate::numbers::check_divisor;
use crate::shape::same_shape;

/// The histogram by which information is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistogramOptions {
    /// Number of bins along each signal; 64 unless said otherwise.
    pub bins: usize,
    /// How far a sample counts, in bins; 1 unless said otherwise.
    pub window_radius: f64,
    /// How much it counts there; `Xu` unless said otherwise.
    pub kernel: HistogramKernel,
}

/// How much a sample counts in a bin at some distance from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HistogramKernel {
    /// Two parabolas, nearly a spline.
    Xu,
    /// A normal density, cut off at one standard deviation.
    TruncatedGaussian,
    /// 1 within the radius: a plain histogram, without gradient.
    Rectangular,
}

impl Default for HistogramOptions {
    fn default() -> HistogramOptions {
        HistogramOptions { bins: 64, window_radius: 1.0, kernel: HistogramKernel::Xu }
    }
}

/// Negative mutual information of two signals, in nats.
///
/// ```text
/// ℓ = H(x, y) − H(x) − H(y)
/// H = −Σ p ln p
/// p(i, j) ∝ Σₙ k(i − xₙ) k(j − yₙ)
/// x, y: the signals, from their least to their greatest value mapped to 0 … bins − 1; k: the kernel
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, samples]` of one shape, or it panics; the loss is `[…]`. A picture is flattened to samples. At least two
/// bins.
///
/// # Gradient
/// Through the kernel, by both, and through the range of each signal: by its least and greatest samples, which share it when there are
/// several. 0 where the kernel has its kinks (a sample at a bin, for `Xu`).
///
/// # Estimates
/// Any **invertible function** of the target: brightness may be reversed or bent. From `−ln bins` to 0, for a signal that tells nothing.
///
/// # Stability
/// `p ln p` is 0 at p = 0, in value and gradient, without an ε. A constant signal lies in one bin: loss 0, gradient 0.
///
/// # Example
/// ```
/// use minimand_loss::{HistogramOptions, mutual_information};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([0.0, 0.0, 1.0, 1.0]);
/// let reversed = 5.0 - 3.0 * &target;
/// let options = HistogramOptions { bins: 2, ..Default::default() };
/// let loss = mutual_information(&reversed, &target, options);
/// assert_eq!(format!("{loss:.4}"), "-0.6931"); // one bit
/// assert_eq!(loss.grad(&reversed).to_string(), "[0, 0, 0, 0]"); // and no more to be had
/// ```
///
/// # When to use
/// To register scans of different kinds, where brightness does not correspond. It misleads with few samples per bin: 64 × 64 bins are filled by
/// chance, and chance looks like information. Outliers set the range and so empty the bins.
///
/// # Reference
/// Viola, Wells, *Alignment by Maximization of Mutual Information*, 1997; the kernel of Xu et al., *Parzen-Window Based Normalized Mutual
/// Information*, 2008. As Kornia's `mutual_information_loss`, which clamps the counts at the machine epsilon.
///
/// # See also
/// [`normalised_mutual_information`], which does not grow with the entropies.
#[doc(alias = "mutual_information_loss")]
#[doc(alias = "MILossFromRef")]
#[track_caller]
pub fn mutual_information(prediction: &Tensor, target: &Tensor, options: HistogramOptions) -> Tensor {
    let [x, y, joint] = entropies("mutual_information", prediction, target, options);
    joint - x - y
}

/// Negative normalised mutual information of two signals: their entropies over the joint one.
///
/// ```text
/// ℓ = −(H(x) + H(y)) / H(x, y)
/// H = −Σ p ln p
/// p(i, j) ∝ Σₙ k(i − xₙ) k(j − yₙ)
/// x, y: the signals, from their least to their greatest value mapped to 0 … bins − 1; k: the kernel
/// ```
///
/// # Shapes
/// `prediction` and `target` are `[…, samples]` of one shape, or it panics; the loss is `[…]`. At least two bins.
///
/// # Gradient
/// As [`mutual_information`], by the quotient.
///
/// # Estimates
/// Any **invertible function** of the target. From -2 to -1, for a signal that tells nothing.
///
/// # Stability
/// As [`mutual_information`]. Two constant signals tell nothing of each other: loss -1, gradient 0, not 0/0.
///
/// # Example
/// ```
/// use minimand_loss::{HistogramOptions, normalised_mutual_information};
/// use minimand_tensor::Tensor;
///
/// let target = Tensor::from([0.0, 0.0, 1.0, 1.0]);
/// let options = HistogramOptions { bins: 2, ..Default::default() };
/// let loss = normalised_mutual_information(&(5.0 - 3.0 * &target), &target, options);
/// assert_eq!(format!("{loss:.4}"), "-2.0000");
/// assert_eq!(loss.grad(&target).to_string(), "[0, 0, 0, 0]");
/// ```
///
/// # When to use
/// As [`mutual_information`], when the overlap of two scans changes: it does not reward moving more background into view. It misleads as that
/// does, by outliers and by bins filled by chance.
///
/// # Reference
/// Studholme, Hill, Hawkes, *An Overlap Invariant Entropy Measure of 3D Medical Image Alignment*, 1999, equation 8. As Kornia's
/// `normalized_mutual_information_loss`.
///
/// # See also
/// [`mutual_information`].
#[doc(alias = "normalized_mutual_information_loss")]
#[doc(alias = "NMILossFromRef")]
#[track_caller]
pub fn normalised_mutual_information(prediction: &Tensor, target: &Tensor, options: HistogramOptions) -> Tensor {
    let [x, y, joint] = entropies("normalised_mutual_information", prediction, target, options);
    let none = joint.le(0);
    none.select(-1, -(x + y) / none.select(1, joint))
}

/// The entropies of both signals and their joint one.
#[track_caller]
fn entropies(loss: &str, prediction: &Tensor, target: &Tensor, options: HistogramOptions) -> [Tensor; 3] {
    same_shape(loss, prediction, target);
    let shape = prediction.shape();
    assert!(shape.last().is_some_and(|&samples| samples > 0), "{loss}: prediction {shape} must have samples");
    let HistogramOptions { bins, window_radius, kernel } = options;
    assert!(bins >= 2, "{loss}: bins is {bins} and must be at least 2");
    check_divisor(loss, ("window_radius", window_radius), prediction.dtype());
    let counts = |signal: &Tensor| {
        let (least, greatest) = (signal.min_keepdim(-1), signal.max_keepdim(-1));
        let range = greatest - &least;
        let constant = range.eq(0);
        let place = constant.select(0, (signal - least) / constant.select(1, range)) * (bins - 1) as f64;
        let bins = Tensor::iota(bins).cast(signal.dtype()).unsqueeze(-1);
        weight((bins - place.unsqueeze(-2)) / window_radius, kernel)
    };
    let joint = counts(prediction).matmul(&counts(target).swap_axes(-1, -2));
    let p = &joint / joint.sum_keepdim([-2, -1]);
    let entropy = |p: &Tensor, axes: &[isize]| -p.xlogy(p).sum_axis(axes);
    [entropy(&p.sum_axis(-1), &[-1]), entropy(&p.sum_axis(-2), &[-1]), entropy(&p, &[-2, -1])]
}

/// The kernel at a distance in radii. Constant factors cancel.
fn weight(distance: Tensor, kernel: HistogramKernel) -> Tensor {
    let x = distance.abs();
    let inside = x.le(1);
    let weight = match kernel {
        HistogramKernel::Xu => {
            let near = 1.0 - &x * (1.8 * &x + 0.1);
            let far = &x * (1.8 * &x - 3.7) + 1.9;
            // Rounding may bring the far end below 0.
            x.lt(0.5).select(near, far).clamp_min(0)
        }
        HistogramKernel::TruncatedGaussian => (-0.5 * x.square()).exp(),
        HistogramKernel::Rectangular => x.ones_like(),
    };
    inside.select(weight, 0)
}
