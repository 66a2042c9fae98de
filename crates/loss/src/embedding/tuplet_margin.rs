//! Tuplet margin loss.

use minimand_tensor::Tensor;

use crate::embedding::distance::cosines;
use crate::embedding::pairs::{Pairs, embedded, log_sum};
use crate::labels::Labels;
use crate::numbers::{check_finite, check_positive};

/// Options of [`tuplet_margin`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TupletMarginOptions {
    /// By how many degrees a like pair is taken as closer than it is.
    pub margin: f64,
    /// The factor of all cosines.
    pub scale: f64,
}

impl Default for TupletMarginOptions {
    /// 5.73 degrees (0.1 radians), scale 64.
    fn default() -> TupletMarginOptions {
        TupletMarginOptions { margin: 5.73, scale: 64.0 }
    }
}

/// For each pair of like things, its cosine with a slack angle against those of all unlike things of the anchor.
///
/// ```text
/// ℓᵢⱼ = ln(1 + Σ{n : yₙ ≠ yᵢ} exp(scale (sᵢₙ − cᵢⱼ))) if yᵢ = yⱼ and i ≠ j else 0
/// cᵢⱼ = sᵢⱼ cos m + √(max(1 − sᵢⱼ², 0)) sin m
/// sᵢⱼ = Σₖ uᵢₖ uⱼₖ
/// uᵢₖ = embeddingsᵢₖ / √(Σₗ embeddingsᵢₗ²)
/// m = π margin / 180
/// yᵢ = labelsᵢ
/// ```
///
/// # Shapes
/// `embeddings` are `[examples, dimensions]` with one label each, normalised here; the loss is `[examples, examples]`, 0 but for like pairs. Scale greater than 0. Anything
/// else panics.
///
/// # Gradient
/// With `pₙ` the share of negative n in `1 + Σ exp`: `scale pₙ` by `sᵢₙ`, `−scale Σ pₙ (cos m − s sin m / √(1 − s²))` by `s = sᵢⱼ`; of the root 0 at `s = ±1`.
///
/// # Estimates
/// An **order** of angles; from 0 to ∞. The slack lets like pairs within the margin be.
///
/// # Stability
/// `cos(θ − m)` by the theorem of addition, never by the arc cosine, which is NaN beyond 1 and infinitely steep at 1: identical embeddings have a finite gradient.
///
/// # Example
/// ```
/// use minimand_loss::{LabelError, Labels, TupletMarginOptions, tuplet_margin};
/// use minimand_tensor::Tensor;
///
/// let embeddings = Tensor::from([[1.0, 0.0], [0.6, 0.8], [0.8, 0.6], [0.0, 1.0]]);
/// let labels = Labels::new([0, 0, 1, 1], 2)?;
/// let loss = tuplet_margin(&embeddings, &labels, TupletMarginOptions { margin: 5.73, scale: 4.0 });
/// assert_eq!(format!("{loss:.3}"), "[[0.000, 0.994, 0.000, 0.000],\n [1.747, 0.000, 0.000, 0.000],\n [0.000, 0.000, 0.000, 1.747],\n [0.000, 0.000, 0.994, 0.000]]");
/// assert_eq!(format!("{:.3}", loss.sum().grad(&embeddings)), "[[0.000, -1.952],\n [-4.170, 3.128],\n [3.128, -4.170],\n [-1.952, 0.000]]");
/// # Ok::<(), LabelError>(())
/// ```
///
/// # When to use
/// For retrieval with batches of several examples of a class. It misleads by the scale: at 64 only the nearest negative counts, and numbers of tens are usual.
///
/// # Reference
/// Yu, Tao, *Deep Metric Learning with Tuplet Margin Loss*, ICCV 2019, equation 4. Usual: 0.1 radians, scale 64; the paper adds [`intra_pair_variance`](crate::intra_pair_variance),
/// weight 0.5. pytorch-metric-learning takes the arc cosine: NaN for identical embeddings.
///
/// # See also
/// [`supcon`](crate::supcon); [`angular`](crate::angular).
#[doc(alias = "TupletMarginLoss")]
#[track_caller]
pub fn tuplet_margin(embeddings: &Tensor, labels: &Labels, options: TupletMarginOptions) -> Tensor {
    let TupletMarginOptions { margin, scale } = options;
    let z = embedded("tuplet_margin", embeddings, labels);
    check_finite("tuplet_margin", ("margin", margin), z.dtype());
    check_positive("tuplet_margin", ("scale", scale), z.dtype());
    let (pairs, s) = (Pairs::of(labels, z.dtype()), cosines(&z, &z));
    let (sin, cos) = margin.to_radians().sin_cos();
    let slack = cos * &s + sin * ((1.0 - &s) * (1.0 + &s)).relu().safe_sqrt();
    let rivals = log_sum(&pairs.negative, &(scale * s));
    pairs.positive.select((rivals.unsqueeze(-1) - scale * slack).softplus(), 0)
}
