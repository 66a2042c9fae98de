//! Lengths of vectors, angles and distances between them.

use crate::axes::Axes;
use crate::tensor::Tensor;
use minimand_engine::{AxisList, DType};

/// Vectors divided by about their largest entry, so that no square overflows or vanishes.
struct Scaled {
    /// `x / scale`: the largest entry is about 1, unless the vector is zero or its size extreme.
    vectors: Tensor,
    /// The largest absolute entry within bounds, as the nearest power of two, so that dividing is multiplying and rounds nothing. Cut off from
    /// the graph: what is computed from it does not depend on it.
    scale: Tensor,
    /// `Σ (x / scale)²`.
    squared: Tensor,
}

impl Scaled {
    #[track_caller]
    fn of(x: &Tensor, axes: &AxisList) -> Scaled {
        let x = x.as_float();
        // A cotangent is multiplied by the scale before it is divided by it: the bounds keep it from overflow, and from denormal numbers, and
        // still leave entries whose squares are ordinary numbers.
        let (least, greatest, digits) = if x.dtype() == DType::F32 { (-100, 96, 24) } else { (-900, 900, 53) };
        let largest = x.abs().max_keepdim(axes.as_slice()).detach();
        let largest = largest.clamp(2f64.powi(least), 2f64.powi(greatest));
        // All digits but the first are rounded away.
        let shifted = 2f64.powi(digits - 1) * &largest;
        let scale = (largest + &shifted) - shifted;
        let vectors = &x * scale.reciprocal();
        let squared = vectors.square().sum_keepdim(axes.as_slice());
        Scaled { vectors, scale, squared }
    }
}

reductions! {
    /// Euclidean length `√Σx²` of all entries, shape `[]`. Gradient `x/‖x‖`, and 0 at the zero vector. Neither long nor short vectors overflow or
    /// vanish on the way.
    #[doc(alias("frobenius", "vector_norm"))]
    norm {
        /// assert_eq!(Tensor::from([[1.0, 2.0], [4.0, 2.0]]).norm().item(), 5.0);
    }
    norm_axis {
        /// let x = Tensor::from([[3.0, 4.0], [0.0, 0.0]]);
        /// assert_eq!(x.norm_axis(-1).to_string(), "[5, 0]");
        /// assert_eq!(format!("{:.1}", x.norm_axis(-1).sum().grad(&x)), "[[0.6, 0.8],\n [0.0, 0.0]]");
    }
    norm_keepdim(x, axes) = {
        let scaled = Scaled::of(x, &axes);
        scaled.squared.safe_sqrt() * scaled.scale
    };
}

formulas! {
    pairwise_differences(x, other: &Tensor) = {
        let (left, right) = (x.shape(), other.shape());
        assert!(
            left.rank() >= 2 && right.rank() >= 2,
            "pairwise distances: {left} and {right} must have rows and columns"
        );
        x.unsqueeze(-2) - other.unsqueeze(-3)
    };
    /// Vectors along the given axes scaled to length 1. The zero vector stays zero, with gradient 0: it has no direction to learn.
    pub normalize(x, axes: impl Axes) = {
        let scaled = Scaled::of(x, &axes.resolve(x.shape(), "normalize"));
        let zero = scaled.squared.eq(0);
        scaled.vectors * zero.select(0, zero.select(1, &scaled.squared).rsqrt())
    }; {
        /// let x = Tensor::from([[3.0, 4.0], [0.0, 0.0]]);
        /// assert_eq!(format!("{:.1}", x.normalize(-1)), "[[0.6, 0.8],\n [0.0, 0.0]]");
    }
    /// Cosine of the angle between vectors along the given axes, which vanish; other axes broadcast (count the axis from the back, -1, when the
    /// two have different numbers of axes). 0, with gradient 0, where either vector is zero. Never beyond ±1: what rounding adds is taken off.
    pub cosine_similarity(x, other: &Tensor, axes: impl Axes + Copy) = {
        let cosine = (x.normalize(axes) * other.normalize(axes)).sum_axis(axes);
        // Cut off from the graph: beside ±1 the gradient is that of the cosine, not 0.
        let excess = (&cosine - cosine.clamp(-1, 1)).detach();
        cosine - excess
    }; {
        /// let (a, b) = (Tensor::from([2.0, 0.0]), Tensor::from([-3.0, 0.0]));
        /// assert_eq!(a.cosine_similarity(&b, -1).item(), -1.0);
    }
    /// Squared Euclidean distances between the rows of `[…, n, d]` and those of `[…, m, d]`: `[…, n, m]`. From differences, never from the
    /// expansion `a² - 2ab + b²`, which cancels and can go below 0.
    pub pairwise_squared_distances(x, other: &Tensor) = x.pairwise_differences(other).square().sum_axis(-1);
    /// Euclidean distances between the rows of `[…, n, d]` and those of `[…, m, d]`: `[…, n, m]`. Gradient 0 where two rows coincide. As exact as
    /// [`norm`](Tensor::norm) for very long and very short distances.
    #[doc(alias = "cdist")]
    pub pairwise_distances(x, other: &Tensor) = x.pairwise_differences(other).norm_axis(-1); {
        /// let (a, b) = (Tensor::from([[0.0, 0.0]]), Tensor::from([[3.0, 4.0], [0.0, 0.0]]));
        /// assert_eq!(a.pairwise_distances(&b).to_string(), "[[5, 0]]");
    }
}
