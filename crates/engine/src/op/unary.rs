//! Primitives of one number.

use crate::dtype::Element;
use crate::special;

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

    /// Whether it makes an integer of an integer; of the others, integers are cast to floating point.
    pub fn keeps_integers(self) -> bool {
        self.apply_integer(0).is_some()
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
