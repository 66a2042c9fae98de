//! Operations on one number.

use crate::tensor::Tensor;
use minimand_engine::{DType, Op, Unary};

impl Tensor {
    #[track_caller]
    fn unary(&self, unary: Unary) -> Tensor {
        let whole = self.dtype() == DType::I64 && unary.keeps_integers();
        let input = if whole { self.clone() } else { self.as_float() };
        input.apply(Op::Unary(unary), self.shape().clone())
    }
}

formulas! {
    /// `-x`. Derivative -1. Also written with the operator `-`. Integers wrap around: the opposite of the least `i64` is itself.
    pub negate(x) = x.unary(Unary::Negate);
    /// `1/x`. Derivative `-1/x²`. ±∞ at ±0.
    #[doc(alias = "recip")]
    pub reciprocal(x) = x.unary(Unary::Reciprocal); {
        /// assert_eq!(Tensor::from([4.0]).reciprocal().to_string(), "[0.25]");
    }
    /// `√x`. Derivative `1/(2√x)`, infinite at 0; for lengths of vectors use [`Tensor::norm`], whose gradient at 0 is 0. NaN below 0.
    pub sqrt(x) = x.unary(Unary::SquareRoot); {
        /// assert_eq!(Tensor::from([9.0]).sqrt().to_string(), "[3]");
    }
    /// `eˣ`. Derivative `eˣ`.
    pub exp(x) = x.unary(Unary::Exp); {
        /// assert_eq!(format!("{:.4}", Tensor::from([1.0]).exp()), "[2.7183]");
    }
    /// `eˣ - 1` without cancellation for small `x`. Derivative `eˣ`.
    #[doc(alias = "expm1")]
    pub exp_m1(x) = x.unary(Unary::ExpM1); {
        /// assert_eq!(Tensor::from([1e-20]).exp_m1().item(), 1e-20);
    }
    /// Natural logarithm. Derivative `1/x`. -∞ at 0, NaN below.
    #[doc(alias = "log")]
    pub ln(x) = x.unary(Unary::Ln); {
        /// assert_eq!(Tensor::from([1.0, 0.0]).ln().to_string(), "[0, -inf]");
    }
    /// `ln(1 + x)` without cancellation for small `x`. Derivative `1/(1 + x)`. -∞ at -1, NaN below.
    #[doc(alias = "log1p")]
    pub ln_1p(x) = x.unary(Unary::Ln1p); {
        /// assert_eq!(Tensor::from([1e-20]).ln_1p().item(), 1e-20);
    }
    /// Sine of an angle in radians. Derivative `cos x`.
    pub sin(x) = x.unary(Unary::Sin);
    /// Cosine of an angle in radians. Derivative `-sin x`.
    pub cos(x) = x.unary(Unary::Cos);
    /// The angle in radians between -π/2 and π/2 whose tangent is `x`. Derivative `1/(1 + x²)`. For an angle in any quadrant see
    /// [`atan2`](Tensor::atan2).
    #[doc(alias = "arctan")]
    pub atan(x) = x.unary(Unary::Atan); {
        /// assert_eq!(format!("{:.6}", Tensor::from([1.0, f64::INFINITY]).atan()), "[0.785398, 1.570796]");
    }
    /// Hyperbolic sine `½ (eˣ - e⁻ˣ)`, without cancellation for small `x`. Derivative [`cosh`](Tensor::cosh)`(x)`.
    pub sinh(x) = x.unary(Unary::Sinh); {
        /// assert_eq!(Tensor::from([1e-20]).sinh().item(), 1e-20);
    }
    /// Inverse hyperbolic sine `ln(x + √(1 + x²))`, odd, without cancellation and without overflow. Derivative `1/√(1 + x²)`. A logarithm for
    /// numbers of both signs.
    #[doc(alias = "arcsinh")]
    pub asinh(x) = x.unary(Unary::Asinh); {
        /// assert_eq!(format!("{:.6}", Tensor::from([-1e300, 1e-20, 1.0]).asinh()), "[-691.468675, 0.000000, 0.881374]");
    }
    /// Hyperbolic tangent. Derivative `1 - tanh² x`.
    pub tanh(x) = x.unary(Unary::Tanh); {
        /// assert_eq!(Tensor::from([0.0, 1e3]).tanh().to_string(), "[0, 1]");
    }
    /// The logistic function `σ(x) = 1/(1 + e⁻ˣ)`, without overflow. Derivative `σ(x) σ(-x)`.
    #[doc(alias = "logistic")]
    pub sigmoid(x) = x.unary(Unary::Sigmoid); {
        /// assert_eq!(Tensor::from([-1e4, 0.0, 1e4]).sigmoid().to_string(), "[0, 0.5, 1]");
    }
    /// `ln(1 + eˣ)`, without overflow. Derivative `σ(x)`; a primitive because the composed form `max(x, 0) + ln(1 + e^-|x|)` has a false second
    /// derivative at 0.
    pub softplus(x) = x.unary(Unary::Softplus); {
        /// assert_eq!(Tensor::from([-1e4, 1e4]).softplus().to_string(), "[0, 10000]");
    }
    /// Error function `2/√π ∫₀ˣ e^(-t²) dt`. Derivative `2/√π e^(-x²)`.
    pub erf(x) = x.unary(Unary::Erf); {
        /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).erf()), "[0.842701]");
    }
    /// The distribution function `Φ(x) = 1/√(2π) ∫₋∞ˣ e^(-t²/2) dt = ½ erfc(-x/√2)` of the standard normal distribution. Derivative `1/√(2π)
    /// e^(-x²/2)`. A primitive because `½ (1 + erf(x/√2))` cancels to 0 for negative `x`: this keeps its relative precision down to the smallest
    /// results.
    #[doc(alias("ndtr", "erfc"))]
    pub normal_cdf(x) = x.unary(Unary::NormalCdf); {
        /// assert_eq!(format!("{:.6}", Tensor::from([0.0, 1.0]).normal_cdf()), "[0.500000, 0.841345]");
        /// assert_eq!(format!("{:.5e}", Tensor::from([-10.0]).normal_cdf().item()), "7.61985e-24");
    }
    /// `ln |Γ(x)|`. Derivative [`digamma`](Tensor::digamma). +∞ at 0 and the negative integers.
    #[doc(alias = "ln_gamma")]
    pub lgamma(x) = x.unary(Unary::LnGamma); {
        /// assert_eq!(format!("{:.6}", Tensor::from([5.0]).lgamma()), "[3.178054]"); // ln 4!
    }
    /// `ψ(x)`, the derivative of `ln Γ(x)`. Derivative `ψ⁽¹⁾(x)` (trigamma). -∞ at 0, NaN at the negative integers.
    pub digamma(x) = x.polygamma(0); {
        /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).digamma()), "[-0.577216]"); // -Euler's constant
    }
    /// `ψ⁽ⁿ⁾(x)`, the polygamma function of order `n`: 0 is digamma, 1 trigamma. Derivative `ψ⁽ⁿ⁺¹⁾(x)`.
    pub polygamma(x, order: u32) = x.unary(Unary::Polygamma(order)); {
        /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).polygamma(1)), "[1.644934]"); // π²/6
    }
    /// -1, 0 or 1; 0 at 0, NaN at NaN. Derivative 0 everywhere.
    pub sign(x) = x.unary(Unary::Sign); {
        /// assert_eq!(Tensor::from([-2.0, 0.0, 3.0]).sign().to_string(), "[-1, 0, 1]");
    }
    /// The largest whole number that is not above `x`. Derivative 0 everywhere.
    pub floor(x) = x.unary(Unary::Floor); {
        /// assert_eq!(Tensor::from([-1.5, 2.7]).floor().to_string(), "[-2, 2]");
    }
    /// `|x|`. Derivative [`sign`](Tensor::sign)`(x)`, which is 0 at 0 and NaN at NaN. Integers wrap around: the least `i64` stays as it is.
    pub abs(x) = x.unary(Unary::Abs); {
        /// let x = Tensor::from([-2.0, 0.0, 3.0]);
        /// assert_eq!(x.abs().to_string(), "[2, 0, 3]");
        /// assert_eq!(x.abs().sum().grad(&x).to_string(), "[-1, 0, 1]");
    }
}
