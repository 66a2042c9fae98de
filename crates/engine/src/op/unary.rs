//! Primitives of one number: a table of them.

/// The table, one row for each kind, handed to a macro.
///
/// - `name`: of the operation in texts for people.
/// - `domain`: where the function is defined, and the points inside where it has a kink, a jump or a pole.
/// - `integer`: of the kinds that make an integer of an integer, that function. For the others integers are cast to floating point.
/// - `value`: its definition in double precision, which the reference evaluator takes.
/// - how it is executed, the body in `exec/functions`: `code: f` where `f` serves tiles and machine code, `tile: f` where it is a loop over
///   tiles and machine code has none, `library` where `value` is called entry by entry.
macro_rules! unary_table {
    ($use:ident) => {
        $use! {
            /// `-x`.
            Negate { name: "negate", domain: everywhere(&[]), integer: |x: i64| x.wrapping_neg(), value: |x: f64| -x, code: negate }
            /// `1/x`.
            Reciprocal { name: "reciprocal", domain: everywhere(&[0.0]), value: f64::recip, code: reciprocal }
            /// `√x`.
            SquareRoot { name: "sqrt", domain: above(0.0), value: f64::sqrt, code: square_root }
            /// `eˣ`.
            Exp { name: "exp", domain: everywhere(&[]), value: f64::exp, code: exp }
            /// `eˣ - 1`, exact for small `x`.
            ExpM1 { name: "exp_m1", domain: everywhere(&[]), value: f64::exp_m1, code: exp_m1 }
            /// Natural logarithm.
            Ln { name: "ln", domain: above(0.0), value: f64::ln, code: ln }
            /// `ln(1 + x)`, exact for small `x`.
            Ln1p { name: "ln_1p", domain: above(-1.0), value: f64::ln_1p, code: ln_1p }
            /// Sine.
            Sin { name: "sin", domain: everywhere(&[]), value: f64::sin, tile: sin_tile }
            /// Cosine.
            Cos { name: "cos", domain: everywhere(&[]), value: f64::cos, tile: cos_tile }
            /// Inverse tangent.
            Atan { name: "atan", domain: everywhere(&[]), value: f64::atan, code: atan }
            /// Hyperbolic sine.
            Sinh { name: "sinh", domain: everywhere(&[]), value: f64::sinh, code: sinh }
            /// Inverse hyperbolic sine.
            Asinh { name: "asinh", domain: everywhere(&[]), value: libm::asinh, code: asinh }
            /// Hyperbolic tangent.
            Tanh { name: "tanh", domain: everywhere(&[]), value: f64::tanh, code: tanh }
            /// `1/(1 + e⁻ˣ)`.
            Sigmoid { name: "sigmoid", domain: everywhere(&[]), value: $crate::special::sigmoid, code: sigmoid }
            /// `ln(1 + eˣ)`.
            Softplus { name: "softplus", domain: everywhere(&[]), value: $crate::special::softplus, code: softplus }
            /// Error function `2/√π ∫₀ˣ e^(-t²) dt`.
            Erf { name: "erf", domain: everywhere(&[]), value: libm::erf, code: erf }
            /// The standard normal distribution function `Φ(x) = ½ erfc(-x/√2)`.
            NormalCdf { name: "normal_cdf", domain: everywhere(&[]), value: $crate::special::normal_cdf, code: normal_cdf }
            /// `ln |Γ(x)|`.
            LnGamma { name: "lgamma", domain: everywhere(&[-2.0, -1.0, 0.0]), value: libm::lgamma, tile: lgamma_tile }
            /// `ψ⁽ⁿ⁾(x)`, the n-th derivative of the digamma function `ψ = (ln Γ)'`.
            Polygamma(order: u32) {
                name: if order == 0 { "digamma" } else { "polygamma" },
                domain: everywhere(&[-2.0, -1.0, 0.0]),
                value: |x| $crate::special::polygamma(order, x),
                tile: polygamma_tile(order)
            }
            /// -1, 0 or 1.
            Sign { name: "sign", domain: everywhere(&[0.0]), integer: i64::signum, value: $crate::special::sign, code: sign }
            /// Largest whole number not above.
            Floor {
                name: "floor",
                domain: everywhere(&[-2.0, -1.0, 0.0, 1.0, 2.0]),
                integer: |x: i64| x,
                value: f64::floor,
                code: floor
            }
            /// Absolute value.
            Abs { name: "abs", domain: everywhere(&[0.0]), integer: i64::wrapping_abs, value: f64::abs, code: abs }
        }
    };
}
pub(crate) use unary_table;

macro_rules! has_code {
    (code: $body:ident) => {
        true
    };
    (tile: $body:ident $(($order:ident))?) => {
        false
    };
    (library) => {
        false
    };
}

macro_rules! kinds {
    ($($(#[$documentation:meta])* $kind:ident $(($order:ident: $number:ty))? {
        name: $name:expr, domain: $domain:expr, $(integer: $integer:expr,)? value: $value:expr, $($body:tt)*
    })*) => {
        /// A primitive of one number.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Unary {
            $($(#[$documentation])* $kind $(($number))?,)*
        }

        #[allow(unused_variables, reason = "not everything depends on the order")]
        impl Unary {
            /// Every kind; of the polygamma functions the first three.
            pub const ALL: &'static [Unary] =
                &[$(Unary::$kind $((<$number>::MIN))?,)* Unary::Polygamma(1), Unary::Polygamma(2)];

            /// The name of the operation in texts for people.
            pub fn name(self) -> &'static str {
                match self {
                    $(Unary::$kind $(($order))? => $name,)*
                }
            }

            /// The interval where the function is defined, and the points inside where it has a kink, a jump or a pole.
            pub fn domain(self) -> (f64, f64, &'static [f64]) {
                match self {
                    $(Unary::$kind $(($order))? => $domain,)*
                }
            }

            /// The value at `x`, by definition.
            pub(crate) fn apply(self, x: f64) -> f64 {
                match self {
                    $(Unary::$kind $(($order))? => ($value)(x),)*
                }
            }

            /// The function of integers, for the kinds that they have.
            pub(crate) fn of_integers(self) -> Option<fn(i64) -> i64> {
                match self {
                    $(Unary::$kind $(($order))? => {
                        let function: &[fn(i64) -> i64] = &[$($integer)?];
                        function.first().copied()
                    })*
                }
            }

            /// Whether passes that it stands in can become machine code.
            pub fn has_code(self) -> bool {
                match self {
                    $(Unary::$kind $(($order))? => has_code!($($body)*),)*
                }
            }
        }
    };
}
unary_table!(kinds);

impl Unary {
    /// Whether it makes an integer of an integer; of the others, integers are cast to floating point.
    pub fn keeps_integers(self) -> bool {
        self.of_integers().is_some()
    }
}

/// Every number, with exceptions.
const fn everywhere(exceptions: &'static [f64]) -> (f64, f64, &'static [f64]) {
    (f64::NEG_INFINITY, f64::INFINITY, exceptions)
}

/// Numbers above this one.
const fn above(least: f64) -> (f64, f64, &'static [f64]) {
    (least, f64::INFINITY, &[])
}
