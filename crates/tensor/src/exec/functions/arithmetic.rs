//! What the functions are made of: floating-point numbers with their bits, and multiply-add with or without fusion.

use std::ops::{Add, Div, Mul, Neg, Sub};

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

/// A floating-point type and the few operations on its bits that the functions need.
pub(crate) trait Float:
    Copy
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + 'static
{
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

    fn fused_mul_add(self, b: Self, c: Self) -> Self;
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

    /// The number, at most `limit`; NaN stays (`min` would drop it).
    #[inline(always)]
    fn at_most(self, limit: Self) -> Self {
        if self > limit { limit } else { self }
    }
    /// The number, at least `limit`; NaN stays.
    #[inline(always)]
    fn at_least(self, limit: Self) -> Self {
        if self < limit { limit } else { self }
    }
}

macro_rules! float {
    ($float:ident, $mantissa_bits:literal) => {
        impl Float for $float {
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
            fn fused_mul_add(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
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
        }
    };
}
float!(f32, 23);
float!(f64, 52);

/// The polynomial with these coefficients, lowest power first, by Horner's scheme.
#[inline(always)]
pub(super) fn polynomial<A: Arithmetic, F: Float, const N: usize>(x: F, coefficients: [F; N]) -> F {
    let mut sum = coefficients[N - 1];
    let mut index = N - 1;
    while index > 0 {
        index -= 1;
        sum = A::mul_add(sum, x, coefficients[index]);
    }
    sum
}

/// The same as `even(x²) + x odd(x²)`: for long polynomials, whose operations otherwise wait for each other. It costs
/// one multiplication more, and a rounding where the result is least forgiving.
#[inline(always)]
pub(super) fn polynomial_in_two_strands<A: Arithmetic, F: Float, const N: usize>(x: F, coefficients: [F; N]) -> F {
    let square = x * x;
    let (mut high, mut low) = (coefficients[N - 1], coefficients[N - 2]);
    let mut index = N - 2;
    while index >= 2 {
        index -= 2;
        high = A::mul_add(high, square, coefficients[index + 1]);
        low = A::mul_add(low, square, coefficients[index]);
    }
    let sum = A::mul_add(high, x, low);
    if index == 0 { sum } else { A::mul_add(sum, x, coefficients[0]) }
}
