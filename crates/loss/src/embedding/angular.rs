//! Angular loss.

use minimand_tensor::{DType, Tensor};

use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;

/// For each pair of like things, how many unlike things see it under a wider angle than α.
///
/// ```text
/// ℓᵢⱼ = ln(1 + Σ{n : yₙ ≠ yᵢ} exp(4 t (sᵢₙ + sⱼₙ) − 2 (1 + t) sᵢⱼ)) if yᵢ = yⱼ and i ≠ j else 0
/// t = (sin(π alpha / 180) / cos(π alpha / 180))²
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples, examples]`, 0 but for like pairs. `alpha` is in degrees,
/// above 0 and below 90. Anything else panics.
///
/// # Gradient
/// With `pₙ` the share of negative n in `1 + Σ exp`: `4 t pₙ` by `sᵢₙ` and `sⱼₙ`, `−2 (1 + t) Σ pₙ` by `sᵢⱼ`.
///
/// # Estimates
/// A **bound on an angle**: at the negative, of the triangle with the pair. From 0 to ∞; without negatives 0.
///
/// # Stability
/// Softplus of the logarithm of a sum. The sums over all negatives of all pairs are one product of matrices of exponentials, so nothing
/// larger than the pairs is stored; only beyond 84 degrees, where exponentials would vanish, they are summed triangle by triangle.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, angular};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = angular(&embeddings, &labels, 40.0);
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 3.026, 0.000, 0.000],\n [3.026, 0.000, 0.000, 0.000],\n [0.000, 0.000, 0.000, 3.026],\n [0.000, 0.000, 3.026, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -1.300],\n [-4.473, 3.355],\n [3.355, -4.473],\n [-1.300, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// Beside [`n_pairs`](crate::n_pairs) (weight 1 to 2), as an angle is free of the scale of the triangle. It misleads alone and for α near 90 degrees, where its exponents grow without
/// bound.
///
/// # Reference
/// Wang, Zhou, Wen, Liu, Lin, *Deep Metric Learning with Angular Loss*, ICCV 2017, equations 8 and 9, for embeddings of length 1. Usual: α from 36 to 55 degrees.
/// pytorch-metric-learning leaves the negatives at their own length; for normalised embeddings the two agree.
///
/// # See also
/// [`tuplet_margin`](crate::tuplet_margin); [`n_pairs`](crate::n_pairs).
#[doc(alias = "AngularLoss")]
#[track_caller]
pub fn angular(embeddings: &Tensor, labels: &Labels, alpha: f64) -> Tensor {
    let z = embedded("angular", embeddings, labels).normalize(-1);
    assert!(alpha > 0.0 && alpha < 90.0, "angular: alpha is {alpha} and must be above 0 and below 90");
    let (pairs, s) = (Pairs::of(labels, z.dtype()), z.matmul(&z.transpose()));
    let t = alpha.to_radians().tan().powi(2);
    let sum = log_sum_of_both(&pairs.negative, &(4.0 * t * &s), 8.0 * t);
    pairs.positive.select((sum - (2.0 * (1.0 + t)) * s).softplus(), 0)
}

/// `ln Σₙ e^(xᵢₙ + xⱼₙ)` over those of row i that count, for all i and j: a product of matrices of exponentials, each relative to the
/// greatest of its row. No sum is below `e^(−spread)`, the greatest difference within a row, so that none vanishes.
fn log_sum_of_both(counts: &Tensor, x: &Tensor, spread: f64) -> Tensor {
    if spread > 700.0 {
        let both = x.unsqueeze(-2) + x.unsqueeze(-3);
        return log_sum(&counts.unsqueeze(-2).expand(both.shape()), &both);
    }
    let own = counts.select(x, f64::NEG_INFINITY);
    let greatest = own.max_keepdim(-1).detach();
    let (none, greatest) = (greatest.eq(f64::NEG_INFINITY), greatest.clamp_min(-f64::from(f32::MAX)));
    let highest = x.max_keepdim(-1).detach();
    // In single precision exponentials reach down to e^(−87) only.
    let dtype = if spread > 80.0 { DType::F64 } else { x.dtype() };
    let relative = |scores: &Tensor, greatest: &Tensor| (scores - greatest).cast(dtype).exp();
    let total = relative(&own, &greatest).matmul(&relative(x, &highest).transpose());
    let sum = none.select(1, total).ln().cast(x.dtype()) + greatest + highest.transpose();
    none.select(f64::NEG_INFINITY, sum)
}
