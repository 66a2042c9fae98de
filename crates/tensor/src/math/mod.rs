//! Operations composed from primitives. None has a derivative of its own: all are derived.

mod activation;
mod angle;
mod cumulative;
mod logarithmic;
mod order;
mod statistics;
mod vector;

use crate::operators::Operand;
use crate::tensor::Tensor;
use minimand_engine::{DType, Shape};

formulas! {
    /// The mask of the lower triangle.
    triangle(x, diagonal: i64, operation: &str) = {
        let &[.., rows, columns] = x.shape().sizes() else {
            panic!("{operation}: {} has fewer than two axes", x.shape());
        };
        Tensor::triangular_mask(rows, columns, diagonal)
    };
    /// `x²`. Derivative `2x`.
    pub square(x) = x * x;
    /// `1/√x`. Derivative `-1/(2 x√x)`.
    pub rsqrt(x) = x.sqrt().reciprocal();
    /// Hyperbolic cosine `½ (eˣ + e⁻ˣ)`, as `1 + 2 sinh²(x/2)`. Derivative [`sinh`](Tensor::sinh)`(x)`.
    pub cosh(x) = 1.0 + 2.0 * (0.5 * x).sinh().square(); {
        /// assert_eq!(format!("{:.6}", Tensor::from([0.0, -1.0]).cosh()), "[1.000000, 1.543081]");
    }
    /// `√x` with derivative 0 where x = 0, where the true derivative is infinite: distances and standard deviations of equal points are then at
    /// rest, not at NaN.
    pub safe_sqrt(x) = {
        let zero = x.eq(0);
        zero.select(0, zero.select(1, x).sqrt())
    }; {
        /// let x = Tensor::from([0.0, 4.0]);
        /// assert_eq!(x.safe_sqrt().sum().grad(&x).to_string(), "[0, 0.25]");
    }
    /// The values limited to `low..=high`; NaN stays. The gradient passes where `low ≤ x ≤ high` and at NaN, and is 0 outside.
    #[doc(alias = "clip")]
    pub clamp(x, low: impl Operand, high: impl Operand) = x.clamp_min(low).clamp_max(high); {
        /// let x = Tensor::from([-2.0, 0.5, 1.0, 3.0]);
        /// assert_eq!(x.clamp(-1.0, 1.0).to_string(), "[-1, 0.5, 1, 1]");
        /// assert_eq!(x.clamp(-1.0, 1.0).sum().grad(&x).to_string(), "[0, 1, 1, 0]");
    }
    /// The values, but at least `low`; NaN stays. The gradient passes where `x ≥ low`.
    pub clamp_min(x, low: impl Operand) = {
        let low = low.operand(x.dtype());
        x.lt(&low).select(&low, x)
    };
    /// The values, but at most `high`; NaN stays. The gradient passes where `x ≤ high`.
    pub clamp_max(x, high: impl Operand) = {
        let high = high.operand(x.dtype());
        x.gt(&high).select(&high, x)
    };
    /// Whether each value is neither infinite nor NaN.
    pub is_finite(x) = x.abs().lt(f64::INFINITY);
    /// Whether each value is NaN.
    pub is_nan(x) = x.ne(x);
    /// Truth of class membership, f32: `[…]` labels (i64) become `[…, classes]` with a 1 at the label and 0 elsewhere. A label out of range gives
    /// a row of zeros.
    pub one_hot(x, classes: usize) = {
        x.shape().insert(x.rank(), classes).check(DType::F32, "one_hot");
        Tensor::iota(classes).eq(x.unsqueeze(-1)).cast(DType::F32)
    }; {
        /// assert_eq!(Tensor::from([2i64, 0]).one_hot(3).to_string(), "[[0, 0, 1],\n [1, 0, 0]]");
    }
    /// The lower triangle of the last two axes: entries above the `diagonal`-th diagonal become 0.
    pub tril(x, diagonal: i64) = x.triangle(diagonal, "tril").select(x, 0);
    /// The upper triangle of the last two axes: entries below the `diagonal`-th diagonal become 0.
    pub triu(x, diagonal: i64) = x.triangle(diagonal.saturating_sub(1), "triu").select(0, x);
}

impl Tensor {
    /// A mask (bool) of shape `[rows, columns]` that is true on and below the diagonal, or below the `diagonal`-th one above it.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let mask = Tensor::triangular_mask(2, 3, 0);
    /// assert_eq!(mask.to_string(), "[[true, false, false],\n [true, true, false]]");
    /// ```
    #[track_caller]
    pub fn triangular_mask(rows: usize, columns: usize, diagonal: i64) -> Tensor {
        Shape::from([rows, columns]).check(DType::Bool, "triangular_mask");
        // Diagonals beyond the corners are all alike; that the row's number is added to them must not wrap around.
        let diagonal = diagonal.clamp(-(rows as i64), columns as i64);
        Tensor::iota(columns).le(Tensor::iota(rows).unsqueeze(-1) + diagonal)
    }
}
