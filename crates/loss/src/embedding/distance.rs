//! How far apart two vectors are.

use minimand_tensor::{DType, Tensor};

use crate::numbers::check_finite;
use crate::shape::same_shapes;

/// How far apart two vectors are, for [`triplet_margin`](crate::triplet_margin),
/// [`contrastive_pairs`](crate::contrastive_pairs), the miners and all that compares embeddings.
///
/// ```
/// use minimand_loss::Distance;
/// use minimand_tensor::Tensor;
///
/// let (a, b) = (Tensor::from([[3.0, 4.0]]), Tensor::from([[0.0, 4.0]]));
/// assert_eq!(Distance::Euclidean.between(&a, &b).to_string(), "[3]");
/// assert_eq!(Distance::SquaredEuclidean.between(&a, &b).to_string(), "[9]");
/// assert_eq!(Distance::Manhattan.between(&a, &b).to_string(), "[3]");
/// assert_eq!(format!("{:.1}", Distance::Cosine.between(&a, &b)), "[0.2]");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Distance {
    /// `‖a - b‖₂`, with gradient 0 where a = b: two vectors in one place have no direction to part in. As
    /// [`Tensor::norm`]: neither long nor short differences overflow or vanish on the way.
    #[default]
    Euclidean,
    /// `‖a - b‖₂²`, smooth also where a = b. Not a metric: it breaks the triangle inequality.
    SquaredEuclidean,
    /// `Σ |aᵢ - bᵢ|`, with gradient 0 in every component where aᵢ = bᵢ.
    Manhattan,
    /// `1 - cos(a, b)`, from 0 (same direction) to 2 (opposite); 1, with gradient 0, where a vector is zero. Of the
    /// lengths it knows nothing; for vectors of length 1 it is half of the squared Euclidean distance.
    Cosine,
    /// `(Σ |aᵢ - bᵢ|ᵖ)^(1/p)` for p of at least 1, ∞ included, with gradient 0 where a = b; see
    /// [`pairwise_distance`](crate::pairwise_distance).
    Lp(f64),
    /// `-Σ aᵢ bᵢ`: the greater the product, the nearer. Any number; no metric.
    #[doc(alias = "DotProductSimilarity")]
    DotProduct,
    /// `var(a - b) / var(a)`, the noise over the signal; not symmetric. 0, with gradient 0, where a is constant and carries no signal.
    #[doc(alias = "SNRDistance")]
    SignalToNoise,
}

impl Distance {
    /// The distances between the vectors that lie along the last axis of two tensors of one shape; that axis vanishes.
    ///
    /// # Panics
    /// When the shapes differ or have no axis.
    #[track_caller]
    pub fn between(self, a: &Tensor, b: &Tensor) -> Tensor {
        same_shapes("distance", ("first", a), ("second", b));
        match self {
            Distance::Euclidean => (a - b).norm_axis(-1),
            Distance::SquaredEuclidean => (a - b).square().sum_axis(-1),
            Distance::Manhattan => (a - b).abs().sum_axis(-1),
            Distance::Cosine => 1.0 - a.cosine_similarity(b, -1),
            Distance::Lp(p) => lp(&(a - b), p),
            Distance::DotProduct => -(a * b).sum_axis(-1),
            Distance::SignalToNoise => {
                let (signal, other) = (centred(a), centred(b));
                noise((&signal - other).square().sum_axis(-1), signal.square().sum_axis(-1))
            }
        }
    }

    /// The distances between all rows of a matrix and all rows of another: `[row, row of the other]`.
    ///
    /// ```
    /// # use minimand_loss::Distance;
    /// # use minimand_tensor::Tensor;
    /// let rows = Tensor::from([[3.0, 4.0], [0.0, 0.0]]);
    /// assert_eq!(Distance::Euclidean.matrix(&rows, &rows).to_string(), "[[0, 5],\n [5, 0]]");
    /// ```
    ///
    /// # Panics
    /// When the rows have different lengths.
    #[track_caller]
    pub fn matrix(self, rows: &Tensor, others: &Tensor) -> Tensor {
        match self {
            Distance::Euclidean => rows.pairwise_distances(others),
            Distance::SquaredEuclidean => rows.pairwise_squared_distances(others),
            Distance::Manhattan => (rows.unsqueeze(-2) - others.unsqueeze(-3)).abs().sum_axis(-1),
            Distance::Cosine => 1.0 - cosines(rows, others),
            Distance::Lp(p) => lp(&(rows.unsqueeze(-2) - others.unsqueeze(-3)), p),
            Distance::DotProduct => -rows.matmul(&others.transpose()),
            Distance::SignalToNoise => {
                let (signal, other) = (centred(rows), centred(others));
                noise(signal.pairwise_squared_distances(&other), signal.square().sum_keepdim(-1))
            }
        }
    }

