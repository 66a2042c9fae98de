//! Lengths of vectors, angles and distances between them.

use crate::axes::Axes;
use crate::tensor::Tensor;
use minimand_engine::{AxisList, DType};

/// Vectors, of which those that are very long or very short are divided by a number of their own, so that no sum of squares overflows or
/// vanishes (Blue's algorithm, entry by entry).
struct Scaled {
    /// `x / scale`.
    vectors: Tensor,
    /// 1, or a power of two far from it, so that dividing is multiplying and rounds nothing. Cut off from the graph: what is computed from it
    /// does not depend on it.
    scale: Tensor,
    /// `Σ (x / scale)²`.
    squared: Tensor,
}

/// Powers of two, as exponents: a bound of sums of squares, and what vectors below it are divided by, the shortest last; then those above one. In
/// between, no square that counts is denormal, and no sum is near overflow. A cotangent is multiplied by the scale, divided by the scaled length,
/// and divided by the scale: neither is so extreme that this would overflow or be denormal.
fn ranges(dtype: DType) -> (&'static [(i32, i32)], (i32, i32)) {
    match dtype {
        DType::F32 => (&[(-79, -50), (-120, -80)], (119, 80)),
        _ => (&[(-860, -600)], (990, 600)),
    }
}

impl Scaled {
    #[track_caller]
    fn of(x: &Tensor, axes: &AxisList) -> Scaled {
        let x = x.as_float();
        let plain = x.detach().square().sum_keepdim(axes.as_slice());
        let (short, (bound, long)) = ranges(x.dtype());
        let is_long = plain.gt(2f64.powi(bound));
        let mut scale = is_long.select(2f64.powi(long), plain.ones_like());
        let mut inverse = is_long.select(2f64.powi(-long), plain.ones_like());
        for &(bound, power) in short {
            let is_short = plain.lt(2f64.powi(bound));
            (scale, inverse) = (is_short.select(2f64.powi(power), scale), is_short.select(2f64.powi(-power), inverse));
        }
        let vectors = &x * inverse;
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
