//! What the functions are made of: floating-point numbers with their bits, and multiply-add with or without fusion.

use std::ops::{Add, Div, Mul, Neg, Sub};

use super::Constants;
use super::logistic::Logistic;

/// How `a b + c` is computed. The functions are accurate with either; which one is fast depends on the processor.
pub(crate) trait Arithmetic: Copy + 'static {
    /// Whether the product is not rounded.
    const FUSED: bool;
    /// `a b + c`.
    fn mul_add<F: Float>(a: F, b: F, c: F) -> F;
}

/// One rounding: for processors with the instruction. Elsewhere it would be a slow call into the C library.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fused;

/// A product and a sum, two roundings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unfused;

impl Arithmetic for Fused {
    const FUSED: bool = true;
    #[inline(always)]
    fn mul_add<F: Float>(a: F, b: F, c: F) -> F {
        a.fused_mul_add(b, c)
    }
}

impl Arithmetic for Unfused {
    const FUSED: bool = false;
    #[inline(always)]
    fn mul_add<F: Float>(a: F, b: F, c: F) -> F {
        a * b + c
    }
}

/// Numbers that the functions compute with, and the few operations on their bits that they need: `f32`, `f64`, and the symbols that
/// record a function for the generator of machine code. So nothing here branches.
pub(crate) trait Float:
    Copy + Add<Output = Self> + Sub<Output = Self> + Mul<Output = Self> + Div<Output = Self> + Neg<Output = Self> + 'static
{
    /// What constants and the coefficients of a polynomial are.
    type Number: Constants;
    /// The result of a comparison.
    type Truth: Copy;
    /// Whether this is single precision.
    const SINGLE: bool;

    const ZERO: Self;
    const QUARTER: Self;
    const HALF: Self;
    const ONE: Self;
    const TWO: Self;
    const INFINITY: Self;
    const NAN: Self;
    /// The smallest positive number that is not denormal.
    const SMALLEST_NORMAL: Self;
    /// `1.5 · 2^(bits of the mantissa)`: the sum with a much smaller number is rounded to a whole number, and holds it,
    /// in two's complement, in its lowest bits. Whole numbers may be added to this constant.
    const ROUNDING: Self;
    /// The bias of the exponent.
    const BIAS: Self;

    fn of(number: Self::Number) -> Self;
    fn fused_mul_add(self, b: Self, c: Self) -> Self;
    fn square_root(self) -> Self;
    fn floor(self) -> Self;
    fn abs(self) -> Self;
    /// `-|self|`.
    fn minus_abs(self) -> Self;
    /// The number, made negative where `sign` is: for results that are known to have that sign or to be zero.
    fn with_sign_of(self, sign: Self) -> Self;
    /// `2^n` from `ROUNDING + BIAS + n`, for `-BIAS < n ≤ BIAS`; zero for `n = -BIAS`.
    fn power_of_two(biased: Self) -> Self;
    /// Two numbers with the product `2^n`, from `ROUNDING + 2 BIAS + n`, for `-2 BIAS < n ≤ 2 BIAS`. One of them is
    /// zero where `n` is `1 - 2 BIAS`.
    fn powers_of_two(twice_biased: Self) -> (Self, Self);
    /// Of a positive normal number `2^k m`, with `¾ < m ≤ 3/2` in single precision and `√½ < m ≤ √2` in double: `(m, -k, 2^-k)`;
    /// the last is zero where it underflows.
    fn split(self) -> (Self, Self, Self);

    /// `2ⁿ` times the number for whole `n`, rounded once, where there is an operation for it.
    #[inline(always)]
    fn scaled_at_once(self, _n: Self) -> Option<Self> {
        None
    }
    /// [`logarithm_limits`](Self::logarithm_limits), where there is an operation for it.
    #[inline(always)]
    fn logarithm_limits_at_once(self, _argument: Self) -> Option<Self> {
        None
    }

    /// `2ⁿ` times the number, rounded once, given `n` and `ROUNDING + 2 BIAS + n`, for `-2 BIAS < n ≤ 2 BIAS`; zero for `n = 1 - 2 BIAS`.
    #[inline(always)]
    fn scaled(self, n: Self, twice_biased: Self) -> Self {
        self.scaled_at_once(n).unwrap_or_else(|| {
            // In two steps, of which the first is exact: 2ⁿ itself need not be a number of this type.
            let (first, second) = Self::powers_of_two(twice_biased);
            self * first * second
        })
    }
    /// `2ⁿ` times a number between 2⁻⁶ and 2, rounded once, given `n` and `ROUNDING + BIAS + UNDERFLOW_EXPONENT + n`, for `n ≤ 0`; zero for
    /// `n = -BIAS - UNDERFLOW_EXPONENT`, the lowest.
    #[inline(always)]
    fn scaled_down(self, n: Self, shifted: Self) -> Self {
        self.scaled_at_once(n).unwrap_or_else(|| self * Self::power_of_two(shifted) * Self::of(Self::Number::UNDERFLOW))
    }
    /// The result of a logarithm where its argument is positive and finite, else the limit or NaN; `infinite` is the result at infinity and
    /// at NaN, which are themselves.
    #[inline(always)]
    fn logarithm_limits(self, argument: Self, infinite: Self) -> Self {
        self.logarithm_limits_at_once(argument).unwrap_or_else(|| {
            let result = Self::choose(argument.less(Self::INFINITY), self, infinite);
            let result = Self::choose(argument.less(Self::ZERO), Self::NAN, result);
            Self::choose(argument.equal(Self::ZERO), -Self::INFINITY, result)
        })
    }

    fn less(self, other: Self) -> Self::Truth;
    fn equal(self, other: Self) -> Self::Truth;
    fn choose(truth: Self::Truth, a: Self, b: Self) -> Self;

    /// The number, at most `limit`; NaN stays (`min` would drop it).
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self {
        Self::choose(limit.less(self), limit, self)
    }
    /// The number, at least `limit`; NaN stays.
    #[inline(always)]
    fn at_least(self, limit: Self) -> Self {
        Self::choose(self.less(limit), limit, self)
    }
}

