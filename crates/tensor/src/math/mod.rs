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

impl Tensor {
    /// `x²`. Derivative `2x`.
    #[track_caller]
    pub fn square(&self) -> Tensor {
        self * self
    }

    /// `1/√x`. Derivative `-1/(2 x√x)`.
    #[track_caller]
    pub fn rsqrt(&self) -> Tensor {
        self.sqrt().reciprocal()
    }

    /// Hyperbolic cosine `½ (eˣ + e⁻ˣ)`, as `1 + 2 sinh²(x/2)`. Derivative [`sinh`](Tensor::sinh)`(x)`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([0.0, -1.0]).cosh()), "[1.000000, 1.543081]");
    /// ```
    #[track_caller]
    pub fn cosh(&self) -> Tensor {
        1.0 + 2.0 * (0.5 * self).sinh().square()
    }

    /// `√x` with derivative 0 where x = 0, where the true derivative is infinite: distances and standard deviations of equal points are
    /// then at rest, not at NaN.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([0.0, 4.0]);
    /// assert_eq!(x.safe_sqrt().sum().grad(&x).to_string(), "[0, 0.25]");
    /// ```
    #[track_caller]
    pub fn safe_sqrt(&self) -> Tensor {
        let zero = self.eq(0);
        zero.select(0, zero.select(1, self).sqrt())
    }

    /// The values limited to `low..=high`; NaN stays. The gradient passes where `low ≤ x ≤ high` and at NaN, and is 0 outside.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([-2.0, 0.5, 1.0, 3.0]);
    /// assert_eq!(x.clamp(-1.0, 1.0).to_string(), "[-1, 0.5, 1, 1]");
    /// assert_eq!(x.clamp(-1.0, 1.0).sum().grad(&x).to_string(), "[0, 1, 1, 0]");
    /// ```
    #[doc(alias = "clip")]
    #[track_caller]
    pub fn clamp(&self, low: impl Operand, high: impl Operand) -> Tensor {
        self.clamp_min(low).clamp_max(high)
    }

    /// The values, but at least `low`; NaN stays. The gradient passes where `x ≥ low`.
    #[track_caller]
    pub fn clamp_min(&self, low: impl Operand) -> Tensor {
        let low = low.operand(self.dtype());
        self.lt(&low).select(&low, self)
    }

    /// The values, but at most `high`; NaN stays. The gradient passes where `x ≤ high`.
    #[track_caller]
    pub fn clamp_max(&self, high: impl Operand) -> Tensor {
        let high = high.operand(self.dtype());
        self.gt(&high).select(&high, self)
    }

    /// Whether each value is neither infinite nor NaN.
    #[track_caller]
    pub fn is_finite(&self) -> Tensor {
        self.abs().lt(f64::INFINITY)
    }

    /// Whether each value is NaN.
    #[track_caller]
    pub fn is_nan(&self) -> Tensor {
        self.ne(self)
    }

    /// Truth of class membership, f32: `[…]` labels (i64) become `[…, classes]` with a 1 at the label and 0 elsewhere. A label out of range
    /// gives a row of zeros.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([2i64, 0]).one_hot(3).to_string(), "[[0, 0, 1],\n [1, 0, 0]]");
    /// ```
    #[track_caller]
    pub fn one_hot(&self, classes: usize) -> Tensor {
        self.shape().insert(self.rank(), classes).check(DType::F32, "one_hot");
        Tensor::iota(classes).eq(self.unsqueeze(-1)).cast(DType::F32)
    }

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

    /// The lower triangle of the last two axes: entries above the `diagonal`-th diagonal become 0.
    #[track_caller]
    pub fn tril(&self, diagonal: i64) -> Tensor {
        self.triangle(diagonal, "tril").select(self, 0)
    }

    /// The upper triangle of the last two axes: entries below the `diagonal`-th diagonal become 0.
    #[track_caller]
    pub fn triu(&self, diagonal: i64) -> Tensor {
        self.triangle(diagonal.saturating_sub(1), "triu").select(0, self)
    }

    /// The mask of the lower triangle.
    #[track_caller]
    fn triangle(&self, diagonal: i64, operation: &str) -> Tensor {
        let &[.., rows, columns] = self.shape().sizes() else {
            panic!("{operation}: {} has fewer than two axes", self.shape());
        };
        Tensor::triangular_mask(rows, columns, diagonal)
    }
}