    /// Numbers in the same order as the distances between all rows of a matrix: `[row, row]`.
    #[track_caller]
    pub(super) fn order(self, rows: &Tensor) -> Tensor {
        match self {
            Distance::Euclidean | Distance::SquaredEuclidean => {
                let rows = squarable(rows);
                rows.pairwise_squared_distances(&rows)
            }
            Distance::Manhattan => (rows.unsqueeze(-2) - rows.unsqueeze(-3)).abs().sum_axis(-1),
            Distance::Cosine => {
                let directions = rows.normalize(-1);
                -directions.matmul(&directions.transpose())
            }
            Distance::Lp(_) | Distance::DotProduct | Distance::SignalToNoise => self.matrix(rows, rows),
        }
    }
}

/// Numbers times a power of two at which their squares neither overflow nor vanish; times 1, unless they are very long or very short.
#[track_caller]
fn squarable(x: &Tensor) -> Tensor {
    let (bound, down, up) = match x.dtype() {
        DType::F64 => (2f64.powi(400), 2f64.powi(-600), 2f64.powi(600)),
        _ => (2f64.powi(40), 2f64.powi(-80), 2f64.powi(90)),
    };
    let greatest = x.abs().max();
    let scale = greatest.gt(bound).select(down, greatest.lt(1.0 / bound).select(up, greatest.ones_like()));
    x * scale
}

/// Cosines of the angles between all rows of two matrices, within ±1; 0 where a row is zero.
#[track_caller]
pub(super) fn cosines(rows: &Tensor, others: &Tensor) -> Tensor {
    let cosine = rows.normalize(-1).matmul(&others.normalize(-1).transpose());
    // Cut off from the graph: beside ±1 the gradient is that of the cosine, not 0.
    let excess = (&cosine - cosine.clamp(-1, 1)).detach();
    cosine - excess
}

/// The p-norm along the last axis, which vanishes. Powers are taken of entries over the greatest one, so that none overflows and not all vanish.
#[track_caller]
pub(super) fn lp(x: &Tensor, p: f64) -> Tensor {
    assert!(p >= 1.0, "distance: p is {p} and must be at least 1");
    match p {
        1.0 => x.abs().sum_axis(-1),
        2.0 => x.norm_axis(-1),
        f64::INFINITY => x.abs().max_axis(-1),
        _ => {
            check_finite("distance", ("p", p), x.dtype());
            let greatest = x.abs().max_keepdim(-1).detach();
            let greatest = (greatest.eq(0) | greatest.eq(f64::INFINITY)).select(1, greatest);
            let size = (x / &greatest).abs();
            // 0 has a power of its own: the second derivative of a power below 2 is infinite there.
            let zero = size.eq(0);
            let sum = zero.select(0, zero.select(1, size).pow(p)).sum_axis(-1);
            let none = sum.eq(0);
            none.select(0, none.select(1, sum).pow(1.0 / p)) * greatest.squeeze(-1)
        }
    }
}

/// Rows less their mean.
fn centred(x: &Tensor) -> Tensor {
    x - x.mean_keepdim(-1)
}

fn noise(noise: Tensor, signal: Tensor) -> Tensor {
    let constant = signal.eq(0);
    constant.select(0, noise / constant.select(1, signal))
}

/// The rows of embeddings, each over its length if asked.
#[track_caller]
pub(super) fn scaled(embeddings: &Tensor, normalize: bool) -> Tensor {
    if normalize { embeddings.normalize(-1) } else { embeddings.clone() }
}