macro_rules! float {
    ($float:ident, $mantissa_bits:literal, $split:expr) => {
        impl Float for $float {
            type Number = Self;
            type Truth = bool;
            const SINGLE: bool = $mantissa_bits == 23;
            const ZERO: Self = 0.0;
            const QUARTER: Self = 0.25;
            const HALF: Self = 0.5;
            const ONE: Self = 1.0;
            const TWO: Self = 2.0;
            const INFINITY: Self = $float::INFINITY;
            const NAN: Self = $float::NAN;
            const SMALLEST_NORMAL: Self = $float::MIN_POSITIVE;
            const ROUNDING: Self = 1.5 * (1_u64 << $mantissa_bits) as $float;
            const BIAS: Self = ($float::MAX_EXP - 1) as $float;

            #[inline(always)]
            fn of(number: Self) -> Self {
                number
            }
            #[inline(always)]
            fn fused_mul_add(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }
            #[inline(always)]
            fn square_root(self) -> Self {
                self.sqrt()
            }
            #[inline(always)]
            fn floor(self) -> Self {
                $float::floor(self)
            }
            #[inline(always)]
            fn abs(self) -> Self {
                $float::abs(self)
            }
            #[inline(always)]
            fn minus_abs(self) -> Self {
                Self::from_bits(self.to_bits() | (-0.0 as $float).to_bits())
            }
            #[inline(always)]
            fn with_sign_of(self, sign: Self) -> Self {
                Self::from_bits(self.to_bits() | sign.to_bits() & (-0.0 as $float).to_bits())
            }
            #[inline(always)]
            fn power_of_two(biased: Self) -> Self {
                Self::from_bits(biased.to_bits() << $mantissa_bits)
            }
            #[inline(always)]
            fn powers_of_two(twice_biased: Self) -> (Self, Self) {
                // The bits above the whole number are shifted out; half of it, and the rest, fit an exponent.
                let bits = twice_biased.to_bits();
                let half = bits >> 1;
                let rest = bits - half;
                (Self::from_bits(half << $mantissa_bits), Self::from_bits(rest << $mantissa_bits))
            }
            #[inline(always)]
            fn split(self) -> (Self, Self, Self) {
                $split(self)
            }
            #[inline(always)]
            fn less(self, other: Self) -> bool {
                self < other
            }
            #[inline(always)]
            fn equal(self, other: Self) -> bool {
                self == other
            }
            #[inline(always)]
            fn choose(truth: bool, a: Self, b: Self) -> Self {
                if truth { a } else { b }
            }
        }
    };
}
float!(f32, 23, split_single);
float!(f64, 52, split_double);

