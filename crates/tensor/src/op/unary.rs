//! Primitives of one number.

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_2_SQRT_PI};

use crate::dtype::{DType, Element};
use crate::op::Op;
use crate::special;
use crate::tensor::Tensor;

/// Declares the enum and the list of all kinds.
macro_rules! unary_kinds {
    ($($(#[$documentation:meta])* $kind:ident $name:literal,)*) => {
        /// A primitive of one number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Unary {
            $($(#[$documentation])* $kind,)*
            /// `ψ⁽ⁿ⁾(x)`, the n-th derivative of the digamma function `ψ = (ln Γ)'`.
            Polygamma(u32),
        }

        impl Unary {
            /// Every kind; of the polygamma functions the first three.
            pub const ALL: &'static [Unary] =
                &[$(Unary::$kind,)* Unary::Polygamma(0), Unary::Polygamma(1), Unary::Polygamma(2)];

            /// The name of the operation in texts for people.
            pub fn name(self) -> &'static str {
                match self {
                    $(Unary::$kind => $name,)*
                    Unary::Polygamma(0) => "digamma",
                    Unary::Polygamma(_) => "polygamma",
                }
            }
        }
    };
}

unary_kinds! {
    /// `-x`.
    Negate "negate",
    /// `1/x`.
    Reciprocal "reciprocal",
    /// `√x`.
    SquareRoot "sqrt",
    /// `eˣ`.
    Exp "exp",
    /// `eˣ - 1`, exact for small `x`.
    ExpM1 "exp_m1",
    /// Natural logarithm.
    Ln "ln",
    /// `ln(1 + x)`, exact for small `x`.
    Ln1p "ln_1p",
    /// Sine.
    Sin "sin",
    /// Cosine.
    Cos "cos",
    /// Hyperbolic tangent.
    Tanh "tanh",
    /// `1/(1 + e⁻ˣ)`.
    Sigmoid "sigmoid",
    /// `ln(1 + eˣ)`.
    Softplus "softplus",
    /// Error function `2/√π ∫₀ˣ e^(-t²) dt`.
    Erf "erf",
    /// The standard normal distribution function `Φ(x) = ½ erfc(-x/√2)`.
    NormalCdf "normal_cdf",
    /// `ln |Γ(x)|`.
    LnGamma "lgamma",
    /// -1, 0 or 1.
    Sign "sign",
    /// Largest whole number not above.
    Floor "floor",
    /// Absolute value.
    Abs "abs",
}

/// The real functions that primitives are computed with, for both floating-point types.
pub(crate) trait Real: Element + std::ops::Neg<Output = Self> {
    const ZERO: Self;
    const ONE: Self;
    fn reciprocal(self) -> Self;
    fn square_root(self) -> Self;
    fn exp(self) -> Self;
    fn exp_m1(self) -> Self;
    fn ln(self) -> Self;
    fn ln_1p(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tanh(self) -> Self;
    fn sigmoid(self) -> Self;
    fn softplus(self) -> Self;
    fn erf(self) -> Self;
    fn normal_cdf(self) -> Self;
    fn ln_gamma(self) -> Self;
    fn polygamma(self, order: u32) -> Self;
    fn sign(self) -> Self;
    fn floor(self) -> Self;
    fn abs(self) -> Self;
    fn power(self, exponent: Self) -> Self;
    fn is_nan(self) -> bool;
    fn add(self, other: Self) -> Self;
    fn subtract(self, other: Self) -> Self;
    fn multiply(self, other: Self) -> Self;
    fn divide(self, other: Self) -> Self;
}

macro_rules! real {
    ($type:ident, $erf:path, $normal_cdf:path, $ln_gamma:path) => {
        impl Real for $type {
            const ZERO: Self = 0.0;
            const ONE: Self = 1.0;
            #[inline(always)]
            fn reciprocal(self) -> Self {
                1.0 / self
            }
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn exp(self) -> Self {
                $type::exp(self)
            }
            #[inline(always)]
            fn exp_m1(self) -> Self {
                $type::exp_m1(self)
            }
            #[inline(always)]
            fn ln(self) -> Self {
                $type::ln(self)
            }
            #[inline(always)]
            fn ln_1p(self) -> Self {
                $type::ln_1p(self)
            }
            #[inline(always)]
            fn sin(self) -> Self {
                $type::sin(self)
            }
            #[inline(always)]
            fn cos(self) -> Self {
                $type::cos(self)
            }
            #[inline(always)]
            fn tanh(self) -> Self {
                $type::tanh(self)
            }
            #[inline(always)]
            fn sigmoid(self) -> Self {
                let e = (-self.abs()).exp();
                (if self < 0.0 { e } else { 1.0 }) / (1.0 + e)
            }
            #[inline(always)]
            fn softplus(self) -> Self {
                // `f64::max` would turn NaN into 0.
                (if self < 0.0 { 0.0 } else { self }) + (-self.abs()).exp().ln_1p()
            }
            #[inline(always)]
            fn erf(self) -> Self {
                $erf(self)
            }
            #[inline(always)]
            fn normal_cdf(self) -> Self {
                $normal_cdf(self)
            }
            #[inline(always)]
            fn ln_gamma(self) -> Self {
                $ln_gamma(self)
            }
            #[inline(always)]
            fn polygamma(self, order: u32) -> Self {
                special::polygamma(order, f64::from(self)) as $type
            }
            #[inline(always)]
            fn sign(self) -> Self {
                if self > 0.0 {
                    1.0
                } else if self < 0.0 {
                    -1.0
                } else {
                    self * 0.0
                }
            }
            #[inline(always)]
            fn floor(self) -> Self {
                $type::floor(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $type::abs(self)
            }
            #[inline(always)]
            fn power(self, exponent: Self) -> Self {
                $type::powf(self, exponent)
            }
            #[inline(always)]
            fn is_nan(self) -> bool {
                $type::is_nan(self)
            }
            #[inline(always)]
            fn add(self, other: Self) -> Self {
                self + other
            }
            #[inline(always)]
            fn subtract(self, other: Self) -> Self {
                self - other
            }
            #[inline(always)]
            fn multiply(self, other: Self) -> Self {
                self * other
            }
            #[inline(always)]
            fn divide(self, other: Self) -> Self {
                self / other
            }
        }
    };
}
real!(f32, libm::erff, special::normal_cdf_f32, special::ln_gamma_f32);
real!(f64, libm::erf, special::normal_cdf, libm::lgamma);

impl Unary {
    /// The value at `x`.
    #[inline(always)]
    pub(crate) fn apply<T: Real>(self, x: T) -> T {
        match self {
            Unary::Negate => -x,
            Unary::Reciprocal => x.reciprocal(),
            Unary::SquareRoot => x.square_root(),
            Unary::Exp => x.exp(),
            Unary::ExpM1 => x.exp_m1(),
            Unary::Ln => x.ln(),
            Unary::Ln1p => x.ln_1p(),
            Unary::Sin => x.sin(),
            Unary::Cos => x.cos(),
            Unary::Tanh => x.tanh(),
            Unary::Sigmoid => x.sigmoid(),
            Unary::Softplus => x.softplus(),
            Unary::Erf => x.erf(),
            Unary::NormalCdf => x.normal_cdf(),
            Unary::LnGamma => x.ln_gamma(),
            Unary::Polygamma(order) => x.polygamma(order),
            Unary::Sign => x.sign(),
            Unary::Floor => x.floor(),
            Unary::Abs => x.abs(),
        }
    }

    /// The value at an integer, for the kinds that integers have.
    pub(crate) fn apply_integer(self, x: i64) -> Option<i64> {
        match self {
            Unary::Negate => Some(x.wrapping_neg()),
            Unary::Abs => Some(x.wrapping_abs()),
            Unary::Sign => Some(x.signum()),
            Unary::Floor => Some(x),
            Unary::Reciprocal
            | Unary::SquareRoot
            | Unary::Exp
            | Unary::ExpM1
            | Unary::Ln
            | Unary::Ln1p
            | Unary::Sin
            | Unary::Cos
            | Unary::Tanh
            | Unary::Sigmoid
            | Unary::Softplus
            | Unary::Erf
            | Unary::NormalCdf
            | Unary::LnGamma
            | Unary::Polygamma(_) => None,
        }
    }

    /// The cotangent of the input `x`, given the output `y` and its cotangent `g`; `None` where it is zero everywhere.
    pub(crate) fn derivative(self, x: &Tensor, y: &Tensor, g: &Tensor) -> Option<Tensor> {
        Some(match self {
            Unary::Negate => -g,
            Unary::Reciprocal => -(g * y * y),
            Unary::SquareRoot => 0.5 * g / y,
            Unary::Exp => g * y,
            // Not y + 1, which cancels for very negative x.
            Unary::ExpM1 => g * x.exp(),
            Unary::Ln => g / x,
            Unary::Ln1p => g / (1.0 + x),
            Unary::Sin => g * x.cos(),
            Unary::Cos => -(g * x.sin()),
            Unary::Tanh => g * tanh_slope(x, y),
            // Not 1 - y, which cancels for large x.
            Unary::Sigmoid => g * y * (-x).sigmoid(),
            Unary::Softplus => g * x.sigmoid(),
            Unary::Erf => g * FRAC_2_SQRT_PI * (-settled(x).square()).exp(),
            Unary::NormalCdf => g * (0.5 * FRAC_2_SQRT_PI * FRAC_1_SQRT_2) * (-0.5 * settled(x).square()).exp(),
            Unary::LnGamma => g * x.digamma(),
            Unary::Polygamma(order) => g * x.polygamma(order + 1),
            Unary::Abs => g * x.sign(),
            Unary::Sign | Unary::Floor => return None,
        })
    }

    /// The interval where the function is defined, and the points inside where it has a kink, a jump or a pole.
    pub fn domain(self) -> (f64, f64, &'static [f64]) {
        const WHOLE: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);
        match self {
            Unary::Negate
            | Unary::Exp
            | Unary::ExpM1
            | Unary::Sin
            | Unary::Cos
            | Unary::Tanh
            | Unary::Sigmoid
            | Unary::Softplus
            | Unary::Erf
            | Unary::NormalCdf => (WHOLE.0, WHOLE.1, &[]),
            Unary::Reciprocal | Unary::Abs | Unary::Sign => (WHOLE.0, WHOLE.1, &[0.0]),
            // Floor jumps at every whole number, lgamma and its derivatives have a pole at 0, -1, -2, …
            Unary::Floor => (WHOLE.0, WHOLE.1, &[-2.0, -1.0, 0.0, 1.0, 2.0]),
            Unary::LnGamma | Unary::Polygamma(_) => (WHOLE.0, WHOLE.1, &[-2.0, -1.0, 0.0]),
            Unary::SquareRoot | Unary::Ln => (0.0, f64::INFINITY, &[]),
            Unary::Ln1p => (-1.0, f64::INFINITY, &[]),
        }
    }
}

/// The number for a bell curve, which is 0 beyond ±40 and there has no slope in which an infinite number could meet that 0.
fn settled(x: &Tensor) -> Tensor {
    x.clamp(-40, 40)
}

/// `1 - y²` for `y = tanh x`. Where y is near ±1 the difference has lost its digits: it is put right by `4e/(1 + e)²` with `e = e^(-2|x|)`,
/// cut off from the graph, since the slope of the difference, -2yy', needs no repair.
fn tanh_slope(x: &Tensor, y: &Tensor) -> Tensor {
    let square = y * y;
    let difference = 1.0 - &square;
    let e = (-2.0 * x.abs()).exp();
    let lost = 4.0 * &e / (1.0 + &e).square() - &difference;
    difference + square.le(0.5).select(0, lost).detach()
}

impl Tensor {
    #[track_caller]
    fn unary(&self, unary: Unary) -> Tensor {
        let dtype = self.dtype();
        let keeps = dtype.is_float() || (dtype == DType::I64 && unary.apply_integer(0).is_some());
        let input = if keeps { self.clone() } else { self.cast(DType::F32) };
        let (shape, dtype) = (input.shape().clone(), input.dtype());
        Tensor::node(Op::Unary(unary), [input], shape, dtype)
    }

    /// `ψ⁽ⁿ⁾(x)`, the polygamma function of order `n`: 0 is digamma, 1 trigamma. Derivative `ψ⁽ⁿ⁺¹⁾(x)`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).polygamma(1)), "[1.644934]"); // π²/6
    /// ```
    #[track_caller]
    pub fn polygamma(&self, order: u32) -> Tensor {
        self.unary(Unary::Polygamma(order))
    }

    /// `ψ(x)`, the derivative of `ln Γ(x)`. Derivative `ψ⁽¹⁾(x)` (trigamma). -∞ at 0, NaN at the negative integers.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).digamma()), "[-0.577216]"); // -Euler's constant
    /// ```
    #[track_caller]
    pub fn digamma(&self) -> Tensor {
        self.polygamma(0)
    }
}

macro_rules! unary_methods {
    ($($(#[$documentation:meta])* $method:ident $kind:ident;)*) => {
        impl Tensor {
            $($(#[$documentation])*
            #[track_caller]
            pub fn $method(&self) -> Tensor {
                self.unary(Unary::$kind)
            })*
        }
    };
}

unary_methods! {
    /// `-x`. Derivative -1. Also written with the operator `-`. Integers wrap around: the opposite of the least `i64` is itself.
    negate Negate;
    /// `1/x`. Derivative `-1/x²`. ±∞ at ±0.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([4.0]).reciprocal().to_string(), "[0.25]");
    /// ```
    #[doc(alias = "recip")]
    reciprocal Reciprocal;
    /// `√x`. Derivative `1/(2√x)`, infinite at 0; for lengths of vectors use [`Tensor::norm`], whose gradient at 0 is 0.
    /// NaN below 0.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([9.0]).sqrt().to_string(), "[3]");
    /// ```
    sqrt SquareRoot;
    /// `eˣ`. Derivative `eˣ`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.4}", Tensor::from([1.0]).exp()), "[2.7183]");
    /// ```
    exp Exp;
    /// `eˣ - 1` without cancellation for small `x`. Derivative `eˣ`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1e-20]).exp_m1().item(), 1e-20);
    /// ```
    #[doc(alias = "expm1")]
    exp_m1 ExpM1;
    /// Natural logarithm. Derivative `1/x`. -∞ at 0, NaN below.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1.0, 0.0]).ln().to_string(), "[0, -inf]");
    /// ```
    #[doc(alias = "log")]
    ln Ln;
    /// `ln(1 + x)` without cancellation for small `x`. Derivative `1/(1 + x)`. -∞ at -1, NaN below.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([1e-20]).ln_1p().item(), 1e-20);
    /// ```
    #[doc(alias = "log1p")]
    ln_1p Ln1p;
    /// Sine of an angle in radians. Derivative `cos x`.
    sin Sin;
    /// Cosine of an angle in radians. Derivative `-sin x`.
    cos Cos;
    /// Hyperbolic tangent. Derivative `1 - tanh² x`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([0.0, 1e3]).tanh().to_string(), "[0, 1]");
    /// ```
    tanh Tanh;
    /// The logistic function `σ(x) = 1/(1 + e⁻ˣ)`, without overflow. Derivative `σ(x) σ(-x)`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1e4, 0.0, 1e4]).sigmoid().to_string(), "[0, 0.5, 1]");
    /// ```
    #[doc(alias = "logistic")]
    sigmoid Sigmoid;
    /// `ln(1 + eˣ)`, without overflow. Derivative `σ(x)`; a primitive because the composed form `max(x, 0) + ln(1 + e^-|x|)`
    /// has a false second derivative at 0.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1e4, 1e4]).softplus().to_string(), "[0, 10000]");
    /// ```
    softplus Softplus;
    /// Error function `2/√π ∫₀ˣ e^(-t²) dt`. Derivative `2/√π e^(-x²)`.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([1.0]).erf()), "[0.842701]");
    /// ```
    erf Erf;
    /// The distribution function `Φ(x) = 1/√(2π) ∫₋∞ˣ e^(-t²/2) dt = ½ erfc(-x/√2)` of the standard normal distribution. Derivative
    /// `1/√(2π) e^(-x²/2)`. A primitive because `½ (1 + erf(x/√2))` cancels to 0 for negative `x`: this keeps its relative precision down to
    /// the smallest results.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([0.0, 1.0]).normal_cdf()), "[0.500000, 0.841345]");
    /// assert_eq!(format!("{:.5e}", Tensor::from([-10.0]).normal_cdf().item()), "7.61985e-24");
    /// ```
    #[doc(alias = "ndtr")]
    #[doc(alias = "erfc")]
    normal_cdf NormalCdf;
    /// `ln |Γ(x)|`. Derivative [`digamma`](Tensor::digamma). +∞ at 0 and the negative integers.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(format!("{:.6}", Tensor::from([5.0]).lgamma()), "[3.178054]"); // ln 4!
    /// ```
    #[doc(alias = "ln_gamma")]
    lgamma LnGamma;
    /// -1, 0 or 1; 0 at 0, NaN at NaN. Derivative 0 everywhere.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([-2.0, 0.0, 3.0]).sign().to_string(), "[-1, 0, 1]");
    /// ```
    sign Sign;
    /// The largest whole number that is not above `x`. Derivative 0 everywhere.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// assert_eq!(Tensor::from([-1.5, 2.7]).floor().to_string(), "[-2, 2]");
    /// ```
    floor Floor;
    /// `|x|`. Derivative [`sign`](Tensor::sign)`(x)`, which is 0 at 0 and NaN at NaN. Integers wrap around: the least `i64` stays as it
    /// is.
    ///
    /// ```
    /// # use minimand_tensor::Tensor;
    /// let x = Tensor::from([-2.0, 0.0, 3.0]);
    /// assert_eq!(x.abs().to_string(), "[2, 0, 3]");
    /// assert_eq!(x.abs().sum().grad(&x).to_string(), "[-1, 0, 1]");
    /// ```
    abs Abs;
}
