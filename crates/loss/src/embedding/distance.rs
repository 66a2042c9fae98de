//! How far apart two vectors are.

use minimand_tensor::{DType, Tensor};

use crate::shape::same_shapes;

/// How far apart two vectors are, for [`triplet_margin`](crate::triplet_margin) and
/// [`batch_hard_triplet`](crate::batch_hard_triplet).
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
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