/// The bits of the exponent, and of the sign.
pub(crate) const SINGLE_EXPONENT: u32 = 0xff80_0000;
/// The same in double precision.
pub(crate) const DOUBLE_EXPONENT: u64 = 0xfff0_0000_0000_0000;
/// Makes the exponents that [`split_double`] sees positive.
pub(crate) const DOUBLE_OFFSET: u64 = 1100;

#[inline(always)]
fn split_single(x: f32) -> (f32, f32, f32) {
    let bits = x.to_bits();
    let difference = 1.5_f32.to_bits().wrapping_sub(bits);
    let exponent = difference & SINGLE_EXPONENT;
    let mantissa = f32::from_bits(bits.wrapping_add(exponent));
    let scale = f32::from_bits(exponent.wrapping_add(1.0_f32.to_bits()));
    // For k = 128 the bits of 2^-k are those of -∞.
    (mantissa, (difference as i32 >> 23) as f32, scale.at_least(0.0))
}

#[inline(always)]
fn split_double(x: f64) -> (f64, f64, f64) {
    let bits = x.to_bits();
    let difference = std::f64::consts::SQRT_2.to_bits().wrapping_sub(bits);
    let exponent = difference & DOUBLE_EXPONENT;
    let mantissa = f64::from_bits(bits.wrapping_add(exponent));
    let scale = f64::from_bits(exponent.wrapping_add(1.0_f64.to_bits()));
    // Below AVX-512 there is neither a conversion of 64-bit integers nor their arithmetic shift: the offset
    // exponent becomes the last bits of 2^52.
    let offset = difference.wrapping_add(DOUBLE_OFFSET << 52) >> 52;
    let whole = 4503599627370496.0_f64;
    let minus_k = f64::from_bits(offset | whole.to_bits()) - (whole + DOUBLE_OFFSET as f64);
    (mantissa, minus_k, scale.at_least(0.0))
}

/// A polynomial by its coefficients, lowest power first, and how it is evaluated.
#[derive(Clone, Copy)]
pub(crate) enum Polynomial<N: 'static> {
    /// By Horner's scheme.
    Horner(&'static [N]),
    /// As `even(x²) + x odd(x²)`: for long polynomials, whose operations otherwise wait for each other. It costs one
    /// multiplication more, and a rounding where the result is least forgiving.
    TwoStrands(&'static [N]),
}

/// The polynomial at `x`.
#[inline(always)]
pub(super) fn evaluate<A: Arithmetic, F: Float>(polynomial: Polynomial<F::Number>, x: F) -> F {
    match polynomial {
        Polynomial::Horner(coefficients) => {
            let mut index = coefficients.len() - 1;
            let mut sum = F::of(coefficients[index]);
            while index > 0 {
                index -= 1;
                sum = A::mul_add(sum, x, F::of(coefficients[index]));
            }
            sum
        }
        Polynomial::TwoStrands(coefficients) => {
            let square = x * x;
            let mut index = coefficients.len() - 2;
            let (mut high, mut low) = (F::of(coefficients[index + 1]), F::of(coefficients[index]));
            while index >= 2 {
                index -= 2;
                high = A::mul_add(high, square, F::of(coefficients[index + 1]));
                low = A::mul_add(low, square, F::of(coefficients[index]));
            }
            let sum = A::mul_add(high, x, low);
            if index == 0 { sum } else { A::mul_add(sum, x, F::of(coefficients[0])) }
        }
    }
}
